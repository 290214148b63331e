//! Who tries: nobody that the service knows, a stranger, a caller with a role; and what each may be told.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use stack::Stack;
use tokio::task::JoinSet;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ClientConfig, SignatureScheme};
use tonic::Code;

use crate::support::eventually;
use crate::support::raw::{RawConnection, code_of, empty, tls, whole};

/// What a connection is tried with: whatever it is told, it is served.
const TRIED: &str = "/strongroom.vault.v1.RecordService/GetRecord";

/// A bound did not hold: what the control wants to see, and nothing else that can go wrong.
#[derive(Debug)]
pub(crate) struct Broken;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Without a certificate.
    Nobody,
    /// With a certificate that no binding names.
    Stranger,
    /// Whom bindings name, by its name in the stack.
    Bound(&'static str),
}

impl Caller {
    /// All that a way is tried by.
    pub(crate) const ALL: [Self; 3] = [Self::Nobody, Self::Stranger, Self::Bound("hostile")];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Stranger => "stranger",
            Self::Bound(name) => name,
        }
    }

    /// Holds something that must never be so, whoever calls, against what is found.
    pub(crate) fn must_hold(self, holds: bool, what: impl fmt::Display) {
        if !holds {
            println!("by {}: {what}", self.name());
            std::panic::panic_any(Broken);
        }
    }

    /// Connections that it may have at one time.
    pub(crate) fn connections(self) -> usize {
        match self {
            Self::Nobody => 0,
            Self::Stranger => 16,
            Self::Bound(_) => 250,
        }
    }

    /// Calls that it may have at one time of what every certificate may call.
    pub(crate) fn open_calls(self) -> usize {
        match self {
            Self::Nobody => 0,
            Self::Stranger => 4,
            Self::Bound(_) => 16,
        }
    }

    /// Its side of TLS.
    pub(crate) fn tls(self, stack: &Stack) -> Arc<ClientConfig> {
        match self {
            Self::Nobody => {
                let mut config = ClientConfig::clone(&tls(stack, "stranger"));
                config.client_auth_cert_resolver = Arc::new(NoCertificate);
                Arc::new(config)
            }
            Self::Stranger | Self::Bound(_) => tls(stack, self.name()),
        }
    }

    /// A connection that lets so many bytes of each answer come until it reads, and whose calls are answered; nobody's never
    /// are.
    pub(crate) async fn connect(self, stack: &Stack, instance: &str, window: Option<u32>) -> Option<RawConnection> {
        let (tls, port) = (self.tls(stack), stack.port(instance).unwrap());
        if self == Self::Nobody {
            return RawConnection::open(&tls, port, window).await;
        }
        // Places of connections that ended a moment ago may be taken yet.
        let served = async || {
            let mut connection = RawConnection::open(&tls, port, window).await?;
            connection.call(TRIED, empty()).await.map(|_| connection)
        };
        Some(eventually("a connection that is served", served).await)
    }

    /// So many connections to the vault.
    pub(crate) async fn several(self, stack: &Stack, count: usize, window: Option<u32>) -> Vec<RawConnection> {
        let mut open = Vec::new();
        for _ in 0..count {
            open.extend(self.connect(stack, "vault", window).await);
        }
        open
    }

    /// Holds what it was told against what may be told to whom bindings name.
    pub(crate) fn was_told(self, ended: &[Code], bound: &[Code]) {
        let allowed = match self {
            Self::Nobody => &[Code::Unavailable],
            Self::Stranger => &[Code::PermissionDenied, Code::ResourceExhausted, Code::InvalidArgument][..],
            Self::Bound(_) => bound,
        };
        assert!(ended.iter().all(|code| allowed.contains(code)), "{}: {ended:?}", self.name());
    }
}

/// Nothing to show.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Makes a call often at the same time; how each ended.
pub(crate) async fn at_once(
    connection: Option<&RawConnection>,
    path: &str,
    message: &Bytes,
    calls: usize,
) -> Vec<Code> {
    let call = |mut connection: RawConnection, _| {
        let (path, message) = (path.to_owned(), message.clone());
        async move { code_of(connection.call(&path, whole(message)).await.as_ref()) }
    };
    flood(connection.cloned(), calls, call).await
}

/// Makes so many calls on each of so many connections of a caller, all at one time; what came of each.
pub(crate) async fn flood<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    connections: impl IntoIterator<Item = RawConnection>,
    calls: usize,
    call: impl Fn(RawConnection, usize) -> F,
) -> Vec<T> {
    let mut running = JoinSet::new();
    for connection in connections {
        (0..calls).for_each(|number| drop(running.spawn(call(connection.clone(), number))));
    }
    running.join_all().await
}
