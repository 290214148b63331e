//! Data keys: requests to bindings, results to answers.

use std::collections::HashSet;

use api::key::v1 as wire;
use api::key::v1::{generate_data_key_result, rewrap_data_key_result, unwrap_data_key_result};
use bytes::Bytes;
use envelope::{DataKey, EncryptionContext};
use names::{KeyName, TenantUid};
use rpc::{CallContext, Failure, Granted, Permission, Violations};

use crate::data_keys::batch::{Batch, Binding, Done, Wrapped};
use crate::keys::changes::{KeyChange, KeyChanges};
use crate::operations::Operation;

/// Most requests of a batch.
const MAX_BATCH: usize = 1000;
/// Most pairs of an encryption context.
const MAX_PAIRS: usize = 16;
/// Longest key of a context, in bytes.
const MAX_CONTEXT_KEY: usize = 64;
/// Longest value of a context, in bytes.
const MAX_CONTEXT_VALUE: usize = 1024;
/// Longest subject, in bytes.
const MAX_SUBJECT: usize = 256;

/// What a request about one data key says.
#[derive(Debug)]
pub struct Parts {
    key: String,
    subject: String,
    context: Vec<Bytes>,
    on_behalf_of: String,
    /// None in a request for a new data key.
    wrapped_key: Option<Bytes>,
}

/// A request about one data key, whichever it is.
pub trait DataKeyRequest {
    /// What it says.
    fn parts(self) -> Parts;

    /// Name of the key, as the caller wrote it.
    fn key(&self) -> &str;
}

impl DataKeyRequest for wire::GenerateDataKeyRequest {
    fn parts(self) -> Parts {
        let Self { key, subject, context, on_behalf_of } = self;
        Parts { key, subject, context, on_behalf_of, wrapped_key: None }
    }

    fn key(&self) -> &str {
        &self.key
    }
}

impl DataKeyRequest for wire::UnwrapDataKeyRequest {
    fn parts(self) -> Parts {
        let Self { key, subject, context, on_behalf_of, wrapped_key } = self;
        Parts { key, subject, context, on_behalf_of, wrapped_key: Some(wrapped_key) }
    }

    fn key(&self) -> &str {
        &self.key
    }
}

impl DataKeyRequest for wire::RewrapDataKeyRequest {
    fn parts(self) -> Parts {
        let Self { key, subject, context, on_behalf_of, wrapped_key } = self;
        Parts { key, subject, context, on_behalf_of, wrapped_key: Some(wrapped_key) }
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// A grant for each key of a batch; what is wrong with a name that does not parse is told to whoever may use some key. What a
/// batch has too much is refused for its form and not looked at.
pub fn grants<P: Permission, T: DataKeyRequest>(
    call: &CallContext,
    requests: &[T],
) -> Result<Vec<Granted<P>>, Failure> {
    let mut grants: Vec<Granted<P>> = Vec::with_capacity(1);
    let mut seen = HashSet::with_capacity(1);
    for request in requests.iter().take(MAX_BATCH) {
        let name = request.key();
        if seen.insert(name) {
            grants.push(call.grant_parsed::<P>(&name.parse::<KeyName>())?);
        }
    }
    if grants.is_empty() {
        grants.push(call.grant_parsed::<P>(&"".parse::<KeyName>())?);
    }
    Ok(grants)
}

/// The bindings of one request.
pub fn binding(request: wire::GenerateDataKeyRequest) -> Result<Binding, Failure> {
    let mut violations = Violations::new();
    let parsed = parse(request, None, &mut violations);
    violations.finish_with(parsed.map(|(binding, _)| binding))
}

/// The bindings of a batch, which says for whom it is made where a request does not.
pub fn bindings(requests: Vec<wire::GenerateDataKeyRequest>, on_behalf_of: &str) -> Result<Vec<Binding>, Failure> {
    batch(requests, on_behalf_of, |binding, _| binding)
}

/// One wrapped key.
pub fn wrapped(request: impl DataKeyRequest) -> Result<Wrapped, Failure> {
    let mut violations = Violations::new();
    let parsed = parse(request, None, &mut violations);
    violations.finish_with(parsed.map(|(binding, bytes)| Wrapped { binding, bytes }))
}

/// The wrapped keys of a batch, which says for whom it is made where a request does not.
pub fn wrapped_batch(requests: Vec<impl DataKeyRequest>, on_behalf_of: &str) -> Result<Vec<Wrapped>, Failure> {
    batch(requests, on_behalf_of, |binding, bytes| Wrapped { binding, bytes })
}

fn batch<R: DataKeyRequest, T>(
    requests: Vec<R>,
    on_behalf_of: &str,
    one: impl Fn(Binding, Bytes) -> T,
) -> Result<Vec<T>, Failure> {
    let mut violations = Violations::new();
    let user = super::on_behalf_of(on_behalf_of, &mut violations);
    if !(1..=MAX_BATCH).contains(&requests.len()) {
        violations.add("requests", format_args!("must be 1 to {MAX_BATCH}"));
        return violations.finish_with(None);
    }
    let mut parsed = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let Some((mut binding, bytes)) = parse(request, Some(index), &mut violations) else { continue };
        binding.on_behalf_of = binding.on_behalf_of.or_else(|| user.clone());
        parsed.push(one(binding, bytes));
    }
    violations.finish()?;
    Ok(parsed)
}

fn parse(request: impl DataKeyRequest, index: Option<usize>, all: &mut Violations) -> Option<(Binding, Bytes)> {
    let Parts { key, subject, context, on_behalf_of, wrapped_key } = request.parts();
    let mut violations = Violations::new();
    let on_behalf_of = super::on_behalf_of(&on_behalf_of, &mut violations);
    let key = violations.check("key", key.parse::<KeyName>());
    if subject.len() > MAX_SUBJECT || subject.chars().any(char::is_control) {
        violations.add("subject", format_args!("must be at most {MAX_SUBJECT} bytes without control characters"));
    }
    let context = checked_context(&context, &mut violations);
    if wrapped_key.as_ref().is_some_and(Bytes::is_empty) {
        violations.add("wrapped_key", "is required");
    }
    match index {
        Some(index) if !violations.is_empty() => all.extend(&format!("requests[{index}]"), violations),
        _ => all.append(violations),
    }
    Some((Binding { key: key?, subject, on_behalf_of, context: context? }, wrapped_key.unwrap_or_default()))
}

fn checked_context(entries: &[Bytes], violations: &mut Violations) -> Option<EncryptionContext> {
    let mut pairs = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(pair) = api::context_pair(entry) else {
            violations.add("context", "must be pairs of UTF-8 texts");
            return None;
        };
        pairs.push(pair);
    }
    if !(1..=MAX_PAIRS).contains(&pairs.len()) {
        violations.add("context", format_args!("must be 1 to {MAX_PAIRS} pairs"));
    }
    if pairs.iter().any(|(key, _)| !(1..=MAX_CONTEXT_KEY).contains(&key.len())) {
        violations.add("context", format_args!("must have keys of 1 to {MAX_CONTEXT_KEY} bytes"));
    }
    if pairs.iter().any(|(_, value)| value.len() > MAX_CONTEXT_VALUE) {
        violations.add("context", format_args!("must have values of at most {MAX_CONTEXT_VALUE} bytes"));
    }
    Some(pairs.into_iter().collect())
}

/// A tenant's uid; the nil UUID stands for no tenant.
pub fn tenant_uid(text: &str) -> Result<TenantUid, String> {
    match text.parse::<TenantUid>() {
        Ok(tenant) if tenant.as_uuid().is_nil() => Err("must not be the nil UUID".to_owned()),
        Ok(tenant) => Ok(tenant),
        Err(error) => Err(error.to_string()),
    }
}

/// The answer about changes of keys.
pub fn key_changes(changes: KeyChanges) -> wire::ListKeyChangesResponse {
    let change = |KeyChange { key, primary_version, subject, is_erased }: KeyChange| {
        let state = if is_erased { wire::KeyChangeState::Erased } else { wire::KeyChangeState::Changed };
        wire::KeyChange {
            key: key.to_string(),
            subject: subject.unwrap_or_default(),
            state: state.into(),
            primary_version: primary_version.map(|version| version.to_string()).unwrap_or_default(),
        }
    };
    let KeyChanges { changes, generation, is_more, is_reset } = changes;
    let changes = changes.into_iter().map(change).collect();
    wire::ListKeyChangesResponse { changes, generation, more: is_more, reset: is_reset }
}

/// The answer to a generate.
pub fn generated(done: Done<(DataKey, Vec<u8>)>) -> wire::GenerateDataKeyResponse {
    let (data_key, wrapped_key) = done.result;
    wire::GenerateDataKeyResponse {
        plaintext: data_key.expose().to_vec(),
        wrapped_key,
        key_version: String::from(&*done.version),
        operation: Some(operation(done.operation)),
    }
}

/// The answer to an unwrap.
pub fn unwrapped(done: &Done<DataKey>) -> wire::UnwrapDataKeyResponse {
    wire::UnwrapDataKeyResponse {
        plaintext: done.result.expose().to_vec(),
        key_version: String::from(&*done.version),
        operation: Some(operation(done.operation)),
    }
}

/// The answer to a rewrap.
pub fn rewrapped(done: Done<Vec<u8>>) -> wire::RewrapDataKeyResponse {
    wire::RewrapDataKeyResponse {
        wrapped_key: done.result,
        key_version: String::from(&*done.version),
        operation: Some(operation(done.operation)),
    }
}

/// The answers to a batch of generates.
pub fn all_generated(call: &CallContext, batch: Batch<(DataKey, Vec<u8>)>) -> Vec<wire::GenerateDataKeyResult> {
    use generate_data_key_result::Result as Item;
    let item = |done| match done {
        Ok(done) => Item::DataKey(generated(done)),
        Err(failure) => Item::Error(call.item_status(&failure)),
    };
    let results = batch.results.into_iter().map(item);
    results.map(|item| wire::GenerateDataKeyResult { result: Some(item) }).collect()
}

/// The answers to a batch of unwraps.
pub fn all_unwrapped(call: &CallContext, batch: Batch<DataKey>) -> Vec<wire::UnwrapDataKeyResult> {
    use unwrap_data_key_result::Result as Item;
    let item = |done: Result<Done<DataKey>, Failure>| match done {
        Ok(done) => Item::DataKey(unwrapped(&done)),
        Err(failure) => Item::Error(call.item_status(&failure)),
    };
    let results = batch.results.into_iter().map(item);
    results.map(|item| wire::UnwrapDataKeyResult { result: Some(item) }).collect()
}

/// The answers to a batch of rewraps.
pub fn all_rewrapped(call: &CallContext, batch: Batch<Vec<u8>>) -> Vec<wire::RewrapDataKeyResult> {
    use rewrap_data_key_result::Result as Item;
    let item = |done| match done {
        Ok(done) => Item::DataKey(rewrapped(done)),
        Err(failure) => Item::Error(call.item_status(&failure)),
    };
    let results = batch.results.into_iter().map(item);
    results.map(|item| wire::RewrapDataKeyResult { result: Some(item) }).collect()
}

fn operation(operation: Operation) -> wire::Operation {
    wire::Operation { boot_id: operation.boot.to_string(), counter: operation.counter }
}
