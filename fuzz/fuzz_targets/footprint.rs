//! What a request takes in memory, known from its encoding: no less than prost then takes.
#![no_main]
#![expect(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::audit::v1 as audit;
use api::key::v1 as key;
use api::vault::v1 as vault;
use libfuzzer_sys::fuzz_target;
use prost::Message;
use prost_reflect::DescriptorPool;

// The file itself: to build all of `rpc` for it would take minutes.
#[path = "../../crates/rpc/src/methods/footprint.rs"]
mod footprint;
use footprint::Footprint;

/// Counts the bytes that are allocated.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is done by the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

/// A message, its footprint, and what one takes that was decoded.
struct Request {
    name: &'static str,
    footprint: Footprint,
    taken: fn(&[u8]) -> Option<usize>,
}

/// Bytes that a message takes once it is decoded, itself and all that it points to. None if it is no such message.
fn taken<M: Message + Default>(encoded: &[u8]) -> Option<usize> {
    let before = ALLOCATED.load(Ordering::Relaxed);
    let decoded = M::decode(encoded).ok()?;
    let taken = ALLOCATED.load(Ordering::Relaxed) - before;
    drop(decoded);
    Some(size_of::<M>() + taken)
}

macro_rules! requests {
    ($($package:ident: $($message:ident)+;)+) => {
        static REQUESTS: LazyLock<Vec<Request>> = LazyLock::new(|| {
            let pool = DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).expect("the API's own descriptors");
            let footprint = |name| Footprint::of(&pool.get_message_by_name(name).expect("a message of the API"));
            vec![$($({
                let name = concat!("strongroom.", stringify!($package), ".v1.", stringify!($message));
                Request { name, footprint: footprint(name), taken: taken::<$package::$message> }
            }),+),+]
        });
    };
}

// The requests with lists, maps, messages inside messages, and records.
requests! {
    audit: AppendEventsRequest ListEntriesRequest TestPermissionsRequest;
    key: AcknowledgeRequest AdvanceHeadRequest BatchGenerateDataKeysRequest BatchRewrapDataKeysRequest
        BatchUnwrapDataKeysRequest CloseAlarmRequest CreateKeyRequest DeclareLossRequest SealBatchRequest VerifyMacsRequest;
    vault: BatchCreateRecordsRequest BatchRevealRecordsRequest CreateCollectionRequest CreateRecordRequest
        RevealRecordRequest UpdateRecordRequest;
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, encoded)) = input.split_first() else { return };
    let request = &REQUESTS[usize::from(*choice) % REQUESTS.len()];
    // What has no estimate is refused and never decoded.
    let Some(estimate) = request.footprint.measure(encoded) else { return };
    let Some(taken) = (request.taken)(encoded) else { return };
    assert!(estimate >= taken, "{}: {taken} bytes where {estimate} were estimated", request.name);
});
