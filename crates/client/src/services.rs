//! A method for each RPC of the three services.

use api::audit::v1 as audit;
use api::key::v1 as key;
use api::vault::v1 as vault;
use tonic::Streaming;

use crate::Error;
use crate::retry::{Caller, Change};

/// Generates the client of a service: `method(Request) -> Response, kind`, where the kind says whether a call may be
/// tried again (`safe`, `change`) or not (`once`, `stream`).
macro_rules! service {
    ($(#[$doc:meta])* $name:ident: $($stub:path { $($method:ident($request:ty) -> $response:ty, $kind:ident;)+ })+) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(Caller);

        impl $name {
            pub(crate) fn new(caller: Caller) -> Self {
                Self(caller)
            }

            /// The channel, for calls that this client does not wrap.
            pub fn channel(&self) -> rpc::Channel {
                self.0.channel()
            }

            $($(
                #[doc = concat!(
                    "Calls `", stringify!($method), "` of [`", stringify!($stub), "`], retry rule: ", stringify!($kind), "."
                )]
                pub async fn $method(&self, message: $request) -> Result<$response, Error> {
                    type Stub = $stub;
                    let stub = Stub::new(self.0.channel());
                    self.0.$kind(message, async |request| stub.clone().$method(request).await).await
                }
            )+)+
        }
    };
}

macro_rules! changes {
    ($($request:ty),+ $(,)?) => {$(
        impl Change for $request {
            fn request_id(&mut self) -> &mut String {
                &mut self.request_id
            }
        }
    )+};
}

changes!(
    key::CreateKeyRequest,
    key::RotateKeyRequest,
    vault::CreateTenantRequest,
    vault::CreateCollectionRequest,
    vault::CreateRecordRequest,
    vault::UpdateRecordRequest,
    vault::DeleteRecordRequest,
    vault::BatchCreateRecordsRequest,
);

service! {
    /// key-service: keys, data keys and the signer.
    Key:
    key::key_service_client::KeyServiceClient<rpc::Channel> {
        create_key(key::CreateKeyRequest) -> key::CreateKeyResponse, change;
        get_key(key::GetKeyRequest) -> key::GetKeyResponse, safe;
        list_keys(key::ListKeysRequest) -> key::ListKeysResponse, safe;
        rotate_key(key::RotateKeyRequest) -> key::RotateKeyResponse, change;
        get_key_version(key::GetKeyVersionRequest) -> key::GetKeyVersionResponse, safe;
        list_key_versions(key::ListKeyVersionsRequest) -> key::ListKeyVersionsResponse, safe;
    }
    key::data_key_service_client::DataKeyServiceClient<rpc::Channel> {
        generate_data_key(key::GenerateDataKeyRequest) -> key::GenerateDataKeyResponse, safe;
        unwrap_data_key(key::UnwrapDataKeyRequest) -> key::UnwrapDataKeyResponse, safe;
        rewrap_data_key(key::RewrapDataKeyRequest) -> key::RewrapDataKeyResponse, safe;
        batch_generate_data_keys(key::BatchGenerateDataKeysRequest) -> key::BatchGenerateDataKeysResponse, safe;
        batch_unwrap_data_keys(key::BatchUnwrapDataKeysRequest) -> key::BatchUnwrapDataKeysResponse, safe;
        batch_rewrap_data_keys(key::BatchRewrapDataKeysRequest) -> key::BatchRewrapDataKeysResponse, safe;
        list_key_changes(key::ListKeyChangesRequest) -> key::ListKeyChangesResponse, safe;
        provision_tenant_key(key::ProvisionTenantKeyRequest) -> key::ProvisionTenantKeyResponse, safe;
    }
    key::signer_service_client::SignerServiceClient<rpc::Channel> {
        acknowledge(key::AcknowledgeRequest) -> key::AcknowledgeResponse, safe;
        seal_batch(key::SealBatchRequest) -> key::SealBatchResponse, safe;
        get_head(key::GetHeadRequest) -> key::GetHeadResponse, safe;
        list_heads(key::ListHeadsRequest) -> key::ListHeadsResponse, safe;
        verify_macs(key::VerifyMacsRequest) -> key::VerifyMacsResponse, safe;
        list_public_keys(key::ListPublicKeysRequest) -> key::ListPublicKeysResponse, safe;
        advance_head(key::AdvanceHeadRequest) -> key::AdvanceHeadResponse, once;
        close_alarm(key::CloseAlarmRequest) -> key::CloseAlarmResponse, once;
        declare_loss(key::DeclareLossRequest) -> key::DeclareLossResponse, once;
    }
    key::seal_service_client::SealServiceClient<rpc::Channel> {
        get_seal_status(key::GetSealStatusRequest) -> key::GetSealStatusResponse, safe;
    }
    key::access_service_client::AccessServiceClient<rpc::Channel> {
        who_am_i(key::WhoAmIRequest) -> key::WhoAmIResponse, safe;
        test_permissions(key::TestPermissionsRequest) -> key::TestPermissionsResponse, safe;
    }
}

service! {
    /// vault-service: tenants, collections and records.
    Vault:
    vault::tenant_service_client::TenantServiceClient<rpc::Channel> {
        create_tenant(vault::CreateTenantRequest) -> vault::CreateTenantResponse, change;
        get_tenant(vault::GetTenantRequest) -> vault::GetTenantResponse, safe;
        list_tenants(vault::ListTenantsRequest) -> vault::ListTenantsResponse, safe;
    }
    vault::collection_service_client::CollectionServiceClient<rpc::Channel> {
        create_collection(vault::CreateCollectionRequest) -> vault::CreateCollectionResponse, change;
        get_collection(vault::GetCollectionRequest) -> vault::GetCollectionResponse, safe;
        list_collections(vault::ListCollectionsRequest) -> vault::ListCollectionsResponse, safe;
    }
    vault::record_service_client::RecordServiceClient<rpc::Channel> {
        create_record(vault::CreateRecordRequest) -> vault::CreateRecordResponse, change;
        get_record(vault::GetRecordRequest) -> vault::GetRecordResponse, safe;
        reveal_record(vault::RevealRecordRequest) -> vault::RevealRecordResponse, safe;
        update_record(vault::UpdateRecordRequest) -> vault::UpdateRecordResponse, change;
        delete_record(vault::DeleteRecordRequest) -> vault::DeleteRecordResponse, change;
        list_records(vault::ListRecordsRequest) -> vault::ListRecordsResponse, safe;
        batch_create_records(vault::BatchCreateRecordsRequest) -> vault::BatchCreateRecordsResponse, change;
        batch_reveal_records(vault::BatchRevealRecordsRequest) -> vault::BatchRevealRecordsResponse, safe;
    }
    vault::access_service_client::AccessServiceClient<rpc::Channel> {
        who_am_i(vault::WhoAmIRequest) -> vault::WhoAmIResponse, safe;
        test_permissions(vault::TestPermissionsRequest) -> vault::TestPermissionsResponse, safe;
    }
}

service! {
    /// audit-service: logs.
    Audit:
    audit::ingest_service_client::IngestServiceClient<rpc::Channel> {
        append_events(audit::AppendEventsRequest) -> audit::AppendEventsResponse, safe;
    }
    audit::log_service_client::LogServiceClient<rpc::Channel> {
        get_log(audit::GetLogRequest) -> audit::GetLogResponse, safe;
        list_logs(audit::ListLogsRequest) -> audit::ListLogsResponse, safe;
        get_entry(audit::GetEntryRequest) -> audit::GetEntryResponse, safe;
        list_entries(audit::ListEntriesRequest) -> audit::ListEntriesResponse, safe;
        verify_log(audit::VerifyLogRequest) -> Streaming<audit::VerifyLogResponse>, stream;
    }
    audit::access_service_client::AccessServiceClient<rpc::Channel> {
        who_am_i(audit::WhoAmIRequest) -> audit::WhoAmIResponse, safe;
        test_permissions(audit::TestPermissionsRequest) -> audit::TestPermissionsResponse, safe;
    }
}

impl Audit {
    /// Verifies a log and returns the report that the stream ends with; none where it ended without one.
    pub async fn verify_log_to_end(&self, message: audit::VerifyLogRequest) -> Result<Option<audit::Report>, Error> {
        use audit::verify_log_response::Result as Step;

        let mut stream = self.verify_log(message).await?;
        let mut report = None;
        while let Some(step) = stream.message().await.map_err(|status| Error::new(status, 1))? {
            if let Some(Step::Report(found)) = step.result {
                report = Some(found);
            }
        }
        Ok(report)
    }
}
