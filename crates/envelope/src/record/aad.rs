//! What the manifest and the fields of a record are bound to.
//!
//! ```text
//! field    = "strongroom/field/v1\0" ‖ record name ‖ record uid ‖ revision u64 ‖ field name
//! manifest = "strongroom/manifest/v1\0" ‖ tenant uid ‖ collection uid ‖ record name ‖ record uid ‖ revision u64
//!            ‖ number of fields u32 ‖ each field name … ‖ subject? ‖ create time i64 ‖ update time i64 ‖ expire time i64?
//! ```
//! Every part is u32-length-prefixed; an optional one is `00`, or `01` and the value; numbers are big-endian.

use names::{CollectionUid, RecordName, RecordUid, TenantUid};

use crate::encode::{length, optional_part, part, part_of};
use crate::error::Error;

const FIELD: &[u8] = b"strongroom/field/v1\0";
const MANIFEST: &[u8] = b"strongroom/manifest/v1\0";

/// Where a record is: its full name, which callers see, and the uids, which never change.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// The collection.
    pub collection_uid: CollectionUid,
    /// The record's full name.
    pub name: &'a RecordName,
    /// The record.
    pub uid: RecordUid,
    /// Which revision of it, counted from 1.
    pub revision: u64,
}

/// What is stored in the clear beside the fields and must not be changed. Times are microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub struct Manifest<'a> {
    /// The data subject, where the record names one.
    pub subject: Option<&'a str>,
    /// When the record was created.
    pub create_time: i64,
    /// When this revision was written.
    pub update_time: i64,
    /// When it is to be purged, if ever.
    pub expire_time: Option<i64>,
}

/// The associated data of a record's fields, of which only the last part changes from field to field.
pub(super) struct Binding {
    bytes: Vec<u8>,
    /// Where the field's name goes.
    shared: usize,
}

impl Binding {
    pub(super) fn new(place: &Place<'_>) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(384);
        bytes.extend_from_slice(FIELD);
        part_of(&mut bytes, place.name)?;
        part(&mut bytes, place.uid.as_bytes());
        part(&mut bytes, &place.revision.to_be_bytes());
        let shared = bytes.len();
        Ok(Self { bytes, shared })
    }

    /// The associated data of the field with this name.
    pub(super) fn field(&mut self, name: &str) -> &[u8] {
        self.bytes.truncate(self.shared);
        part(&mut self.bytes, name.as_bytes());
        &self.bytes
    }

    /// The associated data of the manifest of a record with these fields, whose names come sorted.
    pub(super) fn manifest<'n>(
        &self,
        place: &Place<'_>,
        manifest: &Manifest<'_>,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<Vec<u8>, Error> {
        let name_uid_revision = self.bytes.get(FIELD.len()..self.shared).ok_or(Error::Bug("a place has no bytes"))?;
        let (count, names_length) = names.clone().fold((0, 0), |(n, sum), name| (n + 1, sum + name.len() + 4));
        let mut out = Vec::with_capacity(256 + name_uid_revision.len() + names_length);
        out.extend_from_slice(MANIFEST);
        part(&mut out, place.tenant_uid.as_bytes());
        part(&mut out, place.collection_uid.as_bytes());
        out.extend_from_slice(name_uid_revision);
        part(&mut out, &length(count));
        names.for_each(|name| part(&mut out, name.as_bytes()));
        optional_part(&mut out, manifest.subject.map(str::as_bytes));
        part(&mut out, &manifest.create_time.to_be_bytes());
        part(&mut out, &manifest.update_time.to_be_bytes());
        optional_part(&mut out, manifest.expire_time.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
        Ok(out)
    }
}
