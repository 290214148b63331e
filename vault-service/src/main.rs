//! The vault-service process.
fn main() {}
