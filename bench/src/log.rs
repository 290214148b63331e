//! What sealed entries cost, beside plain rows of the same bytes, and what verifying costs beside reading.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use api::audit::v1::ingest_service_client::IngestServiceClient;
use api::audit::v1::log_service_client::LogServiceClient;
use api::audit::v1::{
    AppendEventsRequest, Event, Outcome, Verdict, VerifyLogRequest, append_result, verify_log_response,
};
use futures::TryStreamExt;
use stack::Service;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::Plan;
use crate::floor::sql::{Connections, clone_table};
use crate::lab::{Lab, TENANT};
use crate::load::{Run, closed_loop, count, median};
use crate::report::{Figure, LATENCY, LATENCY_CLIENTS, latency};
use crate::rounds::{Rounds, Target};

const CLIENTS: usize = 8;
const EVENTS: usize = 512;
/// Rows of one INSERT: as many as audit-service seals at once.
const ROWS: usize = 2048;
/// One for each tenant: batches of different logs run side by side, as the floor's inserts do.
const LOGS: usize = 4;
/// The log that is verified.
const VERIFIED: &str = "logs/bench-0";

/// All figures of the log.
pub(crate) async fn measure(lab: &Lab, plan: &Plan) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let (appended, verified, timed) = (plan.wants("AppendEvents"), plan.wants("VerifyLog"), plan.wants(LATENCY));
    if !(appended || verified || timed) {
        return Ok(figures);
    }
    let client = IngestServiceClient::new(lab.channel(Service::Audit, "vault-service")?);
    // The log's first entry, and the template of the floor's rows.
    append(&client, 0, 1).await?;
    clone_table(&lab.audit_database, "entries").await?;
    if appended || verified {
        let rounds = Rounds::new("AppendEvents with receipts", "entry/s", Target::AtLeast(0.4));
        let value = async |_| appends(&client, plan, CLIENTS, EVENTS).await;
        figures.push(rounds.measure(plan.rounds, || plain_inserts(lab, plan, 2, ROWS), value).await?);
    }
    if timed {
        for clients in LATENCY_CLIENTS {
            let floor = plain_inserts(lab, plan, clients, 1).await?;
            figures.push(latency("AppendEvents (1)", clients, &appends(&client, plan, clients, 1).await?, &floor));
        }
    }
    if verified {
        figures.push(verification(lab, plan).await?);
    }
    Ok(figures)
}

/// A load of calls, each with so many events.
async fn appends(
    client: &IngestServiceClient<rpc::Channel>,
    plan: &Plan,
    clients: usize,
    events: usize,
) -> Result<Run> {
    let client = client.clone();
    let call = move |worker: usize, _| {
        let client = client.clone();
        async move { append(&client, worker, events).await }
    };
    closed_loop(clients, plan.duration, call, || async { Ok(()) }).await
}

/// Appends events to the log of a worker until each has its receipt.
async fn append(client: &IngestServiceClient<rpc::Channel>, worker: usize, events: usize) -> Result<u64> {
    let log = format!("logs/bench-{}", worker % LOGS);
    let request = AppendEventsRequest { events: (0..events).map(|_| event(&log)).collect() };
    let answer = client.clone().append_events(request).await?.into_inner();
    let receipts =
        answer.results.iter().filter(|result| matches!(result.result, Some(append_result::Result::Receipt(_))));
    let receipts = receipts.count();
    if receipts != events {
        bail!("{receipts} receipts for {events} events");
    }
    Ok(u64::try_from(events)?)
}

/// As vault-service reports a reveal.
fn event(log: &str) -> Event {
    let id = clock::uuid_v7(&clock::SystemClock);
    Event {
        event_id: id.as_bytes().to_vec(),
        log: log.to_owned(),
        time_ns: 1_700_000_000_000_000_000,
        actor: "spiffe://strongroom.dev/app".to_owned(),
        action: "records.reveal".to_owned(),
        resource: format!("{TENANT}/collections/records/records/{id}"),
        outcome: Outcome::Ok.into(),
        purpose: "treatment".to_owned(),
        key_boot_id: id.as_bytes().to_vec(),
        key_counter: 1,
        attributes: HashMap::from([("uid".to_owned(), id.to_string()), ("revision".to_owned(), "1".to_owned())]),
        ..Event::default()
    }
}

const INSERT_ENTRIES: &str = "INSERT INTO entries_floor
     (log_id, entry_index, event_id, entry, mac, logged_at, producer, actor, action, resource, outcome, key_boot, key_counter)
     SELECT $1, r.i, r.event_id, r.entry, r.mac, now(), $2, $3, $4, r.resource, 1::smallint, r.event_id, 1
     FROM unnest($5::bigint[], $6::uuid[], $7::bytea[], $8::bytea[], $9::text[])
          AS r(i, event_id, entry, mac, resource)";

/// A load of INSERTs, each of so many rows.
async fn plain_inserts(lab: &Lab, plan: &Plan, clients: usize, rows: usize) -> Result<Run> {
    let connections = Connections::open(&lab.stack.database_url(Service::Audit)?, clients).await?;
    let template = lab
        .audit_database
        .query_one(
            "SELECT entry, mac, producer, actor, action FROM entries WHERE resource LIKE $1 ORDER BY entry_index DESC LIMIT 1",
            &[&format!("{TENANT}/%")],
        )
        .await
        .context("read an entry as the template")?;
    let prepare = async |client: &Client| Ok(client.prepare(INSERT_ENTRIES).await?);
    let (prepared, template) = (connections.prepared(clients, prepare).await?, Arc::new(template));
    let call = move |client: usize, n: u64| {
        let (prepared, template) = (prepared.clone(), Arc::clone(&template));
        async move {
            let (connection, statement) = prepared.of(client)?;
            let log = clock::uuid_v7(&clock::SystemClock);
            let first = i64::try_from(n)? * i64::try_from(rows)?;
            let indices: Vec<i64> = (first..).take(rows).collect();
            let ids: Vec<Uuid> = (0..rows).map(|_| clock::uuid_v7(&clock::SystemClock)).collect();
            let resources: Vec<String> =
                ids.iter().map(|id| format!("{TENANT}/collections/records/records/{id}")).collect();
            // Each row brings its own bytes, as entries do.
            let (entries, macs): (Vec<&[u8]>, Vec<&[u8]>) =
                (vec![template.try_get(0)?; rows], vec![template.try_get(1)?; rows]);
            let (producer, actor): (&str, &str) = (template.try_get(2)?, template.try_get(3)?);
            let action: &str = template.try_get(4)?;
            let parameters: [&(dyn ToSql + Sync); 9] =
                [&log, &producer, &actor, &action, &indices, &ids, &entries, &macs, &resources];
            Ok(connection.execute(statement, &parameters).await?)
        }
    };
    closed_loop(clients, plan.duration, call, || async { Ok(()) }).await
}

async fn verification(lab: &Lab, plan: &Plan) -> Result<Figure> {
    let client = LogServiceClient::new(lab.channel(Service::Audit, "auditor")?);
    let (mut values, mut floors, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut entries = 0;
    for _ in 0..plan.rounds {
        let floor = read_rows(lab).await?;
        let start = Instant::now();
        entries = verify(&client).await?;
        let value = count(entries) / start.elapsed().as_secs_f64();
        values.push(value);
        floors.push(floor);
        ratios.push(value / floor);
    }
    Ok(Figure {
        name: "VerifyLog".to_owned(),
        value: median(values),
        unit: "entry/s",
        floor: Some(median(floors)),
        ratio: Some(median(ratios)),
        target: Some(0.5),
        smaller_is_better: false,
        note: format!("{entries} entries, verdict INTACT"),
    })
}

async fn verify(client: &LogServiceClient<rpc::Channel>) -> Result<u64> {
    let mut request =
        tonic::Request::new(VerifyLogRequest { name: VERIFIED.to_owned(), ..VerifyLogRequest::default() });
    request.set_timeout(std::time::Duration::from_mins(10));
    let mut answers = client.clone().verify_log(request).await?.into_inner();
    while let Some(answer) = answers.message().await? {
        if let Some(verify_log_response::Result::Report(report)) = answer.result {
            if report.verdict() != Verdict::Intact {
                bail!("the log is {:?}", report.verdict());
            }
            return report.entries.ok_or_else(|| anyhow!("a report without a count"));
        }
    }
    bail!("no report")
}

/// Rows a second that one session reads, with every column that verification needs.
async fn read_rows(lab: &Lab) -> Result<f64> {
    const SELECT: &str = "SELECT e.entry_index, e.event_id, e.entry, e.mac, e.logged_at, e.producer, e.actor, e.action,
         e.resource, e.outcome, e.key_boot, e.key_counter FROM entries e JOIN logs l USING (log_id) WHERE l.name = $1 ORDER BY e.entry_index";
    let start = Instant::now();
    let rows = lab.audit_database.query_raw(SELECT, [VERIFIED]).await?;
    futures::pin_mut!(rows);
    let mut read = 0_u64;
    let mut bytes = 0_usize;
    while let Some(row) = rows.try_next().await? {
        let entry: &[u8] = row.try_get(2)?;
        bytes += entry.len();
        read += 1;
    }
    if bytes == 0 {
        bail!("the log is empty");
    }
    Ok(count(read) / start.elapsed().as_secs_f64())
}
