//! Clusters: whose they are, and what ends them.
#![cfg(test)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use db::{Db, Executor as _, Migration, statement};
use strongroom_test_support::poll_until;
use strongroom_test_support::postgres::{Cluster, Options};

const MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    name: "things",
    sql: "-- compatible from: 1
          CREATE TABLE things (id integer PRIMARY KEY); GRANT SELECT, INSERT ON things TO strongroom_vault",
}];

/// Set for a child process that starts a cluster and waits to be killed.
const CHILD: &str = "STRONGROOM_TEST_CHILD";

async fn insert(db: &Db) -> Result<u64, db::Error> {
    db.execute(&statement!("insert", "INSERT INTO things VALUES (1)"), &[]).await
}

#[tokio::test]
async fn databases_of_one_template_do_not_see_each_other() {
    let cluster = Cluster::shared().await.unwrap();
    for _ in 0..2 {
        let database = cluster.database("vault", &MIGRATIONS).await.unwrap();
        let db = database.connect().unwrap();
        insert(&db).await.unwrap();
        db::check_version(&db, &MIGRATIONS).await.unwrap();
    }
}

#[tokio::test]
async fn a_service_enters_its_own_database_only() {
    let cluster = Cluster::shared().await.unwrap();
    let (vault, key) = (cluster.database("vault", &[]).await.unwrap(), cluster.database("key", &[]).await.unwrap());
    for (database, role, enters) in
        [(&vault, "strongroom_vault", true), (&vault, "strongroom_key", false), (&key, "strongroom_vault", false)]
    {
        let db = Db::connect(&cluster.config(role, database.name()), false).unwrap();
        assert_eq!(db.ping().await.is_ok(), enters, "{role} in {}", database.name());
    }
}

#[tokio::test]
async fn roles_have_no_rights_of_their_own() {
    let cluster = Cluster::shared().await.unwrap();
    cluster.install_roles().await.unwrap();
    let superuser = cluster.superuser("postgres").await.unwrap();
    // Idempotent: run again by hand.
    superuser.batch_execute(include_str!("../../../migrations/roles.sql")).await.unwrap();
    let sql = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'strongroom\\_%' AND rolcanlogin \
               AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls) ORDER BY rolname";
    let roles: Vec<String> = superuser.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(roles, ["strongroom_audit", "strongroom_key", "strongroom_migrator", "strongroom_vault"]);
}

#[tokio::test]
async fn an_ephemeral_cluster_leaves_nothing_behind() {
    let cluster = Cluster::start().await.unwrap();
    let directory = cluster.directory().to_owned();
    assert!(directory.join("data").is_dir());
    drop(cluster);
    assert!(!directory.exists());
}

#[tokio::test]
async fn a_killed_process_takes_its_cluster_with_it() {
    if std::env::var_os(CHILD).is_some() {
        let cluster = Cluster::start().await.unwrap();
        eprintln!("\ndirectory={}", cluster.directory().display());
        std::future::pending::<()>().await;
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_process_takes_its_cluster_with_it", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let directory = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("directory=").map(PathBuf::from));
    let directory = directory.expect("the child starts a cluster");
    let server = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    let server = Path::new("/proc").join(server.lines().next().unwrap());
    assert!(server.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    let gone = poll_until(Duration::from_secs(20), "the server and its directory to go", async || {
        (!server.exists() && !directory.exists()).then_some(())
    });
    gone.await.unwrap();
}

#[tokio::test]
async fn a_detached_cluster_goes_on_and_keeps_its_data() {
    let directory = std::env::temp_dir().join(format!("strongroom-detached-{}", std::process::id()));
    let options = || Options { directory: Some(directory.clone()), detached: true, ..Options::default() };
    let cluster = Cluster::start_with(options()).await.unwrap();
    let (port, url) = (cluster.port(), cluster.superuser_url("postgres").unwrap());
    cluster.superuser("postgres").await.unwrap().batch_execute("CREATE TABLE kept (id integer)").await.unwrap();
    drop(cluster);

    let found = Cluster::start_with(options()).await.unwrap();
    assert_eq!((found.port(), found.superuser_url("postgres").unwrap()), (port, url));
    found.stop().unwrap();
    assert!(found.superuser("postgres").await.is_err());

    let again = Cluster::start_with(options()).await.unwrap();
    again.superuser("postgres").await.unwrap().batch_execute("SELECT * FROM kept").await.unwrap();
    again.stop().unwrap();
    again.stop().unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn what_a_machine_that_lost_its_power_leaves_keeps_no_cluster_from_starting() {
    let directory = std::env::temp_dir().join(format!("strongroom-cut-{}", std::process::id()));
    let options = || Options { directory: Some(directory.clone()), detached: true, ..Options::default() };
    let cluster = Cluster::start_with(options()).await.unwrap();
    let lock_file = directory.join("data/postmaster.pid");
    let genuine = std::fs::read_to_string(&lock_file).unwrap();
    let socket_lock = cluster.socket_directory().unwrap().join(format!(".s.PGSQL.{}.lock", cluster.port()));
    cluster.superuser("postgres").await.unwrap().batch_execute("CREATE TABLE kept (id integer)").await.unwrap();
    cluster.stop().unwrap();

    // Process 1 is there and is no PostgreSQL: by now it has the number that the server had.
    let (_, rest) = genuine.split_once('\n').unwrap();
    for left in ["", "12", &format!("1\n{rest}")] {
        std::fs::write(&lock_file, left).unwrap();
        std::fs::write(&socket_lock, left).unwrap();
        let again = Cluster::start_with(options()).await.unwrap();
        again.superuser("postgres").await.unwrap().batch_execute("SELECT * FROM kept").await.unwrap();
        again.stop().unwrap();
    }

    // The power went while the data directory was being made.
    let (data, begun) = (directory.join("data"), directory.join("data.new"));
    std::fs::rename(data, &begun).unwrap();
    std::fs::remove_dir_all(begun.join("global")).unwrap();
    Cluster::start_with(options()).await.unwrap().stop().unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn the_lock_file_of_a_server_that_runs_is_left_alone() {
    let directory = std::env::temp_dir().join(format!("strongroom-runs-{}", std::process::id()));
    let options = || Options { directory: Some(directory.clone()), detached: true, ..Options::default() };
    let cluster = Cluster::start_with(options()).await.unwrap();
    let genuine = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    let found = Cluster::start_with(options()).await.unwrap();
    assert_eq!(std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap(), genuine);
    assert_eq!(found.port(), cluster.port());
    found.stop().unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
}
