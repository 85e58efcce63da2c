//! Lists for other programs: CSV whose cells no spreadsheet takes for formulas.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use rusqlite::Connection;
use serde::Deserialize;

use super::generate::Watch;
use super::redeem::view;
use super::views::{LeadRow, Progress, moment};
use super::{Desk, DeskError, Result, shop_of};
use crate::domain::money::Money;
use crate::sheets::SheetWriter;
use crate::storage::campaigns::Shop;
use crate::storage::leads::{self, Show};
use crate::storage::{StorageError, catalogue, ledger};

/// Which list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// People who recommend, with their codes.
    Referrers,
    /// People who were recommended.
    Leads,
    /// Sales with a code.
    Redemptions,
}

const PAGE_ROWS: u32 = 1_000;

impl Desk {
    /// Writes a list to a file, complete or not at all. Returns how many rows it has. Cancelled, it leaves what was there before.
    pub fn export(&self, list: List, path: &Path, watch: Watch<'_>) -> Result<u32> {
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let total = match list {
                List::Referrers => catalogue::totals(connection, &shop.campaign)?.0,
                List::Leads => leads::count(connection, Show::All, "")?,
                List::Redemptions => ledger::count(connection)?,
            };
            let told = &mut |done| watch(Progress { done, total: Some(total) });
            match list {
                List::Referrers => self.save(
                    path,
                    SheetWriter::new,
                    &["Name", "Email", "Phone", "Code", "Link", "Leads", "Added"],
                    &mut referrers(connection, &shop),
                    told,
                ),
                List::Leads => self.save(
                    path,
                    SheetWriter::new,
                    &["Id", "Name", "Email", "Phone", "State", "Referrer", "Spent", "Currency", "Source", "Note", "Call back", "Recorded"],
                    &mut all_leads(connection, &shop),
                    told,
                ),
                List::Redemptions => self.save(
                    path,
                    SheetWriter::new,
                    &[
                        "Id",
                        "Recorded",
                        "Code",
                        "Referrer",
                        "Customer",
                        "Order",
                        "Discount",
                        "Paid",
                        "Refunded",
                        "Currency",
                        "State",
                        "Reference",
                        "Reason",
                        "Manager",
                        "Note",
                    ],
                    &mut redemptions(connection, &shop, self.now()),
                    told,
                ),
            }
        })
    }

    /// Writes rows to a file, complete or not at all. Returns how many there are.
    pub(super) fn save(&self, path: &Path, begin: Begin, headers: &[&str], pages: &mut Pages<'_>, told: &mut Told<'_>) -> Result<u32> {
        self.not_among_the_records(path)?;
        let unfinished = path.with_extension("csv.part");
        let done = fill(&unfinished, begin, headers, pages, told).and_then(|rows| {
            std::fs::rename(&unfinished, path).map_err(Stopped::File)?;
            Ok(rows)
        });
        done.map_err(|stopped| {
            let _ = std::fs::remove_file(&unfinished);
            match stopped {
                Stopped::File(source) => StorageError::File { path: path.to_owned(), source }.into(),
                Stopped::Storage(error) => error.into(),
            }
        })
    }
}

impl Desk {
    /// The data folder holds the shop's own databases, with their logs and copies: no list is written over one of them.
    pub(super) fn not_among_the_records(&self, path: &Path) -> Result<()> {
        let real = |path: &Path| std::fs::canonicalize(if path.as_os_str().is_empty() { Path::new(".") } else { path }).ok();
        let (target, records) = (path.parent().and_then(real), real(&self.folder));
        match (target, records) {
            (Some(target), Some(records)) if target.starts_with(&records) && names_a_database(path) => Err(DeskError::AmongTheRecords),
            _ => Ok(()),
        }
    }
}

fn names_a_database(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().to_ascii_lowercase().contains(".db"))
}

enum Stopped {
    File(io::Error),
    Storage(StorageError),
}

/// Gives the next rows of a list; none at its end.
pub(super) type Pages<'a> = dyn FnMut() -> std::result::Result<Vec<Vec<String>>, StorageError> + 'a;

/// Hears how many rows are written, and says whether to go on.
pub(super) type Told<'a> = dyn FnMut(u32) -> bool + 'a;

/// Begins a list with its headings.
pub(super) type Begin = fn(BufWriter<File>, &[&str]) -> io::Result<SheetWriter<BufWriter<File>>>;

fn fill(path: &Path, begin: Begin, headers: &[&str], pages: &mut Pages<'_>, told: &mut Told<'_>) -> std::result::Result<u32, Stopped> {
    let mut sheet = File::create(path).and_then(|file| begin(BufWriter::new(file), headers)).map_err(Stopped::File)?;
    let mut rows = 0;
    loop {
        if !told(rows) {
            return Err(Stopped::Storage(StorageError::Cancelled));
        }
        let page = pages().map_err(Stopped::Storage)?;
        if page.is_empty() {
            let out = sheet.finish().and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error));
            out.and_then(|mut out| out.flush().and_then(|()| out.sync_all())).map_err(Stopped::File)?;
            return Ok(rows);
        }
        for row in page {
            sheet.row(&row.iter().map(String::as_str).collect::<Vec<_>>()).map_err(Stopped::File)?;
            rows += 1;
        }
    }
}

fn referrers<'a>(connection: &'a Connection, shop: &'a Shop) -> impl FnMut() -> std::result::Result<Vec<Vec<String>>, StorageError> + 'a {
    let mut before = None;
    move || {
        let page = catalogue::page(connection, &shop.campaign, false, before, PAGE_ROWS)?;
        before = page.last().map(|listed| listed.referrer.n).or(before);
        let row = |listed: catalogue::Listed| {
            let catalogue::Referrer { name, email, phone, link, added, .. } = listed.referrer;
            let text = Option::unwrap_or_default;
            vec![name, text(email), text(phone), text(listed.code), text(link), listed.leads.to_string(), moment(added)]
        };
        Ok(page.into_iter().map(row).collect())
    }
}

fn all_leads<'a>(connection: &'a Connection, shop: &'a Shop) -> impl FnMut() -> std::result::Result<Vec<Vec<String>>, StorageError> + 'a {
    let mut before = None;
    let currency = shop.campaign.currency;
    move || {
        let page = leads::page(connection, Show::All, None, "", before, PAGE_ROWS)?;
        before = page.last().map(|lead| lead.n).or(before);
        let row = |lead: &leads::Lead| {
            let state = lead.state.name().to_owned();
            let LeadRow { id, name, email, phone, referrer, spent, note, call_back, at, .. } = LeadRow::from(lead);
            let text = Option::unwrap_or_default;
            let spent = Money { minor: spent.0, currency }.to_string();
            vec![
                id,
                name,
                text(email),
                text(phone),
                state,
                referrer,
                spent,
                currency.code().to_owned(),
                lead.source.clone(),
                text(note),
                text(call_back),
                at,
            ]
        };
        Ok(page.iter().map(row).collect())
    }
}

fn redemptions<'a>(
    connection: &'a Connection,
    shop: &'a Shop,
    now: chrono::DateTime<chrono::Utc>,
) -> impl FnMut() -> std::result::Result<Vec<Vec<String>>, StorageError> + 'a {
    let mut after = 0;
    move || {
        let page = ledger::page(connection, after, PAGE_ROWS)?;
        after = page.last().map_or(after, |redemption| redemption.n);
        let row = |redemption: &ledger::Redemption| {
            let stub = view(shop, redemption, now);
            let amount = |minor: super::views::Amount| Money { minor: minor.0, currency: redemption.currency }.to_string();
            let state = serde_json::to_value(stub.state).ok().and_then(|state| state.as_str().map(str::to_owned));
            let text = Option::unwrap_or_default;
            vec![
                stub.id,
                stub.at,
                stub.code,
                stub.referrer,
                text(stub.customer),
                amount(stub.order),
                amount(stub.discount),
                amount(stub.paid),
                amount(stub.refunded),
                stub.currency,
                text(state),
                text(stub.reference),
                text(stub.void_reason),
                text(stub.override_by),
                text(stub.override_note),
            ]
        };
        Ok(page.iter().map(row).collect())
    }
}
