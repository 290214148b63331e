//! Two replicas on one database and one signer, under load: no leader, no fork, no event twice.

use std::collections::BTreeSet;

use api::audit::v1::Verdict;
use names::LogName;
use tlog::Event;

use crate::world::{World, event, log};

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_append_every_event_exactly_once() {
    let world = World::start().await;
    let (one, two) = (world.replica().await, world.replica().await);
    let logs = [log("logs/acme"), log("logs/umbrella"), log("logs/system")];
    let batches: Vec<(LogName, Vec<Event>)> = (0..60_u64)
        .map(|batch| {
            (logs[usize::try_from(batch).unwrap() % 3].clone(), (0..7).map(|n| event(batch * 7 + n)).collect())
        })
        .collect();
    // Every batch goes to both, as after an answer that was lost.
    let both = batches.iter().map(|(log, events)| async {
        let (first, second) = futures::join!(one.append(log, events), two.append(log, events));
        assert_eq!(first, second, "receipts differ");
        first
    });
    let indices = futures::future::join_all(both).await;
    for log in &logs {
        let of_log = batches.iter().zip(&indices).filter(|((name, _), _)| name == log);
        let places: BTreeSet<u64> = of_log.flat_map(|(_, indices)| indices.clone()).collect();
        assert_eq!(places, (0..140).collect::<BTreeSet<u64>>(), "{log}");
    }
    for log in &logs {
        let report = world.verify(&two, log).await;
        assert_eq!(report.verdict(), Verdict::Intact, "{report:?}");
    }
}
