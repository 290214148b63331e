//! Numbers every use of a key and groups the uses into audit events.
//!
//! An operation's number is the boot id of this process and a counter. The uses of one commit group make one event for
//! each caller, whom it acts for, action, key and outcome: boot, first and last counter, count, the caller's addresses, and
//! a digest over what was used:
//!
//! ```text
//! digest  = SHA-256("strongroom/key/operations/v1\0" ‖ use ‖ use …)                      counters ascending
//! use     = counter u64 ‖ key uid 16 ‖ key version u32 ‖ lp(subject) ‖ lp(outcome) ‖ lp(canonical context)
//! key uid = nil where there is no such key, or none that can be used; the version is 0 then
//! version = generate: the one that wraps; unwrap and rewrap: the one in the wrapped key's header, 0 where it has none
//! outcome = "OK", or the reason of the refusal, such as "AAD_MISMATCH"; its code where it has none, such as "NOT_FOUND"
//! lp(x)   = length u32 ‖ x;  numbers are big-endian
//! ```
//!
//! ```text
//! caller A   use ─┐                        use ─┐
//! caller B     use ─┤ group 1 ── commit ──┐  use ─┤ group 2 ── commit …
//! caller C          └ use (generate)      └ answers of A and B leave; C's had left at once
//! ```
//! While groups commit the next one gathers; when it is committed is what [`InFlight`] says. Unwraps and rewraps wait
//! for their group's commit; generates ride along, or go with a group of their own after
//! [`GENERATE_INTERVAL`]. Events of a group that could not be written are kept and written with the next one (the same
//! event ids, so the log has them once).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use audit::{AuditUnavailable, Event, EventSink, KeyOperation, Outcome};
use batch::{InFlight, Waiting};
use clock::{SharedClock, Timestamp};
use envelope::EncryptionContext;
use names::{BootId, EventId, KeyName, KeyUid, LogName, OnBehalfOf};
use ring::digest;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Longest wait of a caller for its event to be durable, whatever the groups before its own are waiting for.
const EVIDENCE_LIMIT: Duration = Duration::from_secs(2);
/// Longest time that a generate stays unwritten while the database answers.
pub const GENERATE_INTERVAL: Duration = Duration::from_millis(250);
/// Events that may wait for the database's return before uses are refused.
const MAX_UNWRITTEN_EVENTS: usize = 8192;
/// Most addresses that an event names.
const MAX_PEERS: usize = 8;
/// The outcome of a use that was not refused, as the digest has it.
const OK: &str = "OK";
const DIGEST_LABEL: &[u8] = b"strongroom/key/operations/v1\0";

/// The number of one use of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The process.
    pub boot: BootId,
    /// Counts within the process, from 1.
    pub counter: u64,
}

/// What a data key was needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A new data key.
    Generate,
    /// A data key in the clear.
    Unwrap,
    /// A data key under another version.
    Rewrap,
}

impl Action {
    /// The permission that it needs, which is the event's action.
    pub fn permission(self) -> &'static str {
        match self {
            Self::Generate => "dataKeys.generate",
            Self::Unwrap => "dataKeys.unwrap",
            Self::Rewrap => "dataKeys.rewrap",
        }
    }
}

/// One use of a key, or a refused one.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// The key.
    pub key: &'a KeyName,
    /// Its uid; nil where there is no such key, or none that can be used.
    pub key_uid: KeyUid,
    /// Its version, as the digest has it.
    pub version: u32,
    /// Data subject; empty for none.
    pub subject: &'a str,
    /// Whom the caller acts for.
    pub on_behalf_of: Option<&'a OnBehalfOf>,
    /// What the data key is bound to.
    pub context: &'a EncryptionContext,
    /// Why it is refused; none for what is done.
    pub refusal: Option<&'static str>,
}

impl Use<'_> {
    /// Whether one event tells of both, where one caller asks for them.
    fn is_told_with(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.key_uid, one.on_behalf_of, one.refusal);
        key(self) == key(other) && self.key == other.key
    }
}

/// Who asks for what.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Identity of the caller.
    pub caller: Arc<str>,
    /// Its address.
    pub peer: IpAddr,
    /// What it wants.
    pub action: Action,
}

/// What [`Operations::record`] answers.
#[derive(Debug)]
pub struct Recorded {
    /// The process.
    pub boot: BootId,
    /// Counter of the first use; the others follow it.
    pub first: u64,
    /// The event that accounts for the first.
    pub event: EventId,
    commit: watch::Receiver<Commit>,
}

impl Recorded {
    /// The number of the `offset`th use.
    pub fn operation(&self, offset: usize) -> Operation {
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        Operation { boot: self.boot, counter: self.first.saturating_add(offset) }
    }

    /// Resolves when the event is durable, within two seconds. One that comes too late is written all the same.
    pub async fn durable(&self) -> Result<(), AuditUnavailable> {
        let mut commit = self.commit.clone();
        let state = tokio::time::timeout(EVIDENCE_LIMIT, commit.wait_for(|state| *state != Commit::Gathering)).await;
        match state.map(|state| state.map(|state| *state)) {
            Ok(Ok(Commit::Durable)) => Ok(()),
            _ => Err(AuditUnavailable),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commit {
    Gathering,
    Durable,
    Failed,
}

/// Numbers and groups the uses of keys. Shared by all handlers.
#[derive(Debug)]
pub struct Operations {
    boot: BootId,
    clock: SharedClock,
    gathering: Mutex<Gathering>,
    unwritten: Mutex<Vec<Event>>,
    enough: Notify,
}

#[derive(Debug)]
struct Gathering {
    next_counter: u64,
    groups: HashMap<GroupKey, Group>,
    commit: watch::Sender<Commit>,
    /// Callers that wait for this group.
    waiting: usize,
    /// How many of them are enough to commit it.
    enough: usize,
}

/// What is to be committed.
struct Due {
    groups: HashMap<GroupKey, Group>,
    commit: watch::Sender<Commit>,
    /// Callers that wait for it.
    callers: usize,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct GroupKey {
    caller: Arc<str>,
    on_behalf_of: Option<OnBehalfOf>,
    action: Action,
    key: KeyName,
    key_uid: KeyUid,
    refusal: Option<&'static str>,
}

struct Group {
    event: EventId,
    time: Timestamp,
    /// The caller's addresses, at most [`MAX_PEERS`].
    peers: Vec<IpAddr>,
    first: u64,
    last: u64,
    count: u64,
    digest: digest::Context,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("event", &self.event).field("count", &self.count).finish_non_exhaustive()
    }
}

impl Operations {
    /// Numbers for the process `boot`.
    pub fn new(boot: BootId, clock: SharedClock) -> Self {
        let gathering = Gathering {
            next_counter: 1,
            groups: HashMap::new(),
            commit: watch::Sender::new(Commit::Gathering),
            waiting: 0,
            enough: 1,
        };
        Self { boot, clock, gathering: Mutex::new(gathering), unwritten: Mutex::default(), enough: Notify::new() }
    }

    /// The process that the numbers are of.
    pub fn boot(&self) -> BootId {
        self.boot
    }

    /// Refuses further uses while too many events wait for the database.
    pub fn admit(&self) -> Result<(), AuditUnavailable> {
        if lock(&self.unwritten).len() < MAX_UNWRITTEN_EVENTS { Ok(()) } else { Err(AuditUnavailable) }
    }

    /// Numbers uses and refused uses of one caller, of which there is at least one. Their events are written at once, or soon
    /// where only generates wait.
    pub fn record(&self, asking: &Asking, uses: &[Use<'_>]) -> Recorded {
        let now = self.clock.now();
        let (recorded, is_enough) = {
            let mut gathering = lock(&self.gathering);
            let first = gathering.next_counter;
            let mut event = None;
            for run in uses.chunk_by(Use::is_told_with) {
                let Some(one) = run.first() else { continue };
                let key = GroupKey {
                    caller: Arc::clone(&asking.caller),
                    on_behalf_of: one.on_behalf_of.cloned(),
                    action: asking.action,
                    key: one.key.clone(),
                    key_uid: one.key_uid,
                    refusal: one.refusal,
                };
                let new = |first| Group::new(self.event_id(), now, first);
                let event_of_run = gathering.add(key, asking.peer, run, new);
                event.get_or_insert(event_of_run);
            }
            let event = event.unwrap_or_else(|| self.event_id());
            if asking.action != Action::Generate || uses.iter().any(|one| one.refusal.is_some()) {
                gathering.waiting += 1;
            }
            let recorded = Recorded { boot: self.boot, first, event, commit: gathering.commit.subscribe() };
            (recorded, gathering.waiting >= gathering.enough)
        };
        if is_enough {
            self.enough.notify_one();
        }
        recorded
    }

    /// Writes group after group until `drained`, then the last one. Cancel it when no call is left.
    pub async fn run(&self, sink: &impl EventSink, drained: CancellationToken) {
        let mut commits = InFlight::new();
        while drained.run_until_cancelled(commits.next(&mut &*self)).await.is_some() {
            let due = self.take_group();
            commits.begin(due.callers, self.commit(due, sink));
        }
        commits.finish().await;
        self.commit_group(sink).await;
    }

    /// Writes what has gathered; whoever waits for it is told.
    pub async fn commit_group(&self, sink: &impl EventSink) {
        self.commit(self.take_group(), sink).await;
    }

    async fn commit(&self, due: Due, sink: &impl EventSink) {
        let mut events = std::mem::take(&mut *lock(&self.unwritten));
        events.extend(due.groups.into_iter().map(|(key, group)| group.into_event(&key, self.boot)));
        if events.is_empty() {
            return;
        }
        let result = sink.write(&LogName::System, &events).await;
        if result.is_err() {
            lock(&self.unwritten).extend(events);
        }
        due.commit.send_replace(if result.is_ok() { Commit::Durable } else { Commit::Failed });
    }

    fn event_id(&self) -> EventId {
        EventId::new(clock::uuid_v7(self.clock.as_ref()))
    }

    fn take_group(&self) -> Due {
        let mut gathering = lock(&self.gathering);
        Due {
            groups: std::mem::take(&mut gathering.groups),
            commit: std::mem::replace(&mut gathering.commit, watch::Sender::new(Commit::Gathering)),
            callers: std::mem::take(&mut gathering.waiting),
        }
    }
}

impl Gathering {
    /// Numbers uses of one key and adds them to their group, which may be new; returns its event.
    fn add(&mut self, key: GroupKey, peer: IpAddr, uses: &[Use<'_>], new: impl FnOnce(u64) -> Group) -> EventId {
        let first = self.next_counter;
        self.next_counter = first.saturating_add(u64::try_from(uses.len()).unwrap_or(u64::MAX));
        let outcome = key.refusal.unwrap_or(OK);
        let group = self.groups.entry(key).or_insert_with(|| new(first));
        if group.peers.len() < MAX_PEERS && !group.peers.contains(&peer) {
            group.peers.push(peer);
        }
        for (counter, one) in (first..).zip(uses) {
            group.add(counter, outcome, one);
        }
        group.event
    }
}

impl Waiting for &Operations {
    /// Generates wait for nothing, and make a group due all the same when they have gathered long enough.
    async fn wait_for(&mut self, callers: usize) -> bool {
        let enough = async {
            loop {
                let notified = self.enough.notified();
                {
                    let mut gathering = lock(&self.gathering);
                    gathering.enough = callers;
                    if gathering.waiting >= callers {
                        return;
                    }
                }
                notified.await;
            }
        };
        // Either way a group may be committed.
        let _elapsed = tokio::time::timeout(GENERATE_INTERVAL, enough).await;
        true
    }
}

/// A panic while the lock is held leaves whole values only: they are used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Group {
    fn new(event: EventId, time: Timestamp, first: u64) -> Self {
        let mut digest = digest::Context::new(&digest::SHA256);
        digest.update(DIGEST_LABEL);
        Self { event, time, peers: Vec::new(), first, last: first, count: 0, digest }
    }

    fn add(&mut self, counter: u64, outcome: &str, one: &Use<'_>) {
        self.last = counter;
        self.count += 1;
        self.digest.update(&counter.to_be_bytes());
        self.digest.update(one.key_uid.as_bytes());
        self.digest.update(&one.version.to_be_bytes());
        for part in [one.subject.as_bytes(), outcome.as_bytes(), one.context.canonical()] {
            self.digest.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            self.digest.update(part);
        }
    }

    fn into_event(self, key: &GroupKey, boot: BootId) -> Event {
        let digest = tlog::hash::to_hex(self.digest.finish().as_ref());
        let peers: Vec<String> = self.peers.iter().map(IpAddr::to_string).collect();
        let action = key.action.permission();
        let mut event = Event::new(self.event, LogName::System, self.time, &key.caller, action)
            .with("boot", boot)
            .with("first", self.first)
            .with("last", self.last)
            .with("count", self.count)
            .with("digest", digest)
            .with("peer", peers.join(","));
        event.resource = key.key.to_string();
        event.key_operation = Some(KeyOperation { boot, counter: self.first });
        key.on_behalf_of.as_ref().map_or("", OnBehalfOf::as_str).clone_into(&mut event.on_behalf_of);
        if let Some(reason) = key.refusal {
            event.outcome = Outcome::REFUSED;
            event = event.with("reason", reason);
        }
        event
    }
}

#[cfg(test)]
mod tests;
