//! Typed ids and resource names: a string from a caller is parsed once, at the edge, and never again.
//!
//! # Layout
//! - [`id`]: ids that callers choose (`TenantId`, `RecordId` …)
//! - [`uid`]: ids that the system gives and that never come back (`TenantUid`, `EventId` …)
//! - [`resource`]: names of tenants, users, collections, records, keys and key versions
//! - [`log`]: names of logs and their entries
//! - [`identity`]: the limit of an identity, and for whom a call is made
//! - [`etag`]: what a caller holds to say which revision it has seen
//! - [`birth_mark`]: what tells two key versions of one number apart
//! - [`error`]: why a text is none of these

pub mod birth_mark;
pub mod error;
pub mod etag;
pub mod id;
pub mod identity;
pub mod log;
mod parse;
pub mod resource;
pub mod uid;

pub use birth_mark::BirthMark;
pub use error::{Kind, NameError};
pub use etag::Etag;
pub use id::{CollectionId, KeyId, RecordId, TenantId, UserId};
pub use identity::{MAX_IDENTITY_BYTES, OnBehalfOf};
pub use log::{EntryName, LogName};
pub use resource::{CollectionName, KeyName, KeyVersionName, RecordName, TenantName, UserName, is_resource_name};
pub use uid::{BootId, CollectionUid, EventId, KeyUid, LogId, RecordUid, TenantUid};

#[cfg(test)]
mod tests;
