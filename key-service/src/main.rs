//! The key-service process.
fn main() {}
