//! The service with its root key at hand: its topics, put together.

use std::sync::Arc;

use audit::Outbox;
use clock::SharedClock;
use db::Db;
use uuid::Uuid;

use crate::core::Core;
use crate::data_keys::DataKeys;
use crate::error::Error;
use crate::keyring::{Keyring, Limits};
use crate::keys::Keys;
use crate::signer::Signer;
use crate::store::Store;
use crate::unseal::Opened;

/// The use cases of all topics: everything that needs the root key.
#[derive(Debug)]
pub struct Unsealed {
    pub(crate) keys: Keys,
    pub(crate) data_keys: DataKeys,
    pub(crate) signer: Signer,
    /// What they work with.
    pub(crate) core: Arc<Core>,
    /// Tells this installation from every other.
    pub(crate) installation: Uuid,
}

impl Unsealed {
    /// The service under a root key.
    pub fn new(db: Db, clock: SharedClock, opened: Opened, outbox: Outbox) -> Result<Self, Error> {
        let (root, installation) = (Arc::new(opened.root), opened.installation);
        let store = Arc::new(Store::new(db, root.row_keys()?));
        let keyring = Keyring::new(Arc::clone(&store), Arc::clone(&root), Limits::default());
        let core = Arc::new(Core { clock, store, keyring, outbox, fingerprint: root.fingerprint()? });
        Ok(Self {
            keys: Keys::new(Arc::clone(&core), Arc::clone(&root)),
            data_keys: DataKeys::new(Arc::clone(&core), root),
            signer: Signer::new(Arc::clone(&core)),
            core,
            installation,
        })
    }
}
