//! Forgets requests after 24 hours by the database's clock, which makes nothing old by jumping ahead.

use std::time::Duration;

use clock::DatabaseTime;
use db::Db;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::store::requests::{request_delete_before, request_now};
use crate::time::Micros;

/// How long requests are remembered.
const KEPT: Duration = Duration::from_hours(24);
/// Pause between two rounds.
const PAUSE: Duration = Duration::from_mins(1);
/// Most requests forgotten in one statement.
const LIMIT: i64 = 1000;

/// Goes on until the process ends.
pub(super) async fn forget(db: Db, ended: CancellationToken) {
    let time = DatabaseTime::default();
    let rounds = async {
        loop {
            if let Err(error) = forget_old(&db, &time).await {
                tracing::debug!(error = service::chain(&error), "requests are forgotten later");
            }
            sleep(PAUSE).await;
        }
    };
    ended.run_until_cancelled(rounds).await;
}

/// Forgets all that are old enough; returns how many there were.
pub async fn forget_old(db: &Db, time: &DatabaseTime) -> Result<u64, db::Error> {
    let shown = db.run_one("requests_now", |conn| Box::pin(async move { request_now(conn).await })).await?;
    let before = Micros::of(time.bounded(shown).saturating_sub(KEPT));
    let mut forgotten = 0;
    loop {
        let some: Result<u64, db::Error> = db
            .run_one("requests_forget", |conn| {
                Box::pin(async move { request_delete_before(conn, before, LIMIT).await })
            })
            .await;
        let some = some?;
        forgotten += some;
        if some < LIMIT.unsigned_abs() {
            return Ok(forgotten);
        }
    }
}
