//! How long an answer may be.

use rpc::bound::at_most;

/// Bytes of an answer where the caller does not say what it takes: what clients of gRPC take by default.
pub const RESPONSE_BYTES: usize = at_most(4 << 20);
/// Most bytes of an answer, and of the records that one batch reads.
pub const MAX_RESPONSE_BYTES: usize = at_most(8 << 20);
