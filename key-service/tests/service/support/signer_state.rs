//! The signer's state as callers see it, and as SQL sets it back; and its database's clock.

use api::key::v1::{GetHeadRequest, Head};
use test_support::postgres::MovableClock;

use super::{Calls, World};

/// Everything that the signer keeps, and the keys.
const TABLES: [&str; 7] = [
    "keys",
    "key_versions",
    "signer_heads",
    "signer_segments",
    "signer_alarms",
    "signer_unknown_alarms",
    "signer_losses",
];

/// What the signer knows of a log.
pub(crate) async fn head(calls: &mut Calls, log: &str) -> Head {
    calls.signer.get_head(GetHeadRequest { log: log.to_owned() }).await.unwrap().into_inner().head.unwrap()
}

/// Kinds and indices of the open alarms, sorted.
pub(crate) fn alarms(head: &Head) -> Vec<(&str, u64)> {
    let open = head.alarms.iter().filter(|alarm| alarm.close_time.is_none());
    let mut alarms: Vec<_> = open.map(|alarm| (alarm.kind.as_str(), alarm.first_index())).collect();
    alarms.sort_unstable();
    alarms
}

/// Ids of the open alarms of a kind.
pub(crate) fn open_ids(head: &Head, kind: &str) -> Vec<String> {
    let open = head.alarms.iter().filter(|alarm| alarm.close_time.is_none() && alarm.kind == kind);
    open.map(|alarm| alarm.alarm_id.clone()).collect()
}

impl World {
    /// Puts a clock of the test's in front of the database's own. Before a replica is started.
    pub(crate) async fn movable_clock(&self) -> MovableClock {
        MovableClock::install(&self.database).await.unwrap()
    }

    /// Keeps what the signer has now, as a backup does.
    pub(crate) async fn back_up(&self) {
        let tables = TABLES.map(|table| format!("CREATE TABLE backup_{table} AS TABLE {table};"));
        self.sql().await.batch_execute(&tables.concat()).await.unwrap();
    }

    /// Sets the signer back to what was kept.
    pub(crate) async fn restore(&self) {
        let sql = self.sql().await;
        sql.batch_execute("SET session_replication_role = replica").await.unwrap();
        let tables =
            TABLES.map(|table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT b.* FROM backup_{table} b;"));
        sql.batch_execute(&format!("BEGIN; {} COMMIT", tables.concat())).await.unwrap();
    }
}
