//! Every use of a key leaves its event, durable before a secret leaves.

use std::time::{Duration, Instant};

use api::audit::v1::Outcome;
use audit::OutboxConfig;
use test_support::poll_until;
use tonic::Code;

use crate::support::{LIMIT, Refused, World, refused};

const KEY: &str = "keys/vault-service";
const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];
const CALLER: &str = "spiffe://strongroom.dev/vault-service";

async fn outbox_rows(world: &World) -> i64 {
    world.sql().await.query_one("SELECT count(*) FROM audit_outbox", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_unwrap_is_in_the_outbox_before_its_answer() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let made = vault.generate(KEY, &CONTEXT).await.unwrap();
    world.audit.event("dataKeys.generate", |_| true).await;
    poll_until(LIMIT, "the outbox is empty", async || (outbox_rows(&world).await == 0).then_some(())).await.unwrap();
    world.audit.set_away(true);
    for expected in 1..=3 {
        vault.unwrap(KEY, &CONTEXT, &made.wrapped_key).await.unwrap();
        assert_eq!(outbox_rows(&world).await, expected);
    }
}

#[tokio::test]
async fn an_unwrap_whose_event_cannot_be_written_gives_no_plaintext() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let made = vault.generate(KEY, &CONTEXT).await.unwrap();
    world.sql().await.batch_execute("REVOKE INSERT ON audit_outbox FROM strongroom_key").await.unwrap();
    let started = Instant::now();
    let unavailable = Refused::with(Code::Unavailable, "AUDIT_UNAVAILABLE", &[]);
    assert_eq!(refused(vault.unwrap(KEY, &CONTEXT, &made.wrapped_key).await), unavailable);
    let wrong = vault.unwrap(KEY, &[("record", "r-2")], &made.wrapped_key).await;
    assert!(rpc::StatusDetails::of(wrong.as_ref().unwrap_err()).retry_after.is_some());
    assert_eq!(refused(wrong), unavailable, "a refusal that cannot be recorded is not told either");
    assert!(started.elapsed() < Duration::from_secs(5));
    world.sql().await.batch_execute("GRANT INSERT ON audit_outbox TO strongroom_key").await.unwrap();
    vault.unwrap(KEY, &CONTEXT, &made.wrapped_key).await.unwrap();
    let refusal = world.audit.event("dataKeys.unwrap", |event| event.outcome() == Outcome::Refused).await;
    assert_eq!(refusal.attributes["reason"], "AAD_MISMATCH", "what could not be written then was written later");
}

#[tokio::test]
async fn events_name_caller_address_operations_and_a_digest_over_them() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let made = vault.generate(KEY, &CONTEXT).await.unwrap();
    let answer = vault.unwrap(KEY, &CONTEXT, &made.wrapped_key).await.unwrap();
    let operation = answer.operation.unwrap();
    assert_eq!(made.operation.unwrap().boot_id, operation.boot_id);
    let counter = operation.counter.to_string();
    let event = world.audit.event("dataKeys.unwrap", |event| event.attributes["first"] == counter).await;
    assert_eq!((event.actor.as_str(), event.resource.as_str(), event.log.as_str()), (CALLER, KEY, "logs/system"));
    assert_eq!(event.attributes["boot"], operation.boot_id);
    assert_eq!((event.attributes["last"].as_str(), event.attributes["count"].as_str()), (counter.as_str(), "1"));

    assert_eq!(event.attributes["peer"], "127.0.0.1");

    let row =
        world.sql().await.query_one("SELECT key_uid FROM keys WHERE key_id = 'vault-service'", &[]).await.unwrap();
    let context = envelope::EncryptionContext::from_iter(CONTEXT);
    let mut bytes = b"strongroom/key/operations/v1\0".to_vec();
    bytes.extend(operation.counter.to_be_bytes());
    bytes.extend(row.get::<_, uuid::Uuid>(0).as_bytes());
    bytes.extend(1_u32.to_be_bytes());
    for part in [&b""[..], b"OK", context.canonical()] {
        bytes.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        bytes.extend(part);
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let hex = digest.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert_eq!(event.attributes["digest"], hex);
}

#[tokio::test]
async fn operations_of_concurrent_calls_are_each_accounted_for_once() {
    let (world, replica) = World::start().await;
    let made = world.calls(&replica, "vault-service").generate(KEY, &CONTEXT).await.unwrap();
    let calls = (0..64).map(|_| {
        let (mut vault, wrapped) = (world.calls(&replica, "vault-service"), made.wrapped_key.clone());
        async move { vault.unwrap(KEY, &CONTEXT, &wrapped).await.unwrap().operation.unwrap().counter }
    });
    let mut counters = futures::future::join_all(calls).await;
    counters.sort_unstable();
    counters.dedup();
    assert_eq!(counters.len(), 64, "every operation has a number of its own");
    poll_until(LIMIT, "all unwraps are delivered", async || {
        let events = world.audit.events();
        let unwraps = events.iter().filter(|event| event.action == "dataKeys.unwrap");
        let total: u64 = unwraps.map(|event| event.attributes["count"].parse::<u64>().unwrap()).sum();
        (total == 64).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn generates_are_recorded_soon_and_at_the_end_of_the_process() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let counter = vault.generate(KEY, &CONTEXT).await.unwrap().operation.unwrap().counter;
    world.audit.event("dataKeys.generate", |event| event.attributes["first"] == counter.to_string()).await;

    world.audit.set_away(true);
    let last = vault.generate(KEY, &CONTEXT).await.unwrap().operation.unwrap().counter;
    replica.stop().await;
    assert_eq!(outbox_rows(&world).await, 1, "the last generate is durable");
    world.audit.set_away(false);
    let _next = world.replica().await;
    world.audit.event("dataKeys.generate", |event| event.attributes["first"] == last.to_string()).await;
}

#[tokio::test]
async fn keys_are_refused_while_evidence_piles_up_and_usable_again_afterwards() {
    let bounds =
        OutboxConfig { max_backlog: 100_000, max_backlog_age: Duration::from_millis(300), ..OutboxConfig::default() };
    let world = World::new().await.with_outbox(bounds);
    let replica = world.replica().await;
    let mut vault = world.calls(&replica, "vault-service");
    let made = vault.generate(KEY, &CONTEXT).await.unwrap();
    world.audit.set_away(true);
    vault.unwrap(KEY, &CONTEXT, &made.wrapped_key).await.unwrap();
    let unavailable = Refused::with(Code::Unavailable, "AUDIT_UNAVAILABLE", &[]);
    poll_until(LIMIT, "the backlog is too old", async || {
        let answer = world.calls(&replica, "vault-service").unwrap(KEY, &CONTEXT, &made.wrapped_key).await;
        answer.is_err().then(|| assert_eq!(refused(answer), unavailable))
    })
    .await
    .unwrap();
    assert_eq!(refused(vault.generate(KEY, &CONTEXT).await), unavailable);
    assert_eq!(refused(world.calls(&replica, "operator").rotate(KEY).await), unavailable);

    world.audit.set_away(false);
    poll_until(LIMIT, "keys are usable again", async || {
        world.calls(&replica, "vault-service").unwrap(KEY, &CONTEXT, &made.wrapped_key).await.ok()
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn refused_calls_are_counted_in_one_event() {
    let (world, replica) = World::start().await;
    let mut stranger = world.calls(&replica, "stranger");
    for _ in 0..5 {
        assert_eq!(refused(stranger.generate(KEY, &CONTEXT).await).code, Code::PermissionDenied);
    }
    poll_until(LIMIT, "five refusals are recorded", async || {
        let events = world.audit.events();
        let denied = events.iter().filter(|event| event.outcome() == Outcome::Denied);
        let total: u64 = denied.map(|event| event.attributes["count"].parse::<u64>().unwrap()).sum();
        (total == 5).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn while_the_outbox_stands_still_generates_are_answered_and_unwraps_are_not() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let made = vault.generate(KEY, &CONTEXT).await.unwrap();
    let sql = world.sql().await;
    sql.batch_execute("BEGIN; LOCK TABLE audit_outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    vault.generate(KEY, &CONTEXT).await.unwrap();
    let unavailable = Refused::with(Code::Unavailable, "AUDIT_UNAVAILABLE", &[]);
    // Within its two seconds, which a test of operations holds to a clock.
    assert_eq!(refused(vault.unwrap(KEY, &CONTEXT, &made.wrapped_key).await), unavailable);
    sql.batch_execute("COMMIT").await.unwrap();
    poll_until(LIMIT, "unwraps are answered again", async || {
        world.calls(&replica, "vault-service").unwrap(KEY, &CONTEXT, &made.wrapped_key).await.ok()
    })
    .await
    .unwrap();
}
