//! What a data key is bound to: key-service opens it for the very same pairs only.

use std::collections::BTreeMap;

use names::{RecordName, RecordUid, TenantUid};
use uuid::Uuid;

use crate::store::{derived_keys, records};

/// An encryption context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context(BTreeMap<String, String>);

impl Context {
    /// Of the data key of one revision of a record.
    pub fn of_record(
        tenant: TenantUid,
        name: &RecordName,
        uid: RecordUid,
        revision: u64,
        subject: Option<&str>,
    ) -> Self {
        let mut pairs = BTreeMap::from([
            ("purpose".to_owned(), records::WRAPPED_KEY.binding.to_owned()),
            ("tenant".to_owned(), tenant.to_string()),
            ("record".to_owned(), name.into()),
            ("uid".to_owned(), uid.to_string()),
            ("revision".to_owned(), revision.to_string()),
        ]);
        if let Some(subject) = subject {
            pairs.insert("subject".to_owned(), subject.to_owned());
        }
        Self(pairs)
    }

    /// Of a long-lived key in `derived_keys`.
    pub fn of_derived_key(tenant: TenantUid, purpose: &str, uid: Uuid) -> Self {
        Self(BTreeMap::from([
            ("purpose".to_owned(), format!("{}/{purpose}", derived_keys::WRAPPED_KEY.binding)),
            ("tenant".to_owned(), tenant.to_string()),
            ("uid".to_owned(), uid.hyphenated().to_string()),
        ]))
    }

    /// The pairs, for the wire.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}
