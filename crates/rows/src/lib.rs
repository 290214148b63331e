//! Rows with an HMAC: written with it, and read only if it holds.
//!
//! ```text
//! row_mac = 01 ‖ key version u32 ‖ HMAC-SHA-256(key, head ‖ label ‖ lp(table) ‖ (lp(name) ‖ lp(value)) for each column …)
//! head    = the five bytes before it;  label = "strongroom/row/v1\0";  lp(x) = length u32 ‖ x
//! columns = those that are not NULL, sorted by the bytes of their names
//! value   = 01 ‖ i64                    smallint, integer, bigint; boolean as 0 or 1
//!           02 ‖ bytes                  text, varchar, bytea, uuid
//!           03 ‖ i64                    timestamptz: microseconds since 1970
//!           04 ‖ lp(value) …            arrays; an element that is NULL is empty
//! ```
//! Numbers are big-endian. Neither the order nor the width of columns is in it: a column that is widened, and a new one
//! that is NULL, leave every older row valid; setting, clearing or renaming one does not. An update starts from the
//! checked row and carries over what it does not set ([`Checked::carried`]). Vectors: `docs/vectors/rows.json`.
//!
//! # Layout
//! - `error`: why a row is not used, or cannot be written
//! - `mac`: the keys ([`RowKeys`]) and the HMAC
//! - `part`: a part of what the HMAC covers
//! - `value`: values, as the HMAC, PostgreSQL and Rust have them
//! - `read`: a row as a statement returned it ([`Checked`])
//! - [`columns!`]: columns in the SELECT list of a statement
//! - `write`: rows to be written ([`NewRow`], [`NewRows`]) and the text of their INSERT and UPDATE
//!
//! # Known limits
//! - An older genuine row that is put back as a whole, and a row that was deleted, are not noticed here.
//! - The lower bound of an array is not kept; one other than 1 is refused.
//! - No statement writes several rows that have or carry an array.

mod columns;
mod error;
mod mac;
mod part;
mod read;
mod value;
mod write;

pub use error::Error;
pub use mac::{RowKeys, Table};
pub use read::{Checked, unchecked};
pub use value::{FromValue, IntoValue, Time, Value};
pub use write::{Carried, NewRow, NewRows};

#[cfg(test)]
mod tests;
