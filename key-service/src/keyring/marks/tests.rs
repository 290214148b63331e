//! Rows that contradict what was seen, and rows that do not.

use super::*;
use crate::key::{KeyVersion, Labels, Purpose, VersionState};
use clock::Timestamp;
use uuid::Uuid;

fn key(uid: u128, primary_version: u32) -> Key {
    Key {
        uid: KeyUid::new(Uuid::from_u128(uid)),
        id: "k".parse().unwrap(),
        tenant: None,
        purpose: Purpose::Wrap,
        system: false,
        primary_version,
        revision: 1,
        labels: Labels::default(),
        create_time: Timestamp::from_micros(0),
    }
}

fn version(number: u32, birth: u8) -> StoredVersion {
    let version = KeyVersion {
        version: number,
        birth_mark: BirthMark::new([birth; 8]),
        state: VersionState::Enabled,
        create_time: Timestamp::from_micros(0),
        destroy_time: None,
        public_key: None,
        previous: None,
    };
    StoredVersion { key: KeyUid::new(Uuid::from_u128(1)), version, material: None }
}

/// The marks of a process that has used version 2 of a key at generation 120, and whether these rows contradict them.
fn is_set_back(uid: u128, generation: u64, versions: &[StoredVersion]) -> bool {
    let marks = Marks::default();
    let seen = [version(1, 1), version(2, 2)];
    assert!(!marks.judge(marks.of(&"k".parse().unwrap()).as_ref(), &key(1, 2), 120, &seen));
    let before = marks.of(&"k".parse().unwrap());
    let primary = versions.iter().map(|one| one.version.version).max().unwrap_or(1);
    let is_set_back = marks.judge(before.as_ref(), &key(uid, primary), generation, versions);
    assert_eq!(is_set_back, marks.has_set_back_keys());
    is_set_back
}

#[test]
fn rows_that_lack_what_was_seen_were_set_back() {
    let (first, second, third) = (|| version(1, 1), || version(2, 2), || version(3, 3));
    assert!(!is_set_back(1, 120, &[first(), second()]), "the same rows");
    assert!(!is_set_back(1, 121, &[second(), third()]), "newer ones");
    assert!(is_set_back(1, 110, &[first(), second()]), "an older row of the key");
    assert!(is_set_back(1, 999, &[first()]), "the version is gone, whatever the generation says");
    assert!(is_set_back(1, 999, &[first(), version(2, 9)]), "its number was given to another");
    assert!(is_set_back(1, 999, &[first(), third()]), "it is passed over");
    assert!(is_set_back(7, 120, &[first(), second()]), "another key of the id");
}

#[test]
fn a_change_between_the_mark_and_the_reading_is_no_set_back() {
    let (marks, id) = (Marks::default(), "k".parse().unwrap());
    let before = marks.of(&id);
    // A poll notes what another process has just committed, while an older reading is under way.
    marks.note(&key(1, 2), 120);
    assert!(!marks.judge(before.as_ref(), &key(1, 1), 110, &[version(1, 1)]));
    assert!(marks.judge(marks.of(&id).as_ref(), &key(1, 1), 110, &[version(1, 1)]), "a later one is");
}

#[test]
fn it_is_said_once_and_again_when_it_happens_again() {
    let (marks, id) = (Marks::default(), "k".parse().unwrap());
    let good = [version(1, 1), version(2, 2)];
    marks.judge(None, &key(1, 2), 120, &good);
    let mark = marks.of(&id);
    for _ in 0..3 {
        assert!(marks.judge(mark.as_ref(), &key(1, 1), 110, &good[..1]));
    }
    let found = SetBack { key: Some("keys/k".parse().unwrap()), seen: 120, found: 110 };
    assert_eq!(marks.untold(), Some(found.clone()));
    marks.told();
    assert!(marks.judge(mark.as_ref(), &key(1, 1), 110, &good[..1]));
    assert_eq!(marks.untold(), None, "told once");
    assert!(!marks.judge(mark.as_ref(), &key(1, 2), 120, &good), "a newer backup was restored");
    assert!(!marks.lock().is_any_set_back());
    assert!(marks.judge(mark.as_ref(), &key(1, 1), 110, &good[..1]));
    assert_eq!(marks.untold(), Some(found));
}

#[test]
fn a_key_that_was_seen_and_is_gone_was_taken_away() {
    let (marks, name) = (Marks::default(), "keys/k".parse::<KeyName>().unwrap());
    assert!(matches!(marks.missing(None, name.clone()), Error::KeyNotFound(_)));
    assert!(!marks.lock().is_any_set_back());
    marks.note(&key(1, 1), 5);
    assert!(matches!(marks.missing(marks.of(name.key()).as_ref(), name), Error::KeySetBack(_)));
    assert!(marks.lock().is_any_set_back());
}

#[test]
fn the_newest_generation_of_all_must_not_fall() {
    let marks = Marks::default();
    assert!(!marks.judge_newest(0, 120));
    assert!(!marks.lock().is_any_set_back());
    assert!(marks.judge_newest(marks.newest_generation(), 110));
    assert!(marks.lock().is_any_set_back());
    assert!(!marks.judge_newest(marks.newest_generation(), 115), "it fell before");
    assert!(marks.lock().is_any_set_back(), "still behind");
    assert!(!marks.judge_newest(marks.newest_generation(), 120));
    assert!(!marks.lock().is_any_set_back());
}
