//! Tenants, to messages.

use api::vault::v1 as proto;
use names::Etag;

use super::timestamp;
use crate::places::Tenant;
use crate::policy::TenantState;

pub(in crate::api) fn tenant_message(tenant: &Tenant) -> proto::Tenant {
    proto::Tenant {
        name: tenant.name.to_string(),
        uid: tenant.uid.to_string(),
        display_name: tenant.display_name.clone(),
        state: match tenant.state {
            TenantState::Active => proto::TenantState::Active,
            TenantState::Unknown(_) => proto::TenantState::Unspecified,
        }
        .into(),
        create_time: Some(timestamp(tenant.create_time)),
        etag: Etag::new(tenant.uid.as_uuid(), tenant.revision).to_string(),
    }
}
