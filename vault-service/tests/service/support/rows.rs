//! Genuine rows that the vault of today does not write: of other versions, and of rules that were different once.

use names::{RecordId, TenantId};
use rows::NewRow;
use secret::SecretVec;
use serde_json::Value;
use service::Jobs;
use tokio_util::sync::CancellationToken;
use vault_service::fields::Fields;
use vault_service::keys::Keys;
use vault_service::places::{Collection, Place, Tenant};
use vault_service::records::sealing::Draft;
use vault_service::store::collections::{COLLECTIONS, collection_fetch};
use vault_service::store::records::{RecordKey, record_head_fetch};
use vault_service::store::tenants::tenant_fetch;

use super::{CALL, Instant, World};

impl World {
    /// Gives the collection `patients` these policies, as stored JSON. A vault that has seen the collection goes on with
    /// the others for a second.
    pub(crate) async fn write_policies(&self, json: &str) {
        let (keys, sql) = (self.row_keys().await, self.sql().await);
        let of_patients = "SELECT tenant_uid, collection_uid FROM collections WHERE collection_id = 'patients'";
        let uids = sql.query_one(of_patients, &[]).await.unwrap();
        let row = NewRow::of(COLLECTIONS)
            .with("tenant_uid", uids.get::<_, uuid::Uuid>(0))
            .with("collection_uid", uids.get::<_, uuid::Uuid>(1))
            .with("collection_id", "patients")
            .with("field_policies", json)
            .with("purposes", vec!["treatment"])
            .with("revision", 2_u64)
            .with("create_time", rows::Time(1_700_000_000_000_000))
            .with("update_time", rows::Time(1_800_000_000_000_000))
            .authenticated(&keys);
        let written = sql.execute(&row.update(&["tenant_uid", "collection_uid"], 1), &row.params()).await.unwrap();
        assert_eq!(written, 1);
    }

    /// Seals other fields as the stored revision of a patient, whatever rules the vault has for them.
    pub(crate) async fn reseal(&self, id: &str, fields: &Value) {
        let (keys, db) = (&*self.row_keys().await, self.database.connect().unwrap());
        let (tenant_id, collection_id) = &("acme".parse::<TenantId>().unwrap(), "patients".parse().unwrap());
        let tenant = tenant_fetch(&db, keys, tenant_id).await.unwrap().unwrap();
        let collection = collection_fetch(&db, keys, tenant.tenant_uid, collection_id).await.unwrap().unwrap();
        let (tenant_uid, collection_uid) = (tenant.tenant_uid, collection.collection_uid);
        let key = RecordKey { tenant_uid, collection_uid, record_id: id };
        let stored = record_head_fetch(&db, key).await.unwrap().unwrap();
        let (tenant, collection) =
            (Tenant::from_row(&tenant).unwrap(), Collection::from_row(tenant_id, &collection).unwrap());
        let json = |value: &Value| SecretVec::new(value.to_string().into_bytes());
        let fields = fields.as_object().unwrap().iter();
        let draft = Draft {
            name: collection.name.record(RecordId::new(id).unwrap()),
            uid: stored.record_uid,
            revision: stored.revision,
            subject: stored.subject,
            create_time: stored.create_time,
            update_time: stored.update_time,
            expire_time: stored.expire_time,
            fields: fields.map(|(name, value)| (name.clone(), json(value))).collect::<Fields>(),
        };
        let jobs = Jobs::new(CancellationToken::new());
        let keys = Keys::new(self.to_key_service(), CALL, &jobs);
        let data_key = keys.generate(draft.key_request(&tenant), Instant::now() + CALL).await.unwrap();
        let place = Place { tenant: tenant.into(), collection: collection.into() };
        let sealed = draft.seal(&place, data_key).unwrap();
        let change = "UPDATE records SET wrapped_key = $2, sealed_fields = $3, field_names = $4 WHERE record_id = $1";
        let (head, sql) = (sealed.head, self.sql().await);
        let (wrapped_key, sealed_fields) = (&head.wrapped_key[..], &sealed.sealed_fields[..]);
        let written = sql.execute(change, &[&id, &wrapped_key, &sealed_fields, &head.field_names]).await;
        assert_eq!(written.unwrap(), 1);
    }
}
