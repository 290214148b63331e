//! What one caller, and all together, may do at one time and in a second.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::lines::Lines;
use super::{CallerLimits, GrpcConfig};
use crate::bound::at_most;
use crate::{Caller, Failure};

/// Callers that are remembered although they have no connection, so that reconnecting does not renew their quota.
const REMEMBERED: usize = 4096;
/// Connections of one caller that nothing binds.
const CONNECTIONS_OF_STRANGER: u32 = 16;
/// Calls of what is open to every accepted certificate, at one time: of one caller, and of all.
const OPEN_CALLS_OF_CALLER: usize = at_most(16);
const OPEN_CALLS: usize = at_most(48);
/// The same of callers that nothing binds.
const OPEN_CALLS_OF_STRANGER: usize = at_most(4);
const OPEN_CALLS_OF_STRANGERS: usize = at_most(16);
/// Calls that were refused before they were let in, and whose answers have not left: of one caller, and of all.
const REFUSED_CALLS_OF_CALLER: usize = at_most(256);
const REFUSED_CALLS: usize = at_most(2048);
/// Calls of one caller that read many rows, at one time: a quarter of the connections that a service has to its database.
const BULK_READS_OF_CALLER: usize = at_most(4);
/// Log lines of one caller's calls that failed, in a second and at once.
const LINES_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();
const LINES_AT_ONCE: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// What to wait where too much is going on at once: about the length of a call.
const RETRY_CONCURRENT: Duration = Duration::from_millis(100);
/// Bytes that every call may take without setting them aside: as many as a call itself takes.
const BYTES_OF_CALL: usize = 16 * 1024;

/// Whose quota a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of methods that need a permission.
    Granted,
    /// Of what every accepted certificate may call, and of what there is not: a small one, so that nobody without a role
    /// keeps out those who have one.
    Open,
    /// The same of a caller that nothing binds, so that those keep out only each other.
    OpenToStranger,
    /// Of those that were not let in, until their callers have heard it.
    Refused,
}

/// The callers known by now.
#[derive(Debug)]
pub(super) struct Callers {
    limits: CallerLimits,
    total: Places,
    known: Mutex<HashMap<Caller, Arc<Quotas>>>,
}

/// Calls, and bytes of them, at one time.
#[derive(Debug, Clone)]
struct Places {
    granted: Arc<Semaphore>,
    open: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    refused: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// One caller's limits, shared by its connections.
pub(super) struct Quotas {
    own: Places,
    total: Places,
    connections: Arc<Semaphore>,
    /// What a connection weighs where nothing binds the caller.
    stranger_weight: u32,
    bulk_reads: Arc<Semaphore>,
    rate: Option<DefaultDirectRateLimiter>,
    lines: Lines,
}

/// The place of a call that was let in, and the memory that is set aside for it. Whoever works on for the call holds it;
/// the next one is let in when the last of them has dropped it.
#[derive(Debug, Clone)]
pub struct Admission(Arc<Admitted>);

struct Admitted {
    quotas: Arc<Quotas>,
    _places: [OwnedSemaphorePermit; 2],
    aside: Mutex<Aside>,
}

/// What is set aside for a call.
#[derive(Default)]
struct Aside {
    bytes: BytesOfCall,
    permits: Option<[OwnedSemaphorePermit; 2]>,
}

/// Bytes that the messages of a call take.
#[derive(Clone, Copy, Default)]
struct BytesOfCall {
    request: usize,
    response: usize,
}

impl Callers {
    pub(super) fn new(config: &GrpcConfig) -> Self {
        let open = [OPEN_CALLS, OPEN_CALLS_OF_STRANGERS];
        let total = Places::new(config.max_calls, open, REFUSED_CALLS, config.max_bytes);
        Self { limits: config.caller_limits.clone(), total, known: Mutex::new(HashMap::new()) }
    }

    /// The limits of a caller who opens a connection.
    pub(super) fn quotas(&self, caller: &Caller) -> Arc<Quotas> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(quotas) = known.get(caller) {
            return Arc::clone(quotas);
        }
        if known.len() >= REMEMBERED {
            known.retain(|_, quotas| Arc::strong_count(quotas) > 1);
        }
        let quotas = Arc::new(Quotas::new(&self.limits, self.total.clone()));
        known.insert(caller.clone(), Arc::clone(&quotas));
        quotas
    }
}

impl Places {
    /// Of what is open the places of callers that are bound come first.
    fn new(granted: usize, [open, strangers]: [usize; 2], refused: usize, bytes: usize) -> Self {
        let semaphore = |permits: usize| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self {
            granted: semaphore(granted),
            open: semaphore(open),
            strangers: semaphore(strangers),
            refused: semaphore(refused),
            bytes: semaphore(bytes),
        }
    }

    fn take(&self, kind: Kind) -> Option<OwnedSemaphorePermit> {
        let places = match kind {
            Kind::Granted => &self.granted,
            Kind::Open => &self.open,
            Kind::OpenToStranger => &self.strangers,
            Kind::Refused => &self.refused,
        };
        Arc::clone(places).try_acquire_owned().ok()
    }

    fn set_aside(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.bytes).try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }
}

impl Quotas {
    fn new(limits: &CallerLimits, total: Places) -> Self {
        let rate = limits.calls_per_second.map(|rate| {
            let quota = Quota::per_second(rate).allow_burst(limits.burst.unwrap_or(rate));
            DefaultDirectRateLimiter::direct(quota)
        });
        let number = |limit| usize::try_from(limit).unwrap_or(usize::MAX);
        let open = [OPEN_CALLS_OF_CALLER, OPEN_CALLS_OF_STRANGER];
        let own = Places::new(number(limits.max_calls), open, REFUSED_CALLS_OF_CALLER, limits.max_bytes);
        let connections = Arc::new(Semaphore::new(number(limits.max_connections).min(Semaphore::MAX_PERMITS)));
        let stranger_weight = (limits.max_connections / CONNECTIONS_OF_STRANGER).max(1);
        let bulk_reads = Arc::new(Semaphore::new(BULK_READS_OF_CALLER.min(Semaphore::MAX_PERMITS)));
        let lines = Lines::new(LINES_PER_SECOND, LINES_AT_ONCE);
        Self { own, total, connections, stranger_weight, bulk_reads, rate, lines }
    }

    /// The place of a connection of a caller that is bound or not, if there is one.
    pub(super) fn connection(&self, is_bound: bool) -> Option<OwnedSemaphorePermit> {
        let weight = if is_bound { 1 } else { self.stranger_weight };
        Arc::clone(&self.connections).try_acquire_many_owned(weight).ok()
    }

    /// Whether a call that failed has a line in the log: with how many had none since the last one.
    pub(super) fn line(&self) -> Option<u64> {
        self.lines.next()
    }

    /// Lets a call in, or says when to come again.
    pub(super) fn admit(self: &Arc<Self>, kind: Kind) -> Result<Admission, Failure> {
        let exhausted = |message: &str| Failure::exhausted(message, RETRY_CONCURRENT);
        let own = self.own.take(kind);
        let own = own.ok_or_else(|| exhausted("too many calls of this caller at one time: wait for some to end"))?;
        let total = self.total.take(kind);
        let total = total.ok_or_else(|| exhausted("too many calls at one time: try again later"))?;
        if let Some(rate) = self.rate.as_ref().filter(|_| kind != Kind::Refused) {
            rate.check().map_err(|early| {
                let wait = early.wait_time_from(DefaultClock::default().now());
                Failure::exhausted("too many calls of this caller in a second: slow down", wait)
            })?;
        }
        let (quotas, aside) = (Arc::clone(self), Mutex::default());
        Ok(Admission(Arc::new(Admitted { quotas, _places: [own, total], aside })))
    }
}

impl Admission {
    /// Waits for one of the places that the caller has for calls that read many rows.
    pub(super) async fn bulk_read(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let place = Arc::clone(&self.0.quotas.bulk_reads).acquire_owned().await;
        place.map_err(|closed| Failure::bug("places that are never closed").with_source(closed))
    }

    /// Sees to it that `bytes` are set aside for the request, at once or not at all.
    pub(super) fn reserve_request(&self, bytes: usize) -> Result<(), Failure> {
        self.0.reserve(|aside| BytesOfCall { request: aside.request.max(bytes), ..aside })
    }

    /// Sets `bytes` more aside for the answer, at once or not at all.
    pub(crate) fn reserve_response(&self, bytes: usize) -> Result<(), Failure> {
        self.0.reserve(|aside| BytesOfCall { response: aside.response.saturating_add(bytes), ..aside })
    }

    /// Sees to it that `bytes` are set aside for the answer, at once or not at all.
    pub(crate) fn cover_response(&self, bytes: usize) -> Result<(), Failure> {
        self.0.reserve(|aside| BytesOfCall { response: aside.response.max(bytes), ..aside })
    }
}

impl Admitted {
    /// Sets aside what is wanted for request and answer, as far as it is not.
    fn reserve(&self, wanted: impl FnOnce(BytesOfCall) -> BytesOfCall) -> Result<(), Failure> {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = wanted(aside.bytes);
        let more = wanted.counted().saturating_sub(aside.bytes.counted());
        if more > 0 {
            let exhausted = |message: &str| Failure::exhausted(message, RETRY_CONCURRENT);
            let own = self.quotas.own.set_aside(more);
            let own =
                own.ok_or_else(|| exhausted("too many bytes of this caller at one time: wait for calls to end"))?;
            let total = self.quotas.total.set_aside(more);
            let total = total.ok_or_else(|| exhausted("too many bytes at one time: try again later"))?;
            match &mut aside.permits {
                Some([own_before, total_before]) => {
                    own_before.merge(own);
                    total_before.merge(total);
                }
                none => *none = Some([own, total]),
            }
        }
        aside.bytes = wanted;
        Ok(())
    }
}

impl BytesOfCall {
    /// Those that count: what every call may take does not.
    fn counted(self) -> usize {
        self.request.saturating_add(self.response).saturating_sub(BYTES_OF_CALL)
    }
}

impl fmt::Debug for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quotas").field("own", &self.own).finish_non_exhaustive()
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn quotas(max_calls: usize, limits: CallerLimits) -> Callers {
        Callers::new(&GrpcConfig { max_calls, caller_limits: limits, ..GrpcConfig::default() })
    }

    fn caller(name: &str) -> Caller {
        Caller::for_test(name)
    }

    #[test]
    fn a_caller_at_its_limit_is_refused_until_a_call_ends_and_harms_no_other() {
        let callers = quotas(100, CallerLimits { max_calls: 2, ..CallerLimits::default() });
        let app = callers.quotas(&caller("app"));
        let first = app.admit(Kind::Granted).unwrap();
        let _second = callers.quotas(&caller("app")).admit(Kind::Granted).unwrap();
        assert_eq!(app.admit(Kind::Granted).unwrap_err().code(), tonic::Code::ResourceExhausted);
        assert!(callers.quotas(&caller("other")).admit(Kind::Granted).is_ok());
        drop(first);
        assert!(app.admit(Kind::Granted).is_ok());
    }

    #[test]
    fn the_total_limit_holds_over_all_callers() {
        let callers = quotas(1, CallerLimits::default());
        let _one = callers.quotas(&caller("app")).admit(Kind::Granted).unwrap();
        assert!(callers.quotas(&caller("other")).admit(Kind::Granted).is_err());
    }

    #[test]
    fn what_is_open_to_everybody_has_a_small_quota_of_its_own() {
        for (kind, of_caller, of_all) in [(Kind::Open, 16, 48), (Kind::OpenToStranger, 4, 16)] {
            let callers = quotas(1, CallerLimits { max_calls: 1, ..CallerLimits::default() });
            let app = callers.quotas(&caller("app"));
            let open: Vec<_> = std::iter::from_fn(|| app.admit(kind).ok()).collect();
            assert_eq!(open.len(), of_caller);
            for other in [Kind::Granted, Kind::Open, Kind::OpenToStranger] {
                assert_eq!(app.admit(other).is_ok(), other != kind, "which keeps no place of others");
            }
            let others: Vec<_> = (0..2 * of_all)
                .map(|n| callers.quotas(&caller(&format!("app-{n}"))).admit(kind))
                .take_while(Result::is_ok)
                .collect();
            assert_eq!(others.len(), of_all - of_caller);
            drop(open);
            assert!(app.admit(kind).is_ok());
        }
    }

    #[test]
    fn bytes_are_set_aside_at_once_or_not_and_given_back_with_the_call() {
        let limits = CallerLimits { max_bytes: 100_000, ..CallerLimits::default() };
        let callers = Callers::new(&GrpcConfig { max_bytes: 150_000, caller_limits: limits, ..GrpcConfig::default() });
        let admit = |name| callers.quotas(&caller(name)).admit(Kind::Granted).unwrap();
        let (first, second, other) = (admit("app"), admit("app"), admit("other"));
        first.reserve_request(BYTES_OF_CALL).unwrap();
        first.reserve_request(60_000 + BYTES_OF_CALL).unwrap();
        first.reserve_request(10_000).unwrap();
        first.reserve_response(10_000).unwrap();
        assert!(second.reserve_request(50_000 + BYTES_OF_CALL).is_err(), "of the caller");
        second.reserve_request(30_000 + BYTES_OF_CALL).unwrap();
        assert!(other.reserve_response(60_000 + BYTES_OF_CALL).is_err(), "of all");
        other.reserve_response(50_000 + BYTES_OF_CALL).unwrap();
        let job = first.clone();
        drop(first);
        assert!(second.reserve_request(31_000 + BYTES_OF_CALL).is_err(), "somebody works on for the first");
        drop(job);
        second.reserve_request(90_000 + BYTES_OF_CALL).unwrap();
    }

    #[tokio::test]
    async fn bulk_reads_of_one_caller_wait_for_each_other_alone() {
        let callers = quotas(100, CallerLimits::default());
        let admit = |name| callers.quotas(&caller(name)).admit(Kind::Granted).unwrap();
        let mut reading = Vec::new();
        for _ in 0..BULK_READS_OF_CALLER {
            reading.push(admit("app").bulk_read().await.unwrap());
        }
        let next = admit("app");
        let mut turn = Box::pin(next.bulk_read());
        assert!(turn.as_mut().now_or_never().is_none());
        assert!(admit("other").bulk_read().now_or_never().is_some());
        drop(reading.pop());
        assert!(turn.await.is_ok());
    }

    #[test]
    fn a_flood_of_failed_calls_is_no_flood_of_lines() {
        let callers = quotas(1, CallerLimits::default());
        let told = || callers.quotas(&caller("app")).line();
        let lines: Vec<_> = (0..1_000).map(|_| told()).collect();
        let (first, rest) = lines.split_at(100);
        assert!(first.iter().all(|line| *line == Some(0)));
        assert!(rest.iter().filter(|line| line.is_some()).count() < 100, "{rest:?}");
        assert!(callers.quotas(&caller("other")).line().is_some());
    }

    #[test]
    fn a_caller_that_nothing_binds_has_few_connections() {
        let callers = quotas(1, CallerLimits::default());
        let stranger = callers.quotas(&caller("stranger"));
        let open: Vec<_> = std::iter::from_fn(|| stranger.connection(false)).collect();
        assert_eq!(open.len(), 16);
        assert!(callers.quotas(&caller("app")).connection(true).is_some());
    }

    #[test]
    fn reconnecting_does_not_renew_the_rate() {
        let limits = CallerLimits { calls_per_second: NonZeroU32::new(1), ..CallerLimits::default() };
        let callers = quotas(100, limits);
        assert!(callers.quotas(&caller("app")).admit(Kind::Granted).is_ok());
        assert!(callers.quotas(&caller("app")).admit(Kind::Granted).is_err());
    }
}
