//! Wiping the stack that a use of a key has left behind.
//!
//! ring builds its key schedules on the stack and wipes nothing, and moving a Rust value leaves its old bytes where they
//! were. Wiping values in place does not reach those copies; overwriting the stack below the caller does.

/// Whether this build wipes what it frees and the stack: all do but one, in which tests find what would be left.
pub const SCRUBS: bool = cfg!(not(feature = "no-scrub"));

/// How far below the caller the stack is wiped, in bytes. Measured: 4 KiB leaves key schedules behind, 16 KiB none.
const DEPTH: usize = 16 * 1024;
/// The same for [`scrubbed_deep`]. Measured: ML-KEM-768 leaves its private key 19 KiB deep.
const FAR: usize = 32 * 1024;

/// Runs `f`, then overwrites the 16 KiB of stack below this call, also when `f` panics.
///
/// `f` must be synchronous and return nothing secret by value (boxed bytes are fine): what crosses an `await` lives in
/// the future, on the heap, and a value returned lives in the caller's frame, which is not wiped.
#[inline(never)]
pub fn scrubbed<T>(f: impl FnOnce() -> T) -> T {
    let _guard = Guard::<DEPTH>;
    apart(f)
}

/// As [`scrubbed`], but overwrites 32 KiB: for arithmetic that keeps whole vectors on the stack, as ML-KEM's does.
#[inline(never)]
pub fn scrubbed_deep<T>(f: impl FnOnce() -> T) -> T {
    let _guard = Guard::<FAR>;
    apart(f)
}

/// Calls `f` in a frame of its own, which lies where [`scrub_stack`]'s lies afterwards.
#[inline(never)]
fn apart<T>(f: impl FnOnce() -> T) -> T {
    f()
}

/// Scrubs on drop, so that unwinding does it too: by then the frames below are gone.
struct Guard<const DEPTH: usize>;

impl<const DEPTH: usize> Drop for Guard<DEPTH> {
    #[inline]
    fn drop(&mut self) {
        scrub_stack::<DEPTH>();
    }
}

#[cfg(not(feature = "no-scrub"))]
#[inline(never)]
fn scrub_stack<const DEPTH: usize>() {
    let mut area = std::mem::MaybeUninit::<[u8; DEPTH]>::uninit();
    let start = area.as_mut_ptr();
    // SAFETY: `start` points to DEPTH writable bytes of this frame; any bit pattern is a valid [u8; DEPTH].
    unsafe { start.write_bytes(0, 1) };
    crate::wipe::keep(start.cast());
}

#[cfg(feature = "no-scrub")]
#[inline(never)]
fn scrub_stack<const DEPTH: usize>() {}

#[cfg(not(feature = "no-scrub"))]
#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::io::{Read, Seek, SeekFrom};

    use super::*;

    const MARKER: u64 = 0x5EC2_E7DA_7A0D_D1E5;
    /// Most that the test itself leaves of the marker that it looks for: one copy was measured; a schedule leaves 64.
    const OWN_COPIES: usize = 2;

    /// Leaves 64 copies of the marker (flipped by `flip`) on the stack, as a key schedule would.
    #[inline(never)]
    fn leave_marker(flip: u64) -> u64 {
        let copies = black_box([MARKER ^ black_box(flip); 64]);
        copies.iter().fold(0, |sum, copy| sum ^ copy)
    }

    /// How often the marker lies in the 64 KiB below the caller, read through the kernel so that no dead memory is touched.
    fn count_below(anchor: usize, wanted: u64) -> usize {
        let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
        let mut below = vec![0; 64 * 1024];
        memory.seek(SeekFrom::Start(u64::try_from(anchor - below.len()).unwrap())).unwrap();
        memory.read_exact(&mut below).unwrap();
        below.windows(8).filter(|window| u64::from_ne_bytes((*window).try_into().unwrap()) == wanted).count()
    }

    fn residues(flip: u64, run: impl FnOnce(u64)) -> usize {
        let anchor = std::ptr::from_ref(&flip).addr();
        run(flip);
        count_below(anchor, MARKER ^ flip)
    }

    #[test]
    fn no_schedule_is_left_below_after_a_scrubbed_call() {
        assert!(residues(1, |flip| _ = black_box(leave_marker(flip))) >= 32, "the control must find the marker");
        let left = residues(2, |flip| _ = black_box(scrubbed(|| leave_marker(flip))));
        assert!(left <= OWN_COPIES, "{left} copies left");
    }

    #[test]
    fn no_schedule_is_left_below_after_a_panic() {
        let left = residues(3, |flip| {
            let outcome = std::panic::catch_unwind(|| {
                scrubbed(|| {
                    black_box(leave_marker(flip));
                    std::panic::resume_unwind(Box::new(()));
                })
            });
            assert!(outcome.is_err());
        });
        assert!(left <= OWN_COPIES, "{left} copies left");
    }

    #[test]
    fn the_result_comes_through() {
        assert_eq!(scrubbed(|| vec![1, 2, 3]), [1, 2, 3]);
    }
}
