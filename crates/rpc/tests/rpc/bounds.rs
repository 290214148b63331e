//! How large messages may be, and what is set aside for them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api::key::v1::TestPermissionsRequest;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use rpc::server::CallerLimits;
use rpc::{Bounds, GrpcConfig, StatusDetails};
use test_support::poll_until;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic::body::Body;

use crate::support::raw::{RawClient, framed};
use crate::support::{LIMIT, World, get};

const GET_KEY: &str = "/strongroom.key.v1.KeyService/GetKey";

/// Bytes of a piece of a message.
const PIECE: usize = 1024;

/// The prefix of a message of so many bytes, and the message as far as anybody takes it; with what was taken.
fn claimed(length: usize) -> (Body, Arc<AtomicUsize>) {
    let prefix = [&[0], &u32::try_from(length).unwrap().to_be_bytes()[..]].concat();
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let pieces = std::iter::repeat_with(|| Bytes::from_static(&[0; PIECE])).take(length.div_ceil(PIECE));
    let pieces = std::iter::once(Bytes::from(prefix)).chain(pieces).inspect(move |piece| {
        count.fetch_add(piece.len(), Ordering::Relaxed);
    });
    let frames = tokio_stream::iter(pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece))));
    (Body::new(StreamBody::new(frames)), taken)
}

/// A body that stops for ever after these bytes.
fn stopped(bytes: &[u8]) -> Body {
    let begun = tokio_stream::once(Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(bytes))));
    Body::new(StreamBody::new(begun.chain(tokio_stream::pending())))
}

#[tokio::test]
async fn a_byte_more_than_a_method_takes_is_refused_before_it_is_read() {
    let world = World::start().await;
    let mut client = RawClient::connect(&world, "everywhere").await;
    let most = Bounds::default().request;
    for length in [most + 1, 1 << 20, u32::MAX as usize] {
        let (body, taken) = claimed(length);
        let answer = RawClient::answer(client.begin_with(GET_KEY, body, None).await).await;
        assert_eq!((answer.code, answer.details.reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
        assert_eq!(answer.details.retry_after, None);
        assert!(answer.details.message.contains("16384 bytes"), "{}", answer.details.message);
        // What a stream's window lets in, and the pieces that wait for it at the client.
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken <= 65_535 + 2 * PIECE, "{taken} bytes of {length}");
    }
    let (body, _) = claimed(most);
    let answer = RawClient::answer(client.begin_with(GET_KEY, body, None).await).await;
    assert_eq!(answer.details.reason, "MALFORMED", "it is read, and is none");
}

#[tokio::test]
async fn bytes_are_set_aside_at_once_or_the_call_is_to_come_again() {
    let caller_limits = CallerLimits { max_bytes: 30_000, ..Default::default() };
    let world = World::with(GrpcConfig { caller_limits, ..Default::default() }).await;
    let mut client = RawClient::connect(&world, "everywhere").await;
    // 48,000 bytes, of which every call has 16 KiB.
    let answer = client.send(GET_KEY, &framed(&get(&"k".repeat(12_000))), None).await;
    assert_eq!((answer.code, answer.details.reason.as_str()), (Code::ResourceExhausted, ""));
    assert!(answer.details.retry_after.is_some());
    assert_eq!(client.send(GET_KEY, &framed(&get(&"k".repeat(8_000))), None).await.code, Code::Ok);
    // While one of them waits for the rest of its bytes there is no room for another; then it is cut off, and there is.
    let whole = framed(&get(&"k".repeat(8_000)));
    let both = poll_until(LIMIT, "the one that waits comes first", async || {
        let (mut waiting, mut other) = (client.clone(), client.clone());
        let waiting = waiting.begin_with(GET_KEY, stopped(&whole[..100]), None);
        let (begun, refused) = tokio::join!(waiting, other.send(GET_KEY, &whole, None));
        let waited = RawClient::answer(begun).await;
        (waited.details.reason == "REQUEST_TOO_SLOW").then_some(refused)
    });
    let refused = both.await.unwrap();
    assert_eq!((refused.code, refused.details.retry_after.is_some()), (Code::ResourceExhausted, true));
    assert_eq!(client.send(GET_KEY, &framed(&get("keys/a")), None).await.code, Code::Ok, "small ones do not notice");
    assert_eq!(client.send(GET_KEY, &whole, None).await.code, Code::Ok);
}

#[tokio::test]
async fn who_sends_too_slowly_is_cut_off_long_before_the_deadline() {
    let world = World::with(GrpcConfig { default_deadline: LIMIT, max_deadline: LIMIT, ..Default::default() }).await;
    let mut client = RawClient::connect(&world, "everywhere").await;
    let whole = framed(&get("keys/a"));
    for begun in [&whole[..0], &whole[..3], &whole[..5], &whole[..7], &whole[..]] {
        let started = std::time::Instant::now();
        let answer = RawClient::answer(client.begin_with(GET_KEY, stopped(begun), None).await).await;
        assert_eq!((answer.code, answer.details.reason.as_str()), (Code::Unavailable, "REQUEST_TOO_SLOW"));
        assert!(answer.details.retry_after.is_some());
        assert!(started.elapsed() < LIMIT / 2);
    }
    assert_eq!(world.begun(), 0);
}

#[tokio::test]
async fn a_second_message_and_a_compressed_one_are_refused() {
    let world = World::start().await;
    let mut client = RawClient::connect(&world, "everywhere").await;
    let one = framed(&get("keys/a"));
    for more in [&one[..], &[0], &[0; 5]] {
        let answer = client.send(GET_KEY, &[&one, more].concat(), None).await;
        assert_eq!((answer.code, answer.details.reason.as_str()), (Code::InvalidArgument, "MALFORMED"));
    }
    assert_eq!(world.begun(), 0);
    let compressed = client.send_compressed(GET_KEY, &one, "gzip").await;
    assert_eq!(compressed.code, Code::Unimplemented);
    assert_eq!(client.send(GET_KEY, &one, None).await.code, Code::Ok);
}

#[tokio::test]
async fn many_small_items_are_refused_before_they_are_made() {
    let world = World::start().await;
    let mut client = RawClient::connect(&world, "everywhere").await;
    let path = "/strongroom.key.v1.AccessService/TestPermissions";
    let request =
        |permissions| TestPermissionsRequest { permissions: vec![String::new(); permissions], ..Default::default() };
    let answer = client.send(path, &framed(&request(8_000)), None).await;
    assert_eq!((answer.code, answer.details.reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
    let answer = client.send(path, &framed(&request(500)), None).await;
    assert_eq!(answer.code, Code::InvalidArgument, "which are counted by the handler");
}

#[tokio::test]
async fn an_answer_that_is_larger_than_declared_does_not_leave() {
    let world = World::start().await;
    let error = StatusDetails::of(&world.keys("everywhere").get_key(get("keys/large")).await.unwrap_err());
    assert_eq!((error.code, error.reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
}

#[tokio::test]
async fn an_answer_that_nothing_is_left_for_does_not_leave() {
    let caller_limits = CallerLimits { max_bytes: 20_000, ..Default::default() };
    let world = World::with(GrpcConfig { caller_limits, ..Default::default() }).await;
    let large = api::key::v1::ListKeysRequest { page_token: "large".to_owned(), ..Default::default() };
    let error = StatusDetails::of(&world.keys("everywhere").list_keys(large).await.unwrap_err());
    assert_eq!(error.code, Code::ResourceExhausted);
    assert!(error.retry_after.is_some_and(|wait| wait > Duration::ZERO));
    world.keys("everywhere").list_keys(api::key::v1::ListKeysRequest::default()).await.unwrap();
}
