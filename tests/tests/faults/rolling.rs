//! Replicas that are replaced one after the other under load: what they have begun they answer, what they have not goes to
//! their twins, and no call fails.

use std::time::Instant;

use rpc::{Channel, PeerConfig, Tls, TlsConfig};
use stack::Service;
use stack::certificates::Identity;

use crate::support::calls::Records;
use crate::support::checks::all_holds;
use crate::support::load::Load;
use crate::support::proxy::Proxy;
use crate::support::random::Random;
use crate::support::world::World;

const CLIENTS: usize = 6;
/// How often each replica is replaced.
const ROUNDS: usize = 3;
/// Calls that are answered between two replicas.
const BETWEEN: u64 = 50;

/// Two replicas of each service behind one address, by which callers and the other services reach them.
struct Replicas {
    world: World,
    vault: Proxy,
    _others: [Proxy; 2],
}

impl Replicas {
    async fn start() -> Self {
        let mut world = World::start(|_| ()).await;
        let mut addresses = Vec::new();
        for service in [Service::Key, Service::Audit, Service::Vault] {
            let twin = world.add_replica(service).await.unwrap();
            let ports = [service.short(), &twin].map(|name| world.port(name).unwrap());
            addresses.push(Proxy::to_any_of(ports.to_vec()).await);
        }
        let [key, audit, vault] = addresses.try_into().unwrap();
        for name in ["audit", "audit-2", "vault", "vault-2"] {
            world.route(name, Service::Key, key.port());
        }
        for name in ["vault", "vault-2"] {
            world.route(name, Service::Audit, audit.port());
        }
        let mut replicas = Self { world, vault, _others: [key, audit] };
        for name in ["audit", "audit-2", "vault", "vault-2"] {
            replicas.replace(name).await;
        }
        replicas
    }

    /// Ends a replica as a deployment does, and starts another one in its place.
    async fn replace(&mut self, name: &str) {
        tokio::task::block_in_place(|| self.world.terminate(name)).unwrap();
        self.world.start_again(name).await;
    }

    /// A caller of vault-service.
    fn records(&self) -> Records {
        let Identity { cert, key } = self.world.identity("app").unwrap();
        let tls =
            Tls::load(&TlsConfig { cert, key, ca: self.world.certificates().ca() }, rpc::Uses::ServerAndClient, false)
                .unwrap();
        let peer = PeerConfig::new(format!("https://127.0.0.1:{}", self.vault.port()));
        Records::new(Channel::new(&peer, tls).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_replica_is_replaced_without_a_failed_call() {
    let mut replicas = Replicas::start().await;
    let started = Instant::now();
    let load = Load::start("o", (0..CLIENTS).map(|_| replicas.records()), &mut Random::announced());
    for name in ["key", "key-2", "audit", "audit-2", "vault", "vault-2"].repeat(ROUNDS) {
        load.answers(BETWEEN).await;
        replicas.replace(name).await;
    }
    load.answers(BETWEEN).await;
    let ledger = load.stop().await;
    println!("every replica replaced in {:.1} s: {}", started.elapsed().as_secs_f64(), ledger.figures());
    ledger.undisturbed();
    all_holds(&replicas.world, ledger).await;
}
