//! A superuser changes rows behind the vault's back: nothing opens in the wrong place, and no policy is lifted.

use api::audit::v1::Event;
use api::vault::v1::{Collection, FieldPolicy, ListRecordsRequest, Treatment};
use names::{CollectionUid, TenantUid};
use serde_json::json;
use test_support::record_changes::RECORD_CHANGES;
use tonic::Code;
use vault_service::store::records::{RecordKey, WantedRow, record_head_fetch, records_fetch};

use crate::bytes::{names_on, pages};
use crate::support::{
    Calls, LIMIT, PATIENTS, Refused, Replica, World, fields, name, new_record, refused, reveal_request,
};

/// Two patients; what `sql` does to their rows makes `broken` of them refuse to open.
async fn two_patients() -> (World, Replica, Calls) {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", "p-2"] {
        let mut request = new_record(id, &json!({ "ssn": id, "note": "same" }));
        "person-1".clone_into(&mut request.record.as_mut().unwrap().subject);
        app.create_record(request).await.unwrap();
    }
    (world, vault, app)
}

async fn tamper(world: &World, sql: &str) {
    world.run(sql).await;
}

#[tokio::test]
async fn a_changed_row_does_not_open() {
    let (world, _vault, mut app) = two_patients().await;
    world.keep("records").await;
    for change in RECORD_CHANGES {
        let what = change.what;
        tamper(&world, &change.sql("records.record_id = 'p-1'", "record_id = 'p-2'")).await;
        assert_eq!(refused(app.reveal("p-1").await), Refused::does_not_open(), "{what}");
        let carried = app.update("p-1", &["ssn"], &json!({ "ssn": "new" })).await;
        assert_eq!(refused(carried), Refused::does_not_open(), "{what}");
        let replaced = app.update("p-1", &[], &json!({ "ssn": "new" })).await;
        assert_eq!(refused(replaced), Refused::does_not_open(), "{what}");
        assert_eq!(app.reveal("p-2").await.unwrap(), fields(&json!({ "ssn": "p-2", "note": "same" })), "{what}");
        world.put_back("records").await;
    }
    // The control: untouched again, both open.
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "ssn": "p-1", "note": "same" })));
    for (action, each) in [("records.reveal", 1), ("records.update", 2)] {
        let told = |event: &Event| event.action == action && event.outcome == 4 && event.resource == name("p-1");
        world.audit.count(each * RECORD_CHANGES.len(), told).await;
    }
}

/// What one row holds that nobody can read is that row's alone: reveals of other records share its statement and its message.
#[tokio::test]
async fn an_unreadable_row_spoils_no_company() {
    let (world, vault, mut app) = two_patients().await;
    world.keep("records").await;
    for change in [
        "create_time = 'infinity'",
        "field_names = ARRAY['note', NULL]",
        "wrapped_key = wrapped_key || decode(repeat('00', 5000000), 'hex')",
        "subject = repeat('x', 5000000)",
    ] {
        // A subject of that length fits into no index.
        tamper(&world, "DROP INDEX IF EXISTS records_by_subject").await;
        tamper(&world, &format!("UPDATE records SET {change} WHERE record_id = 'p-1'")).await;
        let calls = (0..40).map(|number| {
            let mut app = world.calls(&vault, "app");
            async move { app.reveal(if number % 8 == 0 { "p-1" } else { "p-2" }).await }
        });
        for (number, answer) in futures::future::join_all(calls).await.into_iter().enumerate() {
            if number % 8 == 0 {
                assert_eq!(refused(answer), Refused::does_not_open(), "{change}");
            } else {
                assert_eq!(answer.unwrap(), fields(&json!({ "ssn": "p-2", "note": "same" })), "{change}");
            }
        }
        assert_eq!(refused(app.get("p-1").await), Refused::does_not_open(), "{change}");
        let list = ListRecordsRequest { parent: PATIENTS.to_owned(), ..ListRecordsRequest::default() };
        assert_eq!(refused(app.records.list_records(list).await), Refused::does_not_open(), "{change}");
        world.put_back("records").await;
    }
    let told = world.audit.event("records.reveal", |event| event.resource == name("p-1") && event.outcome == 4).await;
    assert_eq!(told.attributes["reason"], "AAD_MISMATCH");
}

/// However much SQL has put into a row, so much is not read of it: it is refused, and lists go on behind it.
#[tokio::test]
async fn a_row_is_not_read_as_long_as_sql_made_it() {
    let (world, _vault, mut app) = two_patients().await;
    world.keep("records").await;
    tamper(&world, "DROP INDEX records_by_subject").await;
    for change in [
        "wrapped_key = wrapped_key || decode(repeat('00', 5000000), 'hex')",
        "subject = subject || repeat('x', 5000000)",
        "tenant_id = tenant_id || repeat('x', 5000000)",
        "collection_id = collection_id || repeat('x', 5000000)",
        "field_names = array_fill('note'::text, ARRAY[1000000])",
        "field_names = array_fill(NULL::text, ARRAY[45000000])",
        "field_names = array_fill(''::text, ARRAY[32768])",
    ] {
        tamper(&world, &format!("UPDATE records SET {change} WHERE record_id = 'p-1'")).await;
        let db = world.database.connect().unwrap();
        let uids = "SELECT tenant_uid, collection_uid FROM collections WHERE collection_id = 'patients'";
        let uids = world.sql().await.query_one(uids, &[]).await.unwrap();
        let (tenant_uid, collection_uid) = (TenantUid::new(uids.get(0)), CollectionUid::new(uids.get(1)));
        let key = RecordKey { tenant_uid, collection_uid, record_id: "p-1" };
        let wanted = [WantedRow { key, most: i32::MAX }];
        let fetched = records_fetch(&db, &wanted).await.unwrap().pop().flatten().unwrap().row.head;
        for head in [fetched, record_head_fetch(&db, key).await.unwrap().unwrap()] {
            let texts =
                head.tenant_id.len() + head.collection_id.len() + head.subject.map_or(0, |subject| subject.len());
            let names: usize = head.field_names.iter().map(String::len).sum();
            assert!(texts + names + head.wrapped_key.len() < 2048, "{change}");
        }
        let answers =
            [app.reveal("p-1").await.map(drop), app.update("p-1", &[], &json!({ "ssn": "new" })).await.map(drop)];
        for answer in answers.into_iter().chain([app.get("p-1").await.map(drop)]) {
            assert_eq!(refused(answer), Refused::does_not_open(), "{change}");
        }
        let [altered, other] =
            app.batch_reveal(["p-1", "p-2"].map(reveal_request).to_vec()).await.unwrap().try_into().unwrap();
        assert_eq!(refused(altered), Refused::does_not_open(), "{change}");
        other.unwrap();
        // Under an id that is none it is on no page; behind it the list goes on.
        tamper(&world, "UPDATE records SET record_id = '!' WHERE record_id = 'p-1'").await;
        assert_eq!(names_on(&pages(&mut app, 0).await), [name("p-2")], "{change}");
        world.put_back("records").await;
    }
}

#[tokio::test]
async fn swapped_ids_do_not_open() {
    let (world, _vault, mut app) = two_patients().await;
    tamper(
        &world,
        "UPDATE records SET record_id = 'p-3' WHERE record_id = 'p-1';
         UPDATE records SET record_id = 'p-1' WHERE record_id = 'p-2';
         UPDATE records SET record_id = 'p-2' WHERE record_id = 'p-3'",
    )
    .await;
    for id in ["p-1", "p-2"] {
        assert_eq!(refused(app.reveal(id).await), Refused::does_not_open());
    }
}

#[tokio::test]
async fn a_record_moved_to_another_tenant_does_not_open() {
    let (world, vault, mut app) = two_patients().await;
    let mut operator = world.calls(&vault, "operator");
    operator.create_tenant("other").await.unwrap();
    operator.create_collection("tenants/other", "patients").await.unwrap();
    tamper(
        &world,
        "UPDATE records SET tenant_id = 'other',
                (tenant_uid, collection_uid) = (SELECT tenant_uid, collection_uid FROM collections JOIN tenants USING (tenant_uid)
                                                WHERE tenant_id = 'other')
         WHERE record_id = 'p-1'",
    )
    .await;
    let mut request = reveal_request("p-1");
    request.name = "tenants/other/collections/patients/records/p-1".to_owned();
    assert_eq!(refused(app.reveal_record(request).await), Refused::does_not_open());
    assert_eq!(refused(app.reveal("p-1").await).code, Code::NotFound);
}

#[tokio::test]
async fn an_older_revision_put_back_is_found_by_the_etag() {
    let (world, _vault, mut app) = two_patients().await;
    world.keep("records").await;
    let new = app.update("p-1", &["ssn"], &json!({ "ssn": "new" })).await.unwrap();
    world.put_back("records").await;
    let mut request = reveal_request("p-1");
    request.etag = new.etag;
    assert_eq!(refused(app.reveal_record(request).await), Refused::with(Code::Aborted, "ETAG_MISMATCH", &[]));
    // The control: whoever gives no etag is shown the older genuine record.
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "ssn": "p-1", "note": "same" })));
}

#[tokio::test]
async fn changed_rows_are_refused_in_a_batch_and_their_neighbours_are_not() {
    let (world, _vault, mut app) = two_patients().await;
    tamper(&world, "UPDATE records SET sealed_fields = '' WHERE record_id = 'p-2'").await;
    let requests = vec![reveal_request("p-1"), reveal_request("p-2")];
    let [first, second] = app.batch_reveal(requests.clone()).await.unwrap().try_into().unwrap();
    assert_eq!(first.unwrap().fields.unwrap(), fields(&json!({ "ssn": "p-1", "note": "same" })));
    assert_eq!(refused(second), Refused::does_not_open());
    tamper(&world, "UPDATE records SET wrapped_key = set_byte(wrapped_key, 130, get_byte(wrapped_key, 130) # 1)").await;
    for result in app.batch_reveal(requests).await.unwrap() {
        assert_eq!(refused(result), Refused::does_not_open());
    }
}

#[tokio::test]
async fn a_reveal_that_does_not_open_leaves_an_entry() {
    let (world, _vault, mut app) = two_patients().await;
    tamper(&world, "UPDATE records SET sealed_fields = '' WHERE record_id = 'p-1'").await;
    assert_eq!(refused(app.reveal("p-1").await), Refused::does_not_open());
    let event = world.audit.event("records.reveal", |event| event.resource == name("p-1")).await;
    assert_eq!(event.outcome, 4, "failed");
    assert_eq!(event.attributes["reason"], "AAD_MISMATCH");
    assert_ne!(event.key_counter, 0, "its key was unwrapped");
}

#[tokio::test]
async fn a_header_that_was_altered_leaves_an_entry_for_each_use() {
    let (world, _vault, mut app) = two_patients().await;
    world.keep("records").await;
    // Key version and birth mark.
    for byte in 18..30 {
        let change = format!("wrapped_key = set_byte(wrapped_key, {byte}, get_byte(wrapped_key, {byte}) # 1)");
        tamper(&world, &format!("UPDATE records SET {change} WHERE record_id = 'p-1'")).await;
        assert_eq!(refused(app.reveal("p-1").await), Refused::version_unknown(), "{byte}");
        let replaced = app.update("p-1", &[], &json!({ "ssn": "new" })).await;
        assert_eq!(refused(replaced), Refused::version_unknown(), "{byte}");
        let requests = vec![reveal_request("p-2"), reveal_request("p-1")];
        let mut results = app.batch_reveal(requests).await.unwrap();
        assert_eq!(refused(results.pop().unwrap()), Refused::version_unknown(), "{byte}");
        results.pop().unwrap().unwrap();
        world.put_back("records").await;
    }
    let of_p1 = |event: &Event| event.outcome == 4 && event.resource == name("p-1");
    let events = world.audit.count(36, of_p1).await;
    for event in events {
        let attribute = |key: &str| event.attributes.get(key).map(String::as_str);
        assert_eq!((attribute("reason"), attribute("revision")), (Some("KEY_VERSION_UNKNOWN"), Some("1")));
        assert!(attribute("uid").is_some());
        assert_eq!(event.key_counter, 0, "no key was unwrapped");
    }
    // The control: untouched again, it opens.
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "ssn": "p-1", "note": "same" })));
}

#[tokio::test]
async fn policies_are_not_lifted_by_sql() {
    let (world, vault) = World::start().await;
    let never =
        FieldPolicy { field: "cvv".to_owned(), treatment: Treatment::NeverStore.into(), ..FieldPolicy::default() };
    let cards = Collection { field_policies: vec![never], ..Collection::default() };
    world.calls(&vault, "operator").create_collection_with("tenants/acme", "cards", cards).await.unwrap();
    let change = "field_policies = (SELECT field_policies FROM collections WHERE collection_id = 'patients')";
    tamper(&world, &format!("UPDATE collections SET {change} WHERE collection_id = 'cards'")).await;
    // A vault that has not seen the row yet: what was read before is used for a second at most.
    let fresh = world.replica().await;
    let mut request = new_record("c-1", &json!({ "cvv": "123" }));
    request.parent = "tenants/acme/collections/cards".to_owned();
    let created = world.calls(&fresh, "app").create_record(request).await;
    assert_eq!(refused(created), Refused::does_not_open());
}

#[tokio::test]
async fn a_row_of_the_key_database_that_was_altered_is_told_as_that_with_the_record() {
    let (world, vault) = World::start().await;
    let (mut app, mut operator) = (world.calls(&vault, "app"), world.calls(&vault, "operator"));
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let alter = "UPDATE keys SET revision = revision + 1, generation = (SELECT max(generation) + 1 FROM keys)
        WHERE tenant_uid IS NOT NULL";
    world.keys.sql().await.batch_execute(alter).await.unwrap();
    let altered = Refused::with(Code::DataLoss, "AAD_MISMATCH", &[]);
    let refusal = test_support::poll_until(LIMIT, "the alteration", async || {
        let answer = app.reveal("p-1").await;
        answer.is_err().then(|| refused(answer))
    });
    assert_eq!(refusal.await.unwrap(), altered);
    let told = world.audit.event("records.reveal", |event| event.outcome == 4).await;
    assert_eq!((told.resource, told.attributes["reason"].as_str()), (name("p-1"), "AAD_MISMATCH"));
    assert_eq!(refused(operator.create_tenant("other").await), altered);
}
