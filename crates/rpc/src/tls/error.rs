//! Why certificates cannot be used.

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// What is wrong with the files, one sentence each, which names the file.
    #[error("{}", .0.join("; "))]
    Files(Vec<String>),
    /// TLS 1.3 is not available.
    #[error("TLS 1.3 cannot be set up")]
    Setup(#[source] rustls::Error),
}
