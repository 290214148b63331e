//! The PostgreSQL of a stack: ended, killed, started again, and reached.

use rustix::process::Signal;

use super::{END_LIMIT, Service, Stack};
use crate::Error;
use crate::postgres::{Address, Server, Session};
use crate::processes::Lifetime;

impl Stack {
    /// Ends the cluster in order; services that run lose their database.
    pub fn stop_postgres(&mut self) -> Result<(), Error> {
        match self.server.as_ref().and_then(Server::cluster) {
            Some(cluster) if self.options.lifetime == Lifetime::WithThisProcess => {
                cluster.stop().map_err(Error::Cluster)?;
            }
            _ => {
                if let Some(process) = self.state.postgres {
                    process.end(Signal::INT, END_LIMIT);
                }
            }
        }
        self.state.postgres = None;
        Ok(())
    }

    /// Kills the cluster's main process, as a crash would.
    pub async fn kill_postgres(&mut self) -> Result<(), Error> {
        match self.server.as_ref().and_then(Server::cluster) {
            Some(cluster) => cluster.kill().await.map_err(Error::Cluster),
            None => Err(Error::Unknown { what: "private cluster".to_owned() }),
        }
    }

    /// Starts the cluster again, on the same port.
    pub async fn restart_postgres(&mut self) -> Result<(), Error> {
        if let Some(server) = &self.server {
            if let Some(cluster) = server.cluster() {
                cluster.resume().await.map_err(Error::Cluster)?;
            }
            self.state.postgres = server.process();
        }
        self.save()
    }

    /// A superuser's session in a service's database, for tampering.
    pub async fn sql(&self, service: Service) -> Result<Session, Error> {
        self.postgres()?.session(service.database()).await
    }

    /// Superuser URL of a service's database.
    pub fn database_url(&self, service: Service) -> Result<String, Error> {
        self.postgres()?.url(service.database())
    }

    /// How to reach the PostgreSQL server as its superuser.
    pub fn postgres(&self) -> Result<Address, Error> {
        self.state.address(&self.options.directory)
    }
}
