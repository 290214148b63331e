//! Forgets requests after 24 hours by the database's clock, which makes nothing old by jumping ahead; earlier where there
//! are more than are kept: then the oldest of the tenants that have most.

use std::time::Duration;

use clock::DatabaseTime;
use db::Db;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::store::requests::{
    Share, request_delete_before, request_delete_oldest, request_estimate, request_now, request_shares,
};
use crate::time::Micros;

/// How long requests are remembered.
const KEPT: Duration = Duration::from_hours(24);
/// Pause between two rounds.
const PAUSE: Duration = Duration::from_mins(1);
/// Most requests forgotten in one statement.
const LIMIT: u64 = 1000;
/// Most tenants of whose requests some are forgotten in one round.
const MAX_TENANTS: usize = 1000;
/// How many requests, about, are looked at to see whose they are.
const SAMPLE: u64 = 20_000;

/// Goes on until the process ends; about `most` requests are kept.
pub(super) async fn forget(db: Db, most: u64, ended: CancellationToken) {
    let time = DatabaseTime::default();
    let rounds = async {
        let (mut is_beyond, mut is_failing) = (false, false);
        loop {
            let round = async {
                forget_old(&db, &time).await?;
                forget_beyond(&db, most).await
            };
            match round.await {
                Ok(0) => (is_beyond, is_failing) = (false, false),
                Ok(forgotten) => {
                    if !is_beyond {
                        tracing::warn!(
                            forgotten,
                            most,
                            "requests are forgotten before 24 hours: more come than are kept"
                        );
                    }
                    (is_beyond, is_failing) = (true, false);
                }
                Err(error) => {
                    if !is_failing {
                        tracing::warn!(error = service::chain(&error), "requests are not forgotten as they should be");
                    }
                    is_failing = true;
                }
            }
            sleep(PAUSE).await;
        }
    };
    ended.run_until_cancelled(rounds).await;
}

/// Forgets all that are old enough; returns how many there were.
pub async fn forget_old(db: &Db, time: &DatabaseTime) -> Result<u64, db::Error> {
    let shown = request_now(db).await?;
    let before = Micros::of(time.bounded(shown).saturating_sub(KEPT));
    let mut forgotten = 0;
    loop {
        let some = request_delete_before(db, before, to_limit(LIMIT)).await?;
        forgotten += some;
        if some < LIMIT {
            return Ok(forgotten);
        }
    }
}

/// Forgets what there is beyond about `most`: the oldest requests of the tenants that have most, so that one that makes
/// very many shortens the time of its own and of nobody else's. Returns how many there were.
pub async fn forget_beyond(db: &Db, most: u64) -> Result<u64, db::Error> {
    let all = request_estimate(db).await?;
    let excess = all.saturating_sub(most);
    if excess == 0 {
        return Ok(0);
    }
    let shares = request_shares(db, SAMPLE, all).await?;
    let mut forgotten = 0;
    for Share { tenant_uid, requests } in beyond(shares, all, most).into_iter().take(MAX_TENANTS) {
        let mut left = requests;
        while left > 0 {
            let limit = LIMIT.min(left);
            let some = request_delete_oldest(db, tenant_uid, to_limit(limit)).await?;
            metrics::counter!("vault_requests_forgotten_early_total").increment(some);
            forgotten += some;
            left = if some < limit { 0 } else { left - some };
        }
    }
    Ok(forgotten)
}

/// The tenants that have more than each may have, those with most first, and how many of theirs are too many: so that all have
/// no more than `most` of `all` together.
fn beyond(mut shares: Vec<Share>, all: u64, most: u64) -> Vec<Share> {
    let sampled: u64 = shares.iter().map(|share| share.requests).sum();
    let scaled = |count: u64, by: u64, of: u64| {
        u64::try_from(u128::from(count) * u128::from(by) / u128::from(of.max(1))).unwrap_or(u64::MAX)
    };
    // What of the sample may stay.
    let mut left = scaled(sampled, most, all);
    shares.sort_unstable_by_key(|share| share.requests);
    let mut tenants = u64::try_from(shares.len()).unwrap_or(u64::MAX);
    let mut small = 0;
    for share in &shares {
        if share.requests > left / tenants.max(1) {
            break;
        }
        left -= share.requests;
        tenants -= 1;
        small += 1;
    }
    let part = left / tenants.max(1);
    let too_many = |share: Share| Share { requests: scaled(share.requests - part, all, sampled), ..share };
    shares.split_off(small).into_iter().rev().map(too_many).collect()
}

fn to_limit(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use names::TenantUid;
    use uuid::Uuid;

    use super::*;

    fn beyond_of(shares: &[u64], most: u64) -> Vec<(u128, u64)> {
        let share = |(number, requests): (u128, &u64)| Share {
            tenant_uid: TenantUid::new(Uuid::from_u128(number)),
            requests: *requests,
        };
        let all = shares.iter().sum();
        let shares = (0..).zip(shares).map(share).collect();
        beyond(shares, all, most)
            .into_iter()
            .map(|share| (share.tenant_uid.as_uuid().as_u128(), share.requests))
            .collect()
    }

    #[test]
    fn who_has_little_keeps_it() {
        assert_eq!(beyond_of(&[10, 900, 20, 70], 500), [(1, 500)]);
        assert_eq!(beyond_of(&[10, 600, 20, 500], 500), [(1, 365), (3, 265)]);
        assert_eq!(beyond_of(&[100, 100, 100], 150), [(2, 50), (1, 50), (0, 50)]);
        assert_eq!(beyond_of(&[], 150), []);
    }

    #[test]
    fn a_sample_is_scaled() {
        let share = |number, requests| Share { tenant_uid: TenantUid::new(Uuid::from_u128(number)), requests };
        let found = beyond(vec![share(1, 10), share(2, 90)], 1_000_000, 600_000);
        assert_eq!(found, [share(2, 400_000)]);
    }
}
