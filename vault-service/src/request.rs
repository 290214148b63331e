//! Requests with an id: the same caller, user, id and request get the first answer again, for 24 hours.

use std::sync::Arc;

use envelope::mac::Fingerprint;
use rows::RowKeys;
use secret::SecretVec;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::Error;
use crate::fields::Fields;
use crate::store::StoreError;
use crate::store::requests::{NewRequest, RequestKey, RequestRow, request_fetch};
use crate::stored_json::{self, Unreadable};
use crate::vault::Vault;

/// The canonical parts of a request; the HMAC over them under the vault's fingerprint key is kept. Values can be guessed,
/// so nothing less than a keyed hash of them is.
#[derive(Debug)]
pub struct Canonical {
    parts: Vec<SecretVec>,
}

impl Canonical {
    /// Of a request to `method` (a permission's name) below `parent`.
    pub fn new(method: &str, parent: &str) -> Self {
        let mut canonical = Self { parts: Vec::new() };
        canonical.part(method).part(parent);
        canonical
    }

    /// Adds a part.
    pub fn part(&mut self, part: impl AsRef<[u8]>) -> &mut Self {
        self.parts.push(SecretVec::new(part.as_ref().to_vec()));
        self
    }

    /// Adds a part that may be absent: that differs from an empty one.
    pub fn optional(&mut self, part: Option<impl AsRef<[u8]>>) -> &mut Self {
        match part {
            None => self.part([0]),
            Some(part) => self.part([1]).part(part),
        }
    }

    /// Adds the fields of a record, with their number.
    pub fn fields(&mut self, fields: &Fields) -> &mut Self {
        self.part(fields.len().to_be_bytes());
        for (name, json) in fields.iter() {
            self.part(name).part(json.expose());
        }
        self
    }

    /// The fingerprint.
    pub fn fingerprint(&self, key: &Fingerprint) -> Vec<u8> {
        let parts: Vec<&[u8]> = self.parts.iter().map(SecretVec::expose).collect();
        key.compute(&parts).to_vec()
    }
}

/// A request that is to be remembered with what it makes.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What it is found by.
    pub key: RequestKey,
    /// HMAC of method and request.
    pub fingerprint: Vec<u8>,
}

impl Asked {
    /// What to write beside what the request makes.
    pub fn remembered(&self, answer: &impl Serialize, keys: &Arc<RowKeys>) -> Result<NewRequest, Error> {
        let answer =
            stored_json::ANSWER.write(answer).map_err(|_no_map_key| Error::Bug("an answer is not written as JSON"))?;
        Ok(NewRequest {
            key: self.key.clone(),
            row: RequestRow { fingerprint: self.fingerprint.clone(), answer },
            keys: Arc::clone(keys),
        })
    }

    /// The first answer from a row with this request's key, whose HMAC holds.
    pub fn first_answer<A: DeserializeOwned>(&self, row: &RequestRow) -> Result<A, Error> {
        if row.fingerprint != self.fingerprint {
            return Err(Error::RequestIdReused);
        }
        stored_json::ANSWER.read(row.answer.as_bytes()).map_err(|unreadable| match unreadable {
            Unreadable::Newer => Error::NewerVersion { table: "requests" },
            Unreadable::Malformed => Error::RowChanged { table: "requests" },
        })
    }
}

impl Vault {
    /// The first answer to this request, if it is remembered.
    pub(crate) async fn first_answer<A: DeserializeOwned>(
        &self,
        keys: &RowKeys,
        asked: &Asked,
    ) -> Result<Option<A>, Error> {
        let key = &asked.key;
        let row: Result<_, StoreError> = self
            .db
            .run_one("request_fetch", |conn| Box::pin(async move { request_fetch(conn, keys, key).await }))
            .await;
        row?.map(|row| asked.first_answer(&row)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use names::TenantUid;
    use secret::SecretBytes;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = Fingerprint::new(SecretBytes::from_slice(&[7; 32]).unwrap());
        let of = |parts: &[&str]| {
            let mut canonical = Canonical::new("records.create", "tenants/a");
            for part in parts {
                canonical.part(part);
            }
            canonical.fingerprint(&key)
        };
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab"]), of(&["ab", ""]));
    }

    #[test]
    fn another_request_under_the_same_id_is_told_apart() {
        let key = RequestKey {
            tenant_uid: TenantUid::new(Uuid::nil()),
            caller: "app".to_owned(),
            on_behalf_of: String::new(),
            request_id: Uuid::nil(),
        };
        let asked = Asked { key, fingerprint: vec![1; 32] };
        let answer = stored_json::ANSWER.write(&"answer").unwrap();
        let same = RequestRow { fingerprint: asked.fingerprint.clone(), answer };
        assert_eq!(asked.first_answer::<String>(&same).unwrap(), "answer");
        let other = RequestRow { fingerprint: vec![2; 32], ..same };
        assert!(matches!(asked.first_answer::<String>(&other), Err(Error::RequestIdReused)));
    }
}
