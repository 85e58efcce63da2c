//! Printing cards: for whom, on what, and what comes of it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::batches::{self, NewRun};
use super::card_pages::Press;
use super::card_people::{first, whose};
use super::generate::Watch;
use super::views::Progress;
use super::{Desk, DeskError, Result, brand, handout, shop_of, spooler};
use crate::domain::brand::Brand;
use crate::domain::{card, code};
use crate::ports;
use crate::print::fonts::{self, Fonts};
use crate::print::layout::{Page, Placed};
use crate::print::logo::Picture;
use crate::print::pdf::{Pdf, PdfError};
use crate::print::template::{Sheet, Show, Template};
use crate::print::{qr, svg};
use crate::storage::campaigns::Shop;
use crate::storage::cards::{self, CardPerson};
use crate::storage::{StorageError, catalogue, lock};

/// So many people are looked at before somebody else may have the fonts.
const AT_ONCE: usize = 100;
/// What is printed by way of the system's viewer lies in this folder of the shop's, until the next time.
const PRINTS: &str = "prints";

/// Whoever holds it prints this shop's cards.
const LOCK: &str = "cards.lock";

/// A module of a PNG: a QR code is then some four hundred dots wide.
const QR_DOTS: u32 = 12;

/// A template as it is offered.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct TemplateView {
    /// Which.
    pub template: Template,
    /// The sheets it comes on, the usual one first.
    pub sheets: Vec<Sheet>,
    /// How many cards stand on a sheet.
    pub cards_per_sheet: u32,
    /// Width of one card.
    #[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))]
    pub width_mm: f64,
    /// Height of one card.
    #[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))]
    pub height_mm: f64,
}

/// Whose codes are printed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum People {
    /// Everybody's.
    All,
    /// Of everybody for whom no card was printed yet.
    NoCardYet,
    /// Of these people.
    These {
        /// Their ids.
        ids: Vec<String>,
    },
}

/// Print these cards.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CardsAsk {
    /// What is printed.
    pub template: Template,
    /// On which paper.
    pub sheet: Sheet,
    /// What of a code is shown.
    pub show: Show,
    /// Whose codes.
    pub people: People,
    /// Whether cards show who recommends.
    pub with_name: bool,
    /// The line above the offer, this time; none means the brand's.
    pub headline: Option<String>,
    /// The small print, this time; none means the brand's.
    pub small_print: Option<String>,
    /// Where the cards will lie.
    pub place: Option<String>,
    /// Who prints them.
    pub printed_by: Option<String>,
    /// Positions already used on a started sheet.
    pub skip: u32,
}

impl CardsAsk {
    /// These people's cards as most shops want them: on the usual sheet, with code, link and name, and in the brand's words.
    #[must_use]
    pub fn usual(template: Template, people: People) -> CardsAsk {
        CardsAsk {
            template,
            sheet: template.sheets()[0],
            show: Show::Both,
            people,
            with_name: true,
            headline: None,
            small_print: None,
            place: None,
            printed_by: None,
            skip: 0,
        }
    }
}

/// Cards as they will be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PreviewView {
    /// The first sheet, on white paper.
    pub svg: String,
    /// One card alone.
    pub card_svg: String,
    /// How many cards.
    pub cards: u32,
    /// On how many sheets.
    pub sheets: u32,
}

/// Where printed cards go.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrintTo {
    /// Into this file.
    Save {
        /// Which.
        path: String,
    },
    /// To this printer.
    Spool {
        /// Its name.
        printer: String,
    },
    /// To the system's own viewer, whose print dialog people know.
    Viewer,
}

/// What was printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PrintedView {
    /// The print run's number; none for a test.
    pub batch: Option<u32>,
    /// How many cards.
    pub cards: u32,
    /// On how many pages.
    pub pages: u32,
    /// The file, where one is left.
    pub path: Option<String>,
    /// What could not be drawn as it should be, and whose it is.
    pub troubles: Vec<String>,
}

/// A printer of this computer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PrinterView {
    /// Its name.
    pub name: String,
    /// Where things go that name no printer.
    pub default: bool,
}

/// A QR code that was drawn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct QrWritten {
    /// The code as it is shown.
    pub code: String,
    /// What the QR code says.
    pub says: String,
    /// The file.
    pub path: String,
}

/// Every template.
#[must_use]
pub fn templates() -> Vec<TemplateView> {
    let view = |template: Template| {
        let (width_mm, height_mm) = template.size();
        TemplateView { template, sheets: template.sheets().to_vec(), cards_per_sheet: template.per_sheet(), width_mm, height_mm }
    };
    Template::ALL.into_iter().map(view).collect()
}

impl Desk {
    /// Takes back what a program that ended left half printed, so that nobody counts as somebody with a card who has none.
    pub(super) fn clear_half_printed(&mut self) -> Result<()> {
        if crate::storage::batches::unfinished(self.store.reader())?.is_empty() {
            return Ok(());
        }
        // Somebody who holds it prints right now.
        let Some(_lock) = lock::hold(&self.folder, LOCK)? else { return Ok(()) };
        let now = self.now();
        self.store.write(|tx| batches::drop_unfinished(tx, &shop_of(tx)?, now))
    }

    /// How the cards will look. Of everybody, only those on the first sheet are read.
    pub fn preview_cards(&self, ask: &CardsAsk) -> Result<PreviewView> {
        let ask = &sound(ask)?;
        let (shop, brand, (people, cards)) = self.asked_for(|connection, shop| first(connection, shop, ask))?;
        let mut press = Press::new(&shop, &brand, ask)?;
        let (first, all) = press.places();
        let sheets = if cards == 0 { 0 } else { 1 + cards.saturating_sub(first).div_ceil(all) };
        let unseen = PreviewView { svg: String::new(), card_svg: String::new(), cards, sheets };
        let Some(people) = press.sheets(&people).next() else {
            return Ok(unseen);
        };
        let mut fonts = fonts::shared();
        let logo = brand::view(&brand, press.language).logo;
        match press.page(&mut fonts, people, true) {
            Ok(page) => Ok(PreviewView {
                svg: svg::page(&fonts, &page, logo.as_deref(), "p"),
                card_svg: svg::page(&fonts, &alone(&page), logo.as_deref(), "c"),
                ..unseen
            }),
            // The troubles say whose it is; there is nothing to be seen.
            Err(DeskError::TooDense { .. }) => Ok(unseen),
            Err(error) => Err(error),
        }
    }

    /// What can't be on these cards as it should be, and whose it is. Looks at everybody, for as long as `watch` wishes.
    pub fn card_troubles(&self, ask: &CardsAsk, watch: Watch<'_>) -> Result<Vec<String>> {
        let ask = &sound(ask)?;
        let (shop, brand, people) = self.asked_for(|connection, shop| whose(connection, shop, ask))?;
        let mut press = Press::new(&shop, &brand, ask)?;
        let (people, left_out) = press.leave_out(people);
        let mut troubles = press.troubles_of_words(&mut fonts::shared(), &people);
        troubles.extend(left_out);
        let (mut done, total) = (0, Some(people.len() as u32));
        for some in people.chunks(AT_ONCE) {
            if !watch(Progress { done, total }) {
                return Err(StorageError::Cancelled.into());
            }
            troubles.extend(press.troubles_of(&mut fonts::shared(), some));
            done += some.len() as u32;
        }
        Ok(press.few(troubles))
    }

    /// Prints cards. Codes that do not exist yet are generated. What can't be written or is cancelled is no print run.
    pub fn print_cards(&mut self, ask: &CardsAsk, to: &PrintTo, watch: Watch<'_>) -> Result<PrintedView> {
        let ask = &sound(ask)?;
        let _lock = lock::hold(&self.folder, LOCK)?.ok_or(DeskError::CardsRunning)?;
        let target = self.target(to, "cards.pdf")?;
        let now = self.now();
        let (shop, brand) = self.store.read(|connection| Ok::<_, DeskError>((shop_of(connection)?, crate::storage::brand::brand(connection)?)))?;
        // A sheet or logo that can't be is said before any code is made, and the logo drawn before the database is held.
        let mut press = Press::new(&shop, &brand, ask)?;
        let entropy = self.entropy.as_mut();
        let (people, left_out, batch) = self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let (mut people, left_out) = press.leave_out(whose(tx, &shop, ask)?);
            for person in people.iter_mut().filter(|person| person.code.is_none()) {
                let code = handout::code_to_show(tx, entropy, &shop, person.referrer_n, now)?;
                person.code = Some(cards::CardCode { n: code.n, text: code.text, terms: code.known.terms });
            }
            if people.is_empty() {
                return Err(DeskError::NothingToPrint);
            }
            let (place, printed_by) = (ask.place.as_deref(), ask.printed_by.as_deref());
            let run = NewRun { template: ask.template.name(), sheet: ask.sheet.name(), show: ask.show.name(), place, printed_by };
            let codes: Vec<i64> = people.iter().filter_map(|person| Some(person.code.as_ref()?.n)).collect();
            let batch = batches::open_run(tx, &shop, &run, &codes, now)?;
            Ok::<_, DeskError>((people, left_out, batch))
        })?;
        let mut fonts = Fonts::new();
        press.batch = Some(batch);
        let troubles = press.troubles(&mut fonts, &people, left_out);
        let done = draw(&mut press, &mut fonts, &people, &target.path, watch).and_then(|pages| {
            target.hand_over(&shop, ask)?;
            Ok(pages)
        });
        match done.and_then(|pages| self.store.write(|tx| Ok(crate::storage::batches::on_paper(tx, batch)?)).map(|()| pages)) {
            Ok(pages) => Ok(PrintedView { batch: Some(batch), cards: people.len() as u32, pages, path: target.left(), troubles }),
            Err(error) => {
                target.take_back();
                self.store.write(|tx| batches::drop_run(tx, &shop, batch, now))?;
                Err(error)
            }
        }
    }

    /// Prints one sheet to look at. It is no print run, and nobody got a card by it.
    pub fn test_sheet(&self, ask: &CardsAsk, to: &PrintTo) -> Result<PrintedView> {
        let ask = &sound(ask)?;
        let target = self.target(to, "test.pdf")?;
        let (shop, brand, (people, _)) = self.asked_for(|connection, shop| first(connection, shop, ask))?;
        let mut press = Press::new(&shop, &brand, ask)?;
        press.test = true;
        let people = press.sheets(&people).next().ok_or(DeskError::NothingToPrint)?;
        let mut fonts = Fonts::new();
        let troubles = press.troubles(&mut fonts, people, Vec::new());
        let done = draw(&mut press, &mut fonts, people, &target.path, &mut |_| true).and_then(|pages| {
            target.hand_over(&shop, ask)?;
            Ok(pages)
        });
        if done.is_err() {
            target.take_back();
        }
        Ok(PrintedView { batch: None, cards: people.len() as u32, pages: done?, path: target.left(), troubles })
    }

    /// Draws a code's QR code into an `.svg` or `.png` file.
    pub fn write_qr(&self, typed: &str, path: &Path) -> Result<QrWritten> {
        self.not_among_the_records(path)?;
        let shop = self.shop()?;
        let key = code::key(&card::read(typed).code);
        let code = catalogue::meant(self.store.reader(), &shop.campaign, &key, None)?.ok_or(DeskError::NotFound("code"))?;
        let says = card::qr_text(code.referrer.link.as_deref(), &code.text, None);
        let kind = path.extension().map(|kind| kind.to_string_lossy().to_ascii_lowercase());
        let drawn = match kind.as_deref() {
            Some("svg") => qr::svg(&says).map(String::into_bytes),
            Some("png") => qr::png(&says, QR_DOTS),
            _ => return Err(DeskError::NotAPicture(path.display().to_string())),
        };
        let drawn = drawn.ok_or_else(|| DeskError::TooDense { name: code.referrer.name.clone() })?;
        std::fs::write(path, drawn).map_err(|source| unwritten(path, source))?;
        Ok(QrWritten { code: code.text, says, path: path.display().to_string() })
    }

    /// People, and how their cards look. Drawing them keeps nobody from the records.
    fn asked_for<T>(&self, people: impl FnOnce(&Connection, &Shop) -> Result<T>) -> Result<(Shop, Brand, T)> {
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let people = people(connection, &shop)?;
            Ok((shop, crate::storage::brand::brand(connection)?, people))
        })
    }

    /// Where the PDF goes, and whether it may.
    fn target<'a>(&self, to: &'a PrintTo, name: &str) -> Result<Target<'a>> {
        let folder = self.folder().join(PRINTS);
        let of_ours = || -> Result<PathBuf> {
            std::fs::create_dir_all(&folder).map_err(|source| StorageError::File { path: folder.clone(), source })?;
            let path = folder.join(name);
            // What was printed before is on paper by now, and holds people's names. A test and a run know nothing of each other.
            for old in [unfinished(&path), path.clone()] {
                let _ = std::fs::remove_file(old);
            }
            Ok(path)
        };
        match to {
            PrintTo::Save { path } => {
                let path = PathBuf::from(path);
                self.not_among_the_records(&path)?;
                Ok(Target { path, printer: None })
            }
            PrintTo::Viewer => Ok(Target { path: of_ours()?, printer: None }),
            PrintTo::Spool { printer } => {
                if !spooler::printers().iter().any(|known| known.name == *printer) {
                    return Err(DeskError::NotFound("printer"));
                }
                Ok(Target { path: of_ours()?, printer: Some(printer) })
            }
        }
    }
}

/// Somebody's card as a page of its own, to go with an e-mail: nothing that was printed, so it is of no print run.
pub(super) fn attached(shop: &Shop, brand: &Brand, people: &[CardPerson]) -> Result<ports::Pdf> {
    let ask = for_mail(brand);
    let mut press = Press::new(shop, brand, &ask)?;
    let mut fonts = fonts::shared();
    let picture = press.picture.take();
    let (pdf, _) = pages(&mut press, picture.as_ref(), &mut fonts, people, &mut |_| true)?;
    let mut bytes = Vec::new();
    pdf.write(&fonts, &mut bytes).map_err(DeskError::Pdf)?;
    Ok(ports::Pdf { name: press.language.say("card.file", &[]), bytes })
}

/// What can't be on the cards that go with e-mails as it should be, and whose it is.
pub(super) fn attached_troubles(shop: &Shop, brand: &Brand, people: &[CardPerson]) -> Result<Vec<String>> {
    let ask = for_mail(brand);
    Ok(Press::new(shop, brand, &ask)?.troubles(&mut fonts::shared(), people, Vec::new()))
}

fn for_mail(brand: &Brand) -> CardsAsk {
    CardsAsk { with_name: brand.show_name, ..CardsAsk::usual(Template::FlyerA6, People::All) }
}

/// Where a PDF goes.
struct Target<'a> {
    path: PathBuf,
    printer: Option<&'a str>,
}

impl Target<'_> {
    fn hand_over(&self, shop: &Shop, ask: &CardsAsk) -> Result<()> {
        let Some(printer) = self.printer else { return Ok(()) };
        spooler::print(printer, &shop.name, ask, &self.path)?;
        let _ = std::fs::remove_file(&self.path);
        Ok(())
    }

    fn left(&self) -> Option<String> {
        self.printer.is_none().then(|| self.path.display().to_string())
    }

    fn take_back(&self) {
        // A file that somebody chose to write over is only replaced once the new one is whole; ours may go.
        if self.printer.is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The ask with its texts as they may stand on a card.
fn sound(ask: &CardsAsk) -> Result<CardsAsk> {
    let given = |text: &Option<String>, read: fn(&str) -> Result<Option<String>>| -> Result<Option<String>> {
        // An empty small print is one that is wished away; none is the brand's.
        text.as_deref().map(|text| Ok(read(text)?.unwrap_or_default())).transpose()
    };
    let headline = given(&ask.headline, brand::headline)?.filter(|text| !text.is_empty());
    Ok(CardsAsk { headline, small_print: given(&ask.small_print, brand::small_print)?, ..ask.clone() })
}

/// Draws these people's cards. Gives how many pages they are on.
fn pages<'p>(
    press: &mut Press<'_>,
    picture: Option<&'p Picture>,
    fonts: &mut Fonts,
    people: &[CardPerson],
    watch: Watch<'_>,
) -> Result<(Pdf<'p>, u32)> {
    let title = press.language.say("card.title", &[("shop", &press.shop.name)]);
    let mut pdf = Pdf::new(&title, press.language.tag(), picture);
    let (mut pages, mut done, total) = (0, 0, people.len() as u32);
    for sheet in press.sheets(people) {
        if !watch(Progress { done, total: Some(total) }) {
            return Err(StorageError::Cancelled.into());
        }
        let page = press.page(fonts, sheet, pages == 0)?;
        pdf.page(fonts, &page);
        done += sheet.len() as u32;
        pages += 1;
    }
    Ok((pdf, pages))
}

/// Writes the PDF, whole or not at all. Gives how many pages it has.
fn draw(press: &mut Press<'_>, fonts: &mut Fonts, people: &[CardPerson], path: &Path, watch: Watch<'_>) -> Result<u32> {
    let picture = press.picture.take();
    let (pdf, pages) = pages(press, picture.as_ref(), fonts, people, watch)?;
    let unfinished = unfinished(path);
    let written = File::create(&unfinished).map_err(PdfError::Write).and_then(|mut file| {
        pdf.write(fonts, &mut file)?;
        Ok(file.sync_all()?)
    });
    let total = people.len() as u32;
    let goes_on = watch(Progress { done: total, total: Some(total) });
    let renamed = written.and_then(|()| if goes_on { Ok(std::fs::rename(&unfinished, path)?) } else { Ok(()) });
    if renamed.is_err() || !goes_on {
        let _ = std::fs::remove_file(&unfinished);
    }
    match renamed {
        Ok(()) if goes_on => Ok(pages),
        Ok(()) => Err(StorageError::Cancelled.into()),
        Err(PdfError::Write(source)) => Err(unwritten(path, source)),
        Err(error) => Err(DeskError::Pdf(error)),
    }
}

/// Where it is written until it is whole.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("pdf.part")
}

fn unwritten(path: &Path, source: io::Error) -> DeskError {
    StorageError::File { path: path.to_owned(), source }.into()
}

/// The first card of a page by itself.
fn alone(page: &Page) -> Page {
    let cards: Vec<Placed> = page.cards.iter().find(|card| !card.turned).map(|card| Placed { x: 0.0, y: 0.0, ..card.clone() }).into_iter().collect();
    let (width, height) = cards.first().map_or((page.width, page.height), |card| (card.width, card.height));
    Page { width, height, cards, marks: Vec::new() }
}
