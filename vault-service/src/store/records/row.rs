//! A row of `records`, and where it is.

use names::{CollectionUid, RecordUid, TenantUid};

use crate::store::EncryptedColumn;
use crate::time::Micros;

/// `records.wrapped_key`: purpose in the encryption context of a record's data key.
pub const WRAPPED_KEY: EncryptedColumn =
    EncryptedColumn { table: "records", column: "wrapped_key", binding: "strongroom/vault/records" };

/// `records.sealed_fields`: label of what binds a field to its record; `envelope::record` writes it.
pub const SEALED_FIELDS: EncryptedColumn =
    EncryptedColumn { table: "records", column: "sealed_fields", binding: "strongroom/field/v1" };

/// Between the names of fields where several records travel as one array: no name has a control character.
pub(super) const SEPARATOR: &str = "\u{1f}";

/// Where a record's row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordKey<'a> {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// The collection.
    pub collection_uid: CollectionUid,
    /// Id in the name.
    pub record_id: &'a str,
}

/// A row without its sealed fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHead {
    /// The tenant's id as the row has it.
    pub tenant_id: String,
    /// The collection's id as the row has it.
    pub collection_id: String,
    /// Immutable UUID.
    pub record_uid: RecordUid,
    /// Id in the name.
    pub record_id: String,
    /// Counts from 1.
    pub revision: u64,
    /// Whom the record is about.
    pub subject: Option<String>,
    /// When the record was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
    /// When it may be purged.
    pub expire_time: Option<Micros>,
    /// Names of the fields, sorted.
    pub field_names: Vec<String>,
    /// The revision's data key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// Whether a record with this uid and name was deleted: then this row was put back.
    pub is_deleted: bool,
    /// Whether a column holds what cannot be read: SQL put it there. Such a column is empty here, and the row does not open.
    pub is_unreadable: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// The collection.
    pub collection_uid: CollectionUid,
    /// What surrounds the fields.
    pub head: RecordHead,
    /// Manifest and fields, sealed.
    pub sealed_fields: Vec<u8>,
}

impl RecordRow {
    /// Where it is.
    pub fn key(&self) -> RecordKey<'_> {
        RecordKey { tenant_uid: self.tenant_uid, collection_uid: self.collection_uid, record_id: &self.head.record_id }
    }
}
