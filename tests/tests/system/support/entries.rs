//! Audit entries, read from the database: reading them through the API would make more of them.

use names::LogName;
use serde_json::Value as Json;
use stack::Service;
use test_support::entries::event_of;
use uuid::Uuid;

use super::eventually;
use super::sql::Sql;
use super::stacks::World;

/// An entry with its place.
#[derive(Clone, Debug)]
pub(crate) struct LoggedEntry {
    pub(crate) index: i64,
    pub(crate) event: tlog::Event,
}

impl LoggedEntry {
    /// An attribute, or nothing.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.event.attributes.get(name).map_or("", String::as_str)
    }
}

/// The log that has this name.
pub(crate) fn log_id(log: &str) -> Uuid {
    tlog::log_id(&log.parse().unwrap()).as_uuid()
}

/// Entries of a log from `first` on.
pub(crate) async fn entries(audit: &Sql, log: &str, first: i64) -> Vec<LoggedEntry> {
    entries_of(audit, log_id(log), first).await
}

/// Entries of the log that has this id, from `first` on.
pub(crate) async fn entries_of(audit: &Sql, log: Uuid, first: i64) -> Vec<LoggedEntry> {
    let sql = "SELECT entry_index, entry FROM entries WHERE log_id = $1 AND entry_index >= $2 ORDER BY entry_index";
    let rows = audit.rows(sql, &[&log, &first]).await;
    let read = |bytes: &[u8]| event_of(&tlog::entry::decode(bytes).unwrap(), &LogName::System);
    rows.iter().map(|row| LoggedEntry { index: row.get(0), event: read(row.get(1)) }).collect()
}

/// Number of entries of a log; 0 where there is no such log.
pub(crate) async fn size(audit: &Sql, log: &str) -> i64 {
    let rows = audit.rows("SELECT size FROM logs WHERE log_id = $1", &[&log_id(log)]).await;
    rows.first().map_or(0, |row| row.get(0))
}

/// Waits for the entry of an event, by the id that the answer carries.
pub(crate) async fn entry_of(audit: &Sql, log: &str, event_id: &str) -> LoggedEntry {
    let event_id: Uuid = event_id.parse().unwrap();
    eventually(&format!("an entry of event {event_id} in {log}"), async || {
        let found = entries(audit, log, 0).await;
        found.into_iter().find(|entry| entry.event.event_id.as_uuid() == event_id)
    })
    .await
}

/// Waits until a log holds `count` entries that `wanted` selects.
pub(crate) async fn wait_for(
    audit: &Sql,
    log: &str,
    count: usize,
    wanted: impl Fn(&LoggedEntry) -> bool,
) -> Vec<LoggedEntry> {
    eventually(&format!("{count} entries in {log}"), async || {
        let found: Vec<_> = entries(audit, log, 0).await.into_iter().filter(&wanted).collect();
        (found.len() >= count).then_some(found)
    })
    .await
}

/// Waits until no event waits in an outbox and everything sealed is acknowledged.
pub(crate) async fn all_delivered(world: &World) {
    let (vault, key) = (world.sql(Service::Vault).await, world.sql(Service::Key).await);
    eventually("empty outboxes", async || {
        for sql in [&vault, &key] {
            if sql.row("SELECT count(*) FROM audit_outbox", &[]).await.get::<_, i64>(0) > 0 {
                return None;
            }
        }
        let sql = "SELECT count(*) FROM signer_heads WHERE acknowledged < size";
        (key.row(sql, &[]).await.get::<_, i64>(0) == 0).then_some(())
    })
    .await;
}

/// What `audit-service verify` said.
#[derive(Debug)]
pub(crate) struct Verified {
    /// 0 intact, 1 tampered, 2 incomplete.
    pub(crate) status: i32,
    /// All that it printed.
    pub(crate) output: String,
    /// The same, read as JSON.
    pub(crate) report: Json,
}

impl Verified {
    /// Kind and range of each finding in a log.
    pub(crate) fn findings(&self, log: &str) -> Vec<(String, u64, u64)> {
        let logs = self.report["logs"].as_array().unwrap();
        let of_log = logs.iter().find(|one| one["log"] == log).unwrap_or_else(|| panic!("no {log}: {}", self.output));
        let finding = |finding: &Json| {
            let kind = finding["kind"].as_str().unwrap().to_owned();
            (kind, finding["first_index"].as_u64().unwrap(), finding["last_index"].as_u64().unwrap())
        };
        of_log["findings"].as_array().unwrap().iter().map(finding).collect()
    }
}

/// Runs `audit-service verify` with further arguments.
pub(crate) fn verify(world: &World, arguments: &[&str]) -> Verified {
    let output = std::process::Command::new(world.binary(Service::Audit))
        .args(["verify", "--json", "--config"])
        .arg(world.config("audit"))
        .args(arguments)
        .current_dir(world.directory())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let report = serde_json::from_str(&text).unwrap_or_default();
    let output_text = text + &String::from_utf8(output.stderr).unwrap();
    Verified { status: output.status.code().unwrap(), output: output_text, report }
}
