//! Forgets requests after 24 hours.

use std::time::Duration;

use db::Db;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::store::requests::request_delete_old;

/// Pause between two rounds.
const PAUSE: Duration = Duration::from_mins(1);
/// Most requests forgotten in one statement.
const LIMIT: i64 = 1000;

/// Goes on until the process ends.
pub(super) async fn forget(db: Db, ended: CancellationToken) {
    let rounds = async {
        loop {
            round(&db).await;
            sleep(PAUSE).await;
        }
    };
    ended.run_until_cancelled(rounds).await;
}

/// Forgets all that are old enough.
async fn round(db: &Db) {
    loop {
        let forgotten =
            db.run_one("requests_forget", |conn| Box::pin(async move { request_delete_old(conn, LIMIT).await })).await;
        match forgotten {
            Ok(count) if count < LIMIT.unsigned_abs() => return,
            Ok(_) => {}
            Err(error) => {
                let error: &db::Error = &error;
                tracing::debug!(error = service::chain(error), "requests are forgotten later");
                return;
            }
        }
    }
}
