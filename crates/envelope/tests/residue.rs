//! No data key and no plaintext is left in this process once a record has been sealed, opened and dropped.
//!
//! The whole writable memory is read through `/proc/self/mem`. The control uses a key as ring's documentation shows it,
//! and is found: a scan that finds nothing anywhere would prove nothing. In a build without the measures the same record's
//! are found: `cargo test -p strongroom-envelope --test residue --features secret/no-scrub`, which CI runs.
#![cfg(test)]

use std::io::{Read, Seek, SeekFrom};

use names::{BirthMark, CollectionUid, KeyUid, RecordName, RecordUid, TenantUid};
use secret::SecretBytes;
use strongroom_envelope::record::{Manifest, Place, Selection, open, seal};
use strongroom_envelope::wrap::{Fresh, WrappingKey, generate, unwrap};
use strongroom_envelope::{DataKey, EncryptionContext};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: secret::ZeroAlloc = secret::ZeroAlloc;

/// Memory is read in pieces of this size.
const PIECE: usize = 1 << 20;
static NOTHING: [u8; PIECE + 15] = [0; PIECE + 15];

/// Sixteen bytes to look for, kept inverted so that the look-out is not found.
struct LookOut([u8; 16]);

impl LookOut {
    fn for_start_of(bytes: &[u8]) -> Self {
        let mut inverted = [0; 16];
        inverted.iter_mut().zip(bytes).for_each(|(place, byte)| *place = !byte);
        Self(inverted)
    }

    fn hits(&self, memory: &[u8]) -> usize {
        let first = !self.0[0];
        let found =
            |window: &&[u8]| window[0] == first && window.iter().zip(self.0).all(|(byte, inverted)| *byte == !inverted);
        memory.windows(16).filter(found).count()
    }
}

/// How often each of `wanted` is found in the writable memory of this process.
fn scan(wanted: &[LookOut]) -> Vec<usize> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut hits = vec![0; wanted.len()];
    for line in maps.lines().filter(|line| line.contains(" rw") && !line.contains("[v")) {
        let (start, rest) = line.split_once('-').unwrap();
        let (end, _) = rest.split_once(' ').unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        // Pieces overlap, so that nothing lies across the border of two.
        for piece in (start..end).step_by(PIECE) {
            let mut content = vec![0; PIECE + 15];
            content.truncate(usize::try_from(end - piece).unwrap());
            memory.seek(SeekFrom::Start(piece)).unwrap();
            // Guard pages and pages that went away meanwhile cannot be read, and hold nothing. Most of what the allocator
            // has reserved was never used.
            if memory.read_exact(&mut content).is_ok() && content != NOTHING[..content.len()] {
                for (hits, wanted) in hits.iter_mut().zip(wanted) {
                    *hits += wanted.hits(&content);
                }
            }
        }
    }
    hits
}

/// Seals and opens one record as vault-service and key-service do; what to look for afterwards.
#[inline(never)]
fn seal_and_open(round: u32) -> [LookOut; 2] {
    let (material, context) =
        (SecretBytes::random().unwrap(), EncryptionContext::from_iter([("round", round.to_string())]));
    let wrapping = WrappingKey {
        key: KeyUid::new(Uuid::nil()),
        version: 1,
        birth_mark: BirthMark::new([7; 8]),
        material: &material,
        subject_key: None,
    };
    let name: RecordName = "tenants/a/collections/b/records/c".parse().unwrap();
    let place = Place {
        tenant_uid: TenantUid::new(Uuid::nil()),
        collection_uid: CollectionUid::new(Uuid::nil()),
        name: &name,
        uid: RecordUid::new(Uuid::nil()),
        revision: 1,
    };
    let manifest = Manifest { subject: None, create_time: 1, update_time: 1, expire_time: None };

    let mut value = SecretBytes::<64>::random().unwrap();
    // As JSON ends: a space there would be padding, and not come back.
    value.expose_mut()[63] = b'"';
    let (data_key, wrapped) = Fresh::with(1, |fresh| generate(&wrapping, &context, fresh)).unwrap().unwrap();
    let look_outs = [LookOut::for_start_of(data_key.expose()), LookOut::for_start_of(value.expose())];
    let sealed = seal(data_key, &place, &manifest, &[("value", value.expose())]).unwrap();
    let data_key = unwrap(&wrapping, &context, &wrapped).unwrap();
    let received = DataKey::from_slice(data_key.expose()).unwrap();
    let opened = open(received, &place, &manifest, &sealed, Selection::All).unwrap();
    assert_eq!(opened.first().unwrap().1.expose(), value.expose());
    look_outs
}

/// A key used as ring's documentation shows it, then dropped.
#[inline(never)]
fn use_naively() -> LookOut {
    let bytes = SecretBytes::<32>::random().unwrap();
    let unbound = ring::aead::UnboundKey::new(&ring::aead::AES_256_GCM, bytes.expose()).unwrap();
    let key = ring::aead::LessSafeKey::new(unbound);
    let nonce = ring::aead::Nonce::assume_unique_for_key([0; 12]);
    key.seal_in_place_append_tag(nonce, ring::aead::Aad::empty(), &mut vec![1, 2, 3]).unwrap();
    LookOut::for_start_of(bytes.expose())
}

#[test]
fn no_data_key_and_no_value_is_left_behind() {
    let control = [use_naively()];
    let found = scan(&control);
    assert!(found.iter().all(|hits| *hits > 0), "the control must be found");
    // Copies of data keys that ring leaves behind; values wipe themselves.
    let mut keys = 0;
    for round in 0..8 {
        let found = scan(&seal_and_open(round));
        keys += found[0];
        assert!(!secret::SCRUBS || found == [0, 0], "round {round}: data key, value: {found:?}");
    }
    assert!(secret::SCRUBS || keys > 0, "nothing is left without the measures either");
}
