//! Rows to be written: each column is named once, and out of that come the HMAC, the parameters, and the SQL.

use std::borrow::Cow;
use std::fmt::Write as _;

use db::types::ToSql;

use crate::error::Error;
use crate::mac::{ROW_MAC, RowKeys, Table};
use crate::value::{IntoValue, Value};

/// A row to be written, with its HMAC.
#[derive(Debug)]
pub struct NewRow<'a> {
    table: Table,
    columns: Vec<Column<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column<'a> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) sql_type: &'static str,
    pub(crate) value: Value<'a>,
    /// It stands in the row that is updated, and this program does not set it.
    pub(crate) is_carried: bool,
}

/// The columns of a checked row, for an update of it ([`NewRow::carrying`]). None for a row that is new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried(pub(crate) Vec<Column<'static>>);

impl<'a> NewRow<'a> {
    /// A row of `table` without columns.
    pub fn of(table: Table) -> Self {
        Self { table, columns: Vec::with_capacity(16) }
    }

    /// One more column.
    #[must_use]
    pub fn with<T: IntoValue<'a>>(mut self, column: &'static str, value: T) -> Self {
        let (name, value) = (Cow::Borrowed(column), value.into_value());
        self.columns.push(Column { name, sql_type: T::SQL, value, is_carried: false });
        self
    }

    /// Takes over the columns of the row that is updated which are not set: a newer program may have written one that
    /// this one only reads. Comes after the last [`NewRow::with`].
    #[must_use]
    pub fn carrying(mut self, carried: &Carried) -> Self {
        let is_set = |one: &&Column<'_>| !self.columns.iter().any(|set| set.name == one.name);
        let added: Vec<_> = carried.0.iter().filter(is_set).cloned().collect();
        self.columns.extend(added);
        self
    }

    /// The row with its HMAC, which is its last column.
    #[must_use]
    pub fn authenticated(self, keys: &RowKeys) -> Self {
        let mac = {
            let covered = self.columns.iter().filter(|column| self.table.covers(&column.name));
            let mut covered: Vec<_> = covered.map(|column| (column.name.as_ref(), &column.value)).collect();
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

    /// `ON CONFLICT (key) DO UPDATE SET …`: all other columns are set.
    pub fn on_conflict_update(&self, key: &[&str]) -> String {
        format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), set_from(&self.columns, "excluded", key))
    }

    /// `UPDATE table SET … WHERE …`, with parameters from number `first` on: the row is found by the columns `key`, and all
    /// others are set.
    pub fn update(&self, key: &[&str], first: usize) -> String {
        let term = |(number, column): (usize, &Column<'_>)| format!("{0} = ${number} /* {0} */", column.name);
        let numbered = || (first..).zip(&self.columns);
        let set: Vec<_> = numbered().filter(|(_, column)| !key.contains(&column.name.as_ref())).map(term).collect();
        let found: Vec<_> = numbered().filter(|(_, column)| key.contains(&column.name.as_ref())).map(term).collect();
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
    /// Rows that set the same columns in the same order, none of them an array. [`Error::Unlike`] for others. What one
    /// carries is NULL in those that do not.
    pub fn of(table: Table, rows: Vec<NewRow<'a>>) -> Result<Self, Error> {
        let mut columns: Vec<Column<'a>> = Vec::new();
        let mut carried: Vec<Column<'a>> = Vec::new();
        let count = rows.len();
        for (place, row) in rows.into_iter().enumerate() {
            let (also, set): (Vec<_>, Vec<_>) = row.columns.into_iter().partition(|column| column.is_carried);
            if columns.is_empty() {
                columns = set.iter().map(|one| one.array(Vec::with_capacity(count))).collect();
            }
            if row.table != table || set.len() != columns.len() {
                return Err(Error::Unlike { table: table.name() });
            }
            for (all, one) in columns.iter_mut().zip(set) {
                all.push(one, table)?;
            }
            for one in also {
                if let Some(all) = carried.iter_mut().find(|all| all.name == one.name) {
                    all.push(one, table)?;
                } else {
                    let mut all = one.array(vec![Value::Null; place]);
                    all.push(one, table)?;
                    carried.push(all);
                }
            }
            for all in &mut carried {
                if let Value::Array(values) = &mut all.value {
                    values.resize(place.saturating_add(1), Value::Null);
                }
            }
        }
        columns.extend(carried);
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

    /// As [`NewRows::insert`], each row with a tag, `given.tag`, by which the rest of the statement chooses among them: the
    /// last parameter is the array of the tags.
    pub fn insert_tagged(&self, first: usize) -> String {
        let (names, tag) = (names(&self.columns), first.saturating_add(self.columns.len()));
        format!(
            "INSERT INTO {} ({names}) SELECT {names} FROM unnest({}, ${tag}::uuid[] /* tag */) AS given ({names}, tag)",
            self.table.name(),
            self.arrays(first)
        )
    }

    /// `ON CONFLICT (key) DO UPDATE SET …`: all other columns are set.
    pub fn on_conflict_update(&self, key: &[&str]) -> String {
        format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), set_from(&self.columns, "excluded", key))
    }

    /// `UPDATE table SET … FROM unnest(…) AS given (…) WHERE …`, with parameters from number `first` on: rows are found
    /// by the columns `key`, and all others are set.
    pub fn update(&self, key: &[&str], first: usize) -> String {
        let table = self.table.name();
        let found: Vec<_> = key.iter().map(|name| format!("{table}.{name} = given.{name}")).collect();
        let set = set_from(&self.columns, "given", key);
        format!("UPDATE {table} SET {set} FROM {} WHERE {}", self.given(first), found.join(" AND "))
    }

    /// As [`NewRows::update`], each row where it stands: the last parameter is the array of their places, `ctid` as text.
    /// Finds the rows that this transaction has locked, and has read the places of since, without their keys' index: none serves
    /// a comparison by IS NOT DISTINCT FROM.
    pub fn update_placed(&self, key: &[&str], first: usize) -> String {
        let table = self.table.name();
        let found: Vec<_> =
            key.iter().map(|name| format!("{table}.{name} IS NOT DISTINCT FROM given.{name}")).collect();
        let (set, names) = (set_from(&self.columns, "given", key), names(&self.columns));
        format!(
            "UPDATE {table} SET {set} FROM unnest({}, ${}::text[] /* places */) AS given ({names}, place) \
             WHERE {table}.ctid = given.place::tid AND {}",
            self.arrays(first),
            first.saturating_add(self.columns.len()),
            found.join(" AND ")
        )
    }

    fn given(&self, first: usize) -> String {
        format!("unnest({}) AS given ({})", self.arrays(first), names(&self.columns))
    }

    fn arrays(&self, first: usize) -> String {
        let array =
            |(number, column): (usize, &Column<'_>)| format!("${number}::{}[] /* {} */", column.sql_type, column.name);
        let arrays: Vec<_> = (first..).zip(&self.columns).map(array).collect();
        arrays.join(", ")
    }
}

fn set_from(columns: &[Column<'_>], source: &str, key: &[&str]) -> String {
    let others = columns.iter().filter(|column| !key.contains(&column.name.as_ref()));
    let set: Vec<_> = others.map(|column| format!("{0} = {source}.{0}", column.name)).collect();
    set.join(", ")
}

impl<'a> Column<'a> {
    /// The same column of many rows, which has these values so far.
    fn array(&self, values: Vec<Value<'a>>) -> Self {
        Self {
            name: self.name.clone(),
            sql_type: self.sql_type,
            value: Value::Array(values),
            is_carried: self.is_carried,
        }
    }

    /// One row's value more.
    fn push(&mut self, one: Self, table: Table) -> Result<(), Error> {
        match &mut self.value {
            Value::Array(values) if self.name == one.name && !matches!(one.value, Value::Array(_)) => {
                values.push(one.value);
                Ok(())
            }
            _ => Err(Error::Unlike { table: table.name() }),
        }
    }
}

fn names(columns: &[Column<'_>]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name.as_ref()).collect();
    names.join(", ")
}
