//! The keys in memory: what is loaded, how often, and when it goes.

use std::cell::Cell;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::key::v1::KeyPurpose;
use clock::SystemClock;
use key_service::error::Error;
use key_service::keyring::{Keyring, Limits, LoadedKey, Wanted};
use key_service::seal::FileSeal;
use key_service::store::Store;
use key_service::subjects::{SubjectKey, Subjects};
use key_service::unseal::open;
use names::KeyId;
use rows::{NewRow, Table};
use rpc::StatusDetails;
use test_support::poll_until;
use test_support::postgres::Superuser;
use tonic::Code;
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;

use crate::support::{LIMIT, World};

/// A ring on a database in which the key `k` has three versions; no service runs.
struct Ring {
    world: World,
    sql: Superuser,
    store: Arc<Store>,
    subjects: Subjects,
    keyring: Keyring,
    id: KeyId,
}

impl Ring {
    async fn new(limits: Limits) -> Self {
        let (world, replica) = World::start().await;
        let mut operator = world.calls(&replica, "operator");
        operator.create("k", KeyPurpose::Wrap).await.unwrap();
        for _ in 0..2 {
            operator.rotate("keys/k").await.unwrap();
        }
        replica.stop().await;
        let db = world.connect().await;
        let opened = open(&db, &FileSeal::new(&world.seal_file(), false)).await.unwrap().unwrap();
        let store = Arc::new(Store::new(db, opened.root.row_keys().unwrap()));
        let root = Arc::new(opened.root);
        let subjects = Subjects::new(Arc::clone(&store), Arc::clone(&root), Arc::new(SystemClock));
        let keyring = Keyring::new(Arc::clone(&store), root, limits);
        let (sql, id) = (world.sql().await, "k".parse().unwrap());
        let ring = Self { world, sql, store, subjects, keyring, id };
        ring.refresh().await;
        ring
    }

    async fn refresh(&self) {
        self.keyring.refresh(&self.subjects).await.unwrap();
    }

    async fn key(&self, wanted: Wanted<'_>) -> Arc<LoadedKey> {
        self.keyring.key(&self.id, wanted).await.unwrap()
    }

    /// What four polls say that a person must see.
    async fn lines_of_polls(&self) -> String {
        let lines = Lines::default();
        let errors = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_writer(lines.clone());
        let guard = tracing::subscriber::set_default(errors.finish());
        for _ in 0..4 {
            self.refresh().await;
        }
        drop(guard);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    /// Changes the key without another version.
    async fn change(&self) {
        let (store, id) = (&self.store, &self.id);
        let change = store.db().run_tx("change", |tx| {
            Box::pin(async move {
                let generation = store.key_next_generation(tx).await?;
                let mut stored = store.key_fetch_for_update(tx, id).await?.unwrap();
                stored.generation = generation;
                store.key_update(tx, &stored).await
            })
        });
        change.await.unwrap();
    }
}

fn numbers(key: &LoadedKey) -> Vec<u32> {
    key.versions().map(|version| version.version.version).collect()
}

#[tokio::test]
async fn only_the_versions_that_are_asked_for_are_loaded() {
    let ring = Ring::new(Limits::default()).await;
    assert_eq!(numbers(&*ring.key(Wanted::Primary).await), [3]);
    let two = ring.key(Wanted::Also(&[1, 9])).await;
    assert_eq!(numbers(&two), [1, 3], "one that there is not is not in it");
    assert!(Arc::ptr_eq(&two, &ring.key(Wanted::Also(&[1])).await), "from memory");
    assert!(Arc::ptr_eq(&two, &ring.key(Wanted::Primary).await), "what was asked for before stays");
    assert_eq!(numbers(&*ring.key(Wanted::All).await), [1, 2, 3]);
}

#[tokio::test]
async fn calls_that_wait_together_share_one_load() {
    let ring = Ring::new(Limits::default()).await;
    ring.sql.batch_execute("BEGIN; LOCK TABLE key_versions IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let other = ring.world.sql().await;
    let waiting = async || {
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        other.query_one(sql, &[]).await.unwrap().get::<_, i64>(0)
    };
    let calls = futures::future::join_all((0..50).map(|_| ring.keyring.key(&ring.id, Wanted::Primary)));
    let unlock = async {
        poll_until(LIMIT, "a load waits", async || (waiting().await > 0).then_some(())).await.unwrap();
        assert_eq!(waiting().await, 1);
        ring.sql.batch_execute("COMMIT").await.unwrap();
    };
    let (loaded, ()) = futures::join!(calls, unlock);
    let loaded: Vec<_> = loaded.into_iter().map(Result::unwrap).collect();
    assert!(loaded.iter().all(|key| Arc::ptr_eq(key, &loaded[0])));
}

#[tokio::test]
async fn a_load_that_fails_is_not_tried_again_by_each_who_waited() {
    let ring = Ring::new(Limits::default()).await;
    ring.sql.batch_execute("UPDATE key_versions SET state = 2").await.unwrap();
    let calls = futures::future::join_all((0..50).map(|_| ring.keyring.key(&ring.id, Wanted::Primary)));
    let errors: Vec<_> = calls.await.into_iter().map(Result::unwrap_err).collect();
    let shared = |error: &Error| match error {
        Error::Shared(error) => Arc::clone(error),
        other => panic!("{other:?}"),
    };
    let first = shared(&errors[0]);
    assert!(first.is_alarm() && errors.iter().all(|error| Arc::ptr_eq(&shared(error), &first)));
}

/// The sessions that wait for a lock lose their connections.
const END_WAITING: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()";

#[tokio::test]
async fn all_who_waited_for_a_load_that_the_database_failed_are_told_so() {
    const CALLS: usize = 8;
    let (world, replica) = World::start().await;
    world.calls(&replica, "operator").create("k", KeyPurpose::Wrap).await.unwrap();
    let vault = world.calls(&replica, "vault-service");
    let generate = async |key| vault.clone().generate(key, &[("record", "r-1")]).await;
    generate("keys/vault-service").await.unwrap();
    let (sql, other) = (world.sql().await, world.sql().await);
    sql.batch_execute("BEGIN; LOCK TABLE key_versions IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let all_answered = Cell::new(false);
    let calls = async {
        let answers = futures::future::join_all((0..CALLS).map(|_| generate("keys/k"))).await;
        all_answered.set(true);
        answers
    };
    let mut ended = 0;
    let failing = poll_until(LIMIT, "all are answered", async || {
        ended += other.query(END_WAITING, &[]).await.unwrap().len();
        all_answered.get().then_some(())
    });
    let (answers, failed) = futures::join!(calls, failing);
    failed.unwrap();
    for answer in answers {
        let told = StatusDetails::of(&answer.unwrap_err());
        assert_eq!((told.code, told.reason.as_str()), (Code::Unavailable, "DATABASE_UNAVAILABLE"));
        assert!(told.retry_after.is_some());
    }
    assert!((1..CALLS).contains(&ended), "the control: {ended} loads failed for all");
    sql.batch_execute("COMMIT").await.unwrap();
    generate("keys/k").await.unwrap();
}

#[tokio::test]
async fn what_was_loaded_while_its_key_changed_is_not_held() {
    let ring = Ring::new(Limits::default()).await;
    ring.sql.batch_execute("BEGIN; LOCK TABLE key_versions IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let other = ring.world.sql().await;
    let change = async {
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        let waits = async || (other.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0).then_some(());
        poll_until(LIMIT, "the load has read the key", waits).await.unwrap();
        ring.change().await;
        ring.refresh().await;
        ring.sql.batch_execute("COMMIT").await.unwrap();
    };
    let (before, ()) = futures::join!(ring.key(Wanted::Primary), change);
    let after = ring.key(Wanted::Primary).await;
    assert!(!Arc::ptr_eq(&before, &after));
    assert!(Arc::ptr_eq(&after, &ring.key(Wanted::Primary).await), "what was read after the change is");
}

#[tokio::test]
async fn keys_are_wiped_at_once_when_they_change_and_when_their_time_is_over() {
    let limits = Limits { max_age: Duration::from_millis(300), ..Limits::default() };
    let ring = Ring::new(limits).await;
    let held = Arc::downgrade(&ring.key(Wanted::All).await);
    poll_until(LIMIT, "its time is over", async || {
        ring.refresh().await;
        held.upgrade().is_none().then_some(())
    })
    .await
    .unwrap();
    let ring = Ring::new(Limits::default()).await;
    let held = Arc::downgrade(&ring.key(Wanted::All).await);
    ring.refresh().await;
    assert!(held.upgrade().is_some());
    ring.change().await;
    ring.refresh().await;
    assert!(held.upgrade().is_none(), "it changed");
    let held = Arc::downgrade(&ring.key(Wanted::All).await);
    ring.keyring.clear().await;
    assert!(held.upgrade().is_none(), "all is dropped");
}

#[tokio::test]
async fn a_version_that_is_disabled_is_not_used_after_the_next_poll() {
    let ring = Ring::new(Limits::default()).await;
    let is_usable = async || {
        let key = ring.key(Wanted::Also(&[1])).await;
        key.version(1).unwrap().usable(&key.key).is_ok()
    };
    assert!(is_usable().await);
    ring.world.disable("k").await;
    ring.change().await;
    ring.refresh().await;
    assert!(!is_usable().await);
}

#[tokio::test]
async fn nothing_is_trusted_that_may_have_changed_unseen() {
    let limits = Limits { max_staleness: Duration::from_millis(1), ..Limits::default() };
    let ring = Ring::new(limits).await;
    let held = ring.key(Wanted::Primary).await;
    poll_until(LIMIT, "the last poll was too long ago", async || (!ring.keyring.is_fresh()).then_some(()))
        .await
        .unwrap();
    let again = ring.key(Wanted::Primary).await;
    assert!(!Arc::ptr_eq(&held, &again));
    let held = Arc::downgrade(&again);
    drop(again);
    ring.refresh().await;
    assert!(held.upgrade().is_none(), "what was held goes with the next poll");
}

/// A poll that fails leaves what is held as old as it is.
#[tokio::test]
async fn a_poll_that_fails_makes_nothing_fresh() {
    let limits = Limits { max_staleness: Duration::from_millis(500), ..Limits::default() };
    let ring = Ring::new(limits).await;
    let held = Arc::downgrade(&ring.key(Wanted::Primary).await);
    ring.sql.batch_execute("ALTER TABLE keys RENAME TO keys_away").await.unwrap();
    let stale = async || {
        assert!(ring.keyring.refresh(&ring.subjects).await.is_err());
        (!ring.keyring.is_fresh()).then_some(())
    };
    poll_until(LIMIT, "the last poll that was answered to be too long ago", stale).await.unwrap();
    ring.sql.batch_execute("ALTER TABLE keys_away RENAME TO keys").await.unwrap();
    ring.refresh().await;
    assert!(ring.keyring.is_fresh());
    assert!(held.upgrade().is_none(), "it may have changed meanwhile");
}

/// Rows of keys that no statement of the service would write, with generations that follow.
async fn add_keys(ring: &Ring, count: u64) {
    let rows = ring.world.row_keys().await;
    for number in 0..count {
        let id = format!("later-{number}");
        let row = NewRow::of(Table::new("keys"))
            .with("key_uid", Uuid::from_u128(number.into()))
            .with("key_id", id.as_str())
            .with("purpose", 1_i16)
            .with("system", false)
            .with("primary_version", 1_u32)
            .with("revision", 1_u64)
            .with("generation", 1000 + number)
            .with("labels", Vec::<u8>::new())
            .with("create_time_us", 1_i64)
            .authenticated(&rows);
        ring.sql.execute(&row.insert(1), &row.params()).await.unwrap();
    }
}

#[tokio::test]
async fn a_burst_of_changes_is_followed_by_one_poll_that_loads_no_key() {
    // However long it takes to write them.
    let limits = Limits { max_staleness: Duration::from_hours(1), ..Limits::default() };
    for count in [100, 600] {
        let ring = Ring::new(limits).await;
        let held = Arc::downgrade(&ring.key(Wanted::Primary).await);
        // They have no versions: none of them can be loaded.
        add_keys(&ring, count).await;
        ring.refresh().await;
        assert!(ring.keyring.is_fresh());
        assert_eq!(held.upgrade().is_some(), count <= 500, "more than a page of changes drops all that is held");
        ring.change().await;
        ring.key(Wanted::Primary).await;
        let held = Arc::downgrade(&ring.key(Wanted::Primary).await);
        ring.refresh().await;
        assert!(held.upgrade().is_none(), "the next change is seen");
    }
}

/// The lines of a test's own thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn an_altered_row_evicts_its_key_and_is_reported_once() {
    let ring = Ring::new(Limits::default()).await;
    ring.change().await;
    // The load has seen more than the last poll.
    ring.key(Wanted::Primary).await;
    ring.sql.batch_execute("UPDATE keys SET generation = generation + 1 WHERE key_id = 'k'").await.unwrap();
    let reported = ring.lines_of_polls().await;
    assert_eq!(reported.matches("was tampered with").count(), 1, "{reported}");
    assert_eq!(reported.lines().count(), 1, "an altered row is no older one: {reported}");
    let error = ring.keyring.key(&ring.id, Wanted::Primary).await.unwrap_err();
    assert!(error.is_alarm(), "{error:?}");
}

/// As many rows as a poll looks at were made up, and they state the highest generations.
#[tokio::test]
async fn many_rows_that_were_made_up_are_reported_once_each_and_hide_no_change() {
    let (ring, newest) = ring_with_made_up_rows().await;
    let reported = ring.lines_of_polls().await;
    assert_eq!(reported.matches("was tampered with").count(), 500, "those of one page");
    assert_eq!(reported.lines().count(), 500, "nothing was set back");
    assert_eq!(ring.keyring.marks.untold(), None);
    // Before them, and behind them.
    for generation in [newest + 1, newest + 2000] {
        let held = Arc::downgrade(&ring.key(Wanted::Primary).await);
        ring.world.change_key("k", generation).await;
        ring.refresh().await;
        assert!(held.upgrade().is_none(), "the change at {generation} is seen");
    }
    let held = Arc::downgrade(&ring.key(Wanted::Primary).await);
    assert_eq!(ring.lines_of_polls().await, "");
    assert!(held.upgrade().is_some(), "behind the newest row they cost nothing");
}

#[tokio::test]
async fn many_subjects_that_were_made_up_hide_no_erasure() {
    let (ring, newest) = ring_with_made_up_rows().await;
    let replica = ring.world.replica().await;
    let mut vault = ring.world.calls(&replica, "vault-service");
    let key = ring.key(Wanted::Primary).await;
    for (subject, generation) in [("p-1", newest + 1), ("p-2", newest + 2000)] {
        vault.generate_for("keys/k", subject, &[("record", "r-1")]).await.unwrap();
        let found =
            async || ring.subjects.find(&[(&key.key, subject)], true).await.unwrap().into_values().next().unwrap();
        assert!(matches!(found().await, Ok(SubjectKey::Present(_))));
        ring.world.erase_subject_at(subject, generation).await;
        ring.refresh().await;
        assert!(matches!(found().await, Ok(SubjectKey::Erased)), "{subject}");
    }
}

/// A ring, and the newest generation below keys and subjects that were made up.
async fn ring_with_made_up_rows() -> (Ring, i64) {
    // However long it takes to write them.
    let ring = Ring::new(Limits { max_staleness: Duration::from_hours(1), ..Limits::default() }).await;
    let newest = ring.world.newest_generation().await;
    ring.world.make_up_keys(newest + 1000..=newest + 1600).await;
    ring.world.make_up_subjects(newest + 1000..=newest + 1600).await;
    (ring, newest)
}

/// A poll that came too late looks for the newest row: one that was altered is no older one.
#[tokio::test]
async fn an_altered_row_sets_nothing_back_however_late_the_poll() {
    let ring = Ring::new(Limits { max_staleness: Duration::ZERO, ..Limits::default() }).await;
    ring.sql.batch_execute("UPDATE keys SET labels = 'x' WHERE key_id = 'k'").await.unwrap();
    assert_eq!(ring.lines_of_polls().await, "");
    assert_eq!(ring.keyring.marks.untold(), None);
    ring.sql
        .batch_execute(
            "DELETE FROM key_versions USING keys WHERE keys.key_uid = key_versions.key_uid AND key_id = 'k';
        DELETE FROM keys WHERE key_id = 'k'",
        )
        .await
        .unwrap();
    assert_eq!(ring.lines_of_polls().await.matches("was set back").count(), 1, "the control");
}
