//! What do we store? Alarms about logs, and ranges that an operator declared lost; both for ever.

use clock::Timestamp;
use db::{Conn, Row, Tx};
use names::{LogId, LogName};
use tlog::compact_range::CompactRange;
use tlog::protocol::{Alarm, AlarmKind, Loss};
use uuid::Uuid;

use super::row::{Columns, array, bigint, get, time, unsigned};
use super::{Error, Store};

const ALARMS: &str = "signer_alarms";
const LOSSES: &str = "signer_losses";
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

fn kind_from_code(code: i16) -> Result<AlarmKind, Error> {
    match code {
        1 => Ok(AlarmKind::Ahead),
        2 => Ok(AlarmKind::Forked),
        3 => Ok(AlarmKind::RolledBack),
        4 => Ok(AlarmKind::Suppressed),
        _ => Err(Error::Unreadable { table: ALARMS }),
    }
}

impl Store {
    /// Keeps an alarm, unless the same one is open.
    pub async fn signer_alarm_insert(&self, tx: &Tx<'_>, stored: &StoredAlarm) -> Result<(), Error> {
        let name = stored.log.to_string();
        let (id, alarm) = (tlog::log_id(&stored.log), &stored.alarm);
        let raised = Timestamp::from_nanos(alarm.raised_ns).as_micros();
        let mac = alarm_columns((stored.id, id), &name, alarm).mac(self.row_mac());
        tx.execute(
            "-- signer_alarm_insert()
            INSERT INTO signer_alarms (alarm_id, log_id, log_name, kind, first_index, detail, raise_time_us, closed, row_mac)
            SELECT $1 /* alarm_id */, $2 /* log_id */, $3 /* log_name */, $4 /* kind */, $5 /* first_index */,
                $6 /* detail */, $7 /* raise_time_us */, false, $8 /* row_mac */
            WHERE (SELECT count(*) FROM signer_alarms
                WHERE log_id = $2 /* log_id */ AND kind = $4 /* kind */ AND NOT closed) < $9 /* max_open */
            ON CONFLICT (log_id, kind, first_index) WHERE NOT closed DO NOTHING",
            &[
                &stored.id,
                &id.as_uuid(),
                &name,
                &kind_code(alarm.kind),
                &bigint(alarm.first_index),
                &alarm.detail,
                &raised,
                &&mac[..],
                &MAX_OPEN_ALARMS,
            ],
        )
        .await?;
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
                SELECT newest.* FROM unnest($1::uuid[] /* log_ids */) AS wanted (log_id)
                CROSS JOIN LATERAL (
                    SELECT * FROM signer_alarms WHERE log_id = wanted.log_id
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
            SELECT * FROM signer_alarms WHERE log_id = $1 /* log_id */ AND NOT closed FOR UPDATE";
        let rows = tx.query(sql, &[&log.as_uuid()]).await?;
        let open = rows.iter().map(|row| self.signer_alarm_from_row(row)).collect::<Result<Vec<_>, _>>()?;
        let (mut ids, mut macs) = (Vec::new(), Vec::new());
        for mut stored in open.into_iter().filter(|stored| which(&stored.alarm)) {
            stored.alarm.closed = true;
            let name = stored.log.to_string();
            macs.push(alarm_columns((stored.id, log), &name, &stored.alarm).mac(self.row_mac()).to_vec());
            ids.push(stored.id);
        }
        tx.execute(
            "-- signer_alarms_close()
            UPDATE signer_alarms SET closed = true, row_mac = closing.row_mac
            FROM unnest($1::uuid[] /* alarm_id */, $2::bytea[] /* row_mac */) AS closing (alarm_id, row_mac)
            WHERE signer_alarms.alarm_id = closing.alarm_id",
            &[&ids, &macs],
        )
        .await?;
        Ok(ids.len())
    }

    /// Keeps a declared loss.
    pub async fn signer_loss_insert(&self, tx: &Tx<'_>, log: LogId, loss: &Loss, reference: &str) -> Result<(), Error> {
        let range = loss.range.encode();
        let declared = Timestamp::from_nanos(loss.declared_ns).as_micros();
        let mac = loss_columns(log, (loss, &range), (reference, declared)).mac(self.row_mac());
        tx.execute(
            "-- signer_loss_insert()
            INSERT INTO signer_losses
                (log_id, first_index, last_index, head, compact_range, reference, declare_time_us, row_mac)
            VALUES ($1 /* log_id */, $2 /* first_index */, $3 /* last_index */, $4 /* head */, $5 /* compact_range */,
                $6 /* reference */, $7 /* declare_time_us */, $8 /* row_mac */)",
            &[
                &log.as_uuid(),
                &bigint(loss.first_index),
                &bigint(loss.last_index),
                &&loss.head[..],
                &range,
                &reference,
                &declared,
                &&mac[..],
            ],
        )
        .await?;
        Ok(())
    }

    /// The losses of each of the logs, in order.
    pub async fn signer_losses_fetch(&self, conn: &Conn, logs: &[LogId]) -> Result<Vec<(LogId, Loss)>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let sql = "-- signer_losses_fetch()
            SELECT * FROM signer_losses WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id, first_index";
        let rows = conn.query(sql, &[&ids]).await?;
        rows.iter().map(|row| self.signer_loss_from_row(row)).collect()
    }

    fn signer_alarm_from_row(&self, row: &Row) -> Result<StoredAlarm, Error> {
        let (name, kind): (&str, i16) = (get(row, "log_name")?, get(row, "kind")?);
        let (first_index, raised): (i64, i64) = (get(row, "first_index")?, get(row, "raise_time_us")?);
        let (id, log): (Uuid, Uuid) = (get(row, "alarm_id")?, get(row, "log_id")?);
        let alarm = Alarm {
            kind: kind_from_code(kind)?,
            first_index: unsigned(ALARMS, first_index)?,
            detail: get(row, "detail")?,
            raised_ns: time(raised).as_nanos(),
            closed: get(row, "closed")?,
        };
        alarm_columns((id, LogId::new(log)), name, &alarm).check(self.row_mac(), get(row, "row_mac")?)?;
        let log = name.parse().map_err(|_name| Error::Unreadable { table: ALARMS })?;
        Ok(StoredAlarm { id, log, alarm })
    }

    fn signer_loss_from_row(&self, row: &Row) -> Result<(LogId, Loss), Error> {
        let log = LogId::new(get(row, "log_id")?);
        let (first, last): (i64, i64) = (get(row, "first_index")?, get(row, "last_index")?);
        let (head, range): (&[u8], &[u8]) = (get(row, "head")?, get(row, "compact_range")?);
        let (reference, declared): (&str, i64) = (get(row, "reference")?, get(row, "declare_time_us")?);
        let loss = Loss {
            first_index: unsigned(LOSSES, first)?,
            last_index: unsigned(LOSSES, last)?,
            head: array(LOSSES, head)?,
            range: CompactRange::decode(range).ok_or(Error::Unreadable { table: LOSSES })?,
            declared_ns: time(declared).as_nanos(),
        };
        loss_columns(log, (&loss, range), (reference, declared)).check(self.row_mac(), get(row, "row_mac")?)?;
        Ok((log, loss))
    }
}

fn alarm_columns<'a>((id, log): (Uuid, LogId), name: &'a str, alarm: &'a Alarm) -> Columns<'a> {
    Columns::of(ALARMS)
        .uuid(id)
        .uuid(log.as_uuid())
        .text(name)
        .smallint(kind_code(alarm.kind))
        .bigint(bigint(alarm.first_index))
        .text(&alarm.detail)
        .bigint(Timestamp::from_nanos(alarm.raised_ns).as_micros())
        .boolean(alarm.closed)
}

fn loss_columns<'a>(
    log: LogId,
    (loss, range): (&'a Loss, &'a [u8]),
    (reference, declared): (&'a str, i64),
) -> Columns<'a> {
    Columns::of(LOSSES)
        .uuid(log.as_uuid())
        .bigint(bigint(loss.first_index))
        .bigint(bigint(loss.last_index))
        .bytes(&loss.head)
        .bytes(range)
        .text(reference)
        .bigint(declared)
}
