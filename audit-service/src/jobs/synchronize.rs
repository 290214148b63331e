//! Holds all logs against all heads of the signer: acknowledges what is committed, catches up what lags. At the start
//! until it has succeeded once, so that a restored database is noticed before anybody asks; then now and then, for what a
//! replica left that ended.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use names::LogName;
use service::Shutdown;
use tlog::append::sync::{Committed, Listed, sync};

use super::{Work, pause};
use crate::append::{Probed, TransactionError};
use crate::signer::{ListedHead, SignerError, all_heads};
use crate::store::StoreError;
use crate::store::logs::{self, ListedLog};

/// Pause before another try at the start.
const RETRY: Duration = Duration::from_millis(500);
/// Logs read or probed at once.
const PAGE: i64 = 1_000;
const PROBES: usize = 16;
/// Logs in a row without an answer after which the rest is left for later.
const MAX_SILENT: usize = 3;

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("logs could not be read")]
    Store(#[from] StoreError),
    #[error("heads could not be read")]
    Signer(#[from] SignerError),
    #[error("logs could not be probed")]
    Probe(#[from] TransactionError),
}

pub(super) async fn run(work: Work, shutdown: Shutdown) {
    let mut said = false;
    let mut stopped = None;
    loop {
        let again = match once(&work, &mut stopped).await {
            Ok(()) => {
                said = false;
                work.pace.synchronize
            }
            Err(error) => {
                if !said {
                    tracing::info!(error = service::chain(&error), "waiting to hold the logs against the signer");
                }
                said = true;
                RETRY
            }
        };
        if !pause(again, &shutdown).await {
            return;
        }
    }
}

/// `stopped`: the log where the round before gave up, behind which this one begins to probe.
async fn once(work: &Work, stopped: &mut Option<LogName>) -> Result<(), Error> {
    // The heads first: a log that goes on in between is then ahead of its head, which is harmless.
    let listed = all_heads(work.signer.as_ref()).await?.heads;
    let committed = committed(work).await?;
    let head = |head: &ListedHead| Listed {
        at: Committed { log: head.log.clone(), size: head.size, head: head.head },
        has_open_alarms: head.has_open_alarms,
    };
    let heads: Vec<Listed> = listed.iter().map(head).collect();
    let mut plan = sync(&committed, &heads);
    let settled: HashMap<&LogName, u64> = listed.iter().map(|head| (&head.log, head.acknowledged)).collect();
    plan.acknowledgements.retain(|one| settled.get(&one.log).is_none_or(|size| *size < one.size));
    // What was committed is said whatever becomes of a log that cannot be probed.
    work.acknowledgements.add(plan.acknowledgements);
    work.acknowledgements.send(work.signer.as_ref()).await?;
    let mut logs = plan.probe;
    logs.sort_unstable();
    let first = stopped.take().map_or(0, |stopped| logs.partition_point(|log| *log <= stopped));
    logs.rotate_left(first);
    probe_all(work, logs, stopped).await
}

async fn committed(work: &Work) -> Result<Vec<Committed>, StoreError> {
    let mut committed = Vec::new();
    let mut after = String::new();
    loop {
        let from = after.as_str();
        let page =
            work.db.run_one("log_list", |conn| Box::pin(async move { logs::log_list(conn, from, PAGE).await })).await?;
        let Some(last) = page.last() else { return Ok(committed) };
        after = last.key();
        for ListedLog { name, row } in page {
            let log = name.parse::<LogName>();
            match (log, row) {
                (Ok(log), Some(row)) if tlog::log_id(&log) == row.log_id => {
                    committed.push(Committed { log, size: row.size, head: row.head });
                }
                _ => tracing::error!(name, "a log's row has another name or cannot be read: somebody changed it"),
            }
        }
    }
}

/// Probes logs until none lags, a few at a time, one after the other where they fail together. A log that catches up for long
/// waits for its turn again and again, and one that fails for a reason of its own is passed over. An error means that
/// the signer or the database is away: several logs in a row had no answer, of which `stopped` is the last.
async fn probe_all(work: &Work, logs: Vec<LogName>, stopped: &mut Option<LogName>) -> Result<(), Error> {
    let mut waiting: VecDeque<LogName> = logs.into();
    let mut silent = 0;
    while !waiting.is_empty() {
        let logs: Vec<LogName> = waiting.drain(..waiting.len().min(PROBES)).collect();
        let one_by_one = match work.batches.probe(&logs).await {
            Ok(Probed { behind, passed_over }) => {
                waiting.extend(behind);
                passed_over
            }
            Err(_) => logs,
        };
        for log in one_by_one {
            match work.batches.probe(std::slice::from_ref(&log)).await {
                Ok(probed) => {
                    waiting.extend(probed.behind);
                    silent = 0;
                }
                Err(error) => {
                    silent = if error.is_away() { silent + 1 } else { 0 };
                    if silent >= MAX_SILENT {
                        *stopped = Some(log);
                        return Err(error.into());
                    }
                    tracing::warn!(%log, error = service::chain(&error), "a log could not be held against the signer");
                }
            }
        }
    }
    Ok(())
}
