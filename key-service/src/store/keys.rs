//! What do we store? Keys without their material: id, purpose, primary version, labels.

use db::{Executor, Row, Statement, Tx, statement};
use names::{KeyId, KeyUid, TenantUid};
use rows::{Carried, NewRow, Table};

use super::{Error, Store, time};
use crate::key::{Key, Labels, Purpose};

const KEYS: Table = Table::new("keys");
/// "strongke": changes of keys commit one after the other, so that generations rise in the order of commits.
const CHANGE_LOCK: i64 = 0x7374_726f_6e67_6b65;

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("", "";
            fixed "key_uid", text 64 "key_id", fixed "tenant_uid", fixed "purpose", fixed "system", fixed "primary_version",
            fixed "revision", fixed "generation", fixed "version_floor", bytes 2145 "labels", fixed "create_time_us",
            mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// `SELECT` of every column, with what comes after it.
macro_rules! select {
    ($name:literal, $rest:literal) => {
        statement!(
            $name,
            "SELECT ",
            columns!(),
            "
            FROM keys ",
            $rest
        )
    };
}

/// A key and the generation of its last change.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// The key.
    pub key: Key,
    /// Rises over all keys with each change.
    pub generation: u64,
    /// The least number that the next version may have; none where no number can have been given before.
    pub version_floor: Option<u32>,
    /// The stored row, for its update; nothing for a key that is new.
    pub carried: Carried,
}

/// A key that has changed, as far as its row says.
#[derive(Debug)]
pub struct ChangedKey {
    /// The id that the row states, whether or not its HMAC holds: what is held of it is dropped.
    pub id: String,
    /// The generation that the row states, likewise.
    pub stated: u64,
    /// The key, if its row holds.
    pub key: Result<StoredKey, Error>,
}

impl Store {
    /// Lets one transaction after the other change keys, and returns the generation that the next change has.
    pub async fn key_next_generation(&self, tx: &Tx<'_>) -> Result<u64, Error> {
        tx.execute(&statement!("key_next_generation", "SELECT pg_advisory_xact_lock($1 /* lock */)"), &[&CHANGE_LOCK])
            .await?;
        let of_keys = self.key_newest_generations(tx, 1).await?.into_iter().next().transpose()?;
        let of_subjects = self.subject_key_newest_generations(tx, 1).await?.into_iter().next().transpose()?;
        Ok(of_keys.max(of_subjects).unwrap_or_default().saturating_add(1))
    }

    /// Adds a key.
    pub async fn key_insert(&self, tx: &Tx<'_>, stored: &StoredKey) -> Result<(), Error> {
        let row = self.key_row(stored);
        tx.execute(&Statement::built("key_insert", &row.insert(1)), &row.params()).await?;
        Ok(())
    }

    /// Writes what changes of a key: its primary version, revision and generation.
    pub async fn key_update(&self, tx: &Tx<'_>, stored: &StoredKey) -> Result<(), Error> {
        let row = self.key_row(stored);
        let statement = Statement::built("key_update", &row.update(&["key_uid"], 1));
        match tx.execute(&statement, &row.params()).await? {
            1 => Ok(()),
            rows => Err(Error::Database(db::Error::NotOneRow { rows: usize::try_from(rows).unwrap_or(usize::MAX) })),
        }
    }

    /// The key with an id.
    pub async fn key_fetch(&self, db: &impl Executor, id: &KeyId) -> Result<Option<StoredKey>, Error> {
        let statement = select!("key_fetch", "WHERE key_id = $1 /* key_id */");
        db.query_opt(&statement, &[&id.as_str()]).await?.map(|row| self.key_from_row(&row)).transpose()
    }

    /// The key with an id, locked until the transaction ends.
    pub async fn key_fetch_for_update(&self, tx: &Tx<'_>, id: &KeyId) -> Result<Option<StoredKey>, Error> {
        let statement = select!("key_fetch_for_update", "WHERE key_id = $1 /* key_id */ FOR UPDATE");
        tx.query_opt(&statement, &[&id.as_str()]).await?.map(|row| self.key_from_row(&row)).transpose()
    }

    /// The key with a uid.
    pub async fn key_fetch_by_uid(&self, db: &impl Executor, uid: KeyUid) -> Result<Option<StoredKey>, Error> {
        let statement = select!("key_fetch_by_uid", "WHERE key_uid = $1 /* key_uid */");
        db.query_opt(&statement, &[&uid.as_uuid()]).await?.map(|row| self.key_from_row(&row)).transpose()
    }

    /// At most `limit` keys in the order of their ids, after `after`.
    pub async fn key_list(&self, db: &impl Executor, after: &str, limit: i64) -> Result<Vec<StoredKey>, Error> {
        let statement = select!("key_list", "WHERE key_id > $1 /* after */ ORDER BY keys.key_id LIMIT $2 /* limit */");
        db.query(&statement, &[&after, &limit]).await?.iter().map(|row| self.key_from_row(row)).collect()
    }

    /// At most `limit` keys of one purpose in the order of their ids, from `from` on.
    pub async fn key_list_of(
        &self,
        db: &impl Executor,
        purpose: Purpose,
        from: &str,
        limit: i64,
    ) -> Result<Vec<StoredKey>, Error> {
        let statement = select!(
            "key_list_of",
            "WHERE purpose = $1::bigint /* purpose */ AND key_id >= $2 /* from */ ORDER BY keys.key_id LIMIT $3 /* limit */"
        );
        let rows = db.query(&statement, &[&i64::from(purpose.code()), &from, &limit]).await?;
        rows.iter().map(|row| self.key_from_row(row)).collect()
    }

    /// The newest generations of keys, the newest first, at most `limit`; each row is checked for itself.
    pub async fn key_newest_generations(
        &self,
        db: &impl Executor,
        limit: i64,
    ) -> Result<Vec<Result<u64, Error>>, Error> {
        let statement = select!("key_newest_generations", "ORDER BY keys.generation DESC LIMIT $1 /* limit */");
        let generation = |row: &Row| Ok(self.rows().check(KEYS, row)?.get("generation")?);
        Ok(db.query(&statement, &[&limit]).await?.iter().map(generation).collect())
    }

    /// Keys whose rows state a generation from `since` on, in that order, at most `limit`; each row is checked for itself, so
    /// that an altered one hides no other.
    pub async fn key_list_changed(&self, db: &impl Executor, since: u64, limit: i64) -> Result<Vec<ChangedKey>, Error> {
        let statement = select!(
            "key_list_changed",
            "WHERE generation >= $1 /* since */ ORDER BY keys.generation LIMIT $2 /* limit */"
        );
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let changed = |row: &Row| {
            let stated: i64 = row.try_get("generation").map_err(db::Error::from)?;
            let id: Option<String> = row.try_get("key_id").map_err(db::Error::from)?;
            let id = id.unwrap_or_default();
            Ok(ChangedKey { id, stated: u64::try_from(stated).unwrap_or_default(), key: self.key_from_row(row) })
        };
        db.query(&statement, &[&since, &limit]).await?.iter().map(changed).collect()
    }

    fn key_row<'a>(&self, stored: &'a StoredKey) -> NewRow<'a> {
        let key = &stored.key;
        NewRow::of(KEYS)
            .with("key_uid", key.uid.as_uuid())
            .with("key_id", key.id.as_str())
            .with("tenant_uid", key.tenant.map(TenantUid::as_uuid))
            .with("purpose", key.purpose.code())
            .with("system", key.system)
            .with("primary_version", key.primary_version)
            .with("revision", key.revision)
            .with("generation", stored.generation)
            .with("version_floor", stored.version_floor)
            .with("labels", key.labels.encode())
            .with("create_time_us", key.create_time.as_micros())
            .carrying(&stored.carried)
            .authenticated(self.rows())
    }

    fn key_from_row(&self, row: &Row) -> Result<StoredKey, Error> {
        let row = self.rows().check(KEYS, row)?;
        let id: &str = row.get("key_id")?;
        let key = Key {
            uid: KeyUid::new(row.get("key_uid")?),
            id: id.parse().map_err(|_malformed| row.unreadable("key_id"))?,
            tenant: row.get::<Option<_>>("tenant_uid")?.map(TenantUid::new),
            purpose: Purpose::from_code(row.get("purpose")?).ok_or_else(|| row.unreadable("purpose"))?,
            system: row.get("system")?,
            primary_version: row.get("primary_version")?,
            revision: row.get("revision")?,
            labels: Labels::decode(row.get("labels")?).ok_or_else(|| row.unreadable("labels"))?,
            create_time: time(row.get("create_time_us")?),
        };
        let (generation, version_floor) = (row.get("generation")?, row.get("version_floor")?);
        Ok(StoredKey { key, generation, version_floor, carried: row.carried() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::MAX_STORED_LABELS;

    #[test]
    fn of_labels_one_byte_more_is_read_than_the_longest_have() {
        assert!(COLUMNS.contains(&format!("substr(labels, 1, {})", MAX_STORED_LABELS + 1)), "{COLUMNS}");
    }
}
