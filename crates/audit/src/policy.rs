//! Entries of the policy: who may do what is evidence too.
//!
//! The policy that is in force when a service starts leaves an entry `policy.load`, each change of its file one
//! `policy.reload`, both in `logs/system` with the SHA-256 of the file. A file that is refused changes nothing and leaves
//! none.

use std::time::Duration;

use clock::{SharedClock, uuid_v7};
use names::{EventId, LogName};
use rpc::policy::{PolicyDigest, PolicyHandle};
use tlog::hash::to_hex;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{Event, EventSink};

/// Pause before an event that was not taken is offered again.
const PAUSE: Duration = Duration::from_secs(1);

/// Reports the policy of a service, until `shutdown`.
#[derive(Debug)]
pub struct PolicyReporter<S> {
    policy: PolicyHandle,
    sink: S,
    clock: SharedClock,
    /// The service, which is the actor of its events.
    service: &'static str,
}

impl<S: EventSink> PolicyReporter<S> {
    /// Of the policy of `service`, to `sink`.
    pub fn new(policy: PolicyHandle, sink: S, clock: SharedClock, service: &'static str) -> Self {
        Self { policy, sink, clock, service }
    }

    /// Reports until `shutdown`. A policy that no file stands behind has nothing to report.
    pub async fn run(self, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.report()).await;
    }

    async fn report(&self) {
        let mut changes = self.policy.changes();
        let Some(digest) = self.policy.digest() else { return };
        self.write(&self.event("policy.load", &digest)).await;
        loop {
            match changes.recv().await {
                Ok(change) => {
                    let event = self.event("policy.reload", &change.after).with("before", to_hex(&change.before));
                    self.write(&event).await;
                }
                // The next one says before what it came.
                Err(RecvError::Lagged(missed)) => tracing::error!(missed, "changes of the policy have no entry"),
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn event(&self, action: &str, digest: &PolicyDigest) -> Event {
        let clock = self.clock.as_ref();
        let id = EventId::new(uuid_v7(clock));
        Event::new(id, LogName::System, clock.now(), self.service, action).with("digest", to_hex(digest))
    }

    async fn write(&self, event: &Event) {
        while self.sink.write(&LogName::System, std::slice::from_ref(event)).await.is_err() {
            sleep(PAUSE).await;
        }
    }
}
