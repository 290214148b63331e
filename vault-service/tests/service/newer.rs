//! Rows that another version wrote: read where they may be, and refused without an alarm where they may not.

use api::vault::v1::{
    Classification, CreateRecordRequest, GetCollectionRequest, GetTenantRequest, JsonType, Treatment,
};
use rows::NewRow;
use serde_json::json;
use tonic::Code;
use vault_service::store::tenants::TENANTS;

use crate::support::{Calls, PATIENTS, Replica, World, new_record, reason_of, refused, reveal_request};

/// A fresh vault on a world whose collection `patients` has these policies, as a genuine row.
async fn with_policies(json: &str) -> (World, Replica, Calls) {
    let (world, _seen) = World::start().await;
    world.write_policies(json).await;
    let fresh = world.replica().await;
    let app = world.calls(&fresh, "app");
    (world, fresh, app)
}

#[tokio::test]
async fn policies_for_newer_readers_are_unavailable_and_no_alarm() {
    let (world, _vault, mut app) = with_policies(r#"{"v":3,"min":2,"value":[]}"#).await;
    let created = app.create("p-1", &json!({ "a": 1 })).await;
    assert_eq!(reason_of(created), (Code::Unavailable, "NEWER_VERSION".to_owned()));
    // The same by SQL, without the row's HMAC, is an alarm.
    world.run(r#"UPDATE collections SET field_policies = '{"v":3,"min":3,"value":[]}'"#).await;
    let fresh = world.replica().await;
    let created = world.calls(&fresh, "app").create("p-1", &json!({ "a": 1 })).await;
    assert_eq!(reason_of(created), (Code::DataLoss, "AAD_MISMATCH".to_owned()));
}

#[tokio::test]
async fn policies_of_an_older_form_get_defaults() {
    let (_world, _vault, mut app) = with_policies(r#"{"v":1,"min":1,"value":[{"field":"zip"}]}"#).await;
    app.create("p-1", &json!({ "zip": 12345 })).await.unwrap();
    let get = GetCollectionRequest { name: PATIENTS.to_owned(), ..Default::default() };
    let policies = app.collections.get_collection(get).await.unwrap().into_inner().collection.unwrap().field_policies;
    assert_eq!(policies[0].classification(), Classification::Unspecified);
    assert_eq!((policies[0].treatment(), policies[0].json_type()), (Treatment::Encrypt, JsonType::Unspecified));
}

#[tokio::test]
async fn policies_of_a_newer_form_are_kept_to_as_the_strictest() {
    let newer = r#"{"v":4,"min":1,"by":"a later version","value":[
        {"field":"card","classification":"none","treatment":"tokenize","mask":{"kind":"last","count":4}},
        {"field":"gene","classification":"genetic","treatment":"encrypt","json_type":"string","pad":4096}]}"#;
    let (_world, _vault, mut app) = with_policies(newer).await;
    let stored = app.create("p-1", &json!({ "card": "4111" })).await;
    assert_eq!(refused(stored).reason, "NEVER_STORE", "a treatment that is not known stores nothing");
    app.create("p-1", &json!({ "gene": "BRCA1" })).await.unwrap();
    let mut masked = reveal_request("p-1");
    masked.view = 0;
    let shown = app.reveal_record(masked).await.unwrap().fields.unwrap();
    assert_eq!(shown, crate::support::fields(&json!({ "gene": "********" })), "nor does it show what it does not know");
    let get = GetCollectionRequest { name: PATIENTS.to_owned(), ..Default::default() };
    let policies = app.collections.get_collection(get).await.unwrap().into_inner().collection.unwrap().field_policies;
    assert_eq!(policies[0].treatment(), Treatment::NeverStore);
    assert_eq!(policies[1].classification(), Classification::Unspecified);
}

#[tokio::test]
async fn an_answer_for_newer_readers_is_unavailable() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let request_id = "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned();
    let request = CreateRecordRequest { request_id, ..new_record("p-1", &json!({ "a": 1 })) };
    let first = app.create_record(request.clone()).await.unwrap();
    let sql = world.sql().await;
    let stored =
        sql.query_one("SELECT tenant_uid, request_id, fingerprint, answer, caller FROM requests", &[]).await.unwrap();
    let (keys, answer) = (world.row_keys().await, String::from_utf8(stored.get(3)).unwrap());
    let write = async |answer: String| {
        let row = NewRow::of(rows::Table::new("requests"))
            .with("tenant_uid", stored.get::<_, uuid::Uuid>(0))
            .with("caller", stored.get::<_, &str>(4))
            .with("on_behalf_of", "")
            .with("request_id", stored.get::<_, uuid::Uuid>(1))
            .with("fingerprint", stored.get::<_, Vec<u8>>(2))
            .with("answer", answer.into_bytes())
            .authenticated(&keys);
        sql.execute(&row.update(&["tenant_uid", "caller", "on_behalf_of", "request_id"], 1), &row.params())
            .await
            .unwrap();
    };
    write(answer.replace(r#"{"v":1,"min":1,"#, r#"{"v":5,"min":2,"#)).await;
    let again = app.create_record(request.clone()).await;
    assert_eq!(reason_of(again), (Code::Unavailable, "NEWER_VERSION".to_owned()));
    // Written by a newer version for any reader: what this one does not know is passed over.
    let newer =
        answer.replace(r#"{"v":1,"min":1,"#, r#"{"v":5,"min":1,"#).replace(r#""name":"#, r#""colour":7,"name":"#);
    assert_ne!(newer, answer);
    write(newer).await;
    assert_eq!(app.create_record(request).await.unwrap(), first);
}

/// A version of one tenant's key that only a newer key-service may use is that tenant's alone: others share the message.
#[tokio::test]
async fn a_key_for_newer_versions_is_unavailable_and_spoils_no_company() {
    let (world, vault) = World::start().await;
    let (mut operator, mut app) = (world.calls(&vault, "operator"), world.calls(&vault, "app"));
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    operator.create_tenant("other").await.unwrap();
    operator.create_collection("tenants/other", "patients").await.unwrap();
    let parent = "tenants/other/collections/patients".to_owned();
    app.create_record(CreateRecordRequest { parent, ..new_record("p-1", &json!({ "a": 1 })) }).await.unwrap();
    let sql = world.keys.sql().await;
    sql.batch_execute("ALTER TABLE key_versions DROP CONSTRAINT key_versions_state_known").await.unwrap();
    let uid: uuid::Uuid = world
        .sql()
        .await
        .query_one("SELECT tenant_uid FROM tenants WHERE tenant_id = 'acme'", &[])
        .await
        .unwrap()
        .get(0);
    let of_acme = "SELECT v.* FROM key_versions v JOIN keys k USING (key_uid) WHERE k.tenant_uid = $1";
    let (keys, table) = (world.keys.row_keys().await, rows::Table::new("key_versions"));
    let carried = keys.check(table, &sql.query_one(of_acme, &[&uid]).await.unwrap()).unwrap().carried();
    let newer = NewRow::of(table).with("state", 5_i16).carrying(&carried).authenticated(&keys);
    assert_eq!(sql.execute(&newer.update(&["key_uid", "version"], 1), &newer.params()).await.unwrap(), 1);
    let (address, _fresh) = world.keys.replica().await;
    world.to_keys.lead_to(address);
    let calls = (0..40).map(|number| {
        let (mut app, mut request) = (world.calls(&vault, "app"), reveal_request("p-1"));
        if number % 8 != 0 {
            request.name = "tenants/other/collections/patients/records/p-1".to_owned();
        }
        async move { app.reveal_record(request).await }
    });
    for (number, answer) in futures::future::join_all(calls).await.into_iter().enumerate() {
        if number % 8 == 0 {
            assert_eq!(reason_of(answer), (Code::Unavailable, "NEWER_VERSION".to_owned()));
        } else {
            answer.unwrap();
        }
    }
}

#[tokio::test]
async fn a_tenant_in_an_unknown_state_is_shown_and_not_served() {
    let (world, _seen) = World::start().await;
    let (keys, sql) = (world.row_keys().await, world.sql().await);
    let uid: uuid::Uuid = sql.query_one("SELECT tenant_uid FROM tenants", &[]).await.unwrap().get(0);
    let row = NewRow::of(TENANTS)
        .with("tenant_uid", uid)
        .with("tenant_id", "acme")
        .with("display_name", "")
        .with("state", "SUSPENDED")
        .with("revision", 2_u64)
        .with("create_time", rows::Time(1_700_000_000_000_000))
        .with("update_time", rows::Time(1_800_000_000_000_000))
        .authenticated(&keys);
    sql.execute(&row.update(&["tenant_uid"], 1), &row.params()).await.unwrap();
    let fresh = world.replica().await;
    let mut app = world.calls(&fresh, "app");
    let suspended = || (Code::FailedPrecondition, "TENANT_SUSPENDED".to_owned());
    assert_eq!(reason_of(app.create("p-1", &json!({ "a": 1 })).await), suspended());
    assert_eq!(reason_of(app.reveal("p-1").await), suspended());
    assert_eq!(reason_of(app.get("p-1").await), suspended());
    let mut operator = world.calls(&fresh, "operator");
    assert_eq!(reason_of(operator.create_collection("tenants/acme", "more").await), suspended());
    let get = GetTenantRequest { name: "tenants/acme".to_owned(), ..Default::default() };
    let tenant = operator.tenants.get_tenant(get).await.unwrap().into_inner().tenant.unwrap();
    assert_eq!(tenant.state, 0, "a state that this version does not know");
}
