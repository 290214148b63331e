//! Plain statements over the same bytes, in tables of the same columns and indexes, in the same cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, anyhow};
use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

/// Connections of one load, one for each client; they end with this value.
pub(crate) struct Connections {
    clients: Vec<Arc<Client>>,
    _drivers: JoinSet<()>,
}

impl Connections {
    /// Opens `count` connections.
    pub(crate) async fn open(url: &str, count: usize) -> Result<Self> {
        let (mut clients, mut drivers) = (Vec::new(), JoinSet::new());
        for _ in 0..count {
            clients.push(Arc::new(connect(url, &mut drivers).await?));
        }
        Ok(Self { clients, _drivers: drivers })
    }

    /// For each of so many clients its connection, and what `prepare` has made on it.
    pub(crate) async fn prepared<T>(
        &self,
        clients: usize,
        prepare: impl AsyncFn(&Client) -> Result<T>,
    ) -> Result<Prepared<T>> {
        let mut prepared = Vec::with_capacity(clients);
        for connection in self.clients.iter().cycle().take(clients) {
            prepared.push((Arc::clone(connection), prepare(connection).await?));
        }
        Ok(Prepared(Arc::new(prepared)))
    }
}

/// What each client of a load runs its statements with.
pub(crate) struct Prepared<T>(Arc<Vec<(Arc<Client>, T)>>);

impl<T> Clone for Prepared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Prepared<T> {
    /// The connection of a client, and what was prepared on it.
    pub(crate) fn of(&self, client: usize) -> Result<&(Arc<Client>, T)> {
        self.0.get(client).ok_or_else(|| anyhow!("no connection"))
    }
}

/// Opens a session that ends with `drivers`.
pub(crate) async fn connect(url: &str, drivers: &mut JoinSet<()>) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("connect to PostgreSQL")?;
    drivers.spawn(async move {
        // Ends with its client; an error shows in the client's next call.
        let _ended = connection.await;
    });
    Ok(client)
}

/// Makes `{table}_floor` with the columns, constraints and indexes of `table`, empty.
pub(crate) async fn clone_table(client: &Client, table: &str) -> Result<()> {
    let sql = format!("DROP TABLE IF EXISTS {table}_floor; CREATE TABLE {table}_floor (LIKE {table} INCLUDING ALL)");
    client.batch_execute(&sql).await.with_context(|| format!("make {table}_floor"))
}

/// Inserts copies of one real record under new ids; each row brings its own bytes, as an application's would.
pub(crate) struct RecordInserts {
    template: Arc<Row>,
    next: Arc<AtomicU64>,
}

const INSERT_RECORD: &str =
    "INSERT INTO records_floor (tenant_uid, tenant_id, collection_uid, collection_id, record_uid,
     record_id, revision, subject, create_time, update_time, expire_time, field_names, wrapped_key, sealed_fields)
     SELECT $1, $2, $3, $4, r.uid, r.id, $7, NULL, now(), now(), NULL, $8, r.wrapped_key, r.sealed_fields
     FROM unnest($5::uuid[], $6::text[], $9::bytea[], $10::bytea[]) AS r(uid, id, wrapped_key, sealed_fields)";

impl RecordInserts {
    /// Takes the newest record as the template of all.
    pub(crate) async fn like_newest(client: &Client) -> Result<Self> {
        let template = client
            .query_one(
                "SELECT tenant_uid, tenant_id, collection_uid, collection_id, revision, field_names, wrapped_key,
                 sealed_fields FROM records ORDER BY create_time DESC LIMIT 1",
                &[],
            )
            .await
            .context("read a record as the template")?;
        Ok(Self { template: Arc::new(template), next: Arc::new(AtomicU64::new(0)) })
    }

    /// The statement, prepared on `client`.
    pub(crate) async fn prepare(client: &Client) -> Result<Statement> {
        Ok(client.prepare(INSERT_RECORD).await?)
    }

    /// Inserts `rows` records in one statement.
    pub(crate) async fn insert(&self, client: &Client, statement: &Statement, rows: u64) -> Result<u64> {
        let first = self.next.fetch_add(rows, Ordering::Relaxed);
        let uids: Vec<Uuid> = (0..rows).map(|_| clock::uuid_v7(&clock::SystemClock)).collect();
        let ids: Vec<String> = (first..first + rows).map(|n| format!("floor-{n:012}")).collect();
        let row = &self.template;
        let (tenant_uid, tenant_id): (Uuid, &str) = (row.try_get(0)?, row.try_get(1)?);
        let (collection_uid, collection_id): (Uuid, &str) = (row.try_get(2)?, row.try_get(3)?);
        let revision: i64 = row.try_get(4)?;
        let field_names: Vec<&str> = row.try_get(5)?;
        let wrapped_keys: Vec<&[u8]> = vec![row.try_get(6)?; ids.len()];
        let sealed_fields: Vec<&[u8]> = vec![row.try_get(7)?; ids.len()];
        let parameters: [&(dyn ToSql + Sync); 10] = [
            &tenant_uid,
            &tenant_id,
            &collection_uid,
            &collection_id,
            &uids,
            &ids,
            &revision,
            &field_names,
            &wrapped_keys,
            &sealed_fields,
        ];
        client.execute(statement, &parameters).await?;
        Ok(rows)
    }
}

const INSERT_EVENT: &str =
    "INSERT INTO audit_outbox_floor (outbox_id, log_name, time_ns, events, mac) VALUES ($1, 'logs/bench', 1, $2, $3)";
/// As long as the event of a reveal.
static EVENT: [u8; 340] = [7; 340];
static MAC: [u8; 32] = [7; 32];

/// The statement of [`insert_event`], prepared on `client`.
pub(crate) async fn prepare_event(client: &Client) -> Result<Statement> {
    Ok(client.prepare(INSERT_EVENT).await?)
}

/// Commits a row of an event's size to the clone of an outbox.
pub(crate) async fn insert_event(client: &Client, statement: &Statement) -> Result<()> {
    let id = clock::uuid_v7(&clock::SystemClock);
    client.execute(statement, &[&id, &EVENT.as_slice(), &MAC.as_slice()]).await?;
    Ok(())
}
