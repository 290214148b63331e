//! What do we store? Versions of keys: their state and their material, encrypted under the root key.

use clock::Timestamp;
use db::{Executor, Row, Statement, Tx, statement};
use envelope::stored::Column;
use names::{BirthMark, KeyUid};
use rows::{NewRow, Table};

use super::{Error, Store, time};
use crate::key::{KeyVersion, VersionState};

const KEY_VERSIONS: Table = Table::new("key_versions");
/// Bound to key uid, version and purpose.
pub const MATERIAL: Column = Column::new("key_versions", "material");

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("", "";
            fixed "key_uid", fixed "version", bytes 9 "birth_mark", fixed "state", bytes 1025 "material",
            bytes 33 "public_key", fixed "create_time_us", fixed "destroy_time_us", fixed "previous", mac 129 "row_mac")
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
            FROM key_versions ",
            $rest
        )
    };
}

/// A version with its encrypted material.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    /// The key that it is of.
    pub key: KeyUid,
    /// The version.
    pub version: KeyVersion,
    /// Encrypted material; none once destroyed.
    pub material: Option<Vec<u8>>,
}

impl Store {
    /// Adds a version.
    pub async fn key_version_insert(&self, tx: &Tx<'_>, stored: &StoredVersion) -> Result<(), Error> {
        let one = &stored.version;
        let row = NewRow::of(KEY_VERSIONS)
            .with("key_uid", stored.key.as_uuid())
            .with("version", one.version)
            .with("birth_mark", one.birth_mark.as_bytes())
            .with("state", one.state.code())
            .with("material", stored.material.as_deref())
            .with("public_key", one.public_key.as_ref())
            .with("create_time_us", one.create_time.as_micros())
            .with("destroy_time_us", one.destroy_time.map(Timestamp::as_micros))
            .with("previous", one.previous)
            .authenticated(self.rows());
        tx.execute(&Statement::built("key_version_insert", &row.insert(1)), &row.params()).await?;
        Ok(())
    }

    /// One version.
    pub async fn key_version_fetch(
        &self,
        db: &impl Executor,
        key: KeyUid,
        number: u32,
    ) -> Result<Option<StoredVersion>, Error> {
        let statement =
            select!("key_version_fetch", "WHERE key_uid = $1 /* key_uid */ AND version = $2::bigint /* version */");
        let row = db.query_opt(&statement, &[&key.as_uuid(), &i64::from(number)]).await?;
        row.map(|row| self.key_version_from_row(&row)).transpose()
    }

    /// The versions of a key with these numbers, oldest first; those that there are not are left out.
    pub async fn key_versions_fetch(
        &self,
        db: &impl Executor,
        key: KeyUid,
        numbers: &[u32],
    ) -> Result<Vec<StoredVersion>, Error> {
        let statement = select!(
            "key_versions_fetch",
            "WHERE key_uid = $1 /* key_uid */ AND version = ANY ($2::bigint[] /* versions */) ORDER BY key_versions.version"
        );
        let numbers: Vec<_> = numbers.iter().copied().map(i64::from).collect();
        let rows = db.query(&statement, &[&key.as_uuid(), &numbers]).await?;
        rows.iter().map(|row| self.key_version_from_row(row)).collect()
    }

    /// For each of these numbers the version of a key that follows it, if there is one.
    pub async fn key_versions_after(
        &self,
        db: &impl Executor,
        key: KeyUid,
        numbers: &[u32],
    ) -> Result<Vec<StoredVersion>, Error> {
        let statement = select!(
            "key_versions_after",
            "WHERE key_uid = $1 /* key_uid */ AND version IN (
                SELECT (SELECT min(version) FROM key_versions WHERE key_uid = $1 AND version > given.number)
                FROM unnest($2::bigint[] /* numbers */) AS given (number)
            )"
        );
        let numbers: Vec<_> = numbers.iter().copied().map(i64::from).collect();
        let rows = db.query(&statement, &[&key.as_uuid(), &numbers]).await?;
        rows.iter().map(|row| self.key_version_from_row(row)).collect()
    }

    /// At most `limit` versions of a key, oldest first, after `after`.
    pub async fn key_version_list(
        &self,
        db: &impl Executor,
        key: KeyUid,
        after: u32,
        limit: i64,
    ) -> Result<Vec<StoredVersion>, Error> {
        let statement = select!(
            "key_version_list",
            "WHERE key_uid = $1 /* key_uid */ AND version > $2::bigint /* after */ ORDER BY key_versions.version LIMIT $3 /* limit */"
        );
        let rows = db.query(&statement, &[&key.as_uuid(), &i64::from(after), &limit]).await?;
        rows.iter().map(|row| self.key_version_from_row(row)).collect()
    }

    fn key_version_from_row(&self, row: &Row) -> Result<StoredVersion, Error> {
        let row = self.rows().check(KEY_VERSIONS, row)?;
        let version = KeyVersion {
            version: row.get("version")?,
            birth_mark: BirthMark::new(row.get("birth_mark")?),
            state: VersionState::from_code(row.get("state")?).ok_or_else(|| row.unreadable("state"))?,
            create_time: time(row.get("create_time_us")?),
            destroy_time: row.get::<Option<_>>("destroy_time_us")?.map(time),
            public_key: row.get("public_key")?,
            previous: row.get("previous")?,
        };
        Ok(StoredVersion { key: KeyUid::new(row.get("key_uid")?), version, material: row.get("material")? })
    }
}
