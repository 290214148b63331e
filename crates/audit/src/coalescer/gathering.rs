//! Refused calls that gather until they are reported, and events that wait: bounded for each caller and for all.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;

use clock::Timestamp;

use crate::{Event, Outcome};

/// Most groups that gather at once, and most callers that have some.
const MAX_GROUPS: usize = 1_024;
/// Most groups of one caller that gather or wait.
const MAX_OF_CALLER: usize = 64;
/// Most names in one event.
const MAX_NAMES: usize = 3;
/// Most addresses in one event.
const MAX_PEERS: usize = 8;

/// What gathers, by caller in turns.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    groups: HashMap<Key, Group>,
    callers: HashMap<String, OfCaller>,
    /// The callers in the order of their turns.
    turns: VecDeque<String>,
    /// Calls of callers beyond the most that are told apart.
    overflow: u64,
    /// Events that are not written yet; the one that was tried longest ago first.
    unwritten: VecDeque<Unwritten>,
}

/// What is kept of one caller.
#[derive(Debug, Default)]
struct OfCaller {
    /// Keys of its groups, in the order of their first call.
    keys: VecDeque<Key>,
    /// Calls that found no room for a group.
    overflow: u64,
    /// Its events that are not written yet.
    unwritten: usize,
}

/// An event that the sink did not take yet.
#[derive(Debug)]
pub(super) struct Unwritten {
    /// `tenants/{tenant}` of the resource, or empty.
    pub(super) scope: String,
    /// Whether its log is known; where it is not, the event does not tell it.
    pub(super) is_placed: bool,
    pub(super) event: Event,
}

/// What is to become an event.
#[derive(Debug)]
pub(super) enum Due {
    Group(Key, Group),
    /// Calls that found no room for a group, of a caller or, where it is `*`, of several.
    Overflow(String, u64),
}

/// Which calls are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) caller: String,
    pub(super) method: String,
    pub(super) reason: String,
    /// `tenants/{tenant}` of the resource, or empty.
    pub(super) scope: String,
}

/// Calls that are counted together.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) action: String,
    pub(super) outcome: Outcome,
    pub(super) count: u64,
    pub(super) names: Vec<String>,
    /// The first few distinct addresses.
    pub(super) peers: Vec<IpAddr>,
    pub(super) first: Timestamp,
}

impl Gathering {
    /// Counts a call; `group` is made where it is the first of its group.
    pub(super) fn count(&mut self, key: Key, resource: &str, peer: IpAddr, group: impl FnOnce() -> Group) {
        if !self.groups.contains_key(&key) && !self.make_room(&key) {
            return;
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

    /// Whether there is room for a group; if not, the call is counted without one.
    fn make_room(&mut self, key: &Key) -> bool {
        if !self.callers.contains_key(&key.caller) {
            if self.callers.len() >= MAX_GROUPS {
                self.overflow = self.overflow.saturating_add(1);
                return false;
            }
            self.turns.push_back(key.caller.clone());
        }
        let of_caller = self.callers.entry(key.caller.clone()).or_default();
        let has_room = of_caller.keys.len().saturating_add(of_caller.unwritten) < MAX_OF_CALLER;
        if has_room && self.groups.len() < MAX_GROUPS {
            of_caller.keys.push_back(key.clone());
            return true;
        }
        of_caller.overflow = of_caller.overflow.saturating_add(1);
        false
    }

    /// Events to be tried again, and what else is due: `most` of each, and of each caller one after the other.
    pub(super) fn take(&mut self, most: usize) -> (Vec<Unwritten>, Vec<Due>) {
        let held: HashSet<String> = self.unwritten.iter().map(|one| one.scope.clone()).collect();
        let mut due = Vec::new();
        let mut idle = 0_usize;
        while due.len() < most
            && idle < self.turns.len()
            && let Some(caller) = self.turns.pop_front()
        {
            let next = self.next_of(&caller, &held);
            idle = if next.is_some() { 0 } else { idle.saturating_add(1) };
            due.extend(next);
            let keeps = self.callers.get(&caller).is_some_and(OfCaller::keeps_any);
            if keeps {
                self.turns.push_back(caller);
            } else {
                self.callers.remove(&caller);
            }
        }
        if self.overflow > 0 && !held.contains("") {
            due.push(Due::Overflow("*".to_owned(), std::mem::take(&mut self.overflow)));
        }
        let again: Vec<Unwritten> = self.unwritten.drain(..self.unwritten.len().min(most)).collect();
        for one in &again {
            if let Some(of_caller) = self.callers.get_mut(&one.event.actor) {
                of_caller.unwritten = of_caller.unwritten.saturating_sub(1);
            }
        }
        (again, due)
    }

    /// Whether there is nothing to report.
    pub(super) fn is_empty(&self) -> bool {
        self.overflow == 0 && !self.callers.values().any(OfCaller::keeps_any)
    }

    /// A caller's oldest group of whose log nothing waits; else what was counted without one.
    fn next_of(&mut self, caller: &str, held: &HashSet<String>) -> Option<Due> {
        let of_caller = self.callers.get_mut(caller)?;
        if let Some(place) = of_caller.keys.iter().position(|key| !held.contains(&key.scope))
            && let Some(key) = of_caller.keys.remove(place)
            && let Some((key, group)) = self.groups.remove_entry(&key)
        {
            return Some(Due::Group(key, group));
        }
        let overflow = if held.contains("") { 0 } else { std::mem::take(&mut of_caller.overflow) };
        (overflow > 0).then(|| Due::Overflow(caller.to_owned(), overflow))
    }

    /// Keeps events that were not written.
    pub(super) fn put_back(&mut self, events: Vec<Unwritten>) {
        for one in events {
            let caller = &one.event.actor;
            if !self.callers.contains_key(caller) {
                self.turns.push_back(caller.clone());
            }
            let of_caller = self.callers.entry(caller.clone()).or_default();
            of_caller.unwritten = of_caller.unwritten.saturating_add(1);
            self.unwritten.push_back(one);
        }
    }
}

impl OfCaller {
    fn keeps_any(&self) -> bool {
        !self.keys.is_empty() || self.overflow > 0 || self.unwritten > 0
    }
}
