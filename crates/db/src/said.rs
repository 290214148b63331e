//! What the log says of the database: the real cause, which callers are not told, once a minute for each.

use std::collections::HashMap;
use std::error;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::error::DbError;

/// A cause is logged once in so long.
const UNTIL_SAID_AGAIN: Duration = Duration::from_mins(1);
/// Causes that are remembered: SQLSTATEs are few.
const REMEMBERED: usize = 64;

/// Warns of a cause by its name, such as its SQLSTATE.
pub(crate) fn warn(cause: &str, reason: &str) {
    static SAID_AT: LazyLock<Mutex<HashMap<String, Instant>>> = LazyLock::new(Mutex::default);
    let mut said_at = SAID_AT.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    if said_at.get(cause).is_some_and(|said_at| now.saturating_duration_since(*said_at) < UNTIL_SAID_AGAIN) {
        return;
    }
    if said_at.len() >= REMEMBERED {
        said_at.clear();
    }
    said_at.insert(cause.to_owned(), now);
    tracing::warn!(cause, reason, "the database does not do what it is asked");
}

/// Warns of why a connection could not be had.
pub(crate) fn cannot_connect(error: &tokio_postgres::Error) {
    let cause = error.code().map_or("connect", |code| code.code());
    warn(cause, &error.as_db_error().map_or_else(|| chain(error), |said: &DbError| said.message().to_owned()));
}

/// The messages of an error and of its causes, for one log line.
pub fn chain(error: &(dyn error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
