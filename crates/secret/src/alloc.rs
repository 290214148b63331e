//! The global allocator of every service: freed memory is wiped before it is given back.

use std::alloc::{GlobalAlloc, Layout};

use mimalloc::MiMalloc;

#[cfg(not(feature = "no-scrub"))]
static INNER: zeroizing_alloc::ZeroAlloc<MiMalloc> = zeroizing_alloc::ZeroAlloc(MiMalloc);
#[cfg(feature = "no-scrub")]
static INNER: MiMalloc = MiMalloc;

/// Wipes memory when it is freed. Install it with
/// `#[global_allocator] static ALLOCATOR: secret::ZeroAlloc = secret::ZeroAlloc;`.
///
/// Memory that C code allocates by itself does not pass through here.
pub struct ZeroAlloc;

// SAFETY: every call goes unchanged to an allocator that upholds the contract. `realloc` stays the provided one, which
// allocates, copies and frees through this type, so that a grown vector leaves nothing behind either.
unsafe impl GlobalAlloc for ZeroAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds `GlobalAlloc::alloc`, which is this very contract.
        unsafe { INNER.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds `GlobalAlloc::alloc_zeroed`, which is this very contract.
        unsafe { INNER.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds `GlobalAlloc::dealloc`; `pointer` came from INNER with this layout.
        unsafe { INNER.dealloc(pointer, layout) };
    }
}

#[cfg(not(feature = "no-scrub"))]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_wiped_before_it_is_freed() {
        let layout = Layout::from_size_align(256, 8).unwrap();
        // SAFETY: the layout is not empty.
        let pointer = unsafe { ZeroAlloc.alloc(layout) };
        // SAFETY: 256 bytes were just allocated here.
        unsafe { pointer.write_bytes(0xA5, 256) };
        let address = pointer.addr();
        // SAFETY: allocated above with this layout.
        unsafe { ZeroAlloc.dealloc(pointer, layout) };
        // The allocator may write its own links to the first words; the rest must be zero. Read through the kernel.
        let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
        let mut bytes = [0; 128];
        std::io::Seek::seek(&mut memory, std::io::SeekFrom::Start(u64::try_from(address + 64).unwrap())).unwrap();
        std::io::Read::read_exact(&mut memory, &mut bytes).unwrap();
        assert!(!bytes.contains(&0xA5), "{bytes:?}");
    }
}
