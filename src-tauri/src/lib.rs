//! The window's composition: the only place that knows everything.

mod camera;
mod commands;
mod customer;
mod house;
mod outside;
mod painting;
mod practice_clouds;
mod slipping;
mod syncing;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use counterfoil_core::settings::Urls;
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
    #[command(flatten)]
    urls: Urls,
    /// What a card's QR code says, if that opened the program: counterfoil:K7MQ-4RTX
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
}

/// The scheme of addresses that open this program.
const SCHEME: &str = "counterfoil:";
/// More than this no QR code of ours says.
const ADDRESS_CHARS_MAX: usize = 4096;

/// The address among what the program was started with, if one of ours is. It comes from anywhere, so it goes no further than into
/// the counter's code field.
fn address_in<'a>(mut arguments: impl Iterator<Item = &'a str>) -> Option<String> {
    let ours = |text: &&str| text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    arguments.find(ours).map(|text| text.chars().filter(|c| !c.is_control()).take(ADDRESS_CHARS_MAX).collect())
}

/// Opens the window, or shows the one that is open on the same data.
pub fn run(options: Options) {
    painting::choose();
    let context = tauri::generate_context!();
    let identifier = &context.config().identifier;
    let Some(folder) = options.data.clone().or_else(|| Some(dirs::data_dir()?.join(identifier))) else {
        eprintln!("counterfoil: this user has no data folder; name one with --data DIR");
        std::process::exit(1);
    };
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    let one_window = tauri_plugin_single_instance::Builder::new()
        .callback(|app, arguments, _| {
            show(app);
            opened(app, address_in(arguments.iter().skip(1).map(String::as_str)));
        })
        .dbus_id(bus_name(identifier, &folder))
        .build();
    let commands = commands::all::<tauri::Wry>();
    tauri::Builder::default()
        .plugin(one_window)
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands.invoke_handler())
        .setup(move |app| {
            let handle = app.handle().clone();
            // A window that is closing hears no bell, and needs none.
            let house = House::new(folder, options.urls, Box::new(move || drop(handle.emit("changed", ()))));
            keep_watch(&house);
            let (place, bell) = (Arc::clone(&house), app.handle().clone());
            house.syncing().begin(move || place.place(), move || drop(bell.emit("changed", ())));
            let (place, bell) = (Arc::clone(&house), app.handle().clone());
            house.slipping().begin(move || place.settled_folder(), move || drop(bell.emit("changed", ())));
            house.customer().begin(app.handle().clone());
            app.manage(house);
            opened(app.handle(), address_in(options.address.iter().map(String::as_str)));
            if let Some(window) = app.get_webview_window("main") {
                camera::allow(&window);
            }
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
            // Not at once: the window opens first, and on the first day the shop.
            std::thread::sleep(LISTEN_EVERY * 10);
            if copies.copy_daily() {
                std::thread::sleep(COPY_EVERY);
            }
        }
    });
}

fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // A window that can't be raised stays where it is; the person sees it in the task bar.
        let _ = (window.unminimize(), window.show(), window.set_focus());
    }
}

/// Somebody scanned a card with another program, which opened this one: the counter takes it when it is there.
fn opened(app: &AppHandle, address: Option<String>) {
    if let (Some(address), Some(house)) = (address, app.try_state::<Arc<House>>()) {
        house.keep_opened(address);
        // A window that is not there yet asks by itself when it is.
        let _ = app.emit("opened", ());
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
    use clap::Parser as _;
    use counterfoil_core::desk::practice;
    use counterfoil_core::domain::upload::Destination;

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
    fn the_clouds_may_stand_elsewhere_for_one_run() {
        let folder = tempfile::tempdir().unwrap();
        drop(practice::open(folder.path(), "en").unwrap());
        let (stripe, factory) = ("http://127.0.0.1:4242/stripe", "http://127.0.0.1:4242/referral-factory");
        let options = Options::try_parse_from(["counterfoil", "--stripe-url", stripe, "--referral-factory-url", factory]).unwrap();
        let settings = House::new(folder.path().to_owned(), options.urls, Box::new(|| ())).place().unwrap().settings;
        assert_eq!([settings.url(Destination::Stripe), settings.url(Destination::ReferralFactory)], [stripe, factory]);
    }

    #[test]
    fn only_an_address_of_ours_opens_the_counter() {
        let found = |arguments: &[&str]| address_in(arguments.iter().copied());
        assert_eq!(found(&["--data", "/srv/shop", "CounterFoil:K7MQ-4RTX?batch=12\n"]).as_deref(), Some("CounterFoil:K7MQ-4RTX?batch=12"));
        for other in ["https://shop.example", "counterfoil", "counter", "", "é:", "file:///counterfoil:x"] {
            assert_eq!(found(&[other]), None, "{other}");
        }
        assert_eq!(found(&[&format!("counterfoil:{}", "A".repeat(9000))]).unwrap().len(), ADDRESS_CHARS_MAX);
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
