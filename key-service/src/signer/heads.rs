//! What the signer knows of logs, and checking its MACs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::slice::from_ref;

use db::Tx;
use names::LogName;
use rpc::Granted;
use tlog::mac::ReadyMacKeyring;
use tlog::protocol::{Alarm, AlarmKind, Loss, MAX_BEHIND_BYTES, SignerView};
use tlog::signer::{Clock, HeadMacs, LogState, MacsChecked, page, verify_macs};

use super::marks::{alarms_of, losses_of};
use super::seen::Marks;
use super::{Signer, consistent};
use crate::error::Error;
use crate::permissions::{HeadsGet, HeadsList as HeadsListPermission, MacsVerify, check_granted};
use crate::store::signer_heads::StoredHead;
use crate::store::signer_marks::ByLog;

/// Alarms of a log that an answer carries, those not counted that say where rows must lead.
const MAX_ALARMS: usize = 100;
/// MACs that are checked before other calls get their turn.
const MACS_AT_ONCE: usize = 1024;

/// What the signer knows of one log.
#[derive(Debug)]
pub struct HeadView {
    /// The log.
    pub log: LogName,
    /// What is known of it.
    pub view: SignerView,
}

/// A page of logs.
#[derive(Debug)]
pub struct HeadsList {
    /// The logs, in the order of their names; without a view where what is kept of a log cannot be used.
    pub heads: Vec<(LogName, Option<SignerView>)>,
    /// The signer's clock.
    pub clock: Clock,
}

/// Losses and alarms of the logs of an answer.
struct Marked {
    losses: ByLog<Loss>,
    alarms: ByLog<Alarm>,
}

impl Signer {
    /// What the signer knows of a log, with the segments that are not acknowledged: about 2 MiB of them.
    pub async fn get_head(&self, granted: &Granted<HeadsGet>, log: &LogName) -> Result<HeadView, Error> {
        check_granted(from_ref(granted), [log])?;
        self.head_of(log).await
    }

    pub(super) async fn head_of(&self, log: &LogName) -> Result<HeadView, Error> {
        let id = tlog::log_id(log);
        let max_bytes = i64::try_from(MAX_BEHIND_BYTES).unwrap_or(i64::MAX);
        let marks = &self.seen.marks_of(&[id]);
        self.core
            .store
            .db()
            .run_snapshot("head_get", |tx| {
                Box::pin(async move {
                    let (mut views, _) = self.views(tx, from_ref(log), marks).await?;
                    let view = views.pop().unwrap_or(Ok(None))?;
                    let mut view = view.ok_or_else(|| Error::LogNotFound(log.clone()))?;
                    let mark = view.acknowledged;
                    let stored = self.core.store.signer_segments_from(tx, id, mark, max_bytes).await?;
                    let mut budget = MAX_BEHIND_BYTES;
                    view.unacknowledged = page(mark, stored, &view.losses, &mut budget).segments;
                    Ok(HeadView { log: log.clone(), view })
                })
            })
            .await
    }

    /// What the signer knows of at most `limit` logs, in the order of their names, after `after`. One that cannot be used
    /// hides no other.
    pub async fn list_heads(
        &self,
        granted: &Granted<HeadsListPermission>,
        after: &str,
        limit: i64,
    ) -> Result<HeadsList, Error> {
        check_granted(from_ref(granted), ["logs"])?;
        let marks = &self.seen.marks_after(after, usize::try_from(limit).unwrap_or(usize::MAX));
        self.core
            .store
            .db()
            .run_snapshot("head_list", |tx| {
                Box::pin(async move {
                    let named = self.core.store.signer_log_names(tx, after, limit).await?;
                    let logs = with_seen(named, marks, after, limit);
                    let (views, clock) = self.views(tx, &logs, marks).await?;
                    let mut heads = Vec::with_capacity(logs.len());
                    for (log, view) in logs.into_iter().zip(views) {
                        match view {
                            Ok(Some(view)) => heads.push((log, Some(view))),
                            // Named by an alarm that is another log's by its id.
                            Ok(None) => heads.push((log, None)),
                            Err(error) => {
                                error.report();
                                heads.push((log, None));
                            }
                        }
                    }
                    Ok(HeadsList { heads, clock })
                })
            })
            .await
    }

    /// Checks MACs. A version of the key that is not held may have been made a moment ago by another replica: the key is
    /// loaded again before anything is said of it.
    pub async fn verify_macs(&self, granted: &Granted<MacsVerify>, asked: HeadMacs<'_>) -> Result<MacsChecked, Error> {
        check_granted(from_ref(granted), [asked.log])?;
        asked.check().map_err(Error::VerifyMacs)?;
        let checked = checked(&self.mac_keyring().await?.ready(), asked).await?;
        if checked.unknown.is_empty() {
            return Ok(checked);
        }
        self::checked(&self.mac_keyring_now().await?.ready(), asked).await
    }

    /// What is known of logs, in their order, without segments; `None` where that is nothing. `marks` is what was seen
    /// before the snapshot was opened.
    async fn views(
        &self,
        tx: &Tx<'_>,
        logs: &[LogName],
        marks: &Marks,
    ) -> Result<(Vec<Result<Option<SignerView>, Error>>, Clock), Error> {
        let ids: Vec<_> = logs.iter().map(tlog::log_id).collect();
        let stored = self.core.store.signer_heads_fetch(tx, &ids).await?;
        let mut heads: HashMap<_, _> = stored.heads.into_iter().collect();
        let losses = self.core.store.signer_losses_fetch(tx, &ids).await?;
        let mut marked = Marked { losses, alarms: self.core.store.signer_alarms_fetch(tx, &ids).await? };
        let has_unknown = ids.iter().any(|id| !heads.contains_key(id) && marked.alarms.contains_key(id));
        // They are counted together.
        let unknown = if has_unknown { self.unknown_alarms(tx).await.err() } else { None };
        if let Some(error) = &unknown {
            error.report();
        }
        let views = logs.iter().zip(ids).map(|(log, id)| match heads.remove(&id) {
            Some(stored) => {
                stored.map_err(Error::from).and_then(|stored| self.view(stored, &mut marked, marks)).map(Some)
            }
            None if marks.has(id) => Err(Error::SignerSetBack(log.clone())),
            None => match marked.alarms.remove(&id) {
                None => Ok(None),
                Some(_) if unknown.is_some() => Err(Error::SignerUnknownMarks),
                Some(alarms) => Ok(Some(view(&LogState::empty(log), Vec::new(), alarms?))),
            },
        });
        Ok((views.collect(), stored.clock))
    }

    fn view(&self, stored: StoredHead, marked: &mut Marked, marks: &Marks) -> Result<SignerView, Error> {
        let (log, id) = (stored.log.clone(), tlog::log_id(&stored.log));
        if !marks.allow(id, &stored.state) {
            return Err(Error::SignerSetBack(log));
        }
        let state = consistent(stored)?.state;
        let losses = losses_of(&log, &state, &mut marked.losses)?;
        let alarms = alarms_of(&log, &state, &mut marked.alarms)?;
        self.seen.note(&log, &state);
        Ok(view(&state, losses, alarms))
    }
}

/// A page of names with those of logs that were seen: one whose row is gone is shown too.
fn with_seen(named: Vec<LogName>, marks: &Marks, after: &str, limit: i64) -> Vec<LogName> {
    let all = named.into_iter().chain(marks.logs().into_values());
    let named = all.map(|log| (log.to_string(), log)).filter(|(name, _)| name.as_str() > after);
    let sorted: BTreeMap<String, LogName> = named.collect();
    sorted.into_values().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

fn view(state: &LogState, losses: Vec<Loss>, mut alarms: Vec<Alarm>) -> SignerView {
    let alarms_in_all = u64::try_from(alarms.len()).unwrap_or(u64::MAX);
    // Rows must lead where ADVANCED says, also when it is closed; and what is open must be seen however much was closed since.
    let advanced = |alarm: &Alarm| alarm.kind == AlarmKind::Advanced;
    alarms.sort_by_key(|alarm| (!advanced(alarm), !alarm.is_open(), Reverse(alarm.raised_ns), Reverse(alarm.id)));
    let listed = alarms.iter().filter(|alarm| advanced(alarm)).count() + MAX_ALARMS;
    let unlisted_last_index = alarms.iter().skip(listed).map(|alarm| alarm.last_index).max();
    alarms.truncate(listed);
    SignerView {
        size: state.size(),
        head: state.head,
        acknowledged: state.acknowledged,
        root: state.range.root(),
        last_logged_ns: state.last_logged_ns,
        macs_digest: state.macs_digest,
        alarms,
        alarms_in_all,
        unlisted_last_index,
        losses,
        unacknowledged: Vec::new(),
    }
}

async fn checked(keys: &ReadyMacKeyring, asked: HeadMacs<'_>) -> Result<MacsChecked, Error> {
    let mut all = MacsChecked::default();
    for part in asked.parts(MACS_AT_ONCE) {
        let one = verify_macs(keys, part).map_err(Error::VerifyMacs)?;
        all.wrong.extend(one.wrong);
        all.unknown.extend(one.unknown);
        tokio::task::yield_now().await;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tlog::protocol::Closing;
    use uuid::Uuid;

    fn closed(kind: AlarmKind, index: u64) -> Alarm {
        Alarm {
            id: Uuid::from_u128(index.into()),
            kind,
            first_index: index,
            last_index: index,
            detail: String::new(),
            head: None,
            raised_ns: i64::try_from(index).unwrap(),
            closing: Some(Closing { closed_ns: 1000, reference: "INC-1".to_owned() }),
        }
    }

    #[test]
    fn however_many_alarms_there_are_those_that_say_where_rows_lead_are_listed_and_those_that_are_not_have_an_end() {
        let state = LogState::empty(&"logs/acme".parse().unwrap());
        let listed = |alarms: &[Alarm]| {
            let view = view(&state, Vec::new(), alarms.to_vec());
            (view.alarms[0].kind.clone(), view.alarms.len(), view.alarms_in_all, view.unlisted_last_index)
        };
        let mut alarms = vec![closed(AlarmKind::Advanced, 1)];
        alarms.extend((2..=101).map(|index| closed(AlarmKind::Ahead, index)));
        assert_eq!(listed(&alarms), (AlarmKind::Advanced, 101, 101, None));
        alarms.extend((102..=140).map(|index| closed(AlarmKind::Ahead, index)));
        assert_eq!(listed(&alarms), (AlarmKind::Advanced, 101, 140, Some(40)));
        alarms[1].last_index = 77;
        assert_eq!(listed(&alarms), (AlarmKind::Advanced, 101, 140, Some(77)), "not the newest has the greatest index");
    }
}
