//! Table `collections`.

use db::{Executor, Row, statement};
use names::{CollectionId, CollectionUid, TenantUid};
use rows::{NewRow, RowKeys, Table};

use super::StoreError;
use super::change::Change;
use super::outbox::FIRST;
use super::requests::NewRequest;
use super::types::{Most, Part, micros, time};
use crate::time::Micros;

/// The table.
pub const COLLECTIONS: Table = Table::new("collections");

/// A row whose HMAC holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionRow {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// Immutable UUID.
    pub collection_uid: CollectionUid,
    /// Id in the name.
    pub collection_id: String,
    /// Policies as stored JSON.
    pub field_policies: String,
    /// Purposes that a reveal may give.
    pub purposes: Vec<String>,
    /// Counts changes.
    pub revision: u64,
    /// When it was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
}

impl CollectionRow {
    fn to_row(&self, keys: &RowKeys) -> NewRow<'_> {
        NewRow::of(COLLECTIONS)
            .with("tenant_uid", self.tenant_uid.as_uuid())
            .with("collection_uid", self.collection_uid.as_uuid())
            .with("collection_id", self.collection_id.as_str())
            .with("field_policies", self.field_policies.as_str())
            .with("purposes", self.purposes.iter().map(String::as_str).collect::<Vec<_>>())
            .with("revision", self.revision)
            .with("create_time", time(self.create_time))
            .with("update_time", time(self.update_time))
            .authenticated(keys)
    }

    fn from_row(keys: &RowKeys, row: &Row) -> Result<Self, StoreError> {
        let row = keys.check(COLLECTIONS, row)?;
        Ok(Self {
            tenant_uid: TenantUid::new(row.get("tenant_uid")?),
            collection_uid: CollectionUid::new(row.get("collection_uid")?),
            collection_id: row.get("collection_id")?,
            field_policies: row.get("field_policies")?,
            purposes: row.get("purposes")?,
            revision: row.get("revision")?,
            create_time: micros(row.get("create_time")?),
            update_time: micros(row.get("update_time")?),
        })
    }
}

/// What every statement reads that reads collections: of what SQL has made longer than the schema allows so much that its HMAC
/// does not hold, and no purposes.
macro_rules! columns {
    () => {
        rows::columns!("collections.", "";
            fixed "tenant_uid", fixed "collection_uid", text 64 "collection_id", text 1048577 "field_policies",
            texts 1024 "purposes", fixed "revision", fixed "create_time", fixed "update_time", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// Writes a collection, its request and its event in one statement.
pub async fn collection_insert(
    db: &impl Executor,
    keys: &RowKeys,
    collection: &CollectionRow,
    request: Option<&NewRequest>,
    event: &audit::OutboxRow,
) -> Result<(), StoreError> {
    let row = collection.to_row(keys);
    let sql = &format!("{} RETURNING 1", row.insert(FIRST));
    let beside = request.map(NewRequest::to_rows).transpose()?.into_iter().collect();
    let change = Change { function: "collection_insert", sql, params: &row.params(), beside };
    change.insert(db, event).await
}

/// The collection of a tenant with this id.
pub async fn collection_fetch(
    db: &impl Executor,
    keys: &RowKeys,
    tenant_uid: TenantUid,
    id: &CollectionId,
) -> Result<Option<CollectionRow>, StoreError> {
    let statement = statement!(
        "collection_fetch",
        "SELECT ",
        columns!(),
        "
        FROM collections WHERE tenant_uid = $1 /* tenant_uid */ AND collection_id = $2 /* collection_id */"
    );
    let row = db.query_opt(&statement, &[&tenant_uid.as_uuid(), &id.as_str()]).await?;
    row.map(|row| CollectionRow::from_row(keys, &row)).transpose()
}

/// Some collections of a tenant in the order of their ids, those after `after`.
pub async fn collection_list(
    db: &impl Executor,
    keys: &RowKeys,
    tenant_uid: TenantUid,
    after: Option<&str>,
    most: Most,
) -> Result<Part<CollectionRow>, StoreError> {
    let statement = statement!(
        "collection_list",
        "SELECT ",
        columns!(),
        "
        FROM (SELECT tenant_uid, collection_uid, collection_id, field_policies, purposes, revision, create_time,
                     update_time, row_mac,
                     sum(bytes) OVER (ORDER BY collection_id) - bytes AS bytes_before
              FROM (SELECT tenant_uid, collection_uid, collection_id, field_policies, purposes, revision, create_time,
                           update_time, row_mac, coalesce(octet_length(field_policies::text), 0)
                               + CASE WHEN pg_column_size(purposes) <= 2048
                                      THEN coalesce(octet_length(array_to_string(purposes, '', '')), 0) ELSE 0 END AS bytes
                    FROM collections WHERE tenant_uid = $1 /* tenant_uid */ AND collection_id > $2 /* after */
                    ORDER BY collection_id LIMIT $3 /* rows */) AS page) AS collections
        WHERE bytes_before <= $4 /* bytes */
        ORDER BY collections.collection_id"
    );
    let rows = db.query(&statement, &[&tenant_uid.as_uuid(), &after.unwrap_or(""), &most.rows, &most.bytes]).await?;
    let rows = rows.iter().map(|row| CollectionRow::from_row(keys, row)).collect::<Result<Vec<_>, _>>()?;
    // As the statement counts: no row whose HMAC holds has another length here.
    let of_purposes = |row: &CollectionRow| row.purposes.iter().map(String::len).sum::<usize>();
    let bytes: usize = rows.iter().map(|row| row.field_policies.len().saturating_add(of_purposes(row))).sum();
    let is_cut = i64::try_from(bytes).is_ok_and(|bytes| bytes > most.bytes);
    Ok(Part { rows, is_cut })
}

#[cfg(test)]
mod tests {
    use db::Statement;
    use secret::SecretBytes;
    use test_support::postgres::Cluster;
    use uuid::Uuid;

    use super::*;
    use crate::policy::MAX_PURPOSES;

    fn collection(number: u128, id: &str, purposes: Vec<String>) -> CollectionRow {
        CollectionRow {
            tenant_uid: TenantUid::new(Uuid::nil()),
            collection_uid: CollectionUid::new(Uuid::from_u128(number)),
            collection_id: id.to_owned(),
            field_policies: "[]".to_owned(),
            purposes,
            revision: 1,
            create_time: Micros::new(0),
            update_time: Micros::new(0),
        }
    }

    #[tokio::test]
    async fn purposes_count_into_a_page_and_long_ones_are_not_read() {
        let database = Cluster::shared().await.unwrap().database("vault", crate::store::MIGRATIONS).await.unwrap();
        let keys = &RowKeys::new(1, SecretBytes::from_slice(&[7; 32]).unwrap());
        let db = database.connect().unwrap();
        let longest: Vec<String> = (0..MAX_PURPOSES).map(|number| format!("p{number:0>31}")).collect();
        for (number, id) in (1..).zip(["a", "b", "c"]) {
            let row = &collection(number, id, longest.clone());
            let row = row.to_row(keys);
            db.execute(&Statement::built("insert", &row.insert(1)), &row.params()).await.unwrap();
        }
        let list = async |bytes: i64| {
            let most = Most { rows: 10, bytes };
            let tenant = TenantUid::new(Uuid::nil());
            collection_list(&db, keys, tenant, None, most).await
        };
        let all = list(10_000).await.unwrap();
        assert_eq!((all.rows.len(), all.is_cut), (3, false));
        let some = list(1_500).await.unwrap();
        assert_eq!((some.rows.len(), some.is_cut), (2, true));
        // What is stored in little room and long all the same.
        let long = "UPDATE collections SET purposes = ARRAY[repeat('x', 100000)] WHERE collection_id = 'b'";
        let superuser = database.superuser().await.unwrap();
        superuser.batch_execute(long).await.unwrap();
        let read =
            concat!("SELECT ", columns!(), ", pg_column_size(purposes) FROM collections WHERE collection_id = 'b'");
        let read = superuser.query_one(read, &[]).await.unwrap();
        assert!(read.get::<_, i32>("pg_column_size") < 2_048, "the control");
        assert!(read.get::<_, Option<Vec<String>>>("purposes").is_none());
        assert!(matches!(list(10_000).await, Err(StoreError::Row(_))));
    }
}
