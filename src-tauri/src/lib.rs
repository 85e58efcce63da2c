//! The window's composition: the only place that knows everything.

mod commands;
mod house;
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
    let given = options.data.map(|folder| std::path::absolute(&folder).unwrap_or(folder));
    let one_window = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _, _| show(app))
        .dbus_id(bus_name(&context.config().identifier, given.as_deref()))
        .build();
    let commands = commands::all::<tauri::Wry>();
    tauri::Builder::default()
        .plugin(one_window)
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands.invoke_handler())
        .setup(move |app| {
            let folder = match given {
                Some(folder) => folder,
                None => app.path().app_data_dir()?,
            };
            let handle = app.handle().clone();
            // A window that is closing hears no bell, and needs none.
            let house = House::new(folder, Box::new(move || drop(handle.emit("changed", ()))));
            keep_watch(&house);
            app.manage(house);
            Ok(())
        })
        .run(context)
        .unwrap_or_else(|error| {
            eprintln!("counterfoil: the window could not be opened: {error}");
            std::process::exit(1);
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

/// One window a data folder: the folder's fingerprint is part of the name on the bus.
fn bus_name(identifier: &str, folder: Option<&Path>) -> String {
    match folder {
        // FNV-1a, 64 bits: stable over versions, and nobody gains by a clash.
        Some(folder) => {
            let hash = folder
                .as_os_str()
                .as_encoded_bytes()
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
            format!("{identifier}.data{hash:016x}")
        }
        None => identifier.to_owned(),
    }
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
        assert_eq!(bus_name("app.x", None), "app.x");
        assert_ne!(bus_name("app.x", Some(Path::new("/a"))), bus_name("app.x", Some(Path::new("/b"))));
    }
}
