//! Batches: all or nothing, with everything that is wrong said at once.

use api::vault::v1::BatchCreateRecordsRequest;
use serde_json::json;
use tonic::Code;

use crate::support::{PATIENTS, Refused, World, fields, name, new_record, refused, reveal_request};

#[tokio::test]
async fn everything_that_is_wrong_with_a_batch_is_said_at_once() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut foreign = new_record("p-2", &json!({ "a": 1 }));
    foreign.parent = "tenants/acme/collections/other".to_owned();
    foreign.request_id = "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned();
    let requests = vec![
        new_record("p-1", &json!({ "a": 9_007_199_254_740_992_i64 })),
        foreign,
        new_record("P 3", &json!({})),
        new_record("p-1", &json!({ "a": 1 })),
    ];
    let fields = [
        "requests[0].record.fields.a",
        "requests[1].parent",
        "requests[1].request_id",
        "requests[2].record_id",
        "requests[2].record.fields",
        "requests[3].record_id",
    ];
    assert_eq!(refused(app.batch_create(requests).await), Refused::with(Code::InvalidArgument, "", &fields));
}

#[tokio::test]
async fn an_empty_or_too_large_batch_is_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let invalid = || Refused::with(Code::InvalidArgument, "", &["requests"]);
    assert_eq!(refused(app.batch_create(Vec::new()).await), invalid());
    let many = (0..1001).map(|number| new_record(&format!("p-{number}"), &json!({ "a": 1 }))).collect();
    assert_eq!(refused(app.batch_create(many).await), invalid());
    assert_eq!(refused(app.batch_reveal(Vec::new()).await), invalid());
    let many = (0..1001).map(|number| reveal_request(&format!("p-{number}"))).collect();
    assert_eq!(refused(app.batch_reveal(many).await), invalid());
}

#[tokio::test]
async fn a_batch_with_one_id_taken_creates_nothing() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-2", &json!({ "a": 1 })).await.unwrap();
    let requests = (1..4).map(|number| new_record(&format!("p-{number}"), &json!({ "a": 1 }))).collect();
    assert_eq!(refused(app.batch_create(requests).await).code, Code::AlreadyExists);
    assert_eq!(refused(app.get("p-1").await).code, Code::NotFound);
    world.audit.count(1, |event| event.action == "records.create" && event.outcome == 1).await;
}

#[tokio::test]
async fn a_batch_is_created_and_revealed_in_its_order_with_an_event_each() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let ids: Vec<String> = (0..100).rev().map(|number| format!("p-{number:03}")).collect();
    let requests = ids.iter().map(|id| new_record(id, &json!({ "id": id }))).collect();
    let made = app.batch_create(requests).await.unwrap();
    assert_eq!(
        made.iter().map(|record| record.name.clone()).collect::<Vec<_>>(),
        ids.iter().map(|id| name(id)).collect::<Vec<_>>()
    );
    let requests = ids.iter().map(|id| reveal_request(id)).collect();
    let revealed = app.batch_reveal(requests).await.unwrap();
    for (record, id) in revealed.into_iter().zip(&ids) {
        assert_eq!(record.unwrap().fields.unwrap(), fields(&json!({ "id": id })));
    }
    let created = world.audit.count(100, |event| event.action == "records.create" && event.outcome == 1).await;
    let revealed = world.audit.count(100, |event| event.action == "records.reveal" && event.outcome == 1).await;
    for events in [created, revealed] {
        let mut counters: Vec<_> = events.iter().map(|event| event.key_counter).collect();
        counters.sort_unstable();
        counters.dedup();
        assert_eq!(counters.len(), 100, "each has a key operation of its own");
        assert!(events.iter().all(|event| event.outcome == 1 && event.attributes["revision"] == "1"));
    }
}

#[tokio::test]
async fn a_batch_reveals_nothing_where_one_name_is_elsewhere_or_none() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let mut elsewhere = reveal_request("p-1");
    elsewhere.name = "tenants/acme/collections/other/records/p-1".to_owned();
    let mut nameless = reveal_request("p-1");
    nameless.name = String::new();
    let requests = vec![reveal_request("p-1"), elsewhere, nameless];
    let fields = ["requests[1].name", "requests[2].name"];
    assert_eq!(refused(app.batch_reveal(requests).await), Refused::with(Code::InvalidArgument, "", &fields));
    assert!(world.audit.events().iter().all(|event| event.action != "records.reveal" || event.outcome != 1));
}

#[tokio::test]
async fn a_batch_has_one_request_id() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let batch = |first: &str| BatchCreateRecordsRequest {
        parent: PATIENTS.to_owned(),
        requests: vec![new_record(first, &json!({ "a": 1 })), new_record("", &json!({ "a": 2 }))],
        request_id: "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned(),
        ..Default::default()
    };
    let first = app.records.batch_create_records(batch("p-1")).await.unwrap().into_inner();
    let again = app.records.batch_create_records(batch("p-1")).await.unwrap().into_inner();
    assert_eq!(first, again);
    let reused = Refused::with(Code::InvalidArgument, "REQUEST_ID_REUSED", &[]);
    assert_eq!(refused(app.records.batch_create_records(batch("p-9")).await), reused);
    let rows: i64 = world.sql().await.query_one("SELECT count(*) FROM records", &[]).await.unwrap().get(0);
    assert_eq!(rows, 2);
}
