//! What do we store? Alarms about logs, and ranges that an operator declared lost; both for ever.

use clock::Timestamp;
use db::{Conn, Row, Tx};
use names::{LogId, LogName};
use rows::{NewRow, NewRows, Table};
use tlog::compact_range::CompactRange;
use tlog::protocol::{Alarm, AlarmKind, Loss};
use uuid::Uuid;

use super::{Error, Store, time};

const ALARMS: Table = Table::new("signer_alarms");
const LOSSES: Table = Table::new("signer_losses");
/// Open alarms of one log and kind that are kept; so many tell as much as more.
const MAX_OPEN_ALARMS: i64 = 1000;

/// An alarm with its id.
#[derive(Debug, Clone)]
pub struct StoredAlarm {
    /// Its id.
    pub id: Uuid,
    /// The log.
    pub log: LogName,
    /// The alarm.
    pub alarm: Alarm,
}

/// The number that stands for a kind of alarm in the database.
fn kind_code(kind: AlarmKind) -> i16 {
    match kind {
        AlarmKind::Ahead => 1,
        AlarmKind::Forked => 2,
        AlarmKind::RolledBack => 3,
        AlarmKind::Suppressed => 4,
    }
}

fn kind_from_code(code: i16) -> Option<AlarmKind> {
    match code {
        1 => Some(AlarmKind::Ahead),
        2 => Some(AlarmKind::Forked),
        3 => Some(AlarmKind::RolledBack),
        4 => Some(AlarmKind::Suppressed),
        _ => None,
    }
}

impl Store {
    /// Keeps an alarm, unless the same one is open.
    pub async fn signer_alarm_insert(&self, tx: &Tx<'_>, stored: &StoredAlarm) -> Result<(), Error> {
        let rows = NewRows::of(ALARMS, vec![self.signer_alarm_row(stored)])?;
        let mut params = rows.params();
        params.push(&MAX_OPEN_ALARMS);
        let sql = format!(
            "-- signer_alarm_insert()
            {}
            WHERE (SELECT count(*) FROM signer_alarms AS kept
                WHERE kept.log_id = given.log_id AND kept.kind = given.kind AND NOT kept.closed) < ${} /* max_open */
            ON CONFLICT (log_id, kind, first_index) WHERE NOT closed DO NOTHING",
            rows.insert(1),
            params.len(),
        );
        tx.execute(&sql, &params).await?;
        Ok(())
    }

    /// The newest `limit` alarms of each of the logs, oldest first.
    pub async fn signer_alarms_fetch(
        &self,
        conn: &Conn,
        logs: &[LogId],
        limit: i64,
    ) -> Result<Vec<StoredAlarm>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let rows = conn
            .query(
                "-- signer_alarms_fetch()
                SELECT newest.alarm_id, newest.log_id, newest.log_name, newest.kind, newest.first_index, newest.detail,
                    newest.raise_time_us, newest.closed, newest.row_mac
                FROM unnest($1::uuid[] /* log_ids */) AS wanted (log_id)
                CROSS JOIN LATERAL (
                    SELECT alarm_id, log_id, log_name, kind, first_index, detail, raise_time_us, closed, row_mac
                    FROM signer_alarms WHERE log_id = wanted.log_id
                    ORDER BY raise_time_us DESC, alarm_id DESC LIMIT $2 /* limit */
                ) AS newest
                ORDER BY newest.raise_time_us, newest.alarm_id",
                &[&ids, &limit],
            )
            .await?;
        rows.iter().map(|row| self.signer_alarm_from_row(row)).collect()
    }

    /// Closes the open alarms of a log that `which` picks; returns how many.
    pub async fn signer_alarms_close(
        &self,
        tx: &Tx<'_>,
        log: LogId,
        which: impl Fn(&Alarm) -> bool + Send,
    ) -> Result<usize, Error> {
        let sql = "-- signer_alarms_close()
            SELECT alarm_id, log_id, log_name, kind, first_index, detail, raise_time_us, closed, row_mac
            FROM signer_alarms WHERE log_id = $1 /* log_id */ AND NOT closed FOR UPDATE";
        let rows = tx.query(sql, &[&log.as_uuid()]).await?;
        let open = rows.iter().map(|row| self.signer_alarm_from_row(row)).collect::<Result<Vec<_>, _>>()?;
        let closing: Vec<_> = open.into_iter().filter(|stored| which(&stored.alarm)).collect();
        let closed = |stored: StoredAlarm| StoredAlarm { alarm: Alarm { closed: true, ..stored.alarm }, ..stored };
        let closing: Vec<_> = closing.into_iter().map(closed).collect();
        let rows = NewRows::of(ALARMS, closing.iter().map(|stored| self.signer_alarm_row(stored)).collect())?;
        if !rows.is_empty() {
            let sql = format!("-- signer_alarms_close()\n{}", rows.update(&["alarm_id"], 1));
            tx.execute(&sql, &rows.params()).await?;
        }
        Ok(closing.len())
    }

    /// Keeps a declared loss.
    pub async fn signer_loss_insert(&self, tx: &Tx<'_>, log: LogId, loss: &Loss, reference: &str) -> Result<(), Error> {
        let row = NewRow::of(LOSSES)
            .with("log_id", log.as_uuid())
            .with("first_index", loss.first_index)
            .with("last_index", loss.last_index)
            .with("head", &loss.head)
            .with("compact_range", loss.range.encode())
            .with("reference", reference)
            .with("declare_time_us", Timestamp::from_nanos(loss.declared_ns).as_micros())
            .authenticated(self.rows());
        tx.execute(&format!("-- signer_loss_insert()\n{}", row.insert(1)), &row.params()).await?;
        Ok(())
    }

    /// The losses of each of the logs, in order.
    pub async fn signer_losses_fetch(&self, conn: &Conn, logs: &[LogId]) -> Result<Vec<(LogId, Loss)>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let sql = "-- signer_losses_fetch()
            SELECT log_id, first_index, last_index, head, compact_range, reference, declare_time_us, row_mac
            FROM signer_losses WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id, first_index";
        let rows = conn.query(sql, &[&ids]).await?;
        rows.iter().map(|row| self.signer_loss_from_row(row)).collect()
    }

    fn signer_alarm_row<'a>(&self, stored: &'a StoredAlarm) -> NewRow<'a> {
        let alarm = &stored.alarm;
        NewRow::of(ALARMS)
            .with("alarm_id", stored.id)
            .with("log_id", tlog::log_id(&stored.log).as_uuid())
            .with("log_name", stored.log.to_string())
            .with("kind", kind_code(alarm.kind))
            .with("first_index", alarm.first_index)
            .with("detail", alarm.detail.as_str())
            .with("raise_time_us", Timestamp::from_nanos(alarm.raised_ns).as_micros())
            .with("closed", alarm.closed)
            .authenticated(self.rows())
    }

    fn signer_alarm_from_row(&self, row: &Row) -> Result<StoredAlarm, Error> {
        let row = self.rows().check(ALARMS, row)?;
        let alarm = Alarm {
            kind: kind_from_code(row.get("kind")?).ok_or_else(|| row.unreadable("kind"))?,
            first_index: row.get("first_index")?,
            detail: row.get("detail")?,
            raised_ns: time(row.get("raise_time_us")?).as_nanos(),
            closed: row.get("closed")?,
        };
        let name: &str = row.get("log_name")?;
        let log = name.parse().map_err(|_malformed| row.unreadable("log_name"))?;
        Ok(StoredAlarm { id: row.get("alarm_id")?, log, alarm })
    }

    fn signer_loss_from_row(&self, row: &Row) -> Result<(LogId, Loss), Error> {
        let row = self.rows().check(LOSSES, row)?;
        let range: &[u8] = row.get("compact_range")?;
        let loss = Loss {
            first_index: row.get("first_index")?,
            last_index: row.get("last_index")?,
            head: row.get("head")?,
            range: CompactRange::decode(range).ok_or_else(|| row.unreadable("compact_range"))?,
            declared_ns: time(row.get("declare_time_us")?).as_nanos(),
        };
        Ok((LogId::new(row.get("log_id")?), loss))
    }
}
