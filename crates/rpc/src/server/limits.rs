//! What one caller, and all together, may do at one time and in a second.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota,
    clock::{Clock, DefaultClock},
};

use super::{CallerLimits, GrpcConfig};
use crate::{Caller, Failure};

/// Callers that are remembered although they have no connection, so that reconnecting does not renew their quota.
const REMEMBERED: usize = 4096;
/// Calls of what is open to every accepted certificate, at one time: of one caller, and of all.
const OPEN_CALLS_OF_CALLER: usize = 16;
const OPEN_CALLS: usize = 256;
/// What to wait where too much is going on at once: about the length of a call.
const RETRY_CONCURRENT: Duration = Duration::from_millis(100);

/// Whose quota a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of methods that need a permission.
    Granted,
    /// Of what every accepted certificate may call, and of what there is not: a small one, so that nobody without a role
    /// keeps out those who have one.
    Open,
}

/// The callers known by now.
#[derive(Debug)]
pub(super) struct Callers {
    limits: CallerLimits,
    total: Arc<Totals>,
    known: Mutex<HashMap<Caller, Arc<Quotas>>>,
}

/// Calls of all callers.
#[derive(Debug)]
struct Totals {
    granted: Gauge,
    open: Gauge,
}

/// Counts calls at one time.
#[derive(Debug)]
struct Gauge {
    now: AtomicUsize,
    limit: usize,
}

/// One caller's limits, shared by its connections.
pub(super) struct Quotas {
    calls: Gauge,
    open_calls: Gauge,
    rate: Option<DefaultDirectRateLimiter>,
    total: Arc<Totals>,
}

/// A call that was let in; lets the next one in when dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    quotas: Arc<Quotas>,
    kind: Kind,
}

impl Callers {
    pub(super) fn new(config: &GrpcConfig) -> Self {
        Self {
            limits: config.caller_limits.clone(),
            total: Arc::new(Totals { granted: Gauge::new(config.max_calls), open: Gauge::new(OPEN_CALLS) }),
            known: Mutex::new(HashMap::new()),
        }
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
        let quotas = Arc::new(Quotas::new(&self.limits, Arc::clone(&self.total)));
        known.insert(caller.clone(), Arc::clone(&quotas));
        quotas
    }
}

impl Quotas {
    fn new(limits: &CallerLimits, total: Arc<Totals>) -> Self {
        let rate = limits.calls_per_second.map(|rate| {
            let quota = Quota::per_second(rate).allow_burst(limits.burst.unwrap_or(rate));
            DefaultDirectRateLimiter::direct(quota)
        });
        let calls = Gauge::new(usize::try_from(limits.max_calls).unwrap_or(usize::MAX));
        Self { calls, open_calls: Gauge::new(OPEN_CALLS_OF_CALLER), rate, total }
    }

    /// Lets a call in, or says when to come again.
    pub(super) fn admit(self: &Arc<Self>, kind: Kind) -> Result<Admitted, Failure> {
        let [own, total] = self.gauges(kind);
        if !own.enter() {
            return Err(Failure::exhausted(
                "too many calls of this caller at one time: wait for some to end",
                RETRY_CONCURRENT,
            ));
        }
        if !total.enter() {
            own.leave();
            return Err(Failure::exhausted("too many calls at one time: try again later", RETRY_CONCURRENT));
        }
        let admitted = Admitted { quotas: Arc::clone(self), kind };
        if let Some(rate) = &self.rate {
            rate.check().map_err(|early| {
                let wait = early.wait_time_from(DefaultClock::default().now());
                Failure::exhausted("too many calls of this caller in a second: slow down", wait)
            })?;
        }
        Ok(admitted)
    }

    /// The caller's own, and that of all.
    fn gauges(&self, kind: Kind) -> [&Gauge; 2] {
        match kind {
            Kind::Granted => [&self.calls, &self.total.granted],
            Kind::Open => [&self.open_calls, &self.total.open],
        }
    }
}

impl fmt::Debug for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quotas").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.quotas.gauges(self.kind).into_iter().for_each(Gauge::leave);
    }
}

impl Gauge {
    fn new(limit: usize) -> Self {
        Self { now: AtomicUsize::new(0), limit }
    }

    fn enter(&self) -> bool {
        if self.now.fetch_add(1, Ordering::Relaxed) < self.limit {
            return true;
        }
        self.leave();
        false
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

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
        let callers = quotas(1, CallerLimits { max_calls: 1, ..CallerLimits::default() });
        let stranger = callers.quotas(&caller("stranger"));
        let open: Vec<_> = std::iter::from_fn(|| stranger.admit(Kind::Open).ok()).collect();
        assert_eq!(open.len(), OPEN_CALLS_OF_CALLER);
        assert!(stranger.admit(Kind::Granted).is_ok(), "which keeps no place of others");
        let others: Vec<_> = (0..2 * OPEN_CALLS)
            .map(|n| callers.quotas(&caller(&format!("stranger-{n}"))).admit(Kind::Open))
            .take_while(Result::is_ok)
            .collect();
        assert_eq!(others.len(), OPEN_CALLS - OPEN_CALLS_OF_CALLER);
        drop(open);
        assert!(stranger.admit(Kind::Open).is_ok());
    }

    #[test]
    fn reconnecting_does_not_renew_the_rate() {
        let limits = CallerLimits { calls_per_second: NonZeroU32::new(1), ..CallerLimits::default() };
        let callers = quotas(100, limits);
        assert!(callers.quotas(&caller("app")).admit(Kind::Granted).is_ok());
        assert!(callers.quotas(&caller("app")).admit(Kind::Granted).is_err());
    }
}
