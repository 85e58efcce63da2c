//! The page that is turned towards the customer: full-screen on a second monitor if there is one, else in the one window.

use std::sync::{Mutex, OnceLock, PoisonError};

use counterfoil_core::desk::messages::CustomerPage;
use tauri::{AppHandle, Manager as _, Monitor, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// Its window, and the capability of the same name.
const LABEL: &str = "customer";

/// What is shown, and where.
#[derive(Default)]
pub struct CustomerScreen {
    page: Mutex<Option<CustomerPage>>,
    app: OnceLock<AppHandle>,
}

impl CustomerScreen {
    /// From now on there are windows to show it in.
    pub fn begin(&self, app: AppHandle) {
        // It begins once.
        let _ = self.app.set(app);
    }

    /// Shows a page on a second monitor. False where there is none: then the main window, now full-screen, shows it.
    pub fn show(&self, page: CustomerPage) -> bool {
        self.set(Some(page));
        let Some((app, main)) = self.windows() else { return false };
        let shown = second(&main).is_some_and(|monitor| on_second(app, &monitor).is_ok());
        if !shown {
            // Where the desktop does not allow it, the page fills the window as it is.
            let _ = main.set_fullscreen(true);
        }
        shown
    }

    /// Takes it away, wherever it is.
    pub fn hide(&self) {
        self.set(None);
        let Some((app, main)) = self.windows() else { return };
        // A window that is gone already is what was wanted.
        let _ = match app.get_webview_window(LABEL) {
            Some(window) => window.close(),
            None => main.set_fullscreen(false),
        };
    }

    /// What is shown now.
    pub fn page(&self) -> Option<CustomerPage> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, page: Option<CustomerPage>) {
        *self.page.lock().unwrap_or_else(PoisonError::into_inner) = page;
    }

    fn windows(&self) -> Option<(&AppHandle, WebviewWindow)> {
        let app = self.app.get()?;
        Some((app, app.get_webview_window("main")?))
    }
}

fn on_second(app: &AppHandle, monitor: &Monitor) -> tauri::Result<()> {
    if let Some(open) = app.get_webview_window(LABEL) {
        return open.reload();
    }
    // The keyboard stays with whoever stands at the till.
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("customer.html".into()))
        .title("Counterfoil")
        .decorations(false)
        .focused(false)
        .visible(false)
        .build()?;
    window.set_position(*monitor.position())?;
    window.show()?;
    window.set_fullscreen(true)
}

/// A monitor on which the main window is not.
fn second(main: &WebviewWindow) -> Option<Monitor> {
    let here = main.current_monitor().ok().flatten()?;
    main.available_monitors().ok()?.into_iter().find(|monitor| monitor.position() != here.position())
}
