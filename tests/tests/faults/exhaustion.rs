//! Callers who want to exhaust the service: with each of their ways, tried by nobody, by a stranger and by a caller with a
//! role, its memory stays below its bound, and honest callers are served within their deadlines meanwhile. In a build with the
//! feature `unbounded` each way succeeds.
//!
//! # Layout
//! - this file: the ways, one after the other against the defaults, and against a build without bounds
//! - `callers`: who tries; `ways`: what each of them does
//! - `honest`: those who are served meanwhile

mod callers;
mod honest;
mod ways;

use std::time::{Duration, Instant};

use stack::{Service, Stack};
use tokio::task::JoinSet;

use crate::support::world::World;
use callers::{Broken, Caller};
use honest::Honest;
use ways::Way;

/// Most memory of a service with its defaults: half of what `deploy/` gives it.
const BOUND: usize = 256 << 20;
/// What the control must not find.
const HOLDS: &str = "it holds";
/// Honest calls that are answered while one way is tried, at least.
const SERVED: u64 = 10;

/// Settings that bound nothing.
const WITHOUT: &str = "
[grpc]
max_connections = 1000000
max_unauthenticated = 1000000
max_unauthenticated_per_source = 1000000
handshake_timeout = '60s'
max_calls_per_connection = 1000000
max_calls = 1000000
max_bytes = 1000000000000
[grpc.caller_limits]
max_connections = 1000000
max_calls = 1000000
max_bytes = 1000000000000
";

/// All ways; or one alone, by its name, for whoever works on it.
fn wanted() -> Vec<Way> {
    let alone = std::env::var("STRONGROOM_WAY").ok();
    let is_wanted = |way: &Way| alone.as_deref().is_none_or(|alone| way.name == alone);
    let wanted: Vec<Way> = ways::ALL.into_iter().filter(is_wanted).collect();
    assert!(!wanted.is_empty(), "no way is called {alone:?}");
    wanted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_caller_exhausts_the_vault_or_keeps_others_out() {
    let mut world = furnished("").await;
    let honest = Honest::start(&world).await;
    for way in wanted() {
        for caller in Caller::ALL {
            let before = honest.served();
            let (start, peak) = (Instant::now(), peak_of(&world, "vault", tried(&world, way, caller)).await);
            let took = start.elapsed();
            honest.serves(SERVED).await;
            let (name, served) = (caller.name(), honest.served() - before);
            println!(
                "{:<20} by {name:<8} {:>4} MiB at most in {took:.1?}, {served} honest calls",
                way.name,
                peak >> 20
            );
            assert!(peak < BOUND, "{} by {name}: {} MiB", way.name, peak >> 20);
        }
    }
    honest.stop().await;
    assert!(world.process("vault").unwrap().unwrap().is_alive());
    world.end().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_list_of_any_request_exhausts_a_service() {
    let mut world = furnished("").await;
    let bound: [(&str, &[&str]); 3] = [
        ("key", &["vault-service", "audit-service", "operator"]),
        ("vault", &["app", "operator"]),
        ("audit", &["vault-service", "auditor", "operator"]),
    ];
    for (instance, bound) in bound {
        for caller in [Caller::Nobody, Caller::Stranger].into_iter().chain(bound.iter().copied().map(Caller::Bound)) {
            let peak = peak_of(&world, instance, ways::lists_to(&world, instance, caller)).await;
            println!("lists to {instance}-service by {:<20} {:>4} MiB at most", caller.name(), peak >> 20);
            assert!(peak < BOUND, "{instance} by {}: {} MiB", caller.name(), peak >> 20);
        }
    }
    world.end().unwrap();
}

/// The control: in a build without bounds each way succeeds. The vault's memory passes its bound, or the vault does what the way
/// says that it never does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(not(feature = "unbounded"), ignore = "for the build without bounds, among the controls")]
async fn without_its_bounds_the_vault_falls_to_every_way() {
    let mut world = furnished(WITHOUT).await;
    let mut held = Vec::new();
    for way in wanted() {
        assert!(world.process("vault").unwrap().unwrap().resident_bytes().unwrap() < BOUND / 2);
        // What has not authenticated is nobody's.
        let caller = if way.name == "handshakes" { Caller::Nobody } else { Caller::Bound("hostile") };
        let start = Instant::now();
        let trying = std::panic::AssertUnwindSafe(tried(&world, way, caller));
        let outcome = tokio::select! {
            biased;
            () = exhausted(&world) => "its memory passes the bound",
            tried = futures::FutureExt::catch_unwind(trying) => match tried {
                Ok(()) => HOLDS,
                Err(panic) if panic.is::<Broken>() => "it does what it must not",
                Err(panic) => std::panic::resume_unwind(panic),
            },
        };
        println!("{:<20} {outcome} after {:.1?}", way.name, start.elapsed());
        if outcome == HOLDS {
            held.push(way.name);
        }
        world.kill_now("vault");
        world.start_again("vault").await;
    }
    assert!(held.is_empty(), "without bounds the vault holds against {held:?}");
    world.end().unwrap();
}

/// Waits until the vault has more memory than it may.
async fn exhausted(world: &World) {
    let process = world.process("vault").unwrap().unwrap();
    while process.resident_bytes().expect("the vault has died, and not of its memory") <= BOUND {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A stack whose vault has these settings, with hostile callers that have a role and an honest one.
async fn furnished(settings: &str) -> World {
    let settings = settings.to_owned();
    let mut world = World::start(|options| drop(options.extra.insert(Service::Vault, settings))).await;
    for name in ["honest", "hostile"] {
        world.make_caller(name, "app", &[]).unwrap();
    }
    ways::prepare(&world).await;
    world
}

async fn tried(world: &World, way: Way, caller: Caller) {
    let trying = tokio::time::timeout(Duration::from_mins(1), (way.run)(world, caller));
    trying.await.unwrap_or_else(|_late| panic!("{} takes too long", way.name));
}

/// The most memory of an instance while something is done, in bytes.
async fn peak_of(stack: &Stack, instance: &str, done: impl Future<Output = ()>) -> usize {
    let process = stack.process(instance).unwrap().unwrap();
    let mut sampling = JoinSet::new();
    let (peak, sampled) = tokio::sync::watch::channel(0);
    sampling.spawn(async move {
        loop {
            let memory = process.resident_bytes().unwrap_or_default();
            peak.send_modify(|peak| *peak = memory.max(*peak));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    done.await;
    sampling.shutdown().await;
    *sampled.borrow()
}
