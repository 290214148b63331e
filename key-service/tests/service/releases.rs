//! Two releases side by side: rows that the newer one has written are read, changed, or left alone; never taken for altered.

use std::sync::Arc;
use std::time::Duration;

use api::key::v1::{GetKeyRequest, KeyPurpose, ListKeysRequest};
use clock::{SharedClock, SystemClock};
use key_service::keyring::{Keyring, Limits, Wanted};
use key_service::store::Store;
use key_service::store::signer_heads::{HeadRow, HeadRows};
use key_service::subjects::Subjects;
use rows::{Carried, NewRow, RowKeys, Table};
use tonic::Code;

use crate::support::{Chain, Refused, World, refused};

const KEYS: Table = Table::new("keys");
const HEADS: Table = Table::new("signer_heads");
const OWN_KEYS: Table = Table::new("own_keys");
const LOG: &str = "logs/acme";

/// The columns of a row, as a statement gives them that names all of them, and what stands in the column `later`.
async fn stored(world: &World, keys: &RowKeys, (table, filter): (Table, &str)) -> (Carried, Option<String>) {
    let sql = format!("SELECT * FROM {} WHERE {filter}", table.name());
    let row = world.sql().await.query_one(&sql, &[]).await.unwrap();
    let row = keys.check(table, &row).unwrap();
    (row.carried(), row.get("later").ok())
}

/// Sets columns of a row with a right HMAC, as a later release does.
async fn write_newer(world: &World, keys: &RowKeys, (table, filter): (Table, &str), change: NewRow<'_>) {
    let sql = world.sql().await;
    let row = sql.query_one(&format!("SELECT * FROM {} WHERE {filter}", table.name()), &[]).await.unwrap();
    let row = change.carrying(&keys.check(table, &row).unwrap().carried()).authenticated(keys);
    let key: &[&str] = if table == KEYS { &["key_uid"] } else { &["log_id"] };
    let key = if table == OWN_KEYS { &["singleton"] } else { key };
    assert_eq!(sql.execute(&row.update(key, 1), &row.params()).await.unwrap(), 1);
}

#[tokio::test]
async fn updates_leave_a_column_as_it_is_that_this_release_does_not_write() {
    let (world, replica) = World::start().await;
    world.calls(&replica, "operator").create("k", KeyPurpose::Wrap).await.unwrap();
    Chain::new(LOG).seal(&mut world.calls(&replica, "audit-service"), [1]).await;
    replica.stop().await;
    let keys = world.row_keys().await;
    let store = &Store::new(world.database.connect().unwrap(), world.row_keys().await);
    let places = [(KEYS, "key_id = 'k'"), (HEADS, "true"), (OWN_KEYS, "true")];
    let (key_id, log) = (&"k".parse().unwrap(), &LOG.parse().unwrap());
    let id = tlog::log_id(log);

    let read = store.db().run_tx("read", |tx| {
        Box::pin(async move {
            let key = store.key_fetch_for_update(tx, key_id).await?.unwrap();
            let heads = store.signer_heads_lock(tx, &[id]).await?;
            Ok::<_, key_service::store::Error>((key, heads, store.own_keys_fetch_for_update(tx).await?.unwrap()))
        })
    });
    let (mut key, mut heads, mut own) = read.await.unwrap();
    let carried = [&key.carried, &heads.rows[&id].carried, &own.carried];
    for (place, carried) in places.into_iter().zip(carried) {
        assert_eq!(&stored(&world, &keys, place).await.0, carried, "a row is carried as it was read: {place:?}");
    }

    // What the reads return once they name the new column.
    for (table, _) in places {
        let add = format!("ALTER TABLE {} ADD COLUMN later text", table.name());
        world.sql().await.batch_execute(&add).await.unwrap();
    }
    for place in places {
        write_newer(&world, &keys, place, NewRow::of(place.0).with("later", "x")).await;
    }
    key.carried = stored(&world, &keys, places[0]).await.0;
    let carried = stored(&world, &keys, places[1]).await.0;
    let place = "SELECT ctid::text FROM signer_heads";
    let place = world.sql().await.query_one(place, &[]).await.unwrap().get(0);
    heads.rows.insert(id, HeadRow { carried, place });
    own.carried = stored(&world, &keys, places[2]).await.0;
    key.key.revision += 1;
    own.names.push("x".to_owned());
    let mut state = heads.heads.pop().unwrap().1.unwrap().state;
    state.acknowledged = 1;
    let (states, known): (_, HeadRows) = (&[(LOG.parse().unwrap(), state)], heads.rows);
    let (key, own, known) = (&key, &own, &known);
    let written = store.db().run_tx("write", |tx| {
        Box::pin(async move {
            store.key_update(tx, key).await?;
            store.own_keys_update(tx, own).await?;
            store.signer_heads_write(tx, states, known).await
        })
    });
    assert_eq!(written.await.unwrap(), 1);
    for (place, before) in places.into_iter().zip([&key.carried, &known[&id].carried, &own.carried]) {
        let (after, later) = stored(&world, &keys, place).await;
        assert_eq!(later.as_deref(), Some("x"), "{place:?}");
        assert_ne!(&after, before, "{place:?} was written");
    }
}

#[tokio::test]
async fn a_genuine_row_of_a_later_release_is_newer_and_no_alarm() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    for id in ["purpose", "labels"] {
        operator.create(id, KeyPurpose::Wrap).await.unwrap();
    }
    let keys = world.row_keys().await;
    let constraints = "ALTER TABLE keys DROP CONSTRAINT keys_purpose_known";
    world.sql().await.batch_execute(constraints).await.unwrap();
    let many: Vec<u8> =
        (10..40_u8).flat_map(|k| [&[0, 0, 0, 2][..], &[b'0' + k / 10, b'0' + k % 10], &[0; 4]].concat()).collect();
    let change = NewRow::of(KEYS).with("labels", many.as_slice());
    write_newer(&world, &keys, (KEYS, "key_id = 'labels'"), change).await;
    write_newer(&world, &keys, (KEYS, "key_id = 'purpose'"), NewRow::of(KEYS).with("purpose", 9_i16)).await;

    let get = |id: &str| GetKeyRequest { name: format!("keys/{id}"), ..Default::default() };
    let labels = operator.keys.get_key(get("labels")).await.unwrap().into_inner().key.unwrap().labels;
    assert_eq!(labels.len(), 30, "limits are those of a create");
    let newer = Refused::with(Code::Unavailable, "NEWER_VERSION", &[]);
    assert_eq!(refused(operator.keys.get_key(get("purpose")).await), newer);
    assert_eq!(refused(operator.keys.list_keys(ListKeysRequest::default()).await), newer);
    assert_eq!(refused(operator.rotate("keys/purpose").await), newer);
    let store = Store::new(world.database.connect().unwrap(), keys);
    let (store, key_id) = (&store, &"purpose".parse().unwrap());
    let read = store.key_fetch(store.db(), key_id);
    assert!(!read.await.unwrap_err().is_alarm());
}

/// A later release changes a key, which has the newest generation then, right after this process has loaded it.
#[tokio::test]
async fn a_row_of_a_later_release_does_not_look_like_a_set_back_database() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let keys = world.row_keys().await;
    world.sql().await.batch_execute("ALTER TABLE keys DROP CONSTRAINT keys_purpose_known").await.unwrap();
    // By following changes, and by looking anew after a gap.
    for (name, max_staleness) in [("followed", Duration::from_hours(1)), ("anew", Duration::ZERO)] {
        operator.create(name, KeyPurpose::Wrap).await.unwrap();
        let (root, clock): (_, SharedClock) = (Arc::new(world.root().await), Arc::new(SystemClock));
        let store = Arc::new(Store::new(world.database.connect().unwrap(), world.row_keys().await));
        let subjects = Subjects::new(Arc::clone(&store), Arc::clone(&root), clock);
        let keyring = Keyring::new(store, root, Limits { max_staleness, ..Limits::default() });
        keyring.refresh(&subjects).await.unwrap();
        operator.rotate(&format!("keys/{name}")).await.unwrap();
        keyring.reload(&name.parse().unwrap(), Wanted::Primary).await.unwrap();
        let generation = i64::try_from(keyring.marks.newest_generation()).unwrap() + 1;
        let newer = NewRow::of(KEYS).with("purpose", 9_i16).with("generation", generation);
        write_newer(&world, &keys, (KEYS, &format!("key_id = '{name}'")), newer).await;
        for _ in 0..2 {
            keyring.refresh(&subjects).await.unwrap();
            assert_eq!(keyring.marks.untold(), None, "{name}");
        }
        assert!(keyring.key(&name.parse().unwrap(), Wanted::Primary).await.unwrap_err().is_newer(), "{name}");
    }
}
