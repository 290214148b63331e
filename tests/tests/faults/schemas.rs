//! The schema changes under services that run, and services start on a schema that is not theirs.

use stack::Service;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::checks::all_holds;
use crate::support::eventually;
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::World;

const CLIENTS: usize = 8;

/// What a later release may do to a table of each service, and what an administrator may.
const CHANGES: [(Service, &str); 9] = [
    (Service::Vault, "ALTER TABLE records ALTER COLUMN subject TYPE varchar(128)"),
    (Service::Vault, "ALTER TABLE records ADD COLUMN later text"),
    (Service::Vault, "ALTER TABLE records ALTER COLUMN subject TYPE text COLLATE \"C\""),
    (Service::Vault, "ALTER TABLE tenants ADD COLUMN later text"),
    (Service::Vault, "ALTER TABLE collections ADD COLUMN later bigint, ALTER COLUMN collection_id TYPE varchar(64)"),
    (Service::Key, "ALTER TABLE keys ADD COLUMN later text, ALTER COLUMN key_id TYPE varchar(64)"),
    (Service::Key, "ALTER TABLE signer_heads ADD COLUMN later text"),
    (Service::Audit, "ALTER TABLE logs ADD COLUMN later text, ALTER COLUMN name TYPE varchar(128)"),
    (Service::Audit, "ALTER TABLE entries ADD COLUMN later text, ALTER COLUMN actor TYPE varchar(4096)"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn columns_come_and_change_under_load_without_an_internal_error() {
    let world = World::start(|_| ()).await;
    let load = Load::start("s", (0..CLIENTS).map(|_| world.records("vault")), &mut Random::announced());
    load.answers(50).await;
    for (service, sql) in CHANGES {
        let session = world.sql(service).await.unwrap();
        // As `migrate` does: whoever waits for a table makes everybody else wait, so it gives up and comes again.
        session.batch_execute("SET lock_timeout = '1s'").await.unwrap();
        eventually(sql, async || session.batch_execute(sql).await.ok()).await;
        load.answers(50).await;
    }
    let ledger = load.stop().await;
    println!("{} changes under load: {}", CHANGES.len(), ledger.figures());
    for instance in ["key", "vault", "audit"] {
        for text in ["internal error", "\"level\":\"ERROR\""] {
            assert_eq!(world.mentions(instance, text), 0, "{text} in {}", world.log(instance).display());
        }
    }
    // Refusals that say that nothing was done are allowed, a few; surprises are none of them.
    all_holds(&world, ledger).await;
}

/// What an admin port answers; nothing while it does not listen.
async fn page(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// Adds a migration that no binary of this build knows to the record of the vault's database.
async fn record_a_newer_migration(world: &World, name: &str, compatible_from: &str) {
    let sql = format!(
        "INSERT INTO schema_migrations (version, name, checksum, compatible_from)
         SELECT max(version) + 1, '{name}', sha256('later'), {compatible_from} FROM schema_migrations"
    );
    world.sql(Service::Vault).await.unwrap().batch_execute(&sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_binary_waits_for_an_older_schema_and_serves_once_it_is_migrated() {
    let mut world = World::start(|_| ()).await;
    let session = world.sql(Service::Vault).await.unwrap();
    // The last migration has not run yet.
    let hide = "CREATE TABLE held AS SELECT * FROM schema_migrations ORDER BY version DESC LIMIT 1;
                DELETE FROM schema_migrations WHERE version = (SELECT version FROM held)";
    session.batch_execute(hide).await.unwrap();
    world.kill_now("vault");
    let (admin, log) = (world.admin("vault").unwrap(), world.log("vault"));
    let migrated = async {
        let waits = eventually("the binary to say what it waits for", async || {
            page(&admin, "/readyz").await.filter(|answer| answer.contains("schema"))
        });
        assert!(waits.await.starts_with("HTTP/1.1 503"));
        assert!(page(&admin, "/livez").await.unwrap().starts_with("HTTP/1.1 200"));
        let said = async || std::fs::read_to_string(&log).unwrap().contains("run `migrate` first").then_some(());
        eventually("a line that says so", said).await;
        let show = "INSERT INTO schema_migrations SELECT * FROM held; DROP TABLE held";
        session.batch_execute(show).await.unwrap();
    };
    let (ready, ()) = tokio::join!(world.restart("vault"), migrated);
    ready.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_older_binary_goes_on_and_starts_again_on_a_newer_schema_that_leaves_it_working() {
    let mut world = World::start(|_| ()).await;
    record_a_newer_migration(&world, "compatible", "max(version)").await;
    let load = Load::start("n", (0..2).map(|_| world.records("vault")), &mut Random::announced());
    load.answers(20).await;
    world.kill_now("vault");
    world.start_again("vault").await;
    assert_eq!(world.mentions("vault", "the schema is newer than this binary"), 1);
    load.answers(20).await;

    // One that does not leave it working stops no binary that runs, and refuses one that starts.
    record_a_newer_migration(&world, "incompatible", "max(version) + 1").await;
    load.answers(20).await;
    let ledger = load.stop().await;
    all_holds(&world, ledger).await;
    world.kill_now("vault");
    let refused = world.restart("vault").await.unwrap_err().to_string();
    assert!(refused.contains("vault has ended"), "{refused}");
    assert_eq!(world.mentions("vault", "(incompatible), which needs a binary that knows migration"), 1);
}
