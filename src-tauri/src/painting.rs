//! Who paints the window on Linux: the graphics card, or the processor where there is none.
//!
//! Without a card WebKitGTK 2.50 would still paint through OpenGL, drawn in software, which translates each of its shaders when it
//! first meets it: frames stand still for up to seconds after the start. Its other painter, of the processor alone, has no such
//! step, and is asked for by an environment variable that no setting stands for.

#[cfg(target_os = "linux")]
const BY_PROCESSOR: &str = "WEBKIT_SKIA_ENABLE_CPU_RENDERING";

/// Sees to it that WebKit paints by what the machine has. What the person's own environment says, stands.
#[cfg(target_os = "linux")]
pub fn choose() {
    use std::os::unix::process::CommandExt as _;

    if std::env::var_os(BY_PROCESSOR).is_some() || has_card(std::path::Path::new("/dev")) {
        return;
    }
    // A program's environment can be set safely only as it starts, so this one starts again in its own place.
    if let Ok(program) = std::env::current_exe() {
        let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(BY_PROCESSOR, "1").exec();
        eprintln!("counterfoil: the window is painted slower than it could be: {error}");
    }
}

/// Elsewhere the system's own webview knows.
#[cfg(not(target_os = "linux"))]
pub fn choose() {}

/// Whether there is a graphics card that can draw for a program without being the screen's.
#[cfg(target_os = "linux")]
fn has_card(devices: &std::path::Path) -> bool {
    let draws = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    devices.join("nvidia0").exists() || std::fs::read_dir(devices.join("dri")).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(draws)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::has_card;

    #[test]
    fn a_screen_alone_is_no_card_that_draws() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_card(devices.path()));
        std::fs::create_dir(devices.path().join("dri")).unwrap();
        std::fs::write(devices.path().join("dri/card0"), "").unwrap();
        assert!(!has_card(devices.path()));
        std::fs::write(devices.path().join("dri/renderD128"), "").unwrap();
        assert!(has_card(devices.path()));
    }
}
