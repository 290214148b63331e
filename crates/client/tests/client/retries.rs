//! What is tried again, what is not, and what a caller learns.

use std::time::{Duration, Instant};

use api::key::v1 as key;
use rpc::PeerConfig;
use strongroom_client::{Client, ClientConfig, ConnectError};
use test_support::poll_until;
use tonic::Code;

use crate::support::{Answer, World};

fn get() -> key::GetKeyRequest {
    key::GetKeyRequest { name: "keys/a".to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_change_without_a_request_id_is_never_tried_twice() {
    let world = World::with(|config| {
        // Nobody listens there.
        config.key = Some(PeerConfig::new("https://127.0.0.1:1".to_owned()));
        config.deadline = Duration::from_secs(1);
    })
    .await;
    let service = world.client.key().unwrap();
    let error = service.close_alarm(key::CloseAlarmRequest::default()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Unavailable, 1));
    let control = service.get_key(get()).await.unwrap_err();
    assert!(control.code() == Code::Unavailable && control.attempts() > 1, "{control}");
}

#[tokio::test]
async fn only_unavailable_is_tried_again() {
    let world = World::start().await;
    for answer in [Answer::NotFound, Answer::Exhausted, Answer::Internal] {
        world.next([answer]);
        let error = world.client.key().unwrap().get_key(get()).await.unwrap_err();
        assert_eq!(error.attempts(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_read_is_tried_until_it_succeeds() {
    let world = World::start().await;
    world.next([Answer::Unavailable, Answer::Unavailable]);
    world.client.key().unwrap().get_key(get()).await.unwrap();
    assert_eq!(world.calls().len(), 3);
}

#[tokio::test]
async fn all_attempts_of_a_create_carry_one_request_id() {
    let world = World::start().await;
    world.next([Answer::Unavailable, Answer::Unavailable]);
    world.client.key().unwrap().create_key(key::CreateKeyRequest::default()).await.unwrap();
    let ids = world.calls();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| id.len() == 36 && *id == ids[0]), "{ids:?}");

    let own = key::CreateKeyRequest { request_id: "own".to_owned(), ..Default::default() };
    world.client.key().unwrap().create_key(own).await.unwrap();
    assert_eq!(world.calls().last().unwrap(), "own");
}

/// What the service cannot know is made certain by asking again, and who was kept waiting comes again.
#[tokio::test]
async fn a_change_of_unknown_outcome_is_asked_for_again() {
    let world = World::start().await;
    world.next([Answer::Unknown, Answer::Contended, Answer::Unavailable]);
    world.client.key().unwrap().rotate_key(key::RotateKeyRequest::default()).await.unwrap();
    let ids = world.calls();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id.len() == 36 && *id == ids[0]), "{ids:?}");
    world.next([Answer::Stale]);
    let error = world.client.key().unwrap().rotate_key(key::RotateKeyRequest::default()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Aborted, 1), "a stale etag stays stale");
    world.next([Answer::Unknown]);
    let error = world.client.key().unwrap().get_key(get()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::DeadlineExceeded, 1), "a read has no outcome");
}

#[tokio::test]
async fn attempts_end_with_the_deadline() {
    let world = World::with(|config| config.deadline = Duration::from_millis(400)).await;
    world.next([Answer::Unavailable; 100]);
    let begun = Instant::now();
    let error = world.client.key().unwrap().get_key(get()).await.unwrap_err();
    // The last attempt may find its own time over.
    assert!(matches!(error.code(), Code::Unavailable | Code::DeadlineExceeded), "{error}");
    assert!(error.attempts() > 1);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_silent_service_costs_no_more_than_the_deadline() {
    let world = World::with(|config| config.deadline = Duration::from_millis(100)).await;
    world.next([Answer::Nothing]);
    let error = world.client.key().unwrap().get_key(get()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::DeadlineExceeded, 1));
}

#[tokio::test]
async fn an_error_shows_reason_violations_and_request_id() {
    let world = World::start().await;
    world.next([Answer::Invalid]);
    let error = world.client.key().unwrap().get_key(get()).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(error.violations(), [("name".to_owned(), "must be another".to_owned())]);
    assert_eq!(error.request_id().len(), 36);
    world.next([Answer::Exhausted]);
    let error = world.client.key().unwrap().get_key(get()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
}

#[tokio::test]
async fn a_service_that_is_not_configured_is_named() {
    let world = World::start().await;
    assert!(matches!(world.client.vault(), Err(ConnectError::NotConfigured("vault"))));
}

#[tokio::test]
async fn a_changed_certificate_is_shown_without_a_restart() {
    let world = World::start().await;
    let whoami = async || {
        let answer = world.client.key().unwrap().who_am_i(key::WhoAmIRequest {}).await.unwrap();
        (answer.identity == "spiffe://test.dev/renamed").then_some(())
    };
    assert_eq!(whoami().await, None);
    world.replace_client_certificate("spiffe://test.dev/renamed");
    poll_until(Duration::from_secs(20), "the new certificate is shown", whoami).await.unwrap();
}

#[tokio::test]
async fn a_configuration_is_read_from_toml_and_closed() {
    let world = World::start().await;
    let text = format!(
        "deadline = \"3s\"\n[tls]\ncert = {:?}\nkey = {:?}\nca = {:?}\n[key]\nendpoint = \"https://127.0.0.1:1\"\n",
        world.tls.cert, world.tls.key, world.tls.ca
    );
    let config: ClientConfig = toml::from_str(&text).unwrap();
    assert_eq!(config.deadline, Duration::from_secs(3));
    assert!(Client::connect(&config).await.unwrap().key().is_ok());
    assert!(toml::from_str::<ClientConfig>(&format!("retries = 3\n{text}")).is_err());
    let wrong: ClientConfig = toml::from_str(&text.replace("https", "http")).unwrap();
    assert!(matches!(Client::connect(&wrong).await, Err(ConnectError::Channel(_))));
}
