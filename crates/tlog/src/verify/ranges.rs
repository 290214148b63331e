//! Ranges of indices, and a set of them.

use std::ops::Range;

use crate::signer::repair::EntryRange;

/// A set of indices as sorted, disjoint, half-open ranges.
#[derive(Clone, Debug, Default)]
pub(super) struct RangeSet {
    ranges: Vec<Range<u64>>,
}

impl RangeSet {
    /// Adds a range; what is in the set already stays.
    pub(super) fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let begin = self.ranges.partition_point(|other| other.end < range.start);
        let end = self.ranges.partition_point(|other| other.start <= range.end);
        let touched = self.ranges.get(begin..end).unwrap_or_default();
        let start = touched.first().map_or(range.start, |first| first.start.min(range.start));
        let stop = touched.last().map_or(range.end, |last| last.end.max(range.end));
        self.ranges.splice(begin..end, std::iter::once(start..stop));
    }

    /// The parts of `within` that are in the set (`true`) and those that are not (`false`), in order.
    pub(super) fn split(&self, within: Range<u64>) -> Vec<(Range<u64>, bool)> {
        let mut parts = Vec::new();
        let mut at = within.start;
        let begin = self.ranges.partition_point(|other| other.end <= within.start);
        for range in self.ranges.iter().skip(begin).take_while(|range| range.start < within.end) {
            if at < range.start {
                parts.push((at..range.start, false));
            }
            let end = range.end.min(within.end);
            parts.push((at.max(range.start)..end, true));
            at = end;
        }
        if at < within.end {
            parts.push((at..within.end, false));
        }
        parts
    }

    /// The parts of `within` that are not in the set.
    pub(super) fn gaps(&self, within: Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
        self.split(within).into_iter().filter(|(_, inside)| !inside).map(|(range, _)| range)
    }

    /// The ranges, in order.
    pub(super) fn ranges(&self) -> &[Range<u64>] {
        &self.ranges
    }

    /// End of the last range; 0 for the empty set.
    pub(super) fn end(&self) -> u64 {
        self.ranges.last().map_or(0, |range| range.end)
    }

    /// The first index at or after `index` that is not in the set.
    pub(super) fn skip(&self, index: u64) -> u64 {
        self.ranges.iter().find(|range| range.contains(&index)).map_or(index, |range| range.end)
    }
}

/// First and last index of a range that is not empty.
pub(super) fn ends(range: &Range<u64>) -> EntryRange {
    EntryRange { first_index: range.start, last_index: range.end.saturating_sub(1) }
}

/// A range of one index.
pub(super) fn single(index: u64) -> EntryRange {
    EntryRange { first_index: index, last_index: index }
}
