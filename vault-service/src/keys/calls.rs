//! The calls to key-service.

use std::time::Duration;

use api::key::v1 as proto;
use api::key::v1::data_key_service_client::DataKeyServiceClient;
use api::key::v1::{generate_data_key_result, unwrap_data_key_result};
use batch::BatchCall;
use envelope::DataKey;
use names::{BootId, KeyName, TenantUid};
use rpc::status_of_item;
use tokio::time::{Instant, sleep};
use tonic::{Request, Status};

use super::asked::{GenerateKey, GeneratedKey, Operation, UnwrapKey, UnwrappedKey};
use super::cache::{Changed, Changes};
use super::error::KeyError;

/// Pause before the first repetition of a call that did not arrive; doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// A call that would be given less time than this is not made.
const LEAST_TIME: Duration = Duration::from_millis(5);

/// About how long a request for one key is.
const MESSAGE_BYTES: usize = 512;

/// An answer to each request, or why there is none to any.
type Answers<A> = Result<Vec<Result<A, KeyError>>, KeyError>;

const EMPTY: KeyError = KeyError::Bug("a result without a data key or an error");

/// What a call for one data key says of it; an error where it says nothing of it, but of key-service.
fn of_one<A>(answer: Result<A, KeyError>) -> Result<Result<A, KeyError>, KeyError> {
    match answer {
        Err(error) if error.is_of_all() => Err(error),
        answer => Ok(answer),
    }
}

fn all_of<A>(asked: usize, answers: Vec<Result<A, KeyError>>) -> Answers<A> {
    if answers.len() == asked { Ok(answers) } else { Err(KeyError::Bug("another number of results than asked for")) }
}

/// The client of key-service's `DataKeyService`.
#[derive(Debug, Clone)]
pub(super) struct KeyService {
    client: DataKeyServiceClient<rpc::Channel>,
}

impl KeyService {
    pub(super) fn new(channel: rpc::Channel) -> Self {
        Self { client: DataKeyServiceClient::new(channel) }
    }

    pub(super) async fn generate(&self, requests: &[GenerateKey], deadline: Instant) -> Answers<GeneratedKey> {
        if let [request] = requests {
            let call =
                |mut client: DataKeyServiceClient<_>, request| async move { client.generate_data_key(request).await };
            let answer = self.repeated(|| generate_request(request), deadline, call).await;
            return Ok(vec![of_one(answer)?.and_then(generated)]);
        }
        let call = |mut client: DataKeyServiceClient<_>, request| async move {
            client.batch_generate_data_keys(request).await
        };
        let message = || proto::BatchGenerateDataKeysRequest {
            requests: requests.iter().map(generate_request).collect(),
            ..Default::default()
        };
        let results = self.repeated(message, deadline, call).await?.results;
        let item = |one: proto::GenerateDataKeyResult| match one.result.ok_or(EMPTY)? {
            generate_data_key_result::Result::DataKey(answer) => generated(answer),
            generate_data_key_result::Result::Error(status) => Err(KeyError::of(status_of_item(status))),
        };
        all_of(requests.len(), results.into_iter().map(item).collect())
    }

    pub(super) async fn unwrap(&self, requests: &[UnwrapKey], deadline: Instant) -> Answers<UnwrappedKey> {
        if let [request] = requests {
            let call =
                |mut client: DataKeyServiceClient<_>, request| async move { client.unwrap_data_key(request).await };
            let answer = self.repeated(|| unwrap_request(request), deadline, call).await;
            let answer = of_one(answer.map_err(KeyError::of_unwrap))?;
            return Ok(vec![answer.and_then(unwrapped)]);
        }
        let call =
            |mut client: DataKeyServiceClient<_>, request| async move { client.batch_unwrap_data_keys(request).await };
        let message = || proto::BatchUnwrapDataKeysRequest {
            requests: requests.iter().map(unwrap_request).collect(),
            ..Default::default()
        };
        let results = self.repeated(message, deadline, call).await?.results;
        let item = |one: proto::UnwrapDataKeyResult| match one.result.ok_or(EMPTY)? {
            unwrap_data_key_result::Result::DataKey(answer) => unwrapped(answer),
            unwrap_data_key_result::Result::Error(status) => Err(KeyError::of(status_of_item(status)).of_unwrap()),
        };
        all_of(requests.len(), results.into_iter().map(item).collect())
    }

    pub(super) async fn provision_tenant(&self, tenant: TenantUid, deadline: Instant) -> Result<(), KeyError> {
        let message = || proto::ProvisionTenantKeyRequest { tenant_uid: tenant.to_string(), ..Default::default() };
        let call =
            |mut client: DataKeyServiceClient<_>, request| async move { client.provision_tenant_key(request).await };
        self.repeated(message, deadline, call).await.map(drop)
    }

    /// What changed after a generation; everything where none is known. It is asked again soon, so it is asked once.
    pub(super) async fn list_changes(&self, after: Option<u64>, deadline: Instant) -> Result<Changes, KeyError> {
        let mut request = Request::new(proto::ListKeyChangesRequest { after_generation: after });
        request.set_timeout(deadline.saturating_duration_since(Instant::now()).max(LEAST_TIME));
        let mut client = self.client.clone();
        let answer = tokio::time::timeout_at(deadline, client.list_key_changes(request)).await;
        let answer =
            answer.map_err(|_elapsed| KeyError::away("no answer in time"))?.map_err(KeyError::of)?.into_inner();
        let changed = |change: proto::KeyChange| {
            let subject = Some(change.subject).filter(|subject| !subject.is_empty());
            change.key.parse().map(|key: KeyName| Changed { key, subject })
        };
        let changes: Result<_, _> = answer.changes.into_iter().map(changed).collect();
        let changes = changes.map_err(|_malformed| KeyError::Bug("a changed key has a name"))?;
        let proto::ListKeyChangesResponse { generation, more, reset, .. } = answer;
        Ok(Changes { changes, generation, is_more: more, is_reset: reset })
    }

    /// Makes a call, again while key-service is away and time is left: a restart of it costs callers a moment. Every
    /// call here may be repeated: it makes a key that nobody has seen, or opens one again, each with its own number.
    async fn repeated<M, A, F, Fut>(&self, message: impl Fn() -> M, deadline: Instant, call: F) -> Result<A, KeyError>
    where
        F: Fn(DataKeyServiceClient<rpc::Channel>, Request<M>) -> Fut,
        Fut: Future<Output = Result<tonic::Response<A>, Status>>,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            let mut request = Request::new(message());
            request.set_timeout(deadline.saturating_duration_since(Instant::now()).max(LEAST_TIME));
            let error = match tokio::time::timeout_at(deadline, call(self.client.clone(), request)).await {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) => KeyError::of(status),
                Err(_elapsed) => return Err(KeyError::away("no answer in time")),
            };
            if !matches!(error, KeyError::Away { .. }) || Instant::now() + pause + LEAST_TIME >= deadline {
                return Err(error);
            }
            sleep(pause).await;
            pause *= 2;
        }
    }
}

/// Generating, as a kind of call that can be shared.
#[derive(Debug)]
pub(super) struct Generate(pub(super) KeyService);

impl BatchCall for Generate {
    type Request = GenerateKey;
    type Answer = Result<GeneratedKey, KeyError>;
    type Error = KeyError;

    async fn call(&self, requests: Vec<GenerateKey>, deadline: Instant) -> Answers<GeneratedKey> {
        self.0.generate(&requests, deadline).await
    }

    fn weight(_: &GenerateKey) -> usize {
        MESSAGE_BYTES
    }
}

/// Unwrapping, as a kind of call that can be shared.
#[derive(Debug)]
pub(super) struct Unwrap(pub(super) KeyService);

impl BatchCall for Unwrap {
    type Request = UnwrapKey;
    type Answer = Result<UnwrappedKey, KeyError>;
    type Error = KeyError;

    async fn call(&self, requests: Vec<UnwrapKey>, deadline: Instant) -> Answers<UnwrappedKey> {
        self.0.unwrap(&requests, deadline).await
    }

    fn weight(_: &UnwrapKey) -> usize {
        MESSAGE_BYTES
    }
}

fn generate_request(request: &GenerateKey) -> proto::GenerateDataKeyRequest {
    proto::GenerateDataKeyRequest {
        key: request.key.to_string(),
        subject: request.subject.clone().unwrap_or_default(),
        context: request.context.entries().to_vec(),
        ..Default::default()
    }
}

fn unwrap_request(request: &UnwrapKey) -> proto::UnwrapDataKeyRequest {
    proto::UnwrapDataKeyRequest {
        key: request.key.to_string(),
        subject: request.subject.clone().unwrap_or_default(),
        context: request.context.entries().to_vec(),
        wrapped_key: request.wrapped_key.clone(),
        ..Default::default()
    }
}

fn generated(answer: proto::GenerateDataKeyResponse) -> Result<GeneratedKey, KeyError> {
    let operation = operation(answer.operation)?;
    let data_key = DataKey::from_slice(&answer.plaintext).ok_or(KeyError::Bug("a data key has 32 bytes"))?;
    Ok(GeneratedKey { data_key, wrapped_key: answer.wrapped_key, operation })
}

fn unwrapped(answer: proto::UnwrapDataKeyResponse) -> Result<UnwrappedKey, KeyError> {
    let operation = operation(answer.operation)?;
    let data_key = DataKey::from_slice(&answer.plaintext).ok_or(KeyError::Bug("a data key has 32 bytes"))?;
    Ok(UnwrappedKey { data_key, operation, is_cached: false })
}

fn operation(operation: Option<proto::Operation>) -> Result<Operation, KeyError> {
    let operation = operation.ok_or(KeyError::Bug("an operation has a number"))?;
    let boot: BootId = operation.boot_id.parse().map_err(|_malformed| KeyError::Bug("a boot id is a UUID"))?;
    Ok(Operation { boot, counter: operation.counter })
}

#[cfg(test)]
mod tests;
