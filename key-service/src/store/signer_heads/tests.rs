//! How statements about heads are carried out.

use ::rows::RowKeys;
use secret::SecretBytes;
use test_support::postgres::Cluster;

use super::*;
use crate::MIGRATIONS;

/// The plans are made while nothing is known of the table, and kept.
#[tokio::test]
async fn rows_are_looked_up_where_they_stood_last_also_in_an_empty_table() {
    let database = Cluster::shared().await.unwrap().database("key", MIGRATIONS).await.unwrap();
    let session = database.superuser().await.unwrap();
    let settings = format!("SET plan_cache_mode = force_generic_plan; BEGIN; {BY_INDEX_OR_PLACE}");
    session.batch_execute(&settings).await.unwrap();
    let row = NewRow::of(HEADS).with("log_id", Uuid::nil()).with("size", 1_u64);
    let rows = RowKeys::new(1, SecretBytes::from_slice(&[7; 32]).unwrap());
    let update = NewRows::of(HEADS, vec![row.authenticated(&rows)]).unwrap();
    let nulls = vec!["NULL"; update.params().len() + 1].join(", ");
    let update = Statement::built("update", &update.update_placed(&["log_id"], 1));
    let two = "NULL, NULL".to_owned();
    let statements = [(LOCK.by_place, &two), (LOCK_FREE.by_place, &two), (FETCH_PLACED, &two), (update, &nulls)];
    for (number, (statement, nulls)) in statements.into_iter().enumerate() {
        session.batch_execute(&format!("PREPARE planned_{number} AS {}", statement.sql())).await.unwrap();
        let plan = session.query(&format!("EXPLAIN EXECUTE planned_{number} ({nulls})"), &[]).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|line| line.get(0)).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("Tid Scan on signer_heads") && !plan.contains("signer_heads_pkey"), "{plan}");
    }
}
