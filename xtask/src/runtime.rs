//! A runtime for the commands that talk to the stack.

use std::io::Error;

/// Runs `work` to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work))
}
