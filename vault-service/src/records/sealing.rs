//! Between the row of a record and its fields.

use bytes::Bytes;
use envelope::record::{Manifest, Place as SealedPlace, Selection};
use names::{RecordName, RecordUid};

use crate::error::{DoesNotOpen, Error};
use crate::fields::Fields;
use crate::keys::context::Context;
use crate::keys::{GenerateKey, GeneratedKey, UnwrapKey, UnwrappedKey};
use crate::places::{Place, Tenant};
use crate::store::records::{RecordHead, RecordRow};
use crate::time::Micros;

/// Longest id of a person.
const MAX_SUBJECT_BYTES: usize = 128;

/// What a subject may be, in words.
pub const SUBJECT_FORM: &str = "[A-Za-z0-9._:/-]{1,128}";

/// Whether a text can be a subject.
pub fn is_subject(text: &str) -> bool {
    (1..=MAX_SUBJECT_BYTES).contains(&text.len()) && text.bytes().all(is_plain)
}

/// Whether a byte may stand in subjects and references.
pub fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte)
}

/// One revision of a record, about to be sealed.
#[derive(Debug)]
pub struct Draft {
    /// Resource name.
    pub name: RecordName,
    /// Immutable UUID.
    pub uid: RecordUid,
    /// Which revision it will be.
    pub revision: u64,
    /// Whom it is about.
    pub subject: Option<String>,
    /// When the record was made.
    pub create_time: Micros,
    /// When this revision is made.
    pub update_time: Micros,
    /// When it may be purged.
    pub expire_time: Option<Micros>,
    /// The values.
    pub fields: Fields,
}

impl Draft {
    /// Asks for the data key that seals this revision and nothing else.
    pub fn key_request(&self, tenant: &Tenant) -> GenerateKey {
        let subject = self.subject.as_deref();
        GenerateKey {
            key: tenant.key(),
            subject: self.subject.clone(),
            context: Context::of_record(tenant.uid, &self.name, self.uid, self.revision, subject),
        }
    }

    /// Seals the fields; the data key is used up and the plaintext wiped.
    pub fn seal(self, place: &Place, key: GeneratedKey) -> Result<RecordRow, Error> {
        let manifest = Manifest {
            subject: self.subject.as_deref(),
            create_time: self.create_time.get(),
            update_time: self.update_time.get(),
            expire_time: self.expire_time.map(Micros::get),
        };
        let sealed_place = sealed_place(place, &self.name, self.uid, self.revision);
        let sealed_fields = envelope::record::seal(key.data_key, &sealed_place, &manifest, &self.fields.as_slices())
            .map_err(Error::Seal)?;
        let head = RecordHead {
            tenant_id: self.name.tenant().to_string(),
            collection_id: self.name.collection().to_string(),
            record_uid: self.uid,
            record_id: self.name.record().to_string(),
            revision: self.revision,
            create_time: self.create_time,
            update_time: self.update_time,
            expire_time: self.expire_time,
            field_names: self.fields.into_names(),
            wrapped_key: key.wrapped_key,
            subject: self.subject,
            is_deleted: false,
            is_unreadable: false,
        };
        Ok(RecordRow { tenant_uid: place.tenant.uid, collection_uid: place.collection.uid, head, sealed_fields })
    }
}

/// Asks for the data key of a stored revision.
pub fn unwrap_request(tenant: &Tenant, name: &RecordName, head: &RecordHead) -> UnwrapKey {
    let subject = head.subject.as_deref();
    UnwrapKey {
        key: tenant.key(),
        subject: head.subject.clone(),
        context: Context::of_record(tenant.uid, name, head.record_uid, head.revision, subject),
        wrapped_key: Bytes::copy_from_slice(&head.wrapped_key),
    }
}

/// Whether the columns that repeat the name still do: they were written from it. And whether the record is not one that
/// was deleted.
pub fn check_columns(name: &RecordName, head: &RecordHead) -> Result<(), DoesNotOpen> {
    if head.is_deleted {
        return Err(DoesNotOpen::Deleted);
    }
    let same = head.tenant_id == name.tenant().as_str()
        && head.collection_id == name.collection().as_str()
        && head.record_id == name.record().as_str();
    if same && !head.is_unreadable { Ok(()) } else { Err(DoesNotOpen::Columns) }
}

/// The same, and whether subject and wrapped key can be those of a record at all: others are told to nobody and asked of
/// nobody. Their length is bounded by nothing, and key-service would refuse the whole message that carries one.
pub fn check_head(name: &RecordName, head: &RecordHead) -> Result<(), DoesNotOpen> {
    check_columns(name, head)?;
    if head.subject.as_deref().is_some_and(|subject| !is_subject(subject)) {
        return Err(DoesNotOpen::Columns);
    }
    envelope::wrap::header(&head.wrapped_key).map(drop).map_err(|_malformed| DoesNotOpen::Key)
}

/// Opens the manifest and the selected fields; the data key is used up.
pub fn open(
    place: &Place,
    name: &RecordName,
    row: &RecordRow,
    key: UnwrappedKey,
    selection: Selection<'_>,
) -> Result<Fields, DoesNotOpen> {
    check_columns(name, &row.head)?;
    let head = &row.head;
    let manifest = Manifest {
        subject: head.subject.as_deref(),
        create_time: head.create_time.get(),
        update_time: head.update_time.get(),
        expire_time: head.expire_time.map(Micros::get),
    };
    let sealed_place = sealed_place(place, name, head.record_uid, head.revision);
    let fields = envelope::record::open(key.data_key, &sealed_place, &manifest, &row.sealed_fields, selection)
        .map_err(DoesNotOpen::Sealed)?;
    let names = envelope::record::field_names(&row.sealed_fields).map_err(DoesNotOpen::Sealed)?;
    if names != head.field_names {
        return Err(DoesNotOpen::Columns);
    }
    Ok(fields.into_iter().collect())
}

fn sealed_place<'a>(place: &Place, name: &'a RecordName, uid: RecordUid, revision: u64) -> SealedPlace<'a> {
    SealedPlace { tenant_uid: place.tenant.uid, collection_uid: place.collection.uid, name, uid, revision }
}
