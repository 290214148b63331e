//! The passwords of the databases replaced under load, by good and by bad ones: no call fails, and new sessions are let in.

use std::time::Instant;

use stack::Service;
use stack::postgres::Session;

use crate::support::checks::all_holds;
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::World;
use crate::support::{eventually, replace};

const CLIENTS: usize = 4;

/// A role, and who may change it.
struct Role<'a> {
    name: &'a str,
    superuser: &'a Session,
}

impl Role<'_> {
    async fn set(&self, password: &str) {
        self.superuser.batch_execute(&format!("ALTER ROLE {} PASSWORD '{password}'", self.name)).await.unwrap();
    }

    /// Ends the session that no call uses, which asks whether the database answers, and waits until there is another one.
    async fn logs_in_again(&self, when: &str) {
        let of_probe = "FROM pg_stat_activity WHERE usename = $1 AND query = 'SELECT 1'";
        let end = format!("SELECT now()::text, count(pg_terminate_backend(pid)) {of_probe}");
        let ended = self.superuser.query_one(&end, &[&self.name]).await.unwrap();
        let (since, ended): (String, i64) = (ended.get(0), ended.get(1));
        assert!(ended > 0, "{} has no session to end, {when}", self.name);
        let newer = format!("SELECT {of_probe} AND backend_start > $2::text::timestamptz");
        eventually(&format!("a new session of {} {when}", self.name), async || {
            let rows = self.superuser.query(&newer, &[&self.name, &since]).await.unwrap();
            (!rows.is_empty()).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passwords_of_databases_are_replaced_without_a_failed_call() {
    let world = World::start(|_| ()).await;
    let started = Instant::now();
    let load = Load::start("w", (0..CLIENTS).map(|_| world.records("vault")), &mut Random::announced());
    for service in Service::ALL {
        let superuser = world.sql(service).await.unwrap();
        let file = world.directory().join("secrets").join(format!("{}.password", service.role()));
        let role = Role { name: service.role(), superuser: &superuser };
        load.answers(20).await;
        role.logs_in_again("before anything is replaced").await;

        role.set("pw-second").await;
        replace(&file, "pw-second\n");
        role.logs_in_again("with the new password in both").await;
        load.answers(20).await;
        for bad in ["wrong\n", "", "\u{feff}pw-second\n", "pw-second\npw-second\n"] {
            replace(&file, bad);
            role.logs_in_again(&format!("with {bad:?} in the file")).await;
            load.answers(20).await;
        }
        replace(&file, "pw-third\n");
        role.logs_in_again("with the next password in the file alone").await;
        role.set("pw-third").await;
        role.logs_in_again("with the next password in both").await;
        load.answers(20).await;
    }
    let ledger = load.stop().await;
    println!("three passwords replaced in {:.1} s: {}", started.elapsed().as_secs_f64(), ledger.figures());
    ledger.undisturbed();
    for name in ["key", "vault", "audit"] {
        assert_eq!(world.mentions(name, "pw-third"), 0, "a password is in the log of {name}");
    }
    all_holds(&world, ledger).await;
}
