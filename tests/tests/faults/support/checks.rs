//! Everything that must hold once the faults are over.

use api::audit::v1::verify_log_response::Result as Step;
use api::audit::v1::{Report, Verdict, VerifyLogRequest};
use api::key::v1::GetHeadRequest;
use futures::stream::{self, StreamExt as _};
use stack::Service;
use tonic::Code;

use super::calls::Records;
use super::evidence::{Evidence, disagreements};
use super::ledger::{Ledger, State};
use super::world::{LOG, SYSTEM_LOG, World};
use super::{PATIENCE, eventually};

/// Reveals under way at once when everything is read back.
const READERS: usize = 8;

/// Waits until no event waits anywhere: outboxes are empty, and the signer knows that all it sealed is committed.
pub(crate) async fn all_delivered(world: &World) {
    let (vault, key) = (world.sql(Service::Vault).await.unwrap(), world.sql(Service::Key).await.unwrap());
    let of_vault = "SELECT count(*), 0::bigint FROM audit_outbox";
    let of_key = "SELECT (SELECT count(*) FROM audit_outbox), \
                  (SELECT count(*) FROM signer_heads WHERE acknowledged < size)";
    let mut left = Vec::new();
    let delivered = test_support::poll_until(PATIENCE, "everything delivered", async || {
        left.clear();
        for (session, sql) in [(&vault, of_vault), (&key, of_key)] {
            let row = session.query_one(sql, &[]).await.unwrap();
            left.extend([row.get::<_, i64>(0), row.get::<_, i64>(1)]);
        }
        left.iter().all(|count| *count == 0).then_some(())
    });
    let result = delivered.await;
    assert!(result.is_ok(), "after {PATIENCE:?}: rows in vault's outbox, -, in key's, unacknowledged logs: {left:?}");
}

/// Reads every record back, waits until all is delivered, and holds clients, rows, entries and logs against each other.
pub(crate) async fn all_holds(world: &World, ledger: Ledger) -> Evidence {
    let evidence = all_agrees(world, ledger).await;
    logs_are_intact(world).await;
    evidence
}

/// The same, but for the logs.
pub(crate) async fn all_agrees(world: &World, mut ledger: Ledger) -> Evidence {
    read_back(&world.records("vault"), &mut ledger).await;
    all_delivered(world).await;
    let evidence = Evidence::of(world).await;
    let found = disagreements(&ledger, &evidence);
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found.join("\n"));
    assert!(!evidence.entries.is_empty() && !ledger.writes.is_empty(), "nothing was checked");
    println!("{} entries, {} rows agree with {}", evidence.entries.len(), evidence.rows.len(), ledger.figures());
    evidence
}

/// Reveals every record that clients know of.
pub(crate) async fn read_back(records: &Records, ledger: &mut Ledger) {
    let names: Vec<String> = ledger.records.keys().cloned().collect();
    let answers = stream::iter(names).map(async |name| {
        let answer = eventually("a reveal to be answered", async || match records.reveal(&name).await {
            Ok(done) => Some(Ok(done)),
            Err(failed) if failed.details().code == Code::Unavailable => None,
            Err(failed) => Some(Err(failed)),
        })
        .await;
        (name, answer)
    });
    let answers: Vec<_> = answers.buffer_unordered(READERS).collect().await;
    for (name, answer) in answers {
        match answer {
            Ok(done) => ledger.revealed(&name, &done),
            Err(failed) if failed.details().code == Code::NotFound => ledger.saw(&name, &State::Absent),
            Err(failed) => ledger.surprise("read back", &name, &failed),
        }
    }
}

/// The logs verify, nobody raised an alarm, and nothing was refused or quarantined.
pub(crate) async fn logs_are_intact(world: &World) {
    for log in [LOG, SYSTEM_LOG] {
        let report = verify(world, log).await;
        assert_eq!(report.verdict(), Verdict::Intact, "{log}: {report:?}");
        let answer = world.signer().get_head(GetHeadRequest { log: log.into() }).await.unwrap();
        let head = answer.into_inner().head.unwrap();
        assert!(head.alarms.is_empty(), "{log}: {head:?}");
    }
    assert_eq!(world.count(Service::Key, "SELECT count(*) FROM signer_alarms").await, 0);
    assert_eq!(world.count(Service::Audit, "SELECT count(*) FROM logs WHERE state <> 'ACTIVE'").await, 0);
    for service in [Service::Key, Service::Vault] {
        assert_eq!(world.count(service, "SELECT count(*) FROM audit_outbox_refused").await, 0, "{service:?}");
    }
    let double = "SELECT count(*) - count(DISTINCT event_id) FROM entries";
    assert_eq!(world.count(Service::Audit, double).await, 0, "event ids stand twice");
}

/// What verification says of a log.
pub(crate) async fn verify(world: &World, log: &str) -> Report {
    verify_as(world, VerifyLogRequest { name: log.into(), ..Default::default() }).await
}

/// The same, for a caller who may expect something of the log.
pub(crate) async fn verify_as(world: &World, request: VerifyLogRequest) -> Report {
    // It waits for its own entry no longer than 2 s, which a machine that is busy with many stacks may exceed, and then
    // says that it may be asked again.
    let mut answer = eventually("a verification that is accounted for", async || {
        match world.logs("audit").verify_log(request.clone()).await {
            Ok(answer) => Some(answer.into_inner()),
            Err(status) if status.code() == Code::Unavailable => None,
            Err(status) => panic!("{status:?}"),
        }
    })
    .await;
    let mut report = None;
    while let Some(step) = answer.message().await.unwrap() {
        if let Some(Step::Report(found)) = step.result {
            report = Some(found);
        }
    }
    report.unwrap()
}
