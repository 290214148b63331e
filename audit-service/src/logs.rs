//! Reading logs and entries, each read accounted for.
//!
//! # Layout
//! - [`check`]: entries that are about to be shown, held against the signer

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use db::Db;
use names::{EntryName, LogId, LogName};

use crate::error::Error;
use crate::own::{Accounted, OwnEvents, Reader};
use crate::permissions::{EntriesGet, EntriesList, LogsGet, LogsList};
use crate::signer::Signer;
use crate::store::entries::LoneEntry;
pub(crate) use crate::store::logs::{ListedLog, LogRow};
pub(crate) use crate::store::search::EntryFilter;
use crate::store::{StoreError, entries, logs, search};

mod check;

use check::checked;
pub(crate) use check::{CheckedEntry, EntryCheck};

/// Most bytes of entries on a page: with what is shown of each beside its bytes, a page stays below 4 MiB, which is what
/// clients take.
const MAX_PAGE_BYTES: usize = 1 << 20;
/// Most statements that look for the entries of a page.
const MAX_STATEMENTS: usize = 40;

/// Reads logs.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    db: Db,
    signer: Arc<dyn Signer>,
    own: OwnEvents,
}

/// Which entries to list.
#[derive(Clone, Debug)]
pub(crate) struct EntryQuery {
    /// The log.
    pub(crate) log: LogName,
    /// What the page before left; `None` for the first page.
    pub(crate) rest: Option<Rest>,
    /// Most entries of the page.
    pub(crate) size: usize,
    /// Which of them.
    pub(crate) filter: EntryFilter,
}

/// A page of entries.
#[derive(Debug)]
pub(crate) struct EntryPage {
    /// Fewer than were asked for, even none, where they are large or far between.
    pub(crate) entries: Vec<CheckedEntry>,
    /// What is still to be looked at; `None` where nothing is.
    pub(crate) rest: Option<Rest>,
}

/// The indices of a list that are still to be looked at, from `next` to before `end`. The end is that of the first page, so a list
/// of a log that grows with every page ends all the same. As text it is the key of a page token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    next: u64,
    end: u64,
}

impl Rest {
    /// `None` where nothing is left.
    fn new(next: u64, end: u64) -> Option<Self> {
        (next < end).then_some(Self { next, end })
    }
}

impl fmt::Display for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.next, self.end)
    }
}

/// It is no such range, or one that no log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRest;

impl FromStr for Rest {
    type Err = NoRest;

    fn from_str(text: &str) -> Result<Self, NoRest> {
        let (next, end) = text.split_once('-').ok_or(NoRest)?;
        let index = |text: &str| text.parse().ok().filter(|index| i64::try_from(*index).is_ok()).ok_or(NoRest);
        Self::new(index(next)?, index(end)?).ok_or(NoRest)
    }
}

impl Logs {
    /// Reads from `db`, has what is read checked by `signer`, and accounts to `own`.
    pub(crate) fn new(db: Db, signer: Arc<dyn Signer>, own: OwnEvents) -> Self {
        Self { db, signer, own }
    }

    /// One log.
    pub(crate) async fn get(&self, reader: &Reader<LogsGet>, log: &LogName) -> Result<Accounted<LogRow>, Error> {
        let result = self.fetch(log).await;
        self.own.account(reader, result).await
    }

    /// Logs in the order of their names, from after `after` on. Rows that cannot be read have their name alone.
    pub(crate) async fn list(
        &self,
        reader: &Reader<LogsList>,
        after: &str,
        limit: i64,
    ) -> Result<Accounted<Vec<ListedLog>>, Error> {
        let result = logs::log_list(&self.db, after, limit).await.map_err(Error::from);
        self.own.account(reader, result).await
    }

    /// One entry; never one that is [`EntryCheck::Unreadable`].
    pub(crate) async fn entry(
        &self,
        reader: &Reader<EntriesGet>,
        name: &EntryName,
    ) -> Result<Accounted<CheckedEntry>, Error> {
        let result = self.fetch_entry(name).await;
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
        logs::log_fetch(&self.db, id).await?.ok_or_else(|| Error::NotFound { name: log.to_string() })
    }

    async fn fetch_entry(&self, name: &EntryName) -> Result<CheckedEntry, Error> {
        let (log, index) = (tlog::log_id(name.log()), name.index());
        let found = entries::entry_fetch(&self.db, log, index).await?;
        let row = found.ok_or_else(|| Error::NotFound { name: name.to_string() })?;
        let checked = checked(self.signer.as_ref(), name.log(), vec![row]).await.pop();
        checked
            .filter(|entry| entry.check != EntryCheck::Unreadable)
            .ok_or_else(|| Error::Inconsistent { log: name.log().to_string(), index })
    }

    /// Entries are never changed and their indices never taken twice, so pages fit together whatever is appended.
    async fn search(&self, query: &EntryQuery) -> Result<EntryPage, Error> {
        let row = self.fetch(&query.log).await?;
        let range = match query.rest {
            Some(Rest { next, end }) => next..end.min(row.size),
            None => logged_within(&self.db, row.log_id, row.size, &query.filter).await?,
        };
        let (rows, rest) = page(&self.db, row.log_id, range, query).await?;
        Ok(EntryPage { entries: checked(self.signer.as_ref(), &query.log, rows).await, rest })
    }
}

/// The indices of the entries that were logged in the time that a filter names.
async fn logged_within(db: &Db, log: LogId, size: u64, filter: &EntryFilter) -> Result<Range<u64>, StoreError> {
    let start = match filter.start_us {
        Some(start) => search::entry_index_at(db, log, size, start).await?,
        None => 0,
    };
    let end = match filter.end_us {
        Some(end) => search::entry_index_at(db, log, size, end).await?,
        None => size,
    };
    Ok(start..end)
}

/// Reads the entries of a page, and one more to know whether any follow.
async fn page(
    db: &Db,
    log: LogId,
    range: Range<u64>,
    query: &EntryQuery,
) -> Result<(Vec<LoneEntry>, Option<Rest>), StoreError> {
    let mut entries: Vec<LoneEntry> = Vec::new();
    let mut bytes: usize = 0;
    let mut from = range.start;
    for _ in 0..MAX_STATEMENTS {
        let wanted = query.size.saturating_add(1).saturating_sub(entries.len());
        let found = search::entry_list(db, log, from..range.end, &query.filter, wanted).await?;
        for entry in found.entries {
            let full = entries.len() == query.size || bytes.saturating_add(entry.entry.len()) > MAX_PAGE_BYTES;
            if let (true, Some(last)) = (full, entries.last()) {
                let rest = Rest::new(last.index.saturating_add(1), range.end);
                return Ok((entries, rest));
            }
            bytes = bytes.saturating_add(entry.entry.len());
            entries.push(entry);
        }
        let Some(next) = found.next else { return Ok((entries, None)) };
        from = next;
    }
    Ok((entries, Rest::new(from, range.end)))
}
