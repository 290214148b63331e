//! What do we store? How many data keys each process has wrapped under each version.

use std::collections::HashMap;

use db::{Executor, Statement, statement};
use names::{BootId, KeyUid};
use rows::{NewRow, NewRows, Table};

use super::{Error, Store};
use crate::wrap_counts::WrapTotal;

const WRAP_COUNTS: Table = Table::new("wrap_counts");

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("", ""; fixed "key_uid", fixed "version", fixed "boot_id", fixed "wraps", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

impl Store {
    /// Writes the totals of one process, which alone writes its rows: they have no column but those that it sets. What was
    /// wrapped under a version that is gone, because the database was set back, has no place, and keeps no other from it.
    pub async fn wrap_counts_write(&self, db: &impl Executor, boot: BootId, totals: &[WrapTotal]) -> Result<(), Error> {
        let rows = totals.iter().map(|total| {
            NewRow::of(WRAP_COUNTS)
                .with("key_uid", total.key.as_uuid())
                .with("version", total.version)
                .with("boot_id", boot.as_uuid())
                .with("wraps", total.wraps)
                .authenticated(self.rows())
        });
        let rows = NewRows::of(WRAP_COUNTS, rows.collect())?;
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "{} WHERE EXISTS (
                SELECT FROM key_versions AS v WHERE v.key_uid = given.key_uid AND v.version = given.version
            ) ORDER BY key_uid, version
            {}",
            rows.insert(1),
            rows.on_conflict_update(&["key_uid", "version", "boot_id"])
        );
        db.execute(&Statement::built("wrap_counts_write", &sql), &rows.params()).await?;
        Ok(())
    }

    /// The counts of a key's versions, over all processes; versions never used are left out.
    pub async fn wrap_counts_fetch(&self, db: &impl Executor, key: KeyUid) -> Result<HashMap<u32, u64>, Error> {
        let statement = statement!(
            "wrap_counts_fetch",
            "SELECT ",
            columns!(),
            " FROM wrap_counts WHERE key_uid = $1 /* key_uid */"
        );
        let mut counts = HashMap::new();
        for row in db.query(&statement, &[&key.as_uuid()]).await? {
            let row = self.rows().check(WRAP_COUNTS, &row)?;
            let count: &mut u64 = counts.entry(row.get("version")?).or_default();
            *count = count.saturating_add(row.get("wraps")?);
        }
        Ok(counts)
    }
}
