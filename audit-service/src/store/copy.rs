//! Rows of `entries` in PostgreSQL's binary COPY format: the cheapest way to insert many.

use bytes::{BufMut, Bytes, BytesMut};
use db::{Statement, statement};
use tlog::Columns;
use tlog::append::NewRow;

use super::micros::Micros;
use super::{StoreError, to_bigint};

/// The statement that takes the rows; the columns are in the order of [`CopyRows::push`].
pub(super) const SQL: Statement = statement!(
    "entries_copy",
    "COPY entries (log_id, entry_index, event_id, entry, mac, logged_at, producer, actor, action, resource, outcome,
    key_boot, key_counter)
FROM STDIN (FORMAT binary)"
);

const COLUMNS: i16 = 13;
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Bytes of a row besides its texts and its entry.
const ROW_OVERHEAD: usize = 200;

/// Rows being collected.
#[derive(Debug)]
pub(crate) struct CopyRows {
    buffer: BytesMut,
    rows: u64,
}

impl CopyRows {
    /// No rows, with room for some with entries of `bytes` in all.
    pub(crate) fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut buffer = BytesMut::with_capacity(32 + bytes * 2 + rows * ROW_OVERHEAD);
        buffer.put_slice(SIGNATURE);
        buffer.put_u64(0);
        Self { buffer, rows: 0 }
    }

    /// Adds a row with the columns that are derived from its entry.
    pub(crate) fn push(&mut self, row: &NewRow, columns: &Columns<'_>) -> Result<(), StoreError> {
        self.buffer.put_i16(COLUMNS);
        self.field(row.log_id.as_bytes())?;
        self.field(&to_bigint(row.index)?.to_be_bytes())?;
        self.field(columns.event_id.as_bytes())?;
        self.field(&row.entry)?;
        self.field(row.mac.as_bytes())?;
        self.field(&Micros(columns.logged_us).to_wire())?;
        self.field(columns.producer.as_bytes())?;
        self.field(columns.actor.as_bytes())?;
        self.field(columns.action.as_bytes())?;
        self.field(columns.resource.as_bytes())?;
        self.field(&columns.outcome.to_be_bytes())?;
        if let Some(operation) = columns.key_operation {
            self.field(operation.boot.as_bytes())?;
            self.field(&to_bigint(operation.counter)?.to_be_bytes())?;
        } else {
            self.null();
            self.null();
        }
        self.rows += 1;
        Ok(())
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// The whole stream.
    pub(crate) fn finish(mut self) -> Bytes {
        self.buffer.put_i16(-1);
        self.buffer.freeze()
    }

    fn null(&mut self) {
        self.buffer.put_i32(-1);
    }

    fn field(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let length = i32::try_from(bytes.len()).map_err(|_too_large| StoreError::Range)?;
        self.buffer.put_i32(length);
        self.buffer.put_slice(bytes);
        Ok(())
    }
}
