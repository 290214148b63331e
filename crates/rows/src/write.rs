//! Rows to be written: each column is named once, and out of that come the HMAC, the parameters, and the SQL.

use std::fmt::Write as _;

use db::types::ToSql;

use crate::Error;
use crate::mac::{ROW_MAC, RowKeys, Table};
use crate::value::{IntoValue, Value};

/// A row to be written, with its HMAC.
#[derive(Debug)]
pub struct NewRow<'a> {
    table: Table,
    columns: Vec<Column<'a>>,
}

#[derive(Debug)]
struct Column<'a> {
    name: &'static str,
    sql_type: &'static str,
    value: Value<'a>,
}

impl<'a> NewRow<'a> {
    /// A row of `table` without columns.
    pub fn of(table: Table) -> Self {
        Self { table, columns: Vec::with_capacity(16) }
    }

    /// One more column.
    #[must_use]
    pub fn with<T: IntoValue<'a>>(mut self, column: &'static str, value: T) -> Self {
        self.columns.push(Column { name: column, sql_type: T::SQL, value: value.into_value() });
        self
    }

    /// The row with its HMAC, which is its last column.
    #[must_use]
    pub fn authenticated(self, keys: &RowKeys) -> Self {
        let mac = {
            let covered = self.columns.iter().filter(|column| self.table.covers(column.name));
            let mut covered: Vec<_> = covered.map(|column| (column.name, &column.value)).collect();
            covered.sort_unstable_by_key(|(name, _)| *name);
            keys.make(self.table.name(), &covered)
        };
        self.with(ROW_MAC, mac)
    }

    /// The values, in the order of the columns.
    pub fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.columns.iter().map(|column| -> &(dyn ToSql + Sync) { &column.value }).collect()
    }

    /// `INSERT INTO table (…) VALUES (…)`, with parameters from number `first` on.
    pub fn insert(&self, first: usize) -> String {
        let mut sql = format!("INSERT INTO {} ({}) VALUES (", self.table.name(), names(&self.columns));
        for (number, column) in (first..).zip(&self.columns) {
            let comma = if number == first { "" } else { ", " };
            // Writing to a text cannot fail.
            let _ = write!(sql, "{comma}${number} /* {} */", column.name);
        }
        sql.push(')');
        sql
    }

    /// `UPDATE table SET … WHERE …`, with parameters from number `first` on: the row is found by the columns `key`, and all
    /// others are set.
    pub fn update(&self, key: &[&str], first: usize) -> String {
        let term = |(number, column): (usize, &Column<'_>)| format!("{0} = ${number} /* {0} */", column.name);
        let numbered = || (first..).zip(&self.columns);
        let set: Vec<_> = numbered().filter(|(_, column)| !key.contains(&column.name)).map(term).collect();
        let found: Vec<_> = numbered().filter(|(_, column)| key.contains(&column.name)).map(term).collect();
        format!("UPDATE {} SET {} WHERE {}", self.table.name(), set.join(", "), found.join(" AND "))
    }
}

/// Rows of one table to be written by one statement: a parameter for each column, an array of its values.
#[derive(Debug)]
pub struct NewRows<'a> {
    table: Table,
    columns: Vec<Column<'a>>,
}

impl<'a> NewRows<'a> {
    /// Rows that have the same columns in the same order, none of them an array. [`Error::Unlike`] for others.
    pub fn of(table: Table, rows: Vec<NewRow<'a>>) -> Result<Self, Error> {
        let mut columns: Vec<Column<'a>> = Vec::new();
        let count = rows.len();
        for row in rows {
            if columns.is_empty() {
                let empty = |one: &Column<'a>| {
                    let value = Value::Array(Vec::with_capacity(count));
                    Column { name: one.name, sql_type: one.sql_type, value }
                };
                columns = row.columns.iter().map(empty).collect();
            }
            if row.table != table || row.columns.len() != columns.len() {
                return Err(Error::Unlike { table: table.name() });
            }
            for (all, one) in columns.iter_mut().zip(row.columns) {
                match &mut all.value {
                    Value::Array(values) if all.name == one.name && !matches!(one.value, Value::Array(_)) => {
                        values.push(one.value);
                    }
                    _ => return Err(Error::Unlike { table: table.name() }),
                }
            }
        }
        Ok(Self { table, columns })
    }

    /// Whether there is no row: then there is no statement either.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The arrays, in the order of the columns.
    pub fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.columns.iter().map(|column| -> &(dyn ToSql + Sync) { &column.value }).collect()
    }

    /// `INSERT INTO table (…) SELECT … FROM unnest(…) AS given (…)`, with parameters from number `first` on.
    pub fn insert(&self, first: usize) -> String {
        let names = names(&self.columns);
        format!("INSERT INTO {} ({names}) SELECT {names} FROM {}", self.table.name(), self.given(first))
    }

    /// `ON CONFLICT (key) DO UPDATE SET …`: all other columns are set.
    pub fn on_conflict_update(&self, key: &[&str]) -> String {
        format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), self.set_from("excluded", key))
    }

    /// `UPDATE table SET … FROM unnest(…) AS given (…) WHERE …`, with parameters from number `first` on: rows are found
    /// by the columns `key`, and all others are set.
    pub fn update(&self, key: &[&str], first: usize) -> String {
        let table = self.table.name();
        let found: Vec<_> = key.iter().map(|name| format!("{table}.{name} = given.{name}")).collect();
        let set = self.set_from("given", key);
        format!("UPDATE {table} SET {set} FROM {} WHERE {}", self.given(first), found.join(" AND "))
    }

    fn given(&self, first: usize) -> String {
        let array =
            |(number, column): (usize, &Column<'_>)| format!("${number}::{}[] /* {} */", column.sql_type, column.name);
        let arrays: Vec<_> = (first..).zip(&self.columns).map(array).collect();
        format!("unnest({}) AS given ({})", arrays.join(", "), names(&self.columns))
    }

    fn set_from(&self, source: &str, key: &[&str]) -> String {
        let others = self.columns.iter().filter(|column| !key.contains(&column.name));
        let set: Vec<_> = others.map(|column| format!("{0} = {source}.{0}", column.name)).collect();
        set.join(", ")
    }
}

fn names(columns: &[Column<'_>]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    names.join(", ")
}
