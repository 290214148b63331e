//! Records: what callers see of them, and the use cases.
//!
//! # Layout
//! - [`create`]: seals and writes new records
//! - [`read`]: what is known without opening
//! - [`reader`]: concurrent reveals share a statement
//! - [`reveal`]: opens records, for a purpose and accounted for
//! - [`update`]: seals a new revision
//! - [`delete`]: removes records
//! - `held`: names that stay out of shared statements
//! - `limits`: how long an answer may be
//! - [`locks`]: updates of one record pass one after the other
//! - [`sealing`]: between a row and its fields
//! - `sending`: new records, until it is known what became of them
//! - [`view`]: how much a reveal shows
//! - [`writer`]: concurrent creates share a statement

pub mod create;
pub mod delete;
mod held;
mod limits;
pub mod locks;
pub mod read;
pub mod reader;
pub mod reveal;
pub mod sealing;
mod sending;
pub mod update;
pub mod view;
pub mod writer;

use std::sync::Arc;

use names::{Etag, KeyVersionName, RecordName, RecordUid};
use serde::{Deserialize, Serialize};

use crate::as_text;
use crate::core::Core;
use crate::fields::Fields;
use crate::places::Tenant;
use crate::store::records::RecordHead;
use crate::time::Micros;

pub use limits::{MAX_RESPONSE_BYTES, RESPONSE_BYTES};
use locks::RecordLocks;
use reader::RecordReader;
use writer::RecordWriter;

/// The use cases of records.
#[derive(Debug)]
pub struct Records {
    core: Arc<Core>,
    reader: RecordReader,
    writer: RecordWriter,
    locks: RecordLocks,
}

impl Records {
    /// The tasks that calls share run as jobs.
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let reader = RecordReader::new(core.db.clone(), Arc::clone(&core.keys), &core.jobs);
        let writer = RecordWriter::new(core.db.clone(), core.outbox.clone(), &core.jobs);
        Self { core, reader, writer, locks: RecordLocks::default() }
    }
}

/// A record without its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Resource name.
    #[serde(with = "as_text")]
    pub name: RecordName,
    /// Immutable UUID.
    #[serde(with = "as_text")]
    pub uid: RecordUid,
    /// Whom it is about.
    pub subject: Option<String>,
    /// Names of its fields, sorted.
    pub field_names: Vec<String>,
    /// Counts from 1.
    pub revision: u64,
    /// Version of the tenant's key that wraps its data key; 0 where the stored bytes do not say.
    key_version: u32,
    /// The tenant's key.
    #[serde(with = "as_text")]
    key: names::KeyName,
    /// When it was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
    /// When it may be purged.
    pub expire_time: Option<Micros>,
}

impl Record {
    /// The record of a row.
    pub fn of(tenant: &Tenant, name: RecordName, head: RecordHead) -> Self {
        Self {
            name,
            uid: head.record_uid,
            revision: head.revision,
            key_version: envelope::wrap::header(&head.wrapped_key).map_or(0, |header| header.version),
            subject: head.subject,
            field_names: head.field_names,
            key: tenant.key(),
            create_time: head.create_time,
            update_time: head.update_time,
            expire_time: head.expire_time,
        }
    }

    /// The key version that wraps its data key; none where the stored bytes do not say.
    pub fn key_version(&self) -> Option<KeyVersionName> {
        (self.key_version > 0).then(|| self.key.version(self.key_version))
    }

    /// Changes with every revision.
    pub fn etag(&self) -> Etag {
        Etag::new(self.uid.as_uuid(), self.revision)
    }
}

/// A record with those of its values that were asked for.
#[derive(Debug)]
pub struct Revealed {
    /// What is known without opening.
    pub record: Record,
    /// The values.
    pub fields: Fields,
}
