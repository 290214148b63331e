//! The three databases and their roles, on either server.

use std::collections::BTreeMap;
use std::path::Path;

use crate::files::{self, PRIVATE};
use crate::postgres::Address;
use crate::settings::{self, MIGRATOR};
use crate::stack::Service;
use crate::{Error, binaries};

/// Makes the roles with their passwords and the three databases, as `migrations/roles.sql` asks, and fills those that it
/// makes with their `dumps`; does nothing twice.
pub(crate) async fn provide(address: &Address, secrets: &Path, dumps: &BTreeMap<Service, String>) -> Result<(), Error> {
    let roles = files::read(&binaries::repository().join("migrations/roles.sql"))?;
    address.execute("postgres", "make the roles", &roles).await?;
    for role in Service::ALL.map(Service::role).into_iter().chain([MIGRATOR]) {
        let file = settings::password_file(secrets, role);
        files::write_once(&file, PRIVATE, || Ok(files::random_hex::<24>()?.into_bytes()))?;
        let sql = format!("ALTER ROLE {role} PASSWORD '{}'", files::read(&file)?.trim_end());
        address.execute("postgres", "set a role's password", &sql).await?;
    }
    for service in Service::ALL {
        let database = service.database();
        if has_database(address, database).await? {
            continue;
        }
        address.execute("postgres", "make a database", &format!("CREATE DATABASE {database}")).await?;
        if let Some(dump) = dumps.get(&service) {
            address.execute(database, "fill a database", dump).await?;
        }
    }
    address.execute("postgres", "grant rights on the databases", &roles).await
}

async fn has_database(address: &Address, name: &str) -> Result<bool, Error> {
    let failed = |source| Error::Postgres { action: "list the databases".to_owned(), source: Box::new(source) };
    let session = address.session("postgres").await?;
    let rows = session.query("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.map_err(failed)?;
    Ok(!rows.is_empty())
}
