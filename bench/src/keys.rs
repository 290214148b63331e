//! What wrapping and unwrapping data keys costs, beside an empty call and beside the bare cryptography.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use api::key::v1::data_key_service_client::DataKeyServiceClient;
use api::key::v1::{
    BatchGenerateDataKeysRequest, GenerateDataKeyRequest, UnwrapDataKeyRequest, generate_data_key_result,
};
use bytes::Bytes;
use envelope::EncryptionContext;
use envelope::wrap::{self, Fresh, WrappingKey};
use names::{BirthMark, KeyUid};
use rpc::Channel;
use secret::SecretBytes;
use stack::Service;
use uuid::Uuid;

use crate::Plan;
use crate::floor::empty::{self, EmptyServer};
use crate::floor::sql::{Connections, clone_table, insert_event, prepare_event};
use crate::lab::Lab;
use crate::load::{Run, closed_loop, count};
use crate::report::{Figure, LATENCY, LATENCY_CLIENTS, latency};
use crate::rounds::{Floor, Rounds, Target};
use crate::wire::{
    BATCH_GENERATE_DATA_KEYS, GENERATE_DATA_KEY, GET_SEAL_STATUS, UNWRAP_DATA_KEY, call, encoded, head, nth,
};

/// Enough that the machine is busy while unwraps wait for their commit; as many as four connections carry.
const CLIENTS: usize = 1024;
const BATCH: usize = 100;
const BATCH_CLIENTS: usize = 32;
/// Different requests that a load makes in turn.
const DIFFERENT: usize = 1000;
/// Length of a data key in bytes.
const DATA_KEY: usize = 32;
const KEY: &str = "keys/vault-service";

/// All figures of the key-service.
pub(crate) async fn measure(lab: &Lab, plan: &Plan) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let wanted = ["GenerateDataKey", "UnwrapDataKey", LATENCY].map(|name| plan.wants(name));
    if wanted.contains(&true) {
        let calls = Calls::prepare(lab, plan).await?;
        if wanted != [false, false, true] {
            figures.extend(calls.rates().await?);
        }
        if plan.wants(LATENCY) {
            figures.extend(calls.latencies().await?);
        }
    }
    if plan.wants("BatchGenerateDataKeys") {
        figures.push(batches(lab, plan).await?);
    }
    Ok(figures)
}

/// Single calls to key-service, and to the bare server.
struct Calls<'a> {
    lab: &'a Lab,
    plan: &'a Plan,
    _server: EmptyServer,
    bare: Channel,
    layered: Channel,
    channel: Channel,
    generates: Requests,
    unwraps: Requests,
}

/// Calls of one method, each for one data key.
struct Requests {
    method: &'static str,
    requests: Arc<Vec<Bytes>>,
}

impl<'a> Calls<'a> {
    async fn prepare(lab: &'a Lab, plan: &'a Plan) -> Result<Self> {
        let identity = lab.stack.identity("key-service")?;
        let server = empty::start(&identity.cert, &identity.key, &lab.stack.certificates().ca()).await?;
        let bare = lab.channel_to(&server.address, "vault-service")?;
        let channel = lab.channel(Service::Key, "vault-service")?;
        let layered = lab.channel(Service::Key, "operator")?;
        let generates = (0..DIFFERENT).map(|n| encoded(&generate_request(&format!("generate-{n}")))).collect();
        let unwraps = wrapped_keys(&channel).await?.iter().map(encoded).collect();
        let generates = Requests { method: GENERATE_DATA_KEY, requests: Arc::new(generates) };
        let unwraps = Requests { method: UNWRAP_DATA_KEY, requests: Arc::new(unwraps) };
        Ok(Self { lab, plan, _server: server, bare, layered, channel, generates, unwraps })
    }

    async fn rates(&self) -> Result<Vec<Figure>> {
        let clients = self.plan.clients(CLIENTS);
        let mut generate = Rounds::new("GenerateDataKey", "call/s", Target::AtLeast(0.6));
        let mut unwrap = Rounds::new("UnwrapDataKey", "call/s", Target::AtLeast(0.6));
        let mut empty_layered = Rounds::new("(empty call through the layers)", "call/s", Target::None);
        let floor = async || Ok::<_, anyhow::Error>(Floor::from(self.empty(&self.bare, clients).await?));
        let mut before = floor().await?;
        for _ in 0..self.plan.rounds {
            let run = self.data_keys(&self.generates, clients).await?;
            let after = floor().await?;
            generate.add(&run, before, after);
            let run = self.data_keys(&self.unwraps, clients).await?;
            before = floor().await?;
            unwrap.add(&run, after, before);
            let run = self.empty(&self.layered, clients).await?;
            let after = floor().await?;
            empty_layered.add(&run, before, after);
            before = after;
        }
        Ok(vec![generate.figure(), unwrap.figure(), empty_layered.figure()])
    }

    async fn latencies(&self) -> Result<Vec<Figure>> {
        clone_table(&self.lab.key_database, "audit_outbox").await?;
        let most = LATENCY_CLIENTS.into_iter().max().unwrap_or(1);
        let connections = Connections::open(&self.lab.stack.database_url(Service::Key)?, most).await?;
        let mut figures = Vec::new();
        for clients in LATENCY_CLIENTS {
            let floor = self.empty(&self.bare, clients).await?;
            figures.push(latency("GenerateDataKey", clients, &self.data_keys(&self.generates, clients).await?, &floor));
            let floor = self.empty_and_commit(&connections, clients).await?;
            figures.push(latency("UnwrapDataKey", clients, &self.data_keys(&self.unwraps, clients).await?, &floor));
        }
        Ok(figures)
    }

    /// A load of empty calls, each of which is followed by a commit of an event's size: an unwrap's evidence is there before its
    /// answer.
    async fn empty_and_commit(&self, connections: &Connections, clients: usize) -> Result<Run> {
        let (prepared, channel) = (connections.prepared(clients, prepare_event).await?, self.bare.clone());
        let one = move |client: usize, _| {
            let (prepared, channel) = (prepared.clone(), channel.clone());
            async move {
                call(&channel, GET_SEAL_STATUS, Vec::new()).await?;
                let (connection, statement) = prepared.of(client)?;
                insert_event(connection, statement).await?;
                Ok(1)
            }
        };
        closed_loop(clients, self.plan.duration, one, || async { Ok(()) }).await
    }

    /// A load of empty calls, which leave nothing behind.
    async fn empty(&self, channel: &Channel, clients: usize) -> Result<Run> {
        let channel = channel.clone();
        let one = move |_, _| {
            let channel = channel.clone();
            async move {
                call(&channel, GET_SEAL_STATUS, Vec::new()).await?;
                Ok(1)
            }
        };
        closed_loop(clients, self.plan.duration, one, || async { Ok(()) }).await
    }

    async fn data_keys(&self, requests: &Requests, clients: usize) -> Result<Run> {
        let (method, requests, channel) = (requests.method, Arc::clone(&requests.requests), self.channel.clone());
        let one = move |worker: usize, n: u64| {
            let channel = channel.clone();
            let request = nth(&requests, worker, n);
            async move { call(&channel, method, vec![request]).await?.holds(1, DATA_KEY) }
        };
        closed_loop(clients, self.plan.duration, one, || self.lab.settled()).await
    }
}

/// The context that a record of the vault has.
fn context(record: &str) -> [(&'static str, String); 5] {
    [
        ("purpose", "record".to_owned()),
        ("tenant", Uuid::nil().to_string()),
        ("record", format!("tenants/bench/collections/records/records/{record}")),
        ("record_uid", Uuid::nil().to_string()),
        ("revision", "1".to_owned()),
    ]
}

fn generate_request(record: &str) -> GenerateDataKeyRequest {
    GenerateDataKeyRequest {
        key: KEY.to_owned(),
        subject: String::new(),
        context: api::context_entries(context(record)),
        ..Default::default()
    }
}

async fn wrapped_keys(channel: &Channel) -> Result<Vec<UnwrapDataKeyRequest>> {
    let requests: Vec<_> = (0..DIFFERENT).map(|n| generate_request(&format!("unwrap-{n}"))).collect();
    let answer = DataKeyServiceClient::new(channel.clone())
        .batch_generate_data_keys(BatchGenerateDataKeysRequest { requests: requests.clone(), ..Default::default() })
        .await
        .context("make keys to unwrap")?
        .into_inner();
    let mut unwraps = Vec::with_capacity(DIFFERENT);
    for (request, result) in requests.into_iter().zip(answer.results) {
        let Some(generate_data_key_result::Result::DataKey(key)) = result.result else { bail!("a key was not made") };
        unwraps.push(UnwrapDataKeyRequest {
            key: request.key,
            subject: request.subject,
            context: request.context,
            wrapped_key: key.wrapped_key.into(),
            ..Default::default()
        });
    }
    Ok(unwraps)
}

async fn batches(lab: &Lab, plan: &Plan) -> Result<Figure> {
    let channel = lab.channel(Service::Key, "vault-service")?;
    let mut fields = Vec::new();
    for n in 0..DIFFERENT {
        let request = encoded(&generate_request(&format!("batch-{n}")));
        fields.push([head(1, std::slice::from_ref(&request))?, request].concat().into());
    }
    let fields: Arc<Vec<Bytes>> = Arc::new(fields);
    let duration = plan.duration;
    let floor = async || {
        let rate = tokio::task::spawn_blocking(move || raw_wraps(duration)).await??;
        Ok(Floor { rate, core_micros: None })
    };
    let value = async |_| {
        let (channel, fields) = (channel.clone(), Arc::clone(&fields));
        let one = move |worker: usize, n: u64| {
            let channel = channel.clone();
            let first = n.wrapping_mul(u64::try_from(BATCH).unwrap_or(0));
            let requests = (first..).take(BATCH).map(|n| nth(&fields, worker, n)).collect();
            async move { call(&channel, BATCH_GENERATE_DATA_KEYS, requests).await?.holds_results(BATCH, DATA_KEY) }
        };
        closed_loop(BATCH_CLIENTS, duration, one, || lab.settled()).await
    };
    let rounds = Rounds::new("BatchGenerateDataKeys (100)", "key/s", Target::AtLeast(0.4));
    rounds.measure(plan.rounds, floor, value).await
}

/// Keys a second that all cores wrap, with nothing around it.
fn raw_wraps(duration: Duration) -> Result<f64> {
    let cores = thread::available_parallelism()?.get();
    let start = Instant::now();
    let workers: Vec<_> = (0..cores).map(|_| thread::spawn(move || raw_wrap_loop(start + duration))).collect();
    let mut keys = 0;
    for worker in workers {
        keys += worker.join().map_err(|_panic| anyhow!("a wrap loop panicked"))??;
    }
    Ok(count(keys) / start.elapsed().as_secs_f64())
}

fn raw_wrap_loop(until: Instant) -> Result<u64> {
    let material = SecretBytes::<32>::random()?;
    let key = WrappingKey {
        key: KeyUid::new(Uuid::nil()),
        version: 1,
        birth_mark: BirthMark::new([7; 8]),
        material: &material,
        subject_key: None,
    };
    let mut keys = 0;
    while Instant::now() < until {
        let encryption_context = EncryptionContext::from_iter(context(&keys.to_string()));
        Fresh::with(1, |fresh| wrap::generate(&key, &encryption_context, fresh))??;
        keys += 1;
    }
    Ok(keys)
}
