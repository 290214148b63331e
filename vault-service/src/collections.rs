//! Collections: kinds of records, with the policies that their fields are held to.

use std::sync::Arc;

use names::{CollectionId, CollectionName, CollectionUid, TenantName};
use rpc::Granted;
use rpc::page::Page;
use tokio::time::Instant;
use uuid::Uuid;

use crate::core::{Core, Done, most_of};
use crate::error::{Error, Resource};
use crate::events::{self, Allowed};
use crate::once::{Answer, Canonical, Identified};
use crate::permissions::{CollectionsCreate, CollectionsGet, CollectionsList};
use crate::places::{Collection, Tenant};
use crate::policy::{FieldPolicy, Policies, check_purposes};
use crate::problems::Problems;
use crate::store::StoreError;
use crate::store::collections::{CollectionRow, collection_fetch, collection_insert, collection_list};
use crate::store::types::Part;
use crate::stored_json;
use crate::time::Micros;

/// What a caller asks for, with what is wrong with it so far.
#[derive(Debug)]
pub struct CreateCollection {
    /// Where.
    pub parent: TenantName,
    /// Its id; made where there is none.
    pub id: Option<CollectionId>,
    /// How fields are kept.
    pub field_policies: Vec<FieldPolicy>,
    /// Purposes that a reveal may give.
    pub purposes: Vec<String>,
    /// Makes a retry safe.
    pub request_id: Option<Uuid>,
    /// What is wrong.
    pub problems: Problems,
}

/// The use cases of collections.
#[derive(Debug)]
pub struct Collections {
    core: Arc<Core>,
}

/// A collection that is not stored yet.
struct NewCollection<'a> {
    tenant: &'a Tenant,
    collection: Collection,
    row: CollectionRow,
}

impl Collections {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes a collection.
    pub async fn create(
        &self,
        allowed: &Allowed<CollectionsCreate>,
        asked: CreateCollection,
        deadline: Instant,
    ) -> Result<Done<Collection>, Error> {
        let tenant = self.core.places.tenant_in_use(&asked.parent, deadline).await?;
        let (given_id, request_id) = (asked.id.clone(), asked.request_id);
        let (policies, purposes) = asked.checked()?;
        let text = stored_json::POLICIES
            .write(&policies)
            .map_err(|_no_map_key| Error::Bug("policies are not written as JSON"))?;
        let canonical = || {
            let mut canonical = Canonical::new::<CollectionsCreate>(&tenant.name.to_string());
            canonical.optional(given_id.as_ref().map(CollectionId::as_str)).part(&text);
            for purpose in &purposes {
                canonical.part(purpose);
            }
            canonical
        };
        let key = request_id.map(|id| allowed.request_key(tenant.uid, id));
        let request = self.core.identified(key, deadline, canonical).await?;
        let uid = clock::uuid_v7(&*self.core.clock);
        let id = given_id.unwrap_or_else(|| CollectionId::from_uuid(uid));
        let collection = Collection {
            name: CollectionName::new(tenant.name.tenant().clone(), id),
            uid: CollectionUid::new(uid),
            policies,
            purposes,
            revision: 1,
            create_time: Micros::of(self.core.clock.now()),
        };
        let row = row_of(&tenant, &collection, text);
        let (new, request) = (NewCollection { tenant: &tenant, collection, row }, request.as_ref());
        self.core.once(allowed, request, self.write(allowed, new, request, deadline)).await
    }

    async fn write(
        &self,
        allowed: &Allowed<CollectionsCreate>,
        new: NewCollection<'_>,
        request: Option<&Identified>,
        deadline: Instant,
    ) -> Result<Done<Collection>, Error> {
        let NewCollection { tenant, collection, row } = new;
        self.core.outbox.admit(&tenant.log()).map_err(Error::AuditUnavailable)?;
        let keys = self.core.own_keys.get(deadline).await?;
        let request = request.map(|request| request.remembered(&collection)).transpose()?;
        let event = events::of_call(&*self.core.clock, allowed, tenant.name.tenant(), collection.name.to_string())
            .with("uid", collection.uid);
        let event_id = Some(event.event_id);
        let outbox = self.core.outbox.row(&tenant.log(), &[event]).map_err(Error::AuditUnavailable)?;
        let inserted = collection_insert(&self.core.db, &keys.row, &row, request.as_ref(), &outbox).await;
        let id = collection.name.collection();
        let stored = async {
            let stored = collection_fetch(&self.core.db, &keys.row, tenant.uid, id).await?;
            Ok(stored.map(|stored| stored.collection_uid))
        };
        self.core.settle_insert(inserted, &collection.name, collection.uid, stored).await?;
        Ok(Done { value: collection, event_id })
    }

    /// A collection.
    pub async fn get(
        &self,
        _granted: &Granted<CollectionsGet>,
        name: &CollectionName,
        deadline: Instant,
    ) -> Result<Arc<Collection>, Error> {
        Ok(self.core.places.place(name, deadline).await?.collection)
    }

    /// One page of a tenant's collections in the order of their ids, and the token of the next one.
    pub async fn list(
        &self,
        granted: &Granted<CollectionsList>,
        parent: &TenantName,
        page: &Page,
        deadline: Instant,
    ) -> Result<(Vec<Collection>, String), Error> {
        let tenant = self.core.places.tenant_in_use(parent, deadline).await?;
        let keys = self.core.own_keys.get(deadline).await?;
        let (keys, uid) = (&keys.row, tenant.uid);
        let rows: Result<_, StoreError> = collection_list(&self.core.db, keys, uid, page.after(), most_of(page)).await;
        let Part { mut rows, is_cut } = rows?;
        let next = page.cut_again(&mut rows, is_cut, |row| row.collection_id.clone());
        let bytes = |row: &CollectionRow| row.field_policies.len().saturating_add(4096);
        granted.reserve_response(rows.iter().map(bytes).sum::<usize>().saturating_mul(3))?;
        let collections: Result<Vec<_>, _> =
            rows.iter().map(|row| Collection::from_row(parent.tenant(), row)).collect();
        Ok((collections?, next))
    }
}

impl Answer for Collection {
    fn resource(&self) -> Option<Resource> {
        Some(self.name.clone().into())
    }
}

impl CreateCollection {
    fn checked(self) -> Result<(Policies, Vec<String>), Error> {
        let mut problems = self.problems;
        let mut of_collection = Problems::default();
        let policies = Policies::new(self.field_policies, &mut of_collection);
        let purposes = check_purposes(self.purposes, &mut of_collection);
        problems.extend("collection", of_collection);
        problems.finish()?;
        Ok((policies, purposes))
    }
}

fn row_of(tenant: &Tenant, collection: &Collection, field_policies: String) -> CollectionRow {
    CollectionRow {
        tenant_uid: tenant.uid,
        collection_uid: collection.uid,
        collection_id: collection.name.collection().to_string(),
        field_policies,
        purposes: collection.purposes.clone(),
        revision: collection.revision,
        create_time: collection.create_time,
        update_time: collection.create_time,
    }
}
