//! How many rows of one log wait, without counting them twice.

use std::collections::VecDeque;

use uuid::Uuid;

use super::look::{Amount, Look};

/// Slices that a log is remembered in; more are joined to fewer, which may count rows for longer than they wait.
const MAX_SLICES: usize = 1_024;

/// What was counted of a log.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Rows from this one on are counted at the next look.
    counted: Uuid,
    slices: VecDeque<Slice>,
}

/// Rows behind those of the slice before.
#[derive(Clone, Copy, Debug)]
struct Slice {
    /// They are before this one.
    end: Uuid,
    amount: Amount,
}

impl Waiting {
    pub(super) fn counted(&self) -> Uuid {
        self.counted
    }

    /// Adds what a look found; rows from `recent` on will be counted again. How many wait.
    pub(super) fn add(&mut self, look: &Look, recent: Uuid) -> Amount {
        self.counted = self.counted.max(recent);
        if look.settled.rows > 0 {
            self.slices.push_back(Slice { end: recent, amount: look.settled });
        }
        while self.slices.front().is_some_and(|slice| slice.end <= look.first) {
            self.slices.pop_front();
        }
        if self.slices.len() > MAX_SLICES {
            self.join();
        }
        self.slices.iter().fold(look.fresh, |sum, slice| sum.and(slice.amount))
    }

    /// Joins every two slices.
    fn join(&mut self) {
        let slices = std::mem::take(&mut self.slices);
        let mut slices = slices.into_iter();
        while let Some(first) = slices.next() {
            let joined = slices
                .next()
                .map_or(first, |second| Slice { end: second.end, amount: first.amount.and(second.amount) });
            self.slices.push_back(joined);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::schedule::least_id;

    fn look(first: u64, settled: u64, fresh: u64) -> Look {
        let amount = |rows| Amount { rows, bytes: rows * 10 };
        Look {
            log: String::new(),
            first: least_id(first),
            age: Duration::ZERO,
            settled: amount(settled),
            fresh: amount(fresh),
        }
    }

    #[test]
    fn rows_are_counted_once_and_forgotten_when_the_first_that_waits_is_behind_them() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.add(&look(5, 0, 4), least_id(1)).rows, 4);
        assert_eq!(waiting.add(&look(5, 4, 2), least_id(10)).rows, 6);
        assert_eq!(waiting.add(&look(5, 2, 0), least_id(20)), Amount { rows: 6, bytes: 60 });
        assert_eq!(waiting.add(&look(12, 0, 1), least_id(30)).rows, 3, "the slice before 10 is gone");
        assert_eq!(waiting.add(&look(25, 0, 1), least_id(40)).rows, 1);
        assert_eq!(waiting.counted(), least_id(40));
    }

    #[test]
    fn slices_stay_few_and_lose_no_row() {
        let mut waiting = Waiting::default();
        for at in 1..=5_000 {
            assert_eq!(waiting.add(&look(0, 1, 0), least_id(at)).rows, at);
        }
        assert!(waiting.slices.len() <= MAX_SLICES + 1, "{} slices", waiting.slices.len());
    }
}
