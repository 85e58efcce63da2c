//! Cards on paper, looked at by programs that are not ours: poppler draws, zbar scans, qpdf checks.

mod logos;
mod pages;
mod paper;
mod pictures;
mod room;
mod runs;

use std::path::{Path, PathBuf};

use counterfoil_core::desk::cards::{CardsAsk, People, PrintTo, PrintedView};
use counterfoil_core::desk::views::RulesView;
use counterfoil_core::print::template::{Sheet, Template};

use crate::support::{Shop, new_shop};

/// 15 % off the first order, until the end of 2027.
fn shop() -> Shop {
    let rules = RulesView { first_time_only: true, expires: Some("2027-12-31".into()), ..RulesView::default() };
    Shop::with(&counterfoil_core::desk::shop::NewShop { rules, ..new_shop() })
}

/// Everybody's cards on the usual sheet.
fn ask(template: Template) -> CardsAsk {
    CardsAsk::usual(template, People::All)
}

/// Prints into the shop's folder.
#[track_caller]
fn print(shop: &mut Shop, ask: &CardsAsk) -> (PrintedView, PathBuf) {
    let path = shop.path().join(format!("{}-{}.pdf", ask.template.name(), ask.sheet.name()));
    let to = PrintTo::Save { path: path.display().to_string() };
    (shop.desk.print_cards(ask, &to, &mut |_| true).unwrap(), path)
}

/// The same without a print run.
#[track_caller]
fn proof(shop: &Shop, ask: &CardsAsk) -> PathBuf {
    let path = shop.path().join("proof.pdf");
    shop.desk.test_sheet(ask, &PrintTo::Save { path: path.display().to_string() }).unwrap();
    path
}

/// What a program says on its standard output, once it is content.
#[track_caller]
fn said(program: &str, arguments: &[&str], files: &[&Path]) -> String {
    let done = std::process::Command::new(program).args(arguments).args(files).output();
    let done = done.unwrap_or_else(|error| panic!("{program}: {error}; .ci/setup test installs it"));
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{program}: {text}{}", String::from_utf8_lossy(&done.stderr));
    text
}

/// A page in shades of grey.
pub(crate) struct Paper {
    width: usize,
    dots: Vec<u8>,
    dots_per_mm: f64,
}

/// Draws a page as a printer would.
pub(crate) fn paper(pdf: &Path, page: u32, dpi: u32) -> Paper {
    let page = page.to_string();
    let out = pdf.with_extension("drawn");
    said("pdftoppm", &["-gray", "-singlefile", "-r", &dpi.to_string(), "-f", &page], &[pdf, &out]);
    let file = std::fs::read(out.with_extension("drawn.pgm")).or_else(|_| std::fs::read(format!("{}.pgm", out.display()))).unwrap();
    // Kind, width, height and white, each ended by one space or line.
    let mut words = file.splitn(5, |byte| byte.is_ascii_whitespace());
    let mut number = || std::str::from_utf8(words.next().unwrap()).unwrap().parse::<usize>();
    assert!(number().is_err());
    let (width, height, white) = (number().unwrap(), number().unwrap(), number().unwrap());
    let dots = words.next().unwrap().to_vec();
    assert_eq!((white, dots.len()), (255, width * height));
    Paper { width, dots, dots_per_mm: f64::from(dpi) / 25.4 }
}

impl Paper {
    /// Whether there is paper at this height.
    pub(crate) fn has(&self, y: f64) -> bool {
        (y * self.dots_per_mm) as usize * self.width < self.dots.len()
    }

    /// Where ink is along a line across the paper at this height: the middle of each stretch, in millimetres.
    pub(crate) fn across(&self, y: f64) -> Vec<(f64, f64)> {
        let row = (y * self.dots_per_mm) as usize;
        self.stretches(self.dots[row * self.width..][..self.width].iter().copied())
    }

    /// The same along a line down the paper.
    pub(crate) fn down(&self, x: f64) -> Vec<(f64, f64)> {
        let column = (x * self.dots_per_mm) as usize;
        self.stretches(self.dots.iter().copied().skip(column).step_by(self.width))
    }

    /// The same with ink that is only a grey.
    fn down_lighter(&self, x: f64) -> Vec<(f64, f64)> {
        let column = (x * self.dots_per_mm) as usize;
        self.stretches(self.dots.iter().skip(column).step_by(self.width).map(|dot| if *dot < 220 { 0 } else { 255 }))
    }

    fn stretches(&self, dots: impl Iterator<Item = u8>) -> Vec<(f64, f64)> {
        let dark: Vec<bool> = dots.map(|dot| dot < 160).collect();
        let mut at = 0;
        let mut found = Vec::new();
        for stretch in dark.chunk_by(|a, b| a == b) {
            if stretch[0] {
                found.push((at as f64 / self.dots_per_mm, (at + stretch.len()) as f64 / self.dots_per_mm));
            }
            at += stretch.len();
        }
        found
    }
}

#[track_caller]
fn near(measured: &[f64], published: &[f64]) {
    assert_eq!(measured.len(), published.len(), "{measured:.2?} instead of {published:.2?}");
    for (measured, published) in measured.iter().zip(published) {
        assert!((measured - published).abs() <= 0.1, "{measured:.3} instead of {published:.3}");
    }
}

/// The usual sheet of every template, and Letter for business cards.
fn all() -> Vec<CardsAsk> {
    let mut all: Vec<CardsAsk> = Template::ALL.into_iter().map(ask).collect();
    all.push(CardsAsk { sheet: Sheet::Letter, ..ask(Template::BusinessCard) });
    all
}
