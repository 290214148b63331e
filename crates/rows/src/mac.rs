//! The HMAC over a row's columns, and the keys that it is made with.

use std::fmt;

use ring::hmac::{self, HMAC_SHA256, Key};
use secret::{SecretBytes, constant_time_eq, scrubbed};

use crate::part::part;
use crate::value::Value;

const FORMAT: u8 = 1;
const LABEL: &[u8] = b"strongroom/row/v1\0";
/// Format and key version.
const HEAD: usize = 1 + 4;
/// Length of a row's HMAC in bytes.
const LENGTH: usize = HEAD + 32;
/// The column that the HMAC stands in.
pub(crate) const ROW_MAC: &str = "row_mac";

/// A table whose rows carry an HMAC, in the column `row_mac`: one constant for each, beside its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    name: &'static str,
    left_out: &'static [&'static str],
}

impl Table {
    /// The table `name`.
    pub const fn new(name: &'static str) -> Self {
        Self { name, left_out: &[] }
    }

    /// Leaves columns out of the HMAC, because a digest of them is another column, or because they may change freely.
    #[must_use]
    pub const fn leaving_out(self, columns: &'static [&'static str]) -> Self {
        Self { left_out: columns, ..self }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the HMAC covers the column.
    pub fn covers(&self, column: &str) -> bool {
        column != ROW_MAC && !self.left_out.contains(&column)
    }
}

/// The key of rows' HMACs, in one version or several: the newest makes them, each checks its own.
pub struct RowKeys {
    newest: (u32, Box<Key>),
    older: Vec<(u32, Box<Key>)>,
}

impl RowKeys {
    /// With the newest version of a key that has no other use.
    #[expect(clippy::needless_pass_by_value, reason = "the key is used up: nobody else may hold it")]
    pub fn new(version: u32, key: SecretBytes<32>) -> Self {
        Self { newest: (version, schedule(&key)), older: Vec::new() }
    }

    /// With an older version too, which makes no HMAC any more.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "the key is used up: nobody else may hold it")]
    pub fn with_older(mut self, version: u32, key: SecretBytes<32>) -> Self {
        self.older.push((version, schedule(&key)));
        self
    }

    /// The HMAC over these columns, which are sorted by name.
    pub(crate) fn make(&self, table: &str, columns: &[(&str, &Value<'_>)]) -> Vec<u8> {
        let (version, key) = &self.newest;
        let head = head(*version);
        let mut mac = Vec::with_capacity(LENGTH);
        mac.extend_from_slice(&head);
        mac.extend_from_slice(hmac::sign(key, &message(head, table, columns)).as_ref());
        mac
    }

    /// Whether `mac` is the HMAC over these columns, which are sorted by name, in constant time. Nothing vouches for the
    /// head of a row's HMAC: an unknown format or key version is an altered row like any other.
    pub(crate) fn holds(&self, table: &str, columns: &[(&str, &Value<'_>)], mac: &[u8]) -> bool {
        let Some((head, given)) = mac.split_first_chunk::<HEAD>() else { return false };
        let [format, version @ ..] = *head;
        let version = u32::from_be_bytes(version);
        let key = std::iter::once(&self.newest).chain(&self.older).find(|(held, _)| *held == version);
        let Some((_, key)) = key.filter(|_| format == FORMAT) else { return false };
        constant_time_eq(hmac::sign(key, &message(*head, table, columns)).as_ref(), given)
    }
}

/// The key lives on the heap, so that moving it leaves no copy behind.
fn schedule(key: &SecretBytes<32>) -> Box<Key> {
    scrubbed(|| Box::new(Key::new(HMAC_SHA256, key.expose())))
}

fn head(version: u32) -> [u8; HEAD] {
    let [a, b, c, d] = version.to_be_bytes();
    [FORMAT, a, b, c, d]
}

/// What is authenticated. Everything in it comes from a row or a request, whose limits are far below 4 GiB.
pub(crate) fn message(head: [u8; HEAD], table: &str, columns: &[(&str, &Value<'_>)]) -> Vec<u8> {
    let mut message = Vec::with_capacity(512);
    message.extend_from_slice(&head);
    message.extend_from_slice(LABEL);
    part(&mut message, |out| out.extend_from_slice(table.as_bytes()));
    for (name, value) in columns.iter().filter(|(_, value)| **value != Value::Null) {
        part(&mut message, |out| out.extend_from_slice(name.as_bytes()));
        part(&mut message, |out| value.encode(out));
    }
    message
}

impl fmt::Debug for RowKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowKeys([redacted])")
    }
}
