//! The schema keeps what the code says of it.

use std::collections::BTreeSet;

use serde_json::json;
use vault_service::store::ENCRYPTED_COLUMNS;

use crate::support::World;

#[tokio::test]
async fn every_encrypted_column_has_its_constant_and_the_other_way_round() {
    let world = World::new().await;
    let rows = world
        .sql()
        .await
        .query(
            "SELECT c.table_name::text, c.column_name::text
             FROM information_schema.columns c
             WHERE c.table_schema = 'public' AND c.data_type = 'bytea'
               AND col_description(format('%I.%I', c.table_schema, c.table_name)::regclass, c.ordinal_position)
                   LIKE '(encrypted)%'",
            &[],
        )
        .await
        .unwrap();
    let in_schema: BTreeSet<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let in_code: BTreeSet<(String, String)> =
        ENCRYPTED_COLUMNS.iter().map(|column| (column.table.to_owned(), column.column.to_owned())).collect();
    assert_eq!(in_schema, in_code);
    let bindings: BTreeSet<_> = ENCRYPTED_COLUMNS.iter().map(|column| column.binding).collect();
    assert_eq!(bindings.len(), ENCRYPTED_COLUMNS.len(), "no two columns are bound alike");
}

#[tokio::test]
async fn every_table_and_column_explains_itself() {
    let world = World::new().await;
    let rows = world
        .sql()
        .await
        .query(
            "SELECT c.table_name || '.' || c.column_name
             FROM information_schema.columns c
             WHERE c.table_schema = 'public' AND c.table_name IN ('tenants', 'collections', 'records', 'deleted_records', 'requests', 'derived_keys',
                                                              'derived_key_lists')
               AND col_description(format('%I.%I', c.table_schema, c.table_name)::regclass, c.ordinal_position) IS NULL",
            &[],
        )
        .await
        .unwrap();
    let silent: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(silent, Vec::<String>::new());
}

#[tokio::test]
async fn the_key_version_of_a_record_is_read_from_its_wrapped_key_and_never_written() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let sql = world.sql().await;
    let key: String = sql.query_one("SELECT 'keys/' || tenant_uid FROM tenants", &[]).await.unwrap().get(0);
    world.rotate(&key).await;
    app.create("p-2", &json!({ "a": 1 })).await.unwrap();
    let stored = async || -> Vec<i32> {
        let rows = sql.query("SELECT key_version FROM records ORDER BY record_id", &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    assert_eq!(stored().await, [1, 2]);
    for (id, version) in [("p-1", 1), ("p-2", 2)] {
        assert_eq!(app.get(id).await.unwrap().key_version, format!("{key}/versions/{version}"));
    }
    for (bytes, version) in [("01020304", 0x0102_0304), ("7f00ff80", 0x7f00_ff80), ("000000ff", 255)] {
        let header = format!("overlay(wrapped_key PLACING '\\x{bytes}'::bytea FROM 19 FOR 4)");
        world.run(&format!("UPDATE records SET wrapped_key = {header} WHERE record_id = 'p-1'")).await;
        assert_eq!(stored().await, [version, 2]);
    }
    for short in ["''", "'\\x01'", "decode(repeat('ff', 21), 'hex')"] {
        world.run(&format!("UPDATE records SET wrapped_key = {short} WHERE record_id = 'p-1'")).await;
        assert_eq!(stored().await, [0, 2], "{short}");
    }
    assert!(sql.execute("UPDATE records SET key_version = 7", &[]).await.is_err());
}

#[tokio::test]
async fn no_key_crosses_tenants() {
    let world = World::new().await;
    let sql = world.sql().await;
    let rows = sql
        .query(
            "SELECT i.indexrelid::regclass::text, a.attname::text
             FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
             WHERE n.nspname = 'public' AND i.indisunique
               -- Those of all tenants together: tenants themselves, and what is claimed in its order whoever it is of.
               AND t.relname NOT IN ('tenants', 'audit_outbox', 'audit_outbox_refused', 'schema_migrations')",
            &[],
        )
        .await
        .unwrap();
    assert!(rows.len() >= 8, "the control: there are unique indexes to look at");
    for row in rows {
        let (index, first): (String, String) = (row.get(0), row.get(1));
        assert_eq!(first, "tenant_uid", "{index}");
    }
    let foreign: i64 =
        sql.query_one("SELECT count(*) FROM pg_constraint WHERE contype = 'f'", &[]).await.unwrap().get(0);
    assert_eq!(foreign, 0);
}

#[tokio::test]
async fn the_service_role_has_no_more_rights_than_it_needs() {
    let world = World::new().await;
    let rows = world
        .sql()
        .await
        .query(
            "SELECT table_name || ' ' || string_agg(privilege_type, ' ' ORDER BY privilege_type)
             FROM information_schema.role_table_grants WHERE grantee = 'strongroom_vault' GROUP BY table_name ORDER BY 1",
            &[],
        )
        .await
        .unwrap();
    let rights: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let expected = [
        "audit_outbox DELETE INSERT SELECT UPDATE",
        "audit_outbox_refused INSERT SELECT",
        "collections INSERT SELECT",
        "deleted_records INSERT SELECT",
        "derived_key_lists INSERT SELECT UPDATE",
        "derived_keys INSERT SELECT",
        "records DELETE INSERT SELECT UPDATE",
        "requests DELETE INSERT SELECT",
        "tenants INSERT SELECT",
    ];
    assert_eq!(rights, expected);
}
