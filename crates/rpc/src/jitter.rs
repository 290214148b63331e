//! Chance, so that what is done by many is not done at one time.

/// A number from 0 to 1. Spreads load, protects nothing.
pub(crate) fn chance() -> f64 {
    let [.., byte] = clock::uuid_v7(&clock::SystemClock).into_bytes();
    f64::from(byte) / 255.0
}
