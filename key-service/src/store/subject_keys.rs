//! What do we store? One key for each data subject under a key, encrypted under the root key.

use clock::Timestamp;
use db::{Conn, Row};
use envelope::stored::Column;
use names::{KeyUid, TenantUid};

use super::row::{Columns, get, time};
use super::{Error, Store};

const TABLE: &str = "subject_keys";
/// Bound to key uid, tenant uid and subject.
pub const MATERIAL: Column = Column::new("subject_keys", "material");

/// A subject's key with its encrypted material.
#[derive(Debug, Clone)]
pub struct StoredSubjectKey {
    /// The key that it is under.
    pub key: KeyUid,
    /// The tenant whose key that is; the nil UUID for none.
    pub tenant: TenantUid,
    /// The subject, as the caller names it.
    pub subject: String,
    /// Encrypted material.
    pub material: Vec<u8>,
    /// When it was made.
    pub create_time: Timestamp,
}

impl Store {
    /// Adds subject keys; those that exist already stay as they are.
    pub async fn subject_keys_insert_missing(&self, conn: &Conn, stored: &[StoredSubjectKey]) -> Result<(), Error> {
        let keys: Vec<_> = stored.iter().map(|one| one.key.as_uuid()).collect();
        let tenants: Vec<_> = stored.iter().map(|one| one.tenant.as_uuid()).collect();
        let subjects: Vec<_> = stored.iter().map(|one| one.subject.as_str()).collect();
        let materials: Vec<_> = stored.iter().map(|one| one.material.as_slice()).collect();
        let times: Vec<_> = stored.iter().map(|one| one.create_time.as_micros()).collect();
        let macs: Vec<_> = stored.iter().map(|one| columns(one).mac(self.row_mac()).to_vec()).collect();
        conn.execute(
            "-- subject_keys_insert_missing()
            INSERT INTO subject_keys (key_uid, tenant_uid, subject, material, create_time_us, row_mac)
            SELECT * FROM unnest($1::uuid[] /* key_uid */, $2::uuid[] /* tenant_uid */, $3::text[] /* subject */,
                $4::bytea[] /* material */, $5::bigint[] /* create_time_us */, $6::bytea[] /* row_mac */)
                AS missing (key_uid, tenant_uid, subject, material, create_time_us, row_mac)
            ORDER BY key_uid, subject
            ON CONFLICT (key_uid, subject) DO NOTHING",
            &[&keys, &tenants, &subjects, &materials, &times, &macs],
        )
        .await?;
        Ok(())
    }

    /// The keys of subjects, in no order; those that do not exist are left out.
    pub async fn subject_keys_fetch(
        &self,
        conn: &Conn,
        wanted: &[(KeyUid, &str)],
    ) -> Result<Vec<StoredSubjectKey>, Error> {
        let keys: Vec<_> = wanted.iter().map(|(key, _)| key.as_uuid()).collect();
        let subjects: Vec<_> = wanted.iter().map(|(_, subject)| *subject).collect();
        let rows = conn
            .query(
                "-- subject_keys_fetch()
                SELECT subject_keys.*
                FROM unnest($1::uuid[] /* key_uid */, $2::text[] /* subject */) AS wanted (key_uid, subject)
                JOIN subject_keys USING (key_uid, subject)",
                &[&keys, &subjects],
            )
            .await?;
        rows.iter().map(|row| self.subject_key_from_row(row)).collect()
    }

    fn subject_key_from_row(&self, row: &Row) -> Result<StoredSubjectKey, Error> {
        let material: &[u8] = get(row, "material")?;
        let created: i64 = get(row, "create_time_us")?;
        let stored = StoredSubjectKey {
            key: KeyUid::new(get(row, "key_uid")?),
            tenant: TenantUid::new(get(row, "tenant_uid")?),
            subject: get(row, "subject")?,
            material: material.to_vec(),
            create_time: time(created),
        };
        columns(&stored).check(self.row_mac(), get(row, "row_mac")?)?;
        Ok(stored)
    }
}

fn columns(stored: &StoredSubjectKey) -> Columns<'_> {
    Columns::of(TABLE)
        .uuid(stored.key.as_uuid())
        .uuid(stored.tenant.as_uuid())
        .text(&stored.subject)
        .bytes(&stored.material)
        .bigint(stored.create_time.as_micros())
}
