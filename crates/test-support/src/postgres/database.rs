//! Roles, databases, and copies of a migrated template.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use db::{Db, DbConfig, Migration};
use ring::digest::{Context, SHA256};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

use super::binaries::SUPERUSER;
use super::cluster::Cluster;
use super::error::Error;

/// Creates the roles; who may enter which of the product's databases.
const ROLES_SQL: &str = include_str!("../../../../migrations/roles.sql");
/// Services with a database and a role `strongroom_{service}` of their own.
pub const SERVICES: [&str; 3] = ["key", "vault", "audit"];
/// Owns every database and runs the migrations.
const MIGRATOR: &str = "strongroom_migrator";

/// A superuser's session; statements run on it as on a `tokio_postgres::Client`.
pub struct Superuser {
    client: Client,
    _connection: JoinSet<()>,
}

impl Deref for Superuser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl fmt::Debug for Superuser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Superuser").finish_non_exhaustive()
    }
}

impl Cluster {
    /// Opens a superuser's session in `database`.
    pub async fn superuser(&self, database: &str) -> Result<Superuser, Error> {
        let mut config = tokio_postgres::Config::new();
        config.host(self.host()).port(self.port()).user(SUPERUSER).dbname(database);
        config.password(self.files.password(SUPERUSER)?);
        let (client, connection) = config.connect(NoTls).await?;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // The statement under way fails with the reason.
            let _ = connection.await;
        });
        Ok(Superuser { client, _connection: tasks })
    }

    /// Creates the product's roles, each with a password of its own kept in the cluster's directory. Idempotent.
    pub async fn install_roles(&self) -> Result<(), Error> {
        self.roles.get_or_try_init(|| self.install_roles_once()).await.copied()
    }

    /// Creates the database `name`, owned by the migrator, that only `role` may enter besides. Idempotent.
    pub async fn ensure_database(&self, name: &str, role: &str) -> Result<(), Error> {
        self.install_roles().await?;
        let superuser = self.superuser("postgres").await?;
        let there = superuser.query("SELECT FROM pg_database WHERE datname = $1", &[&name]).await?;
        if there.is_empty() {
            superuser.batch_execute(&format!("CREATE DATABASE {name} OWNER {MIGRATOR}")).await?;
        }
        admit(&superuser, name, role).await
    }

    /// Settings with which `role` (or the superuser) reaches `database`.
    pub fn config(&self, role: &str, database: &str) -> DbConfig {
        DbConfig::new(self.host(), self.port(), database, role, self.files.password_file(role))
    }

    /// Settings with which the migrator reaches `database`.
    pub fn migrator_config(&self, database: &str) -> DbConfig {
        self.config(MIGRATOR, database)
    }

    /// A new database for one test of `service` ("key", "vault" or "audit"), copied from a template that has `migrations`.
    pub async fn database(&self, service: &str, migrations: &[Migration]) -> Result<TestDatabase<'_>, Error> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let role = format!("strongroom_{service}");
        let template = self.template(service, &role, migrations).await?;
        let name = format!("test_{service}_{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        let superuser = self.superuser("postgres").await?;
        superuser.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {MIGRATOR}")).await?;
        admit(&superuser, &name, &role).await?;
        Ok(TestDatabase { cluster: self, name, role })
    }

    async fn template(&self, service: &str, role: &str, migrations: &[Migration]) -> Result<String, Error> {
        let name = format!("template_{service}_{}", fingerprint(migrations));
        // One test makes the template, the others wait for it.
        let mut templates = self.templates.lock().await;
        if !templates.contains(&name) {
            self.ensure_database(&name, role).await?;
            db::migrate(&self.migrator_config(&name), false, migrations).await?;
            templates.insert(name.clone());
        }
        Ok(name)
    }

    async fn install_roles_once(&self) -> Result<(), Error> {
        let superuser = self.superuser("postgres").await?;
        superuser.batch_execute(ROLES_SQL).await?;
        for role in roles() {
            let password = self.files.password(&role)?;
            superuser.batch_execute(&format!("ALTER ROLE {role} PASSWORD '{password}'")).await?;
        }
        Ok(())
    }
}

/// The product's roles.
pub(super) fn roles() -> impl Iterator<Item = String> {
    SERVICES.iter().map(|service| format!("strongroom_{service}")).chain([MIGRATOR.to_owned()])
}

/// Tells lists of migrations apart, in 12 hex digits.
fn fingerprint(migrations: &[Migration]) -> String {
    let mut context = Context::new(&SHA256);
    for step in migrations {
        context.update(step.sql.as_bytes());
        context.update(b"\0");
    }
    context.finish().as_ref().iter().take(6).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

async fn admit(superuser: &Superuser, database: &str, role: &str) -> Result<(), Error> {
    let sql = format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC; GRANT CONNECT ON DATABASE {database} TO {role}");
    Ok(superuser.batch_execute(&sql).await?)
}

/// A database of one test.
#[derive(Debug)]
pub struct TestDatabase<'a> {
    cluster: &'a Cluster,
    name: String,
    role: String,
}

impl TestDatabase<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Settings with which the service's own role reaches it.
    pub fn config(&self) -> DbConfig {
        self.cluster.config(&self.role, &self.name)
    }

    /// Settings with which the migrator, its owner, reaches it.
    pub fn migrator_config(&self) -> DbConfig {
        self.cluster.migrator_config(&self.name)
    }

    /// Settings with which the superuser reaches it.
    pub fn superuser_config(&self) -> DbConfig {
        self.cluster.config(SUPERUSER, &self.name)
    }

    /// A pool of the service's own role.
    pub fn connect(&self) -> Result<Db, Error> {
        Ok(Db::connect(&self.config(), false)?)
    }

    /// A superuser's session, to look at rows or to tamper with them.
    pub async fn superuser(&self) -> Result<Superuser, Error> {
        self.cluster.superuser(&self.name).await
    }
}
