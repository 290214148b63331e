//! Parts of what the HMAC covers, each with its length before it.

/// Appends what `write` appends, with its length (u32, big-endian) before it.
pub(crate) fn part(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = u32::try_from(out.len().saturating_sub(start).saturating_sub(4)).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(start..).and_then(|rest| rest.first_chunk_mut::<4>()) {
        *place = length.to_be_bytes();
    }
}
