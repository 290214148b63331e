//! What is bounded in bytes: batches of reveals, and pages.

use api::audit::v1::Event;
use api::vault::v1::{
    BatchRevealRecordsRequest, Collection, ListCollectionsRequest, ListRecordsRequest, ListRecordsResponse,
    RevealRecordRequest,
};
use prost::Message as _;
use rpc::StatusDetails;
use serde_json::{Map, Value, json};
use tonic::{Code, Status};

use crate::support::{Calls, PATIENTS, Refused, World, refused, reveal_request};

/// What clients take by default.
const DEFAULT_BYTES: usize = 4 << 20;

fn large(bytes: usize) -> Value {
    json!({ "scan": "x".repeat(bytes) })
}

fn batch(ids: &[&str], max_response_bytes: i32) -> BatchRevealRecordsRequest {
    let requests: Vec<RevealRecordRequest> = ids.iter().map(|id| reveal_request(id)).collect();
    BatchRevealRecordsRequest { parent: PATIENTS.to_owned(), requests, max_response_bytes, ..Default::default() }
}

/// Revealed records, or why there are none.
async fn reveal(app: &mut Calls, ids: &[&str], max_response_bytes: i32) -> Result<usize, Status> {
    let mut records = app.records.clone().max_decoding_message_size(64 << 20);
    let answer = records.batch_reveal_records(batch(ids, max_response_bytes)).await?.into_inner();
    assert!(
        answer
            .results
            .iter()
            .all(|one| { matches!(one.result, Some(api::vault::v1::reveal_record_result::Result::Record(_))) })
    );
    Ok(answer.encoded_len())
}

/// All pages of the patients.
pub(crate) async fn pages(app: &mut Calls, page_size: i32) -> Vec<ListRecordsResponse> {
    let mut pages: Vec<ListRecordsResponse> = Vec::new();
    while pages.last().is_none_or(|page| !page.next_page_token.is_empty()) {
        let page_token = pages.last().map(|page| page.next_page_token.clone()).unwrap_or_default();
        let request = ListRecordsRequest { parent: PATIENTS.to_owned(), page_size, page_token, ..Default::default() };
        pages.push(app.records.list_records(request).await.unwrap().into_inner());
    }
    pages
}

pub(crate) fn names_on(pages: &[ListRecordsResponse]) -> Vec<String> {
    pages.iter().flat_map(|page| &page.records).map(|record| record.name.clone()).collect()
}

#[tokio::test]
async fn a_batch_of_reveals_that_is_too_large_opens_nothing_and_says_how_to_go_on() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let ids = ["p-1", "p-2", "p-3", "p-4", "p-5"];
    for id in ids {
        app.create(id, &large(900_000)).await.unwrap();
    }
    let error = reveal(&mut app, &ids, 0).await.unwrap_err();
    let details = StatusDetails::of(&error);
    assert_eq!((details.code, details.reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
    assert_eq!(details.retry_after, None);
    assert!(details.message.contains("4194304 bytes: name fewer records"), "{}", details.message);
    let told = |action: &str| world.audit.events().iter().filter(|event| event.action == action).count();
    assert_eq!(told("records.reveal"), 0);
    // As it says: fewer, or more bytes.
    assert!(reveal(&mut app, &ids[..4], 0).await.unwrap() < DEFAULT_BYTES);
    assert!(reveal(&mut app, &ids, 5_000_000).await.unwrap() > DEFAULT_BYTES);
    world.audit.count(9, |event| event.action == "records.reveal" && event.outcome == 1).await;
}

/// Whatever stands beside it in the batch, and be it alone.
#[tokio::test]
async fn what_is_too_large_for_its_answer_is_not_opened_either() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", "p-2"] {
        app.create(id, &large(900_000)).await.unwrap();
    }
    let names: Map<String, Value> = (0..256).map(|n| (format!("{n:0>128}"), json!(0))).collect();
    app.create("names", &Value::Object(names)).await.unwrap();
    let whole = ["p-1", "p-2"].map(reveal_request);
    let part = RevealRecordRequest { read_fields: vec!["scan".to_owned()], ..reveal_request("missing") };
    let masked = RevealRecordRequest { view: api::vault::v1::View::Masked.into(), ..reveal_request("names") };
    let named = || vec![reveal_request("names")];
    // Names are answered twice, beside the values and with them, and were sealed once.
    for (requests, max_response_bytes, enough) in [
        (vec![whole[0].clone()], 500_000, 1_000_000),
        ([&whole[..], &[part]].concat(), 1_000_000, 2_000_000),
        ([&whole[..], &[masked]].concat(), 1_000_000, 2_000_000),
        (named(), 55_000, 100_000),
    ] {
        let batch = |max_response_bytes| BatchRevealRecordsRequest {
            parent: PATIENTS.to_owned(),
            requests: requests.clone(),
            max_response_bytes,
            ..Default::default()
        };
        // Not what tells of refused calls, which comes when it comes.
        let tells = |event: &Event| event.action == "records.reveal" && event.resource != PATIENTS;
        let before = world.audit.events().iter().filter(|event| tells(event)).count();
        let answer = app.records.batch_reveal_records(batch(max_response_bytes)).await;
        assert_eq!(refused(answer), Refused::with(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", &[]));
        // The control: where the client takes more, each is told of, and nothing of before.
        let answer = app.records.batch_reveal_records(batch(enough)).await.unwrap().into_inner();
        assert!(answer.encoded_len() > usize::try_from(max_response_bytes).unwrap());
        world.audit.count(before + requests.len(), tells).await;
    }
}

#[tokio::test]
async fn values_that_are_larger_as_a_message_than_stored_do_not_leave_either() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let ids = ["p-1", "p-2"];
    for id in ids {
        app.create(id, &json!({ "series": vec![1; 250_000] })).await.unwrap();
    }
    assert_eq!(
        refused(reveal(&mut app, &ids, 0).await),
        Refused::with(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", &[])
    );
    assert!(reveal(&mut app, &ids, 8 << 20).await.unwrap() > DEFAULT_BYTES);
}

/// What was opened and is not shown is told of as that.
#[tokio::test]
async fn parts_that_are_too_large_are_not_told_of_as_shown() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let ids = ["p-1", "p-2", "p-3", "p-4", "p-5"];
    for id in ids {
        app.create(id, &large(900_000)).await.unwrap();
    }
    let part = |id: &&str| RevealRecordRequest { read_fields: vec!["scan".to_owned()], ..reveal_request(id) };
    let parts = |max_response_bytes| BatchRevealRecordsRequest {
        parent: PATIENTS.to_owned(),
        requests: ids.iter().map(part).collect(),
        max_response_bytes,
        ..Default::default()
    };
    let mut records = app.records.clone().max_decoding_message_size(64 << 20);
    let answer = records.batch_reveal_records(parts(0)).await;
    assert_eq!(refused(answer), Refused::with(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", &[]));
    let told = world.audit.count(ids.len(), |event| event.action == "records.reveal").await;
    assert!(
        told.iter().all(|event| event.outcome != 1 && event.attributes["reason"] == "MESSAGE_TOO_LARGE"),
        "{told:?}"
    );
    records.batch_reveal_records(parts(8 << 20)).await.unwrap();
    world.audit.count(ids.len(), |event| event.action == "records.reveal" && event.outcome == 1).await;
}

/// Statuses of records that are not shown are part of the answer, too.
#[tokio::test]
async fn a_batch_of_what_is_not_there_is_as_long_as_its_answer() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let ids: Vec<String> = (0..999).map(|number| format!("{number:a>64}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).chain(["p-1"]).collect();
    assert_eq!(refused(reveal(&mut app, &ids, 100_000).await).reason, "MESSAGE_TOO_LARGE");
    let told = |event: &Event| event.action == "records.reveal" && event.outcome == 1;
    assert_eq!(world.audit.events().iter().filter(|event| told(event)).count(), 0);
    let bytes = app.records.batch_reveal_records(batch(&ids, 1_000_000)).await.unwrap().into_inner().encoded_len();
    assert!((100_000..1_000 * 768).contains(&bytes), "{bytes}");
    world.audit.count(1, told).await;
}

#[tokio::test]
async fn a_batch_of_reveals_names_each_record_once_and_a_size_that_is_one() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let invalid = |fields: &[&str]| Refused::with(Code::InvalidArgument, "", fields);
    let twice = reveal(&mut app, &["p-1", "p-2", "p-1", "p-1"], 0).await;
    assert_eq!(refused(twice), invalid(&["requests[2].name", "requests[3].name"]));
    for size in [-1, (8 << 20) + 1, i32::MAX] {
        assert_eq!(refused(reveal(&mut app, &["p-1"], size).await), invalid(&["max_response_bytes"]));
    }
    assert_eq!(refused(reveal(&mut app, &["p-1"], 1).await).reason, "MESSAGE_TOO_LARGE");
}

#[tokio::test]
async fn large_records_are_revealed_one_by_one_and_beside_small_ones() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    // Below and above what comes with the row.
    for (id, bytes) in [("p-1", 1), ("p-2", 60_000), ("p-3", 70_000), ("p-4", 1_000_000)] {
        app.create(id, &large(bytes)).await.unwrap();
        assert_eq!(app.reveal(id).await.unwrap(), crate::support::fields(&large(bytes)));
    }
    let revealed = app.batch_reveal(["p-4", "p-1", "p-3", "p-2"].map(reveal_request).to_vec()).await.unwrap();
    let lengths: Vec<_> = revealed.into_iter().map(|one| one.unwrap().fields.unwrap().encoded_len()).collect();
    assert!(lengths[0] > 1_000_000 && lengths[1] < 100 && lengths[2] > 70_000 && lengths[3] > 60_000, "{lengths:?}");
}

#[tokio::test]
async fn a_page_is_cut_short_where_clients_could_not_take_it() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let names: Map<String, Value> = (0..256).map(|n| (format!("{n:0>128}"), json!(0))).collect();
    for n in 0..70 {
        app.create(&format!("p-{n:03}"), &Value::Object(names.clone())).await.unwrap();
    }
    let pages = pages(&mut app, 1000).await;
    assert!(pages.iter().all(|page| page.encoded_len() < DEFAULT_BYTES / 2 && !page.records.is_empty()));
    let expected: Vec<_> = (0..70).map(|n| crate::support::name(&format!("p-{n:03}"))).collect();
    assert_eq!((names_on(&pages), pages.len()), (expected, 3));
}

/// Names that are longer than what was sealed beside them come no earlier than the rest.
#[tokio::test]
async fn records_of_many_names_are_revealed_together() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let names: Map<String, Value> = (0..256).map(|n| (format!("{n:0>128}"), json!(0))).collect();
    for id in ["p-1", "p-2"] {
        app.create(id, &Value::Object(names.clone())).await.unwrap();
    }
    let revealed = app.batch_reveal(["p-1", "p-2"].map(reveal_request).to_vec()).await.unwrap();
    for one in revealed {
        let record = one.unwrap();
        assert_eq!((record.field_names.len(), record.fields.unwrap().fields.len()), (256, 256));
    }
}

#[tokio::test]
async fn a_part_of_more_than_an_answer_holds_is_revealed() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let ids = ["p-1", "p-2", "p-3", "p-4", "p-5"];
    for id in ids {
        app.create(id, &json!({ "scan": "x".repeat(900_000), "name": "Jane" })).await.unwrap();
    }
    let named = |id: &&str| RevealRecordRequest { read_fields: vec!["name".to_owned()], ..reveal_request(id) };
    let revealed = app.batch_reveal(ids.iter().map(named).collect()).await.unwrap();
    let jane = crate::support::fields(&json!({ "name": "Jane" }));
    assert!(revealed.into_iter().all(|one| one.unwrap().fields.unwrap() == jane));
}

/// What SQL has put into one row hides no other.
#[tokio::test]
async fn a_row_that_is_longer_than_a_page_ends_no_list() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for n in 0..6 {
        app.create(&format!("p-{n}"), &json!({ "a": 1 })).await.unwrap();
    }
    let alter =
        |id: &str| format!("UPDATE records SET field_names = ARRAY[repeat('x', 1100000)] WHERE record_id = '{id}'");
    world.run(&alter("p-2")).await;
    let request = ListRecordsRequest { parent: PATIENTS.to_owned(), ..Default::default() };
    let error = app.records.list_records(request).await.unwrap_err();
    assert_eq!(error.code(), Code::DataLoss, "it is said, and not passed over");
    // Under an id that is none it is on no page; behind it the list goes on.
    world.run("UPDATE records SET record_id = '!' WHERE record_id = 'p-2'").await;
    let listed = names_on(&pages(&mut app, 0).await);
    assert_eq!(listed, ["p-0", "p-1", "p-3", "p-4", "p-5"].map(crate::support::name));
}

/// An id that fits into no token ends no list where a page ends with it.
#[tokio::test]
async fn a_row_whose_id_is_too_long_for_a_token_ends_no_list() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for n in 0..7 {
        app.create(&format!("p-{n}"), &json!({ "a": 1 })).await.unwrap();
    }
    world.run("UPDATE records SET record_id = 'p-1' || repeat('x', 800) WHERE record_id = 'p-2'").await;
    world.run("UPDATE records SET record_id = 'p-1' || repeat('x', 801) WHERE record_id = 'p-3'").await;
    world.run("UPDATE records SET record_id = 'p-4' || repeat('\u{10ffff}', 600) WHERE record_id = 'p-5'").await;
    let longest = "x".repeat(64);
    app.create(&longest, &json!({ "a": 1 })).await.unwrap();
    let expected = ["p-0", "p-1", "p-4", "p-6", &longest].map(crate::support::name);
    for size in 1..8 {
        assert_eq!(names_on(&pages(&mut app, size).await), expected, "{size}");
    }
}

#[tokio::test]
async fn a_page_of_collections_is_cut_short_too() {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    let policies: Vec<_> =
        (0..256).map(|n| api::vault::v1::FieldPolicy { field: format!("{n:0>128}"), ..Default::default() }).collect();
    for n in 0..40 {
        let collection = Collection { field_policies: policies.clone(), ..Default::default() };
        operator.create_collection_with("tenants/acme", &format!("c-{n:02}"), collection).await.unwrap();
    }
    let (mut token, mut listed, mut pages) = (String::new(), 0, 0);
    loop {
        let parent = "tenants/acme".to_owned();
        let request = ListCollectionsRequest { parent, page_size: 1000, page_token: token, ..Default::default() };
        let page = operator.collections.list_collections(request).await.unwrap().into_inner();
        assert!(page.encoded_len() < DEFAULT_BYTES / 2 && !page.collections.is_empty());
        (token, listed, pages) = (page.next_page_token, listed + page.collections.len(), pages + 1);
        if token.is_empty() {
            break;
        }
    }
    // One was there before.
    assert!(listed == 41 && pages > 1, "{listed} on {pages}");
}
