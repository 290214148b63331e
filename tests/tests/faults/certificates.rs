//! Certificates, authorities and policy replaced under load: no call fails, and what was taken away is refused after.

use std::path::PathBuf;
use std::time::Instant;

use rpc::{Channel, PeerConfig, Tls, TlsConfig};
use stack::certificates::{Identity, Usage, spiffe_id};
use test_support::certs::{Authority, Subject};
use tonic::Code;

use crate::support::calls::{Records, Values};
use crate::support::checks::all_holds;
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::{COLLECTION, World};
use crate::support::{eventually, replace};

const CLIENTS: usize = 4;
const SERVICES: [(&str, &str); 3] = [("key", "key-service"), ("vault", "vault-service"), ("audit", "audit-service")];
const CERTIFICATES: &str = "the certificates were reloaded";
const POLICY: &str = "the policy was reloaded";
const REFUSED_CERTIFICATES: &str = "the certificates of the files are refused";
const REFUSED_POLICY: &str = "the changed policy file is refused";

/// A caller that can take up new certificates.
#[derive(Clone, Debug)]
struct Caller {
    tls: Tls,
    records: Records,
}

impl Caller {
    fn of(world: &World, identity: &Identity) -> Self {
        let Identity { cert, key } = identity.clone();
        let tls = Tls::load(&TlsConfig { cert, key, ca: world.certificates().ca() }, rpc::Uses::ServerAndClient, false)
            .unwrap();
        let peer = PeerConfig::new(format!("https://{}", world.grpc("vault").unwrap()));
        Self { records: Records::new(Channel::new(&peer, tls.clone()).unwrap()), tls }
    }
}

/// How often each service has said so by now.
fn reloads(world: &World, text: &str) -> [usize; 3] {
    SERVICES.map(|(instance, _)| world.mentions(instance, text))
}

/// Waits until each service has said so once more.
async fn reloaded(world: &World, text: &str, before: [usize; 3]) {
    eventually(text, async || {
        let now = reloads(world, text);
        now.iter().zip(before).all(|(now, before)| *now > before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn certificates_and_policy_are_replaced_without_a_failed_call() {
    let mut world = World::start(|_| ()).await;
    let started = Instant::now();
    let app = Caller::of(&world, &world.identity("app").unwrap());
    let load = Load::start("c", (0..CLIENTS).map(|_| app.records.clone()), &mut Random::announced());
    for _ in 0..3 {
        load.answers(20).await;
        let before = reloads(&world, CERTIFICATES);
        for (_, name) in SERVICES {
            world.certificates().renew(name, Usage::Service).unwrap();
        }
        world.certificates().renew("app", Usage::Caller).unwrap();
        app.tls.reload().await.unwrap();
        reloaded(&world, CERTIFICATES, before).await;
        load.answers(20).await;
        let before = reloads(&world, POLICY);
        let policy = std::fs::read_to_string(world.policy()).unwrap();
        replace(&world.policy(), format!("{policy}\n# replaced\n"));
        reloaded(&world, POLICY, before).await;
    }
    load.answers(20).await;
    bad_ones_change_nothing(&world, &load).await;
    authority_is_replaced(&world, &app, &load).await;
    identity_is_shut_out(&mut world, &load).await;
    let ledger = load.stop().await;
    println!("everything replaced in {:.1} s: {}", started.elapsed().as_secs_f64(), ledger.figures());
    ledger.undisturbed();
    let evidence = all_holds(&world, ledger).await;
    // No process ended, so what key-service and vault-service say of each other adds up to the last unwrap.
    let unwraps: usize = evidence.unwraps.iter().map(|group| group.count).sum();
    assert_eq!(evidence.opened().count(), unwraps);
    assert!(unwraps > 0);
}

/// A certificate that has expired and a policy that was cut off are refused by every service, and calls go on with what was there.
async fn bad_ones_change_nothing(world: &World, load: &Load) {
    let authority = Authority::open(&world.directory().join("pki"), "unused").unwrap();
    let before = reloads(world, REFUSED_CERTIFICATES);
    for (_, name) in SERVICES {
        let expired = Subject { not_after: (2024, 2, 1), ..Subject::spiffe(&spiffe_id(name)) };
        let expired = authority.issue(&format!("expired-{name}"), &expired).unwrap();
        let Identity { cert, key } = world.identity(name).unwrap();
        replace(&key, std::fs::read(expired.key).unwrap());
        replace(&cert, std::fs::read(expired.cert).unwrap());
    }
    reloaded(world, REFUSED_CERTIFICATES, before).await;
    load.answers(20).await;
    let before = reloads(world, CERTIFICATES);
    for (_, name) in SERVICES {
        world.certificates().renew(name, Usage::Service).unwrap();
    }
    reloaded(world, CERTIFICATES, before).await;

    let policy = std::fs::read_to_string(world.policy()).unwrap();
    for (number, cut) in (1..).zip(["", policy.split("[[bindings]]").next().unwrap()]) {
        let before = reloads(world, REFUSED_POLICY);
        replace(&world.policy(), cut);
        reloaded(world, REFUSED_POLICY, before).await;
        load.answers(20).await;
        let before = reloads(world, POLICY);
        // With another end each time, so that it is a change.
        replace(&world.policy(), format!("{policy}{}", "\n".repeat(number)));
        reloaded(world, POLICY, before).await;
    }
}

/// Old and new authority together, then new certificates for all, then the new authority alone.
async fn authority_is_replaced(world: &World, app: &Caller, load: &Load) {
    let old = kept(world, "app");
    let (old_open, old_fresh) = (Caller::of(world, &old), Caller::of(world, &old));
    assert_eq!(missing(&old_open).await, Code::NotFound, "the old certificate is accepted as yet");

    let next = Authority::open(&world.directory().join("next-pki"), "Next authority").unwrap();
    let ca = world.certificates().ca();
    let both = std::fs::read_to_string(&ca).unwrap() + &std::fs::read_to_string(next.ca()).unwrap();
    let before = reloads(world, CERTIFICATES);
    replace(&ca, both);
    app.tls.reload().await.unwrap();
    reloaded(world, CERTIFICATES, before).await;
    load.answers(20).await;

    let before = reloads(world, CERTIFICATES);
    for name in SERVICES.map(|(_, name)| name).into_iter().chain(stack::stack::CALLERS) {
        let issued = next.issue(name, &Subject::spiffe(&spiffe_id(name))).unwrap();
        let Identity { cert, key } = world.identity(name).unwrap();
        replace(&key, std::fs::read(issued.key).unwrap());
        replace(&cert, std::fs::read(issued.cert).unwrap());
    }
    app.tls.reload().await.unwrap();
    reloaded(world, CERTIFICATES, before).await;
    load.answers(20).await;

    let before = reloads(world, CERTIFICATES);
    replace(&ca, std::fs::read(next.ca()).unwrap());
    app.tls.reload().await.unwrap();
    reloaded(world, CERTIFICATES, before).await;
    load.answers(20).await;
    for (what, caller) in [("a new", &old_fresh), ("the open", &old_open)] {
        let begun = Instant::now();
        let code = eventually("the old certificate to be refused", async || {
            let code = missing(caller).await;
            (code != Code::NotFound).then_some(code)
        })
        .await;
        println!("{what} connection with the old certificate: {code:?} after {:.2?}", begun.elapsed());
        assert!(matches!(code, Code::Unavailable | Code::Unauthenticated), "{code:?}");
    }
}

/// A copy of an identity that stays as it is.
fn kept(world: &World, name: &str) -> Identity {
    let Identity { cert, key } = world.identity(name).unwrap();
    let copy = |file: PathBuf| {
        let to = file.with_file_name(format!("old-{}", file.file_name().unwrap().display()));
        std::fs::copy(file, &to).unwrap();
        to
    };
    Identity { cert: copy(cert), key: copy(key) }
}

/// The code of a call for a record that is not there.
async fn missing(caller: &Caller) -> Code {
    caller.records.get(&format!("{COLLECTION}/records/missing")).await.unwrap_err().details().code
}

/// An identity that the policy denies is refused on connections that it has and on new ones; nobody else is.
async fn identity_is_shut_out(world: &mut World, load: &Load) {
    let name = "leaked";
    // The stack's own authority is trusted no more: the certificate comes from the next one, as all others do.
    let before = reloads(world, POLICY);
    world.make_caller(name, "app", &[]).unwrap();
    let next = Authority::open(&world.directory().join("next-pki"), "Next authority").unwrap();
    let issued = next.issue(name, &Subject::spiffe(&spiffe_id(name))).unwrap();
    let leaked = Identity { cert: issued.cert, key: issued.key };
    reloaded(world, POLICY, before).await;
    let caller = Caller::of(world, &leaked);
    let record = format!("{COLLECTION}/records/leaked");
    caller.records.create(&record, &Values::from([("name".into(), "x".into())]), "").await.unwrap();

    let before = reloads(world, POLICY);
    let policy = std::fs::read_to_string(world.policy()).unwrap();
    let denied = policy.replace("denied_identities = []", &format!("denied_identities = [{:?}]", spiffe_id(name)));
    assert_ne!(denied, policy);
    replace(&world.policy(), denied);
    reloaded(world, POLICY, before).await;
    for caller in [&caller, &Caller::of(world, &leaked)] {
        let refused = caller.records.reveal(&record).await.unwrap_err();
        assert_eq!(refused.details().code, Code::Unauthenticated, "{refused:?}");
    }
    load.answers(20).await;
}
