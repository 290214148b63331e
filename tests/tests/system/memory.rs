//! Plaintext and data keys in the memory of vault-service, seen through `/proc/PID/mem` once the connections that they came and
//! left by are closed. Built with the feature `no-scrub` the services wipe nothing, and something must be found.
//!
//! The services cannot be dumped, so only root with `CAP_SYS_PTRACE` can look; elsewhere these tests say so and are
//! skipped, or fail where `STRONGROOM_REQUIRE` says `memory`, as in CI.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use api::key::v1::UnwrapDataKeyRequest;
use memchr::memmem;
use serde_json::json;
use stack::Service;
use test_support::poll_until;

use crate::support::places::{Place, unique};
use crate::support::stacks::{World, on_own_stack, on_shared_stack};

/// How long buffers of a connection that was closed may take to go.
const GONE_WITHIN: Duration = Duration::from_secs(10);
/// Memory is read in pieces of this size.
const PIECE: usize = 1 << 20;

/// How often `wanted` stands in the writable memory of a process; `None` where nobody may look.
fn occurrences(pid: u32, wanted: &[u8]) -> Option<usize> {
    let memory = match File::open(format!("/proc/{pid}/mem")) {
        Ok(memory) => memory,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return None,
        Err(error) => panic!("the memory of process {pid} cannot be opened: {error}"),
    };
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let pages = File::open(format!("/proc/{pid}/pagemap")).ok()?;
    let mut count = 0;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let address = |hex| u64::from_str_radix(hex, 16).unwrap();
        count += in_range((&memory, &pages), address(from), address(to), wanted);
    }
    Some(count)
}

fn in_range((memory, pages): (&File, &File), from: u64, to: u64, wanted: &[u8]) -> usize {
    let mut count = 0;
    let mut buffer = vec![0; PIECE + wanted.len() - 1];
    let mut at = from;
    while at < to {
        let length = usize::try_from(to - at).unwrap().min(buffer.len());
        // What is not there any more, or was never used, holds nothing.
        if is_used(pages, at) && memory.read_exact_at(&mut buffer[..length], at).is_ok() {
            count += memmem::find_iter(&buffer[..length], wanted).count();
        }
        at += u64::try_from(PIECE).unwrap();
    }
    count
}

/// Whether any page of a piece is in memory or swapped out (`proc_pid_pagemap(5)`): most of what the allocator has
/// reserved never was.
fn is_used(pages: &File, at: u64) -> bool {
    const PAGE: usize = 4096;
    const PRESENT_OR_SWAPPED: u8 = 0b1100_0000;
    let mut entries = [0; PIECE / PAGE * 8];
    let offset = at / u64::try_from(PAGE).unwrap() * 8;
    // The last entries may be missing.
    let read = pages.read_at(&mut entries, offset).unwrap_or(entries.len());
    entries[..read].chunks_exact(8).any(|entry| entry[7] & PRESENT_OR_SWAPPED != 0)
}

/// Pid of vault-service if its memory can be read; says why not otherwise.
fn readable_vault(world: &World) -> Option<u32> {
    let pid = world.process("vault").unwrap().unwrap().pid;
    let readable = occurrences(pid, b"strongroom").is_some();
    if !readable {
        assert!(
            !test_support::is_required("memory"),
            "the memory of vault-service cannot be read, and this run must look at it"
        );
        println!("skipped: the memory of vault-service can be read by root with CAP_SYS_PTRACE only");
    }
    readable.then_some(pid)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_plaintext_is_left_in_the_vault_once_the_connection_is_closed() {
    on_shared_stack(async |world| {
        let Some(pid) = readable_vault(world) else { return };
        let place = Place::new(world).await;
        let written = unique("canary-written");
        let read = unique("canary-read");
        place.create("read", &json!({"value": read})).await;
        let writer = place.reconnected(world);
        writer.create("written", &json!({"value": written})).await;
        let reader = writer.reconnected(world);
        reader.reveal("read").await;
        // The control: while its connection is open, what came in stands in the connection's buffers, and the search
        // finds it there.
        assert!(occurrences(pid, written.as_bytes()).unwrap() > 0, "the search finds nothing at all");
        drop((place, writer, reader));
        for value in [written, read] {
            check_gone("vault-service", pid, value.as_bytes()).await;
        }
    })
    .await;
}

/// Connections between the services end soon here: what was read and written is in their buffers until then.
#[tokio::test(flavor = "multi_thread")]
async fn no_data_key_is_left_in_vault_or_key_service_once_the_connections_are_closed() {
    let short = "[grpc]\nmax_connection_age = \"1s\"\n".to_owned();
    on_own_stack(
        |options| options.extra.extend([Service::Key, Service::Vault].map(|service| (service, short.clone()))),
        async |world| {
            let Some(vault) = readable_vault(world) else { return };
            let key = world.process("key").unwrap().unwrap().pid;
            let place = Place::new(world).await;
            let record = place.create("p-1", &json!({"value": "x"})).await;
            place.reveal("p-1").await;
            let data_key = data_key(world, &place, &record.uid).await;
            // The control: the key is in this process, where the same search finds it.
            assert!(occurrences(std::process::id(), &data_key).unwrap() > 0, "the search finds nothing at all");
            for (name, pid) in [("vault-service", vault), ("key-service", key)] {
                check_gone(name, pid, &data_key).await;
            }
        },
    )
    .await;
}

/// Waits until nothing is left. In a build without the measures something must be, or the search would prove nothing.
async fn check_gone(name: &str, pid: u32, secret: &[u8]) {
    let gone =
        poll_until(GONE_WITHIN, "nothing is left", async || (occurrences(pid, secret).unwrap() == 0).then_some(()));
    let is_gone = gone.await.is_ok();
    let copies = occurrences(pid, secret).unwrap();
    if cfg!(feature = "no-scrub") {
        assert!(!is_gone, "{name} keeps no copy although nothing is wiped");
        println!("{name} keeps {copies} copies where nothing is wiped");
    } else {
        assert!(is_gone, "{name} keeps {copies} copies");
    }
}

/// The record's data key: whoever holds vault-service's certificate and the wrapped key may ask for it.
async fn data_key(world: &World, place: &Place, uid: &str) -> Vec<u8> {
    let sql = world.sql(Service::Vault).await;
    let uid: uuid::Uuid = uid.parse().unwrap();
    let row = sql.row("SELECT wrapped_key FROM records WHERE record_uid = $1", &[&uid]).await;
    let context = [
        ("purpose", "strongroom/vault/records".to_owned()),
        ("tenant", place.tenant.uid.clone()),
        ("record", place.record_name("p-1")),
        ("uid", uid.to_string()),
        ("revision", "1".to_owned()),
    ];
    let request = UnwrapDataKeyRequest {
        key: format!("keys/{}", place.tenant.uid),
        subject: String::new(),
        context: api::context_entries(context),
        wrapped_key: row.get::<_, Vec<u8>>(0).into(),
        ..Default::default()
    };
    world.caller("vault-service").data_keys().unwrap_data_key(request).await.unwrap().into_inner().plaintext.clone()
}
