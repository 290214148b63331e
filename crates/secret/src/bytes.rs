//! Byte strings that are wiped when dropped and that nothing prints, clones or compares in variable time.

use std::fmt;
use subtle::ConstantTimeEq as _;

use crate::locked::{Residence, Slot};
use crate::random::{self, RandomError};
use crate::wipe::{wipe, wipe_whole};

/// Exactly `N` secret bytes, such as a key. They live on the heap, so that moving the value copies a pointer only.
pub struct SecretBytes<const N: usize>(Store<N>);

enum Store<const N: usize> {
    Heap(Box<[u8; N]>),
    Locked(Slot<N>),
}

impl<const N: usize> SecretBytes<N> {
    /// `N` zero bytes, to be filled through [`expose_mut`](Self::expose_mut).
    pub fn zeroed() -> Self {
        Self(Store::Heap(Box::new([0; N])))
    }

    /// `N` bytes from the operating system, written straight to where they stay.
    pub fn random() -> Result<Self, RandomError> {
        let mut bytes = Self::zeroed();
        random::fill(bytes.expose_mut())?;
        Ok(bytes)
    }

    /// A copy of `slice`; `None` where it has not exactly `N` bytes. The original is the caller's to wipe.
    pub fn from_slice(slice: &[u8]) -> Option<Self> {
        let mut bytes = Self::zeroed();
        if slice.len() != N {
            return None;
        }
        bytes.expose_mut().copy_from_slice(slice);
        Some(bytes)
    }

    /// The bytes themselves. Named so that every use can be found.
    pub fn expose(&self) -> &[u8; N] {
        match &self.0 {
            Store::Heap(bytes) => bytes,
            Store::Locked(slot) => slot.bytes(),
        }
    }

    /// The bytes themselves, to fill them in place.
    pub fn expose_mut(&mut self) -> &mut [u8; N] {
        match &mut self.0 {
            Store::Heap(bytes) => bytes,
            Store::Locked(slot) => slot.bytes_mut(),
        }
    }

    /// Moves the bytes to memory that is kept out of swap and core dumps, for keys that live as long as the process.
    ///
    /// Where the limit on locked memory forbids it the value is as good as before, and the second part says
    /// [`Residence::Swappable`]: worth a warning in the log.
    pub fn lock(self) -> (Self, Residence) {
        match Slot::holding(self.expose()) {
            Some((slot, residence)) => (Self(Store::Locked(slot)), residence),
            None => (self, Residence::Swappable),
        }
    }
}

impl<const N: usize> Drop for SecretBytes<N> {
    fn drop(&mut self) {
        wipe(self.expose_mut());
    }
}

impl<const N: usize> fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// In constant time.
impl<const N: usize> PartialEq for SecretBytes<N> {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.expose(), other.expose())
    }
}

impl<const N: usize> Eq for SecretBytes<N> {}

/// Secret bytes of any length, such as a field's value.
pub struct SecretVec(Vec<u8>);

impl SecretVec {
    /// Takes `bytes` over; they are wiped with their whole capacity when this is dropped.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// `length` bytes from the operating system: one system call, however many they are.
    pub fn random(length: usize) -> Result<Self, RandomError> {
        let mut bytes = Self::new(vec![0; length]);
        random::fill(bytes.expose_vec())?;
        Ok(bytes)
    }

    /// The bytes themselves. Named so that every use can be found.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes themselves, to be written within the capacity: growing leaves a copy to the allocator.
    pub(crate) fn expose_vec(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    /// Gives the bytes away, for an owner that wipes them or must hand them on; they are not wiped here.
    pub fn into_exposed(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for SecretVec {
    fn drop(&mut self) {
        wipe_whole(&mut self.0);
    }
}

impl From<Vec<u8>> for SecretVec {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// In constant time for equal lengths; the length is not secret.
impl PartialEq for SecretVec {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.expose(), other.expose())
    }
}

impl Eq for SecretVec {}

/// Whether `a` and `b` are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_bytes() {
        let fixed = SecretBytes::<8>::from_slice(b"hunter2!").unwrap();
        assert_eq!(format!("{fixed:?} {:?}", SecretVec::new(b"hunter2".to_vec())), "[redacted] [redacted]");
        assert_eq!(format!("{:#?}", fixed.lock().0), "[redacted]");
    }

    #[test]
    fn a_slice_of_another_length_is_refused() {
        assert!(SecretBytes::<32>::from_slice(&[1; 31]).is_none());
        assert!(SecretBytes::<32>::from_slice(&[1; 33]).is_none());
        assert_eq!(SecretBytes::<32>::from_slice(&[1; 32]).unwrap().expose(), &[1; 32]);
    }

    #[test]
    fn random_bytes_are_not_zero_and_differ() {
        let (a, b) = (SecretBytes::<32>::random().unwrap(), SecretBytes::<32>::random().unwrap());
        assert!(a != b && a != SecretBytes::zeroed());
    }

    #[test]
    fn equality_looks_at_every_byte_and_the_length() {
        assert!(constant_time_eq(b"", b"") && constant_time_eq(b"abc", b"abc"));
        for place in 0..32 {
            let mut other = [7u8; 32];
            other[place] ^= 0x80;
            assert!(!constant_time_eq(&[7; 32], &other), "byte {place}");
        }
        assert!(!constant_time_eq(b"abc", b"abcd"));
    }

    #[test]
    fn locked_bytes_keep_their_value() {
        let (key, _) = SecretBytes::<32>::from_slice(&[9; 32]).unwrap().lock();
        let (again, _) = key.lock();
        assert_eq!(again.expose(), &[9; 32]);
    }
}
