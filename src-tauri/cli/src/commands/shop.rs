//! Setting a shop up, and what its future codes carry.

use std::path::Path;

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::shop::{CampaignChange, CampaignView, NewShop};
use counterfoil_core::desk::views::{Amount, CouponDuration, CouponView, RulesView};
use counterfoil_core::domain::money::Percent;

use super::op;
use crate::answer::{Answer, Problem, Result, read};
use crate::args::{Init, RulesSet, Setting, Stretch, Switch};
use crate::text::{Here, Table, shown};

pub fn init(folder: &Path, new: Init) -> Result {
    let Init { shop, currency, timezone, country, language, campaign } = new;
    let rules = RulesView::default();
    let desk = Desk::set_up(folder, &NewShop { name: shop, currency, timezone, country, language, campaign, coupon: None, rules })?;
    let shop = desk.shop_view()?;
    let mut table = Table::plain().whole(&[1]);
    table.row(["Currency", &shop.currency]);
    table.row(["Time zone", &shop.timezone]);
    table.row(["Country", &crate::text::or_dash(shop.country.as_deref())]);
    table.row(["Campaign", &shop.campaign.name]);
    table.row(["Data", &shop.data_dir]);
    let text =
        format!("{} is set up.\n\n{}\n\nNext: foil rules set --percent 10, then foil import referrers FILE.", shown(&shop.name), table.lines());
    Ok(Answer::done(&shop, text))
}

pub fn show_rules(desk: &Desk) -> Result {
    let shop = desk.shop_view()?;
    let text = carried(&shop.campaign, &Here::of(&shop)?);
    Ok(Answer::done(&shop.campaign, text))
}

pub fn set_rules(desk: &mut Desk, change: RulesSet) -> Result {
    if change.months.is_some() && change.duration != Some(Stretch::Repeating) {
        return Err(Problem::Usage("--months goes with --duration repeating."));
    }
    let shop = desk.shop_view()?;
    let here = Here::of(&shop)?;
    let amount = |text: &str| read(here.currency.parse_amount(text)).map(|money| Amount(money.minor));
    let before = shop.campaign.rules;
    let rules = RulesView {
        first_time_only: change.first_time_only.unwrap_or(before.first_time_only),
        redemptions_max: change.max_redemptions.map_or(before.redemptions_max, |max| Option::from(max).map(std::num::NonZeroU32::get)),
        starts: change.starts.map_or(before.starts, Option::from),
        expires: change.expires.map_or(before.expires, Option::from),
        order_min: match change.min_order {
            None => before.order_min,
            Some(Setting::None) => None,
            Some(Setting::To(text)) => Some(amount(&text)?),
        },
    };
    let coupon = match (change.percent, change.amount) {
        (None, None) => change.no_coupon.then_some(None),
        (percent, off) => Some(Some(CouponView {
            // At most 10000 hundredths, which fits.
            percent: percent.map(|text| read(Percent::parse(&text))).transpose()?.and_then(|percent| u16::try_from(percent.hundredths()).ok()),
            amount: off.as_deref().map(amount).transpose()?,
            duration: match change.duration {
                None | Some(Stretch::Once) => CouponDuration::Once,
                Some(Stretch::Forever) => CouponDuration::Forever,
                Some(Stretch::Repeating) => CouponDuration::Repeating,
            },
            months: change.months,
        })),
    };
    let qualify_on_use = change.qualify_on_use.map(|switch| switch == Switch::On);
    let campaign = desk.set_campaign(&CampaignChange { op: op(None), rules: Some(rules), coupon, qualify_on_use })?;
    let text = carried(&campaign, &here);
    Ok(Answer::done(&campaign, text))
}

/// What future codes of a campaign carry.
fn carried(campaign: &CampaignView, here: &Here) -> String {
    let coupon = campaign.coupon.as_ref().map_or_else(|| "none".to_owned(), |coupon| off(coupon, here));
    let counts = if campaign.qualify_on_use { "when they use a code" } else { "when a manager says so" };
    let mut table = Table::plain().whole(&[1]);
    table.row(["Coupon", &coupon]);
    for (what, value) in rules_lines(&campaign.rules, here) {
        table.row([what, &value]);
    }
    table.row(["People count", counts]);
    format!("{}: what codes carry that are made from now on\n\n{}", shown(&campaign.name), table.lines())
}

fn off(coupon: &CouponView, here: &Here) -> String {
    let off = match (coupon.percent.map(|percent| Percent::from_hundredths(percent.into())), coupon.amount) {
        (Some(Ok(percent)), _) => format!("{percent}% off"),
        (_, Some(amount)) => format!("{} off", here.amount(amount)),
        _ => "none".to_owned(),
    };
    match (coupon.duration, coupon.months) {
        (CouponDuration::Once, _) => off,
        (CouponDuration::Forever, _) => format!("{off} every order"),
        (CouponDuration::Repeating, months) => format!("{off} every order for {}", crate::text::count(months.unwrap_or(1), "month", "months")),
    }
}

/// The rules by name; also those that are not set, so that nobody wonders.
pub fn rules_lines(rules: &RulesView, here: &Here) -> [(&'static str, String); 5] {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    [
        ("First order only", if rules.first_time_only { "yes" } else { "no" }.to_owned()),
        ("Uses at most", or_none(rules.redemptions_max.map(|max| max.to_string()))),
        ("First day", or_none(rules.starts.clone())),
        ("Last day", or_none(rules.expires.clone())),
        ("Minimum order", or_none(rules.order_min.map(|amount| here.amount(amount)))),
    ]
}
