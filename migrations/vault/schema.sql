-- The whole schema of the vault database. Generated from the migrations beside it; never run.

CREATE TABLE public.audit_outbox (
    outbox_id uuid NOT NULL,
    log_name text NOT NULL COLLATE pg_catalog."C",
    time_ns bigint NOT NULL,
    events bytea NOT NULL,
    mac bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (toast_tuple_target='8160', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='10000');

ALTER TABLE ONLY public.audit_outbox ALTER COLUMN events SET STORAGE EXTERNAL;

COMMENT ON TABLE public.audit_outbox IS 'Events that the audit-service has not acknowledged yet.';
COMMENT ON COLUMN public.audit_outbox.outbox_id IS 'UUIDv7.';
COMMENT ON COLUMN public.audit_outbox.log_name IS 'logs/{log} that the events belong to.';
COMMENT ON COLUMN public.audit_outbox.time_ns IS 'When the row was made, nanoseconds since 1970.';
COMMENT ON COLUMN public.audit_outbox.events IS 'strongroom.audit.v1.AppendEventsRequest.';
COMMENT ON COLUMN public.audit_outbox.mac IS 'HMAC-SHA-256 under this service''s outbox key.';
COMMENT ON COLUMN public.audit_outbox.created_at IS 'Start of the transaction; steers when new events are refused, and nothing else.';

CREATE TABLE public.audit_outbox_refused (
    outbox_id uuid NOT NULL,
    log_name text NOT NULL COLLATE pg_catalog."C",
    time_ns bigint NOT NULL,
    events bytea NOT NULL,
    mac bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    refused_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.audit_outbox_refused IS 'Events that will never be delivered: refused for good, or not written by this service. Each raised an alarm.';
COMMENT ON COLUMN public.audit_outbox_refused.reason IS 'The audit-service''s reasons, or FORGED where mac does not verify.';

CREATE TABLE public.collections (
    tenant_uid uuid NOT NULL,
    collection_uid uuid NOT NULL,
    collection_id text NOT NULL COLLATE pg_catalog."C",
    field_policies text NOT NULL,
    purposes text[] NOT NULL,
    revision bigint NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT collections_collection_id_form CHECK ((collection_id ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'::text)),
    CONSTRAINT collections_field_policies_length CHECK ((octet_length(field_policies) <= 1048576)),
    CONSTRAINT collections_purposes_not_empty CHECK (((cardinality(purposes) >= 1) AND (cardinality(purposes) <= 32))),
    CONSTRAINT collections_revision_positive CHECK ((revision >= 1)),
    CONSTRAINT collections_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.collections IS 'Kinds of records, with the policy of their fields.';
COMMENT ON COLUMN public.collections.tenant_uid IS 'The tenant.';
COMMENT ON COLUMN public.collections.collection_uid IS 'UUIDv7, immutable; a name made again gets another.';
COMMENT ON COLUMN public.collections.collection_id IS 'The id in the resource name.';
COMMENT ON COLUMN public.collections.field_policies IS 'Policies as stored JSON: its version, the oldest reader that may read it, and the policies, sorted by field.';
COMMENT ON COLUMN public.collections.purposes IS 'Purposes that a reveal may give.';
COMMENT ON COLUMN public.collections.revision IS 'Counts the changes of this row; part of its etag.';
COMMENT ON COLUMN public.collections.create_time IS 'When it was made.';
COMMENT ON COLUMN public.collections.update_time IS 'When this revision was made.';
COMMENT ON COLUMN public.collections.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE public.deleted_records (
    tenant_uid uuid NOT NULL,
    record_uid uuid NOT NULL,
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    collection_id text NOT NULL COLLATE pg_catalog."C",
    record_id text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    delete_time timestamp with time zone NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT deleted_records_revision_positive CHECK ((revision >= 1)),
    CONSTRAINT deleted_records_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.deleted_records IS 'Which records were deleted: the row of one that is put back is refused. Rows are kept.';
COMMENT ON COLUMN public.deleted_records.tenant_uid IS 'The tenant.';
COMMENT ON COLUMN public.deleted_records.record_uid IS 'The record; a name made again has another.';
COMMENT ON COLUMN public.deleted_records.tenant_id IS 'The tenant''s id in its name.';
COMMENT ON COLUMN public.deleted_records.collection_id IS 'The collection''s id in its name.';
COMMENT ON COLUMN public.deleted_records.record_id IS 'The id in its name.';
COMMENT ON COLUMN public.deleted_records.revision IS 'Its last revision.';
COMMENT ON COLUMN public.deleted_records.delete_time IS 'When it was deleted.';
COMMENT ON COLUMN public.deleted_records.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE public.derived_key_lists (
    tenant_uid uuid NOT NULL,
    key_names text[] NOT NULL,
    revision bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT derived_key_lists_key_names_length CHECK (((cardinality(key_names) >= 1) AND (cardinality(key_names) <= 10000))),
    CONSTRAINT derived_key_lists_revision_positive CHECK ((revision >= 1)),
    CONSTRAINT derived_key_lists_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.derived_key_lists IS 'Which derived keys a tenant has, so that one that is missing is not taken for one that never was.';
COMMENT ON COLUMN public.derived_key_lists.tenant_uid IS 'The tenant; the nil UUID for the vault''s own keys.';
COMMENT ON COLUMN public.derived_key_lists.key_names IS '{purpose}/{version}/{scope} of each of its derived_keys, sorted.';
COMMENT ON COLUMN public.derived_key_lists.revision IS 'Counts the changes of this row.';
COMMENT ON COLUMN public.derived_key_lists.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE public.derived_keys (
    tenant_uid uuid NOT NULL,
    purpose text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    key_uid uuid NOT NULL,
    wrapped_key bytea NOT NULL,
    create_time timestamp with time zone NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT derived_keys_purpose_form CHECK ((purpose ~ '^[a-z][a-z0-9-]{0,63}$'::text)),
    CONSTRAINT derived_keys_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT derived_keys_scope_length CHECK ((octet_length(scope) <= 512)),
    CONSTRAINT derived_keys_version_positive CHECK ((version >= 1)),
    CONSTRAINT derived_keys_wrapped_key_length CHECK ((octet_length(wrapped_key) <= 1024))
);

COMMENT ON TABLE public.derived_keys IS 'Long-lived data keys, wrapped: the vault''s own under keys/vault-service.';
COMMENT ON COLUMN public.derived_keys.tenant_uid IS 'The tenant; the nil UUID for the vault''s own keys.';
COMMENT ON COLUMN public.derived_keys.purpose IS 'What the key is for; it has no second use.';
COMMENT ON COLUMN public.derived_keys.scope IS 'What of it, such as an index of a collection; empty where there is one for the tenant.';
COMMENT ON COLUMN public.derived_keys.version IS 'Counts from 1; each version has a key of its own. That of the row key stands in each row_mac.';
COMMENT ON COLUMN public.derived_keys.key_uid IS 'UUIDv7 of this key; bound as encryption context.';
COMMENT ON COLUMN public.derived_keys.wrapped_key IS '(encrypted) The key, wrapped by key-service.';
COMMENT ON COLUMN public.derived_keys.create_time IS 'When it was made.';
COMMENT ON COLUMN public.derived_keys.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

CREATE TABLE public.records (
    tenant_uid uuid NOT NULL,
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    collection_uid uuid NOT NULL,
    collection_id text NOT NULL COLLATE pg_catalog."C",
    record_uid uuid NOT NULL,
    record_id text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    subject text COLLATE pg_catalog."C",
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    expire_time timestamp with time zone,
    field_names text[] NOT NULL,
    wrapped_key bytea NOT NULL,
    sealed_fields bytea NOT NULL,
    key_version integer GENERATED ALWAYS AS (
CASE
    WHEN (octet_length(wrapped_key) >= 22) THEN ((((get_byte(wrapped_key, 18) << 24) | (get_byte(wrapped_key, 19) << 16)) | (get_byte(wrapped_key, 20) << 8)) | get_byte(wrapped_key, 21))
    ELSE 0
END) STORED NOT NULL,
    CONSTRAINT records_revision_positive CHECK ((revision >= 1))
)
WITH (toast_tuple_target='4096');

ALTER TABLE ONLY public.records ALTER COLUMN wrapped_key SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.records ALTER COLUMN sealed_fields SET STORAGE EXTERNAL;

COMMENT ON TABLE public.records IS 'One row for each record: its newest revision. Old revisions are not kept.';
COMMENT ON COLUMN public.records.tenant_uid IS 'The tenant.';
COMMENT ON COLUMN public.records.tenant_id IS 'The tenant''s id; the sealing binds it as part of the name.';
COMMENT ON COLUMN public.records.collection_uid IS 'The collection.';
COMMENT ON COLUMN public.records.collection_id IS 'The collection''s id; the sealing binds it as part of the name.';
COMMENT ON COLUMN public.records.record_uid IS 'UUIDv7, immutable; a name made again gets another.';
COMMENT ON COLUMN public.records.record_id IS 'The id in the resource name.';
COMMENT ON COLUMN public.records.revision IS 'Counts from 1 with every update; bound by the sealing and part of the etag.';
COMMENT ON COLUMN public.records.subject IS 'Person the record is about: an id; bound by the manifest.';
COMMENT ON COLUMN public.records.create_time IS 'When the record was made; bound by the manifest.';
COMMENT ON COLUMN public.records.update_time IS 'When this revision was made; bound by the manifest.';
COMMENT ON COLUMN public.records.expire_time IS 'When the record may be purged; bound by the manifest.';
COMMENT ON COLUMN public.records.field_names IS 'Names of the fields, sorted, for reads that open nothing; held against sealed_fields when it is opened.';
COMMENT ON COLUMN public.records.wrapped_key IS '(encrypted) The revision''s data key, wrapped under keys/{tenant_uid} by key-service.';
COMMENT ON COLUMN public.records.sealed_fields IS '(encrypted) Manifest and fields under the revision''s data key: docs/envelope-format.md.';
COMMENT ON COLUMN public.records.key_version IS 'Version of keys/{tenant_uid} that wraps the data key, from the header of wrapped_key; 0 where that is none. Never written.';

CREATE TABLE public.requests (
    tenant_uid uuid NOT NULL,
    caller text NOT NULL COLLATE pg_catalog."C",
    on_behalf_of text NOT NULL COLLATE pg_catalog."C",
    request_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    answer bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT requests_caller_length CHECK (((octet_length(caller) >= 1) AND (octet_length(caller) <= 2048))),
    CONSTRAINT requests_fingerprint_length CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT requests_on_behalf_of_length CHECK ((octet_length(on_behalf_of) <= 200)),
    CONSTRAINT requests_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.requests IS 'Changes of the last 24 hours that carried a request_id.';
COMMENT ON COLUMN public.requests.tenant_uid IS 'The tenant; the nil UUID for the creation of tenants.';
COMMENT ON COLUMN public.requests.caller IS 'Whose request it was: nobody meets the request ids of another.';
COMMENT ON COLUMN public.requests.on_behalf_of IS 'Whom the caller acted for; empty for itself.';
COMMENT ON COLUMN public.requests.request_id IS 'As the caller gave it.';
COMMENT ON COLUMN public.requests.fingerprint IS 'HMAC of method and request under the vault''s fingerprint key: values are guessable, so no plain hash.';
COMMENT ON COLUMN public.requests.answer IS 'The first answer as stored JSON: its version, the oldest reader that may read it, and the answer; no values.';
COMMENT ON COLUMN public.requests.created_at IS 'When the request was done; steers when it is forgotten, and nothing else.';
COMMENT ON COLUMN public.requests.row_mac IS 'HMAC over names and values of the other columns but created_at under the vault''s row key.';

CREATE TABLE public.tenants (
    tenant_uid uuid NOT NULL,
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT tenants_display_name_length CHECK ((octet_length(display_name) <= 128)),
    CONSTRAINT tenants_revision_positive CHECK ((revision >= 1)),
    CONSTRAINT tenants_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT tenants_state_form CHECK ((state ~ '^[A-Z][A-Z0-9_]{0,31}$'::text)),
    CONSTRAINT tenants_tenant_id_form CHECK (((tenant_id ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'::text) AND (tenant_id <> 'system'::text)))
);

COMMENT ON TABLE public.tenants IS 'Customers whose data is kept apart. Each has its own key, keys/{tenant_uid}, and its own audit log.';
COMMENT ON COLUMN public.tenants.tenant_uid IS 'UUIDv7, immutable.';
COMMENT ON COLUMN public.tenants.tenant_id IS 'The id in the resource name.';
COMMENT ON COLUMN public.tenants.display_name IS 'What people call it.';
COMMENT ON COLUMN public.tenants.state IS 'ACTIVE; a tenant in a state that the service does not know is not served.';
COMMENT ON COLUMN public.tenants.revision IS 'Counts the changes of this row; part of its etag.';
COMMENT ON COLUMN public.tenants.create_time IS 'When it was made.';
COMMENT ON COLUMN public.tenants.update_time IS 'When this revision was made.';
COMMENT ON COLUMN public.tenants.row_mac IS 'HMAC over names and values of the other columns under the vault''s row key.';

ALTER TABLE ONLY public.audit_outbox
    ADD CONSTRAINT audit_outbox_pkey PRIMARY KEY (log_name, outbox_id);

ALTER TABLE ONLY public.audit_outbox_refused
    ADD CONSTRAINT audit_outbox_refused_pkey PRIMARY KEY (log_name, outbox_id);

ALTER TABLE ONLY public.collections
    ADD CONSTRAINT collections_collection_uid_key UNIQUE (tenant_uid, collection_uid);

ALTER TABLE ONLY public.collections
    ADD CONSTRAINT collections_pkey PRIMARY KEY (tenant_uid, collection_id);

ALTER TABLE ONLY public.deleted_records
    ADD CONSTRAINT deleted_records_pkey PRIMARY KEY (tenant_uid, record_uid);

ALTER TABLE ONLY public.derived_key_lists
    ADD CONSTRAINT derived_key_lists_pkey PRIMARY KEY (tenant_uid);

ALTER TABLE ONLY public.derived_keys
    ADD CONSTRAINT derived_keys_pkey PRIMARY KEY (tenant_uid, purpose, scope, version);

ALTER TABLE ONLY public.records
    ADD CONSTRAINT records_pkey PRIMARY KEY (tenant_uid, collection_uid, record_id);

ALTER TABLE ONLY public.records
    ADD CONSTRAINT records_record_uid_key UNIQUE (tenant_uid, record_uid);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (tenant_uid, caller, on_behalf_of, request_id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (tenant_uid);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_tenant_id_key UNIQUE (tenant_id);

CREATE INDEX records_by_expire_time ON public.records USING btree (tenant_uid, expire_time) WHERE (expire_time IS NOT NULL);

CREATE INDEX records_by_key_version ON public.records USING btree (tenant_uid, key_version);

CREATE INDEX records_by_subject ON public.records USING btree (tenant_uid, subject) WHERE (subject IS NOT NULL);

CREATE INDEX requests_by_created_at ON public.requests USING btree (tenant_uid, created_at);

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.audit_outbox TO strongroom_vault;

GRANT SELECT,INSERT ON TABLE public.audit_outbox_refused TO strongroom_vault;

GRANT SELECT,INSERT ON TABLE public.collections TO strongroom_vault;

GRANT SELECT,INSERT ON TABLE public.deleted_records TO strongroom_vault;

GRANT SELECT,INSERT,UPDATE ON TABLE public.derived_key_lists TO strongroom_vault;

GRANT SELECT,INSERT ON TABLE public.derived_keys TO strongroom_vault;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.records TO strongroom_vault;

GRANT SELECT,INSERT,DELETE ON TABLE public.requests TO strongroom_vault;

GRANT SELECT,INSERT ON TABLE public.tenants TO strongroom_vault;
