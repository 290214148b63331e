//! What sealing and revealing records costs, beside plain rows of the same bytes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, anyhow};
use api::vault::v1::record_service_client::RecordServiceClient;
use api::vault::v1::{BatchCreateRecordsRequest, CreateRecordRequest, Record, RevealRecordRequest, View};
use bytes::Bytes;
use prost_types::value::Kind;
use prost_types::{Struct, Value};
use rpc::Channel;
use stack::Service;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use crate::Plan;
use crate::floor::sql::{Connections, RecordInserts, clone_table, insert_event, prepare_event};
use crate::lab::{COLLECTION, Lab};
use crate::load::{Run, closed_loop};
use crate::report::{Figure, LATENCY, LATENCY_CLIENTS, latency};
use crate::rounds::{Rounds, Target};
use crate::wire::{BATCH_CREATE_RECORDS, CREATE_RECORD, REVEAL_RECORD, call, encoded, head, nth};

const CLIENTS: usize = 32;
const BATCH: usize = 100;
const BATCH_CLIENTS: usize = 8;
const FIELDS: usize = 20;
/// 20 fields of name and 45 letters are 1 KiB of JSON.
const VALUE_LENGTH: usize = 45;

/// All figures of records.
pub(crate) async fn measure(lab: &Lab, plan: &Plan) -> Result<Vec<Figure>> {
    let wanted = ["CreateRecord", "BatchCreateRecords", "RevealRecord", LATENCY];
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
    if plan.wants(LATENCY) {
        figures.extend(bench.latencies().await?);
    }
    Ok(figures)
}

struct Bench<'a> {
    lab: &'a Lab,
    plan: &'a Plan,
    channel: Channel,
    floor: Arc<Connections>,
    inserts: Arc<RecordInserts>,
    /// Reveals of records that are there, encoded.
    reveals: Arc<Vec<Bytes>>,
    creates: Creates,
}

impl<'a> Bench<'a> {
    async fn prepare(lab: &'a Lab, plan: &'a Plan) -> Result<Self> {
        let channel = lab.channel(Service::Vault, "app")?;
        let requests = (0..1000).map(|n| create_request(format!("seed-{n}"))).collect();
        let answer = RecordServiceClient::new(channel.clone())
            .batch_create_records(BatchCreateRecordsRequest {
                parent: COLLECTION.to_owned(),
                requests,
                request_id: String::new(),
                ..Default::default()
            })
            .await
            .context("create records to start with")?
            .into_inner();
        let reveals = answer.records.into_iter().map(|record| encoded(&reveal_request(record.name))).collect();
        for table in ["records", "audit_outbox"] {
            clone_table(&lab.vault_database, table).await?;
        }
        let floor =
            Connections::open(&lab.stack.database_url(Service::Vault)?, plan.clients(CLIENTS).max(CLIENTS)).await?;
        let inserts = RecordInserts::like_newest(&lab.vault_database).await?;
        let (floor, inserts, reveals) = (Arc::new(floor), Arc::new(inserts), Arc::new(reveals));
        Ok(Self { lab, plan, channel, floor, inserts, reveals, creates: Creates::new() })
    }

    async fn creates(&self) -> Result<Figure> {
        let clients = self.plan.clients(CLIENTS);
        let value = async |round| self.create(&format!("c{round}"), clients).await;
        let rounds = Rounds::new("CreateRecord (1 KiB, 20 fields)", "rec/s", Target::AtLeast(0.3));
        rounds.measure(self.plan.rounds, || self.plain_inserts(clients, 1), value).await
    }

    async fn create(&self, prefix: &str, clients: usize) -> Result<Run> {
        let (channel, creates, prefix) = (self.channel.clone(), self.creates.clone(), prefix.to_owned());
        let one = move |worker: usize, n: u64| {
            let channel = channel.clone();
            let request = creates.one(format!("{prefix}-{worker}-{n}"));
            async move { call(&channel, CREATE_RECORD, request).await?.holds(1, 1) }
        };
        closed_loop(clients, self.plan.duration, one, || self.lab.settled()).await
    }

    async fn latencies(&self) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        for clients in LATENCY_CLIENTS {
            let floor = self.plain_inserts(clients, 1).await?;
            let run = self.create(&format!("l{clients}"), clients).await?;
            figures.push(latency("CreateRecord", clients, &run, &floor));
            let floor = self.plain_reads(clients).await?;
            figures.push(latency("RevealRecord", clients, &self.reveal(clients).await?, &floor));
        }
        Ok(figures)
    }

    async fn batch_creates(&self) -> Result<Figure> {
        let rows = u64::try_from(BATCH)?;
        let value = async |round| {
            let (channel, creates) = (self.channel.clone(), self.creates.clone());
            let one = move |worker: usize, n: u64| {
                let channel = channel.clone();
                let request = creates.batch((0..BATCH).map(|i| format!("b{round}-{worker}-{n}-{i}")));
                async move { call(&channel, BATCH_CREATE_RECORDS, request?).await?.holds(BATCH, 1) }
            };
            closed_loop(BATCH_CLIENTS, self.plan.duration, one, || self.lab.settled()).await
        };
        let rounds = Rounds::new("BatchCreateRecords (100)", "rec/s", Target::AtLeast(0.25));
        rounds.measure(self.plan.rounds, || self.plain_inserts(BATCH_CLIENTS, rows), value).await
    }

    async fn plain_inserts(&self, clients: usize, rows: u64) -> Result<Run> {
        let prepared = self.floor.prepared(clients, RecordInserts::prepare).await?;
        let inserts = Arc::clone(&self.inserts);
        let call = move |client: usize, _| {
            let (prepared, inserts) = (prepared.clone(), Arc::clone(&inserts));
            async move {
                let (connection, statement) = prepared.of(client)?;
                inserts.insert(connection, statement, rows).await
            }
        };
        closed_loop(clients, self.plan.duration, call, || async { Ok(()) }).await
    }

    async fn reveals(&self) -> Result<Figure> {
        let clients = self.plan.clients(CLIENTS);
        let rounds = Rounds::new("RevealRecord", "rec/s", Target::AtLeast(0.4));
        rounds.measure(self.plan.rounds, || self.plain_reads(clients), async |_| self.reveal(clients).await).await
    }

    async fn reveal(&self, clients: usize) -> Result<Run> {
        let (channel, requests) = (self.channel.clone(), Arc::clone(&self.reveals));
        let one = move |worker: usize, n: u64| {
            let channel = channel.clone();
            let request = nth(&requests, worker, n);
            async move { call(&channel, REVEAL_RECORD, vec![request]).await?.holds(1, FIELDS * VALUE_LENGTH) }
        };
        closed_loop(clients, self.plan.duration, one, || self.lab.settled()).await
    }

    /// Reads the row by its key, then commits a row of an event's size.
    async fn plain_reads(&self, clients: usize) -> Result<Run> {
        let prepare = async |client: &Client| {
            let select = client.prepare(SELECT_RECORD).await?;
            Ok((select, prepare_event(client).await?))
        };
        let prepared = self.floor.prepared(clients, prepare).await?;
        let rows = self.lab.vault_database.query(KEYS_OF_SEED, &[]).await?;
        let keys = Arc::new(rows);
        let next = Arc::new(AtomicU64::new(0));
        let call = move |client: usize, _| {
            let (prepared, keys, next) = (prepared.clone(), Arc::clone(&keys), Arc::clone(&next));
            async move {
                let (connection, (select, insert)) = prepared.of(client)?;
                let n = usize::try_from(next.fetch_add(1, Ordering::Relaxed))? % keys.len().max(1);
                let key: &Row = keys.get(n).ok_or_else(|| anyhow!("no records"))?;
                let (tenant, collection): (Uuid, Uuid) = (key.try_get(0)?, key.try_get(1)?);
                let record: &str = key.try_get(2)?;
                connection.query_one(select, &[&tenant, &collection, &record]).await?;
                insert_event(connection, insert).await?;
                Ok(1)
            }
        };
        closed_loop(clients, self.plan.duration, call, || async { Ok(()) }).await
    }
}

const KEYS_OF_SEED: &str =
    "SELECT tenant_uid, collection_uid, record_id FROM records WHERE record_id LIKE 'seed-%' ORDER BY record_id";
const SELECT_RECORD: &str =
    "SELECT tenant_id, collection_id, record_uid, record_id, revision, subject, create_time, update_time, expire_time,
     field_names, wrapped_key, sealed_fields
     FROM records WHERE tenant_uid = $1 AND collection_uid = $2 AND record_id = $3";

fn reveal_request(name: String) -> RevealRecordRequest {
    let (view, purpose) = (View::Full.into(), "treatment".to_owned());
    RevealRecordRequest { name, view, purpose, ..RevealRecordRequest::default() }
}

/// A record of 20 fields and 1 KiB.
fn record() -> Record {
    let fields: BTreeMap<String, Value> = (0..FIELDS)
        .map(|n| {
            let value = Kind::StringValue(format!("{n:x<VALUE_LENGTH$}"));
            (format!("field{n:02}"), Value { kind: Some(value) })
        })
        .collect();
    Record { fields: Some(Struct { fields }.into()), ..Record::default() }
}

fn create_request(record_id: String) -> CreateRecordRequest {
    let parent = COLLECTION.to_owned();
    CreateRecordRequest { parent, record_id, record: Some(record()), request_id: String::new(), ..Default::default() }
}

/// Requests that create records, of parts that are encoded once.
#[derive(Clone)]
struct Creates {
    /// Field `record` of a `CreateRecordRequest`.
    record: Bytes,
    /// Field `parent` of a `BatchCreateRecordsRequest`.
    parent: Bytes,
}

impl Creates {
    fn new() -> Self {
        let request = CreateRecordRequest { record: Some(record()), ..CreateRecordRequest::default() };
        let batch = BatchCreateRecordsRequest { parent: COLLECTION.to_owned(), ..BatchCreateRecordsRequest::default() };
        Self { record: encoded(&request), parent: encoded(&batch) }
    }

    /// A `CreateRecordRequest`.
    fn one(&self, record_id: String) -> Vec<Bytes> {
        let parent = COLLECTION.to_owned();
        let place = CreateRecordRequest { parent, record_id, ..CreateRecordRequest::default() };
        vec![encoded(&place), self.record.clone()]
    }

    /// A `BatchCreateRecordsRequest`.
    fn batch(&self, record_ids: impl Iterator<Item = String>) -> Result<Vec<Bytes>> {
        let mut pieces = vec![self.parent.clone()];
        for record_id in record_ids {
            let one = self.one(record_id);
            pieces.push(head(2, &one)?);
            pieces.extend(one);
        }
        Ok(pieces)
    }
}
