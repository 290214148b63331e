//! When entries are logged.
//!
//! Nothing in the audit database decides a time. audit-service goes by its own clock until the signer has told it the
//! signer's, and where the signer answers TIME it builds the entries anew with the times of that answer.

use std::collections::HashMap;

use names::LogName;

use crate::protocol::SegmentAnswer;

/// Nanoseconds of a microsecond.
const MICROSECOND: i64 = 1_000;

/// The times that a batch is built with.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// Now, nanoseconds since 1970.
    pub now_ns: i64,
    /// Logs whose last entry the signer says was logged then: the next one is not logged before.
    not_before: HashMap<LogName, i64>,
}

impl Times {
    /// All entries are logged now.
    pub fn now(now_ns: i64) -> Self {
        Self { now_ns, not_before: HashMap::new() }
    }

    /// Takes over what the signer said when it refused a log's entries because of their time.
    pub fn learn(&mut self, log: &LogName, answer: &SegmentAnswer) {
        self.now_ns = answer.now_ns;
        self.not_before.insert(log.clone(), answer.last_logged_ns);
    }

    /// When the next entry of a log is logged: whole microseconds, so that the column, which keeps no more, orders and
    /// compares as the entry does.
    pub(super) fn of(&self, log: &LogName) -> i64 {
        let now = self.now_ns.div_euclid(MICROSECOND).saturating_mul(MICROSECOND);
        self.not_before.get(log).map_or(now, |last| now.max(*last))
    }
}
