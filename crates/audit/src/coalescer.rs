//! Refused calls, counted: one event a second for each caller, method, reason and tenant, however many calls there were.
//! For which user a caller acts is not told: a call may be denied before its message is read, and one event for each
//! user would make the number of groups the caller's choice.
//!
//! Taking note of a call takes a lock and a map entry, so its answer never waits for evidence. Groups, events a second
//! and events that wait for the outbox are all bounded; what goes beyond is still counted, in one event for all.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use clock::{SharedClock, Timestamp, uuid_v7};
use futures::future::{BoxFuture, join_all};
use names::{EventId, LogName};
use rpc::{Denial, DenialSink, NotDone};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{AuditUnavailable, Event, EventSink, Outcome};

const INTERVAL: Duration = Duration::from_secs(1);
/// Most groups that gather at once.
const MAX_GROUPS: usize = 1_024;
/// Most events a second.
const QUOTA: usize = 64;
/// Most names in one event.
const MAX_NAMES: usize = 3;
/// Most addresses in one event.
const MAX_PEERS: usize = 8;
/// Longest name that is repeated, in bytes.
const MAX_NAME: usize = 256;

/// Says which log a refused call on this resource belongs to: that of its tenant if the tenant exists, else `logs/system`.
pub type LogOf = Arc<dyn for<'a> Fn(&'a str) -> BoxFuture<'a, LogName> + Send + Sync>;

/// A call that was refused.
#[derive(Clone, Copy, Debug)]
pub struct RefusedCall<'a> {
    /// Who called.
    pub caller: &'a str,
    /// From which address.
    pub peer: IpAddr,
    /// Path of the method.
    pub method: &'a str,
    /// The permission that it needs.
    pub action: &'a str,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, as a code.
    pub reason: &'a str,
    /// Full name of the resource; empty where the call named none that parses.
    pub resource: &'a str,
}

/// Counts refused calls and reports them. Clones share the counts.
pub struct Coalescer<S> {
    shared: Arc<Shared<S>>,
}

struct Shared<S> {
    sink: S,
    clock: SharedClock,
    log_of: LogOf,
    gathering: Mutex<Gathering>,
}

#[derive(Debug, Default)]
struct Gathering {
    groups: HashMap<Key, Group>,
    /// Keys in the order of their first call.
    order: VecDeque<Key>,
    /// Calls that found no room for a group.
    overflow: u64,
    /// Events that the sink did not take yet.
    unwritten: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    caller: String,
    method: String,
    reason: String,
    /// `tenants/{tenant}` of the resource, or empty.
    scope: String,
}

#[derive(Debug)]
struct Group {
    action: String,
    outcome: Outcome,
    count: u64,
    names: Vec<String>,
    /// The first few distinct addresses.
    peers: Vec<IpAddr>,
    first: Timestamp,
}

impl<S: EventSink> Coalescer<S> {
    /// Reports to `sink`, each call in the log that `log_of` says.
    pub fn new(sink: S, clock: SharedClock, log_of: LogOf) -> Self {
        Self { shared: Arc::new(Shared { sink, clock, log_of, gathering: Mutex::default() }) }
    }

    /// Reports to `sink`, everything in `logs/system`.
    pub fn system(sink: S, clock: SharedClock) -> Self {
        Self::new(sink, clock, Arc::new(|_resource| Box::pin(async { LogName::System })))
    }

    /// Reports once a second until `shutdown`, and a last time then.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
            self.report().await;
        }
        self.report().await;
    }

    /// Reports what has gathered, within the quota. While earlier events wait, calls go on being counted in their groups.
    pub async fn report(&self) {
        let mut events = std::mem::take(&mut self.gathering().unwritten);
        if events.is_empty() {
            let (groups, overflow) = self.gathering().take();
            for (key, group) in groups {
                let log = (self.shared.log_of)(&key.scope).await;
                events.push(self.event(log, &key, &group));
            }
            if overflow > 0 {
                events.push(self.overflow_event(overflow));
            }
        }
        let unwritten = self.write(events).await;
        self.gathering().unwritten = unwritten;
    }

    /// Writes the events, all logs at once, and returns those that were not taken.
    async fn write(&self, events: Vec<Event>) -> Vec<Event> {
        let mut logs: HashMap<LogName, Vec<Event>> = HashMap::new();
        for event in events {
            logs.entry(event.log.clone()).or_default().push(event);
        }
        let writes = logs.into_iter().map(async |(log, events)| match self.shared.sink.write(&log, &events).await {
            Ok(()) => Vec::new(),
            Err(AuditUnavailable) => events,
        });
        join_all(writes).await.into_iter().flatten().collect()
    }

    fn event(&self, log: LogName, key: &Key, group: &Group) -> Event {
        let mut event = self.bare_event(log, key.caller.clone());
        event.time = group.first;
        event.action.clone_from(&group.action);
        event.outcome = group.outcome;
        event.resource = match group.names.as_slice() {
            [only] => only.clone(),
            _ => key.scope.clone(),
        };
        if group.names.len() > 1 {
            event = event.with("names", group.names.join(","));
        }
        let peers: Vec<String> = group.peers.iter().map(IpAddr::to_string).collect();
        event
            .with("method", &key.method)
            .with("reason", &key.reason)
            .with("count", group.count)
            .with("peer", peers.join(","))
    }

    fn overflow_event(&self, count: u64) -> Event {
        let mut event = self.bare_event(LogName::System, "*".to_owned());
        event.outcome = Outcome::DENIED;
        event.with("reason", "TOO_MANY_GROUPS").with("count", count)
    }

    fn bare_event(&self, log: LogName, actor: String) -> Event {
        let clock = self.shared.clock.as_ref();
        let mut event = Event::new(EventId::new(uuid_v7(clock)), log, clock.now(), "", "calls.refuse");
        event.actor = actor;
        event
    }
}

impl<S> Coalescer<S> {
    /// Counts a refused call. Returns at once.
    pub fn count(&self, call: RefusedCall<'_>) {
        let resource = if is_plain(call.resource) { call.resource } else { "" };
        let key = Key {
            caller: call.caller.to_owned(),
            method: call.method.to_owned(),
            reason: call.reason.to_owned(),
            scope: scope_of(resource).to_owned(),
        };
        let now = self.shared.clock.now();
        self.gathering().count(key, resource, call.peer, || Group {
            action: call.action.to_owned(),
            outcome: call.outcome,
            count: 0,
            names: Vec::new(),
            peers: Vec::new(),
            first: now,
        });
    }

    fn gathering(&self) -> MutexGuard<'_, Gathering> {
        self.shared.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gathering {
    fn count(&mut self, key: Key, resource: &str, peer: IpAddr, group: impl FnOnce() -> Group) {
        if !self.groups.contains_key(&key) {
            if self.groups.len() >= MAX_GROUPS {
                self.overflow = self.overflow.saturating_add(1);
                return;
            }
            self.order.push_back(key.clone());
        }
        let group = self.groups.entry(key).or_insert_with(group);
        group.count = group.count.saturating_add(1);
        if !resource.is_empty() && group.names.len() < MAX_NAMES && !group.names.iter().any(|name| name == resource) {
            group.names.push(resource.to_owned());
        }
        if group.peers.len() < MAX_PEERS && !group.peers.contains(&peer) {
            group.peers.push(peer);
        }
    }

    /// The oldest groups within the quota, and the overflow.
    fn take(&mut self) -> (Vec<(Key, Group)>, u64) {
        let due = self.order.len().min(QUOTA);
        let keys: Vec<Key> = self.order.drain(..due).collect();
        let groups = keys.into_iter().filter_map(|key| self.groups.remove_entry(&key)).collect();
        (groups, std::mem::take(&mut self.overflow))
    }
}

impl<S: EventSink> DenialSink for Coalescer<S> {
    fn denied(&self, denial: Denial) {
        self.count(RefusedCall {
            caller: denial.caller.as_str(),
            peer: denial.peer,
            method: denial.method.path(),
            action: denial.method.permission(),
            outcome: match denial.outcome {
                NotDone::Denied => Outcome::DENIED,
                NotDone::Refused => Outcome::REFUSED,
                NotDone::Failed => Outcome::FAILED,
            },
            reason: &denial.reason,
            resource: denial.resource.as_deref().unwrap_or_default(),
        });
    }
}

impl<S> Clone for Coalescer<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S> fmt::Debug for Coalescer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coalescer").finish_non_exhaustive()
    }
}

/// A resource name as the API has them: nothing else that a caller typed goes into an entry.
fn is_plain(name: &str) -> bool {
    name.len() <= MAX_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte))
}

/// `tenants/{tenant}`, or nothing.
fn scope_of(resource: &str) -> &str {
    let Some(rest) = resource.strip_prefix("tenants/") else {
        return "";
    };
    let tenant = rest.split('/').next().unwrap_or(rest);
    resource.get(.."tenants/".len().saturating_add(tenant.len())).unwrap_or_default()
}
