//! Where records are: the tenant and the collection of a name, with the collection's policies.
//!
//! Every call needs them and they hardly change, so they are kept for a moment: a change is seen by every replica
//! within a second.

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use names::{CollectionName, CollectionUid, KeyId, KeyName, LogName, RecordName, TenantId, TenantName, TenantUid};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::as_text;
use crate::cache::Cache;
use crate::error::Error;
use crate::keys::own::OwnKeySource;
use crate::policy::{Policies, TenantState};
use crate::store::collections::{COLLECTIONS, CollectionRow, collection_fetch};
use crate::store::records::RecordKey;
use crate::store::tenants::{TENANTS, TenantRow, tenant_exists, tenant_fetch};
use crate::stored_json::{self, Unreadable};
use crate::time::Micros;

/// How long a tenant or a collection is used without looking again.
const TIME_TO_LIVE: Duration = Duration::from_secs(1);

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Resource name.
    #[serde(with = "as_text")]
    pub name: TenantName,
    /// Immutable UUID.
    #[serde(with = "as_text")]
    pub uid: TenantUid,
    /// What people call it.
    pub display_name: String,
    /// Where it stands.
    pub state: TenantState,
    /// Counts changes.
    pub revision: u64,
    /// When it was made.
    pub create_time: Micros,
}

impl Tenant {
    /// The key that wraps its records' data keys.
    pub fn key(&self) -> KeyName {
        tenant_key(self.uid)
    }

    /// Its log.
    pub fn log(&self) -> LogName {
        LogName::of_tenant(self.name.tenant())
    }

    /// Reads a row.
    pub fn from_row(row: &TenantRow) -> Result<Self, Error> {
        let changed = Error::RowChanged { table: TENANTS.name() };
        let (Ok(id), Ok(state)) = (TenantId::new(&row.tenant_id), row.state.clone().try_into()) else {
            return Err(changed);
        };
        Ok(Self {
            name: TenantName::new(id),
            uid: row.tenant_uid,
            display_name: row.display_name.clone(),
            state,
            revision: row.revision,
            create_time: row.create_time,
        })
    }
}

/// The key of the tenant with this uid.
pub fn tenant_key(tenant: TenantUid) -> KeyName {
    KeyName::new(KeyId::from_uuid(tenant.as_uuid()))
}

/// A kind of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Resource name.
    #[serde(with = "as_text")]
    pub name: CollectionName,
    /// Immutable UUID.
    #[serde(with = "as_text")]
    pub uid: CollectionUid,
    /// How fields are kept.
    pub policies: Policies,
    /// Purposes that a reveal may give.
    pub purposes: Vec<String>,
    /// Counts changes.
    pub revision: u64,
    /// When it was made.
    pub create_time: Micros,
}

impl Collection {
    /// Reads a row of a tenant.
    pub fn from_row(tenant: &TenantId, row: &CollectionRow) -> Result<Self, Error> {
        let changed = Error::RowChanged { table: COLLECTIONS.name() };
        let policies = match stored_json::POLICIES.read(row.field_policies.as_bytes()) {
            Ok(policies) => policies,
            Err(Unreadable::Newer) => return Err(Error::NewerVersion { table: COLLECTIONS.name() }),
            Err(Unreadable::Malformed) => return Err(changed),
        };
        let Ok(id) = row.collection_id.parse() else { return Err(changed) };
        Ok(Self {
            name: CollectionName::new(tenant.clone(), id),
            uid: row.collection_uid,
            policies,
            purposes: row.purposes.clone(),
            revision: row.revision,
            create_time: row.create_time,
        })
    }
}

/// A collection with its tenant.
#[derive(Debug, Clone)]
pub struct Place {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// The collection.
    pub collection: Arc<Collection>,
}

impl Place {
    /// Where the row of a record is.
    pub(crate) fn record_key<'a>(&self, name: &'a RecordName) -> RecordKey<'a> {
        let (tenant_uid, collection_uid) = (self.tenant.uid, self.collection.uid);
        RecordKey { tenant_uid, collection_uid, record_id: name.record().as_str() }
    }
}

/// Tenants and collections by their names.
#[derive(Debug)]
pub struct Places {
    db: Db,
    own_keys: Arc<OwnKeySource>,
    tenants: Cache<TenantName, Tenant>,
    collections: Cache<CollectionName, Collection>,
}

impl Places {
    /// Those of a database whose rows these keys vouch for.
    pub fn new(db: Db, own_keys: Arc<OwnKeySource>) -> Self {
        Self { db, own_keys, tenants: Cache::new(TIME_TO_LIVE), collections: Cache::new(TIME_TO_LIVE) }
    }

    /// Whether there is a tenant with this id, as far as that can be told without its keys: says which log a refused
    /// call belongs to.
    pub(crate) async fn tenant_exists(&self, id: &TenantId) -> Result<bool, db::Error> {
        if self.tenants.get(&TenantName::new(id.clone())).await.is_some() {
            return Ok(true);
        }
        tenant_exists(&self.db, id).await
    }

    /// The tenant with this name, if its data may be served.
    pub(crate) async fn tenant_in_use(&self, name: &TenantName, deadline: Instant) -> Result<Arc<Tenant>, Error> {
        let tenant = self.tenant(name, deadline).await?;
        match tenant.state {
            TenantState::Active => Ok(tenant),
            TenantState::Unknown(_) => Err(Error::TenantSuspended(name.clone())),
        }
    }

    /// The tenant with this name, wherever it stands.
    pub(crate) async fn tenant(&self, name: &TenantName, deadline: Instant) -> Result<Arc<Tenant>, Error> {
        if let Some(tenant) = self.tenants.get(name).await {
            return Ok(tenant);
        }
        // Each call waits for the keys until its own deadline, and for the row with the others.
        let keys = self.own_keys.get(deadline).await?;
        let keys = &keys.row;
        self.tenants
            .get_or_load(name, || async move {
                let row = tenant_fetch(&self.db, keys, name.tenant()).await?;
                Tenant::from_row(&row.ok_or_else(|| Error::NotFound(name.clone().into()))?)
            })
            .await
    }

    /// The collection with this name, and its tenant.
    pub(crate) async fn place(&self, name: &CollectionName, deadline: Instant) -> Result<Place, Error> {
        let tenant = self.tenant_in_use(&name.parent(), deadline).await?;
        if let Some(collection) = self.collections.get(name).await {
            return Ok(Place { tenant, collection });
        }
        let keys = self.own_keys.get(deadline).await?;
        let (keys, uid) = (&keys.row, tenant.uid);
        let collection = self.collections.get_or_load(name, || async move {
            let row = collection_fetch(&self.db, keys, uid, name.collection()).await?;
            let row = row.ok_or_else(|| Error::NotFound(name.clone().into()))?;
            Collection::from_row(name.tenant(), &row)
        });
        Ok(Place { collection: collection.await?, tenant })
    }
}
