//! Databases as their superuser sees them: to look, to compare and to tamper.

use std::collections::BTreeMap;

use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row};

/// A superuser's session. Ordinary triggers do not fire in it.
#[derive(Debug)]
pub(crate) struct Sql {
    client: Client,
    _driver: JoinSet<()>,
}

/// Number of rows and checksum of each table.
pub(crate) type Tables = BTreeMap<String, (i64, String)>;

impl Sql {
    /// Opens a session.
    pub(crate) async fn connect(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // Whatever ends it shows in the statement under way.
            let _ = connection.await;
        });
        client.batch_execute("SET session_replication_role = replica").await.unwrap();
        Self { client, _driver: driver }
    }

    /// All rows.
    pub(crate) async fn rows(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
        self.client.query(sql, parameters).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// The one row.
    pub(crate) async fn row(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Row {
        self.client.query_one(sql, parameters).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// Changes rows; how many.
    pub(crate) async fn change(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> u64 {
        self.client.execute(sql, parameters).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// Changes exactly one row.
    pub(crate) async fn change_one(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) {
        assert_eq!(self.change(sql, parameters).await, 1, "{sql}");
    }

    /// Runs statements.
    pub(crate) async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Names of all tables.
    pub(crate) async fn table_names(&self) -> Vec<String> {
        let sql = "SELECT table_name::text FROM information_schema.tables \
                   WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1";
        self.rows(sql, &[]).await.iter().map(|row| row.get(0)).collect()
    }

    /// Every table but those in `ignored`; of those in `filtered`, the rows that the condition selects.
    pub(crate) async fn tables(&self, ignored: &[&str], filtered: &[(&str, &str)]) -> Tables {
        let mut tables = Tables::new();
        for name in self.table_names().await {
            if ignored.contains(&name.as_str()) {
                continue;
            }
            let filter = filtered.iter().find(|(table, _)| *table == name).map_or("true", |(_, condition)| condition);
            let sql = format!(
                "SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) \
                 FROM {name} t WHERE {filter}"
            );
            let row = self.row(&sql, &[]).await;
            tables.insert(name, (row.get(0), row.get(1)));
        }
        tables
    }
}
