//! How long key-service is waited for, by a clock that stands still while anything can be done.

use std::future::pending;
use std::net::TcpListener;
use std::sync::Mutex;

use names::KeyName;
use rpc::{PeerConfig, Tls, TlsConfig};
use service::{Jobs, Shutdown};
use test_support::certs::Authority;
use tokio::time::timeout_at;
use uuid::Uuid;

use super::*;
use crate::keys::context::Context;
use crate::keys::{BUDGET, Keys};
use crate::store::derived_keys::DerivedKeyName;

const TENANT: TenantUid = TenantUid::new(Uuid::nil());

/// A channel to a peer that takes connections and never says anything.
fn silent(listener: &TcpListener) -> rpc::Channel {
    let directory =
        std::env::temp_dir().join(format!("strongroom-vault-calls-{}", clock::uuid_v7(&clock::SystemClock)));
    let authority = Authority::open(&directory, "test authority").unwrap();
    let identity = authority.identity("spiffe://strongroom.dev/vault-service").unwrap();
    let tls = Tls::load(
        &TlsConfig { cert: identity.cert, key: identity.key, ca: identity.ca },
        rpc::Uses::ServerAndClient,
        false,
    )
    .unwrap();
    std::fs::remove_dir_all(directory).unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    rpc::Channel::new(&PeerConfig::new(endpoint), tls).unwrap()
}

fn late() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

/// The budget leaves time to answer within two seconds. Timers are as exact as a millisecond.
fn is_budget(waited: Duration) -> bool {
    (1800..=1801).contains(&waited.as_millis())
}

#[tokio::test(start_paused = true)]
async fn a_call_is_repeated_while_it_fails_and_given_up_when_the_budget_is_spent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let keys = Keys::new(silent(&listener), BUDGET, &Jobs::new(Shutdown::new()));
    let (begun, calls) = (Instant::now(), Mutex::new(Vec::new()));
    let call = |_, _: Request<()>| {
        calls.lock().unwrap().push(begun.elapsed().as_millis());
        let is_last = calls.lock().unwrap().len() == 7;
        async move {
            if is_last {
                pending::<()>().await;
            }
            Err::<tonic::Response<()>, _>(Status::unavailable("away"))
        }
    };
    let answer = timeout_at(late(), keys.calls.repeated(|| (), keys.within_budget(late()), call)).await.unwrap();
    assert!(matches!(answer, Err(KeyError::Away { .. })), "{answer:?}");
    assert!(is_budget(begun.elapsed()), "{:?}", begun.elapsed());
    assert_eq!(calls.into_inner().unwrap(), [0, 20, 60, 140, 300, 620, 1260]);
}

#[tokio::test(start_paused = true)]
async fn no_call_waits_longer_than_the_budget_for_a_peer_that_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let keys = Keys::new(silent(&listener), BUDGET, &Jobs::new(Shutdown::new()));
    let key: KeyName = "keys/vault-service".parse().unwrap();
    let name = DerivedKeyName { purpose: "row".to_owned(), scope: String::new(), version: 1 };
    let context = Context::of_derived_key(TENANT, &name, Uuid::nil());
    let generate = GenerateKey { key: key.clone(), subject: None, context: context.clone() };
    let unwrap = UnwrapKey { key, subject: None, context, wrapped_key: vec![0; 142].into() };
    for way in 0..5 {
        let begun = Instant::now();
        let failed = match way {
            0 => keys.generate(generate.clone(), late()).await.err(),
            1 => keys.generate_all(&[generate.clone(), generate.clone()], late()).await.err(),
            2 => keys.unwrap(unwrap.clone(), late()).await.err(),
            3 => keys.unwrap_all(std::slice::from_ref(&unwrap), late()).await.err(),
            _ => keys.provision_tenant(TENANT, late()).await.err(),
        };
        assert!(matches!(failed, Some(KeyError::Away { .. })), "{way}: {failed:?}");
        // Less, where the channel says sooner that no address takes a connection.
        assert!(begun.elapsed() <= BUDGET + Duration::from_millis(1), "{way}: {:?}", begun.elapsed());
    }
    let begun = Instant::now();
    keys.generate(generate, begun + BUDGET / 3).await.unwrap_err();
    assert!(begun.elapsed() < BUDGET / 2, "a deadline that comes earlier counts");
}
