//! One transaction of the append protocol: drives `tlog`'s stages against the database and the signer. Nothing is decided
//! here, and nothing that fails before COMMIT answers leaves anything behind.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use db::{Db, Place, RowPlaces, Tx};
use futures::future::{join, try_join};
use futures::{StreamExt as _, TryStreamExt as _};
use names::{EventId, LogId, LogName};
use tlog::append::{
    AppendError, Batch, Built, Done, LockedLog, LogUpdate, MacCheck, Matched, Pending, Quarantine, Times, Writes,
};
use tlog::entry::decode;
use tlog::mac::MacVerdict;
use tlog::signer::MacsChecked;

use super::SignerClock;
use crate::signer::{MacsToVerify, SealRequest, Signer, SignerError};
use crate::store::copy::CopyRows;
use crate::store::logs::{LockedByOthers, LockedRows};
use crate::store::{StoreError, entries, logs};

/// Keeps event ids from being looked up but by their index, whose order the statement asks for: a plan that was made while
/// the table was small is kept, and the table grows fast.
const TOGETHER: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off";
/// The same; and a row that somebody else has locked is not waited for with a connection for long, but again later.
const ALONE: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL lock_timeout = '250ms'";
/// Longest time that the MACs of events delivered twice are waited for, with the logs locked.
const MAC_DEADLINE: Duration = Duration::from_secs(1);
/// Longest time that the signer's clock is waited for, before anything is locked.
const CLOCK_DEADLINE: Duration = Duration::from_secs(1);
/// Calls of `VerifyMacs` at once.
const MAC_CALLS: usize = 8;

/// Why a transaction was rolled back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TransactionError {
    /// The database failed.
    #[error("the audit database failed")]
    Store(#[source] StoreError),
    /// The signer gave no usable answer.
    #[error("the batch could not be sealed")]
    Signer(#[from] SignerError),
    /// A row stands where only the holder of the log's lock may put one.
    #[error("a row stands in the place of a sealed entry")]
    PlaceTaken {
        /// Logs of the transaction, each with the size at which it was locked.
        locked: Vec<(LogName, u64)>,
    },
    /// A stage was driven with something that does not fit it.
    #[error("the append protocol was driven wrongly")]
    Protocol(#[from] AppendError),
    /// A sealed entry does not decode.
    #[error("a sealed entry cannot be read")]
    Entry(#[from] tlog::entry::DecodeError),
}

impl TransactionError {
    /// Whether the signer or the database may be away: a single log can be to blame for the signer's silence all the same.
    pub(crate) fn is_away(&self) -> bool {
        matches!(self, Self::Signer(SignerError::Unavailable(_))) || self.is_without_database()
    }

    /// Whether the database does no work, for nobody.
    pub(crate) fn is_without_database(&self) -> bool {
        matches!(self, Self::Store(StoreError::Database(db::Error::Unavailable(_))))
    }

    /// Whether a lock was not to be had in time.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self, Self::Store(StoreError::Database(db::Error::Locked | db::Error::Timeout)))
    }

    /// Whether the connection was lost, so that nobody knows if the transaction was committed: the next one finds out.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Store(StoreError::Database(db::Error::ConnectionLost(_))))
    }
}

/// What a transaction is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// Events of several logs: those that somebody else has locked, or that have no row yet, are left for later.
    Together(&'a [Pending]),
    /// Events of a log.
    Alone(&'a [Pending]),
    /// Logs that the signer is asked about.
    Probe(&'a [LogName]),
}

impl Subject<'_> {
    fn names(self) -> BTreeMap<LogId, LogName> {
        let of = |log: &LogName| (tlog::log_id(log), log.clone());
        match self {
            Self::Together(events) | Self::Alone(events) => events.iter().map(|event| of(event.log())).collect(),
            Self::Probe(logs) => logs.iter().map(of).collect(),
        }
    }

    fn others(self) -> LockedByOthers {
        if matches!(self, Self::Together(_)) { LockedByOthers::Skip } else { LockedByOthers::Wait }
    }

    /// The batch about the logs that are locked.
    fn batch(self, rows: &[LockedLog]) -> Batch {
        match self {
            Self::Together(events) => {
                let locked: HashSet<LogId> = rows.iter().map(|row| row.log_id).collect();
                let is_locked = |event: &&Pending| locked.contains(&tlog::log_id(event.log()));
                Batch::new(events.iter().filter(is_locked).cloned().collect())
            }
            Self::Alone(events) => Batch::new(events.to_vec()),
            Self::Probe(logs) => Batch::probe(logs),
        }
    }
}

impl From<StoreError> for TransactionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<db::Error> for TransactionError {
    fn from(error: db::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What transactions need.
#[derive(Clone, Debug)]
pub(crate) struct Transactions {
    pub(crate) db: Db,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) signer_clock: Arc<SignerClock>,
    /// Where logs' rows stood when they were last written.
    pub(crate) places: Arc<RowPlaces>,
}

impl Transactions {
    /// Runs a transaction to its commit, its entries logged at these times.
    pub(crate) async fn run(&self, subject: Subject<'_>, times: &Times) -> Result<Done, TransactionError> {
        let writes: Writes =
            self.db.run_tx("append", |tx| Box::pin(async move { self.attempt(tx, subject, times).await })).await?;
        writes.logs().iter().for_each(announce);
        Ok(writes.committed())
    }

    /// The times to build a batch with. The signer is asked for its clock where it has not said yet.
    pub(crate) async fn times(&self) -> Result<Times, TransactionError> {
        if let Some(times) = self.signer_clock.times() {
            return Ok(times);
        }
        let asked = tokio::time::timeout(CLOCK_DEADLINE, self.signer.heads(String::new())).await;
        let page = asked.map_err(|elapsed| SignerError::Unavailable(Box::new(elapsed)))??;
        self.signer_clock.note(page.now_ns);
        Ok(self.signer_clock.times().unwrap_or_else(|| Times::now(page.now_ns)))
    }

    async fn attempt(&self, tx: &Tx<'_>, subject: Subject<'_>, times: &Times) -> Result<Writes, TransactionError> {
        let names = subject.names();
        let others = subject.others();
        let settings = if others == LockedByOthers::Skip { TOGETHER } else { ALONE };
        let mut stages = Stages::begin();
        let (planned, locked) = join(tx.batch(settings), lock(tx, &names, others, &self.places)).await;
        planned?;
        let (LockedRows { logs: rows, places }, newest) = locked?;
        stages.done("lock");
        let batch = subject.batch(&rows);
        let size = |row: &LockedLog| Some((names.get(&row.log_id)?.clone(), row.size));
        let sizes: Vec<(LogName, u64)> = rows.iter().filter_map(size).collect();
        let newest = batch.locked(rows)?.newest(newest);
        let known = entries::entries_known(tx, newest.event_ids()).await?;
        let matched = newest.known(known);
        stages.done("dedupe");
        let built = self.built(matched, times).await?;
        stages.done("build");
        let writes = self.sealed(built).await?;
        stages.done("seal");
        if !writes.rollbacks().is_empty() {
            // The answer of any statement shows that the transaction, and with it the locks, lived until now.
            tx.batch("SELECT 1").await?;
            let request = SealRequest { rollbacks: writes.rollbacks().to_vec(), ..SealRequest::default() };
            tracing::error!(rollbacks = ?request.rollbacks, "the audit database was changed behind this service");
            self.signer.seal(request).await?;
        }
        let places = write(tx, &writes, &places).await.map_err(|error| refine(error, sizes))?;
        // If this is not committed after all, they are looked for by their keys the next time.
        for (id, place) in places {
            self.places.learn(id.as_uuid(), place);
        }
        stages.done("write");
        Ok(writes)
    }

    /// Has the MACs of known rows checked and builds the entries.
    async fn built(&self, matched: Matched, times: &Times) -> Result<Built, TransactionError> {
        let requests: Vec<MacsToVerify> = runs(matched.checks()).filter_map(macs_of).collect();
        let calls = futures::stream::iter(requests.into_iter().map(|macs| self.signer.verify_macs(macs)));
        let answers: Vec<MacsChecked> = tokio::time::timeout(MAC_DEADLINE, calls.buffered(MAC_CALLS).try_collect())
            .await
            .map_err(|elapsed| SignerError::Unavailable(Box::new(elapsed)))??;
        let answered = runs(matched.checks()).zip(&answers);
        let verdicts: Vec<MacVerdict> =
            answered.flat_map(|(run, answer)| run.iter().map(|check| verdict(answer, check.index))).collect();
        Ok(matched.checked(&verdicts, times)?)
    }

    async fn sealed(&self, built: Built) -> Result<Writes, TransactionError> {
        let segments = built.segments().to_vec();
        let answers = if segments.is_empty() {
            Vec::new()
        } else {
            self.signer.seal(SealRequest { segments, ..SealRequest::default() }).await?
        };
        for answer in &answers {
            self.signer_clock.note(answer.now_ns);
        }
        Ok(built.answered(answers)?)
    }
}

/// Measures the stages of a transaction, each from the end of the one before.
struct Stages(Instant);

impl Stages {
    fn begin() -> Self {
        Self(Instant::now())
    }

    fn done(&mut self, stage: &'static str) {
        let now = Instant::now();
        metrics::histogram!("audit_append_stage_seconds", "stage" => stage).record(now - self.0);
        self.0 = now;
    }
}

/// Says what changed about a log besides its size.
fn announce(update: &LogUpdate) {
    let (log_id, size) = (update.log_id, update.size);
    match update.quarantine {
        Quarantine::Keep => {}
        Quarantine::End => tracing::info!(%log_id, size, "the log takes entries again"),
        Quarantine::Begin(reason) => {
            metrics::counter!("audit_quarantines_total", "reason" => reason.code()).increment(1);
            tracing::error!(%log_id, size, reason = reason.code(), "the log is quarantined: it takes no entries");
        }
    }
}

/// Locks the logs' rows, and reads the greatest event id of each: where they stood last, and by their keys what is not there.
/// Rows that are absent are made first, unless what is not at hand is to be passed over.
async fn lock(
    tx: &Tx<'_>,
    names: &BTreeMap<LogId, LogName>,
    others: LockedByOthers,
    known: &RowPlaces,
) -> Result<(LockedRows, HashMap<LogId, EventId>), StoreError> {
    let mut ids: Vec<LogId> = names.keys().copied().collect();
    let (mut locked, mut newest) = (LockedRows::default(), HashMap::new());
    // Several that are waited for are locked in the order of their ids alone.
    if others == LockedByOthers::Skip || ids.len() == 1 {
        let (placed, places) = known.of(&ids.iter().map(|id| id.as_uuid()).collect::<Vec<_>>());
        if !places.is_empty() {
            logs::logs_lock_placed_prepare(tx).await?;
            entries::entries_newest_prepare(tx).await?;
            let placed = logs::logs_lock_placed(tx, &placed, &places);
            (locked, newest) = try_join(placed, entries::entries_newest(tx, &ids)).await?;
            ids.retain(|id| !locked.places.contains_key(id));
        }
    }
    if ids.is_empty() {
        return Ok((locked, newest));
    }
    // Prepared first, so that the statements themselves are sent one after the other: the second one then sees what the
    // locks' last holder has committed.
    logs::logs_lock_prepare(tx, others).await?;
    entries::entries_newest_prepare(tx).await?;
    let lock = || async { try_join(logs::logs_lock(tx, &ids, others), entries::entries_newest(tx, &ids)).await };
    let (mut by_key, mut newest_by_key) = lock().await?;
    if by_key.logs.len() < ids.len() && others == LockedByOthers::Wait {
        for id in ids.iter().filter(|id| !by_key.places.contains_key(id)) {
            if let Some(name) = names.get(id) {
                logs::log_insert(tx, name).await?;
            }
        }
        (by_key, newest_by_key) = lock().await?;
    }
    for (id, place) in &by_key.places {
        known.learn(id.as_uuid(), place.clone());
    }
    locked.logs.extend(by_key.logs);
    locked.places.extend(by_key.places);
    newest.extend(newest_by_key);
    Ok((locked, newest))
}

/// Checks of one log with ascending indices.
fn runs(checks: &[MacCheck]) -> impl Iterator<Item = &[MacCheck]> {
    checks.chunk_by(|a, b| a.log == b.log && a.index < b.index)
}

fn verdict(answer: &MacsChecked, index: u64) -> MacVerdict {
    if answer.unknown.binary_search(&index).is_ok() {
        MacVerdict::UnknownVersion
    } else if answer.wrong.binary_search(&index).is_ok() {
        MacVerdict::Wrong
    } else {
        MacVerdict::Valid
    }
}

/// What the signer is asked about one run.
fn macs_of(run: &[MacCheck]) -> Option<MacsToVerify> {
    let first = run.first()?;
    Some(MacsToVerify {
        log: first.log.clone(),
        indices: run.iter().map(|check| check.index).collect(),
        heads: run.iter().flat_map(|check| check.head).collect(),
        macs: run.iter().flat_map(|check| *check.mac.as_bytes()).collect(),
    })
}

/// Inserts the rows and updates the logs in one go: the second statement does not wait for the first one's answer.
async fn write(
    tx: &Tx<'_>,
    writes: &Writes,
    places: &HashMap<LogId, Place>,
) -> Result<HashMap<LogId, Place>, TransactionError> {
    let rows = writes.rows();
    let mut copy = CopyRows::with_capacity(rows.len(), rows.iter().map(|row| row.entry.len()).sum());
    for row in rows {
        copy.push(row, &decode(&row.entry)?.columns())?;
    }
    let (copied, updated) = join(entries::entries_copy(tx, copy), logs::logs_update(tx, writes.logs(), places)).await;
    // If the first failed, the second did for no reason of its own.
    copied?;
    Ok(updated?)
}

fn refine(error: TransactionError, locked: Vec<(LogName, u64)>) -> TransactionError {
    match error {
        TransactionError::Store(StoreError::Database(db::Error::UniqueViolation { .. })) => {
            TransactionError::PlaceTaken { locked }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use db::Statement;
    use test_support::postgres::Cluster;

    use super::*;
    use crate::MIGRATIONS;

    /// How a statement with these parameters is carried out. The plan is made while nothing is known of the table, and kept.
    async fn plan(statement: &Statement, types: &str, parameters: &str) -> String {
        let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        let prepare =
            format!("SET plan_cache_mode = force_generic_plan; PREPARE planned ({types}) AS {}", statement.sql());
        session.batch_execute(&prepare).await.unwrap();
        session.batch_execute(&format!("BEGIN; {TOGETHER}")).await.unwrap();
        let plan = session.query(&format!("EXPLAIN EXECUTE planned ({parameters})"), &[]).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|line| line.get(0)).collect();
        plan.join("\n")
    }

    #[tokio::test]
    async fn event_ids_are_looked_up_by_their_index_also_in_an_empty_table() {
        let plan = plan(&entries::KNOWN, "uuid[], uuid[]", "'{}', '{}'").await;
        assert!(plan.contains("Index Scan using entries_event_id_key"), "{plan}");
        assert!(plan.contains("Index Cond: ((log_id = wanted.log_id) AND (event_id = wanted.event_id))"), "{plan}");
    }

    #[tokio::test]
    async fn rows_of_logs_are_looked_up_where_they_stood_last() {
        let update = "uuid[], bigint[], bytea[], bigint[], bytea[], text[], text[]";
        for (statement, types) in [(logs::LOCK_PLACED, "uuid[], text[]"), (logs::UPDATE, update)] {
            let empty = vec!["'{}'"; types.split(',').count()].join(", ");
            let plan = plan(&statement, types, &empty).await;
            assert!(plan.contains("Tid Scan on logs") && !plan.contains("logs_pkey"), "{plan}");
        }
    }
}
