//! A database superuser changes any column of any row that carries an HMAC: the read that uses the row notices.

use std::collections::BTreeSet;

use api::vault::v1::{CreateRecordRequest, CreateTenantRequest, DeleteRecordRequest, Record, Tenant};
use db::Db;
use names::{CollectionId, RecordUid, TenantId, TenantUid};
use rows::RowKeys;
use serde_json::json;
use test_support::tamper::{Change, Tampering};
use uuid::Uuid;
use vault_service::store::StoreError;
use vault_service::store::collections::{collection_fetch, collection_list};
use vault_service::store::deleted_records::deleted_record_check;
use vault_service::store::derived_keys::{
    DerivedKeyList, DerivedKeyName, DerivedKeyRow, StoredKeys, derived_keys_fetch, derived_keys_insert,
};
use vault_service::store::requests::{RequestKey, request_fetch};
use vault_service::store::tenants::{tenant_fetch, tenant_list};
use vault_service::store::types::Most;
use vault_service::time::Micros;

use crate::support::{Calls, World, new_record};

/// Two rows in every table, of two tenants. Nothing runs afterwards.
async fn filled() -> World {
    let (world, vault) = World::start().await;
    let mut operator = world.calls(&vault, "operator");
    let other = CreateTenantRequest {
        tenant_id: "other".to_owned(),
        tenant: Some(Tenant { display_name: "Other".to_owned(), ..Tenant::default() }),
        request_id: Uuid::from_u128(7).to_string(),
        ..Default::default()
    };
    operator.tenants.create_tenant(other).await.unwrap();
    for (tenant, collection) in [("acme", "staff"), ("other", "clients")] {
        operator.create_collection(&format!("tenants/{tenant}"), collection).await.unwrap();
    }
    let users = [("app", "acme", "patients", "ann"), ("second-app", "other", "clients", "bob")];
    for (number, (caller, tenant, collection, user)) in users.into_iter().enumerate() {
        let request = CreateRecordRequest {
            parent: format!("tenants/{tenant}/collections/{collection}"),
            request_id: Uuid::from_u128(8 + u128::try_from(number).unwrap()).to_string(),
            on_behalf_of: format!("tenants/{tenant}/users/{user}"),
            ..new_record(&format!("p-{number}"), &json!({ "a": 1 }))
        };
        let mut app = world.calls(&vault, caller);
        let made = app.create_record(request).await.unwrap();
        updated(&mut app, number, &made).await;
        app.records.delete_record(DeleteRecordRequest { name: made.name, ..Default::default() }).await.unwrap();
    }
    vault.stop().await;
    a_tenants_keys(&world).await;
    world
}

/// The records that are deleted differ in their revisions.
async fn updated(app: &mut Calls, times: usize, record: &Record) {
    for _ in 0..times {
        let mut request = crate::support::update_request("", &[], &json!({ "a": 2 }));
        request.record.as_mut().unwrap().name.clone_from(&record.name);
        app.update_record(request).await.unwrap();
    }
}

/// A tenant's own key and list, as a later version will have them.
async fn a_tenants_keys(world: &World) {
    let (keys, db) = (&*world.row_keys().await, world.database.connect().unwrap());
    let sql = "SELECT tenant_uid FROM tenants WHERE tenant_id = 'acme'";
    let name = DerivedKeyName { purpose: "index".to_owned(), scope: "ssn".to_owned(), version: 2 };
    let list = &DerivedKeyList { names: vec![name.listed()], revision: 7, ..DerivedKeyList::default() };
    let key = &DerivedKeyRow {
        tenant_uid: TenantUid::new(world.sql().await.query_one(sql, &[]).await.unwrap().get(0)),
        name,
        key_uid: Uuid::from_u128(7),
        wrapped_key: b"wrapped".to_vec(),
        create_time: Micros::of(clock::Timestamp::from_micros(1_800_000_000_000_000)),
    };
    let written: Result<bool, StoreError> = derived_keys_insert(&db, keys, list, std::slice::from_ref(key)).await;
    assert!(written.unwrap());
}

/// The columns that a reader looks a row up by.
fn places(table: &str) -> &'static [&'static str] {
    match table {
        "collections" => &["tenant_uid", "collection_id"],
        "deleted_records" => &["tenant_uid", "record_uid"],
        "derived_key_lists" | "derived_keys" => &["tenant_uid"],
        "requests" => &["tenant_uid", "caller", "on_behalf_of", "request_id"],
        "tenants" => &["tenant_id"],
        other => panic!("{other} has no reader here"),
    }
}

/// Whether a change leaves a row at a place that no reader looks at.
fn is_lost(table: &str, change: &Change) -> bool {
    let column = change.column.as_str();
    match change.kind {
        "clear" => places(table).contains(&column),
        // Tenants and collections are listed after the empty id, and no name has it.
        "empty" => [("tenants", "tenant_id"), ("collections", "collection_id")].contains(&(table, column)),
        _ => false,
    }
}

/// Whether the HMAC leaves a column out.
fn is_left_out(table: &str, column: &str) -> bool {
    (table, column) == ("requests", "created_at")
}

/// Reads every row of a table as the service does, at the places that the rows have now; how many there were.
async fn read_all(db: &Db, tampering: &Tampering, keys: &RowKeys, table: &str) -> Result<usize, StoreError> {
    let columns = places(table).join(", ");
    let sql = format!("SELECT DISTINCT {columns} FROM {table} WHERE ({columns}) IS NOT NULL");
    let mut found = 0;
    for place in tampering.sql().query(&sql, &[]).await.unwrap() {
        let tenant = || TenantUid::new(place.get(0));
        found += match table {
            "collections" => read_collections(db, keys, tenant(), place.get(1)).await?,
            "deleted_records" => {
                let (tenant, record) = (tenant(), RecordUid::new(place.get(1)));
                let check = deleted_record_check(db, keys, tenant, record);
                usize::from(check.await?)
            }
            "derived_key_lists" | "derived_keys" => read_keys(db, keys, tenant(), table).await?,
            "requests" => {
                let (caller, on_behalf_of, request_id) = (place.get(1), place.get(2), place.get(3));
                let key = &RequestKey { tenant_uid: tenant(), caller, on_behalf_of, request_id };
                let fetched = request_fetch(db, keys, key);
                fetched.await?.iter().count()
            }
            "tenants" => read_tenants(db, keys, place.get(0)).await?,
            other => panic!("{other} has no reader here"),
        };
    }
    Ok(found)
}

/// Reads a tenant by its name and in the list.
async fn read_tenants(db: &Db, keys: &RowKeys, id: &str) -> Result<usize, StoreError> {
    let list = tenant_list(db, keys, None, 10);
    let listed = list.await?.into_iter().filter(|row| row.tenant_id == id).count();
    let Ok(id) = &TenantId::new(id) else { return Ok(listed) };
    let fetched: Result<_, StoreError> = tenant_fetch(db, keys, id).await;
    assert_eq!(fetched?.iter().count(), listed);
    Ok(listed)
}

/// Reads a collection by its name and in the list.
async fn read_collections(db: &Db, keys: &RowKeys, tenant: TenantUid, id: &str) -> Result<usize, StoreError> {
    let most = Most { rows: 10, bytes: 1 << 20 };
    let list = collection_list(db, keys, tenant, None, most);
    let listed = list.await?.rows.into_iter().filter(|row| row.collection_id == id).count();
    let Ok(id) = &id.parse::<CollectionId>() else { return Ok(listed) };
    let fetched: Result<_, StoreError> = collection_fetch(db, keys, tenant, id).await;
    assert_eq!(fetched?.iter().count(), listed);
    Ok(listed)
}

/// Reads a tenant's keys with their list.
async fn read_keys(db: &Db, keys: &RowKeys, tenant: TenantUid, table: &str) -> Result<usize, StoreError> {
    let stored: Result<StoredKeys, db::Error> =
        db.run_snapshot("read", |tx| Box::pin(async move { derived_keys_fetch(tx, tenant).await })).await;
    let stored = stored?;
    let list = stored.check(keys)?;
    Ok(if table == "derived_keys" { stored.keys().count() } else { list.iter().count() })
}

#[tokio::test]
async fn no_change_of_any_column_of_any_row_is_read() {
    let world = filled().await;
    let (keys, db) = (world.row_keys().await, world.database.connect().unwrap());
    let tampering = Tampering::begin(world.sql().await).await.unwrap();
    let mut tried = 0;
    for table in tampering.tables().await.unwrap() {
        tampering.keep(&table).await.unwrap();
        let whole = read_all(&db, &tampering, &keys, &table).await.unwrap();
        assert!(whole > 1, "the control: {table} has rows");
        let (mut untouched, mut touched, mut swapped) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for change in tampering.changes(&table).await.unwrap() {
            let changed = tampering.make(&change).await.unwrap();
            let what = format!("{} of {table}.{}", change.kind, change.column);
            assert!(changed > 0 || change.kind != "move", "{table} has no row of a tenant");
            if changed == 0 {
                untouched.insert(change.column);
                continue;
            }
            tried += 1;
            let answer = read_all(&db, &tampering, &keys, &table).await;
            let noticed = match &answer {
                Err(StoreError::Row(rows::Error::Altered { .. } | rows::Error::Unreadable { .. })) => {
                    !is_left_out(&table, &change.column)
                }
                // The other list is that of nobody, too: two of them are none.
                Err(StoreError::Database(db::Error::NotOneRow { .. })) => {
                    what == "empty of derived_key_lists.tenant_uid"
                }
                Ok(rows) if is_left_out(&table, &change.column) => *rows == whole,
                Ok(rows) if is_lost(&table, &change) => *rows < whole,
                _ => false,
            };
            assert!(noticed, "{what}: {answer:?}");
            if change.kind == "swap" {
                swapped.insert(change.column.clone());
            }
            touched.insert(change.column);
            tampering.restore(&table).await.unwrap();
        }
        assert!(untouched.is_subset(&touched), "of {table} no row has {:?}", untouched.difference(&touched));
        let names_swapped = places(&table).iter().all(|&place| swapped.contains(place));
        assert!(names_swapped, "of {table} no two rows had exchanged all of {:?}", places(&table));
        assert_eq!(read_all(&db, &tampering, &keys, &table).await.unwrap(), whole);
    }
    assert!(tried > 150, "the control: {tried} changes were tried");
}
