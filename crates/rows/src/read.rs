//! A row as a statement returned it: checked first, read afterwards.

use db::Row;

use crate::Error;
use crate::mac::{ROW_MAC, RowKeys, Table};
use crate::value::{FromValue, Raw, Value};

/// A row whose HMAC holds.
#[derive(Debug)]
pub struct Checked<'r> {
    table: Table,
    /// Sorted by name.
    columns: Vec<(&'r str, Value<'r>)>,
}

impl RowKeys {
    /// The row of `table` in `row`, which has every column that the HMAC covers and nothing of another table.
    pub fn check<'r>(&self, table: Table, row: &'r Row) -> Result<Checked<'r>, Error> {
        self.checked(table, columns(table, "", row)?)
    }

    /// The row of `table` in a row of joined tables, whose columns begin with `prefix`; it is cut off. `None` where all
    /// of them are NULL: an outer join that found no row.
    pub fn check_joined<'r>(&self, table: Table, prefix: &str, row: &'r Row) -> Result<Option<Checked<'r>>, Error> {
        let columns = columns(table, prefix, row)?;
        if columns.iter().all(|(_, value)| *value == Value::Null) {
            return Ok(None);
        }
        self.checked(table, columns).map(Some)
    }

    fn checked<'r>(&self, table: Table, columns: Vec<(&'r str, Value<'r>)>) -> Result<Checked<'r>, Error> {
        let checked = Checked { table, columns };
        let covered: Vec<_> =
            checked.columns.iter().filter(|(name, _)| table.covers(name)).map(|(name, value)| (*name, value)).collect();
        match checked.value(ROW_MAC)? {
            Value::Bytes(mac) if self.holds(table.name(), &covered, mac) => Ok(checked),
            _ => Err(Error::Altered { table: table.name() }),
        }
    }
}

impl<'r> Checked<'r> {
    /// The value of a column that the statement returned.
    pub fn get<T: FromValue<'r>>(&self, column: &str) -> Result<T, Error> {
        T::from_value(self.value(column)?).ok_or_else(|| self.unreadable(column))
    }

    /// What a row is that holds something this program does not know, though its HMAC is right.
    pub fn unreadable(&self, column: &str) -> Error {
        Error::Unreadable { table: self.table.name(), column: column.to_owned() }
    }

    fn value(&self, column: &str) -> Result<&Value<'r>, Error> {
        let place = self.columns.binary_search_by(|(name, _)| (*name).cmp(column));
        place
            .ok()
            .and_then(|place| self.columns.get(place))
            .map(|(_, value)| value)
            .ok_or_else(|| self.unreadable(column))
    }
}

/// The columns whose names begin with `prefix`, without it, sorted.
fn columns<'r>(table: Table, prefix: &str, row: &'r Row) -> Result<Vec<(&'r str, Value<'r>)>, Error> {
    let mut columns = Vec::with_capacity(row.columns().len());
    for (index, column) in row.columns().iter().enumerate() {
        let Some(name) = column.name().strip_prefix(prefix) else { continue };
        let unreadable = || Error::Unreadable { table: table.name(), column: name.to_owned() };
        let raw: Option<Raw<'r>> = row.try_get(index).map_err(|_error| unreadable())?;
        let value = raw.map_or(Some(Value::Null), |raw| Value::decode(column.type_(), raw.0)).ok_or_else(unreadable)?;
        columns.push((name, value));
    }
    columns.sort_unstable_by_key(|(name, _)| *name);
    Ok(columns)
}
