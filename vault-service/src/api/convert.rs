//! Messages to domain types and back. What is wrong with a message is collected, so that all of it is said at once.
//!
//! # Layout
//! - this file: what several services have
//! - `tenants`, `collections`, `records`: what one of them has

use std::fmt;
use std::str::FromStr;

use names::{Etag, NameError, OnBehalfOf};
use prost_types::Timestamp;
use rpc::Failure;
use uuid::Uuid;

use crate::problems::Problems;
use crate::time::Micros;

pub(super) mod collections;
pub(super) mod records;
pub(super) mod tenants;

/// The value of a name that was parsed before authorization, or what is wrong with the whole message.
pub(super) fn parsed<T>(field: &str, name: Result<T, NameError>, problems: Problems) -> Result<(T, Problems), Failure> {
    match name {
        Ok(name) => Ok((name, problems)),
        Err(error) => {
            let mut all = Problems::default();
            all.add(field, error);
            all.append(problems);
            Err(refused(all))
        }
    }
}

/// The failure of a message with problems.
pub(super) fn refused(problems: Problems) -> Failure {
    match problems.finish() {
        Err(invalid) => invalid.into_failure(),
        Ok(()) => Failure::bug("a message is refused and nothing is wrong with it"),
    }
}

/// An id that may be left out.
pub(super) fn id<T: FromStr<Err: fmt::Display>>(field: &str, text: &str, problems: &mut Problems) -> Option<T> {
    if text.is_empty() { None } else { problems.check(field, text.parse()) }
}

pub(super) fn request_id(text: &str, problems: &mut Problems) -> Option<Uuid> {
    if text.is_empty() {
        None
    } else {
        let uuid = Uuid::parse_str(text).ok().filter(|uuid| !uuid.is_nil());
        problems.check("request_id", uuid.ok_or("must be a UUID other than the nil UUID"))
    }
}

pub(super) fn etag(text: &str, problems: &mut Problems) -> Option<Etag> {
    if text.is_empty() { None } else { problems.check("etag", text.parse()) }
}

/// For whom a call is made.
pub(super) fn on_behalf_of(text: &str, problems: &mut Problems) -> Option<OnBehalfOf> {
    problems.check("on_behalf_of", OnBehalfOf::parse_optional(text)).flatten()
}

/// The same where a call that is done leaves no entry: the form alone counts.
pub(super) fn check_on_behalf_of(text: &str, problems: &mut Problems) {
    let _only_checked = on_behalf_of(text, problems);
}

fn timestamp(time: Micros) -> Timestamp {
    let (seconds, nanos) = time.parts();
    Timestamp { seconds, nanos }
}
