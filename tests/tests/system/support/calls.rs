//! Callers: a certificate, and channels to the three services.

use std::sync::Arc;

use api::audit::v1::ingest_service_client::IngestServiceClient;
use api::audit::v1::log_service_client::LogServiceClient;
use api::key::v1::data_key_service_client::DataKeyServiceClient;
use api::key::v1::key_service_client::KeyServiceClient;
use api::key::v1::signer_service_client::SignerServiceClient;
use api::vault::v1::collection_service_client::CollectionServiceClient;
use api::vault::v1::record_service_client::RecordServiceClient;
use api::vault::v1::tenant_service_client::TenantServiceClient;
use bytes::Bytes;
use rpc::{Channel, PeerConfig, StatusDetails, Tls, TlsConfig};
use stack::Stack;
use stack::certificates::Identity;
use stack::raw::Raw;
use tonic::{Code, Request, Response, Status};

use super::journal::Journal;

/// The callers of the matrix, in its order.
pub(crate) const CALLERS: [&str; 7] =
    ["operator", "app", "auditor", "stranger", "vault-service", "key-service", "audit-service"];

/// One caller. Its connections end when it is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) key: Channel,
    pub(crate) vault: Channel,
    pub(crate) audit: Channel,
    journal: Arc<Journal>,
}

/// A refused call.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) details: StatusDetails,
}

/// A call was answered to its end, with one message or with those of a stream.
#[derive(Debug)]
pub(crate) struct Answered {
    /// The first message, in its encoding.
    pub(crate) first: Bytes,
}

impl Caller {
    /// A caller with an identity.
    pub(crate) fn new(name: &str, stack: &Stack, identity: &Identity, journal: Arc<Journal>) -> Self {
        let ca = stack.certificates().ca();
        let tls = Tls::load(
            &TlsConfig { cert: identity.cert.clone(), key: identity.key.clone(), ca },
            rpc::Uses::ServerAndClient,
            false,
        )
        .unwrap();
        let channel = |instance: &str| {
            let endpoint = format!("https://{}", stack.grpc(instance).unwrap());
            Channel::new(&PeerConfig::new(endpoint), tls.clone()).unwrap()
        };
        let (key, vault, audit) = (channel("key"), channel("vault"), channel("audit"));
        Self { name: name.to_owned(), key, vault, audit, journal }
    }

    pub(crate) fn tenants(&self) -> TenantServiceClient<Channel> {
        TenantServiceClient::new(self.vault.clone())
    }

    pub(crate) fn collections(&self) -> CollectionServiceClient<Channel> {
        CollectionServiceClient::new(self.vault.clone())
    }

    pub(crate) fn records(&self) -> RecordServiceClient<Channel> {
        RecordServiceClient::new(self.vault.clone()).max_decoding_message_size(64 << 20)
    }

    pub(crate) fn keys(&self) -> KeyServiceClient<Channel> {
        KeyServiceClient::new(self.key.clone())
    }

    pub(crate) fn data_keys(&self) -> DataKeyServiceClient<Channel> {
        DataKeyServiceClient::new(self.key.clone())
    }

    pub(crate) fn signer(&self) -> SignerServiceClient<Channel> {
        SignerServiceClient::new(self.key.clone())
    }

    pub(crate) fn ingest(&self) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(self.audit.clone())
    }

    pub(crate) fn logs(&self) -> LogServiceClient<Channel> {
        LogServiceClient::new(self.audit.clone())
    }

    /// The service that has the method at `path`.
    pub(crate) fn channel(&self, path: &str) -> &Channel {
        match path.split('.').nth(1) {
            Some("key") => &self.key,
            Some("vault") => &self.vault,
            Some("audit") => &self.audit,
            _ => panic!("{path} belongs to no service"),
        }
    }

    /// Calls any method with any bytes.
    pub(crate) async fn call(&self, path: &str, message: impl Into<Bytes>) -> Result<Answered, Refused> {
        call(self.channel(path), path, message.into()).await.map_err(|status| Refused::new(&status))
    }

    /// The refusal of a call that must be refused; where the service warns of such a call, that is announced.
    #[track_caller]
    pub(crate) fn refused<T>(&self, answer: Result<Response<T>, Status>, code: Code, reason: &str) -> StatusDetails {
        let Err(status) = answer else { panic!("answered, but should be refused with {code:?} {reason}") };
        let details = StatusDetails::of(&status);
        assert_eq!((details.code, details.reason.as_str()), (code, reason), "{status:?}");
        if matches!(code, Code::DataLoss | Code::Unavailable | Code::DeadlineExceeded) {
            self.journal.announce(&[&details.request_id]);
        }
        details
    }
}

impl Refused {
    fn new(status: &Status) -> Self {
        Self { details: StatusDetails::of(status) }
    }

    /// Code and reason, as golden files have them.
    pub(crate) fn summary(&self) -> String {
        let code = code_name(self.details.code);
        if self.details.reason.is_empty() { code } else { format!("{code} {}", self.details.reason) }
    }
}

/// A code as the error table writes it.
pub(crate) fn code_name(code: Code) -> String {
    let camel = format!("{code:?}");
    let mut name = String::new();
    for (index, letter) in camel.char_indices() {
        if letter.is_uppercase() && index > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

async fn call(channel: &Channel, path: &str, message: Bytes) -> Result<Answered, Status> {
    let mut grpc = tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(64 << 20);
    grpc.ready().await?;
    let response = grpc.server_streaming(Request::new(vec![message]), path.parse().unwrap(), Raw).await?;
    let mut stream = response.into_inner();
    let first = stream.message().await?.unwrap_or_default();
    while stream.message().await?.is_some() {}
    Ok(Answered { first })
}
