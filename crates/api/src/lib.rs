//! The generated protobuf and gRPC code of Strongroom's API, and its descriptor set.
//!
//! The source of truth is `proto/`; what is written by hand here is the redacted `Debug` of messages with
//! secrets, and how a record's fields and encryption contexts are taken apart.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    rustdoc::broken_intra_doc_links,
    reason = "generated code"
)]

mod context;
mod encoded;
mod parts;
mod redacted;

pub use context::{context_entries, context_pair};
pub use encoded::{EncodedField, EncodedStruct, EncodedValue, encoded_members};
pub use parts::{Part, next_part};

/// Method options: permission and audit class.
pub mod options {
    pub mod v1 {
        tonic::include_proto!("strongroom.options.v1");
    }
}
/// The key-service's API.
pub mod key {
    pub mod v1 {
        tonic::include_proto!("strongroom.key.v1");
    }
}
/// The vault-service's API.
pub mod vault {
    pub mod v1 {
        tonic::include_proto!("strongroom.vault.v1");
    }
}
/// The audit-service's API.
pub mod audit {
    pub mod v1 {
        tonic::include_proto!("strongroom.audit.v1");
    }
}

/// Encoded `google.protobuf.FileDescriptorSet` of every package, comments and custom options included.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/strongroom.bin"));
