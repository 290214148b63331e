//! The entries of a log that match a filter: each filter is served by an index that yields its entries in the order of
//! the log, so that a page costs the same however long the log is.
//!
//! Which index that is, is not left to the planner: it knows nothing of the values when it plans, and where it takes them
//! for frequent it prefers to walk the log. So a statement has one condition, a range of (column, `entry_index`), asks for
//! that very order, which no other index has, and says in the SELECT list whether a row matches. Of several columns
//! the one that is expected to match the fewest entries is served.
//!
//! Indexes over texts hold 64-bit hashes of them: half as large, cheaper to insert into, and no matter how long the texts
//! are. So the text itself is compared as well.

use std::ops::Range;

use db::types::ToSql;
use db::{Executor, Statement, statement};
use names::{EventId, LogId};
use uuid::Uuid;

use super::entries::LoneEntry;
use super::micros::Micros;
use super::rows::{self, Shown, TABLE, select_list};
use super::{StoreError, column, to_bigint};

/// The outcome of an operation that was done. Nearly all entries have it, so it has no index.
const OUTCOME_OK: i16 = 1;

/// Which entries of a log to list; what is set must match exactly.
#[derive(Clone, Debug, Default)]
pub(crate) struct EntryFilter {
    /// Column `action`.
    pub(crate) action: Option<String>,
    /// Column `actor`.
    pub(crate) actor: Option<String>,
    /// Column `resource`.
    pub(crate) resource: Option<String>,
    /// Column `outcome`.
    pub(crate) outcome: Option<i16>,
    /// Column `event_id`.
    pub(crate) event_id: Option<EventId>,
    /// Logged at or after, microseconds since 1970. Not looked at here: see [`entry_index_at`].
    pub(crate) start_us: Option<i64>,
    /// Logged before, microseconds since 1970. Not looked at here: see [`entry_index_at`].
    pub(crate) end_us: Option<i64>,
}

/// A column and the value that it must have.
#[derive(Clone, Copy, Debug)]
enum Term<'a> {
    EventId(Uuid),
    Resource(&'a str),
    Outcome(i16),
    Actor(&'a str),
    Action(&'a str),
}

impl Term<'_> {
    fn column(&self) -> &'static str {
        match self {
            Self::EventId(_) => "event_id",
            Self::Resource(_) => "resource",
            Self::Outcome(_) => "outcome",
            Self::Actor(_) => "actor",
            Self::Action(_) => "action",
        }
    }

    fn value(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::EventId(value) => value,
            Self::Outcome(value) => value,
            Self::Resource(value) | Self::Actor(value) | Self::Action(value) => value,
        }
    }
}

/// How the entries of a filter are found.
#[derive(Clone, Debug)]
struct Search<'a> {
    /// The column whose index yields them; `None`: the log itself.
    served: Option<Term<'a>>,
    /// What rows that the index yields must have besides.
    rest: Vec<Term<'a>>,
}

impl<'a> Search<'a> {
    /// Takes the columns in the order of how few entries they are expected to match: a refusal is rarer than a call of
    /// one caller, and that rarer than one kind of call.
    fn new(filter: &'a EntryFilter) -> Self {
        let (done, not_done) = match filter.outcome {
            Some(OUTCOME_OK) => (filter.outcome, None),
            outcome => (None, outcome),
        };
        let mut indexed = [
            filter.event_id.map(|id| Term::EventId(id.as_uuid())),
            filter.resource.as_deref().map(Term::Resource),
            not_done.map(Term::Outcome),
            filter.actor.as_deref().map(Term::Actor),
            filter.action.as_deref().map(Term::Action),
        ]
        .into_iter()
        .flatten();
        let served = indexed.next();
        Self { served, rest: indexed.chain(done.map(Term::Outcome)).collect() }
    }

    /// Rows to read where so many entries are wanted: more where not every row matches.
    fn limit(&self, wanted: usize) -> i64 {
        let one_by_one = self.rest.is_empty() && !matches!(self.served, Some(Term::EventId(_)));
        let rows = if one_by_one { wanted.min(MAX_READ) } else { MAX_LOOKED_AT };
        i64::try_from(rows).unwrap_or(i64::MAX)
    }

    /// The statement. Its parameters are log id, first index, end (exclusive), limit, then the values.
    fn statement(&self) -> Statement {
        let ServedBy { range, order } = self.served_by();
        let conditions = self.conditions();
        let columns = select_list(Shown::Where(&conditions));
        let sql = format!(
            "SELECT {columns}\nFROM entries\n\
             WHERE log_id = $1 /* log_id */ AND {range}\nORDER BY {order} LIMIT $4 /* limit */"
        );
        Statement::built("entry_list", &sql)
    }

    fn served_by(&self) -> ServedBy {
        let Some(term) = &self.served else {
            return ServedBy {
                range: "entry_index >= $2 /* from */ AND entry_index < $3 /* end */".to_owned(),
                order: "entry_index".to_owned(),
            };
        };
        let column = term.column();
        let entries_of = |indexed: &str, value: &str| ServedBy {
            range: format!(
                "({indexed}, entry_index) >= ({value}, $2 /* from */) AND ({indexed}, entry_index) < ({value}, $3 /* end */)"
            ),
            order: format!("{indexed}, entry_index"),
        };
        match term {
            Term::EventId(_) => ServedBy {
                range: "(event_id, producer) >= ($5 /* event_id */, '') AND event_id <= $5".to_owned(),
                order: "event_id, producer".to_owned(),
            },
            Term::Outcome(_) => {
                let served = entries_of(column, "$5 /* outcome */");
                ServedBy { range: format!("outcome <> {OUTCOME_OK} AND {}", served.range), ..served }
            }
            Term::Resource(_) | Term::Actor(_) | Term::Action(_) => entries_of(
                &format!("pg_catalog.hashtextextended({column}, 0::bigint)"),
                &format!("pg_catalog.hashtextextended($5 /* {column} */, 0::bigint)"),
            ),
        }
    }

    /// What a row of the index must have to match.
    fn conditions(&self) -> String {
        let terms = (5..).zip(self.served.iter().chain(&self.rest));
        let mut conditions: Vec<String> =
            terms.map(|(number, term)| format!("{} = ${number}", term.column())).collect();
        // Not part of the index's range there, and never wrong elsewhere.
        conditions.push("entry_index >= $2 AND entry_index < $3".to_owned());
        conditions.join(" AND ")
    }
}

/// The part of an index that a statement reads, and its order.
#[derive(Debug)]
struct ServedBy {
    range: String,
    order: String,
}

/// Most entries that one statement reads, of at most 48 KiB each.
const MAX_READ: usize = 128;

/// Most rows that one statement looks at for those that match.
const MAX_LOOKED_AT: usize = 256;

/// What a statement found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The entries that match, in the order of their indices.
    pub(crate) entries: Vec<LoneEntry>,
    /// Where to go on looking; `None` at the end of the range.
    pub(crate) next: Option<u64>,
}

/// Reads entries of a log that match, those with the lowest indices of `range`: at most `wanted` or, where several columns
/// must match, those among the next few hundred that one of them yields.
pub(crate) async fn entry_list(
    db: &impl Executor,
    log: LogId,
    range: Range<u64>,
    filter: &EntryFilter,
    wanted: usize,
) -> Result<Found, StoreError> {
    let search = Search::new(filter);
    let limit = search.limit(wanted);
    let (log_id, from, end) = (log.as_uuid(), to_bigint(range.start)?, to_bigint(range.end)?);
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&log_id, &from, &end, &limit];
    params.extend(search.served.iter().chain(&search.rest).map(Term::value));
    let found = db.query(&search.statement(), &params).await?;
    let last = match search.served {
        // Each producer has one entry at most, so these are all, though not in the order of the log.
        Some(Term::EventId(_)) => None,
        _ if i64::try_from(found.len()) != Ok(limit) => None,
        _ => found.last().map(rows::entry_index).transpose()?,
    };
    let shown = found.iter().filter(|row| !rows::is_hidden(row));
    let mut entries = shown.map(|row| LoneEntry::from_row(log, row)).collect::<Result<Vec<_>, _>>()?;
    entries.sort_unstable_by_key(|entry| entry.index);
    Ok(Found { entries, next: last.map(|last| last.saturating_add(1)) })
}

const INDEX_AT: Statement = statement!(
    "entry_index_at",
    "WITH RECURSIVE halving (low, high) AS (
    SELECT 0::bigint, $2::bigint /* size */
    UNION ALL
    SELECT CASE WHEN next.logged_at < $3 /* time */ THEN next.entry_index + 1 ELSE low END,
           CASE WHEN next.logged_at < $3 THEN high ELSE middle END
    FROM halving CROSS JOIN LATERAL (SELECT low + (high - low) / 2 AS middle) AS m
    LEFT JOIN LATERAL (
        SELECT entry_index, logged_at FROM entries
        WHERE log_id = $1 /* log_id */ AND entry_index >= middle AND entry_index < high ORDER BY entry_index LIMIT 1
    ) AS next ON true
    WHERE low < high
)
SELECT low AS index FROM halving WHERE low >= high LIMIT 1"
);

/// An index in `0..=size` that parts the entries of a log by a time (microseconds since 1970): those before it were logged
/// earlier, those from it on at that time or later.
///
/// Log time never goes back within a log, so it is found by halving. Each step looks at the next entry that is there:
/// entries that are missing, whatever the reason, hide no others.
pub(crate) async fn entry_index_at(db: &impl Executor, log: LogId, size: u64, time_us: i64) -> Result<u64, StoreError> {
    let row = db.query_one(&INDEX_AT, &[&log.as_uuid(), &to_bigint(size)?, &Micros(time_us)]).await?;
    let index: i64 = column(&row, TABLE, "index")?;
    u64::try_from(index).map_err(|_negative| StoreError::Range)
}

#[cfg(test)]
mod tests;
