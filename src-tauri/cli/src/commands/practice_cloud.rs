//! Stand-ins for Stripe and Referral Factory on this computer, until somebody ends them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use counterfoil_core::settings;
use practice_cloud::{Clouds, Options, REFERRAL_FACTORY_TOKEN, STRIPE_TEST_KEY};
use serde_json::json;

use super::Place;
use crate::answer::{Answer, Exit, Problem, Result, say};
use crate::args::PracticeCloud;
use crate::text::{Table, shown};
use crate::watch;

const LOOK_EVERY: Duration = Duration::from_millis(100);

pub fn serve(place: &Place, PracticeCloud { port }: &PracticeCloud) -> Result {
    let stop = watch::stop();
    let clouds = Clouds::new(Options::default());
    practice_cloud::invent(&clouds);
    let port_taken =
        |_| Problem::Usage("This port can't be used: another program has it. Choose another one with --port, or a free one with --port 0.");
    // What a learner does wrong is answered as the real ones would; it ends nothing.
    let clouds = clouds.start_on(*port).map_err(port_taken)?.forgiving();
    let (stripe, referral_factory) = (clouds.stripe_url(), clouds.referral_factory_url());
    if place.json {
        let line = json!({
            "stripe_url": stripe, "referral_factory_url": referral_factory, "practice_url": clouds.practice_url(),
            "stripe_key": STRIPE_TEST_KEY, "referral_factory_token": REFERRAL_FACTORY_TOKEN,
        });
        say(&line.to_string(), Exit::Done);
    } else {
        let mut table = Table::plain().whole(&[1]);
        table.row(["Stripe", &stripe]);
        table.row(["its test key", STRIPE_TEST_KEY]);
        table.row(["Referral Factory", &referral_factory]);
        table.row(["its token", REFERRAL_FACTORY_TOKEN]);
        table.row(["By hand", &clouds.practice_url()]);
        let file = shown(&place.folder.join(settings::FILE).display().to_string());
        let lines = format!("  [stripe]\n  url = \"{stripe}\"\n\n  [referral_factory]\n  url = \"{referral_factory}\"");
        let text = format!(
            "The practice clouds stand on this computer until Ctrl-C, and forget everything then.\n\n{}\n\nTo use them, write into {file}:\n\n{lines}",
            table.lines()
        );
        say(&text, Exit::Done);
    }
    while !stop.load(Ordering::SeqCst) {
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(Answer { json: String::new(), text: String::new(), exit: Exit::Done })
}
