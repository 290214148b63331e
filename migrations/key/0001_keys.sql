-- compatible from: 1
-- Keys, their versions and what hangs on them. All key material is encrypted; row_mac is an HMAC over name and
-- value of every other column of its row that is not NULL, under a key derived from the root key (docs/envelope-format.md),
-- and is checked on every read.

CREATE TABLE root_key (
    singleton       boolean PRIMARY KEY DEFAULT true,
    seal_kind       smallint NOT NULL,
    seal_params     bytea NOT NULL,
    wrapped         bytea NOT NULL,
    check_value     bytea NOT NULL,
    installation_id uuid NOT NULL,
    create_time_us  bigint NOT NULL,
    row_mac         bytea NOT NULL,
    CONSTRAINT root_key_one_row CHECK (singleton),
    CONSTRAINT root_key_seal_params_length CHECK (octet_length(seal_params) <= 4096),
    CONSTRAINT root_key_check_value_length CHECK (octet_length(check_value) = 32),
    CONSTRAINT root_key_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE root_key IS 'The one root key, wrapped by the seal. Lost with the seal''s secret: everything is lost.';
COMMENT ON COLUMN root_key.seal_kind IS 'How it is protected: 1 a secret file.';
COMMENT ON COLUMN root_key.seal_params IS 'What the seal needs beside its secret; empty for a secret file.';
COMMENT ON COLUMN root_key.wrapped IS '(encrypted) Root key under the seal''s key, bound to kind and parameters of the seal.';
COMMENT ON COLUMN root_key.check_value IS 'Derived from the root key; tells a wrong root key from a right one.';
COMMENT ON COLUMN root_key.installation_id IS 'Tells this installation from every other; made at the first start.';
COMMENT ON COLUMN root_key.create_time_us IS 'Microseconds since 1970.';

CREATE TABLE own_keys (
    singleton boolean PRIMARY KEY DEFAULT true,
    names     text[] COLLATE "C" NOT NULL,
    row_mac   bytea NOT NULL,
    CONSTRAINT own_keys_one_row CHECK (singleton),
    CONSTRAINT own_keys_names_number CHECK (cardinality(names) <= 100),
    CONSTRAINT own_keys_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE own_keys IS 'Which keys of its own this installation has: one that is listed and missing was taken away.';
COMMENT ON COLUMN own_keys.names IS 'Ids of the keys, sorted.';

CREATE TABLE keys (
    key_uid         uuid PRIMARY KEY,
    key_id          text COLLATE "C" NOT NULL,
    tenant_uid      uuid,
    purpose         smallint NOT NULL,
    system          boolean NOT NULL,
    primary_version integer NOT NULL,
    revision        bigint NOT NULL,
    generation      bigint NOT NULL,
    version_floor   integer,
    labels          bytea NOT NULL,
    create_time_us  bigint NOT NULL,
    row_mac         bytea NOT NULL,
    CONSTRAINT keys_key_id_unique UNIQUE (key_id),
    CONSTRAINT keys_key_id_form CHECK (key_id ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'),
    CONSTRAINT keys_tenant_wraps CHECK (tenant_uid IS NULL OR (purpose = 1 AND key_id = tenant_uid::text)),
    CONSTRAINT keys_purpose_known CHECK (purpose BETWEEN 1 AND 3),
    CONSTRAINT keys_primary_version_positive CHECK (primary_version >= 1),
    CONSTRAINT keys_revision_positive CHECK (revision >= 1),
    CONSTRAINT keys_generation_positive CHECK (generation >= 1),
    CONSTRAINT keys_version_floor_positive CHECK (version_floor >= 1),
    CONSTRAINT keys_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- Serves "what has changed since": every replica asks several times a second.
CREATE UNIQUE INDEX keys_by_generation ON keys (generation);
COMMENT ON TABLE keys IS 'Key-encryption, MAC and signing keys.';
COMMENT ON COLUMN keys.tenant_uid IS 'The tenant whose key it is, which the vault-service provisions; NULL for all others.';
COMMENT ON COLUMN keys.purpose IS '1 wrap, 2 MAC, 3 sign; never changes.';
COMMENT ON COLUMN keys.system IS 'Whether key-service made it for the system itself; listed in own_keys.';
COMMENT ON COLUMN keys.primary_version IS 'The version that wraps, authenticates or signs now.';
COMMENT ON COLUMN keys.revision IS 'Counts the changes of this key; part of its etag.';
COMMENT ON COLUMN keys.generation IS 'Rises over all keys and subject keys with each change, in the order of commits.';
COMMENT ON COLUMN keys.version_floor IS 'The next version has at least this number: those before it may have been given before a restore; NULL: none were.';
COMMENT ON COLUMN keys.labels IS 'Caller-chosen labels: pairs sorted by key, each part u32-length-prefixed.';
COMMENT ON COLUMN keys.create_time_us IS 'Microseconds since 1970.';

CREATE TABLE key_versions (
    key_uid         uuid NOT NULL REFERENCES keys (key_uid),
    version         integer NOT NULL,
    birth_mark      bytea NOT NULL,
    state           smallint NOT NULL,
    material        bytea,
    public_key      bytea,
    create_time_us  bigint NOT NULL,
    destroy_time_us bigint,
    previous        integer,
    row_mac         bytea NOT NULL,
    PRIMARY KEY (key_uid, version),
    CONSTRAINT key_versions_version_positive CHECK (version >= 1),
    CONSTRAINT key_versions_birth_mark_length CHECK (octet_length(birth_mark) = 8),
    CONSTRAINT key_versions_state_known CHECK (state BETWEEN 1 AND 4),
    CONSTRAINT key_versions_destroyed_without_material CHECK ((state = 4) = (material IS NULL)),
    CONSTRAINT key_versions_scheduled_has_time CHECK (state <> 3 OR destroy_time_us IS NOT NULL),
    CONSTRAINT key_versions_public_key_length CHECK (octet_length(public_key) = 32),
    CONSTRAINT key_versions_previous_before CHECK (previous BETWEEN 1 AND version - 2),
    CONSTRAINT key_versions_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE key_versions IS 'Versions of keys.';
COMMENT ON COLUMN key_versions.birth_mark IS '8 random bytes, in the header of all that is wrapped under the version and beside its MACs.';
COMMENT ON COLUMN key_versions.state IS '1 enabled, 2 disabled, 3 destroy scheduled, 4 destroyed.';
COMMENT ON COLUMN key_versions.material IS '(encrypted) 32 bytes under the root key; absent once destroyed.';
COMMENT ON COLUMN key_versions.public_key IS 'Ed25519 public key of a signing key (RFC 8032).';
COMMENT ON COLUMN key_versions.create_time_us IS 'Microseconds since 1970.';
COMMENT ON COLUMN key_versions.destroy_time_us IS 'Microseconds since 1970.';
COMMENT ON COLUMN key_versions.previous IS 'The version before it, where numbers were passed over after a restore; NULL: its own number less one.';

CREATE TABLE subject_keys (
    key_uid        uuid NOT NULL REFERENCES keys (key_uid),
    tenant_uid     uuid NOT NULL,
    subject        text COLLATE "C" NOT NULL,
    material       bytea,
    create_time_us bigint NOT NULL,
    erase_time_us  bigint,
    generation     bigint,
    row_mac        bytea NOT NULL,
    PRIMARY KEY (key_uid, subject),
    CONSTRAINT subject_keys_subject_length CHECK (octet_length(subject) BETWEEN 1 AND 256),
    CONSTRAINT subject_keys_erased_without_material CHECK ((erase_time_us IS NOT NULL) = (material IS NULL)),
    CONSTRAINT subject_keys_erased_has_generation CHECK (erase_time_us IS NULL OR generation IS NOT NULL),
    CONSTRAINT subject_keys_generation_positive CHECK (generation >= 1),
    CONSTRAINT subject_keys_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- Serves "what has changed since": every replica asks several times a second.
CREATE UNIQUE INDEX subject_keys_by_generation ON subject_keys (generation) WHERE generation IS NOT NULL;
COMMENT ON TABLE subject_keys IS 'One key for each data subject under a key: without it the subject''s data keys do not open.';
COMMENT ON COLUMN subject_keys.tenant_uid IS 'The tenant whose key it is; the nil UUID under a key that is no tenant''s.';
COMMENT ON COLUMN subject_keys.material IS '(encrypted) 32 bytes under the root key; absent once the subject is erased.';
COMMENT ON COLUMN subject_keys.create_time_us IS 'Microseconds since 1970.';
COMMENT ON COLUMN subject_keys.erase_time_us IS 'When the subject was erased, microseconds since 1970; the row stays, so that no key is made anew.';
COMMENT ON COLUMN subject_keys.generation IS 'That of its last change, counted with those of keys; NULL as it was made.';

CREATE TABLE wrap_counts (
    key_uid uuid NOT NULL,
    version integer NOT NULL,
    boot_id uuid NOT NULL,
    wraps   bigint NOT NULL,
    row_mac bytea NOT NULL,
    PRIMARY KEY (key_uid, version, boot_id),
    FOREIGN KEY (key_uid, version) REFERENCES key_versions (key_uid, version),
    CONSTRAINT wrap_counts_wraps_positive CHECK (wraps > 0),
    CONSTRAINT wrap_counts_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE wrap_counts IS 'How many data keys each process has wrapped under each version; a version''s count is their sum.';
COMMENT ON COLUMN wrap_counts.boot_id IS 'The process, by the boot id that its operations carry.';

CREATE TABLE requests (
    caller         text COLLATE "C" NOT NULL,
    on_behalf_of   text COLLATE "C" NOT NULL,
    request_id     uuid NOT NULL,
    fingerprint    bytea NOT NULL,
    key_uid        uuid NOT NULL,
    key_version    integer,
    create_time_us bigint NOT NULL,
    row_mac        bytea NOT NULL,
    PRIMARY KEY (caller, on_behalf_of, request_id),
    CONSTRAINT requests_caller_length CHECK (octet_length(caller) BETWEEN 1 AND 2048),
    CONSTRAINT requests_on_behalf_of_length CHECK (octet_length(on_behalf_of) <= 200),
    CONSTRAINT requests_fingerprint_length CHECK (octet_length(fingerprint) = 32),
    CONSTRAINT requests_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- Serves the removal of requests older than 24 hours.
CREATE INDEX requests_by_create_time ON requests (create_time_us);
COMMENT ON TABLE requests IS 'Changes of the last 24 hours that carried a request_id.';
COMMENT ON COLUMN requests.caller IS 'Whose request it was: nobody meets the request ids of another.';
COMMENT ON COLUMN requests.on_behalf_of IS 'Whom the caller acted for; empty for itself.';
COMMENT ON COLUMN requests.fingerprint IS 'HMAC-SHA-256 of method and request under a root-derived key.';
COMMENT ON COLUMN requests.key_uid IS 'The key that the request made or changed.';
COMMENT ON COLUMN requests.key_version IS 'The version that it made of a key that was there; NULL where it made the key.';
COMMENT ON COLUMN requests.create_time_us IS 'Microseconds since 1970, the create_time of the key.';

GRANT SELECT, INSERT ON root_key TO strongroom_key;
GRANT SELECT, INSERT, UPDATE ON own_keys, keys, key_versions, wrap_counts TO strongroom_key;
GRANT SELECT, INSERT ON subject_keys TO strongroom_key;
GRANT SELECT, INSERT, DELETE ON requests TO strongroom_key;
