//! An audit-service that takes every event, or none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::audit::v1::{AppendEventsRequest, AppendEventsResponse, AppendResult, Event, Receipt, append_result};
use audit::Ingest;
use test_support::poll_until;
use tonic::Status;

use super::LIMIT;

#[derive(Debug, Clone, Default)]
pub(crate) struct Audit(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    away: AtomicBool,
    events: Mutex<Vec<Event>>,
}

impl Audit {
    pub(crate) fn set_away(&self, away: bool) {
        self.0.away.store(away, Ordering::Release);
    }

    /// All events so far, each once.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.events.lock().unwrap().clone()
    }

    /// Waits for an event of this action that `is` it.
    pub(crate) async fn event(&self, action: &str, is: impl Fn(&Event) -> bool) -> Event {
        poll_until(LIMIT, action, async || self.events().into_iter().find(|event| event.action == action && is(event)))
            .await
            .unwrap()
    }

    /// Waits until there are `count` events that `are` so, and nothing is left that could become another.
    pub(crate) async fn count(&self, count: usize, are: impl Fn(&Event) -> bool) -> Vec<Event> {
        let matching = || self.events().into_iter().filter(|event| are(event)).collect::<Vec<_>>();
        poll_until(LIMIT, "the events", async || (matching().len() >= count).then_some(())).await.unwrap();
        let events = matching();
        assert_eq!(events.len(), count, "{events:#?}");
        events
    }
}

impl Ingest for Audit {
    async fn append(&self, request: AppendEventsRequest, _limit: Duration) -> Result<AppendEventsResponse, Status> {
        if self.0.away.load(Ordering::Acquire) {
            return Err(Status::unavailable("away"));
        }
        let mut events = self.0.events.lock().unwrap();
        let mut results = Vec::new();
        for event in request.events {
            let receipt = Receipt { name: format!("{}/entries/0", event.log), index: Some(0) };
            let result = Some(append_result::Result::Receipt(receipt));
            results.push(AppendResult { event_id: event.event_id.clone(), result });
            if !events.iter().any(|known| known.event_id == event.event_id) {
                events.push(event);
            }
        }
        Ok(AppendEventsResponse { results })
    }
}
