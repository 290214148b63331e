//! What becomes of logs while the golden databases are made: SQL with all rights, and operators who mend it.

use api::audit::v1::AppendEventsRequest;
use api::key::v1::signer_service_client::SignerServiceClient;
use api::key::v1::{CloseAlarmRequest, DeclareLossRequest};
use names::LogName;
use prost::Message as _;
use rpc::Channel;
use stack::Service;
use stack::postgres::Session;
use uuid::Uuid;

use crate::support::eventually;
use crate::support::world::{SYSTEM_LOG, World};

/// The log that is left in quarantine.
pub(super) const FORKED_LOG: &str = "logs/umbrella";
/// The log of which a range is lost.
pub(super) const LOST_LOG: &str = "logs/initech";
/// A log that was never sealed.
pub(super) const NEVER_LOG: &str = "logs/never";

fn operator(world: &World) -> SignerServiceClient<Channel> {
    SignerServiceClient::new(world.channel("operator", "key").unwrap())
}

/// A session that no trigger stops.
async fn tamperer(world: &World) -> Session {
    let session = world.sql(Service::Audit).await.unwrap();
    session.batch_execute("SET session_replication_role = replica").await.unwrap();
    session
}

/// Waits until a log has open alarms of a kind; their ids.
async fn alarmed(world: &World, log: &str, kind: &str) -> Vec<String> {
    let key = world.sql(Service::Key).await.unwrap();
    let sql = "SELECT alarm_id FROM signer_alarms WHERE log_name = $1 AND kind = $2 AND close_time_us IS NULL";
    eventually("an alarm", async || {
        let rows = key.query(sql, &[&log, &kind]).await.unwrap();
        (!rows.is_empty()).then(|| rows.iter().map(|row| row.get::<_, Uuid>(0).to_string()).collect())
    })
    .await
}

/// Closes all open alarms of a log, as soon as rows and signer agree.
pub(super) async fn close_alarms(world: &World, log: &str) {
    let key = world.sql(Service::Key).await.unwrap();
    let sql = "SELECT alarm_id FROM signer_alarms WHERE log_name = $1 AND close_time_us IS NULL";
    eventually("alarms closed", async || {
        let rows = key.query(sql, &[&log]).await.unwrap();
        let alarm_ids = rows.iter().map(|row| row.get::<_, Uuid>(0).to_string()).collect();
        let reference = "INC-7".to_owned();
        let request = CloseAlarmRequest { log: log.to_owned(), alarm_ids, reference, ..Default::default() };
        operator(world).close_alarm(request).await.ok()
    })
    .await;
}

/// Sets a log's row beyond what is sealed.
pub(super) async fn set_ahead(world: &World, log: &str) {
    let audit = world.sql(Service::Audit).await.unwrap();
    audit.execute("UPDATE logs SET size = size + 5 WHERE name = $1", &[&log]).await.unwrap();
}

/// Mends what [`set_ahead`] did, once an event was reported to the log and showed it: a closed alarm AHEAD.
pub(super) async fn mend_size(world: &World, log: &str) {
    alarmed(world, log, "AHEAD").await;
    let audit = world.sql(Service::Audit).await.unwrap();
    audit.execute("UPDATE logs SET size = size - 5 WHERE name = $1", &[&log]).await.unwrap();
    close_alarms(world, log).await;
}

/// The row of a log that never was appears, and goes when it was noticed: a closed alarm of a log without a head.
pub(super) async fn a_row_of_a_log_that_never_was(world: &World) {
    let log: LogName = NEVER_LOG.parse().unwrap();
    let sql = "INSERT INTO logs (log_id, name, size, head, last_logged_ns) VALUES ($1, $2, 3, sha256('never'), 0)";
    world.sql(Service::Audit).await.unwrap().execute(sql, &[&tlog::log_id(&log).as_uuid(), &NEVER_LOG]).await.unwrap();
}

/// The other half of [`a_row_of_a_log_that_never_was`], once audit-service was started anew.
pub(super) async fn the_row_goes_again(world: &World) {
    alarmed(world, NEVER_LOG, "AHEAD").await;
    let audit = world.sql(Service::Audit).await.unwrap();
    assert_eq!(audit.execute("DELETE FROM logs WHERE name = $1", &[&NEVER_LOG]).await.unwrap(), 1);
    close_alarms(world, NEVER_LOG).await;
}

/// Sets the rows of a log back to its second segment, while audit-service is stopped, and lets the signer keep nothing but its
/// newest segment, as if the others were a day old. The range that is lost by that.
pub(super) async fn lose_the_middle(world: &World) -> (i64, i64) {
    let log = tlog::log_id(&LOST_LOG.parse().unwrap()).as_uuid();
    let (key, audit) = (world.sql(Service::Key).await.unwrap(), tamperer(world).await);
    let sql = "SELECT first_index FROM signer_segments WHERE log_id = $1 ORDER BY first_index";
    let firsts: Vec<i64> = key.query(sql, &[&log]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let [_, cut, .., newest] = firsts[..] else { panic!("too few segments: {firsts:?}") };
    key.execute("DELETE FROM signer_segments WHERE log_id = $1 AND first_index < $2", &[&log, &newest]).await.unwrap();
    let sql = "SELECT entry FROM entries WHERE log_id = $1 AND entry_index = $2";
    let row = audit.query_one(sql, &[&log, &cut]).await.unwrap();
    let head = tlog::entry::decode(row.get(0)).unwrap().place.previous_head;
    audit.execute("DELETE FROM entries WHERE log_id = $1 AND entry_index >= $2", &[&log, &cut]).await.unwrap();
    let sql = "UPDATE logs SET size = $2, head = $3 WHERE log_id = $1";
    audit.execute(sql, &[&log, &cut, &head.as_slice()]).await.unwrap();
    (cut, newest - 1)
}

/// An operator declares the range lost, once audit-service was started anew.
pub(super) async fn declare_the_loss(world: &World, first: i64, last: i64) {
    let alarm_ids = alarmed(world, LOST_LOG, "ROLLED_BACK").await;
    let index = |index| u64::try_from(index).ok();
    eventually("the loss declared", async || {
        let request = DeclareLossRequest {
            log: LOST_LOG.into(),
            first_index: index(first),
            last_index: index(last),
            alarm_ids: alarm_ids.clone(),
            reference: "INC-8".into(),
            ..Default::default()
        };
        operator(world).declare_loss(request).await.ok()
    })
    .await;
}

/// Lets a log's row say another head than the sealed one.
pub(super) async fn fork(world: &World) {
    let audit = world.sql(Service::Audit).await.unwrap();
    let changed = audit.execute("UPDATE logs SET head = sha256('forked') WHERE name = $1", &[&FORKED_LOG]).await;
    assert_eq!(changed.unwrap(), 1);
}

/// Waits for what follows when an event is reported to it: an open alarm, and a quarantine.
pub(super) async fn is_forked(world: &World) {
    alarmed(world, FORKED_LOG, "FORKED").await;
    eventually("the quarantine", async || {
        let sql = "SELECT count(*) FROM logs WHERE name = 'logs/umbrella' AND quarantine_reason = 'FORKED'";
        (world.count(Service::Audit, sql).await == 1).then_some(())
    })
    .await;
}

/// Mends what [`fork`] did.
pub(super) async fn mend_head(world: &World, head: &[u8]) {
    let audit = world.sql(Service::Audit).await.unwrap();
    let changed = audit.execute("UPDATE logs SET head = $2 WHERE name = $1", &[&FORKED_LOG, &head]).await;
    assert_eq!(changed.unwrap(), 1);
}

/// SQL puts a row that no service has written into each outbox, and it is set aside.
pub(super) async fn forge_outbox_rows(world: &World, log_of_vault: &str) {
    for (service, log) in [(Service::Vault, log_of_vault), (Service::Key, SYSTEM_LOG)] {
        let outbox = world.sql(service).await.unwrap();
        let sql = "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac) VALUES ($1, $2, 1, $3, $4)";
        let (id, events, mac) =
            (clock::uuid_v7(&clock::SystemClock), AppendEventsRequest::default().encode_to_vec(), vec![7_u8; 32]);
        outbox.execute(sql, &[&id, &log, &events, &mac]).await.unwrap();
        eventually("the forged row set aside", async || {
            (world.count(service, "SELECT count(*) FROM audit_outbox_refused").await == 1).then_some(())
        })
        .await;
    }
}
