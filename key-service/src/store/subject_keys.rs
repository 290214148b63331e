//! What do we store? One key for each data subject under a key, encrypted under the root key; of an erased subject only that it
//! was erased.

use clock::Timestamp;
use db::{Executor, Row, Statement, Tx, statement};
use envelope::stored::Column;
use names::{KeyUid, TenantUid};
use rows::{NewRow, NewRows, Table};

use super::{Error, Store, time};

const SUBJECT_KEYS: Table = Table::new("subject_keys");
/// Bound to key uid, tenant uid and subject.
pub const MATERIAL: Column = Column::new("subject_keys", "material");

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("subject_keys.", "";
            fixed "key_uid", fixed "tenant_uid", text 257 "subject", bytes 1025 "material", fixed "create_time_us",
            fixed "erase_time_us", fixed "generation", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// `SELECT` of every column, with what comes after it.
macro_rules! select {
    ($name:literal, $rest:literal) => {
        statement!($name, "SELECT ", columns!(), " ", $rest)
    };
}

/// A subject's key with its encrypted material.
#[derive(Debug, Clone)]
pub struct StoredSubjectKey {
    /// The key that it is under.
    pub key: KeyUid,
    /// The tenant whose key that is; the nil UUID for none.
    pub tenant: TenantUid,
    /// The subject, as the caller names it.
    pub subject: String,
    /// Encrypted material; none once the subject is erased.
    pub material: Option<Vec<u8>>,
    /// When it was made.
    pub create_time: Timestamp,
    /// When the subject was erased.
    pub erase_time: Option<Timestamp>,
    /// That of its last change, counted with those of keys; none as it was made.
    pub generation: Option<u64>,
}

/// A subject key that was asked for.
#[derive(Debug)]
pub struct FoundSubject {
    /// The key that was asked for.
    pub key: KeyUid,
    /// The subject that was asked for.
    pub subject: String,
    /// The subject key, if its row holds.
    pub row: Result<StoredSubjectKey, Error>,
}

/// A subject key that has changed, as far as its row says.
#[derive(Debug)]
pub struct ChangedSubject {
    /// The key that the row states, whether or not its HMAC holds: what is held of it is dropped.
    pub key: KeyUid,
    /// The subject that the row states, likewise.
    pub subject: String,
    /// The generation that the row states, likewise.
    pub stated: u64,
    /// The subject key, if its row holds.
    pub row: Result<StoredSubjectKey, Error>,
}

impl Store {
    /// Adds subject keys; those that exist already stay as they are. Returns the keys under which the others are, one for each.
    pub async fn subject_keys_insert_missing(
        &self,
        tx: &Tx<'_>,
        stored: &[StoredSubjectKey],
    ) -> Result<Vec<KeyUid>, Error> {
        let rows = stored.iter().map(|one| {
            NewRow::of(SUBJECT_KEYS)
                .with("key_uid", one.key.as_uuid())
                .with("tenant_uid", one.tenant.as_uuid())
                .with("subject", one.subject.as_str())
                .with("material", one.material.as_deref())
                .with("create_time_us", one.create_time.as_micros())
                .authenticated(self.rows())
        });
        let rows = NewRows::of(SUBJECT_KEYS, rows.collect())?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "{} ORDER BY key_uid, subject
            ON CONFLICT (key_uid, subject) DO NOTHING RETURNING key_uid",
            rows.insert(1)
        );
        let made = tx.query(&Statement::built("subject_keys_insert_missing", &sql), &rows.params()).await?;
        let key = |row: &Row| Ok(KeyUid::new(row.try_get("key_uid").map_err(db::Error::from)?));
        made.iter().map(key).collect()
    }

    /// The keys of subjects, in no order; those that do not exist are left out. Each row is checked for itself.
    pub async fn subject_keys_fetch(
        &self,
        db: &impl Executor,
        wanted: &[(KeyUid, &str)],
    ) -> Result<Vec<FoundSubject>, Error> {
        let keys: Vec<_> = wanted.iter().map(|(key, _)| key.as_uuid()).collect();
        let subjects: Vec<_> = wanted.iter().map(|(_, subject)| *subject).collect();
        let statement = select!(
            "subject_keys_fetch",
            "FROM unnest($1::uuid[] /* key_uid */, $2::text[] /* subject */) AS wanted (key_uid, subject)
            JOIN subject_keys USING (key_uid, subject)"
        );
        let found = |row: &Row| {
            Ok(FoundSubject {
                key: KeyUid::new(row.try_get("key_uid").map_err(db::Error::from)?),
                subject: row.try_get("subject").map_err(db::Error::from)?,
                row: self.subject_key_from_row(row),
            })
        };
        db.query(&statement, &[&keys, &subjects]).await?.iter().map(found).collect()
    }

    /// The newest generations of subject keys, the newest first, at most `limit`; each row is checked for itself.
    pub async fn subject_key_newest_generations(
        &self,
        db: &impl Executor,
        limit: i64,
    ) -> Result<Vec<Result<u64, Error>>, Error> {
        let statement = select!(
            "subject_key_newest_generations",
            "FROM subject_keys WHERE generation IS NOT NULL ORDER BY subject_keys.generation DESC LIMIT $1 /* limit */"
        );
        let generation = |row: &Row| Ok(self.rows().check(SUBJECT_KEYS, row)?.get("generation")?);
        Ok(db.query(&statement, &[&limit]).await?.iter().map(generation).collect())
    }

    /// Subject keys whose rows state a generation from `since` on, in that order, at most `limit`; each row is checked for
    /// itself.
    pub async fn subject_key_list_changed(
        &self,
        db: &impl Executor,
        since: u64,
        limit: i64,
    ) -> Result<Vec<ChangedSubject>, Error> {
        let statement = select!(
            "subject_key_list_changed",
            "FROM subject_keys WHERE generation >= $1 /* since */ ORDER BY subject_keys.generation LIMIT $2 /* limit */"
        );
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let changed = |row: &Row| {
            let stated: i64 = row.try_get("generation").map_err(db::Error::from)?;
            Ok(ChangedSubject {
                key: KeyUid::new(row.try_get("key_uid").map_err(db::Error::from)?),
                subject: row.try_get("subject").map_err(db::Error::from)?,
                stated: u64::try_from(stated).unwrap_or_default(),
                row: self.subject_key_from_row(row),
            })
        };
        db.query(&statement, &[&since, &limit]).await?.iter().map(changed).collect()
    }

    fn subject_key_from_row(&self, row: &Row) -> Result<StoredSubjectKey, Error> {
        let row = self.rows().check(SUBJECT_KEYS, row)?;
        Ok(StoredSubjectKey {
            key: KeyUid::new(row.get("key_uid")?),
            tenant: TenantUid::new(row.get("tenant_uid")?),
            subject: row.get("subject")?,
            material: row.get("material")?,
            create_time: time(row.get("create_time_us")?),
            erase_time: row.get::<Option<_>>("erase_time_us")?.map(time),
            generation: row.get("generation")?,
        })
    }
}
