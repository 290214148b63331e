//! Requests with an id.

use api::vault::v1::{
    BatchCreateRecordsRequest, Collection, CreateCollectionRequest, CreateRecordRequest, CreateTenantRequest, Tenant,
};
use clock::DatabaseTime;
use serde_json::json;
use test_support::postgres::MovableClock;
use tonic::Code;
use vault_service::jobs::requests::forget_old;

use crate::support::{PATIENTS, Refused, World, new_record, refused};

const REQUEST_ID: &str = "0190a5a0-7b6c-7def-8123-456789abcdef";

fn asked(id: &str, json: &serde_json::Value) -> CreateRecordRequest {
    CreateRecordRequest { request_id: REQUEST_ID.to_owned(), ..new_record(id, json) }
}

#[tokio::test]
async fn an_id_that_was_used_for_another_request_is_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create_record(asked("p-1", &json!({ "a": 1 }))).await.unwrap();
    let reused = || Refused::with(Code::InvalidArgument, "REQUEST_ID_REUSED", &[]);
    for (id, json) in [("p-2", json!({ "a": 1 })), ("p-1", json!({ "a": 2 })), ("p-1", json!({ "a": 1, "b": 1 }))] {
        assert_eq!(refused(app.create_record(asked(id, &json)).await), reused());
    }
    let mut request = asked("p-1", &json!({ "a": 1 }));
    request.record.as_mut().unwrap().subject = "person-1".to_owned();
    assert_eq!(refused(app.create_record(request).await), reused());
    assert_eq!(refused(app.create_record(asked("", &json!({ "a": 1 }))).await), reused());
    let batch = BatchCreateRecordsRequest {
        parent: PATIENTS.to_owned(),
        requests: vec![new_record("p-1", &json!({ "a": 1 }))],
        request_id: REQUEST_ID.to_owned(),
        ..Default::default()
    };
    assert_eq!(refused(app.records.batch_create_records(batch).await), reused(), "a batch of one is another request");
}

#[tokio::test]
async fn nobody_meets_the_request_of_another() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    // No id is given, so that each makes a record of its own.
    let request = asked("", &json!({ "a": 1 }));
    let for_user = |user: &str| CreateRecordRequest { on_behalf_of: user.to_owned(), ..request.clone() };
    let users = ["", "tenants/acme/users/ann", "tenants/acme/users/bob"];
    let mut first = Vec::new();
    for user in users {
        first.push(app.create_record(for_user(user)).await.unwrap());
    }
    let mut second = world.calls(&vault, "second-app");
    first.push(second.create_record(request.clone()).await.unwrap());
    let mut names: Vec<&str> = first.iter().map(|record| record.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 4, "each made its own");
    for (user, first) in users.into_iter().zip(&first) {
        assert_eq!(app.create_record(for_user(user)).await.unwrap(), *first, "and gets its own answer again");
    }
    assert_eq!(second.create_record(request).await.unwrap(), first[3]);
    // With an id they meet at the record, and the later one is not told the first one's answer.
    let named = || CreateRecordRequest {
        request_id: "0190a5a0-7b6c-7def-8123-000000000001".to_owned(),
        ..asked("p-1", &json!({ "a": 1 }))
    };
    app.create_record(named()).await.unwrap();
    assert_eq!(refused(second.create_record(named()).await).code, Code::AlreadyExists);
    let other_user = CreateRecordRequest { on_behalf_of: users[1].to_owned(), ..named() };
    assert_eq!(refused(app.create_record(other_user).await).code, Code::AlreadyExists);
}

#[tokio::test]
async fn an_id_that_is_no_uuid_is_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let request = CreateRecordRequest { request_id: "today".to_owned(), ..new_record("p-1", &json!({ "a": 1 })) };
    assert_eq!(refused(app.create_record(request).await).fields, ["request_id"]);
}

#[tokio::test]
async fn the_same_request_gets_its_first_answer_again() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", ""] {
        let request = CreateRecordRequest {
            request_id: if id.is_empty() {
                "0190a5a0-7b6c-7def-8123-000000000000".to_owned()
            } else {
                REQUEST_ID.to_owned()
            },
            ..asked(id, &json!({ "a": 1, "b": { "d": 1, "c": 2 } }))
        };
        let first = app.create_record(request.clone()).await.unwrap();
        let id = first.name.rsplit('/').next().unwrap();
        app.update(id, &[], &json!({ "a": 2 })).await.unwrap();
        assert_eq!(app.create_record(request.clone()).await.unwrap(), first, "also after the record has changed");
        app.delete(id, "").await.unwrap();
        assert_eq!(app.create_record(request).await.unwrap(), first, "and when it is gone");
    }
    world.audit.count(2, |event| event.action == "records.create" && event.outcome == 1).await;
}

#[tokio::test]
async fn an_answer_that_sql_changed_is_not_given() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-2", &json!({ "a": 1 })).await.unwrap();
    let first = app.create_record(asked("p-1", &json!({ "a": 1 }))).await.unwrap();
    world.keep("requests").await;
    let changes = [
        "answer = convert_to(replace(convert_from(answer, 'UTF8'), 'records/p-1', 'records/p-2'), 'UTF8')",
        "answer = convert_to(replace(convert_from(answer, 'UTF8'), '\"min\":1', '\"min\":9'), 'UTF8')",
        "answer = ''",
        "row_mac = set_byte(row_mac, 0, 9)",
    ];
    for change in changes {
        world.run(&format!("UPDATE requests SET {change}")).await;
        assert_eq!(refused(app.create_record(asked("p-1", &json!({ "a": 1 }))).await), Refused::does_not_open());
        world.put_back("requests").await;
    }
    assert_eq!(app.create_record(asked("p-1", &json!({ "a": 1 }))).await.unwrap(), first);
}

#[tokio::test]
async fn a_known_request_takes_no_data_key() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let first = app.create_record(asked("p-1", &json!({ "a": 1 }))).await.unwrap();
    world.to_keys.refuse();
    assert_eq!(app.create_record(asked("p-1", &json!({ "a": 1 }))).await.unwrap(), first);
}

#[tokio::test]
async fn the_same_request_at_two_replicas_at_once_makes_one_record() {
    let (world, vault) = World::start().await;
    let other = world.replica().await;
    for (round, id) in ["p-1", ""].into_iter().enumerate() {
        let calls = (0..12).map(|index| {
            let mut app = world.calls(if index % 2 == 0 { &vault } else { &other }, "app");
            let request = CreateRecordRequest {
                request_id: format!("0190a5a0-7b6c-7def-8123-00000000000{round}"),
                ..new_record(id, &json!({ "a": 1 }))
            };
            async move { app.create_record(request).await.unwrap() }
        });
        let records = futures::future::join_all(calls).await;
        assert!(records.iter().all(|record| *record == records[0]));
    }
    let rows: i64 = world.sql().await.query_one("SELECT count(*) FROM records", &[]).await.unwrap().get(0);
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn tenants_and_collections_are_made_once() {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    let tenant = |name: &str| CreateTenantRequest {
        tenant_id: String::new(),
        tenant: Some(Tenant { display_name: name.to_owned(), ..Tenant::default() }),
        request_id: REQUEST_ID.to_owned(),
        ..Default::default()
    };
    let first = operator.tenants.create_tenant(tenant("a")).await.unwrap().into_inner();
    assert_eq!(operator.tenants.create_tenant(tenant("a")).await.unwrap().into_inner(), first);
    let reused = || Refused::with(Code::InvalidArgument, "REQUEST_ID_REUSED", &[]);
    assert_eq!(refused(operator.tenants.create_tenant(tenant("b")).await), reused());
    let collection = |purpose: &str| CreateCollectionRequest {
        parent: first.tenant.as_ref().unwrap().name.clone(),
        collection_id: "c".to_owned(),
        collection: Some(Collection { purposes: vec![purpose.to_owned()], ..Collection::default() }),
        request_id: REQUEST_ID.to_owned(),
        ..Default::default()
    };
    let made = operator.collections.create_collection(collection("a")).await.unwrap().into_inner();
    assert_eq!(operator.collections.create_collection(collection("a")).await.unwrap().into_inner(), made);
    assert_eq!(refused(operator.collections.create_collection(collection("b")).await), reused());
}

#[tokio::test]
async fn requests_are_forgotten_after_a_day_and_not_before() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create_record(asked("p-1", &json!({ "a": 1 }))).await.unwrap();
    let sql = world.sql().await;
    let clock = MovableClock::install(&world.database).await.unwrap();
    let (db, time) = (world.database.connect().unwrap(), DatabaseTime::default());
    assert_eq!(forget_old(&db, &time).await.unwrap(), 0);
    sql.batch_execute("UPDATE requests SET created_at = now() - interval '23 hours 58 minutes'").await.unwrap();
    assert_eq!(forget_old(&db, &time).await.unwrap(), 0);
    clock.set("30 days").await.unwrap();
    assert_eq!(forget_old(&db, &time).await.unwrap(), 0, "a clock that jumps makes nothing old");
    clock.set("0").await.unwrap();
    sql.batch_execute("UPDATE requests SET created_at = now() - interval '24 hours 2 minutes'").await.unwrap();
    assert_eq!(forget_old(&db, &time).await.unwrap(), 1);
    // Forgotten, it is a new request: and its id is taken.
    assert_eq!(refused(app.create_record(asked("p-1", &json!({ "a": 1 }))).await).code, Code::AlreadyExists);
}
