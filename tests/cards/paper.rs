//! What a shop has in its hands: every QR code scans, and everything stands where the sheet is cut or torn.

use std::fmt::Write as _;
use std::path::Path;

use counterfoil_core::print::template::{Sheet, Show, Template};

use super::{CardsAsk, all, ask, near, paper, print, proof, said, shop};

/// What zbar reads on these pages, sorted.
fn scanned(pages: &[&Path]) -> Vec<String> {
    let mut found: Vec<String> = said("zbarimg", &["--raw", "--quiet", "-Sdisable", "-Sqrcode.enable"], pages).lines().map(str::to_owned).collect();
    found.sort();
    found
}

#[test]
fn every_qr_code_of_a_thousand_cards_says_exactly_its_code_and_batch() {
    let mut shop = shop();
    let mut list = String::from("Name,Email,Link\n");
    for n in 0..1_000 {
        let link = if n % 3 == 0 { format!("https://harbour.example/r/{n}?via=card&lang=de#start") } else { String::new() };
        writeln!(list, "Person {n},p{n}@people.example,{link}").unwrap();
    }
    assert_eq!(shop.import("people.csv", &list).added, 1_000);
    let (printed, pdf) = print(&mut shop, &ask(Template::BusinessCard));
    assert_eq!((printed.batch, printed.cards, printed.pages, printed.troubles.len()), (Some(1), 1_000, 100, 0));
    let folder = shop.path().to_owned();
    // Two at a time, which is what the smallest machines have.
    let read: Vec<String> = std::thread::scope(|scope| {
        let halves = [(1, 50), (51, 100)].map(|(first, last)| {
            let (pdf, folder) = (&pdf, &folder);
            scope.spawn(move || {
                let mut read = Vec::new();
                for from in (first..=last).step_by(10) {
                    let part = folder.join(format!("part{from}"));
                    std::fs::create_dir(&part).unwrap();
                    said("pdftoppm", &["-gray", "-r", "300", "-f", &from.to_string(), "-l", &(from + 9).to_string()], &[pdf, &part.join("page")]);
                    let pages: Vec<_> = std::fs::read_dir(&part).unwrap().map(|page| page.unwrap().path()).collect();
                    assert_eq!(pages.len(), 10);
                    read.extend(scanned(&pages.iter().map(|page| page.as_path()).collect::<Vec<_>>()));
                    std::fs::remove_dir_all(&part).unwrap();
                }
                read
            })
        });
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let mut read = read;
    read.sort();
    // What they must say comes from the table of codes and the contract of the link, not from what was drawn.
    let behind = shop.behind();
    let mut statement = behind.prepare("SELECT text, link FROM referral_code JOIN referrer ON referrer.n = referrer_n").unwrap();
    let mut expected: Vec<String> = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)))
        .unwrap()
        .map(|row| match row.unwrap() {
            (code, Some(link)) => link.replace("#start", &format!("&code={code}&batch=1#start")),
            (code, None) => format!("counterfoil:{code}?batch=1"),
        })
        .collect();
    expected.sort();
    assert_eq!(read, expected);
}

/// odoo/odoo PR#242469: printed bars were too narrow to scan.
#[test]
fn every_template_scans() {
    let mut shop = shop();
    shop.jane();
    for ask in all() {
        for show in [Show::Link, Show::Both] {
            let pdf = proof(&shop, &CardsAsk { show, ..ask.clone() });
            let page = pdf.with_extension("page");
            said("pdftoppm", &["-gray", "-singlefile", "-r", "300"], &[&pdf, &page]);
            let code = shop.desk.find("Jane").unwrap()[0].code.clone().unwrap();
            let expected = format!("counterfoil:{code}");
            let read = scanned(&[Path::new(&format!("{}.pgm", page.display()))]);
            let sides = if ask.template == Template::TableTent { 2 } else { 1 };
            assert_eq!(read, vec![expected; sides], "{:?} {show:?}", ask.template);
        }
    }
}

/// As fine as a template lets a QR code become. 500 letters is what an import keeps of a link, and all that the large ones are asked for.
#[test]
fn the_longest_link_that_a_template_takes_still_scans() {
    let mut shop = shop();
    shop.import("jane.csv", "Name,Email,Link,Code\nJane,j@x.example,https://x.example/r,JANE-10\n");
    for ask in all() {
        let ask = CardsAsk { show: Show::Both, ..ask };
        // Each link another text, so that the reader is not helped by one letter that repeats.
        let link = |chars: usize| "https://x.example/r/".chars().chain("salon-k7mq4rtx/".chars().cycle()).take(chars).collect::<String>();
        let taken = |chars: usize| {
            shop.behind().execute("UPDATE referrer SET link = ?1", [link(chars)]).unwrap();
            !shop.desk.preview_cards(&ask).unwrap().svg.is_empty()
        };
        // From 20, which all take, to 500.
        let (mut most, mut refused) = (20, 501);
        while refused - most > 1 {
            let middle = usize::midpoint(most, refused);
            if taken(middle) { most = middle } else { refused = middle }
        }
        assert!(taken(most) && most > 60, "{:?}: {most}", ask.template);
        let pdf = proof(&shop, &ask);
        let page = pdf.with_extension("page");
        said("pdftoppm", &["-gray", "-singlefile", "-r", "300"], &[&pdf, &page]);
        let read = scanned(&[Path::new(&format!("{}.pgm", page.display()))]);
        let sides = if ask.template == Template::TableTent { 2 } else { 1 };
        assert_eq!(read, vec![format!("{}?code=JANE-10", link(most)); sides], "{:?}, {most} letters", ask.template);
    }
}

/// Ten people, so that a sheet is full; or twenty-one.
fn full(template: Template) -> super::Shop {
    let mut shop = shop();
    for n in 0..template.per_sheet() {
        shop.referrer(&format!("Person {n}"), Some(&format!("p{n}@people.example")), None);
    }
    shop
}

fn middles(stretches: &[(f64, f64)]) -> Vec<f64> {
    stretches.iter().map(|(from, to)| f64::midpoint(*from, *to)).collect()
}

#[test]
fn crop_marks_stand_on_the_edges_of_85_by_55_mm() {
    let shop = full(Template::BusinessCard);
    // Two columns of 85 mm with 10 mm between them and five rows of 55 mm, in the middle of the sheet.
    for (sheet, width, height, from_above) in [(Sheet::A4, 210.0, 297.0, 4.0), (Sheet::Letter, 215.9, 279.4, 0.9)] {
        let page = paper(&proof(&shop, &CardsAsk { sheet, ..ask(Template::BusinessCard) }), 1, 600);
        let (left, top) = ((width - 180.0) / 2.0, (height - 275.0) / 2.0);
        near(&middles(&page.across(from_above)), &[left, left + 85.0, left + 95.0, left + 180.0]);
        near(&middles(&page.across(height - from_above)), &[left, left + 85.0, left + 95.0, left + 180.0]);
        let rows: Vec<f64> = (0..=5).map(|row| top + 55.0 * f64::from(row)).collect();
        near(&middles(&page.down(left - 6.0)), &rows);
        near(&middles(&page.down(left + 186.0)), &rows);
    }
}

#[test]
fn perforated_sheets_are_met_within_a_tenth_of_a_millimetre() {
    // Avery 5371: 0.75 inches from the left, 0.5 from above, cards of 3.5 × 2 inches without space between them. The stub ends at the edge.
    let page = paper(&proof(&full(Template::Perforated5371), &ask(Template::Perforated5371)), 1, 600);
    let inch = 25.4;
    let stubs = page.across(0.5 * inch + 1.0);
    near(&stubs.iter().map(|(_, to)| *to).collect::<Vec<_>>(), &[4.25 * inch, 7.75 * inch]);
    let edge = page.down(4.25 * inch - 1.0);
    near(&[edge[0].0, edge[0].1], &[0.5 * inch, 10.5 * inch]);

    // Avery C32011: 15 mm from the left, 13.5 from above, cards of 85 × 54 mm, 95 mm from column to column. Ink goes 2 mm over the edge.
    let page = paper(&proof(&full(Template::PerforatedC32011), &ask(Template::PerforatedC32011)), 1, 600);
    let stubs = page.across(13.5 + 1.0);
    near(&stubs.iter().map(|(_, to)| *to).collect::<Vec<_>>(), &[15.0 + 85.0 + 2.0, 15.0 + 95.0 + 85.0 + 2.0]);
    let edge = page.down(15.0 + 85.0 - 1.0);
    near(&[edge[0].0, edge[0].1], &[13.5 - 2.0, 13.5 + 5.0 * 54.0 + 2.0]);

    // Avery L7160: 7.21 mm from the left, 15.15 from above, labels of 63.5 × 38.1 mm, 66.04 mm from column to column. The shop's name
    // begins 3 mm from both edges; its first letter is an H, whose stem tells both.
    let page = paper(&proof(&full(Template::LabelL7160), &ask(Template::LabelL7160)), 1, 600);
    let (mut tops, mut lefts) = (Vec::new(), Vec::new());
    for row in 0..7 {
        let y = 15.15 + 38.1 * f64::from(row);
        // The middle of the H's stem, a little right of where it begins.
        let stem = page.down(7.21 + 3.0 + 0.4);
        tops.push(stem.iter().map(|(from, _)| *from).find(|from| *from > y).unwrap());
    }
    for column in 0..3 {
        let x = 7.21 + 66.04 * f64::from(column);
        let line = page.across(15.15 + 3.0 + 0.4);
        lefts.push(line.iter().map(|(from, _)| *from).find(|from| *from > x).unwrap());
    }
    near(&tops, &(0..7).map(|row| 15.15 + 38.1 * f64::from(row) + 3.0).collect::<Vec<_>>());
    // A letter begins a little right of where it stands: the same little for all.
    let bearing = lefts[0] - (7.21 + 3.0);
    assert!((0.0..0.35).contains(&bearing), "{bearing}");
    near(&lefts, &(0..3).map(|column| 7.21 + 66.04 * f64::from(column) + 3.0 + bearing).collect::<Vec<_>>());
}

/// Where the shop's name begins: its first letter is an H, whose stem tells the left and upper edge of each card's message.
#[track_caller]
fn messages_stand(page: &super::Paper, columns: &[f64], rows: &[f64], pad: f64) {
    let stem = page.down(columns[0] + pad + 0.6);
    let tops: Vec<f64> = rows.iter().map(|y| stem.iter().map(|(from, _)| *from).find(|from| *from > y + pad - 0.5).unwrap()).collect();
    near(&tops, &rows.iter().map(|y| y + pad).collect::<Vec<_>>());
    let line = page.across(rows[0] + pad + 1.0);
    let lefts: Vec<f64> = columns.iter().map(|x| line.iter().map(|(from, _)| *from).find(|from| *from > x + pad - 0.5).unwrap()).collect();
    // A letter begins a little right of where it stands: the same little for all.
    let bearing = lefts[0] - (columns[0] + pad);
    assert!((0.0..0.6).contains(&bearing), "{bearing}");
    near(&lefts, &columns.iter().map(|x| x + pad + bearing).collect::<Vec<_>>());
}

#[test]
fn every_card_of_a_sheet_stands_where_its_marks_or_its_perforation_are() {
    let inch = 25.4;
    let rows = |top: f64, step: f64| (0..5).map(|row| top + step * f64::from(row)).collect::<Vec<_>>();
    let c32011 = paper(&proof(&full(Template::PerforatedC32011), &ask(Template::PerforatedC32011)), 1, 600);
    messages_stand(&c32011, &[15.0, 110.0], &rows(13.5, 54.0), 5.0);
    let of_5371 = paper(&proof(&full(Template::Perforated5371), &ask(Template::Perforated5371)), 1, 600);
    messages_stand(&of_5371, &[0.75 * inch, 4.25 * inch], &rows(0.5 * inch, 2.0 * inch), 4.6);
    for (sheet, width, height, bleed) in [(Sheet::A4, 210.0, 297.0, 3.0), (Sheet::Letter, 215.9, 279.4, 0.88)] {
        let page = paper(&proof(&full(Template::BusinessCard), &CardsAsk { sheet, ..ask(Template::BusinessCard) }), 1, 600);
        let (left, top) = ((width - 180.0) / 2.0, (height - 275.0) / 2.0);
        messages_stand(&page, &[left, left + 95.0], &rows(top, 55.0), 5.0);
        // The coloured end: sideways 3 mm over the edge, where the neighbour is 10 mm away; above and below as far as the paper lets it.
        let ends: Vec<f64> = page.across(top + 1.0).iter().map(|(_, to)| *to).collect();
        near(&ends, &[left + 85.0 + 3.0, left + 180.0 + 3.0]);
        let edge = page.down(left + 85.0 - 1.0);
        let column = edge.iter().find(|(from, to)| to - from > 200.0).unwrap();
        near(&[column.0, column.1], &[top - bleed, top + 275.0 + bleed]);
    }
}

#[test]
fn a_tent_is_folded_in_its_middle_and_cut_around_its_panels() {
    let shop = full(Template::TableTent);
    for (sheet, width, height) in [(Sheet::A4, 210.0, 297.0), (Sheet::Letter, 215.9, 279.4)] {
        let page = paper(&proof(&shop, &CardsAsk { sheet, ..ask(Template::TableTent) }), 1, 600);
        // Two panels of 148 by 105 mm, head to head, in the middle of the sheet.
        let (left, top) = ((width - 148.0) / 2.0, (height - 210.0) / 2.0);
        near(&middles(&page.across(top - 4.0)), &[left, left + 148.0]);
        near(&middles(&page.across(top + 214.0)), &[left, left + 148.0]);
        // The fold's mark is lighter than those for the knife.
        near(&middles(&page.down(left - 6.0)), &[top, top + 210.0]);
        near(&middles(&page.down_lighter(left - 6.0)), &[top, top + 105.0, top + 210.0]);
        // The upper panel stands on its head: its coloured end is at the left, the lower one's at the right; they meet at the fold.
        let (upper, lower) = (page.down(left + 1.0), page.down(left + 147.0));
        near(&[upper[0].0, upper[0].1, lower[0].0, lower[0].1], &[top, top + 105.0, top + 105.0, top + 210.0]);
    }
}

#[test]
fn every_page_has_its_papers_size_and_every_font_is_embedded_in_part() {
    let (a4, letter) = ([210.0, 297.0], [215.9, 279.4]);
    for ask in all() {
        let shop = full(ask.template);
        let pdf = proof(&shop, &ask);
        let info = said("pdfinfo", &[], &[&pdf]);
        let size = info.lines().find_map(|line| line.strip_prefix("Page size:")).unwrap();
        let measured: Vec<f64> =
            size.split_whitespace().filter_map(|word| word.parse::<f64>().ok()).take(2).map(|points| points / 72.0 * 25.4).collect();
        let paper = match (ask.template, ask.sheet) {
            (Template::FlyerA6, _) => [105.0, 148.0],
            (Template::Label62, _) => [62.0, 40.0],
            (_, Sheet::Letter) => letter,
            _ => a4,
        };
        near(&measured, &paper);
        said("qpdf", &["--check"], &[&pdf]);
        let fonts = said("pdffonts", &[], &[&pdf]);
        assert!(fonts.lines().count() >= 2 + 3, "{:?}\n{fonts}", ask.template);
        assert!(fonts.lines().skip(2).all(|font| font.contains("yes yes yes")), "{:?}\n{fonts}", ask.template);
    }
}
