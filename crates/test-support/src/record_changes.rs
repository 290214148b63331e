//! What SQL can do to the row of a record, with another record beside it: none of them opens afterwards.

/// A change of one row.
#[derive(Debug, Clone, Copy)]
pub struct RecordChange {
    /// For people.
    pub what: &'static str,
    /// What is set; the columns of both rows stand behind `records.` and `other.`.
    set: &'static str,
}

impl RecordChange {
    /// The statement that makes it in the row that is `own`, with the row that is `other` beside it: two conditions on `records`.
    pub fn sql(&self, own: &str, other: &str) -> String {
        format!("UPDATE records SET {} FROM (SELECT * FROM records WHERE {other}) AS other WHERE {own}", self.set)
    }
}

const fn change(what: &'static str, set: &'static str) -> RecordChange {
    RecordChange { what, set }
}

/// All of them. Records have a revision of 1 before, and are not of person-x.
pub const RECORD_CHANGES: [RecordChange; 28] = [
    change("fields of the other", "sealed_fields = other.sealed_fields"),
    change("key of the other", "wrapped_key = other.wrapped_key"),
    change("both of the other", "(sealed_fields, wrapped_key) = (SELECT other.sealed_fields, other.wrapped_key)"),
    change("emptied fields", "sealed_fields = ''"),
    change("fields emptied to one NUL", "sealed_fields = '\\x00'"),
    change("emptied key", "wrapped_key = ''"),
    change(
        "first byte of the fields",
        "sealed_fields = set_byte(records.sealed_fields, 0, get_byte(records.sealed_fields, 0) # 1)",
    ),
    change(
        "a byte of the fields",
        "sealed_fields = set_byte(records.sealed_fields, 80, get_byte(records.sealed_fields, 80) # 1)",
    ),
    change(
        "last byte of the fields",
        "sealed_fields = set_byte(records.sealed_fields, length(records.sealed_fields) - 1, \
         get_byte(records.sealed_fields, length(records.sealed_fields) - 1) # 1)",
    ),
    change("fields cut short", "sealed_fields = substr(records.sealed_fields, 1, length(records.sealed_fields) - 1)"),
    change("fields lengthened", "sealed_fields = records.sealed_fields || '\\x00'"),
    change(
        "a byte of the key",
        "wrapped_key = set_byte(records.wrapped_key, 80, get_byte(records.wrapped_key, 80) # 1)",
    ),
    change(
        "a later byte of the key",
        "wrapped_key = set_byte(records.wrapped_key, 130, get_byte(records.wrapped_key, 130) # 1)",
    ),
    change(
        "a key that fits into no message",
        "wrapped_key = records.wrapped_key || decode(repeat('00', 5000000), 'hex')",
    ),
    change("another uid", "record_uid = gen_random_uuid()"),
    change("another revision", "revision = 2"),
    change("another tenant id", "tenant_id = 'other'"),
    change("another collection id", "collection_id = 'other'"),
    change("another subject", "subject = 'person-x'"),
    change("no subject", "subject = NULL"),
    change("another create_time", "create_time = records.create_time - interval '1 microsecond'"),
    change("a create_time that is none", "create_time = 'infinity'"),
    change("another update_time", "update_time = records.update_time + interval '1 microsecond'"),
    change("an update_time that is none", "update_time = '-infinity'"),
    change("another expire_time", "expire_time = coalesce(records.expire_time, now()) + interval '1 microsecond'"),
    change("an expire_time that is none", "expire_time = 'infinity'"),
    change("a field name less", "field_names = records.field_names[2:]"),
    change("a field name that is none", "field_names = ARRAY['note', NULL]"),
];
