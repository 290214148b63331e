//! Overwriting memory in a way that no compiler removes, at the speed of `memset`.

/// Overwrites `bytes` with zeros.
pub(crate) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    keep(bytes.as_mut_ptr());
}

/// Overwrites all that `bytes` has allocated with zeros, also what lies behind its length, and empties it.
pub(crate) fn wipe_whole(bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.spare_capacity_mut().fill(std::mem::MaybeUninit::new(0));
    keep(bytes.as_mut_ptr());
}

/// Makes the compiler take it that the memory behind `start` is read, so that writes to it are not dead.
#[inline(always)]
#[expect(clippy::inline_always, reason = "no instruction is left of it, so a call would be all of it")]
pub(crate) fn keep(start: *mut u8) {
    // SAFETY: no instruction is emitted. Without `nomem` the compiler must take it that the block reads any memory that
    // `start` gives access to.
    unsafe { std::arch::asm!("/* {0} */", in(reg) start, options(nostack, preserves_flags)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_capacity_is_wiped() {
        let mut bytes = vec![7; 64];
        bytes.truncate(3);
        wipe_whole(&mut bytes);
        assert!(bytes.is_empty());
        let spare = bytes.spare_capacity_mut();
        assert!(spare.len() >= 64);
        // SAFETY: `wipe_whole` has just initialised all of it.
        assert!(spare.iter().all(|byte| unsafe { byte.assume_init() } == 0));
        let mut bytes = [7; 5];
        wipe(&mut bytes);
        assert_eq!(bytes, [0; 5]);
    }
}
