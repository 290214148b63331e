//! When a data key is used again, on a clock that stands still.

use std::cell::{Cell, RefCell};
use std::slice;

use bytes::Bytes;
use names::{BootId, RecordName, RecordUid, TenantUid};
use tokio::time::advance;
use uuid::Uuid;

use super::heard::{MAX_RECENT, MAX_SILENCE, SETTLING};
use tonic::Code;

use super::*;
use crate::keys::context::Context;

const TICK: Duration = Duration::from_millis(1);

/// Unwraps with numbers that rise from 1; what key-service would see.
struct Unwrapped(Cell<u64>);

impl Unwrapped {
    async fn unwrap(&self, requests: Vec<UnwrapKey>) -> Vec<Result<UnwrappedKey, KeyError>> {
        tokio::task::yield_now().await;
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
        let unwrap = |missing| self.key_service.unwrap(missing);
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
    let (mut world, one) = (World::settled().await, request("keys/a", None));
    for use_ in 0..20 {
        assert_eq!(world.reveal(&one).await, (1, use_ > 0));
    }
    world = World { cache: DataKeyCache { max_uses: 3, ..world.cache }, ..world };
    world.cache.held.drop_value(&one).await;
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
async fn each_request_has_its_answer_and_equal_ones_an_unwrapping_each() {
    let world = World::settled().await;
    let (a, b) = (request("keys/a", None), request("keys/b", None));
    world.reveal(&b).await;
    let asked = [a.clone(), b.clone(), a.clone(), request("keys/c", None), b.clone()];
    let unwrap = |missing: Vec<UnwrapKey>| {
        assert_eq!(missing, [a.clone(), a.clone(), request("keys/c", None)]);
        let answers = [Ok(world.key_service.next()), Ok(world.key_service.next()), Err(KeyError::VersionDisabled)];
        std::future::ready(Vec::from(answers))
    };
    let answers = world.cache.unwrap_all(&asked, unwrap).await;
    let numbers = answers.iter().map(|answer| answer.as_ref().ok().map(|key| (key.operation.counter, key.is_cached)));
    let expected = [Some((2, false)), Some((1, true)), Some((3, false)), None, Some((1, true))];
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
    assert!(matches!(answers[3], Err(KeyError::VersionDisabled)));
    assert_eq!(world.reveal(&request("keys/c", None)).await, (4, false), "an error is not kept");
}

#[tokio::test(start_paused = true)]
async fn what_changes_while_others_are_unwrapped_is_not_used() {
    let (a, b) = (request("keys/a", Some("p-1")), request("keys/b", None));
    for is_silent in [false, true] {
        let world = World::settled().await;
        world.reveal(&a).await;
        let calls = Cell::new(0);
        let unwrap = |missing: Vec<UnwrapKey>| {
            calls.set(calls.get() + 1);
            let (is_first, world) = (calls.get() == 1, &world);
            async move {
                if is_first && is_silent {
                    advance(MAX_SILENCE + TICK).await;
                } else if is_first {
                    world.heard(&[changed("keys/a", Some("p-1"))], false).await;
                }
                world.key_service.unwrap(missing).await
            }
        };
        let answers = world.cache.unwrap_all(&[a.clone(), b.clone()], unwrap).await;
        let numbers =
            answers.iter().map(|answer| answer.as_ref().unwrap()).map(|key| (key.operation.counter, key.is_cached));
        assert_eq!(numbers.collect::<Vec<_>>(), [(3, false), (2, false)], "{is_silent}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_used_again_where_nothing_was_heard_for_a_second() {
    let one = request("keys/a", None);
    let unheard = World::new();
    assert_eq!((unheard.reveal(&one).await, unheard.reveal(&one).await), ((1, false), (2, false)));
    assert!(unheard.cache.held.held(&one).await.is_none(), "nor is anything held");
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
async fn what_takes_long_to_unwrap_is_not_held_either_where_a_change_was_heard_of_before() {
    let (world, one) = (World::settled().await, request("keys/a", None));
    world.heard(&[changed("keys/a", None)], false).await;
    world.quiet(SETTLING.saturating_sub(TICK * 100)).await;
    let unwrap = async |missing| {
        world.quiet(TICK * 200).await;
        world.key_service.unwrap(missing).await
    };
    world.cache.unwrap_all(slice::from_ref(&one), unwrap).await;
    assert_eq!(world.reveal(&one).await, (2, false));
    assert_eq!(world.reveal(&one).await, (2, true), "that began later");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_held_takes_no_place() {
    let world = World::new();
    for number in 0..50 {
        world.reveal(&request(&format!("keys/k-{number}"), None)).await;
    }
    world.cache.held.wipe_expired().await;
    assert_eq!(world.cache.held.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_changes_while_it_is_unwrapped_is_not_held() {
    let (world, one) = (World::settled().await, request("keys/a", Some("p-1")));
    let unwrap = async |missing| {
        let answers = world.key_service.unwrap(missing).await;
        world.heard(&[changed("keys/a", Some("p-1"))], false).await;
        // As though it had been heard of long ago: the place is closed in any case.
        world.cache.heard().recent.clear();
        answers
    };
    world.cache.unwrap_all(slice::from_ref(&one), unwrap).await;
    assert_eq!(world.reveal(&one).await, (2, false));
}

#[tokio::test(start_paused = true)]
async fn what_key_service_refuses_is_not_used_again() {
    let (of_person, of_other, of_key) =
        (request("keys/a", Some("p-1")), request("keys/a", Some("p-2")), request("keys/a", None));
    let altered = UnwrapKey { wrapped_key: Bytes::from_static(b"altered"), ..of_person.clone() };
    let no_person = UnwrapKey { wrapped_key: Bytes::from_static(b"altered"), ..of_key.clone() };
    let said = || String::new();
    let denied = KeyError::Denied { code: Code::PermissionDenied };
    let cases = [
        (&altered, KeyError::Erased, [false, true, true]),
        (&altered, KeyError::DoesNotOpen, [false, true, true]),
        (&no_person, KeyError::DoesNotOpen, [true; 3]),
        (&altered, KeyError::VersionUnknown { said: said() }, [false; 3]),
        (&altered, KeyError::RowAltered { said: said() }, [false; 3]),
        (&no_person, KeyError::VersionDisabled, [false; 3]),
        (&no_person, denied, [false; 3]),
        (&altered, KeyError::Busy, [true; 3]),
    ];
    for (refused, error, expected) in cases {
        let world = World::settled().await;
        for one in [&of_person, &of_other, &of_key] {
            world.reveal(one).await;
        }
        let unwrap = |_| std::future::ready(vec![Err(error.clone())]);
        world.cache.unwrap_all(slice::from_ref(refused), unwrap).await;
        let mut held = Vec::new();
        for one in [&of_person, &of_other, &of_key] {
            held.push(world.cache.held.held(one).await.is_some());
        }
        assert_eq!(held, expected, "{error}");
    }
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

/// What key-service answers, one after the other, and after how long.
struct Answers(RefCell<Vec<(Duration, Result<Changes, KeyError>)>>, RefCell<Vec<Option<u64>>>);

impl Answers {
    fn new(answers: impl IntoIterator<Item = (Duration, Result<Changes, KeyError>)>) -> Self {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        Self(RefCell::new(answers), RefCell::default())
    }

    async fn next(&self, after: Option<u64>, deadline: Instant) -> Result<Changes, KeyError> {
        assert_eq!(deadline, Instant::now() + PATIENCE);
        self.1.borrow_mut().push(after);
        let (time, answer) = self.0.borrow_mut().pop().unwrap();
        advance(time).await;
        answer
    }

    fn asked(&self) -> Vec<Option<u64>> {
        self.1.take()
    }
}

fn page(generation: u64, key: Option<&str>, is_more: bool) -> Changes {
    let changes = key.map(|key| changed(key, None)).into_iter().collect();
    Changes { changes, generation, is_more, is_reset: false }
}

#[tokio::test(start_paused = true)]
async fn all_pages_are_read_before_it_counts_as_heard() {
    let (world, one) = (World::settled().await, request("keys/a", None));
    world.reveal(&one).await;
    let answers =
        Answers::new([(TICK, Ok(page(501, Some("keys/x"), true))), (TICK, Ok(page(777, Some("keys/a"), false)))]);
    advance(MAX_SILENCE.saturating_sub(TICK * 4)).await;
    world.cache.follow(|after, deadline| answers.next(after, deadline)).await.unwrap();
    assert_eq!(answers.asked(), [Some(1), Some(501)]);
    advance(MAX_SILENCE.saturating_sub(TICK * 2)).await;
    assert_eq!(world.cache.known_generation().await, Some(777), "heard of when the last request began");
    assert_eq!(world.reveal(&one).await, (2, false));
    let answers = Answers::new([(TICK, Ok(page(1001, None, true))), (TICK, Err(KeyError::Busy))]);
    assert!(world.cache.follow(|after, deadline| answers.next(after, deadline)).await.is_err());
    advance(TICK * 2).await;
    assert_eq!(world.cache.known_generation().await, None, "not all was heard");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_counts_as_none() {
    let (world, one) = (World::settled().await, request("keys/a", None));
    world.reveal(&one).await;
    let answers = Answers::new([(PATIENCE, Ok(page(1, None, false)))]);
    advance(MAX_SILENCE.saturating_sub(TICK)).await;
    world.cache.follow(|after, deadline| answers.next(after, deadline)).await.unwrap();
    assert_eq!(answers.asked(), [Some(1)]);
    assert_eq!(world.reveal(&one).await, (2, false), "the database may have been set back meanwhile");
}
