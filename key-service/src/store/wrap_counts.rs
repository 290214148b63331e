//! What do we store? How many data keys each process has wrapped under each version.

use std::collections::HashMap;

use db::Conn;
use names::{BootId, KeyUid};

use super::row::{Columns, bigint, get, integer, unsigned, version};
use super::{Error, Store};
use crate::wrap_counts::WrapTotal;

const TABLE: &str = "wrap_counts";

impl Store {
    /// Writes the totals of one process.
    pub async fn wrap_counts_write(&self, conn: &Conn, boot: BootId, totals: &[WrapTotal]) -> Result<(), Error> {
        let keys: Vec<_> = totals.iter().map(|total| total.key.as_uuid()).collect();
        let versions: Vec<_> = totals.iter().map(|total| integer(total.version)).collect();
        let wraps: Vec<_> = totals.iter().map(|total| bigint(total.wraps)).collect();
        let macs: Vec<_> = totals
            .iter()
            .map(|total| {
                let number = (integer(total.version), bigint(total.wraps));
                columns(total.key.as_uuid(), boot.as_uuid(), number).mac(self.row_mac()).to_vec()
            })
            .collect();
        conn.execute(
            "-- wrap_counts_write()
            INSERT INTO wrap_counts (key_uid, version, boot_id, wraps, row_mac)
            SELECT key_uid, version, $1 /* boot_id */, wraps, row_mac
            FROM unnest($2::uuid[] /* key_uid */, $3::integer[] /* version */, $4::bigint[] /* wraps */,
                $5::bytea[] /* row_mac */) AS totals (key_uid, version, wraps, row_mac)
            ORDER BY key_uid, version
            ON CONFLICT (key_uid, version, boot_id) DO UPDATE SET wraps = excluded.wraps, row_mac = excluded.row_mac",
            &[&boot.as_uuid(), &keys, &versions, &wraps, &macs],
        )
        .await?;
        Ok(())
    }

    /// The counts of a key's versions, over all processes; versions never used are left out.
    pub async fn wrap_counts_fetch(&self, conn: &Conn, key: KeyUid) -> Result<HashMap<u32, u64>, Error> {
        let sql = "-- wrap_counts_fetch()\nSELECT * FROM wrap_counts WHERE key_uid = $1 /* key_uid */";
        let mut counts = HashMap::new();
        for row in conn.query(sql, &[&key.as_uuid()]).await? {
            let (boot, number, wraps): (uuid::Uuid, i32, i64) =
                (get(&row, "boot_id")?, get(&row, "version")?, get(&row, "wraps")?);
            columns(key.as_uuid(), boot, (number, wraps)).check(self.row_mac(), get(&row, "row_mac")?)?;
            let count: &mut u64 = counts.entry(version(TABLE, number)?).or_default();
            *count = count.saturating_add(unsigned(TABLE, wraps)?);
        }
        Ok(counts)
    }
}

fn columns(key: uuid::Uuid, boot: uuid::Uuid, (version, wraps): (i32, i64)) -> Columns<'static> {
    Columns::of(TABLE).uuid(key).integer(version).uuid(boot).bigint(wraps)
}
