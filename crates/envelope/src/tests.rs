//! Refusals, round trips, external vectors and our own; what they share is here.

mod forms;
mod padding;
mod record;
mod stored;
mod vectors;
mod wrap;
mod wycheproof;

use names::{CollectionUid, KeyUid, RecordName, RecordUid, TenantUid};
use proptest::prelude::*;
use secret::SecretBytes;
use uuid::Uuid;

use crate::context::EncryptionContext;
use crate::data_key::DataKey;
use crate::record::{Manifest, Place};

/// 32 equal bytes as a key.
fn key(byte: u8) -> SecretBytes<32> {
    SecretBytes::from_slice(&[byte; 32]).unwrap()
}

fn data_key(byte: u8) -> DataKey {
    DataKey::from_slice(&[byte; 32]).unwrap()
}

fn key_uid(number: u128) -> KeyUid {
    KeyUid::new(Uuid::from_u128(number))
}

const NO_PAIRS: [(&str, &str); 0] = [];
const RECORD: (&str, &str) = ("record", "tenants/acme/collections/patients/records/p1");

fn context() -> EncryptionContext {
    EncryptionContext::from_iter([("purpose", "record"), RECORD])
}

fn name(text: &str) -> RecordName {
    text.parse().unwrap()
}

fn place(name: &RecordName) -> Place<'_> {
    Place {
        tenant_uid: TenantUid::new(Uuid::from_u128(1)),
        collection_uid: CollectionUid::new(Uuid::from_u128(2)),
        name,
        uid: RecordUid::new(Uuid::from_u128(3)),
        revision: 1,
    }
}

fn manifest() -> Manifest<'static> {
    Manifest {
        subject: Some("person-7"),
        create_time: 1_800_000_000_000_000,
        update_time: 1_800_000_000_000_000,
        expire_time: None,
    }
}

/// Any record name.
fn names() -> impl Strategy<Value = RecordName> {
    let id = || "[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?";
    (id(), id(), id()).prop_map(|(a, b, c)| name(&format!("tenants/{a}/collections/{b}/records/{c}")))
}
