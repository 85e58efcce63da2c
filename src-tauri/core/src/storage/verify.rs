//! Does the file hold what it promises? Integrity, references, the audit chain, and counters counted anew from the entries.

use rusqlite::Connection;

use super::{Result, audit};

/// Everything that is wrong, in sentences for whoever gives support. Nothing means sound.
pub fn problems(connection: &Connection) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut integrity = connection.prepare("PRAGMA integrity_check(20)")?;
    for line in integrity.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            problems.push(format!("The file is damaged: {line}."));
        }
    }
    let mut references = connection.prepare("PRAGMA foreign_key_check")?;
    for table in references.query_map([], |row| row.get::<_, String>(0))? {
        problems.push(format!("A row of {} refers to something that is not there.", table?));
    }
    if let Some(n) = audit::first_break(connection)? {
        problems.push(format!("The audit trail is broken at entry {n}: it, or what stood before it, was changed."));
    }
    for (what, sql) in COUNTERS {
        let wrong: u32 = connection.query_row(sql, [], |row| row.get(0))?;
        if wrong > 0 {
            problems.push(format!("{wrong} × {what}."));
        }
    }
    Ok(problems)
}

/// Counters and promises that no constraint can hold, each with the query that counts where they are broken.
const COUNTERS: [(&str, &str); 17] = [
    (
        "a code's count of uses differs from its Redemptions",
        "SELECT count(*) FROM referral_code WHERE uses <> (SELECT count(*) FROM redemption WHERE code_n = referral_code.n AND voided_at IS NULL)",
    ),
    (
        "a Redemption's refunded amount differs from its refunds",
        "SELECT count(*) FROM redemption WHERE refunded <> (SELECT coalesce(sum(amount), 0) FROM refund WHERE redemption_n = redemption.n)",
    ),
    (
        "a Redemption has no entry in the audit trail",
        "SELECT count(*) FROM redemption WHERE id NOT IN (SELECT subject FROM audit WHERE what IN ('redeemed', 'checkout_recorded'))",
    ),
    (
        "the audit trail tells of a Redemption that is not there",
        "SELECT count(*) FROM audit WHERE what IN ('redeemed', 'checkout_recorded') AND NOT EXISTS (SELECT 1 FROM redemption WHERE id = audit.subject)",
    ),
    (
        "a void has no entry in the audit trail",
        "SELECT count(*) FROM redemption WHERE voided_at IS NOT NULL AND id NOT IN (SELECT subject FROM audit WHERE what = 'voided')",
    ),
    (
        "a Redemption has not as many refunds as the audit trail tells of",
        "SELECT count(*) FROM (SELECT redemption.id, count(*) AS refunds FROM refund JOIN redemption ON redemption.n = redemption_n GROUP BY redemption.id)
           LEFT JOIN (SELECT subject, count(*) AS told FROM audit WHERE what IN ('refunded', 'refund_failed') GROUP BY subject)
           ON subject = id WHERE told IS NOT refunds",
    ),
    ("a Lead has no entry in the audit trail", "SELECT count(*) FROM lead WHERE id NOT IN (SELECT subject FROM audit WHERE what = 'lead_recorded')"),
    (
        "a Redemption has no entry for upload",
        "SELECT count(*) FROM redemption LEFT JOIN (SELECT subject, count(*) AS entries FROM outbox WHERE what = 'redemption' GROUP BY subject)
           ON subject = redemption.id WHERE entries IS NOT 2",
    ),
    (
        "a print run has not as many cards as were printed",
        "SELECT count(*) FROM print_run WHERE cards <> (SELECT count(*) FROM card WHERE run_n = print_run.n)",
    ),
    (
        "a Redemption names a print run that does not hold its code",
        "SELECT count(*) FROM redemption WHERE run_n IS NOT NULL AND NOT EXISTS (SELECT 1 FROM card WHERE card.run_n = redemption.run_n AND card.code_n = redemption.code_n)",
    ),
    (
        "the count of what is uploaded differs from the entries",
        "SELECT count(*) FROM uploaded WHERE entries <> (SELECT count(*) FROM outbox WHERE outbox.destination = uploaded.destination AND state = 'uploaded')",
    ),
    // One that came with a sale goes up with it; whatever else is told of a Lead is told to both destinations.
    (
        "a Lead has no entry for upload",
        "SELECT count(*) FROM lead LEFT JOIN (
           SELECT subject, count(*) AS entries, sum(destination = 'stripe') AS stripe FROM outbox WHERE what = 'lead' GROUP BY subject)
           ON subject = lead.id WHERE iif(entries IS NULL, source = 'phone', entries <> 2 * stripe)",
    ),
    (
        "a void has no entry for upload",
        "SELECT count(*) FROM redemption LEFT JOIN (SELECT subject, count(*) AS entries FROM outbox WHERE what = 'void' GROUP BY subject)
           ON subject = redemption.id WHERE voided_at IS NOT NULL AND entries IS NOT 2",
    ),
    (
        "a refund has no entry for upload",
        "SELECT count(*) FROM (SELECT redemption.id, count(*) AS refunds FROM refund JOIN redemption ON redemption.n = redemption_n GROUP BY redemption.id)
           LEFT JOIN (SELECT subject, count(*) AS entries FROM outbox WHERE what = 'refund' GROUP BY subject)
           ON subject = id WHERE entries IS NOT 2 * refunds",
    ),
    (
        "a Redemption's operation is not remembered, or is another's",
        "SELECT count(*) FROM redemption WHERE NOT EXISTS (SELECT 1 FROM operation WHERE op = redemption.op AND subject = redemption.id)",
    ),
    (
        "a Lead counts without a Redemption that stands",
        "SELECT count(*) FROM lead WHERE state = 'qualified' AND why = 'code_use' AND NOT EXISTS (
           SELECT 1 FROM redemption WHERE lead_n = lead.n AND voided_at IS NULL AND (refunded = 0 OR refunded < paid))",
    ),
    ("a person is missing in the search index", "SELECT abs((SELECT count(*) FROM referrer) - (SELECT count(*) FROM referrer_search_docsize))"),
];
