//! Sealing: what is refused, what is repeated, what is caught up.

use api::key::v1::{
    AckOutcome, ListHeadsRequest, Rollback, SealBatchRequest, SealOutcome, Segment, SegmentResult, VerifyMacsRequest,
};
use key_service::store::signer_segments::PruneUpTo;
use test_support::poll_until;
use tlog::log_id;
use tlog::snapshot::Snapshot;
use tonic::Code;

use crate::support::{Calls, Chain, LIMIT, Refused, World, alarms, head, refused};

const LOG: &str = "logs/acme";

#[tokio::test]
async fn a_second_history_is_refused_and_kept_as_an_alarm() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2, 3]).await;

    let (_, elsewhere) = begin.segment([7, 8, 9]);
    let forked = audit.seal_one(elsewhere.segment([10]).0).await;
    assert_eq!((forked.outcome(), forked.size), (SealOutcome::Forked, Some(3)));
    assert_eq!(forked.head, chain.head);
    let (_, within) = begin.segment([1, 2]);
    assert_eq!(audit.seal_one(within.segment([11]).0).await.outcome(), SealOutcome::Forked, "inside a segment");
    for _ in 0..3 {
        audit.seal_one(elsewhere.segment([10]).0).await;
    }
    let mut auditor = world.calls(&replica, "auditor");
    let now = head(&mut auditor, LOG).await;
    assert_eq!(alarms(&now), [("FORKED", 2), ("FORKED", 3)]);
    assert_eq!((now.size, now.head), (Some(3), chain.head.to_vec()));
    assert_eq!(chain.seal(&mut audit, [4]).await.outcome(), SealOutcome::Sealed, "the true history goes on");
}

#[tokio::test]
async fn an_invented_beginning_of_an_unknown_log_is_refused() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut wrong = Chain::new(LOG);
    wrong.head = [7; 32];
    assert_eq!(audit.seal_one(wrong.segment([1]).0).await.outcome(), SealOutcome::Forked);
    let (_, beyond) = Chain::new(LOG).segment([1]);
    assert_eq!(audit.seal_one(beyond.segment([2]).0).await.outcome(), SealOutcome::Ahead);
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.size, alarms(&now)), (Some(0), vec![("AHEAD", 1), ("FORKED", 0)]));
    let listed = audit.signer.list_heads(ListHeadsRequest::default()).await.unwrap().into_inner().heads;
    assert_eq!(listed.len(), 1, "a log with nothing but alarms is listed");
}

#[tokio::test]
async fn entries_that_are_not_of_their_place_are_malformed() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let chain = Chain::new(LOG);
    let (segment, next) = chain.segment([1, 2]);
    let (other_log, _) = Chain::new("logs/other").segment([1]);
    let mut cut = segment.clone();
    cut.entries[1] = cut.entries[1].slice(1..);
    let mut swapped = segment.clone();
    swapped.entries.swap(0, 1);
    let twice = chain.segment([5, 5]).0;
    let later = chain.raw(next.segment([3]).0.entries);
    for bad in [chain.raw(other_log.entries), cut, swapped, twice, later] {
        let result = audit.seal_one(bad).await;
        assert_eq!((result.outcome(), result.size), (SealOutcome::Malformed, Some(0)));
        assert!(!result.detail.is_empty());
    }
    assert_eq!(audit.seal_one(segment).await.outcome(), SealOutcome::Sealed);
}

#[tokio::test]
async fn one_refused_segment_harms_no_other() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let (good, bad) = (Chain::new("logs/good"), Chain::new("logs/bad"));
    let (_, beyond) = bad.segment([1]);
    let results = audit.seal_batch(vec![beyond.segment([2]).0, good.segment([1]).0]).await;
    let outcomes: Vec<_> = results.iter().map(SegmentResult::outcome).collect();
    assert_eq!(outcomes, [SealOutcome::Ahead, SealOutcome::Sealed]);
    assert_eq!(head(&mut audit, "logs/good").await.size, Some(1));
}

#[tokio::test]
async fn the_same_segment_gets_the_same_answer_also_after_a_rotation_of_the_mac_key() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let (segment, _) = chain.segment([1, 2]);
    let first = chain.seal(&mut audit, [1, 2]).await;
    assert_eq!(first.macs.len(), 2);
    chain.seal(&mut audit, [3]).await;
    world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
    for replica in [&replica, &other] {
        let again = world.calls(replica, "audit-service").seal_one(segment.clone()).await;
        assert_eq!((again.outcome(), &again.macs), (SealOutcome::Sealed, &first.macs));
        assert_eq!((again.size, &again.head, &again.snapshot), (first.size, &first.head, &first.snapshot));
    }
    let after = chain.seal(&mut audit, [4]).await;
    assert_eq!((&first.macs[0][..4], &after.macs[0][..4]), (&[0, 0, 0, 1][..], &[0, 0, 0, 2][..]));
    assert_eq!(head(&mut audit, LOG).await.alarms, []);
}

#[tokio::test]
async fn other_bytes_at_a_known_place_are_told_what_is_sealed_there() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    let (sealed, _) = chain.segment([1, 2]);
    chain.seal(&mut audit, [1, 2]).await;
    let middle = chain.clone();
    chain.seal(&mut audit, [3]).await;
    let behind = audit.seal_one(begin.segment([9]).0).await;
    assert_eq!((behind.outcome(), behind.more), (SealOutcome::Behind, false));
    assert_eq!(behind.behind.len(), 2);
    assert_eq!(behind.behind[0].entries, sealed.entries);
    assert_eq!((behind.behind[1].first_index, behind.behind[1].head.as_slice()), (Some(2), &chain.head[..]));
    let probe = audit.seal_one(middle.raw(Vec::new())).await;
    assert_eq!((probe.outcome(), probe.behind.len()), (SealOutcome::Behind, 1));
    let whole = Snapshot::peek(&probe.snapshot).unwrap();
    assert_eq!((whole.head, whole.range), (chain.head, chain.range()));
    assert_eq!(Snapshot::peek(&behind.behind[0].snapshot).unwrap().range, middle.range());
    let probe = audit.seal_one(chain.raw(Vec::new())).await;
    assert_eq!((probe.outcome(), probe.size, probe.macs.len()), (SealOutcome::Sealed, Some(3), 0));
    assert_eq!(Snapshot::peek(&probe.snapshot).unwrap().range, chain.range());
    assert_eq!(head(&mut audit, LOG).await.alarms, []);
}

#[tokio::test]
async fn what_is_behind_comes_in_answers_of_bounded_size() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    let mut number = 0;
    for _ in 0..5 {
        let events = number..number + 1500;
        number += 1500;
        assert_eq!(chain.seal(&mut audit, events).await.outcome(), SealOutcome::Sealed);
    }
    let (mut at, mut rounds) = (begin, 0);
    while at.size < chain.size {
        let behind = audit.seal_one(at.raw(Vec::new())).await;
        assert_eq!(behind.outcome(), SealOutcome::Behind);
        let last = behind.behind.last().unwrap();
        at.size = last.first_index() + u64::try_from(last.entries.len()).unwrap();
        at.head = last.head.as_slice().try_into().unwrap();
        assert_eq!(behind.more, at.size < chain.size);
        rounds += 1;
    }
    assert!(rounds > 1);
    assert_eq!(at.head, chain.head);
}

#[tokio::test]
async fn acknowledgements_rise_only_and_only_with_the_right_head() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2]).await;
    let first = chain.clone();
    chain.seal(&mut audit, [3]).await;
    assert_eq!(audit.acknowledge(first.acknowledgement()).await, AckOutcome::Acknowledged);
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.acknowledged, now.unacknowledged.len()), (Some(2), 1));
    assert_eq!(audit.acknowledge(chain.acknowledgement()).await, AckOutcome::Acknowledged);
    assert_eq!(audit.acknowledge(first.acknowledgement()).await, AckOutcome::Acknowledged, "a late one does no harm");
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.acknowledged, now.unacknowledged.len()), (Some(3), 0));
    assert_eq!(now.alarms, []);

    chain.seal(&mut audit, [4, 5]).await;
    let mut wrong = chain.acknowledgement();
    wrong.head = vec![0; 32];
    let mut beyond = chain.acknowledgement();
    beyond.size = Some(9);
    let mut within = chain.acknowledgement();
    within.size = Some(4);
    assert_eq!(audit.acknowledge(wrong).await, AckOutcome::Forked);
    assert_eq!(audit.acknowledge(beyond).await, AckOutcome::Ahead);
    assert_eq!(audit.acknowledge(within).await, AckOutcome::Forked);
    let now = head(&mut audit, LOG).await;
    assert_eq!(now.acknowledged, Some(3));
    assert_eq!(alarms(&now), [("AHEAD", 9), ("FORKED", 4), ("FORKED", 5)]);
}

#[tokio::test]
async fn a_log_whose_row_was_altered_keeps_no_other_from_being_acknowledged_or_listed() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chains: Vec<Chain> = ["logs/a", "logs/b", "logs/c"].map(Chain::new).into();
    for chain in &mut chains {
        chain.seal(&mut audit, [1]).await;
    }
    let altered = world.sql().await.execute("UPDATE signer_heads SET size = 7 WHERE log_name = 'logs/b'", &[]).await;
    assert_eq!(altered.unwrap(), 1);
    let outcomes = audit.acknowledge_all(chains.iter().map(Chain::acknowledgement).collect()).await;
    assert_eq!(outcomes, [AckOutcome::Acknowledged, AckOutcome::Failed, AckOutcome::Acknowledged]);
    let listed = audit.signer.list_heads(ListHeadsRequest::default()).await.unwrap().into_inner().heads;
    let shown: Vec<_> = listed.iter().map(|head| (head.log.as_str(), head.unusable, head.acknowledged)).collect();
    assert_eq!(shown, [("logs/a", false, Some(1)), ("logs/b", true, None), ("logs/c", false, Some(1))]);
}

#[tokio::test]
async fn reports_of_the_audit_service_are_kept_where_they_can_be_true() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2]).await;
    audit.acknowledge(chain.acknowledgement()).await;
    let report = |kind: &str, size| Rollback { log: LOG.to_owned(), kind: kind.to_owned(), size: Some(size) };
    let rollbacks = vec![report("ROLLED_BACK", 2), report("ROLLED_BACK", 1), report("SUPPRESSED", 0)];
    let request = SealBatchRequest { rollbacks, ..Default::default() };
    audit.signer.seal_batch(request).await.unwrap();
    let now = head(&mut audit, LOG).await;
    assert_eq!(alarms(&now), [("ROLLED_BACK", 1), ("SUPPRESSED", 0)]);
}

#[tokio::test]
async fn heads_carry_the_root_and_are_listed_by_name() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    for name in ["logs/b", "logs/system", "logs/a"] {
        Chain::new(name).seal(&mut audit, [1]).await;
    }
    let mut chain = Chain::new(LOG);
    for number in 0..7 {
        chain.seal(&mut audit, [number]).await;
    }
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.root, now.last_log_time_ns), (chain.range().root().to_vec(), Some(chain.time)));
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListHeadsRequest { page_size: 3, page_token: token };
        let page = audit.signer.list_heads(request).await.unwrap().into_inner();
        names.extend(page.heads.into_iter().map(|head| head.log));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["logs/a", LOG, "logs/b", "logs/system"]);
}

#[tokio::test]
async fn macs_verify_in_their_place_only_under_every_version() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let (mut heads, mut macs) = (Vec::new(), Vec::new());
    for number in 0..4 {
        if number == 2 {
            world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
        }
        let result = chain.seal(&mut audit, [number]).await;
        heads.extend_from_slice(&result.head);
        macs.extend_from_slice(&result.macs[0]);
    }
    let verify = |log: &str, first: u64, heads: &[u8], macs: &[u8]| VerifyMacsRequest {
        log: log.to_owned(),
        indices: (first..first + 4).collect(),
        heads: heads.to_vec(),
        macs: macs.to_vec(),
    };
    let mut auditor = world.calls(&replica, "auditor");
    let mut checked = async |request| {
        let answer = auditor.signer.verify_macs(request).await.unwrap().into_inner();
        (answer.wrong_indices, answer.unknown_indices)
    };
    let none = Vec::<u64>::new;
    assert_eq!(checked(verify(LOG, 0, &heads, &macs)).await, (none(), none()));
    assert_eq!(checked(verify(LOG, 1, &heads, &macs)).await, (vec![1, 2, 3, 4], none()));
    assert_eq!(checked(verify("logs/other", 0, &heads, &macs)).await, (vec![0, 1, 2, 3], none()));
    macs[44 * 2 + 20] ^= 1;
    assert_eq!(checked(verify(LOG, 0, &heads, &macs)).await, (vec![2], none()));
    macs[44 + 3] = 9;
    assert_eq!(checked(verify(LOG, 0, &heads, &macs)).await, (vec![2], vec![1]), "a version that does not exist");
    macs[44 * 3 + 4] ^= 1;
    assert_eq!(checked(verify(LOG, 0, &heads, &macs)).await, (vec![2], vec![1, 3]), "another version of that number");
}

#[tokio::test]
async fn macs_of_a_version_made_a_moment_ago_by_another_replica_are_valid() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let (mut here, mut there) = (world.calls(&replica, "audit-service"), world.calls(&other, "audit-service"));
    let mut chain = Chain::new(LOG);
    for number in 0..5 {
        let before = chain.size;
        world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
        let sealed = chain.seal(&mut here, [number]).await;
        let request = VerifyMacsRequest {
            log: LOG.to_owned(),
            indices: vec![before],
            heads: sealed.head.clone(),
            macs: sealed.macs[0].clone(),
        };
        let answer = there.signer.verify_macs(request).await.unwrap().into_inner();
        assert_eq!((answer.wrong_indices, answer.unknown_indices), (Vec::new(), Vec::new()), "round {number}");
    }
}

#[tokio::test]
async fn segments_older_than_a_day_go_when_acknowledged_but_never_the_newest() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    for number in 0..4 {
        chain.seal(&mut audit, [number]).await;
        if number == 1 {
            audit.acknowledge(chain.acknowledgement()).await;
        }
    }
    let mut other = Chain::new("logs/other");
    other.seal(&mut audit, [1]).await;
    audit.acknowledge(other.acknowledgement()).await;

    let db = world.database.connect().unwrap();
    let key = key_service::root::RootKey::generate().unwrap().row_keys().unwrap();
    let store = &key_service::store::Store::new(db, key);
    let later = clock::Timestamp::from_nanos(i64::MAX);
    let up_to = |chain: &Chain, acknowledged, newest| PruneUpTo { log: log_id(&chain.log), acknowledged, newest };
    let logs = &[up_to(&chain, 2, 3), up_to(&other, 1, 0)];
    let removed = store.signer_segments_prune(store.db(), logs, later, 100);
    assert_eq!(removed.await.unwrap(), 2, "of what is acknowledged, all but the newest of each log");

    let stale = audit.seal_one(begin.segment([9]).0).await;
    assert_eq!((stale.outcome(), stale.size), (SealOutcome::Stale, Some(4)));
    assert_eq!(other.seal(&mut audit, [2]).await.outcome(), SealOutcome::Sealed);
    assert_eq!(head(&mut audit, LOG).await.alarms, []);
}

const MINUTE: i64 = 60_000_000_000;
const YEAR: i64 = 365 * 24 * 60 * MINUTE;

#[tokio::test]
async fn an_entry_before_the_last_one_or_far_ahead_of_the_clock_is_refused_with_both_times() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let first = chain.seal(&mut audit, [1]).await;
    assert!(first.clock_ns > YEAR);
    let ahead = chain.at(first.clock_ns + 3 * MINUTE);
    let refused = audit.seal_one(ahead.segment([2]).0).await;
    assert_eq!((refused.outcome(), refused.size), (SealOutcome::Time, Some(1)));
    assert_eq!(refused.last_log_time_ns, Some(chain.time));
    assert!(refused.clock_ns >= first.clock_ns && refused.clock_ns < ahead.time);

    let mut now = chain.at(first.clock_ns);
    assert_eq!(now.seal(&mut audit, [2]).await.outcome(), SealOutcome::Sealed);
    let refused = audit.seal_one(now.at(now.time - 5).segment([3]).0).await;
    assert_eq!((refused.outcome(), refused.last_log_time_ns), (SealOutcome::Time, Some(now.time)));
    assert_eq!(head(&mut audit, LOG).await.alarms, [], "a wrong clock of audit-service is none of the log's");
}

#[tokio::test]
async fn a_clock_that_was_a_year_fast_costs_true_times_and_one_alarm_but_no_entry() {
    let world = World::new().await;
    let clock = world.movable_clock().await;
    clock.set("1 year").await.unwrap();
    let replica = world.replica().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.time = audit.seal_one(chain.raw(Vec::new())).await.clock_ns;
    assert_eq!(chain.seal(&mut audit, [1]).await.outcome(), SealOutcome::Sealed);
    clock.set("0").await.unwrap();

    let refused = audit.seal_one(chain.segment([2]).0).await;
    assert_eq!((refused.outcome(), refused.last_log_time_ns), (SealOutcome::Time, Some(chain.time)));
    for number in 2..5 {
        // At the very time of the entry before.
        chain = chain.at(chain.time - 1);
        let sealed = chain.seal(&mut audit, [number]).await;
        assert_eq!((sealed.outcome(), sealed.detail.as_str()), (SealOutcome::Sealed, ""));
    }
    let now = head(&mut audit, LOG).await;
    assert_eq!((alarms(&now), now.size), (vec![("CLOCK", 1)], Some(4)));
}

#[tokio::test]
async fn a_log_that_cannot_be_served_is_passed_over_in_company_and_answered_alone() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chains = ["logs/a", "logs/b", "logs/c"].map(Chain::new);
    for chain in &mut chains {
        chain.seal(&mut audit, [1]).await;
    }
    let session = world.sql().await;
    let spoil = "UPDATE signer_heads SET size = 7 WHERE log_name = 'logs/b';
        BEGIN; SELECT FROM signer_heads WHERE log_name = 'logs/a' FOR UPDATE";
    session.batch_execute(spoil).await.unwrap();
    let segments: Vec<_> = chains.iter().map(|chain| chain.segment([2]).0).collect();
    let [a, b, _] = segments.clone().try_into().unwrap();
    let outcomes: Vec<_> = audit.seal_batch(segments).await.iter().map(SegmentResult::outcome).collect();
    assert_eq!(outcomes, [SealOutcome::PassedOver, SealOutcome::PassedOver, SealOutcome::Sealed]);
    let of_one = |segment| SealBatchRequest { segments: vec![segment], ..Default::default() };
    assert!(audit.signer.seal_batch(of_one(b)).await.is_err(), "alone, it is told why");
    session.batch_execute("COMMIT").await.unwrap();
    assert_eq!(audit.seal_one(a).await.outcome(), SealOutcome::Sealed, "nothing was done before");
}

/// Of two logs, the first of which cannot be served, what becomes of each.
async fn in_company(audit: &mut Calls, first: Segment, other: &mut Chain) -> [SealOutcome; 2] {
    let (segment, next) = other.segment([99]);
    let answers = audit.seal_batch(vec![first, segment]).await;
    *other = next;
    let outcomes: Vec<_> = answers.iter().map(SegmentResult::outcome).collect();
    outcomes.try_into().unwrap()
}

#[tokio::test]
async fn what_is_kept_of_one_log_costs_no_other_its_seal() {
    const ALONE: [SealOutcome; 2] = [SealOutcome::PassedOver, SealOutcome::Sealed];
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let (sql, mut other) = (world.sql().await, Chain::new("logs/other"));
    other.seal(&mut audit, [1]).await;

    // An alarm that is to be added to others, which are not what the log's row counts.
    let mut forked = Chain::new("logs/forked");
    let elsewhere = forked.segment([9]).1.segment([8]).0;
    forked.seal(&mut audit, [1]).await;
    assert_eq!(audit.seal_one(elsewhere.clone()).await.outcome(), SealOutcome::Forked);
    sql.batch_execute("DELETE FROM signer_alarms WHERE log_name = 'logs/forked'").await.unwrap();
    assert_eq!(in_company(&mut audit, elsewhere, &mut other).await, ALONE);

    // The same of a log that has no row.
    let ahead = Chain::new("logs/unknown").segment([1]).1.segment([2]).0;
    assert_eq!(audit.seal_one(ahead.clone()).await.outcome(), SealOutcome::Ahead);
    sql.batch_execute("DELETE FROM signer_alarms WHERE log_name = 'logs/unknown'").await.unwrap();
    assert_eq!(in_company(&mut audit, ahead, &mut other).await, ALONE);

    // A segment that a log which is behind would get.
    let mut behind = Chain::new("logs/behind");
    behind.seal(&mut audit, [1]).await;
    let late = behind.segment([9]).0;
    for event in 2..5 {
        behind.seal(&mut audit, [event]).await;
    }
    assert_eq!(audit.seal_one(late.clone()).await.outcome(), SealOutcome::Behind);
    let spoil = "UPDATE signer_segments SET create_time_us = create_time_us + 1 WHERE first_index = 2 AND log_id = $1";
    sql.execute(spoil, &[&log_id(&behind.log).as_uuid()]).await.unwrap();
    assert_eq!(in_company(&mut audit, late, &mut other).await, ALONE);

    // A log that has no row yet, where nobody gets one at the moment.
    let new = Chain::new("logs/new").segment([1]).0;
    sql.batch_execute("SELECT pg_advisory_lock(x'7374726f6e67616c'::bigint)").await.unwrap();
    assert_eq!(in_company(&mut audit, new.clone(), &mut other).await, ALONE);
    sql.batch_execute("SELECT pg_advisory_unlock_all()").await.unwrap();
    assert_eq!(audit.seal_one(new).await.outcome(), SealOutcome::Sealed, "nothing was done before");

    // A log whose name SQL gave to another row.
    Chain::new("logs/squat").seal(&mut audit, [1]).await;
    sql.batch_execute("UPDATE signer_heads SET log_name = 'logs/named' WHERE log_name = 'logs/squat'").await.unwrap();
    assert_eq!(in_company(&mut audit, Chain::new("logs/named").segment([1]).0, &mut other).await, ALONE);
}

#[tokio::test]
async fn a_table_that_is_locked_is_told_as_that_whatever_is_written_behind_it() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut known = Chain::new("logs/known");
    known.seal(&mut audit, [1]).await;
    let session = world.sql().await;
    session.batch_execute("BEGIN; LOCK TABLE signer_segments IN SHARE MODE").await.unwrap();
    let segments = vec![Chain::new("logs/new").segment([1]).0, known.segment([2]).0];
    let answer = audit.signer.seal_batch(SealBatchRequest { segments, ..Default::default() }).await;
    assert_eq!(refused(answer), Refused::with(Code::Unavailable, "DATABASE_UNAVAILABLE", &[]));
}

#[tokio::test]
async fn who_comes_second_with_the_first_segment_of_a_log_is_answered_all_the_same() {
    let world = World::new().await;
    let (one, two) = (world.replica().await, world.replica().await);
    let (mut first, mut second) = (world.calls(&one, "audit-service"), world.calls(&two, "audit-service"));
    let mut known = Chain::new("logs/known");
    known.seal(&mut first, [1]).await;
    let new = Chain::new("logs/new").segment([1]).0;
    let session = world.sql().await;
    session.batch_execute("SELECT pg_advisory_lock(x'7374726f6e67616c'::bigint)").await.unwrap();
    let waiting = |count: i64| {
        let watcher = world.sql();
        async move {
            let watcher = watcher.await;
            let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            let wait = async || (watcher.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == count).then_some(());
            poll_until(LIMIT, "calls that wait", wait).await.unwrap();
        }
    };
    let both = vec![new.clone(), known.segment([2]).0];
    let later = async {
        waiting(1).await;
        let released = async {
            waiting(2).await;
            session.batch_execute("SELECT pg_advisory_unlock_all()").await.unwrap();
        };
        // The second has read that there is no row, before the first makes it.
        tokio::join!(second.seal_batch(both), released).0
    };
    let (made, answers) = tokio::join!(first.seal_one(new), later);
    assert_eq!(made.outcome(), SealOutcome::Sealed);
    assert_eq!(answers[1].outcome(), SealOutcome::Sealed);
    // Where it waited for longer than it may, the new log is passed over.
    assert!([SealOutcome::Sealed, SealOutcome::PassedOver].contains(&answers[0].outcome()), "{answers:?}");
}
