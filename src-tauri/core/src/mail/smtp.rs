//! SMTP (RFC 5321) with implicit TLS or STARTTLS, one letter a transaction, one connection for many letters.
//!
//! Each command is sent by itself, so that it is known at every fault whether the letter can have been taken: not before the
//! end of its text was sent; surely, once the server says so; and *unknown* in between.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::compose::{Composed, compose};
use crate::domain::mail::{MailServer, Security, is_this_computer};
use crate::ports::{Letter, NotSent, Post, PostError, Posted};

/// How long a server may take for an answer. RFC 5321 asks for minutes; nobody at a till waits that long for a greeting, but
/// after the end of a letter patience decides whether it is known what became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Connecting, and each command.
    pub answer: Duration,
    /// The end of a letter.
    pub taking: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { answer: Duration::from_secs(30), taking: Duration::from_secs(120) }
    }
}

/// A mail server, and the connection to it.
pub struct Smtp {
    server: MailServer,
    password: Option<String>,
    patience: Patience,
    also_trusted: Option<Certificate>,
    runtime: Runtime,
    open: Option<AsyncSmtpConnection>,
}

/// What a step of a transaction came to.
enum Step {
    Done,
    /// The server said no, with this code.
    No(u16, String),
    /// Nothing that can be understood came back.
    Silence(String),
}

impl Smtp {
    /// The way to this server. Nothing is connected yet.
    pub fn new(server: MailServer, password: Option<String>) -> Result<Smtp, PostError> {
        if server.security == Security::Plain && !is_this_computer(&server.host) {
            return Err(PostError::InTheOpen(server.host));
        }
        if server.user.is_some() && password.is_none() {
            return Err(PostError::NoPassword);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| PostError::Unreachable { host: server.host.clone(), cause: error.to_string() })?;
        Ok(Smtp { server, password, patience: Patience::default(), also_trusted: None, runtime, open: None })
    }

    /// With other patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Smtp {
        self.patience = patience;
        self
    }

    /// Trusts this certificate (PEM) beside those that the system trusts: a mail server inside the house may have signed its own.
    pub fn also_trusting(mut self, pem: &[u8]) -> Result<Smtp, PostError> {
        let certificate =
            Certificate::from_pem(pem).map_err(|error| PostError::Certificate { host: self.server.host.clone(), cause: error.to_string() })?;
        self.also_trusted = Some(certificate);
        Ok(self)
    }
}

impl Post for Smtp {
    fn send(&mut self, letter: &Letter) -> Result<Posted, PostError> {
        let composed = match compose(&self.server, letter, SystemTime::now()) {
            Ok(composed) => composed,
            Err(error) => return Ok(Posted::NotSent { why: NotSent::Address, said: error.to_string() }),
        };
        let Smtp { server, password, patience, also_trusted, runtime, open } = self;
        let mut way = Way { server, password: password.as_deref(), patience: *patience, also_trusted: also_trusted.as_ref(), open };
        runtime.block_on(way.hand_in(&composed))
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        // Politeness; a server that does not answer it has lost nothing.
        if let Some(mut connection) = self.open.take() {
            let _ = self.runtime.block_on(async { timeout(Duration::from_secs(2), connection.quit()).await });
        }
    }
}

/// [`Smtp`] taken apart, so that its runtime can wait for it.
struct Way<'a> {
    server: &'a MailServer,
    password: Option<&'a str>,
    patience: Patience,
    also_trusted: Option<&'a Certificate>,
    open: &'a mut Option<AsyncSmtpConnection>,
}

impl Way<'_> {
    /// One letter. The connection is kept if it is still good.
    async fn hand_in(&mut self, letter: &Composed) -> Result<Posted, PostError> {
        let mut kept = self.open.is_some();
        loop {
            let mut connection = match self.open.take() {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            let mut options = Vec::new();
            if !is_ascii(&letter.from) || !is_ascii(&letter.to) {
                if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                    *self.open = Some(connection);
                    return Ok(Posted::NotSent { why: NotSent::Address, said: "SMTPUTF8".to_owned() });
                }
                options.push(MailParameter::SmtpUtfEight);
            }
            match self.say(&mut connection, Mail::new(Some(letter.from.clone()), options)).await {
                Step::Done => {}
                // A connection that lay idle may be gone; nothing of this letter was said on it.
                Step::Silence(_) | Step::No(421, _) if kept => {
                    kept = false;
                    continue;
                }
                Step::Silence(cause) => return Err(self.unreachable(cause)),
                Step::No(500.., said) => return Err(PostError::Sender(said)),
                Step::No(code, said) => return Ok(self.refused(connection, NotSent::Later, code, said).await),
            }
            match self.say(&mut connection, Rcpt::new(letter.to.clone(), Vec::new())).await {
                Step::Done => {}
                Step::Silence(cause) => return Err(self.unreachable(cause)),
                Step::No(code, said) => return Ok(self.refused(connection, NotSent::Address, code, said).await),
            }
            match self.say(&mut connection, Data).await {
                Step::Done => {}
                Step::Silence(cause) => return Err(self.unreachable(cause)),
                Step::No(code, said) => return Ok(self.refused(connection, NotSent::Letter, code, said).await),
            }
            let taken = timeout(self.patience.taking, connection.message(&letter.bytes)).await;
            return Ok(match taken.map(step) {
                Ok(Step::Done) => {
                    *self.open = Some(connection);
                    Posted::Sent
                }
                Ok(Step::No(code, said)) => self.refused(connection, NotSent::Letter, code, said).await,
                // From the first byte of the text on, silence leaves open whether all of it arrived and was taken.
                Ok(Step::Silence(_)) | Err(_) => Posted::Unknown,
            });
        }
    }

    /// A no that concerns this letter alone: the connection goes on with the next.
    async fn refused(&mut self, mut connection: AsyncSmtpConnection, why: NotSent, code: u16, said: String) -> Posted {
        // 421 says that the server hangs up.
        if code != 421 && matches!(self.say(&mut connection, Rset).await, Step::Done) {
            *self.open = Some(connection);
        }
        Posted::NotSent { why: if code < 500 { NotSent::Later } else { why }, said }
    }

    async fn say(&self, connection: &mut AsyncSmtpConnection, command: impl std::fmt::Display) -> Step {
        match timeout(self.patience.answer, connection.command(command)).await {
            Ok(answer) => step(answer),
            Err(_) => Step::Silence("timed out".to_owned()),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, PostError> {
        let hello = ClientId::default();
        let server = (self.server.host.as_str(), self.server.port);
        let implicit = match self.server.security {
            Security::Tls => Some(self.tls()?),
            Security::Starttls | Security::Plain => None,
        };
        let opening = AsyncSmtpConnection::connect_tokio1(server, Some(self.patience.answer), &hello, implicit, None);
        let mut connection = self.in_time(opening).await?.map_err(|error| self.not_connected(&error))?;
        if self.server.security == Security::Starttls {
            // Whoever sits on the way could take the offer out of the greeting: then nothing is said at all.
            if !connection.can_starttls() {
                return Err(PostError::InTheOpen(self.server.host.clone()));
            }
            let upgrade = connection.starttls(self.tls()?, &hello);
            self.in_time(upgrade).await?.map_err(|error| self.not_connected(&error))?;
        }
        if let (Some(user), Some(password)) = (&self.server.user, self.password) {
            let credentials = Credentials::new(user.clone(), password.to_owned());
            let login = connection.auth(DEFAULT_MECHANISMS, &credentials);
            if let Err(error) = self.in_time(login).await? {
                // A server that knows no way of logging in refuses it as well as one that does not like the password.
                let refused = error.status().is_some() || error.is_client();
                return Err(if refused { PostError::Login(reason(&error)) } else { self.unreachable(reason(&error)) });
            }
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, PostError> {
        let mut tls = TlsParameters::builder(self.server.host.clone());
        if let Some(certificate) = self.also_trusted {
            tls = tls.add_root_certificate(certificate.clone());
        }
        tls.build().map_err(|error| PostError::Certificate { host: self.server.host.clone(), cause: reason(&error) })
    }

    async fn in_time<T>(&self, asked: impl Future<Output = T>) -> Result<T, PostError> {
        timeout(self.patience.answer, asked).await.map_err(|_| self.unreachable("timed out".to_owned()))
    }

    fn unreachable(&self, cause: String) -> PostError {
        PostError::Unreachable { host: self.server.host.clone(), cause }
    }

    fn not_connected(&self, error: &Error) -> PostError {
        let cause = reason(error);
        if error.is_tls() || cause.contains("certificate") {
            PostError::Certificate { host: self.server.host.clone(), cause }
        } else {
            self.unreachable(cause)
        }
    }
}

fn step<T>(answer: Result<T, Error>) -> Step {
    match answer {
        Ok(_) => Step::Done,
        Err(error) => match error.status() {
            Some(code) => Step::No(u16::from(code), reason(&error)),
            None => Step::Silence(reason(&error)),
        },
    }
}

/// The innermost words: what the server or the system said.
fn reason(error: &Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn is_ascii(address: &Address) -> bool {
    let text: &str = address.as_ref();
    text.is_ascii()
}
