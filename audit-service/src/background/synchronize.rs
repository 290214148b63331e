//! Holds all logs against all heads of the signer: acknowledges what is committed, catches up what lags. At the start
//! until it has succeeded once, so that a restored database is noticed before anybody asks; then now and then, for what a
//! replica left that ended.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use db::Db;
use names::LogName;
use service::Shutdown;
use tlog::append::sync::{Committed, Listed, sync};
use tokio::time::sleep;

use super::work::Work;
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
        let again = match once(&work, &mut stopped, &shutdown).await {
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
        if shutdown.run_until_cancelled(sleep(again)).await.is_none() {
            return;
        }
    }
}

/// `stopped`: the log where the round before gave up, behind which this one begins to probe.
async fn once(work: &Work, stopped: &mut Option<LogName>, shutdown: &Shutdown) -> Result<(), Error> {
    // The heads first: a log that goes on in between is then ahead of its head, which is harmless.
    let listed = all_heads(work.signer.as_ref()).await?.heads;
    let committed = committed(&work.db, shutdown).await?;
    if shutdown.is_cancelled() {
        return Ok(());
    }
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
    probe_all(work, logs, stopped, shutdown).await
}

/// All logs of the database, or those that were read before the shutdown.
async fn committed(db: &Db, shutdown: &Shutdown) -> Result<Vec<Committed>, StoreError> {
    let mut committed = Vec::new();
    let mut after = String::new();
    while !shutdown.is_cancelled() {
        let from = after.as_str();
        let page = logs::log_list(db, from, PAGE).await?;
        let Some(last) = page.last() else { break };
        let goes_on = last.name > after;
        after.clone_from(&last.name);
        for ListedLog { name, row } in page {
            let log = name.parse::<LogName>();
            match (log, row) {
                (Ok(log), Some(row)) if tlog::log_id(&log) == row.log_id => {
                    committed.push(Committed { log, size: row.size, head: row.head });
                }
                _ => tracing::error!(name, "a log's row has another name or cannot be read: somebody changed it"),
            }
        }
        if !goes_on {
            tracing::error!("logs are not in the order of their names: somebody changed the table");
            break;
        }
    }
    Ok(committed)
}

/// Probes logs until none lags, a few at a time, one after the other where they fail together. A log that catches up for long
/// waits for its turn again and again, and one that fails for a reason of its own is passed over. An error means that
/// the signer or the database is away: several logs in a row had no answer, of which `stopped` is the last.
async fn probe_all(
    work: &Work,
    logs: Vec<LogName>,
    stopped: &mut Option<LogName>,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    let mut waiting: VecDeque<LogName> = logs.into();
    let mut silent = 0;
    while !waiting.is_empty() && !shutdown.is_cancelled() {
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

#[cfg(test)]
mod tests {
    use test_support::postgres::{Cluster, TestDatabase};

    use super::*;
    use crate::MIGRATIONS;

    /// A database with the rows of two logs.
    async fn two_logs() -> TestDatabase<'static> {
        let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
        let db = &database.connect().unwrap();
        for name in ["logs/acme", "logs/umbrella"] {
            let name = &name.parse().unwrap();
            logs::log_insert(db, name).await.unwrap();
        }
        database
    }

    fn names(committed: &[Committed]) -> Vec<String> {
        committed.iter().map(|one| one.log.to_string()).collect()
    }

    #[tokio::test]
    async fn logs_are_read_to_the_end_whatever_a_row_is_called() {
        let database = two_logs().await;
        let long = "ALTER TABLE logs DROP CONSTRAINT logs_name_length;
            INSERT INTO logs (log_id, name, size, head, last_logged_ns) VALUES (gen_random_uuid(),
                repeat('z', 180) || U&'\\+10FFFF' || repeat('z', 100), 0, decode(repeat('00', 32), 'hex'), 0)";
        database.superuser().await.unwrap().batch_execute(long).await.unwrap();
        let (db, shutdown) = (database.connect().unwrap(), Shutdown::new());
        let read = tokio::time::timeout(Duration::from_secs(10), committed(&db, &shutdown)).await;
        assert_eq!(names(&read.expect("it does not end").unwrap()), ["logs/acme", "logs/umbrella"]);
    }

    #[tokio::test]
    async fn no_more_logs_are_read_after_the_shutdown() {
        let database = two_logs().await;
        let (db, shutdown) = (database.connect().unwrap(), Shutdown::new());
        assert_eq!(committed(&db, &shutdown).await.unwrap().len(), 2);
        shutdown.cancel();
        assert_eq!(committed(&db, &shutdown).await.unwrap(), []);
    }
}
