//! Audit entries and record rows, held against each other and against what clients were told.

use std::collections::BTreeMap;

use names::LogName;
use stack::Service;
use test_support::entries::event_of;
use uuid::Uuid;

use super::ledger::{CARRY_OVER, CREATE, DELETE, Ledger, REVEAL, Told, UPDATE};
use super::world::{LOG, SYSTEM_LOG, TENANT, World};

/// Reason of an answer that was given again.
const REPLAYED: &str = "REPLAYED";

/// Entries of the tenant's log, rows of its records, and what key-service says of its use.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) entries: Vec<Entry>,
    pub(crate) rows: Vec<Row>,
    pub(crate) unwraps: Vec<Unwraps>,
}

/// An entry of key-service: unwraps for one caller that were committed together.
#[derive(Clone, Debug)]
pub(crate) struct Unwraps {
    boot: String,
    first: u64,
    last: u64,
    pub(crate) count: usize,
}

/// What an entry says of a record.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) event_id: String,
    pub(crate) action: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) revision: i64,
    /// Whether it tells of something that was done: a revision that was opened for an update, or a call that failed, is
    /// told of too.
    pub(crate) is_done: bool,
    /// Whether an answer was given again.
    pub(crate) is_replay: bool,
    pub(crate) operation: Option<String>,
}

/// A record.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) revision: i64,
}

impl Evidence {
    /// As it is now.
    pub(crate) async fn of(world: &World) -> Self {
        let entries = events_of(world, LOG).await;
        let uses = events_of(world, SYSTEM_LOG).await;
        let vault = world.sql(Service::Vault).await.unwrap();
        let sql = "SELECT 'tenants/' || tenant_id || '/collections/' || collection_id || '/records/' || record_id, \
                   record_uid, revision FROM records WHERE tenant_id = $1";
        let rows = vault.query(sql, &[&TENANT]).await.unwrap();
        let row = |row: &tokio_postgres::Row| Row {
            name: row.get(0),
            uid: row.get::<_, Uuid>(1).to_string(),
            revision: row.get(2),
        };
        Self {
            entries: entries.into_iter().map(Entry::of).collect(),
            rows: rows.iter().map(row).collect(),
            unwraps: uses.iter().filter_map(Unwraps::of).collect(),
        }
    }
}

/// All events of a log, in its order.
pub(crate) async fn events_of(world: &World, log: &str) -> Vec<tlog::Event> {
    let audit = world.sql(Service::Audit).await.unwrap();
    let log: LogName = log.parse().unwrap();
    let log_id = tlog::log_id(&log).as_uuid();
    let sql = "SELECT entry FROM entries WHERE log_id = $1 ORDER BY entry_index";
    let rows = audit.query(sql, &[&log_id]).await.unwrap();
    rows.iter().map(|row| event_of(&tlog::entry::decode(row.get(0)).unwrap(), &log)).collect()
}

impl Unwraps {
    /// Unwraps that were done with tenants' keys.
    fn of(event: &tlog::Event) -> Option<Self> {
        let is_own = event.resource == "keys/vault-service";
        if event.action != "dataKeys.unwrap" || event.outcome != tlog::Outcome::OK || is_own {
            return None;
        }
        let number = |name: &str| event.attributes[name].parse().unwrap();
        let (first, last) = (number("first"), number("last"));
        let count = event.attributes["count"].parse().unwrap();
        Some(Self { boot: event.attributes["boot"].clone(), first, last, count })
    }

    fn holds(&self, operation: &str) -> bool {
        let (boot, counter) = operation.split_once('/').unwrap();
        boot == self.boot && (self.first..=self.last).contains(&counter.parse().unwrap())
    }
}

impl Evidence {
    /// Key operations that opened a data key, as the vault tells of them.
    pub(crate) fn opened(&self) -> impl Iterator<Item = &str> {
        let opens = |entry: &&Entry| entry.action == REVEAL || entry.action == CARRY_OVER;
        self.entries.iter().filter(opens).filter_map(|entry| entry.operation.as_deref())
    }
}

impl Entry {
    fn of(event: tlog::Event) -> Self {
        let attribute = |name: &str| event.attributes.get(name).cloned().unwrap_or_default();
        Self {
            event_id: event.event_id.to_string(),
            uid: attribute("uid"),
            revision: attribute("revision").parse().unwrap_or_default(),
            is_done: event.outcome == tlog::Outcome::OK && attribute("reason").is_empty(),
            is_replay: event.outcome == tlog::Outcome::OK && attribute("reason") == REPLAYED,
            operation: event.key_operation.map(|operation| format!("{}/{}", operation.boot, operation.counter)),
            action: event.action,
            name: event.resource,
        }
    }
}

/// Everything that clients, entries and rows do not agree upon, in words.
pub(crate) fn disagreements(ledger: &Ledger, evidence: &Evidence) -> Vec<String> {
    let mut found = ledger.surprises.clone();
    found.extend(ledger.writes.iter().filter_map(|write| disputed_write(write, evidence)));
    found.extend(disputed_reveals(ledger, evidence));
    found.extend(disputed_histories(evidence));
    found.extend(untold_by_key_service(evidence));
    found.extend(repeated("event id", evidence.entries.iter().map(|entry| &entry.event_id)));
    let done = evidence.entries.iter().filter(|entry| entry.is_done);
    found.extend(repeated("key operation", done.filter_map(|entry| entry.operation.as_ref())));
    found
}

/// An acknowledged write has exactly one entry, which carries the event id of its answer; or an answer that was given again
/// has.
fn disputed_write(write: &Told, evidence: &Evidence) -> Option<String> {
    let is_of = |entry: &&Entry| {
        entry.is_done && entry.action == write.action && entry.name == write.name && entry.revision == write.revision
    };
    let entries: Vec<&Entry> = evidence.entries.iter().filter(is_of).collect();
    let is_replay = |id: &String| {
        let is = |entry: &&Entry| entry.is_replay && entry.action == write.action && entry.name == write.name;
        evidence.entries.iter().filter(is).any(|entry| entry.event_id == *id)
    };
    let has_id = |entry: &Entry| write.event_id.as_ref().is_none_or(|id| *id == entry.event_id || is_replay(id));
    match entries.as_slice() {
        [entry] if has_id(entry) => None,
        entries => Some(format!("acknowledged {write:?} has {} entries: {entries:?}", entries.len())),
    }
}

/// An answered reveal has its entry, and no two share one.
fn disputed_reveals(ledger: &Ledger, evidence: &Evidence) -> Vec<String> {
    let by_id: BTreeMap<&str, &Entry> = evidence.entries.iter().map(|entry| (entry.event_id.as_str(), entry)).collect();
    let ids = || ledger.reveals.iter().filter_map(|reveal| reveal.event_id.as_ref());
    let mut found = repeated("event id of reveals", ids());
    for reveal in &ledger.reveals {
        let entry = reveal.event_id.as_ref().and_then(|id| by_id.get(id.as_str()));
        let is_its = |entry: &&Entry| {
            entry.is_done && entry.action == REVEAL && entry.name == reveal.name && entry.revision == reveal.revision
        };
        if !entry.is_some_and(is_its) {
            found.push(format!("answered {reveal:?} has the entry {entry:?}"));
        }
    }
    found
}

/// Rows and entries tell the same history of each record, acknowledged or not: created at 1, updated without a gap, and
/// there at its last revision unless it was deleted at that.
fn disputed_histories(evidence: &Evidence) -> Vec<String> {
    let mut histories: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    for entry in evidence.entries.iter().filter(|entry| entry.is_done) {
        if [CREATE, UPDATE, DELETE].contains(&entry.action.as_str()) {
            histories.entry(&entry.uid).or_default().push((&entry.action, entry.revision));
        }
    }
    let rows: BTreeMap<&str, &Row> = evidence.rows.iter().map(|row| (row.uid.as_str(), row)).collect();
    let mut found = Vec::new();
    for (uid, told) in &mut histories {
        // Entries of one log stand in the order of delivery.
        let rank = |action: &str| u8::from(action == DELETE);
        told.sort_by_key(|(action, revision)| (*revision, rank(action)));
        let last = told.iter().map(|(_, revision)| *revision).max().unwrap_or_default();
        let mut expected = vec![(CREATE, 1)];
        expected.extend((2..=last).map(|revision| (UPDATE, revision)));
        if !rows.contains_key(uid) {
            expected.push((DELETE, last));
        }
        let is_at_last = rows.get(uid).is_none_or(|row| row.revision == last);
        if *told != expected || !is_at_last {
            found.push(format!("record {uid} has the entries {told:?} and the row {:?}", rows.get(uid)));
        }
    }
    let untold = evidence.rows.iter().filter(|row| !histories.contains_key(row.uid.as_str()));
    found.extend(untold.map(|row| format!("{} at revision {} has no entry", row.name, row.revision)));
    found
}

/// key-service tells of every unwrap that the vault tells of. The other way round, a vault that was killed between the two
/// leaves an unwrap without its entry, which a reconciliation reports.
fn untold_by_key_service(evidence: &Evidence) -> Vec<String> {
    let told: BTreeMap<&str, Vec<&Unwraps>> =
        evidence.unwraps.iter().fold(BTreeMap::new(), |mut told: BTreeMap<&str, Vec<_>>, group| {
            told.entry(&group.boot).or_default().push(group);
            told
        });
    let is_told = |operation: &&str| {
        let boot = operation.split_once('/').unwrap().0;
        told.get(boot).is_some_and(|groups| groups.iter().any(|group| group.holds(operation)))
    };
    let untold = evidence.opened().filter(|operation| !is_told(operation));
    untold.map(|operation| format!("key-service does not tell of operation {operation}")).collect()
}

fn repeated<'a>(what: &str, ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for id in ids {
        *counts.entry(id).or_default() += 1;
    }
    let repeated = counts.into_iter().filter(|(_, count)| *count > 1);
    repeated.map(|(id, count)| format!("{what} {id} stands {count} times")).collect()
}
