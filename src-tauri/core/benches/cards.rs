//! How fast cards are drawn, against the goals, and beside reportlab and fpdf2 drawing the same card with qrcode.
//!
//! `-- --cards N` draws another number than ten thousand. Where there is no Python, or its packages can't be had, that is said.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::cards::{CardsAsk, People, PrintTo};
use counterfoil_core::desk::import::{ImportAsk, ImportKind};
use counterfoil_core::desk::shop::NewShop;
use counterfoil_core::desk::views::{CouponDuration, CouponView, RulesView};
use counterfoil_core::print::template::Template;

/// As many as the slow ones draw in a few seconds.
const BESIDE: usize = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [step, folder] = arguments.as_slice()
        && step == "step-print"
    {
        return print(Path::new(folder));
    }
    let asked = arguments.iter().position(|argument| argument == "--cards").and_then(|at| arguments.get(at + 1));
    let cards: usize = asked.map_or(10_000, |cards| cards.parse().unwrap());
    let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = temporary.path();
    fill(folder, cards);
    println!("{cards} business cards with QR code, ten to an A4 sheet, fonts subset and embedded. Targets are for 10000.");

    // A process's highest memory is its own only where it does nothing else; and one core is one only where no other can help.
    let this = std::env::current_exe().unwrap();
    let step = |mut command: Command| command.arg("step-print").arg(folder).output();
    let mut one_core = Command::new("taskset");
    one_core.args(["-c", "0"]).arg(&this);
    let (said, cores) = match step(one_core) {
        Ok(said) if said.status.success() => (said, "one core"),
        _ => (step(Command::new(&this)).unwrap(), "all cores"),
    };
    let said = String::from_utf8(said.stdout).unwrap();
    let numbers: Vec<f64> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let bytes = std::fs::metadata(folder.join("cards.pdf")).unwrap().len() as f64;
    line(&format!("cards a second on {cores}, print run included"), cards as f64 / numbers[0], 1_000.0, true);
    line("bytes a card", bytes / cards as f64, 3_000.0, false);
    line("memory at its highest, MiB", numbers[1], 300.0, false);

    let desk = Desk::open(folder).unwrap();
    let jane = desk.find("Person 000007").unwrap()[0].referrer.id.clone();
    let one = CardsAsk { people: People::These { ids: vec![jane] }, ..ask() };
    let all = ask();
    desk.preview_cards(&one).unwrap();
    line("one card on the screen, ms", median(|| drop(desk.preview_cards(&one).unwrap())), 50.0, false);
    line("preview of a sheet, ms", median(|| drop(desk.preview_cards(&all).unwrap())), 100.0, false);
    println!("{:<54} {:>9.1}", "everybody's names looked at beside it, ms", median(|| drop(desk.card_troubles(&all, &mut |_| true).unwrap())));
    beside(folder);
}

fn line(what: &str, value: f64, target: f64, at_least: bool) {
    let reached = if at_least { value >= target } else { value <= target };
    let sign = if at_least { "≥" } else { "≤" };
    println!("{what:<54} {value:>9.1}   {sign} {target:<7} {}", if reached { "reached" } else { "MISSED" });
}

fn median(mut job: impl FnMut()) -> f64 {
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let started = Instant::now();
            job();
            started.elapsed()
        })
        .collect();
    times.sort();
    times[7].as_secs_f64() * 1_000.0
}

fn ask() -> CardsAsk {
    CardsAsk::usual(Template::BusinessCard, People::All)
}

fn fill(folder: &Path, cards: usize) {
    let coupon = CouponView { percent: Some(1500), amount: None, duration: CouponDuration::Once, months: None };
    let shop = NewShop {
        name: "Harbour Street Salon".into(),
        currency: "EUR".into(),
        timezone: Some("Europe/London".into()),
        country: Some("GB".into()),
        language: "en".into(),
        campaign: None,
        coupon: Some(coupon),
        rules: RulesView { first_time_only: true, expires: Some("2027-12-31".into()), ..RulesView::default() },
    };
    let mut desk = Desk::set_up(folder, &shop).unwrap();
    let mut list = String::from("Name,Email\n");
    for n in 0..cards {
        writeln!(list, "Person {n:06} Whitfield,p{n}@people.example").unwrap();
    }
    std::fs::write(folder.join("list.csv"), list).unwrap();
    let path = folder.join("list.csv").display().to_string();
    desk.import(&ImportAsk { path, kind: ImportKind::Referrers, mapping: None, dry_run: false }, &mut |_| true).unwrap();
    desk.generate_all(&mut |_| true).unwrap();
}

fn print(folder: &Path) {
    let mut desk = Desk::open(folder).unwrap();
    let started = Instant::now();
    let path = folder.join("cards.pdf").display().to_string();
    desk.print_cards(&ask(), &PrintTo::Save { path }, &mut |_| true).unwrap();
    let seconds = started.elapsed().as_secs_f64();
    // Linux alone tells; elsewhere the memory reads as nothing.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    println!("{seconds} {}", peak.unwrap_or(0.0) / 1024.0);
}

/// The same card by two libraries that shops' own scripts use.
fn beside(folder: &Path) {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cards-python");
    let python = environment.join("bin/python");
    let ready = python.exists()
        || Command::new("python3").args(["-m", "venv"]).arg(&environment).status().is_ok_and(|done| done.success())
            && Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "reportlab==4.*", "fpdf2==2.*", "qrcode==8.*"])
                .status()
                .is_ok_and(|done| done.success());
    if !ready {
        println!("reportlab and fpdf2: not measured, for Python or its packages are missing here");
        let _ = std::fs::remove_dir_all(&environment);
        return;
    }
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/cards.py");
    let said = Command::new(&python).args([script, fonts, &BESIDE.to_string()]).arg(folder).output().unwrap();
    print!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
}
