//! What a data key is bound to: key-service opens it for the very same pairs only.

use bytes::Bytes;
use names::{RecordName, RecordUid, TenantUid};
use uuid::Uuid;

use crate::store::derived_keys::{self, DerivedKeyName};
use crate::store::records;

/// An encryption context, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Context(Vec<Bytes>);

impl Context {
    /// Of the data key of one revision of a record.
    pub fn of_record(
        tenant: TenantUid,
        name: &RecordName,
        uid: RecordUid,
        revision: u64,
        subject: Option<&str>,
    ) -> Self {
        let (tenant, name, uid) = (tenant.to_string(), String::from(name), uid.to_string());
        let revision = revision.to_string();
        let pairs = [
            ("purpose", records::WRAPPED_KEY.binding),
            ("tenant", &tenant),
            ("record", &name),
            ("uid", &uid),
            ("revision", &revision),
        ];
        Self(api::context_entries(pairs.into_iter().chain(subject.map(|subject| ("subject", subject)))))
    }

    /// Of a long-lived key in `derived_keys`.
    pub fn of_derived_key(tenant: TenantUid, name: &DerivedKeyName, uid: Uuid) -> Self {
        Self(api::context_entries([
            ("purpose", format!("{}/{}", derived_keys::WRAPPED_KEY.binding, name.purpose)),
            ("scope", name.scope.clone()),
            ("tenant", tenant.to_string()),
            ("uid", uid.hyphenated().to_string()),
            ("version", name.version.to_string()),
        ]))
    }

    /// Its pairs, for the wire.
    pub fn entries(&self) -> &[Bytes] {
        &self.0
    }
}
