//! What do we store? Which keys of its own this installation has, in one row.

use db::Tx;
use rows::{NewRow, Table};

use super::{Error, Store};

const OWN_KEYS: Table = Table::new("own_keys");

impl Store {
    /// The ids of the installation's own keys, locked until the transaction ends; none where the row is missing.
    pub async fn own_keys_fetch_for_update(&self, tx: &Tx<'_>) -> Result<Option<Vec<String>>, Error> {
        let sql = "-- own_keys_fetch_for_update()\nSELECT singleton, names, row_mac FROM own_keys FOR UPDATE";
        let Some(row) = tx.query_opt(sql, &[]).await? else { return Ok(None) };
        Ok(Some(self.rows().check(OWN_KEYS, &row)?.get("names")?))
    }

    /// Writes the first list of the ids.
    pub async fn own_keys_insert(&self, tx: &Tx<'_>, names: &[String]) -> Result<(), Error> {
        let row = self.own_keys_row(names);
        tx.execute(&format!("-- own_keys_insert()\n{}", row.insert(1)), &row.params()).await?;
        Ok(())
    }

    /// Replaces the list of the ids.
    pub async fn own_keys_update(&self, tx: &Tx<'_>, names: &[String]) -> Result<(), Error> {
        let row = self.own_keys_row(names);
        tx.execute(&format!("-- own_keys_update()\n{}", row.update(&["singleton"], 1)), &row.params()).await?;
        Ok(())
    }

    fn own_keys_row<'a>(&self, names: &'a [String]) -> NewRow<'a> {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        NewRow::of(OWN_KEYS).with("singleton", true).with("names", names).authenticated(self.rows())
    }
}
