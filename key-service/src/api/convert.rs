//! Messages to domain types and back, with every violation of a message at once.
//!
//! # Layout
//! - `data_keys`: data keys
//! - `signer`: segments, heads, alarms

pub mod data_keys;
pub mod signer;

use std::fmt::Display;

use api::key::v1 as wire;
use clock::Timestamp;
use names::{Etag, KeyId, KeyName, NameError, OnBehalfOf};
use rpc::{Failure, Violations};
use uuid::Uuid;

use crate::key::{Key, Labels, Purpose, VersionState};
use crate::keys::RotateKey;
use crate::keys::create::CreateKey;
use crate::keys::read::CountedVersion;
use crate::own_keys::ids::is_reserved;
use crate::seal::SealKind;

/// A value that must have parsed.
pub fn required<T>(field: &str, value: Result<T, impl Display>) -> Result<T, Failure> {
    let mut violations = Violations::new();
    let value = violations.check(field, value);
    violations.finish_with(value)
}

/// What must have parsed, of a request that says for whom it is made.
pub fn required_of<T>(field: &str, value: Result<T, impl Display>, on_behalf_of: &str) -> Result<T, Failure> {
    let mut violations = Violations::new();
    let value = violations.check(field, value);
    let _user = self::on_behalf_of(on_behalf_of, &mut violations);
    violations.finish_with(value)
}

/// Whom the caller acts for; empty for itself.
pub fn on_behalf_of(text: &str, violations: &mut Violations) -> Option<OnBehalfOf> {
    violations.check("on_behalf_of", OnBehalfOf::parse_optional(text)).flatten()
}

/// The resource that a create is authorized on: the key's name, or all keys where none is given.
pub fn scope_of_new_key(key_id: &str) -> String {
    match KeyId::new(key_id) {
        Ok(id) => KeyName::new(id).to_string(),
        Err(_malformed) if key_id.is_empty() => "keys".to_owned(),
        Err(_malformed) => String::new(),
    }
}

/// What a new key is to be, and whom the caller acts for.
pub fn create_key(message: wire::CreateKeyRequest) -> Result<(CreateKey, Option<OnBehalfOf>), Failure> {
    let mut violations = Violations::new();
    let user = on_behalf_of(&message.on_behalf_of, &mut violations);
    let id = match message.key_id.as_str() {
        "" => None,
        id => violations.check("key_id", KeyId::new(id)),
    };
    if id.as_ref().is_some_and(is_reserved) {
        violations.add(
            "key_id",
            "is reserved for keys of the system's own: choose an id that is neither audit-mac nor vault-service and \
             begins with neither checkpoint, statement nor system-",
        );
    }
    let request_id = optional_uuid("request_id", &message.request_id, &mut violations);
    let Some(key) = message.key else {
        violations.add("key", "is required");
        return violations.finish_with(None);
    };
    let purpose = purpose_from(key.purpose());
    if purpose.is_none() {
        violations.add("key.purpose", "must be KEY_PURPOSE_WRAP, KEY_PURPOSE_MAC or KEY_PURPOSE_SIGN");
    }
    let labels = Labels::new(key.labels.into_iter().collect());
    if labels.is_none() {
        violations.add("key.labels", "must be at most 16 pairs whose keys and values match [a-z0-9_-]{1,63}");
    }
    let create = purpose.zip(labels).map(|(purpose, labels)| CreateKey { id, purpose, labels, request_id });
    Ok((violations.finish_with(create)?, user))
}

/// What a rotation is asked for with, and whom the caller acts for. The name is parsed already.
pub fn rotate(
    name: Result<KeyName, NameError>,
    message: &wire::RotateKeyRequest,
) -> Result<(RotateKey, Option<OnBehalfOf>), Failure> {
    let mut violations = Violations::new();
    let name = violations.check("name", name);
    let etag = &message.etag;
    let etag = if etag.is_empty() { None } else { violations.check("etag", etag.parse::<Etag>()) };
    let user = on_behalf_of(&message.on_behalf_of, &mut violations);
    let request_id = optional_uuid("request_id", &message.request_id, &mut violations);
    let rotate = name.map(|name| RotateKey { name, etag, request_id });
    Ok((violations.finish_with(rotate)?, user))
}

/// A UUID that may be left out.
fn optional_uuid(field: &str, text: &str, violations: &mut Violations) -> Option<Uuid> {
    if text.is_empty() {
        return None;
    }
    let uuid = Uuid::try_parse(text).ok().filter(|uuid| !uuid.is_nil());
    if uuid.is_none() {
        violations.add(field, "must be a UUID other than the nil UUID, or empty");
    }
    uuid
}

fn purpose_from(purpose: wire::KeyPurpose) -> Option<Purpose> {
    match purpose {
        wire::KeyPurpose::Unspecified => None,
        wire::KeyPurpose::Wrap => Some(Purpose::Wrap),
        wire::KeyPurpose::Mac => Some(Purpose::Mac),
        wire::KeyPurpose::Sign => Some(Purpose::Sign),
    }
}

/// About how many bytes a key has in an answer.
pub(super) fn bytes_of_key(key: &Key) -> usize {
    let beside_labels = 512;
    key.labels.pairs().map(|(label, value)| label.len() + value.len() + 8).sum::<usize>() + beside_labels
}

/// A key as callers see it.
pub fn key(key: &Key) -> wire::Key {
    let purpose = match key.purpose {
        Purpose::Wrap => wire::KeyPurpose::Wrap,
        Purpose::Mac => wire::KeyPurpose::Mac,
        Purpose::Sign => wire::KeyPurpose::Sign,
    };
    wire::Key {
        name: key.name().to_string(),
        purpose: purpose.into(),
        primary_version: key.primary_name().to_string(),
        labels: key.labels.pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        create_time: Some(timestamp(key.create_time)),
        etag: key.etag().to_string(),
        system: key.system,
    }
}

/// A version as callers see it.
pub fn key_version(key: &KeyName, counted: &CountedVersion) -> wire::KeyVersion {
    let version = &counted.version;
    let state = match version.state {
        VersionState::Enabled => wire::KeyVersionState::Enabled,
        VersionState::Disabled => wire::KeyVersionState::Disabled,
        VersionState::DestroyScheduled => wire::KeyVersionState::DestroyScheduled,
        VersionState::Destroyed => wire::KeyVersionState::Destroyed,
    };
    wire::KeyVersion {
        name: key.version(version.version).to_string(),
        state: state.into(),
        create_time: Some(timestamp(version.create_time)),
        destroy_time: version.destroy_time.map(timestamp),
        wrap_count: i64::try_from(counted.wraps).unwrap_or(i64::MAX),
    }
}

/// How the root key is protected, as callers see it.
pub fn seal_kind(kind: SealKind) -> wire::SealKind {
    match kind {
        SealKind::File => wire::SealKind::File,
    }
}

/// A time as callers see it.
pub fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.seconds(), nanos: time.subsec_nanos() }
}
