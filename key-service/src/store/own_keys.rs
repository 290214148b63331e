//! What do we store? Which keys of its own this installation has, in one row.

use db::{Executor as _, Statement, Tx, statement};
use rows::{Carried, NewRow, Table};

use super::{Error, Store};

const OWN_KEYS: Table = Table::new("own_keys");

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("", ""; fixed "singleton", texts 65536 "names", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

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
        let statement = statement!("own_keys_fetch_for_update", "SELECT ", columns!(), " FROM own_keys FOR UPDATE");
        let Some(row) = tx.query_opt(&statement, &[]).await? else { return Ok(None) };
        let row = self.rows().check(OWN_KEYS, &row)?;
        Ok(Some(StoredOwnKeys { names: row.get("names")?, carried: row.carried() }))
    }

    /// Whether any row is there that can only be written once there is a root key. Nothing vouches for it.
    pub async fn has_rows(&self, tx: &Tx<'_>) -> Result<bool, Error> {
        let statement = statement!(
            "has_rows",
            "SELECT EXISTS (SELECT FROM keys) OR EXISTS (SELECT FROM key_versions) OR EXISTS (SELECT FROM subject_keys)
                OR EXISTS (SELECT FROM wrap_counts) OR EXISTS (SELECT FROM requests)
                OR EXISTS (SELECT FROM signer_heads) OR EXISTS (SELECT FROM signer_segments)
                OR EXISTS (SELECT FROM signer_alarms) OR EXISTS (SELECT FROM signer_losses)
                OR EXISTS (SELECT FROM signer_unknown_alarms)
                OR EXISTS (SELECT FROM audit_outbox) OR EXISTS (SELECT FROM audit_outbox_refused) AS has_rows"
        );
        Ok(tx.query_one(&statement, &[]).await?.try_get("has_rows").map_err(db::Error::from)?)
    }

    /// Writes the first list of the ids.
    pub async fn own_keys_insert(&self, tx: &Tx<'_>, list: &StoredOwnKeys) -> Result<(), Error> {
        let row = self.own_keys_row(list);
        tx.execute(&Statement::built("own_keys_insert", &row.insert(1)), &row.params()).await?;
        Ok(())
    }

    /// Replaces the list of the ids.
    pub async fn own_keys_update(&self, tx: &Tx<'_>, list: &StoredOwnKeys) -> Result<(), Error> {
        let row = self.own_keys_row(list);
        tx.execute(&Statement::built("own_keys_update", &row.update(&["singleton"], 1)), &row.params()).await?;
        Ok(())
    }

    fn own_keys_row<'a>(&self, list: &'a StoredOwnKeys) -> NewRow<'a> {
        let names: Vec<_> = list.names.iter().map(String::as_str).collect();
        let row = NewRow::of(OWN_KEYS).with("singleton", true).with("names", names);
        row.carrying(&list.carried).authenticated(self.rows())
    }
}
