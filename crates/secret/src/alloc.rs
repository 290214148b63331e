//! The global allocator of every service: freed memory is wiped before it is given back.

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys::{mi_free, mi_malloc, mi_malloc_aligned, mi_zalloc, mi_zalloc_aligned};

#[cfg(not(feature = "no-scrub"))]
static INNER: zeroizing_alloc::ZeroAlloc<Mimalloc> = zeroizing_alloc::ZeroAlloc(Mimalloc);
#[cfg(feature = "no-scrub")]
static INNER: Mimalloc = Mimalloc;

/// Alignment in bytes that every block of at least as many bytes has (`MI_MAX_ALIGN_SIZE`).
const BLOCK_ALIGN: usize = 16;
/// Alignment in bytes that smaller blocks have.
const SMALL_ALIGN: usize = 8;

/// mimalloc, asked for an alignment only where blocks do not have it anyway: most of what is asked for by alignment it
/// takes from larger blocks, and frees on a slower path.
struct Mimalloc;

impl Mimalloc {
    fn is_aligned_anyway(layout: Layout) -> bool {
        layout.align() <= SMALL_ALIGN || (layout.align() <= BLOCK_ALIGN && layout.size() >= BLOCK_ALIGN)
    }
}

// SAFETY: mimalloc's blocks are as large as asked for, aligned as asked for or by `is_aligned_anyway`, and its own until
// they are freed; it never unwinds.
unsafe impl GlobalAlloc for Mimalloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if Self::is_aligned_anyway(layout) {
            // SAFETY: any size may be asked for.
            unsafe { mi_malloc(layout.size()) }.cast()
        } else {
            // SAFETY: any size may be asked for, and the alignment is a power of two.
            unsafe { mi_malloc_aligned(layout.size(), layout.align()) }.cast()
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if Self::is_aligned_anyway(layout) {
            // SAFETY: any size may be asked for.
            unsafe { mi_zalloc(layout.size()) }.cast()
        } else {
            // SAFETY: any size may be asked for, and the alignment is a power of two.
            unsafe { mi_zalloc_aligned(layout.size(), layout.align()) }.cast()
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, _layout: Layout) {
        // SAFETY: the caller says that `pointer` came from here.
        unsafe { mi_free(pointer.cast()) };
    }
}

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
    fn memory_is_aligned_as_asked_for() {
        for align in [1, 2, 4, 8, 16, 32, 64, 128, 4096] {
            let layouts = (1..3000).step_by(7).map(|size| Layout::from_size_align(size, align).unwrap());
            // All at once, so that blocks come from everywhere in their pages.
            let allocated: Vec<_> = layouts
                .map(|layout| {
                    // SAFETY: the layout is not empty.
                    let pointers = [unsafe { ZeroAlloc.alloc(layout) }, unsafe { ZeroAlloc.alloc_zeroed(layout) }];
                    (layout, pointers)
                })
                .collect();
            for (layout, pointers) in allocated {
                for pointer in pointers {
                    assert_eq!(pointer.addr() % align, 0, "{layout:?}");
                    // SAFETY: allocated above with this layout.
                    unsafe { ZeroAlloc.dealloc(pointer, layout) };
                }
            }
        }
    }

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
