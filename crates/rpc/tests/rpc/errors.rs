//! What goes wrong, as the caller sees it.

use std::time::Duration;

use api::audit::v1::VerifyLogRequest;
use api::audit::v1::log_service_client::LogServiceClient;
use api::key::v1 as key;
use rpc::StatusDetails;
use test_support::poll_until;
use tokio_stream::StreamExt;
use tonic::{Code, Request};

use crate::support::raw::{RawClient, framed};
use crate::support::{LIMIT, World, get, logs};

#[tokio::test]
async fn an_internal_error_tells_only_its_request_id_and_the_log_tells_the_cause() {
    let world = World::start().await;
    let mut keys = world.keys("everywhere");
    for name in ["keys/broken", "keys/leaky", "keys/panic"] {
        let error = keys.get_key(get(name)).await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::Internal, "internal error"), "{name}");
        let details = StatusDetails::of(&error);
        assert!(!details.request_id.is_empty());
        assert!(!error.details().windows(6).any(|bytes| bytes == b"secret"));
        let line = poll_until(LIMIT, name, async || {
            logs().lines(&["internal error", "\"level\":\"ERROR\"", &details.request_id]).pop()
        });
        let line = line.await.unwrap();
        let cause = match name {
            "keys/broken" => "outer: the inner secret",
            "keys/leaky" => "SELECT secret FROM keys",
            _ => "a handler panicked",
        };
        assert!(line.contains(cause), "{line}");
    }
}

#[tokio::test]
async fn error_details_arrive_as_they_were_made() {
    let world = World::start().await;
    let mut keys = world.keys("everywhere");
    let mut fail = async |name| StatusDetails::of(&keys.get_key(get(name)).await.unwrap_err());

    let stale = fail("keys/stale").await;
    assert_eq!((stale.code, stale.reason.as_str()), (Code::Aborted, "ETAG_MISMATCH"));

    let invalid = fail("keys/invalid").await;
    assert_eq!(invalid.code, Code::InvalidArgument);
    let expected = [("name", "must be another"), ("etag", "must be given")];
    assert_eq!(invalid.violations, expected.map(|(field, text)| (field.to_owned(), text.to_owned())));

    let busy = fail("keys/busy").await;
    assert_eq!((busy.code, busy.retry_after), (Code::ResourceExhausted, Some(Duration::from_millis(1500))));
}

#[tokio::test]
async fn every_answer_carries_its_request_id_and_the_event_that_it_made() {
    let world = World::start().await;
    let mut keys = world.keys("everywhere");
    let answer = keys.get_key(get("keys/event")).await.unwrap();
    assert_eq!(answer.metadata().get("strongroom-event-id").unwrap(), crate::support::EVENT);
    let first = answer.metadata().get("strongroom-request-id").unwrap().clone();
    let second = keys.get_key(get("keys/a")).await.unwrap();
    assert_ne!(second.metadata().get("strongroom-request-id").unwrap(), first);
    assert!(second.metadata().get("strongroom-event-id").is_none());
    let refused = keys.rotate_key(key::RotateKeyRequest::default()).await.unwrap_err();
    assert!(refused.metadata().get("strongroom-request-id").is_some());
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let world = World::start().await;
    let mut raw = RawClient::connect(&world, "everywhere").await;
    // Asks the server itself, so that no deadline of the client's can answer first.
    let answer = raw.call("/strongroom.key.v1.KeyService/GetKey", &get("keys/slow"), Some("50m")).await;
    assert_eq!(answer.code, Code::DeadlineExceeded);
}

/// The handler may win against its deadline by a poll, and then says that what it waited for is away.
#[tokio::test]
async fn what_is_away_only_when_the_deadline_is_over_is_not_told_as_away() {
    let world = World::start().await;
    // Of no other test's calls.
    let mut raw = RawClient::connect(&world, "app").await;
    for _ in 0..10 {
        let name = get("keys/allowed/gives-up");
        let answer = raw.call("/strongroom.key.v1.KeyService/GetKey", &name, Some("20m")).await;
        assert_eq!((answer.code, answer.details.reason.as_str()), (Code::DeadlineExceeded, ""));
    }
    let told = logs().lines(&["call failed", "GetKey", "\"UNAVAILABLE\"", "test.dev/app"]);
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn a_refusal_with_an_event_of_its_own_is_not_counted_beside_it() {
    let world = World::start().await;
    let mut keys = world.keys("everywhere");
    let refused = keys.get_key(get("keys/refused-with-event")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(refused.metadata().get("strongroom-event-id").unwrap(), crate::support::EVENT);
    assert!(world.denials.all().is_empty());
    keys.get_key(get("keys/invalid")).await.unwrap_err();
    assert_eq!(world.denials.all().len(), 1);
}

#[tokio::test]
async fn the_servers_ceiling_holds_whatever_the_caller_asks() {
    let config = rpc::GrpcConfig { max_deadline: Duration::from_millis(50), ..Default::default() };
    let world = World::with(config).await;
    let mut raw = RawClient::connect(&world, "everywhere").await;
    let answer = raw.call("/strongroom.key.v1.KeyService/GetKey", &get("keys/slow"), Some("1H")).await;
    assert_eq!(answer.code, Code::DeadlineExceeded);
    let answer = raw.call("/strongroom.key.v1.KeyService/GetKey", &get("keys/a"), Some("soon")).await;
    assert_eq!((answer.code, answer.details.reason.as_str()), (Code::InvalidArgument, "MALFORMED"));
}

#[tokio::test]
async fn a_client_gives_up_at_its_deadline_although_the_peer_is_silent() {
    let world = World::start().await;
    let mut request = Request::new(get("keys/slow"));
    request.set_timeout(Duration::from_millis(50));
    let error = world.keys("everywhere").get_key(request).await.unwrap_err();
    assert_eq!(error.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_without_a_retry() {
    let world = World::start().await;
    let name = "k".repeat(rpc::Bounds::default().request);
    let error = StatusDetails::of(&world.keys("everywhere").get_key(get(&name)).await.unwrap_err());
    assert_eq!((error.code, error.reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
    assert_eq!(error.retry_after, None);
}

#[tokio::test]
async fn bytes_that_are_no_message_are_malformed() {
    let world = World::start().await;
    let mut raw = RawClient::connect(&world, "everywhere").await;
    let path = "/strongroom.key.v1.KeyService/GetKey";
    let frames: [(&str, &[u8]); 6] = [
        ("a field that is longer than the message", &[0, 0, 0, 0, 2, 0x0a, 0x7f]),
        ("no UTF-8 in a string", &[0, 0, 0, 0, 3, 0x0a, 0x01, 0xff]),
        ("no message at all", &[]),
        ("a frame that ends early", &[0, 0, 0, 0, 9, 0x0a]),
        ("an unknown compression flag", &[7, 0, 0, 0, 0]),
        ("compression that was not announced", &[1, 0, 0, 0, 0]),
    ];
    for (what, frame) in frames {
        let answer = raw.send(path, frame, None).await;
        assert_eq!((answer.code, answer.details.reason.as_str()), (Code::InvalidArgument, "MALFORMED"), "{what}");
    }
    // Who may not call the method does not even learn that.
    let mut stranger = RawClient::connect(&world, "stranger").await;
    assert_eq!(stranger.send(path, frames[0].1, None).await.code, Code::PermissionDenied);
}

#[tokio::test]
async fn what_is_not_of_grpc_is_malformed() {
    let world = World::start().await;
    let mut raw = RawClient::connect(&world, "everywhere").await;
    let path = "/strongroom.key.v1.KeyService/GetKey";
    for taken in ["application/grpc", "application/grpc+proto", "Application/gRPC ; charset=utf-8"] {
        assert_eq!(raw.send_typed(path, &framed(&get("keys/a")), taken).await.code, Code::Ok, "{taken}");
    }
    for refused in ["", "application/json", "application/grpc-web", "application/grpc+json", "application/grpcs"] {
        let answer = raw.send_typed(path, &framed(&get("keys/a")), refused).await;
        assert_eq!((answer.code, answer.details.reason.as_str()), (Code::InvalidArgument, "MALFORMED"), "{refused}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_method_is_unimplemented_also_within_a_service() {
    let world = World::start().await;
    let mut raw = RawClient::connect(&world, "stranger").await;
    for path in ["/", "/strongroom.key.v1.KeyService/Nothing", "/no.such.Service/Method", "/x", "//"] {
        assert_eq!(raw.send(path, &[0, 0, 0, 0, 0], None).await.code, Code::Unimplemented, "{path}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_tells_no_cause_and_a_silent_one_ends_at_its_deadline() {
    let world = World::start().await;
    let mut log = LogServiceClient::new(world.channel("everywhere"));
    let request = |name: &str| VerifyLogRequest { name: name.to_owned(), ..Default::default() };

    let whole: Vec<_> = log.verify_log(request("logs/a")).await.unwrap().into_inner().collect().await;
    assert!(whole.len() == 2 && whole.iter().all(Result::is_ok));

    let mut broken: Vec<_> = log.verify_log(request("logs/broken")).await.unwrap().into_inner().collect().await;
    let error = broken.pop().unwrap().unwrap_err();
    assert_eq!((error.code(), error.message(), broken.len()), (Code::Internal, "internal error", 2));
    assert!(!logs().lines(&["the inner secret", "LogService/VerifyLog", "ERROR"]).is_empty());

    let mut raw = RawClient::connect(&world, "everywhere").await;
    let answer = raw.call("/strongroom.audit.v1.LogService/VerifyLog", &request("logs/slow"), Some("100m")).await;
    assert_eq!((answer.code, answer.data), (Code::DeadlineExceeded, 10));
}

#[tokio::test]
async fn calls_leave_one_line_with_their_code() {
    let world = World::start().await;
    let mut keys = world.keys("everywhere");
    let answered = keys.get_key(get("keys/secret-name")).await.unwrap();
    let id = answered.metadata().get("strongroom-request-id").unwrap().to_str().unwrap().to_owned();
    let lines = logs().lines(&[&id]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in ["\"code\":\"OK\"", "KeyService/GetKey", "spiffe://test.dev/everywhere", "\"level\":\"DEBUG\""] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
    assert!(!lines[0].contains("secret-name"));
}
