//! The vault: its topics, put together.

use std::sync::Arc;
use std::time::Duration;

use audit::{Outbox, OutboxConfig, OutboxKeySlot, OutboxWriter};
use clock::SharedClock;
use db::Db;
use rpc::Channel;
use service::Jobs;

use crate::collections::Collections;
use crate::core::Core;
use crate::keys::Keys;
use crate::keys::cache::DataKeyCacheConfig;
use crate::keys::own::OwnKeySource;
use crate::places::Places;
use crate::records::Records;
use crate::tenants::Tenants;

/// The use cases of all topics.
#[derive(Debug)]
pub struct Vault {
    pub(crate) tenants: Tenants,
    pub(crate) collections: Collections,
    pub(crate) records: Arc<Records>,
    /// What they work with.
    pub core: Arc<Core>,
}

/// What the vault is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its database.
    pub db: Db,
    /// Its time.
    pub clock: SharedClock,
    /// Its way to key-service.
    pub key_service: Channel,
    /// How long it waits for key-service; [`keys::BUDGET`](crate::keys::BUDGET).
    pub key_budget: Duration,
    /// Whether reveals use data keys again.
    pub data_key_cache: DataKeyCacheConfig,
    /// How many events may wait for audit-service.
    pub outbox: OutboxConfig,
    /// Where its tasks run.
    pub jobs: Jobs,
}

impl Vault {
    /// Puts the vault together; nothing is connected yet. The tasks that its calls need run as jobs and end when it is
    /// dropped and, for its keys, when the last refused call is reported.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { db, clock, key_service, key_budget, data_key_cache, outbox, jobs } = parts;
        let keys = Arc::new(Keys::new(key_service, key_budget, &jobs).with_cache(&data_key_cache));
        let slot = OutboxKeySlot::empty();
        let own_keys = OwnKeySource::new(db.clone(), Arc::clone(&clock), Arc::clone(&keys), slot.clone());
        let own_keys = Arc::new(own_keys);
        let outbox = Outbox::new(db.clone(), slot, Arc::clone(&clock), &outbox);
        let (events, writer) = OutboxWriter::new(outbox.clone());
        jobs.spawn("outbox writer", writer);
        let places = Arc::new(Places::new(db.clone(), Arc::clone(&own_keys)));
        let core = Arc::new(Core { db, clock, keys, own_keys, outbox, events, places, jobs });
        Arc::new(Self {
            tenants: Tenants::new(Arc::clone(&core)),
            collections: Collections::new(Arc::clone(&core)),
            records: Arc::new(Records::new(Arc::clone(&core))),
            core,
        })
    }
}
