//! The cluster and the certificates themselves.
#![cfg(test)]

use db::{Db, Migration};
use strongroom_test_support::{postgres::Cluster};

const MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    name: "things",
    sql: "CREATE TABLE things (id integer PRIMARY KEY); GRANT SELECT, INSERT ON things TO strongroom_vault",
}];

#[tokio::test]
async fn databases_of_one_template_do_not_see_each_other() {
    let cluster = Cluster::shared().await.unwrap();
    let (one, two) = (cluster.database("vault", &MIGRATIONS).await.unwrap(), cluster.database("vault", &MIGRATIONS).await.unwrap());
    let (one, two) = (one.connect().unwrap(), two.connect().unwrap());
    insert(&one).await.unwrap();
    insert(&two).await.unwrap();
    db::check_version(&one, &MIGRATIONS).await.unwrap();
    db::require_durable(&one).await.unwrap();
}

async fn insert(db: &Db) -> Result<u64, db::Error> {
    db.run_one("insert", |conn| Box::pin(async move { conn.execute("INSERT INTO things VALUES (1)", &[]).await })).await
}
