//! Connections whose last statement was given up: nobody gets one before that statement has ended.
//!
//! ```text
//! caller gives up ─▶ statement goes on ─┬─▶ answered within PATIENCE: back to the pool
//!                                       └─▶ otherwise closed; the server ends what nobody waits for
//! ```
//! Most statements that are given up end by themselves within milliseconds, and callers that give up at every call must not
//! make this process log in at every call. One that waits for a lock is not waited for. It is not cancelled by a request,
//! either: that needs a connection of its own, and where it comes late it meets the statement of the next caller.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::Object;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::places::Place;

/// How long a statement may go on before its connection is closed. Its place in the pool is not free meanwhile, as it would
/// not be if the caller had waited.
const PATIENCE: Duration = Duration::from_millis(100);

/// The connections of a pool that are waited for: never more than it has.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    tasks: Mutex<JoinSet<()>>,
}

impl Settling {
    /// Gives `client` back to its pool once it answers again, or closes it.
    pub(crate) fn settle(&self, client: Object, place: Option<Place>) {
        let Ok(runtime) = Handle::try_current() else { return close(client) };
        // A panic elsewhere leaves a set of tasks behind, as always.
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(settled(client, place), &runtime);
    }
}

/// Closes a connection instead of giving it back.
pub(crate) fn close(client: Object) {
    drop(Object::take(client));
}

async fn settled(client: Object, place: Option<Place>) {
    // Answers come in the order of the questions, so this one comes last.
    let answered = timeout(PATIENCE, client.batch_execute("")).await.is_ok_and(|answer| answer.is_ok());
    let outcome = if answered { "answered" } else { "closed" };
    metrics::counter!("db_statements_given_up_total", "outcome" => outcome).increment(1);
    if answered {
        drop(client);
    } else {
        close(client);
    }
    drop(place);
}
