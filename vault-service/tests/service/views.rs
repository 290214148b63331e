//! What a reveal shows, to whom, and what its entry says of it.

use api::vault::v1::{
    BatchRevealRecordsRequest, Classification, Collection, FieldPolicy, Record, RevealRecordRequest, View,
};
use serde_json::json;
use tonic::Code;

use crate::support::{Calls, Refused, Replica, World, fields, new_record, reason_of, refused};

const VISITS: &str = "tenants/acme/collections/visits";
/// One field of each classification, and one without a policy.
const FIELDS: [(&str, Classification); 7] = [
    ("ward", Classification::None),
    ("name", Classification::Pii),
    ("diagnosis", Classification::Phi),
    ("card", Classification::Pci),
    ("token", Classification::Credential),
    ("unsaid", Classification::Unspecified),
    // The record has none.
    ("fax", Classification::Pii),
];

/// A world with a visit v-1.
async fn visit() -> (World, Replica, Calls) {
    let (world, vault) = World::start().await;
    let policy = |(field, classification): (&str, Classification)| FieldPolicy {
        field: field.to_owned(),
        classification: classification.into(),
        ..FieldPolicy::default()
    };
    let visits = Collection { field_policies: FIELDS.map(policy).to_vec(), ..Collection::default() };
    world.calls(&vault, "operator").create_collection_with("tenants/acme", "visits", visits).await.unwrap();
    let mut app = world.calls(&vault, "app");
    let json = json!({ "ward": 7, "name": "Ada", "diagnosis": "J45", "card": "4", "token": "t", "unsaid": null, "other": true });
    let request = new_record("v-1", &json);
    app.create_record(api::vault::v1::CreateRecordRequest { parent: VISITS.to_owned(), ..request }).await.unwrap();
    (world, vault, app)
}

fn request(view: View, read_fields: &[&str]) -> RevealRecordRequest {
    RevealRecordRequest {
        name: format!("{VISITS}/records/v-1"),
        view: view.into(),
        read_fields: read_fields.iter().map(|&field| field.to_owned()).collect(),
        purpose: "treatment".to_owned(),
        ..RevealRecordRequest::default()
    }
}

/// The attributes of the newest event of a reveal, without those of every event.
async fn told(world: &World, count: usize) -> Vec<(String, String)> {
    let events = world.audit.count(count, |event| event.action == "records.reveal").await;
    let newest = events.into_iter().max_by_key(|event| event.key_counter).unwrap();
    let own = ["fields", "masked", "more", "names", "others", "view"];
    let mut told: Vec<_> = newest.attributes.into_iter().filter(|(name, _)| own.contains(&name.as_str())).collect();
    told.sort();
    told
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn a_full_view_needs_its_own_permission() {
    let (world, vault, _app) = visit().await;
    let mut desk = world.calls(&vault, "front-desk");
    let full = desk.reveal_record(request(View::Full, &[])).await;
    assert_eq!(refused(full), Refused { code: Code::PermissionDenied, reason: String::new(), fields: Vec::new() });
    let batch = BatchRevealRecordsRequest {
        parent: VISITS.to_owned(),
        requests: vec![request(View::Masked, &[]), request(View::Full, &[])],
        ..BatchRevealRecordsRequest::default()
    };
    assert_eq!(reason_of(desk.records.batch_reveal_records(batch).await).0, Code::PermissionDenied);
    desk.reveal_record(request(View::Masked, &[])).await.unwrap();
}

#[tokio::test]
async fn a_view_that_is_left_out_is_masked_and_shows_only_what_is_not_regulated() {
    let (world, _vault, mut app) = visit().await;
    let mask = "********";
    let masked = json!({ "ward": 7, "name": mask, "diagnosis": mask, "card": mask, "token": mask, "unsaid": mask, "other": mask });
    for view in [View::Unspecified, View::Masked] {
        let record: Record = app.reveal_record(request(view, &[])).await.unwrap();
        assert_eq!(record.fields.unwrap(), fields(&masked));
    }
    assert_eq!(
        told(&world, 2).await,
        pairs(&[("fields", "1"), ("masked", "6"), ("names", "ward"), ("view", "MASKED")])
    );
    let two = app.reveal_record(request(View::Masked, &["name", "ward", "fax"])).await.unwrap();
    assert_eq!(two.fields.unwrap(), fields(&json!({ "ward": 7, "name": mask })));
}

#[tokio::test]
async fn what_is_masked_is_not_opened() {
    let (world, _vault, mut app) = visit().await;
    // The last bytes belong to the last field, ward: its tag. Those before the names stay as they are.
    let flip = "sealed_fields = set_byte(sealed_fields, octet_length(sealed_fields) - 1,
                                         get_byte(sealed_fields, octet_length(sealed_fields) - 1) # 1)";
    world.run(&format!("UPDATE records SET {flip} WHERE record_id = 'v-1'")).await;
    let name = app.reveal_record(request(View::Masked, &["name"])).await.unwrap();
    assert_eq!(name.fields.unwrap(), fields(&json!({ "name": "********" })));
    let ward = app.reveal_record(request(View::Masked, &["ward"])).await;
    assert_eq!(refused(ward), Refused::does_not_open());
    // The manifest is opened even where nothing is shown.
    world.run("UPDATE records SET sealed_fields = set_byte(sealed_fields, 6, get_byte(sealed_fields, 6) # 1)").await;
    let name = app.reveal_record(request(View::Masked, &["name"])).await;
    assert_eq!(refused(name), Refused::does_not_open());
}

#[tokio::test]
async fn an_entry_names_the_fields_of_the_policy_that_were_shown_and_counts_the_others() {
    let (world, _vault, mut app) = visit().await;
    app.reveal_record(request(View::Full, &["diagnosis"])).await.unwrap();
    assert_eq!(told(&world, 1).await, pairs(&[("fields", "1"), ("names", "diagnosis"), ("view", "FULL")]));
    app.reveal_record(request(View::Full, &["other", "card"])).await.unwrap();
    let expected = [("fields", "2"), ("names", "card"), ("others", "1"), ("view", "FULL")];
    assert_eq!(told(&world, 2).await, pairs(&expected));
    app.reveal_record(request(View::Full, &[])).await.unwrap();
    let all = "card,diagnosis,name,token,unsaid,ward";
    assert_eq!(told(&world, 3).await, pairs(&[("fields", "7"), ("names", all), ("others", "1"), ("view", "FULL")]));
}

#[tokio::test]
async fn an_entry_says_for_whom_and_from_where_a_call_was_made() {
    let (world, vault, mut app) = visit().await;
    for bad in ["ada@example.com", "two words", &"x".repeat(65)] {
        let request = RevealRecordRequest { on_behalf_of: bad.to_owned(), ..request(View::Full, &[]) };
        assert_eq!(refused(app.reveal_record(request).await).fields, ["on_behalf_of"]);
    }
    let user = "tenants/acme/users/ada";
    let whom = || user.to_owned();
    app.reveal_record(RevealRecordRequest { on_behalf_of: whom(), ..request(View::Full, &[]) }).await.unwrap();
    let create = new_record("p-1", &json!({ "a": 1 }));
    app.create_record(api::vault::v1::CreateRecordRequest { on_behalf_of: whom(), ..create }).await.unwrap();
    let update = crate::support::update_request("p-1", &["a"], &json!({ "a": 2 }));
    app.update_record(api::vault::v1::UpdateRecordRequest { on_behalf_of: whom(), ..update }).await.unwrap();
    let (name, etag) = (crate::support::name("p-1"), String::new());
    let delete = api::vault::v1::DeleteRecordRequest { name, etag, on_behalf_of: whom(), ..Default::default() };
    app.records.delete_record(delete).await.unwrap();
    let mut operator = world.calls(&vault, "operator");
    let tenant = api::vault::v1::CreateTenantRequest { on_behalf_of: whom(), ..Default::default() };
    operator.tenants.create_tenant(tenant).await.unwrap();
    let (parent, on_behalf_of) = ("tenants/acme".to_owned(), whom());
    let collection = api::vault::v1::CreateCollectionRequest { parent, on_behalf_of, ..Default::default() };
    operator.collections.create_collection(collection).await.unwrap();
    for action in
        ["records.reveal", "records.create", "records.update", "records.delete", "tenants.create", "collections.create"]
    {
        let event = world.audit.event(action, |event| event.on_behalf_of == user).await;
        assert_eq!(event.attributes["peer"], "127.0.0.1", "{action}");
    }
}

#[tokio::test]
async fn a_batch_says_once_for_whom_it_is() {
    let (world, _vault, mut app) = visit().await;
    let of = |inner: &str| BatchRevealRecordsRequest {
        parent: VISITS.to_owned(),
        requests: vec![RevealRecordRequest { on_behalf_of: inner.to_owned(), ..request(View::Full, &[]) }],
        on_behalf_of: "desk-7".to_owned(),
        ..Default::default()
    };
    let refused = refused(app.records.batch_reveal_records(of("desk-8")).await);
    assert_eq!(refused.fields, ["requests[0].on_behalf_of"]);
    app.records.batch_reveal_records(of("")).await.unwrap();
    app.records.batch_reveal_records(of("desk-7")).await.unwrap();
    world.audit.count(2, |event| event.action == "records.reveal" && event.on_behalf_of == "desk-7").await;
}
