//! Every use leaves an entry, with ids and codes and never a value.

use std::net::{IpAddr, Ipv4Addr};

use api::audit::v1::Event;
use api::vault::v1::ListRecordsRequest;
use audit::{Outcome, RefusedCall};
use db::DbConfig;
use rpc::context::EVENT_ID_HEADER;
use serde_json::json;
use test_support::poll_until;
use tonic::Code;

use crate::support::{
    LIMIT, PATIENTS, Refused, World, fields, name, new_record, refused, reveal_request, update_request,
};

/// A value that must be nowhere.
const CANARY: &str = "canary-7f3a91";
/// As PostgreSQL writes its bytes.
const CANARY_HEX: &str = "63616e6172792d376633613931";

#[tokio::test]
async fn each_use_of_a_record_is_told_with_its_key_operation() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let made = app.create("p-1", &json!({ "a": 1, "b": 2 })).await.unwrap();
    let mut request = reveal_request("p-1");
    request.reference = "ticket/17".to_owned();
    app.reveal_record(request).await.unwrap();
    app.update("p-1", &["a"], &json!({ "a": 2 })).await.unwrap();
    app.delete("p-1", "").await.unwrap();

    let created = world.audit.event("records.create", |_| true).await;
    assert_eq!((created.log.as_str(), created.resource.as_str()), ("logs/acme", name("p-1").as_str()));
    assert_eq!((created.actor.as_str(), created.outcome), ("spiffe://strongroom.dev/app", 1));
    assert_eq!((created.attributes["uid"].as_str(), created.attributes["revision"].as_str()), (made.uid.as_str(), "1"));
    let revealed = world.audit.event("records.reveal", |_| true).await;
    assert_eq!((revealed.purpose.as_str(), revealed.reference.as_str()), ("treatment", "ticket/17"));
    assert_eq!(revealed.attributes["fields"], "2");
    assert!(revealed.key_counter > created.key_counter && revealed.key_boot_id == created.key_boot_id);
    let updated = world.audit.event("records.update", |_| true).await;
    let carried = world.audit.event("records.carryOver", |_| true).await;
    assert_eq!((updated.attributes["revision"].as_str(), carried.attributes["revision"].as_str()), ("2", "1"));
    assert_eq!((carried.attributes["reason"].as_str(), carried.outcome), ("CARRIED_OVER", 1));
    assert_ne!(updated.key_counter, carried.key_counter);
    let deleted = world.audit.event("records.delete", |_| true).await;
    assert_eq!((deleted.attributes["revision"].as_str(), deleted.key_counter), ("2", 0));
}

#[tokio::test]
async fn an_answer_names_its_event() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let created = app.records.create_record(new_record("p-1", &json!({ "a": 1 }))).await.unwrap();
    let revealed = app.records.reveal_record(reveal_request("p-1")).await.unwrap();
    let ids = [created.metadata(), revealed.metadata()]
        .map(|metadata| metadata.get(EVENT_ID_HEADER).unwrap().to_str().unwrap().to_owned());
    for (action, id) in ["records.create", "records.reveal"].into_iter().zip(ids) {
        let id: uuid::Uuid = id.parse().unwrap();
        world.audit.event(action, |event| event.event_id == id.as_bytes()).await;
    }
}

#[tokio::test]
async fn an_unwrapped_revision_is_told_even_where_the_update_fails() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    assert_eq!(refused(app.update("p-1", &["a"], &json!({})).await).fields, ["record.fields"]);
    let opened = world.audit.event("records.carryOver", |_| true).await;
    assert_eq!((opened.attributes["reason"].as_str(), opened.outcome), ("CARRIED_OVER", 1));
    assert_ne!(opened.key_counter, 0);
}

/// The caller leaves while the row is read; what it asked for is done to the end.
#[tokio::test]
async fn a_caller_that_leaves_takes_no_entry_along() {
    let world = World::new().await;
    // However long the lock below is held, it is waited for.
    let patient = DbConfig { lock_timeout_ms: 25_000, statement_timeout_ms: 25_000, ..world.database.config() };
    let vault = world.replica_on(patient).await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let (sql, other) = (world.sql().await, world.sql().await);
    let waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'records'::regclass";
    for action in ["records.reveal", "records.update"] {
        sql.batch_execute("BEGIN; LOCK TABLE records").await.unwrap();
        let mut leaver = app.clone();
        let call = async {
            match action {
                "records.reveal" => leaver.reveal("p-1").await.map(drop),
                _ => leaver.update("p-1", &["a"], &json!({ "a": 2 })).await.map(drop),
            }
        };
        let waiting =
            poll_until(LIMIT, "it waits for the row", async || other.query_opt(waits, &[]).await.unwrap().map(drop));
        tokio::select! {
            answer = call => panic!("it was answered: {answer:?}"),
            waiting = waiting => waiting.unwrap(),
        }
        // Answered on the same connection, after the vault was told that the caller has left.
        app.create_tenant("other").await.unwrap_err();
        sql.batch_execute("COMMIT").await.unwrap();
        let told = world.audit.event(action, |event| event.outcome == 1).await;
        assert_ne!(told.key_counter, 0);
    }
    world.audit.event("records.carryOver", |_| true).await;
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 2 })));
}

/// The events of an update that failed cannot be written: the caller is told why the update failed, and the next one
/// is not held up.
#[tokio::test]
async fn an_update_that_fails_says_why_also_where_it_leaves_no_entry() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let sql = world.sql().await;
    sql.batch_execute("BEGIN; LOCK TABLE audit_outbox").await.unwrap();
    assert_eq!(refused(app.update("p-1", &["a"], &json!({})).await).fields, ["record.fields"]);
    sql.batch_execute("COMMIT").await.unwrap();
    let update = async || app.update("p-1", &["a"], &json!({ "a": 2 })).await.ok();
    assert_eq!(poll_until(LIMIT, "updates work again", update).await.unwrap().revision, Some(2));
    world.audit.event("records.update", |event| event.outcome == 1).await;
}

#[tokio::test]
async fn each_unwrapped_key_has_one_entry_of_the_vault() {
    let (world, vault) = World::start().await;
    let app = world.calls(&vault, "app");
    let ids: Vec<String> = (0..20).map(|number| format!("p-{number}")).collect();
    app.clone().batch_create(ids.iter().map(|id| new_record(id, &json!({ "a": 1 }))).collect()).await.unwrap();
    let reveals = ids.iter().cycle().take(100).map(|id| {
        let mut app = app.clone();
        async move { app.reveal(id).await.unwrap() }
    });
    futures::future::join_all(reveals).await;
    let events = world.audit.count(100, |event| event.action == "records.reveal" && event.outcome == 1).await;
    let mut counters: Vec<_> = events.iter().map(|event| event.key_counter).collect();
    counters.sort_unstable();
    counters.dedup();
    assert_eq!(counters.len(), 100);
}

#[tokio::test]
async fn no_value_is_in_rows_or_events() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "ssn": CANARY, "nested": { "deep": [CANARY] } }));
    request.request_id = "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned();
    app.create_record(request).await.unwrap();
    app.reveal("p-1").await.unwrap();
    app.update_record(update_request("p-1", &["ssn"], &json!({ "ssn": format!("{CANARY}-2") }))).await.unwrap();
    world.audit.event("records.update", |_| true).await;
    assert!(!format!("{:?}", world.audit.events()).contains(CANARY));
    let sql = world.sql().await;
    let mut seen = 0;
    for table in ["records", "requests", "audit_outbox", "collections", "tenants", "derived_keys"] {
        let rows = sql
            .query(&format!("SELECT encode(convert_to(t::text, 'UTF8'), 'escape') FROM {table} t"), &[])
            .await
            .unwrap();
        for row in rows {
            let text: String = row.get(0);
            seen += 1;
            assert!(!text.contains(CANARY), "{table}");
            assert!(!text.contains(CANARY_HEX), "{table}");
        }
    }
    assert!(seen >= 7, "the control: there are rows to look at");
}

/// A read that is done leaves nothing; one that is not leaves its resource and the reason.
#[tokio::test]
async fn what_is_absent_or_does_not_open_is_told_whatever_looked() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    app.get("p-1").await.unwrap();
    let told = async |action: &str, id: &str, reason: &str, outcome: i32| {
        let is = |event: &Event| {
            event.resource == name(id)
                && event.outcome == outcome
                && event.attributes.get("reason").is_some_and(|code| code == reason)
        };
        assert_eq!(world.audit.event(action, is).await.log, "logs/acme", "{action}");
    };
    assert_eq!(refused(app.get("none").await).code, Code::NotFound);
    told("records.get", "none", "NOT_FOUND", 3).await;
    assert_eq!(refused(app.update("none", &["a"], &json!({ "a": 2 })).await).code, Code::NotFound);
    told("records.update", "none", "NOT_FOUND", 3).await;
    world.run("UPDATE records SET tenant_id = 'other' WHERE record_id = 'p-1'").await;
    assert_eq!(refused(app.get("p-1").await), Refused::does_not_open());
    assert_eq!(refused(app.update("p-1", &["a"], &json!({ "a": 2 })).await), Refused::does_not_open());
    assert_eq!(refused(app.delete("p-1", "").await), Refused::does_not_open());
    for action in ["records.get", "records.update", "records.delete"] {
        told(action, "p-1", "AAD_MISMATCH", 4).await;
    }
    let list = ListRecordsRequest { parent: PATIENTS.to_owned(), ..Default::default() };
    assert_eq!(refused(app.records.list_records(list).await), Refused::does_not_open());
    let listed = world.audit.event("records.list", |event| event.outcome == 4).await;
    assert_eq!((listed.resource.as_str(), listed.attributes["reason"].as_str()), (PATIENTS, "AAD_MISMATCH"));
    world.audit.count(1, |event| event.action == "records.get" && event.outcome == 3).await;
}

#[tokio::test]
async fn what_is_refused_for_other_reasons_is_counted() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    for _ in 0..5 {
        assert_eq!(refused(app.reveal("none").await).code, Code::NotFound);
        assert_eq!(refused(app.create("p-1", &json!({ "a": 1 })).await).code, Code::AlreadyExists);
    }
    for (action, reason) in [("records.reveal", "NOT_FOUND"), ("records.create", "ALREADY_EXISTS")] {
        let told =
            world.audit.event(action, |event| event.attributes.get("reason").is_some_and(|code| code == reason)).await;
        assert_eq!((told.log.as_str(), told.outcome), ("logs/acme", 3));
        assert_eq!(told.actor, "spiffe://strongroom.dev/app");
    }
}

/// Whether the tenant exists cannot be told for a while.
#[tokio::test]
async fn a_refused_call_comes_into_its_tenants_log_however_late_that_is_known() {
    let (world, _vault) = World::start().await;
    // One that has not read the tenant yet.
    let fresh = world.replica().await;
    // It has its own keys, and can write events, when it has made another.
    world.calls(&fresh, "operator").create_tenant("other").await.unwrap();
    world.run("ALTER TABLE tenants RENAME TO tenants_away").await;
    assert_eq!(refused(world.calls(&fresh, "other-app").reveal("p-1").await).code, Code::PermissionDenied);
    // The control: what concerns no tenant does not wait for it, and goes out no sooner than the other is looked up.
    assert_eq!(refused(world.calls(&fresh, "stranger").reveal("p-1").await).code, Code::PermissionDenied);
    let of = |caller: &'static str| move |event: &Event| event.actor == format!("spiffe://strongroom.dev/{caller}");
    assert_eq!(world.audit.event("records.reveal", of("stranger")).await.log, "logs/system");
    assert!(!world.audit.events().iter().any(of("other-app")));
    world.run("ALTER TABLE tenants_away RENAME TO tenants").await;
    assert_eq!(world.audit.event("records.reveal", of("other-app")).await.log, "logs/acme");
    world.audit.count(1, of("other-app")).await;
}

/// The last calls are reported when the vault is gone already.
#[tokio::test]
async fn a_call_that_is_refused_at_the_end_comes_into_its_tenants_log() {
    let (world, _vault) = World::start().await;
    let call = RefusedCall {
        caller: "spiffe://strongroom.dev/other-app",
        peer: IpAddr::from(Ipv4Addr::LOCALHOST),
        method: "/strongroom.vault.v1.RecordService/RevealRecord",
        action: "records.reveal",
        outcome: Outcome::DENIED,
        reason: "NOT_ALLOWED",
        resource: &name("p-1"),
    };
    let _ends = world.count_without_vault(call).await;
    assert_eq!(world.audit.event("records.reveal", |_| true).await.log, "logs/acme");
}
