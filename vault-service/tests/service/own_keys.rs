//! The vault's own keys: found by name, added where this version is the first that needs one, never made anew where one
//! is missing.

use rows::{NewRow, RowKeys};
use serde_json::json;
use test_support::poll_until;
use tonic::Code;
use vault_service::store::derived_keys::{DERIVED_KEY_LISTS, DERIVED_KEYS};

use crate::support::{LIMIT, Refused, World, fields, refused};

/// What a fresh vault answers when it needs its own keys.
async fn fresh_vault_refuses(world: &World, what: &str) {
    let fresh = world.replica().await;
    let created = world.calls(&fresh, "app").create("new", &json!({ "a": 1 })).await;
    assert_eq!(refused(created), Refused::does_not_open(), "{what}");
}

/// As a version had left it that did not need fingerprints yet.
pub(crate) async fn forget_fingerprint(world: &World, keys: &RowKeys) {
    let sql = world.sql().await;
    let nobody = uuid::Uuid::nil();
    let list = NewRow::of(DERIVED_KEY_LISTS)
        .with("tenant_uid", nobody)
        .with("key_names", vec!["outbox/1/", "row/1/"])
        .with("revision", 1_u64)
        .authenticated(keys);
    sql.execute(&list.update(&["tenant_uid"], 1), &list.params()).await.unwrap();
    sql.execute("DELETE FROM derived_keys WHERE purpose = 'fingerprint'", &[]).await.unwrap();
}

async fn listed(world: &World) -> Vec<String> {
    world.sql().await.query_one("SELECT key_names FROM derived_key_lists", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_key_that_is_missing_is_refused_and_not_made_anew() {
    let (world, _vault) = World::start().await;
    for table in ["derived_keys", "derived_key_lists"] {
        world.keep(table).await;
    }
    for change in [
        "DELETE FROM derived_keys WHERE purpose = 'outbox'",
        "DELETE FROM derived_keys WHERE purpose = 'fingerprint'",
        "DELETE FROM derived_keys WHERE purpose = 'row'",
        "DELETE FROM derived_keys",
        "DELETE FROM derived_key_lists",
        "DELETE FROM derived_keys; DELETE FROM derived_key_lists",
        "UPDATE derived_key_lists SET key_names = array_remove(key_names, 'fingerprint/1/')",
    ] {
        world.run(change).await;
        let fresh = world.replica().await;
        let refusal = world.calls(&fresh, "app").create("new", &json!({ "a": 1 })).await.unwrap_err();
        let is_missing = refusal.message().starts_with("keys of the vault's own are missing");
        assert_eq!((refusal.code(), is_missing), (Code::DataLoss, !change.starts_with("UPDATE")), "{change}");
        let made: i64 = world
            .sql()
            .await
            .query_one("SELECT count(*) FROM derived_keys d WHERE d NOT IN (SELECT k FROM kept_derived_keys k)", &[])
            .await
            .unwrap()
            .get(0);
        assert_eq!(made, 0, "{change}");
        for table in ["derived_keys", "derived_key_lists"] {
            world.put_back(table).await;
        }
    }
    let fresh = world.replica().await;
    world.calls(&fresh, "app").create("new", &json!({ "a": 1 })).await.unwrap();
}

/// Whatever is left was written with own keys: they were there.
#[tokio::test]
async fn a_database_in_which_anything_is_left_is_no_first_start() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let request_id = "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned();
    let request =
        api::vault::v1::CreateRecordRequest { request_id, ..crate::support::new_record("p-1", &json!({ "a": 1 })) };
    app.create_record(request).await.unwrap();
    world.audit.set_away(true);
    app.delete("p-1", "").await.unwrap();
    vault.stop().await;
    world.run("INSERT INTO audit_outbox_refused SELECT o.*, 'FORGED', now() FROM audit_outbox o").await;
    let tables = ["audit_outbox", "audit_outbox_refused", "deleted_records", "requests", "tenants", "collections"];
    for table in tables {
        world.keep(table).await;
    }
    for left in tables {
        for table in tables.iter().filter(|table| **table != left) {
            world.run(&format!("SET session_replication_role = replica; DELETE FROM {table}")).await;
        }
        world.run("DELETE FROM records; DELETE FROM derived_keys; DELETE FROM derived_key_lists").await;
        let error = world.try_row_keys().await.unwrap_err();
        assert!(matches!(error, vault_service::error::Error::OwnKeysMissing(_)), "{left}: {error:?}");
        for table in tables {
            world.put_back(table).await;
        }
    }
}

#[tokio::test]
async fn changed_keys_and_lists_are_refused() {
    let (world, _vault) = World::start().await;
    for table in ["derived_keys", "derived_key_lists"] {
        world.keep(table).await;
    }
    for change in [
        "UPDATE derived_keys SET create_time = now() WHERE purpose = 'outbox'",
        "UPDATE derived_keys SET wrapped_key = '' WHERE purpose = 'row'",
        "UPDATE derived_keys SET version = 2 WHERE purpose = 'row'",
        "UPDATE derived_keys SET scope = 'x' WHERE purpose = 'fingerprint'",
        "UPDATE derived_keys SET (wrapped_key, key_uid) = (SELECT wrapped_key, key_uid FROM derived_keys WHERE purpose = 'row')
         WHERE purpose = 'outbox'",
        "UPDATE derived_key_lists SET revision = revision + 1",
    ] {
        world.run(change).await;
        fresh_vault_refuses(&world, change).await;
        for table in ["derived_keys", "derived_key_lists"] {
            world.put_back(table).await;
        }
    }
}

#[tokio::test]
async fn a_key_under_an_unknown_key_version_is_refused_and_named() {
    let (world, _vault) = World::start().await;
    world.keep("derived_keys").await;
    for (purpose, byte) in [("row", 18), ("outbox", 21), ("fingerprint", 29)] {
        let change = format!("wrapped_key = set_byte(wrapped_key, {byte}, get_byte(wrapped_key, {byte}) # 1)");
        world.run(&format!("UPDATE derived_keys SET {change} WHERE purpose = '{purpose}'")).await;
        let error = world.try_row_keys().await.unwrap_err();
        let vault_service::error::Error::OwnKeysVersionUnknown { ref names, .. } = error else { panic!("{error:?}") };
        assert_eq!((names, error.is_alarm()), (&vec![format!("{purpose}/1/")], true));
        let fresh = world.replica().await;
        let created = world.calls(&fresh, "app").create("new", &json!({ "a": 1 })).await;
        assert_eq!(refused(created), Refused::version_unknown(), "{purpose}");
        world.put_back("derived_keys").await;
    }
}

#[tokio::test]
async fn a_key_that_this_installation_never_had_is_added_once_by_several_replicas() {
    let (world, vault) = World::start().await;
    world.calls(&vault, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
    forget_fingerprint(&world, &world.row_keys().await.clone()).await;
    let fresh = futures::future::join_all((0..4).map(|_| world.replica())).await;
    let uses = fresh.iter().enumerate().map(|(number, vault)| {
        let mut app = world.calls(vault, "app");
        async move { app.create(&format!("new-{number}"), &json!({ "a": 1 })).await.unwrap() }
    });
    futures::future::join_all(uses).await;
    assert_eq!(listed(&world).await, ["fingerprint/1/", "outbox/1/", "row/1/"]);
    // A request that one of them has taken is known to the others: they share the key.
    let request = api::vault::v1::CreateRecordRequest {
        request_id: "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned(),
        ..crate::support::new_record("r-1", &json!({ "a": 1 }))
    };
    let first = world.calls(&fresh[0], "app").create_record(request.clone()).await.unwrap();
    for vault in &fresh {
        assert_eq!(world.calls(vault, "app").create_record(request.clone()).await.unwrap(), first);
    }
    assert_eq!(world.calls(&fresh[0], "app").reveal("p-1").await.unwrap(), fields(&json!({ "a": 1 })));
}

#[tokio::test]
async fn a_key_that_a_later_version_added_is_none_of_this_ones_business() {
    let (world, _vault) = World::start().await;
    let (keys, sql) = (world.row_keys().await, world.sql().await);
    let key = NewRow::of(DERIVED_KEYS)
        .with("tenant_uid", uuid::Uuid::nil())
        .with("purpose", "reconciliation")
        .with("scope", "")
        .with("version", 1_u32)
        .with("key_uid", uuid::Uuid::from_u128(7))
        .with("wrapped_key", &b"of a form that this version does not know"[..])
        .with("create_time", rows::Time(1_800_000_000_000_000))
        .authenticated(&keys);
    sql.execute(&key.insert(1), &key.params()).await.unwrap();
    let list = NewRow::of(DERIVED_KEY_LISTS)
        .with("tenant_uid", uuid::Uuid::nil())
        .with("key_names", vec!["fingerprint/1/", "outbox/1/", "reconciliation/1/", "row/1/"])
        .with("revision", 2_u64)
        .authenticated(&keys);
    sql.execute(&list.update(&["tenant_uid"], 1), &list.params()).await.unwrap();
    let fresh = world.replica().await;
    world.calls(&fresh, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
}

#[tokio::test]
async fn a_key_is_bound_to_its_version() {
    let (world, _vault) = World::start().await;
    let (keys, sql) = (world.row_keys().await, world.sql().await);
    let old =
        sql.query_one("SELECT key_uid, wrapped_key FROM derived_keys WHERE purpose = 'outbox'", &[]).await.unwrap();
    let second = NewRow::of(DERIVED_KEYS)
        .with("tenant_uid", uuid::Uuid::nil())
        .with("purpose", "outbox")
        .with("scope", "")
        .with("version", 2_u32)
        .with("key_uid", old.get::<_, uuid::Uuid>(0))
        .with("wrapped_key", old.get::<_, Vec<u8>>(1))
        .with("create_time", rows::Time(1_800_000_000_000_000))
        .authenticated(&keys);
    sql.execute(&second.insert(1), &second.params()).await.unwrap();
    fresh_vault_refuses(&world, "version 1 as version 2").await;
}

#[tokio::test]
async fn a_first_start_makes_them_and_lists_them() {
    let world = World::new().await;
    let vault = world.replica().await;
    let mut operator = world.calls(&vault, "operator");
    poll_until(LIMIT, "the first tenant", async || operator.create_tenant("acme").await.ok()).await.unwrap();
    assert_eq!(listed(&world).await, ["fingerprint/1/", "outbox/1/", "row/1/"]);
    assert_eq!(refused(operator.create_tenant("acme").await).code, Code::AlreadyExists);
}
