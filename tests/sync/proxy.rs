//! A network at its worst, between the program and the clouds: real connections on a port of this machine, one call each.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::net::TcpSocket;

use crate::support::Seeded;

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Nobody listens, for this call and those of the next moment. That only the caller can tell.
    Refused,
    /// The connection closes before the call is passed on.
    ClosedBefore,
    /// The call is passed on and nothing comes back.
    AnswerLost,
    /// The answer breaks off, in its body or even in its head.
    AnswerCut,
    /// The page of a hotel's network answers; the call goes nowhere.
    Portal,
    /// The call is passed on, and the page of a hotel's network answers.
    PortalAfter,
    /// The call takes its time, and others overtake it.
    Late,
    /// The call is passed on twice, and the second answer comes back.
    Twice,
}

impl Fate {
    pub const ALL: [Fate; 8] =
        [Fate::Refused, Fate::ClosedBefore, Fate::AnswerLost, Fate::AnswerCut, Fate::Portal, Fate::PortalAfter, Fate::Late, Fate::Twice];
}

const PORTAL: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>Room number and name, please</h>";
const REFUSED_FOR: Duration = Duration::from_millis(80);
const LATE: Duration = Duration::from_millis(200);

/// Passes calls on to a port of this machine, one in three with some fate, until it is calm; to the end of the tests.
pub struct Proxy {
    pub port: u16,
    well: Arc<Well>,
}

#[derive(Default)]
struct Well {
    calm: AtomicBool,
    struck: Mutex<Vec<(Fate, String)>>,
}

impl Proxy {
    pub fn before(to: u16, seed: u64) -> Proxy {
        // Bound and not listening: the port stays ours while nobody listens on it.
        let held = TcpSocket::new_v4().unwrap();
        held.set_reuseaddr(true).unwrap();
        held.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let port = held.local_addr().unwrap().port();
        let well = Arc::new(Well::default());
        let listener = listen(port);
        let of_thread = Arc::clone(&well);
        thread::spawn(move || {
            of_thread.serve(listener, to, Seeded(seed));
            drop(held);
        });
        Proxy { port, well }
    }

    /// From now on the network is well.
    pub fn calm(&self) {
        self.well.calm.store(true, Ordering::SeqCst);
    }

    /// Whether one of these has struck a call whose first line begins so.
    pub fn has_struck(&self, fates: &[Fate], line: &str) -> bool {
        self.well.struck.lock().unwrap().iter().any(|(fate, call)| fates.contains(fate) && call.starts_with(line))
    }
}

fn listen(port: u16) -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap()
}

impl Well {
    fn serve(self: &Arc<Self>, mut listener: TcpListener, to: u16, mut dice: Seeded) {
        while let Ok((client, _)) = listener.accept() {
            let struck = dice.below(3) == 0 && !self.calm.load(Ordering::SeqCst);
            let fate = struck.then(|| *dice.pick(&Fate::ALL));
            if fate == Some(Fate::Refused) {
                let port = listener.local_addr().unwrap().port();
                drop((client, listener));
                thread::sleep(REFUSED_FOR);
                listener = listen(port);
                continue;
            }
            let (well, cut) = (Arc::clone(self), dice.next() as usize);
            // Who hangs up meanwhile, on either side, is no matter here.
            thread::spawn(move || drop(well.carry(client, to, fate, cut)));
        }
    }

    fn carry(&self, mut client: TcpStream, to: u16, fate: Option<Fate>, cut: usize) -> io::Result<()> {
        let call = call(&client)?;
        let line = String::from_utf8_lossy(&call).lines().next().unwrap_or_default().to_owned();
        self.struck.lock().unwrap().extend(fate.map(|fate| (fate, line)));
        match fate {
            Some(Fate::ClosedBefore) => return Ok(()),
            Some(Fate::Portal) => return client.write_all(PORTAL),
            Some(Fate::Late) => thread::sleep(LATE),
            Some(Fate::Twice) => drop(pass_on(&call, to)?),
            _ => {}
        }
        let answer = pass_on(&call, to)?;
        match fate {
            Some(Fate::AnswerLost) => Ok(()),
            Some(Fate::AnswerCut) => client.write_all(&answer[..cut % answer.len().max(1)]),
            Some(Fate::PortalAfter) => client.write_all(PORTAL),
            _ => client.write_all(&answer),
        }
    }
}

/// One call, as it stands on the wire, and the last one of its connection.
fn call(client: &TcpStream) -> io::Result<Vec<u8>> {
    let mut client = BufReader::new(client);
    let (mut head, mut body) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let from = head.len();
        if client.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        body = head[from..].strip_prefix("content-length: ").map_or(body, |length| length.trim().parse().unwrap());
    }
    head.truncate(head.len() - 2);
    let mut call = (head + "connection: close\r\n\r\n").into_bytes();
    client.take(body).read_to_end(&mut call)?;
    Ok(call)
}

fn pass_on(call: &[u8], to: u16) -> io::Result<Vec<u8>> {
    let mut cloud = TcpStream::connect((Ipv4Addr::LOCALHOST, to))?;
    cloud.write_all(call)?;
    let mut answer = Vec::new();
    cloud.read_to_end(&mut answer)?;
    Ok(answer)
}
