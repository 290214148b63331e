//! Reading logs and entries, each read accounted for.

use db::Db;
use names::{EntryName, LogName};
use rpc::Granted;

use crate::error::Error;
use crate::own::{Accounted, OwnEvents};
use crate::permissions::{EntriesGet, EntriesList, LogsGet, LogsList};
pub(crate) use crate::store::entries::{EntryFilter, EntryRow};
pub(crate) use crate::store::logs::LogRow;
use crate::store::{StoreError, entries, logs};

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
    /// Entries to read.
    pub(crate) limit: i64,
    /// Which of them.
    pub(crate) filter: EntryFilter,
}

impl Logs {
    /// Reads from `db`, and accounts to `own`.
    pub(crate) fn new(db: Db, own: OwnEvents) -> Self {
        Self { db, own }
    }

    /// One log.
    pub(crate) async fn get(&self, granted: &Granted<LogsGet>, log: &LogName) -> Result<Accounted<LogRow>, Error> {
        let result = self.fetch(log).await;
        self.own.account(granted, result).await
    }

    /// Logs in the order of their names, from after `after` on.
    pub(crate) async fn list(
        &self,
        granted: &Granted<LogsList>,
        after: &str,
        limit: i64,
    ) -> Result<Accounted<Vec<LogRow>>, Error> {
        let result = self
            .db
            .run_one("log_list", |conn| Box::pin(async move { logs::log_list(conn, after, limit).await }))
            .await
            .map_err(Error::from);
        self.own.account(granted, result).await
    }

    /// One entry.
    pub(crate) async fn entry(
        &self,
        granted: &Granted<EntriesGet>,
        name: &EntryName,
    ) -> Result<Accounted<EntryRow>, Error> {
        let (log, index) = (tlog::log_id(name.log()), name.index());
        let found = self
            .db
            .run_one("entry_fetch", |conn| Box::pin(async move { entries::entry_fetch(conn, log, index).await }))
            .await
            .map_err(Error::from);
        let result = found.and_then(|row| row.ok_or_else(|| Error::NotFound { name: name.to_string() }));
        self.own.account(granted, result).await
    }

    /// The entries of a log that match, oldest first.
    pub(crate) async fn entries(
        &self,
        granted: &Granted<EntriesList>,
        query: &EntryQuery,
    ) -> Result<Accounted<Vec<EntryRow>>, Error> {
        let result = self.search(query).await;
        self.own.account(granted, result).await
    }

    async fn fetch(&self, log: &LogName) -> Result<LogRow, Error> {
        let id = tlog::log_id(log);
        self.db
            .run_one("log_fetch", |conn| Box::pin(async move { logs::log_fetch(conn, id).await }))
            .await?
            .ok_or_else(|| Error::NotFound { name: log.to_string() })
    }

    /// Entries are never changed and their indices never taken twice, so pages fit together whatever is appended.
    async fn search(&self, query: &EntryQuery) -> Result<Vec<EntryRow>, Error> {
        let row = self.fetch(&query.log).await?;
        let found = self
            .db
            .run_one("entry_list", |conn| {
                Box::pin(async move {
                    let mut from = query.after.map_or(0, |after| after.saturating_add(1));
                    let mut end = row.size;
                    if let Some(start) = query.filter.start_us {
                        from = from.max(entries::entry_index_at(conn, row.log_id, row.size, start).await?);
                    }
                    if let Some(until) = query.filter.end_us {
                        end = end.min(entries::entry_index_at(conn, row.log_id, row.size, until).await?);
                    }
                    entries::entry_list(conn, row.log_id, (from, end), &query.filter, query.limit).await
                })
            })
            .await;
        found.map_err(|error: StoreError| error.into())
    }
}
