//! What the code says of the schema, held against the schema.

use std::collections::BTreeSet;

use crate::support::World;

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
    let declared: BTreeSet<_> = key_service::root::ENCRYPTED_COLUMNS
        .iter()
        .map(|column| (column.table().to_owned(), column.column().to_owned()))
        .collect();
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
