//! How a stack is wanted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::service::Service;
use crate::binaries::Profile;
use crate::processes::Lifetime;

/// How a stack is wanted.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// Where its state lives; made if it is not there.
    pub directory: PathBuf,
    /// How long its processes live.
    pub lifetime: Lifetime,
    /// Which build of the services runs.
    pub profile: Profile,
    /// Whether commits survive a crash of the machine.
    pub durable: bool,
    /// Preferred ports: gRPC from here on, admin ten above; others are taken where these are in use.
    pub first_port: Option<u16>,
    /// Further configuration of a service, complete TOML sections.
    pub extra: BTreeMap<Service, String>,
    /// Statements that fill a service's database when it is made, such as a dump, as superuser; `migrate` runs on what they leave.
    pub dumps: BTreeMap<Service, String>,
}

impl StackOptions {
    /// A stack of a test's own in a directory: a debug build that ends with this process.
    pub fn of_test(directory: PathBuf) -> Self {
        Self {
            directory,
            lifetime: Lifetime::WithThisProcess,
            profile: Profile::Debug,
            // The services refuse a server that may lose commits.
            durable: true,
            first_port: None,
            extra: BTreeMap::new(),
            dumps: BTreeMap::new(),
        }
    }
}
