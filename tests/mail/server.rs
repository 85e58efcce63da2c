//! A mail server on this machine that keeps what it takes, and fails as it is told. It counts what it did, so that a test can see
//! that its fault struck.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterfoil_core::domain::mail::{MailServer, Security};
use counterfoil_core::mail::Smtp;
use counterfoil_core::mail::smtp::Patience;
use rustls::pki_types::PrivateKeyDer;

/// What goes wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// This address is unknown: 550.
    RefuseAddress(String),
    /// This address may be tried later: 451.
    Later(String),
    /// No password is right: 535.
    RefuseLogin,
    /// Nobody may write as this sender: 550.
    RefuseSender,
    /// It never greets.
    NeverGreets,
    /// It never answers who the letter is for.
    SilentAtRecipient,
    /// It hangs up after the first line of the letter to this address.
    DropInText(String),
    /// It takes the letter to this address, and hangs up before it says so.
    DropAfterText(String),
    /// It takes the letter to this address, and never says so.
    SilentAfterText(String),
    /// It hangs up after each letter.
    HangUpAfterEach,
    /// Somebody on the way took the offer of encryption out.
    NoStarttls,
}

/// How the server speaks TLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tls {
    None,
    Implicit,
    Starttls,
}

/// A letter that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
}

impl Taken {
    /// The headers, unfolded.
    pub fn headers(&self) -> Vec<(String, String)> {
        let head = self.text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
        head.split("\r\n").map(|line| line.split_once(": ").unwrap()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let found: Vec<_> = self.headers().into_iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).collect();
        assert_eq!(found.len(), 1, "{name} stands once in {:?}", self.headers());
        found[0].1.clone()
    }

    /// The text as it was written.
    pub fn body(&self) -> String {
        let (_, body) = self.text.split_once("\r\n\r\n").unwrap();
        match self.header("Content-Transfer-Encoding").as_str() {
            "quoted-printable" => unquoted(body),
            "7bit" => body.to_owned(),
            other => panic!("{other} is not read by this test"),
        }
    }
}

/// Quoted-printable as RFC 2045 (6.7) has it.
fn unquoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let hex: String = [rest.next().unwrap(), rest.next().unwrap()].map(char::from).iter().collect();
            bytes.push(u8::from_str_radix(&hex, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[derive(Default)]
struct Seen {
    connections: u32,
    logins: u32,
    struck: u32,
    commands: Vec<String>,
    taken: Vec<Taken>,
}

/// The server. It ends with the test.
pub struct Server {
    port: u16,
    tls: Tls,
    faults: Arc<Mutex<Vec<Fault>>>,
    seen: Arc<Mutex<Seen>>,
    /// Its certificate.
    pub pem: String,
}

pub const USER: &str = "salon";
pub const PASSWORD: &str = "päss wörd";

impl Server {
    pub fn start(tls: Tls, faults: &[Fault]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let faults = Arc::new(Mutex::new(faults.to_vec()));
        let seen = Arc::<Mutex<Seen>>::default();
        let shared = (Arc::clone(&faults), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                shared.1.lock().unwrap().connections += 1;
                let (faults, seen, config) = (Arc::clone(&shared.0), Arc::clone(&shared.1), Arc::clone(&config));
                std::thread::spawn(move || {
                    // Whoever hangs up on us ends the conversation, which is what many of these tests are about.
                    let _ = Talk { faults, seen, config, tls }.begin(stream);
                });
            }
        });
        Server { port, tls, faults, seen, pem: made.cert.pem() }
    }

    /// From now on it fails like this alone.
    pub fn fail(&self, faults: &[Fault]) {
        *self.faults.lock().unwrap() = faults.to_vec();
    }

    pub fn settings(&self) -> MailServer {
        let security = match self.tls {
            Tls::None => Security::Plain,
            Tls::Implicit => Security::Tls,
            Tls::Starttls => Security::Starttls,
        };
        MailServer::parse("localhost", self.port, security, Some(USER), "Harbour Street Salon", "salon@shop.example").unwrap()
    }

    /// The way here, which trusts its certificate.
    pub fn post(&self) -> Smtp {
        let post = Smtp::new(self.settings(), Some(PASSWORD.to_owned())).unwrap();
        post.also_trusting(self.pem.as_bytes()).unwrap().with_patience(SHORT)
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.seen.lock().unwrap().taken.clone()
    }

    /// How often this address was given a letter.
    pub fn got(&self, address: &str) -> usize {
        self.taken().iter().filter(|taken| taken.to.iter().any(|to| to == address)).count()
    }

    pub fn struck(&self) -> u32 {
        self.seen.lock().unwrap().struck
    }

    pub fn connections(&self) -> u32 {
        self.seen.lock().unwrap().connections
    }

    pub fn logins(&self) -> u32 {
        self.seen.lock().unwrap().logins
    }

    pub fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.clone()
    }
}

/// Long enough for a busy machine, short enough for a test.
pub const SHORT: Patience = Patience { answer: Duration::from_millis(1500), taking: Duration::from_millis(1500) };

trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

struct Talk {
    faults: Arc<Mutex<Vec<Fault>>>,
    seen: Arc<Mutex<Seen>>,
    config: Arc<rustls::ServerConfig>,
    tls: Tls,
}

impl Talk {
    /// Whether this goes wrong now.
    fn strikes(&self, fault: &Fault) -> bool {
        let strikes = self.faults.lock().unwrap().contains(fault);
        if strikes {
            self.seen.lock().unwrap().struck += 1;
        }
        strikes
    }

    fn begin(&self, stream: TcpStream) -> std::io::Result<()> {
        if self.strikes(&Fault::NeverGreets) {
            // Until the other side gives up.
            return (&stream).read(&mut [0; 1]).map(|_| ());
        }
        match self.tls {
            Tls::Implicit => self.talk(self.encrypted(stream)?, true, true),
            Tls::None | Tls::Starttls => self.talk(stream, false, true),
        }
    }

    fn encrypted(&self, stream: TcpStream) -> std::io::Result<rustls::StreamOwned<rustls::ServerConnection, TcpStream>> {
        let connection = rustls::ServerConnection::new(Arc::clone(&self.config)).map_err(std::io::Error::other)?;
        Ok(rustls::StreamOwned::new(connection, stream))
    }

    fn talk<S: Upgrade>(&self, stream: S, encrypted: bool, greet: bool) -> std::io::Result<()> {
        let mut line = BufReader::new(stream);
        if greet {
            say(&mut line, "220 mail.test ready")?;
        }
        let (mut from, mut to, mut logged_in) = (String::new(), Vec::new(), false);
        loop {
            let Some(said) = hear(&mut line)? else { return Ok(()) };
            let verb = said.split([' ', ':']).next().unwrap_or("").to_uppercase();
            self.seen.lock().unwrap().commands.push(verb.clone());
            match verb.as_str() {
                "EHLO" => {
                    let offers = self.tls == Tls::Starttls && !encrypted && !self.strikes(&Fault::NoStarttls);
                    let starttls = if offers { "250-STARTTLS\r\n" } else { "" };
                    say(&mut line, &format!("250-mail.test\r\n{starttls}250 AUTH PLAIN LOGIN"))?;
                }
                "STARTTLS" => {
                    say(&mut line, "220 go ahead")?;
                    return match line.into_inner().plain() {
                        Some(stream) => self.talk(self.encrypted(stream)?, true, false),
                        None => Ok(()),
                    };
                }
                "AUTH" => {
                    self.seen.lock().unwrap().logins += 1;
                    // PLAIN: base64 of "\0user\0password".
                    let right = said == format!("AUTH PLAIN {}", base64(format!("\0{USER}\0{PASSWORD}").as_bytes()));
                    logged_in = right && !self.strikes(&Fault::RefuseLogin);
                    say(&mut line, if logged_in { "235 welcome" } else { "535 5.7.8 user or password is wrong" })?;
                }
                "MAIL" if !logged_in => say(&mut line, "530 5.7.0 who are you?")?,
                "MAIL" if self.strikes(&Fault::RefuseSender) => say(&mut line, "550 5.7.1 sender not yours")?,
                "MAIL" => {
                    from = between(&said);
                    say(&mut line, "250 ok")?;
                }
                "RCPT" => {
                    let address = between(&said);
                    if self.strikes(&Fault::SilentAtRecipient) {
                        line.read_line(&mut String::new())?;
                        return Ok(());
                    } else if self.strikes(&Fault::RefuseAddress(address.clone())) {
                        say(&mut line, "550 5.1.1 no such mailbox")?;
                    } else if self.strikes(&Fault::Later(address.clone())) {
                        say(&mut line, "451 4.7.1 greylisted")?;
                    } else {
                        to.push(address);
                        say(&mut line, "250 ok")?;
                    }
                }
                "DATA" => {
                    say(&mut line, "354 go on")?;
                    let mut text = String::new();
                    let one = to.first().cloned().unwrap_or_default();
                    loop {
                        let Some(written) = hear(&mut line)? else { return Ok(()) };
                        if written == "." {
                            break;
                        }
                        if self.strikes(&Fault::DropInText(one.clone())) {
                            return Ok(());
                        }
                        text.push_str(written.strip_prefix('.').unwrap_or(&written));
                        text.push_str("\r\n");
                    }
                    self.seen.lock().unwrap().taken.push(Taken { from: from.clone(), to: std::mem::take(&mut to), text });
                    if self.strikes(&Fault::DropAfterText(one.clone())) {
                        return Ok(());
                    }
                    if self.strikes(&Fault::SilentAfterText(one)) {
                        line.read_line(&mut String::new())?;
                        return Ok(());
                    }
                    say(&mut line, "250 taken")?;
                    if self.strikes(&Fault::HangUpAfterEach) {
                        return Ok(());
                    }
                }
                "RSET" => {
                    to.clear();
                    say(&mut line, "250 ok")?;
                }
                "QUIT" => {
                    say(&mut line, "221 bye")?;
                    return Ok(());
                }
                _ => say(&mut line, "502 what?")?,
            }
        }
    }
}

/// A stream that may still be made a TLS one.
trait Upgrade: Line {
    fn plain(self) -> Option<TcpStream>;
}

impl Upgrade for TcpStream {
    fn plain(self) -> Option<TcpStream> {
        Some(self)
    }
}

impl Upgrade for rustls::StreamOwned<rustls::ServerConnection, TcpStream> {
    fn plain(self) -> Option<TcpStream> {
        None
    }
}

fn say<S: Line>(line: &mut BufReader<S>, text: &str) -> std::io::Result<()> {
    let stream = line.get_mut();
    stream.write_all(format!("{text}\r\n").as_bytes())?;
    stream.flush()
}

fn hear<S: Line>(line: &mut BufReader<S>) -> std::io::Result<Option<String>> {
    let mut text = String::new();
    Ok(match line.read_line(&mut text)? {
        0 => None,
        _ => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
    })
}

fn between(text: &str) -> String {
    text.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or("").to_owned()
}

/// RFC 4648 (4), for one password.
fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() { char::from(symbol) } else { '=' });
        }
    }
    text
}
