//! The append protocol, simulated: two replicas of audit-service and two of key-service in a world where everything goes
//! wrong.
//!
//! Each run follows from its seed: who acts next, which replica ends at which statement, which session PostgreSQL ends,
//! which call or answer is lost, late or delivered twice, which COMMIT is done without an answer, when segments are pruned
//! and the MAC key is rotated. In some runs clocks jump by seconds, minutes or a year, the audit database or the key
//! database is set back to a backup, and an operator repairs what can be repaired. Verifications run in between. Then
//! nothing goes wrong any more, and these must hold:
//!
//! - every event is in its log exactly once and where its receipt says, unless that was declared lost
//! - no index ever has another entry
//! - log time never goes back, is never far ahead of the signer's clock, and no event is refused because of it
//! - no alarm but for what happened; none is missing
//! - rows and signer agree, every MAC holds, no log is in quarantine, and all alarms can be closed
//! - one declared loss is enough
//!
//! The controls build a defect in and must find it.
//!
//! # Layout
//! - `world`: the scheduler, and calls between the replicas
//! - `replica`: a replica of audit-service, statement by statement
//! - `database`: the audit database
//! - `signer`, `signed_log`: replicas of key-service over the key database
//! - `trouble`: what goes wrong
//! - `operator`: disasters, and what an operator does about them
//! - `check`, `verification`: what must hold
//! - `faults`: defects to build in, and what a run finds and reaches
//!
//! # Known limits
//! A statement is one step: what PostgreSQL does within a statement is its own. A call of the signer is one step too: its
//! replicas meet in what each has seen and loaded, not in their transactions. No call outlives a restore or what an
//! operator does, and no report of a rollback its caller: one that arrived after everything was repaired would be an alarm.
//! Both databases are never set back at once: what is left then only a head kept outside can show. No segment is malformed,
//! no place is taken by somebody else's row (a conflict is a violation), and no batch that failed is repeated log by log.
#![cfg(test)]

// The name it has everywhere else.
extern crate strongroom_tlog as tlog;

mod check;
mod database;
mod events;
mod faults;
mod operator;
mod random;
mod replica;
mod signed_log;
mod signer;
mod trouble;
mod verification;
mod world;

use faults::{Fault, Reached, Violation};
use world::World;

const SEEDS: u64 = 1_200;

#[test]
fn nothing_is_lost_doubled_wedged_or_alarmed() {
    let mut runs = Vec::new();
    for seed in 0..SEEDS {
        let mut world = World::new(seed, None);
        assert_eq!(world.run(), Ok(()), "seed {seed}");
        runs.push(world.reached);
    }
    for reached in Reached::ALL {
        // Otherwise the simulation would show nothing: at least three runs of a hundred come to it.
        let count = runs.iter().filter(|run| run.contains(&reached)).count();
        assert!(count * 100 >= runs.len() * 3, "{reached:?} in {count} runs of {SEEDS}");
    }
}

/// Whether a defect leads to a violation of a kind that the invariant names.
fn finds(fault: Fault, kind: impl Fn(&Violation) -> bool) -> bool {
    (0..SEEDS).any(|seed| World::new(seed, Some(fault)).run().is_err_and(|found| kind(&found)))
}

#[test]
fn control_looking_up_once_seals_an_event_twice() {
    assert!(finds(Fault::LooksUpOnce, |found| matches!(found, Violation::NotExactlyOnce(_) | Violation::Quarantined)));
}

#[test]
fn control_the_greatest_id_read_before_the_lock_seals_an_event_twice() {
    assert!(finds(Fault::NewestBeforeLock, |found| {
        matches!(found, Violation::NotExactlyOnce(_) | Violation::Quarantined)
    }));
}

#[test]
fn control_an_early_receipt_is_for_nothing() {
    assert!(finds(Fault::EarlyReceipt, |found| matches!(found, Violation::NotExactlyOnce(_))));
}

#[test]
fn control_not_catching_up_wedges() {
    assert!(finds(Fault::IgnoresBehind, |found| matches!(found, Violation::Wedged | Violation::Disagree(_))));
}

#[test]
fn control_a_report_without_the_lock_is_a_false_alarm() {
    assert!(finds(Fault::NoLockCheck, |found| matches!(found, Violation::FalseAlarm(_))));
}

#[test]
fn control_an_early_acknowledgement_is_a_false_alarm() {
    assert!(finds(Fault::AcknowledgesEarly, |found| matches!(found, Violation::FalseAlarm(_))));
}

#[test]
fn control_a_forgetful_signer_is_found() {
    assert!(finds(Fault::ForgetfulSigner, |found| {
        matches!(found, Violation::FalseAlarm(_) | Violation::Disagree(_) | Violation::SecondHistory(_))
    }));
}

#[test]
fn control_a_database_that_loses_commits_is_found() {
    assert!(finds(Fault::ForgetfulDatabase, |found| {
        matches!(found, Violation::NotIntact(_) | Violation::FalseAlarm(_))
    }));
}

#[test]
fn control_a_snapshot_before_the_signer_is_asked_is_found() {
    assert!(finds(Fault::SnapshotFirst, |found| matches!(found, Violation::NotIntact(_))));
}

#[test]
fn control_a_signer_without_the_rule_of_time_is_found() {
    assert!(finds(Fault::NoTimeRule, |found| matches!(found, Violation::Time(_))));
}

#[test]
fn control_a_signer_that_forgets_what_a_loss_explains_is_found() {
    assert!(finds(Fault::ForgetsExplained, |found| matches!(found, Violation::FalseAlarm(_))));
}

#[test]
fn control_an_unknown_key_version_called_wrong_is_a_false_alarm() {
    assert!(finds(Fault::UnknownIsWrong, |found| matches!(found, Violation::FalseAlarm(_))));
}

#[test]
fn control_a_log_brought_forward_without_a_word_is_found() {
    assert!(finds(Fault::AdvancesSilently, |found| matches!(found, Violation::Silence(_))));
}
