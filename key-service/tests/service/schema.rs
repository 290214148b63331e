//! What the code says of the schema, held against the schema.

use std::collections::BTreeSet;

use api::key::v1::KeyPurpose;
use envelope::stored;
use key_service::key::Purpose;
use key_service::root::{ENCRYPTED_COLUMNS, SubjectPlace, VersionPlace};
use key_service::seal::{FileSeal, Seal as _};
use key_service::store::root::WRAPPED;
use names::{KeyUid, TenantUid};
use secret::SecretBytes;
use test_support::postgres::Superuser;

use crate::row_macs::filled;
use crate::support::World;

/// Columns of bytes that are not encrypted. Beside them each table may have a `row_mac`.
const PLAIN: [&str; 30] = [
    "audit_outbox.events",
    "audit_outbox.mac",
    "audit_outbox_refused.events",
    "audit_outbox_refused.mac",
    "key_versions.birth_mark",
    "key_versions.public_key",
    "keys.labels",
    "requests.fingerprint",
    "root_key.check_value",
    "root_key.seal_params",
    "schema_migrations.checksum",
    "signer_alarms.head",
    "signer_heads.alarm_digest",
    "signer_heads.compact_range",
    "signer_heads.head",
    "signer_heads.loss_digest",
    "signer_heads.macs_digest",
    "signer_heads.prune_mark",
    "signer_losses.compact_range",
    "signer_losses.head",
    "signer_losses.macs_digest",
    "signer_segments.digest",
    "signer_segments.digest_before",
    "signer_segments.entries",
    "signer_segments.head",
    "signer_segments.macs",
    "signer_segments.previous_head",
    "signer_segments.range_before",
    "signer_segments.snapshot",
    "signer_unknown_alarms.alarm_digest",
];
/// Those of them in which there is nothing here.
const UNUSED: [&str; 6] = [
    "audit_outbox_refused.events",
    "audit_outbox_refused.mac",
    "keys.labels",
    "root_key.seal_params",
    "signer_alarms.head",
    "signer_heads.prune_mark",
];

#[tokio::test]
async fn every_encrypted_column_is_declared_and_no_other() {
    let world = World::new().await;
    let rows = world
        .sql()
        .await
        .query(
            "SELECT table_name::text, column_name::text FROM information_schema.columns
            WHERE table_schema = 'public'
                AND col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position) LIKE '(encrypted)%'",
            &[],
        )
        .await
        .unwrap();
    let commented: BTreeSet<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let declared: BTreeSet<_> =
        ENCRYPTED_COLUMNS.iter().map(|column| (column.table().to_owned(), column.column().to_owned())).collect();
    assert_eq!(commented, declared);
}

#[tokio::test]
async fn the_service_has_these_rights_and_no_others() {
    let world = World::new().await;
    let rows = world
        .sql()
        .await
        .query(
            "SELECT table_name || ' ' || string_agg(privilege_type, ' ' ORDER BY privilege_type)
            FROM information_schema.role_table_grants WHERE grantee = 'strongroom_key'
            GROUP BY table_name ORDER BY table_name",
            &[],
        )
        .await
        .unwrap();
    let rights: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        rights,
        [
            "audit_outbox DELETE INSERT SELECT UPDATE",
            "audit_outbox_refused INSERT SELECT",
            "key_versions INSERT SELECT UPDATE",
            "keys INSERT SELECT UPDATE",
            "own_keys INSERT SELECT UPDATE",
            "requests DELETE INSERT SELECT",
            "root_key INSERT SELECT",
            "signer_alarms INSERT SELECT UPDATE",
            "signer_heads INSERT SELECT UPDATE",
            "signer_losses DELETE INSERT SELECT",
            "signer_segments DELETE INSERT SELECT",
            "signer_unknown_alarms INSERT SELECT UPDATE",
            "subject_keys INSERT SELECT",
            "wrap_counts INSERT SELECT UPDATE",
        ]
    );
}

/// A value of an encrypted column, and what it is under its key.
struct Opened {
    column: String,
    sealed: Vec<u8>,
    material: SecretBytes<32>,
}

/// Every value of every encrypted column.
async fn opened(world: &World, sql: &Superuser) -> Vec<Opened> {
    let (seal, root) = (FileSeal::new(&world.seal_file(), false).key().unwrap(), world.root().await);
    let mut opened = Vec::new();
    for (table, column) in ENCRYPTED_COLUMNS.map(|column| (column.table(), column.column())) {
        let columns = match table {
            "root_key" => "seal_kind, seal_params",
            "key_versions" => "key_uid, version, (SELECT purpose FROM keys WHERE keys.key_uid = key_versions.key_uid)",
            "subject_keys" => "key_uid, tenant_uid, subject",
            other => panic!("nothing here opens what is encrypted in {other}"),
        };
        let rows = format!("SELECT {column}, {columns} FROM {table} WHERE {column} IS NOT NULL");
        for row in sql.query(&rows, &[]).await.unwrap() {
            let sealed: Vec<u8> = row.get(0);
            let material = match table {
                "root_key" => {
                    let place = WRAPPED.aad().part(row.get::<_, i16>(1).to_be_bytes()).part(row.get::<_, &[u8]>(2));
                    stored::open_key(&seal, &place, &sealed).unwrap()
                }
                "key_versions" => {
                    let version = u32::try_from(row.get::<_, i32>(2)).unwrap();
                    let (key, purpose) = (KeyUid::new(row.get(1)), Purpose::from_code(row.get(3)).unwrap());
                    root.decrypt_version(VersionPlace { key, version, purpose }, &sealed).unwrap()
                }
                _ => {
                    let (key, tenant) = (KeyUid::new(row.get(1)), TenantUid::new(row.get(2)));
                    root.decrypt_subject_key(SubjectPlace { key, tenant, subject: row.get(3) }, &sealed).unwrap()
                }
            };
            opened.push(Opened { column: format!("{table}.{column}"), sealed, material });
        }
    }
    opened
}

/// Every column of bytes, and its values one after the other.
async fn columns_of_bytes(sql: &Superuser) -> Vec<(String, Vec<u8>)> {
    let names = "SELECT table_name::text, column_name::text FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'bytea' ORDER BY 1, 2";
    let mut columns = Vec::new();
    for name in sql.query(names, &[]).await.unwrap() {
        let (table, column): (String, String) = (name.get(0), name.get(1));
        let values = format!("SELECT coalesce(string_agg({column}, ''), '') FROM {table}");
        columns.push((format!("{table}.{column}"), sql.query_one(&values, &[]).await.unwrap().get(0)));
    }
    columns
}

/// The columns in which bytes stand.
fn found<'a>(columns: &'a [(String, Vec<u8>)], bytes: &[u8]) -> Vec<&'a str> {
    let holds = |(_, values): &&(String, Vec<u8>)| values.windows(bytes.len()).any(|window| window == bytes);
    columns.iter().filter(holds).map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn no_key_material_stands_in_any_column_of_bytes() {
    let world = filled().await;
    // Events of uses stay in the outbox.
    world.audit.set_away(true);
    let replica = world.replica().await;
    world.calls(&replica, "operator").create("m", KeyPurpose::Mac).await.unwrap();
    let mut vault = world.calls(&replica, "vault-service");
    let mut data_keys = Vec::new();
    for subject in ["", "p-3"] {
        let made = vault.generate_for("keys/k", subject, &[("record", "r-1")]).await.unwrap();
        vault.unwrap_for(("keys/k", subject), &[("record", "r-1")], &made.wrapped_key).await.unwrap();
        data_keys.push(made.plaintext);
    }
    replica.stop().await;

    let sql = world.sql().await;
    let (opened, columns) = (opened(&world, &sql).await, columns_of_bytes(&sql).await);
    let encrypted = ENCRYPTED_COLUMNS.map(|column| format!("{}.{}", column.table(), column.column()));
    let is_plain = |name: &&str| !name.ends_with(".row_mac") && !encrypted.iter().any(|one| one == name);
    assert_eq!(columns.iter().map(|(name, _)| name.as_str()).filter(is_plain).collect::<Vec<_>>(), PLAIN);
    let empty = columns.iter().filter(|(_, values)| values.is_empty()).map(|(name, _)| name.as_str());
    assert_eq!(empty.collect::<Vec<_>>(), UNUSED, "the control: all others are looked at");

    for Opened { column, sealed, material } in &opened {
        assert_eq!(found(&columns, sealed), [column], "what opens is where it belongs");
        assert_eq!(found(&columns, material.expose()), [""; 0], "and what it opens to is nowhere: {column}");
    }
    let root = world.root().await;
    let others = [FileSeal::new(&world.seal_file(), false).key().unwrap(), root.outbox_key().unwrap()];
    for key in others.iter().map(|key| &key.expose()[..]).chain(data_keys.iter().map(|key| &key[..])) {
        assert_eq!(found(&columns, key), [""; 0]);
    }
    // The control.
    let known = opened[0].material.expose();
    sql.execute("UPDATE own_keys SET row_mac = row_mac || $1", &[&&known[..]]).await.unwrap();
    assert_eq!(found(&columns_of_bytes(&sql).await, known), ["own_keys.row_mac"]);
}
