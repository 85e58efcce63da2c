//! The webcam, for scanning a card. Where the webview asks its program whether a page may see (WebKitGTK; elsewhere the system
//! asks the person itself), only a picture is allowed, never sound. The page opens it when somebody presses *Scan with the
//! camera* and closes it with that dialog.

/// Lets the main window's page use a camera.
#[cfg(target_os = "linux")]
pub fn allow(window: &tauri::WebviewWindow) {
    use webkit2gtk::glib::Cast as _;
    use webkit2gtk::{PermissionRequestExt as _, SettingsExt as _, UserMediaPermissionRequest, UserMediaPermissionRequestExt as _, WebViewExt};

    let allowed = window.with_webview(|webview| {
        let view = webview.inner();
        if let Some(settings) = WebViewExt::settings(&view) {
            settings.set_enable_media_stream(true);
        }
        view.connect_permission_request(|_, request| match request.downcast_ref::<UserMediaPermissionRequest>() {
            Some(media) if media.is_for_video_device() && !media.is_for_audio_device() => {
                media.allow();
                true
            }
            // WebKit then says no.
            _ => false,
        });
    });
    if let Err(error) = allowed {
        eprintln!("counterfoil: cards can't be scanned by camera: {error}");
    }
}

/// Elsewhere the system asks.
#[cfg(not(target_os = "linux"))]
pub fn allow(_: &tauri::WebviewWindow) {}
