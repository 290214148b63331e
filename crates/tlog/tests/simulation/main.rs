//! The append protocol, simulated: two replicas and a signer in a world where everything goes wrong.
//!
//! Each run follows from its seed: who acts next, which replica ends at which statement, which session PostgreSQL ends,
//! which call or answer is lost, late or delivered twice, which COMMIT is done without an answer. Verifications run in
//! between. Then nothing goes wrong any more, and these must hold: every event in its log exactly once and where its
//! receipt says, signer and rows agree, it becomes quiet, no alarm, no quarantine, INTACT.
//!
//! The controls build a defect in and must find it.
//!
//! # Known limits
//! A statement is one step: what PostgreSQL does within a statement is its own. Clocks differ by a microsecond and jump.
#![cfg(test)]

// The name it has everywhere else.
extern crate strongroom_tlog as tlog;

mod database;
mod random;
mod replica;
mod signer;
mod upkeep;
mod world;

use world::{Fault, Violation, World};

const SEEDS: u64 = 1_500;

#[test]
fn nothing_is_lost_doubled_wedged_or_alarmed() {
    let mut seen = [0; 6];
    for seed in 0..SEEDS {
        let mut world = World::new(seed, None);
        assert_eq!(world.run(), Ok(()), "seed {seed}");
        let world = world.seen;
        let counts = [world.behind, world.stale, world.replayed, world.known, world.late_reports, world.recovered];
        seen.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    // Otherwise the simulation would show nothing.
    assert!(seen.iter().all(|count| *count > 2), "behind, stale, replayed, known, late reports, recovered: {seen:?}");
}

/// The first violation that a defect leads to, of a kind that the invariant names.
fn first_violation(fault: Fault, kind: impl Fn(&Violation) -> bool) -> Option<(u64, Violation)> {
    (0..SEEDS).find_map(|seed| World::new(seed, Some(fault)).run().err().filter(&kind).map(|found| (seed, found)))
}

#[test]
fn control_looking_up_once_seals_an_event_twice() {
    let found = first_violation(Fault::LooksUpOnce, |found| {
        matches!(found, Violation::NotExactlyOnce(_) | Violation::Quarantined)
    });
    assert!(found.is_some());
}

#[test]
fn control_an_early_receipt_is_for_nothing() {
    assert!(first_violation(Fault::EarlyReceipt, |found| matches!(found, Violation::NotExactlyOnce(_))).is_some());
}

#[test]
fn control_not_catching_up_wedges() {
    assert!(first_violation(Fault::IgnoresBehind, |found| *found == Violation::Wedged).is_some());
}

#[test]
fn control_a_report_without_the_lock_is_a_false_alarm() {
    assert!(first_violation(Fault::NoLockCheck, |found| matches!(found, Violation::FalseAlarm(_))).is_some());
}

#[test]
fn control_an_early_acknowledgement_is_a_false_alarm() {
    assert!(first_violation(Fault::AcknowledgesEarly, |found| matches!(found, Violation::FalseAlarm(_))).is_some());
}

#[test]
fn control_a_forgetful_signer_is_found() {
    let found = first_violation(Fault::ForgetfulSigner, |found| {
        matches!(found, Violation::FalseAlarm(_) | Violation::Disagree(_) | Violation::Wedged)
    });
    assert!(found.is_some());
}

#[test]
fn control_a_database_that_loses_commits_is_found() {
    let found = first_violation(Fault::ForgetfulDatabase, |found| {
        matches!(found, Violation::NotIntact(_) | Violation::FalseAlarm(_))
    });
    assert!(found.is_some());
}

#[test]
fn control_a_snapshot_before_the_signer_is_asked_is_found() {
    assert!(first_violation(Fault::SnapshotFirst, |found| matches!(found, Violation::NotIntact(_))).is_some());
}
