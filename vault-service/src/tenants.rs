//! Tenants: each has a key of its own, made by key-service before the tenant is.

use std::sync::Arc;

use names::{TenantId, TenantName, TenantUid};
use rpc::Granted;
use rpc::page::Page;
use tokio::time::Instant;
use uuid::Uuid;

use crate::core::{Core, Done};
use crate::error::{Error, Resource};
use crate::events::{self, Allowed};
use crate::keys::own::NOBODY;
use crate::once::{Answer, Canonical, Identified};
use crate::permissions::{TenantsCreate, TenantsGet, TenantsList};
use crate::places::Tenant;
use crate::policy::TenantState;
use crate::problems::Problems;
use crate::store::StoreError;
use crate::store::tenants::{TenantRow, tenant_fetch, tenant_insert, tenant_list};
use crate::time::Micros;

/// Longest display name, in bytes.
const MAX_DISPLAY_NAME: usize = 128;

/// What a caller asks for, with what is wrong with it so far.
#[derive(Debug)]
pub struct CreateTenant {
    /// Its id; made where there is none.
    pub id: Option<TenantId>,
    /// What people call it.
    pub display_name: String,
    /// Makes a retry safe.
    pub request_id: Option<Uuid>,
    /// What is wrong.
    pub problems: Problems,
}

/// The use cases of tenants.
#[derive(Debug)]
pub struct Tenants {
    core: Arc<Core>,
}

impl Tenants {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes a tenant and its key.
    pub async fn create(
        &self,
        allowed: &Allowed<TenantsCreate>,
        asked: CreateTenant,
        deadline: Instant,
    ) -> Result<Done<Tenant>, Error> {
        let asked = asked.checked()?;
        let canonical = || {
            let mut canonical = Canonical::new::<TenantsCreate>("");
            canonical.optional(asked.id.as_ref().map(TenantId::as_str)).part(&asked.display_name);
            canonical
        };
        let key = asked.request_id.map(|id| allowed.request_key(NOBODY, id));
        let request = self.core.identified(key, deadline, canonical).await?;
        let request = request.as_ref();
        self.core.once(allowed, request, self.make(allowed, asked, request, deadline)).await
    }

    async fn make(
        &self,
        allowed: &Allowed<TenantsCreate>,
        asked: CreateTenant,
        request: Option<&Identified>,
        deadline: Instant,
    ) -> Result<Done<Tenant>, Error> {
        let uid = clock::uuid_v7(&*self.core.clock);
        let id = asked.id.unwrap_or_else(|| TenantId::from_uuid(uid));
        // Before its key is made: a name that is taken leaves no key behind.
        if self.core.places.tenant_exists(&id).await? {
            return Err(Error::AlreadyExists(TenantName::new(id).into()));
        }
        let tenant = Tenant {
            name: TenantName::new(id),
            uid: TenantUid::new(uid),
            display_name: asked.display_name,
            state: TenantState::Active,
            revision: 1,
            create_time: Micros::of(self.core.clock.now()),
        };
        self.core.outbox.admit(&tenant.log()).map_err(Error::AuditUnavailable)?;
        self.core.keys.provision_tenant(tenant.uid, deadline).await?;
        self.write(allowed, tenant, request, deadline).await
    }

    async fn write(
        &self,
        allowed: &Allowed<TenantsCreate>,
        tenant: Tenant,
        request: Option<&Identified>,
        deadline: Instant,
    ) -> Result<Done<Tenant>, Error> {
        let keys = self.core.own_keys.get(deadline).await?;
        let request = request.map(|request| request.remembered(&tenant)).transpose()?;
        let event = events::of_call(&*self.core.clock, allowed, tenant.name.tenant(), tenant.name.to_string())
            .with("uid", tenant.uid);
        let event_id = Some(event.event_id);
        let outbox = self.core.outbox.row(&tenant.log(), &[event]).map_err(Error::AuditUnavailable)?;
        let row = row_of(&tenant);
        let inserted = tenant_insert(&self.core.db, &keys.row, &row, request.as_ref(), &outbox).await;
        let stored = async {
            let stored = tenant_fetch(&self.core.db, &keys.row, tenant.name.tenant()).await?;
            Ok(stored.map(|stored| stored.tenant_uid))
        };
        self.core.settle_insert(inserted, &tenant.name, tenant.uid, stored).await?;
        Ok(Done { value: tenant, event_id })
    }

    /// A tenant.
    pub async fn get(
        &self,
        _granted: &Granted<TenantsGet>,
        name: &TenantName,
        deadline: Instant,
    ) -> Result<Arc<Tenant>, Error> {
        self.core.places.tenant(name, deadline).await
    }

    /// One page of tenants in the order of their ids, and the token of the next one.
    pub async fn list(
        &self,
        _granted: &Granted<TenantsList>,
        page: &Page,
        deadline: Instant,
    ) -> Result<(Vec<Tenant>, String), Error> {
        let keys = self.core.own_keys.get(deadline).await?;
        let keys = &keys.row;
        let rows: Result<_, StoreError> = tenant_list(&self.core.db, keys, page.after(), page.limit()).await;
        let mut rows = rows?;
        let next = page.cut(&mut rows, |row| row.tenant_id.clone());
        let tenants: Result<Vec<_>, _> = rows.iter().map(Tenant::from_row).collect();
        Ok((tenants?, next))
    }
}

impl Answer for Tenant {
    fn resource(&self) -> Option<Resource> {
        Some(self.name.clone().into())
    }
}

impl CreateTenant {
    /// As it is, if nothing is wrong with it.
    fn checked(mut self) -> Result<Self, Error> {
        let mut problems = std::mem::take(&mut self.problems);
        if self.display_name.len() > MAX_DISPLAY_NAME || self.display_name.chars().any(char::is_control) {
            problems.add("tenant.display_name", "must have at most 128 bytes and no control characters");
        }
        problems.finish()?;
        Ok(self)
    }
}

fn row_of(tenant: &Tenant) -> TenantRow {
    TenantRow {
        tenant_uid: tenant.uid,
        tenant_id: tenant.name.tenant().to_string(),
        display_name: tenant.display_name.clone(),
        state: tenant.state.to_string(),
        revision: tenant.revision,
        create_time: tenant.create_time,
        update_time: tenant.create_time,
    }
}
