//! Practice: a shop of its own with made-up people, to try everything without consequences.

use std::path::Path;

use uuid::Uuid;

use super::asks::Customer;
use super::import::{ImportAsk, ImportKind};
use super::look_up::ReferrersAsk;
use super::redeem::RedeemAsk;
use super::shop::NewShop;
use super::views::{Amount, CouponDuration, CouponView, RulesView};
use super::{Desk, Result};
use crate::storage::StorageError;
use crate::storage::store::FILE;

/// The made-up people; under `.example`, with numbers reserved for fiction.
const REFERRERS: &str = include_str!("../../../../assets/practice/referrers.csv");
/// Made-up customers who bought before.
const CUSTOMERS: &str = include_str!("../../../../assets/practice/customers.csv");
/// Sales that the practice shop starts with: order in cents, first name.
const SALES: [(i64, &str); 3] = [(10_000, "Leo"), (4_850, "Sofia"), (3_175, "Tim")];

/// Opens the practice shop in this folder; makes and fills it the first time.
pub fn open(folder: &Path, language: &str) -> Result<Desk> {
    if folder.join(FILE).exists() {
        return Desk::open(folder);
    }
    let shop = NewShop {
        name: "Harbour Street Salon".to_owned(),
        currency: "EUR".to_owned(),
        timezone: None,
        country: Some("GB".to_owned()),
        language: language.to_owned(),
        campaign: Some("Spring friends".to_owned()),
        coupon: Some(CouponView { percent: Some(1500), amount: None, duration: CouponDuration::Once, months: None }),
        rules: RulesView { first_time_only: true, redemptions_max: Some(5), order_min: Some(Amount(3000)), ..RulesView::default() },
    };
    let mut desk = Desk::set_up(folder, &shop)?;
    for (kind, name, list) in [(ImportKind::Referrers, "referrers.csv", REFERRERS), (ImportKind::Customers, "customers.csv", CUSTOMERS)] {
        let path = folder.join(name);
        std::fs::write(&path, list).map_err(|source| StorageError::File { path: path.clone(), source })?;
        desk.import(&ImportAsk { path: path.display().to_string(), kind, mapping: None, dry_run: false }, &mut |_| true)?;
    }
    desk.generate_all(&mut |_| true)?;
    let everybody = ReferrersAsk { search: String::new(), without_code: false, after: None, rows_max: 100 };
    let codes: Vec<String> = desk.referrers(&everybody)?.rows.into_iter().filter_map(|row| row.code).collect();
    for ((order, name), code) in SALES.into_iter().zip(codes.iter().cloned().cycle()) {
        let customer = Customer { name: Some(name.to_owned()), email: Some(format!("{}@practice.example", name.to_lowercase())), phone: None };
        let op = Uuid::now_v7().to_string();
        desk.redeem(&RedeemAsk { op, code, order: Amount(order), currency: None, customer, reference: None, override_by: None, no_contact: false })?;
    }
    Ok(desk)
}
