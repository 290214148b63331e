//! After a restore of the key database: no number of a version, and no generation, is given that may have been given before.
//!
//! What was made since the backup is lost, and so is how much that was. So every key gets a floor: its next version's number
//! lies [`DEFAULT_SKIPPED`] beyond what the restored database knows, more than can have been given meanwhile. Generations go
//! on [`SKIPPED_GENERATIONS`] further, so that whoever follows changes sees every key as changed.

use audit::{Event, Outbox};
use clock::SharedClock;
use db::Tx;
use names::{EventId, LogName};

use crate::error::Error;
use crate::store::Store;

/// Numbers of versions that are passed over for each key, unless an operator says otherwise.
pub const DEFAULT_SKIPPED: u32 = 1000;
/// Generations that are passed over.
const SKIPPED_GENERATIONS: u64 = 1 << 32;
/// Keys that are read at once.
const PAGE: i64 = 500;
/// Who tells of it.
const ACTOR: &str = "key-service";

/// Sets the floors of all keys, in one transaction with its event; returns the number of keys. Done twice it passes over
/// more numbers, and changes nothing else.
pub async fn set_floors(store: &Store, outbox: &Outbox, clock: &SharedClock, skipped: u32) -> Result<u64, Error> {
    let event_id = EventId::new(clock::uuid_v7(clock.as_ref()));
    let keys = store.db().run_tx("keys_restored", |tx| {
        Box::pin(async move {
            let keys = raise(store, tx, skipped).await?;
            let mut event = Event::new(event_id, LogName::System, clock.now(), ACTOR, "keys.restored");
            "keys".clone_into(&mut event.resource);
            let event = event.with("count", keys).with("skipped", skipped);
            Outbox::insert(tx, &[outbox.row(&LogName::System, &[event])?]).await?;
            Ok::<_, Error>(keys)
        })
    });
    let keys = keys.await?;
    outbox.committed(1);
    Ok(keys)
}

async fn raise(store: &Store, tx: &Tx<'_>, skipped: u32) -> Result<u64, Error> {
    let mut generation = store.key_next_generation(tx).await?.saturating_add(SKIPPED_GENERATIONS);
    let (mut after, mut raised) = (String::new(), 0_u64);
    loop {
        let page = store.key_list(tx, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(raised) };
        last.key.id.as_str().clone_into(&mut after);
        for mut stored in page {
            let given = stored.key.primary_version.max(stored.version_floor.unwrap_or_default());
            stored.version_floor = Some(given.saturating_add(skipped));
            stored.generation = generation;
            store.key_update(tx, &stored).await?;
            generation = generation.saturating_add(1);
            raised = raised.saturating_add(1);
        }
    }
}
