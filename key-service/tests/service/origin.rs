//! From where, and for whom, a call is made: refused where malformed, and in the event of what it did.

use api::key::v1::{
    BatchGenerateDataKeysRequest, CreateKeyRequest, GenerateDataKeyRequest, GetKeyRequest, GetKeyVersionRequest,
    GetSealStatusRequest, Key, KeyPurpose, ListKeyVersionsRequest, ListKeysRequest, ProvisionTenantKeyRequest,
    RewrapDataKeyRequest, RotateKeyRequest, UnwrapDataKeyRequest,
};
use tonic::Code;

use crate::support::{Refused, World, context, refused};

const KEY: &str = "keys/vault-service";
const TENANT: &str = "0190a5a0-0000-7000-8000-000000000001";
const USER: &str = "tenants/acme/users/ada";
const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];

fn create(on_behalf_of: &str) -> CreateKeyRequest {
    CreateKeyRequest {
        key_id: String::new(),
        key: Some(Key { purpose: KeyPurpose::Wrap.into(), ..Key::default() }),
        request_id: "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned(),
        on_behalf_of: on_behalf_of.to_owned(),
    }
}

fn generate(on_behalf_of: &str) -> GenerateDataKeyRequest {
    GenerateDataKeyRequest {
        key: KEY.to_owned(),
        subject: String::new(),
        context: context(&CONTEXT),
        on_behalf_of: on_behalf_of.to_owned(),
    }
}

#[tokio::test]
async fn a_malformed_user_is_refused_by_every_method() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let mut vault = world.calls(&replica, "vault-service");
    let wrapped_key = vault.generate(KEY, &CONTEXT).await.unwrap().wrapped_key;
    let user = || "ada@example.com".to_owned();
    let refused_all = [
        refused(operator.keys.create_key(create(&user())).await),
        refused(operator.keys.get_key(GetKeyRequest { name: KEY.to_owned(), on_behalf_of: user() }).await),
        refused(operator.keys.list_keys(ListKeysRequest { on_behalf_of: user(), ..Default::default() }).await),
        refused({
            let request = RotateKeyRequest { name: KEY.to_owned(), on_behalf_of: user(), ..Default::default() };
            operator.keys.rotate_key(request).await
        }),
        refused({
            let request = GetKeyVersionRequest { name: format!("{KEY}/versions/1"), on_behalf_of: user() };
            operator.keys.get_key_version(request).await
        }),
        refused({
            let request = ListKeyVersionsRequest { parent: KEY.to_owned(), on_behalf_of: user(), ..Default::default() };
            operator.keys.list_key_versions(request).await
        }),
        refused(operator.seal.get_seal_status(GetSealStatusRequest { on_behalf_of: user() }).await),
        refused(vault.data.generate_data_key(generate(&user())).await),
        refused({
            let request = UnwrapDataKeyRequest {
                key: KEY.to_owned(),
                context: context(&CONTEXT),
                wrapped_key: wrapped_key.clone().into(),
                on_behalf_of: user(),
                ..Default::default()
            };
            vault.data.unwrap_data_key(request).await
        }),
        refused({
            let request = RewrapDataKeyRequest {
                key: KEY.to_owned(),
                context: context(&CONTEXT),
                wrapped_key: wrapped_key.clone().into(),
                on_behalf_of: user(),
                ..Default::default()
            };
            vault.data.rewrap_data_key(request).await
        }),
        refused({
            let request = BatchGenerateDataKeysRequest { requests: vec![generate("")], on_behalf_of: user() };
            vault.data.batch_generate_data_keys(request).await
        }),
        refused({
            let request = ProvisionTenantKeyRequest { tenant_uid: TENANT.to_owned(), on_behalf_of: user() };
            vault.data.provision_tenant_key(request).await
        }),
    ];
    for refusal in refused_all {
        assert_eq!(refusal, Refused::with(Code::InvalidArgument, "", &["on_behalf_of"]));
    }
    let requests = vec![generate(USER), generate(&user())];
    let batch = BatchGenerateDataKeysRequest { requests, ..Default::default() };
    let refusal = refused(vault.data.batch_generate_data_keys(batch).await);
    assert_eq!(refusal, Refused::with(Code::InvalidArgument, "", &["requests[1].on_behalf_of"]));
}

#[tokio::test]
async fn the_event_of_a_change_names_user_and_address() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let mut vault = world.calls(&replica, "vault-service");
    let key = operator.keys.create_key(create(USER)).await.unwrap().into_inner().key.unwrap();
    let rotate = RotateKeyRequest { name: key.name.clone(), on_behalf_of: USER.to_owned(), ..Default::default() };
    operator.keys.rotate_key(rotate).await.unwrap();
    let provision = ProvisionTenantKeyRequest { tenant_uid: TENANT.to_owned(), on_behalf_of: USER.to_owned() };
    vault.data.provision_tenant_key(provision).await.unwrap();
    for (action, resource) in
        [("keys.create", &key.name), ("keys.rotate", &key.name), ("tenantKeys.provision", &format!("keys/{TENANT}"))]
    {
        let event = world.audit.event(action, |event| event.resource == *resource).await;
        assert_eq!((event.on_behalf_of.as_str(), event.attributes["peer"].as_str()), (USER, "127.0.0.1"), "{action}");
    }
}

#[tokio::test]
async fn uses_for_different_users_have_events_of_their_own() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let requests = vec![generate("u-1"), generate(""), generate("u-1")];
    let batch = BatchGenerateDataKeysRequest { requests, on_behalf_of: "u-2".to_owned() };
    vault.data.batch_generate_data_keys(batch).await.unwrap();
    for (user, count) in [("u-1", "2"), ("u-2", "1")] {
        let event = world.audit.event("dataKeys.generate", |event| event.on_behalf_of == user).await;
        assert_eq!((event.resource.as_str(), event.attributes["count"].as_str()), (KEY, count));
    }
}

#[tokio::test]
async fn nobody_meets_the_request_ids_of_another_caller_or_user() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let mut names = Vec::new();
    for user in [USER, "tenants/acme/users/eve", "", USER] {
        names.push(operator.keys.create_key(create(user)).await.unwrap().into_inner().key.unwrap().name);
    }
    assert_eq!(names[0], names[3]);
    names.truncate(3);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3);
    let callers = "SELECT DISTINCT caller FROM requests";
    let caller: String = world.sql().await.query_one(callers, &[]).await.unwrap().get(0);
    assert_eq!(caller, "spiffe://strongroom.dev/operator");
}
