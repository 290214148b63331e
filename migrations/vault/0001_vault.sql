-- compatible from: 1
-- The vault-service's database: tenants, collections, sealed records. docs/data-model.md draws it.
--
-- Every key of a table that grows with tenants begins with tenant_uid, and no foreign key or unique index crosses
-- tenants, so these tables can be distributed by tenant_uid. (tenants itself is a reference table there: one small row
-- for each tenant.) audit_outbox cannot: one claim takes rows of many logs, and they commit with what they tell of. docs/data-model.md says what a distributed database would need.
--
-- row_mac is an HMAC over the names and values of the other columns of its row under the vault's row key (crates/rows)
-- and is checked on every read, so SQL cannot lift a policy. Records carry no row_mac: what they bind is bound by their
-- sealing. Times are cut to microseconds before they are bound.

CREATE TABLE tenants (
    tenant_uid   uuid        NOT NULL,
    tenant_id    text        COLLATE "C" NOT NULL,
    display_name text        NOT NULL,
    state        text        COLLATE "C" NOT NULL,
    revision     bigint      NOT NULL,
    create_time  timestamptz NOT NULL,
    update_time  timestamptz NOT NULL,
    row_mac      bytea       NOT NULL,
    CONSTRAINT tenants_pkey PRIMARY KEY (tenant_uid),
    -- Serves look-ups by name and ListTenants. A row is never removed, so an id is never given again.
    CONSTRAINT tenants_tenant_id_key UNIQUE (tenant_id),
    CONSTRAINT tenants_tenant_id_form CHECK (tenant_id ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$' AND tenant_id <> 'system'),
    CONSTRAINT tenants_display_name_length CHECK (octet_length(display_name) <= 128),
    CONSTRAINT tenants_state_form CHECK (state ~ '^[A-Z][A-Z0-9_]{0,31}$'),
    CONSTRAINT tenants_revision_positive CHECK (revision >= 1),
    CONSTRAINT tenants_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE tenants IS 'Customers whose data is kept apart. Each has its own key, keys/{tenant_uid}, and its own audit log.';
COMMENT ON COLUMN tenants.tenant_uid IS 'UUIDv7, immutable.';
COMMENT ON COLUMN tenants.tenant_id IS 'The id in the resource name.';
COMMENT ON COLUMN tenants.display_name IS 'What people call it.';
COMMENT ON COLUMN tenants.state IS 'ACTIVE; a tenant in a state that the service does not know is not served.';
COMMENT ON COLUMN tenants.revision IS 'Counts the changes of this row; part of its etag.';
COMMENT ON COLUMN tenants.create_time IS 'When it was made.';
COMMENT ON COLUMN tenants.update_time IS 'When this revision was made.';
COMMENT ON COLUMN tenants.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE collections (
    tenant_uid     uuid        NOT NULL,
    collection_uid uuid        NOT NULL,
    collection_id  text        COLLATE "C" NOT NULL,
    field_policies text        NOT NULL,
    purposes       text[]      NOT NULL,
    revision       bigint      NOT NULL,
    create_time    timestamptz NOT NULL,
    update_time    timestamptz NOT NULL,
    row_mac        bytea       NOT NULL,
    -- Serves look-ups by name and ListCollections.
    CONSTRAINT collections_pkey PRIMARY KEY (tenant_uid, collection_id),
    CONSTRAINT collections_collection_uid_key UNIQUE (tenant_uid, collection_uid),
    CONSTRAINT collections_collection_id_form CHECK (collection_id ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'),
    CONSTRAINT collections_field_policies_length CHECK (octet_length(field_policies) <= 1048576),
    CONSTRAINT collections_purposes_not_empty CHECK (cardinality(purposes) BETWEEN 1 AND 32),
    CONSTRAINT collections_revision_positive CHECK (revision >= 1),
    CONSTRAINT collections_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE collections IS 'Kinds of records, with the policy of their fields.';
COMMENT ON COLUMN collections.tenant_uid IS 'The tenant.';
COMMENT ON COLUMN collections.collection_uid IS 'UUIDv7, immutable; a name made again gets another.';
COMMENT ON COLUMN collections.collection_id IS 'The id in the resource name.';
COMMENT ON COLUMN collections.field_policies IS 'Policies as stored JSON: its version, the oldest reader that may read it, and the policies, sorted by field.';
COMMENT ON COLUMN collections.purposes IS 'Purposes that a reveal may give.';
COMMENT ON COLUMN collections.revision IS 'Counts the changes of this row; part of its etag.';
COMMENT ON COLUMN collections.create_time IS 'When it was made.';
COMMENT ON COLUMN collections.update_time IS 'When this revision was made.';
COMMENT ON COLUMN collections.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE records (
    tenant_uid     uuid        NOT NULL,
    tenant_id      text        COLLATE "C" NOT NULL,
    collection_uid uuid        NOT NULL,
    collection_id  text        COLLATE "C" NOT NULL,
    record_uid     uuid        NOT NULL,
    record_id      text        COLLATE "C" NOT NULL,
    revision       bigint      NOT NULL,
    subject        text        COLLATE "C",
    create_time    timestamptz NOT NULL,
    update_time    timestamptz NOT NULL,
    expire_time    timestamptz,
    field_names    text[]      NOT NULL,
    wrapped_key    bytea       NOT NULL,
    sealed_fields  bytea       NOT NULL,
    key_version    integer     NOT NULL GENERATED ALWAYS AS (
        CASE WHEN octet_length(wrapped_key) >= 22
             THEN (get_byte(wrapped_key, 18) << 24) | (get_byte(wrapped_key, 19) << 16)
                  | (get_byte(wrapped_key, 20) << 8) | get_byte(wrapped_key, 21)
             ELSE 0 END) STORED,
    -- Serves look-ups by name and ListRecords.
    CONSTRAINT records_pkey PRIMARY KEY (tenant_uid, collection_uid, record_id),
    -- Serves the comparison of revisions with the log, and tells a record from its namesake that was deleted.
    CONSTRAINT records_record_uid_key UNIQUE (tenant_uid, record_uid),
    CONSTRAINT records_revision_positive CHECK (revision >= 1)
)
-- A record of a few KiB stays in its row: one page to write and to read instead of three.
WITH (toast_tuple_target = 4096);
-- Serves whatever concerns one data subject: its records, its erasure, its holds.
CREATE INDEX records_by_subject ON records (tenant_uid, subject) WHERE subject IS NOT NULL;
-- Serves the purge.
CREATE INDEX records_by_expire_time ON records (tenant_uid, expire_time) WHERE expire_time IS NOT NULL;
-- Serves the count of rows of a key version, and their rewrapping.
CREATE INDEX records_by_key_version ON records (tenant_uid, key_version);
-- Ciphertext does not compress.
ALTER TABLE records ALTER COLUMN sealed_fields SET STORAGE EXTERNAL;
ALTER TABLE records ALTER COLUMN wrapped_key SET STORAGE EXTERNAL;
COMMENT ON TABLE records IS 'One row for each record: its newest revision. Old revisions are not kept.';
COMMENT ON COLUMN records.tenant_uid IS 'The tenant.';
COMMENT ON COLUMN records.tenant_id IS 'The tenant''s id; the sealing binds it as part of the name.';
COMMENT ON COLUMN records.collection_uid IS 'The collection.';
COMMENT ON COLUMN records.collection_id IS 'The collection''s id; the sealing binds it as part of the name.';
COMMENT ON COLUMN records.record_uid IS 'UUIDv7, immutable; a name made again gets another.';
COMMENT ON COLUMN records.record_id IS 'The id in the resource name.';
COMMENT ON COLUMN records.revision IS 'Counts from 1 with every update; bound by the sealing and part of the etag.';
COMMENT ON COLUMN records.subject IS 'Person the record is about: an id; bound by the manifest.';
COMMENT ON COLUMN records.create_time IS 'When the record was made; bound by the manifest.';
COMMENT ON COLUMN records.update_time IS 'When this revision was made; bound by the manifest.';
COMMENT ON COLUMN records.expire_time IS 'When the record may be purged; bound by the manifest.';
COMMENT ON COLUMN records.field_names IS 'Names of the fields, sorted, for reads that open nothing; held against sealed_fields when it is opened.';
COMMENT ON COLUMN records.wrapped_key IS '(encrypted) The revision''s data key, wrapped under keys/{tenant_uid} by key-service.';
COMMENT ON COLUMN records.sealed_fields IS '(encrypted) Manifest and fields under the revision''s data key: docs/envelope-format.md.';
COMMENT ON COLUMN records.key_version IS 'Version of keys/{tenant_uid} that wraps the data key, from the header of wrapped_key; 0 where that is none. Never written.';

CREATE TABLE deleted_records (
    tenant_uid    uuid        NOT NULL,
    record_uid    uuid        NOT NULL,
    tenant_id     text        COLLATE "C" NOT NULL,
    collection_id text        COLLATE "C" NOT NULL,
    record_id     text        COLLATE "C" NOT NULL,
    revision      bigint      NOT NULL,
    delete_time   timestamptz NOT NULL,
    row_mac       bytea       NOT NULL,
    -- Looked up with every read of a record.
    CONSTRAINT deleted_records_pkey PRIMARY KEY (tenant_uid, record_uid),
    CONSTRAINT deleted_records_revision_positive CHECK (revision >= 1),
    CONSTRAINT deleted_records_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE deleted_records IS 'Which records were deleted: the row of one that is put back is refused. Rows are kept.';
COMMENT ON COLUMN deleted_records.tenant_uid IS 'The tenant.';
COMMENT ON COLUMN deleted_records.record_uid IS 'The record; a name made again has another.';
COMMENT ON COLUMN deleted_records.tenant_id IS 'The tenant''s id in its name.';
COMMENT ON COLUMN deleted_records.collection_id IS 'The collection''s id in its name.';
COMMENT ON COLUMN deleted_records.record_id IS 'The id in its name.';
COMMENT ON COLUMN deleted_records.revision IS 'Its last revision.';
COMMENT ON COLUMN deleted_records.delete_time IS 'When it was deleted.';
COMMENT ON COLUMN deleted_records.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE requests (
    tenant_uid   uuid        NOT NULL,
    caller       text        COLLATE "C" NOT NULL,
    on_behalf_of text        COLLATE "C" NOT NULL,
    request_id   uuid        NOT NULL,
    fingerprint  bytea       NOT NULL,
    answer       bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    row_mac      bytea       NOT NULL,
    CONSTRAINT requests_pkey PRIMARY KEY (tenant_uid, caller, on_behalf_of, request_id),
    CONSTRAINT requests_caller_length CHECK (octet_length(caller) BETWEEN 1 AND 2048),
    CONSTRAINT requests_on_behalf_of_length CHECK (octet_length(on_behalf_of) <= 200),
    CONSTRAINT requests_fingerprint_length CHECK (octet_length(fingerprint) = 32),
    CONSTRAINT requests_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- Serves the removal of a tenant's oldest requests.
CREATE INDEX requests_by_created_at ON requests (tenant_uid, created_at);
COMMENT ON TABLE requests IS 'Changes of the last 24 hours that carried a request_id.';
COMMENT ON COLUMN requests.tenant_uid IS 'The tenant; the nil UUID for the creation of tenants.';
COMMENT ON COLUMN requests.caller IS 'Whose request it was: nobody meets the request ids of another.';
COMMENT ON COLUMN requests.on_behalf_of IS 'Whom the caller acted for; empty for itself.';
COMMENT ON COLUMN requests.request_id IS 'As the caller gave it.';
COMMENT ON COLUMN requests.fingerprint IS 'HMAC of method and request under the vault''s fingerprint key: values are guessable, so no plain hash.';
COMMENT ON COLUMN requests.answer IS 'The first answer as stored JSON: its version, the oldest reader that may read it, and the answer; no values.';
COMMENT ON COLUMN requests.created_at IS 'When the request was done; steers when it is forgotten, and nothing else.';
COMMENT ON COLUMN requests.row_mac IS 'HMAC over names and values of the other columns but created_at under the vault''s row key.';

CREATE TABLE derived_keys (
    tenant_uid  uuid        NOT NULL,
    purpose     text        COLLATE "C" NOT NULL,
    scope       text        COLLATE "C" NOT NULL,
    version     integer     NOT NULL,
    key_uid     uuid        NOT NULL,
    wrapped_key bytea       NOT NULL,
    create_time timestamptz NOT NULL,
    row_mac     bytea       NOT NULL,
    CONSTRAINT derived_keys_pkey PRIMARY KEY (tenant_uid, purpose, scope, version),
    CONSTRAINT derived_keys_purpose_form CHECK (purpose ~ '^[a-z][a-z0-9-]{0,63}$'),
    CONSTRAINT derived_keys_scope_length CHECK (octet_length(scope) <= 512),
    CONSTRAINT derived_keys_version_positive CHECK (version >= 1),
    CONSTRAINT derived_keys_wrapped_key_length CHECK (octet_length(wrapped_key) <= 1024),
    CONSTRAINT derived_keys_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE derived_keys IS 'Long-lived data keys, wrapped: the vault''s own under keys/vault-service.';
COMMENT ON COLUMN derived_keys.tenant_uid IS 'The tenant; the nil UUID for the vault''s own keys.';
COMMENT ON COLUMN derived_keys.purpose IS 'What the key is for; it has no second use.';
COMMENT ON COLUMN derived_keys.scope IS 'What of it, such as an index of a collection; empty where there is one for the tenant.';
COMMENT ON COLUMN derived_keys.version IS 'Counts from 1; each version has a key of its own. That of the row key stands in each row_mac.';
COMMENT ON COLUMN derived_keys.key_uid IS 'UUIDv7 of this key; bound as encryption context.';
COMMENT ON COLUMN derived_keys.wrapped_key IS '(encrypted) The key, wrapped by key-service.';
COMMENT ON COLUMN derived_keys.create_time IS 'When it was made.';
COMMENT ON COLUMN derived_keys.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE derived_key_lists (
    tenant_uid uuid   NOT NULL,
    key_names  text[] NOT NULL,
    revision   bigint NOT NULL,
    row_mac    bytea  NOT NULL,
    CONSTRAINT derived_key_lists_pkey PRIMARY KEY (tenant_uid),
    CONSTRAINT derived_key_lists_key_names_length CHECK (cardinality(key_names) BETWEEN 1 AND 10000),
    CONSTRAINT derived_key_lists_revision_positive CHECK (revision >= 1),
    CONSTRAINT derived_key_lists_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE derived_key_lists IS 'Which derived keys a tenant has, so that one that is missing is not taken for one that never was.';
COMMENT ON COLUMN derived_key_lists.tenant_uid IS 'The tenant; the nil UUID for the vault''s own keys.';
COMMENT ON COLUMN derived_key_lists.key_names IS '{purpose}/{version}/{scope} of each of its derived_keys, sorted.';
COMMENT ON COLUMN derived_key_lists.revision IS 'Counts the changes of this row.';
COMMENT ON COLUMN derived_key_lists.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

GRANT SELECT, INSERT ON tenants, collections TO strongroom_vault;
GRANT SELECT, INSERT, UPDATE, DELETE ON records TO strongroom_vault;
GRANT SELECT, INSERT, DELETE ON requests TO strongroom_vault;
GRANT SELECT, INSERT ON deleted_records, derived_keys TO strongroom_vault;
GRANT SELECT, INSERT, UPDATE ON derived_key_lists TO strongroom_vault;
