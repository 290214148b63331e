//! Rows as later versions will write them.

use rows::{NewRow, Table};
use uuid::Uuid;

use super::World;

impl World {
    /// Disables the first version of a key, without saying that the key changed.
    pub(crate) async fn disable(&self, id: &str) {
        let (table, keys, sql) = (Table::new("key_versions"), self.row_keys().await, self.sql().await);
        let select = "SELECT * FROM key_versions
            WHERE key_uid = (SELECT key_uid FROM keys WHERE key_id = $1) AND version = 1";
        let row = sql.query_one(select, &[&id]).await.unwrap();
        let carried = keys.check(table, &row).unwrap().carried();
        let disabled = NewRow::of(table).with("state", 2_i16).carrying(&carried).authenticated(&keys);
        let update = disabled.update(&["key_uid", "version"], 1);
        assert_eq!(sql.execute(&update, &disabled.params()).await.unwrap(), 1);
    }

    /// Writes a subject's key anew as a later version will, whose generations this one does not know.
    pub(crate) async fn make_subject_newer(&self, subject: &str) {
        let (table, keys, sql) = (Table::new("subject_keys"), self.row_keys().await, self.sql().await);
        sql.batch_execute("ALTER TABLE subject_keys DROP CONSTRAINT subject_keys_generation_positive").await.unwrap();
        let row = sql.query_one("SELECT * FROM subject_keys WHERE subject = $1", &[&subject]).await.unwrap();
        let carried = keys.check(table, &row).unwrap().carried();
        let newer = NewRow::of(table).with("generation", -1_i64).carrying(&carried).authenticated(&keys);
        let update = newer.update(&["key_uid", "subject"], 1);
        assert_eq!(sql.execute(&update, &newer.params()).await.unwrap(), 1);
    }

    /// Erases a subject: of its key only that it was erased is left.
    pub(crate) async fn erase_subject(&self, subject: &str) {
        let (table, keys, sql) = (Table::new("subject_keys"), self.row_keys().await, self.sql().await);
        let row = sql.query_one("SELECT * FROM subject_keys WHERE subject = $1", &[&subject]).await.unwrap();
        let newest = "SELECT greatest((SELECT max(generation) FROM keys), (SELECT max(generation) FROM subject_keys))";
        let newest: i64 = sql.query_one(newest, &[]).await.unwrap().get(0);
        let erased = NewRow::of(table)
            .with("key_uid", row.get::<_, Uuid>("key_uid"))
            .with("tenant_uid", row.get::<_, Uuid>("tenant_uid"))
            .with("subject", subject)
            .with("material", None::<&[u8]>)
            .with("create_time_us", row.get::<_, i64>("create_time_us"))
            .with("erase_time_us", 1_i64)
            .with("generation", newest + 1)
            .authenticated(&keys);
        let update = erased.update(&["key_uid", "subject"], 1);
        assert_eq!(sql.execute(&update, &erased.params()).await.unwrap(), 1);
    }
}
