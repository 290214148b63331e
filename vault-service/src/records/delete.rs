//! Removing records.

use names::{Etag, RecordName, RecordUid};
use tokio::time::Instant;

use super::RecordsDelete;
use super::read::key_of;
use super::sealing::check_columns;
use crate::error::{DoesNotOpen, Error};
use crate::events::{self, Allowed};
use crate::store::StoreError;
use crate::store::deleted_records::Deleted;
use crate::store::records::{RecordHead, RecordKey, record_delete, record_head_fetch};
use crate::time::Micros;
use crate::vault::{Done, Vault};

/// How often a record that moves meanwhile is looked at again.
const MAX_ATTEMPTS: u32 = 5;

impl Vault {
    /// Removes a record, at the revision of `etag` where one is given.
    pub async fn record_delete(
        &self,
        allowed: &Allowed<RecordsDelete>,
        name: &RecordName,
        etag: Option<Etag>,
        deadline: Instant,
    ) -> Result<Done<()>, Error> {
        let place = self.place(&name.parent(), deadline).await?;
        let log = place.tenant.log();
        self.outbox.admit(&log).map_err(Error::AuditUnavailable)?;
        let (key, keys) = (key_of(&place, name), self.own_keys.get(deadline).await?);
        let keys = &*keys.row;
        // The record that an attempt was about whose answer was lost.
        let mut lost: Option<RecordUid> = None;
        for _ in 0..MAX_ATTEMPTS {
            let head = self.head(key).await?;
            // After a lost connection it is gone because of this call, or of another that came first; what has its name
            // now is another record.
            if lost.is_some() && lost != head.as_ref().map(|head| head.record_uid) {
                return Ok(Done { value: (), event_id: None });
            }
            let Some(head) = head else { return Err(Error::NotFound(name.clone().into())) };
            if let Err(source) = check_columns(name, &head) {
                return Err(self.does_not_open(&place, name.clone(), &head, source).await);
            }
            if etag.is_some_and(|etag| etag != Etag::new(head.record_uid.as_uuid(), head.revision)) {
                return Err(Error::EtagMismatch);
            }
            let event = events::of_record(&*self.clock, allowed, name, &head, None);
            let event_id = event.event_id;
            let row = self.outbox.row(&log, &[event]).map_err(Error::AuditUnavailable)?;
            let delete_time = Micros::of(self.clock.now());
            let (row, gone) = (&row, Deleted { tenant_uid: place.tenant.uid, head: &head, delete_time });
            let deleted = self
                .db
                .run_one("record_delete", |conn| {
                    Box::pin(async move { record_delete(conn, keys, key, gone, row).await })
                })
                .await;
            match deleted {
                Ok(true) => {
                    self.outbox.committed(1);
                    return Ok(Done { value: (), event_id: Some(event_id) });
                }
                Ok(false) => {}
                // A record of another name was deleted with this uid, which SQL had given it.
                Err(StoreError::Database(error)) if error.is_unique_violation_of("deleted_records_pkey") => {
                    let (name, source) = (name.clone(), DoesNotOpen::Columns);
                    return Err(Error::DoesNotOpen { name, source });
                }
                Err(StoreError::Database(db::Error::ConnectionLost(_))) if Instant::now() < deadline => {
                    lost = Some(head.record_uid);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::EtagMismatch)
    }

    async fn head(&self, key: RecordKey<'_>) -> Result<Option<RecordHead>, Error> {
        let head = self
            .db
            .run_one("record_delete_head", |conn| Box::pin(async move { record_head_fetch(conn, key).await }))
            .await?;
        Ok(head)
    }
}
