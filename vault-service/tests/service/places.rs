//! Tenants and collections.

use api::vault::v1::{
    Classification, Collection, CreateTenantRequest, FieldPolicy, GetCollectionRequest, GetTenantRequest, JsonType,
    ListCollectionsRequest, ListRecordsRequest, ListTenantsRequest, Tenant, TenantState, Treatment,
};
use rpc::Violations;
use rpc::page::Page;
use tonic::Code;

use crate::support::{Refused, World, refused};

#[tokio::test]
async fn malformed_tenants_and_collections_are_refused() {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    let invalid = |fields: &[&str]| Refused::with(Code::InvalidArgument, "", fields);
    for id in ["system", "Acme", "a_b", "-a", &"a".repeat(64)] {
        assert_eq!(refused(operator.create_tenant(id).await), invalid(&["tenant_id"]), "{id}");
    }
    let tenant = Some(Tenant { display_name: "x".repeat(129), ..Tenant::default() });
    let request =
        CreateTenantRequest { tenant, tenant_id: "A".to_owned(), request_id: "x".to_owned(), ..Default::default() };
    let refusal = refused(operator.tenants.create_tenant(request).await);
    assert_eq!(refusal, invalid(&["tenant_id", "request_id", "tenant.display_name"]));

    let policy = |field: &str| FieldPolicy { field: field.to_owned(), ..FieldPolicy::default() };
    let collection = Collection {
        field_policies: vec![
            FieldPolicy { treatment: 99, json_type: 99, classification: 99, max_size: -1, ..policy("a") },
            policy("a"),
            policy(""),
            FieldPolicy { treatment: Treatment::NeverStore.into(), required: true, ..policy("b") },
        ],
        purposes: vec!["Treatment".to_owned(), "x".to_owned(), "x".to_owned()],
        ..Collection::default()
    };
    let refusal = refused(operator.create_collection_with("tenants/acme", "C", collection).await);
    assert_eq!(refusal.code, Code::InvalidArgument);
    for field in [
        "collection_id",
        "collection.field_policies[0].treatment",
        "collection.field_policies[0].json_type",
        "collection.field_policies[0].classification",
        "collection.field_policies[0].max_size",
        "collection.field_policies[1].field",
        "collection.field_policies[2].field",
        "collection.field_policies[3].required",
        "collection.purposes[0]",
        "collection.purposes[2]",
    ] {
        assert!(refusal.fields.iter().any(|found| found == field), "{field} is missing in {:?}", refusal.fields);
    }
}

#[tokio::test]
async fn ids_are_given_once_and_parents_must_be_there() {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    let taken = Refused::with(Code::AlreadyExists, "", &[]);
    assert_eq!(refused(operator.create_tenant("acme").await), taken);
    assert_eq!(refused(operator.create_collection("tenants/acme", "patients").await), taken);
    let not_found = Refused::with(Code::NotFound, "", &[]);
    assert_eq!(refused(operator.create_collection("tenants/none", "patients").await), not_found);
    let get = GetTenantRequest { name: "tenants/none".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.tenants.get_tenant(get).await), not_found);
    let get = GetCollectionRequest { name: "tenants/acme/collections/none".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.collections.get_collection(get).await), not_found);
}

#[tokio::test]
async fn a_tenant_has_a_key_and_a_log_of_its_own() {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    let tenant = operator.create_tenant("globex").await.unwrap();
    assert_eq!((tenant.name.as_str(), tenant.state()), ("tenants/globex", TenantState::Active));
    let keys = world.keys.sql().await;
    let keys: i64 = keys.query_one("SELECT count(*) FROM keys WHERE key_id = $1", &[&tenant.uid]).await.unwrap().get(0);
    assert_eq!(keys, 1);
    let event = world.audit.event("tenants.create", |event| event.resource == "tenants/globex").await;
    assert_eq!(event.log, "logs/globex");
    let get = GetTenantRequest { name: tenant.name.clone(), ..Default::default() };
    assert_eq!(operator.tenants.get_tenant(get).await.unwrap().into_inner().tenant.unwrap(), tenant);
}

#[tokio::test]
async fn a_collection_comes_back_as_it_was_made() {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    let ssn = FieldPolicy {
        field: "ssn".to_owned(),
        classification: Classification::Pii.into(),
        treatment: Treatment::Encrypt.into(),
        json_type: JsonType::String.into(),
        required: true,
        max_size: 13,
    };
    let given =
        Collection { field_policies: vec![ssn], purposes: vec!["research".to_owned()], ..Collection::default() };
    let made = operator.create_collection_with("tenants/acme", "studies", given.clone()).await.unwrap();
    assert_eq!((&made.field_policies, &made.purposes), (&given.field_policies, &given.purposes));
    let get = GetCollectionRequest { name: made.name.clone(), ..Default::default() };
    assert_eq!(operator.collections.get_collection(get).await.unwrap().into_inner().collection.unwrap(), made);
    let get = GetCollectionRequest { name: "tenants/acme/collections/patients".to_owned(), ..Default::default() };
    let patients = operator.collections.get_collection(get).await.unwrap().into_inner().collection.unwrap();
    assert_eq!(patients.purposes, ["treatment", "payment", "operations", "support", "legal"]);
}

#[tokio::test]
async fn tenants_and_collections_are_listed_page_by_page() {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    for id in ["b", "a", "c-1"] {
        operator.create_tenant(id).await.unwrap();
        operator.create_collection("tenants/acme", id).await.unwrap();
    }
    let (mut tenants, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListTenantsRequest { page_size: 2, page_token: token, ..Default::default() };
        let page = operator.tenants.list_tenants(request).await.unwrap().into_inner();
        tenants.extend(page.tenants.into_iter().map(|tenant| tenant.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(tenants, ["tenants/a", "tenants/acme", "tenants/b", "tenants/c-1"]);
    let request = ListCollectionsRequest { parent: "tenants/acme".to_owned(), ..Default::default() };
    let page = operator.collections.list_collections(request).await.unwrap().into_inner();
    let ids: Vec<_> = page.collections.iter().map(|collection| collection.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c-1", "patients"]);
    let request = ListCollectionsRequest { parent: "tenants/none".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.collections.list_collections(request).await).code, Code::NotFound);
}

#[tokio::test]
async fn a_made_up_page_token_is_bad_input() {
    let (world, vault) = World::start().await;
    let (mut operator, mut app) = (world.calls(&vault, "operator"), world.calls(&vault, "app"));
    let made_up = |list: &[&str]| Page::parse(list, 0, "", &mut Violations::new()).token_after("a\0");
    let (tenant, collection) = ("tenants/acme".to_owned(), "tenants/acme/collections/patients".to_owned());
    let list = ListTenantsRequest { page_token: made_up(&["ListTenants"]), ..Default::default() };
    let tenants = refused(operator.tenants.list_tenants(list).await);
    let page_token = made_up(&["ListCollections", &tenant]);
    let list = ListCollectionsRequest { parent: tenant, page_token, ..Default::default() };
    let collections = refused(operator.collections.list_collections(list).await);
    let page_token = made_up(&["ListRecords", &collection]);
    let list = ListRecordsRequest { parent: collection, page_token, ..Default::default() };
    let records = refused(app.records.list_records(list).await);
    for refusal in [tenants, collections, records] {
        assert_eq!(refusal, Refused::with(Code::InvalidArgument, "", &["page_token"]));
    }
}
