//! Rows of tables kept aside, and put back: what a backup and its restore do to them.

use tokio_postgres::Error;

use super::database::Superuser;

/// Keeps the rows of these tables as they are now, in the place of those that were kept before.
pub async fn keep_rows(sql: &Superuser, tables: &[&str]) -> Result<(), Error> {
    let one = |table: &&str| format!("DROP TABLE IF EXISTS kept.{table}; CREATE TABLE kept.{table} AS TABLE {table};");
    let all: String = tables.iter().map(one).collect();
    sql.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS kept; {all}")).await
}

/// Sets these tables back to the rows that were kept, all in one transaction; triggers and foreign keys are passed by.
/// Generated columns are not written.
pub async fn put_rows_back(sql: &Superuser, tables: &[&str]) -> Result<(), Error> {
    let one = |table: &&str| {
        format!(
            "DELETE FROM {table};
             DO $$ DECLARE names text; BEGIN
                 SELECT string_agg(quote_ident(column_name), ', ') INTO names FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = '{table}' AND is_generated = 'NEVER';
                 EXECUTE format('INSERT INTO {table} (%s) SELECT %s FROM kept.{table}', names, names);
             END $$;"
        )
    };
    let all: String = tables.iter().map(one).collect();
    sql.batch_execute(&format!("SET session_replication_role = replica; BEGIN; {all} COMMIT")).await
}
