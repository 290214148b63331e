//! Each reveal of a batch has a result and an entry of its own, whatever the others come to.

use std::collections::BTreeMap;

use api::audit::v1::Event;
use api::vault::v1::RevealRecordRequest;
use serde_json::json;
use tonic::Code;

use crate::support::{Refused, World, fields, name, new_record, refused, reveal_request};

/// Changes of rows by SQL, and what a reveal of such a row comes to.
const TAMPERED: [(&str, &str, &str); 4] = [
    ("fields", "sealed_fields = set_byte(sealed_fields, 70, get_byte(sealed_fields, 70) # 1)", "AAD_MISMATCH"),
    ("key", "wrapped_key = set_byte(wrapped_key, 130, get_byte(wrapped_key, 130) # 1)", "AAD_MISMATCH"),
    ("version", "wrapped_key = set_byte(wrapped_key, 21, 9)", "KEY_VERSION_UNKNOWN"),
    ("subject", "subject = E'person\\n2'", "AAD_MISMATCH"),
];

#[tokio::test]
async fn each_reveal_of_a_batch_has_its_own_result_and_entry() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut ids = vec!["ok-1", "etag", "ok-2", "slip", "foreign"];
    ids.extend(TAMPERED.map(|(id, _, _)| id));
    for id in &ids {
        let mut request = new_record(id, &json!({ "id": id }));
        "person-1".clone_into(&mut request.record.as_mut().unwrap().subject);
        app.create_record(request).await.unwrap();
    }
    let mut other = new_record("other", &json!({ "id": "other" }));
    "person-2".clone_into(&mut other.record.as_mut().unwrap().subject);
    app.create_record(other).await.unwrap();
    for (id, change, _) in TAMPERED {
        world.run(&format!("UPDATE records SET {change} WHERE record_id = '{id}'")).await;
    }
    world.run("UPDATE records SET subject = 'person-2' WHERE record_id = 'foreign'").await;
    let etag = RevealRecordRequest { etag: app.get("ok-1").await.unwrap().etag, ..reveal_request("etag") };
    let slip = RevealRecordRequest { read_fields: vec!["typo".to_owned()], ..reveal_request("slip") };
    let mut requests = vec![reveal_request("ok-1"), etag, reveal_request("missing"), slip, reveal_request("foreign")];
    requests.extend(TAMPERED.map(|(id, _, _)| reveal_request(id)));
    requests.push(reveal_request("ok-2"));

    let results = app.batch_reveal(requests.clone()).await.unwrap();
    let mut found = BTreeMap::new();
    for (request, result) in requests.iter().zip(results) {
        let id = request.name.rsplit('/').next().unwrap().to_owned();
        match result {
            Ok(record) => assert_eq!(record.fields.unwrap(), fields(&json!({ "id": id }))),
            Err(status) => drop(found.insert(id, refused::<()>(Err(status)))),
        }
    }
    let of = |code, reason: &str| Refused::with(code, reason, &[]);
    let mut expected = BTreeMap::from([
        ("etag".to_owned(), of(Code::Aborted, "ETAG_MISMATCH")),
        ("missing".to_owned(), of(Code::NotFound, "")),
        ("slip".to_owned(), of(Code::InvalidArgument, "")),
        ("foreign".to_owned(), of(Code::DataLoss, "AAD_MISMATCH")),
    ]);
    for (id, _, reason) in TAMPERED {
        let code = if reason == "AAD_MISMATCH" { Code::DataLoss } else { Code::FailedPrecondition };
        expected.insert(id.to_owned(), of(code, reason));
    }
    assert_eq!(found, expected);

    let told = world.audit.count(requests.len(), |event: &Event| event.action == "records.reveal").await;
    for (request, event) in requests.iter().zip(told) {
        let id = request.name.rsplit('/').next().unwrap();
        assert_eq!((event.resource, event.purpose.as_str()), (name(id), "treatment"), "in their order");
        let reason = event.attributes.get("reason").map(String::as_str);
        let (outcome, expected) = match id {
            "ok-1" | "ok-2" => (1, None),
            "etag" => (3, Some("ETAG_MISMATCH")),
            "missing" => (3, Some("NOT_FOUND")),
            "slip" => (3, Some("INVALID_ARGUMENT")),
            other => (4, Some(expected.get(other).unwrap().reason.as_str())),
        };
        assert_eq!((event.outcome, reason), (outcome, expected), "{id}");
    }
}

#[tokio::test]
async fn nothing_of_a_batch_leaves_whose_entries_cannot_be_written() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world.run("REVOKE INSERT ON audit_outbox FROM strongroom_vault").await;
    let requests = vec![reveal_request("p-1"), reveal_request("missing")];
    let unavailable = Refused::with(Code::Unavailable, "AUDIT_UNAVAILABLE", &[]);
    assert_eq!(refused(app.batch_reveal(requests.clone()).await), unavailable);
    world.run("GRANT INSERT ON audit_outbox TO strongroom_vault").await;
    assert_eq!(app.batch_reveal(requests).await.unwrap().len(), 2);
}

/// Without key-service nothing can be done for any, but what was found out on the way is told all the same.
#[tokio::test]
async fn a_batch_without_key_service_fails_as_a_whole() {
    let world = World::new().await.with_production_budget();
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", "p-2"] {
        app.create(id, &json!({ "a": 1 })).await.unwrap();
    }
    world.run("UPDATE records SET wrapped_key = '' WHERE record_id = 'p-2'").await;
    world.to_keys.refuse();
    let requests = vec![reveal_request("p-1"), reveal_request("p-2"), reveal_request("missing")];
    let away = Refused::with(Code::Unavailable, "KEY_SERVICE_UNAVAILABLE", &[]);
    assert_eq!(refused(app.batch_reveal(requests.clone()).await), away);
    let told = world.audit.event("records.reveal", |event| event.outcome == 4 && event.resource == name("p-2")).await;
    assert_eq!(told.attributes["reason"], "AAD_MISMATCH");
    world.to_keys.lead_to(world.keys.address);
    let again = test_support::poll_until(crate::support::LIMIT, "reveals work again", async || {
        app.batch_reveal(requests.clone()).await.ok()
    });
    assert!(again.await.unwrap()[0].is_ok());
}

/// One row that does not open costs key-service no further message.
#[tokio::test]
async fn a_batch_with_a_row_that_does_not_open_goes_to_key_service_in_one_message() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let ids: Vec<String> = (0..100).map(|number| format!("p-{number}")).collect();
    app.batch_create(ids.iter().map(|id| new_record(id, &json!({ "a": 1 }))).collect()).await.unwrap();
    let mut bytes = Vec::new();
    for spoilt in [false, true] {
        if spoilt {
            let change = "wrapped_key = set_byte(wrapped_key, 130, get_byte(wrapped_key, 130) # 1)";
            world.run(&format!("UPDATE records SET {change} WHERE record_id = 'p-50'")).await;
        }
        let before = world.to_keys.answered();
        let results = app.batch_reveal(ids.iter().map(|id| reveal_request(id)).collect()).await.unwrap();
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), usize::from(spoilt));
        bytes.push(world.to_keys.answered() - before);
    }
    assert!(bytes[1] < bytes[0] + bytes[0] / 4, "answers of {bytes:?} bytes");
    // The control: a message for each costs more.
    let before = world.to_keys.answered();
    for id in ids.iter().filter(|id| *id != "p-50") {
        app.reveal(id).await.unwrap();
    }
    let singly = world.to_keys.answered() - before;
    assert!(singly > bytes[0] + bytes[0] / 2, "{singly} beside {bytes:?} bytes");
}
