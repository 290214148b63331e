//! A service that does what the name of the asked key says.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::audit::v1 as audit;
use api::key::v1::key_service_server::KeyService;
use api::key::v1::{self as key};
use rpc::{Failure, Granted, Violations, call_context};
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status};

rpc::permissions! {
    KeysGet = "keys.get",
    KeysList = "keys.list",
    KeysRotate = "keys.rotate",
    LogsVerify = "logs.verify",
}

/// Answers `GetKey` for any name but some:
/// `…/slow` never answers, `…/panic` panics, `…/broken` fails inside, `…/leaky` answers a raw tonic error,
/// `…/missing` is not found, `…/invalid` has two violations, `…/busy` asks to come again, `…/wrong-permission` asks for
/// a permission that `GetKey` does not declare, `…/event` makes an event, `…/refused-with-event` is refused with one,
/// `…/works-on` goes on with its work after the answer, until [`Misbehaving::finish`], `…/gives-up` says at the deadline that something is away, `…/large` would be answered with a mebibyte, which is more than
/// may be. A page of `ListKeys` is a mebibyte where its token is `large`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Misbehaving {
    calls: Arc<AtomicU64>,
    peer: Arc<Mutex<Option<IpAddr>>>,
    works_on: Arc<Mutex<Vec<Granted<KeysGet>>>>,
}

impl Misbehaving {
    /// Calls of `GetKey` that were authorized.
    pub(crate) fn begun(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Ends the work that outlived its callers.
    pub(crate) fn finish(&self) {
        self.works_on.lock().unwrap().clear();
    }

    /// Where the last authorized call of `GetKey` came from.
    pub(crate) fn peer(&self) -> Option<IpAddr> {
        *self.peer.lock().unwrap()
    }
}

pub(crate) const EVENT: &str = "0193a1b2-0000-7000-8000-000000000001";

#[tonic::async_trait]
impl KeyService for Misbehaving {
    async fn get_key(&self, request: Request<key::GetKeyRequest>) -> Result<Response<key::GetKeyResponse>, Status> {
        let call = call_context(&request)?;
        let name = request.into_inner().name;
        let granted = call.grant::<KeysGet>(&name)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        *self.peer.lock().unwrap() = Some(call.peer());
        match granted.resource().rsplit('/').next().unwrap_or_default() {
            "slow" => std::future::pending().await,
            "brief" => tokio::time::sleep(Duration::from_millis(300)).await,
            "panic" => panic!("on demand"),
            "broken" => {
                let inner = std::io::Error::other("the inner secret");
                return Err(Failure::internal(Failure::unavailable("X", "outer").with_source(inner)).into());
            }
            "leaky" => return Err(Status::unknown("SELECT secret FROM keys")),
            "missing" => return Err(Failure::not_found(&name).into()),
            "busy" => return Err(Failure::exhausted("the queue is full", Duration::from_millis(1500)).into()),
            "stale" => return Err(Failure::aborted_etag().into()),
            "contended" => {
                let failure = Failure::aborted("CONTENDED", "others came first").with_retry(Duration::from_secs(1));
                return Err(failure.into());
            }
            "invalid" => {
                let mut violations = Violations::new();
                violations.add("name", "must be another");
                violations.add("etag", "must be given");
                violations.finish()?;
            }
            "wrong-permission" => drop(call.grant::<KeysRotate>(&name)?),
            "event" => call.set_event_id(EVENT.parse().unwrap()),
            "refused-with-event" => {
                call.set_event_id(EVENT.parse().unwrap());
                return Err(Failure::invalid_because("AAD_MISMATCH", "does not open").into());
            }
            "works-on" => self.works_on.lock().unwrap().push(granted.clone()),
            "gives-up" => {
                tokio::time::sleep_until(call.deadline().into()).await;
                return Err(Failure::unavailable("DATABASE_UNAVAILABLE", "the database is away").into());
            }
            _ => {}
        }
        let etag = if granted.resource().ends_with("/large") { "x".repeat(1 << 20) } else { String::new() };
        let key = key::Key { name, etag, ..key::Key::default() };
        Ok(Response::new(key::GetKeyResponse { key: Some(key) }))
    }

    async fn list_keys(
        &self,
        request: Request<key::ListKeysRequest>,
    ) -> Result<Response<key::ListKeysResponse>, Status> {
        call_context(&request)?.grant::<KeysList>("")?;
        let is_large = request.get_ref().page_token == "large";
        let next_page_token = if is_large { "x".repeat(1 << 20) } else { String::new() };
        Ok(Response::new(key::ListKeysResponse { next_page_token, ..Default::default() }))
    }

    async fn create_key(&self, _: Request<key::CreateKeyRequest>) -> Result<Response<key::CreateKeyResponse>, Status> {
        panic!("reached without authorization")
    }

    async fn rotate_key(&self, _: Request<key::RotateKeyRequest>) -> Result<Response<key::RotateKeyResponse>, Status> {
        panic!("reached without authorization")
    }

    async fn get_key_version(
        &self,
        _: Request<key::GetKeyVersionRequest>,
    ) -> Result<Response<key::GetKeyVersionResponse>, Status> {
        panic!("reached without authorization")
    }

    async fn list_key_versions(
        &self,
        _: Request<key::ListKeyVersionsRequest>,
    ) -> Result<Response<key::ListKeyVersionsResponse>, Status> {
        panic!("reached without authorization")
    }
}

type Answers = Pin<Box<dyn Stream<Item = Result<audit::VerifyLogResponse, Status>> + Send>>;

#[tonic::async_trait]
impl audit::log_service_server::LogService for Misbehaving {
    type VerifyLogStream = Answers;

    /// Two messages, then the end, an internal error (`logs/broken`) or silence (`logs/slow`).
    async fn verify_log(&self, request: Request<audit::VerifyLogRequest>) -> Result<Response<Answers>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<LogsVerify>(&request.get_ref().name)?;
        let two =
            tokio_stream::iter([Ok(audit::VerifyLogResponse::default()), Ok(audit::VerifyLogResponse::default())]);
        let stream: Answers = match granted.resource() {
            "logs/broken" => {
                let failure = Failure::internal(std::io::Error::other("the inner secret"));
                Box::pin(two.chain(tokio_stream::once(Err(call.stream_status(failure)))))
            }
            "logs/slow" => Box::pin(two.chain(tokio_stream::pending())),
            _ => Box::pin(two),
        };
        Ok(Response::new(stream))
    }

    async fn get_log(&self, _: Request<audit::GetLogRequest>) -> Result<Response<audit::GetLogResponse>, Status> {
        panic!("reached without authorization")
    }

    async fn list_logs(&self, _: Request<audit::ListLogsRequest>) -> Result<Response<audit::ListLogsResponse>, Status> {
        panic!("reached without authorization")
    }

    async fn get_entry(&self, _: Request<audit::GetEntryRequest>) -> Result<Response<audit::GetEntryResponse>, Status> {
        panic!("reached without authorization")
    }

    async fn list_entries(
        &self,
        _: Request<audit::ListEntriesRequest>,
    ) -> Result<Response<audit::ListEntriesResponse>, Status> {
        panic!("reached without authorization")
    }
}
