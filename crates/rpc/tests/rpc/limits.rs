//! What one caller, one connection and the server take.

use std::{num::NonZeroU32, time::Duration};

use rpc::{GrpcConfig, StatusDetails, server::CallerLimits};
use test_support::poll_until;
use tokio::task::JoinSet;
use tonic::Code;

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
    tokio::time::timeout(LIMIT, world.serving).await.unwrap().unwrap();
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
    // All three connections are open: a fourth is refused.
    assert_eq!(world.keys("everywhere").get_key(get("keys/a")).await.unwrap_err().code(), Code::Unavailable);
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
