//! Statements that take effect late: a session hangs within its commit, the vault gives it up and repeats the statement on
//! another one, and only then the first one commits. Whoever asked is told what became of the call, not that somebody
//! else was faster.
//!
//! ```text
//! commit 1 ─▶ waits for a standby that is not there ─▶ frozen ──────────────────────▶ goes on, commits
//! vault                 given up after 5.5 s ─▶ looks: nothing there ─▶ statement 2 waits for the row ─▶ forestalled
//! ```

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use stack::Service;
use stack::postgres::Session;
use stack::processes::ProcessId;

use crate::support::calls::{Done, Failed, Records, Values};
use crate::support::checks::{all_delivered, all_holds};
use crate::support::eventually;
use crate::support::ledger::{CREATE, DELETE, Ledger, State, UPDATE};
use crate::support::world::{COLLECTION, World};

/// Deadline of calls: longer than a statement may take before it is given up.
const DEADLINE: Duration = Duration::from_secs(25);

/// Sessions of the vault that are stopped within a commit, until this is dropped.
struct Hanging(Vec<ProcessId>);

impl Hanging {
    /// Waits until the vault commits something, and stops it there: the row is locked, the change not to be seen. Commits
    /// of the other services are let go: the vault waits for key-service's.
    async fn catch(superuser: &Session) -> Self {
        let sql = "SELECT pid FROM pg_stat_activity WHERE usename = 'strongroom_vault' AND wait_event = 'SyncRep'";
        let mut let_go = BTreeSet::new();
        let pids = eventually("a commit of the vault", async || {
            let_others_go(superuser, &mut let_go).await;
            let rows = superuser.query(sql, &[]).await.unwrap();
            let pids: Vec<i32> = rows.iter().map(|row| row.get(0)).collect();
            (!pids.is_empty()).then_some(pids)
        })
        .await;
        let processes = pids.into_iter().filter_map(|pid| ProcessId::of(u32::try_from(pid).unwrap()));
        let hanging = Self(processes.collect());
        for process in &hanging.0 {
            assert!(process.signal(Signal::STOP));
        }
        hanging
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        for process in &self.0 {
            process.signal(Signal::CONT);
        }
    }
}

/// Ends the waiting of commits of other services than the vault, each once: a second signal could meet the statement after
/// it. A commit whose waiting is cancelled is done, with a warning.
async fn let_others_go(superuser: &Session, done: &mut BTreeSet<(i32, String)>) {
    let sql = "SELECT pid, query_start::text FROM pg_stat_activity \
               WHERE usename IN ('strongroom_key', 'strongroom_audit') AND wait_event = 'SyncRep'";
    for row in superuser.query(sql, &[]).await.unwrap() {
        let (pid, begun): (i32, String) = (row.get(0), row.get(1));
        if done.insert((pid, begun)) {
            superuser.query("SELECT pg_cancel_backend($1)", &[&pid]).await.unwrap();
        }
    }
}

/// Makes commits wait for a standby that is not there, or no longer.
async fn commits_wait(superuser: &Session, wait: bool) {
    let standbys = if wait { "nobody" } else { "" };
    let sql = format!("ALTER SYSTEM SET synchronous_standby_names = '{standbys}'");
    superuser.batch_execute(&sql).await.unwrap();
    superuser.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    // The checkpointer tells all others.
    eventually("the new setting", async || {
        let row = superuser.query_one("SHOW synchronous_standby_names", &[]).await.unwrap();
        (row.get::<_, String>(0) == standbys).then_some(())
    })
    .await;
}

/// Makes a call whose first statement commits only while the second one waits for it.
async fn forestalled<F: Future<Output = Result<Done, Failed>>>(world: &World, call: F) -> Result<Done, Failed> {
    let superuser = world.sql(Service::Audit).await.unwrap();
    commits_wait(&superuser, true).await;
    let interfere = async {
        let hanging = Hanging::catch(&superuser).await;
        commits_wait(&superuser, false).await;
        let begun = Instant::now();
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'strongroom_vault' AND wait_event_type = 'Lock'";
        eventually("the repeated statement", async || {
            let waiting: i64 = superuser.query_one(sql, &[]).await.unwrap().get(0);
            (waiting > 0).then_some(())
        })
        .await;
        println!("repeated {:.2?} after {} sessions hung", begun.elapsed(), hanging.0.len());
        drop(hanging);
    };
    futures::future::join(call, interfere).await.0
}

async fn created(records: &Records, ledger: &mut Ledger, name: &str, values: &Values) -> Done {
    let done = records.create(name, values, "").await.unwrap();
    ledger.written(CREATE, name, &done, State::Present(1, values.clone()));
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_statement_that_takes_effect_late_is_known_for_ones_own() {
    let world = World::start(|_| ()).await;
    let records = world.records("vault").within(DEADLINE);
    let mut ledger = Ledger::default();
    let [first, second] = ["first", "second"].map(|text| Values::from([("name".into(), text.into())]));
    let [updated, deleted, made] = ["updated", "deleted", "made"].map(|id| format!("{COLLECTION}/records/{id}"));

    let before = created(&records, &mut ledger, &updated, &first).await;
    all_delivered(&world).await;
    let done = forestalled(&world, records.replace(&updated, &before.etag, &second)).await.unwrap();
    ledger.written(UPDATE, &updated, &done, State::Present(2, second));

    let before = created(&records, &mut ledger, &deleted, &first).await;
    all_delivered(&world).await;
    let mut done = forestalled(&world, records.delete(&deleted, &before.etag)).await.unwrap();
    done.revision = before.revision;
    ledger.written(DELETE, &deleted, &done, State::Absent);

    all_delivered(&world).await;
    let done = forestalled(&world, records.create(&made, &first, "")).await.unwrap();
    ledger.written(CREATE, &made, &done, State::Present(1, first));
    all_holds(&world, ledger).await;
}
