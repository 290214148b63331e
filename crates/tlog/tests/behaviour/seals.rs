//! What only the signer makes: MACs and snapshots; and what its state says of alarms and losses.

use names::BirthMark;
use proptest::prelude::*;
use secret::SecretBytes;
use tlog::hash::leaf_hash;
use tlog::mac::{MAC_BYTES, MacVerdict, NO_MACS, macs_digest};
use tlog::protocol::{Alarm, AlarmKind, Closing, Loss, MAX_LOSSES, MAX_VERIFY_MACS, Tally};
use tlog::signer::{HeadMacs, MacsChecked, VerifyMacsError, pack_macs, unpack_macs, verify_macs};
use tlog::snapshot::{MAX_SNAPSHOT_BYTES, PruneMark, SnapshotError};
use tlog::{CompactRange, Mac, MacKey, MacKeyring, MacVersion, Snapshot, log_id};
use uuid::Uuid;

use crate::support::{Ledger, key, keyring, log, version};

/// The version of number 1 that was made after the first one was lost.
fn born_again() -> MacKey {
    let version = MacVersion { birth_mark: BirthMark::new([9; 8]), ..version(1) };
    MacKey::new(version, SecretBytes::from_slice(&[77; 32]).unwrap())
}

#[test]
fn a_mac_is_bound_to_log_index_head_and_key_version() {
    let (id, other) = (log_id(&log()), log_id(&"logs/system".parse().unwrap()));
    let mac = key(1).ready().compute(id, 7, &[1; 32]);
    assert_eq!(mac.version(), version(1));
    let keys = keyring().ready();
    assert_eq!(keys.verify(id, 7, &[1; 32], &mac), MacVerdict::Valid);
    assert_eq!(keys.verify(other, 7, &[1; 32], &mac), MacVerdict::Wrong);
    assert_eq!(keys.verify(id, 8, &[1; 32], &mac), MacVerdict::Wrong);
    assert_eq!(keys.verify(id, 7, &[2; 32], &mac), MacVerdict::Wrong);
    let mut renamed = *mac.as_bytes();
    renamed[..12].copy_from_slice(&key(2).ready().compute(id, 7, &[1; 32]).as_bytes()[..12]);
    assert_eq!(keys.verify(id, 7, &[1; 32], &Mac::from_slice(&renamed).unwrap()), MacVerdict::Wrong);
}

#[test]
fn a_mac_of_a_version_that_is_not_at_hand_is_not_called_wrong() {
    let id = log_id(&log());
    let mac = key(1).ready().compute(id, 7, &[1; 32]);
    let without = MacKeyring::new(vec![key(2)]).unwrap();
    assert_eq!(without.ready().verify(id, 7, &[1; 32], &mac), MacVerdict::UnknownVersion);
    let same_number = MacKeyring::new(vec![born_again(), key(2)]).unwrap();
    assert_eq!(same_number.ready().verify(id, 7, &[1; 32], &mac), MacVerdict::UnknownVersion);
    assert!(!same_number.has(mac.version()));
    let mut unborn = *mac.as_bytes();
    unborn[11] ^= 1;
    assert_eq!(
        keyring().ready().verify(id, 7, &[1; 32], &Mac::from_slice(&unborn).unwrap()),
        MacVerdict::UnknownVersion
    );
}

#[test]
fn a_keyring_has_each_version_once_and_versions_of_one_number_beside_each_other() {
    assert!(MacKeyring::new(vec![]).is_none());
    assert!(MacKeyring::new(vec![key(1), key(1)]).is_none());
    let keys = MacKeyring::new(vec![key(1), born_again()]).unwrap();
    assert!(keys.has(version(1)) && keys.has(born_again().version()) && !keys.has(version(2)));
    let mac = born_again().ready().compute(log_id(&log()), 7, &[1; 32]);
    assert_eq!(keys.ready().verify(log_id(&log()), 7, &[1; 32], &mac), MacVerdict::Valid);
}

#[test]
fn a_mac_has_one_length() {
    assert!(Mac::from_slice(&[0; MAC_BYTES - 1]).is_none() && Mac::from_slice(&[0; MAC_BYTES + 1]).is_none());
    assert_eq!(unpack_macs(&[0; MAC_BYTES + 1]), None);
    let mac = Mac::from_slice(&[7; MAC_BYTES]).unwrap();
    assert_eq!(unpack_macs(&pack_macs(&[mac, mac])), Some(vec![mac, mac]));
}

#[test]
fn verify_macs_tells_wrong_from_unknown_and_refuses_what_does_not_pair() {
    let (keys, id, log) = (keyring().ready(), log_id(&log()), log());
    let heads = [[1_u8; 32], [2; 32], [3; 32]];
    let macs: Vec<Mac> = (5..8).zip(&heads).map(|(index, head)| key(2).ready().compute(id, index, head)).collect();
    let (heads, macs) = (heads.concat(), pack_macs(&macs));
    let asked =
        |indices: &[u64], heads: &[u8], macs: &[u8]| verify_macs(&keys, HeadMacs { log: &log, indices, heads, macs });
    let indices = [5, 6, 7];
    assert_eq!(asked(&indices, &heads[1..], &macs), Err(VerifyMacsError::Pairs));
    assert_eq!(asked(&indices, &heads[32..], &macs), Err(VerifyMacsError::Pairs));
    assert_eq!(asked(&indices, &heads, &macs[1..]), Err(VerifyMacsError::Pairs));
    assert_eq!(asked(&indices[1..], &heads, &macs), Err(VerifyMacsError::Pairs));
    assert_eq!(asked(&[5, 7, 6], &heads, &macs), Err(VerifyMacsError::Order));
    let many = vec![0; MAX_VERIFY_MACS + 1];
    let (too_many_heads, too_many_macs) = (vec![0; many.len() * 32], vec![0; many.len() * MAC_BYTES]);
    assert_eq!(asked(&many, &too_many_heads, &too_many_macs), Err(VerifyMacsError::TooMany));
    assert_eq!(asked(&indices, &heads, &macs), Ok(MacsChecked::default()));
    let apart = asked(&[5, 7], &[&heads[..32], &heads[64..]].concat(), &[&macs[..44], &macs[88..]].concat());
    assert_eq!(apart, Ok(MacsChecked::default()), "they need not follow each other");
    let mut changed = macs.clone();
    changed[MAC_BYTES + 20] ^= 1;
    changed[2 * MAC_BYTES + 5] ^= 1;
    assert_eq!(asked(&indices, &heads, &changed), Ok(MacsChecked { wrong: vec![6], unknown: vec![7] }));
}

#[test]
fn the_digest_of_macs_runs_over_all_of_them_in_their_order() {
    let ledger = Ledger::with(&[3, 4]);
    let macs: Vec<Mac> = ledger.segments.iter().flat_map(|kept| kept.stored.macs.clone()).collect();
    let digest = |macs: &[Mac]| macs.iter().fold(NO_MACS, |digest, mac| macs_digest(&digest, mac));
    assert_eq!(ledger.state.macs_digest, digest(&macs));
    assert_eq!(ledger.segments[1].digest_before, digest(&macs[..3]));
    let mut swapped = macs.clone();
    swapped.swap(1, 2);
    assert_ne!(digest(&swapped), digest(&macs));
    assert_ne!(digest(&macs[1..]), digest(&macs));
}

fn range(size: u64) -> CompactRange {
    let mut range = CompactRange::new();
    (0..size).for_each(|n| range.append(leaf_hash(&n.to_be_bytes())));
    range
}

fn loss(first_index: u64, last_index: u64) -> Loss {
    Loss {
        first_index,
        last_index,
        head: [5; 32],
        range: range(last_index + 1),
        macs_digest: [6; 32],
        declared_ns: 1_790_000_000_000_000_000,
    }
}

fn alarm(id: u128) -> Alarm {
    Alarm {
        id: Uuid::from_u128(id),
        kind: AlarmKind::Forked,
        first_index: 4,
        last_index: 5,
        detail: "another history".into(),
        head: Some([9; 32]),
        raised_ns: 7,
        closing: None,
    }
}

/// A snapshot with everything in it that there can be.
fn snapshot() -> Snapshot {
    Snapshot {
        log_id: log_id(&log()),
        head: [8; 32],
        range: range(13),
        last_logged_ns: -3,
        macs_digest: [9; 32],
        prune_mark: Some(PruneMark { head: [2; 32], range: range(5) }),
        losses: vec![loss(5, 6), loss(6, 9)],
        alarms: Tally::of_alarms(&[alarm(1)]),
    }
}

#[test]
fn a_snapshot_opens_to_what_it_was_made_of() {
    let keys = keyring().ready();
    let empty = Ledger::new().state.snapshot(&log(), &[]);
    let plain = Snapshot { prune_mark: None, losses: Vec::new(), ..snapshot() };
    for snapshot in [snapshot(), plain, empty] {
        let sealed = snapshot.seal(&key(1).ready());
        assert_eq!(Snapshot::open(&sealed, &keys), Ok(snapshot.clone()));
        assert_eq!(Snapshot::peek(&sealed), Ok(snapshot));
    }
}

#[test]
fn a_snapshot_with_any_bit_flipped_is_refused() {
    let (keys, sealed) = (keyring().ready(), snapshot().seal(&key(1).ready()));
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.to_vec();
            changed[at] ^= 1 << bit;
            let error = Snapshot::open(&changed, &keys).unwrap_err();
            match at {
                0 => assert_eq!(error, SnapshotError::Malformed),
                1..=12 => assert!(matches!(error, SnapshotError::UnknownVersion(_) | SnapshotError::Mac), "{error}"),
                _ => assert_eq!(error, SnapshotError::Mac, "byte {at}"),
            }
        }
    }
}

#[test]
fn a_snapshot_cut_or_continued_is_refused() {
    let (keys, sealed) = (keyring().ready(), snapshot().seal(&key(1).ready()));
    for length in 0..sealed.len() {
        assert!(Snapshot::open(&sealed[..length], &keys).is_err(), "{length} bytes");
        assert!(Snapshot::peek(&sealed[..length]).is_err(), "{length} bytes, unchecked");
    }
    let longer = [&sealed[..], &[0]].concat();
    assert_eq!(Snapshot::open(&longer, &keys), Err(SnapshotError::Mac));
    assert_eq!(Snapshot::peek(&longer), Err(SnapshotError::Malformed));
    let endless = [&sealed[..], &vec![0; MAX_SNAPSHOT_BYTES]].concat();
    assert_eq!(Snapshot::open(&endless, &keys), Err(SnapshotError::Malformed));
}

#[test]
fn a_snapshot_of_a_version_that_is_not_at_hand_names_it() {
    let sealed = snapshot().seal(&born_again().ready());
    let error = SnapshotError::UnknownVersion(born_again().version());
    assert_eq!(Snapshot::open(&sealed, &keyring().ready()), Err(error));
    assert!(error.to_string().contains("0909090909090909"), "{error}");
}

#[test]
fn a_mac_over_a_head_is_none_over_a_snapshot() {
    let sealed = snapshot().seal(&key(1).ready());
    let mac = key(1).ready().compute(log_id(&log()), 12, &[8; 32]);
    let mut other = sealed.to_vec();
    other[1..=MAC_BYTES].copy_from_slice(mac.as_bytes());
    assert_eq!(Snapshot::open(&other, &keyring().ready()), Err(SnapshotError::Mac));
    let snapshots = Mac::from_slice(&sealed[1..=MAC_BYTES]).unwrap();
    let keys = keyring().ready();
    assert_eq!(keys.verify(log_id(&log()), 12, &[8; 32], &snapshots), MacVerdict::Wrong);
}

#[test]
fn the_longest_snapshot_fits() {
    let longest = |size: u64| CompactRange::from_hashes(size, vec![[1; 32]; 63]).unwrap();
    let greatest = u64::MAX / 2;
    let lost = Loss { last_index: greatest - 1, range: longest(greatest), ..loss(0, 0) };
    let snapshot = Snapshot {
        range: longest(greatest),
        prune_mark: Some(PruneMark { head: [2; 32], range: longest(greatest) }),
        losses: vec![lost; MAX_LOSSES],
        ..snapshot()
    };
    let sealed = snapshot.seal(&key(1).ready());
    assert_eq!(Snapshot::open(&sealed, &keyring().ready()), Ok(snapshot));
}

#[test]
fn the_tally_of_alarms_does_not_depend_on_the_order_they_are_read_in() {
    let alarms = [alarm(1), alarm(2), alarm(3)];
    let tally = Tally::of_alarms(&alarms);
    assert_eq!(tally.number, 3);
    assert_eq!(Tally::of_alarms(&[alarm(3), alarm(1), alarm(2)]), tally);
    assert_eq!(Tally::of_alarms(&[]), Tally::default());
}

#[test]
fn an_alarm_missing_added_or_changed_shows_in_the_tally() {
    let tally = Tally::of_alarms(&[alarm(1), alarm(2)]);
    assert_ne!(Tally::of_alarms(&[alarm(1)]), tally);
    assert_ne!(Tally::of_alarms(&[alarm(1), alarm(2), alarm(3)]), tally);
    let closing = |reference: &str, closed_ns| Some(Closing { closed_ns, reference: reference.into() });
    let changes: [fn(&mut Alarm); 6] = [
        |alarm| alarm.id = Uuid::from_u128(9),
        |alarm| alarm.kind = AlarmKind::Ahead,
        |alarm| alarm.first_index += 1,
        |alarm| alarm.last_index += 1,
        |alarm| alarm.detail.push('x'),
        |alarm| alarm.raised_ns += 1,
    ];
    let changed = |change: &dyn Fn(&mut Alarm)| {
        let mut second = alarm(2);
        change(&mut second);
        Tally::of_alarms(&[alarm(1), second])
    };
    for change in changes {
        assert_ne!(changed(&change), tally);
    }
    let closed = changed(&|alarm| alarm.closing = closing("a", 1));
    assert_ne!(closed, tally);
    assert_ne!(changed(&|alarm| alarm.closing = closing("b", 1)), closed);
    assert_ne!(changed(&|alarm| alarm.closing = closing("a", 2)), closed);
}

#[test]
fn a_loss_missing_or_changed_shows_in_the_tally() {
    let tally = Tally::of_losses(&[loss(5, 6), loss(8, 9)]);
    assert_eq!((tally.number, Tally::of_losses(&[])), (2, Tally::default()));
    assert_ne!(Tally::of_losses(&[loss(5, 6)]), tally);
    let changes: [fn(&mut Loss); 6] = [
        |loss| loss.first_index -= 1,
        |loss| loss.last_index += 1,
        |loss| loss.head[0] ^= 1,
        |loss| loss.range = range(11),
        |loss| loss.macs_digest[0] ^= 1,
        |loss| loss.declared_ns += 1,
    ];
    for change in changes {
        let mut second = loss(8, 9);
        change(&mut second);
        assert_ne!(Tally::of_losses(&[loss(5, 6), second]), tally);
    }
}

#[test]
fn kinds_of_alarms_are_a_form_not_a_list() {
    for name in ["ADVANCED", "AHEAD", "CLOCK", "FORKED", "ROLLED_BACK", "SUPPRESSED", "MADE_UP_2", "A"] {
        assert_eq!(AlarmKind::from_name(name).unwrap().name(), name);
    }
    assert_eq!(AlarmKind::from_name("MADE_UP_2"), Some(AlarmKind::Other("MADE_UP_2".into())));
    let longest = "A".repeat(tlog::protocol::MAX_ALARM_KIND_BYTES);
    assert!(AlarmKind::from_name(&longest).is_some());
    for name in ["", "forked", "2ND", "_A", "A-B", "A B", "Ä", &(longest + "A")] {
        assert_eq!(AlarmKind::from_name(name), None, "{name:?}");
    }
}

#[test]
fn no_key_shows_in_debug() {
    let shown = format!("{:?} {:?} {:?}", key(1), key(1).ready(), keyring());
    assert!(!shown.contains("91") && !shown.contains("5b"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_no_snapshot_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Snapshot::open(&bytes, &keyring().ready()).is_err());
        Snapshot::peek(&bytes).ok();
        Snapshot::peek(&[&[1], &bytes[..]].concat()).ok();
    }
}
