//! The end of a process.

use tokio_util::sync::CancellationToken;

/// Cancelled once when the process is asked to end; hand clones and children of it to whatever must stop.
pub type Shutdown = CancellationToken;
