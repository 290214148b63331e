-- The whole schema of the key database. Generated from the migrations beside it; never run.

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

CREATE TABLE public.key_versions (
    key_uid uuid NOT NULL,
    version integer NOT NULL,
    birth_mark bytea NOT NULL,
    state smallint NOT NULL,
    material bytea,
    public_key bytea,
    create_time_us bigint NOT NULL,
    destroy_time_us bigint,
    previous integer,
    row_mac bytea NOT NULL,
    CONSTRAINT key_versions_birth_mark_length CHECK ((octet_length(birth_mark) = 8)),
    CONSTRAINT key_versions_destroyed_without_material CHECK (((state = 4) = (material IS NULL))),
    CONSTRAINT key_versions_previous_before CHECK (((previous >= 1) AND (previous <= (version - 2)))),
    CONSTRAINT key_versions_public_key_length CHECK ((octet_length(public_key) = 32)),
    CONSTRAINT key_versions_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT key_versions_scheduled_has_time CHECK (((state <> 3) OR (destroy_time_us IS NOT NULL))),
    CONSTRAINT key_versions_state_known CHECK (((state >= 1) AND (state <= 4))),
    CONSTRAINT key_versions_version_positive CHECK ((version >= 1))
);

COMMENT ON TABLE public.key_versions IS 'Versions of keys.';
COMMENT ON COLUMN public.key_versions.birth_mark IS '8 random bytes, in the header of all that is wrapped under the version and beside its MACs.';
COMMENT ON COLUMN public.key_versions.state IS '1 enabled, 2 disabled, 3 destroy scheduled, 4 destroyed.';
COMMENT ON COLUMN public.key_versions.material IS '(encrypted) 32 bytes under the root key; absent once destroyed.';
COMMENT ON COLUMN public.key_versions.public_key IS 'Ed25519 public key of a signing key (RFC 8032).';
COMMENT ON COLUMN public.key_versions.create_time_us IS 'Microseconds since 1970.';
COMMENT ON COLUMN public.key_versions.destroy_time_us IS 'Microseconds since 1970.';
COMMENT ON COLUMN public.key_versions.previous IS 'The version before it, where numbers were passed over after a restore; NULL: its own number less one.';

CREATE TABLE public.keys (
    key_uid uuid NOT NULL,
    key_id text NOT NULL COLLATE pg_catalog."C",
    tenant_uid uuid,
    purpose smallint NOT NULL,
    system boolean NOT NULL,
    primary_version integer NOT NULL,
    revision bigint NOT NULL,
    generation bigint NOT NULL,
    version_floor integer,
    labels bytea NOT NULL,
    create_time_us bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT keys_generation_positive CHECK ((generation >= 1)),
    CONSTRAINT keys_key_id_form CHECK ((key_id ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'::text)),
    CONSTRAINT keys_primary_version_positive CHECK ((primary_version >= 1)),
    CONSTRAINT keys_purpose_known CHECK (((purpose >= 1) AND (purpose <= 3))),
    CONSTRAINT keys_revision_positive CHECK ((revision >= 1)),
    CONSTRAINT keys_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT keys_tenant_wraps CHECK (((tenant_uid IS NULL) OR ((purpose = 1) AND (key_id = (tenant_uid)::text)))),
    CONSTRAINT keys_version_floor_positive CHECK ((version_floor >= 1))
);

COMMENT ON TABLE public.keys IS 'Key-encryption, MAC and signing keys.';
COMMENT ON COLUMN public.keys.tenant_uid IS 'The tenant whose key it is, which the vault-service provisions; NULL for all others.';
COMMENT ON COLUMN public.keys.purpose IS '1 wrap, 2 MAC, 3 sign; never changes.';
COMMENT ON COLUMN public.keys.system IS 'Whether key-service made it for the system itself; listed in own_keys.';
COMMENT ON COLUMN public.keys.primary_version IS 'The version that wraps, authenticates or signs now.';
COMMENT ON COLUMN public.keys.revision IS 'Counts the changes of this key; part of its etag.';
COMMENT ON COLUMN public.keys.generation IS 'Rises over all keys and subject keys with each change, in the order of commits.';
COMMENT ON COLUMN public.keys.version_floor IS 'The next version has at least this number: those before it may have been given before a restore; NULL: none were.';
COMMENT ON COLUMN public.keys.labels IS 'Caller-chosen labels: pairs sorted by key, each part u32-length-prefixed.';
COMMENT ON COLUMN public.keys.create_time_us IS 'Microseconds since 1970.';

CREATE TABLE public.own_keys (
    singleton boolean DEFAULT true NOT NULL,
    names text[] NOT NULL COLLATE pg_catalog."C",
    row_mac bytea NOT NULL,
    CONSTRAINT own_keys_names_number CHECK ((cardinality(names) <= 100)),
    CONSTRAINT own_keys_one_row CHECK (singleton),
    CONSTRAINT own_keys_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.own_keys IS 'Which keys of its own this installation has: one that is listed and missing was taken away.';
COMMENT ON COLUMN public.own_keys.names IS 'Ids of the keys, sorted.';

CREATE TABLE public.requests (
    caller text NOT NULL COLLATE pg_catalog."C",
    on_behalf_of text NOT NULL COLLATE pg_catalog."C",
    request_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    key_uid uuid NOT NULL,
    key_version integer,
    create_time_us bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT requests_caller_length CHECK (((octet_length(caller) >= 1) AND (octet_length(caller) <= 2048))),
    CONSTRAINT requests_fingerprint_length CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT requests_on_behalf_of_length CHECK ((octet_length(on_behalf_of) <= 200)),
    CONSTRAINT requests_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.requests IS 'Changes of the last 24 hours that carried a request_id.';
COMMENT ON COLUMN public.requests.caller IS 'Whose request it was: nobody meets the request ids of another.';
COMMENT ON COLUMN public.requests.on_behalf_of IS 'Whom the caller acted for; empty for itself.';
COMMENT ON COLUMN public.requests.fingerprint IS 'HMAC-SHA-256 of method and request under a root-derived key.';
COMMENT ON COLUMN public.requests.key_uid IS 'The key that the request made or changed.';
COMMENT ON COLUMN public.requests.key_version IS 'The version that it made of a key that was there; NULL where it made the key.';
COMMENT ON COLUMN public.requests.create_time_us IS 'Microseconds since 1970, the create_time of the key.';

CREATE TABLE public.root_key (
    singleton boolean DEFAULT true NOT NULL,
    seal_kind smallint NOT NULL,
    seal_params bytea NOT NULL,
    wrapped bytea NOT NULL,
    check_value bytea NOT NULL,
    installation_id uuid NOT NULL,
    create_time_us bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT root_key_check_value_length CHECK ((octet_length(check_value) = 32)),
    CONSTRAINT root_key_one_row CHECK (singleton),
    CONSTRAINT root_key_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT root_key_seal_params_length CHECK ((octet_length(seal_params) <= 4096))
);

COMMENT ON TABLE public.root_key IS 'The one root key, wrapped by the seal. Lost with the seal''s secret: everything is lost.';
COMMENT ON COLUMN public.root_key.seal_kind IS 'How it is protected: 1 a secret file.';
COMMENT ON COLUMN public.root_key.seal_params IS 'What the seal needs beside its secret; empty for a secret file.';
COMMENT ON COLUMN public.root_key.wrapped IS '(encrypted) Root key under the seal''s key, bound to kind and parameters of the seal.';
COMMENT ON COLUMN public.root_key.check_value IS 'Derived from the root key; tells a wrong root key from a right one.';
COMMENT ON COLUMN public.root_key.installation_id IS 'Tells this installation from every other; made at the first start.';
COMMENT ON COLUMN public.root_key.create_time_us IS 'Microseconds since 1970.';

CREATE TABLE public.signer_alarms (
    alarm_id uuid NOT NULL,
    log_id uuid NOT NULL,
    log_name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    first_index bigint NOT NULL,
    last_index bigint NOT NULL,
    detail text NOT NULL,
    head bytea,
    raise_time_us bigint NOT NULL,
    close_time_us bigint,
    close_reference text,
    row_mac bytea NOT NULL,
    CONSTRAINT signer_alarms_close_reference_length CHECK ((octet_length(close_reference) <= 64)),
    CONSTRAINT signer_alarms_closed_with_reference CHECK (((close_time_us IS NULL) = (close_reference IS NULL))),
    CONSTRAINT signer_alarms_detail_length CHECK ((octet_length(detail) <= 1024)),
    CONSTRAINT signer_alarms_head_length CHECK ((octet_length(head) = 32)),
    CONSTRAINT signer_alarms_kind_form CHECK ((kind ~ '^[A-Z][A-Z0-9_]{0,31}$'::text)),
    CONSTRAINT signer_alarms_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.signer_alarms IS 'What should never happen, kept for ever; also for logs that were never sealed.';
COMMENT ON COLUMN public.signer_alarms.kind IS 'A name such as AHEAD or FORKED; a later version may have others.';
COMMENT ON COLUMN public.signer_alarms.first_index IS 'First index it concerns.';
COMMENT ON COLUMN public.signer_alarms.last_index IS 'Last index it concerns.';
COMMENT ON COLUMN public.signer_alarms.head IS 'ADVANCED: head that the signer had at first_index before it was brought forward.';
COMMENT ON COLUMN public.signer_alarms.raise_time_us IS 'By the database''s clock, microseconds since 1970.';
COMMENT ON COLUMN public.signer_alarms.close_time_us IS 'When an operator closed it; NULL: it is open.';
COMMENT ON COLUMN public.signer_alarms.close_reference IS 'Why, as the operator said: an id or ticket number.';

CREATE TABLE public.signer_heads (
    log_id uuid NOT NULL,
    log_name text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    head bytea NOT NULL,
    compact_range bytea NOT NULL,
    last_logged_ns bigint NOT NULL,
    macs_digest bytea NOT NULL,
    prune_mark bytea,
    acknowledged bigint NOT NULL,
    agreed_ns bigint NOT NULL,
    stale_at bigint,
    explained_from bigint,
    advanced_to bigint,
    alarms_raised bigint NOT NULL,
    raised_at bigint NOT NULL,
    alarm_number bigint NOT NULL,
    alarm_digest bytea NOT NULL,
    open_alarms bigint NOT NULL,
    loss_number bigint NOT NULL,
    loss_digest bytea NOT NULL,
    changes bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT signer_heads_acknowledged_within CHECK (((acknowledged >= 0) AND (acknowledged <= size))),
    CONSTRAINT signer_heads_alarm_digest_length CHECK ((octet_length(alarm_digest) = 32)),
    CONSTRAINT signer_heads_alarms_raised_not_negative CHECK ((alarms_raised >= 0)),
    CONSTRAINT signer_heads_changes_not_negative CHECK ((changes >= 0)),
    CONSTRAINT signer_heads_head_length CHECK ((octet_length(head) = 32)),
    CONSTRAINT signer_heads_loss_digest_length CHECK ((octet_length(loss_digest) = 32)),
    CONSTRAINT signer_heads_loss_number_not_negative CHECK ((loss_number >= 0)),
    CONSTRAINT signer_heads_macs_digest_length CHECK ((octet_length(macs_digest) = 32)),
    CONSTRAINT signer_heads_open_alarms_within CHECK (((open_alarms >= 0) AND (open_alarms <= alarm_number))),
    CONSTRAINT signer_heads_raised_at_within CHECK (((raised_at >= 0) AND (raised_at <= size))),
    CONSTRAINT signer_heads_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT signer_heads_size_positive CHECK ((size > 0))
)
WITH (fillfactor='10');

COMMENT ON TABLE public.signer_heads IS 'Where each audit log stands. A second history is refused because of this.';
COMMENT ON COLUMN public.signer_heads.log_id IS 'First 16 bytes of a hash over the name.';
COMMENT ON COLUMN public.signer_heads.size IS 'Number of sealed entries.';
COMMENT ON COLUMN public.signer_heads.head IS 'Chain head after the last entry.';
COMMENT ON COLUMN public.signer_heads.compact_range IS 'RFC 6962 compact range over all entries: size u64, subtree roots.';
COMMENT ON COLUMN public.signer_heads.last_logged_ns IS 'Time logged of the last entry, nanoseconds since 1970: none is logged before.';
COMMENT ON COLUMN public.signer_heads.macs_digest IS 'Running digest over the entries'' MACs.';
COMMENT ON COLUMN public.signer_heads.prune_mark IS 'Up to where entries were pruned: head before the first one kept, compact range over those pruned; NULL: none were.';
COMMENT ON COLUMN public.signer_heads.acknowledged IS 'How far audit-service says it has committed; never goes down.';
COMMENT ON COLUMN public.signer_heads.agreed_ns IS 'When audit-service was last known to stand where the signer stands, nanoseconds since 1970; kept up to date while alarms are open.';
COMMENT ON COLUMN public.signer_heads.stale_at IS 'Where audit-service stood when it was last refused because the segments that it lacks are gone.';
COMMENT ON COLUMN public.signer_heads.explained_from IS 'From this size on rolled back rows are explained by what an operator closed or declared.';
COMMENT ON COLUMN public.signer_heads.advanced_to IS 'Size up to which an operator brought the log forward: stands in place of a newest segment that ends there.';
COMMENT ON COLUMN public.signer_heads.alarms_raised IS 'How often an alarm was raised, kept or not, or the log was brought forward: an acknowledgement that knows of less was on its way.';
COMMENT ON COLUMN public.signer_heads.raised_at IS 'The size the last time: rows and signer agree at this size or behind it.';
COMMENT ON COLUMN public.signer_heads.alarm_number IS 'Alarms of the log that there are, open or closed.';
COMMENT ON COLUMN public.signer_heads.alarm_digest IS 'Digest over all of them: shows that none is missing and none was put back.';
COMMENT ON COLUMN public.signer_heads.open_alarms IS 'How many of them are open.';
COMMENT ON COLUMN public.signer_heads.loss_number IS 'Declared losses of the log that there are.';
COMMENT ON COLUMN public.signer_heads.loss_digest IS 'Digest over all of them.';
COMMENT ON COLUMN public.signer_heads.changes IS 'How often the row was written: a process that has seen it refuses an older one.';

CREATE TABLE public.signer_losses (
    log_id uuid NOT NULL,
    first_index bigint NOT NULL,
    last_index bigint NOT NULL,
    head bytea NOT NULL,
    compact_range bytea NOT NULL,
    macs_digest bytea NOT NULL,
    reference text NOT NULL,
    declare_time_us bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT signer_losses_head_length CHECK ((octet_length(head) = 32)),
    CONSTRAINT signer_losses_macs_digest_length CHECK ((octet_length(macs_digest) = 32)),
    CONSTRAINT signer_losses_range CHECK (((first_index >= 0) AND (last_index >= first_index))),
    CONSTRAINT signer_losses_reference_length CHECK ((octet_length(reference) <= 64)),
    CONSTRAINT signer_losses_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.signer_losses IS 'Ranges of entries that an operator declared lost, kept for ever. One may cover others: it was declared again to cover more.';
COMMENT ON COLUMN public.signer_losses.head IS 'Chain head after the last lost entry.';
COMMENT ON COLUMN public.signer_losses.compact_range IS 'RFC 6962 compact range after the last lost entry.';
COMMENT ON COLUMN public.signer_losses.macs_digest IS 'Running digest over the log''s MACs after the last lost entry.';
COMMENT ON COLUMN public.signer_losses.reference IS 'Why, as the operator said: an id or ticket number; empty where the loss came back with AdvanceHead.';
COMMENT ON COLUMN public.signer_losses.declare_time_us IS 'By the database''s clock, microseconds since 1970.';

CREATE TABLE public.signer_segments (
    log_id uuid NOT NULL,
    first_index bigint NOT NULL,
    count bigint NOT NULL,
    previous_head bytea NOT NULL,
    head bytea NOT NULL,
    range_before bytea NOT NULL,
    digest_before bytea NOT NULL,
    entries bytea NOT NULL,
    macs bytea NOT NULL,
    snapshot bytea NOT NULL,
    digest bytea NOT NULL,
    create_time_us bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT signer_segments_count_positive CHECK ((count > 0)),
    CONSTRAINT signer_segments_digest_before_length CHECK ((octet_length(digest_before) = 32)),
    CONSTRAINT signer_segments_digest_length CHECK ((octet_length(digest) = 32)),
    CONSTRAINT signer_segments_first_index_not_negative CHECK ((first_index >= 0)),
    CONSTRAINT signer_segments_head_length CHECK ((octet_length(head) = 32)),
    CONSTRAINT signer_segments_previous_head_length CHECK ((octet_length(previous_head) = 32)),
    CONSTRAINT signer_segments_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

ALTER TABLE ONLY public.signer_segments ALTER COLUMN entries SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.signer_segments ALTER COLUMN macs SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.signer_segments ALTER COLUMN snapshot SET STORAGE EXTERNAL;

COMMENT ON TABLE public.signer_segments IS 'Sealed runs of entries, kept until acknowledged and a day old; the newest of a log for ever.';
COMMENT ON COLUMN public.signer_segments.range_before IS 'RFC 6962 compact range before the first entry.';
COMMENT ON COLUMN public.signer_segments.digest_before IS 'Running digest over the log''s MACs before the first entry.';
COMMENT ON COLUMN public.signer_segments.entries IS 'The entries'' bytes, each behind its length as u32.';
COMMENT ON COLUMN public.signer_segments.macs IS 'Their MACs, 44 bytes each: MAC key version u32, its birth mark, HMAC-SHA-256.';
COMMENT ON COLUMN public.signer_segments.snapshot IS 'What the signer knew of the log after the segment, under its MAC.';
COMMENT ON COLUMN public.signer_segments.digest IS 'SHA-256 of entries, macs and snapshot; stands for all three in row_mac.';
COMMENT ON COLUMN public.signer_segments.create_time_us IS 'By the database''s clock, microseconds since 1970.';

CREATE TABLE public.signer_unknown_alarms (
    singleton boolean DEFAULT true NOT NULL,
    alarm_number bigint NOT NULL,
    alarm_digest bytea NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT signer_unknown_alarms_alarm_digest_length CHECK ((octet_length(alarm_digest) = 32)),
    CONSTRAINT signer_unknown_alarms_one_row CHECK (singleton),
    CONSTRAINT signer_unknown_alarms_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);

COMMENT ON TABLE public.signer_unknown_alarms IS 'All alarms of logs that have no head; one row, made with the first of them.';
COMMENT ON COLUMN public.signer_unknown_alarms.alarm_number IS 'How many there are.';
COMMENT ON COLUMN public.signer_unknown_alarms.alarm_digest IS 'Digest over all of them.';

CREATE TABLE public.subject_keys (
    key_uid uuid NOT NULL,
    tenant_uid uuid NOT NULL,
    subject text NOT NULL COLLATE pg_catalog."C",
    material bytea,
    create_time_us bigint NOT NULL,
    erase_time_us bigint,
    generation bigint,
    row_mac bytea NOT NULL,
    CONSTRAINT subject_keys_erased_has_generation CHECK (((erase_time_us IS NULL) OR (generation IS NOT NULL))),
    CONSTRAINT subject_keys_erased_without_material CHECK (((erase_time_us IS NOT NULL) = (material IS NULL))),
    CONSTRAINT subject_keys_generation_positive CHECK ((generation >= 1)),
    CONSTRAINT subject_keys_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT subject_keys_subject_length CHECK (((octet_length(subject) >= 1) AND (octet_length(subject) <= 256)))
);

COMMENT ON TABLE public.subject_keys IS 'One key for each data subject under a key: without it the subject''s data keys do not open.';
COMMENT ON COLUMN public.subject_keys.tenant_uid IS 'The tenant whose key it is; the nil UUID under a key that is no tenant''s.';
COMMENT ON COLUMN public.subject_keys.material IS '(encrypted) 32 bytes under the root key; absent once the subject is erased.';
COMMENT ON COLUMN public.subject_keys.create_time_us IS 'Microseconds since 1970.';
COMMENT ON COLUMN public.subject_keys.erase_time_us IS 'When the subject was erased, microseconds since 1970; the row stays, so that no key is made anew.';
COMMENT ON COLUMN public.subject_keys.generation IS 'That of its last change, counted with those of keys; NULL as it was made.';

CREATE TABLE public.wrap_counts (
    key_uid uuid NOT NULL,
    version integer NOT NULL,
    boot_id uuid NOT NULL,
    wraps bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT wrap_counts_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT wrap_counts_wraps_positive CHECK ((wraps > 0))
);

COMMENT ON TABLE public.wrap_counts IS 'How many data keys each process has wrapped under each version; a version''s count is their sum.';
COMMENT ON COLUMN public.wrap_counts.boot_id IS 'The process, by the boot id that its operations carry.';

ALTER TABLE ONLY public.audit_outbox
    ADD CONSTRAINT audit_outbox_pkey PRIMARY KEY (log_name, outbox_id);

ALTER TABLE ONLY public.audit_outbox_refused
    ADD CONSTRAINT audit_outbox_refused_pkey PRIMARY KEY (log_name, outbox_id);

ALTER TABLE ONLY public.key_versions
    ADD CONSTRAINT key_versions_pkey PRIMARY KEY (key_uid, version);

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_key_id_unique UNIQUE (key_id);

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (key_uid);

ALTER TABLE ONLY public.own_keys
    ADD CONSTRAINT own_keys_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (caller, on_behalf_of, request_id);

ALTER TABLE ONLY public.root_key
    ADD CONSTRAINT root_key_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.signer_alarms
    ADD CONSTRAINT signer_alarms_pkey PRIMARY KEY (alarm_id);

ALTER TABLE ONLY public.signer_heads
    ADD CONSTRAINT signer_heads_log_name_unique UNIQUE (log_name);

ALTER TABLE ONLY public.signer_heads
    ADD CONSTRAINT signer_heads_pkey PRIMARY KEY (log_id);

ALTER TABLE ONLY public.signer_losses
    ADD CONSTRAINT signer_losses_pkey PRIMARY KEY (log_id, first_index, last_index);

ALTER TABLE ONLY public.signer_segments
    ADD CONSTRAINT signer_segments_pkey PRIMARY KEY (log_id, first_index);

ALTER TABLE ONLY public.signer_unknown_alarms
    ADD CONSTRAINT signer_unknown_alarms_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.subject_keys
    ADD CONSTRAINT subject_keys_pkey PRIMARY KEY (key_uid, subject);

ALTER TABLE ONLY public.wrap_counts
    ADD CONSTRAINT wrap_counts_pkey PRIMARY KEY (key_uid, version, boot_id);

CREATE UNIQUE INDEX keys_by_generation ON public.keys USING btree (generation);

CREATE INDEX requests_by_create_time ON public.requests USING btree (create_time_us);

CREATE INDEX signer_alarms_by_log ON public.signer_alarms USING btree (log_id, alarm_id);

CREATE INDEX signer_alarms_by_name ON public.signer_alarms USING btree (log_name);

CREATE INDEX signer_segments_by_create_time ON public.signer_segments USING btree (create_time_us);

CREATE UNIQUE INDEX subject_keys_by_generation ON public.subject_keys USING btree (generation) WHERE (generation IS NOT NULL);

ALTER TABLE ONLY public.key_versions
    ADD CONSTRAINT key_versions_key_uid_fkey FOREIGN KEY (key_uid) REFERENCES public.keys(key_uid);

ALTER TABLE ONLY public.signer_losses
    ADD CONSTRAINT signer_losses_log_id_fkey FOREIGN KEY (log_id) REFERENCES public.signer_heads(log_id);

ALTER TABLE ONLY public.subject_keys
    ADD CONSTRAINT subject_keys_key_uid_fkey FOREIGN KEY (key_uid) REFERENCES public.keys(key_uid);

ALTER TABLE ONLY public.wrap_counts
    ADD CONSTRAINT wrap_counts_key_uid_version_fkey FOREIGN KEY (key_uid, version) REFERENCES public.key_versions(key_uid, version);

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.audit_outbox TO strongroom_key;

GRANT SELECT,INSERT ON TABLE public.audit_outbox_refused TO strongroom_key;

GRANT SELECT,INSERT,UPDATE ON TABLE public.key_versions TO strongroom_key;

GRANT SELECT,INSERT,UPDATE ON TABLE public.keys TO strongroom_key;

GRANT SELECT,INSERT,UPDATE ON TABLE public.own_keys TO strongroom_key;

GRANT SELECT,INSERT,DELETE ON TABLE public.requests TO strongroom_key;

GRANT SELECT,INSERT ON TABLE public.root_key TO strongroom_key;

GRANT SELECT,INSERT,UPDATE ON TABLE public.signer_alarms TO strongroom_key;

GRANT SELECT,INSERT,UPDATE ON TABLE public.signer_heads TO strongroom_key;

GRANT SELECT,INSERT,DELETE ON TABLE public.signer_losses TO strongroom_key;

GRANT SELECT,INSERT,DELETE ON TABLE public.signer_segments TO strongroom_key;

GRANT SELECT,INSERT,UPDATE ON TABLE public.signer_unknown_alarms TO strongroom_key;

GRANT SELECT,INSERT ON TABLE public.subject_keys TO strongroom_key;

GRANT SELECT,INSERT,UPDATE ON TABLE public.wrap_counts TO strongroom_key;
