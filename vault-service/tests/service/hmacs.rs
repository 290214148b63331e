//! Every column of every row with an HMAC: whatever SQL does to it, the read that uses the row notices.

use db::Db;
use names::{CollectionId, RecordUid, TenantId, TenantUid};
use rows::RowKeys;
use serde_json::json;
use test_support::postgres::Superuser;
use vault_service::keys::own::NOBODY;
use vault_service::store::StoreError;
use vault_service::store::collections::{collection_fetch, collection_list};
use vault_service::store::deleted_records::deleted_record_check;
use vault_service::store::derived_keys::{StoredKeys, derived_keys_fetch};
use vault_service::store::requests::{RequestKey, request_fetch};
use vault_service::store::tenants::{tenant_fetch, tenant_list};

use crate::support::{World, new_record};

/// A table with an HMAC.
struct Covered {
    name: &'static str,
    /// The column that the HMAC leaves out.
    left_out: &'static str,
    /// By what rows are found: one that was changed there may be lost instead.
    key: &'static [&'static str],
}

const TABLES: [Covered; 6] = [
    Covered { name: "collections", left_out: "", key: &["tenant_uid", "collection_id"] },
    Covered { name: "deleted_records", left_out: "", key: &["tenant_uid", "record_uid"] },
    Covered { name: "derived_key_lists", left_out: "", key: &["tenant_uid"] },
    Covered { name: "derived_keys", left_out: "", key: &["tenant_uid"] },
    Covered { name: "requests", left_out: "created_at", key: &["tenant_uid", "caller", "on_behalf_of", "request_id"] },
    Covered { name: "tenants", left_out: "", key: &["tenant_id"] },
];

/// A world with a row in each of them.
async fn world() -> World {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "a": 1 }));
    "0190a5a0-7b6c-7def-8123-456789abcdef".clone_into(&mut request.request_id);
    app.create_record(request).await.unwrap();
    app.delete("p-1", "").await.unwrap();
    drop(vault);
    // Whoever has all rights on the database drops what stands in the way first.
    let drop_all = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
                    WHERE contype IN ('c', 'p', 'u') AND connamespace = 'public'::regnamespace";
    for row in world.sql().await.query(drop_all, &[]).await.unwrap() {
        world.run(row.get(0)).await;
    }
    for Covered { name: table, .. } in TABLES {
        for column in world.columns(table).await {
            world.run(&format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")).await;
        }
        world.keep(table).await;
    }
    world
}

/// Reads whatever the table has, by the key that its first row has now; how many rows there were.
async fn read(db: &Db, sql: &Superuser, keys: &RowKeys, table: &str) -> Result<usize, StoreError> {
    let uid = async |column: &str| -> uuid::Uuid {
        let row = sql.query_one(&format!("SELECT {column} FROM {table} LIMIT 1"), &[]).await.unwrap();
        row.get::<_, Option<uuid::Uuid>>(0).unwrap_or_default()
    };
    match table {
        "tenants" => {
            db.run_one("read", |conn| {
                Box::pin(async move { tenant_list(conn, keys, None, 10).await.map(|rows| rows.len()) })
            })
            .await
        }
        "collections" => {
            let tenant = TenantUid::new(uid("tenant_uid").await);
            db.run_one("read", |conn| {
                Box::pin(async move { collection_list(conn, keys, tenant, None, 10).await.map(|rows| rows.len()) })
            })
            .await
        }
        "requests" => {
            let text = async |column: &str| -> String {
                let row = sql.query_one(&format!("SELECT {column} FROM requests LIMIT 1"), &[]).await.unwrap();
                row.get::<_, Option<String>>(0).unwrap_or_default()
            };
            let key = &RequestKey {
                tenant_uid: TenantUid::new(uid("tenant_uid").await),
                caller: text("caller").await,
                on_behalf_of: text("on_behalf_of").await,
                request_id: uid("request_id").await,
            };
            db.run_one("read", |conn| {
                Box::pin(async move { request_fetch(conn, keys, key).await.map(|row| row.iter().count()) })
            })
            .await
        }
        "deleted_records" => {
            let (tenant, record) = (TenantUid::new(uid("tenant_uid").await), RecordUid::new(uid("record_uid").await));
            db.run_one("read", |conn| {
                Box::pin(async move { deleted_record_check(conn, keys, tenant, record).await.map(usize::from) })
            })
            .await
        }
        _ => {
            let stored: StoredKeys = db
                .run_snapshot("read", |tx| Box::pin(async move { derived_keys_fetch(tx, NOBODY).await }))
                .await
                .map_err(|error: db::Error| StoreError::from(error))?;
            Ok(stored.check(keys)?.iter().count() + stored.keys().count())
        }
    }
}

/// What can be done to a column of this type.
fn changes(column: &str, data_type: &str) -> Vec<String> {
    let other = match data_type {
        "uuid" => "gen_random_uuid()".to_owned(),
        "text" => format!("{column} || 'x'"),
        "bigint" | "integer" => format!("{column} + 1"),
        "timestamp with time zone" => format!("{column} + interval '1 microsecond'"),
        "bytea" => format!(
            "set_byte({column}, octet_length({column}) - 1, get_byte({column}, octet_length({column}) - 1) # 1)"
        ),
        "ARRAY" => format!("{column} || 'x'::text"),
        other => panic!("a type that this test does not know: {other}"),
    };
    let empty = match data_type {
        "uuid" => "'00000000-0000-0000-0000-000000000000'",
        "bigint" | "integer" => "0",
        "timestamp with time zone" => "'infinity'",
        "ARRAY" => "'{}'",
        _ => "''",
    };
    vec![other, empty.to_owned(), "NULL".to_owned()]
}

#[tokio::test]
async fn the_tables_with_an_hmac_are_all_tested() {
    let (world, _vault) = World::start().await;
    let sql = "SELECT table_name::text FROM information_schema.columns
               WHERE table_schema = 'public' AND column_name = 'row_mac' ORDER BY 1";
    let found = world.sql().await.query(sql, &[]).await.unwrap();
    let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, TABLES.map(|table| table.name));
}

#[tokio::test]
async fn every_changed_column_is_noticed() {
    let world = world().await;
    let keys = world.row_keys().await;
    let (db, sql) = (world.database.connect().unwrap(), world.sql().await);
    let mut tried = 0;
    for Covered { name: table, left_out, key } in TABLES {
        let whole = read(&db, &sql, &keys, table).await.unwrap();
        assert!(whole > 0, "the control: {table} has a row");
        let columns = "SELECT column_name::text, data_type::text FROM information_schema.columns
                       WHERE table_schema = 'public' AND table_name = $1";
        for row in sql.query(columns, &[&table]).await.unwrap() {
            let (column, data_type): (String, String) = (row.get(0), row.get(1));
            for change in changes(&column, &data_type) {
                let first = format!("ctid = (SELECT min(ctid) FROM {table})");
                let is_change = format!("{column} IS DISTINCT FROM {change}");
                let changed = format!("UPDATE {table} SET {column} = {change} WHERE {first} AND {is_change}");
                let changed = sql.execute(&changed, &[]).await.unwrap();
                if changed == 0 {
                    continue;
                }
                tried += 1;
                let answer = read(&db, &sql, &keys, table).await;
                let noticed = match answer {
                    Err(StoreError::Row(_)) => true,
                    Ok(rows) if left_out == column => rows == whole,
                    Ok(rows) if key.contains(&column.as_str()) => rows < whole,
                    _ => false,
                };
                assert!(noticed, "{table}.{column} = {change}: {answer:?}");
                world.put_back(table).await;
            }
        }
        read(&db, &sql, &keys, table).await.unwrap();
    }
    assert!(tried > 100, "the control: {tried} changes were tried");
}

#[tokio::test]
async fn rows_that_have_exchanged_their_names_are_noticed() {
    let world = world().await;
    let keys = world.row_keys().await;
    let vault = world.replica().await;
    let mut operator = world.calls(&vault, "operator");
    operator.create_tenant("other").await.unwrap();
    operator.create_collection("tenants/acme", "staff").await.unwrap();
    for (table, column, one, another) in
        [("tenants", "tenant_id", "acme", "other"), ("collections", "collection_id", "patients", "staff")]
    {
        world
            .run(&format!(
                "UPDATE {table} SET {column} = CASE {column} WHEN '{one}' THEN '{another}' ELSE '{one}' END
                 WHERE {column} IN ('{one}', '{another}')"
            ))
            .await;
    }
    let db = world.database.connect().unwrap();
    let keys = &*keys;
    for id in ["acme", "other"] {
        let id: &TenantId = &id.parse().unwrap();
        let read: Result<_, StoreError> =
            db.run_one("read", |conn| Box::pin(async move { tenant_fetch(conn, keys, id).await })).await;
        assert!(matches!(read, Err(StoreError::Row(_))), "{read:?}");
    }
    let tenant: uuid::Uuid =
        world.sql().await.query_one("SELECT tenant_uid FROM collections LIMIT 1", &[]).await.unwrap().get(0);
    for id in ["patients", "staff"] {
        let id: &CollectionId = &id.parse().unwrap();
        let tenant = TenantUid::new(tenant);
        let read: Result<_, StoreError> =
            db.run_one("read", |conn| Box::pin(async move { collection_fetch(conn, keys, tenant, id).await })).await;
        assert!(matches!(read, Err(StoreError::Row(_))), "{read:?}");
    }
}
