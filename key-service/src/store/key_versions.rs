//! What do we store? Versions of keys: their state and their material, encrypted under the root key.

use db::{Conn, Row, Tx};
use envelope::stored::Column;
use names::KeyUid;

use super::row::{Columns, array, get, integer, time, version};
use super::{Error, Store};
use crate::key::{KeyVersion, VersionState};

const TABLE: &str = "key_versions";
/// Bound to key uid, version and purpose.
pub const MATERIAL: Column = Column::new("key_versions", "material");

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
        let (one, mac) = (&stored.version, columns(stored).mac(self.row_mac()));
        tx.execute(
            "-- key_version_insert()
            INSERT INTO key_versions
                (key_uid, version, state, material, public_key, create_time_us, destroy_time_us, row_mac)
            VALUES ($1 /* key_uid */, $2 /* version */, $3 /* state */, $4 /* material */, $5 /* public_key */,
                $6 /* create_time_us */, $7 /* destroy_time_us */, $8 /* row_mac */)",
            &[
                &stored.key.as_uuid(),
                &integer(one.version),
                &one.state.code(),
                &stored.material,
                &one.public_key.as_ref().map(|key| &key[..]),
                &one.create_time.as_micros(),
                &one.destroy_time.map(clock::Timestamp::as_micros),
                &&mac[..],
            ],
        )
        .await?;
        Ok(())
    }

    /// One version.
    pub async fn key_version_fetch(
        &self,
        conn: &Conn,
        key: KeyUid,
        number: u32,
    ) -> Result<Option<StoredVersion>, Error> {
        let row = conn
            .query_opt(
                "-- key_version_fetch()
                SELECT * FROM key_versions WHERE key_uid = $1 /* key_uid */ AND version = $2 /* version */",
                &[&key.as_uuid(), &integer(number)],
            )
            .await?;
        row.map(|row| self.key_version_from_row(&row)).transpose()
    }

    /// At most `limit` versions of a key, oldest first, after `after`.
    pub async fn key_version_list(
        &self,
        conn: &Conn,
        key: KeyUid,
        after: u32,
        limit: i64,
    ) -> Result<Vec<StoredVersion>, Error> {
        let rows = conn
            .query(
                "-- key_version_list()
                SELECT * FROM key_versions WHERE key_uid = $1 /* key_uid */ AND version > $2 /* after */
                ORDER BY version LIMIT $3 /* limit */",
                &[&key.as_uuid(), &integer(after), &limit],
            )
            .await?;
        rows.iter().map(|row| self.key_version_from_row(row)).collect()
    }

    /// The number of a key's newest version; 0 without versions.
    pub async fn key_version_newest(&self, conn: &Conn, key: KeyUid) -> Result<u32, Error> {
        let sql = "-- key_version_newest()
            SELECT coalesce(max(version), 0) AS newest FROM key_versions WHERE key_uid = $1 /* key_uid */";
        version(TABLE, get(&conn.query_one(sql, &[&key.as_uuid()]).await?, "newest")?)
    }

    fn key_version_from_row(&self, row: &Row) -> Result<StoredVersion, Error> {
        let (uid, number, state): (uuid::Uuid, i32, i16) =
            (get(row, "key_uid")?, get(row, "version")?, get(row, "state")?);
        let (material, public_key): (Option<&[u8]>, Option<&[u8]>) = (get(row, "material")?, get(row, "public_key")?);
        let (created, destroyed): (i64, Option<i64>) = (get(row, "create_time_us")?, get(row, "destroy_time_us")?);
        Columns::of(TABLE)
            .uuid(uid)
            .integer(number)
            .smallint(state)
            .optional_bytes(material)
            .optional_bytes(public_key)
            .bigint(created)
            .optional_bigint(destroyed)
            .check(self.row_mac(), get(row, "row_mac")?)?;
        let version = KeyVersion {
            version: version(TABLE, number)?,
            state: VersionState::from_code(state).ok_or(Error::Unreadable { table: TABLE })?,
            create_time: time(created),
            destroy_time: destroyed.map(time),
            public_key: public_key.map(|key| array(TABLE, key)).transpose()?,
        };
        Ok(StoredVersion { key: KeyUid::new(uid), version, material: material.map(<[u8]>::to_vec) })
    }
}

fn columns(stored: &StoredVersion) -> Columns<'_> {
    let one = &stored.version;
    Columns::of(TABLE)
        .uuid(stored.key.as_uuid())
        .integer(integer(one.version))
        .smallint(one.state.code())
        .optional_bytes(stored.material.as_deref())
        .optional_bytes(one.public_key.as_ref().map(|key| &key[..]))
        .bigint(one.create_time.as_micros())
        .optional_bigint(one.destroy_time.map(clock::Timestamp::as_micros))
}
