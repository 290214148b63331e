//! The key-service.
