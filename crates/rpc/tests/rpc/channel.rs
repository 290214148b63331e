//! Channels whose peers are slow, dead, many, or going away.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::key::v1::key_service_client::KeyServiceClient;
use api::key::v1::key_service_server::KeyServiceServer;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use metrics_exporter_prometheus::PrometheusBuilder;
use rpc::{Channel, PeerConfig, Tls, TlsConfig, Uses};
use test_support::certs::{Authority, Subject, Use};
use test_support::poll_until;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::{Code, Request, Status};

use crate::support::{Directory, LIMIT, Misbehaving, World, get, logs, tls_config};

/// Frames as RFC 9113 has them: kind and content, on the connection or on its first stream.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const REFUSED_STREAM: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7];
const GOAWAY_BEFORE_ALL: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const HEADERS: u8 = 1;

/// The addresses that a name has.
#[derive(Clone, Default)]
struct Name(Arc<Mutex<Vec<SocketAddr>>>);

impl Name {
    fn of(addresses: &[SocketAddr]) -> Self {
        let name = Self::default();
        name.set(addresses);
        name
    }

    fn set(&self, addresses: &[SocketAddr]) {
        *self.0.lock().unwrap() = addresses.to_vec();
    }

    /// A client that gives each attempt to connect more time than a call has.
    fn keys(&self, world: &World) -> KeyServiceClient<Channel> {
        let mut peer = PeerConfig::new("https://localhost:1");
        (peer.connect_timeout, peer.default_deadline) = (LIMIT * 2, LIMIT);
        let name = self.clone();
        let resolve = move || -> rpc::channel::Resolving {
            let addresses = name.0.lock().unwrap().clone();
            Box::pin(async move { Ok(addresses) })
        };
        KeyServiceClient::new(Channel::with_resolver(&peer, world.tls("everywhere"), Box::new(resolve)).unwrap())
    }
}

/// Listens, takes no connection, and says nothing.
async fn silent() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Nobody listens there.
async fn refusing() -> SocketAddr {
    silent().await.1
}

/// Another server of the same peer.
struct Twin {
    address: SocketAddr,
    service: Misbehaving,
    ending: CancellationToken,
    _serving: JoinSet<()>,
}

impl Twin {
    async fn of(world: &World) -> Self {
        let (listener, address) = silent().await;
        let service = Misbehaving::default();
        let server = rpc::Server::builder(world.server_tls.clone(), world.policy.clone())
            .service(KeyServiceServer::new(service.clone()))
            .build()
            .unwrap();
        let ending = CancellationToken::new();
        let serving = JoinSet::from_iter([server.serve(listener, ending.clone())]);
        Self { address, service, ending, _serving: serving }
    }
}

#[tokio::test]
async fn a_channel_connects_though_every_caller_gives_up_before() {
    let world = World::start().await;
    let (listener, address) = silent().await;
    let to = world.address;
    let mut slow = JoinSet::new();
    slow.spawn(async move {
        let mut passing = JoinSet::new();
        while let Ok((mut client, _)) = listener.accept().await {
            passing.spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let mut server = TcpStream::connect(to).await?;
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    let mut app = KeyServiceClient::new(
        Channel::new(&PeerConfig::new(format!("https://{address}")), world.tls("everywhere")).unwrap(),
    );
    let mut given_up = 0;
    let answered = async || {
        let mut request = Request::new(get("keys/a"));
        request.set_timeout(Duration::from_millis(200));
        let answer = app.get_key(request).await;
        given_up += u32::from(answer.as_ref().is_err_and(|error| error.code() == Code::DeadlineExceeded));
        answer.ok()
    };
    poll_until(LIMIT, "a call is answered", answered).await.unwrap();
    assert!(given_up > 0, "connecting was not slow");
}

#[tokio::test]
async fn an_address_that_is_dead_costs_no_call_its_budget() {
    let world = World::start().await;
    let (_listener, dead) = silent().await;
    for addresses in [[dead, world.address], [world.address, dead]] {
        let mut app = Name::of(&addresses).keys(&world);
        for _ in 0..20 {
            app.get_key(get("keys/a")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn calls_are_spread_over_all_addresses() {
    let world = World::start().await;
    let twin = Twin::of(&world).await;
    let mut app = Name::of(&[world.address, twin.address]).keys(&world);
    let mut spread = async || {
        app.get_key(get("keys/a")).await.unwrap();
        (world.begun() > 0 && twin.service.begun() > 0).then_some(())
    };
    poll_until(LIMIT, "both are called", &mut spread).await.unwrap();
    let before = [world.begun(), twin.service.begun()];
    for _ in 0..20 {
        spread().await;
    }
    let calls = [world.begun() - before[0], twin.service.begun() - before[1]];
    assert!(calls.iter().all(|calls| *calls >= 5), "{calls:?}");
}

#[tokio::test]
async fn addresses_come_and_go_without_a_failed_call() {
    let world = World::start().await;
    let twin = Twin::of(&world).await;
    // A failure asks for the addresses again soon.
    let refusing = refusing().await;
    let name = Name::of(&[world.address, refusing]);
    let mut app = name.keys(&world);
    app.get_key(get("keys/a")).await.unwrap();
    let (mut calls, mut brief) = (JoinSet::new(), app.clone());
    calls.spawn(async move { brief.get_key(get("keys/brief")).await });
    poll_until(LIMIT, "the call has begun", async || (world.begun() == 2).then_some(())).await.unwrap();
    name.set(&[twin.address, refusing]);
    let mut move_on = async |from: &dyn Fn() -> u64, to: &dyn Fn() -> u64| {
        let before = to();
        let mut moved = async || {
            app.get_key(get("keys/a")).await.unwrap();
            (to() > before).then_some(from())
        };
        let left = poll_until(LIMIT, "the new address is in use", &mut moved).await.unwrap();
        for _ in 0..10 {
            assert_eq!(moved().await, Some(left), "the old address is in use");
        }
    };
    move_on(&|| world.begun(), &|| twin.service.begun()).await;
    calls.join_next().await.unwrap().unwrap().unwrap();
    name.set(&[world.address, refusing]);
    move_on(&|| twin.service.begun(), &|| world.begun()).await;
}

#[tokio::test]
async fn a_call_that_the_peer_gives_back_is_answered_by_the_next_connection() {
    let world = World::start().await;
    for gives_back in [[SETTINGS, GOAWAY_BEFORE_ALL].concat(), [SETTINGS, REFUSED_STREAM, GOAWAY_BEFORE_ALL].concat()] {
        let (listener, address) = silent().await;
        let (to, acceptor) = (world.address, TlsAcceptor::from(world.server_tls.server_config()));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let (first, _) = listener.accept().await?;
            let mut first = acceptor.accept(first).await?;
            wait_for_headers(&mut first).await?;
            first.write_all(&gives_back).await?;
            first.flush().await?;
            let (mut second, _) = listener.accept().await?;
            let mut server = TcpStream::connect(to).await?;
            copy_bidirectional(&mut second, &mut server).await
        });
        let begun = world.begun();
        Name::of(&[address]).keys(&world).get_key(get("keys/a")).await.unwrap();
        assert_eq!(world.begun(), begun + 1);
    }
}

#[tokio::test]
async fn calls_that_wait_for_a_connection_that_ends_are_answered_by_another() {
    let world = World::start().await;
    let twin = Twin::of(&world).await;
    let app = Name::of(&[world.address, twin.address]).keys(&world);
    let both_are_called = async || {
        app.clone().get_key(get("keys/a")).await.unwrap();
        (world.begun() > 0 && twin.service.begun() > 0).then_some(())
    };
    poll_until(LIMIT, "both are called", both_are_called).await.unwrap();
    let before = world.begun() + twin.service.begun();
    // More than both connections take.
    let calls = (0..700).map(|_| {
        let mut app = app.clone();
        async move { app.get_key(get("keys/brief")).await.map(drop) }
    });
    let mut calls: JoinSet<_> = calls.collect();
    let are_full = async || (world.begun() + twin.service.begun() >= before + 400).then_some(());
    poll_until(LIMIT, "both have all they take", are_full).await.unwrap();
    twin.ending.cancel();
    while let Some(answer) = calls.join_next().await {
        answer.unwrap().unwrap();
    }
}

/// Whether the peer ends the connection or not.
#[tokio::test]
async fn a_peer_whose_certificate_has_ended_is_called_no_more() {
    let world = World::start().await;
    let ends_in = Some(Duration::from_secs(6));
    let brief = Subject { ends_in, ..Subject::spiffe("spiffe://test.dev/server") };
    let brief = tls_config(&world.authority.issue("brief", &brief).unwrap());
    let acceptor = TlsAcceptor::from(Tls::load(&brief, Uses::ServerAndClient, false).unwrap().server_config());
    let (listener, address) = silent().await;
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            open.spawn(async move {
                let answer =
                    service_fn(async |_| Ok::<_, Infallible>(Status::unimplemented("it answers").into_http::<Body>()));
                let Ok(stream) = acceptor.accept(stream).await else { return };
                drop(http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await);
            });
        }
    });
    let mut app = Name::of(&[address]).keys(&world);
    let mut code = async || app.get_key(get("keys/a")).await.unwrap_err().code();
    assert_eq!(code().await, Code::Unimplemented);
    let is_left = async || (code().await == Code::Unavailable).then_some(());
    poll_until(LIMIT, "it is called no more", is_left).await.unwrap();
}

/// Reads until a call has begun.
async fn wait_for_headers(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    stream.read_exact(&mut [0; b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len()]).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        if head[3] == HEADERS {
            return Ok(());
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; usize::try_from(length).unwrap()]).await?;
    }
}

/// Each cause stands in the caller's own log, at once and then once a minute, and every failure in a metric.
#[tokio::test]
async fn why_a_peer_cannot_be_reached_stands_in_the_callers_log() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let world = World::start().await;
    let only_server = Subject { uses: vec![Use::Server], ..Subject::spiffe("spiffe://test.dev/everywhere") };
    let only_server = world.authority.issue("only-server", &only_server).unwrap();
    let elsewhere = Directory::new();
    let stranger = Authority::open(elsewhere.path(), "another authority").unwrap();
    let stranger = stranger.identity("spiffe://test.dev/everywhere").unwrap();
    let stranger = TlsConfig { ca: world.authority.ca(), ..tls_config(&stranger) };
    assert!(Tls::load(&tls_config(&only_server), Uses::Client, false).is_err(), "it would be refused here already");
    let cases = [
        (format!("https://{}", refusing().await), world.tls("everywhere"), "refused"),
        (format!("https://{}", world.address), Tls::load(&stranger, Uses::Client, false).unwrap(), "UnknownCA"),
        ("https://no-such-host.invalid:1".to_owned(), world.tls("everywhere"), "its name has no address"),
    ];
    for (endpoint, tls, reason) in cases {
        let mut app = KeyServiceClient::new(Channel::new(&PeerConfig::new(&endpoint), tls).unwrap());
        for _ in 0..3 {
            assert_eq!(app.get_key(get("keys/a")).await.unwrap_err().code(), Code::Unavailable);
        }
        let peer = endpoint.trim_start_matches("https://");
        let said = logs().lines(&["WARN", "cannot connect to a peer", &format!("\"peer\":\"{peer}\"")]);
        assert!(matches!(&*said, [line] if line.contains(reason)), "{reason}: {said:?}");
        let counted = format!("strongroom_peer_connect_failures_total{{peer=\"{peer}\"}}");
        assert!(handle.render().contains(&counted), "{counted}");
    }
}

#[tokio::test]
async fn calls_fail_soon_where_no_address_takes_a_connection() {
    let world = World::start().await;
    let mut app = Name::of(&[refusing().await, refusing().await]).keys(&world);
    let mut nowhere = Name::of(&[]).keys(&world);
    for _ in 0..5 {
        for app in [&mut app, &mut nowhere] {
            // At the deadline it would be another code.
            let error = app.get_key(get("keys/a")).await.unwrap_err();
            assert_eq!((error.code(), error.message()), (Code::Unavailable, "cannot connect to localhost:1"));
        }
    }
}
