//! What do we store? Which keys of its own this installation has, in one row.

use db::Tx;
use rows::{Carried, NewRow, Table};

use super::{Error, Store};

const OWN_KEYS: Table = Table::new("own_keys");

/// The ids of the installation's own keys, and the row that they stand in.
#[derive(Debug, Clone, Default)]
pub struct StoredOwnKeys {
    /// The ids, sorted.
    pub names: Vec<String>,
    /// The stored row, for its update; nothing for the first list.
    pub carried: Carried,
}

impl Store {
    /// The ids of the installation's own keys, locked until the transaction ends; none where the row is missing.
    pub async fn own_keys_fetch_for_update(&self, tx: &Tx<'_>) -> Result<Option<StoredOwnKeys>, Error> {
        let sql = "-- own_keys_fetch_for_update()\nSELECT singleton, names, row_mac FROM own_keys FOR UPDATE";
        let Some(row) = tx.query_opt(sql, &[]).await? else { return Ok(None) };
        let row = self.rows().check(OWN_KEYS, &row)?;
        Ok(Some(StoredOwnKeys { names: row.get("names")?, carried: row.carried() }))
    }

    /// Writes the first list of the ids.
    pub async fn own_keys_insert(&self, tx: &Tx<'_>, list: &StoredOwnKeys) -> Result<(), Error> {
        let row = self.own_keys_row(list);
        tx.execute(&format!("-- own_keys_insert()\n{}", row.insert(1)), &row.params()).await?;
        Ok(())
    }

    /// Replaces the list of the ids.
    pub async fn own_keys_update(&self, tx: &Tx<'_>, list: &StoredOwnKeys) -> Result<(), Error> {
        let row = self.own_keys_row(list);
        tx.execute(&format!("-- own_keys_update()\n{}", row.update(&["singleton"], 1)), &row.params()).await?;
        Ok(())
    }

    fn own_keys_row<'a>(&self, list: &'a StoredOwnKeys) -> NewRow<'a> {
        let names: Vec<_> = list.names.iter().map(String::as_str).collect();
        let row = NewRow::of(OWN_KEYS).with("singleton", true).with("names", names);
        row.carrying(&list.carried).authenticated(self.rows())
    }
}
