//! A row as a statement returned it: checked first, read afterwards.

use std::borrow::Cow;

use db::Row;
use uuid::Uuid;

use crate::error::Error;
use crate::mac::{ROW_MAC, RowKeys, Table};
use crate::value::{FromValue, Raw, Value, sql_type};
use crate::write::{Carried, Column};

/// Most characters of a text by which a row is named.
const MAX_SAID: usize = 80;

/// A row whose HMAC holds.
#[derive(Debug)]
pub struct Checked<'r> {
    table: Table,
    /// Sorted by name.
    columns: Vec<Read<'r>>,
}

/// A column as a statement returned it.
#[derive(Debug)]
struct Read<'r> {
    name: &'r str,
    sql_type: &'static str,
    value: Value<'r>,
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
        if columns.iter().all(|column| column.value == Value::Null) {
            return Ok(None);
        }
        self.checked(table, columns).map(Some)
    }

    fn checked<'r>(&self, table: Table, columns: Vec<Read<'r>>) -> Result<Checked<'r>, Error> {
        let checked = Checked { table, columns };
        let covered = checked.columns.iter().filter(|column| table.covers(column.name));
        let covered: Vec<_> = covered.map(|column| (column.name, &column.value)).collect();
        match checked.value(ROW_MAC)? {
            Value::Bytes(mac) if self.holds(table.name(), &covered, mac) => Ok(checked),
            _ => Err(Error::Altered { table: table.name(), row: said(&checked.columns) }),
        }
    }
}

/// What a row says that it is, for whoever looks for it: ids, names of logs, numbers of versions.
fn said(columns: &[Read<'_>]) -> String {
    const NAMED: [&str; 6] = ["_uid", "_id", "log_name", "version", "first_index", "subject"];
    let mut said = String::new();
    for Read { name, value, .. } in columns.iter().filter(|read| NAMED.iter().any(|end| read.name.ends_with(end))) {
        let text = match value {
            Value::Integer(number) => number.to_string(),
            Value::Bytes(bytes) => match (<[u8; 16]>::try_from(&**bytes), std::str::from_utf8(bytes)) {
                (Ok(uuid), _) => Uuid::from_bytes(uuid).to_string(),
                (_, Ok(text)) => text.chars().take(MAX_SAID).flat_map(char::escape_debug).collect(),
                _ => continue,
            },
            _ => continue,
        };
        said.push_str(if said.is_empty() { ": " } else { ", " });
        said.push_str(name);
        said.push('=');
        said.push_str(&text);
    }
    said
}

impl<'r> Checked<'r> {
    /// The value of a column that the statement returned. [`Error::Newer`] where it is none of `T`.
    pub fn get<T: FromValue<'r>>(&self, column: &str) -> Result<T, Error> {
        T::from_value(self.value(column)?).ok_or_else(|| self.unreadable(column))
    }

    /// What a row is that holds something this program does not know: a newer one wrote it where the HMAC covers the
    /// column; for any other column nothing vouches.
    pub fn unreadable(&self, column: &str) -> Error {
        let (table, column) = (self.table.name(), column.to_owned());
        if self.table.covers(&column) { Error::Newer { table, column } } else { Error::Unreadable { table, column } }
    }

    /// Every column that the HMAC covers, for an update of the row: what this program does not set stays as it is.
    pub fn carried(&self) -> Carried {
        let kept = |column: &&Read<'r>| self.table.covers(column.name) && column.value != Value::Null;
        let owned = |column: &Read<'r>| Column {
            name: Cow::Owned(column.name.to_owned()),
            sql_type: column.sql_type,
            value: column.value.clone().into_owned(),
            is_carried: true,
        };
        Carried(self.columns.iter().filter(kept).map(owned).collect())
    }

    fn value(&self, column: &str) -> Result<&Value<'r>, Error> {
        let place = self.columns.binary_search_by(|read| read.name.cmp(column));
        let missing = || Error::Unreadable { table: self.table.name(), column: column.to_owned() };
        place.ok().and_then(|place| self.columns.get(place)).map(|read| &read.value).ok_or_else(missing)
    }
}

/// A column of a row whose HMAC cannot be checked yet, because it takes the column to get at the key.
pub fn unchecked<'r, T: FromValue<'r>>(table: Table, row: &'r Row, column: &str) -> Result<T, Error> {
    let unreadable = || Error::Unreadable { table: table.name(), column: column.to_owned() };
    let (index, found) =
        row.columns().iter().enumerate().find(|(_, one)| one.name() == column).ok_or_else(unreadable)?;
    let raw: Option<Raw<'r>> = row.try_get(index).map_err(|_error| unreadable())?;
    let value = raw.map_or(Some(Value::Null), |raw| Value::decode(found.type_(), raw.0)).ok_or_else(unreadable)?;
    T::from_value(&value).ok_or_else(unreadable)
}

/// The columns whose names begin with `prefix`, without it, sorted.
fn columns<'r>(table: Table, prefix: &str, row: &'r Row) -> Result<Vec<Read<'r>>, Error> {
    let mut columns = Vec::with_capacity(row.columns().len());
    for (index, column) in row.columns().iter().enumerate() {
        let Some(name) = column.name().strip_prefix(prefix) else { continue };
        let unreadable = || Error::Unreadable { table: table.name(), column: name.to_owned() };
        let raw: Option<Raw<'r>> = row.try_get(index).map_err(|_error| unreadable())?;
        let value = raw.map_or(Some(Value::Null), |raw| Value::decode(column.type_(), raw.0)).ok_or_else(unreadable)?;
        columns.push(Read { name, sql_type: sql_type(column.type_()), value });
    }
    columns.sort_unstable_by_key(|column| column.name);
    Ok(columns)
}
