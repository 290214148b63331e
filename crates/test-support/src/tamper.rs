//! What somebody with full rights on a database can do to a row: every change of every column, out of the schema itself;
//! and to whole rows, which no HMAC shows.
//!
//! A test that walks through [`Tampering::changes`] of each of [`Tampering::tables`] covers a column that is added later
//! without being told of it. One that names what is to come of [`Deed`]s for each of [`tables_with_hmac`] covers a new table.

use std::collections::BTreeSet;

use tokio_postgres::Error;

use crate::postgres::{Superuser, keep_rows, put_rows_back};

/// The column that says whose a row is.
const TENANT: &str = "tenant_uid";

/// A superuser who first takes away whatever keeps rows from being changed.
pub struct Tampering {
    sql: Superuser,
}

/// One change of one column.
#[derive(Debug, Clone)]
pub struct Change {
    /// The column.
    pub column: String,
    /// What is done to it: `flip`, `clear`, `set` where it was NULL, `empty` where it was not, `swap` with another row; and
    /// `move`: a tenant's row becomes one of another tenant.
    pub kind: &'static str,
    sql: String,
}

/// A column as the schema has it.
struct Column {
    name: String,
    data_type: String,
}

impl Tampering {
    /// Drops constraints, unique indexes and triggers of the tables that have a column `row_mac`, and lets every column be
    /// NULL. The service must not write to the database afterwards.
    pub async fn begin(sql: Superuser) -> Result<Self, Error> {
        let statements = "
            SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u')
            ORDER BY contype = 'p'";
        for row in sql.query(statements, &[]).await? {
            // The constraints that depend on a key go with it.
            let statement: String = row.get(0);
            sql.batch_execute(&statement.replace(" DROP CONSTRAINT ", " DROP CONSTRAINT IF EXISTS ")).await?;
        }
        let statements = "
            SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index
            JOIN pg_class ON pg_class.oid = indexrelid
            WHERE relnamespace = 'public'::regnamespace AND indisunique
            UNION ALL
            SELECT format('ALTER TABLE %I ALTER COLUMN %I DROP NOT NULL', table_name, column_name)
            FROM information_schema.columns WHERE table_schema = 'public' AND is_nullable = 'NO'
            UNION ALL
            SELECT format('ALTER TABLE %I DISABLE TRIGGER USER', table_name)
            FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
        for row in sql.query(statements, &[]).await? {
            sql.batch_execute(row.get(0)).await?;
        }
        Ok(Self { sql })
    }

    /// Every table whose rows carry an HMAC, sorted.
    pub async fn tables(&self) -> Result<Vec<String>, Error> {
        tables_with_hmac(&self.sql).await
    }

    /// Every change of every column of a table, `row_mac` too.
    pub async fn changes(&self, table: &str) -> Result<Vec<Change>, Error> {
        let sql = "SELECT column_name::text, data_type::text FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position";
        let columns = self.sql.query(sql, &[&table]).await?;
        let columns: Vec<_> = columns.iter().map(|row| Column { name: row.get(0), data_type: row.get(1) }).collect();
        let mut changes: Vec<_> = columns.iter().flat_map(|column| column.changes(table)).collect();
        if columns.iter().any(|column| column.name == TENANT) {
            changes.push(self.moved(table).await?);
        }
        Ok(changes)
    }

    /// A row becomes one of another tenant, which any table knows; if there is one, of a tenant that has none here.
    async fn moved(&self, table: &str) -> Result<Change, Error> {
        let sql = "SELECT string_agg(format('SELECT %I AS tenant FROM %I', column_name, table_name), ' UNION ALL ')
            FROM information_schema.columns WHERE table_schema = 'public' AND column_name = $1";
        let tenants: String = self.sql.query_one(sql, &[&TENANT]).await?.get(0);
        let sql = format!(
            "WITH one AS (SELECT ctid AS place, {TENANT} AS own FROM {table} WHERE {TENANT} IS NOT NULL
                    ORDER BY row_mac LIMIT 1),
                other AS (SELECT tenant FROM ({tenants}) AS tenants, one WHERE tenant <> own
                    ORDER BY tenant IN (SELECT {TENANT} FROM {table}), tenant DESC LIMIT 1)
            UPDATE {table} SET {TENANT} = other.tenant FROM one, other WHERE {table}.ctid = one.place"
        );
        Ok(Change { column: TENANT.to_owned(), kind: "move", sql })
    }

    /// Keeps the rows of a table, for [`Tampering::restore`].
    pub async fn keep(&self, table: &str) -> Result<(), Error> {
        keep_rows(&self.sql, &[table]).await
    }

    /// Puts the rows of a table back that were kept.
    pub async fn restore(&self, table: &str) -> Result<(), Error> {
        put_rows_back(&self.sql, &[table]).await
    }

    /// Makes a change; returns how many rows it found, 0 where there was none to be changed like that.
    pub async fn make(&self, change: &Change) -> Result<u64, Error> {
        self.sql.execute(&change.sql, &[]).await
    }

    /// The session, to look at rows.
    pub fn sql(&self) -> &Superuser {
        &self.sql
    }
}

/// Every table whose rows carry an HMAC, sorted.
pub async fn tables_with_hmac(sql: &Superuser) -> Result<Vec<String>, Error> {
    let names = "SELECT table_name::text FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'row_mac' ORDER BY 1";
    Ok(sql.query(names, &[]).await?.iter().map(|row| row.get(0)).collect())
}

/// What is done to whole rows of a table: those for which a condition holds. The service can go on with the database.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// Rows are as they were at [`keep_older`] again, whether they were changed since or removed.
    PutBack(&'static str, &'static str),
    /// Rows are gone.
    Delete(&'static str, &'static str),
}

impl Deed {
    /// The table.
    pub fn table(&self) -> &'static str {
        let (Self::PutBack(table, _) | Self::Delete(table, _)) = self;
        table
    }

    /// Does it; returns how many rows are others than before, or gone. No trigger and no foreign key hinders it.
    pub async fn done(&self, sql: &Superuser) -> Result<u64, Error> {
        sql.batch_execute("SET session_replication_role = replica").await?;
        match self {
            Self::Delete(table, condition) => sql.execute(&format!("DELETE FROM {table} WHERE {condition}"), &[]).await,
            Self::PutBack(table, condition) => {
                let key = names_of(
                    sql,
                    "SELECT attname::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid
                    WHERE indrelid = $1::text::regclass AND indisprimary AND attnum = ANY (indkey)",
                    table,
                );
                let columns = names_of(
                    sql,
                    "SELECT column_name::text FROM information_schema.columns
                    WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'",
                    table,
                );
                let (key, columns) = (key.await?.join(", "), columns.await?.join(", "));
                let others = format!(
                    "SELECT * FROM older.{table} AS old WHERE ({condition})
                    AND NOT EXISTS (SELECT FROM {table} AS now WHERE to_jsonb(now) = to_jsonb(old))"
                );
                sql.batch_execute(&format!("CREATE TEMPORARY TABLE others AS {others}")).await?;
                sql.execute(&format!("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM others)"), &[]).await?;
                let insert = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM others");
                let put_back = sql.execute(&insert, &[]).await?;
                sql.batch_execute("DROP TABLE others").await?;
                Ok(put_back)
            }
        }
    }
}

/// Keeps the rows of a table as they are now as its older ones, beside those that were kept before.
pub async fn keep_older(sql: &Superuser, table: &str) -> Result<(), Error> {
    sql.batch_execute(&format!(
        "CREATE SCHEMA IF NOT EXISTS older; CREATE TABLE IF NOT EXISTS older.{table} AS TABLE {table} WITH NO DATA;
         INSERT INTO older.{table} SELECT * FROM {table} AS now
         WHERE NOT EXISTS (SELECT FROM older.{table} AS old WHERE to_jsonb(now) = to_jsonb(old))"
    ))
    .await
}

/// What the cases of a test leave unsaid, of tables of which it says what comes of rows that are put back or deleted. `deeds`
/// are those that the cases are about; tables of which there are no older rows, because `role` may change none, are `never_changed`.
pub async fn unsaid(
    sql: &Superuser,
    role: &str,
    tables: &[&str],
    never_changed: &[&'static str],
    deeds: &[Deed],
) -> Result<Vec<String>, Error> {
    let mut unsaid = Vec::new();
    for table in never_changed {
        if may_change(sql, role, table).await? {
            unsaid.push(format!("{role} may change rows of {table}"));
        }
        if Deed::PutBack(table, "true").done(sql).await? > 0 {
            unsaid.push(format!("rows of {table} have changed"));
        }
    }
    let put_back = deeds.iter().filter(|deed| matches!(deed, Deed::PutBack(..))).map(Deed::table);
    let put_back: BTreeSet<&str> = put_back.chain(never_changed.iter().copied()).collect();
    let deleted = deeds.iter().filter(|deed| matches!(deed, Deed::Delete(..))).map(Deed::table).collect();
    let tables: BTreeSet<&str> = tables.iter().copied().collect();
    for (what, said) in [("put back", &put_back), ("deleted", &deleted)] {
        unsaid.extend(tables.symmetric_difference(said).map(|table| format!("{table}: rows that are {what}")));
    }
    Ok(unsaid)
}

/// Whether a role may update or delete rows of a table.
async fn may_change(sql: &Superuser, role: &str, table: &str) -> Result<bool, Error> {
    let may =
        "SELECT has_table_privilege($1::text, $2::text, 'UPDATE') OR has_table_privilege($1::text, $2::text, 'DELETE')";
    Ok(sql.query_one(may, &[&role, &table]).await?.get(0))
}

async fn names_of(sql: &Superuser, statement: &str, table: &str) -> Result<Vec<String>, Error> {
    Ok(sql.query(statement, &[&table]).await?.iter().map(|row| row.get(0)).collect())
}

impl Column {
    fn changes(&self, table: &str) -> Vec<Change> {
        let name = &self.name;
        let one_of = |filter: &str| format!("(SELECT ctid FROM {table} WHERE {filter} ORDER BY row_mac LIMIT 1)");
        let update =
            |value: &str, filter: &str| format!("UPDATE {table} SET {name} = {value} WHERE ctid = {}", one_of(filter));
        let (present, absent) = (format!("{name} IS NOT NULL"), format!("{name} IS NULL"));
        let swap = format!(
            "WITH one AS (SELECT ctid AS place, {name} AS value FROM {table} ORDER BY row_mac LIMIT 1),
                other AS (SELECT ctid AS place, {name} AS value FROM {table}
                    WHERE {name} IS DISTINCT FROM (SELECT value FROM one) ORDER BY row_mac LIMIT 1)
            UPDATE {table} SET {name} = CASE WHEN {table}.ctid = one.place THEN other.value ELSE one.value END
            FROM one, other WHERE {table}.ctid IN (one.place, other.place)"
        );
        let change = |kind, sql| Change { column: name.clone(), kind, sql };
        vec![
            change("flip", update(&self.flipped(), &present)),
            change("clear", update("NULL", &present)),
            change("set", update(self.some_value(), &absent)),
            change("empty", update(self.empty_value(), &format!("{name} <> {}", self.empty_value()))),
            change("swap", swap),
        ]
    }

    /// The smallest change of a value.
    fn flipped(&self) -> String {
        let name = &self.name;
        match self.data_type.as_str() {
            "boolean" => format!("NOT {name}"),
            "smallint" | "integer" | "bigint" => format!("{name} + 1"),
            "bytea" => format!(
                "CASE octet_length({name}) WHEN 0 THEN '\\x00'::bytea
                    ELSE set_byte({name}, octet_length({name}) - 1, get_byte({name}, octet_length({name}) - 1) # 1) END"
            ),
            "uuid" => "gen_random_uuid()".to_owned(),
            "timestamp with time zone" => format!("{name} + interval '1 microsecond'"),
            "ARRAY" => format!("{name} || {name} || '{{x}}'"),
            // Texts; and a type that is not known here, whose flip PostgreSQL refuses and the test with it.
            _ => format!("{name} || 'x'"),
        }
    }

    /// What says nothing, or everything.
    fn empty_value(&self) -> &'static str {
        match self.data_type.as_str() {
            "boolean" => "false",
            "smallint" | "integer" | "bigint" => "0",
            "uuid" => "'00000000-0000-0000-0000-000000000000'",
            "timestamp with time zone" => "'infinity'",
            "ARRAY" => "'{}'",
            // Texts and bytes.
            _ => "''",
        }
    }

    fn some_value(&self) -> &'static str {
        match self.data_type.as_str() {
            "boolean" => "false",
            "smallint" | "integer" | "bigint" => "1",
            "uuid" => "gen_random_uuid()",
            "timestamp with time zone" => "now()",
            "ARRAY" => "'{}'",
            // Texts and bytes.
            _ => "''",
        }
    }
}

/// A SELECT list over the columns of a table, and what stands before its columns' names there and in what it returns.
#[derive(Debug, Clone, Copy)]
pub struct SelectList<'a> {
    /// The table.
    pub table: &'a str,
    /// What the list calls it.
    pub alias: &'a str,
    /// What the names of the columns that it returns begin with.
    pub prefix: &'a str,
    /// The list.
    pub columns: &'a str,
    /// Most bytes that it may read of a row.
    pub most: usize,
}

/// Holds the SELECT lists of a database against rows that SQL has made long: there is one for each table with an HMAC, and it reads no
/// more than it may.
///
/// # Panics
/// Where a table has no list, or a list reads more, not every column, or the HMAC.
pub async fn assert_long_rows_are_cut(sql: &Superuser, lists: &[SelectList<'_>]) -> Result<(), Error> {
    let with_hmac = tables_with_hmac(sql).await?;
    let listed: BTreeSet<&str> = lists.iter().map(|list| list.table).collect();
    assert_eq!(with_hmac.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
    for list in lists {
        let bytes = list.bytes_of_long_row(sql).await?;
        assert!(bytes <= list.most, "{}: {bytes} bytes", list.table);
    }
    Ok(())
}

impl SelectList<'_> {
    /// Bytes that it reads of a row whose columns SQL has all made six megabytes long, those of fixed width by another type.
    ///
    /// # Panics
    /// Where it does not read every column of the table, or reads the HMAC.
    async fn bytes_of_long_row(self, sql: &Superuser) -> Result<usize, Error> {
        let Self { table, alias, prefix, columns, most: _ } = self;
        let schema = "SELECT column_name::text, data_type::text FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = $1";
        let schema: Vec<(String, String)> =
            sql.query(schema, &[&table]).await?.iter().map(|row| (row.get(0), row.get(1))).collect();
        let long = |(name, data_type): &(String, String)| {
            let value = match data_type.as_str() {
                "bytea" => "decode(repeat('00', 6000000), 'hex')",
                "ARRAY" => "ARRAY[repeat('x', 6000000)]",
                _ => "repeat('x', 6000000)",
            };
            format!("{value} AS {name}")
        };
        let values: Vec<String> = schema.iter().map(long).collect();
        let create = format!("CREATE TEMPORARY TABLE long_{table} AS SELECT {}", values.join(", "));
        sql.batch_execute(&create).await?;
        let row = sql.query_one(&format!("SELECT {columns} FROM long_{table} AS {alias}"), &[]).await?;
        let read: BTreeSet<String> = row.columns().iter().map(|column| column.name().to_owned()).collect();
        let all: BTreeSet<String> = schema.iter().map(|(name, _)| format!("{prefix}{name}")).collect();
        assert_eq!(read, all, "{table}");
        let mac: Option<&[u8]> = row.get(format!("{prefix}row_mac").as_str());
        assert_eq!(mac, None, "{table}: a column of fixed width is as if it were NULL");
        Ok(row.raw_size_bytes())
    }
}
