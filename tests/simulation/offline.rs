//! A shop without a network for thirty days.

use std::time::Duration;

use counterfoil_core::desk::Customer;

use super::stands;
use super::world::World;

const DAYS: u64 = 30;
const SALES: u64 = 10_000;

#[test]
fn thirty_days_offline_then_everything_is_uploaded_once() {
    let mut world = World::new(30, false, None);
    (world.faults_per_mille, world.crashes_per_mille, world.crowded) = (0, 0, true);
    let month = Duration::from_secs(DAYS * 86_400);
    world.outage_until = month;
    let people = SALES * 2 / 3;
    for n in 0..SALES {
        let at = world.dice.below(people);
        let customer = Customer { name: Some(format!("Guest {at}")), email: Some(format!("guest{at}@post.com")), phone: None };
        world.sell_to(&customer).unwrap();
        if n % 100 == 0 {
            world.bell();
        }
        world.run_to(month / SALES as u32 * n as u32).unwrap();
    }
    let waiting = world.desk.sales_of(None).unwrap().waiting;
    assert!(u64::from(waiting.waiting) >= SALES, "the badge says {}", waiting.waiting);
    assert_eq!((world.stripe.writes, world.factory.writes), (0, 0));
    // The network is back: at their pace of 24 and 9.6 calls a second everything goes up, then nothing more.
    world.truth.referrers[2].email = Some("ida@salon.com".into());
    world.edit(2).unwrap();
    world.run_to(month + Duration::from_secs(6 * 3600)).unwrap();
    assert_eq!(world.count("state IN ('waiting', 'sending')"), 0);
    stands(&world).unwrap();
    world.truth.nothing_invented(&world.stripe).unwrap();
    let writes = (world.stripe.writes, world.factory.writes);
    // One creation each at Stripe; at Referral Factory a creation and a qualification, and three Referrers.
    let leads = world.truth.leads.len() as u32;
    assert_eq!(writes, (leads, 2 * leads + 3));
    world.run_to(month + Duration::from_secs(16 * 3600)).unwrap();
    assert_eq!((world.stripe.writes, world.factory.writes), writes);
    eprintln!("{SALES} sales to {leads} people in {DAYS} days offline; {} and {} writes", writes.0, writes.1);
}
