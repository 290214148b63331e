//! What sealing and revealing records costs, beside plain rows of the same bytes.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, anyhow};
use api::vault::v1::{
    BatchCreateRecordsRequest, CreateRecordRequest, Record, RevealRecordRequest,
    record_service_client::RecordServiceClient,
};
use prost_types::{Struct, Value, value::Kind};
use rpc::Channel;
use stack::Service;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    Plan,
    floor::sql::{Connections, RecordInserts, clone_table},
    lab::{COLLECTION, Lab},
    load::{Run, closed_loop},
    report::Figure,
    rounds::{Rounds, Target},
};

const CLIENTS: usize = 32;
const BATCH: usize = 100;
const BATCH_CLIENTS: usize = 8;
const FIELDS: usize = 20;
/// 20 fields of name and 45 letters are 1 KiB of JSON.
const VALUE_LENGTH: usize = 45;

/// All figures of records.
pub(crate) async fn measure(lab: &Lab, plan: &Plan) -> Result<Vec<Figure>> {
    let wanted = ["CreateRecord", "BatchCreateRecords", "RevealRecord"];
    if !wanted.iter().any(|name| plan.wants(name)) {
        return Ok(Vec::new());
    }
    let bench = Bench::prepare(lab, plan).await?;
    let mut figures = Vec::new();
    if plan.wants("CreateRecord") {
        figures.push(bench.creates().await?);
    }
    if plan.wants("BatchCreateRecords") {
        figures.push(bench.batch_creates().await?);
    }
    if plan.wants("RevealRecord") {
        figures.push(bench.reveals().await?);
    }
    Ok(figures)
}

struct Bench<'a> {
    lab: &'a Lab,
    plan: &'a Plan,
    client: RecordServiceClient<Channel>,
    floor: Arc<Connections>,
    inserts: Arc<RecordInserts>,
    /// Names of records that are there.
    names: Arc<Vec<String>>,
}

impl<'a> Bench<'a> {
    async fn prepare(lab: &'a Lab, plan: &'a Plan) -> Result<Self> {
        let client = RecordServiceClient::new(lab.channel(Service::Vault, "app")?);
        let requests = (0..1000).map(|n| create_request(format!("seed-{n}"))).collect();
        let answer = client
            .clone()
            .batch_create_records(BatchCreateRecordsRequest {
                parent: COLLECTION.to_owned(),
                requests,
                request_id: String::new(),
            })
            .await
            .context("create records to start with")?
            .into_inner();
        let names = answer.records.into_iter().map(|record| record.name).collect();
        for table in ["records", "audit_outbox"] {
            clone_table(&lab.vault_database, table).await?;
        }
        let floor = Connections::open(&lab.stack.database_url(Service::Vault)?, CLIENTS).await?;
        let inserts = RecordInserts::like_newest(&lab.vault_database).await?;
        Ok(Self { lab, plan, client, floor: Arc::new(floor), inserts: Arc::new(inserts), names: Arc::new(names) })
    }

    async fn creates(&self) -> Result<Figure> {
        let mut rounds = Rounds::new("CreateRecord (1 KiB, 20 fields)", "rec/s", Target::AtLeast(0.3));
        for round in 0..self.plan.rounds {
            let floor = self.plain_inserts(CLIENTS, 1).await?;
            let client = self.client.clone();
            let call = move |worker: usize, n: u64| {
                let mut client = client.clone();
                async move {
                    client.create_record(create_request(format!("c{round}-{worker}-{n}"))).await?;
                    Ok(1)
                }
            };
            let run = closed_loop(CLIENTS, self.plan.duration, call, || self.lab.settled()).await?;
            rounds.add(&run, &floor);
        }
        Ok(rounds.figure())
    }

    async fn batch_creates(&self) -> Result<Figure> {
        let mut rounds = Rounds::new("BatchCreateRecords (100)", "rec/s", Target::AtLeast(0.25));
        for round in 0..self.plan.rounds {
            let floor = self.plain_inserts(BATCH_CLIENTS, u64::try_from(BATCH)?).await?;
            let client = self.client.clone();
            let call = move |worker: usize, n: u64| {
                let mut client = client.clone();
                async move {
                    let requests = (0..BATCH).map(|i| create_request(format!("b{round}-{worker}-{n}-{i}"))).collect();
                    let parent = COLLECTION.to_owned();
                    let request = BatchCreateRecordsRequest { parent, requests, request_id: String::new() };
                    let answer = client.batch_create_records(request).await?;
                    Ok(u64::try_from(answer.get_ref().records.len())?)
                }
            };
            let run = closed_loop(BATCH_CLIENTS, self.plan.duration, call, || self.lab.settled()).await?;
            rounds.add(&run, &floor);
        }
        Ok(rounds.figure())
    }

    async fn plain_inserts(&self, clients: usize, rows: u64) -> Result<Run> {
        let mut statements = Vec::new();
        for client in 0..clients {
            let connection = self.floor.of(client).ok_or_else(|| anyhow!("no connection"))?;
            statements.push((Arc::clone(connection), RecordInserts::prepare(connection).await?));
        }
        let (statements, inserts) = (Arc::new(statements), Arc::clone(&self.inserts));
        let call = move |client: usize, _| {
            let (statements, inserts) = (Arc::clone(&statements), Arc::clone(&inserts));
            async move {
                let (connection, statement) = statements.get(client).ok_or_else(|| anyhow!("no connection"))?;
                inserts.insert(connection, statement, rows).await
            }
        };
        closed_loop(clients, self.plan.duration, call, || async { Ok(()) }).await
    }

    async fn reveals(&self) -> Result<Figure> {
        let mut rounds = Rounds::new("RevealRecord", "rec/s", Target::AtLeast(0.4));
        for _ in 0..self.plan.rounds {
            let floor = self.plain_reads().await?;
            let (client, names) = (self.client.clone(), Arc::clone(&self.names));
            let call = move |worker: usize, n: u64| {
                let mut client = client.clone();
                let index = worker.wrapping_mul(37).wrapping_add(usize::try_from(n).unwrap_or(0)) % names.len().max(1);
                let name = names.get(index).cloned().unwrap_or_default();
                async move {
                    let purpose = "treatment".to_owned();
                    client.reveal_record(RevealRecordRequest { name, purpose, ..Default::default() }).await?;
                    Ok(1)
                }
            };
            let run = closed_loop(CLIENTS, self.plan.duration, call, || self.lab.settled()).await?;
            rounds.add(&run, &floor);
        }
        Ok(rounds.figure())
    }

    /// Reads the row by its key, then commits a row of an event's size.
    async fn plain_reads(&self) -> Result<Run> {
        let mut statements = Vec::new();
        for client in 0..CLIENTS {
            let connection = self.floor.of(client).ok_or_else(|| anyhow!("no connection"))?;
            let select = connection.prepare(SELECT_RECORD).await?;
            let insert = connection.prepare(INSERT_EVENT).await?;
            statements.push((Arc::clone(connection), select, insert));
        }
        let rows = self.lab.vault_database.query(KEYS_OF_SEED, &[]).await?;
        let (statements, keys) = (Arc::new(statements), Arc::new(rows));
        let next = Arc::new(AtomicU64::new(0));
        let call = move |client: usize, _| {
            let (statements, keys, next) = (Arc::clone(&statements), Arc::clone(&keys), Arc::clone(&next));
            async move {
                let (connection, select, insert) = statements.get(client).ok_or_else(|| anyhow!("no connection"))?;
                let n = usize::try_from(next.fetch_add(1, Ordering::Relaxed))? % keys.len().max(1);
                let key: &Row = keys.get(n).ok_or_else(|| anyhow!("no records"))?;
                let (tenant, collection): (Uuid, Uuid) = (key.try_get(0)?, key.try_get(1)?);
                let record: &str = key.try_get(2)?;
                connection.query_one(select, &[&tenant, &collection, &record]).await?;
                let id = clock::uuid_v7(&clock::SystemClock);
                connection.execute(insert, &[&id, &EVENT.as_slice(), &MAC.as_slice()]).await?;
                Ok(1)
            }
        };
        closed_loop(CLIENTS, self.plan.duration, call, || async { Ok(()) }).await
    }
}

const KEYS_OF_SEED: &str =
    "SELECT tenant_uid, collection_uid, record_id FROM records WHERE record_id LIKE 'seed-%' ORDER BY record_id";
const SELECT_RECORD: &str = "SELECT * FROM records WHERE tenant_uid = $1 AND collection_uid = $2 AND record_id = $3";
const INSERT_EVENT: &str =
    "INSERT INTO audit_outbox_floor (outbox_id, log_name, time_ns, events, mac) VALUES ($1, 'logs/bench', 1, $2, $3)";
/// As long as the event of a reveal.
static EVENT: [u8; 340] = [7; 340];
static MAC: [u8; 32] = [7; 32];

/// A record of 20 fields and 1 KiB.
fn create_request(record_id: String) -> CreateRecordRequest {
    let fields: BTreeMap<String, Value> = (0..FIELDS)
        .map(|n| {
            let value = Kind::StringValue(format!("{record_id:x<VALUE_LENGTH$}"));
            (format!("field{n:02}"), Value { kind: Some(value) })
        })
        .collect();
    let record = Record { fields: Some(Struct { fields }), ..Record::default() };
    CreateRecordRequest { parent: COLLECTION.to_owned(), record_id, record: Some(record), request_id: String::new() }
}
