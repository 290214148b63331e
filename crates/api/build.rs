//! Compiles `proto/` with protox (no protoc) into Rust code and an encoded descriptor set that keeps custom options.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost_types::FileDescriptorSet;
use prost_types::field_descriptor_proto::Type;

/// Messages that carry plaintext or key material: they get a redacted `Debug` in `src/redacted.rs`.
const SECRET_MESSAGES: [&str; 14] = [
    ".strongroom.key.v1.GenerateDataKeyResponse",
    ".strongroom.key.v1.UnwrapDataKeyResponse",
    ".strongroom.key.v1.BatchGenerateDataKeysResponse",
    ".strongroom.key.v1.BatchUnwrapDataKeysResponse",
    ".strongroom.vault.v1.Record",
    ".strongroom.vault.v1.CreateRecordRequest",
    ".strongroom.vault.v1.CreateRecordResponse",
    ".strongroom.vault.v1.GetRecordResponse",
    ".strongroom.vault.v1.RevealRecordResponse",
    ".strongroom.vault.v1.UpdateRecordRequest",
    ".strongroom.vault.v1.UpdateRecordResponse",
    ".strongroom.vault.v1.BatchCreateRecordsRequest",
    ".strongroom.vault.v1.BatchCreateRecordsResponse",
    ".strongroom.vault.v1.BatchRevealRecordsResponse",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let mut files = Vec::new();
    for package in ["options", "key", "vault", "audit"] {
        let dir = root.join("strongroom").join(package).join("v1");
        println!("cargo::rerun-if-changed={}", dir.display());
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ext| ext == "proto") {
                files.push(path);
            }
        }
    }
    files.push(root.join("google/rpc/error_details.proto"));
    files.sort();

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_source_info(true).include_imports(true).open_files(&files)?;
    // prost drops custom options when it encodes again: only these bytes carry them.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("strongroom.bin"), compiler.encode_file_descriptor_set())?;

    let mut config = prost_build::Config::new();
    config.btree_map([".strongroom.key.v1"]);
    // Values of records: decoded by who needs them.
    config.extern_path(".google.protobuf.Struct", "crate::EncodedStruct");
    config.extern_path(".google.rpc", "::tonic_types::pb");
    config.skip_debug(SECRET_MESSAGES).bytes([
        ".strongroom.key.v1.GenerateDataKeyRequest.context",
        ".strongroom.key.v1.UnwrapDataKeyRequest.context",
        ".strongroom.key.v1.UnwrapDataKeyRequest.wrapped_key",
        ".strongroom.key.v1.RewrapDataKeyRequest.context",
        ".strongroom.key.v1.RewrapDataKeyRequest.wrapped_key",
        ".strongroom.key.v1.Segment.entries",
        ".strongroom.key.v1.StoredSegment.entries",
        ".strongroom.key.v1.SegmentResult.snapshot",
        ".strongroom.key.v1.StoredSegment.snapshot",
        ".strongroom.key.v1.AdvanceHeadRequest.snapshot",
        ".strongroom.audit.v1.Entry.entry",
    ]);
    let mut files = compiler.file_descriptor_set();
    leave_contexts_encoded(&mut files);
    tonic_prost_build::configure().compile_fds_with_config(files, config)?;
    Ok(())
}

/// Makes `map<string, string> context` what it is on the wire, for `src/context.rs`: any number of encoded entries.
fn leave_contexts_encoded(files: &mut FileDescriptorSet) {
    for message in files.file.iter_mut().flat_map(|file| &mut file.message_type) {
        message.nested_type.retain(|nested| nested.name() != "ContextEntry");
        for field in message.field.iter_mut().filter(|field| field.type_name().ends_with(".ContextEntry")) {
            field.set_type(Type::Bytes);
            field.type_name = None;
        }
    }
}
