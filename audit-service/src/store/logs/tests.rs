//! Lists that end, and pass nothing over.

use std::collections::BTreeSet;

use test_support::postgres::Cluster;

use super::*;
use crate::MIGRATIONS;

#[tokio::test]
async fn quarantined_logs_are_listed_page_by_page_to_the_last() {
    let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
    let fill = "INSERT INTO logs (log_id, name, size, head, last_logged_ns, state, quarantined_at, quarantine_reason)
        SELECT gen_random_uuid(), 'logs/t-' || i, 0, decode(repeat('00', 32), 'hex'), 0, 'QUARANTINED', now(), 'FORKED'
        FROM generate_series(1, 2500) AS i;
        INSERT INTO logs (log_id, name, size, head, last_logged_ns)
        VALUES (gen_random_uuid(), 'logs/active', 0, decode(repeat('00', 32), 'hex'), 0)";
    database.superuser().await.unwrap().batch_execute(fill).await.unwrap();
    let db = database.connect().unwrap();
    let (mut names, mut after, mut pages) = (BTreeSet::new(), LogId::new(Uuid::nil()), 0);
    loop {
        let page = db.run_one("list", |conn| Box::pin(async move { log_list_quarantined(conn, after).await }));
        let page = page.await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = *last;
        pages += 1;
        names.extend(page.into_iter().map(|(_, name)| name));
    }
    assert_eq!((names.len(), pages), (2_500, 3));
}
