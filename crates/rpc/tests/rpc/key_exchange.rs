//! Which group two peers agree upon, and that no session outlives its connection.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use rustls::crypto::{SupportedKxGroup, ring};
use rustls::version::TLS13;
use rustls::{
    ClientConfig, ClientConnection, Connection, HandshakeKind, NamedGroup, RootCertStore, ServerConfig,
    ServerConnection,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use test_support::certs::Identity;
use test_support::poll_until;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::support::{LIMIT, World};

/// Everything that this test binary measures.
fn metrics() -> &'static PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).unwrap();
        handle
    })
}

/// Handshakes that were counted for a group.
fn counted(group: &str) -> u64 {
    let name = format!("strongroom_rpc_handshakes_total{{group=\"{group}\"}} ");
    let text = metrics().render();
    text.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
}

/// A client of another make: it has these groups only, and would keep sessions to resume them.
fn client_with(groups: &[&'static dyn SupportedKxGroup], identity: &Identity) -> ClientConfig {
    let mut provider = ring::default_provider();
    provider.kx_groups = groups.to_vec();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&identity.ca).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![CertificateDer::from_pem_file(&identity.cert).unwrap()],
            PrivateKeyDer::from_pem_file(&identity.key).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// A server of another make with these groups only.
async fn server_with(groups: &[&'static dyn SupportedKxGroup], identity: &Identity) -> (TcpListener, TlsAcceptor) {
    let mut provider = ring::default_provider();
    provider.kx_groups = groups.to_vec();
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(&identity.cert).unwrap()],
            PrivateKeyDer::from_pem_file(&identity.key).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    (TcpListener::bind("127.0.0.1:0").await.unwrap(), TlsAcceptor::from(Arc::new(config)))
}

async fn connect(config: Arc<ClientConfig>, address: std::net::SocketAddr) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(config).connect(name, stream).await.unwrap()
}

/// What a client says of its handshake: the group, and whether it took a further round trip.
fn agreed(stream: &TlsStream<TcpStream>) -> (NamedGroup, HandshakeKind) {
    let (_, session) = stream.get_ref();
    (session.negotiated_key_exchange_group().unwrap().name(), session.handshake_kind().unwrap())
}

#[tokio::test]
async fn services_agree_upon_the_hybrid_group_and_count_it() {
    let world = World::start().await;
    let before = counted("X25519MLKEM768");
    let stream = connect(world.tls("app").client_config(), world.address).await;
    assert_eq!(agreed(&stream), (NamedGroup::X25519MLKEM768, HandshakeKind::Full));
    let one_more = async || (counted("X25519MLKEM768") > before).then_some(());
    poll_until(LIMIT, "the handshake is counted", one_more).await.unwrap();
}

#[tokio::test]
async fn a_client_with_x25519_alone_gets_on_without_a_further_round_trip_and_is_counted() {
    let world = World::start().await;
    let before = counted("X25519");
    let identity = world.authority.identity("spiffe://test.dev/app").unwrap();
    let config = Arc::new(client_with(&[ring::kx_group::X25519], &identity));
    let stream = connect(config, world.address).await;
    assert_eq!(agreed(&stream), (NamedGroup::X25519, HandshakeKind::Full));
    let one_more = async || (counted("X25519") > before).then_some(());
    poll_until(LIMIT, "the handshake is counted", one_more).await.unwrap();
}

#[tokio::test]
async fn a_server_with_x25519_alone_gets_on_without_a_further_round_trip() {
    let world = World::start().await;
    let identity = world.authority.identity("spiffe://test.dev/another").unwrap();
    let config = world.tls("app").client_config();
    let agree_with = async |group| {
        let (listener, acceptor) = server_with(&[group], &identity).await;
        let address = listener.local_addr().unwrap();
        let accept = async { acceptor.accept(listener.accept().await.unwrap().0).await.unwrap() };
        let (stream, _server) = tokio::join!(connect(Arc::clone(&config), address), accept);
        agreed(&stream)
    };
    assert_eq!(agree_with(ring::kx_group::X25519).await, (NamedGroup::X25519, HandshakeKind::Full));
    // The control: whose share was not sent along has to ask for it.
    let asked = (NamedGroup::secp256r1, HandshakeKind::FullWithHelloRetryRequest);
    assert_eq!(agree_with(ring::kx_group::SECP256R1).await, asked);
}

#[tokio::test]
async fn no_session_is_resumed_not_even_by_a_client_that_would() {
    let world = World::start().await;
    let identity = world.authority.identity("spiffe://test.dev/app").unwrap();
    let config = Arc::new(client_with(&[ring::kx_group::SECP384R1], &identity));
    for _ in 0..2 {
        let mut stream = connect(Arc::clone(&config), world.address).await;
        // Tickets would come before the server's first frame of HTTP/2.
        stream.read_u8().await.unwrap();
        assert_eq!(stream.get_ref().1.tls13_tickets_received(), 0);
        assert_ne!(agreed(&stream).1, HandshakeKind::Resumed);
    }
}

/// Takes what was received and answers what is to be sent.
fn turn(session: &mut Connection, mut received: &[u8]) -> Vec<u8> {
    while !received.is_empty() {
        session.read_tls(&mut received).unwrap();
        session.process_new_packets().unwrap();
    }
    let mut sent = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut sent).unwrap();
    }
    sent
}

/// A handshake in memory; what it took of the client and of the server.
fn handshake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> (Duration, Duration) {
    let name = ServerName::try_from("localhost").unwrap();
    let mut theirs = Connection::from(ServerConnection::new(Arc::clone(server)).unwrap());
    let mut begun = Instant::now();
    let mut ours = Connection::from(ClientConnection::new(Arc::clone(client), name).unwrap());
    let (mut on_client, mut on_server, mut sent) = (Duration::ZERO, Duration::ZERO, Vec::new());
    while ours.is_handshaking() || theirs.is_handshaking() {
        sent = turn(&mut ours, &sent);
        on_client += begun.elapsed();
        begun = Instant::now();
        sent = turn(&mut theirs, &sent);
        on_server += begun.elapsed();
        begun = Instant::now();
    }
    (on_client, on_server)
}

/// ```text
/// cargo test --release -p strongroom-rpc --test rpc the_cost_of_a_handshake -- --ignored --nocapture
/// ```
#[tokio::test]
#[ignore = "a measurement"]
async fn the_cost_of_a_handshake() {
    let world = World::start().await;
    let identity = world.authority.identity("spiffe://test.dev/app").unwrap();
    let server = world.server_tls.server_config();
    let x25519 = Arc::new(client_with(&[ring::kx_group::X25519], &identity));
    let mut measured =
        [("X25519", x25519, vec![], vec![]), ("X25519MLKEM768", world.tls("app").client_config(), vec![], vec![])];
    // By turns, so that whatever else the machine does falls on both alike; the median, so that it falls on neither.
    for _ in 0..2000 {
        for (_, client, on_clients, on_servers) in &mut measured {
            let (on_client, on_server) = handshake(client, &server);
            on_clients.push(on_client);
            on_servers.push(on_server);
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap()
    };
    for (group, _, on_clients, on_servers) in measured {
        println!("{group}: client {:?}, server {:?}", median(on_clients), median(on_servers));
    }
}
