//! Creating, reading, listing and deleting records.

use std::sync::Arc;
use std::time::Duration;

use api::vault::v1::{CreateRecordRequest, ListRecordsRequest, Record};
use clock::{Clock as _, TestClock};
use prost_types::Timestamp;
use serde_json::json;
use tonic::Code;

use crate::support::{PATIENTS, Refused, World, fields, name, new_record, refused, update_request};

/// What has expired already is not stored; a request that was done gets its answer again all the same.
#[tokio::test]
async fn an_expire_time_in_the_past_is_refused() {
    let clock = Arc::new(TestClock::at(clock::SystemClock.now()));
    let world = World::new().await.with_clock(clock.clone());
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    let expiring = |id: &str, seconds: i64| {
        let mut request = new_record(id, &json!({ "a": 1 }));
        request.record.as_mut().unwrap().expire_time = Some(Timestamp { seconds, nanos: 0 });
        request
    };
    assert_eq!(refused(app.create_record(expiring("p-1", 1_500_000_000)).await).fields, ["record.expire_time"]);
    let batch = vec![expiring("p-1", 4_000_000_000), expiring("p 2", 0)];
    let wrong = ["requests[1].record_id", "requests[1].record.expire_time"];
    assert_eq!(refused(app.batch_create(batch).await).fields, wrong);
    app.create_record(expiring("p-1", 4_000_000_000)).await.unwrap();
    let mut update = update_request("p-1", &[], &json!({}));
    update.record.as_mut().unwrap().expire_time = Some(Timestamp { seconds: 1_500_000_000, nanos: 0 });
    assert_eq!(refused(app.update_record(update).await).fields, ["record.expire_time"]);
    let mut soon = expiring("p-2", clock.now().seconds() + 3600);
    soon.request_id = "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned();
    let first = app.create_record(soon.clone()).await.unwrap();
    clock.advance(Duration::from_secs(3601));
    let again = CreateRecordRequest { request_id: String::new(), ..soon.clone() };
    assert_eq!(refused(app.create_record(again).await).fields, ["record.expire_time"]);
    assert_eq!(app.create_record(soon).await.unwrap(), first);
}

/// Ids of other systems are kept as they are: case makes a difference, and FHIR's 64 characters fit.
#[tokio::test]
async fn ids_are_kept_as_given() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let longest = "A".repeat(64);
    for (number, id) in ["a_b", "Patient-1", "patient-1", longest.as_str()].into_iter().enumerate() {
        assert_eq!(app.create(id, &json!({ "a": number })).await.unwrap().name, name(id));
        assert_eq!(app.reveal(id).await.unwrap(), fields(&json!({ "a": number })));
        world.audit.event("records.reveal", |event| event.resource == name(id) && event.outcome == 1).await;
    }
    let refusal = app.create("-p.", &json!({ "a": 1 })).await.unwrap_err();
    let hint = rpc::StatusDetails::of(&refusal).violations.remove(0);
    assert!(hint.1.contains(r#"try "p""#), "{hint:?}");
    assert_eq!(refused(app.create(&"a".repeat(65), &json!({ "a": 1 })).await).fields, ["record_id"]);
}

#[tokio::test]
async fn an_id_is_given_once() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "ssn": "1" })).await.unwrap();
    let again = app.create("p-1", &json!({ "ssn": "1" })).await;
    assert_eq!(refused(again), Refused::with(Code::AlreadyExists, "", &[]));
    assert_eq!(app.get("p-1").await.unwrap().revision, Some(1));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let not_found = || Refused::with(Code::NotFound, "", &[]);
    assert_eq!(refused(app.get("none").await), not_found());
    assert_eq!(refused(app.reveal("none").await), not_found());
    assert_eq!(refused(app.update("none", &[], &json!({ "a": 1 })).await), not_found());
    assert_eq!(refused(app.delete("none", "").await), not_found());
    for parent in ["tenants/acme/collections/none", "tenants/none/collections/patients"] {
        let request = CreateRecordRequest { parent: parent.to_owned(), ..new_record("p-1", &json!({ "a": 1 })) };
        assert_eq!(refused(app.create_record(request).await), not_found());
    }
}

#[tokio::test]
async fn a_stale_etag_deletes_nothing() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let first = app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let second = app.update("p-1", &[], &json!({ "a": 2 })).await.unwrap();
    let stale = Refused::with(Code::Aborted, "ETAG_MISMATCH", &[]);
    assert_eq!(refused(app.delete("p-1", &first.etag).await), stale);
    app.delete("p-1", &second.etag).await.unwrap();
    assert_eq!(refused(app.get("p-1").await).code, Code::NotFound);
}

#[tokio::test]
async fn a_name_made_again_is_another_record() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let first = app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    app.delete("p-1", "").await.unwrap();
    let second = app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    assert_ne!(first.uid, second.uid);
    assert_eq!(refused(app.delete("p-1", &first.etag).await).reason, "ETAG_MISMATCH");
}

#[tokio::test]
async fn a_created_record_says_what_is_known_without_opening_it() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "ssn": "123-45-6789", "birthDate": "1970-01-01" }));
    let record = request.record.as_mut().unwrap();
    record.subject = "person-17".to_owned();
    record.expire_time = Some(Timestamp { seconds: 4_000_000_000, nanos: 123_456_789 });
    let made = app.create_record(request).await.unwrap();
    assert_eq!(made.name, name("p-1"));
    assert_eq!((made.revision, made.subject.as_str()), (Some(1), "person-17"));
    assert_eq!(made.field_names, ["birthDate", "ssn"]);
    assert_eq!(made.fields, None);
    assert_eq!(made.create_time, made.update_time);
    assert_eq!(made.create_time.unwrap().nanos % 1000, 0, "cut to microseconds");
    assert_eq!(made.expire_time, Some(Timestamp { seconds: 4_000_000_000, nanos: 123_456_000 }));
    let tenant: uuid::Uuid = world.sql().await.query_one("SELECT tenant_uid FROM tenants", &[]).await.unwrap().get(0);
    assert_eq!(made.key_version, format!("keys/{tenant}/versions/1"));
    assert_eq!(app.get("p-1").await.unwrap(), made);
}

#[tokio::test]
async fn an_id_is_made_where_none_is_given() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let made = app.create("", &json!({ "a": 1 })).await.unwrap();
    assert_eq!(made.name, name(&made.uid));
}

#[tokio::test]
async fn records_are_listed_page_by_page_without_values() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let requests = (0..7).map(|number| new_record(&format!("p-{number}"), &json!({ "a": number }))).collect();
    app.batch_create(requests).await.unwrap();
    let (mut listed, mut token) = (Vec::<Record>::new(), String::new());
    loop {
        let request =
            ListRecordsRequest { parent: PATIENTS.to_owned(), page_size: 3, page_token: token, ..Default::default() };
        let page = app.records.list_records(request).await.unwrap().into_inner();
        assert!(page.records.len() <= 3);
        listed.extend(page.records);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let names: Vec<_> = listed.iter().map(|record| record.name.clone()).collect();
    assert_eq!(names, (0..7).map(|number| name(&format!("p-{number}"))).collect::<Vec<_>>());
    assert!(listed.iter().all(|record| record.fields.is_none() && record.field_names == ["a"]));
    let foreign = ListRecordsRequest {
        parent: PATIENTS.to_owned(),
        page_size: -1,
        page_token: "x".to_owned(),
        ..Default::default()
    };
    assert_eq!(refused(app.records.list_records(foreign).await).fields, ["page_size", "page_token"]);
}

#[tokio::test]
async fn many_creates_at_once_are_all_there() {
    let (world, vault) = World::start().await;
    let app = world.calls(&vault, "app");
    let creates = (0..64).map(|number| {
        let mut app = app.clone();
        // Every eighth id is taken by its neighbour: the others must not suffer from it.
        let id = if number % 8 == 7 { format!("p-{}", number - 1) } else { format!("p-{number}") };
        async move { app.create(&id, &json!({ "number": number })).await }
    });
    let results = futures::future::join_all(creates).await;
    let made = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(made, 56);
    assert!(results.into_iter().filter_map(Result::err).all(|status| status.code() == Code::AlreadyExists));
    let rows: i64 = world.sql().await.query_one("SELECT count(*) FROM records", &[]).await.unwrap().get(0);
    assert_eq!(rows, 56);
    world.audit.count(56, |event| event.action == "records.create" && event.outcome == 1).await;
}
