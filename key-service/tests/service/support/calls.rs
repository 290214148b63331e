//! Every method as a short call, and refusals as they can be compared.

use api::key::v1::data_key_service_client::DataKeyServiceClient;
use api::key::v1::key_service_client::KeyServiceClient;
use api::key::v1::seal_service_client::SealServiceClient;
use api::key::v1::signer_service_client::SignerServiceClient;
use api::key::v1::{
    CreateKeyRequest, GenerateDataKeyRequest, GenerateDataKeyResponse, GetKeyVersionRequest, Key, KeyPurpose,
    KeyVersion, ProvisionTenantKeyRequest, RotateKeyRequest, UnwrapDataKeyRequest, UnwrapDataKeyResponse,
};
use bytes::Bytes;
use rpc::{Channel, StatusDetails};
use tonic::{Code, Status};

#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) keys: KeyServiceClient<Channel>,
    pub(crate) data: DataKeyServiceClient<Channel>,
    pub(crate) signer: SignerServiceClient<Channel>,
    pub(crate) seal: SealServiceClient<Channel>,
}

/// Code and reason of a refusal, and the fields that it names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: Code,
    pub(crate) reason: String,
    pub(crate) fields: Vec<String>,
}

impl Refused {
    pub(crate) fn with(code: Code, reason: &str, fields: &[&str]) -> Self {
        Self { code, reason: reason.to_owned(), fields: fields.iter().map(|&field| field.to_owned()).collect() }
    }
}

/// The refusal in a result.
pub(crate) fn refused<T>(result: Result<T, Status>) -> Refused {
    let Err(status) = result else { panic!("the call was not refused") };
    let details = StatusDetails::of(&status);
    let fields = details.violations.into_iter().map(|(field, _)| field).collect();
    Refused { code: details.code, reason: details.reason, fields }
}

/// An encryption context.
pub(crate) fn context(pairs: &[(&str, &str)]) -> Vec<Bytes> {
    api::context_entries(pairs.iter().copied())
}

impl Calls {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            keys: KeyServiceClient::new(channel.clone()),
            data: DataKeyServiceClient::new(channel.clone()),
            signer: SignerServiceClient::new(channel.clone()),
            seal: SealServiceClient::new(channel),
        }
    }

    pub(crate) async fn create(&mut self, id: &str, purpose: KeyPurpose) -> Result<Key, Status> {
        let key = Key { purpose: purpose.into(), ..Key::default() };
        let request = CreateKeyRequest { key_id: id.to_owned(), key: Some(key), ..Default::default() };
        Ok(self.keys.create_key(request).await?.into_inner().key.unwrap())
    }

    pub(crate) async fn rotate(&mut self, name: &str) -> Result<KeyVersion, Status> {
        let request = RotateKeyRequest { name: name.to_owned(), ..Default::default() };
        Ok(self.keys.rotate_key(request).await?.into_inner().key_version.unwrap())
    }

    pub(crate) async fn version(&mut self, name: &str) -> Result<KeyVersion, Status> {
        let request = GetKeyVersionRequest { name: name.to_owned(), ..Default::default() };
        Ok(self.keys.get_key_version(request).await?.into_inner().key_version.unwrap())
    }

    pub(crate) async fn provision(&mut self, tenant: &str) -> Result<Key, Status> {
        let request = ProvisionTenantKeyRequest { tenant_uid: tenant.to_owned(), ..Default::default() };
        Ok(self.data.provision_tenant_key(request).await?.into_inner().key.unwrap())
    }

    pub(crate) async fn generate(
        &mut self,
        key: &str,
        pairs: &[(&str, &str)],
    ) -> Result<GenerateDataKeyResponse, Status> {
        self.generate_for(key, "", pairs).await
    }

    pub(crate) async fn generate_for(
        &mut self,
        key: &str,
        subject: &str,
        pairs: &[(&str, &str)],
    ) -> Result<GenerateDataKeyResponse, Status> {
        let (key, subject, context) = (key.to_owned(), subject.to_owned(), context(pairs));
        Ok(self
            .data
            .generate_data_key(GenerateDataKeyRequest { key, subject, context, ..Default::default() })
            .await?
            .into_inner())
    }

    pub(crate) async fn unwrap(
        &mut self,
        key: &str,
        pairs: &[(&str, &str)],
        wrapped: &[u8],
    ) -> Result<UnwrapDataKeyResponse, Status> {
        self.unwrap_for((key, ""), pairs, wrapped).await
    }

    pub(crate) async fn unwrap_for(
        &mut self,
        (key, subject): (&str, &str),
        pairs: &[(&str, &str)],
        wrapped: &[u8],
    ) -> Result<UnwrapDataKeyResponse, Status> {
        let (key, subject, context) = (key.to_owned(), subject.to_owned(), context(pairs));
        let wrapped_key = Bytes::copy_from_slice(wrapped);
        let request = UnwrapDataKeyRequest { key, subject, context, wrapped_key, ..Default::default() };
        Ok(self.data.unwrap_data_key(request).await?.into_inner())
    }
}
