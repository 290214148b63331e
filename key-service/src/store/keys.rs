//! What do we store? Keys without their material: id, purpose, primary version, labels.

use db::{Conn, Row, Tx};
use names::{KeyId, KeyUid, TenantUid};
use uuid::Uuid;

use super::row::{Columns, bigint, get, integer, time, unsigned, version};
use super::{Error, Store};
use crate::key::{Key, Labels, Purpose};

const TABLE: &str = "keys";
/// "strongke": changes of keys commit one after the other, so that generations rise in the order of commits.
const CHANGE_LOCK: i64 = 0x7374_726f_6e67_6b65;

/// A key and the generation of its last change.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// The key.
    pub key: Key,
    /// Rises over all keys with each change.
    pub generation: u64,
}

impl Store {
    /// Lets one transaction after the other change keys, and returns the generation that the next change has.
    pub async fn key_next_generation(&self, tx: &Tx<'_>) -> Result<u64, Error> {
        tx.execute("-- key_next_generation()\nSELECT pg_advisory_xact_lock($1 /* lock */)", &[&CHANGE_LOCK]).await?;
        let row = tx
            .query_one("-- key_next_generation()\nSELECT coalesce(max(generation), 0) + 1 AS generation FROM keys", &[])
            .await?;
        unsigned(TABLE, get(&row, "generation")?)
    }

    /// Adds a key.
    pub async fn key_insert(&self, tx: &Tx<'_>, stored: &StoredKey) -> Result<(), Error> {
        let key = &stored.key;
        let labels = key.labels.encode();
        let mac = columns(stored, &labels).mac(self.row_mac());
        tx.execute(
            "-- key_insert()
            INSERT INTO keys
                (key_uid, key_id, tenant_uid, purpose, primary_version, revision, generation, labels, create_time_us,
                row_mac)
            VALUES ($1 /* key_uid */, $2 /* key_id */, $3 /* tenant_uid */, $4 /* purpose */, $5 /* primary_version */,
                $6 /* revision */, $7 /* generation */, $8 /* labels */, $9 /* create_time_us */, $10 /* row_mac */)",
            &[
                &key.uid.as_uuid(),
                &key.id.as_str(),
                &key.tenant.map(TenantUid::as_uuid),
                &key.purpose.code(),
                &integer(key.primary_version),
                &bigint(key.revision),
                &bigint(stored.generation),
                &labels,
                &key.create_time.as_micros(),
                &&mac[..],
            ],
        )
        .await?;
        Ok(())
    }

    /// Writes a key's primary version, revision and generation.
    pub async fn key_update(&self, tx: &Tx<'_>, stored: &StoredKey) -> Result<(), Error> {
        let key = &stored.key;
        let labels = key.labels.encode();
        let mac = columns(stored, &labels).mac(self.row_mac());
        let rows = tx
            .execute(
                "-- key_update()
                UPDATE keys
                SET primary_version = $2 /* primary_version */, revision = $3 /* revision */,
                    generation = $4 /* generation */, row_mac = $5 /* row_mac */
                WHERE key_uid = $1 /* key_uid */",
                &[
                    &key.uid.as_uuid(),
                    &integer(key.primary_version),
                    &bigint(key.revision),
                    &bigint(stored.generation),
                    &&mac[..],
                ],
            )
            .await?;
        if rows == 1 { Ok(()) } else { Err(Error::Unreadable { table: TABLE }) }
    }

    /// The key with an id.
    pub async fn key_fetch(&self, conn: &Conn, id: &KeyId) -> Result<Option<StoredKey>, Error> {
        let sql = "-- key_fetch()\nSELECT * FROM keys WHERE key_id = $1 /* key_id */";
        conn.query_opt(sql, &[&id.as_str()]).await?.map(|row| self.key_from_row(&row)).transpose()
    }

    /// The key with an id, locked until the transaction ends.
    pub async fn key_fetch_for_update(&self, tx: &Tx<'_>, id: &KeyId) -> Result<Option<StoredKey>, Error> {
        let sql = "-- key_fetch_for_update()\nSELECT * FROM keys WHERE key_id = $1 /* key_id */ FOR UPDATE";
        tx.query_opt(sql, &[&id.as_str()]).await?.map(|row| self.key_from_row(&row)).transpose()
    }

    /// The key with a uid.
    pub async fn key_fetch_by_uid(&self, conn: &Conn, uid: KeyUid) -> Result<Option<StoredKey>, Error> {
        let sql = "-- key_fetch_by_uid()\nSELECT * FROM keys WHERE key_uid = $1 /* key_uid */";
        conn.query_opt(sql, &[&uid.as_uuid()]).await?.map(|row| self.key_from_row(&row)).transpose()
    }

    /// At most `limit` keys in the order of their ids, after `after`.
    pub async fn key_list(&self, conn: &Conn, after: &str, limit: i64) -> Result<Vec<StoredKey>, Error> {
        let rows = conn
            .query(
                "-- key_list()
                SELECT * FROM keys WHERE key_id > $1 /* after */ ORDER BY key_id LIMIT $2 /* limit */",
                &[&after, &limit],
            )
            .await?;
        rows.iter().map(|row| self.key_from_row(row)).collect()
    }

    /// At most `limit` keys of one purpose in the order of their ids, from `from` on.
    pub async fn key_list_of(
        &self,
        conn: &Conn,
        purpose: Purpose,
        from: &str,
        limit: i64,
    ) -> Result<Vec<StoredKey>, Error> {
        let rows = conn
            .query(
                "-- key_list_of()
                SELECT * FROM keys WHERE purpose = $1 /* purpose */ AND key_id >= $2 /* from */
                ORDER BY key_id LIMIT $3 /* limit */",
                &[&purpose.code(), &from, &limit],
            )
            .await?;
        rows.iter().map(|row| self.key_from_row(row)).collect()
    }

    /// The newest generation of any key; 0 without keys.
    pub async fn key_newest_generation(&self, conn: &Conn) -> Result<u64, Error> {
        let sql = "-- key_newest_generation()\nSELECT coalesce(max(generation), 0) AS generation FROM keys";
        unsigned(TABLE, get(&conn.query_one(sql, &[]).await?, "generation")?)
    }

    /// Keys changed after a generation, oldest change first, at most `limit`; each row is checked for itself, so that an
    /// altered one hides no other.
    pub async fn key_list_changed(
        &self,
        conn: &Conn,
        since: u64,
        limit: i64,
    ) -> Result<Vec<Result<StoredKey, Error>>, Error> {
        let rows = conn
            .query(
                "-- key_list_changed()
                SELECT * FROM keys WHERE generation > $1 /* since */ ORDER BY generation LIMIT $2 /* limit */",
                &[&bigint(since), &limit],
            )
            .await?;
        Ok(rows.iter().map(|row| self.key_from_row(row)).collect())
    }

    fn key_from_row(&self, row: &Row) -> Result<StoredKey, Error> {
        let unreadable = Error::Unreadable { table: TABLE };
        let (id, labels): (&str, &[u8]) = (get(row, "key_id")?, get(row, "labels")?);
        let (uid, tenant): (Uuid, Option<Uuid>) = (get(row, "key_uid")?, get(row, "tenant_uid")?);
        let purpose: i16 = get(row, "purpose")?;
        let (primary, revision): (i32, i64) = (get(row, "primary_version")?, get(row, "revision")?);
        let (generation, created): (i64, i64) = (get(row, "generation")?, get(row, "create_time_us")?);
        Columns::of(TABLE)
            .uuid(uid)
            .text(id)
            .optional_bytes(tenant.as_ref().map(|tenant| &tenant.as_bytes()[..]))
            .smallint(purpose)
            .integer(primary)
            .bigint(revision)
            .bigint(generation)
            .bytes(labels)
            .bigint(created)
            .check(self.row_mac(), get(row, "row_mac")?)?;
        let (Ok(id), Some(purpose), Some(labels)) = (id.parse(), Purpose::from_code(purpose), Labels::decode(labels))
        else {
            return Err(unreadable);
        };
        let key = Key {
            uid: KeyUid::new(uid),
            id,
            tenant: tenant.map(TenantUid::new),
            purpose,
            primary_version: version(TABLE, primary)?,
            revision: unsigned(TABLE, revision)?,
            labels,
            create_time: time(created),
        };
        Ok(StoredKey { key, generation: unsigned(TABLE, generation)? })
    }
}

fn columns<'a>(stored: &'a StoredKey, labels: &'a [u8]) -> Columns<'a> {
    let key = &stored.key;
    Columns::of(TABLE)
        .uuid(key.uid.as_uuid())
        .text(key.id.as_str())
        .optional_bytes(key.tenant.as_ref().map(|tenant| &tenant.as_bytes()[..]))
        .smallint(key.purpose.code())
        .integer(integer(key.primary_version))
        .bigint(bigint(key.revision))
        .bigint(bigint(stored.generation))
        .bytes(labels)
        .bigint(key.create_time.as_micros())
}
