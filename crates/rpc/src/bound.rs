//! Bounds that hostile callers try, and the build without them.

use std::time::Duration;

/// Whether this build has the bounds that hostile callers try. One with the feature `unbounded` has not: it shows what they are
/// for, for in it the tests of hostile callers must fail.
pub const IS_BOUNDED: bool = cfg!(not(feature = "unbounded"));

/// A bound of so many items or bytes, in a build that has its bounds.
pub const fn at_most(most: usize) -> usize {
    // What is added to it, or multiplied by it, must not overflow.
    if IS_BOUNDED { most } else { 1 << 40 }
}

/// A time that bounds something, in a build that has its bounds.
pub(crate) const fn no_longer_than(time: Duration) -> Duration {
    if IS_BOUNDED { time } else { Duration::from_hours(1) }
}
