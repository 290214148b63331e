//! What the signer's answers mean: rows to insert, logs to update, logs to quarantine, what to report before that.

use bytes::Bytes;
use names::{LogId, LogName};

use super::batch::AppendError;
use super::build::{Built, BuiltLog};
use super::pending::{EventResult, Pending, Refusal};
use super::quarantine::{Quarantine, QuarantineReason};
use crate::chain::{Start, walk};
use crate::hash::Hash;
use crate::mac::Mac;
use crate::protocol::{Acknowledgement, AlarmKind, Rollback, SealOutcome, SegmentAnswer, StoredSegment, count};

/// A row to insert into `entries`. Its columns come from [`crate::entry::decode`] and [`crate::Entry::columns`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// The log.
    pub log_id: LogId,
    /// Index in it.
    pub index: u64,
    /// The entry's bytes.
    pub entry: Bytes,
    /// Its MAC.
    pub mac: Mac,
}

/// An update of a row of `logs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogUpdate {
    /// The log.
    pub log_id: LogId,
    /// Its new size.
    pub size: u64,
    /// Its new head.
    pub head: Hash,
    /// Time logged of its last entry, nanoseconds since 1970; `None` where that is not news.
    pub last_logged_ns: Option<i64>,
    /// The signer's snapshot at that size; `None` where the signer gave none.
    pub snapshot: Option<Bytes>,
    /// What to do with its quarantine.
    pub quarantine: Quarantine,
}

/// What to write before COMMIT.
#[derive(Debug, Default)]
pub struct Writes {
    rollbacks: Vec<Rollback>,
    rows: Vec<NewRow>,
    logs: Vec<LogUpdate>,
    done: Done,
}

/// A log whose entries were refused because of their time, and the answer that says which are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTimes {
    /// The log.
    pub log: LogName,
    /// The signer's answer.
    pub answer: SegmentAnswer,
}

/// What a committed batch leaves.
#[derive(Debug, Default)]
pub struct Done {
    /// What became of events, by ticket.
    pub results: Vec<(u64, EventResult)>,
    /// What to tell the signer within a second.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Events to start over with, in their order.
    pub again: Vec<Pending>,
    /// Logs whose entries were refused because of their time: [`Times::learn`](super::Times::learn) before starting over.
    pub times: Vec<LogTimes>,
    /// Logs that are still behind the signer: to be probed again.
    pub behind: Vec<LogName>,
    /// Logs that the signer passed over: to be sent each in a call of its own. Nothing was decided about their events.
    pub passed_over: Vec<LogName>,
}

impl Writes {
    /// What to report to the signer before COMMIT, and only after a statement on the same transaction has shown that the
    /// locks were held all the time.
    pub fn rollbacks(&self) -> &[Rollback] {
        &self.rollbacks
    }

    /// Rows to insert.
    pub fn rows(&self) -> &[NewRow] {
        &self.rows
    }

    /// Logs to update.
    pub fn logs(&self) -> &[LogUpdate] {
        &self.logs
    }

    /// What follows once COMMIT has answered.
    pub fn committed(self) -> Done {
        self.done
    }
}

impl Built {
    /// Goes on with the signer's answers to [`Built::segments`], in their order.
    pub fn answered(self, answers: Vec<SegmentAnswer>) -> Result<Writes, AppendError> {
        if answers.len() != self.segments().len() {
            return Err(AppendError::Answers);
        }
        let mut answers = answers.into_iter();
        let mut writes =
            Writes { done: Done { results: self.results, again: self.again, ..Done::default() }, ..Writes::default() };
        for log in self.logs {
            if let Some(index) = log.work.suppressed {
                writes.report(&log, AlarmKind::Suppressed, index);
                writes.quarantine(log, QuarantineReason::Suppressed);
            } else if log.asked {
                let answer = answers.next().ok_or(AppendError::Answers)?;
                writes.answer(log, answer);
            }
        }
        Ok(writes)
    }
}

impl Writes {
    fn answer(&mut self, log: BuiltLog, answer: SegmentAnswer) {
        let reason = match answer.outcome {
            SealOutcome::Sealed => return self.sealed(log, answer),
            SealOutcome::Malformed => return self.malformed(log),
            SealOutcome::Time => return self.again_later(log, answer),
            SealOutcome::PassedOver => return self.done.passed_over.push(log.work.log),
            SealOutcome::Behind => {
                self.report_rollback(&log, answer.acknowledged);
                return self.catch_up(log, answer);
            }
            SealOutcome::Stale => {
                self.report_rollback(&log, answer.acknowledged);
                QuarantineReason::Stale
            }
            SealOutcome::Ahead => QuarantineReason::Ahead,
            SealOutcome::Forked => QuarantineReason::Forked,
        };
        self.quarantine(log, reason);
    }

    /// The log's row is locked, so nobody commits below us: an acknowledged mark above our size is a rollback.
    fn report_rollback(&mut self, log: &BuiltLog, acknowledged: u64) {
        if acknowledged > log.work.row.size {
            self.report(log, AlarmKind::RolledBack, log.work.row.size);
        }
    }

    fn report(&mut self, log: &BuiltLog, kind: AlarmKind, size: u64) {
        self.rollbacks.push(Rollback { log: log.work.log.clone(), kind, size });
    }

    fn quarantine(&mut self, log: BuiltLog, reason: QuarantineReason) {
        let row = log.work.row;
        self.done.results.extend(log.events.into_iter().map(|event| (event.ticket, EventResult::Quarantined)));
        if !row.quarantined {
            self.logs.push(LogUpdate {
                log_id: row.log_id,
                size: row.size,
                head: row.head,
                last_logged_ns: None,
                snapshot: None,
                quarantine: Quarantine::Begin(reason),
            });
        }
    }

    fn sealed(&mut self, log: BuiltLog, answer: SegmentAnswer) {
        let row = &log.work.row;
        let size = row.size.saturating_add(count(log.entries.len()));
        let fits = answer.size == size && answer.head == log.head && answer.macs.len() == log.entries.len();
        if !fits {
            return self.quarantine(log, QuarantineReason::SignerAnswer);
        }
        for (index, ((entry, mac), pending)) in
            (row.size..).zip(log.entries.into_iter().zip(answer.macs).zip(&log.events))
        {
            self.rows.push(NewRow { log_id: row.log_id, index, entry, mac });
            self.done.results.push((pending.ticket, EventResult::Receipt { index }));
        }
        let update = LogUpdate {
            log_id: row.log_id,
            size,
            head: log.head,
            last_logged_ns: (size > row.size).then_some(log.logged_ns),
            snapshot: Some(answer.snapshot),
            quarantine: if row.quarantined { Quarantine::End } else { Quarantine::Keep },
        };
        // A probe is acknowledged too: it shows that rows and signer agree.
        self.acknowledge(&log.work.log, &update, answer.alarms_raised);
        if size > row.size || row.quarantined {
            self.logs.push(update);
        }
    }

    /// The times were wrong, and nothing else: the events are built anew with those of the answer.
    fn again_later(&mut self, log: BuiltLog, answer: SegmentAnswer) {
        if log.entries.is_empty() {
            return self.quarantine(log, QuarantineReason::SignerAnswer);
        }
        self.done.times.push(LogTimes { log: log.work.log, answer });
        self.done.again.extend(log.events);
    }

    fn acknowledge(&mut self, log: &LogName, update: &LogUpdate, alarms_raised: u64) {
        let (size, head) = (update.size, update.head);
        let acknowledgement = Acknowledgement { log: log.clone(), size, head, alarms_raised: Some(alarms_raised) };
        self.done.acknowledgements.push(acknowledgement);
    }

    /// An event that is refused by itself is refused for ever; several are tried one by one.
    fn malformed(&mut self, log: BuiltLog) {
        if log.entries.is_empty() {
            return self.quarantine(log, QuarantineReason::SignerAnswer);
        }
        let alone = log.events.len() == 1;
        for mut pending in log.events {
            if alone {
                self.done.results.push((pending.ticket, EventResult::Refused(Refusal::Entry)));
            } else {
                pending.alone = true;
                self.done.again.push(pending);
            }
        }
    }

    /// Takes what the signer has beyond our end, and nothing new: the events start over.
    fn catch_up(&mut self, log: BuiltLog, answer: SegmentAnswer) {
        let row = &log.work.row;
        let mut update = LogUpdate {
            log_id: row.log_id,
            size: row.size,
            head: row.head,
            last_logged_ns: None,
            snapshot: None,
            quarantine: Quarantine::Keep,
        };
        let mut rows = Vec::new();
        let mut segments = answer.behind.into_iter().peekable();
        // Where entries were lost, the log has no snapshot until something follows them: it waits before them.
        let mut before_losses = None;
        let complete = loop {
            let covering = answer.losses.iter().filter(|loss| loss.contains(update.size));
            if let Some(loss) = covering.max_by_key(|loss| loss.end()) {
                before_losses.get_or_insert((update.size, update.head));
                (update.size, update.head) = (loss.end(), loss.head);
            } else if let Some(segment) = segments.next_if(|segment| segment.first_index == update.size) {
                before_losses = None;
                if take(&segment, &mut update, &mut rows).is_none() {
                    break false;
                }
            } else {
                break segments.peek().is_none();
            }
        };
        let at_end = update.size == answer.size && update.head == answer.head;
        if let Some((size, head)) = before_losses.filter(|_| !at_end) {
            (update.size, update.head) = (size, head);
        }
        // What is kept may end before the log does: the next probe, from there, learns it.
        let on_the_way = update.size < answer.size && (answer.more || update.size > row.size);
        if !complete || !(at_end || on_the_way) {
            return self.quarantine(log, QuarantineReason::SignerAnswer);
        }
        let caught_up = at_end && !answer.more;
        if caught_up {
            update.last_logged_ns = Some(answer.last_logged_ns);
            update.snapshot = Some(answer.snapshot);
        }
        // A report is an alarm that comes after this answer: one more probe shows that rows and signer agree again.
        if !caught_up || answer.acknowledged > row.size {
            self.done.behind.push(log.work.log.clone());
        }
        if caught_up && row.quarantined {
            update.quarantine = Quarantine::End;
        }
        if update.size > row.size {
            self.acknowledge(&log.work.log, &update, answer.alarms_raised);
            self.rows.append(&mut rows);
            self.logs.push(update);
        }
        self.done.again.extend(log.events);
    }
}

/// Takes a stored segment at the end of the log. `None` if it does not continue it.
fn take(segment: &StoredSegment, update: &mut LogUpdate, rows: &mut Vec<NewRow>) -> Option<()> {
    let last_logged_ns = update.last_logged_ns.unwrap_or(i64::MIN);
    let start = Start { log_id: update.log_id, index: segment.first_index, head: update.head, last_logged_ns };
    let links = walk(start, &segment.entries).ok()?;
    let last = links.last()?;
    if last.head != segment.head || segment.macs.len() != segment.entries.len() {
        return None;
    }
    for ((entry, mac), link) in segment.entries.iter().zip(&segment.macs).zip(&links) {
        rows.push(NewRow { log_id: update.log_id, index: link.index, entry: entry.clone(), mac: *mac });
    }
    (update.size, update.head) = (segment.end(), last.head);
    update.last_logged_ns = Some(last.logged_ns);
    update.snapshot = Some(segment.snapshot.clone());
    Some(())
}
