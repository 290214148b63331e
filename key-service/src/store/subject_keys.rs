//! What do we store? One key for each data subject under a key, encrypted under the root key.

use clock::Timestamp;
use db::{Conn, Row};
use envelope::stored::Column;
use names::{KeyUid, TenantUid};
use rows::{NewRow, NewRows, Table};

use super::{Error, Store, time};

const SUBJECT_KEYS: Table = Table::new("subject_keys");
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
        let rows = stored.iter().map(|one| {
            NewRow::of(SUBJECT_KEYS)
                .with("key_uid", one.key.as_uuid())
                .with("tenant_uid", one.tenant.as_uuid())
                .with("subject", one.subject.as_str())
                .with("material", one.material.as_slice())
                .with("create_time_us", one.create_time.as_micros())
                .authenticated(self.rows())
        });
        let rows = NewRows::of(SUBJECT_KEYS, rows.collect())?;
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "-- subject_keys_insert_missing()
            {} ORDER BY key_uid, subject
            ON CONFLICT (key_uid, subject) DO NOTHING",
            rows.insert(1)
        );
        conn.execute(&sql, &rows.params()).await?;
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
                SELECT key_uid, tenant_uid, subject, material, create_time_us, row_mac
                FROM unnest($1::uuid[] /* key_uid */, $2::text[] /* subject */) AS wanted (key_uid, subject)
                JOIN subject_keys USING (key_uid, subject)",
                &[&keys, &subjects],
            )
            .await?;
        rows.iter().map(|row| self.subject_key_from_row(row)).collect()
    }

    fn subject_key_from_row(&self, row: &Row) -> Result<StoredSubjectKey, Error> {
        let row = self.rows().check(SUBJECT_KEYS, row)?;
        Ok(StoredSubjectKey {
            key: KeyUid::new(row.get("key_uid")?),
            tenant: TenantUid::new(row.get("tenant_uid")?),
            subject: row.get("subject")?,
            material: row.get("material")?,
            create_time: time(row.get("create_time_us")?),
        })
    }
}
