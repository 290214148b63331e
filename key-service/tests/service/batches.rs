//! Batches of data keys: each request has its own result, its number and its event, whatever the others come to.

use std::collections::BTreeSet;

use api::audit::v1::{Event, Outcome};
use api::key::v1::{
    BatchGenerateDataKeysRequest, BatchRewrapDataKeysRequest, BatchUnwrapDataKeysRequest, GenerateDataKeyRequest,
    GenerateDataKeyResponse, GenerateDataKeyResult, KeyPurpose, RewrapDataKeyRequest, RewrapDataKeyResponse,
    RewrapDataKeyResult, UnwrapDataKeyRequest, UnwrapDataKeyResponse, UnwrapDataKeyResult, generate_data_key_result,
    rewrap_data_key_result, unwrap_data_key_result,
};
use rpc::status_of_item;
use test_support::poll_until;
use tonic::{Code, Status};

use crate::support::{Calls, LIMIT, Refused, World, context, refused};

const KEY: &str = "keys/vault-service";
const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];

fn generated(one: GenerateDataKeyResult) -> Result<GenerateDataKeyResponse, Status> {
    match one.result.unwrap() {
        generate_data_key_result::Result::DataKey(made) => Ok(made),
        generate_data_key_result::Result::Error(status) => Err(status_of_item(status)),
    }
}

fn unwrapped(one: UnwrapDataKeyResult) -> Result<UnwrapDataKeyResponse, Status> {
    match one.result.unwrap() {
        unwrap_data_key_result::Result::DataKey(opened) => Ok(opened),
        unwrap_data_key_result::Result::Error(status) => Err(status_of_item(status)),
    }
}

fn rewrapped(one: RewrapDataKeyResult) -> Result<RewrapDataKeyResponse, Status> {
    match one.result.unwrap() {
        rewrap_data_key_result::Result::DataKey(made) => Ok(made),
        rewrap_data_key_result::Result::Error(status) => Err(status_of_item(status)),
    }
}

/// Code and reason: an item has no violations.
fn of(code: Code, reason: &str) -> Refused {
    Refused::with(code, reason, &[])
}

fn unwrap_request(key: &str, subject: &str, wrapped: &[u8]) -> UnwrapDataKeyRequest {
    let (key, subject, context) = (key.to_owned(), subject.to_owned(), context(&CONTEXT));
    UnwrapDataKeyRequest { key, subject, context, wrapped_key: wrapped.to_vec().into(), ..Default::default() }
}

/// A request of every kind that fails, between two that do not, each with how it fails.
async fn all_kinds(world: &World, vault: &mut Calls) -> Vec<(UnwrapDataKeyRequest, Option<Refused>)> {
    let made = vault.generate(KEY, &CONTEXT).await.unwrap().wrapped_key;
    let of_person = vault.generate_for(KEY, "person-1", &CONTEXT).await.unwrap().wrapped_key;
    vault.generate_for(KEY, "person-2", &CONTEXT).await.unwrap();
    let of_altered = vault.generate_for(KEY, "altered", &CONTEXT).await.unwrap().wrapped_key;
    let of_newer = vault.generate_for(KEY, "newer", &CONTEXT).await.unwrap().wrapped_key;
    let disabled = vault.generate("keys/disabled", &CONTEXT).await.unwrap().wrapped_key;
    let altered_key = vault.generate("keys/altered", &CONTEXT).await.unwrap().wrapped_key;
    let (mut altered, mut of_unknown_version) = (made.clone(), made.clone());
    *altered.last_mut().unwrap() ^= 1;
    of_unknown_version[25] ^= 1;
    world.disable("disabled").await;
    world.make_subject_newer("newer").await;
    let alter = "UPDATE keys SET revision = 9 WHERE key_id = 'altered';
        UPDATE subject_keys SET create_time_us = create_time_us + 1 WHERE subject = 'altered'";
    world.sql().await.batch_execute(alter).await.unwrap();
    let mismatch = || Some(of(Code::InvalidArgument, "AAD_MISMATCH"));
    let mut elsewhere = unwrap_request(KEY, "", &made);
    elsewhere.context = context(&[("record", "r-2")]);
    vec![
        (unwrap_request(KEY, "", &made), None),
        (elsewhere, mismatch()),
        (unwrap_request("keys/none", "", &made), Some(of(Code::NotFound, ""))),
        (unwrap_request("keys/audit-mac", "", &made), Some(of(Code::InvalidArgument, ""))),
        (unwrap_request("keys/disabled", "", &disabled), Some(of(Code::FailedPrecondition, "KEY_VERSION_DISABLED"))),
        (unwrap_request("keys/altered", "", &altered_key), Some(of(Code::DataLoss, "AAD_MISMATCH"))),
        (unwrap_request(KEY, "altered", &of_altered), Some(of(Code::DataLoss, "AAD_MISMATCH"))),
        (unwrap_request(KEY, "newer", &of_newer), Some(of(Code::Unavailable, "NEWER_VERSION"))),
        (unwrap_request(KEY, "person-2", &of_person), mismatch()),
        (unwrap_request(KEY, "person-3", &of_person), mismatch()),
        (unwrap_request(KEY, "", &of_unknown_version), Some(of(Code::FailedPrecondition, "KEY_VERSION_UNKNOWN"))),
        (unwrap_request(KEY, "", &altered), mismatch()),
        (unwrap_request(KEY, "", &[7]), mismatch()),
        (unwrap_request(KEY, "person-1", &of_person), None),
    ]
}

async fn world() -> (World, Vec<(UnwrapDataKeyRequest, Option<Refused>)>) {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("disabled", KeyPurpose::Wrap).await.unwrap();
    operator.create("altered", KeyPurpose::Wrap).await.unwrap();
    let kinds = all_kinds(&world, &mut world.calls(&replica, "vault-service")).await;
    replica.stop().await;
    (world, kinds)
}

/// Events of refused uses of keys, as `resource reason count`.
fn refusals(world: &World, action: &str) -> BTreeSet<String> {
    let refused = |event: &Event| event.action == action && event.outcome() == Outcome::Refused;
    let told =
        |event: Event| format!("{} {} {}", event.resource, event.attributes["reason"], event.attributes["count"]);
    world.audit.events().into_iter().filter(refused).map(told).collect()
}

#[tokio::test]
async fn each_unwrap_of_a_batch_has_its_own_result_number_and_event() {
    let (world, kinds) = world().await;
    let replica = world.replica().await;
    let mut vault = world.calls(&replica, "vault-service");
    let (requests, expected): (Vec<_>, Vec<_>) = kinds.into_iter().unzip();
    let batch = BatchUnwrapDataKeysRequest { requests, ..Default::default() };
    let answer = vault.data.batch_unwrap_data_keys(batch).await.unwrap();
    let event_id = answer.metadata().get("strongroom-event-id").unwrap().to_str().unwrap().to_owned();
    let mut counters = Vec::new();
    for (index, (one, expected)) in answer.into_inner().results.into_iter().zip(&expected).enumerate() {
        match (unwrapped(one), expected) {
            (Ok(opened), None) => counters.push(opened.operation.unwrap().counter),
            (result, Some(expected)) => assert_eq!(refused(result), *expected, "request {index}"),
            (Err(status), None) => panic!("request {index}: {status}"),
        }
    }
    assert_eq!(counters.len(), 2);
    assert_eq!(counters[1] - counters[0], 13, "each has the number of its place");
    let told = [
        "keys/altered AAD_MISMATCH 1",
        "keys/audit-mac INVALID_ARGUMENT 1",
        "keys/disabled KEY_VERSION_DISABLED 1",
        "keys/none NOT_FOUND 1",
        "keys/vault-service AAD_MISMATCH 6",
        "keys/vault-service KEY_VERSION_UNKNOWN 1",
        "keys/vault-service NEWER_VERSION 1",
    ];
    poll_until(LIMIT, "the refusals", async || (refusals(&world, "dataKeys.unwrap").len() >= told.len()).then_some(()))
        .await
        .unwrap();
    assert_eq!(refusals(&world, "dataKeys.unwrap"), told.map(str::to_owned).into());
    let done = world.audit.event("dataKeys.unwrap", |event| event.outcome() == Outcome::Ok).await;
    assert_eq!(done.attributes["count"], "2");
    assert_eq!(uuid::Uuid::from_slice(&done.event_id).unwrap().to_string(), event_id, "the first one's event is named");
}

#[tokio::test]
async fn each_generate_and_each_rewrap_of_a_batch_has_its_own_result() {
    let (world, kinds) = world().await;
    let replica = world.replica().await;
    let mut vault = world.calls(&replica, "vault-service");
    let request = |(key, subject, record): (&str, &str, &str)| GenerateDataKeyRequest {
        key: key.to_owned(),
        subject: subject.to_owned(),
        context: context(&[("record", record)]),
        ..Default::default()
    };
    let requests = [
        ("keys/disabled", "", "1"),
        (KEY, "", "2"),
        ("keys/none", "", "3"),
        ("keys/audit-mac", "", "4"),
        ("keys/altered", "", "5"),
        (KEY, "altered", "7"),
        (KEY, "newer", "8"),
        (KEY, "", "6"),
    ];
    let requests = requests.map(request).into();
    let batch = BatchGenerateDataKeysRequest { requests, ..Default::default() };
    let answer = vault.data.batch_generate_data_keys(batch).await.unwrap().into_inner();
    let mut results = answer.results.into_iter().map(generated);
    let mut next = || results.next().unwrap();
    assert_eq!(refused(next()), of(Code::FailedPrecondition, "KEY_VERSION_DISABLED"));
    let first = next().unwrap();
    assert_eq!(refused(next()), of(Code::NotFound, ""));
    assert_eq!(refused(next()), of(Code::InvalidArgument, ""));
    assert_eq!(refused(next()), of(Code::DataLoss, "AAD_MISMATCH"));
    assert_eq!(refused(next()), of(Code::DataLoss, "AAD_MISMATCH"), "of the altered subject");
    assert_eq!(refused(next()), of(Code::Unavailable, "NEWER_VERSION"));
    let last = next().unwrap();
    assert_eq!(vault.unwrap(KEY, &[("record", "2")], &first.wrapped_key).await.unwrap().plaintext, first.plaintext);
    assert_eq!(vault.unwrap(KEY, &[("record", "6")], &last.wrapped_key).await.unwrap().plaintext, last.plaintext);

    let (requests, expected): (Vec<_>, Vec<_>) = kinds.into_iter().unzip();
    let rewrap = |UnwrapDataKeyRequest { key, subject, context, wrapped_key, on_behalf_of }| RewrapDataKeyRequest {
        key,
        subject,
        context,
        wrapped_key,
        on_behalf_of,
    };
    let requests = requests.into_iter().map(rewrap).collect();
    let batch = BatchRewrapDataKeysRequest { requests, ..Default::default() };
    let answer = vault.data.batch_rewrap_data_keys(batch).await.unwrap().into_inner();
    let results: Vec<_> =
        answer.results.into_iter().map(|one| rewrapped(one).map_err(|error| refused::<()>(Err(error)))).collect();
    assert_eq!(
        results.iter().map(|one| one.as_ref().err()).collect::<Vec<_>>(),
        expected.iter().map(Option::as_ref).collect::<Vec<_>>()
    );
    let counted = poll_until(LIMIT, "wraps are counted", async || {
        let version = world.calls(&replica, "operator").version("keys/vault-service/versions/1").await.unwrap();
        // Five before, by the replica that ended, and two by each batch.
        (version.wrap_count >= 9).then_some(version.wrap_count)
    })
    .await;
    assert_eq!(counted.unwrap(), 9);
}

#[tokio::test]
async fn nothing_of_a_batch_leaves_whose_events_cannot_be_written() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let made = vault.generate(KEY, &CONTEXT).await.unwrap().wrapped_key;
    world.sql().await.batch_execute("REVOKE INSERT ON audit_outbox FROM strongroom_key").await.unwrap();
    let requests = vec![unwrap_request(KEY, "", &made), unwrap_request("keys/none", "", &made)];
    let batch = BatchUnwrapDataKeysRequest { requests, ..Default::default() };
    let unavailable = of(Code::Unavailable, "AUDIT_UNAVAILABLE");
    assert_eq!(refused(vault.data.batch_unwrap_data_keys(batch).await), unavailable);
    let request =
        |key: &str| GenerateDataKeyRequest { key: key.to_owned(), context: context(&CONTEXT), ..Default::default() };
    let requests = vec![request(KEY), request("keys/none")];
    let batch = BatchGenerateDataKeysRequest { requests, ..Default::default() };
    assert_eq!(refused(vault.data.batch_generate_data_keys(batch).await), unavailable, "a refusal is not told either");
}

/// The refusal of a single call names its event, as an answer does, and leaves no other.
#[tokio::test]
async fn a_refused_unwrap_is_accounted_for_once() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let made = vault.generate(KEY, &CONTEXT).await.unwrap().wrapped_key;
    let status = vault.unwrap(KEY, &[("record", "r-2")], &made).await.unwrap_err();
    let event_id = status.metadata().get("strongroom-event-id").unwrap().to_str().unwrap().to_owned();
    assert_eq!(refused::<()>(Err(status)), Refused::with(Code::InvalidArgument, "AAD_MISMATCH", &["wrapped_key"]));
    let told = world.audit.event("dataKeys.unwrap", |event| event.outcome() == Outcome::Refused).await;
    assert_eq!(uuid::Uuid::from_slice(&told.event_id).unwrap().to_string(), event_id);
    assert_eq!(told.attributes["reason"], "AAD_MISMATCH");
    // A refusal that is counted comes with the end of the replica at the latest.
    let malformed = unwrap_request("keys/none", "", &[]);
    assert_eq!(refused(vault.data.unwrap_data_key(malformed).await).fields, ["wrapped_key"]);
    replica.stop().await;
    let _next = world.replica().await;
    let counted = world
        .audit
        .event("dataKeys.unwrap", |event| event.attributes.get("reason").is_some_and(|reason| reason == "MALFORMED"))
        .await;
    assert_eq!(counted.attributes["count"], "1", "the control: the malformed one alone");
    assert_eq!(refusals(&world, "dataKeys.unwrap").len(), 2);
}

#[tokio::test]
async fn a_batch_of_generates_gives_different_data_keys() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let request = |index: u32| GenerateDataKeyRequest {
        key: KEY.to_owned(),
        subject: String::new(),
        context: context(&[("record", &index.to_string())]),
        ..Default::default()
    };
    let requests = (0..100).map(request).collect();
    let batch =
        vault.data.batch_generate_data_keys(BatchGenerateDataKeysRequest { requests, ..Default::default() }).await;
    let made: Vec<_> = batch.unwrap().into_inner().results.into_iter().map(|one| generated(one).unwrap()).collect();
    let distinct: std::collections::HashSet<_> = made.iter().map(|one| one.plaintext.clone()).collect();
    assert_eq!(distinct.len(), 100);
    for index in [0_usize, 99] {
        let pairs = [("record", index.to_string())];
        let pairs = pairs.each_ref().map(|(key, value)| (*key, value.as_str()));
        assert_eq!(vault.unwrap(KEY, &pairs, &made[index].wrapped_key).await.unwrap().plaintext, made[index].plaintext);
    }
}
