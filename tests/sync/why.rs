//! Why somebody does not count: what Stripe itself says about the code that was used.

use counterfoil_core::desk::shop::NewShop;
use counterfoil_core::desk::views::RulesView;
use counterfoil_core::domain::upload::Destination::Stripe;
use counterfoil_core::settings::Settings;
use counterfoil_core::sync::{checks, connect};
use practice_cloud::{CheckoutAsk, STRIPE_TEST_KEY};

use super::truth::jana;
use crate::clouds::{Connected, clouds};
use crate::support::{Shop, customer, new_shop};

/// A shop that speaks this language, with a code by these rules at Stripe and a Lead who used it.
fn used(language: &str, rules: RulesView) -> (Connected, String, String) {
    let shop = Shop::with(&NewShop { language: language.to_owned(), rules, ..new_shop() });
    let mut it = Connected::with(shop, clouds()).stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    let lead = it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com")).lead_id;
    it.settle();
    (it, code, lead)
}

/// The point whose name ends so: whether it is as it should be, its name, and what is said.
fn line(it: &Connected, lead: &str, name: &str) -> (bool, String, String) {
    let mut settings = Settings::read(it.shop.path()).unwrap();
    settings.set_url(Stripe, it.clouds.stripe_url());
    let lines = checks::why_not_qualified(&it.store(), &it.keys, &settings, lead, it.now()).unwrap();
    let line = lines.into_iter().find(|line| line.what.ends_with(name)).unwrap();
    (line.ok, line.what, line.sentence)
}

/// What is said about the code at Stripe, and whether it is as it should be.
fn said(it: &Connected, lead: &str) -> (bool, String, String) {
    line(it, lead, "at_stripe")
}

#[track_caller]
fn check(it: &Connected, lead: &str, what: &str, sentence: &str) {
    assert_eq!(said(it, lead), (false, what.to_owned(), sentence.to_owned()));
}

#[test]
fn a_code_that_has_expired_at_stripe_is_said_to() {
    for (language, sentence) in [("en", "The code {} has expired at Stripe."), ("de", "Der Code {} ist bei Stripe abgelaufen.")] {
        let (it, code, lead) =
            used(language, RulesView { expires: Some((chrono::Utc::now().date_naive() + chrono::Days::new(2)).to_string()), ..RulesView::default() });
        assert!(said(&it, &lead).0);
        it.pass(chrono::Duration::days(4));
        check(&it, &lead, "code_expired_at_stripe", &sentence.replace("{}", &code));
    }
}

#[test]
fn a_code_that_is_used_up_at_stripe_is_said_to_be() {
    for (language, sentence) in [("en", "The code {} is used up at Stripe."), ("de", "Der Code {} ist bei Stripe aufgebraucht.")] {
        let (it, code, lead) = used(language, RulesView { redemptions_max: Some(2), ..RulesView::default() });
        assert!(said(&it, &lead).0);
        it.clouds.stripe().checkout(&CheckoutAsk::new("tom@ash-post.com", 2000).code(&code)).unwrap();
        check(&it, &lead, "code_used_up_at_stripe", &sentence.replace("{}", &code));
    }
}

#[test]
fn a_code_that_is_gone_at_stripe_is_said_to_be_and_what_is_said_to_do_helps() {
    let sentences = [
        (
            "en",
            "The code {} is gone at Stripe: the key is one of another account. Under Sync, disconnect Stripe and forget everything about the account, connect it again and send the codes.",
        ),
        (
            "de",
            "Der Code {} ist bei Stripe nicht mehr da: Der Schlüssel gehört zu einem anderen Konto. Unter Abgleich Stripe trennen und alles über das Konto vergessen, neu verbinden und die Codes senden.",
        ),
    ];
    for (language, sentence) in sentences {
        let (mut it, code, lead) = used(language, RulesView::default());
        // The same key, as it were: Stripe does not say whose it is.
        it.clouds = clouds();
        it.port = it.clouds.port();
        check(&it, &lead, "code_gone_at_stripe", &sentence.replace("{}", &code));
        connect::disconnect(&mut it.store(), &it.keys, Stripe, true, it.now()).unwrap();
        it = it.stripe();
        connect::send_codes(&mut it.store(), true, it.now()).unwrap();
        it.settle();
        assert!(said(&it, &lead).0);
    }
}

#[test]
fn a_sale_that_broke_a_rule_of_its_code_is_said_to_have() {
    let sentences = [
        ("en", "The sale met every rule on the code {}.", "The sale did not meet these rules on the code {}: first order only."),
        ("de", "Der Verkauf erfüllte jede Regel des Codes {}.", "Der Verkauf erfüllte diese Regeln des Codes {} nicht: nur erste Bestellung."),
    ];
    for (language, met, broken) in sentences {
        let (it, code, lead) = used(language, RulesView { first_time_only: true, ..RulesView::default() });
        let said = |ok, sentence: &str| (ok, "rules_met".to_owned(), sentence.replace("{}", &code));
        assert_eq!(line(&it, &lead, "rules_met"), said(true, met));
        // As a guest, whom Stripe does not know again.
        let again = CheckoutAsk { guest: true, ..CheckoutAsk::new("mia@brandt-post.com", 2000) };
        it.clouds.stripe().checkout(&again.code(&code)).unwrap();
        it.settle();
        assert_eq!(line(&it, &lead, "rules_met"), said(false, broken));
    }
}

#[test]
fn a_connection_that_is_gone_or_refused_is_said_to_be() {
    let sentences = [
        (
            "en",
            "Stripe is still connected: it was asked just now.",
            "Stripe is not connected, so what happens there is not seen here. Connect it under Sync.",
        ),
        (
            "de",
            "Stripe ist verbunden: Es wurde gerade gefragt.",
            "Stripe ist nicht verbunden, deshalb ist hier nicht zu sehen, was dort geschieht. Unter Abgleich verbinden.",
        ),
    ];
    for (language, yes, no) in sentences {
        let (it, _, lead) = used(language, RulesView::default());
        let connected = || line(&it, &lead, "still_connected");
        let said = |ok, sentence: &str| (ok, "still_connected".to_owned(), sentence.to_owned());
        assert_eq!(connected(), said(true, yes));
        it.clouds.stripe().revoke_key(STRIPE_TEST_KEY);
        assert_eq!(connected(), said(false, no));
        connect::disconnect(&mut it.store(), &it.keys, Stripe, false, it.now()).unwrap();
        assert_eq!(connected(), said(false, no));
    }
}
