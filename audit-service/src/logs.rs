//! Reading logs and entries, each read accounted for.

use std::ops::Range;

use db::{Conn, Db};
use names::{EntryName, LogId, LogName};

use crate::error::Error;
use crate::own::{Accounted, OwnEvents, Reader};
use crate::permissions::{EntriesGet, EntriesList, LogsGet, LogsList};
pub(crate) use crate::store::entries::EntryRow;
pub(crate) use crate::store::logs::LogRow;
pub(crate) use crate::store::search::EntryFilter;
use crate::store::{StoreError, entries, logs, search};

/// Most bytes of entries on a page: with what is shown of each beside its bytes, a page stays below 4 MiB, which is what
/// clients take.
const MAX_PAGE_BYTES: usize = 1 << 20;
/// Most statements that look for the entries of a page.
const MAX_STATEMENTS: usize = 40;

/// Reads logs.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    db: Db,
    own: OwnEvents,
}

/// Which entries to list.
#[derive(Clone, Debug)]
pub(crate) struct EntryQuery {
    /// The log.
    pub(crate) log: LogName,
    /// Index of the last entry of the page before.
    pub(crate) after: Option<u64>,
    /// Most entries of the page.
    pub(crate) size: usize,
    /// Which of them.
    pub(crate) filter: EntryFilter,
}

/// A page of entries.
#[derive(Debug)]
pub(crate) struct EntryPage {
    /// Fewer than were asked for, even none, where they are large or far between.
    pub(crate) entries: Vec<EntryRow>,
    /// The last index that was looked at; `None` where nothing follows.
    pub(crate) after: Option<u64>,
}

impl Logs {
    /// Reads from `db`, and accounts to `own`.
    pub(crate) fn new(db: Db, own: OwnEvents) -> Self {
        Self { db, own }
    }

    /// One log.
    pub(crate) async fn get(&self, reader: &Reader<LogsGet>, log: &LogName) -> Result<Accounted<LogRow>, Error> {
        let result = self.fetch(log).await;
        self.own.account(reader, result).await
    }

    /// Logs in the order of their names, from after `after` on.
    pub(crate) async fn list(
        &self,
        reader: &Reader<LogsList>,
        after: &str,
        limit: i64,
    ) -> Result<Accounted<Vec<LogRow>>, Error> {
        let result = self
            .db
            .run_one("log_list", |conn| Box::pin(async move { logs::log_list(conn, after, limit).await }))
            .await
            .map_err(Error::from);
        self.own.account(reader, result).await
    }

    /// One entry.
    pub(crate) async fn entry(
        &self,
        reader: &Reader<EntriesGet>,
        name: &EntryName,
    ) -> Result<Accounted<EntryRow>, Error> {
        let (log, index) = (tlog::log_id(name.log()), name.index());
        let found = self
            .db
            .run_one("entry_fetch", |conn| Box::pin(async move { entries::entry_fetch(conn, log, index).await }))
            .await
            .map_err(Error::from);
        let result = found.and_then(|row| row.ok_or_else(|| Error::NotFound { name: name.to_string() }));
        self.own.account(reader, result).await
    }

    /// The entries of a log that match, oldest first.
    pub(crate) async fn entries(
        &self,
        reader: &Reader<EntriesList>,
        query: &EntryQuery,
    ) -> Result<Accounted<EntryPage>, Error> {
        let result = self.search(query).await;
        self.own.account(reader, result).await
    }

    async fn fetch(&self, log: &LogName) -> Result<LogRow, Error> {
        let id = tlog::log_id(log);
        self.db
            .run_one("log_fetch", |conn| Box::pin(async move { logs::log_fetch(conn, id).await }))
            .await?
            .ok_or_else(|| Error::NotFound { name: log.to_string() })
    }

    /// Entries are never changed and their indices never taken twice, so pages fit together whatever is appended.
    async fn search(&self, query: &EntryQuery) -> Result<EntryPage, Error> {
        let row = self.fetch(&query.log).await?;
        let found = self
            .db
            .run_one("entry_list", |conn| {
                Box::pin(async move {
                    let mut from = query.after.map_or(0, |after| after.saturating_add(1));
                    let mut end = row.size;
                    if let Some(start) = query.filter.start_us {
                        from = from.max(search::entry_index_at(conn, row.log_id, row.size, start).await?);
                    }
                    if let Some(until) = query.filter.end_us {
                        end = end.min(search::entry_index_at(conn, row.log_id, row.size, until).await?);
                    }
                    page(conn, row.log_id, from..end, query).await
                })
            })
            .await;
        found.map_err(|error: StoreError| error.into())
    }
}

/// Reads the entries of a page, and one more to know whether any follow.
async fn page(conn: &Conn, log: LogId, range: Range<u64>, query: &EntryQuery) -> Result<EntryPage, StoreError> {
    let mut entries: Vec<EntryRow> = Vec::new();
    let mut bytes: usize = 0;
    let mut from = range.start;
    for _ in 0..MAX_STATEMENTS {
        let wanted = query.size.saturating_add(1).saturating_sub(entries.len());
        let found = search::entry_list(conn, log, from..range.end, &query.filter, wanted).await?;
        for entry in found.entries {
            let full = entries.len() == query.size || bytes.saturating_add(entry.entry.len()) > MAX_PAGE_BYTES;
            if let (true, Some(last)) = (full, entries.last()) {
                let after = Some(last.index);
                return Ok(EntryPage { entries, after });
            }
            bytes = bytes.saturating_add(entry.entry.len());
            entries.push(entry);
        }
        let Some(next) = found.next else { return Ok(EntryPage { entries, after: None }) };
        from = next;
    }
    Ok(EntryPage { entries, after: from.checked_sub(1) })
}

/// What an operator does about a log that is quarantined for a reason, in words.
pub(crate) fn advice(log: &str, reason: &str) -> String {
    match reason {
        "AHEAD" => format!(
            "the signer has fewer entries than {log}: after a restore of the key database run `audit-service advance \
             --log {log}`"
        ),
        "STALE" => format!(
            "{log} lacks entries that the signer no longer keeps: restore a newer backup of the audit database, or \
             declare the loss with SignerService.DeclareLoss"
        ),
        "SIGNER_UNUSABLE" => format!(
            "rows of the key database about {log} were altered or set back: restore the key database, then run \
             `audit-service advance --log {log}`"
        ),
        "FORKED" => format!("the signer has another history of {log}: verify it, and see docs/runbooks/audit-log.md"),
        _ => format!("verify {log}, and see docs/runbooks/audit-log.md"),
    }
}
