//! Reading what is known of records without opening them.

use names::{CollectionName, RecordName};
use rpc::Granted;
use rpc::page::Page;
use tokio::time::Instant;

use super::{Record, RecordsGet, RecordsList};
use crate::error::{DoesNotOpen, Error};
use crate::places::Place;
use crate::records::sealing::check_columns;
use crate::store::records::{RecordHead, RecordKey, record_head_fetch, record_head_list};
use crate::vault::Vault;

impl Vault {
    /// A record without its values.
    pub async fn record_get(
        &self,
        _granted: &Granted<RecordsGet>,
        name: RecordName,
        deadline: Instant,
    ) -> Result<Record, Error> {
        let place = self.place(&name.parent(), deadline).await?;
        let head = self.record_head(&place, &name).await?;
        Ok(Record::of(&place.tenant, name, head))
    }

    /// One page of a collection's records, without their values, and the token of the next one.
    pub async fn record_list(
        &self,
        _granted: &Granted<RecordsList>,
        parent: &CollectionName,
        page: &Page,
        deadline: Instant,
    ) -> Result<(Vec<Record>, String), Error> {
        let place = self.place(parent, deadline).await?;
        let (tenant, collection) = (place.tenant.uid, place.collection.uid);
        let mut heads = self
            .db
            .run_one("record_list", |conn| {
                Box::pin(async move { record_head_list(conn, tenant, collection, page.after(), page.limit()).await })
            })
            .await?;
        let next = page.cut(&mut heads, |head| head.record_id.clone());
        // An id that does not parse was put there by SQL: no name leads to it, so it is not listed.
        let records = heads.into_iter().filter_map(|head| {
            let name = parent.record(head.record_id.parse().ok()?);
            Some(Record::of(&place.tenant, name, head))
        });
        Ok((records.collect(), next))
    }

    /// What surrounds the fields of a record.
    pub(super) async fn record_head(&self, place: &Place, name: &RecordName) -> Result<RecordHead, Error> {
        let key = key_of(place, name);
        let head = self
            .db
            .run_one("record_head", |conn| Box::pin(async move { record_head_fetch(conn, key).await }))
            .await?
            .ok_or_else(|| Error::NotFound(name.clone().into()))?;
        let columns = check_columns(name, &head)
            .and_then(|()| envelope::wrap::header(&head.wrapped_key).map(drop).map_err(|_malformed| DoesNotOpen::Key));
        columns.map_err(|source| Error::DoesNotOpen { name: name.clone(), source })?;
        Ok(head)
    }
}

/// Where the row of a record is.
pub(super) fn key_of<'a>(place: &Place, name: &'a RecordName) -> RecordKey<'a> {
    RecordKey { tenant_uid: place.tenant.uid, collection_uid: place.collection.uid, record_id: name.record().as_str() }
}
