//! What do we store? Which create a request id was used for, for 24 hours.

use clock::Timestamp;
use db::{Conn, Tx};
use names::KeyUid;
use uuid::Uuid;

use super::row::{Columns, array, get, time};
use super::{Error, Store};

const TABLE: &str = "requests";

/// A remembered create.
#[derive(Debug, Clone)]
pub struct StoredRequest {
    /// The caller's id of it.
    pub request_id: Uuid,
    /// HMAC of caller, method and request.
    pub fingerprint: [u8; 32],
    /// The key that it made.
    pub key: KeyUid,
    /// When that was.
    pub create_time: Timestamp,
}

impl Store {
    /// Remembers a create.
    pub async fn request_insert(&self, tx: &Tx<'_>, stored: &StoredRequest) -> Result<(), Error> {
        let mac = columns(stored).mac(self.row_mac());
        tx.execute(
            "-- request_insert()
            INSERT INTO requests (request_id, fingerprint, key_uid, create_time_us, row_mac)
            VALUES ($1 /* request_id */, $2 /* fingerprint */, $3 /* key_uid */, $4 /* create_time_us */,
                $5 /* row_mac */)",
            &[
                &stored.request_id,
                &&stored.fingerprint[..],
                &stored.key.as_uuid(),
                &stored.create_time.as_micros(),
                &&mac[..],
            ],
        )
        .await?;
        Ok(())
    }

    /// What a request id was used for.
    pub async fn request_fetch(&self, conn: &Conn, request_id: Uuid) -> Result<Option<StoredRequest>, Error> {
        let sql = "-- request_fetch()\nSELECT * FROM requests WHERE request_id = $1 /* request_id */";
        let Some(row) = conn.query_opt(sql, &[&request_id]).await? else { return Ok(None) };
        let (fingerprint, created): (&[u8], i64) = (get(&row, "fingerprint")?, get(&row, "create_time_us")?);
        let stored = StoredRequest {
            request_id,
            fingerprint: array(TABLE, fingerprint)?,
            key: KeyUid::new(get(&row, "key_uid")?),
            create_time: time(created),
        };
        columns(&stored).check(self.row_mac(), get(&row, "row_mac")?)?;
        Ok(Some(stored))
    }

    /// Forgets creates from before `before`; returns how many.
    pub async fn requests_delete_before(&self, conn: &Conn, before: Timestamp) -> Result<u64, Error> {
        let sql = "-- requests_delete_before()\nDELETE FROM requests WHERE create_time_us < $1 /* before */";
        Ok(conn.execute(sql, &[&before.as_micros()]).await?)
    }
}

fn columns(stored: &StoredRequest) -> Columns<'_> {
    Columns::of(TABLE)
        .uuid(stored.request_id)
        .bytes(&stored.fingerprint)
        .uuid(stored.key.as_uuid())
        .bigint(stored.create_time.as_micros())
}
