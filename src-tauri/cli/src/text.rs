//! How answers look to people: short, aligned, and without anything that a terminal would obey.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use counterfoil_core::desk::look_up::Hit;
use counterfoil_core::desk::shop::ShopView;
use counterfoil_core::desk::views::Amount;
use counterfoil_core::domain::money::{Currency, Money};
use counterfoil_core::domain::people;
use counterfoil_core::sentences::Language;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns of a cell that shows text from people; what is longer is cut, and whole in JSON.
const CELL_COLUMNS_MAX: usize = 32;

/// How amounts and moments are read and written in this shop.
pub struct Here {
    /// What its tills count in.
    pub currency: Currency,
    /// Of its sentences.
    pub language: Language,
    zone: Tz,
}

impl Here {
    /// As this shop was set up.
    pub fn of(shop: &ShopView) -> crate::answer::Result<Here> {
        let currency = crate::answer::read(Currency::parse(&shop.currency))?;
        // The desk has read this zone from its own list.
        Ok(Here { currency, language: Language::of(&shop.language), zone: shop.timezone.parse().unwrap_or(Tz::UTC) })
    }

    /// The same shop, for a sale in this currency.
    pub fn counting_in(self, currency: Currency) -> Here {
        Here { currency, ..self }
    }

    /// An amount with its currency.
    pub fn amount(&self, amount: Amount) -> String {
        format!("{} {}", self.bare(amount), self.currency.code())
    }

    /// An amount without its currency, for columns.
    pub fn bare(&self, amount: Amount) -> String {
        self.language.amount(Money { minor: amount.0, currency: self.currency })
    }

    /// The day and time of a moment on the shop's clock.
    pub fn moment(&self, at: &str) -> String {
        self.local(at, "%Y-%m-%d %H:%M")
    }

    /// The time of a moment on the shop's clock.
    pub fn time(&self, at: &str) -> String {
        self.local(at, "%H:%M")
    }

    fn local(&self, at: &str, format: &str) -> String {
        at.parse::<DateTime<Utc>>().map_or_else(|_| at.to_owned(), |at| at.with_timezone(&self.zone).format(format).to_string())
    }
}

/// Text of people on one line, without control characters, escape sequences or marks that turn it around.
pub fn shown(text: &str) -> String {
    people::clean(text)
}

/// The same, or a dash where there is none.
pub fn or_dash(text: Option<&str>) -> String {
    text.map(shown).filter(|text| !text.is_empty()).unwrap_or_else(|| "–".to_owned())
}

/// Text that fits a cell.
fn cut(text: &str, columns: usize) -> String {
    let text = shown(text);
    if text.width() <= columns {
        return text;
    }
    let mut used = 0;
    let mut fits: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used < columns
        })
        .collect();
    fits.push('…');
    fits
}

/// Columns under their headings.
#[derive(Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    /// Which columns are numbers, written to the right.
    right: Vec<usize>,
    /// Which columns are kept whole, such as ids that are copied.
    whole: Vec<usize>,
    headed: bool,
}

impl Table {
    /// With these headings.
    pub fn new(headings: &[&str]) -> Table {
        Table { rows: vec![headings.iter().map(|&heading| heading.to_owned()).collect()], headed: true, ..Table::default() }
    }

    /// Without headings: a name and a value a line.
    pub fn plain() -> Table {
        Table::default()
    }

    /// These columns are numbers.
    pub fn right(mut self, columns: &[usize]) -> Table {
        self.right = columns.to_vec();
        self
    }

    /// These columns are never cut.
    pub fn whole(mut self, columns: &[usize]) -> Table {
        self.whole = columns.to_vec();
        self
    }

    /// Adds a line.
    pub fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(
            cells.iter().enumerate().map(|(at, cell)| if self.whole.contains(&at) { shown(cell) } else { cut(cell, CELL_COLUMNS_MAX) }).collect(),
        );
    }

    /// The lines, each moved in by two spaces but the headings' own.
    pub fn lines(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(at, cell)| {
                let space = " ".repeat(widths[at] - cell.width());
                if self.right.contains(&at) { space + cell } else { cell.clone() + &space }
            });
            format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
        };
        let mut lines: Vec<String> = self.rows.iter().map(line).collect();
        if self.headed {
            let rule: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
            lines.insert(1, format!("  {}", rule.join("  ")));
        }
        lines.join("\n")
    }
}

/// People with their codes and contacts.
pub fn people_table(hits: &[Hit]) -> String {
    let mut table = Table::new(&["Name", "Code", "E-mail", "Phone", "Id"]).whole(&[1, 4]);
    for Hit { referrer, code, .. } in hits {
        let [code, email, phone] = [code, &referrer.email, &referrer.phone].map(|text| or_dash(text.as_deref()));
        table.row([&referrer.name, &code, &email, &phone, &referrer.id]);
    }
    table.lines()
}

/// How many there are, with the right word.
pub fn count(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A stable name as people read it: `code_generated` as "code generated".
pub fn words_of(name: &impl serde::Serialize) -> String {
    serde_json::to_value(name).ok().and_then(|name| Some(name.as_str()?.replace('_', " "))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_people_is_obeyed_by_a_terminal() {
        assert_eq!(shown("Ann\u{1b}[2J\u{9b}31m \u{202e}Lee\u{7}\n"), "Ann [2J 31m Lee");
        assert_eq!(cut(&"x".repeat(10_000), 8), "xxxxxxx…");
        assert_eq!(cut("株式会社カウンターフォイル", 9), "株式会社…");
    }

    #[test]
    fn columns_stand_under_each_other_in_any_script() {
        let mut table = Table::new(&["Name", "Paid"]).right(&[1]);
        table.row(["Ann", "1.00"]);
        table.row(["株式", "100.00"]);
        assert_eq!(table.lines(), "  Name    Paid\n  ────  ──────\n  Ann     1.00\n  株式  100.00");
    }
}
