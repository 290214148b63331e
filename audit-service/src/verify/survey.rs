//! All logs that the signer or the database know, and rows that belong to none of them.

use std::collections::BTreeMap;

use db::Db;
use names::{LogId, LogName};

use crate::error::Error;
use crate::signer::{KnownLogs, Signer, all_heads};
use crate::store::{entries, logs};

/// What there is to verify.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    /// Logs by name.
    pub(crate) logs: Vec<LogName>,
    /// What is in the database and can be in no log: in words.
    pub(crate) strays: Vec<String>,
    /// Whether the signer was asked: without it, a log may be missing as a whole.
    pub(crate) complete: bool,
}

/// Asks the signer first, then the database.
pub(crate) async fn survey(db: &Db, signer: &dyn Signer) -> Result<Survey, Error> {
    let heads = all_heads(signer).await;
    let complete = heads.is_ok();
    if let Err(error) = &heads {
        tracing::info!(error = service::chain(error), "verifying without the signer");
    }
    let KnownLogs { heads, unusable } = heads.unwrap_or_default();
    // Where the signer cannot use what it keeps of a log, its verification says so.
    let known = heads.into_iter().map(|head| head.log).chain(unusable);
    let mut known: BTreeMap<LogId, LogName> = known.map(|log| (tlog::log_id(&log), log)).collect();
    let mut strays = Vec::new();
    let rows = logs::log_names(db).await?;
    for (id, name) in rows {
        match name.parse::<LogName>() {
            Ok(log) if tlog::log_id(&log) == id => {
                known.insert(id, log);
            }
            // A log that the signer knows is verified under its true name, and its row's name is found to be wrong.
            _ if known.contains_key(&id) => {}
            _ => strays.push(format!("the row of log {id} has a name that is not its own")),
        }
    }
    let ids = entries::entry_logs(db).await?;
    let unknown = ids.into_iter().filter(|id| !known.contains_key(id));
    strays.extend(unknown.map(|id| format!("there are entries of log {id}, which nobody knows")));
    let mut logs: Vec<LogName> = known.into_values().collect();
    logs.sort();
    Ok(Survey { logs, strays, complete })
}
