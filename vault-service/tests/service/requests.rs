//! Requests with an id.

use api::audit::v1::Event;
use api::vault::v1::{
    BatchCreateRecordsRequest, Collection, CreateCollectionRequest, CreateRecordRequest, CreateTenantRequest,
    DeleteRecordRequest, Record, Tenant, UpdateRecordRequest,
};
use clock::DatabaseTime;
use prost_types::{FieldMask, Timestamp};
use rpc::context::EVENT_ID_HEADER;
use serde_json::json;
use test_support::postgres::MovableClock;
use tonic::Code;
use vault_service::background::requests::{forget_beyond, forget_old};

use crate::support::{PATIENTS, Refused, World, fields, name, new_record, refused, update_request};

const REQUEST_ID: &str = "0190a5a0-7b6c-7def-8123-456789abcdef";
const OTHER_ID: &str = "0190a5a0-7b6c-7def-8123-000000000009";

fn update_of(id: &str, json: &serde_json::Value) -> UpdateRecordRequest {
    UpdateRecordRequest { request_id: REQUEST_ID.to_owned(), ..update_request(id, &[], json) }
}

fn delete_of(id: &str) -> DeleteRecordRequest {
    DeleteRecordRequest { name: name(id), request_id: REQUEST_ID.to_owned(), ..Default::default() }
}

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
    let is_replay = |event: &Event| event.attributes.get("reason").is_some_and(|reason| reason == "REPLAYED");
    let done = |event: &Event| event.action == "records.create" && event.outcome == 1;
    world.audit.count(2, |event| done(event) && !is_replay(event)).await;
    let replays = world.audit.count(4, |event| done(event) && is_replay(event)).await;
    assert!(replays.iter().all(|event| event.log == "logs/acme" && event.resource.starts_with(PATIENTS)));
    assert_eq!(replays[0].resource, name("p-1"));
}

/// A changed record is changed once, whatever happens to it between the request and its retry.
#[tokio::test]
async fn updates_and_deletes_are_made_once() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let made = app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let mut update = update_of("p-1", &json!({ "a": 2 }));
    update.record.as_mut().unwrap().etag = made.etag;
    let first = app.update_record(update.clone()).await.unwrap();
    assert_eq!(first.revision, Some(2));
    assert_eq!(app.update_record(update.clone()).await.unwrap(), first, "though its etag is stale by now");
    app.update("p-1", &[], &json!({ "a": 3 })).await.unwrap();
    assert_eq!(app.update_record(update.clone()).await.unwrap(), first, "and another update came after it");
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 3 })));

    let delete = DeleteRecordRequest { request_id: OTHER_ID.to_owned(), ..delete_of("p-1") };
    app.records.delete_record(delete.clone()).await.unwrap();
    let again = app.records.delete_record(delete.clone()).await.unwrap();
    let event_id = again.metadata().get(EVENT_ID_HEADER).unwrap().to_str().unwrap().parse::<uuid::Uuid>().unwrap();
    let replay = world.audit.event("records.delete", |event| event.event_id == event_id.as_bytes()).await;
    assert_eq!((replay.attributes["reason"].as_str(), replay.outcome), ("REPLAYED", 1));
    app.create("p-1", &json!({ "a": 4 })).await.unwrap();
    app.records.delete_record(delete).await.unwrap();
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 4 })), "its successor is not deleted");
    assert_eq!(app.update_record(update).await.unwrap(), first, "the update is remembered although the record is gone");
}

#[tokio::test]
async fn an_id_of_another_update_or_delete_is_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", "p-2"] {
        app.create(id, &json!({ "a": 1, "b": 1 })).await.unwrap();
    }
    let reused = || Refused::with(Code::InvalidArgument, "REQUEST_ID_REUSED", &[]);
    let first = update_of("p-1", &json!({ "a": 2 }));
    let updated = app.update_record(first.clone()).await.unwrap();
    let changed = |change: fn(&mut UpdateRecordRequest, &mut Record)| {
        let mut request = first.clone();
        let mut record = request.record.take().unwrap();
        change(&mut request, &mut record);
        UpdateRecordRequest { record: Some(record), ..request }
    };
    for other in [
        changed(|_, record| record.name = name("p-2")),
        changed(|_, record| record.fields = Some(fields(&json!({ "a": 3 })))),
        changed(|_, record| record.subject = "person-1".to_owned()),
        changed(|_, record| record.expire_time = Some(Timestamp { seconds: 4_000_000_000, nanos: 0 })),
        changed(|request, _| request.update_fields = vec!["a".to_owned()]),
        changed(|request, _| request.update_fields = vec!["*".to_owned()]),
        changed(|request, _| request.update_mask = Some(FieldMask { paths: vec!["subject".to_owned()] })),
        {
            let mut other = first.clone();
            other.record.as_mut().unwrap().etag.clone_from(&updated.etag);
            other
        },
    ] {
        assert_eq!(refused(app.update_record(other.clone()).await), reused(), "{other:?}");
    }
    assert_eq!(refused(app.records.delete_record(delete_of("p-1")).await), reused());
    let delete = DeleteRecordRequest { request_id: OTHER_ID.to_owned(), ..delete_of("p-1") };
    app.records.delete_record(delete.clone()).await.unwrap();
    for other in [
        DeleteRecordRequest { name: name("p-2"), ..delete.clone() },
        DeleteRecordRequest { etag: updated.etag, ..delete },
    ] {
        assert_eq!(refused(app.records.delete_record(other).await), reused());
    }
    app.get("p-2").await.unwrap();
}

#[tokio::test]
async fn the_same_change_at_two_replicas_at_once_is_made_once() {
    let (world, vault) = World::start().await;
    let other = world.replica().await;
    let mut app = world.calls(&vault, "app");
    let at = |index: usize| world.calls(if index.is_multiple_of(2) { &vault } else { &other }, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let updates = (0..12).map(|index| {
        let mut app = at(index);
        async move { app.update_record(update_of("p-1", &json!({ "b": 2 }))).await.unwrap() }
    });
    let records = futures::future::join_all(updates).await;
    assert!(records.iter().all(|record| record.revision == Some(2)), "{records:?}");
    let deletes = (0..12).map(|index| {
        let mut app = at(index);
        let request = DeleteRecordRequest { request_id: OTHER_ID.to_owned(), ..delete_of("p-1") };
        async move { app.records.delete_record(request).await.unwrap() }
    });
    assert_eq!(futures::future::join_all(deletes).await.len(), 12);
    for action in ["records.update", "records.delete"] {
        let of_action = |event: &Event| event.action == action && event.outcome == 1;
        let entries = world.audit.count(12, of_action).await;
        assert_eq!(entries.iter().filter(|entry| !entry.attributes.contains_key("reason")).count(), 1, "{action}");
    }
}

/// What failed is no answer: the request may be sent again when it can be done.
#[tokio::test]
async fn a_change_that_failed_is_not_remembered() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    assert_eq!(refused(app.update_record(update_of("p-1", &json!({ "a": 2 }))).await).code, Code::NotFound);
    assert_eq!(refused(app.records.delete_record(delete_of("p-1")).await).code, Code::NotFound);
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    assert_eq!(app.update_record(update_of("p-1", &json!({ "a": 2 }))).await.unwrap().revision, Some(2));
    let delete = DeleteRecordRequest { request_id: OTHER_ID.to_owned(), ..delete_of("p-1") };
    app.records.delete_record(delete).await.unwrap();
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

/// A tenant that makes very many requests shortens the time of its own.
#[tokio::test]
async fn too_many_requests_are_forgotten_where_there_are_most() {
    let (world, _vault) = World::start().await;
    let db = world.database.connect().unwrap();
    world
        .run(
            "INSERT INTO requests (tenant_uid, caller, on_behalf_of, request_id, fingerprint, answer, created_at, row_mac)
             SELECT CASE WHEN n <= 3000 THEN tenant.many ELSE tenant.few END, 'app', '', gen_random_uuid(),
                    sha256('f'), '', now() - n * interval '1 second', sha256('m') || sha256('m')
             FROM generate_series(1, 3100) n,
                  (VALUES ('00000000-0000-0000-0000-000000000001'::uuid, '00000000-0000-0000-0000-000000000002'::uuid))
                      AS tenant (many, few);
             ANALYZE requests",
        )
        .await;
    assert_eq!(forget_beyond(&db, 3100).await.unwrap(), 0);
    assert_eq!(forget_beyond(&db, 1200).await.unwrap(), 1900);
    let sql = world.sql().await;
    let left = sql
        .query(
            "SELECT count(*), extract(epoch FROM now() - min(created_at))::bigint FROM requests
             GROUP BY tenant_uid ORDER BY tenant_uid",
            &[],
        )
        .await
        .unwrap();
    let left: Vec<(i64, i64)> = left.iter().map(|row| (row.get(0), row.get(1))).collect();
    let [(many, oldest), (few, _)] = left.as_slice() else { panic!("{left:?}") };
    assert_eq!((*many, *few), (1100, 100), "though those of the other are older");
    assert!((1100..1200).contains(oldest), "its newest are left: {oldest}");
}
