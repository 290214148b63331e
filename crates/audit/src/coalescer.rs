//! Refused calls, counted: one event a second for each caller, method, reason and tenant, however many calls there were.
//! For which user a caller acts is not told: a call may be denied before its message is read, and one event for each
//! user would make the number of groups the caller's choice.
//!
//! Taking note of a call takes a lock and a map entry, so its answer never waits for evidence. Groups, events a second
//! and events that wait for the outbox are all bounded, also for each caller; what goes beyond is still counted, in one event
//! for each caller. Callers take turns. Events that a log does not take wait for it, and so do those whose log is not known
//! yet; only what goes into the same log gathers meanwhile.
//!
//! # Layout
//! - `gathering`: what is counted, what waits, and whose turn it is

mod gathering;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::{SharedClock, uuid_v7};
use futures::future::{BoxFuture, join, join_all};
use futures::{StreamExt as _, stream};
use names::{EventId, LogName};
use rpc::{Denial, DenialSink, NotDone};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::{AuditUnavailable, Event, EventSink, Outcome};
use gathering::{Due, Gathering, Group, Key, Unwritten};

const INTERVAL: Duration = Duration::from_secs(1);
/// Most events a second.
const QUOTA: usize = 64;
/// Longest time for the reports after the shutdown, the one that is under way included: a process gives its tasks 5 s.
const LAST_REPORTS: Duration = Duration::from_secs(4);
/// Before what could not be written then is tried again.
const AGAIN: Duration = Duration::from_millis(100);
/// Most logs that are looked up at a time.
const LOOK_UPS: usize = 8;
/// Longest wait for all of them.
const LOOK_UP_WAIT: Duration = Duration::from_secs(2);
/// Longest name that is repeated, in bytes.
const MAX_NAME: usize = 256;

/// Says which log refused calls on resources of `tenants/{tenant}` belong to: that of the tenant if it exists, else
/// `logs/system`. What goes wrong is asked again, and what is not told within 2 s.
pub type LogOf = Arc<dyn for<'a> Fn(&'a str) -> BoxFuture<'a, Result<LogName, LogUnknown>> + Send + Sync>;

/// Which log a refused call belongs to cannot be told now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log of a refused call is not known yet")]
pub struct LogUnknown;

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

impl<S: EventSink> Coalescer<S> {
    /// Reports to `sink`, each call in the log that `log_of` says.
    pub fn new(sink: S, clock: SharedClock, log_of: LogOf) -> Self {
        Self { shared: Arc::new(Shared { sink, clock, log_of, gathering: Mutex::default() }) }
    }

    /// Reports to `sink`, everything in `logs/system`.
    pub fn system(sink: S, clock: SharedClock) -> Self {
        Self::new(sink, clock, Arc::new(|_resource| Box::pin(async { Ok(LogName::System) })))
    }

    /// Reports once a second until `shutdown`, and then until nothing is left, for 4 s.
    pub async fn run(self, shutdown: CancellationToken) {
        let over = async {
            shutdown.cancelled().await;
            sleep(LAST_REPORTS).await;
        };
        tokio::select! {
            biased;
            () = self.reports(&shutdown) => {}
            () = over => tracing::error!("refused calls that could not be reported before the end have no entry"),
        }
    }

    async fn reports(&self, shutdown: &CancellationToken) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
            self.report().await;
        }
        self.report_all().await;
    }

    async fn report_all(&self) {
        loop {
            self.report_up_to(usize::MAX).await;
            if self.gathering().is_empty() {
                break;
            }
            sleep(AGAIN).await;
        }
    }

    /// Reports what has gathered, within the quota. While earlier events of a log wait, further calls go on being counted.
    pub async fn report(&self) {
        self.report_up_to(QUOTA).await;
    }

    async fn report_up_to(&self, most: usize) {
        let (mut events, due) = self.gathering().take(most);
        events.extend(due.into_iter().map(|due| self.unwritten(due)));
        let (placed, unplaced) = events.into_iter().partition(|one| one.is_placed);
        let (mut left, looked_up) = join(self.write(placed), self.place(unplaced)).await;
        let (placed, unknown): (_, Vec<_>) = looked_up.into_iter().partition(|one| one.is_placed);
        if !unknown.is_empty() {
            tracing::warn!(events = unknown.len(), "refused calls wait: it cannot be told which logs they belong to");
        }
        left.extend(self.write(placed).await);
        left.extend(unknown);
        self.gathering().put_back(left);
    }

    /// Looks the logs of events up, several at a time. Those that are not known soon stay as they are.
    async fn place(&self, events: Vec<Unwritten>) -> Vec<Unwritten> {
        // In no order, so that those that keep others waiting do not always come first.
        let scopes: HashSet<String> = events.iter().map(|one| one.scope.clone()).collect();
        let look_up = async |scope: String| {
            let log = (self.shared.log_of)(&scope).await.ok()?;
            Some((scope, log))
        };
        let looked_up = stream::iter(scopes).map(look_up).buffer_unordered(LOOK_UPS).take_until(sleep(LOOK_UP_WAIT));
        let logs: HashMap<String, LogName> = looked_up.filter_map(std::future::ready).collect().await;
        let place = |mut one: Unwritten| {
            if let Some(log) = logs.get(&one.scope) {
                one.event.log.clone_from(log);
                one.is_placed = true;
            }
            one
        };
        events.into_iter().map(place).collect()
    }

    /// Writes the events, all logs at once, and returns those that were not taken.
    async fn write(&self, events: Vec<Unwritten>) -> Vec<Unwritten> {
        let mut logs: HashMap<LogName, (Vec<String>, Vec<Event>)> = HashMap::new();
        for Unwritten { scope, event, .. } in events {
            let (scopes, events) = logs.entry(event.log.clone()).or_default();
            scopes.push(scope);
            events.push(event);
        }
        let again = |(scope, event)| Unwritten { scope, is_placed: true, event };
        let writes =
            logs.into_iter().map(async |(log, (scopes, events))| match self.shared.sink.write(&log, &events).await {
                Ok(()) => Vec::new(),
                Err(AuditUnavailable) => scopes.into_iter().zip(events).map(again).collect(),
            });
        join_all(writes).await.into_iter().flatten().collect()
    }

    fn unwritten(&self, due: Due) -> Unwritten {
        match due {
            // What concerns no tenant belongs to `logs/system`.
            Due::Group(key, group) => {
                let event = self.event(&key, &group);
                Unwritten { is_placed: key.scope.is_empty(), scope: key.scope, event }
            }
            Due::Overflow(caller, count) => {
                Unwritten { scope: String::new(), is_placed: true, event: self.overflow_event(caller, count) }
            }
        }
    }

    fn event(&self, key: &Key, group: &Group) -> Event {
        let mut event = self.bare_event(key.caller.clone());
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

    fn overflow_event(&self, caller: String, count: u64) -> Event {
        let mut event = self.bare_event(caller);
        event.outcome = Outcome::DENIED;
        event.with("reason", "TOO_MANY_GROUPS").with("count", count)
    }

    fn bare_event(&self, actor: String) -> Event {
        let clock = self.shared.clock.as_ref();
        let mut event = Event::new(EventId::new(uuid_v7(clock)), LogName::System, clock.now(), "", "calls.refuse");
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
