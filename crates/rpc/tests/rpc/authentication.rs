//! Who gets a connection at all.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rpc::GrpcConfig;
use rpc::server::CallerLimits;
use rustls::client::WantsClientCert;
use rustls::version::TLS13;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use test_support::certs::{Authority, Identity, Subject};
use test_support::poll_until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

use crate::support::{Directory, LIMIT, World, get, logs, tls_config};

async fn refusal_is_logged(peer: SocketAddr, reason: &str) {
    let peer = format!("\"peer\":\"{peer}\"");
    let line = poll_until(LIMIT, reason, async || logs().lines(&["refused a connection", &peer]).pop()).await;
    let line = line.unwrap();
    assert!(line.contains(reason), "{line}");
}

/// A client that sends the chain in a file as it is, and trusts the world's authority.
pub(crate) fn client_config(world: &World, cert: &Path, key: &Path) -> ClientConfig {
    let chain = CertificateDer::pem_file_iter(cert).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let mut config = client_builder(world).with_client_auth_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

fn client_builder(world: &World) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(world.authority.ca()).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots)
}

/// A handshake with any certificate, or none, is refused for this reason. Our own clients would not even begin with some.
async fn is_refused(world: &World, identity: Option<&Identity>, reason: &str) {
    let config = match identity {
        None => client_builder(world).with_no_client_auth(),
        Some(Identity { cert, key, .. }) => client_config(world, cert, key),
    };
    let stream = TcpStream::connect(world.address).await.unwrap();
    let peer = stream.local_addr().unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    // TLS 1.3 tells the client when it first reads.
    assert!(stream.read_u8().await.is_err());
    refusal_is_logged(peer, reason).await;
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused_and_the_log_says_so() {
    let world = World::start().await;
    is_refused(&world, None, "peer sent no certificates").await;
}

#[tokio::test]
async fn a_client_of_an_unknown_authority_is_refused() {
    let world = World::start().await;
    let elsewhere = Directory::new();
    let other = Authority::open(elsewhere.path(), "other authority").unwrap();
    let mut config = tls_config(&other.identity("spiffe://test.dev/everywhere").unwrap());
    config.ca = world.authority.ca();
    let tls = rpc::Tls::load(&config, rpc::Uses::ServerAndClient, false).unwrap();
    let mut keys =
        api::key::v1::key_service_client::KeyServiceClient::new(rpc::Channel::new(&world.peer(), tls).unwrap());
    assert_eq!(keys.get_key(get("keys/a")).await.unwrap_err().code(), Code::Unavailable);
    poll_until(LIMIT, "a log line", async || logs().lines(&["refused a connection", "UnknownIssuer"]).pop())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_certificate_whose_names_are_no_identity_is_refused() {
    let world = World::start().await;
    let (uris, hosts) = (["spiffe://test.dev/everywhere", "spiffe://test.dev/app"], ["a.test.dev", "b.test.dev"]);
    let cases: [(&[&str], &[&str], &str); 8] = [
        (&uris, &[], "2 URI names"),
        (&[uris[0], "https://test.dev/everywhere"], &[], "2 URI names"),
        (&["https://test.dev/everywhere"], &hosts[..1], "no SPIFFE ID"),
        (&["spiffe://test.dev/everywhere/"], &[], "no SPIFFE ID"),
        (&["spiffe://Test.dev/everywhere"], &[], "no SPIFFE ID"),
        (&[], &["spiffe://test.dev/everywhere"], "no DNS name"),
        (&[], &hosts, "2 DNS names"),
        (&[], &[], "neither a URI name nor a DNS name"),
    ];
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    for (uris, dns, reason) in cases {
        let subject = Subject { uris: owned(uris), dns: owned(dns), ..Subject::default() };
        let identity = world.authority.issue("odd", &subject).unwrap();
        is_refused(&world, Some(&identity), reason).await;
    }
}

#[tokio::test]
async fn an_identity_of_more_than_2048_bytes_is_refused_at_the_handshake() {
    let world = World::start().await;
    let name = |length: usize| format!("{:a<length$}", "spiffe://test.dev/");
    let who_am_i = async |name: &str| {
        let identity = world.authority.issue("long", &Subject::spiffe(name)).unwrap();
        let tls = rpc::Tls::load(&tls_config(&identity), rpc::Uses::ServerAndClient, false).unwrap();
        let channel = rpc::Channel::new(&world.peer(), tls).unwrap();
        let mut access = api::key::v1::access_service_client::AccessServiceClient::new(channel);
        access.who_am_i(api::key::v1::WhoAmIRequest {}).await
    };
    let longer = world.authority.issue("longer", &Subject::spiffe(&name(2049))).unwrap();
    is_refused(&world, Some(&longer), "longer than 2048 bytes").await;
    assert_eq!(who_am_i(&name(2048)).await.unwrap().into_inner().identity, name(2048));
}

/// They are kept as long as the connection.
#[tokio::test]
async fn certificates_of_more_than_8_kib_together_are_refused_at_the_handshake() {
    let world = World::start().await;
    let identity = world.authority.issue("chain", &Subject::spiffe("spiffe://test.dev/everywhere")).unwrap();
    let (leaf, authority) = (fs::read(&identity.cert).unwrap(), fs::read(world.authority.ca()).unwrap());
    fs::write(&identity.cert, [leaf, authority.repeat(40)].concat()).unwrap();
    is_refused(&world, Some(&identity), "of at most 8192").await;
}

#[tokio::test]
async fn a_call_knows_the_address_that_it_came_from() {
    let world = World::start().await;
    world.keys("everywhere").get_key(get("keys/a")).await.unwrap();
    assert_eq!(world.caller_address(), Some("127.0.0.1".parse().unwrap()));
    world.keys("app").get_key(get("keys/other")).await.unwrap_err();
    let denials = world.denials.all();
    assert_eq!(denials.iter().map(|denial| denial.peer.to_string()).collect::<Vec<_>>(), ["127.0.0.1"]);
}

#[tokio::test]
async fn a_certificate_is_refused_before_and_after_its_time() {
    let world = World::start().await;
    let valid = Subject::spiffe("spiffe://test.dev/everywhere");
    let expired = Subject { not_after: (2024, 2, 1), ..valid.clone() };
    let early = Subject { not_before: (2043, 12, 31), ..valid.clone() };
    for (subject, reason) in [(expired, "expired"), (early, "not valid yet")] {
        let identity = world.authority.issue("odd", &subject).unwrap();
        is_refused(&world, Some(&identity), reason).await;
    }
    // The control: the same name, in its time.
    world.keys_as(&valid).get_key(get("keys/a")).await.unwrap();
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(&tls_1_2_client_hello()).await.unwrap();
    let mut alert = [0; 7];
    stream.read_exact(&mut alert).await.unwrap();
    // Record type 21 (alert), level 2 (fatal), description 70 (protocol_version): RFC 8446, section 6.
    assert_eq!((alert[0], alert[5], alert[6]), (21, 2, 70));
}

/// A `ClientHello` (RFC 5246, section 7.4.1.2) that offers TLS 1.2 only.
fn tls_1_2_client_hello() -> Vec<u8> {
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..],     // supported_groups: secp256r1
        &[0, 13, 0, 6, 0, 4, 4, 3, 8, 4],    // signature_algorithms: ECDSA and RSA-PSS with SHA-256
        &[0, 16, 0, 5, 0, 3, 2, b'h', b'2'], // ALPN: h2
    ]
    .concat();
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend([0, 2, 0xc0, 0x2b]);
    hello.extend([1, 0]);
    hello.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    hello.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend(u16::try_from(hello.len()).unwrap().to_be_bytes());
    handshake.extend(hello);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(handshake.len()).unwrap().to_be_bytes());
    record.extend(handshake);
    record
}

#[tokio::test]
async fn a_connection_that_never_speaks_is_closed_in_time() {
    let config = GrpcConfig { handshake_timeout: std::time::Duration::from_millis(50), ..Default::default() };
    let world = World::with(config).await;
    for (said, level, line) in [(&b""[..], "DEBUG", "said nothing"), (&[22, 3], "WARN", "took too long")] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let peer = stream.local_addr().unwrap().to_string();
        stream.write_all(said).await.unwrap();
        assert_eq!(stream.read(&mut [0; 16]).await.unwrap_or(0), 0);
        poll_until(LIMIT, line, async || logs().lines(&[level, line, &peer]).pop()).await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_with_one_dns_name_is_that_name() {
    let world = World::start().await;
    let identity = world.authority.issue("dns", &Subject { dns: vec!["app.test.dev".into()], ..Subject::default() });
    let tls = rpc::Tls::load(&tls_config(&identity.unwrap()), rpc::Uses::ServerAndClient, false).unwrap();
    let channel = rpc::Channel::new(&world.peer(), tls).unwrap();
    let mut access = api::key::v1::access_service_client::AccessServiceClient::new(channel);
    let answer = access.who_am_i(api::key::v1::WhoAmIRequest {}).await.unwrap().into_inner();
    assert_eq!((answer.identity.as_str(), answer.bindings.len()), ("dns:app.test.dev", 0));
}

#[tokio::test]
async fn a_denied_identity_is_refused_at_its_next_call() {
    let world = World::start().await;
    let error = world.keys("shut-out").get_key(get("keys/a")).await.unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);

    let mut app = world.keys("everywhere");
    app.get_key(get("keys/a")).await.unwrap();
    let mut file = rpc::PolicyFile::parse(crate::support::POLICY).unwrap();
    file.denied_identities.push("spiffe://test.dev/everywhere".to_owned());
    world.policy.replace(file.check(world.policy.methods()).unwrap());
    assert_eq!(app.get_key(get("keys/a")).await.unwrap_err().code(), Code::Unauthenticated);

    // Not even what every accepted certificate may do.
    let mut health = tonic_health::pb::health_client::HealthClient::new(world.channel("shut-out"));
    let check = tonic_health::pb::HealthCheckRequest::default();
    assert_eq!(health.check(check).await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_client_that_expects_another_peer_does_not_call() {
    let world = World::start().await;
    let mut peer = world.peer();
    peer.identity = Some("spiffe://test.dev/another".to_owned());
    let channel = rpc::Channel::new(&peer, world.tls("everywhere")).unwrap();
    let mut keys = api::key::v1::key_service_client::KeyServiceClient::new(channel);
    assert_eq!(keys.get_key(get("keys/a")).await.unwrap_err().code(), Code::Unavailable);
    let address = world.address.to_string();
    let said =
        ["WARN", "cannot connect to a peer", &address, "is spiffe://test.dev/server, not spiffe://test.dev/another"];
    poll_until(LIMIT, "the cause", async || logs().lines(&said).pop()).await.unwrap();
    peer.identity = Some("spiffe://test.dev/server".to_owned());
    let channel = rpc::Channel::new(&peer, world.tls("everywhere")).unwrap();
    let mut keys = api::key::v1::key_service_client::KeyServiceClient::new(channel);
    keys.get_key(get("keys/a")).await.unwrap();
}

/// As a check of health by TCP does.
#[tokio::test]
async fn who_says_nothing_is_no_warning_and_keeps_nobody_out() {
    let config = GrpcConfig { max_unauthenticated: 8, max_unauthenticated_per_source: 4, ..GrpcConfig::default() };
    let world = World::with(config).await;
    let gone = TcpStream::connect(world.address).await.unwrap();
    let peer = gone.local_addr().unwrap().to_string();
    drop(gone);
    poll_until(LIMIT, "a line", async || logs().lines(&["a connection said nothing", &peer]).pop()).await.unwrap();
    assert_eq!(logs().lines(&["refused a connection", &peer]), Vec::<String>::new());
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(world.address).await.unwrap());
        world.keys("everywhere").get_key(get("keys/a")).await.unwrap();
    }
    // The oldest have made room.
    silent.truncate(16);
    for mut one in silent {
        assert!(matches!(one.read(&mut [0]).await, Ok(0) | Err(_)));
    }
}

#[tokio::test]
async fn a_caller_has_its_share_of_connections() {
    let caller_limits = CallerLimits { max_connections: 1, ..CallerLimits::default() };
    let world = World::with(GrpcConfig { caller_limits, ..GrpcConfig::default() }).await;
    let mut first = world.keys("everywhere");
    first.get_key(get("keys/a")).await.unwrap();
    let error = world.keys("everywhere").get_key(get("keys/a")).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    world.keys("app").get_key(get("keys/allowed")).await.unwrap();
    first.get_key(get("keys/a")).await.unwrap();
}
