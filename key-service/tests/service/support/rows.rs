//! Rows as later versions will write them.

use std::ops::RangeInclusive;

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

    /// Writes a key's row anew with another generation, as a change of the key does.
    pub(crate) async fn change_key(&self, id: &str, generation: i64) {
        let (table, keys, sql) = (Table::new("keys"), self.row_keys().await, self.sql().await);
        let row = sql.query_one("SELECT * FROM keys WHERE key_id = $1", &[&id]).await.unwrap();
        let carried = keys.check(table, &row).unwrap().carried();
        let changed = NewRow::of(table).with("generation", generation).carrying(&carried).authenticated(&keys);
        let update = changed.update(&["key_uid"], 1);
        assert_eq!(sql.execute(&update, &changed.params()).await.unwrap(), 1);
    }

    /// Writes a key's row anew as a later version will, for a purpose that this one does not know.
    pub(crate) async fn make_key_newer(&self, id: &str, generation: i64) {
        let (table, keys, sql) = (Table::new("keys"), self.row_keys().await, self.sql().await);
        let checks = "SELECT conname::text FROM pg_constraint WHERE conrelid = 'keys'::regclass AND contype = 'c'";
        for check in sql.query(checks, &[]).await.unwrap() {
            sql.batch_execute(&format!("ALTER TABLE keys DROP CONSTRAINT {}", check.get::<_, String>(0)))
                .await
                .unwrap();
        }
        let row = sql.query_one("SELECT * FROM keys WHERE key_id = $1", &[&id]).await.unwrap();
        let carried = keys.check(table, &row).unwrap().carried();
        let newer = NewRow::of(table)
            .with("generation", generation)
            .with("purpose", 99_i16)
            .carrying(&carried)
            .authenticated(&keys);
        let update = newer.update(&["key_uid"], 1);
        assert_eq!(sql.execute(&update, &newer.params()).await.unwrap(), 1);
    }

    /// Keys with these generations that nothing vouches for.
    pub(crate) async fn make_up_keys(&self, generations: RangeInclusive<i64>) {
        let insert =
            "INSERT INTO keys (key_uid, key_id, purpose, system, primary_version, revision, generation, labels,
                create_time_us, row_mac)
            SELECT gen_random_uuid(), 'made-up-' || n, 1, false, 1, 1, n, '', 1, decode(repeat('00', 37), 'hex')
            FROM generate_series($1::bigint, $2) AS n";
        self.sql().await.execute(insert, &[generations.start(), generations.end()]).await.unwrap();
    }

    /// Erased subjects with these generations that nothing vouches for.
    pub(crate) async fn make_up_subjects(&self, generations: RangeInclusive<i64>) {
        let insert = "INSERT INTO subject_keys (key_uid, tenant_uid, subject, create_time_us, erase_time_us, generation, row_mac)
            SELECT (SELECT min(key_uid::text)::uuid FROM keys), gen_random_uuid(), 'made-up-' || n, 1, 1, n,
                decode(repeat('00', 37), 'hex')
            FROM generate_series($1::bigint, $2) AS n";
        self.sql().await.execute(insert, &[generations.start(), generations.end()]).await.unwrap();
    }

    /// Takes away what was made up.
    pub(crate) async fn remove_made_up(&self) {
        let remove = "DELETE FROM subject_keys WHERE subject LIKE 'made-up-%';
            DELETE FROM keys WHERE key_id LIKE 'made-up-%'";
        self.sql().await.batch_execute(remove).await.unwrap();
    }

    /// The newest generation that a row of a key or of a subject states.
    pub(crate) async fn newest_generation(&self) -> i64 {
        let newest = "SELECT greatest((SELECT max(generation) FROM keys), (SELECT max(generation) FROM subject_keys))";
        self.sql().await.query_one(newest, &[]).await.unwrap().get(0)
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
        self.erase_subject_at(subject, self.newest_generation().await + 1).await;
    }

    /// The same with this generation.
    pub(crate) async fn erase_subject_at(&self, subject: &str, generation: i64) {
        let (table, keys, sql) = (Table::new("subject_keys"), self.row_keys().await, self.sql().await);
        let row = sql.query_one("SELECT * FROM subject_keys WHERE subject = $1", &[&subject]).await.unwrap();
        let erased = NewRow::of(table)
            .with("key_uid", row.get::<_, Uuid>("key_uid"))
            .with("tenant_uid", row.get::<_, Uuid>("tenant_uid"))
            .with("subject", subject)
            .with("material", None::<&[u8]>)
            .with("create_time_us", row.get::<_, i64>("create_time_us"))
            .with("erase_time_us", 1_i64)
            .with("generation", generation)
            .authenticated(&keys);
        let update = erased.update(&["key_uid", "subject"], 1);
        assert_eq!(sql.execute(&update, &erased.params()).await.unwrap(), 1);
    }
}
