//! The generated protobuf and gRPC code of Strongroom's API, and its descriptor set.
//!
//! The source of truth is `proto/`; what is written by hand here is the redacted `Debug` of messages with
//! secrets, and how a record's fields and encryption contexts are taken apart: under all lints, unlike what is generated.

mod context;
mod encoded;
mod parts;
mod redacted;

pub use context::{context_entries, context_pair};
pub use encoded::{EncodedField, EncodedStruct, EncodedValue, encoded_members};
pub use parts::{Part, next_part};

/// A package's generated code, which is as its generators want it.
macro_rules! generated {
    ($(#[$about:meta])* $package:ident from $file:literal) => {
        $(#[$about])*
        pub mod $package {
            /// Version 1.
            #[allow(
                missing_docs,
                unused_qualifications,
                clippy::all,
                clippy::pedantic,
                clippy::restriction,
                rustdoc::broken_intra_doc_links,
                reason = "generated code"
            )]
            pub mod v1 {
                tonic::include_proto!($file);
            }
        }
    };
}

generated! {
    /// Method options: permission and audit class.
    options from "strongroom.options.v1"
}
generated! {
    /// The key-service's API.
    key from "strongroom.key.v1"
}
generated! {
    /// The vault-service's API.
    vault from "strongroom.vault.v1"
}
generated! {
    /// The audit-service's API.
    audit from "strongroom.audit.v1"
}

/// Encoded `google.protobuf.FileDescriptorSet` of every package, comments and custom options included.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/strongroom.bin"));
