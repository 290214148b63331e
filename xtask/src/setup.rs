//! Everything that any command needs, installed at once.

use crate::outcome::Outcome;
use crate::{deploy, screen, system};

/// Installs it.
pub(crate) fn run() -> Outcome {
    system::postgres_for_tests()?;
    system::tool("buf")?;
    system::tool("grpcurl")?;
    system::tool("node")?;
    deploy::install()?;
    screen::good("PostgreSQL, PgBouncer, buf, grpcurl, Node and the tools for deploy/ are there");
    Ok(())
}
