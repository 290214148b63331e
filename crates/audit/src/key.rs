//! The key that authenticates this service's own outbox rows, so that SQL cannot report events in its name.

use std::fmt;
use std::sync::Arc;

use ring::hmac;
use secret::{SecretBytes, scrubbed};
use tokio::sync::watch;

const LABEL: &[u8] = b"strongroom/audit/outbox/v1\0";

/// Makes and checks the MAC of outbox rows.
pub struct OutboxKey {
    /// On the heap, so that moving it leaves no copy behind.
    key: Box<hmac::Key>,
}

impl OutboxKey {
    /// The key with these bytes.
    pub fn new(bytes: &SecretBytes<32>) -> Self {
        Self { key: scrubbed(|| Box::new(hmac::Key::new(hmac::HMAC_SHA256, bytes.expose()))) }
    }

    /// HMAC-SHA-256 over everything that delivery does not change.
    pub(crate) fn mac(&self, row: &Unsigned<'_>) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        row.absorb(|part| context.update(part));
        context.sign().as_ref().to_vec()
    }

    /// Whether this service wrote the row with this MAC.
    pub(crate) fn verifies(&self, row: &Unsigned<'_>, mac: &[u8]) -> bool {
        let mut message = Vec::with_capacity(row.events.len().saturating_add(128));
        row.absorb(|part| message.extend_from_slice(part));
        // Constant in time, unlike a comparison of the two tags.
        hmac::verify(&self.key, &message, mac).is_ok()
    }
}

impl fmt::Debug for OutboxKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutboxKey([redacted])")
    }
}

/// What a row's MAC covers.
#[derive(Debug)]
pub(crate) struct Unsigned<'a> {
    pub(crate) id: &'a uuid::Uuid,
    pub(crate) log: &'a str,
    pub(crate) time_ns: i64,
    pub(crate) events: &'a [u8],
}

impl Unsigned<'_> {
    /// label ‖ outbox id 16 ‖ length u32 ‖ log ‖ time i64 ‖ length u32 ‖ events
    fn absorb(&self, mut absorb: impl FnMut(&[u8])) {
        absorb(LABEL);
        absorb(self.id.as_bytes());
        absorb(&length(self.log.as_bytes()));
        absorb(self.log.as_bytes());
        absorb(&self.time_ns.to_be_bytes());
        absorb(&length(self.events));
        absorb(self.events);
    }
}

/// No row comes near 4 GiB: PostgreSQL refuses one above 1 GiB.
fn length(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// Where the outbox key is put once it is there: at unsealing, or when the key-service has answered. Clones share it.
#[derive(Clone, Debug)]
pub struct OutboxKeySlot {
    slot: Arc<watch::Sender<Option<Arc<OutboxKey>>>>,
}

impl OutboxKeySlot {
    /// No key yet: nothing can be written, and the forwarder waits.
    pub fn empty() -> Self {
        Self { slot: Arc::new(watch::Sender::new(None)) }
    }

    /// A key from the beginning.
    pub fn filled(key: OutboxKey) -> Self {
        Self { slot: Arc::new(watch::Sender::new(Some(Arc::new(key)))) }
    }

    /// Puts the key in.
    pub fn set(&self, key: OutboxKey) {
        self.slot.send_replace(Some(Arc::new(key)));
    }

    /// Takes the key out, e.g. at sealing.
    pub fn clear(&self) {
        self.slot.send_replace(None);
    }

    /// The key, if it is there.
    pub fn current(&self) -> Option<Arc<OutboxKey>> {
        self.slot.borrow().clone()
    }

    /// Waits for the key.
    pub async fn wait(&self) -> Arc<OutboxKey> {
        let mut watcher = self.slot.subscribe();
        loop {
            if let Some(key) = self.current() {
                return key;
            }
            // Cannot fail: this value holds the sender.
            let _ = watcher.changed().await;
        }
    }
}
