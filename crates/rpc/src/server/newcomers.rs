//! Connections that have not authenticated: their number is bounded, and that of each source, so that nobody who has no
//! certificate keeps those out who have one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use super::GrpcConfig;

/// How long a handshake may take where others want its place: a hundred times as long as it does.
const TURN: Duration = Duration::from_secs(1);

/// All of them.
#[derive(Debug)]
pub(super) struct Newcomers {
    most: usize,
    most_of_source: usize,
    trusted: Vec<IpNet>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Counts connections; the number tells one from another, and which is older.
    last: u64,
    all: Group,
    /// Those behind trusted proxies have no source.
    sources: HashMap<Option<Source>, Group>,
    entries: BTreeMap<u64, Entry>,
}

/// Numbers of connections.
#[derive(Debug, Default)]
struct Group {
    all: BTreeSet<u64>,
    /// Those that have not said a byte.
    silent: BTreeSet<u64>,
}

#[derive(Debug)]
struct Entry {
    since: Instant,
    source: Option<Source>,
    displaced: CancellationToken,
}

/// Who is behind an address: an IPv4 address, or the 64 bits of an IPv6 address that a subscriber is given (RFC 6177).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    V4(Ipv4Addr),
    V6([u16; 4]),
}

/// Why a connection is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// There are too many that have not authenticated.
    All,
    /// There are too many from its source.
    Source,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Newcomer {
    all: Arc<Newcomers>,
    number: u64,
    /// Told when it has made room for another one.
    pub(super) displaced: CancellationToken,
}

impl Newcomers {
    pub(super) fn new(config: &GrpcConfig) -> Arc<Self> {
        let (most, most_of_source) = (config.max_unauthenticated, config.max_unauthenticated_per_source);
        Arc::new(Self { most, most_of_source, trusted: config.trusted_proxies.clone(), known: Mutex::default() })
    }

    /// A place for a connection from this address. Where all are taken, one goes of the source that has the most; among equals
    /// the oldest that has said nothing, or else the oldest that has had its turn.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Newcomer, Full> {
        let (source, now) = (self.source(address), Instant::now());
        let mut known = self.known();
        let share = source.and_then(|_| known.sources.get(&source));
        if let Some(share) = share.filter(|share| share.all.len() >= self.most_of_source) {
            let displaced = known.replaceable(share, now).ok_or(Full::Source)?;
            known.displace(displaced);
        }
        if known.all.all.len() >= self.most {
            let displaced = known.replaceable_by(source, self.most_of_source / 8, now).ok_or(Full::All)?;
            known.displace(displaced);
        }
        let displaced = known.enter(source, now);
        Ok(Newcomer { all: Arc::clone(self), number: known.last, displaced })
    }

    /// Whose share a connection takes; nobody's behind a proxy that is trusted with that.
    fn source(&self, address: IpAddr) -> Option<Source> {
        if self.trusted.iter().any(|network| network.contains(&address)) {
            return None;
        }
        Some(match address {
            IpAddr::V4(address) => Source::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Source::V6([a, b, c, d])
            }
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Which of all makes room for one more of this source: one of the source that has the most of them, whatever it does where
    /// those are more than few, so that who has few finds a place.
    fn replaceable_by(&self, source: Option<Source>, few: usize, now: Instant) -> Option<u64> {
        let size = |share: &Group| share.all.len();
        // Behind a proxy each is a source of its own.
        let sources = self.sources.iter().filter(|(source, _)| source.is_some());
        let own = source.and_then(|_| self.sources.get(&source)).map_or(0, size);
        match sources.map(|(_, share)| share).max_by_key(|share| size(share)) {
            Some(most) if size(most) > own.saturating_add(1).max(few) => {
                most.silent.first().or_else(|| most.all.first()).copied()
            }
            Some(most) if size(most) > own.saturating_add(1) => self.replaceable(most, now),
            _ => self.replaceable(&self.all, now),
        }
    }

    /// Which of a group makes room.
    fn replaceable(&self, group: &Group, now: Instant) -> Option<u64> {
        let had_its_turn = |number: &&u64| {
            self.entries.get(number).is_some_and(|entry| now.saturating_duration_since(entry.since) >= TURN)
        };
        group.silent.first().or_else(|| group.all.first().filter(had_its_turn)).copied()
    }

    /// Takes a place, and gives what tells that it has been given to another one.
    fn enter(&mut self, source: Option<Source>, since: Instant) -> CancellationToken {
        self.last = self.last.wrapping_add(1);
        let share = self.sources.entry(source).or_default();
        for group in [&mut self.all, share] {
            group.all.insert(self.last);
            group.silent.insert(self.last);
        }
        let displaced = CancellationToken::new();
        self.entries.insert(self.last, Entry { since, source, displaced: displaced.clone() });
        displaced
    }

    fn displace(&mut self, number: u64) {
        if let Some(entry) = self.leave(number) {
            entry.displaced.cancel();
        }
    }

    /// Takes one out, unless it is already.
    fn leave(&mut self, number: u64) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        self.all.remove(number);
        if let Some(share) = self.sources.get_mut(&entry.source) {
            share.remove(number);
            if share.all.is_empty() {
                self.sources.remove(&entry.source);
            }
        }
        Some(entry)
    }
}

impl Group {
    fn remove(&mut self, number: u64) {
        self.all.remove(&number);
        self.silent.remove(&number);
    }
}

impl Newcomer {
    /// It has said something, and has its turn now.
    pub(super) fn has_spoken(&self) {
        let known = &mut *self.all.known();
        let share = known.entries.get(&self.number).and_then(|entry| known.sources.get_mut(&entry.source));
        for group in std::iter::once(&mut known.all).chain(share) {
            group.silent.remove(&self.number);
        }
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        drop(self.all.known().leave(self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newcomers(most: usize, most_of_source: usize) -> Arc<Newcomers> {
        Newcomers::new(&GrpcConfig {
            max_unauthenticated: most,
            max_unauthenticated_per_source: most_of_source,
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..GrpcConfig::default()
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_source_has_its_share_and_a_trusted_proxy_has_none() {
        let all = newcomers(100, 2);
        let enter = |text| all.enter(address(text));
        let speaking = |text| enter(text).inspect(Newcomer::has_spoken).unwrap();
        let (first, _second) = (speaking("2001:db8::1"), speaking("2001:db8::ffff:2"));
        assert_eq!(enter("2001:db8:0:0:3::").unwrap_err(), Full::Source, "one /64");
        let _others = ["2001:db8:0:1::1", "192.0.2.1", "192.0.2.1", "192.0.2.2"].map(speaking);
        assert_eq!(enter("192.0.2.1").unwrap_err(), Full::Source);
        let _proxied: Vec<_> = (0..10).map(|_| speaking("10.1.2.3")).collect();
        drop(first);
        speaking("2001:db8::4");
    }

    #[test]
    fn the_oldest_silent_one_makes_room_and_who_speaks_stays() {
        let all = newcomers(3, 2);
        let enter = |text| all.enter(address(text));
        let (first, second, third) =
            (enter("192.0.2.1").unwrap(), enter("192.0.2.2").unwrap(), enter("192.0.2.2").unwrap());
        first.has_spoken();
        let fourth = enter("192.0.2.2").unwrap();
        assert!(second.displaced.is_cancelled(), "of its source");
        let fifth = enter("192.0.2.5").unwrap();
        assert!(third.displaced.is_cancelled(), "of all");
        assert!(![&first, &fourth, &fifth].iter().any(|one| one.displaced.is_cancelled()));
        fourth.has_spoken();
        fifth.has_spoken();
        assert_eq!(enter("192.0.2.6").unwrap_err(), Full::All);
        // What was displaced had given its place away already.
        drop((second, third));
        assert_eq!(enter("192.0.2.6").unwrap_err(), Full::All);
        drop(first);
        enter("192.0.2.6").unwrap();
        drop((fourth, fifth));
        let known = all.known();
        assert!(known.all.all.is_empty() && known.sources.is_empty() && known.entries.is_empty());
    }

    #[test]
    fn who_has_many_makes_room_for_who_has_few() {
        let all = newcomers(6, 4);
        let speaking = |text| all.enter(address(text)).inspect(Newcomer::has_spoken);
        let many: Vec<_> = (0..4).map(|_| speaking("192.0.2.1").unwrap()).collect();
        let few: Vec<_> = ["192.0.2.2", "192.0.2.2"].map(|text| speaking(text).unwrap()).into();
        let _one = speaking("192.0.2.3").unwrap();
        let _other = speaking("192.0.2.4").unwrap();
        let displaced = |of: &[Newcomer]| of.iter().map(|one| one.displaced.is_cancelled()).collect::<Vec<_>>();
        assert_eq!((displaced(&many), displaced(&few)), (vec![true, true, false, false], vec![false, false]));
        assert_eq!(speaking("192.0.2.2").unwrap_err(), Full::All, "it would have as many as the others");
    }

    #[test]
    fn who_has_many_addresses_ends_no_handshakes_behind_a_proxy_or_of_few() {
        let all = newcomers(6, 16);
        let speaking = |text: &str| all.enter(address(text)).inspect(Newcomer::has_spoken);
        let proxied: Vec<_> = (0..4).map(|_| speaking("10.1.2.3").unwrap()).collect();
        let few: Vec<_> = ["192.0.2.2", "192.0.2.2"].map(|text| speaking(text).unwrap()).into();
        for number in 0..100 {
            assert_eq!(speaking(&format!("2001:db8:0:{number}::1")).unwrap_err(), Full::All);
        }
        assert!(!proxied.iter().chain(&few).any(|one| one.displaced.is_cancelled()));
    }

    #[test]
    fn who_takes_too_long_makes_room_for_who_wants_it() {
        let all = newcomers(2, 2);
        let slow = all.enter(address("192.0.2.1")).unwrap();
        let young = all.enter(address("192.0.2.2")).unwrap();
        slow.has_spoken();
        young.has_spoken();
        assert_eq!(all.enter(address("192.0.2.3")).unwrap_err(), Full::All);
        let long_ago = Instant::now().checked_sub(TURN).unwrap();
        all.known().entries.get_mut(&slow.number).unwrap().since = long_ago;
        let _next = all.enter(address("192.0.2.3")).unwrap();
        assert!(slow.displaced.is_cancelled() && !young.displaced.is_cancelled());
    }
}
