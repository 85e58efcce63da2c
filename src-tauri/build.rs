//! Makes the window's permissions from the list of its commands: a capability that names another fails the build.

/// Every command of the window, in the order of `commands::all`.
const COMMANDS: &[&str] = &[
    "opening",
    "open_shop",
    "practice",
    "restore",
    "check",
    "redeem",
    "void_redemption",
    "refund",
    "today",
    "find",
    "referrers",
    "person",
    "add_referrer",
    "edit_referrer",
    "generate_code",
    "generate_all",
    "revoke_code",
    "hand_out",
    "record_lead",
    "leads",
    "import_look",
    "import_run",
    "cancel",
    "save_look",
    "verify",
    "backup",
    "export_list",
    "card_templates",
    "brand",
    "set_brand",
    "set_logo",
    "preview_cards",
    "print_cards",
    "test_sheet",
    "printers",
    "sync_view",
    "upload_now",
    "cancel_sync",
    "entries",
    "entry",
    "retry_entry",
    "set_entry_aside",
    "conflicts",
    "resolve_conflict",
    "connect_stripe",
    "open_stripe_key_page",
    "referral_factory_campaigns",
    "connect_referral_factory",
    "check_connection",
    "disconnect",
    "send_codes",
    "send_referrers",
    "why_not_qualified",
    "write_referral_factory_file",
    "handed_over",
];

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes).expect("the window's configuration is part of the program");
}
