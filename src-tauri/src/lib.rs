//! The window's composition: the only place that knows everything.

mod commands;
mod house;
mod outside;
mod practice_clouds;
mod syncing;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use house::House;
use tauri::{AppHandle, Emitter as _, Manager as _};

/// How often the window looks whether another program changed the database.
const LISTEN_EVERY: Duration = Duration::from_secs(1);
/// How often the window looks whether today's copy is made.
const COPY_EVERY: Duration = Duration::from_secs(60 * 60);

/// How the window is started.
#[derive(clap::Parser, Debug)]
#[command(name = "counterfoil", version, about = "Referral codes beside any till")]
pub struct Options {
    /// The folder of the shop's data; by default this user's data folder.
    #[arg(long, value_name = "DIR", env = "COUNTERFOIL_DATA")]
    data: Option<PathBuf>,
}

/// Opens the window, or shows the one that is open on the same data.
pub fn run(options: Options) {
    let context = tauri::generate_context!();
    let identifier = &context.config().identifier;
    let Some(folder) = options.data.or_else(|| Some(dirs::data_dir()?.join(identifier))) else {
        eprintln!("counterfoil: this user has no data folder; name one with --data DIR");
        std::process::exit(1);
    };
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    let one_window = tauri_plugin_single_instance::Builder::new().callback(|app, _, _| show(app)).dbus_id(bus_name(identifier, &folder)).build();
    let commands = commands::all::<tauri::Wry>();
    tauri::Builder::default()
        .plugin(one_window)
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands.invoke_handler())
        .setup(move |app| {
            let handle = app.handle().clone();
            // A window that is closing hears no bell, and needs none.
            let house = House::new(folder, Box::new(move || drop(handle.emit("changed", ()))));
            keep_watch(&house);
            let (place, bell) = (Arc::clone(&house), app.handle().clone());
            house.syncing().begin(move || place.place(), move || drop(bell.emit("changed", ())));
            app.manage(house);
            Ok(())
        })
        .build(context)
        .unwrap_or_else(|error| {
            eprintln!("counterfoil: the window could not be opened: {error}");
            std::process::exit(1);
        })
        .run(|app, event| {
            if let tauri::RunEvent::ExitRequested { .. } = event
                && let Some(house) = app.try_state::<Arc<House>>()
            {
                house.syncing().end();
            }
        });
}

/// Listens for changes by other programs, and makes the daily copy, for as long as the window is open.
fn keep_watch(house: &Arc<House>) {
    let ears = Arc::clone(house);
    std::thread::spawn(move || {
        let mut heard = None;
        loop {
            std::thread::sleep(LISTEN_EVERY);
            ears.listen(&mut heard);
        }
    });
    let copies = Arc::clone(house);
    std::thread::spawn(move || {
        loop {
            // Not at once: the window opens first.
            std::thread::sleep(LISTEN_EVERY * 10);
            copies.copy_daily();
            std::thread::sleep(COPY_EVERY);
        }
    });
}

fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // A window that can't be raised stays where it is; the person sees it in the task bar.
        let _ = (window.unminimize(), window.show(), window.set_focus());
    }
}

/// One window a data folder, however the folder is named: its fingerprint is part of the name on the bus.
fn bus_name(identifier: &str, folder: &Path) -> String {
    // A folder that is not there yet has no other names.
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    // FNV-1a, 64 bits: stable over versions, and nobody gains by a clash.
    let bytes = folder.as_os_str().as_encoded_bytes();
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("{identifier}.data{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/api/bindings.ts");

    /// `UPDATE_BINDINGS=1 cargo test bindings` writes them anew.
    #[test]
    fn the_bindings_of_the_screen_are_fresh() {
        let fresh = tempfile::NamedTempFile::new().unwrap();
        commands::all::<tauri::test::MockRuntime>().export(specta_typescript::Typescript::default(), fresh.path()).unwrap();
        let fresh = std::fs::read_to_string(fresh.path()).unwrap();
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            std::fs::write(BINDINGS, &fresh).unwrap();
        }
        assert_eq!(std::fs::read_to_string(BINDINGS).unwrap(), fresh, "ui/src/api/bindings.ts is stale: run the tests with UPDATE_BINDINGS=1");
    }

    #[test]
    fn each_data_folder_has_its_own_window() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        std::fs::create_dir_all(&one).unwrap();
        assert_ne!(bus_name("app.x", &one), bus_name("app.x", &other));
        assert_eq!(bus_name("app.x", &one), bus_name("app.x", &folder.path().join("one/.")));
    }
}
