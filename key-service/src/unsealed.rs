//! The service with its root key at hand: what every use case works with.

use std::sync::Arc;

use audit::Outbox;
use clock::{DatabaseTime, SharedClock};
use db::Db;
use envelope::mac::Fingerprint;
use names::BootId;
use uuid::Uuid;

use crate::error::Error;
use crate::keyring::{Keyring, Limits};
use crate::metrics;
use crate::operations::Operations;
use crate::root::RootKey;
use crate::signer::Seen;
use crate::store::Store;
use crate::subjects::Subjects;
use crate::unseal::Opened;
use crate::wrap_counts::WrapCounts;

/// Everything that needs the root key. Use cases are methods of it, each in its own module.
#[derive(Debug)]
pub struct Unsealed {
    pub(crate) clock: SharedClock,
    pub(crate) root: Arc<RootKey>,
    pub(crate) store: Arc<Store>,
    pub(crate) keyring: Keyring,
    pub(crate) subjects: Subjects,
    pub(crate) operations: Operations,
    pub(crate) wrap_counts: WrapCounts,
    pub(crate) done: metrics::DoneCounters,
    pub(crate) outbox: Outbox,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) seen: Seen,
    pub(crate) database_time: DatabaseTime,
    /// Tells this installation from every other.
    pub(crate) installation: Uuid,
}

impl Unsealed {
    /// The service under a root key.
    pub fn new(db: Db, clock: SharedClock, opened: Opened, outbox: Outbox) -> Result<Self, Error> {
        let (root, installation) = (Arc::new(opened.root), opened.installation);
        let store = Arc::new(Store::new(db, root.row_keys()?));
        let boot = BootId::new(clock::uuid_v7(clock.as_ref()));
        Ok(Self {
            keyring: Keyring::new(Arc::clone(&store), Arc::clone(&root), Limits::default()),
            subjects: Subjects::new(Arc::clone(&store), Arc::clone(&root), Arc::clone(&clock)),
            operations: Operations::new(boot, Arc::clone(&clock)),
            wrap_counts: WrapCounts::default(),
            done: metrics::DoneCounters::default(),
            fingerprint: root.fingerprint()?,
            seen: Seen::default(),
            database_time: DatabaseTime::default(),
            installation,
            outbox,
            clock,
            root,
            store,
        })
    }
}
