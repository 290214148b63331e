//! The audit-service process.
fn main() {}
