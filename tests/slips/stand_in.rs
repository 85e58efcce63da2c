//! A printer on a port of this computer, which can be as bad as a real one.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How it behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Prints, and answers questions about its state.
    Good,
    /// Prints, and answers no questions, as many do.
    Silent,
    /// Says that it has no paper.
    NoPaper,
    /// Says that its cover is open.
    Open,
    /// Takes so many bytes and is gone.
    GoneAfter(usize),
    /// Lets everybody in and never reads.
    NeverReads,
    /// Prints, and has no paper left at the end.
    NoPaperAtTheEnd,
}

/// What it took, one entry for each visit.
#[derive(Clone, Default)]
struct Took(Arc<Mutex<Vec<Vec<u8>>>>);

pub struct StandIn {
    pub address: String,
    took: Took,
    manner: Arc<Mutex<Manner>>,
    stop: Option<(std::net::SocketAddr, JoinHandle<()>)>,
    /// Faults that struck: a test of a fault asserts that it did.
    struck: Arc<Mutex<u32>>,
    /// Whom it let in without ever reading.
    ignored: Arc<Mutex<Vec<TcpStream>>>,
}

impl StandIn {
    pub fn open(manner: Manner) -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (took, manner, struck) = (Took::default(), Arc::new(Mutex::new(manner)), Arc::new(Mutex::new(0)));
        let (keeps, as_now, strikes) = (took.clone(), Arc::clone(&manner), Arc::clone(&struck));
        let ignored = Arc::new(Mutex::new(Vec::new()));
        let kept_open = Arc::clone(&ignored);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                let mut first = [0];
                let manner = *as_now.lock().unwrap();
                if manner == Manner::NeverReads {
                    kept_open.lock().unwrap().push(stream);
                    *strikes.lock().unwrap() += 1;
                    continue;
                }
                // Nothing at all: that is how this thread is told to end.
                if stream.read(&mut first).unwrap_or(0) == 0 {
                    return;
                }
                let visit = serve(&mut stream, manner, first[0], &strikes);
                keeps.0.lock().unwrap().push(visit);
            }
        });
        StandIn { address: format!("tcp://{at}"), took, manner, stop: Some((at, thread)), struck, ignored }
    }

    pub fn becomes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// What the visits brought, once `count` of them have ended.
    #[track_caller]
    pub fn visits(&self, count: usize) -> Vec<Vec<u8>> {
        for _ in 0..3_000 {
            let took = self.took.0.lock().unwrap().clone();
            if took.len() >= count {
                assert_eq!(took.len(), count, "more visits than expected");
                return took;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{count} visits did not come");
    }

    /// Once so many bytes of one visit lie there that it won't read.
    #[track_caller]
    pub fn ignores(&self, bytes: usize) {
        let mut unread = vec![0; bytes];
        for _ in 0..3_000 {
            if self.ignored.lock().unwrap().first().is_some_and(|stream| stream.peek(&mut unread).unwrap() == bytes) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{bytes} bytes did not come");
    }

    /// Hangs up on everybody whom it ignored.
    pub fn hangs_up(&self) {
        self.ignored.lock().unwrap().clear();
    }

    pub fn struck(&self) -> u32 {
        *self.struck.lock().unwrap()
    }
}

fn serve(stream: &mut TcpStream, manner: Manner, first: u8, struck: &Mutex<u32>) -> Vec<u8> {
    let strike = || *struck.lock().unwrap() += 1;
    let mut visit = vec![first];
    let mut answered = 0;
    let mut buffer = [0; 512];
    loop {
        // Questions are answered the moment they come, wherever they stand. (0x12: ready and with paper.)
        while let Some(found) = visit[answered..].windows(3).position(|three| three[..2] == [0x10, 0x04]) {
            let question = visit[answered + found + 2];
            answered += found + 3;
            // What lies between two questions is the slip.
            let begun = found > 0;
            let answer = match (manner, question) {
                (Manner::Silent | Manner::GoneAfter(_), _) => continue,
                (Manner::NoPaper, 4) => {
                    strike();
                    0x72
                }
                (Manner::NoPaperAtTheEnd, 4) if begun => {
                    strike();
                    0x72
                }
                (Manner::Open, 2) => {
                    strike();
                    0x16
                }
                _ => 0x12,
            };
            // Whoever asked may be gone.
            let _ = stream.write_all(&[answer]);
        }
        if let Manner::GoneAfter(bytes) = manner
            && visit.len() >= bytes
        {
            strike();
            visit.truncate(bytes);
            // What is unread when a line is closed becomes a reset for the other side, as with a printer that is switched off.
            let _ = stream.shutdown(Shutdown::Read);
            return visit;
        }
        let most = match manner {
            // One byte a time, so that something is left unread.
            Manner::GoneAfter(bytes) => 1.min(bytes - visit.len()),
            _ => buffer.len(),
        };
        match stream.read(&mut buffer[..most]) {
            Ok(0) | Err(_) => return visit,
            Ok(more) => visit.extend_from_slice(&buffer[..more]),
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        *self.manner.lock().unwrap() = Manner::Good;
        if let Some((at, thread)) = self.stop.take() {
            drop(TcpStream::connect(at));
            let _ = thread.join();
        }
    }
}
