//! Printers for slips, as they are reached: over the network, as a device of this computer, over a serial line.
//!
//! A printer may be off, have no paper, go away in the middle or never answer. Every step here has its bound.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::str::FromStr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serial2::{FlowControl, SerialPort, Settings};

use crate::ports::{Printer, PrinterError};

/// The port of raw printing: what is written to it is printed.
const PORT: u16 = 9100;
/// What nearly all serial printers are set to when they leave the factory.
const BAUD: u32 = 9_600;
/// Finding a printer by its name, and its answer to the first knock.
const CONNECT_WAIT: Duration = Duration::from_secs(3);
/// A printer that knows the question about its paper answers it within a few milliseconds; many know no questions at all.
const ANSWER_WAIT: Duration = Duration::from_millis(400);
/// A slip of eight kilobytes takes nine seconds over a serial line of 9600 baud.
const WRITE_WAIT: Duration = Duration::from_secs(15);
/// How long a network printer may take to close the line after the slip. Those that keep it open have the slip all the same.
const CLOSE_WAIT: Duration = Duration::from_millis(500);
/// One look whether there is something to read, or room to write.
const LOOK: Duration = Duration::from_millis(100);

/// The question about the paper (DLE EOT 4) and about what keeps the printer (DLE EOT 2), answered in one byte each.
const ASK_PAPER: [u8; 3] = [0x10, 0x04, 0x04];
const ASK_OFFLINE: [u8; 3] = [0x10, 0x04, 0x02];

/// Where a printer is, as one text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// `tcp://host[:port]`.
    Network {
        /// A name or a number; an IPv6 number in brackets.
        host: String,
        /// Its port.
        port: u16,
    },
    /// `/dev/usb/lp0`.
    Device(String),
    /// `serial:/dev/ttyUSB0?baud=9600`, with `&flow=hardware` where its cable has those wires.
    Serial {
        /// The line.
        path: String,
        /// Its speed.
        baud: u32,
        /// Whether the wires of the cable say when the printer is busy; else it says so in the line.
        hardware_flow: bool,
    },
}

impl FromStr for Address {
    type Err = ();

    fn from_str(text: &str) -> Result<Address, ()> {
        let text = text.trim();
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(());
        }
        if let Some(rest) = text.strip_prefix("tcp://") {
            return network(rest.trim_end_matches('/'));
        }
        if let Some(rest) = text.strip_prefix("serial:") {
            return serial(rest);
        }
        // One form, so that a file named by mistake is not overwritten by a slip.
        if text.starts_with("/dev/") && !text.contains("/../") && text.len() > "/dev/".len() {
            return Ok(Address::Device(text.to_owned()));
        }
        Err(())
    }
}

fn network(rest: &str) -> Result<Address, ()> {
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(drop)?),
        _ => (rest, PORT),
    };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let known = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let whole = if bracketed { host[1..host.len() - 1].parse::<std::net::Ipv6Addr>().is_ok() } else { host.chars().all(known) };
    if host.is_empty() || port == 0 || !whole {
        return Err(());
    }
    Ok(Address::Network { host: host.to_owned(), port })
}

fn serial(rest: &str) -> Result<Address, ()> {
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut baud, mut hardware_flow) = (BAUD, false);
    for option in options.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("baud", value)) => baud = value.parse().ok().filter(|baud| (300..=4_000_000).contains(baud)).ok_or(())?,
            Some(("flow", "hardware")) => hardware_flow = true,
            Some(("flow", "software")) => hardware_flow = false,
            _ => return Err(()),
        }
    }
    let named = path.starts_with("/dev/") || path.starts_with("COM");
    if named && path.len() > 3 && !path.contains("/../") { Ok(Address::Serial { path: path.to_owned(), baud, hardware_flow }) } else { Err(()) }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Network { host, port: PORT } => write!(f, "tcp://{host}"),
            Address::Network { host, port } => write!(f, "tcp://{host}:{port}"),
            Address::Device(path) => f.write_str(path),
            Address::Serial { path, baud, hardware_flow } => {
                write!(f, "serial:{path}?baud={baud}{}", if *hardware_flow { "&flow=hardware" } else { "" })
            }
        }
    }
}

/// The printer at an address. Whether it is there is seen when something is printed.
#[must_use]
pub fn at(address: &Address) -> Box<dyn Printer> {
    Box::new(Reached(address.clone()))
}

struct Reached(Address);

impl Printer for Reached {
    fn print(&mut self, bytes: &[u8]) -> Result<(), PrinterError> {
        match &self.0 {
            Address::Network { host, port } => {
                let stream = connect(host, *port).map_err(not_reached)?;
                let mut talk = Talk::with(&stream);
                talk.slip(bytes)?;
                talk.closed(&stream)
            }
            Address::Device(path) => Talk::with(device::open(path).map_err(not_reached)?).slip(bytes),
            Address::Serial { path, baud, hardware_flow } => {
                let flow = if *hardware_flow { FlowControl::RtsCts } else { FlowControl::XonXoff };
                let set = |mut settings: Settings| {
                    settings.set_raw();
                    settings.set_baud_rate(*baud)?;
                    settings.set_flow_control(flow);
                    Ok(settings)
                };
                let mut port = SerialPort::open(path, set).map_err(not_reached)?;
                port.set_read_timeout(LOOK).and_then(|()| port.set_write_timeout(LOOK)).map_err(not_reached)?;
                Talk::with(&port).slip(bytes)
            }
        }
    }
}

fn not_reached(error: io::Error) -> PrinterError {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::PermissionDenied | ErrorKind::ResourceBusy => PrinterError::Refused(error),
        _ => PrinterError::Off(error),
    }
}

/// Connects within its bound, whatever the name service does.
fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let late = || io::Error::from(ErrorKind::TimedOut);
    let (found, answer) = mpsc::channel();
    let name = format!("{host}:{port}");
    std::thread::spawn(move || {
        // Nobody waits for an answer that comes too late.
        let _ = found.send(name.to_socket_addrs().map(Iterator::collect::<Vec<SocketAddr>>));
    });
    let until = Instant::now() + CONNECT_WAIT;
    let mut last = late();
    for address in answer.recv_timeout(CONNECT_WAIT).map_err(|_| late())?? {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_read_timeout(Some(LOOK))?;
                stream.set_write_timeout(Some(LOOK))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// What a printer said about itself; nothing where it answers no questions.
#[derive(Default)]
struct Said {
    no_paper: bool,
    not_ready: bool,
    answered: bool,
}

/// One conversation with a printer, over anything that reads and writes and gives up a single try after [`LOOK`].
struct Talk<W> {
    wire: W,
}

impl<W: Read + Write> Talk<W> {
    fn with(wire: W) -> Talk<W> {
        Talk { wire }
    }

    /// Asks how it is, prints, and asks once more where it answered.
    fn slip(&mut self, bytes: &[u8]) -> Result<(), PrinterError> {
        let before = self.ask().map_err(not_reached)?;
        match before {
            Said { no_paper: true, .. } => return Err(PrinterError::NoPaper { begun: false }),
            Said { not_ready: true, .. } => return Err(PrinterError::NotReady),
            _ => {}
        }
        self.send(bytes, Instant::now() + WRITE_WAIT)
            .map_err(|(sent, error)| if sent == 0 { not_reached(error) } else { PrinterError::Gone(error) })?;
        self.wire.flush().map_err(PrinterError::Gone)?;
        if !before.answered {
            return Ok(());
        }
        match self.ask().map_err(PrinterError::Gone)? {
            Said { no_paper: true, .. } => Err(PrinterError::NoPaper { begun: true }),
            // It answered before and is silent now: nobody knows how much of it is on paper.
            Said { answered: false, .. } => Err(PrinterError::Gone(ErrorKind::TimedOut.into())),
            _ => Ok(()),
        }
    }

    fn ask(&mut self) -> io::Result<Said> {
        let Some(paper) = self.question(ASK_PAPER)? else { return Ok(Said::default()) };
        let offline = self.question(ASK_OFFLINE)?.unwrap_or(0);
        Ok(Said {
            answered: true,
            // Bits 5 and 6: the sensor at the end of the roll sees no paper. Or printing stopped for lack of it.
            no_paper: paper & 0b0110_0000 != 0 || offline & 0b0010_0000 != 0,
            // The cover is open, or an error keeps it.
            not_ready: offline & 0b0100_0100 != 0,
        })
    }

    /// The byte that answers a question; none where none comes within the wait.
    fn question(&mut self, question: [u8; 3]) -> io::Result<Option<u8>> {
        let until = Instant::now() + ANSWER_WAIT;
        self.send(&question, until).map_err(|(_, error)| error)?;
        while Instant::now() < until {
            let mut answer = [0];
            match self.wire.read(&mut answer) {
                // What is no answer to this question (bits 0, 1, 4 and 7 are fixed) is something else that the printer says by itself.
                Ok(1) if answer[0] & 0b1001_0011 == 0b0001_0010 => return Ok(Some(answer[0])),
                Ok(1..) => {}
                // The other side has closed the line; a device that can't be read says so in this way too.
                Ok(0) => return Ok(None),
                Err(error) if again(&error) => {}
                Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Writes everything before that moment; else says how much went.
    fn send(&mut self, bytes: &[u8], until: Instant) -> Result<(), (usize, io::Error)> {
        let mut sent = 0;
        while sent < bytes.len() {
            match self.wire.write(&bytes[sent..]) {
                Ok(0) => return Err((sent, ErrorKind::WriteZero.into())),
                Ok(more) => sent += more,
                Err(error) if again(&error) && Instant::now() < until => {}
                Err(error) => return Err((sent, error)),
            }
        }
        Ok(())
    }
}

impl Talk<&TcpStream> {
    /// Says that this was all, and hears whether the other side had gone. One that just stays silent is believed.
    fn closed(&mut self, stream: &TcpStream) -> Result<(), PrinterError> {
        stream.shutdown(Shutdown::Write).map_err(PrinterError::Gone)?;
        let until = Instant::now() + CLOSE_WAIT;
        while Instant::now() < until {
            match self.wire.read(&mut [0; 64]) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if again(&error) => {}
                Err(error) => return Err(PrinterError::Gone(error)),
            }
        }
        Ok(())
    }
}

fn again(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

#[cfg(unix)]
mod device {
    //! A device file, opened so that a printer that is switched off keeps nobody waiting.

    use std::fs::{File, OpenOptions};
    use std::io::{self, ErrorKind, Read, Write};
    use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::OFlags;

    use super::LOOK;

    pub struct Device {
        file: File,
        reads: bool,
    }

    pub fn open(path: &str) -> io::Result<Device> {
        let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or(0);
        let open = |reads: bool| OpenOptions::new().read(reads).write(true).custom_flags(flags).open(path).map(|file| Device { file, reads });
        // Some printers, and some drivers, take and say nothing.
        let device = open(true).or_else(|_| open(false))?;
        // A disk is a device too; nothing may be written to it.
        if device.file.metadata()?.file_type().is_char_device() { Ok(device) } else { Err(ErrorKind::PermissionDenied.into()) }
    }

    impl Device {
        fn wait(&self, flags: PollFlags) -> io::Result<()> {
            let wait = Timespec::try_from(LOOK).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&self.file, flags)], Some(&wait))? {
                0 => Err(ErrorKind::TimedOut.into()),
                _ => Ok(()),
            }
        }
    }

    impl Read for Device {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if !self.reads {
                return Err(ErrorKind::Unsupported.into());
            }
            self.wait(PollFlags::IN)?;
            self.file.read(buffer)
        }
    }

    impl Write for Device {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.wait(PollFlags::OUT)?;
            self.file.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.file.flush()
        }
    }
}

#[cfg(not(unix))]
mod device {
    //! Device files are a thing of Unix; elsewhere a printer is reached over the network or a serial line.

    pub fn open(_: &str) -> std::io::Result<std::io::Cursor<Vec<u8>>> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, shown: Option<&str>) {
        let address = text.parse::<Address>();
        assert_eq!(address.as_ref().map(ToString::to_string).ok().as_deref(), shown, "{text}");
        if let Ok(address) = address {
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn an_address_is_one_text() {
        reads("tcp://192.168.1.50", Some("tcp://192.168.1.50"));
        reads(" tcp://192.168.1.50:9100/ ", Some("tcp://192.168.1.50"));
        reads("tcp://till-printer.shop.example:9101", Some("tcp://till-printer.shop.example:9101"));
        reads("tcp://[fe80::1]:9100", Some("tcp://[fe80::1]"));
        reads("/dev/usb/lp0", Some("/dev/usb/lp0"));
        reads("serial:/dev/ttyUSB0", Some("serial:/dev/ttyUSB0?baud=9600"));
        reads("serial:/dev/ttyS0?baud=38400&flow=hardware", Some("serial:/dev/ttyS0?baud=38400&flow=hardware"));
        for nonsense in [
            "",
            "printer",
            "192.168.1.50",
            "tcp://",
            "tcp://:9100",
            "tcp://a:0",
            "tcp://a:99999",
            "tcp://a b",
            "tcp://a/b",
            "tcp://[nonsense]",
            "http://printer",
            "/home/till/sales.csv",
            "/dev/",
            "/dev/usb/../../home/till/x",
            "serial:",
            "serial:/tmp/x",
            "serial:/dev/ttyS0?baud=fast",
            "serial:/dev/ttyS0?speed=9600",
            "tcp://a\u{1b}@",
        ] {
            reads(nonsense, None);
        }
    }
}
