//! Managing keys.

use std::collections::BTreeMap;

use api::key::v1::{
    CreateKeyRequest, GetKeyRequest, Key, KeyPurpose, KeyVersionState, ListKeyVersionsRequest, ListKeysRequest,
    ListPublicKeysRequest, RotateKeyRequest,
};
use rows::{NewRow, NewRows, Table};
use rpc::context::EVENT_ID_HEADER;
use test_support::poll_until;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Calls, LIMIT, Refused, World, refused};

const REQUEST_ID: &str = "0190a5a0-7b6c-7def-8123-456789abcdef";

fn create(id: &str, label: &str) -> CreateKeyRequest {
    let labels = BTreeMap::from([("team".to_owned(), label.to_owned())]);
    let key = Key { purpose: KeyPurpose::Wrap.into(), labels, ..Key::default() };
    CreateKeyRequest { key_id: id.to_owned(), key: Some(key), request_id: REQUEST_ID.to_owned(), ..Default::default() }
}

async fn make(calls: &mut Calls, request: CreateKeyRequest) -> Key {
    calls.keys.create_key(request).await.unwrap().into_inner().key.unwrap()
}

#[tokio::test]
async fn an_id_is_given_once() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("once", KeyPurpose::Wrap).await.unwrap();
    assert_eq!(refused(operator.create("once", KeyPurpose::Wrap).await), Refused::with(Code::AlreadyExists, "", &[]));
}

#[tokio::test]
async fn a_request_id_is_good_for_one_request() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    make(&mut operator, create("first", "a")).await;
    let reused = Refused::with(Code::InvalidArgument, "REQUEST_ID_REUSED", &[]);
    assert_eq!(refused(operator.keys.create_key(create("second", "a")).await), reused);
    assert_eq!(refused(operator.keys.create_key(create("first", "b")).await), reused);
}

#[tokio::test]
async fn a_request_is_remembered_by_the_databases_clock() {
    let world = World::new().await;
    let clock = world.movable_clock().await;
    clock.set("1 year").await.unwrap();
    let replica = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    let made = make(&mut operator, create("first", "a")).await;
    let sql = "SELECT create_time_us > extract(epoch FROM pg_catalog.now() + '300 days') * 1000000 FROM requests";
    assert!(world.sql().await.query_one(sql, &[]).await.unwrap().get::<_, bool>(0));
    assert_eq!(make(&mut operator, create("first", "a")).await, made, "the key's own time is told");
}

#[tokio::test]
async fn the_same_request_gives_the_first_answer_again() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let first = make(&mut operator, create("", "a")).await;
    operator.rotate(&first.name).await.unwrap();
    assert_eq!(make(&mut operator, create("", "a")).await, first, "also after the key has changed");
    let count: i64 = world.sql().await.query_one("SELECT count(*) FROM keys", &[]).await.unwrap().get(0);
    assert_eq!(count, 3, "the first two keys and this one");
}

/// A retried rotation makes no second version, whatever became of the key meanwhile.
#[tokio::test]
async fn a_rotation_with_a_request_id_is_made_once() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    let key = operator.create("k", KeyPurpose::Wrap).await.unwrap();
    operator.create("other", KeyPurpose::Wrap).await.unwrap();
    let rotate = |name: &str, etag: &str| RotateKeyRequest {
        name: name.to_owned(),
        etag: etag.to_owned(),
        request_id: REQUEST_ID.to_owned(),
        ..Default::default()
    };
    let calls = (0..6).map(|index| {
        let mut calls = world.calls(if index % 2 == 0 { &replica } else { &other }, "operator");
        let rotate = rotate("keys/k", &key.etag);
        async move { calls.keys.rotate_key(rotate).await.unwrap().into_inner() }
    });
    let first = futures::future::join_all(calls).await;
    assert!(first.iter().all(|answer| *answer == first[0]), "{first:#?}");
    assert_eq!(first[0].key_version.as_ref().unwrap().name, "keys/k/versions/2");
    operator.rotate("keys/k").await.unwrap();
    let again = operator.keys.rotate_key(rotate("keys/k", &key.etag)).await.unwrap();
    let event_id: Uuid = again.metadata().get(EVENT_ID_HEADER).unwrap().to_str().unwrap().parse().unwrap();
    assert_eq!(again.into_inner(), first[0], "though its etag is stale by now");
    let replay = world.audit.event("keys.rotate", |event| event.event_id == event_id.as_bytes()).await;
    assert_eq!((replay.attributes["reason"].as_str(), replay.resource.as_str()), ("REPLAYED", "keys/k"));
    let made: i64 = world
        .sql()
        .await
        .query_one("SELECT count(*) FROM key_versions v JOIN keys USING (key_uid) WHERE key_id = 'k'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(made, 3);
    let reused = Refused::with(Code::InvalidArgument, "REQUEST_ID_REUSED", &[]);
    for other in [rotate("keys/k", ""), rotate("keys/other", &key.etag)] {
        assert_eq!(refused(operator.keys.rotate_key(other).await), reused);
    }
    assert_eq!(refused(operator.keys.create_key(create("third", "a")).await), reused);
}

#[tokio::test]
async fn the_same_request_at_two_replicas_at_once_makes_one_key() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let calls = (0..6).map(|index| {
        let mut calls = world.calls(if index % 2 == 0 { &replica } else { &other }, "operator");
        async move { make(&mut calls, create("", "a")).await }
    });
    let keys = futures::future::join_all(calls).await;
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[tokio::test]
async fn a_stale_etag_rotates_nothing() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let key = operator.create("k", KeyPurpose::Wrap).await.unwrap();
    operator.rotate("keys/k").await.unwrap();
    let stale = RotateKeyRequest { name: key.name.clone(), etag: key.etag, ..Default::default() };
    assert_eq!(refused(operator.keys.rotate_key(stale).await), Refused::with(Code::Aborted, "ETAG_MISMATCH", &[]));
    let now = operator
        .keys
        .get_key(GetKeyRequest { name: key.name, ..Default::default() })
        .await
        .unwrap()
        .into_inner()
        .key
        .unwrap();
    assert_eq!(now.primary_version, "keys/k/versions/2");
    let fresh = RotateKeyRequest { name: now.name, etag: now.etag, ..Default::default() };
    let version = operator.keys.rotate_key(fresh).await.unwrap().into_inner().key_version.unwrap();
    assert_eq!((version.name.as_str(), version.state()), ("keys/k/versions/3", KeyVersionState::Enabled));
    world.audit.event("keys.rotate", |event| event.attributes["key_version"] == "3").await;
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let not_found = Refused::with(Code::NotFound, "", &[]);
    assert_eq!(refused(operator.rotate("keys/none").await), not_found);
    assert_eq!(refused(operator.version("keys/none/versions/1").await), not_found);
    assert_eq!(refused(operator.version("keys/audit-mac/versions/2").await), not_found);
    let list = ListKeyVersionsRequest { parent: "keys/none".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.keys.list_key_versions(list).await), not_found);
}

#[tokio::test]
async fn keys_and_versions_are_listed_page_by_page() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    for id in ["b", "a", "c-1"] {
        operator.create(id, KeyPurpose::Wrap).await.unwrap();
    }
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListKeysRequest { page_size: 2, page_token: token, ..Default::default() };
        let page = operator.keys.list_keys(request).await.unwrap().into_inner();
        assert!(page.keys.len() <= 2);
        names.extend(page.keys.into_iter().map(|key| key.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["keys/a", "keys/audit-mac", "keys/b", "keys/c-1", "keys/vault-service"]);

    operator.rotate("keys/a").await.unwrap();
    operator.rotate("keys/a").await.unwrap();
    let list = |page_token| ListKeyVersionsRequest {
        parent: "keys/a".to_owned(),
        page_size: 2,
        page_token,
        ..Default::default()
    };
    let first = operator.keys.list_key_versions(list(String::new())).await.unwrap().into_inner();
    let rest = operator.keys.list_key_versions(list(first.next_page_token.clone())).await.unwrap().into_inner();
    let versions: Vec<_> = first.key_versions.iter().chain(&rest.key_versions).map(|one| one.name.as_str()).collect();
    assert_eq!(versions, ["keys/a/versions/1", "keys/a/versions/2", "keys/a/versions/3"]);
    assert_eq!(rest.next_page_token, "");
    let foreign = ListKeysRequest { page_size: 2, page_token: first.next_page_token, ..Default::default() };
    assert_eq!(refused(operator.keys.list_keys(foreign).await).fields, ["page_token"]);
}

#[tokio::test]
async fn wraps_are_counted_within_a_second_over_all_replicas() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("counted", KeyPurpose::Wrap).await.unwrap();
    for replica in [&replica, &other] {
        let mut vault = world.calls(replica, "vault-service");
        for _ in 0..3 {
            vault.generate("keys/counted", &[("a", "b")]).await.unwrap();
        }
    }
    poll_until(LIMIT, "all wraps are counted", async || {
        let version = world.calls(&replica, "operator").version("keys/counted/versions/1").await.unwrap();
        (version.wrap_count == 6).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn public_keys_are_those_of_all_versions_of_signing_keys() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("receipts", KeyPurpose::Sign).await.unwrap();
    operator.rotate("keys/receipts").await.unwrap();
    operator.create("seals", KeyPurpose::Sign).await.unwrap();
    let mut auditor = world.calls(&replica, "auditor");
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListPublicKeysRequest { page_size: 1, page_token: token, ..Default::default() };
        let page = auditor.signer.list_public_keys(request).await.unwrap().into_inner();
        found.extend(page.public_keys);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let names: Vec<_> = found.iter().map(|key| key.key_version.as_str()).collect();
    assert_eq!(names, ["keys/receipts/versions/1", "keys/receipts/versions/2", "keys/seals/versions/1"]);
    assert!(found.iter().all(|key| key.public_key.len() == 32));
    assert_ne!(found[0].public_key, found[1].public_key);
}

#[tokio::test]
async fn a_tenants_key_is_made_once_and_no_other_key_is_taken_for_it() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let tenant = "0190a5a0-0000-7000-8000-000000000001";
    let first = vault.provision(tenant).await.unwrap();
    assert_eq!(first.name, format!("keys/{tenant}"));
    assert_eq!(vault.provision(tenant).await.unwrap(), first);

    let mut operator = world.calls(&replica, "operator");
    let foreign = "0190a5a0-0000-7000-8000-000000000002";
    operator.create(foreign, KeyPurpose::Wrap).await.unwrap();
    assert_eq!(refused(vault.provision(foreign).await).code, Code::AlreadyExists);
    assert_eq!(refused(operator.provision(tenant).await).code, Code::PermissionDenied);
    assert_eq!(refused(vault.create("mine", KeyPurpose::Wrap).await).code, Code::PermissionDenied);
    assert_eq!(refused(operator.generate("keys/vault-service", &[("a", "b")]).await).code, Code::PermissionDenied);
}

#[tokio::test]
async fn many_provisions_of_one_tenant_at_once_make_one_key() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let calls = (0..6).map(|index| {
        let mut calls = world.calls(if index % 2 == 0 { &replica } else { &other }, "vault-service");
        async move { calls.provision("0190a5a0-0000-7000-8000-00000000000a").await.unwrap() }
    });
    let keys = futures::future::join_all(calls).await;
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[tokio::test]
async fn rotations_at_once_give_a_version_each_and_an_etag_lets_one_through() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let key = world.calls(&replica, "operator").create("k", KeyPurpose::Wrap).await.unwrap();
    let rotate = |index: usize, etag: &str| {
        let mut calls = world.calls(if index.is_multiple_of(2) { &replica } else { &other }, "operator");
        let request = RotateKeyRequest { name: key.name.clone(), etag: etag.to_owned(), ..Default::default() };
        async move { Ok(calls.keys.rotate_key(request).await?.into_inner().key_version.unwrap().name) }
    };
    let made = futures::future::join_all((0..6).map(|index| rotate(index, &key.etag))).await;
    let (made, refusals): (Vec<_>, Vec<Result<String, tonic::Status>>) = made.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    for refusal in refusals {
        assert_eq!(refused(refusal), Refused::with(Code::Aborted, "ETAG_MISMATCH", &[]));
    }
    let made = futures::future::join_all((0..6).map(|index| rotate(index, ""))).await;
    let mut made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    made.sort();
    assert_eq!(made, [3, 4, 5, 6, 7, 8].map(|number| format!("keys/k/versions/{number}")));
}

/// Versions as the service would write them, up to a number.
async fn versions_up_to(world: &World, id: &str, last: u32) {
    let (sql, keys) = (world.sql().await, world.row_keys().await);
    let select = "SELECT v.* FROM key_versions v JOIN keys k USING (key_uid) WHERE key_id = $1";
    let row = sql.query_one(select, &[&id]).await.unwrap();
    let uid: Uuid = row.get("key_uid");
    let version = |number: u32| {
        NewRow::of(Table::new("key_versions"))
            .with("key_uid", uid)
            .with("version", number)
            .with("birth_mark", row.get::<_, &[u8]>("birth_mark"))
            .with("state", 1_i16)
            .with("material", row.get::<_, &[u8]>("material"))
            .with("create_time_us", 1_i64)
            .authenticated(&keys)
    };
    let rows = NewRows::of(Table::new("key_versions"), (2..=last).map(version).collect()).unwrap();
    sql.execute(&rows.insert(1), &rows.params()).await.unwrap();
    let row = sql.query_one("SELECT * FROM keys WHERE key_id = $1", &[&id]).await.unwrap();
    let carried = keys.check(Table::new("keys"), &row).unwrap().carried();
    let key = NewRow::of(Table::new("keys")).with("primary_version", last).carrying(&carried).authenticated(&keys);
    sql.execute(&key.update(&["key_uid"], 1), &key.params()).await.unwrap();
}

#[tokio::test]
async fn a_key_has_at_most_ten_thousand_versions() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    versions_up_to(&world, "k", 9_999).await;
    assert_eq!(operator.rotate("keys/k").await.unwrap().name, "keys/k/versions/10000");
    let full = Refused::with(Code::FailedPrecondition, "TOO_MANY_VERSIONS", &[]);
    assert_eq!(refused(operator.rotate("keys/k").await), full);
    for number in ["10001", "2147483648", "4294967295"] {
        assert_eq!(
            refused(operator.version(&format!("keys/k/versions/{number}")).await).code,
            Code::NotFound,
            "{number}"
        );
    }
}
