//! How fast the desk is with a million people, beside what the machine's disk can do: `cargo bench -p counterfoil-core`.
//!
//! `-- --rows N` or COUNTERFOIL_BENCH_ROWS makes it smaller. COUNTERFOIL_BENCH_FOLDER keeps the shop there, and uses the one that
//! is there already. What misses its target is printed as missed.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use counterfoil_core::desk::check::CheckAsk;
use counterfoil_core::desk::import::{ImportAsk, ImportKind};
use counterfoil_core::desk::look_up::HITS_MAX;
use counterfoil_core::desk::redeem::RedeemAsk;
use counterfoil_core::desk::shop::NewShop;
use counterfoil_core::desk::views::{Amount, CouponDuration, CouponView, RulesView};
use counterfoil_core::desk::{Customer, Desk};
use counterfoil_core::domain::code;
use counterfoil_core::storage::{StorageError, Store, campaigns, catalogue};
use uuid::Uuid;

/// Sales that are timed.
const SALES: usize = 1_000;
/// Look-ups that are timed.
const LOOK_UPS: usize = 20_000;
/// People whose names, addresses, numbers and codes are typed, some seventeen queries each.
const PEOPLE_SEARCHED: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [step, folder] = arguments.as_slice()
        && step.starts_with("step-")
    {
        return step_in_own_process(step, Path::new(folder));
    }
    let asked = arguments.iter().position(|argument| argument == "--rows").and_then(|at| arguments.get(at + 1)).cloned();
    let rows: u64 = asked.or_else(|| std::env::var("COUNTERFOIL_BENCH_ROWS").ok()).map_or(1_000_000, |rows| rows.parse().unwrap());
    let kept = std::env::var_os("COUNTERFOIL_BENCH_FOLDER");
    let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = kept.as_ref().map_or(temporary.path(), |kept| Path::new(kept));
    std::fs::create_dir_all(folder).unwrap();
    println!("Counterfoil with {rows} people. Targets are for 1000000.");
    let mut table = Table::default();
    let queries = write_list(&folder.join("list.csv"), rows);

    if !folder.join("counterfoil.db").exists() {
        fill(folder, &mut table);
    }
    let codes = look_up(folder, rows, &mut table);
    search(folder, queries, &codes, &mut table);
    redeem(folder, &codes, &mut table);
    let bytes = std::fs::metadata(folder.join("counterfoil.db")).unwrap().len();
    table.say("database", &format!("{} MiB", bytes >> 20));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    table.say("load of this machine at the end", &format!("{} on {cores}", load.split(' ').next().unwrap_or("")));
    println!("{}", table.text);
}

fn fill(folder: &Path, table: &mut Table) {
    let imported = in_own_process("step-import", folder);
    table.limit("import, search index included", imported.seconds, 60.0, "s");
    table.limit("  memory at its highest", imported.mib, 400.0, "MiB");
    table.say("  another writer waits at most", &format!("{:.1} s", imported.other_waits_seconds));
    // On a machine that others use, what the job itself took; two threads share it.
    table.say("  processor time, all threads", &format!("{:.1} s", imported.processor_seconds));
    let generated = in_own_process("step-generate", folder);
    table.limit("generate a code for everybody, durable", generated.seconds, 10.0, "s");
    table.say("  processor time", &format!("{:.1} s", generated.processor_seconds));
    table.limit("  memory at its highest", generated.mib, 400.0, "MiB");
}

/// One line a measurement: what, median, 99th percentile, target, reached or missed.
#[derive(Default)]
struct Table {
    text: String,
}

impl Table {
    fn line(&mut self, what: &str, median: &str, p99: &str, target: &str, verdict: &str) {
        if self.text.is_empty() {
            self.text = format!("{:<44} {:>11} {:>11}   {:<32} {}\n", "", "median", "p99", "target", "");
        }
        writeln!(self.text, "{what:<44} {median:>11} {p99:>11}   {target:<32} {verdict}").unwrap();
    }

    fn say(&mut self, what: &str, value: &str) {
        self.line(what, value, "", "", "");
    }

    fn limit(&mut self, what: &str, value: f64, most: f64, unit: &str) {
        self.line(what, &format!("{value:.1} {unit}"), "", &format!("≤ {most} {unit}"), verdict(value <= most));
    }

    fn times(&mut self, what: &str, times: &mut [Duration], median_max: Option<Duration>, p99_max: Option<Duration>) {
        let (median, p99) = (percentile(times, 50), percentile(times, 99));
        let target: Vec<String> =
            [("median", median_max), ("p99", p99_max)].into_iter().filter_map(|(which, most)| Some(format!("{which} ≤ {:.1?}", most?))).collect();
        let reached = median_max.is_none_or(|most| median <= most) && p99_max.is_none_or(|most| p99 <= most);
        let verdict = if target.is_empty() { "" } else { verdict(reached) };
        self.line(what, &format!("{median:.1?}"), &format!("{p99:.1?}"), &target.join(", "), verdict);
    }
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "MISSED" }
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

struct Step {
    seconds: f64,
    mib: f64,
    processor_seconds: f64,
    other_waits_seconds: f64,
}

/// A process's highest memory is its own only where it does nothing else.
fn in_own_process(step: &str, folder: &Path) -> Step {
    let mut child = Command::new(std::env::current_exe().unwrap()).arg(step).arg(folder).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{step} failed");
    let mut numbers = said.split_whitespace().map(|number| number.parse::<f64>().unwrap());
    let mut next = || numbers.next().unwrap();
    Step { seconds: next(), mib: next(), processor_seconds: next(), other_waits_seconds: next() }
}

fn step_in_own_process(step: &str, folder: &Path) {
    let started;
    let mut other_waits = Duration::ZERO;
    if step == "step-import" {
        let mut desk = Desk::set_up(folder, &new_shop()).unwrap();
        let ask = ImportAsk { path: folder.join("list.csv").display().to_string(), kind: ImportKind::Referrers, mapping: None, dry_run: false };
        started = Instant::now();
        let done = AtomicBool::new(false);
        let report = std::thread::scope(|scope| {
            let other = scope.spawn(|| longest_wait(folder, &done));
            let report = desk.import(&ask, &mut |_| true).unwrap();
            done.store(true, Ordering::SeqCst);
            other_waits = other.join().unwrap();
            report
        });
        assert_eq!((report.added, report.rejected_total), (report.rows, 0), "{:?}", report.rejected);
    } else {
        let mut desk = Desk::open(folder).unwrap();
        started = Instant::now();
        desk.generate_all(&mut |_| true).unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    // Linux alone tells; elsewhere the memory reads as nothing.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    // User and system time in hundredths of a second, the 14th and 15th field; the name in the 2nd may hold spaces.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let times = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    let processor: f64 = times.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0;
    println!("{seconds} {} {processor} {}", kib.unwrap_or(0.0) / 1024.0, other_waits.as_secs_f64());
}

/// How long somebody who would write a little now and then had to wait for it.
fn longest_wait(folder: &Path, done: &AtomicBool) -> Duration {
    let mut other = Store::open(folder, Utc::now()).unwrap();
    let mut longest = Duration::ZERO;
    while !done.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(20));
        let started = Instant::now();
        // On a machine that others use, even the longest patience may end before its turn comes.
        let written = other.write::<_, StorageError>(|_| Ok(()));
        assert!(matches!(written, Ok(()) | Err(StorageError::Busy(_))), "{written:?}");
        longest = longest.max(started.elapsed());
    }
    longest
}

fn new_shop() -> NewShop {
    NewShop {
        name: "Bench".into(),
        currency: "GBP".into(),
        timezone: Some("Europe/London".into()),
        country: Some("GB".into()),
        language: "en".into(),
        campaign: None,
        coupon: Some(CouponView { percent: Some(1500), amount: None, duration: CouponDuration::Once, months: None }),
        rules: RulesView { first_time_only: true, redemptions_max: Some(50), ..RulesView::default() },
    }
}

fn look_up(folder: &Path, rows: u64, table: &mut Table) -> Vec<(i64, String)> {
    let mut dice = Dice(7);
    let store = Store::open(folder, Utc::now()).unwrap();
    let shop = campaigns::shop(store.reader()).unwrap().unwrap();
    let codes: Vec<(i64, String)> = (0..LOOK_UPS)
        .map(|_| {
            let n = 1 + dice.below(rows) as i64;
            (n, catalogue::active_code(store.reader(), &shop.campaign, n).unwrap().unwrap().text)
        })
        .collect();
    let key = |typed: &str| code::key(typed);
    let mut times = time(&codes, |(_, typed)| assert!(catalogue::code(store.reader(), &shop.campaign, &key(typed)).unwrap().is_some()));
    table.times("look-up by code", &mut times, None, Some(Duration::from_micros(100)));
    let desk = Desk::open(folder).unwrap();
    let ask = |code: &str| CheckAsk { code: code.into(), order: Some(Amount(4990)), currency: None, customer: customer(1) };
    let mut times = time(&codes, |(_, typed)| assert!(desk.check(&ask(typed)).unwrap().allowed));
    table.times("  the whole verdict, contact given", &mut times, None, Some(Duration::from_micros(100)));
    let mut times = time(&codes[..500.min(codes.len())], |(_, typed)| {
        let wrong: String = typed.chars().rev().collect();
        desk.check(&ask(&wrong)).unwrap();
    });
    table.times("  a code that is not there, nearest named", &mut times, None, None);
    codes
}

fn time<T>(over: &[T], mut each: impl FnMut(&T)) -> Vec<Duration> {
    over.iter()
        .map(|item| {
            let started = Instant::now();
            each(item);
            started.elapsed()
        })
        .collect()
}

/// What somebody types, and the e-mail address or code of whom it must find; none where too many are alike.
type Query = (String, Option<String>);

fn search(folder: &Path, mut queries: Vec<Query>, codes: &[(i64, String)], table: &mut Table) {
    let desk = Desk::open(folder).unwrap();
    for (_, code) in &codes[..PEOPLE_SEARCHED] {
        let bare = code.replace('-', "");
        queries.extend([(code.clone(), Some(code.clone())), (bare.to_lowercase(), Some(code.clone())), (bare[4..].to_owned(), None)]);
    }
    // Every query to its end finds whom it means, unless the list is full of others who fit as well.
    for (query, finds) in &queries {
        let hits = desk.find(query).unwrap();
        let found = |meant: &String| hits.iter().any(|hit| hit.referrer.email.as_ref() == Some(meant) || hit.code.as_ref() == Some(meant));
        assert!(finds.as_ref().is_none_or(|meant| found(meant) || (hits.len() == HITS_MAX && !query.contains('@'))), "{query:?} finds no {finds:?}");
    }
    let mut typed: Vec<String> = queries
        .iter()
        .flat_map(|(query, _)| {
            query.char_indices().skip(1).map(|(end, _)| &query[..end]).chain([query.as_str()]).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    typed.extend(('a'..='z').map(String::from));
    typed.extend(('a'..='z').flat_map(|one| "aehimor".chars().map(move |two| format!("{one}{two}"))));
    let mut slowest = (Duration::ZERO, String::new());
    let mut times = time(&typed, |typed| {
        let started = Instant::now();
        desk.find(typed).unwrap();
        slowest = std::mem::take(&mut slowest).max((started.elapsed(), typed.clone()));
    });
    let what = format!("search as you type, {} prefixes", typed.len());
    table.times(&what, &mut times, Some(Duration::from_millis(1)), Some(Duration::from_millis(10)));
    table.say("  the slowest", &format!("{:.1?} {:?}", slowest.0, slowest.1));
}

fn redeem(folder: &Path, codes: &[(i64, String)], table: &mut Table) {
    let mut desk = Desk::open(folder).unwrap();
    let mut file = File::create(folder.join("sync")).unwrap();
    let block = [7; 4096];
    let (mut syncs, mut sales) = (Vec::new(), Vec::new());
    // A shop that is kept has seen the customers of the run before.
    let run = Utc::now().timestamp();
    // One after the other, so that both see the same disk.
    for (n, (_, code)) in codes.iter().take(SALES).enumerate() {
        let started = Instant::now();
        file.write_all(&block).unwrap();
        file.sync_data().unwrap();
        syncs.push(started.elapsed());
        let ask = RedeemAsk {
            op: Uuid::now_v7().to_string(),
            code: code.clone(),
            order: Amount(4990),
            currency: None,
            customer: Customer { email: Some(format!("mia{run}.{n}@brandt.example")), phone: None, ..customer(n) },
            reference: None,
            override_by: None,
            no_contact: false,
        };
        let started = Instant::now();
        assert!(desk.redeem(&ask).unwrap().redemption.is_some());
        sales.push(started.elapsed());
        // As the window does: after the confirmation.
        desk.tidy();
    }
    let floor = percentile(&mut syncs, 50);
    table.times("this disk: 4 KiB and fdatasync", &mut syncs, None, None);
    table.times("redeem", &mut sales, Some(floor.mul_f64(1.5)), None);
    let verified = Instant::now();
    assert!(desk.verify().unwrap().ok);
    table.say("verify", &format!("{:.1?}", verified.elapsed()));
}

fn customer(n: usize) -> Customer {
    Customer { name: Some("Mia Brandt".into()), email: Some(format!("mia{n}@brandt.example")), phone: Some(format!("020 7946 {n:04}")) }
}

/// Numbers that are the same in every run: splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below.max(1)
    }

    /// One of these, the first ones far more often, as with real names: the n-th about as often as 1/n.
    fn heavy<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        let at = (from.len() as f64 + 1.0).powf(share) as usize;
        &from[(at - 1).min(from.len() - 1)]
    }
}

const FIRST: &str = "Maria Anna James Mary John Michael Sarah David Emma Mohammed Ali Fatima Peter Thomas Laura Julia Lena Lukas Paul Sofia Olivia Noah Leo \
    Mia Ella Amelia George Arthur Harry Oliver Jack Charlie Oscar William Henry Grace Isla Ava Lily Freya Ivy Florence Rosie Daisy Jane Ruth Helen \
    Susan Karen Linda Patricia Barbara Elizabeth Jennifer Margaret Dorothy Lisa Nancy Betty Sandra Ashley Kimberly Donna Emily Michelle Carol Amanda \
    Melissa Deborah Stephanie Rebecca Sharon Cynthia Kathleen Amy Angela Shirley Brenda Pamela Nicole Samantha Katherine Christine Debra Rachel \
    Carolyn Janet Catherine Heather Diane Virginia Joyce Victoria Kelly Christina Joan Evelyn Judith Megan Andrea Cheryl Hannah Jacqueline Martha \
    Robert Richard Joseph Charles Christopher Daniel Matthew Anthony Mark Donald Steven Andrew Kenneth Joshua Kevin Brian Edward Ronald Timothy Jason \
    Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Raymond Gregory Frank Alexander Patrick Dennis \
    Jerry Tyler Aaron Jose Adam Nathan Douglas Zachary Kyle Walter Ethan Jeremy Harold Keith Christian Roger Noel Jörg Jürgen Björn Günther Käthe \
    Änne Özlem Ömer Çem Şeyma Ayşe Mehmet Mustafa Zeynep Elif Emre Burak Deniz Can Siobhán Seán Aoife Niamh Oisín Ciarán Róisín Pádraig Zoë Chloé \
    André José María Lucía Íñigo Núria Jordi Begoña Iván Álvaro Raúl Inés João Gonçalo Beatriz Mariana Tiago Rui Inês Giulia Francesca Matteo Luca \
    Alessandro Chiara Giorgia Niccolò Åsa Øyvind Søren Bjørn Astrid Ingrid Sigrún Þóra Łukasz Paweł Małgorzata Zofia Wojciech Agnieszka Jiří Ondřej \
    Zdeněk Věra Živa Željko Đorđe Nikola Miloš Ana Ивана Иван Пётр Ольга Елена Дмитрий Анна Наталья Γιώργος Μαρία Ελένη Νίκος 李 王 张 刘 陈 明 小龍 \
    Wei Li Ming Hui Yuki Haruto Sakura Hiroshi Kenji Aiko Minh Thanh Linh Nguyen Huong Min-jun Seo-yeon Ji-woo Priya Arjun Rahul Ananya Deepak Sunita \
    Ravi Neha Vikram Lakshmi Aarav Diya Kofi Ama Kwame Abena Chinedu Ngozi Oluwaseun Adaeze Amara Zainab Aisha Omar Yusuf Khadija Ibrahim Layla \
    Hassan Noor Karim Amina Tariq Salma Bilal Mariam Idris";

const LAST: &str = "Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright Walker White Edwards Hughes \
    Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward Morris Moore Clark Lee King Baker Harrison Morgan Allen James \
    Scott Phillips Watson Davis Parker Price Bennett Young Griffiths Mitchell Kelly Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox \
    Khan Richards Marshall Anderson Simpson Ellis Adams Singh Begum Wilkinson Foster Chapman Powell Webb Rogers Gray Mason Ali Hunt Hussain Campbell \
    Matthews Owen Palmer Holmes Mills Barnes Knight Lloyd Butler Russell Barker Fisher Stevens Jenkins Murray Dixon Harvey Müller Schmidt Schneider \
    Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Krüger Groß Weiß \
    Lefèvre Dubois Moreau Laurent Simon Michel García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Núñez Peña Silva Santos Ferreira \
    Pereira Oliveira Costa Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Zieliński \
    Novák Svoboda Dvořák Horvat Kovač Popović Jovanović Yılmaz Kaya Demir Şahin Çelik Öztürk Hansen Johansen Olsen Larsen Andersen Nielsen Lindström \
    Jónsdóttir O'Neill O'Brien McDonald MacLeod Kaur Sharma Gupta Kumar Reddy Iyer Nair Okafor Mensah Diallo Traoré Haddad Aziz Rahman Chowdhury \
    Nguyễn Trần Phạm Kim Park Choi Tanaka Suzuki Sato Yamamoto Петрова Иванов Смирнов Кузнецова Παπαδόπουλος Wang Zhang Chen Liu Yang Huang";

/// Real last names first, then some thousand rarer ones, composed as places and patronyms were.
fn last_names() -> Vec<String> {
    let mut names: Vec<String> = LAST.split_whitespace().map(str::to_owned).collect();
    let starts = "Ash Beck Black Bough Brad Bram Bran Brook Burn Cald Carl Chad Clay Cran Crof Dal Darl Den Dray Dun East Eck El Fair Farn Fen Garn Glen Gold \
        Graf Had Ham Hart Has Hazel Hin Hol Horn Kel Kemp Kirk Lang Lind Lock Long Mar Mel Mid Mor Nor Oak Oden Pem Pres Rad Red Rich Roth Row Rush Sal \
        Sand Shel Sher Stan Stein Stock Strat Sut Thorn Wal Wes Whit Wil Win Wol Wood York";
    let ends = "acre bach bank berg berry borough bourne brook burg bury by combe cott croft dale den don dorf er feld field ford gate grave ham hardt hauser \
        hill holm hurst ington lake land lee ley low man mann mark mere mont more ner ney rich ridge row sby sen shaw side son stad stein sted stone stow \
        thal ton tree vale wald ward water way weg well wick win wood worth";
    let mut rare: Vec<String> = starts.split_whitespace().flat_map(|start| ends.split_whitespace().map(move |end| format!("{start}{end}"))).collect();
    let mut dice = Dice(3);
    for at in (1..rare.len()).rev() {
        rare.swap(at, dice.below(at as u64 + 1) as usize);
    }
    names.append(&mut rare);
    names
}

/// Writes the list; gives what people will type to find some of those in it.
fn write_list(path: &Path, rows: u64) -> Vec<Query> {
    let firsts: Vec<&str> = FIRST.split_whitespace().collect();
    let lasts = last_names();
    let mut dice = Dice(1);
    let mut out = BufWriter::new(File::create(path).unwrap());
    writeln!(out, "Name,Email,Phone").unwrap();
    let mut queries = Vec::new();
    for n in 0..rows {
        let (first, last) = (*dice.heavy(&firsts), dice.heavy(&lasts));
        let plain = |name: &str| counterfoil_core::domain::people::words(name).concat();
        let domain = ["gmail.com", "outlook.com", "yahoo.co.uk", "gmx.de", "shop.example", "icloud.com"][dice.below(6) as usize];
        let email = format!("{}.{}{n}@{domain}", plain(first), plain(last));
        // A mobile number of its own for each, as people write them; every tenth gives none.
        let number = 7_400_000_000 + (n * 97) % 100_000_000;
        let digits = number.to_string();
        let phone = match n % 10 {
            0 => String::new(),
            1..=4 => format!("0{} {}", &digits[..4], &digits[4..]),
            5..=7 => format!("+44 {} {}", &digits[..4], &digits[4..]),
            8 => format!("0044-{digits}"),
            _ => format!("(0{}) {}-{}", &digits[..4], &digits[4..7], &digits[7..]),
        };
        writeln!(out, "{first} {last},{email},{phone}").unwrap();
        if n % (rows / PEOPLE_SEARCHED as u64).max(1) == 1 {
            let meant = |query: String| (query, Some(email.clone()));
            let (mailbox, at) = email.split_once('@').unwrap();
            queries.extend([format!("{first} {last}"), last.clone(), format!("{last} {first}"), digits[6..].to_owned()].map(meant));
            queries.extend(
                [email.clone(), email.to_ascii_uppercase(), format!("{mailbox}+news@{at}"), format!("{mailbox}@elsewhere.example")].map(meant),
            );
            if !phone.is_empty() {
                // The last digit wrong, and two neighbours swapped.
                let wrong = format!("0{}{}", &digits[..9], (number + 1) % 10);
                let swapped: String = [&digits[..4], &digits[5..6], &digits[4..5], &digits[6..]].concat();
                queries.extend([meant(phone), (wrong, None), (format!("0{swapped}"), None)]);
            }
            queries.extend(
                [misspelt(last, &mut dice), format!("{} {last}", misspelt(first, &mut dice)), format!("{first} {}", misspelt(last, &mut dice))]
                    .map(|query| (query, None)),
            );
        }
    }
    out.into_inner().unwrap().sync_all().unwrap();
    queries
}

/// A letter wrong, missing, doubled, or two swapped.
fn misspelt(name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = 1 + dice.below(letters.len().saturating_sub(2) as u64) as usize;
    if at + 1 < letters.len() {
        match dice.below(4) {
            0 => letters[at] = 'e',
            1 => drop(letters.remove(at)),
            2 => letters.insert(at, letters[at]),
            _ => letters.swap(at, at + 1),
        }
    }
    letters.into_iter().collect()
}
