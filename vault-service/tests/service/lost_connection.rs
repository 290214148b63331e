//! A connection to the database is lost after a statement was sent: what became of it is found out, not guessed.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::audit::v1::Event;
use api::vault::v1::Record;
use serde_json::json;
use test_support::{Proxy, poll_until};
use tonic::Code;

use crate::support::{Calls, LIMIT, Replica, World, fields, name, new_record, refused};

/// A vault that reaches its database through a proxy.
async fn world() -> (World, Replica, Proxy, Calls) {
    let world = World::new().await;
    let mut config = world.database.config();
    let proxy = Proxy::to(format!("{}:{}", config.host, config.port).parse().unwrap()).await.unwrap();
    config.host = proxy.address().ip().to_string();
    config.port = proxy.address().port();
    let vault = world.replica_on(config).await;
    world.furnish(&vault).await;
    let app = world.calls(&vault, "app");
    (world, vault, proxy, app)
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_answered_as_done() {
    let (world, _vault, proxy, mut app) = world().await;
    for (round, request_id) in ["", "0190a5a0-7b6c-7def-8123-456789abcdef"].into_iter().enumerate() {
        let id = format!("lost-create-{round}");
        let mut request = new_record(&id, &json!({ "a": 1 }));
        request.request_id = request_id.to_owned();
        // Only the statement that writes holds the id and the row's other id side by side; a look-up holds the id alone
        // and is sent later, so the first match is the write. With a request id there is no earlier look-up by name.
        proxy.lose_answer_to(&id);
        let made = app.create_record(request).await.unwrap();
        assert!(proxy.has_lost(), "the control: an answer was lost");
        assert_eq!(app.get(&id).await.unwrap(), made);
        world.audit.count(1, |event| event.resource == name(&id)).await;
    }
}

#[tokio::test]
async fn a_create_that_lost_its_connection_finds_the_id_taken() {
    let (_world, _vault, proxy, mut app) = world().await;
    app.create("lost-taken", &json!({ "a": 1 })).await.unwrap();
    proxy.lose_answer_to("lost-taken");
    assert_eq!(refused(app.create("lost-taken", &json!({ "a": 2 })).await).code, Code::AlreadyExists);
    assert!(proxy.has_lost());
    assert_eq!(app.reveal("lost-taken").await.unwrap(), fields(&json!({ "a": 1 })));
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_answered_as_done() {
    let (world, _vault, proxy, mut app) = world().await;
    let requests = (0..3).map(|number| new_record(&format!("lost-batch-{number}"), &json!({ "a": number }))).collect();
    proxy.lose_answer_to("lost-batch-0");
    assert_eq!(app.batch_create(requests).await.unwrap().len(), 3);
    assert!(proxy.has_lost());
    world.audit.count(3, |event| event.action == "records.create" && event.outcome == 1).await;
}

/// A record that was made and deleted is not made once more by the retry: its uid is one that was deleted.
#[tokio::test]
async fn a_create_whose_answer_was_lost_does_not_undo_a_delete() {
    let (world, _vault, proxy, mut app) = world().await;
    let other = world.replica().await;
    let mut second = world.calls(&other, "app");
    let batch = ["lost-1", "lost-2"].map(|id| new_record(id, &json!({ "a": 1 }))).to_vec();
    for requests in [vec![new_record("lost-1", &json!({ "a": 1 }))], batch] {
        let ids: Vec<String> = requests.iter().map(|request| request.record_id.clone()).collect();
        let creating = async {
            match <[_; 1]>::try_from(requests) {
                Ok([request]) => app.create_record(request).await.map(|record| vec![record]),
                Err(requests) => app.batch_create(requests).await,
            }
        };
        let deleting = proxy.lose_answer_after("lost-1", async {
            for id in &ids {
                second.delete(id, "").await.unwrap();
            }
        });
        let (created, ()) = tokio::join!(creating, deleting);
        assert_eq!(created.unwrap().len(), ids.len(), "it was done");
        for id in &ids {
            assert_eq!(refused(second.get(id).await).code, Code::NotFound, "and undone");
            second.create(id, &json!({ "a": 2 })).await.unwrap();
            second.delete(id, "").await.unwrap();
        }
    }
}

/// The name was made again before the caller knew that the delete was done: that is another record.
#[tokio::test]
async fn a_delete_whose_answer_was_lost_deletes_no_other_record() {
    let (world, _vault, proxy, mut app) = world().await;
    let other = world.replica().await;
    let mut second = world.calls(&other, "app");
    for etag in [false, true] {
        let old = second.create("p-1", &json!({ "a": 1 })).await.unwrap();
        let etag = if etag { old.etag } else { String::new() };
        let creating = proxy.lose_answer_after("records.delete", async {
            second.create("p-1", &json!({ "a": 2 })).await.unwrap();
        });
        let (deleted, ()) = tokio::join!(app.delete("p-1", &etag), creating);
        deleted.unwrap();
        assert_eq!(second.reveal("p-1").await.unwrap(), fields(&json!({ "a": 2 })));
        second.delete("p-1", "").await.unwrap();
    }
    world.audit.count(4, |event| event.action == "records.delete" && event.outcome == 1).await;
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_is_made_once() {
    let (world, _vault, proxy, mut app) = world().await;
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    // The name of the new field travels with the statement that writes, and with no other.
    proxy.lose_answer_to("lost-field");
    let updated = app.update("p-1", &[], &json!({ "lost-field": 2 })).await.unwrap();
    assert!(proxy.has_lost());
    assert_eq!(updated.revision, Some(2));
    assert_eq!(app.get("p-1").await.unwrap(), updated);
    world.audit.count(1, |event: &Event| event.action == "records.update").await;
}

#[tokio::test]
async fn tenants_and_collections_survive_a_lost_answer_too() {
    let (world, vault, proxy, _) = world().await;
    let mut operator = world.calls(&vault, "operator");
    proxy.lose_answer_to("Lost Display Name");
    let tenant = api::vault::v1::Tenant { display_name: "Lost Display Name".to_owned(), ..Default::default() };
    let request = api::vault::v1::CreateTenantRequest {
        tenant_id: "lost".to_owned(),
        tenant: Some(tenant),
        ..Default::default()
    };
    let made = operator.tenants.create_tenant(request).await.unwrap().into_inner().tenant.unwrap();
    assert!(proxy.has_lost());
    assert_eq!(made.name, "tenants/lost");
    proxy.lose_answer_to("lost-purpose");
    let purposes = vec!["lost-purpose".to_owned()];
    let collection = api::vault::v1::Collection { purposes, ..Default::default() };
    let made = operator.create_collection_with("tenants/lost", "c", collection).await.unwrap();
    assert!(proxy.has_lost());
    assert_eq!(made.name, "tenants/lost/collections/c");
}

/// Every change, each sent while the database goes away for good: nobody can know what became of it.
#[tokio::test]
async fn a_change_of_which_nothing_is_known_is_no_reason_to_try_again() {
    let (world, vault, proxy, mut app) = world().await;
    let mut operator = world.calls(&vault, "operator");
    let database = world.database.config();
    let database = format!("{}:{}", database.host, database.port).parse().unwrap();
    for (id, change) in [
        ("u-1", "create"),
        ("u-2", "update"),
        ("u-3", "delete"),
        ("u-4", "batch"),
        ("u-5", "tenant"),
        ("u-6", "collection"),
    ] {
        if matches!(change, "update" | "delete") {
            app.create(id, &json!({ "a": 1 })).await.unwrap();
        }
        let marker = match change {
            "update" => "lost-field",
            "delete" => "records.delete",
            _ => id,
        };
        let changing = async {
            match change {
                "create" => app.create(id, &json!({ "a": 1 })).await.map(drop),
                "update" => app.update(id, &[], &json!({ "lost-field": 1 })).await.map(drop),
                "delete" => app.delete(id, "").await,
                "batch" => app.batch_create(vec![new_record(id, &json!({ "a": 1 })); 1]).await.map(drop),
                "tenant" => {
                    let tenant = api::vault::v1::Tenant { display_name: id.to_owned(), ..Default::default() };
                    let tenant = Some(tenant);
                    let request = api::vault::v1::CreateTenantRequest { tenant, ..Default::default() };
                    operator.tenants.create_tenant(request).await.map(drop)
                }
                _ => {
                    let purposes = vec![id.to_owned()];
                    let collection = api::vault::v1::Collection { purposes, ..Default::default() };
                    operator.create_collection_with("tenants/acme", "", collection).await.map(drop)
                }
            }
        };
        let (changed, ()) = tokio::join!(changing, proxy.lose_answer_after(marker, async { proxy.refuse() }));
        let details = rpc::StatusDetails::of(&changed.unwrap_err());
        let told = (details.code, details.reason.as_str(), details.retry_after);
        assert_eq!(told, (Code::DeadlineExceeded, "", None), "{change}");
        proxy.lead_to(database);
        poll_until(LIMIT, "the database is back", async || {
            app.get("none").await.err().filter(|status| status.code() == Code::NotFound)
        })
        .await
        .unwrap();
    }
}

/// The first statement is lost, and the second fails for a reason of its own: that says nothing of the first.
#[tokio::test]
async fn what_fails_after_a_loss_is_no_answer() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world
        .run(
            "CREATE SEQUENCE tries;
             CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
             'BEGIN
                 IF nextval(''tries'') % 2 = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                 RAISE ''locked'' USING ERRCODE = ''55P03'';
             END';
             CREATE TRIGGER lose BEFORE UPDATE OR DELETE ON records FOR EACH ROW EXECUTE FUNCTION lose()",
        )
        .await;
    let updated = app.update("p-1", &["a"], &json!({ "a": 2 })).await.map(drop);
    let deleted = app.delete("p-1", "").await.map(drop);
    for changed in [updated, deleted] {
        let details = rpc::StatusDetails::of(&changed.unwrap_err());
        assert_eq!((details.code, details.reason.as_str(), details.retry_after), (Code::DeadlineExceeded, "", None));
    }
    world.run("ALTER SEQUENCE tries INCREMENT 2 RESTART WITH 2").await;
    let locked = rpc::StatusDetails::of(&app.delete("p-1", "").await.map(drop).unwrap_err());
    assert_eq!((locked.code, locked.reason.as_str()), (Code::Unavailable, "DATABASE_UNAVAILABLE"), "the control");
}

/// Sessions are killed again and again while records are made: each call is made again with its request id until it is
/// answered, and each record is made once.
#[tokio::test]
async fn killed_sessions_cost_nobody_more_than_a_retry() {
    const CALLERS: usize = 8;
    const EACH: usize = 10;
    let (world, _vault, _proxy, app) = world().await;
    let (sql, done) = (world.sql().await, AtomicUsize::new(0));
    let making = futures::future::join_all((0..CALLERS).map(|caller| {
        let (app, done) = (&app, &done);
        async move {
            for number in 0..EACH {
                let record = made_in_the_end(app.clone(), format!("k-{caller}-{number}")).await;
                assert_eq!(record.revision, Some(1));
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    }));
    let killing = async {
        for next in (0..).step_by(4) {
            let more = async || (done.load(Ordering::Relaxed) >= next).then_some(());
            poll_until(LIMIT, "more records", more).await.unwrap();
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND usename = 'strongroom_vault'";
            sql.batch_execute(kill).await.unwrap();
        }
    };
    tokio::select! {
        _ = making => {}
        () = killing => unreachable!("it goes on for ever"),
    }
    let is_made = |event: &Event| {
        event.action == "records.create" && event.outcome == 1 && !event.attributes.contains_key("reason")
    };
    let made = world.audit.count(CALLERS * EACH, is_made).await;
    let names: BTreeSet<&str> = made.iter().map(|event| event.resource.as_str()).collect();
    assert_eq!(names.len(), CALLERS * EACH, "one for each");
}

/// Makes a record, with the same request id at each attempt.
async fn made_in_the_end(mut app: Calls, id: String) -> Record {
    let mut request = new_record(&id, &json!({ "a": 1 }));
    request.request_id = clock::uuid_v7(&clock::SystemClock).to_string();
    let made = poll_until(LIMIT, "the vault answers again", async || {
        let status = match app.create_record(request.clone()).await {
            Ok(record) => return Some(record),
            Err(status) => status,
        };
        assert!([Code::Unavailable, Code::DeadlineExceeded].contains(&status.code()), "{status:?}");
        None
    });
    made.await.unwrap()
}
