//! What do we store? Alarms about logs, and ranges that an operator declared lost; both for ever. How many there must be
//! stands with a digest over them in the log's head, and for logs that have none in the one row of `signer_unknown_alarms`.

use std::collections::HashMap;

use clock::Timestamp;
use db::{Executor, Row, Statement, Tx, statement};
use names::{LogId, LogName};
use rows::{Carried, NewRow, NewRows, Table};
use tlog::compact_range::CompactRange;
use tlog::protocol::{Alarm, AlarmKind, Closing, Loss, Tally};
use uuid::Uuid;

use super::{Error, Store, time};

const ALARMS: Table = Table::new("signer_alarms");
const LOSSES: Table = Table::new("signer_losses");
const UNKNOWN: Table = Table::new("signer_unknown_alarms");
/// "strongal": whether a log has a head or not, as far as its alarms are concerned.
const UNKNOWN_LOCK: i64 = 0x7374_726f_6e67_616c;

/// Every column of an alarm, as it is read.
macro_rules! alarm_columns {
    () => {
        rows::columns!("", "";
            fixed "alarm_id", fixed "log_id", text 256 "log_name", text 33 "kind", fixed "first_index", fixed "last_index",
            text 1025 "detail", bytes 33 "head", fixed "raise_time_us", fixed "close_time_us", text 65 "close_reference",
            mac 129 "row_mac")
    };
}

/// Every column of a loss, as it is read.
macro_rules! loss_columns {
    () => {
        rows::columns!("", "";
            fixed "log_id", fixed "first_index", fixed "last_index", bytes 33 "head", bytes 4097 "compact_range",
            bytes 33 "macs_digest", text 65 "reference", fixed "declare_time_us", mac 129 "row_mac")
    };
}

/// Every column of what alarms of logs without a head there are, as it is read.
macro_rules! unknown_columns {
    () => {
        rows::columns!("", ""; fixed "singleton", fixed "alarm_number", bytes 33 "alarm_digest", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: [&str; 3] = [alarm_columns!(), loss_columns!(), unknown_columns!()];

/// Rows of each log; where one of them was altered, none of that log's.
pub type ByLog<T> = HashMap<LogId, Result<Vec<T>, Error>>;

impl Store {
    /// All alarms of each of the logs, in the order of their ids.
    pub async fn signer_alarms_fetch(&self, db: &impl Executor, logs: &[LogId]) -> Result<ByLog<Alarm>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let statement = statement!(
            "signer_alarms_fetch",
            "SELECT ",
            alarm_columns!(),
            "
            FROM signer_alarms WHERE log_id = ANY($1 /* log_ids */) ORDER BY signer_alarms.log_id, signer_alarms.alarm_id"
        );
        by_log(&db.query(&statement, &[&ids]).await?, |row| Ok(self.signer_alarm_from_row(row)?.1))
    }

    /// Writes alarms, new ones and closed ones.
    pub async fn signer_alarms_write(&self, tx: &Tx<'_>, alarms: &[(LogName, Alarm)]) -> Result<(), Error> {
        if alarms.is_empty() {
            return Ok(());
        }
        let stored = self.signer_alarm_rows(tx, alarms).await?;
        let rows = alarms.iter().map(|(log, alarm)| {
            let closing = alarm.closing.as_ref();
            let row = NewRow::of(ALARMS)
                .with("alarm_id", alarm.id)
                .with("log_id", tlog::log_id(log).as_uuid())
                .with("log_name", log.to_string())
                .with("kind", alarm.kind.name())
                .with("first_index", alarm.first_index)
                .with("last_index", alarm.last_index)
                .with("detail", alarm.detail.as_str())
                .with("head", alarm.head.as_ref().map(|head| &head[..]))
                .with("raise_time_us", micros(alarm.raised_ns))
                .with("close_time_us", closing.map(|closing| micros(closing.closed_ns)))
                .with("close_reference", closing.map(|closing| closing.reference.as_str()));
            let row = if let Some(carried) = stored.get(&alarm.id) { row.carrying(carried) } else { row };
            row.authenticated(self.rows())
        });
        let rows = NewRows::of(ALARMS, rows.collect())?;
        let (insert, update) = (rows.insert(1), rows.on_conflict_update(&["alarm_id"]));
        tx.execute(&Statement::built("signer_alarms_write", &format!("{insert}\n{update}")), &rows.params()).await?;
        Ok(())
    }

    /// The rows of those alarms that are stored already.
    async fn signer_alarm_rows(
        &self,
        db: &impl Executor,
        alarms: &[(LogName, Alarm)],
    ) -> Result<HashMap<Uuid, Carried>, Error> {
        let ids: Vec<_> = alarms.iter().map(|(_, alarm)| alarm.id).collect();
        let statement = statement!(
            "signer_alarm_rows",
            "SELECT ",
            alarm_columns!(),
            "
            FROM signer_alarms WHERE alarm_id = ANY($1 /* alarm_ids */)"
        );
        let mut stored = HashMap::new();
        for row in db.query(&statement, &[&ids]).await? {
            let row = self.rows().check(ALARMS, &row)?;
            stored.insert(row.get("alarm_id")?, row.carried());
        }
        Ok(stored)
    }

    /// Whether an open alarm says that a log is ahead of what the signer knows: the key database was set back.
    pub async fn signer_is_ahead(&self, db: &impl Executor) -> Result<bool, Error> {
        let statement = statement!(
            "signer_is_ahead",
            "SELECT ",
            alarm_columns!(),
            "
            FROM signer_alarms WHERE kind = $1 /* kind */ AND close_time_us IS NULL LIMIT 1"
        );
        let row = db.query_opt(&statement, &[&AlarmKind::Ahead.name()]).await?;
        Ok(row.map(|row| self.signer_alarm_from_row(&row)).transpose()?.is_some())
    }

    /// Lets no log that has no head get one, nor get an alarm, until the transaction ends.
    pub async fn signer_unknown_lock(&self, tx: &Tx<'_>) -> Result<(), Error> {
        let statement = statement!("signer_unknown_lock", "SELECT pg_advisory_xact_lock($1 /* lock */)");
        tx.execute(&statement, &[&UNKNOWN_LOCK]).await?;
        Ok(())
    }

    /// What alarms of logs without a head there must be.
    pub async fn signer_unknown_fetch(&self, db: &impl Executor) -> Result<Tally, Error> {
        Ok(self.signer_unknown_row(db).await?.map(|(tally, _)| tally).unwrap_or_default())
    }

    async fn signer_unknown_row(&self, db: &impl Executor) -> Result<Option<(Tally, Carried)>, Error> {
        let statement =
            statement!("signer_unknown_fetch", "SELECT ", unknown_columns!(), " FROM signer_unknown_alarms");
        let Some(row) = db.query_opt(&statement, &[]).await? else { return Ok(None) };
        let row = self.rows().check(UNKNOWN, &row)?;
        let tally = Tally { number: row.get("alarm_number")?, digest: row.get("alarm_digest")? };
        Ok(Some((tally, row.carried())))
    }

    /// All alarms of logs that have no head.
    pub async fn signer_unknown_alarms_fetch(&self, db: &impl Executor) -> Result<Vec<(LogName, Alarm)>, Error> {
        let statement = statement!(
            "signer_unknown_alarms_fetch",
            "SELECT ",
            alarm_columns!(),
            "
            FROM signer_alarms
            WHERE NOT EXISTS (SELECT FROM signer_heads WHERE signer_heads.log_id = signer_alarms.log_id)
            ORDER BY signer_alarms.alarm_id"
        );
        db.query(&statement, &[]).await?.iter().map(|row| self.signer_alarm_from_row(row)).collect()
    }

    /// Writes what alarms of logs without a head there are; [`Store::signer_unknown_lock`] must be held.
    pub async fn signer_unknown_write(&self, tx: &Tx<'_>, tally: &Tally) -> Result<(), Error> {
        let carried = self.signer_unknown_row(tx).await?.map(|(_, carried)| carried).unwrap_or_default();
        let row = NewRow::of(UNKNOWN)
            .with("singleton", true)
            .with("alarm_number", tally.number)
            .with("alarm_digest", &tally.digest)
            .carrying(&carried)
            .authenticated(self.rows());
        let (insert, update) = (row.insert(1), row.on_conflict_update(&["singleton"]));
        tx.execute(&Statement::built("signer_unknown_write", &format!("{insert}\n{update}")), &row.params()).await?;
        Ok(())
    }

    /// Keeps declared losses of a log.
    pub async fn signer_losses_insert(
        &self,
        tx: &Tx<'_>,
        log: LogId,
        losses: &[Loss],
        reference: &str,
    ) -> Result<(), Error> {
        let rows = losses.iter().map(|loss| {
            NewRow::of(LOSSES)
                .with("log_id", log.as_uuid())
                .with("first_index", loss.first_index)
                .with("last_index", loss.last_index)
                .with("head", &loss.head)
                .with("compact_range", loss.range.encode())
                .with("macs_digest", &loss.macs_digest)
                .with("reference", reference)
                .with("declare_time_us", micros(loss.declared_ns))
                .authenticated(self.rows())
        });
        let rows = NewRows::of(LOSSES, rows.collect())?;
        if !rows.is_empty() {
            tx.execute(&Statement::built("signer_losses_insert", &rows.insert(1)), &rows.params()).await?;
        }
        Ok(())
    }

    /// Forgets losses of a log that its snapshot does not have.
    pub async fn signer_losses_delete(&self, tx: &Tx<'_>, log: LogId, losses: &[Loss]) -> Result<(), Error> {
        let index = |index: u64| i64::try_from(index).unwrap_or(i64::MAX);
        let firsts: Vec<_> = losses.iter().map(|loss| index(loss.first_index)).collect();
        let lasts: Vec<_> = losses.iter().map(|loss| index(loss.last_index)).collect();
        let statement = statement!(
            "signer_losses_delete",
            "DELETE FROM signer_losses
            USING unnest($2::bigint[] /* first_index */, $3::bigint[] /* last_index */) AS gone (first_index, last_index)
            WHERE log_id = $1 /* log_id */ AND signer_losses.first_index = gone.first_index
                AND signer_losses.last_index = gone.last_index"
        );
        tx.execute(&statement, &[&log.as_uuid(), &firsts, &lasts]).await?;
        Ok(())
    }

    /// The losses of each of the logs, in order.
    pub async fn signer_losses_fetch(&self, db: &impl Executor, logs: &[LogId]) -> Result<ByLog<Loss>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let statement = statement!(
            "signer_losses_fetch",
            "SELECT ",
            loss_columns!(),
            "
            FROM signer_losses WHERE log_id = ANY($1 /* log_ids */)
            ORDER BY signer_losses.log_id, signer_losses.first_index, signer_losses.last_index"
        );
        by_log(&db.query(&statement, &[&ids]).await?, |row| self.signer_loss_from_row(row))
    }

    fn signer_alarm_from_row(&self, row: &Row) -> Result<(LogName, Alarm), Error> {
        let row = self.rows().check(ALARMS, row)?;
        let (kind, name): (&str, &str) = (row.get("kind")?, row.get("log_name")?);
        let (closed, reference): (Option<i64>, Option<String>) =
            (row.get("close_time_us")?, row.get("close_reference")?);
        let alarm = Alarm {
            id: row.get("alarm_id")?,
            kind: AlarmKind::from_name(kind).ok_or_else(|| row.unreadable("kind"))?,
            first_index: row.get("first_index")?,
            last_index: row.get("last_index")?,
            detail: row.get("detail")?,
            head: row.get("head")?,
            raised_ns: time(row.get("raise_time_us")?).as_nanos(),
            closing: closed.zip(reference).map(|(us, reference)| Closing { closed_ns: time(us).as_nanos(), reference }),
        };
        Ok((name.parse().map_err(|_malformed| row.unreadable("log_name"))?, alarm))
    }

    fn signer_loss_from_row(&self, row: &Row) -> Result<Loss, Error> {
        let row = self.rows().check(LOSSES, row)?;
        let range: &[u8] = row.get("compact_range")?;
        Ok(Loss {
            first_index: row.get("first_index")?,
            last_index: row.get("last_index")?,
            head: row.get("head")?,
            range: CompactRange::decode(range).ok_or_else(|| row.unreadable("compact_range"))?,
            macs_digest: row.get("macs_digest")?,
            declared_ns: time(row.get("declare_time_us")?).as_nanos(),
        })
    }
}

/// Groups rows by what they say is their log.
fn by_log<T>(rows: &[Row], read: impl Fn(&Row) -> Result<T, Error>) -> Result<ByLog<T>, Error> {
    let mut all = ByLog::new();
    for row in rows {
        let log: Uuid = row.try_get("log_id").map_err(db::Error::from)?;
        let of_log = all.entry(LogId::new(log)).or_insert_with(|| Ok(Vec::new()));
        match (read(row), of_log.as_mut()) {
            (Ok(one), Ok(of_log)) => of_log.push(one),
            (Err(error), Ok(_)) => *of_log = Err(error),
            (_, Err(_)) => {}
        }
    }
    Ok(all)
}

fn micros(ns: i64) -> i64 {
    Timestamp::from_nanos(ns).as_micros()
}

#[cfg(test)]
mod tests {
    use ::rows::RowKeys;
    use secret::SecretBytes;
    use test_support::postgres::{Cluster, TestDatabase};

    use super::*;
    use crate::MIGRATIONS;

    /// Connected anew, so that it knows the types of columns.
    fn store(database: &TestDatabase<'_>) -> Store {
        Store::new(database.connect().unwrap(), RowKeys::new(1, SecretBytes::from_slice(&[7; 32]).unwrap()))
    }

    async fn alarms(database: &TestDatabase<'_>, log: &LogName) -> Result<Vec<Alarm>, Error> {
        let (store, log) = (&store(database), tlog::log_id(log));
        store.signer_alarms_fetch(store.db(), &[log]).await?.remove(&log).unwrap()
    }

    async fn assert_altered(change: &str) {
        let database = Cluster::shared().await.unwrap().database("key", MIGRATIONS).await.unwrap();
        let log: LogName = "logs/acme".parse().unwrap();
        let alarm = Alarm {
            id: Uuid::from_u128(1),
            kind: AlarmKind::Ahead,
            first_index: 7,
            last_index: 8,
            detail: "ahead".to_owned(),
            head: None,
            raised_ns: 1_000,
            closing: None,
        };
        let (store, written) = (&store(&database), &[(log.clone(), alarm)]);
        let write =
            store.db().run_tx("write", |tx| Box::pin(async move { store.signer_alarms_write(tx, written).await }));
        write.await.unwrap();
        assert!(alarms(&database, &log).await.unwrap().iter().all(Alarm::is_open));
        let change = format!("ALTER TABLE signer_alarms {change}");
        database.superuser().await.unwrap().batch_execute(&change).await.unwrap();
        let error = alarms(&database, &log).await.unwrap_err();
        assert!(error.is_alarm() && matches!(error, Error::Row(::rows::Error::Altered { .. })), "{error:?}");
    }

    /// What is too long is read as NULL, which it was.
    #[tokio::test]
    async fn an_open_alarm_that_sql_gave_a_long_time_of_closing_is_altered() {
        assert_altered(
            "DROP CONSTRAINT signer_alarms_closed_with_reference,
            ALTER close_time_us TYPE text USING repeat('1', 100000)",
        )
        .await;
    }

    #[tokio::test]
    async fn an_alarm_whose_text_sql_gave_another_type_is_altered() {
        assert_altered("DROP CONSTRAINT signer_alarms_detail_length, ALTER detail TYPE jsonb USING to_jsonb(detail)")
            .await;
    }
}
