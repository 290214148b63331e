//! What one caller, one connection and the server take.

use std::num::NonZeroU32;
use std::time::Duration;

use http_body_util::BodyExt as _;
use rpc::server::CallerLimits;
use rpc::{GrpcConfig, StatusDetails};
use rustls_pki_types::ServerName;
use test_support::{frames, poll_until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::{Code, Request, Status};

use crate::support::raw::{RawClient, framed};
use crate::support::{LIMIT, World, get, logs};

#[tokio::test]
async fn a_caller_above_its_rate_is_told_when_to_come_again() {
    let caller_limits = CallerLimits { calls_per_second: NonZeroU32::new(2), ..Default::default() };
    let world = World::with(GrpcConfig { caller_limits, ..Default::default() }).await;
    let mut app = world.keys("everywhere");
    app.get_key(get("keys/a")).await.unwrap();
    app.get_key(get("keys/a")).await.unwrap();
    let error = StatusDetails::of(&app.get_key(get("keys/a")).await.unwrap_err());
    assert_eq!(error.code, Code::ResourceExhausted);
    let wait = error.retry_after.unwrap();
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
    // Another caller is not held back.
    world.keys("app").get_key(get("keys/allowed")).await.unwrap();
    poll_until(LIMIT, "the rate lets it in again", async || app.get_key(get("keys/a")).await.ok()).await.unwrap();
}

#[tokio::test]
async fn a_caller_with_too_many_calls_at_once_is_told_to_wait() {
    let caller_limits = CallerLimits { max_calls: 1, ..Default::default() };
    let world = World::with(GrpcConfig { caller_limits, ..Default::default() }).await;
    let mut slow = world.keys("everywhere");
    let mut calls = JoinSet::new();
    calls.spawn(async move { slow.get_key(get("keys/slow")).await });
    let mut app = world.keys("everywhere");
    let error = poll_until(LIMIT, "a refusal", async || app.get_key(get("keys/a")).await.err()).await.unwrap();
    let details = StatusDetails::of(&error);
    assert_eq!(details.code, Code::ResourceExhausted);
    assert!(details.retry_after.is_some());
    // The place is free again as soon as the slow call's client goes away.
    calls.shutdown().await;
    poll_until(LIMIT, "the place is free", async || app.get_key(get("keys/a")).await.ok()).await.unwrap();
}

#[tokio::test]
async fn work_that_outlives_its_caller_keeps_its_place() {
    let caller_limits = CallerLimits { max_calls: 1, ..Default::default() };
    let world = World::with(GrpcConfig { caller_limits, ..Default::default() }).await;
    let mut app = world.keys("everywhere");
    app.get_key(get("keys/works-on")).await.unwrap();
    assert_eq!(app.get_key(get("keys/a")).await.unwrap_err().code(), Code::ResourceExhausted);
    world.finish_work();
    app.get_key(get("keys/a")).await.unwrap();
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed() {
    let world = World::with(GrpcConfig { max_connections: 1, ..Default::default() }).await;
    let mut first = world.keys("everywhere");
    first.get_key(get("keys/a")).await.unwrap();
    let error = world.keys("everywhere").get_key(get("keys/a")).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    first.get_key(get("keys/a")).await.unwrap();
}

#[tokio::test]
async fn an_aged_connection_ends_without_a_dropped_call() {
    let max_connection_age = Duration::from_millis(40);
    let world = World::with(GrpcConfig { max_connection_age, ..Default::default() }).await;
    let app = world.keys("everywhere");
    let before = logs().lines(&["a connection to a peer ended"]).len();
    let mut calls = JoinSet::new();
    for _ in 0..4 {
        let mut app = app.clone();
        calls.spawn(async move {
            for _ in 0..300 {
                app.get_key(get("keys/a")).await.unwrap();
            }
            // Longer than a connection lives: it stays open until the call is answered.
            app.get_key(get("keys/brief")).await.unwrap();
        });
    }
    let mut health = tonic_health::pb::health_client::HealthClient::new(world.channel("stranger"));
    calls.spawn(async move {
        for _ in 0..300 {
            health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
        }
    });
    while let Some(done) = calls.join_next().await {
        done.unwrap();
    }
    let ended = logs().lines(&["a connection to a peer ended"]).len() - before;
    assert!(ended > 1, "the connection was never renewed");
}

#[tokio::test]
async fn a_server_that_shuts_down_answers_what_it_has_begun_and_takes_nothing_new() {
    let world = World::start().await;
    let mut app = world.keys("everywhere");
    app.get_key(get("keys/a")).await.unwrap();
    let mut calls = JoinSet::new();
    let mut slow = app.clone();
    calls.spawn(async move { slow.get_key(get("keys/brief")).await });
    poll_until(LIMIT, "the call has begun", async || (world.begun() == 2).then_some(())).await.unwrap();
    world.shutdown.cancel();
    calls.join_next().await.unwrap().unwrap().unwrap();
    world.serving.await.unwrap();
    assert_eq!(app.get_key(get("keys/a")).await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn shutdown_is_bounded_although_a_call_never_ends() {
    let world = World::with(GrpcConfig { drain_timeout: Duration::from_millis(100), ..Default::default() }).await;
    let mut slow = world.keys("everywhere");
    let mut calls = JoinSet::new();
    calls.spawn(async move { slow.get_key(get("keys/slow")).await });
    poll_until(LIMIT, "the call has begun", async || (world.begun() == 1).then_some(())).await.unwrap();
    world.shutdown.cancel();
    timeout(LIMIT, world.serving).await.unwrap().unwrap();
    assert_eq!(calls.join_next().await.unwrap().unwrap().unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn a_channel_comes_back_by_itself_when_its_peer_does() {
    let world = World::start().await;
    let mut app = world.keys("everywhere");
    app.get_key(get("keys/a")).await.unwrap();
    world.shutdown.cancel();
    world.serving.await.unwrap();
    assert_eq!(app.get_key(get("keys/a")).await.unwrap_err().code(), Code::Unavailable);
    let listener = tokio::net::TcpListener::bind(world.address).await.unwrap();
    let server = rpc::Server::builder(world.server_tls.clone(), world.policy.clone())
        .service(api::key::v1::key_service_server::KeyServiceServer::new(crate::support::Misbehaving::default()))
        .build()
        .unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(server.serve(listener, tokio_util::sync::CancellationToken::new()));
    poll_until(LIMIT, "the channel is back", async || app.get_key(get("keys/a")).await.ok()).await.unwrap();
}

#[tokio::test]
async fn several_connections_share_the_calls() {
    let world = World::with(GrpcConfig { max_connections: 3, ..Default::default() }).await;
    let mut peer = world.peer();
    peer.connections = 3;
    let channel = rpc::Channel::new(&peer, world.tls("everywhere")).unwrap();
    let mut app = api::key::v1::key_service_client::KeyServiceClient::new(channel);
    for _ in 0..6 {
        app.get_key(get("keys/a")).await.unwrap();
    }
    // Once all three connections are open, a fourth is refused.
    let fourth = async || world.keys("everywhere").get_key(get("keys/a")).await.err();
    let refused = poll_until(LIMIT, "three connections", fourth).await.unwrap();
    assert_eq!(refused.code(), Code::Unavailable);
    app.get_key(get("keys/a")).await.unwrap();
}

#[tokio::test]
async fn a_burst_beyond_what_a_connection_takes_waits_instead_of_failing() {
    let world = World::with(GrpcConfig { max_calls_per_connection: 2, ..Default::default() }).await;
    let app = world.keys("everywhere");
    let mut calls = JoinSet::new();
    for _ in 0..60 {
        let mut app = app.clone();
        calls.spawn(async move { app.get_key(get("keys/a")).await });
    }
    while let Some(answer) = calls.join_next().await {
        answer.unwrap().unwrap();
    }
}

const GET_KEY: &str = "/strongroom.key.v1.KeyService/GetKey";
const LIST_KEYS: &str = "/strongroom.key.v1.KeyService/ListKeys";
const VERIFY_LOG: &str = "/strongroom.audit.v1.LogService/VerifyLog";
const WATCH: &str = "/grpc.health.v1.Health/Watch";

fn large_page() -> api::key::v1::ListKeysRequest {
    api::key::v1::ListKeysRequest { page_token: "large".to_owned(), ..Default::default() }
}

#[tokio::test]
async fn who_does_not_read_its_answers_keeps_its_places_until_they_are_cut_off() {
    let caller_limits = CallerLimits { max_calls: 2, ..Default::default() };
    let world = World::with(GrpcConfig { caller_limits, ..Default::default() }).await;
    let mut reader = world.keys("everywhere");
    let mut silent = RawClient::connect_with(&world, "everywhere", Some(1)).await;
    let large = framed(&large_page());
    let mut unread = Vec::new();
    for _ in 0..2 {
        unread.push(silent.begin(LIST_KEYS, &large, Some("1S")).await.into_body());
    }
    let refused = StatusDetails::of(&reader.get_key(get("keys/a")).await.unwrap_err());
    assert_eq!(refused.code, Code::ResourceExhausted, "their answers count until they have left");
    world.keys("app").get_key(get("keys/allowed")).await.unwrap();
    poll_until(LIMIT, "their answers are cut off", async || reader.get_key(get("keys/a")).await.ok()).await.unwrap();
    for mut body in unread {
        let mut received = 0;
        let ended = loop {
            match body.frame().await {
                Some(Ok(frame)) => received += frame.into_data().map_or(0, |data| data.len()),
                ended => break ended,
            }
        };
        assert!(matches!(ended, Some(Err(_))) && received < 1 << 20, "it came whole: {received}");
    }
}

/// The database, which its list has kept from others, is free when the answer is there.
#[tokio::test]
async fn who_does_not_read_its_lists_keeps_no_turn_from_others() {
    let world = World::start().await;
    let mut silent = RawClient::connect_with(&world, "everywhere", Some(1)).await;
    let mut unread = Vec::new();
    for _ in 0..4 {
        unread.push(silent.begin(LIST_KEYS, &framed(&large_page()), Some("10S")).await);
    }
    let mut request = Request::new(api::key::v1::ListKeysRequest::default());
    request.set_timeout(Duration::from_secs(5));
    world.keys("everywhere").list_keys(request).await.unwrap();
    drop(unread);
}

/// The bytes that it had set aside would be others' only when its deadline is over.
#[tokio::test]
async fn a_stream_that_is_not_read_ends_long_before_its_deadline() {
    let stream_read_timeout = Duration::from_millis(100);
    let caller_limits = CallerLimits { max_calls: 1, ..Default::default() };
    let world = World::with(GrpcConfig { stream_read_timeout, caller_limits, ..Default::default() }).await;
    let verify = framed(&api::audit::v1::VerifyLogRequest { name: "logs/acme".to_owned(), ..Default::default() });
    for window in [0, 1] {
        let mut silent = RawClient::connect_with(&world, "everywhere", Some(window)).await;
        let unread = silent.begin(VERIFY_LOG, &verify, Some("1H")).await;
        let mut reader = world.keys("everywhere");
        assert!(reader.get_key(get("keys/a")).await.is_err(), "the stream has the caller's only place");
        poll_until(LIMIT, "a place", async || reader.get_key(get("keys/a")).await.ok()).await.unwrap();
        drop(unread);
    }
    // One that is read lasts although nothing comes for longer.
    let mut client = RawClient::connect(&world, "everywhere").await;
    let slow = framed(&api::audit::v1::VerifyLogRequest { name: "logs/slow".to_owned(), ..Default::default() });
    let answer = client.send(VERIFY_LOG, &slow, Some("1S")).await;
    assert_eq!(answer.code, Code::DeadlineExceeded);
}

/// Whose refusals fill the connection so that HTTP/2 keeps them.
#[tokio::test]
async fn refusals_that_a_stranger_does_not_read_keep_nobody_with_a_role_out() {
    let mut world = World::with(GrpcConfig { max_calls: 100, ..Default::default() }).await;
    let narrow = TcpSocket::new_v4().unwrap();
    narrow.set_send_buffer_size(4096).unwrap();
    narrow.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let tls = world.server_tls.clone();
    world.restart_on(narrow.listen(16).unwrap(), tls);
    let mut app = world.keys("everywhere");
    app.get_key(get("keys/a")).await.unwrap();

    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let connector = TlsConnector::from(world.tls("stranger").client_config());
    let stream = socket.connect(world.address).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    stream.write_all(&frames::hello()).await.unwrap();
    // Some at a time, until the connection has as many under way as it may have: none of their refusals has left.
    for some in 0_u32.. {
        let before = world.denials.all().len();
        let numbers = (0..32).map(|number| 2 * (32 * some + number) + 1);
        let calls = numbers.map(|number| [frames::begin(number, GET_KEY, "10S"), frames::end(number, &[])].concat());
        stream.write_all(&calls.collect::<Vec<_>>().concat()).await.unwrap();
        let refused = async || (world.denials.all().len() >= before + 32).then_some(());
        if poll_until(Duration::from_millis(200), "refusals", refused).await.is_err() {
            break;
        }
    }
    for _ in 0..20 {
        app.get_key(get("keys/a")).await.unwrap();
    }
}

#[tokio::test]
async fn connections_of_strangers_take_no_place_of_others() {
    let world = World::with(GrpcConfig { max_connections: 2, ..Default::default() }).await;
    let mut strangers = Vec::new();
    for name in ["stranger", "shut-out", "another", "one-more"] {
        strangers.push((TcpStream::connect(world.address).await.unwrap(), world.tls(name)));
    }
    let mut open = Vec::new();
    for (stream, tls) in strangers {
        let connector = TlsConnector::from(tls.client_config());
        open.push(connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap());
    }
    // As many as there may be of all.
    for stream in &mut open[2..] {
        assert!(stream.read_u8().await.is_err());
    }
    world.keys("everywhere").get_key(get("keys/a")).await.unwrap();
}

/// A small answer is taken by HTTP/2 as soon as one byte of it may leave.
#[tokio::test]
async fn small_answers_that_are_not_read_keep_their_places_until_their_connection_is_ended() {
    let caller_limits = CallerLimits { max_calls: 2, ..Default::default() };
    let world = World::with(GrpcConfig { caller_limits, ..Default::default() }).await;
    let mut reader = world.keys("everywhere");
    let mut silent = RawClient::connect_with(&world, "everywhere", Some(1)).await;
    let mut unread = Vec::new();
    for _ in 0..2 {
        unread.push(silent.begin(GET_KEY, &framed(&get("keys/a")), Some("1S")).await.into_body());
    }
    let refused = StatusDetails::of(&reader.get_key(get("keys/a")).await.unwrap_err());
    assert_eq!(refused.code, Code::ResourceExhausted);
    poll_until(LIMIT, "they are cut off", async || reader.get_key(get("keys/a")).await.ok()).await.unwrap();
    for body in unread {
        assert!(body.collect().await.is_err(), "the connection has ended");
    }
}

#[tokio::test]
async fn strangers_keep_nobody_from_what_is_open_to_everybody() {
    let world = World::start().await;
    let request = framed(&tonic_health::pb::HealthCheckRequest::default());
    let (watch, check) = ("/grpc.health.v1.Health/Watch", "/grpc.health.v1.Health/Check");
    let mut open = Vec::new();
    for number in 0..5 {
        let mut stranger = RawClient::connect(&world, &format!("stranger-{number}")).await;
        while let begun = stranger.begin(watch, &request, Some("1M")).await
            && !begun.headers().contains_key(Status::GRPC_STATUS)
        {
            open.push((stranger.clone(), begun));
        }
    }
    assert_eq!(open.len(), 16, "four of each, and none of the last");
    let code = async |name: &str| RawClient::connect(&world, name).await.send(check, &request, None).await.code;
    assert_eq!(code("one-more").await, Code::ResourceExhausted);
    assert_eq!(code("app").await, Code::Ok);
}

/// What reflection reads in a task of its own ends with its call.
#[tokio::test]
async fn a_request_to_reflection_that_never_ends_keeps_its_place_no_longer_than_its_deadline() {
    let world = World::start().await;
    let mut caller = RawClient::connect(&world, "everywhere").await;
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let mut open = Vec::new();
    for _ in 0..16 {
        let half = [0, 0, 0, 64, 0, 1, 2, 3];
        let frames = tokio_stream::once(Ok::<_, std::convert::Infallible>(http_body::Frame::data(
            bytes::Bytes::copy_from_slice(&half),
        )));
        let body = http_body_util::StreamBody::new(tokio_stream::StreamExt::chain(frames, tokio_stream::pending()));
        open.push(caller.begin_with(path, tonic::body::Body::new(body), Some("1S")).await);
    }
    let watch = framed(&tonic_health::pb::HealthCheckRequest::default());
    let check = "/grpc.health.v1.Health/Check";
    assert_eq!(caller.send(check, &watch, None).await.code, Code::ResourceExhausted);
    let free =
        poll_until(LIMIT, "a place", async || (caller.send(check, &watch, None).await.code == Code::Ok).then_some(()));
    free.await.unwrap();
}

#[tokio::test]
async fn a_large_answer_comes_whole_to_who_reads_it() {
    let world = World::start().await;
    let mut client = RawClient::connect_with(&world, "everywhere", Some(1000)).await;
    let answer = client.send(LIST_KEYS, &framed(&large_page()), None).await;
    assert_eq!(answer.code, Code::Ok);
    assert!(answer.data > 1 << 20, "{}", answer.data);
}

#[tokio::test]
async fn a_connection_ends_although_its_answers_are_not_read() {
    let config = GrpcConfig { max_connection_age: Duration::from_millis(100), ..Default::default() };
    let world = World::with(GrpcConfig { max_connections: 1, ..config }).await;
    let mut silent = RawClient::connect_with(&world, "everywhere", Some(1)).await;
    let unread = silent.begin(LIST_KEYS, &framed(&large_page()), Some("1S")).await;
    let mut reader = world.keys("everywhere");
    assert!(reader.get_key(get("keys/a")).await.is_err(), "the only connection is taken");
    poll_until(LIMIT, "it is free", async || reader.get_key(get("keys/a")).await.ok()).await.unwrap();
    drop(unread);
}

#[tokio::test]
async fn watches_of_strangers_take_no_place_of_others_and_have_ordinary_deadlines() {
    let default_deadline = Duration::from_secs(1);
    let world = World::with(GrpcConfig { max_calls: 4, default_deadline, ..Default::default() }).await;
    let mut stranger = RawClient::connect(&world, "stranger").await;
    let watch = framed(&tonic_health::pb::HealthCheckRequest::default());
    let mut watches = Vec::new();
    for _ in 0..16 {
        watches.push(stranger.begin(WATCH, &watch, Some("1H")).await);
    }
    let refused = stranger.send(WATCH, &watch, None).await;
    assert_eq!((refused.code, refused.details.retry_after.is_some()), (Code::ResourceExhausted, true));
    world.keys("everywhere").get_key(get("keys/a")).await.unwrap();
    drop(watches);
    let ended = poll_until(LIMIT, "a watch", async || {
        let answer = stranger.send(WATCH, &watch, None).await;
        (answer.code != Code::ResourceExhausted).then_some(answer.code)
    });
    assert_eq!(ended.await.unwrap(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_watch_does_not_hold_a_shutdown_up() {
    let world = World::with(GrpcConfig { drain_timeout: LIMIT, max_deadline: LIMIT * 10, ..Default::default() }).await;
    let mut stranger = RawClient::connect(&world, "stranger").await;
    let watch = framed(&tonic_health::pb::HealthCheckRequest::default());
    let watching = stranger.begin(WATCH, &watch, Some("1H")).await.into_body();
    world.shutdown.cancel();
    let trailers = watching.collect().await.unwrap().trailers().cloned().unwrap();
    let status = Status::from_header_map(&trailers).unwrap();
    assert_eq!((status.code(), StatusDetails::of(&status).reason.as_str()), (Code::Unavailable, "DRAINING"));
    // Within the drain's limit, which nothing else ends earlier.
    timeout(LIMIT / 2, world.serving).await.unwrap().unwrap();
}

/// All of them are there before the server comes round to one.
#[tokio::test]
async fn a_connection_is_ended_with_more_than_512_calls_that_were_given_up_unseen() {
    let world = World::start().await;
    for (calls, goes_on) in [(500, true), (600, false)] {
        let connector = TlsConnector::from(world.tls("everywhere").client_config());
        let stream = TcpStream::connect(world.address).await.unwrap();
        let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        let given_up =
            (0..calls).map(|call| 2 * call + 1).flat_map(|id| [frames::begin(id, GET_KEY, "10S"), frames::reset(id)]);
        let burst: Vec<Vec<u8>> = [frames::hello()].into_iter().chain(given_up).chain([frames::ping()]).collect();
        stream.write_all(&burst.concat()).await.unwrap();
        let (mut read, pong) = (Vec::new(), frames::pong());
        let has_pong = |read: &[u8]| read.windows(pong.len()).any(|part| part == pong);
        while !has_pong(&read) && stream.read_buf(&mut read).await.is_ok_and(|bytes| bytes > 0) {}
        assert_eq!(has_pong(&read), goes_on, "{calls} calls");
    }
}

/// Calls whose callers give them up at once, beside others on the same connection: fewer than the 512 that the server may find
/// when it comes round to them, however busy the machine is.
#[tokio::test(flavor = "multi_thread")]
async fn patient_calls_do_not_notice_impatient_ones_beside_them() {
    let world = World::start().await;
    let client = RawClient::connect(&world, "everywhere").await;
    let (slow, quick) = (framed(&get("keys/slow")), framed(&get("keys/a")));
    let mut given_up = JoinSet::new();
    for _ in 0..8 {
        let (mut client, slow) = (client.clone(), slow.clone());
        given_up.spawn(async move {
            for _ in 0..50 {
                let call = client.begin(GET_KEY, &slow, None);
                drop(timeout(Duration::from_millis(1), call).await);
            }
        });
    }
    let mut patient = client.clone();
    for _ in 0..100 {
        assert_eq!(patient.send(GET_KEY, &quick, None).await.code, Code::Ok);
    }
    given_up.join_all().await;
    assert_eq!(patient.send(GET_KEY, &quick, None).await.code, Code::Ok);
}
