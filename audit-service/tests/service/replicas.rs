//! Two replicas on one database and one signer, under load: no leader, no fork, no event twice.

use std::collections::BTreeSet;

use api::audit::v1::Verdict;
use api::key::v1::RotateKeyRequest;
use api::key::v1::key_service_client::KeyServiceClient;
use names::LogName;
use tlog::Event;

use crate::world::{World, event, events, log};

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
    // They met: events of the other's were found, and their MACs checked. Which of the two came later is chance.
    assert!(one.faults.count_checks() + two.faults.count_checks() > 0);
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

#[tokio::test(flavor = "multi_thread")]
async fn while_the_mac_key_rotates_two_replicas_on_two_signers_raise_no_alarm() {
    let mut world = World::start().await;
    let other = world.another_signer().await;
    let (one, two) = (world.replica().await, world.replica_on(other).await);
    let acme = log("logs/acme");
    let mut keys = KeyServiceClient::new(world.channel("operator"));
    for _ in 0..6 {
        let request = RotateKeyRequest { name: "keys/audit-mac".to_owned(), ..Default::default() };
        keys.rotate_key(request).await.unwrap();
        let mut batch = events(3);
        // Delivered twice: the other signer, which may not have seen the rotation yet, is asked about their MACs.
        let first = one.append(&acme, &batch).await;
        assert_eq!(two.append(&acme, &batch).await, first);
        batch = events(2);
        let first = two.append(&acme, &batch).await;
        assert_eq!(one.append(&acme, &batch).await, first);
    }
    let view = world.signer.head(acme.clone()).await.unwrap().unwrap();
    assert_eq!((view.size, view.alarms), (30, Vec::new()));
    assert_eq!(world.verify(&one, &acme).await.verdict(), Verdict::Intact);
}
