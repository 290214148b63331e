//! Which certificates and authorities are used, from when and until when.

use std::fs;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use rpc::{StatusDetails, Tls, TlsConfig, Uses};
use test_support::certs::{Authority, Subject, Use};
use test_support::poll_until;
use tokio::task::JoinSet;
use tonic::Code;

use crate::support::raw::{RawClient, framed};
use crate::support::{Directory, LIMIT, World, get, logs, tls_config};

const ID: &str = "spiffe://test.dev/service";
const GET_KEY: &str = "/strongroom.key.v1.KeyService/GetKey";
const VERIFY_LOG: &str = "/strongroom.audit.v1.LogService/VerifyLog";

/// An authority, and files that a process reads.
struct Home {
    _directory: Directory,
    authority: Authority,
}

impl Home {
    fn new() -> Self {
        let directory = Directory::new();
        Self { authority: Authority::open(directory.path(), "test authority").unwrap(), _directory: directory }
    }

    /// The files of a certificate for `subject`; always the same ones.
    fn issue(&self, subject: &Subject) -> TlsConfig {
        tls_config(&self.authority.issue("service", subject).unwrap())
    }

    /// Files with a bundle of these authorities, as they are.
    fn trusting(&self, bundle: &[&std::path::Path]) -> TlsConfig {
        let config = self.issue(&Subject::spiffe(ID));
        let ca = config.cert.with_extension("bundle");
        fs::write(&ca, bundle.iter().flat_map(|path| fs::read(path).unwrap()).collect::<Vec<u8>>()).unwrap();
        TlsConfig { ca, ..config }
    }
}

fn load(config: &TlsConfig) -> Result<Tls, String> {
    Tls::load(config, Uses::ServerAndClient, false).map_err(|error| error.to_string())
}

#[test]
fn a_certificate_that_cannot_be_used_is_refused_with_file_and_reason() {
    let home = Home::new();
    let valid = Subject::spiffe(ID);
    let cases = [
        (Subject { not_after: (2024, 2, 1), ..valid.clone() }, "has expired: it was valid until Feb"),
        (Subject { begins_in: Some(Duration::from_hours(1)), ..valid.clone() }, "is not valid yet"),
        (Subject { uses: vec![Use::Server], ..valid.clone() }, "is not for clients (extended key usage)"),
        (Subject { uses: vec![Use::Client], ..valid.clone() }, "is not for servers (extended key usage)"),
        (Subject { is_authority: true, ..valid.clone() }, "is an authority's"),
        (Subject { uris: Vec::new(), dns: Vec::new(), ..valid.clone() }, "neither a URI name nor a DNS name"),
        (Subject::spiffe("spiffe://test.dev/service/"), "no SPIFFE ID"),
    ];
    for (subject, reason) in cases {
        let error = load(&home.issue(&subject)).unwrap_err();
        assert!(error.contains("service.pem: the certificate of \"CN=service\"") && error.contains(reason), "{error}");
    }
    // Who only calls needs no certificate of a server.
    let caller = home.issue(&Subject { uses: vec![Use::Client], ..valid.clone() });
    assert_eq!(Tls::load(&caller, Uses::Client, false).unwrap().identity().as_str(), ID);
    let any = home.issue(&Subject { uses: Vec::new(), ..valid });
    assert_eq!(load(&any).unwrap().identity().as_str(), ID);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let home = Home::new();
    let leaf = home.issue(&Subject { not_after: (2024, 2, 1), ..Subject::spiffe(ID) });
    let config = TlsConfig { ca: leaf.cert.clone(), key: leaf.ca.clone(), ..leaf };
    let error = load(&config).unwrap_err();
    for said in ["has expired", "is no authority's", "ca.pem holds no usable private key"] {
        assert!(error.contains(said), "{said}: {error}");
    }
    let nothing = ["cert", "key", "ca"].map(|name| config.cert.with_extension(format!("no-{name}")));
    let [cert, key, ca] = nothing.clone();
    let error = load(&TlsConfig { cert, key, ca }).unwrap_err();
    assert!(nothing.iter().all(|path| error.contains(&format!("cannot read {}", path.display()))), "{error}");
}

#[test]
fn what_is_no_authority_makes_none_of_a_bundle() {
    let home = Home::new();
    let app = home.authority.identity("spiffe://test.dev/app").unwrap();
    let error = load(&home.trusting(&[&home.authority.ca(), &app.cert])).unwrap_err();
    assert!(error.contains("the certificate of \"CN=app\" is no authority's"), "{error}");
}

#[tokio::test]
async fn an_authority_whose_time_is_over_lets_nobody_in() {
    let mut world = World::start().await;
    let (home, past) = (Home::new(), Directory::new());
    let past = Authority::open_expired(past.path(), "past authority").unwrap();
    let error = load(&home.trusting(&[&past.ca()])).unwrap_err();
    assert!(error.contains("the certificate of \"CN=past authority\" has expired"), "{error}");

    // Beside others it is left out, and named.
    let server = tls_config(&world.authority.identity("spiffe://test.dev/server").unwrap());
    let ca = server.cert.with_extension("bundle");
    fs::write(&ca, [fs::read(past.ca()).unwrap(), fs::read(&server.ca).unwrap()].concat()).unwrap();
    let tls = load(&TlsConfig { ca, ..server }).unwrap();
    assert!(tls.left_out().iter().all(|reason| reason.contains("past authority")) && tls.left_out().len() == 1);
    world.restart(tls).await;
    world.keys("everywhere").get_key(get("keys/a")).await.unwrap();
    let leaf = tls_config(&past.identity("spiffe://test.dev/everywhere").unwrap());
    let leaf = Tls::load(&TlsConfig { ca: world.authority.ca(), ..leaf }, Uses::Client, false).unwrap();
    let channel = rpc::Channel::new(&world.peer(), leaf).unwrap();
    let mut keys = api::key::v1::key_service_client::KeyServiceClient::new(channel);
    assert_eq!(keys.get_key(get("keys/a")).await.unwrap_err().code(), Code::Unavailable);
}

/// Whatever comes after it: with it its leaves are let in no more, nor called.
#[tokio::test]
async fn an_authority_that_ends_while_a_service_runs_is_trusted_no_more() {
    for others in [true, false] {
        let mut world = World::start().await;
        let brief = Directory::new();
        let brief = Authority::open_ending(brief.path(), "brief authority", Duration::from_secs(3)).unwrap();
        let server = tls_config(&world.authority.identity("spiffe://test.dev/server").unwrap());
        let ca = server.cert.with_extension("bundle");
        let bundle = [brief.ca(), world.authority.ca()].into_iter().take(1 + usize::from(others));
        fs::write(&ca, bundle.flat_map(|path| fs::read(path).unwrap()).collect::<Vec<u8>>()).unwrap();
        let config = TlsConfig { ca, ..server };
        let tls = load(&config).unwrap();
        world.restart(tls.clone()).await;
        let leaf = tls_config(&brief.identity("spiffe://test.dev/everywhere").unwrap());
        let leaf = Tls::load(&TlsConfig { ca: world.authority.ca(), ..leaf }, Uses::Client, false).unwrap();
        let call = async || {
            let channel = rpc::Channel::new(&world.peer(), leaf.clone()).unwrap();
            api::key::v1::key_service_client::KeyServiceClient::new(channel).get_key(get("keys/a")).await
        };
        call().await.unwrap();
        // What is there meanwhile cannot be used.
        fs::write(&config.key, "no key").unwrap();
        let ended = async || {
            assert!(tls.reload().await.is_err());
            call().await.err()
        };
        assert_eq!(poll_until(LIMIT, "its end", ended).await.unwrap().code(), Code::Unavailable);
        assert!(
            tls.left_out().iter().any(|reason| reason.contains("brief authority") && reason.contains("has expired"))
        );
        assert_eq!(world.keys("everywhere").get_key(get("keys/a")).await.is_ok(), others);
    }
}

/// What somebody left in the file of a certificate is not sent, and what a peer sends of that kind ends nothing.
#[tokio::test]
async fn certificates_behind_the_own_one_that_nobody_needs_are_left_out() {
    let world = World::start().await;
    let past = Directory::new();
    let past = Authority::open_expired(past.path(), "past authority").unwrap();
    let caller = tls_config(&world.authority.identity("spiffe://test.dev/everywhere").unwrap());
    let cert = caller.cert.with_extension("chain");
    fs::write(&cert, [fs::read(&caller.cert).unwrap(), fs::read(past.ca()).unwrap()].concat()).unwrap();
    let tls = Tls::load(&TlsConfig { cert: cert.clone(), ..caller.clone() }, Uses::Client, false).unwrap();
    assert!(matches!(&*tls.left_out(), [reason] if reason.contains("past authority")));
    let channel = rpc::Channel::new(&world.peer(), tls).unwrap();
    api::key::v1::key_service_client::KeyServiceClient::new(channel).get_key(get("keys/a")).await.unwrap();
    // Another client sends it.
    let mut raw =
        RawClient::over_config(&world, crate::authentication::client_config(&world, &cert, &caller.key)).await;
    for _ in 0..3 {
        assert_eq!(raw.try_send(GET_KEY, &framed(&get("keys/a"))).await.unwrap().code, Code::Ok);
    }
}

#[tokio::test]
async fn a_certificate_is_taken_when_its_time_has_come_and_no_sooner() {
    let home = Home::new();
    let config = home.issue(&Subject::spiffe(ID));
    let tls = load(&config).unwrap();
    let before = tls.server_config();
    home.issue(&Subject { begins_in: Some(Duration::from_secs(3)), ..Subject::spiffe(ID) });
    let error = tls.reload().await.unwrap_err().to_string();
    assert!(error.contains("is not valid yet"), "{error}");
    assert!(std::sync::Arc::ptr_eq(&before, &tls.server_config()), "the old one stays in use");
    poll_until(LIMIT, "its time", async || tls.reload().await.ok().filter(|is_new| *is_new)).await.unwrap();
    assert!(!std::sync::Arc::ptr_eq(&before, &tls.server_config()));
}

#[tokio::test]
async fn a_service_does_not_become_another_while_it_runs() {
    let home = Home::new();
    let tls = load(&home.issue(&Subject::spiffe(ID))).unwrap();
    home.issue(&Subject::spiffe("spiffe://test.dev/operator"));
    let error = tls.reload().await.unwrap_err().to_string();
    assert!(
        error.contains("is of spiffe://test.dev/operator, and this process is spiffe://test.dev/service"),
        "{error}"
    );
    assert_eq!(tls.identity().as_str(), ID);
}

#[tokio::test]
async fn files_that_are_refused_show_in_a_metric_as_long_as_they_are_there() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let home = Home::new();
    let tls = load(&home.issue(&Subject::spiffe(ID))).unwrap();
    let mut watching = JoinSet::new();
    watching.spawn(async move { tls.watch(Duration::from_millis(10)).await });
    for (subject, shown) in [
        (Subject { uses: vec![Use::Server], ..Subject::spiffe(ID) }, 1),
        (Subject::spiffe(ID), 0),
        (Subject { not_after: (2024, 2, 1), ..Subject::spiffe(ID) }, 1),
    ] {
        home.issue(&subject);
        let line = format!("strongroom_reload_refused{{what=\"certificates\"}} {shown}");
        poll_until(LIMIT, &line, async || handle.render().contains(&line).then_some(())).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_calls_with_a_certificate_that_has_ended() {
    let world = World::start().await;
    let ends_in = Duration::from_secs(4);
    let (ends, subject) = (tokio::time::Instant::now() + ends_in, Subject::spiffe("spiffe://test.dev/everywhere"));
    let identity = world.authority.issue("brief", &Subject { ends_in: Some(ends_in), ..subject }).unwrap();
    let tls = Tls::load(&tls_config(&identity), Uses::Client, false).unwrap();
    let (mut caller, mut reader) = (RawClient::with(&world, &tls).await, RawClient::with(&world, &tls).await);
    let slow = framed(&api::audit::v1::VerifyLogRequest { name: "logs/slow".to_owned(), ..Default::default() });
    let mut streaming = JoinSet::new();
    streaming.spawn(async move { reader.send(VERIFY_LOG, &slow, Some("1H")).await });
    let mut answered = 0;
    while let Some(answer) = caller.try_send(GET_KEY, &framed(&get("keys/a"))).await {
        assert_eq!(answer.code, Code::Ok);
        assert!(tokio::time::Instant::now() <= ends + Duration::from_secs(1), "it has ended");
        answered += 1;
    }
    assert!(answered > 0);
    // The connection ends a little before, a stream with the certificate.
    let ended = streaming.join_next().await.unwrap().unwrap();
    assert_eq!((ended.code, ended.details.reason.as_str()), (Code::Unavailable, "DRAINING"));
    assert!(tokio::time::Instant::now() >= ends - Duration::from_secs(1));
    // A new connection is refused, and the reason told as any other for which a peer is not reached.
    let channel = rpc::Channel::new(&world.peer(), tls).unwrap();
    let mut keys = api::key::v1::key_service_client::KeyServiceClient::new(channel);
    let refused = StatusDetails::of(&keys.get_key(get("keys/a")).await.unwrap_err());
    assert_eq!(refused.code, Code::Unavailable);
    let peer = format!("\"peer\":\"{}\"", world.address);
    let said = async || logs().lines(&["cannot connect to a peer", &peer, "has ended"]).pop();
    poll_until(LIMIT, "the reason", said).await.unwrap();
}
