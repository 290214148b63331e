//! Connections between services cut, stalled and half open: deadlines are kept, repetitions do no harm, and everything
//! works again by itself.

use std::time::{Duration, Instant};

use stack::Service;
use tonic::Code;

use crate::support::calls::{Done, Failed, Records, Values};
use crate::support::checks::all_holds;
use crate::support::eventually;
use crate::support::ledger::{CREATE, Ledger, State};
use crate::support::load::Load;
use crate::support::proxy::{Mode, Proxy};
use crate::support::random::Random;
use crate::support::world::{COLLECTION, World};

const CLIENTS: usize = 6;
/// Longest wait for a refusal while key-service does not answer.
const BOUND: Duration = Duration::from_secs(2);

/// A world whose services reach each other through proxies.
struct Proxied {
    vault_to_key: Proxy,
    vault_to_audit: Proxy,
    audit_to_key: Proxy,
    world: World,
}

impl Proxied {
    async fn start() -> Self {
        let mut world = World::start(|_| ()).await;
        let [key, audit] = ["key", "audit"].map(|name| world.port(name).unwrap());
        let (vault_to_key, vault_to_audit, audit_to_key) =
            (Proxy::to(key).await, Proxy::to(audit).await, Proxy::to(key).await);
        world.route("vault", Service::Key, vault_to_key.port());
        world.route("vault", Service::Audit, vault_to_audit.port());
        world.route("audit", Service::Key, audit_to_key.port());
        for name in ["vault", "audit"] {
            world.kill_now(name);
            world.start_again(name).await;
        }
        Self { vault_to_key, vault_to_audit, audit_to_key, world }
    }

    fn proxies(&self) -> [&Proxy; 3] {
        [&self.vault_to_key, &self.vault_to_audit, &self.audit_to_key]
    }
}

fn name(id: &str) -> String {
    format!("{COLLECTION}/records/{id}")
}

async fn create(records: &Records, ledger: &mut Ledger, id: &str) -> Result<(), Failed> {
    let (name, values) = (name(id), Values::from([("name".into(), id.into())]));
    let done = records.create(&name, &values, "").await?;
    ledger.written(CREATE, &name, &done, State::Present(1, values));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cut_connections_and_lost_answers_lose_and_double_nothing() {
    let proxied = Proxied::start().await;
    let started = Instant::now();
    let mut random = Random::announced();
    let load = Load::start("n", (0..CLIENTS).map(|_| proxied.world.records("vault")), &mut random);
    for _ in 0..30 {
        load.answers(1 + random.below(8)).await;
        random.pick(&proxied.proxies()).cut();
    }
    load.answers(20).await;
    println!("30 cuts in {:.1} s", started.elapsed().as_secs_f64());
    // What is asked arrives and is done; the answer never comes.
    for round in 0..6 {
        let proxy = proxied.proxies()[round % 3];
        let passed = proxy.passed();
        proxy.set(Mode::Swallow);
        eventually("a request to pass", async || (proxy.passed() > passed).then_some(())).await;
        proxy.cut();
        proxy.set(Mode::Pass);
        load.answers(20).await;
    }
    let ledger = load.stop().await;
    println!("cuts and lost answers in {:.1} s: {}", started.elapsed().as_secs_f64(), ledger.figures());
    for proxy in proxied.proxies() {
        assert!(proxy.passed() > 0, "a service found a way past its proxy");
    }
    all_holds(&proxied.world, ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn peers_that_do_not_answer_are_given_up_in_time() {
    let proxied = Proxied::start().await;
    let (world, records) = (&proxied.world, proxied.world.records("vault"));
    let mut ledger = Ledger::default();
    create(&records, &mut ledger, "there").await.unwrap();
    let there = name("there");

    for mode in [Mode::Stall, Mode::Refuse] {
        proxied.vault_to_key.set(mode);
        proxied.vault_to_key.cut_if(mode == Mode::Refuse);
        let values = Values::from([("name".into(), "x".into())]);
        refused_in_time("a create", async || records.create(&name("never"), &values, "").await).await;
        refused_in_time("a reveal", async || records.reveal(&there).await).await;
        proxied.vault_to_key.set(Mode::Pass);
        works_again(&records, &mut ledger, &format!("after-{mode:?}").to_lowercase()).await;
        let missing = records.get(&name("never")).await.unwrap_err();
        assert_eq!(missing.details().code, Code::NotFound);
    }
    // Half open: the connection looks alive, and nothing ever comes through it again.
    proxied.vault_to_key.freeze();
    works_again(&records, &mut ledger, "half-open").await;

    // audit-service hangs, or its signer does: nobody waits for them, and all is delivered afterwards.
    for (what, proxy) in [("events", &proxied.vault_to_audit), ("seals", &proxied.audit_to_key)] {
        proxy.set(Mode::Stall);
        for number in 0..5 {
            let begun = Instant::now();
            create(&records, &mut ledger, &format!("{what}-{number}")).await.unwrap();
            assert!(begun.elapsed() < BOUND, "a create waited {:?} for {what}", begun.elapsed());
        }
        proxy.set(Mode::Pass);
        proxy.freeze();
    }
    all_holds(world, ledger).await;
}

async fn refused_in_time(what: &str, call: impl AsyncFn() -> Result<Done, Failed>) {
    let mut times = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        let failed = call().await.expect_err(what);
        times.push(begun.elapsed());
        assert_eq!(failed.summary(), (Code::Unavailable, "KEY_SERVICE_UNAVAILABLE"), "{what}: {failed:?}");
    }
    times.sort_unstable();
    println!("{what}: refused in {times:.2?}");
    assert!(times[1] <= BOUND, "{what} took {times:?}");
}

async fn works_again(records: &Records, ledger: &mut Ledger, id: &str) {
    let begun = Instant::now();
    eventually("a create to work again", async || create(records, ledger, id).await.ok()).await;
    println!("{id}: works again after {:.2?}", begun.elapsed());
}
