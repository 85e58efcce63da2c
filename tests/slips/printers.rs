//! Printers at their worst: each fault strikes, is told apart, and keeps nobody waiting.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use counterfoil_core::ports::PrinterError;
use counterfoil_core::print::printers::{self, Address};

use super::stand_in::{Manner, StandIn};

/// A slip of a few kilobytes, with nothing in it that is a question.
fn slip() -> Vec<u8> {
    b"A line of a slip.\n".repeat(400)
}

fn print(address: &str, bytes: &[u8]) -> Result<(), PrinterError> {
    let address: Address = address.parse().unwrap();
    printers::at(&address).print(bytes)
}

#[track_caller]
fn fails(address: &str, name: &str, begun: bool) {
    let before = Instant::now();
    let error = print(address, &slip()).expect_err("this printer prints nothing");
    assert_eq!((error.name(), error.begun()), (name, begun), "{error:?}");
    assert!(before.elapsed() < Duration::from_secs(8), "{:?}", before.elapsed());
}

#[test]
fn a_printer_that_answers_is_asked_before_and_after() {
    let printer = StandIn::open(Manner::Good);
    print(&printer.address, &slip()).unwrap();
    let visit = printer.visits(1).remove(0);
    let questions = [[0x10, 0x04, 0x04], [0x10, 0x04, 0x02]].concat();
    assert_eq!(visit, [questions.clone(), slip(), questions].concat());
}

#[test]
fn a_printer_that_answers_nothing_prints_all_the_same() {
    let printer = StandIn::open(Manner::Silent);
    let before = Instant::now();
    print(&printer.address, &slip()).unwrap();
    assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
    assert_eq!(printer.visits(1)[0], [vec![0x10, 0x04, 0x04], slip()].concat());
}

#[test]
fn no_paper_and_an_open_cover_are_said_before_a_byte_is_sent() {
    for (manner, name) in [(Manner::NoPaper, "no_paper"), (Manner::Open, "not_ready")] {
        let printer = StandIn::open(manner);
        fails(&printer.address, name, false);
        assert_eq!(printer.struck(), 1);
        assert_eq!(printer.visits(1)[0].len(), 6, "only the two questions");
    }
}

#[test]
fn paper_that_ends_in_the_middle_is_told() {
    let printer = StandIn::open(Manner::NoPaperAtTheEnd);
    fails(&printer.address, "no_paper", true);
    assert_eq!(printer.struck(), 1);
}

#[test]
fn a_printer_that_goes_away_in_the_middle_is_noticed() {
    let printer = StandIn::open(Manner::GoneAfter(1_000));
    fails(&printer.address, "gone", true);
    assert_eq!(printer.struck(), 1);
    assert_eq!(printer.visits(1)[0].len(), 1_000);
}

#[test]
fn a_printer_that_never_reads_keeps_nobody_for_ever() {
    let printer = StandIn::open(Manner::NeverReads);
    // More than all the buffers on the way hold.
    let before = Instant::now();
    let error = print(&printer.address, &vec![b'x'; 32 << 20]).unwrap_err();
    assert_eq!((error.name(), error.begun()), ("gone", true), "{error:?}");
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
    assert_eq!(printer.struck(), 1);
}

#[test]
fn a_printer_that_is_not_there_is_said_to_be_off_or_to_refuse() {
    let gone = StandIn::open(Manner::Good).address.clone();
    fails(&gone, "refused", false);
    fails("tcp://printer.invalid", "off", false);
    fails("/dev/usb/no-such-printer", "off", false);
    fails("serial:/dev/no-such-line", "off", false);
    // A device that is no printer line is never written to.
    if std::path::Path::new("/dev/loop0").exists() {
        fails("/dev/loop0", "refused", false);
    }
}

#[test]
fn a_serial_line_and_a_device_get_the_same_bytes() {
    for form in ["serial:{}?baud=19200", "{}"] {
        let (mut printer, path) = terminal();
        let reading = std::thread::spawn(move || {
            let mut took = Vec::new();
            let mut buffer = [0; 256];
            let whole = 9 + slip().len() + 3;
            while took.len() < whole {
                let more = printer.read(&mut buffer).unwrap();
                for question in buffer[..more].windows(3).filter(|three| three[..2] == [0x10, 0x04]) {
                    assert!(matches!(question[2], 2 | 4));
                    printer.write_all(&[0x12]).unwrap();
                }
                took.extend_from_slice(&buffer[..more]);
            }
            took
        });
        print(&form.replace("{}", &path), &slip()).unwrap();
        let questions = [[0x10, 0x04, 0x04], [0x10, 0x04, 0x02]].concat();
        assert_eq!(reading.join().unwrap(), [questions.clone(), slip(), questions].concat(), "{form}");
    }
}

#[test]
fn a_device_that_takes_nothing_keeps_nobody_for_ever() {
    // Nobody reads at the other end, so its buffer fills up like that of a printer that is switched off.
    let (_printer, path) = terminal();
    let before = Instant::now();
    let error = print(&path, &vec![b'x'; 1 << 20]).unwrap_err();
    assert_eq!((error.name(), error.begun()), ("gone", true), "{error:?}");
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
}

/// A line with two ends: the printer's, and the path of ours. Raw, as a printer is.
fn terminal() -> (std::fs::File, String) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

    let printer = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&printer).unwrap();
    unlockpt(&printer).unwrap();
    let path = ptsname(&printer, Vec::new()).unwrap().into_string().unwrap();
    let mut raw = tcgetattr(&printer).unwrap();
    raw.make_raw();
    tcsetattr(&printer, OptionalActions::Now, &raw).unwrap();
    (std::fs::File::from(printer), path)
}
