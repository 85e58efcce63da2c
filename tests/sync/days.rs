//! What takes a day or happens in the middle of a round: keys that are forgotten, a token that changes, a search that lags.

use std::cell::Cell;
use std::time::Duration;

use counterfoil_core::domain::upload::Destination;
use counterfoil_core::sync::connect;
use practice_cloud::{Aim, Clouds, Fault, Options};

use super::truth::{Sold, check, jana, sell};
use crate::clouds::Connected;
use crate::support::{Seeded, Shop, customer};

/// Stripe keeps a key for a day; four hours of it are for clocks that differ and for answers that take their time.
#[test]
fn an_unanswered_creation_is_sent_again_for_twenty_hours_and_asked_about_later() {
    for (minutes, asked) in [(19 * 60 + 50, 0), (20 * 60 + 10, 1), (25 * 60, 1)] {
        let mut it = Connected::to_stripe();
        let code = jana(&mut it);
        it.clouds.strike(Aim::stripe().call("POST", "/v1/customers"), Fault::CloseAfter);
        it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
        // The answer is lost, and the computer is off before it is asked for again.
        it.sync_until(|| it.clouds.struck().contains_key(Fault::CloseAfter.name()));
        assert_eq!((it.clouds.stripe().customers().len(), it.entries(Destination::Stripe, "uploaded")), (1, 0));
        it.pass(chrono::Duration::minutes(minutes));
        it.settle();
        assert_eq!((it.clouds.stripe().customers().len(), it.entries(Destination::Stripe, "uploaded")), (1, 1));
        let sent: Vec<_> =
            it.clouds.calls_to("POST", "/v1/customers").into_iter().map(|call| (call.idempotency_key.unwrap(), call.body, call.replayed)).collect();
        assert_eq!((it.clouds.calls_to("GET", "/v1/customers/search").len(), sent.len()), (asked, 2 - asked), "after {minutes} minutes");
        if let [first, again] = sent.as_slice() {
            assert_eq!((&first.0, &first.1, again.2), (&again.0, &again.1, true));
        }
    }
}

#[test]
fn a_token_that_changes_in_the_middle_of_a_round_holds_up_its_own_cloud_alone() {
    let mut it = Connected::to_both();
    let (code, mut sold) = (jana(&mut it), Sold::default());
    sell(&mut it, &mut sold, &code, 40, 30, &mut Seeded(8));
    let rotated = Cell::new(false);
    it.sync_until(|| {
        if !rotated.get() && it.clouds.calls_to("POST", "/users").len() > 10 {
            it.clouds.referral_factory().rotate_token("a-newer-token");
            rotated.set(true);
        }
        false
    });
    assert!(rotated.get() && it.entries(Destination::ReferralFactory, "waiting") > 0, "it was over before the token changed");
    assert_eq!(it.entries(Destination::Stripe, "waiting") + it.entries(Destination::Stripe, "sending"), 0);
    let url = it.clouds.referral_factory_url();
    connect::referral_factory(&mut it.store(), Some(&it.keys), &url, "a-newer-token", None, it.now()).unwrap();
    it.settle();
    check(&it, &sold);
    it.shop.assert_sound();
}

#[test]
fn a_search_that_lags_a_minute_behind_finds_what_was_made() {
    let lagging = Clouds::start(Options { rates: false, search_lag: Duration::from_secs(60), ..Options::default() }).unwrap();
    practice_cloud::invent(&lagging);
    let mut it = Connected::with(Shop::open(), lagging).referral_factory().stripe();
    let (code, mut sold) = (jana(&mut it), Sold::default());
    it.clouds.strike(Aim::stripe().call("POST", "/v1/customers").times(5), Fault::ServerErrorStored);
    sell(&mut it, &mut sold, &code, 30, 20, &mut Seeded(9));
    it.settle();
    assert_eq!(it.clouds.struck()[Fault::ServerErrorStored.name()], 5);
    assert!(it.clouds.calls_to("GET", "/v1/customers/search").len() >= 5, "nobody was asked what happened");
    check(&it, &sold);
    it.shop.assert_sound();
}
