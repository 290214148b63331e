//! The rows of a log as it was at the beginning, page by page in short transactions, as often as they are asked for; and,
//! beside them, how many rows each index leads to.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicI64, Ordering};

use db::{Db, Row, Tx};
use futures::TryStreamExt as _;
use futures::stream::FuturesOrdered;
use names::{LogId, LogName};
use tlog::verify::{self, Verifier};
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;
use crate::store::verification::{self, INDEXES, Index, PageRows};
use crate::store::{StoreError, logs, rows, to_bigint};

/// What the log's own row says.
#[derive(Clone, Debug)]
pub(super) struct LogHeader {
    /// The row; `None` if there is none that can be read.
    pub(super) row: Option<verify::LogRow>,
    /// What in it cannot be.
    pub(super) unreadable: Vec<&'static str>,
}

/// Rows after which a transaction ends and another goes on.
const CHUNK: usize = 65_536;

/// What comes before the rows.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The log's own row.
    pub(super) header: LogHeader,
    /// The indices of the rows, for [`counts`].
    pub(super) indices: RangeInclusive<i64>,
}

/// Rows that each index leads to. `None`: it is not there, switched off, or cannot be read.
pub(super) type Counts = Vec<(Index, Option<u64>)>;

/// A part of what is read.
#[derive(Debug)]
pub(super) enum Part {
    /// Rows, in the order of their indices.
    Rows(Rows),
    /// All rows were read: ask what is to follow.
    End,
    /// The counts of all indexes.
    Indexes(Counts),
}

/// What is asked for after the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// The same rows once more.
    Again,
    /// [`Part::Indexes`], the last part.
    Indexes,
}

/// The reader's ends of the channels; those who have the other ends may go away early.
#[derive(Debug)]
pub(super) struct Reading {
    /// Where the log's row goes.
    pub(super) beginning: oneshot::Sender<Beginning>,
    /// Where the parts go.
    pub(super) parts: mpsc::Sender<Part>,
    /// What is asked for.
    pub(super) asks: mpsc::Receiver<Ask>,
}

/// Rows of `entries`.
#[derive(Debug)]
pub(super) struct Rows(Vec<Row>);

impl Rows {
    /// Hands the rows to the verifier; returns how many of them have another outcome than OK.
    pub(super) fn push_to(&self, verifier: &mut Verifier) -> u64 {
        let mut not_ok = 0;
        for row in &self.0 {
            let row = rows::row(row);
            not_ok += u64::from(row.columns.outcome != i16::from(tlog::Outcome::OK.number()));
            verifier.push(&row);
        }
        not_ok
    }
}

/// Whether the database has a row of the log, or an entry.
pub(super) async fn any_row(db: &Db, log: &LogName) -> Result<bool, StoreError> {
    let id = tlog::log_id(log);
    logs::log_any_row(db, id).await
}

/// Reads the log's row, the entries from an index on, and what is asked for then.
pub(super) async fn rows(db: &Db, log: &LogName, from: u64, reading: Reading) -> Result<(), Error> {
    let id = tlog::log_id(log);
    let name = &log.to_string();
    // At the beginning of the log a row may have any index, also none that an entry can have.
    let first = if from == 0 { i64::MIN } else { to_bigint(from)? };
    let (header, last) = db
        .run_snapshot("verify_begin", |tx| {
            Box::pin(async move {
                let last = verification::row_last(tx, id).await?.unwrap_or(i64::MIN);
                let header = match logs::log_fetch_unchecked(tx, id).await {
                    Err(StoreError::Row { .. }) => {
                        LogHeader { row: None, unreadable: vec!["has columns of other types"] }
                    }
                    row => log_header(row?, name),
                };
                Ok::<_, StoreError>((header, last))
            })
        })
        .await?;
    let Reading { beginning, parts, mut asks } = reading;
    let indices = first..=last;
    if beginning.send(Beginning { header, indices: indices.clone() }).is_err() {
        return Ok(());
    }
    loop {
        if !all_rows(db, id, &indices, &parts).await? || parts.send(Part::End).await.is_err() {
            return Ok(());
        }
        match asks.recv().await {
            Some(Ask::Again) => {}
            Some(Ask::Indexes) => break,
            None => return Ok(()),
        }
    }
    let (counts, counted) = count(db, id, &indices).await;
    // Who has gone away needs no counts.
    let _gone = parts.send(Part::Indexes(counts)).await;
    Ok(counted?)
}

/// Sends all rows, in transactions of bounded length. Whether anybody takes them.
async fn all_rows(
    db: &Db,
    log: LogId,
    indices: &RangeInclusive<i64>,
    parts: &mpsc::Sender<Part>,
) -> Result<bool, StoreError> {
    // A transaction that is repeated goes on where it was.
    let next = &AtomicI64::new(*indices.start());
    let mut whole = true;
    loop {
        let chunk = db.run_snapshot("verify", |tx| {
            Box::pin(async move {
                let rest = next.load(Ordering::Relaxed)..=*indices.end();
                chunk(tx, log, whole.then_some(&rest), next, parts).await
            })
        });
        match chunk.await? {
            Chunk::More => {}
            // Rows without an index come last.
            Chunk::Last if whole && *indices.start() == i64::MIN => whole = false,
            Chunk::Last => return Ok(true),
            Chunk::Gone => return Ok(false),
        }
    }
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunk {
    /// Other rows follow.
    More,
    /// There are no more.
    Last,
    /// Nobody takes them.
    Gone,
}

/// Sends the next rows, and says which row is `next`. Rows of one index are never parted.
///
/// Four pages are there at most: one that is checked, one that has come, two that are on their way. Many rows are asked for
/// where the last two pages that have come have short ones: so of four in a row, two at most have many long rows, and together
/// they have [`PAGES_BYTES`](super::PAGES_BYTES).
async fn chunk(
    tx: &Tx<'_>,
    log: LogId,
    indices: Option<&RangeInclusive<i64>>,
    next: &AtomicI64,
    parts: &mpsc::Sender<Part>,
) -> Result<Chunk, StoreError> {
    verification::rows_open(tx, log, indices).await?;
    // One page is always asked for before the one before it is here, so that PostgreSQL never waits.
    let mut pages = FuturesOrdered::from_iter([PageRows::Few; 2].map(|rows| verification::rows_next(tx, rows)));
    let (mut sent, mut last, mut were_short) = (0, None, false);
    // A page that there is no room for is not taken, and none is asked for behind it.
    while let Ok(room) = parts.reserve().await {
        let Some(page) = pages.try_next().await? else { return Ok(Chunk::Last) };
        let Some(first) = page.first().map(rows::column_index) else { continue };
        next.store(first, Ordering::Relaxed);
        if sent >= CHUNK && last.is_some_and(|last| last < first) {
            return Ok(Chunk::More);
        }
        let are_short = PageRows::are_short(&page);
        let rows = if are_short && were_short { PageRows::Many } else { PageRows::Few };
        pages.push_back(verification::rows_next(tx, rows));
        were_short = are_short;
        sent += page.len();
        last = page.last().map(rows::column_index);
        room.send(Part::Rows(Rows(page)));
        // Sent once. Should other rows of the index follow, and the transaction be repeated now, the counts tell of them.
        next.store(last.unwrap_or(first).saturating_add(1), Ordering::Relaxed);
    }
    Ok(Chunk::Gone)
}

/// Counts through the indexes, on connections of its own.
pub(super) async fn counts(db: &Db, log: &LogName, indices: RangeInclusive<i64>) -> Result<Counts, Error> {
    let (counts, counted) = count(db, tlog::log_id(log), &indices).await;
    counted?;
    Ok(counts)
}

/// Counts through all indexes, up to one that cannot be read.
async fn count(db: &Db, log: LogId, indices: &RangeInclusive<i64>) -> (Counts, Result<(), StoreError>) {
    let mut counts: Counts = INDEXES.map(|index| (index, None)).into();
    for (index, count) in &mut counts {
        let index = *index;
        let counted = db.run_snapshot("verify_index", |tx| {
            Box::pin(async move { verification::index_count(tx, log, indices, index).await })
        });
        match counted.await {
            Ok(rows) => *count = rows,
            Err(error) => return (counts, Err(error)),
        }
    }
    (counts, Ok(()))
}

fn log_header(row: Option<logs::UncheckedLogRow>, name: &str) -> LogHeader {
    let Some(row) = row else { return LogHeader { row: None, unreadable: Vec::new() } };
    let mut unreadable = Vec::new();
    if row.name != name {
        unreadable.push("has another name");
    }
    let size = u64::try_from(row.size).unwrap_or_else(|_negative| {
        unreadable.push("has a negative size");
        0
    });
    let row = verify::LogRow { size, head: row.head, last_logged_ns: row.last_logged_ns };
    LogHeader { row: Some(row), unreadable }
}

#[cfg(test)]
mod tests {
    use futures::future::try_join;
    use test_support::postgres::{Cluster, TestDatabase};

    use super::super::PAGES_BYTES;
    use super::*;

    /// A log of so many rows, the `n`th with an entry of so many bytes, as SQL has it.
    async fn filled(rows: u32, entry_bytes: &str) -> (TestDatabase<'static>, LogId) {
        let database = Cluster::shared().await.unwrap().database("audit", crate::MIGRATIONS).await.unwrap();
        let log = tlog::log_id(&"logs/acme".parse().unwrap());
        let rows = format!(
            "INSERT INTO entries
             SELECT $1, n, gen_random_uuid(), decode(repeat('00', {entry_bytes}), 'hex'), decode(repeat('00', 44), 'hex'),
                 now(), 'p', 'a', 'x', '', 1
             FROM generate_series(0, {rows} - 1) AS n"
        );
        let superuser = database.superuser().await.unwrap();
        superuser.batch_execute("SET session_replication_role = replica").await.unwrap();
        superuser.batch_execute("ALTER TABLE entries DROP CONSTRAINT entries_entry_length").await.unwrap();
        superuser.execute(&rows, &[&log.as_uuid()]).await.unwrap();
        (database, log)
    }

    /// Gives each text of the long rows so many bytes.
    async fn widen(database: &TestDatabase<'_>, bytes: u32) {
        let texts = ["producer", "actor", "action", "resource"];
        let drops = texts.map(|text| format!("DROP CONSTRAINT entries_{text}_length")).join(", ");
        let sets = texts.map(|text| format!("{text} = repeat('x', {bytes})")).join(", ");
        let widen = format!(
            "SET session_replication_role = replica; ALTER TABLE entries {drops};
             UPDATE entries SET {sets} WHERE octet_length(entry) > 1000"
        );
        database.superuser().await.unwrap().batch_execute(&widen).await.unwrap();
    }

    #[tokio::test]
    async fn a_transaction_that_is_repeated_sends_no_row_twice() {
        let (database, log) = filled(600, "1").await;
        let db = database.connect().unwrap();
        let (parts, mut received) = mpsc::channel(16);
        let (next, parts) = (&AtomicI64::new(0), &parts);
        // As if the first were lost after its last page.
        for _ in 0..2 {
            let read = db.run_snapshot("verify", |tx| {
                Box::pin(async move {
                    let rest = next.load(Ordering::Relaxed)..=599;
                    chunk(tx, log, Some(&rest), next, parts).await
                })
            });
            assert_eq!(read.await.unwrap(), Chunk::Last);
        }
        let mut sent = 0;
        while let Ok(Part::Rows(Rows(page))) = received.try_recv() {
            sent += page.len();
        }
        assert_eq!(sent, 600);
    }

    #[tokio::test]
    async fn pages_come_in_the_order_in_which_they_are_asked_for() {
        let (database, log) = filled(600, "1").await;
        let db = database.connect().unwrap();
        let read = db.run_snapshot("verify", |tx| {
            Box::pin(async move {
                verification::rows_open(tx, log, Some(&(0..=599))).await?;
                let first = verification::rows_next(tx, PageRows::Few).await?;
                // On a connection that was asked for few rows alone until now. The first of the two is polled first.
                let many = verification::rows_next(tx, PageRows::Many);
                let few = verification::rows_next(tx, PageRows::Few);
                let (many, few) = try_join(many, few).await?;
                Ok::<_, StoreError>(first.into_iter().chain(many).chain(few).collect::<Vec<Row>>())
            })
        });
        let indices: Vec<i64> = read.await.unwrap().iter().map(rows::column_index).collect();
        assert!(indices.iter().copied().eq(0..i64::try_from(indices.len()).unwrap()), "{indices:?}");
    }

    #[tokio::test]
    async fn a_log_whose_rows_become_long_at_once_is_read_in_order() {
        let (database, log) = filled(400, "CASE WHEN n < 16 THEN 500 ELSE 8192 END").await;
        // A connection that has read no log before.
        let pages = pages(&database.connect().unwrap(), log, 400).await;
        let indices: Vec<i64> = pages.iter().flatten().map(rows::column_index).collect();
        assert!(indices.iter().copied().eq(0..400), "{indices:?}");
    }

    /// The pages of a log, as they are sent.
    async fn pages(db: &Db, log: LogId, rows: i64) -> Vec<Vec<Row>> {
        let (parts, mut received) = mpsc::channel(1_000);
        assert!(all_rows(db, log, &(0..=rows - 1), &parts).await.unwrap());
        let mut pages = Vec::new();
        while let Ok(Part::Rows(Rows(page))) = received.try_recv() {
            pages.push(page);
        }
        assert_eq!(pages.iter().map(Vec::len).sum::<usize>(), usize::try_from(rows).unwrap());
        pages
    }

    /// Most bytes of four pages in a row: so many are there at one time.
    fn most_bytes(pages: &[Vec<Row>]) -> usize {
        let bytes = |page: &Vec<Row>| page.iter().map(Row::raw_size_bytes).sum::<usize>();
        pages.windows(4).map(|four| four.iter().map(bytes).sum()).max().unwrap()
    }

    #[tokio::test]
    async fn short_rows_come_many_at_a_time() {
        let (database, log) = filled(2_000, "500").await;
        let pages = pages(&database.connect().unwrap(), log, 2_000).await;
        assert!(pages.iter().filter(|page| page.len() == 64).count() >= 28, "{}", pages.len());
    }

    #[tokio::test]
    async fn no_order_of_long_and_short_rows_takes_more_than_is_set_aside() {
        // Long rows behind so many short ones, and as many short ones behind them.
        let mut largest = 0;
        for (long, short) in [(512, 32), (512, 24), (64, 128), (200, 200)] {
            let entry = format!("CASE WHEN n % {} < {short} THEN 500 ELSE 49152 END", long + short);
            let (database, log) = filled(1_000, &entry).await;
            // All that the columns hold by what their constraints allow.
            widen(&database, 2048).await;
            let pages = pages(&database.connect().unwrap(), log, 1_000).await;
            let most = most_bytes(&pages);
            assert!(most <= PAGES_BYTES, "{long} long, {short} short: {most} bytes");
            largest = largest.max(most);
        }
        assert!(largest > PAGES_BYTES / 5 * 4, "the control: {largest} bytes are far below it");
    }

    #[tokio::test]
    async fn rows_whose_columns_are_long_are_long_whatever_their_entries_are() {
        // What is longer than an entry can be is not read.
        let (database, log) = filled(500, "60000").await;
        widen(&database, 2048).await;
        let pages = pages(&database.connect().unwrap(), log, 500).await;
        assert!(pages.iter().all(|page| page.len() <= 8), "{:?}", pages.iter().map(Vec::len).collect::<Vec<_>>());
    }
}
