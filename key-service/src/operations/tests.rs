//! Numbering and grouping, against a sink that can be broken.

use std::sync::atomic::{AtomicBool, Ordering};

use clock::SystemClock;
use uuid::Uuid;

use super::*;

#[derive(Debug, Default)]
struct Sink {
    broken: AtomicBool,
    written: Mutex<Vec<Event>>,
}

impl EventSink for Sink {
    async fn write(&self, _log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(AuditUnavailable);
        }
        lock(&self.written).extend_from_slice(events);
        Ok(())
    }
}

fn operations() -> Operations {
    Operations::new(BootId::new(Uuid::from_u128(1)), Arc::new(SystemClock))
}

fn key(name: &str) -> KeyName {
    name.parse().unwrap()
}

fn context(text: &str) -> EncryptionContext {
    EncryptionContext::from_iter([("test", text)])
}

fn digest_of(uses: &[(u64, &str)]) -> String {
    let mut bytes = DIGEST_LABEL.to_vec();
    for (counter, context) in uses {
        bytes.extend(counter.to_be_bytes());
        let context = self::context(context);
        let context = context.canonical();
        bytes.extend(u32::try_from(context.len()).unwrap().to_be_bytes());
        bytes.extend(context);
    }
    hex(digest::digest(&digest::SHA256, &bytes).as_ref())
}

#[tokio::test]
async fn a_use_is_durable_only_after_its_group_was_written() {
    let (operations, sink, caller) = (operations(), Sink::default(), Arc::from("caller"));
    let recorded =
        operations.record(&caller, Action::Unwrap, None, &[Use { key: &key("keys/a"), context: &context("c") }]);
    let mut durable = Box::pin(recorded.durable());
    assert!(futures::poll!(durable.as_mut()).is_pending());
    operations.commit_group(&sink).await;
    assert_eq!(durable.await, Ok(()));
    assert_eq!(lock(&sink.written)[0].event_id, recorded.event);
}

#[tokio::test]
async fn a_group_has_one_event_for_each_caller_action_and_reason() {
    let (operations, sink) = (operations(), Sink::default());
    let (a, b) = (Arc::from("a"), Arc::from("b"));
    operations.record(&a, Action::Unwrap, None, &[Use { key: &key("keys/k"), context: &context("1") }]);
    operations.record(
        &b,
        Action::Unwrap,
        None,
        &[Use { key: &key("keys/k"), context: &context("2") }, Use { key: &key("keys/l"), context: &context("3") }],
    );
    operations.record(&a, Action::Generate, None, &[Use { key: &key("keys/k"), context: &context("4") }]);
    operations.record(&a, Action::Unwrap, Some("AAD_MISMATCH"), &[Use { key: &key("keys/k"), context: &context("5") }]);
    let last = operations.record(&a, Action::Unwrap, None, &[Use { key: &key("keys/k"), context: &context("6") }]);
    assert_eq!(last.operation(0).counter, 6);
    operations.commit_group(&sink).await;

    let written = lock(&sink.written);
    assert_eq!(written.len(), 4);
    let of = |actor: &str, action: &str, outcome| {
        written.iter().find(|event| event.actor == actor && event.action == action && event.outcome == outcome).unwrap()
    };
    let grouped = of("a", "dataKeys.unwrap", Outcome::Ok);
    let attribute = |event: &Event, name: &str| event.attributes[name].clone();
    assert_eq!((attribute(grouped, "first"), attribute(grouped, "last")), ("1".into(), "6".into()));
    assert_eq!(attribute(grouped, "count"), "2");
    assert_eq!(attribute(grouped, "digest"), digest_of(&[(1, "1"), (6, "6")]));
    assert_eq!(grouped.resource, "keys/k");
    assert_eq!(of("b", "dataKeys.unwrap", Outcome::Ok).resource, "keys", "several keys");
    let refused = of("a", "dataKeys.unwrap", Outcome::Refused);
    assert_eq!(attribute(refused, "reason"), "AAD_MISMATCH");
    assert_eq!(attribute(of("a", "dataKeys.generate", Outcome::Ok), "digest"), digest_of(&[(4, "4")]));
}

#[tokio::test]
async fn events_that_could_not_be_written_are_written_later_with_their_ids() {
    let (operations, sink, caller) = (operations(), Sink::default(), Arc::from("caller"));
    sink.broken.store(true, Ordering::Relaxed);
    let recorded =
        operations.record(&caller, Action::Unwrap, None, &[Use { key: &key("keys/a"), context: &context("c") }]);
    operations.commit_group(&sink).await;
    assert_eq!(recorded.durable().await, Err(AuditUnavailable));
    sink.broken.store(false, Ordering::Relaxed);
    operations.commit_group(&sink).await;
    let ids: Vec<_> = lock(&sink.written).iter().map(|event| event.event_id).collect();
    assert_eq!(ids, [recorded.event]);
}

#[tokio::test]
async fn uses_are_refused_while_too_much_evidence_waits() {
    let (operations, sink) = (operations(), Sink::default());
    sink.broken.store(true, Ordering::Relaxed);
    for caller in 0..MAX_UNWRITTEN_EVENTS {
        assert_eq!(operations.admit(), Ok(()));
        operations.record(
            &Arc::from(caller.to_string()),
            Action::Generate,
            None,
            &[Use { key: &key("keys/a"), context: &context("c") }],
        );
        operations.commit_group(&sink).await;
    }
    assert_eq!(operations.admit(), Err(AuditUnavailable));
    sink.broken.store(false, Ordering::Relaxed);
    operations.commit_group(&sink).await;
    assert_eq!(operations.admit(), Ok(()));
}

#[tokio::test]
async fn the_last_group_is_written_at_the_end() {
    let (operations, sink, drained) = (operations(), Sink::default(), CancellationToken::new());
    operations.record(
        &Arc::from("caller"),
        Action::Generate,
        None,
        &[Use { key: &key("keys/a"), context: &context("c") }],
    );
    drained.cancel();
    operations.run(&sink, drained).await;
    assert_eq!(lock(&sink.written).len(), 1);
}
