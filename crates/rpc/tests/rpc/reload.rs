//! Certificates, authorities and policies that change while calls run.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use api::audit::v1::VerifyLogRequest;
use api::key::v1::key_service_client::KeyServiceClient;
use metrics_exporter_prometheus::PrometheusBuilder;
use rpc::policy::PolicyHandle;
use rpc::{Channel, MethodTable, Tls, TlsConfig};
use rustls_pki_types::ServerName;
use test_support::certs::Authority;
use test_support::{frames, poll_until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::Code;

use crate::support::raw::{RawAnswer, RawClient, framed};
use crate::support::{Directory, LIMIT, POLICY, World, get, logs, tls_config};

const SOON: Duration = Duration::from_millis(10);

/// Replaces a file at once, as an operator or cert-manager does.
fn replace(path: &std::path::Path, content: impl AsRef<[u8]>) {
    let next = path.with_extension("next");
    fs::write(&next, content).unwrap();
    fs::rename(next, path).unwrap();
}

fn load(config: &TlsConfig) -> Tls {
    Tls::load(config, rpc::Uses::ServerAndClient, false).unwrap()
}

/// Copies an identity to where a running process looks for it, and trusts `authorities`.
fn install(config: &TlsConfig, from: Option<&TlsConfig>, authorities: &[&Authority]) {
    if let Some(from) = from {
        replace(&config.key, fs::read(&from.key).unwrap());
        replace(&config.cert, fs::read(&from.cert).unwrap());
    }
    let bundle: Vec<u8> = authorities.iter().flat_map(|authority| fs::read(authority.ca()).unwrap()).collect();
    replace(&config.ca, bundle);
}

#[tokio::test]
async fn certificates_and_authorities_change_under_load_without_a_dropped_call() {
    let mut world = World::start().await;
    let old = &Authority::open(world.directory.path(), "test authority").unwrap();
    let new_home = Directory::new();
    let new = Authority::open(new_home.path(), "new authority").unwrap();
    let old_client = world.keys("everywhere");
    let stale_tls = world.tls("everywhere");

    let live = |name: &str| TlsConfig {
        cert: world.directory.path().join(format!("{name}-live.pem")),
        key: world.directory.path().join(format!("{name}-live.key")),
        ca: world.directory.path().join(format!("{name}-trust.pem")),
    };
    let (server_config, client_config) = (live("server"), live("client"));
    let issue = |authority: &Authority, name: &str| {
        tls_config(&authority.identity(&format!("spiffe://test.dev/{name}")).unwrap())
    };
    install(&server_config, Some(&issue(old, "server")), &[old]);
    install(&client_config, Some(&issue(old, "everywhere")), &[old]);
    let (server_tls, client_tls) = (load(&server_config), load(&client_config));
    world.restart(server_tls.clone()).await;

    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let channel = Channel::new(&world.peer(), client_tls.clone()).unwrap();
    let mut load = JoinSet::new();
    for _ in 0..8 {
        let (mut keys, stop, answered) =
            (KeyServiceClient::new(channel.clone()), Arc::clone(&stop), Arc::clone(&answered));
        load.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                keys.get_key(get("keys/a")).await.unwrap();
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let progress = async || {
        let goal = answered.load(Ordering::Relaxed) + 200;
        let reached = async || (answered.load(Ordering::Relaxed) >= goal).then_some(());
        poll_until(LIMIT, "calls go on", reached).await.unwrap();
    };
    progress().await;
    let steps: [(Option<&Authority>, &[&Authority]); 3] =
        [(None, &[old, &new]), (Some(&new), &[old, &new]), (None, &[&new])];
    for (issuer, trusted) in steps {
        for (tls, config, name) in
            [(&server_tls, &server_config, "server"), (&client_tls, &client_config, "everywhere")]
        {
            install(config, issuer.map(|issuer| issue(issuer, name)).as_ref(), trusted);
            assert!(tls.reload().await.unwrap());
            progress().await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(done) = load.join_next().await {
        done.expect("a call was dropped");
    }

    // The old certificate is refused, on connections that were open too.
    for mut keys in [old_client, KeyServiceClient::new(Channel::new(&world.peer(), stale_tls).unwrap())] {
        let refused = async || keys.get_key(get("keys/a")).await.err();
        let error = poll_until(LIMIT, "the old certificate is refused", refused).await.unwrap();
        assert_eq!(error.code(), Code::Unavailable);
    }
}

#[tokio::test]
async fn a_removed_authority_ends_connections_that_are_open() {
    let mut world = World::start().await;
    let home = Directory::new();
    let new = Authority::open(home.path(), "new authority").unwrap();
    let config = TlsConfig {
        ca: world.directory.path().join("trust.pem"),
        ..tls_config(&world.authority.identity("spiffe://test.dev/server").unwrap())
    };
    replace(&config.ca, fs::read(world.authority.ca()).unwrap());
    let tls = load(&config);
    world.restart(tls.clone()).await;
    let mut app = world.keys("everywhere");
    app.get_key(get("keys/a")).await.unwrap();
    replace(&config.ca, fs::read(new.ca()).unwrap());
    assert!(tls.reload().await.unwrap());
    poll_until(LIMIT, "the open connection ends", async || app.get_key(get("keys/a")).await.err()).await.unwrap();
}

/// Those of its callers alone, however long ago their connections began to end.
#[tokio::test]
async fn a_removed_authority_ends_streams_that_are_open() {
    let mut world = World::start().await;
    let (own_home, homes) = (Directory::new(), [Directory::new(), Directory::new()]);
    let own = Authority::open(own_home.path(), "own authority").unwrap();
    let [first, second] = homes.each_ref().map(|home| Authority::open(home.path(), "an authority").unwrap());
    let config = TlsConfig {
        ca: world.directory.path().join("trust.pem"),
        ..tls_config(&own.identity("spiffe://test.dev/server").unwrap())
    };
    install(&config, None, &[&first, &second]);
    let tls = load(&config);
    world.restart(tls.clone()).await;
    let slow = framed(&VerifyLogRequest { name: "logs/slow".to_owned(), ..Default::default() });
    let begin = async |authority: &Authority| {
        let caller = tls_config(&authority.identity("spiffe://test.dev/everywhere").unwrap());
        let mut caller = RawClient::with(&world, &load(&TlsConfig { ca: own.ca(), ..caller })).await;
        let begun = caller.begin("/strongroom.audit.v1.LogService/VerifyLog", &slow, Some("1H")).await;
        JoinSet::from_iter([RawClient::answer(begun)])
    };
    let [mut of_first, mut of_second] = [begin(&first).await, begin(&second).await];
    let ended = async |stream: &mut JoinSet<RawAnswer>| {
        let ended = timeout(LIMIT, stream.join_next()).await.expect("it goes on").unwrap().unwrap();
        assert_eq!((ended.code, ended.details.reason.as_str()), (Code::Unavailable, "DRAINING"));
    };
    let change = async |trusted: &[&Authority]| {
        install(&config, None, trusted);
        assert!(tls.reload().await.unwrap());
    };
    change(&[&second, &own]).await;
    ended(&mut of_first).await;
    assert!(of_second.try_join_next().is_none(), "its authority is trusted");
    change(&[&own]).await;
    ended(&mut of_second).await;
}

/// A client that acknowledges nothing, above all not that its connection ends.
struct Deaf {
    stream: TlsStream<TcpStream>,
    /// Number of the next call (RFC 9113, section 5.1.1).
    next: u32,
}

impl Deaf {
    async fn connect(world: &World, name: &str) -> Self {
        let stream = TcpStream::connect(world.address).await.unwrap();
        let connector = TlsConnector::from(world.tls(name).client_config());
        let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        stream.write_all(&frames::hello()).await.unwrap();
        Self { stream, next: 1 }
    }

    /// Begins a call that it never ends, and reads what is there; whether the connection has ended.
    async fn call(&mut self) -> bool {
        let begun = frames::begin(self.next, "/strongroom.key.v1.KeyService/GetKey", "1S");
        let sent = self.stream.write_all(&begun).await;
        self.next += 2;
        let mut read = [0; 4096];
        let read = timeout(Duration::from_millis(50), self.stream.read(&mut read)).await;
        sent.is_err() || matches!(read, Ok(Ok(0) | Err(_)))
    }
}

#[tokio::test]
async fn who_does_not_hear_that_a_connection_ends_loses_it_too() {
    let mut world = World::start().await;
    let config = tls_config(&world.authority.identity("spiffe://test.dev/server").unwrap());
    let tls = load(&config);
    world.restart(tls.clone()).await;
    let mut deaf = Deaf::connect(&world, "everywhere").await;
    assert!(!deaf.call().await);
    // In the same files.
    world.authority.identity("spiffe://test.dev/server").unwrap();
    assert!(tls.reload().await.unwrap());
    poll_until(LIMIT, "its end", async || deaf.call().await.then_some(())).await.unwrap();
}

#[tokio::test]
async fn bad_certificate_files_leave_the_old_ones_in_use() {
    let mut world = World::start().await;
    let config = tls_config(&world.authority.identity("spiffe://test.dev/reloading").unwrap());
    let tls = load(&config);
    world.restart(tls.clone()).await;
    let good = fs::read(&config.key).unwrap();
    let other = world.authority.identity("spiffe://test.dev/other").unwrap();
    for bad in [b"".to_vec(), b"-----BEGIN PRIVATE KEY-----\n".to_vec(), fs::read(&other.key).unwrap()] {
        replace(&config.key, bad);
        assert!(tls.reload().await.is_err());
        world.keys("everywhere").get_key(get("keys/a")).await.unwrap();
    }
    replace(&config.key, good);
    assert!(!tls.reload().await.unwrap(), "nothing has changed");
}

#[tokio::test]
async fn watching_takes_up_certificates_by_itself() {
    let world = World::start().await;
    let config = tls_config(&world.authority.identity("spiffe://test.dev/watched").unwrap());
    let tls = load(&config);
    let before = tls.server_config();
    let mut watching = JoinSet::new();
    let watched = tls.clone();
    watching.spawn(async move { watched.watch(SOON).await });
    world.authority.identity("spiffe://test.dev/watched").unwrap();
    let changed = async || (!Arc::ptr_eq(&before, &tls.server_config())).then_some(());
    poll_until(LIMIT, "the new certificate is in use", changed).await.unwrap();
}

#[tokio::test]
async fn a_changed_policy_is_in_force_and_a_bad_one_is_not() {
    let logs = logs();
    let home = Directory::new();
    let path = home.path().join("policy.toml");
    replace(&path, POLICY);
    let methods = Arc::new(MethodTable::of_api().unwrap());
    let policy = PolicyHandle::load(&path, false, methods).unwrap();
    let app = |policy: &PolicyHandle| policy.current().allows("spiffe://test.dev/app", "keys.get", "keys/allowed");
    assert!(app(&policy));
    let mut watching = JoinSet::new();
    let watched = policy.clone();
    watching.spawn(async move { watched.watch(SOON).await });

    let marker = "no-such-permission";
    replace(&path, POLICY.replace("keys.get", marker));
    poll_until(LIMIT, "the complaint", async || logs.lines(&["policy file is refused", marker]).pop()).await.unwrap();
    assert!(app(&policy));

    // Written in part.
    let before = logs.lines(&["policy file is refused"]).len();
    replace(&path, POLICY.split_inclusive("keys.g").next().unwrap());
    let said = async || (logs.lines(&["policy file is refused"]).len() > before).then_some(());
    poll_until(LIMIT, "another complaint", said).await.unwrap();
    assert!(app(&policy));

    replace(&path, POLICY.replace("test.dev/app", "test.dev/another"));
    poll_until(LIMIT, "the new policy", async || (!app(&policy)).then_some(())).await.unwrap();
}

#[tokio::test]
async fn a_policy_file_that_is_gone_is_told() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let (logs, home) = (logs(), Directory::new());
    let path = home.path().join("policy-that-goes.toml");
    replace(&path, POLICY);
    let policy = PolicyHandle::load(&path, false, Arc::new(MethodTable::of_api().unwrap())).unwrap();
    let mut watching = JoinSet::new();
    watching.spawn(async move { policy.watch(SOON).await });
    let shown = async |refused: u8| {
        let line = format!("strongroom_reload_refused{{what=\"policy\"}} {refused}");
        poll_until(LIMIT, &line, async || handle.render().contains(&line).then_some(())).await.unwrap();
    };
    shown(0).await;
    fs::remove_file(&path).unwrap();
    shown(1).await;
    assert_eq!(logs.lines(&["policy file is refused", "policy-that-goes.toml", "No such file"]).len(), 1);
    // As it was before.
    replace(&path, POLICY);
    shown(0).await;
}

#[tokio::test]
async fn a_caller_shows_its_new_certificate_on_new_connections_and_none_of_its_calls_fails() {
    let world = World::start().await;
    let identity = |name: &str| tls_config(&world.authority.identity(&format!("spiffe://test.dev/{name}")).unwrap());
    let config = TlsConfig {
        cert: world.directory.path().join("caller.pem"),
        key: world.directory.path().join("caller.key"),
        ca: world.directory.path().join("caller-trust.pem"),
    };
    install(&config, Some(&identity("everywhere")), &[&world.authority]);
    let tls = Tls::load(&config, rpc::Uses::Client, false).unwrap();
    let mut caller = KeyServiceClient::new(Channel::new(&world.peer(), tls.clone()).unwrap());
    caller.get_key(get("keys/a")).await.unwrap();
    install(&config, Some(&identity("app")), &[&world.authority]);
    assert!(tls.reload().await.unwrap());
    let refused = async || caller.get_key(get("keys/a")).await.err();
    let refused = poll_until(LIMIT, "the caller is another", refused).await.unwrap();
    assert_eq!(refused.code(), Code::PermissionDenied, "it failed before: {refused}");
    caller.get_key(get("keys/allowed")).await.unwrap();
}

#[tokio::test]
async fn a_caller_that_trusts_its_peer_no_more_does_not_go_on_with_the_connection_it_had() {
    let world = World::start().await;
    let home = Directory::new();
    let other = Authority::open(home.path(), "another authority").unwrap();
    let own = tls_config(&world.authority.identity("spiffe://test.dev/everywhere").unwrap());
    let config = TlsConfig { ca: world.directory.path().join("caller-trust.pem"), ..own };
    install(&config, None, &[&world.authority]);
    let tls = load(&config);
    let mut caller = KeyServiceClient::new(Channel::new(&world.peer(), tls.clone()).unwrap());
    caller.get_key(get("keys/a")).await.unwrap();
    install(&config, None, &[&other]);
    assert!(tls.reload().await.unwrap());
    let refused = async || caller.get_key(get("keys/a")).await.err();
    let refused = poll_until(LIMIT, "the peer is not called", refused).await.unwrap();
    assert_eq!(refused.code(), Code::Unavailable);
}
