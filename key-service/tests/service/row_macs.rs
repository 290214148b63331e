//! A database superuser changes any column of any row: no reader of the row takes it.

use std::collections::BTreeSet;

use api::key::v1::{CreateKeyRequest, DeclareLossRequest, Key, KeyPurpose, Segment};
use audit::{Outbox, OutboxConfig, OutboxKeySlot};
use clock::{SharedClock, SystemClock};
use db::{Executor as _, Statement, Tx};
use key_service::seal::FileSeal;
use key_service::store::{Error, Store};
use key_service::unseal::{UnsealError, unseal};
use names::{KeyUid, LogId};
use std::sync::Arc;
use test_support::poll_until;
use test_support::tamper::{Change, Tampering};
use uuid::Uuid;

use crate::support::{Chain, LIMIT, World};

const TENANT: &str = "0190a5a0-0000-7000-8000-000000000001";
const OTHER_TENANT: &str = "0190a5a0-0000-7000-8000-000000000002";
const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];

/// Two rows in every table, by what the service does. Nothing runs afterwards.
pub(crate) async fn filled() -> World {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    for (id, purpose) in [("k", KeyPurpose::Wrap), ("s", KeyPurpose::Sign)] {
        let create = CreateKeyRequest {
            key_id: id.to_owned(),
            key: Some(Key { purpose: purpose.into(), ..Key::default() }),
            request_id: Uuid::from_u128(7).to_string(),
            on_behalf_of: id.to_owned(),
        };
        operator.keys.create_key(create).await.unwrap();
    }
    let mut vault = world.calls(&replica, "vault-service");
    let tenant_key = vault.provision(TENANT).await.unwrap().name;
    // The other one has a key, too.
    vault.provision(OTHER_TENANT).await.unwrap();
    for (key, subject) in [(tenant_key.as_str(), "p-1"), ("keys/k", "p-2")] {
        vault.generate_for(key, subject, &CONTEXT).await.unwrap();
    }
    let mut audit = world.calls(&replica, "audit-service");
    for log in ["logs/acme", "logs/other"] {
        let mut chain = Chain::new(log);
        chain.seal(&mut audit, [1, 2]).await;
        chain.seal(&mut audit, [3]).await;
        // A second history is an alarm; so is what an audit-service lacks, until it is declared lost.
        let forked = Segment { previous_head: vec![7; 32], ..chain.segment([4]).0 };
        audit.seal_one(forked).await;
        let forget = "DELETE FROM signer_segments WHERE first_index = 0 AND log_id = $1";
        world.sql().await.execute(forget, &[&tlog::log_id(&chain.log).as_uuid()]).await.unwrap();
        audit.seal_one(Chain::new(log).segment([9]).0).await;
        let loss =
            DeclareLossRequest { log: log.to_owned(), first_index: Some(0), last_index: Some(1), ..Default::default() };
        operator.signer.declare_loss(loss).await.unwrap();
    }
    // A log that never began.
    audit.seal_one(Segment { first_index: Some(7), ..Chain::new("logs/none").segment([1]).0 }).await;
    let sql = world.sql().await;
    poll_until(LIMIT, "wraps are counted", async || {
        let row = sql.query_one("SELECT count(*) FROM wrap_counts", &[]).await.unwrap();
        (row.get::<_, i64>(0) == 2).then_some(())
    })
    .await
    .unwrap();
    replica.stop().await;
    world
}

/// The columns that a reader looks a row up by: a row that lost one of them is a row that is not there.
fn places(table: &str) -> &'static [&'static str] {
    match table {
        "keys" => &["key_id"],
        "key_versions" => &["key_uid", "version"],
        "own_keys" | "root_key" | "signer_unknown_alarms" => &[],
        "requests" => &["caller", "on_behalf_of", "request_id"],
        "signer_segments" => &["log_id", "first_index"],
        "signer_alarms" | "signer_heads" | "signer_losses" => &["log_id"],
        "subject_keys" => &["key_uid", "subject"],
        "wrap_counts" => &["key_uid"],
        other => panic!("{other} has no reader here"),
    }
}

/// Whether a change leaves a row at a place that no reader looks at.
fn is_lost(table: &str, change: &Change) -> bool {
    let column = change.column.as_str();
    match change.kind {
        "clear" => places(table).contains(&column),
        // Keys are listed after the empty id, and versions after 0: one that is not there is missed, see `row_outcomes`.
        "empty" => [("keys", "key_id"), ("key_versions", "version")].contains(&(table, column)),
        _ => false,
    }
}

/// Reads every row of a table as the service does, at the places that the rows have now.
async fn read_all(world: &World, store: &Store, table: &str) -> Result<(), UnsealError> {
    if table == "root_key" {
        let (db, clock): (_, SharedClock) = (store.db(), Arc::new(SystemClock));
        let outbox = Outbox::new(db.clone(), OutboxKeySlot::empty(), Arc::clone(&clock), &OutboxConfig::default());
        return unseal(db, &FileSeal::new(&world.seal_file(), false), &clock, &outbox).await.map(drop);
    }
    let read = store.db().run_tx("read_all", |tx| Box::pin(async move { read_all_in_tx(store, tx, table).await }));
    Ok(read.await?)
}

async fn read_all_in_tx(store: &Store, tx: &Tx<'_>, table: &str) -> Result<(), Error> {
    match table {
        "keys" => return store.key_list(tx, "", 1000).await.map(drop),
        "own_keys" => return store.own_keys_fetch_for_update(tx).await.map(drop),
        "signer_unknown_alarms" => return store.signer_unknown_fetch(tx).await.map(drop),
        _ => {}
    }
    let columns = places(table).join(", ");
    let rows = tx
        .query(
            &Statement::built("read_all", &format!("SELECT {columns} FROM {table} WHERE ({columns}) IS NOT NULL")),
            &[],
        )
        .await?;
    for row in rows {
        match table {
            "key_versions" => drop(store.key_version_list(tx, KeyUid::new(row.get(0)), 0, 1000).await?),
            "requests" => drop(store.request_fetch(tx, row.get(0), row.get(1), row.get(2)).await?),
            "signer_alarms" => all(store.signer_alarms_fetch(tx, &[LogId::new(row.get(0))]).await?.into_values())?,
            "signer_heads" => {
                let heads = store.signer_heads_fetch(tx, &[LogId::new(row.get(0))]).await?.heads;
                all(heads.into_iter().map(|(_, head)| head))?;
            }
            "signer_losses" => all(store.signer_losses_fetch(tx, &[LogId::new(row.get(0))]).await?.into_values())?,
            "signer_segments" => drop(store.signer_segments_from(tx, LogId::new(row.get(0)), 0, i64::MAX).await?),
            "subject_keys" => {
                let found = store.subject_keys_fetch(tx, &[(KeyUid::new(row.get(0)), row.get(1))]).await?;
                all(found.into_iter().map(|one| one.row))?;
            }
            "wrap_counts" => drop(store.wrap_counts_fetch(tx, KeyUid::new(row.get(0))).await?),
            other => panic!("{other} has no reader here"),
        }
    }
    Ok(())
}

fn all<T>(mut results: impl Iterator<Item = Result<T, Error>>) -> Result<(), Error> {
    results.try_for_each(|result| result.map(drop))
}

#[tokio::test]
async fn no_change_of_any_column_of_any_row_is_read() {
    let world = filled().await;
    let store = Store::new(world.database.connect().unwrap(), world.row_keys().await);
    let tampering = Tampering::begin(world.sql().await).await.unwrap();
    let mut columns = 0;
    for table in tampering.tables().await.unwrap() {
        tampering.keep(&table).await.unwrap();
        read_all(&world, &store, &table).await.unwrap();
        let mut untouched: BTreeSet<String> = BTreeSet::new();
        let mut touched: BTreeSet<String> = BTreeSet::new();
        for change in tampering.changes(&table).await.unwrap() {
            let changed = tampering.make(&change).await.unwrap();
            let answer = read_all(&world, &store, &table).await;
            let what = format!("{} of {table}.{}", change.kind, change.column);
            assert!(changed > 0 || change.kind != "move", "{table} has no row of a tenant");
            assert!(is_lost(&table, &change) || changed == 0 || answer.is_err(), "{what} was not noticed");
            // A wrapped root key that does not open is no more than a wrong secret.
            let is_alarm = answer.as_ref().err().is_none_or(UnsealError::is_alarm);
            let is_wrong_seal = matches!(answer, Err(UnsealError::WrongSeal))
                && ["flip of root_key.wrapped", "empty of root_key.wrapped"].contains(&what.as_str());
            assert!(is_alarm || is_wrong_seal, "{what}: {answer:?}");
            if changed > 0 {
                touched.insert(change.column)
            } else {
                untouched.insert(change.column)
            };
            tampering.restore(&table).await.unwrap();
        }
        assert!(untouched.is_subset(&touched), "of {table} no row has {:?}", untouched.difference(&touched));
        read_all(&world, &store, &table).await.unwrap();
        columns += touched.len();
    }
    assert!(columns > 80, "only {columns} columns were changed");
}
