//! `Debug` without the content, for messages that carry plaintext or key material.

use std::fmt;

use crate::key::v1 as key;
use crate::vault::v1 as vault;
use crate::{EncodedField, EncodedStruct, EncodedValue};

macro_rules! redacted {
    ($($message:ty),+ $(,)?) => {$(
        impl fmt::Debug for $message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($message), " [redacted]"))
            }
        }
    )+};
}

redacted!(
    EncodedStruct,
    EncodedField<'_>,
    EncodedValue<'_>,
    key::GenerateDataKeyResponse,
    key::UnwrapDataKeyResponse,
    key::BatchGenerateDataKeysResponse,
    key::BatchUnwrapDataKeysResponse,
    vault::Record,
    vault::CreateRecordRequest,
    vault::CreateRecordResponse,
    vault::GetRecordResponse,
    vault::RevealRecordResponse,
    vault::UpdateRecordRequest,
    vault::UpdateRecordResponse,
    vault::BatchCreateRecordsRequest,
    vault::BatchCreateRecordsResponse,
    vault::BatchRevealRecordsResponse,
);
