//! Pages that are neither swapped nor dumped, for keys that live as long as the process.
//!
//! A page is cut into slots of 64 bytes. Slots are handed out and taken back; pages are never given back, so the amount
//! of locked memory is the largest number of such keys there ever was, and no unlocking can hit a neighbour's key.

use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::wipe::wipe;

/// Size of a slot in bytes: the longest key that can be locked.
const SLOT: usize = 64;
/// Mapped and locked at once, in bytes: a multiple of every page size in use (4, 16 and 64 KiB).
const CHUNK: usize = 64 * 1024;

/// Where locked bytes ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residence {
    /// In a locked page.
    Locked,
    /// In memory that may be swapped out: the limit on locked memory (`RLIMIT_MEMLOCK`) forbids more.
    Swappable,
}

/// `N ≤ 64` bytes in a locked page, wiped and given back on drop.
pub(crate) struct Slot<const N: usize>(Free);

/// One slot's address, and whether its page is locked.
#[derive(Clone, Copy)]
struct Free {
    start: NonNull<[u8; SLOT]>,
    residence: Residence,
}

// SAFETY: a slot is plain memory that no thread owns; the address is held by exactly one `Slot` or by the free list.
unsafe impl Send for Free {}
// SAFETY: shared access only reads plain bytes.
unsafe impl Sync for Free {}

static FREE: Mutex<Vec<Free>> = Mutex::new(Vec::new());

impl<const N: usize> Slot<N> {
    /// A slot with a copy of `bytes`; `None` where they do not fit or no page could be mapped.
    pub(crate) fn holding(bytes: &[u8; N]) -> Option<(Self, Residence)> {
        if N > SLOT {
            return None;
        }
        let free = take()?;
        let mut slot = Self(free);
        slot.bytes_mut().copy_from_slice(bytes);
        Some((slot, free.residence))
    }

    pub(crate) fn bytes(&self) -> &[u8; N] {
        // SAFETY: `holding` checked N ≤ SLOT; the slot is initialised (mapped zero, wiped on drop), stays mapped for
        // ever and belongs to this value alone, so it is readable for as long as `self` is borrowed.
        unsafe { self.0.start.cast::<[u8; N]>().as_ref() }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; N] {
        // SAFETY: as in `bytes`, and `self` is borrowed exclusively.
        unsafe { self.0.start.cast::<[u8; N]>().as_mut() }
    }
}

impl<const N: usize> Drop for Slot<N> {
    fn drop(&mut self) {
        wipe(self.bytes_mut());
        free_list().push(self.0);
    }
}

fn free_list() -> MutexGuard<'static, Vec<Free>> {
    // A panic while the list was held cannot have left it half changed: push and pop are its only changes.
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take() -> Option<Free> {
    let mut list = free_list();
    if list.is_empty() {
        let (chunk, residence) = map_chunk()?;
        for index in 0..CHUNK / SLOT {
            // SAFETY: index * SLOT < CHUNK, so the address is inside the mapping just made.
            let start = unsafe { chunk.add(index * SLOT) };
            list.push(Free { start: start.cast(), residence });
        }
    }
    list.pop()
}

/// A fresh mapping of zeros, locked where the limit allows and left out of core dumps.
fn map_chunk() -> Option<(NonNull<u8>, Residence)> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches no existing memory.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), CHUNK, access, kind, -1, 0) };
    if address == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the range is the mapping just made.
    let locked = unsafe { libc::mlock(address, CHUNK) } == 0;
    // SAFETY: the range is the mapping just made; the advice changes core dumps only, and its failure leaves the
    // process-wide ban on core dumps in force.
    unsafe { libc::madvise(address, CHUNK, libc::MADV_DONTDUMP) };
    let residence = if locked { Residence::Locked } else { Residence::Swappable };
    Some((NonNull::new(address.cast())?, residence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_do_not_overlap_and_are_wiped_before_reuse() {
        let slots: Vec<_> = (0..200u8).map(|i| Slot::holding(&[i; 32]).unwrap().0).collect();
        for (i, slot) in (0..200u8).zip(&slots) {
            assert_eq!(slot.bytes(), &[i; 32]);
        }
        drop(slots);
        assert_eq!(Slot::<1>::holding(&[0]).unwrap().0.0.start.addr().get() % SLOT, 0);
    }

    #[test]
    fn bytes_longer_than_a_slot_stay_where_they_are() {
        assert!(Slot::holding(&[0; 65]).is_none());
        assert!(Slot::holding(&[0; 64]).is_some());
    }

    #[test]
    fn pages_are_locked_where_the_limit_allows() {
        let (_slot, residence) = Slot::holding(&[1; 32]).unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let locked = status.lines().find(|line| line.starts_with("VmLck:")).unwrap();
        assert_eq!(residence == Residence::Locked, !locked.ends_with(" 0 kB"), "{locked}");
    }
}
