//! Ctrl-C, listeners that left, full and read-only disks.
#![cfg(unix)]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Till, said};

#[test]
fn ctrl_c_takes_an_import_back() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let list = till.path("long.csv");
    // The first row can't be used: its place beside the list shows that the import is on its way.
    let mut rows = "Name,Email\nNobody,\n".to_owned();
    for n in 0..400_000 {
        let _ = writeln!(rows, "Person {n},p{n}@b.example");
    }
    std::fs::write(&list, rows).unwrap();
    let args = ["--json".as_ref(), "import".as_ref(), "referrers".as_ref(), list.as_os_str()];
    let import = till.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !till.path("long.rejected.csv.part").exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "the import never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {}", import.id())]).status().unwrap().success());
    let said = said(import.wait_with_output().unwrap()).ends(4);
    assert_eq!(said.json()["error"]["code"], "cancelled");
    assert_eq!(till.json(["status"])["referrers"], 1);
    assert!(!till.path("long.rejected.csv").exists() && !till.path("long.rejected.csv.part").exists());
    assert_eq!(till.json(["verify"])["ok"], true);
}

#[test]
fn a_listener_who_left_is_no_fault() {
    let till = Till::open();
    for args in [&["completions", "bash"][..], &["rules", "--help"], &["status"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let said = said(till.command(args).stdout(writer).stderr(Stdio::piped()).output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_finds_no_room_is_a_fault() {
    let till = Till::open();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let said = said(till.command(["status"]).stdout(full).output().unwrap()).ends(4);
    assert!(said.err.contains("could not be written"), "{said:?}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_said_to_be() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let as_it_was = std::fs::read(till.data().join("counterfoil.db")).unwrap();
    let may = |path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    for entry in std::fs::read_dir(till.data()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        may(entry.path(), 0o444);
    }
    may(till.data(), 0o555);
    may(till.path(""), 0o755);
    // Whoever may write everywhere runs the program, from a place where it may be run, as somebody who may not.
    let all_powerful = std::fs::File::create(till.data().join("probe")).is_ok();
    let program = till.path("foil");
    std::fs::copy(env!("CARGO_BIN_EXE_foil"), &program).unwrap();
    may(program.clone(), 0o755);
    for args in [&["redeem", "JANE10", "--order", "10", "--name", "Ann"][..], &["lookup", "jane"], &["init", "--shop", "Shop", "--currency", "EUR"]] {
        let mut command = Command::new(&program);
        command.arg("--data").arg(till.data()).args(args).arg("--json").stdin(Stdio::null());
        if all_powerful {
            command.uid(65534).gid(65534);
        }
        let output = loop {
            match command.output() {
                // Another test began a program while this one was copied, which has the copy open for a moment more.
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::sleep(Duration::from_millis(20)),
                output => break output.unwrap(),
            }
        };
        let said = said(output).ends(4);
        assert_eq!(said.json()["error"]["code"], "read_only", "{args:?}");
    }
    may(till.data(), 0o755);
    assert_eq!(std::fs::read(till.data().join("counterfoil.db")).unwrap(), as_it_was);
}
