//! Entries of the policy and its changes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use audit::{Event, PolicyReporter};
use clock::SystemClock;
use rpc::MethodTable;
use rpc::policy::PolicyHandle;
use test_support::poll_until;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::coalescer::Sink;

const LIMIT: Duration = Duration::from_secs(20);

struct PolicyOnDisk(PathBuf);

impl PolicyOnDisk {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("strongroom-policy-{}", clock::uuid_v7(&SystemClock)));
        let file = Self(path);
        file.binds("app");
        file
    }

    fn binds(&self, caller: &str) {
        std::fs::write(&self.0, binding(caller)).unwrap();
    }
}

/// A policy that binds this caller alone.
fn binding(caller: &str) -> String {
    let role = "[[roles]]\nname = \"r\"\npermissions = [\"records.reveal\"]\n";
    format!("{role}[[bindings]]\nsubject = \"spiffe://test.dev/{caller}\"\nrole = \"r\"\n")
}

impl Drop for PolicyOnDisk {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

async fn next(sink: &Sink) -> Event {
    let event = poll_until(LIMIT, "an event of the policy", async || sink.take().into_iter().next()).await.unwrap();
    assert_eq!((event.log.to_string().as_str(), event.actor.as_str()), ("logs/system", "vault-service"));
    event
}

#[tokio::test]
async fn the_policy_and_its_changes_have_entries_with_their_digests() {
    let file = PolicyOnDisk::new();
    let policy = PolicyHandle::load(&file.0, false, Arc::new(MethodTable::of_api().unwrap())).unwrap();
    let (sink, shutdown) = (Sink::default(), CancellationToken::new());
    sink.away(true);
    let reporter = PolicyReporter::new(policy.clone(), sink.clone(), Arc::new(SystemClock), "vault-service");
    let (mut running, mut watching) = (JoinSet::new(), JoinSet::new());
    running.spawn(reporter.run(shutdown.clone()));
    watching.spawn(async move { policy.watch(Duration::from_millis(10)).await });
    sink.away(false);
    let loaded = next(&sink).await;
    assert_eq!(loaded.action, "policy.load");
    // One that cannot be used changes nothing, and what comes after it is told with what was in force.
    std::fs::write(&file.0, "[[bindings]]").unwrap();
    file.binds("evil");
    let changed = next(&sink).await;
    assert_eq!(changed.action, "policy.reload");
    assert_eq!(changed.attributes["before"], loaded.attributes["digest"]);
    sink.away(true);
    file.binds("app");
    sink.away(false);
    let back = next(&sink).await;
    assert_eq!(back.attributes["before"], changed.attributes["digest"]);
    assert_eq!(back.attributes["digest"], loaded.attributes["digest"]);
    for digest in [&loaded.attributes["digest"], &changed.attributes["digest"]] {
        assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
    }
    shutdown.cancel();
    running.join_next().await.unwrap().unwrap();
}

/// Tests and tools run with policies that no file stands behind.
#[tokio::test]
async fn a_fixed_policy_has_none() {
    let methods = Arc::new(MethodTable::of_api().unwrap());
    let fixed = rpc::PolicyFile::parse(&binding("app")).unwrap().check(&methods).unwrap();
    let sink = Sink::default();
    let policy = PolicyHandle::fixed(fixed, methods);
    PolicyReporter::new(policy, sink.clone(), Arc::new(SystemClock), "vault-service")
        .run(CancellationToken::new())
        .await;
    assert!(sink.take().is_empty());
}
