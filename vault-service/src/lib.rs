//! The vault-service.
