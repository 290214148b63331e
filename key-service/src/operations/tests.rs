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

fn asking(caller: &str, peer: u8, action: Action) -> Asking {
    Asking { caller: Arc::from(caller), peer: IpAddr::from([10, 0, 0, peer]), action }
}

/// One use of a key, which is known by a number, for a subject in a context.
struct One {
    key: KeyName,
    uid: KeyUid,
    subject: &'static str,
    user: Option<OnBehalfOf>,
    context: EncryptionContext,
    refusal: Option<&'static str>,
}

impl One {
    fn of(key: u8, subject: &'static str, context: &str) -> Self {
        let uid = KeyUid::new(Uuid::from_u128(key.into()));
        let (key, context) = (self::key(&format!("keys/k{key}")), self::context(context));
        Self { key, uid, subject, user: None, context, refusal: None }
    }

    fn for_user(self, user: &str) -> Self {
        Self { user: Some(user.parse().unwrap()), ..self }
    }

    fn refused(self, reason: &'static str) -> Self {
        Self { refusal: Some(reason), ..self }
    }

    fn used(&self) -> Use<'_> {
        Use {
            key: &self.key,
            key_uid: self.uid,
            version: 7,
            subject: self.subject,
            on_behalf_of: self.user.as_ref(),
            context: &self.context,
            refusal: self.refusal,
        }
    }
}

impl Operations {
    fn record_all(&self, asking: &Asking, uses: &[One]) -> Recorded {
        self.record(asking, &uses.iter().map(One::used).collect::<Vec<_>>())
    }
}

/// The digest as the module's documentation gives it.
fn digest_of(outcome: &str, uses: &[(u64, &One)]) -> String {
    let mut bytes = DIGEST_LABEL.to_vec();
    for (counter, one) in uses {
        bytes.extend(counter.to_be_bytes());
        bytes.extend(one.uid.as_bytes());
        bytes.extend([0, 0, 0, 7]);
        for part in [one.subject.as_bytes(), outcome.as_bytes(), one.context.canonical()] {
            bytes.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend(part);
        }
    }
    tlog::hash::to_hex(digest::digest(&digest::SHA256, &bytes).as_ref())
}

#[tokio::test]
async fn a_use_is_durable_only_after_its_group_was_written() {
    let (operations, sink) = (operations(), Sink::default());
    let recorded = operations.record_all(&asking("a", 1, Action::Unwrap), &[One::of(1, "", "c")]);
    let mut durable = Box::pin(recorded.durable());
    assert!(futures::poll!(durable.as_mut()).is_pending());
    operations.commit_group(&sink).await;
    assert_eq!(durable.await, Ok(()));
    assert_eq!(lock(&sink.written)[0].event_id, recorded.event);
}

#[tokio::test]
async fn a_group_has_one_event_for_each_caller_user_action_key_and_reason() {
    let (operations, sink) = (operations(), Sink::default());
    let uses = || [One::of(1, "s", "1"), One::of(1, "", "2"), One::of(2, "", "3"), One::of(1, "", "4")];
    let unwrap = |caller, peer| asking(caller, peer, Action::Unwrap);
    let first = operations.record_all(&unwrap("a", 1), &uses());
    operations.record_all(&unwrap("b", 1), &[One::of(1, "", "5")]);
    operations.record_all(&asking("a", 1, Action::Generate), &[One::of(1, "", "6")]);
    operations.record_all(&unwrap("a", 1), &[One::of(1, "s", "7").refused("AAD_MISMATCH")]);
    operations.record_all(&unwrap("a", 1), &[One::of(1, "", "8").for_user("u/1")]);
    let last = operations.record_all(&unwrap("a", 2), &[One::of(1, "", "9")]);
    assert_eq!(last.operation(0).counter, 9);
    assert_eq!(last.event, first.event);
    operations.commit_group(&sink).await;

    let written = lock(&sink.written);
    let found = |actor: &str, user: &str, action: &str, key: &str, outcome| {
        let is = |event: &&Event| {
            (event.actor.as_str(), event.on_behalf_of.as_str(), event.action.as_str()) == (actor, user, action)
                && (event.resource.as_str(), event.outcome) == (key, outcome)
        };
        let events: Vec<_> = written.iter().filter(is).collect();
        assert_eq!(events.len(), 1, "{actor} {user} {action} {key} {outcome:?}");
        let attribute = |name: &str| events[0].attributes.get(name).cloned().unwrap_or_default();
        ["first", "last", "count", "digest", "peer", "reason"].map(attribute)
    };
    let of_two = uses();
    let digest = digest_of("OK", &[(1, &of_two[0]), (2, &of_two[1]), (4, &of_two[3]), (9, &One::of(1, "", "9"))]);
    let grouped = found("a", "", "dataKeys.unwrap", "keys/k1", Outcome::OK);
    assert_eq!(grouped, ["1", "9", "4", &digest, "10.0.0.1,10.0.0.2", ""]);
    let digest = digest_of("AAD_MISMATCH", &[(7, &One::of(1, "s", "7"))]);
    let refused = found("a", "", "dataKeys.unwrap", "keys/k1", Outcome::REFUSED);
    assert_eq!(refused, ["7", "7", "1", &digest, "10.0.0.1", "AAD_MISMATCH"]);
    found("a", "", "dataKeys.unwrap", "keys/k2", Outcome::OK);
    found("b", "", "dataKeys.unwrap", "keys/k1", Outcome::OK);
    found("a", "", "dataKeys.generate", "keys/k1", Outcome::OK);
    found("a", "u/1", "dataKeys.unwrap", "keys/k1", Outcome::OK);
    assert_eq!(written.len(), 6);
}

#[tokio::test]
async fn refusals_among_uses_have_their_own_event_and_the_numbers_of_their_places() {
    let (operations, sink) = (operations(), Sink::default());
    let unknown = One { key: key("keys/none"), ..One::of(0, "", "3") };
    let unknown_too = One { key: key("keys/nil"), ..One::of(0, "", "5") };
    let uses = [
        One::of(1, "", "1"),
        One::of(1, "", "2").refused("AAD_MISMATCH"),
        unknown.refused("NOT_FOUND"),
        One::of(1, "", "4"),
        unknown_too.refused("NOT_FOUND"),
    ];
    let recorded = operations.record_all(&asking("a", 1, Action::Generate), &uses);
    assert_eq!((recorded.first, recorded.operation(3).counter), (1, 4));
    let waiting = recorded.durable();
    operations.commit_group(&sink).await;
    assert_eq!(waiting.await, Ok(()));
    let told = lock(&sink.written)
        .iter()
        .map(|event| {
            let attribute = |name: &str| event.attributes.get(name).cloned().unwrap_or_default();
            let numbers = ["first", "last", "count"].map(attribute).join(" ");
            format!("{} {numbers} {} {:?}", event.resource, attribute("reason"), event.outcome == Outcome::REFUSED)
        })
        .collect::<std::collections::BTreeSet<_>>();
    let expected = [
        "keys/k1 1 4 2  false",
        "keys/k1 2 2 1 AAD_MISMATCH true",
        "keys/nil 5 5 1 NOT_FOUND true",
        "keys/none 3 3 1 NOT_FOUND true",
    ];
    assert_eq!(told.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_event_names_eight_addresses_at_most() {
    let (operations, sink) = (operations(), Sink::default());
    for peer in 0..20 {
        operations.record_all(&asking("a", peer, Action::Unwrap), &[One::of(1, "", "c")]);
    }
    operations.commit_group(&sink).await;
    assert_eq!(lock(&sink.written)[0].attributes["peer"].split(',').count(), 8);
}

#[tokio::test]
async fn events_that_could_not_be_written_are_written_later_with_their_ids() {
    let (operations, sink) = (operations(), Sink::default());
    sink.broken.store(true, Ordering::Relaxed);
    let recorded = operations.record_all(&asking("a", 1, Action::Unwrap), &[One::of(1, "", "c")]);
    operations.commit_group(&sink).await;
    assert_eq!(recorded.durable().await, Err(AuditUnavailable));
    sink.broken.store(false, Ordering::Relaxed);
    operations.commit_group(&sink).await;
    let ids: Vec<_> = lock(&sink.written).iter().map(|event| event.event_id).collect();
    assert_eq!(ids, [recorded.event]);
}

/// A sink whose first write fails once it is told to, and after which others have been made.
#[derive(Debug, Default)]
struct FirstFails {
    sink: Sink,
    is_not_first: AtomicBool,
    fail: Notify,
}

impl EventSink for FirstFails {
    async fn write(&self, log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        if self.is_not_first.swap(true, Ordering::Relaxed) {
            return self.sink.write(log, events).await;
        }
        self.fail.notified().await;
        Err(AuditUnavailable)
    }
}

#[tokio::test]
async fn a_group_that_fails_beside_others_fails_none_of_them_and_loses_no_event() {
    let (operations, sink) = (operations(), FirstFails::default());
    let used = |caller: &str| operations.record_all(&asking(caller, 1, Action::Unwrap), &[One::of(1, "", "c")]);
    let first = used("a");
    let mut failing = Box::pin(operations.commit_group(&sink));
    assert!(futures::poll!(failing.as_mut()).is_pending());
    let second = used("b");
    operations.commit_group(&sink).await;
    assert_eq!(second.durable().await, Ok(()), "committed while the first one is under way");
    sink.fail.notify_one();
    failing.await;
    assert_eq!(first.durable().await, Err(AuditUnavailable));
    let third = used("c");
    operations.commit_group(&sink).await;
    assert_eq!(third.durable().await, Ok(()));
    assert_eq!(second.durable().await, Ok(()));
    let ids: Vec<_> = lock(&sink.sink.written).iter().map(|event| event.event_id).collect();
    assert_eq!(ids, [second.event, first.event, third.event]);
}

#[tokio::test]
async fn uses_are_refused_while_too_much_evidence_waits() {
    let (operations, sink) = (operations(), Sink::default());
    sink.broken.store(true, Ordering::Relaxed);
    for caller in 0..MAX_UNWRITTEN_EVENTS {
        assert_eq!(operations.admit(), Ok(()));
        operations.record_all(&asking(&caller.to_string(), 1, Action::Generate), &[One::of(1, "", "c")]);
        if caller % 64 == 63 {
            operations.commit_group(&sink).await;
        }
    }
    assert_eq!(operations.admit(), Err(AuditUnavailable));
    sink.broken.store(false, Ordering::Relaxed);
    operations.commit_group(&sink).await;
    assert_eq!(operations.admit(), Ok(()));
}

#[tokio::test]
async fn the_last_group_is_written_at_the_end() {
    let (operations, sink, drained) = (operations(), Sink::default(), CancellationToken::new());
    operations.record_all(&asking("a", 1, Action::Generate), &[One::of(1, "", "c")]);
    drained.cancel();
    operations.run(&sink, drained).await;
    assert_eq!(lock(&sink.written).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn evidence_is_waited_for_two_seconds_and_written_all_the_same() {
    let (operations, sink) = (operations(), Sink::default());
    let recorded = operations.record_all(&asking("a", 1, Action::Unwrap), &[One::of(1, "", "x")]);
    let begun = tokio::time::Instant::now();
    // Whatever it is that the groups before are waiting for: nobody commits this one.
    assert_eq!(recorded.durable().await, Err(AuditUnavailable));
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    operations.commit_group(&sink).await;
    assert_eq!(lock(&sink.written).len(), 1);
    assert_eq!(recorded.durable().await, Ok(()));
}
