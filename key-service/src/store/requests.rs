//! What do we store? Which change a request id was used for, for 24 hours.

use clock::Timestamp;
use db::{Executor, Statement, Tx, statement};
use names::KeyUid;
use rows::{NewRow, Table};
use uuid::Uuid;

use super::{Error, Store};

const REQUESTS: Table = Table::new("requests");

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("", "";
            text 2049 "caller", text 201 "on_behalf_of", fixed "request_id", bytes 33 "fingerprint", fixed "key_uid",
            fixed "key_version", fixed "create_time_us", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// A remembered change.
#[derive(Debug, Clone)]
pub struct StoredRequest {
    /// Whose it was.
    pub caller: String,
    /// Whom the caller acted for; empty for itself.
    pub on_behalf_of: String,
    /// The caller's id of it.
    pub request_id: Uuid,
    /// HMAC of method and request.
    pub fingerprint: [u8; 32],
    /// The key that it made or changed.
    pub key: KeyUid,
    /// The version that it made of a key that was there; none where it made the key.
    pub key_version: Option<u32>,
}

impl Store {
    /// Remembers a change, by the database's clock, by which it is forgotten.
    pub async fn request_insert(&self, tx: &Tx<'_>, stored: &StoredRequest) -> Result<(), Error> {
        let now = self.now(tx).await?;
        let row = NewRow::of(REQUESTS)
            .with("caller", stored.caller.as_str())
            .with("on_behalf_of", stored.on_behalf_of.as_str())
            .with("request_id", stored.request_id)
            .with("fingerprint", &stored.fingerprint)
            .with("key_uid", stored.key.as_uuid())
            .with("key_version", stored.key_version)
            .with("create_time_us", now.as_micros())
            .authenticated(self.rows());
        tx.execute(&Statement::built("request_insert", &row.insert(1)), &row.params()).await?;
        Ok(())
    }

    /// What the request id of the same caller, for the same user, was used for.
    pub async fn request_fetch(
        &self,
        db: &impl Executor,
        caller: &str,
        on_behalf_of: &str,
        request_id: Uuid,
    ) -> Result<Option<StoredRequest>, Error> {
        let statement = statement!(
            "request_fetch",
            "SELECT ",
            columns!(),
            "
            FROM requests WHERE caller = $1 /* caller */ AND on_behalf_of = $2 /* on_behalf_of */
                AND request_id = $3 /* request_id */"
        );
        let Some(row) = db.query_opt(&statement, &[&caller, &on_behalf_of, &request_id]).await? else {
            return Ok(None);
        };
        let row = self.rows().check(REQUESTS, &row)?;
        Ok(Some(StoredRequest {
            caller: row.get("caller")?,
            on_behalf_of: row.get("on_behalf_of")?,
            request_id: row.get("request_id")?,
            fingerprint: row.get("fingerprint")?,
            key: KeyUid::new(row.get("key_uid")?),
            key_version: row.get("key_version")?,
        }))
    }

    /// Forgets changes from before `before`; returns how many.
    pub async fn requests_delete_before(&self, db: &impl Executor, before: Timestamp) -> Result<u64, Error> {
        let statement =
            statement!("requests_delete_before", "DELETE FROM requests WHERE create_time_us < $1 /* before */");
        Ok(db.execute(&statement, &[&before.as_micros()]).await?)
    }
}
