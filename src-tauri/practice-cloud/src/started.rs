//! Clouds on a thread of their own, until dropped.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Deref;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::Clouds;

/// Clouds that answer until this is dropped. Everything of [`Clouds`] can be asked of it.
#[derive(Debug)]
pub struct Started {
    clouds: Clouds,
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    forgiving: bool,
}

impl Started {
    pub(crate) fn begin(clouds: Clouds, port: u16) -> io::Result<Started> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = clouds.clone();
        let thread = std::thread::Builder::new().name("practice-cloud".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::spawn(serving.serve(listener));
                // The end of the runtime ends what was spawned, connections too.
                let _ = stopped.await;
            });
        })?;
        Ok(Started { clouds, port, stop: Some(stop), thread: Some(thread), forgiving: false })
    }

    /// The port on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The clouds themselves, to be cloned.
    pub fn clouds(&self) -> &Clouds {
        &self.clouds
    }

    /// Stripe's base address: calls add `/v1/…`.
    pub fn stripe_url(&self) -> String {
        format!("http://127.0.0.1:{}{}/stripe", self.port, self.clouds.options().prefix)
    }

    /// Referral Factory's base address: calls add `/users` and so on.
    pub fn referral_factory_url(&self) -> String {
        format!("http://127.0.0.1:{}{}/referral-factory/api/v2", self.port, self.clouds.options().prefix)
    }

    /// Where things are done by hand over HTTP: `POST {this}/checkout` with JSON.
    pub fn practice_url(&self) -> String {
        format!("http://127.0.0.1:{}{}/practice", self.port, self.clouds.options().prefix)
    }

    /// Violations are no panic at the end: for practice, and for tests of the violations themselves.
    #[must_use]
    pub fn forgiving(mut self) -> Started {
        self.forgiving = true;
        self
    }
}

impl Deref for Started {
    type Target = Clouds;

    fn deref(&self) -> &Clouds {
        &self.clouds
    }
}

impl Drop for Started {
    /// Stops, and panics when a caller did what it should never do: else a test would pass over it.
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended before.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let violations = self.clouds.violations();
        if !self.forgiving && !std::thread::panicking() {
            assert!(violations.is_empty(), "calls that must never be made:\n  {}", violations.join("\n  "));
        }
    }
}
