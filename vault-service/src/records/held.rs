//! Names of records that statements of their own are about: they stay out of shared statements as long as anybody wants
//! them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::{CollectionUid, TenantUid};

use crate::store::records::RecordKey;

/// The name of a record, whether or not there is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct HeldName {
    tenant_uid: TenantUid,
    collection_uid: CollectionUid,
    record_id: String,
}

impl From<RecordKey<'_>> for HeldName {
    fn from(key: RecordKey<'_>) -> Self {
        let RecordKey { tenant_uid, collection_uid, record_id } = key;
        Self { tenant_uid, collection_uid, record_id: record_id.to_owned() }
    }
}

/// The names, each with the number of those who hold it.
#[derive(Debug, Default)]
pub(super) struct HeldNames {
    holders: Mutex<HashMap<HeldName, usize>>,
}

impl HeldNames {
    /// Holds a name until the answer is dropped; others may hold it, too.
    pub(super) fn hold(&self, name: HeldName) -> Held<'_> {
        *self.holders().entry(name.clone()).or_default() += 1;
        Held { names: self, name }
    }

    /// Whether anybody holds it.
    pub(super) fn contains(&self, name: &HeldName) -> bool {
        self.holders().contains_key(name)
    }

    fn holders(&self) -> MutexGuard<'_, HashMap<HeldName, usize>> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds a name.
#[derive(Debug)]
pub(super) struct Held<'a> {
    names: &'a HeldNames,
    name: HeldName,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut holders = self.names.holders();
        let Some(count) = holders.get_mut(&self.name) else { return };
        *count -= 1;
        if *count == 0 {
            holders.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn name(record_id: &str) -> HeldName {
        let key = RecordKey {
            tenant_uid: TenantUid::new(Uuid::from_u128(1)),
            collection_uid: CollectionUid::new(Uuid::from_u128(2)),
            record_id,
        };
        key.into()
    }

    #[test]
    fn a_name_is_held_until_the_last_of_its_holders_is_done() {
        let names = HeldNames::default();
        let first = names.hold(name("a"));
        let others = [names.hold(name("a")), names.hold(name("a"))];
        drop(first);
        assert!(names.contains(&name("a")), "two hold it");
        assert!(!names.contains(&name("b")));
        drop(others);
        assert!(!names.contains(&name("a")));
        assert!(names.holders().is_empty(), "nothing is kept of it");
    }
}
