//! Reading what is known of records without opening them.

use std::time::Duration;

use names::{CollectionName, RecordName};
use rpc::Granted;
use rpc::page::Page;
use tokio::time::Instant;

use super::{Record, Records};
use crate::core::most_of;
use crate::error::{DoesNotOpen, Error};
use crate::permissions::{RecordsGet, RecordsList};
use crate::places::Place;
use crate::records::sealing::check_head;
use crate::store::deleted_records::deleted_record_check;
use crate::store::records::{RecordHead, record_head_fetch, record_head_list};
use crate::store::types::Part;

/// Longest wait for the vault's own keys, which are there since the tenant was read.
const KEYS: Duration = Duration::from_secs(1);

impl Records {
    /// A record without its values.
    pub async fn get(
        &self,
        _granted: &Granted<RecordsGet>,
        name: RecordName,
        deadline: Instant,
    ) -> Result<Record, Error> {
        let place = self.core.places.place(&name.parent(), deadline).await?;
        let head = self.head(&place, &name).await?;
        Ok(Record::of(&place.tenant, name, head))
    }

    /// One page of a collection's records, without their values, and the token of the next one.
    pub async fn list(
        &self,
        granted: &Granted<RecordsList>,
        parent: &CollectionName,
        page: &Page,
        deadline: Instant,
    ) -> Result<(Vec<Record>, String), Error> {
        let place = self.core.places.place(parent, deadline).await?;
        let (tenant, collection) = (place.tenant.uid, place.collection.uid);
        let Part { rows: mut heads, is_cut } =
            record_head_list(&self.core.db, tenant, collection, page.after(), most_of(page)).await?;
        let next = page.cut_again(&mut heads, is_cut, |head| head.record_id.clone());
        granted.reserve_response(heads.iter().map(bytes_of).sum())?;
        // An id that does not parse was put there by SQL: no name leads to it, so it is not listed.
        let named = heads.into_iter().filter_map(|head| Some((parent.record(head.record_id.parse().ok()?), head)));
        let mut records = Vec::new();
        for (name, head) in named {
            if let Err(source) = check_head(&name, &head) {
                return Err(self.does_not_open(&place, name, &head, source).await);
            }
            records.push(Record::of(&place.tenant, name, head));
        }
        Ok((records, next))
    }

    /// What surrounds the fields of a record.
    pub(super) async fn head(&self, place: &Place, name: &RecordName) -> Result<RecordHead, Error> {
        let head = record_head_fetch(&self.core.db, place.record_key(name)).await?;
        let head = head.ok_or_else(|| Error::NotFound(name.clone().into()))?;
        match check_head(name, &head) {
            Ok(()) => Ok(head),
            Err(source) => Err(self.does_not_open(place, name.clone(), &head, source).await),
        }
    }

    /// What a row that does not open is refused with. That its record was deleted is said only if the row that says so is
    /// genuine itself.
    pub(super) async fn does_not_open(
        &self,
        place: &Place,
        name: RecordName,
        head: &RecordHead,
        source: DoesNotOpen,
    ) -> Error {
        if !matches!(source, DoesNotOpen::Deleted) {
            return Error::DoesNotOpen { name, source };
        }
        let keys = match self.core.own_keys.get(Instant::now() + KEYS).await {
            Ok(keys) => keys,
            Err(error) => return error,
        };
        let checked = deleted_record_check(&self.core.db, &keys.row, place.tenant.uid, head.record_uid).await;
        checked.map_or_else(Error::from, |_there| Error::DoesNotOpen { name, source })
    }
}

/// About how many bytes a record without values takes: as it was read, as a message, and encoded.
fn bytes_of(head: &RecordHead) -> usize {
    let ids_and_times = 1024;
    let names: usize = head.field_names.iter().map(|name| name.len().saturating_add(32)).sum();
    names.saturating_add(ids_and_times).saturating_mul(3)
}
