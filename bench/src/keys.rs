//! What wrapping and unwrapping data keys costs, beside an empty call and beside the bare cryptography.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use api::key::v1::{
    BatchGenerateDataKeysRequest, GenerateDataKeyRequest, GetSealStatusRequest, UnwrapDataKeyRequest, WhoAmIRequest,
    access_service_client::AccessServiceClient, data_key_service_client::DataKeyServiceClient,
    seal_service_client::SealServiceClient,
};
use envelope::{
    EncryptionContext,
    wrap::{self, WrappingKey},
};
use names::KeyUid;
use secret::SecretBytes;
use stack::Service;
use uuid::Uuid;

use crate::{
    Plan,
    floor::empty,
    lab::Lab,
    load::{Run, closed_loop, count},
    report::Figure,
    rounds::{Rounds, Target},
};

/// Enough that the machine is busy while unwraps wait for their commit.
const CLIENTS: usize = 128;
const BATCH: usize = 100;
const BATCH_CLIENTS: usize = 8;
const KEY: &str = "keys/vault-service";

/// All figures of the key-service.
pub(crate) async fn measure(lab: &Lab, plan: &Plan) -> Result<Vec<Figure>> {
    let unary = plan.wants("GenerateDataKey") || plan.wants("UnwrapDataKey");
    let mut figures = Vec::new();
    if unary {
        figures.extend(unary_calls(lab, plan).await?);
    }
    if plan.wants("BatchGenerateDataKeys") {
        figures.push(batches(lab, plan).await?);
    }
    Ok(figures)
}

async fn unary_calls(lab: &Lab, plan: &Plan) -> Result<Vec<Figure>> {
    let identity = lab.stack.identity("key-service")?;
    let server = empty::start(&identity.cert, &identity.key, &lab.stack.certificates().ca()).await?;
    let bare = SealServiceClient::new(lab.channel_to(&server.address, "vault-service")?);
    let channel = lab.channel(Service::Key, "vault-service")?;
    let layered = AccessServiceClient::new(channel.clone());
    let client = DataKeyServiceClient::new(channel);
    let unwraps = Arc::new(wrapped_keys(&client).await?);

    let mut generate = Rounds::new("GenerateDataKey", "call/s", Target::AtLeast(0.6));
    let mut unwrap = Rounds::new("UnwrapDataKey", "call/s", Target::AtLeast(0.6));
    let mut empty_layered = Rounds::new("(empty call through the layers)", "call/s", Target::None);
    for _ in 0..plan.rounds {
        let empty_call = bare.clone();
        let floor = plain(plan, move |_, _| {
            let mut client = empty_call.clone();
            async move {
                client.get_seal_status(GetSealStatusRequest {}).await?;
                Ok(1)
            }
        })
        .await?;
        let who = layered.clone();
        let layers = plain(plan, move |_, _| {
            let mut client = who.clone();
            async move {
                client.who_am_i(WhoAmIRequest {}).await?;
                Ok(1)
            }
        })
        .await?;
        let generating = generates(lab, plan, &client).await?;
        let unwrapping = unwrap_calls(lab, plan, &client, &unwraps).await?;
        empty_layered.add(&layers, &floor);
        generate.add(&generating, &floor);
        unwrap.add(&unwrapping, &floor);
    }
    Ok(vec![generate.figure(), unwrap.figure(), empty_layered.figure()])
}

/// A load whose calls leave nothing behind.
async fn plain<F, Fut>(plan: &Plan, call: F) -> Result<Run>
where
    F: Fn(usize, u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u64>> + Send,
{
    closed_loop(CLIENTS, plan.duration, call, || async { Ok(()) }).await
}

async fn generates(lab: &Lab, plan: &Plan, client: &DataKeyServiceClient<rpc::Channel>) -> Result<Run> {
    let client = client.clone();
    let call = move |worker: usize, n: u64| {
        let mut client = client.clone();
        async move {
            client.generate_data_key(generate_request(&format!("{worker}-{n}"))).await?;
            Ok(1)
        }
    };
    closed_loop(CLIENTS, plan.duration, call, || lab.settled()).await
}

async fn unwrap_calls(
    lab: &Lab,
    plan: &Plan,
    client: &DataKeyServiceClient<rpc::Channel>,
    unwraps: &Arc<Vec<UnwrapDataKeyRequest>>,
) -> Result<Run> {
    let (client, unwraps) = (client.clone(), Arc::clone(unwraps));
    let call = move |worker: usize, n: u64| {
        let mut client = client.clone();
        let index = worker.wrapping_add(usize::try_from(n).unwrap_or(0)) % unwraps.len().max(1);
        let request = unwraps.get(index).cloned();
        async move {
            client.unwrap_data_key(request.ok_or_else(|| anyhow!("no wrapped keys"))?).await?;
            Ok(1)
        }
    };
    closed_loop(CLIENTS, plan.duration, call, || lab.settled()).await
}

/// The context that a record of the vault has.
fn context(record: &str) -> BTreeMap<String, String> {
    [
        ("purpose", "record".to_owned()),
        ("tenant", Uuid::nil().to_string()),
        ("record", format!("tenants/bench/collections/records/records/{record}")),
        ("record_uid", Uuid::nil().to_string()),
        ("revision", "1".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

fn generate_request(record: &str) -> GenerateDataKeyRequest {
    GenerateDataKeyRequest { key: KEY.to_owned(), subject: String::new(), context: context(record) }
}

async fn wrapped_keys(client: &DataKeyServiceClient<rpc::Channel>) -> Result<Vec<UnwrapDataKeyRequest>> {
    let requests: Vec<_> = (0..1000).map(|n| generate_request(&format!("unwrap-{n}"))).collect();
    let answer = client
        .clone()
        .batch_generate_data_keys(BatchGenerateDataKeysRequest { requests: requests.clone() })
        .await
        .context("make keys to unwrap")?
        .into_inner();
    let pairs = requests.into_iter().zip(answer.data_keys);
    Ok(pairs
        .map(|(request, key)| UnwrapDataKeyRequest {
            key: request.key,
            subject: request.subject,
            context: request.context,
            wrapped_key: key.wrapped_key,
        })
        .collect())
}

async fn batches(lab: &Lab, plan: &Plan) -> Result<Figure> {
    let client = DataKeyServiceClient::new(lab.channel(Service::Key, "vault-service")?);
    let mut rounds = Rounds::new("BatchGenerateDataKeys (100)", "key/s", Target::AtLeast(0.4));
    for _ in 0..plan.rounds {
        let duration = plan.duration;
        let floor = tokio::task::spawn_blocking(move || raw_wraps(duration)).await??;
        let client = client.clone();
        let call = move |worker: usize, n: u64| {
            let mut client = client.clone();
            async move {
                let requests = (0..BATCH).map(|i| generate_request(&format!("{worker}-{n}-{i}"))).collect();
                let answer = client.batch_generate_data_keys(BatchGenerateDataKeysRequest { requests }).await?;
                Ok(u64::try_from(answer.get_ref().data_keys.len())?)
            }
        };
        let run = closed_loop(BATCH_CLIENTS, plan.duration, call, || lab.settled()).await?;
        rounds.add_against(&run, floor);
    }
    Ok(rounds.figure())
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
    let key = WrappingKey { key: KeyUid::new(Uuid::nil()), version: 1, material: &material, subject_key: None };
    let mut keys = 0;
    while Instant::now() < until {
        let mut encryption_context = EncryptionContext::new();
        for (name, value) in context(&keys.to_string()) {
            encryption_context = encryption_context.with(name, value);
        }
        wrap::generate(&key, &encryption_context)?;
        keys += 1;
    }
    Ok(keys)
}
