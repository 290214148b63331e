//! When a data key is used again, on a clock that stands still.

use std::cell::Cell;
use std::slice;

use bytes::Bytes;
use names::{BootId, RecordName, RecordUid, TenantUid};
use tokio::time::advance;
use uuid::Uuid;

use super::*;
use crate::keys::context::Context;

const TICK: Duration = Duration::from_millis(1);

/// Unwraps with numbers that rise from 1; what key-service would see.
struct Unwrapped(Cell<u64>);

impl Unwrapped {
    fn unwrap(&self, requests: &[UnwrapKey]) -> Vec<Result<UnwrappedKey, KeyError>> {
        requests.iter().map(|_| Ok(self.next())).collect()
    }

    fn next(&self) -> UnwrappedKey {
        self.0.set(self.0.get() + 1);
        let operation = Operation { boot: BootId::new(Uuid::nil()), counter: self.0.get() };
        UnwrappedKey { data_key: DataKey::generate().unwrap(), operation, is_cached: false }
    }
}

struct World {
    cache: DataKeyCache,
    key_service: Unwrapped,
}

impl World {
    /// Changes were heard of a second ago, so data keys are held.
    async fn settled() -> Self {
        let world = Self::new();
        world.heard(&[], true).await;
        advance(SETTLING).await;
        world.heard(&[], false).await;
        world
    }

    fn new() -> Self {
        let cache = DataKeyCache::new(&DataKeyCacheConfig { max_uses: u32::MAX, ..DataKeyCacheConfig::default() });
        Self { cache, key_service: Unwrapped(Cell::new(0)) }
    }

    /// An answer of key-service to a request that begins now.
    async fn heard(&self, changes: &[Changed], is_reset: bool) {
        let changes = Changes { changes: changes.to_vec(), generation: 1, is_more: false, is_reset };
        self.cache.take(changes, Instant::now()).await;
    }

    /// Heard of nothing for so long, but in time.
    async fn quiet(&self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            advance(INTERVAL.min(end - Instant::now())).await;
            self.heard(&[], false).await;
        }
    }

    /// The number of the operation that unwrapped what a reveal gets, and whether it was held.
    async fn reveal(&self, request: &UnwrapKey) -> (u64, bool) {
        let unwrap = async |missing: &[UnwrapKey]| self.key_service.unwrap(missing);
        let answer = self.cache.unwrap_all(slice::from_ref(request), unwrap).await.pop().unwrap().unwrap();
        (answer.operation.counter, answer.is_cached)
    }
}

fn request(key: &str, subject: Option<&str>) -> UnwrapKey {
    let name: RecordName = "tenants/acme/collections/patients/records/p-1".parse().unwrap();
    let (tenant, uid) = (TenantUid::new(Uuid::nil()), RecordUid::new(Uuid::nil()));
    let context = Context::of_record(tenant, &name, uid, 1, subject);
    let wrapped_key = Bytes::from_static(b"wrapped");
    UnwrapKey { key: key.parse().unwrap(), subject: subject.map(str::to_owned), context, wrapped_key }
}

fn changed(key: &str, subject: Option<&str>) -> Changed {
    Changed { key: key.parse().unwrap(), subject: subject.map(str::to_owned) }
}

#[tokio::test(start_paused = true)]
async fn a_data_key_is_used_again_as_often_as_it_may_be() {
    let (world, one) = (World::settled().await, request("keys/a", None));
    for use_ in 0..20 {
        assert_eq!(world.reveal(&one).await, (1, use_ > 0));
    }
    let world = World { cache: DataKeyCache { max_uses: 3, ..world.cache }, ..world };
    assert_eq!(world.reveal(&one).await, (1, true), "held already, and its last use");
    let mut operations = Vec::new();
    for _ in 0..7 {
        operations.push(world.reveal(&one).await.0);
    }
    assert_eq!(operations, [2, 2, 2, 3, 3, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn what_key_service_would_check_must_be_the_same() {
    let world = World::settled().await;
    let one = request("keys/a", Some("p-1"));
    let others = [
        UnwrapKey { key: "keys/b".parse().unwrap(), ..one.clone() },
        UnwrapKey { subject: Some("p-2".to_owned()), ..one.clone() },
        UnwrapKey { subject: None, ..one.clone() },
        UnwrapKey { context: request("keys/a", None).context, ..one.clone() },
        UnwrapKey { wrapped_key: Bytes::from_static(b"wrappee"), ..one.clone() },
    ];
    assert_eq!(world.reveal(&one).await, (1, false));
    for (number, other) in (2..).zip(&others) {
        assert_eq!(world.reveal(other).await, (number, false), "{other:?}");
    }
    assert_eq!(world.reveal(&one).await, (1, true));
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_equal_share_an_unwrapping_and_each_has_its_answer() {
    let world = World::settled().await;
    let (a, b) = (request("keys/a", None), request("keys/b", None));
    world.reveal(&b).await;
    let asked = [a.clone(), b.clone(), a.clone(), request("keys/c", None), a.clone()];
    let unwrap = async |missing: &[UnwrapKey]| {
        assert_eq!(missing.len(), 2);
        vec![Ok(world.key_service.next()), Err(KeyError::VersionDisabled)]
    };
    let answers = world.cache.unwrap_all(&asked, unwrap).await;
    let numbers = answers.iter().map(|answer| answer.as_ref().ok().map(|key| key.operation.counter));
    assert_eq!(numbers.collect::<Vec<_>>(), [Some(2), Some(1), Some(2), None, Some(2)]);
    assert!(matches!(answers[3], Err(KeyError::VersionDisabled)), "an error is not kept");
    assert_eq!(world.reveal(&request("keys/c", None)).await, (3, false));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_used_again_where_nothing_was_heard_for_a_second() {
    let one = request("keys/a", None);
    let unheard = World::new();
    assert_eq!((unheard.reveal(&one).await, unheard.reveal(&one).await), ((1, false), (2, false)));
    let world = World::settled().await;
    world.reveal(&one).await;
    advance(MAX_SILENCE).await;
    assert_eq!(world.reveal(&one).await, (1, true));
    advance(TICK).await;
    assert_eq!(world.reveal(&one).await, (2, false));
    assert_eq!(world.cache.known_generation().await, None, "it asks anew");
    world.heard(&[], true).await;
    world.quiet(SETTLING).await;
    assert_eq!(world.reveal(&one).await, (3, false), "what was held before the silence is gone");
    assert_eq!(world.reveal(&one).await, (3, true));
}

#[tokio::test(start_paused = true)]
async fn a_change_ends_what_is_held_under_it_and_nothing_else() {
    let world = World::settled().await;
    let all = [
        request("keys/a", None),
        request("keys/a", Some("p-1")),
        request("keys/a", Some("p-2")),
        request("keys/b", None),
    ];
    let held = async || {
        let mut held = Vec::new();
        for one in &all {
            held.push(world.reveal(one).await.1);
        }
        held
    };
    assert_eq!(held().await, [false; 4]);
    assert_eq!(held().await, [true; 4]);
    world.heard(&[changed("keys/a", Some("p-1"))], false).await;
    assert_eq!(held().await, [true, false, true, true]);
    world.heard(&[changed("keys/a", None)], false).await;
    assert_eq!(held().await, [false, false, false, true]);
    world.heard(&[], true).await;
    assert_eq!(held().await, [false; 4]);
}

#[tokio::test(start_paused = true)]
async fn what_is_unwrapped_within_a_second_after_a_change_is_not_held() {
    let (world, one, other) = (World::settled().await, request("keys/a", Some("p-1")), request("keys/b", None));
    world.heard(&[changed("keys/a", None)], false).await;
    world.quiet(SETTLING.saturating_sub(TICK)).await;
    assert_eq!((world.reveal(&one).await, world.reveal(&one).await), ((1, false), (2, false)));
    assert_eq!((world.reveal(&other).await, world.reveal(&other).await), ((3, false), (3, true)));
    world.quiet(TICK).await;
    assert_eq!((world.reveal(&one).await, world.reveal(&one).await), ((4, false), (4, true)));
}

#[tokio::test(start_paused = true)]
async fn what_changes_while_it_is_unwrapped_is_not_held() {
    let (world, one) = (World::settled().await, request("keys/a", Some("p-1")));
    let unwrap = async |missing: &[UnwrapKey]| {
        let answers = world.key_service.unwrap(missing);
        world.heard(&[changed("keys/a", Some("p-1"))], false).await;
        // As though it had been heard of long ago: the place is closed in any case.
        world.cache.heard().recent.clear();
        answers
    };
    world.cache.unwrap_all(slice::from_ref(&one), unwrap).await;
    assert_eq!(world.reveal(&one).await, (2, false));
}

#[tokio::test(start_paused = true)]
async fn very_many_changes_count_as_a_change_of_all() {
    let (world, one) = (World::settled().await, request("keys/a", None));
    world.reveal(&one).await;
    let changes =
        |from: usize| (from..from + MAX_RECENT).map(|number| changed(&format!("keys/k-{number}"), None)).collect();
    let (first, second): (Vec<_>, Vec<_>) = (changes(0), changes(MAX_RECENT));
    world.heard(&first, false).await;
    assert_eq!(world.reveal(&one).await, (1, true));
    world.heard(&second[..1], false).await;
    assert_eq!(world.reveal(&one).await, (2, false));
    assert!(world.cache.heard().recent.is_empty());
}
