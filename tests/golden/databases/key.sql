--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: audit_outbox; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.audit_outbox OWNER TO strongroom_migrator;

--
-- Name: TABLE audit_outbox; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.audit_outbox IS 'Events that the audit-service has not acknowledged yet.';


--
-- Name: COLUMN audit_outbox.outbox_id; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.audit_outbox.outbox_id IS 'UUIDv7.';


--
-- Name: COLUMN audit_outbox.log_name; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.audit_outbox.log_name IS 'logs/{log} that the events belong to.';


--
-- Name: COLUMN audit_outbox.time_ns; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.audit_outbox.time_ns IS 'When the row was made, nanoseconds since 1970.';


--
-- Name: COLUMN audit_outbox.events; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.audit_outbox.events IS 'strongroom.audit.v1.AppendEventsRequest.';


--
-- Name: COLUMN audit_outbox.mac; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.audit_outbox.mac IS 'HMAC-SHA-256 under this service''s outbox key.';


--
-- Name: COLUMN audit_outbox.created_at; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.audit_outbox.created_at IS 'Start of the transaction; steers when new events are refused, and nothing else.';


--
-- Name: audit_outbox_refused; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.audit_outbox_refused OWNER TO strongroom_migrator;

--
-- Name: TABLE audit_outbox_refused; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.audit_outbox_refused IS 'Events that will never be delivered: refused for good, or not written by this service. Each raised an alarm.';


--
-- Name: COLUMN audit_outbox_refused.reason; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.audit_outbox_refused.reason IS 'The audit-service''s reasons, or FORGED where mac does not verify.';


--
-- Name: key_versions; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.key_versions OWNER TO strongroom_migrator;

--
-- Name: TABLE key_versions; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.key_versions IS 'Versions of keys.';


--
-- Name: COLUMN key_versions.birth_mark; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.key_versions.birth_mark IS '8 random bytes, in the header of all that is wrapped under the version and beside its MACs.';


--
-- Name: COLUMN key_versions.state; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.key_versions.state IS '1 enabled, 2 disabled, 3 destroy scheduled, 4 destroyed.';


--
-- Name: COLUMN key_versions.material; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.key_versions.material IS '(encrypted) 32 bytes under the root key; absent once destroyed.';


--
-- Name: COLUMN key_versions.public_key; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.key_versions.public_key IS 'Ed25519 public key of a signing key (RFC 8032).';


--
-- Name: COLUMN key_versions.create_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.key_versions.create_time_us IS 'Microseconds since 1970.';


--
-- Name: COLUMN key_versions.destroy_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.key_versions.destroy_time_us IS 'Microseconds since 1970.';


--
-- Name: COLUMN key_versions.previous; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.key_versions.previous IS 'The version before it, where numbers were passed over after a restore; NULL: its own number less one.';


--
-- Name: keys; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.keys OWNER TO strongroom_migrator;

--
-- Name: TABLE keys; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.keys IS 'Key-encryption, MAC and signing keys.';


--
-- Name: COLUMN keys.tenant_uid; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.tenant_uid IS 'The tenant whose key it is, which the vault-service provisions; NULL for all others.';


--
-- Name: COLUMN keys.purpose; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.purpose IS '1 wrap, 2 MAC, 3 sign; never changes.';


--
-- Name: COLUMN keys.system; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.system IS 'Whether key-service made it for the system itself; listed in own_keys.';


--
-- Name: COLUMN keys.primary_version; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.primary_version IS 'The version that wraps, authenticates or signs now.';


--
-- Name: COLUMN keys.revision; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.revision IS 'Counts the changes of this key; part of its etag.';


--
-- Name: COLUMN keys.generation; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.generation IS 'Rises over all keys and subject keys with each change, in the order of commits.';


--
-- Name: COLUMN keys.version_floor; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.version_floor IS 'The next version has at least this number: those before it may have been given before a restore; NULL: none were.';


--
-- Name: COLUMN keys.labels; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.labels IS 'Caller-chosen labels: pairs sorted by key, each part u32-length-prefixed.';


--
-- Name: COLUMN keys.create_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.keys.create_time_us IS 'Microseconds since 1970.';


--
-- Name: own_keys; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

CREATE TABLE public.own_keys (
    singleton boolean DEFAULT true NOT NULL,
    names text[] NOT NULL COLLATE pg_catalog."C",
    row_mac bytea NOT NULL,
    CONSTRAINT own_keys_names_number CHECK ((cardinality(names) <= 100)),
    CONSTRAINT own_keys_one_row CHECK (singleton),
    CONSTRAINT own_keys_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);


ALTER TABLE public.own_keys OWNER TO strongroom_migrator;

--
-- Name: TABLE own_keys; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.own_keys IS 'Which keys of its own this installation has: one that is listed and missing was taken away.';


--
-- Name: COLUMN own_keys.names; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.own_keys.names IS 'Ids of the keys, sorted.';


--
-- Name: requests; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.requests OWNER TO strongroom_migrator;

--
-- Name: TABLE requests; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.requests IS 'Changes of the last 24 hours that carried a request_id.';


--
-- Name: COLUMN requests.caller; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.requests.caller IS 'Whose request it was: nobody meets the request ids of another.';


--
-- Name: COLUMN requests.on_behalf_of; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.requests.on_behalf_of IS 'Whom the caller acted for; empty for itself.';


--
-- Name: COLUMN requests.fingerprint; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.requests.fingerprint IS 'HMAC-SHA-256 of method and request under a root-derived key.';


--
-- Name: COLUMN requests.key_uid; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.requests.key_uid IS 'The key that the request made or changed.';


--
-- Name: COLUMN requests.key_version; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.requests.key_version IS 'The version that it made of a key that was there; NULL where it made the key.';


--
-- Name: COLUMN requests.create_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.requests.create_time_us IS 'Microseconds since 1970, the create_time of the key.';


--
-- Name: root_key; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.root_key OWNER TO strongroom_migrator;

--
-- Name: TABLE root_key; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.root_key IS 'The one root key, wrapped by the seal. Lost with the seal''s secret: everything is lost.';


--
-- Name: COLUMN root_key.seal_kind; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.root_key.seal_kind IS 'How it is protected: 1 a secret file.';


--
-- Name: COLUMN root_key.seal_params; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.root_key.seal_params IS 'What the seal needs beside its secret; empty for a secret file.';


--
-- Name: COLUMN root_key.wrapped; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.root_key.wrapped IS '(encrypted) Root key under the seal''s key, bound to kind and parameters of the seal.';


--
-- Name: COLUMN root_key.check_value; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.root_key.check_value IS 'Derived from the root key; tells a wrong root key from a right one.';


--
-- Name: COLUMN root_key.installation_id; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.root_key.installation_id IS 'Tells this installation from every other; made at the first start.';


--
-- Name: COLUMN root_key.create_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.root_key.create_time_us IS 'Microseconds since 1970.';


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

CREATE TABLE public.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum bytea NOT NULL,
    compatible_from integer NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migrations_checksum CHECK ((octet_length(checksum) = 32)),
    CONSTRAINT schema_migrations_compatible_from CHECK (((compatible_from >= 1) AND (compatible_from <= version))),
    CONSTRAINT schema_migrations_version CHECK ((version > 0))
);


ALTER TABLE public.schema_migrations OWNER TO strongroom_migrator;

--
-- Name: TABLE schema_migrations; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.schema_migrations IS 'Migrations applied to this database, each with the SHA-256 of its text.';


--
-- Name: COLUMN schema_migrations.compatible_from; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.schema_migrations.compatible_from IS 'Binaries that know this migration, or later ones, work with the schema.';


--
-- Name: signer_alarms; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.signer_alarms OWNER TO strongroom_migrator;

--
-- Name: TABLE signer_alarms; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.signer_alarms IS 'What should never happen, kept for ever; also for logs that were never sealed.';


--
-- Name: COLUMN signer_alarms.kind; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_alarms.kind IS 'A name such as AHEAD or FORKED; a later version may have others.';


--
-- Name: COLUMN signer_alarms.first_index; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_alarms.first_index IS 'First index it concerns.';


--
-- Name: COLUMN signer_alarms.last_index; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_alarms.last_index IS 'Last index it concerns.';


--
-- Name: COLUMN signer_alarms.head; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_alarms.head IS 'ADVANCED: head that the signer had at first_index before it was brought forward.';


--
-- Name: COLUMN signer_alarms.raise_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_alarms.raise_time_us IS 'By the database''s clock, microseconds since 1970.';


--
-- Name: COLUMN signer_alarms.close_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_alarms.close_time_us IS 'When an operator closed it; NULL: it is open.';


--
-- Name: COLUMN signer_alarms.close_reference; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_alarms.close_reference IS 'Why, as the operator said: an id or ticket number.';


--
-- Name: signer_heads; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.signer_heads OWNER TO strongroom_migrator;

--
-- Name: TABLE signer_heads; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.signer_heads IS 'Where each audit log stands. A second history is refused because of this.';


--
-- Name: COLUMN signer_heads.log_id; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.log_id IS 'First 16 bytes of a hash over the name.';


--
-- Name: COLUMN signer_heads.size; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.size IS 'Number of sealed entries.';


--
-- Name: COLUMN signer_heads.head; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.head IS 'Chain head after the last entry.';


--
-- Name: COLUMN signer_heads.compact_range; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.compact_range IS 'RFC 6962 compact range over all entries: size u64, subtree roots.';


--
-- Name: COLUMN signer_heads.last_logged_ns; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.last_logged_ns IS 'Time logged of the last entry, nanoseconds since 1970: none is logged before.';


--
-- Name: COLUMN signer_heads.macs_digest; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.macs_digest IS 'Running digest over the entries'' MACs.';


--
-- Name: COLUMN signer_heads.prune_mark; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.prune_mark IS 'Up to where entries were pruned: head before the first one kept, compact range over those pruned; NULL: none were.';


--
-- Name: COLUMN signer_heads.acknowledged; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.acknowledged IS 'How far audit-service says it has committed; never goes down.';


--
-- Name: COLUMN signer_heads.agreed_ns; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.agreed_ns IS 'When audit-service was last known to stand where the signer stands, nanoseconds since 1970; kept up to date while alarms are open.';


--
-- Name: COLUMN signer_heads.stale_at; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.stale_at IS 'Where audit-service stood when it was last refused because the segments that it lacks are gone.';


--
-- Name: COLUMN signer_heads.explained_from; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.explained_from IS 'From this size on rolled back rows are explained by what an operator closed or declared.';


--
-- Name: COLUMN signer_heads.advanced_to; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.advanced_to IS 'Size up to which an operator brought the log forward: stands in place of a newest segment that ends there.';


--
-- Name: COLUMN signer_heads.alarms_raised; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.alarms_raised IS 'How often an alarm was raised, kept or not, or the log was brought forward: an acknowledgement that knows of less was on its way.';


--
-- Name: COLUMN signer_heads.raised_at; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.raised_at IS 'The size the last time: rows and signer agree at this size or behind it.';


--
-- Name: COLUMN signer_heads.alarm_number; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.alarm_number IS 'Alarms of the log that there are, open or closed.';


--
-- Name: COLUMN signer_heads.alarm_digest; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.alarm_digest IS 'Digest over all of them: shows that none is missing and none was put back.';


--
-- Name: COLUMN signer_heads.open_alarms; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.open_alarms IS 'How many of them are open.';


--
-- Name: COLUMN signer_heads.loss_number; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.loss_number IS 'Declared losses of the log that there are.';


--
-- Name: COLUMN signer_heads.loss_digest; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.loss_digest IS 'Digest over all of them.';


--
-- Name: COLUMN signer_heads.changes; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_heads.changes IS 'How often the row was written: a process that has seen it refuses an older one.';


--
-- Name: signer_losses; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.signer_losses OWNER TO strongroom_migrator;

--
-- Name: TABLE signer_losses; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.signer_losses IS 'Ranges of entries that an operator declared lost, kept for ever. One may cover others: it was declared again to cover more.';


--
-- Name: COLUMN signer_losses.head; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_losses.head IS 'Chain head after the last lost entry.';


--
-- Name: COLUMN signer_losses.compact_range; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_losses.compact_range IS 'RFC 6962 compact range after the last lost entry.';


--
-- Name: COLUMN signer_losses.macs_digest; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_losses.macs_digest IS 'Running digest over the log''s MACs after the last lost entry.';


--
-- Name: COLUMN signer_losses.reference; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_losses.reference IS 'Why, as the operator said: an id or ticket number; empty where the loss came back with AdvanceHead.';


--
-- Name: COLUMN signer_losses.declare_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_losses.declare_time_us IS 'By the database''s clock, microseconds since 1970.';


--
-- Name: signer_segments; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.signer_segments OWNER TO strongroom_migrator;

--
-- Name: TABLE signer_segments; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.signer_segments IS 'Sealed runs of entries, kept until acknowledged and a day old; the newest of a log for ever.';


--
-- Name: COLUMN signer_segments.range_before; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_segments.range_before IS 'RFC 6962 compact range before the first entry.';


--
-- Name: COLUMN signer_segments.digest_before; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_segments.digest_before IS 'Running digest over the log''s MACs before the first entry.';


--
-- Name: COLUMN signer_segments.entries; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_segments.entries IS 'The entries'' bytes, each behind its length as u32.';


--
-- Name: COLUMN signer_segments.macs; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_segments.macs IS 'Their MACs, 44 bytes each: MAC key version u32, its birth mark, HMAC-SHA-256.';


--
-- Name: COLUMN signer_segments.snapshot; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_segments.snapshot IS 'What the signer knew of the log after the segment, under its MAC.';


--
-- Name: COLUMN signer_segments.digest; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_segments.digest IS 'SHA-256 of entries, macs and snapshot; stands for all three in row_mac.';


--
-- Name: COLUMN signer_segments.create_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_segments.create_time_us IS 'By the database''s clock, microseconds since 1970.';


--
-- Name: signer_unknown_alarms; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

CREATE TABLE public.signer_unknown_alarms (
    singleton boolean DEFAULT true NOT NULL,
    alarm_number bigint NOT NULL,
    alarm_digest bytea NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT signer_unknown_alarms_alarm_digest_length CHECK ((octet_length(alarm_digest) = 32)),
    CONSTRAINT signer_unknown_alarms_one_row CHECK (singleton),
    CONSTRAINT signer_unknown_alarms_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128)))
);


ALTER TABLE public.signer_unknown_alarms OWNER TO strongroom_migrator;

--
-- Name: TABLE signer_unknown_alarms; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.signer_unknown_alarms IS 'All alarms of logs that have no head; one row, made with the first of them.';


--
-- Name: COLUMN signer_unknown_alarms.alarm_number; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_unknown_alarms.alarm_number IS 'How many there are.';


--
-- Name: COLUMN signer_unknown_alarms.alarm_digest; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.signer_unknown_alarms.alarm_digest IS 'Digest over all of them.';


--
-- Name: subject_keys; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

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


ALTER TABLE public.subject_keys OWNER TO strongroom_migrator;

--
-- Name: TABLE subject_keys; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.subject_keys IS 'One key for each data subject under a key: without it the subject''s data keys do not open.';


--
-- Name: COLUMN subject_keys.tenant_uid; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.subject_keys.tenant_uid IS 'The tenant whose key it is; the nil UUID under a key that is no tenant''s.';


--
-- Name: COLUMN subject_keys.material; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.subject_keys.material IS '(encrypted) 32 bytes under the root key; absent once the subject is erased.';


--
-- Name: COLUMN subject_keys.create_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.subject_keys.create_time_us IS 'Microseconds since 1970.';


--
-- Name: COLUMN subject_keys.erase_time_us; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.subject_keys.erase_time_us IS 'When the subject was erased, microseconds since 1970; the row stays, so that no key is made anew.';


--
-- Name: COLUMN subject_keys.generation; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.subject_keys.generation IS 'That of its last change, counted with those of keys; NULL as it was made.';


--
-- Name: wrap_counts; Type: TABLE; Schema: public; Owner: strongroom_migrator
--

CREATE TABLE public.wrap_counts (
    key_uid uuid NOT NULL,
    version integer NOT NULL,
    boot_id uuid NOT NULL,
    wraps bigint NOT NULL,
    row_mac bytea NOT NULL,
    CONSTRAINT wrap_counts_row_mac_length CHECK (((octet_length(row_mac) >= 37) AND (octet_length(row_mac) <= 128))),
    CONSTRAINT wrap_counts_wraps_positive CHECK ((wraps > 0))
);


ALTER TABLE public.wrap_counts OWNER TO strongroom_migrator;

--
-- Name: TABLE wrap_counts; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON TABLE public.wrap_counts IS 'How many data keys each process has wrapped under each version; a version''s count is their sum.';


--
-- Name: COLUMN wrap_counts.boot_id; Type: COMMENT; Schema: public; Owner: strongroom_migrator
--

COMMENT ON COLUMN public.wrap_counts.boot_id IS 'The process, by the boot id that its operations carry.';


--
-- Data for Name: audit_outbox; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.audit_outbox VALUES ('01a229e7-1390-7c64-9a79-456f31246421', 'logs/system', 1795999339408920371, '\x0ad4020a1001a229e7139072cb9bd5f6cd16e22529120b6c6f67732f73797374656d1886d6a892a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd600f6a0a0a046c617374120231356a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a066469676573741240613933663038653137636130333334646634346230336237323335343035373135626261653937623265613730303837663330613436373633346565366532626a0b0a056669727374120231350ad6020a1001a229e713867645be4cece5eb9139f2120b6c6f67732f73797374656d189189c78da3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963653211646174614b6579732e67656e65726174653a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd600e6a0a0a046c617374120231346a4a0a066469676573741240376131343861356631383139663430363661323138393662663433303063383836396436316139313737663763383839663733643165363864343233323564666a0a0a05636f756e741201316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120231346a110a047065657212093132372e302e302e31', '\xc0e024d1b0a53918c28087219d954b7a65cc372c1e3e75f2a6341bec00f9618d', '2026-11-30 00:42:19.409068+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1399-7b2a-ae4d-11ccff3e07bc', 'logs/system', 1795999339417576902, '\x0ad4020a1001a229e713997c2db61b27cf533b75c5120b6c6f67732f73797374656d18b8f1b996a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60106a0a0a046c617374120231366a0b0a056669727374120231366a110a047065657212093132372e302e302e316a4a0a066469676573741240656238363530383032306437626563663862613238376637393731343563633136336565616437366263303062663639303763306566353763323531653063306a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\xcde8d4616103ab71faaba62a8aac3cf6c0e6ae772bcb5b7faf97e2b2585925f1', '2026-11-30 00:42:19.417795+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13a1-7258-ab9f-1f8d3dc0c796', 'logs/system', 1795999339425403590, '\x0ad4020a1001a229e713a177b0a6178eb9ad4040e1120b6c6f67732f73797374656d18b7ea989aa3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60116a0a0a046c617374120231376a0b0a056669727374120231376a4a0a066469676573741240386239323464343036376362666431633136333832643161316638626638656161343530326238383064623539666262643836376661316166663931633338646a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\x927d1878572aa89e629b5c02913b35a4a1e009a9b66d9d3d37a72d0400fe70db', '2026-11-30 00:42:19.425606+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13a9-7ba4-bc75-36dd7a326c34', 'logs/system', 1795999339433826548, '\x0ad4020a1001a229e713a9707d88739380e9407d09120b6c6f67732f73797374656d18f5f0999ea3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60126a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240643432636466393264306339363332316531636163656634323833313962333839303238313966383566616265663062346437386339323134356366343637636a0a0a05636f756e741201316a0a0a046c617374120231386a110a047065657212093132372e302e302e316a0b0a05666972737412023138', '\x808d224732edf63ec587e5269bfb7082088d985ea1f01f056a53fef9b7d43e6f', '2026-11-30 00:42:19.433987+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13b4-7d58-9f3e-621ec697d6ec', 'logs/system', 1795999339444208908, '\x0ad4020a1001a229e713b37ce1bbfe1eafc3c728ea120b6c6f67732f73797374656d18f5e6e4a2a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60136a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120231396a4a0a066469676573741240666461333034653836613233323130303165623636343366626365393239643534363833646564346635663963613465343131646636343566613566666163346a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a0a0a046c61737412023139', '\xf377d4dcdb0820f7f22d3cc9c435716c2012bb571f3445fa83a386935828257a', '2026-11-30 00:42:19.444413+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13bf-79c9-a157-0c5bc354768b', 'logs/system', 1795999339455106902, '\x0ad4020a1001a229e713be73099e9b22bd23141de9120b6c6f67732f73797374656d1880a5a1a8a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60146a4a0a066469676573741240386264323464666634336165626634613264653036626230633136626338313439376231363232626662666637663563656164383665646463333139346235346a0a0a05636f756e741201316a0b0a056669727374120232306a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a046c61737412023230', '\xa8de3a193c6cc542c399b8f19b16266416f866f0486c4e952b27ccb1206b8632', '2026-11-30 00:42:19.455372+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13c8-7e2c-9089-bd8a4f77e09c', 'logs/system', 1795999339464751767, '\x0ad4020a1001a229e713c873d8a19d71b37651c8e4120b6c6f67732f73797374656d1888e4f5aca3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60156a0a0a05636f756e741201316a4a0a066469676573741240373664313361636164613766643230316162306338303164396262363634383230343634306461313335373731636330363561623037313133633064343462306a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120232316a110a047065657212093132372e302e302e316a0a0a046c61737412023231', '\x8413b189732eee1e920bc646611caa6cc27333e4108d4e920e547aa0ad00748c', '2026-11-30 00:42:19.465001+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13d1-7613-8ac2-8957aad55597', 'logs/system', 1795999339473767875, '\x0ad4020a1001a229e713d17a548ffd8827b1775c67120b6c6f67732f73797374656d18f1af9db1a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60166a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240373162346365336161646431313465613837333533353964613030386165623232383734313636313963363433376630623334393033343663313330383439646a0b0a056669727374120232326a0a0a046c617374120232326a0a0a05636f756e74120131', '\x3521fba53aa1891f25a0010b3ca633edb9f5e0b4dc70d60c4e3a63cb2927afd3', '2026-11-30 00:42:19.474+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13dd-7f38-8dc8-8a327ee4044e', 'logs/system', 1795999339485107237, '\x0ad4020a1001a229e713dc7da09e6bb9228affc7e4120b6c6f67732f73797374656d18c386d5b6a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60176a0a0a05636f756e741201316a4a0a066469676573741240623731643539363038383834623230643339343332306637623732633131313532383930613563386262633634396233363338376139323761356138656439616a0b0a056669727374120232336a0a0a046c617374120232336a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d366561343432316466656264', '\x7ffbcfc1ad0d0df1ca86d7e1c346bb518011644ba4660d8f30dd1fa4ba05fcb6', '2026-11-30 00:42:19.48525+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13e5-79dd-94fe-d31682bf142a', 'logs/system', 1795999339493329250, '\x0ad4020a1001a229e713e5762f9e029082aa5a081a120b6c6f67732f73797374656d18fceecabaa3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60186a4a0a066469676573741240613831636438343266303765393431383135303432656237326363653965306665646232373466326662353661623064393037363633376235373364656236636a0a0a046c617374120232346a110a047065657212093132372e302e302e316a0b0a056669727374120232346a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\x537e823ec4ebcf029a3ddd3c68ab8193baaf662fc0c3083ab9232e8289c13670', '2026-11-30 00:42:19.493519+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14e9-7aef-a5e8-e38cea5fda96', 'logs/system', 1795999339753370504, '\x0ad4020a1001a229e714e674af92102753f49f1ef6120b6c6f67732f73797374656d18a5dc90b5a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60376a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240316334623161326634373763393463643631636261306138633637343736363933326265313462376532373238383330316664333238646163663234356561336a110a047065657212093132372e302e302e316a0b0a056669727374120235356a0a0a05636f756e741201316a0a0a046c61737412023535', '\x5ae5815fedcd24ac80a506bdf9a9618db2e490ebf62da9a24ac66ca7cda8cae9', '2026-11-30 00:42:19.753564+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13ed-7b9a-8592-447a28e6ca38', 'logs/system', 1795999339501423838, '\x0ad4020a1001a229e713ed7e20b58a54c354a5f86d120b6c6f67732f73797374656d18f3eeb8bea3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60196a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120232356a0a0a046c617374120232356a4a0a06646967657374124062363832643930636537643536626535623033653939366539636238636265613131636536643635373732396165613833626531353432623163336163333535', '\xe9e97c3b52306dddb0a08a581662c9e0af1a374a65e7f5cd84c32509d3f5e629', '2026-11-30 00:42:19.501611+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13f4-70e7-9b4b-2de410607287', 'logs/system', 1795999339508731683, '\x0ad4020a1001a229e713f47b1e905b272ea15efc42120b6c6f67732f73797374656d18f285f6c1a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd601a6a4a0a066469676573741240376234643230343936396162666439323564346536323865323762306532396661366563336537323831343038356537636336316233626136353161366139386a0b0a056669727374120232366a110a047065657212093132372e302e302e316a0a0a046c617374120232366a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\x7b903b8c7c0cd48ae2afca339c505ae278ee5f60191b2ec384fa1c61ed0e21e6', '2026-11-30 00:42:19.508908+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-13fd-7759-b246-65fa76cfd498', 'logs/system', 1795999339517682258, '\x0ad4020a1001a229e713fd700f93084f3a0617681e120b6c6f67732f73797374656d18fdbb95c6a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd601b6a4a0a066469676573741240643137333436353237393466346537313031663863353165666534633231393633656235383264383563616438646361623133353161383865323063396665306a0b0a056669727374120232376a0a0a046c617374120232376a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\x1ae00cb4088f1697328b6e3d0cf8c9a6323a9adefd615172cfc2467188f903ac', '2026-11-30 00:42:19.517855+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1407-70d5-b329-5c53117589fb', 'logs/system', 1795999339527620380, '\x0ad4020a1001a229e71407773e9589b1bbd2d4202c120b6c6f67732f73797374656d18fbaaf6caa3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd601c6a0a0a046c617374120232386a0a0a05636f756e741201316a4a0a066469676573741240656131636334313734333864363831646366653138613238373038646531353032643962653762356564393761316339383966313162333232363733366365626a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120232386a110a047065657212093132372e302e302e31', '\xf6ee1ac3be0d53bbc90f2c52d87e6c73b4587b490bfacffccd65239deff10b1f', '2026-11-30 00:42:19.527788+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1410-76c9-9f53-1d74415a8dc2', 'logs/system', 1795999339536334768, '\x0ad4020a1001a229e714107ddf83b52309faff41d5120b6c6f67732f73797374656d18b29188cfa3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd601d6a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240396632323862373764633162623462313566663164383631386330323762666263633539326231383837323334626436623830376165633931373365373436366a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a0a0a046c617374120232396a0b0a05666972737412023239', '\x3ba474725e5cb88bdf0f700ad0f77ee59d5860b85fdd86737b38ccbb5db41099', '2026-11-30 00:42:19.536556+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1418-7e72-949f-8e79586e7fdb', 'logs/system', 1795999339544406056, '\x0ad4020a1001a229e71418787bb3f2ea99ee4fe801120b6c6f67732f73797374656d18a6aef4d2a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd601e6a0a0a046c617374120233306a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a066469676573741240346564636661393833343365333032303233303936646435623863366362383039376239346535613437666533653036363165333933326263326363363931376a0b0a056669727374120233306a110a047065657212093132372e302e302e31', '\x1d0b3d4c1d473d2eea615bad6a18a6cec352b80e7deaf2bbcbd9c2986c09d599', '2026-11-30 00:42:19.544639+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1420-7879-87f3-f5156d75dac1', 'logs/system', 1795999339552912824, '\x0ad4020a1001a229e714207d3f94e74bf88880e6aa120b6c6f67732f73797374656d188b87ffd6a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd601f6a110a047065657212093132372e302e302e316a0b0a056669727374120233316a0a0a046c617374120233316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a06646967657374124039323332343639356666363837643964346264613632343363653736353337626631323532393533383937326136623933396664363135333831353830653837', '\x42291e575e4718fa0836052e2264ff9c14121de39ef4662ec7306c34a53619bf', '2026-11-30 00:42:19.553081+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1429-7f6c-87d7-7b680885fbf3', 'logs/system', 1795999339561913819, '\x0ad4020a1001a229e714297255a7c83a5e298d6e8d120b6c6f67732f73797374656d189e87a2dba3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60206a0a0a05636f756e741201316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a046c617374120233326a4a0a066469676573741240373665346166646262333133616430643261316230613839633431643234313237653135363131373631643931353432323030383538613963313231626264656a110a047065657212093132372e302e302e316a0b0a05666972737412023332', '\xc5b7eb911c887f2cb35d3c341c5a4f0cf82e0b93a9a54b5f2750769f4ecef37e', '2026-11-30 00:42:19.56211+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1432-7c1f-aece-1833cafc4334', 'logs/system', 1795999339570878289, '\x0ad4020a1001a229e714327f5998d61684d4323980120b6c6f67732f73797374656d189f9bc3dfa3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60216a0a0a05636f756e741201316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240373561613835346335663262646439633130323437383865343663313034386464643838353731656439356434353461356237303634646361323936613961356a0b0a056669727374120233336a0a0a046c617374120233336a110a047065657212093132372e302e302e31', '\xd78dda7c76be619bc45366f21621e8410652c198617d96421e6c10994cd44495', '2026-11-30 00:42:19.571147+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-143b-7b4c-9243-70058b7ca090', 'logs/system', 1795999339579534314, '\x0ad4020a1001a229e7143b746d880fe0623eb0256d120b6c6f67732f73797374656d189ab6d2e3a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60226a4a0a066469676573741240643462613565373433393861633163313863363937333363623933346632393763303937396538313235643362353036303361383234343331363966663934656a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120233346a110a047065657212093132372e302e302e316a0a0a046c617374120233346a0a0a05636f756e74120131', '\xa321198804c20f838572e2f28c22b8120034ce80a4ed6762182c3698c1068d5b', '2026-11-30 00:42:19.579767+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1443-77ef-9b31-c797ad0900d9', 'logs/system', 1795999339587687084, '\x0ad4020a1001a229e714437afe9456a61134f18b15120b6c6f67732f73797374656d18f195cae7a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60236a0a0a046c617374120233356a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240376634663135376335376461646664613661656465323533393838343538356631373565666436633566633237616137646364303735643262386333616164666a0a0a05636f756e741201316a0b0a05666972737412023335', '\xc5d95adeaf68c277c4fd0f681cc6a319d67051627ab354a26452992b907af2d5', '2026-11-30 00:42:19.587891+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-144b-7d74-8724-7cb15d577dee', 'logs/system', 1795999339595496271, '\x0ad4020a1001a229e7144b7a81bf0c9ac841699dfa120b6c6f67732f73797374656d18ef95a6eba3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60246a0a0a046c617374120233366a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a066469676573741240393437363561333965643563663630643064626162666538666265396638333733336265386634623636356339386465313363366539336364623031363461326a0b0a05666972737412023336', '\x497f95deee1108af074531372f5ed05b08c358929d0305f7564e0e62db208a43', '2026-11-30 00:42:19.59571+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1453-74f2-af1c-40dc908adb5f', 'logs/system', 1795999339603361477, '\x0ad4020a1001a229e7145376b98560059d5934dce5120b6c6f67732f73797374656d189a9586efa3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60256a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a066469676573741240636230353739346430656432363532373965663736613034313062356262643432623834616565333737666633643934316565323730386534383231393566316a0a0a046c617374120233376a110a047065657212093132372e302e302e316a0b0a05666972737412023337', '\xdeb987d07c51db09f146eb98ee4f94fc8847f62df6a4cb7bca7119b6b0183249', '2026-11-30 00:42:19.603537+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-145b-72ba-82f9-3a33c4733dc0', 'logs/system', 1795999339611420848, '\x0ad4020a1001a229e7145b7d21937f914dcf19c915120b6c6f67732f73797374656d18cbe5f0f2a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60266a0b0a056669727374120233386a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a046c617374120233386a0a0a05636f756e741201316a4a0a06646967657374124031333363366137396237393663316231613364663232303530636237356664373237623238306238363135336537323863623863303932666335613736396237', '\xbbd623f976d9e531365a4846ed0818fc819837fdadf1712473327fa961ad41f8', '2026-11-30 00:42:19.611633+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1463-793b-9449-8cb13275c53f', 'logs/system', 1795999339619356939, '\x0ad4020a1001a229e714637d24bb093cafbf4d2b91120b6c6f67732f73797374656d18e1acd5f6a3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60276a4a0a066469676573741240666232353261363562653838666465346436656638336436643663646631353134303765666331333862356162653033393036633261336531383466356535346a0b0a056669727374120233396a0a0a046c617374120233396a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\x597d1d2f3edc38fd11b218b86bd4a70ffbff8eac91fb923c5b208c67de89c488', '2026-11-30 00:42:19.619562+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-146b-79bc-b6f0-4542a36dfbcf', 'logs/system', 1795999339627445764, '\x0ad4020a1001a229e7146b7b188df3240d7fad1b4d120b6c6f67732f73797374656d18a593c2faa3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60286a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a0a0a046c617374120234306a0b0a056669727374120234306a4a0a06646967657374124030666536626235616534353266663931336264653362656663633732393331343362343265316163323134343533643762306131393539653934333339376361', '\x30d4e96f9650ad0506db6f6a6b8c1bc5f7f6d6c678a10f2729ad9458cd0d2885', '2026-11-30 00:42:19.627656+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1473-710b-b406-9139ccf6b551', 'logs/system', 1795999339635882792, '\x0ad4020a1001a229e7147373118f3b06b5126e696c120b6c6f67732f73797374656d18ef87c6fea3fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60296a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120234316a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a0a0a046c617374120234316a4a0a06646967657374124032346633383164636664376366306563363562323864383165636561346166393866353462393437323433336263313431323530656539646166646632626266', '\xfd87d2eb76a1069b97f070f1322f37d165c4675eeb9ff618d08ea686e2e45b27', '2026-11-30 00:42:19.636094+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-147c-79a1-bd36-7fb68c3db599', 'logs/system', 1795999339644521652, '\x0ad4020a1001a229e7147c758dae56c00e40562df7120b6c6f67732f73797374656d18a0eed582a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd602a6a0a0a046c617374120234326a0a0a05636f756e741201316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240326465343762343236656335313837386135343261623735303233643239386332663265393530386264343866316232663266663962306133613236613963646a110a047065657212093132372e302e302e316a0b0a05666972737412023432', '\xa5167e9838fe95b57d3da1e17c6343efc8866ff2082908959607223d7606fa26', '2026-11-30 00:42:19.64471+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1485-711f-b157-bbd58815cc0b', 'logs/system', 1795999339653080673, '\x0ad4020a1001a229e7148473d299a6248050864ce7120b6c6f67732f73797374656d18c9fbde86a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd602b6a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240653730323332333734653231656362316365333534616330353531373263636136383139646330313333303762623737343133366132313566663761313137616a110a047065657212093132372e302e302e316a0b0a056669727374120234336a0a0a05636f756e741201316a0a0a046c61737412023433', '\x8c9aa29aa7900b8918090cb25f86577f993cd107fc0cafef0ee61963962e3cc7', '2026-11-30 00:42:19.653289+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-148f-72af-add6-989511f8d66f', 'logs/system', 1795999339663146180, '\x0ad4020a1001a229e7148e770584ee17413f65bb7f120b6c6f67732f73797374656d18bdf9c28ba4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd602c6a0a0a046c617374120234346a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a066469676573741240653361326562653637343835636161376634316335343733376433616261376363636164373237383539626137386633303731663035336161346161656562306a0b0a05666972737412023434', '\x72e93e257ea3f83afee7bce63a7b6f4320f4a1fe2ffe3fa6510a88bf63c9ded0', '2026-11-30 00:42:19.663364+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-1497-791d-8a42-d96dfbe2a453', 'logs/system', 1795999339671640129, '\x0ad4020a1001a229e714977279973f09ed2edd1f76120b6c6f67732f73797374656d18f9bacd8fa4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd602d6a0a0a046c617374120234356a0b0a056669727374120234356a4a0a066469676573741240373934323638303433333861613331613536613030623361623962646566353639646563643463666535333837616235643636666562353164666234383434616a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\x0d4c016517c49cc282e4a0ac07d5f3bee1d1faaffadb573032e5a791488830a7', '2026-11-30 00:42:19.671829+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-149f-7f9e-b449-8010bbe5d258', 'logs/system', 1795999339679830916, '\x0ad4020a1001a229e7149f7b88a0276dfe2f9b7e53120b6c6f67732f73797374656d188cc5bf93a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd602e6a0b0a056669727374120234366a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a0a0a046c617374120234366a4a0a06646967657374124031333436646163633561656335333266346562633962343966303035333864343234373338396139303136653934393232343731316263323630396533326436', '\x94c8432feaf2fd47fae75ed4bdf36f249634d5f7e5945563c7399e7a3024fad2', '2026-11-30 00:42:19.680044+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14a7-7a08-a654-deaac49a52c1', 'logs/system', 1795999339687639943, '\x0ad4020a1001a229e714a77f22958c21282cae7469120b6c6f67732f73797374656d1899909d97a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd602f6a4a0a066469676573741240373763363434623136386337663764656164366464663466313039616337383633373632323133393763656463373238633137356366366661613865613162316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0b0a056669727374120234376a0a0a046c617374120234376a0a0a05636f756e741201316a110a047065657212093132372e302e302e31', '\xf309f9a16ad407c42621bdc18cefcdca0779d976ad61d376b056699c2ccaebaa', '2026-11-30 00:42:19.687846+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14af-7a5c-96f9-648ca5f2a600', 'logs/system', 1795999339695057992, '\x0ad4020a1001a229e714ae737eb3d8a2bd1649d66a120b6c6f67732f73797374656d18c2cbe09aa4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303140015a1001a229e6dc2872099bca6ea4421dfebd60306a0b0a056669727374120234386a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a066469676573741240643636623135643935643530663233313234313834336362623232653637626634633539303433386430633632363765366264373132376361366562663262306a110a047065657212093132372e302e302e316a0a0a046c61737412023438', '\xb47763220656d7efe0e06435f30deee88b559f6c694e53025573979025c14494', '2026-11-30 00:42:19.695271+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14b6-77e0-b915-c47d6f1bd2d4', 'logs/system', 1795999339702761331, '\x0ad4020a1001a229e714b6730f925ffe3a1ab2037f120b6c6f67732f73797374656d18c3fbb79ea4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd60316a4a0a066469676573741240386261326332313734313764396561343230666361383538666139623330663266633437393261653436313232323638326264653330643562616236643666626a0b0a056669727374120234396a0a0a046c617374120234396a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d366561343432316466656264', '\xf1605f1df067b5722665ff4f3e609fe354568b30e2b1fb2c02f4f2ff6898ad15', '2026-11-30 00:42:19.702998+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14be-7780-bfe5-354dab69fe9c', 'logs/system', 1795999339710567829, '\x0ad4020a1001a229e714be7bef82ec7b21d5a760ac120b6c6f67732f73797374656d18e7e194a2a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd60326a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a4a0a066469676573741240363239383834663538643036346632393932643062333831653038663935303838646632663861633166663136343136613433396562663066306161653161646a0a0a046c617374120235306a0b0a056669727374120235306a110a047065657212093132372e302e302e316a0a0a05636f756e74120131', '\x0c9a8a9eee79b81f24dbb62452e9b40064aa04078b7ef6d8785bd7f2e954d82c', '2026-11-30 00:42:19.710771+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14c6-751e-a552-34e800d7f86e', 'logs/system', 1795999339718239401, '\x0ad4020a1001a229e714c67734b60f761103898262120b6c6f67732f73797374656d18d8c1e9a5a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd60336a110a047065657212093132372e302e302e316a4a0a066469676573741240323761626135353563636430613231306332663534343865653633613131616431623437356631623262646565383130616162306230333264346137643830656a0b0a056669727374120235316a0a0a046c617374120235316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e74120131', '\x6e46b3f23047d6b46f1417505765a2602d1cd660a97a41fcc511e0f63da3caa5', '2026-11-30 00:42:19.718435+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14cd-7cbb-8607-bfbcfba96d67', 'logs/system', 1795999339725808736, '\x0ad4020a1001a229e714cd7bfb8e5485c944dd4478120b6c6f67732f73797374656d18808db7a9a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323840015a1001a229e6dc2872099bca6ea4421dfebd60346a0b0a056669727374120235326a0a0a046c617374120235326a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a4a0a06646967657374124033333237666264383432316135663436313262376335366236343530653863616162626331393333653661346636316638303438333565656334653265333162', '\xbcda452a1449080dc85a6da2946eb6c2cf0410a138e9beca221d49e7a0a15c51', '2026-11-30 00:42:19.726009+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14d5-7b54-b55a-816d46829e78', 'logs/system', 1795999339733797356, '\x0ad4020a1001a229e714d57e3497b21a2d7180f34c120b6c6f67732f73797374656d18fefe9fada4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60356a0a0a046c617374120235336a110a047065657212093132372e302e302e316a4a0a066469676573741240303366353564306638643565626664666130636439323737373165363639313865623864393438386430383437383031616466643536386466633635363635666a0a0a05636f756e741201316a0b0a056669727374120235336a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d366561343432316466656264', '\x755e27b9c5f8400ab496cf86d853ab47c2918d989baa80d644620a26ce4e586a', '2026-11-30 00:42:19.734008+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14dd-7f8f-971e-5fdc8f42160d', 'logs/system', 1795999339741927973, '\x0ad4020a1001a229e714dd79029e704d652e8f8aeb120b6c6f67732f73797374656d18e5dd90b1a4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60366a4a0a066469676573741240623232393035383739303631326465636134646162623964316136346333613132346362653161396363616631353133613938333763336161356635376166376a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a046c617374120235346a0b0a056669727374120235346a110a047065657212093132372e302e302e316a0a0a05636f756e74120131', '\x9573bc13b59ab5e0ba148c58213ee6db2fed1229486c422331b8d5f371a6d432', '2026-11-30 00:42:19.742123+00');
INSERT INTO public.audit_outbox VALUES ('01a229e7-14f1-7d01-958d-6064bd0b7d08', 'logs/system', 1795999339761404361, '\x0ad4020a1001a229e714f17a4282f5b6329d3e941b120b6c6f67732f73797374656d1881a7b4baa4fcaaf61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613040015a1001a229e6dc2872099bca6ea4421dfebd60386a4a0a066469676573741240666431306463646461643962616465373935336365316237363237353861313066316632353439353235396565396335363434613531626532666530393461636a2c0a04626f6f74122430316132323965362d646332382d373230392d396263612d3665613434323164666562646a0a0a05636f756e741201316a0b0a056669727374120235366a0a0a046c617374120235366a110a047065657212093132372e302e302e31', '\x49f0b9f5e4a935d6dcaa0839abc21e76247b6b087e2b0e6a7f2d7e55cdc45d67', '2026-11-30 00:42:19.761585+00');


--
-- Data for Name: audit_outbox_refused; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.audit_outbox_refused VALUES ('01a229e7-11ed-7021-ae8e-8be04ee58a61', 'logs/system', 1, '\x', '\x0707070707070707070707070707070707070707070707070707070707070707', '2026-11-30 00:42:18.98984+00', 'FORGED', '2026-11-30 00:42:19.126321+00');


--
-- Data for Name: key_versions; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.key_versions VALUES ('01a229e6-daa8-7abe-972f-15a58f9d0553', 1, '\x2452cc0ceba66563', 1, '\x019f3f020e201326fb0ebc30c4fbc290d641562befbd09b1498500bc8da665e4e2dd77dea85695f56880f2193963973cfb91fb13a5264758e6ab7366feefa531543488fad89ed43d3f53d23dba8543bb540ac92f1cdb849a3b7dcbd4a724017e2b0a44e6e58b5b17f1dec3fb322e5e50d1', NULL, 1795999324840180, NULL, NULL, '\x01000000019a6af981ec42ac78cde5608b2e85a892f2a8fd76fa53ce49a86fc77504399ca8');
INSERT INTO public.key_versions VALUES ('01a229e6-daa8-7707-85a4-feee959d2aa0', 1, '\xbbdda8fcfd133e47', 1, '\x01e9d39428cd25c471bdb1d3ced51be574fa658e0d8cb2a480c294330e8397507619251573744577b439fda21ce80b329db8ce9c731bc5321a41ee63c64a840917b01cc2a6b1e033362a80251dd1f82d62c5d4ab478f571a01e37f9a5cf0f5305f312a7bbc2ab57b6c7c7a52348b602ebf', NULL, 1795999324840224, NULL, NULL, '\x0100000001295340c41c53781c19c7243da76fcfc8aad8d8f9dea7c3d3e72aa4807b7c6095');
INSERT INTO public.key_versions VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', 1, '\x2aad4e3de1bb96c0', 1, '\x010f49fd3a954cd9913a4c693cce9f8e50182666ce6a83ee71425031b79765669d466555add60f973154d94077bb88763589c426e9563eb2887c1b59df3fbaef06c389ea665d13718f41b473b45102d3812b8ee3862b8a5874c2281402927864bdb8eafba98e0ec3f70af88995d23c9712', NULL, 1795999324906784, NULL, NULL, '\x0100000001519d3538a9252ea0f855aa5b9cd253c9d39fc29a4127d2565ba063f3c0f83608');
INSERT INTO public.key_versions VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', 2, '\x3aa5a16250d149a5', 1, '\x015e4eac489beb4d4a5b9817e53f6e3d6789ddd5fc4a2271283fac7d77bfc0da57e83d70d008a6e84c5ec13cc79be51b3f4af41bc73fb1b4992dcb788ff7dc61e08ca96f73181734cd566531fd79efd84f6379968ab1230eab05d9596d5c637a269387535433f78669d2ef5a50f0d1c509', NULL, 1795999325076986, NULL, NULL, '\x010000000178fc5030f4e0f2c7e84ab7cd944492b45f7659abc95c344f6b306242ef4caf47');
INSERT INTO public.key_versions VALUES ('01a229e6-daa8-7707-85a4-feee959d2aa0', 2, '\x92c87c0b71d8da0d', 1, '\x0196a808c8d682af19c07f42b8f8ea18b03dd0b00791f04b80999a4971e2ae994eb1f69ad0a817795ef638478c23510d4c5c951acfac8d7f32cf13258649a67752fd91e43b7b96ba8bfb5a38515d027f1c983481eff235030097f97c3f823a7c54604006897ac33ac90529b0f0023e3526', NULL, 1795999325132644, NULL, NULL, '\x0100000001cb721830fd7970c3e2d667b765c364e46d18ea31e2a6b5ee24b946eb6a18f79c');
INSERT INTO public.key_versions VALUES ('01a229e6-daa8-7abe-972f-15a58f9d0553', 2, '\x8ebbb50872276f51', 1, '\x01797d70ae4ff25b7b1fc992e5bff688a42f8c4f07011cf328c91cf0fb697a8d4bc182eb0054d40d6a7a769d098e2afb6a655c8d8ced4388953f3200019874e42001edb8e4a1e17707bba59c6d8f5fbe75aa7fee1036910b2ce895f37350a18e83b92df2626b1cd40630e23c53d28a868e', NULL, 1795999325141400, NULL, NULL, '\x01000000019bf6ee03d9ea7455a922547326b34423951cb8568163b8543951ec23e377e19d');
INSERT INTO public.key_versions VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', 1002, '\x7fce4b504819a206', 1, '\x01078dd5d29737515d1612458bfbf84d12a8b1722f0df411080e8a463273ff46d972d6bd798a45fcee97ba505c6d53701b95e132cd9d268c197ec90310c3885bbe4187d703e2e62eb92ba44db710e4bc378387c0880d5023675bd44670d65719b9b9c98c7cf6eb225cf2179af306a41f5d', NULL, 1795999325242318, NULL, 2, '\x01000000018c0fd92e385260bb3aba8008cc58cb7e4bf6337a6baae0a93b23218964a8fb29');
INSERT INTO public.key_versions VALUES ('01a229e6-daa8-7abe-972f-15a58f9d0553', 1002, '\xef142aaa68a36fbb', 1, '\x015a2d6bcdd25f887ead4338fe94d5f04ad0aca44d9a862238f6836c223f86adbb6ca5e7b781d3da1f481d0e1d9f9c609d867aac9d9bfe91f2f8f08bb60e6e8f59876fceadeec3f29264ac99330af0ede03f5118389d34f1ebc51f5b6b79df06ee87ff42c350804a414805e2ae1b4a8039', NULL, 1795999325284484, NULL, 2, '\x01000000012b5e56337f9fba77a9c3d043351aa5bff54389cfd5286366e9b81406165a8d3f');
INSERT INTO public.key_versions VALUES ('01a229e6-dc6c-79c2-92b8-de3b73161eea', 1, '\x32805c388a3b9830', 1, '\x0182e449da45bdf7867f60d099747dbdb2335b3728b95f5bb8dc440087c02618e542523aa216de72702a2ed6a1764ed5ca082f076626a1fbcbd142f1bc7877a6fdb45c7d8564f330f42fce50482cba73f42c293da3a4e77f1d6dca752e699face54da27f9518a4b357d62060673944300d', NULL, 1795999325292616, NULL, NULL, '\x0100000001940e323487c73357a9247d74b99c07384f3d522074d4e53e620e2820cf0bfb00');
INSERT INTO public.key_versions VALUES ('01a229e6-dfc4-782d-a71d-ec144cf04db8', 1, '\x5308888811dc0899', 1, '\x0118ae03c2d2f4a78f1d9a8043e61baf782b12acef015a19cfc8cf3011d12ab16e946544d5b1717f7e1f6c09b6d30ba7d978a5225a95d20f55e43d5e5d77d0a695a9eb1e8ccb5aa567cbb1270fc2673a3fa186ffc3ee88daad0c5a3cc0666cad034eced55bdf6ca8068d4ad0ecbc122a3c', NULL, 1795999326148213, NULL, NULL, '\x01000000014e0cb42131e70c674a5a507826ecdabf57c3da7d19aae2cd553984bce66468c1');


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.keys VALUES ('01a229e6-daa8-7707-85a4-feee959d2aa0', 'vault-service', NULL, 1, true, 2, 2, 4294967305, 1002, '\x', 1795999324840224, '\x0100000001e24b48169fc0986b2ab4fcd2fd6cb6ddb654f00cc2725b2de594cd28d9cc5343');
INSERT INTO public.keys VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', '01a229e6-dae8-7110-97c0-2c2677d44201', '01a229e6-dae8-7110-97c0-2c2677d44201', 1, false, 1002, 3, 4294967306, 1002, '\x', 1795999324906784, '\x0100000001cf814bae9e67adc3d5edafe8471a9c7571c897ee1ecd6074bc0d02e9233397ed');
INSERT INTO public.keys VALUES ('01a229e6-daa8-7abe-972f-15a58f9d0553', 'audit-mac', NULL, 2, true, 1002, 3, 4294967307, 1002, '\x', 1795999324840180, '\x01000000012e374ef341cca669ed50cc54e55063f1fb5ab0862bdf2b9e46926242d98df1cd');
INSERT INTO public.keys VALUES ('01a229e6-dc6c-79c2-92b8-de3b73161eea', '01a229e6-dc6a-7bb6-9629-254f773700a0', '01a229e6-dc6a-7bb6-9629-254f773700a0', 1, false, 1, 1, 4294967308, NULL, '\x', 1795999325292616, '\x01000000011a79d8dff6fe5bebb593cb369daab7c2c9a4af6493c60a51e183b52cd61bb432');
INSERT INTO public.keys VALUES ('01a229e6-dfc4-782d-a71d-ec144cf04db8', '01a229e6-dfc2-768b-8732-a2b7f031eb28', '01a229e6-dfc2-768b-8732-a2b7f031eb28', 1, false, 1, 1, 4294967309, NULL, '\x', 1795999326148213, '\x0100000001ad30802e553d248ef8a055975dce259f74669546661ea94adf3a3976e4efd8df');


--
-- Data for Name: own_keys; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.own_keys VALUES (true, '{audit-mac,vault-service}', '\x01000000015096ead60591b4a5a3308c42705f778950dc367be3f4e264887e41226ffdbe74');


--
-- Data for Name: requests; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a229e6-db8e-74ab-a5f5-c7b56e317b1f', '\x41486f41ed6e9226442c42bddf2a34496ab6d8ccc426b5d5e608b665812879ad', '01a229e6-daea-7b39-b4cc-7552a416722e', 2, 1795999325078157, '\x0100000001afc585318d28609bf7aca3d8bb3682ef6b36f235f4e71f0c6ca3664141d23a22');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a229e6-dbc6-7d3e-93b9-02698c7f584f', '\xe3996da0b6bc515e0ef92425de989468274b51645f5ae2fe17c62e9253195690', '01a229e6-daa8-7707-85a4-feee959d2aa0', 2, 1795999325134455, '\x01000000016f4a10393d86390eddcc6143434f7ce2f9943eb36f914fb358362708a11d39c6');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a229e6-dbd1-7bb1-8ba0-eafd6a2a10f0', '\xf9621c7bc92040a8470e4ee044e73e7ac9f0b86ae83fe8cd53a60e5388e3f9cd', '01a229e6-daa8-7abe-972f-15a58f9d0553', 2, 1795999325142093, '\x0100000001b27b6018466899fb520e735f9c5d4a3e61e91849853546854cc025cf60fff160');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a229e6-dc33-7127-9e68-bc3d087e0e38', '\x41486f41ed6e9226442c42bddf2a34496ab6d8ccc426b5d5e608b665812879ad', '01a229e6-daea-7b39-b4cc-7552a416722e', 1002, 1795999325244178, '\x01000000016d0e3fb9f2c07ebf1dd52f2d2e59749934362f7f4a8301b461a76dcd62532b8a');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a229e6-dc5f-7bff-84e5-a1545e6049c3', '\xf9621c7bc92040a8470e4ee044e73e7ac9f0b86ae83fe8cd53a60e5388e3f9cd', '01a229e6-daa8-7abe-972f-15a58f9d0553', 1002, 1795999325285306, '\x01000000011ed6196cec0e625870ea31bdd845755f884c9de7aa324d104f8bbaf602314f42');


--
-- Data for Name: root_key; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.root_key VALUES (true, 1, '\x', '\x01c62792e52c59be4e6ce9a27af8905870a45bea3a1a8acba3c7ac095219487ffc19ef058f1f978c20c390384dd8fd212199306b280fc11e7ce69f8fc5fe01d072a5773bbda14bb7f2f6d01c1718b92b78853295ad657bca9e26302bb7c4efa2bc4169086defb0c9bf5de8cb92378ccf07', '\x6e29208986e03b1448aa839cae77592c1a1075ef9a50e32696108ea4ae6bb068', '01a229e6-da9f-7fab-a920-71fabce016f8', 1795999324831977, '\x0100000001370c1fc79dc295aed955b12a013f1f03832f2c19c62b771ccaeb8a7581f3648b');


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.schema_migrations VALUES (1, 'keys', '\x5e9cf91acc8a4b7d2471e034dc1112d47ca1e06d7f1dcf815907d35f79bcac79', 1, '2026-11-30 00:42:04.566628+00');
INSERT INTO public.schema_migrations VALUES (2, 'signer', '\x281c1e2a23e969be8d10940570470ba245cc1d95c03bcd2896517b330ca4797f', 1, '2026-11-30 00:42:04.604416+00');
INSERT INTO public.schema_migrations VALUES (3, 'audit_outbox', '\x3329ae36fce05412fdbe4d8ce1eeae81f1ffc1255915857c6108c76a16c31a19', 1, '2026-11-30 00:42:04.63289+00');


--
-- Data for Name: signer_alarms; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_alarms VALUES ('01a229e6-e333-724c-9802-430e7ba88eec', '927a091f-b720-d747-2150-a52018a9cd29', 'logs/initech', 'ROLLED_BACK', 1, 1, 'the audit database stood below what it had acknowledged', NULL, 1795999327027319, 1795999327038329, 'INC-8', '\x0100000001076886a830109db041a46e5ee7992327a8189ce0a11a363f363d1c5bfff6f5e6');
INSERT INTO public.signer_alarms VALUES ('01a229e6-e329-748c-9900-d3d6e509f3fe', '55a859c8-04bc-bc23-c950-6d14d84cee1f', 'logs/never', 'AHEAD', 3, 3, 'acknowledged beyond the end of the log', NULL, 1795999327014835, 1795999327070679, 'INC-7', '\x01000000012242d4f1f9f9040f0ab3d4b05c4fc6837031b2a0ab883eb77c4b9a572df90246');
INSERT INTO public.signer_alarms VALUES ('01a229e6-e3dc-74f0-975c-118e3a50433e', 'd739c7e9-7803-225d-e1e7-0d8cdd7431a4', 'logs/acme', 'AHEAD', 29, 29, 'begins beyond the end of the log', NULL, 1795999327195897, 1795999337101082, 'INC-7', '\x0100000001de1fb924d2f212c96f55a9f4ffcece0d78bf406d7c7d2b49a399ebe48a8daae2');
INSERT INTO public.signer_alarms VALUES ('01a229e7-12a1-7110-9917-e5f2d6c3338f', '09f9b802-d312-d518-140b-9c7208f95bac', 'logs/umbrella', 'FORKED', 6, 6, 'does not follow the head of the log', NULL, 1795999339168409, NULL, NULL, '\x010000000121b7112f2dbb51c476f6190ba0b26f2d668c244eddc10ad2e83d6b173c621d71');


--
-- Data for Name: signer_heads; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_heads VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 'logs/acme', 25, '\xe5d953d82af328a5287ad50fb72d679f54235ba98bb61c76fbfb39fe97211dd2', '\x000000000000001955a69b61af0fbc75395a3bbfcc9a7f99d507648caf7e1f8f7f111257f0794d8b99e7c04888c1e85d4fe3980a75d46a0dd90276d61d8982052d283c2332c14dae28fe9edb4aad8e5c8491b80dfea34d07c7a929c70c5535a5ae6d085a2a48dab5', 1795999337955581000, '\x06fdeb5451b50fe362506d2702e492f828078b1e8a4cf9dac34ecb961eb3bdcf', NULL, 25, 1795999337097490000, NULL, NULL, NULL, 1, 24, 1, '\x56a5768c014273ab3831d9f83745cadd8686b802b3229cf5cbf81ad199deb6a6', 0, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 10, '\x01000000012d2587541c6f064cbeb8006e20a5c8242192a11c39387ec9977c53497c9ae9af');
INSERT INTO public.signer_heads VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 'logs/system', 59, '\xc03f795614787fed77add17912fbce3202ab9ce02ebf06c2625e96ad386b72b1', '\x000000000000003b634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689a9351e76b674a79532a5cfa1f578cf5f3b082035bf2121ff3526f9281d9b5c0ab7eeff56986040f953cc9aabfffe4880b373afc2fe81c11f91fa7696e4dd2c079f94c2eede5f3087e038d1cbb2e78d084b76bafe4296fbb5d29490f644e03d93', 1795999339340701000, '\x5807f612ae7c9b5f34448aa681cf6d0bbbd5aa7ae13459e003c497fa5ccc4451', NULL, 59, 0, NULL, NULL, NULL, 0, 0, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 0, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 54, '\x01000000011176cace9ccd9c56a9c2e5271b159978792ef33305ff3cdf4fc49db0f2ad63c8');
INSERT INTO public.signer_heads VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 'logs/umbrella', 6, '\x675c085ad53a50e27ce815e1c768e2767c4db57a5f97e97aa34fd5c73798f7e1', '\x00000000000000064dc5e1b2c43ae16b64556ba00d2ab9ae55d64322f7e739724d9d4d3a6c3bd3a7728d2673027dafd47631fa231985f00f3259449d762db667fcdd3284b1cd1efd', 1795999325989866000, '\x5661da657f794930afd324f09034d852f5a0a2995d8c0df56972e39717e8a817', NULL, 6, 0, NULL, NULL, NULL, 1, 6, 1, '\x7469ed95b36776d734442c9e85aeac713f75b093d37e971948c0116a4f5eaa53', 1, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 7, '\x010000000143bd83c0a482fe47cb91eebb363a6b0fc9440ff7edb954519eabd3f0337d183d');
INSERT INTO public.signer_heads VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 'logs/initech', 7, '\x28d10a17c8e8933b4b660f479c3e67c7b6d94e878d9d48ee39c07127df0623cd', '\x00000000000000070a9767fb5a77d7c5d87f14b74be42a2b8aac6703d8fceeefe34d7ae2db901b3a6f92e16f5d316bffcb34ff71273739576c5bc399f57af04e600f0c41d71d7c29657838eea68e1b10fcce506a149201aab645668e7d8f7b542028eafd7f1a0275', 1795999337850793000, '\xb5f902bedb9fcfa06300229a78ffa7049b17c405a2765998ef7e891f652b594e', NULL, 7, 0, NULL, NULL, NULL, 1, 6, 1, '\x175e0a0f2d7ef9cb6132cbf4eb326377adb71b57a51109b7332a364d044e8cdf', 0, 1, '\xc2223280bbc4b2ab571793a613da7daffc131e45637369c8d5f5aa4ff67c0492', 13, '\x010000000191697d80e977c299d1953f56bf16077cc4f8ecb641769bb1261e4608cf77da4d');


--
-- Data for Name: signer_losses; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_losses VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 1, 4, '\xfb7873374a152d510aa54be5bbbb3472ae82df41bf1e11e16951590b81b90593', '\x00000000000000050a9767fb5a77d7c5d87f14b74be42a2b8aac6703d8fceeefe34d7ae2db901b3ae953bbdd7707c879e5691ec5ad0c96bea6889d305661aec55674d8f1aa058be4', '\x05bdf8e11c4768c3a0b7bffee3c0d1d6dfed0739e1912d8b72d2e3575624138d', 'INC-8', 1795999327038329, '\x010000000186e43c61bef00cc4b0d4566307a362e0abb98bb6edfd34031d15931cce847b5a');


--
-- Data for Name: signer_segments; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 0, 10, '\x79e4c9d533b7db906f1576cde6a649b087190e4f81fb4de1293763328c1d6054', '\xc27939d54db2f738c6c1b1dee1ccd50f9c2b5aec0f719976747aa7a2b3fbe75e', '\x0000000000000000', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x0000016f7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000079e4c9d533b7db906f1576cde6a649b087190e4f81fb4de1293763328c1d605401a229e6daee7464b3880415ab306a340000000d7661756c742d7365727669636518ecabded21ee4c018ecabded84f10d8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000e74656e616e74732e6372656174650000000c74656e616e74732f61636d6501000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646165382d373131302d393763302d32633236373764343432303100000000000001887374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000001b5bff3f36fd119abc5dcf6d0448a0ff3ef3b555628994f503a61454789bcf05d01a229e6daf57cc69c83d507f339ed240000000d7661756c742d7365727669636518ecabded2935e7718ecabded84f10d8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000002174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e747301000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646166352d373639392d396462642d62326231303333613033633700000000000001857374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000002c793b636ee20e438dc569a830512835ba98d56f39f129b50a362290ba0a1b28801a229e6dafb708eb80c3921c9371e2f0000000d7661756c742d7365727669636518ecabded2ed34f318ecabded84f10d8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000001e74656e616e74732f61636d652f636f6c6c656374696f6e732f737461666601000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646166622d373337302d613063372d63346237333634623466386300000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000003091413c4c22609c856a7e753d4ebe99671dc7b0284c53b73528c7263f1e5fb8f01a229e6db077eab9fcb84b7b5a9de7f0000000d7661756c742d7365727669636518ecabded3a2f86118ecabded84f10d80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003074656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f70616464656401000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000700000005000000066669656c6473000000023830000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646230332d376336372d393561372d65343361353363663663383600000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000004f68196530eb3ee7734b42fdfb9541939c86971d61d0d45e5378404bff09047c901a229e6db15709eaeb3c5367cbf299b0000000d7661756c742d7365727669636518ecabded475fd9418ecabded84f10d80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f6c6172676501000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000800000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646231332d376532632d393461632d64353431326235383239323700000000000001ae7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000005657ee7d523116946ff6515e77b9788dd7d9ec4fc8425328b149ac0e1e3c6ed8f01a229e6db2175c2bcbe3a1663deaa980000000d7661756c742d7365727669636518ecabded52e132318ecabded84f10d80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f6b696e647301000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000900000005000000066669656c6473000000023139000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646231632d373237612d616338612d66663835643538376462326100000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000006e143f3ed24d976549ed1df780020549272f32c918dea59db0d4584269c8b4e9701a229e6db2a7fd0a3669deac4dc20290000000d7661756c742d7365727669636518ecabded5b14d4e18ecabded84f10d80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000a00000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646232382d373833612d626632342d36356432373437633132623100000000000001ab7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000007e92e41dc562d78761c247dbeeb56548aea2d93ba9f2e13c722b0b769334a108201a229e6db3277cb86856595d4a534c00000000d7661756c742d7365727669636518ecabded63023a218ecabded84f10d80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002d74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f6f6c6401000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000b00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646233302d376131342d393836322d63383263643037323039346500000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000087e7b4d71c4f09e10b31a29f152031de7a8f2c2811a14b00de822aec34e76895801a229e6db3a79abb740948c5f44221f0000000d7661756c742d7365727669636518ecabded6a5f32018ecabded84f10d80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f62617463682d3101000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000c00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646233382d376238312d613364392d36376635303935393865633500000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000009d16bc7c03230adc3cd7160f1f02f9cd11bfb9cbae187af3f7bbcbe01982ff18201a229e6db3a7c67a3885d41075e8a240000000d7661756c742d7365727669636518ecabded6a6444318ecabded84f10d80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f62617463682d3201000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000d00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646233382d376533302d386465332d35363764303139366166623100000000', '\x000000012452cc0ceba665630d06ec0cc4984ce33c9733eba231e1fea5bf556ee7540cd3d84f19b2b17c9e3a000000012452cc0ceba66563c9738207c1c92b9888435476895fed19f1c8dc250fa8475be9114e36286db76d000000012452cc0ceba66563c8869bdddcde4aea124040defb332619a6cd27fde837655798db5c3c2605e2b9000000012452cc0ceba66563a444324faa809b5f924176c31d2c1986d0feb2403cbff67e8e02d60ae41488d7000000012452cc0ceba665639f1274829341dc0455b8afce9db3f6938441b92f6e093331924bc7f3967fb240000000012452cc0ceba66563902efac52aa6f841cfa3308b14a39afc6cc61fcb5404a19251bdbc3d35912cbc000000012452cc0ceba66563e262838b334e5a2f686216659d6ea06297fc176373ed9ecc3a3b50dc0e3495b3000000012452cc0ceba665631a70e1e03b1d2a66e8b6d36c5c056b520d99b7a87cb32b7581ee9a05b3527b8f000000012452cc0ceba66563256f36f31956098c880c4b8e7a44a5e35098ed599552426bd14b89feb3c77448000000012452cc0ceba6656365b11261bc370d89c40652475825b453986baf4d3f6146510469d67f2bd5ae68', '\x01000000012452cc0ceba665633c060f92d03770a9598073dc70f14de9f633c3f288649593f263c670011e8e1ad739c7e97803225de1e70d8cdd7431a4000000000000000ac27939d54db2f738c6c1b1dee1ccd50f9c2b5aec0f719976747aa7a2b3fbe75e00000048000000000000000aab1ceac44282c5648bb14609fd09c443c0e7e0446993cb4fe34c37d6823ccb568ef5d1815349b6aa06380a25782cc3e1e5484cfc32145586155b27c49cb29f4518ecabded84f10d855011ec4e85b507bd4b93ee74899064fda00fcfbb9f8cad713eee35fa64ac3a9000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x328cc9854d8beff22d47b8741c3435b1746f74a01ccefa189428189a39a52390', 1795999325025124, '\x01000000015d2ec54c54c0b0c443a142dcc1fb1828a66a7ea168d61e60008def141e67ebf2');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 0, 6, '\xb2e2c92bc7c2ce28ab74c61596917f7574dc88dbcf1c8ea1db6369e79d44a5aa', '\x21035c3d612178dd562f534c60ef063b8a22ad318d18a16fbb05c5df4c527d78', '\x0000000000000000', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x000001547374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000000b2e2c92bc7c2ce28ab74c61596917f7574dc88dbcf1c8ea1db6369e79d44a5aa01a229e6daa87e8da3d44985cbc1096c0000000b6b65792d7365727669636518ecabdecdf0b92018ecabded81f1f680000000b6b65792d73657276696365000000000000000b6b6579732e6372656174650000000e6b6579732f61756469742d6d616301000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e0000000131000000037569640000002430316132323965362d646161382d376162652d393732662d31356135386639643035353300000000000001587374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000001b58a8f0d60e2159f1df4d69d716026f359ca39c1b6483f1ccc3d33dcfbba7cea01a229e6daa8784b9a5ceeedbc5d59410000000b6b65792d7365727669636518ecabdecdf1650018ecabded81f1f680000000b6b65792d73657276696365000000000000000b6b6579732e637265617465000000126b6579732f7661756c742d7365727669636501000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e0000000131000000037569640000002430316132323965362d646161382d373730372d383561342d66656565393539643261613000000000000001ef7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000002ac974661f0fa8665185627ac885618971cad9dfdcb3b9b7fe5e3cb17c70eda3201a229e6dae07e80942b9a5b83f2a3260000000b6b65792d7365727669636518ecabded15177d518ecabded81f1f68000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000126b6579732f7661756c742d7365727669636501000000000000000001a229e6dac07829be4ef6bf67fe468900000000000000040000000700000004626f6f740000002430316132323965362d646163302d373832392d626534652d66366266363766653436383900000005636f756e7400000001330000000664696765737400000040383361356563313765636564313264343563616631643162373638643533643331373532613837616134383334393833376437313466633839626430313061610000000566697273740000000134000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001360000000470656572000000093132372e302e302e3100000000000001f17374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000003a621b4c5df3ca5db2aea628bf1d7bdbbb3d78569186de8babbd599fe72f90b3c01a229e6dada7a5fb1ca99786292fbc10000000b6b65792d7365727669636518ecabded0f5c85118ecabded81f1f68000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000126b6579732f7661756c742d7365727669636501000000000000000001a229e6dac07829be4ef6bf67fe468900000000000000010000000700000004626f6f740000002430316132323965362d646163302d373832392d626534652d66366266363766653436383900000005636f756e7400000001330000000664696765737400000040653637396233336630633566666235326265383737353931343632663163376265663939343866666633646432326663306261643336366236376631393339380000000566697273740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001330000000470656572000000093132372e302e302e3100000000000001a77374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000004fbec4a04b006057a5471279cb71b17e2e922cda1db6445ce3e7051487954818401a229e6daea713984d672b0e51447fa0000000b6b65792d7365727669636518ecabded1e94de418ecabded81f1f68000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000001474656e616e744b6579732e70726f766973696f6e000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001310000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646165612d376233392d623463632d373535326134313637323265000000000000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000005ff370c6838f733ff0d72d1adc6093b8e6d50072c6af86de009ecfeb2c0a880cb01a229e6db1f758dad7e693a016e12a20000000b6b65792d7365727669636518ecabded501793b18ecabded81f1f68000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323965362d646165382d373131302d393763302d3263323637376434343230310100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323965362d646165612d376233392d623463632d37353532613431363732326500000000', '\x000000012452cc0ceba6656382a6068b7a02606f5562b5e2fe2d2ac3d5d6a25abcee63b283a8c666d54d8698000000012452cc0ceba66563e525537b9e4dbf4e68d14c89dd287bd718d512ad31c077fe69e8806fa46b1f94000000012452cc0ceba665635d0fb3892563fe273d9a0a0d0debaa6d256b1ec3ea0d45f7209b49107cd258f1000000012452cc0ceba66563e4f172f6c84766cd68e87e94c56486a6b33e64c58db040fa99cc2302a394f9f4000000012452cc0ceba665632a1d1910fc3a6807ce6578c110bd441fc0abf1f4c64339f5987c205457d88b0e000000012452cc0ceba6656359ba2e51fca7894827122d5f0e494752daec0a59736198417d9feb83709b75c6', '\x01000000012452cc0ceba6656317a2705343462b8c61459ac39066bc1ab6f21e28d4dcef637df9536aa4a4f8bdf3fb6a3fe79772fa8bc4dee117323067000000000000000621035c3d612178dd562f534c60ef063b8a22ad318d18a16fbb05c5df4c527d78000000480000000000000006ba2ad1052e6dd9e2c063aaa1299b3f463ec5104ec9c582b22ff3f5a49e1b976ba82af3b3360231b6b758b0496375a8d29907c332046e636f284395dc6ad8e2e318ecabded81f1f6873d12a959d345a754feed114142aeb6cad2be61dd1139917d230440fdd22c559000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x23d75e6f03d555ec58ec5220a6794cb0ae55122de8d3add654aa79c8d625e3b6', 1795999325025493, '\x0100000001039e647b1350522eb5e30ea81dcc92110512d09cf6a909d38e9ff4323e9add42');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 6, 2, '\x21035c3d612178dd562f534c60ef063b8a22ad318d18a16fbb05c5df4c527d78', '\x1038d9a8d28f114a0cc2f67cff825162e1db23ed907a9f43ab6235267fc89ba1', '\x0000000000000006ba2ad1052e6dd9e2c063aaa1299b3f463ec5104ec9c582b22ff3f5a49e1b976ba82af3b3360231b6b758b0496375a8d29907c332046e636f284395dc6ad8e2e3', '\x73d12a959d345a754feed114142aeb6cad2be61dd1139917d230440fdd22c559', '\x0000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000621035c3d612178dd562f534c60ef063b8a22ad318d18a16fbb05c5df4c527d7801a229e6db447216995fd81bf62ca67c0000000b6b65792d7365727669636518ecabded7366a4618ecabdedc10a4e8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323965362d646165382d373131302d393763302d3263323637376434343230310100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323965362d646165612d376233392d623463632d373535326134313637323265000000000000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000007f7ce71cac7be26c2f431be275b0235a4faef9a9e6f9f77257c8362a50840e05f01a229e6db887dfca1064046c3e4985c0000000b6b65792d7365727669636518ecabdedb477d9c18ecabdedc10a4e8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323965362d646165382d373131302d393763302d3263323637376434343230310100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323965362d646165612d376233392d623463632d37353532613431363732326500000000', '\x000000012452cc0ceba66563465ad6d6e7b2c546fb52276557ae0100ad90a4971cbb6b74ae1b1e9df980148b000000012452cc0ceba66563df6d2341a24f8089f08853f768ac39d50fc88e2bc13a4f5df9c4dc51cdfd4f78', '\x01000000012452cc0ceba66563b160ebf61ff944ce79f14afeab08619e88fa4b086879181345537852639aaaa0f3fb6a3fe79772fa8bc4dee11732306700000000000000081038d9a8d28f114a0cc2f67cff825162e1db23ed907a9f43ab6235267fc89ba10000002800000000000000087a076336a794c83755cf354e556ada3a267152540757c25894866d57507ba1b218ecabdedc10a4e8b922802595fc6e2dd952d8333ec7a6b2b1f2ae859880c5c0132b38651e23bc87000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xb9a9fd7a216eddfaa446c8245e9d85bc84ee285961fb78f38dd060d8770c2c8d', 1795999325084355, '\x01000000019a56555075e9ce0efa4cffe2e4a09c543382572a5d24bbb1a3957df240f8f359');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 10, 8, '\xc27939d54db2f738c6c1b1dee1ccd50f9c2b5aec0f719976747aa7a2b3fbe75e', '\x3b1d919354a75abc4d95c13e725ca64e61c87e3e9d616b89bccdf41be5b2de58', '\x000000000000000aab1ceac44282c5648bb14609fd09c443c0e7e0446993cb4fe34c37d6823ccb568ef5d1815349b6aa06380a25782cc3e1e5484cfc32145586155b27c49cb29f45', '\x55011ec4e85b507bd4b93ee74899064fda00fcfbb9f8cad713eee35fa64ac3a9', '\x000001ac7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000ac27939d54db2f738c6c1b1dee1ccd50f9c2b5aec0f719976747aa7a2b3fbe75e01a229e6db477299a12dded5e9cc25dc0000000d7661756c742d7365727669636518ecabded772af4d18ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002e74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f676f6e6501000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000e00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646234302d373466342d626164362d383631323035653664656566000000000000019d7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000b9f1f42612011a772fef7c48a075c21dc867bd9548b03c05980de00b57df22b3201a229e6db5c7830a8f5f30cd1eb13a50000000d7661756c742d7365727669636518ecabded8ae9a0b18ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e64656c6574650000002e74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f676f6e6501000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646234302d373466342d626164362d38363132303565366465656600000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000cb6c1bbf1a58aba8bbdc575ac0b480a2aff6d8184a3758d8a352e427eb5cf8f5b01a229e6db6a7f7baed225602868f5960000000d7661756c742d7365727669636518ecabded98310ef18ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f616761696e01000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000000f00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646236362d373530382d616265612d303038366138366563636262000000000000019e7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000d8465b626e9513e02df7592908b7075510299227e2b13685e41e7e219350f5ed801a229e6db78718fabbf0148329fd8e80000000d7661756c742d7365727669636518ecabdeda58a2ab18ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e64656c6574650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f616761696e01000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646236362d373530382d616265612d30303836613836656363626200000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000e2e926d2e215d20f952656a1120ab29f9441f7aaa391b6023dd3c899f3dc0b93901a229e6db7f79d2ab37141c1ecb31e50000000d7661756c742d7365727669636518ecabdedac9ade218ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f616761696e01000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000001000000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646237642d376137322d626434392d66616537646634323062323900000000000001a67374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000f834afe8f846e04cdf0b4c5b5960ee1fcab9363260ed1d9049459dad58c0dfbd501a229e6db8a7a20a1700319abec40b60000000d7661756c742d7365727669636518ecabdedb6c543d18ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002874656e616e74732f61636d652f636f6c6c656374696f6e732f73746166662f7265636f7264732f3101000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000001100000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646238352d373236352d386265302d32616235633531323036646100000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000010379495416f2231ada420dd5285efab1d0e519844ff69b9af5d193404dddf510701a229e6dba871989f2b112bdd8c8d450000000d7661756c742d7365727669636518ecabdedd3e8a9318ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e7570646174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000001300000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000132000000037569640000002430316132323965362d646232382d373833612d626632342d36356432373437633132623100000000000001bd7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000113cc265ec87d58a09ed09df4af4af7ddd4ffa90ff1a002b623e84a88254ce5dba01a229e6dba77264a0a6670f072bf8f80000000d7661756c742d7365727669636518ecabdedd25ee9718ecabdeddc336e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61707000000000000000117265636f7264732e63617272794f7665720000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000001200000005000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e3100000006726561736f6e0000000c434152524945445f4f564552000000087265766973696f6e0000000131000000037569640000002430316132323965362d646232382d373833612d626632342d36356432373437633132623100000000', '\x000000012452cc0ceba6656383c824a37e45cb2611010b228e75f39e73392b5746fe218fec46f9fdabc90686000000012452cc0ceba665637c7ed63bf553e4d08f13d0841c4a3718df4221f1e47abaf109d34e9f740d6b41000000012452cc0ceba665631eb1bacd2eb78216e1b3089dbf52614fc8695b84ac143bee4a96d51c5ff18de1000000012452cc0ceba6656393cc886bb1d02144c97a9326b5d931d42b01fd5df414869ace1a44e7b98f71b6000000012452cc0ceba6656303316961004d6904ed06cbb9d62e495f53f53216e22fb3556e84e2f5f842c353000000012452cc0ceba66563247444b5f08737a1c19b6bd74cb5322c3fe7856c95691b3564a22716a1f0df70000000012452cc0ceba665635b6c4bcf30e1af95eb45e7a5fa487174d73d6dd7be25a1650aa6992b5be24aab000000012452cc0ceba6656307ef2447c0675698921d8d6a21eb0f546c8a81b7be96e308fc197aac39639dc4', '\x01000000012452cc0ceba66563f16c4c6b9e7a339bf05551d2dbbefa4c96b1bb9786e05319b5d9e16637d9c88bd739c7e97803225de1e70d8cdd7431a400000000000000123b1d919354a75abc4d95c13e725ca64e61c87e3e9d616b89bccdf41be5b2de5800000048000000000000001255a69b61af0fbc75395a3bbfcc9a7f99d507648caf7e1f8f7f111257f0794d8b016c5f58ccd5cf0e59e2c59a26ab13c142a3c26dc26e05f477d4bac9abec7e0418ecabdeddc336e8722626ba56234c60b286c7ee49cbdb344d26e5eb359e3520f4c16a23d8b39038000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x02340d6677cd4264407528395c21799edb8880f8aad3673aab430ec0a295ce27', 1795999325111275, '\x0100000001680a40e3534d6da5ef4cc4afe9bf4fd7e5fa2ec63f9264b09b823989f9e89cbe');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 18, 6, '\x3b1d919354a75abc4d95c13e725ca64e61c87e3e9d616b89bccdf41be5b2de58', '\x60d4f2fd956d3c515c2d660a888b7dfc5cb2f05546e93faa001bd74e6d2fc8d3', '\x000000000000001255a69b61af0fbc75395a3bbfcc9a7f99d507648caf7e1f8f7f111257f0794d8b016c5f58ccd5cf0e59e2c59a26ab13c142a3c26dc26e05f477d4bac9abec7e04', '\x722626ba56234c60b286c7ee49cbdb344d26e5eb359e3520f4c16a23d8b39038', '\x000001d77374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000123b1d919354a75abc4d95c13e725ca64e61c87e3e9d616b89bccdf41be5b2de5801a229e6dbb77234994978d13b9177790000000d7661756c742d7365727669636518ecabdede1bd97718ecabdeeae3c7980000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e72657665616c0000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f75706461746564010000000974726561746d656e740000000001a229e6dac07829be4ef6bf67fe4689000000000000001400000007000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000066f746865727300000001320000000470656572000000093132372e302e302e31000000087265766973696f6e0000000132000000037569640000002430316132323965362d646232382d373833612d626632342d36356432373437633132623100000004766965770000000446554c4c00000000000001ae7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000130c58647b06a9a997bb8567e4691848345e2898ac6201f7c8c5ceabb97eea798101a229e6dbc4726a99f884ee7672b7680000000d7661756c742d7365727669636518ecabdedee207d218ecabdeeae3c7980000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003074656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7365636f6e6401000000000000000001a229e6dac07829be4ef6bf67fe4689000000000000001500000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646262662d373763302d393665632d63366137376463353966316400000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000014eedb7adfc4210f5a1a9c52578cfd84d84417fa7de814bb5a4b0b7ea46568565701a229e6dc4b75aeb4d652cea2e403840000000d7661756c742d7365727669636518ecabdee6ebbfb318ecabdeeae3c7980000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e7570646174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000200000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000133000000037569640000002430316132323965362d646232382d373833612d626632342d36356432373437633132623100000000000001bd7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000153e8e5d19fea5a7c8dbddda1737b4a7d6f151d1f7a53d01163afcc01b1ffca6ab01a229e6dc4978858f94d20e639513910000000d7661756c742d7365727669636518ecabdee6d45c4018ecabdeeae3c7980000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61707000000000000000117265636f7264732e63617272794f7665720000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000100000005000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e3100000006726561736f6e0000000c434152524945445f4f564552000000087265766973696f6e0000000132000000037569640000002430316132323965362d646232382d373833612d626632342d36356432373437633132623100000000000001d77374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000001624c56e2c03262859b79043a48fd1290819ac791676209960ae554685cc8dd98b01a229e6dc547bdfb95f347f045640140000000d7661756c742d7365727669636518ecabdee77c9e1118ecabdeeae3c7980000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e72657665616c0000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f75706461746564010000000974726561746d656e740000000001a229e6dc2872099bca6ea4421dfebd000000000000000300000007000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000066f746865727300000001320000000470656572000000093132372e302e302e31000000087265766973696f6e0000000133000000037569640000002430316132323965362d646232382d373833612d626632342d36356432373437633132623100000004766965770000000446554c4c00000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000017a2ec8a56942abe1c608f453306cf94ce62783e28c79c0da0f5c1fd98f80e420601a229e6dc5b7ac998e72354de6de6710000000d7661756c742d7365727669636518ecabdee7e8ced818ecabdeeae3c7980000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f746869726401000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000400000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646335392d376133322d396639382d37313031303138353638643200000000', '\x000003eaef142aaa68a36fbbc7aedd2ae631aa0cd7d5a94a6c2fb676208b4248d011b7315e060fda928470f2000003eaef142aaa68a36fbbdd52fb3223122628fdea5b61645ebadc1f9ad44721d491769a008a07fee29438000003eaef142aaa68a36fbb6e6e91c30e250127a6b6c571707d43ccd6bd9d6f313118443fc64d095987fdba000003eaef142aaa68a36fbb8caa909c2268c2f4c13b441ba48e76498b32794bac2fc7be874402608db95596000003eaef142aaa68a36fbb59c70d2483afbca06d2c95a7fc29e76d28d4bdb433aa44c5eb962a6527122745000003eaef142aaa68a36fbb38ecb44ab69b5fc98c0ac230cc5f6a5e67b5af753cc09776e7ea7cdaf2ed76d1', '\x01000003eaef142aaa68a36fbbbcc3c0cb21fdad48cda5b493599b5062b61238b2c5e446ebe961c5a2f683c3d4d739c7e97803225de1e70d8cdd7431a4000000000000001860d4f2fd956d3c515c2d660a888b7dfc5cb2f05546e93faa001bd74e6d2fc8d300000048000000000000001855a69b61af0fbc75395a3bbfcc9a7f99d507648caf7e1f8f7f111257f0794d8b99e7c04888c1e85d4fe3980a75d46a0dd90276d61d8982052d283c2332c14dae18ecabdeeae3c79865cd31f3dbe56279e254d513b05fddedc16f8abfb8d58e1eac63e04decc90b60000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x41e7f271a5fc837fe05f956eeb61d74cac95704f5dfe999712a6cb7f0726dc9e', 1795999325337627, '\x0100000001bddbd341d56b3cb812cfe1b3b93b52d10093fb72d5c038f5d8821f02a836b0f6');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 8, 17, '\x1038d9a8d28f114a0cc2f67cff825162e1db23ed907a9f43ab6235267fc89ba1', '\x52f0bdf110aa90472195df2d3871361b9bd76a066476473b74444b862d633a34', '\x00000000000000087a076336a794c83755cf354e556ada3a267152540757c25894866d57507ba1b2', '\xb922802595fc6e2dd952d8333ec7a6b2b1f2ae859880c5c0132b38651e23bc87', '\x000001997374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000081038d9a8d28f114a0cc2f67cff825162e1db23ed907a9f43ab6235267fc89ba101a229e6db927838913950cebf5caac40000000b6b65792d7365727669636518ecabdedbe8af3418ecabdeebf464a8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f74617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001320000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646165612d376233392d623463632d373535326134313637323265000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000948a151ff84efcd8cba9d630ec192126c4d41c56aacddda19408b3bf4c7487d5001a229e6db067607b1e592e20779a88b0000000b6b65792d7365727669636518ecabded391f12b18ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dac07829be4ef6bf67fe468900000000000000070000000700000004626f6f740000002430316132323965362d646163302d373832392d626534652d66366266363766653436383900000005636f756e740000000231310000000664696765737400000040613263303438623364346530636636646666353133623135303566316566303865353161343335376437616265333666366532666130613230326239363837630000000566697273740000000137000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231370000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000a4d004b28004c5aef4fbddc859345c2da870976ec5fa26c2c51ebd70dde34f5df01a229e6dba377aaa7b8cd95207646500000000b6b65792d7365727669636518ecabdedce7a62018ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dac07829be4ef6bf67fe468900000000000000120000000700000004626f6f740000002430316132323965362d646163302d373832392d626534652d66366266363766653436383900000005636f756e740000000131000000066469676573740000004037386238363162623963343164346639326233653033316439366461353830623966336162626335326238663034333639646436623737336632333861386161000000056669727374000000023138000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231380000000470656572000000093132372e302e302e31000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000b567d19252b9559b85fe4a85fa8a90a22be6d9048823db7d9f9db6d9c2427a4fc01a229e6dba874768fc5e290040842160000000b6b65792d7365727669636518ecabdedd34e80f18ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dac07829be4ef6bf67fe468900000000000000130000000700000004626f6f740000002430316132323965362d646163302d373832392d626534652d66366266363766653436383900000005636f756e740000000131000000066469676573740000004030373738653836646233666139316531633733643136626364663961333134343665373537363363613933653134316262353832386636396536333266333536000000056669727374000000023139000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231390000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000c077c302d329c3e01f55767e04753a71f2a02fc7c2abd5672438d5ab86c52134201a229e6dbb470808d8bd256b5fb9d9a0000000b6b65792d7365727669636518ecabdeddf5f3b018ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dac07829be4ef6bf67fe468900000000000000140000000700000004626f6f740000002430316132323965362d646163302d373832392d626534652d66366266363766653436383900000005636f756e740000000131000000066469676573740000004031313731363738326634383038373363653061333433333635323737613862653930386630393839636466386638323061653836643637313364383830653236000000056669727374000000023230000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000232300000000470656572000000093132372e302e302e31000000000000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000d3dafc6b168507e27ee989179fef4450e616ddd8e0f34d428f9b77ab33012806401a229e6dbc27490ad87b001f43094b20000000b6b65792d7365727669636518ecabdedeb883fb18ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323965362d646165382d373131302d393763302d3263323637376434343230310100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323965362d646165612d376233392d623463632d37353532613431363732326500000000000001827374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000ee90bf3a16164d605293f13efa10181575f1027f2ae9bd756c57857d7dbb15fac01a229e6dbc97d059d04db655b0071e60000000b6b65792d7365727669636518ecabdedf3661d418ecabdeebf464a8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f74617465000000126b6579732f7661756c742d7365727669636501000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001320000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646161382d373730372d383561342d666565653935396432616130000000000000017e7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000ff58f5603f39abd215f91217d2ff898972b0d2bcac28e1ad77a238cac91cf20fc01a229e6dbd47274aac474249a35cfae0000000b6b65792d7365727669636518ecabdedfd58f2818ecabdeebf464a8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f746174650000000e6b6579732f61756469742d6d616301000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001320000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646161382d376162652d393732662d313561353866396430353533000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000010bca89e154892a7c78f1398b2099c8c7ce75890df5665cd93c0156f9c028f49f101a229e6dbc37c03b8f7004b5af3ac580000000b6b65792d7365727669636518ecabdeded7526e18ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dac07829be4ef6bf67fe468900000000000000150000000700000004626f6f740000002430316132323965362d646163302d373832392d626534652d66366266363766653436383900000005636f756e740000000131000000066469676573740000004033386334393135336166353763336336313064613836326232336561653037613631636361333966353032313739336632326339363331383366363234373535000000056669727374000000023231000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000232310000000470656572000000093132372e302e302e31000000000000012a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000111c99bdc277db4ebc7a4335ad4657487926b0b73b9fbc9bd931f18dbdf92e6f0301a229e6dbf172ef806d6613cf0d10be0000000b6b65792d7365727669636518ecabdee1bc033f18ecabdeebf464a80000000b6b65792d73657276696365000000000000000d6b6579732e726573746f726564000000046b6579730100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000133000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000007736b69707065640000000431303030000000000000019c7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000012e626bf0011e3bb898bc9f5e6a6984f3f8227de9e8f27d6ed3451f04d5828ccbb01a229e6dc3771428237a8b6948166bd0000000b6b65792d7365727669636518ecabdee5c0d71118ecabdeebf464a8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f74617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000004313030320000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646165612d376233392d623463632d37353532613431363732326500000000000002067374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000139fa6ed6b4bfee781cca1cedc7a2cd73af7f351cf3ca359de6f7fd023527e888501a229e6dc48744e8ada6c2fa44d831b0000000b6b65792d7365727669636518ecabdee6ba76bd18ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000010000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040663739306639383666306464393464303934313664373930653537313464363837316266386365663761643730333538616464306530616266343365393536360000000566697273740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001310000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000146866c3e1e111667315dbe4b79775b17f49e4a79349b923812b46f51b8180fa5101a229e6dc4a7c959c7089b8e96ea80a0000000b6b65792d7365727669636518ecabdee6e1e16018ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000020000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040663131373562356662613532316366623333343664353562636239383337666530356366373832386137653132653032386630326531333731383833333732350000000566697273740000000132000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001320000000470656572000000093132372e302e302e3100000000000002067374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000015c6c5dc4a6f7a08bc8142831095be4993230b4f0c33b966383c9328f0e60b25c601a229e6dc527e36b8d2c84153ffdece0000000b6b65792d7365727669636518ecabdee760deeb18ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000030000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040383737636262313538626433626534626532666463366364663433356134336636396436383666613737323639336661393239653830366132623165643266380000000566697273740000000133000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001330000000470656572000000093132372e302e302e3100000000000001817374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000162efd2354901888a0cba3ab30f0c41b177bd0e398434760e327a3781235214dc301a229e6dc637313b8ece2da3b4aea960000000b6b65792d7365727669636518ecabdee858908818ecabdeebf464a8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f746174650000000e6b6579732f61756469742d6d616301000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000004313030320000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646161382d376162652d393732662d31356135386639643035353300000000000001a77374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000017b5c4a5c14835bc8609f1cc97696f27935751055ccffc0b1669db773123a3da9801a229e6dc6c7b0f9a8d7a16154eaa530000000b6b65792d7365727669636518ecabdee8e8950918ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000001474656e616e744b6579732e70726f766973696f6e000000296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613001000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001310000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646336632d373963322d393262382d646533623733313631656561000000000000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000018b9342b737ddfd6f4211b99b9e9d50eb9abfae33a9199164f72b5c5c56e5c5fef01a229e6dc8f7a84883ebc8e738606f90000000b6b65792d7365727669636518ecabdeeaeb2c4d18ecabdeebf464a8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323965362d646336612d376262362d393632392d3235346637373337303061300100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323965362d646336632d373963322d393262382d64653362373331363165656100000000', '\x000003eaef142aaa68a36fbb7b065d01ad28a32613c9eaeb8580c27d89a16cc2b7248e2a0fadb807c71dbf28000003eaef142aaa68a36fbb7f2e8df926799e9b9e034f03134c5c6d03bf9c39e199e42764632bb029b57a5b000003eaef142aaa68a36fbbb6a3f67996e235f8949c8a8e84e819b9fa464b07430d610dd1c7632b631ed4f1000003eaef142aaa68a36fbb8ee54ad435412d0460b23dd6ffc0c3d48e6f6a13d2d8932ad6f53ccce55f9f82000003eaef142aaa68a36fbb65cbe73a0a63544c02ff91c4ccc350afef17b35c10cfe27adfbe71394ea78283000003eaef142aaa68a36fbb4da602f7f41dd477bf0c5710fee76468a5d69d3a8cd2d9b376f5b96c1444865a000003eaef142aaa68a36fbbdeae447451a8da4254569da265ce177f5a2997a80abc1b55a76abeb595e2c3b4000003eaef142aaa68a36fbbc7f19834b6ad6f6f964d7b3b54e90dc6f97cb9cfdb1974aa8ddc9982ebe3b70f000003eaef142aaa68a36fbb515ebbff9c28f3337c950cf8ade45aca98a994b804da263e6f3e1030139086c9000003eaef142aaa68a36fbbf858f73555dc5468cd149dd881d46bdeb22d8f641050d2f1fffa721c3facf56e000003eaef142aaa68a36fbb660f27e308c6a76361a583848d4cf3974b3a8d7bc647038556125412114c0936000003eaef142aaa68a36fbb86632b02780a954a6f865cb932ff4e7d6811d0acf18a58fa792944a95773f663000003eaef142aaa68a36fbb9b8e6179b3245faed8f44492451790a3716015d7ae74fcaee6e022d27d193367000003eaef142aaa68a36fbba70fa37429612122cf769d374234c2b499d5d970f597d42275363346b3157518000003eaef142aaa68a36fbbe1b06c3f2345d856d01f62416c560f27ca0586f5fbdef4e00c68d73d92255983000003eaef142aaa68a36fbb717838827240c9688f317f6d2af560c9bd191b90d319d2ee0e87702fb53896fd000003eaef142aaa68a36fbb6d70d054c96b0736a07e96adc2f97ea1acc1bc44dc6a0cfe24dace1b8d1af411', '\x01000003eaef142aaa68a36fbb55b861076cb8c9da16b2855c64d8227f88fd900e3579f65e932d4bc342ffffe3f3fb6a3fe79772fa8bc4dee117323067000000000000001952f0bdf110aa90472195df2d3871361b9bd76a066476473b74444b862d633a340000006800000000000000193d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf687d332d31987a1455bca6d8cc4943950638578c2840cce285194920c2d94cb0e18ecabdeebf464a83664ad0c8f2f3531dbfcc36511766f7923d047f6c20d8031260ac181593dfa12000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x78148e8de381430cb026dbe63a48153683f0f4ea332b94e623ae6cd04247b159', 1795999325350180, '\x010000000179ccc71575f40cce99eb73b16b907ea4c60dbc0c44641d76ece83c7af6f7856a');
INSERT INTO public.signer_segments VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 0, 4, '\x330cd000f160b55bd8979ae8915ab853e9b88d468560f7cc0c8412fb6aca5627', '\x56ae2862a70b87be8d3593ec133b80f38e6222678d0d9e7c14e78054c520fbc2', '\x0000000000000000', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x000001737374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac0000000000000000330cd000f160b55bd8979ae8915ab853e9b88d468560f7cc0c8412fb6aca562701a229e6dc737e2ab78217ece1d59a580000000d7661756c742d7365727669636518ecabdee951b47618ecabdef0b6a3c0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000e74656e616e74732e6372656174650000001074656e616e74732f756d6272656c6c6101000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646336612d376262362d393632392d323534663737333730306130000000000000018c7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac00000000000000010aeb1da467646caff9be5d563122bf1b244261d9d5e6beb096a5990f0267b35401a229e6dc7c7317953c4d14d27765e60000000d7661756c742d7365727669636518ecabdee9dbad1c18ecabdef0b6a3c0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000002574656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e747301000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646337632d373636352d383730312d36616562383339353638343200000000000001897374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac000000000000000297218e884b12d26b7f4e6c0af803260e1f013211edaaffdd61bf4ef2d0ee622801a229e6dc857813a7aa5f5a454d97110000000d7661756c742d7365727669636518ecabdeea69f2ad18ecabdef0b6a3c0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000002274656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f737461666601000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646338352d373965382d616662392d31653930623161613137353000000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac000000000000000346cb27ea48eafcf7389031fa9b43695447c40db864114cfff330650cdc2b755a01a229e6dc9177d698e55cc55ead5a460000000d7661756c742d7365727669636518ecabdeeb17799318ecabdef0b6a3c00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3101000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000500000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646338622d376233382d623863362d62386164363861646564363100000000', '\x000003eaef142aaa68a36fbbdaa10348b6a8f2db11926d093125442eef81b5ad1ba26d2b2e25e440d0fefa8b000003eaef142aaa68a36fbbbae72b171395666c9c129860b4e94ac0f374645223e3405c9e98181d3bcbfff0000003eaef142aaa68a36fbba63b89cc7adc5375235af2711bf548853f83b3bb6952c31741467bef5bfbbfbc000003eaef142aaa68a36fbbfa035528a343caae38f9c526253edd00b75a986ada57071d6ec14bdc12781c19', '\x01000003eaef142aaa68a36fbb89a377d84cc822e605abec2e0f6bd7d7979478fb3b84bd0575d3985f09b93dcd09f9b802d312d518140b9c7208f95bac000000000000000456ae2862a70b87be8d3593ec133b80f38e6222678d0d9e7c14e78054c520fbc20000002800000000000000044dc5e1b2c43ae16b64556ba00d2ab9ae55d64322f7e739724d9d4d3a6c3bd3a718ecabdef0b6a3c0350a30665327b701007ff20824423a1ad9a6590c80c842606b04a36279c8fbde000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x8fe3d15ebe759a6228f23cfab7845d12aae805d6344cb3082a44048c2e01ae62', 1795999325428426, '\x0100000001c98b263fdcc1de4bbb4ee2e358697cb6e65a83630dfd19b1e5a6c56d0ee867c7');
INSERT INTO public.signer_segments VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 4, 1, '\x56ae2862a70b87be8d3593ec133b80f38e6222678d0d9e7c14e78054c520fbc2', '\xc335fffea3620e9cc3c0568a0812267851a925bc71a86b6e711d76de864ba516', '\x00000000000000044dc5e1b2c43ae16b64556ba00d2ab9ae55d64322f7e739724d9d4d3a6c3bd3a7', '\x350a30665327b701007ff20824423a1ad9a6590c80c842606b04a36279c8fbde', '\x000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac000000000000000456ae2862a70b87be8d3593ec133b80f38e6222678d0d9e7c14e78054c520fbc201a229e6ddc67136baef07315c6c284a0000000d7661756c742d7365727669636518ecabdefd8d216d18ecabdefdf96a400000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3201000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000600000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646463322d373230642d383136342d30643165656237346633333900000000', '\x000003eaef142aaa68a36fbb1b65a948e1adcf73742755734b563ca76b08d3a543424a5615f9ff4144b140fb', '\x01000003eaef142aaa68a36fbb5528a69bce00bd0bea7aca2ba74d85dc755e52d0ac0d2704366af35336289e7e09f9b802d312d518140b9c7208f95bac0000000000000005c335fffea3620e9cc3c0568a0812267851a925bc71a86b6e711d76de864ba5160000004800000000000000054dc5e1b2c43ae16b64556ba00d2ab9ae55d64322f7e739724d9d4d3a6c3bd3a79edb64644b18edc28154b0f64be998ec2e04c86bffcd8882603c5a0838d0da8918ecabdefdf96a40fb951a97e584eb9c0d5e7be3422084345395bae3055b81539f1ca790c88ecdc3000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x5897e257cd41217d4b24045ed99abef0dec4f5f0d9cbae9e11558dca811e41be', 1795999325650140, '\x010000000137b3f63f8a7d13103871e5141ab29534d3d63a6aadc90b0cb52d4deaf964ecb9');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 25, 2, '\x52f0bdf110aa90472195df2d3871361b9bd76a066476473b74444b862d633a34', '\xd99ed536ea7bfb2ec1c8fec8e1f10f9dacb4970944ee1a7b074095573be53afc', '\x00000000000000193d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf687d332d31987a1455bca6d8cc4943950638578c2840cce285194920c2d94cb0e', '\x3664ad0c8f2f3531dbfcc36511766f7923d047f6c20d8031260ac181593dfa12', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001952f0bdf110aa90472195df2d3871361b9bd76a066476473b74444b862d633a3401a229e6dc5b746aaea11648a7db06da0000000b6b65792d7365727669636518ecabdee7de3ccd18ecabdef75641e0000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000040000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040643931313134373138383931333433376662356362353636353933356232373536623961333366373235343237623566633562313538626538663263356466330000000566697273740000000134000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001340000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001a096f29f09399da12abfbedc082eaff5398bb9997393fe9c6e9398b71d8d3ac6c01a229e6dc907c29a2e7af300230a9820000000b6b65792d7365727669636518ecabdeeb0b079818ecabdef75641e0000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613001000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000050000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040363037356564326136303362646536666361353835323538633064643239633732323032653039396661323338653736666466643562316666306264333230360000000566697273740000000135000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001350000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbbe18e11d56e5a4ec46309590526fcad107dc17c5a1ea87a7090b9da23b266243b000003eaef142aaa68a36fbb61f1446a42bcfaf383b0f12abd5c319be07ef5e12c0ce9eb2d8dbe82d17471bd', '\x01000003eaef142aaa68a36fbb1c6f3a84ae6a7572c9159df7da69a786e1024aab27305969fdcb0f89bde90ff2f3fb6a3fe79772fa8bc4dee117323067000000000000001bd99ed536ea7bfb2ec1c8fec8e1f10f9dacb4970944ee1a7b074095573be53afc00000088000000000000001b3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf667b930d3c22f960be2c70afbc521032499bbe4cbbeb838b23cdeb61c0836bfdbf486cdfd270af9f182b6581dc33b1ca0311f678160dfd28de9dfc02fa01cd27618ecabdef75641e0f05bb41d215cc8dcc9e078b0f791dcb352342670f587eba06fd5c3b53435d3fd000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x05b5c963131ca1443b8156bf3a8f306c802593f8f95a857ef8075134256885fa', 1795999325540072, '\x0100000001b98fe6f143a32c8e0d8798391d9b444cc6bd822390fc986e5f3a5b0cf6e2ce6e');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 28, 1, '\x94a80fa020abb82c390b5c64bdd010ad3625d6f2fe5c622ce9652544792f5f94', '\x0d74bf0dbac27edd84b7a248843ce2d2317838828c99501c8dbce7f58a98fb86', '\x000000000000001c3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a', '\x9529587459e137d7f32790ab3b1512d5ac802cad8847006a19fefadfe64e2d8f', '\x000001577374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001c94a80fa020abb82c390b5c64bdd010ad3625d6f2fe5c622ce9652544792f5f9401a229e6dab175afbaf39f02ea790d890000000d61756469742d7365727669636518ecabdece7ce25918ecabdf0ada1b600000000d61756469742d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d7365727669636500000000', '\x000003eaef142aaa68a36fbbce9942d278a6b1f781057b49647bd3864b9bc5a5c01b5944d734116cf879eb41', '\x01000003eaef142aaa68a36fbb9fe95455ba49e937bfb3fe5a0062a8dc02ec8c091e43ccf379403ffc02845292f3fb6a3fe79772fa8bc4dee117323067000000000000001d0d74bf0dbac27edd84b7a248843ce2d2317838828c99501c8dbce7f58a98fb8600000088000000000000001d3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a8596167e1a0d85557c4f67f7d8c2b04e5d4c7afdddc79ed8c86b21c3e24b3c0418ecabdf0ada1b60b660951ea6c00f05d7fd46373f3a90eb0c37520d147f47bf34d88fc2479a59bf000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xfedf5b06ddfe635b468c076a6b02184d42c4fba62d0f16e48884437f6bc45c01', 1795999325866898, '\x01000000015c4d0b3a32812d0c7ce95bc151c9abf5388db70c9efc3a1960a5b266aa164506');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 29, 1, '\x0d74bf0dbac27edd84b7a248843ce2d2317838828c99501c8dbce7f58a98fb86', '\x9aa653876a0582ed0312a0aa7105b5c3f85a93a126dc5df2c1ada4af1870821b', '\x000000000000001d3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a8596167e1a0d85557c4f67f7d8c2b04e5d4c7afdddc79ed8c86b21c3e24b3c04', '\xb660951ea6c00f05d7fd46373f3a90eb0c37520d147f47bf34d88fc2479a59bf', '\x000001577374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001d0d74bf0dbac27edd84b7a248843ce2d2317838828c99501c8dbce7f58a98fb8601a229e6dace73ac83b8072b1eeecb130000000d7661756c742d7365727669636518ecabded033f5b918ecabdf0c5cf6880000000d7661756c742d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000', '\x000003eaef142aaa68a36fbbb63e1554f2dfd7db04c2fd4cffac1cd7ace1586ee91b34bb4bc0d34e9e3dc729', '\x01000003eaef142aaa68a36fbb61e9901d8eeb4f30684d9961f5aed10a6379b12fcae7313c7056339020ef16f2f3fb6a3fe79772fa8bc4dee117323067000000000000001e9aa653876a0582ed0312a0aa7105b5c3f85a93a126dc5df2c1ada4af1870821b00000088000000000000001e3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a2533b0976ac70de7958f0ae970efbebd835d4091fd5a030a281e4e7dafbdad8618ecabdf0c5cf6885f2c949689e1804a2cf50ec609a73ce0a4fbac1e49456ce6d45a08a9c0188666000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x32c0375c5d2f87c0f24de26fd4eeb10d730c1a270d482ac4e774ec01a612ee77', 1795999325891364, '\x0100000001f550def5752f3b9014cd92b56c6ddfb008c8c0cfde3e15d2d805d857383aeffe');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 30, 1, '\x9aa653876a0582ed0312a0aa7105b5c3f85a93a126dc5df2c1ada4af1870821b', '\xa91740a9939695ce1b65b1573814bf141b602f1609b119f34b02cbfe204fc1a6', '\x000000000000001e3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a2533b0976ac70de7958f0ae970efbebd835d4091fd5a030a281e4e7dafbdad86', '\x5f2c949689e1804a2cf50ec609a73ce0a4fbac1e49456ce6d45a08a9c0188666', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001e9aa653876a0582ed0312a0aa7105b5c3f85a93a126dc5df2c1ada4af1870821b01a229e6debf7e08b4f37118797310ad0000000b6b65792d7365727669636518ecabdf0c64bcb618ecabdf14dfd780000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613001000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000070000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040323565623931626434613865626238363431623736386466303932383536363964646334393366313831623736333439306162626136636336653363613765320000000566697273740000000137000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001370000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbbd074b970e0d4987de799aa92b285abf67d9648d9fe97755672268d199ad6231b', '\x01000003eaef142aaa68a36fbb84ba5ffd416b35ce9b1c93434caf0cf67a5dc26786b0f6579a5f38c44bcffaf7f3fb6a3fe79772fa8bc4dee117323067000000000000001fa91740a9939695ce1b65b1573814bf141b602f1609b119f34b02cbfe204fc1a6000000a8000000000000001f3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a2533b0976ac70de7958f0ae970efbebd835d4091fd5a030a281e4e7dafbdad8639c77ee18f5c74dd8df8ae712907b371bcbb52e5ac01c44c0e81b065a1c18a2f18ecabdf14dfd780d09f98fe171b49e3ec3179931d9dfa18d63fa7e97d843ca46a9e1ce09ff7e2ba000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x9793e6bccb6076431a208594d22ae859fa6d5cd12bbeab89fe104f775f74646e', 1795999326034480, '\x01000000015d0eadaa701e16bf807dc406531b4112371b4266ba2d01f644ac1da0cecef1a7');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 31, 1, '\xa91740a9939695ce1b65b1573814bf141b602f1609b119f34b02cbfe204fc1a6', '\x7e749cf6a0e6ad30e026566964d17b7366ca16279371084c3d8eb4dd83a9f51a', '\x000000000000001f3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a2533b0976ac70de7958f0ae970efbebd835d4091fd5a030a281e4e7dafbdad8639c77ee18f5c74dd8df8ae712907b371bcbb52e5ac01c44c0e81b065a1c18a2f', '\xd09f98fe171b49e3ec3179931d9dfa18d63fa7e97d843ca46a9e1ce09ff7e2ba', '\x000001a77374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001fa91740a9939695ce1b65b1573814bf141b602f1609b119f34b02cbfe204fc1a601a229e6dfc4708382773c7254b26e1b0000000b6b65792d7365727669636518ecabdf1be7eff918ecabdf1c480560000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000001474656e616e744b6579732e70726f766973696f6e000000296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323801000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001310000000470656572000000093132372e302e302e31000000037569640000002430316132323965362d646663342d373832642d613731642d65633134346366303464623800000000', '\x000003eaef142aaa68a36fbb94b3f2bfdf4fb19c828a851c34e26a35afa411be2b9781aa72e7e958e95ac8ed', '\x01000003eaef142aaa68a36fbb79d25804110b5af63b902f69a18d9ef8d581f366c77f4f3f5fbcf9b48cfae643f3fb6a3fe79772fa8bc4dee11732306700000000000000207e749cf6a0e6ad30e026566964d17b7366ca16279371084c3d8eb4dd83a9f51a000000280000000000000020634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0218ecabdf1c48056008da9ed238bd3d224472c762ec713ea934b5dd979ea4dadc3143e4103f472709000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x67317c883ac698d877edc1bc13f6e2f3341512c19936b33c7cf2ea0e7c41d85c', 1795999326160480, '\x01000000016ee9fce8ca1c63b6561eefad710e572c4abd7fb8529a9465c2f8829bf60ce249');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 51, 1, '\xb135f5c0c75fce8d6b7a22ea4f5a93194a347d728cb07a0c0c732815714dfc6b', '\xf9e172611776d85c002e7cd2b2b88dfe2497376c54ffca1a7f2c82c06941a3a6', '\x0000000000000033634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af6896105d2c1f9962b27762710f0af8b2fc62d7c777f02ea50bff9f4ea834dcd6f40462c2813f0e17585ca091b4b15998d091680c97c87b335c22e9177c5ae521921', '\xcff04aaa6395834c1496c78346530a9eb5a13d4cd009894ef7f98606fbefe739', '\x000001367374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000033b135f5c0c75fce8d6b7a22ea4f5a93194a347d728cb07a0c0c732815714dfc6b01a229e70a8c77ddae63a8063d8afda30000000b6b65792d7365727669636518ecabe1a8d7c6c118ecabe1a9144330000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d65010000000000000005494e432d370000000000000000000000000000000000000000000000000000000200000006616c61726d730000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000000', '\x000003eaef142aaa68a36fbb189af8c0c725c0832d133f02d548e8dbdefb14f8eb13a725c5ba2387c87ed200', '\x01000003eaef142aaa68a36fbbf4d8a826b2d4e8767d4478866e4c11ddfd9bfbe6cdf66e0fbf36ab541a5c8d72f3fb6a3fe79772fa8bc4dee1173230670000000000000034f9e172611776d85c002e7cd2b2b88dfe2497376c54ffca1a7f2c82c06941a3a6000000680000000000000034634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc0988518ecabe1a9144330223aff9f8ff8bb9427fafe1b2ebaaf42dbf55e1a0a7f06f9fab261bc0f6eb5d4000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x056e096b12b2e0f02211436ff383b2586cf8664f09b172828dbad3b80fb951c9', 1795999337111592, '\x0100000001cddc74ec476de98923ca30c88182941c90ae83b30a3c3755858c7763c51a50f2');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 27, 1, '\xd99ed536ea7bfb2ec1c8fec8e1f10f9dacb4970944ee1a7b074095573be53afc', '\x94a80fa020abb82c390b5c64bdd010ad3625d6f2fe5c622ce9652544792f5f94', '\x000000000000001b3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf667b930d3c22f960be2c70afbc521032499bbe4cbbeb838b23cdeb61c0836bfdbf486cdfd270af9f182b6581dc33b1ca0311f678160dfd28de9dfc02fa01cd276', '\xf05bb41d215cc8dcc9e078b0f791dcb352342670f587eba06fd5c3b53435d3fd', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001bd99ed536ea7bfb2ec1c8fec8e1f10f9dacb4970944ee1a7b074095573be53afc01a229e6ddc677aa96418e281c1515570000000b6b65792d7365727669636518ecabdefd7f323118ecabdf05e68f30000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613001000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000060000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040356432636536663763363132633830333939396333303831366662373336393562373662393933643462623631363865646165393933326133393662626464370000000566697273740000000136000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001360000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbb120919284d5edb8be04c59ab3d0ebe0f6afcf71efe16edc6ad2ddfa541770588', '\x01000003eaef142aaa68a36fbb4341981a1e1c1872a6a82f531e6d9dd9167d3f45743601d4b34f8dcff6a8b66ff3fb6a3fe79772fa8bc4dee117323067000000000000001c94a80fa020abb82c390b5c64bdd010ad3625d6f2fe5c622ce9652544792f5f9400000068000000000000001c3d52fdb788a120ebf2caaaa540b46ff2530e10b339893610b62a5304059dec0c491fa99724dc17b11100e37838474414b1922b1451de214495258e2524d0caf6e6fa2700f0311a287a632f91306f7c504f217958247d466e316da2682f707f8a18ecabdf05e68f309529587459e137d7f32790ab3b1512d5ac802cad8847006a19fefadfe64e2d8f000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x4aefb119070dd003cae4f01d498188d1d953771bd0e95d8bb7d8dcecd2ab474a', 1795999325782688, '\x0100000001ede2163695409d6d39b95a4c59e0097008adbbfe022ade14ab91f3c74701e986');
INSERT INTO public.signer_segments VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 5, 1, '\xc335fffea3620e9cc3c0568a0812267851a925bc71a86b6e711d76de864ba516', '\x675c085ad53a50e27ce815e1c768e2767c4db57a5f97e97aa34fd5c73798f7e1', '\x00000000000000054dc5e1b2c43ae16b64556ba00d2ab9ae55d64322f7e739724d9d4d3a6c3bd3a79edb64644b18edc28154b0f64be998ec2e04c86bffcd8882603c5a0838d0da89', '\xfb951a97e584eb9c0d5e7be3422084345395bae3055b81539f1ca790c88ecdc3', '\x000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac0000000000000005c335fffea3620e9cc3c0568a0812267851a925bc71a86b6e711d76de864ba51601a229e6dec07b679c2a5e95174663b30000000d7661756c742d7365727669636518ecabdf0c70d93118ecabdf12778a100000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3301000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000700000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d646562652d376130312d386361302d34613937393339663736303400000000', '\x000003eaef142aaa68a36fbb7663609449240ce129f3d9be04539d92a5eaf13a589a7dab8894682cf2f65d5b', '\x01000003eaef142aaa68a36fbb13729b4119d9768c639da5e7a55da6aea3b454d8b023b56600bb1d7c9840102409f9b802d312d518140b9c7208f95bac0000000000000006675c085ad53a50e27ce815e1c768e2767c4db57a5f97e97aa34fd5c73798f7e10000004800000000000000064dc5e1b2c43ae16b64556ba00d2ab9ae55d64322f7e739724d9d4d3a6c3bd3a7728d2673027dafd47631fa231985f00f3259449d762db667fcdd3284b1cd1efd18ecabdf12778a105661da657f794930afd324f09034d852f5a0a2995d8c0df56972e39717e8a817000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x526fb5740ca5901d8b18aa1a641f3995b9df7e649fcb98eddda2ca9504da9c9e', 1795999325993331, '\x010000000179e1081b28f8a9c2b0f9a72f1b00e938b88448eae6ed7a7d2e028dc95e816e7e');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 32, 2, '\x7e749cf6a0e6ad30e026566964d17b7366ca16279371084c3d8eb4dd83a9f51a', '\x96d2ed5cfc84798169d28b75b418250d94896d7c697dae85c1bfd8080a881424', '\x0000000000000020634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02', '\x08da9ed238bd3d224472c762ec713ea934b5dd979ea4dadc3143e4103f472709', '\x0000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000207e749cf6a0e6ad30e026566964d17b7366ca16279371084c3d8eb4dd83a9f51a01a229e6dfe378a28ecf69fdc351bd660000000b6b65792d7365727669636518ecabdf1dba844218ecabdf224eab58000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323965362d646663322d373638622d383733322d6132623766303331656232380100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323965362d646663342d373832642d613731642d65633134346366303464623800000000000001517374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000021ce3e07a5c34ce94634d76df7893ef6cac24aa306fbe98aaafbbec5e832c3af9701a229e6dc217bd5b4d92bb8550100930000000b6b65792d7365727669636518ecabdee47538bb18ecabdf224eab580000000b6b65792d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000000', '\x000003eaef142aaa68a36fbb5c3c23c7d791350b57d86e971deb88b2fd4c564176f21536d358399f61000273000003eaef142aaa68a36fbbd4e8b425f97a6bb4a5ff69a2d7059a2aab10d08adc2712739bbd6ad45502b4c4', '\x01000003eaef142aaa68a36fbbf51c0f567330f57875a1d1b5f2ddc7f4c1ec0e86258c37cc1617b6afdcb296ccf3fb6a3fe79772fa8bc4dee117323067000000000000002296d2ed5cfc84798169d28b75b418250d94896d7c697dae85c1bfd8080a881424000000480000000000000022634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea027dd26aa419294017544a5962477a61df8614d4d1645e0e041433c351cef96b0d18ecabdf224eab5865a09043473be0c18988a65ee49ff9d91c6d6673d2ec2bd7b0915420ce5f810b000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xab1435ae6f3bb3caeead63f8d7792357073211f0898206158ec6085ce1c51f96', 1795999326260063, '\x010000000145e1915118fa86258d0c377ab9b994aba04c353ecae0b7009d8913d65b4a3a99');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 34, 1, '\x96d2ed5cfc84798169d28b75b418250d94896d7c697dae85c1bfd8080a881424', '\xe0b70795cf8e3d99ff84da9c2413f8c5a00d414e138b092143d328ecfee353f8', '\x0000000000000022634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea027dd26aa419294017544a5962477a61df8614d4d1645e0e041433c351cef96b0d', '\x65a09043473be0c18988a65ee49ff9d91c6d6673d2ec2bd7b0915420ce5f810b', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002296d2ed5cfc84798169d28b75b418250d94896d7c697dae85c1bfd8080a88142401a229e6dfe47b7aafca369868efb4370000000b6b65792d7365727669636518ecabdf1dd5b92418ecabdf285ed2e8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323801000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000080000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040323064376636386632306233386264663837376537323962623631393239623561346638343263353234653835643432653963336236663964376234653636380000000566697273740000000138000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001380000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbb396ed59610c9a54ba6c7ccd51f363ad6b83fd1e60ffbcf81c387860a3a017a86', '\x01000003eaef142aaa68a36fbb5376c57a520f290fd1c67e319bd6f383526c46c6af7c48e736c740a882a49b9bf3fb6a3fe79772fa8bc4dee1173230670000000000000023e0b70795cf8e3d99ff84da9c2413f8c5a00d414e138b092143d328ecfee353f8000000680000000000000023634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea027dd26aa419294017544a5962477a61df8614d4d1645e0e041433c351cef96b0d74db487ecbae9670c243e79f0fd7ddccfa5a96381c80b3c59ea2453be91cbeae18ecabdf285ed2e8a38fa02a1bad660e942b87c5e41fd4ca83277967972e5dbbd8e6527b29df203d000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x7a246b4490d743246beed86faef268ea187ad2f7a8ef630b09dfd8836f1f9b09', 1795999326361419, '\x0100000001f8c1bd3b762e3ccef781da98417c9c413c4c61a6e4f8d34c2c9f6b1b59c6e761');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 35, 1, '\xe0b70795cf8e3d99ff84da9c2413f8c5a00d414e138b092143d328ecfee353f8', '\x80c2a5911b883d30cd8863f1a2e9145b92ef10da74afee6d294290742cb8a522', '\x0000000000000023634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea027dd26aa419294017544a5962477a61df8614d4d1645e0e041433c351cef96b0d74db487ecbae9670c243e79f0fd7ddccfa5a96381c80b3c59ea2453be91cbeae', '\xa38fa02a1bad660e942b87c5e41fd4ca83277967972e5dbbd8e6527b29df203d', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000023e0b70795cf8e3d99ff84da9c2413f8c5a00d414e138b092143d328ecfee353f801a229e6e0cc7dc99db43bf759e2afb90000000b6b65792d7365727669636518ecabdf2baeb59518ecabdf32f8d028000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323801000000000000000001a229e6dc2872099bca6ea4421dfebd00000000000000090000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e7400000001310000000664696765737400000040386565393964303937373537346633666665373332653234663439333736326533646232353864363962393163626631376361323033316563383936646339340000000566697273740000000139000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001390000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbbb22ddca8b854daa4b13b855372282e4c1589fc5ddce77ff56b62b4d6de5460d6', '\x01000003eaef142aaa68a36fbb406aeb7eff62455084e0e8b05b1abf250acd2af1258eb412cc2b19c1976a8341f3fb6a3fe79772fa8bc4dee117323067000000000000002480c2a5911b883d30cd8863f1a2e9145b92ef10da74afee6d294290742cb8a522000000480000000000000024634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec69718ecabdf32f8d0289e0322e032508ecc9e68a902b8122497454fa65798fff58d388cc612de21a349000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x2a343907dedf62f1ce4283ec16fd889519fd76f40eff15a28accfd7cc06c7c67', 1795999326538968, '\x0100000001ef286a12f12a98f95a989896a737a4524e8ba974fc005a551b20e966e933fbcd');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 38, 1, '\xc59561a672a157efbbb73132b17b6c4de1570a3bbaf72a76adda4b26bc9c8d6e', '\x3a15932b2c5d1ddcd84a2a518b3ac8c6efb7de6b977386b63a7bc6289cf9a54a', '\x0000000000000026634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec697dd2f4f2e437c3413084745e8da0831096a5391528d02be34e0ae8dd37ba019d4', '\xd88d237982f6adc8b4623350a94426ffeb8dadb60657ebb41191c9fdc9e77895', '\x000001567374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000026c59561a672a157efbbb73132b17b6c4de1570a3bbaf72a76adda4b26bc9c8d6e01a229e6e33d794abc73ea0f2194f0e00000000b6b65792d7365727669636518ecabdf511a054218ecabdf51866848000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000e6c6f737365732e6465636c6172650000000c6c6f67732f696e6974656368010000000000000005494e432d380000000000000000000000000000000000000000000000000000000400000006616c61726d7300000001310000000566697273740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c617374000000013400000000', '\x000003eaef142aaa68a36fbb85becd53c19732831e08c20485930287afcea10d0fb3c1362ebc9242b25c32eb', '\x01000003eaef142aaa68a36fbb84e1bbb049521a50da421eb5dc1c5f560302f97e3c0c2e86cfb0856a5412f2acf3fb6a3fe79772fa8bc4dee11732306700000000000000273a15932b2c5d1ddcd84a2a518b3ac8c6efb7de6b977386b63a7bc6289cf9a54a000000880000000000000027634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec697dd2f4f2e437c3413084745e8da0831096a5391528d02be34e0ae8dd37ba019d4697a935b16617225ee188e73d966cb2d6ac793108456cc6b493c231257c8734b18ecabdf51866848c59e6dfe84ddd99f1b6c3f375716260c669c2dc86e47e91095ca41f33bee2a4b000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x5f0a472f38e67c8aa2784a3fc0542088309fa189b36aadb72a6bb585f960cebc', 1795999327055840, '\x010000000158042ec10d27e255d96ecc503f220f3ab1c2427ef31bb0c315f99ed814eef12f');
INSERT INTO public.signer_segments VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 5, 1, '\xfb7873374a152d510aa54be5bbbb3472ae82df41bf1e11e16951590b81b90593', '\x94c5951b043d789a064fedfb451a862ac85ec8b73d9022b6dd2c7f1b25ab73d5', '\x00000000000000050a9767fb5a77d7c5d87f14b74be42a2b8aac6703d8fceeefe34d7ae2db901b3ae953bbdd7707c879e5691ec5ad0c96bea6889d305661aec55674d8f1aa058be4', '\x05bdf8e11c4768c3a0b7bffee3c0d1d6dfed0739e1912d8b72d2e3575624138d', '\x000001ac7374726f6e67726f6f6d2f61756469742f656e7472792f763100927a091fb720d7472150a52018a9cd290000000000000005fb7873374a152d510aa54be5bbbb3472ae82df41bf1e11e16951590b81b9059301a229e6e1ca72bbaff1512bfcec26000000000d7661756c742d7365727669636518ecabdf3ace6cc818ecabdf3b3171500000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002e74656e616e74732f696e69746563682f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3301000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000a00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d653163382d376634392d613664302d39363538363663393166306500000000', '\x000003eaef142aaa68a36fbb1c2cec4550e0a913d353aed0427a418e3c453452dfe9ff30828793381c8c738f', '\x01000003eaef142aaa68a36fbb52048184ab4a6dbac33a7d3baef55d53ff31b774807c0dc88a3240ecd4f27dc1927a091fb720d7472150a52018a9cd29000000000000000694c5951b043d789a064fedfb451a862ac85ec8b73d9022b6dd2c7f1b25ab73d50000004800000000000000060a9767fb5a77d7c5d87f14b74be42a2b8aac6703d8fceeefe34d7ae2db901b3a6f92e16f5d316bffcb34ff71273739576c5bc399f57af04e600f0c41d71d7c2918ecabdf3b317150146c8cf41fd9d1b8dd8c335caaf88454f0ae5923e9227cc59648e8ed9b5b2033000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x7abaea3fea7c02dc004038178537eb1c11814f2bfe4b7648d7fd61df6810e764', 1795999326677383, '\x0100000001aa9c15f70e35f7206d4ce38d3799b18c6ea24b773c1ca077a638e07db402fe14');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 36, 1, '\x80c2a5911b883d30cd8863f1a2e9145b92ef10da74afee6d294290742cb8a522', '\xcfea8ec3496eadb1884c4ee5bbd8467921e9d6519c88b032c9dba6d969776644', '\x0000000000000024634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec697', '\x9e0322e032508ecc9e68a902b8122497454fa65798fff58d388cc612de21a349', '\x0000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002480c2a5911b883d30cd8863f1a2e9145b92ef10da74afee6d294290742cb8a52201a229e6e1c97c3a9367223130ad495f0000000b6b65792d7365727669636518ecabdf3ac2c99718ecabdf42094de0000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323801000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000a0000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e740000000131000000066469676573740000004036316566376436303432386663393830333934376239616163393535363131623631323835626566313638336464313064383030316335616138336236303237000000056669727374000000023130000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231300000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbbbce621c0ce10a9bc8cd5613041b71741a456c561090418ce77ae23ce3ee36ba4', '\x01000003eaef142aaa68a36fbb7520ebdf1e875c691ec29586e12bbd97fb719eb7663127d830e80acc9b4d2eeef3fb6a3fe79772fa8bc4dee1173230670000000000000025cfea8ec3496eadb1884c4ee5bbd8467921e9d6519c88b032c9dba6d969776644000000680000000000000025634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec6975bc9988fab4ffc783975ca28dab63031985350d1c537d0109d62231c49c105e818ecabdf42094de0c753ed40c6edb084322410b9100ed18aeec6312bedbb77ee8232efaf985c7704000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x8fa247c7f5a05195fd03dfc19a0de756d961145bf3d32d2dcc3d31ab8ed65d0d', 1795999326791759, '\x0100000001068d58e657cb0b2fdbb76e88b51366adb14b9657e1a3defb5e10939616ec57ee');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 37, 1, '\xcfea8ec3496eadb1884c4ee5bbd8467921e9d6519c88b032c9dba6d969776644', '\xc59561a672a157efbbb73132b17b6c4de1570a3bbaf72a76adda4b26bc9c8d6e', '\x0000000000000025634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec6975bc9988fab4ffc783975ca28dab63031985350d1c537d0109d62231c49c105e8', '\xc753ed40c6edb084322410b9100ed18aeec6312bedbb77ee8232efaf985c7704', '\x000001577374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000025cfea8ec3496eadb1884c4ee5bbd8467921e9d6519c88b032c9dba6d96977664401a229e6e317739f834935874338699d0000000d61756469742d7365727669636518ecabdf4ea7d4f818ecabdf4f06f1280000000d61756469742d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d7365727669636500000000', '\x000003eaef142aaa68a36fbb962147a9aa7ee3769a6eb5b368e9f49c5b90802e370a10c374d7be9063b90b91', '\x01000003eaef142aaa68a36fbb8b99704945c76cf54ad207302813132ab39d08ad7ee6674451d9e395c8b154f6f3fb6a3fe79772fa8bc4dee1173230670000000000000026c59561a672a157efbbb73132b17b6c4de1570a3bbaf72a76adda4b26bc9c8d6e000000680000000000000026634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec697dd2f4f2e437c3413084745e8da0831096a5391528d02be34e0ae8dd37ba019d418ecabdf4f06f128d88d237982f6adc8b4623350a94426ffeb8dadb60657ebb41191c9fdc9e77895000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x834dbe93f90ff0cbc50e83a5a7a583a5a14bdc38202c428a69fc63d7e27216ca', 1795999327012383, '\x010000000185879ef7804c8b8f8598ca19e1eddb5a50005ac6d72bb06db92c3abd3415bf15');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 42, 1, '\xb40e91ab5944e9d736f5b803368ae30349dda192e4181d421bb04cd2f4aca1a5', '\x5617719e09ffb763c940c4568a3d72efc41a8bedaf296bd76c1e234127a5ff66', '\x000000000000002a634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327eeab5a8e7a3348e6e9909fb4d44398abb2c41a24872370b7164551bb515c838b4', '\x8b81773eb37c7da68e1b2dd971465ab9856ecde7260886c839830f7c17d7977b', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002ab40e91ab5944e9d736f5b803368ae30349dda192e4181d421bb04cd2f4aca1a501a229e6e7db7c11978f52af5859b3310000000b6b65792d7365727669636518ecabdf5bc6558318ecabdf97b49bf0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023538000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb47c20f5ce680d627b1df41fa05b4f7f46d33b208139e84f888d1b293f93b6a92', '\x01000003eaef142aaa68a36fbba0f9d8535ea38a95a18e8b9ec4908e61a481c2f21272c93f87eee48875837cd7f3fb6a3fe79772fa8bc4dee117323067000000000000002b5617719e09ffb763c940c4568a3d72efc41a8bedaf296bd76c1e234127a5ff6600000088000000000000002b634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327eeab5a8e7a3348e6e9909fb4d44398abb2c41a24872370b7164551bb515c838b4016435c4c6639f8a4dab1393c360d41ce6892dd4392e5a11763b57ead1f0be6b18ecabdf97b49bf06954835b556c7e10f3e2b220c1858dfca520666fadeead75b295e9b621055cfd000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x53599bff11165514ce64e29b976c10e2ef79f88051de9ab16e99ee6dcb1b5dfe', 1795999328229359, '\x010000000102ebf86b2cced925b19546ca898a886ed0700d70b865819a802ee6bf5c18c5e7');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 46, 1, '\x10cb69b94fe0dd3742d33eb8b4e75b24a9c1598fe12ac5e15c9c37e4c99c9364', '\x9538e05b16f55b3ef7d85543c3883b8cf8a8cab9b5a59f40b4c4decbf11ecb0b', '\x000000000000002e634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb0e0238bac2e42b161c9dc467a44fe4b192d078c8e6113372a33a953019a137f4', '\x77f46069a1be5d8b8fdb29c67de25e5e4b85985296681f7d1ce46c9708c00b12', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002e10cb69b94fe0dd3742d33eb8b4e75b24a9c1598fe12ac5e15c9c37e4c99c936401a229e6f77a73b99abb1725784fcb980000000b6b65792d7365727669636518ecabe04b33035018ecabe085ed78f0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023536000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb23a614f74c5f292aa6a5cc5c72b6a89d31e264490deaf4f10a6d4d1a26628a95', '\x01000003eaef142aaa68a36fbb0847a7ee0a6c2378e9c5ab9461cb34b691aea43d13645e6fb5fac2b5e9540f03f3fb6a3fe79772fa8bc4dee117323067000000000000002f9538e05b16f55b3ef7d85543c3883b8cf8a8cab9b5a59f40b4c4decbf11ecb0b000000a8000000000000002f634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb0e0238bac2e42b161c9dc467a44fe4b192d078c8e6113372a33a953019a137f43ee9a04102a2783dde3cf519953c61c1bbde1c890aa16451f34232f4d97e921918ecabe085ed78f0d62c5ead55eed369195818e9249f6e5efd5ef4f45594e21eb34b4e39e2f7f5d1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x2dd88444b324ff622d286da412f720f529073af4cb62abfc10e673c173679546', 1795999332226308, '\x01000000012930c3bc467b9030da743b89e167c4064200fd8fa9cb1d6e87a1473408b211ec');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 47, 1, '\x9538e05b16f55b3ef7d85543c3883b8cf8a8cab9b5a59f40b4c4decbf11ecb0b', '\x226e6e46033316bdf14003d6bf749d690cba92f35717bc5db07482372ec25869', '\x000000000000002f634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb0e0238bac2e42b161c9dc467a44fe4b192d078c8e6113372a33a953019a137f43ee9a04102a2783dde3cf519953c61c1bbde1c890aa16451f34232f4d97e9219', '\xd62c5ead55eed369195818e9249f6e5efd5ef4f45594e21eb34b4e39e2f7f5d1', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002f9538e05b16f55b3ef7d85543c3883b8cf8a8cab9b5a59f40b4c4decbf11ecb0b01a229e6fb627705a062be800d5e897a0000000b6b65792d7365727669636518ecabe086b8ab1718ecabe0c1b54e30000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023537000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbbbded94fc653f275b72cee603d6625fdee8fefd4635f851748fa8cd6b9b4bfc39', '\x01000003eaef142aaa68a36fbba7fca30cc111f46e544e743a4651d41f150c8f9d62b6c113cd55818239ae3524f3fb6a3fe79772fa8bc4dee1173230670000000000000030226e6e46033316bdf14003d6bf749d690cba92f35717bc5db07482372ec25869000000480000000000000030634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af68918ecabe0c1b54e302a708a117c0a8985bf543a57cc49048c710c861436c0048d61578c7458ad02a6000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x3382e0943a9eba00bc457380e495b67ce49bb90da6e80790de523fc7dfcda287', 1795999333229187, '\x0100000001d4bec07d0543902c53efa99a49c7e5f144b17e209604296b66cb144f5b003e5c');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 39, 1, '\x3a15932b2c5d1ddcd84a2a518b3ac8c6efb7de6b977386b63a7bc6289cf9a54a', '\xcdb0a701ffb24c14113c12f4e08d5da300aa299d5ea09a008885d64497ce6685', '\x0000000000000027634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea02a8f5f2d7aa2d2498c9ecd0256a20eebd8cf01ea6bc8c3a8a3f599d65af1ec697dd2f4f2e437c3413084745e8da0831096a5391528d02be34e0ae8dd37ba019d4697a935b16617225ee188e73d966cb2d6ac793108456cc6b493c231257c8734b', '\xc59e6dfe84ddd99f1b6c3f375716260c669c2dc86e47e91095ca41f33bee2a4b', '\x000001377374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000273a15932b2c5d1ddcd84a2a518b3ac8c6efb7de6b977386b63a7bc6289cf9a54a01a229e6e35c7f53adf4ec2374d24c430000000b6b65792d7365727669636518ecabdf52f91aea18ecabdf57681568000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f73650000000a6c6f67732f6e65766572010000000000000005494e432d370000000000000000000000000000000000000000000000000000000200000006616c61726d730000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000000', '\x000003eaef142aaa68a36fbbc87d142b9bb7832809f17cc6dba0882965564bae82d9a261c2195d17d24933d5', '\x01000003eaef142aaa68a36fbbb43fe3de9b67ddacf7ea38c82339aad68b1fdec1b7a91f4bb8926b40d64a1923f3fb6a3fe79772fa8bc4dee1173230670000000000000028cdb0a701ffb24c14113c12f4e08d5da300aa299d5ea09a008885d64497ce6685000000480000000000000028634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e18ecabdf57681568276577d8872516667f76071b3e521c68c44c98ea8e0a789bf9062eb51df5767a000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x28f526b5f2be1741fe1f6f7ca3e766c4eba9fe2a6cd4c0535af4ae01e1c2a12f', 1795999327150775, '\x010000000122bf42bce31854d0c4d28e24a59f6508a4bf1eff1e794cb2f120568da863be3a');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 43, 1, '\x5617719e09ffb763c940c4568a3d72efc41a8bedaf296bd76c1e234127a5ff66', '\xd9caac1656fd4c4f8c01c84973c4df11f9670df8a6615b05f87dcf5204733e9e', '\x000000000000002b634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327eeab5a8e7a3348e6e9909fb4d44398abb2c41a24872370b7164551bb515c838b4016435c4c6639f8a4dab1393c360d41ce6892dd4392e5a11763b57ead1f0be6b', '\x6954835b556c7e10f3e2b220c1858dfca520666fadeead75b295e9b621055cfd', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002b5617719e09ffb763c940c4568a3d72efc41a8bedaf296bd76c1e234127a5ff6601a229e6ebc27cf6a6e27096eb7c8ce70000000b6b65792d7365727669636518ecabdf979b434918ecabdfd33c2c10000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023538000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb20383265ffe36a3d9653c85895e0752cd7b447ea69c7f0abb48b76700690a520', '\x01000003eaef142aaa68a36fbb1b288ca1a591d17a0b286c2a97a8f6b7741903360b9e517b629c76da02d64808f3fb6a3fe79772fa8bc4dee117323067000000000000002cd9caac1656fd4c4f8c01c84973c4df11f9670df8a6615b05f87dcf5204733e9e00000068000000000000002c634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb18ecabdfd33c2c10adc0a56eaf12e285a0f366ee2c26cc3315591695eff6b7aece2fca9d8e410a52000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x7681fbb286f97bfac129431f9c87a124aa237c3dff8a78aef4958c2d4b8e9e04', 1795999329229146, '\x0100000001600d15feb7e2e2592df5a937ce16e61be5d69b2a6cda6f4d3495f0b492453262');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 44, 1, '\xd9caac1656fd4c4f8c01c84973c4df11f9670df8a6615b05f87dcf5204733e9e', '\xacccc537fb7d5023450c9330568a36953ff5bb63403fc237abaf27be24208274', '\x000000000000002c634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb', '\xadc0a56eaf12e285a0f366ee2c26cc3315591695eff6b7aece2fca9d8e410a52', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002cd9caac1656fd4c4f8c01c84973c4df11f9670df8a6615b05f87dcf5204733e9e01a229e6efaa73dfb90743fd124e49850000000b6b65792d7365727669636518ecabdfd39f64b618ecabe00ec5f680000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023537000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb17ae3a6f58b1e943a7f697104b611a53a1b416f71ddc6301f2a10f25ddf4040b', '\x01000003eaef142aaa68a36fbbd468025690733a46585325141c95b0a8dfd0a1d6a70f8f394e5258f4345cca42f3fb6a3fe79772fa8bc4dee117323067000000000000002dacccc537fb7d5023450c9330568a36953ff5bb63403fc237abaf27be2420827400000088000000000000002d634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb205a942752be5529872bbdec13c9c40720c226c52f43a5366dce66a2438ab40b18ecabe00ec5f6805e10bc6e4a55805d9442b4bb5e7624f635c3bcd2b6c03559f413c5a6560bce37000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x2376856df513b3d84eb8f11b04dd58fc8789c3abd1a58ee355f1bc20f3bf0d43', 1795999330227064, '\x0100000001811f1de226d22f051a57e3940576675d308a5d7043b5c8f21848e26b31b5daf2');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 45, 1, '\xacccc537fb7d5023450c9330568a36953ff5bb63403fc237abaf27be24208274', '\x10cb69b94fe0dd3742d33eb8b4e75b24a9c1598fe12ac5e15c9c37e4c99c9364', '\x000000000000002d634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb205a942752be5529872bbdec13c9c40720c226c52f43a5366dce66a2438ab40b', '\x5e10bc6e4a55805d9442b4bb5e7624f635c3bcd2b6c03559f413c5a6560bce37', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002dacccc537fb7d5023450c9330568a36953ff5bb63403fc237abaf27be2420827401a229e6f3927a9188102257a79a60f80000000b6b65792d7365727669636518ecabe00f80d4ff18ecabe04a68a7f0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023537000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb5cc074069ae7f2b5eb094523bf2a991b143a7c8236e574060a2806bac85d7da7', '\x01000003eaef142aaa68a36fbb15634de11dcdb914fe37a3fcac6fe0eca3a0a232005e66b3f7824f927bb73355f3fb6a3fe79772fa8bc4dee117323067000000000000002e10cb69b94fe0dd3742d33eb8b4e75b24a9c1598fe12ac5e15c9c37e4c99c936400000088000000000000002e634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e94d0fd51424dfdadd4f4480f01b927fb94be5cf601803b95623de557485aaecb0e0238bac2e42b161c9dc467a44fe4b192d078c8e6113372a33a953019a137f418ecabe04a68a7f077f46069a1be5d8b8fdb29c67de25e5e4b85985296681f7d1ce46c9708c00b12000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x06d2e30fdcdf3099af70b0cd8a034d4e3e47af21163e3878d02223be9351616c', 1795999331227614, '\x01000000018acbee2f9a9cea4816e0b8aa2b9dfd74fd974b572d9d219403c0539b9c108c79');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 48, 1, '\x226e6e46033316bdf14003d6bf749d690cba92f35717bc5db07482372ec25869', '\x3ac294cf43ed5d4f6d76edc21b5b78503c25ad6627aa67e259794b82d59f21a6', '\x0000000000000030634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689', '\x2a708a117c0a8985bf543a57cc49048c710c861436c0048d61578c7458ad02a6', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000030226e6e46033316bdf14003d6bf749d690cba92f35717bc5db07482372ec2586901a229e6ff4a7d6a80c2c4caf9934bb40000000b6b65792d7365727669636518ecabe0c1afaea018ecabe0fd5ada18000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023537000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbbfc08b99fae3abef31ead42b33a0a5e387a829f76c91620dd18e0980578fbfd03', '\x01000003eaef142aaa68a36fbbec352c913102a633999139734f4cfcd535c6b280d444196d5adf8eb137080e01f3fb6a3fe79772fa8bc4dee11732306700000000000000313ac294cf43ed5d4f6d76edc21b5b78503c25ad6627aa67e259794b82d59f21a6000000680000000000000031634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689d470fcad9670d83fd13bd27f7c9408678381ca25ef811ca55d517558ebbf87e418ecabe0fd5ada18d5c5afae36a05871444fa39760c5fad7ccd8431d3213dea2b305d3ae76cb09c2000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x7528e564aef7f237d0ae50c4e7d8d03b8abbf38dbec9e8ed213afecc642baa76', 1795999334229817, '\x0100000001cd993b69ddce1b56a0f4ca386766f52edc2e50452c0cb5d82c9d1d4bc54eb86f');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 49, 1, '\x3ac294cf43ed5d4f6d76edc21b5b78503c25ad6627aa67e259794b82d59f21a6', '\x084a0d7619252c104726b51c674a6dadeac1d665220b9b446ea1fd5a61c74b24', '\x0000000000000031634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689d470fcad9670d83fd13bd27f7c9408678381ca25ef811ca55d517558ebbf87e4', '\xd5c5afae36a05871444fa39760c5fad7ccd8431d3213dea2b305d3ae76cb09c2', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000313ac294cf43ed5d4f6d76edc21b5b78503c25ad6627aa67e259794b82d59f21a601a229e7033272ea9e1ed9a49410e19f0000000b6b65792d7365727669636518ecabe0fd18140318ecabe138db1f08000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023538000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb0cc0f87747b0689259aff413a757e3f082d83ff990bca3f623ade95fa74d6caf', '\x01000003eaef142aaa68a36fbbb00962b821bb79df33a7850e8fd02571949ab728ef8f237a5329b69dfca403fdf3fb6a3fe79772fa8bc4dee1173230670000000000000032084a0d7619252c104726b51c674a6dadeac1d665220b9b446ea1fd5a61c74b24000000680000000000000032634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af6896105d2c1f9962b27762710f0af8b2fc62d7c777f02ea50bff9f4ea834dcd6f4018ecabe138db1f08b2a49239c7f0a98275e58ef9af03ca9297eca419955f6419e19856ec0978bd0a000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x98097b53eac04fc64945800db867bab9bc20f4cd5df9039555bfdb8fc141f2ca', 1795999335228773, '\x0100000001d874a8b7c4d8f2d695e4ddadb7d3a6c212ebf475ec1675afb16e3b44a2bd5f0c');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 50, 1, '\x084a0d7619252c104726b51c674a6dadeac1d665220b9b446ea1fd5a61c74b24', '\xb135f5c0c75fce8d6b7a22ea4f5a93194a347d728cb07a0c0c732815714dfc6b', '\x0000000000000032634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af6896105d2c1f9962b27762710f0af8b2fc62d7c777f02ea50bff9f4ea834dcd6f40', '\xb2a49239c7f0a98275e58ef9af03ca9297eca419955f6419e19856ec0978bd0a', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000032084a0d7619252c104726b51c674a6dadeac1d665220b9b446ea1fd5a61c74b2401a229e7071a7a7d96a7d1b4c128bd5c0000000b6b65792d7365727669636518ecabe13905c6e818ecabe17463cc50000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023537000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb91037eef12b5c4bafaea9c61fa00e011ee5740fb48c4328bb6a7c274fbc2456f', '\x01000003eaef142aaa68a36fbb6dbd26fc412c73dfedf3e4aaac97f3e81a054d526cd8cdda288045c8863273c6f3fb6a3fe79772fa8bc4dee1173230670000000000000033b135f5c0c75fce8d6b7a22ea4f5a93194a347d728cb07a0c0c732815714dfc6b000000880000000000000033634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af6896105d2c1f9962b27762710f0af8b2fc62d7c777f02ea50bff9f4ea834dcd6f40462c2813f0e17585ca091b4b15998d091680c97c87b335c22e9177c5ae52192118ecabe17463cc50cff04aaa6395834c1496c78346530a9eb5a13d4cd009894ef7f98606fbefe739000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xb04f12d9839ad04316a3edd1c84bd2581b28477124e2cc5a35d2e7fdd71e6171', 1795999336226997, '\x010000000159230418457be0796ac5a6ac73048b3c819c90e68e0fb2392d05dd8ca58000a8');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 40, 2, '\xcdb0a701ffb24c14113c12f4e08d5da300aa299d5ea09a008885d64497ce6685', '\xb40e91ab5944e9d736f5b803368ae30349dda192e4181d421bb04cd2f4aca1a5', '\x0000000000000028634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327e', '\x276577d8872516667f76071b3e521c68c44c98ea8e0a789bf9062eb51df5767a', '\x0000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000028cdb0a701ffb24c14113c12f4e08d5da300aa299d5ea09a008885d64497ce668501a229e6e36b71cca31267021f5a4cf50000000b6b65792d7365727669636518ecabdf53adb2db18ecabdf5ffc47f8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646663322d373638622d383733322d61326237663033316562323801000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000b0000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e740000000131000000066469676573740000004064626438343735373936623838326661623664623262353134646239386132383738333366643065376361636163333134363561376532626532623935616533000000056669727374000000023131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231310000000470656572000000093132372e302e302e31000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000294fee3c10de3c55c9fed13c78deacbeea92a29a4d0743b2dce4da2898d4e1c79201a229e6e37e78f395432201eb7058bb0000000b6b65792d7365727669636518ecabdf54ccc21018ecabdf5ffc47f8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646165382d373131302d393763302d32633236373764343432303101000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000c0000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e740000000131000000066469676573740000004066626139366630363561303332663730353364333139653830336666393966663839646363353432326339353938343566613563373963343539663063376238000000056669727374000000023132000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231320000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbb9614afdfbb96bd95258bb824a43b77417db2825a3d84699bc5fd3bc09467ba18000003eaef142aaa68a36fbba17eb10bce19b57fe3aeb543173745342d29caaee16d154f5d1b7d5b2989c575', '\x01000003eaef142aaa68a36fbb7f09a52fb3d07cecaa59ae9c4f60a657077a5920c22313109ee25d14fc06d6d8f3fb6a3fe79772fa8bc4dee117323067000000000000002ab40e91ab5944e9d736f5b803368ae30349dda192e4181d421bb04cd2f4aca1a500000068000000000000002a634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea026b51be61bc18c4fb17d849b774966ed2ed759e54c7bde2977d3f26493115327eeab5a8e7a3348e6e9909fb4d44398abb2c41a24872370b7164551bb515c838b418ecabdf5ffc47f88b81773eb37c7da68e1b2dd971465ab9856ecde7260886c839830f7c17d7977b000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x3b2efd26fa784972707911fd6edc57a388a945f91057055d3f44984aca34cd4b', 1795999327294349, '\x0100000001203b34f665df871e1165d55ff9601cbb9f325345cd62ad0b559d41593d1fc089');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 52, 1, '\xf9e172611776d85c002e7cd2b2b88dfe2497376c54ffca1a7f2c82c06941a3a6', '\xb871aa59e470414009c8ad1f286561f8d6f979b7c3f97707af1351bb17bec98e', '\x0000000000000034634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc09885', '\x223aff9f8ff8bb9427fafe1b2ebaaf42dbf55e1a0a7f06f9fab261bc0f6eb5d4', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000034f9e172611776d85c002e7cd2b2b88dfe2497376c54ffca1a7f2c82c06941a3a601a229e70b037364962e82ae6efb66160000000b6b65792d7365727669636518ecabe17504a1a418ecabe1b0121e50000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023530000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003eaef142aaa68a36fbb07fa584bea211fa3c6e189d580d59656381bf735fa08b0cd90d12c960f5805b7', '\x01000003eaef142aaa68a36fbb32d9ff321e8f11efad3f19bb46b167a418675a3ea2599b7305dac652a58dd446f3fb6a3fe79772fa8bc4dee1173230670000000000000035b871aa59e470414009c8ad1f286561f8d6f979b7c3f97707af1351bb17bec98e000000880000000000000035634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc09885694ac78ad1d53b9ae0e9a9a5a57c1374c992fbedc808749cf9ee6bb2fef9179918ecabe1b0121e50b4e815bad1b518a52514588de97987bdc7704134a6283089454b3b5e44f08896000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xdfb72be7a43c2e8df1db195ac315703754bfbdbea83fdd5c65f237ee581a5a7b', 1795999337228664, '\x01000000019ef4ecb8ac2edefaebe14caa2b1caf802304acbb597d60bca38bb7bcf9702ad1');
INSERT INTO public.signer_segments VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 6, 1, '\x94c5951b043d789a064fedfb451a862ac85ec8b73d9022b6dd2c7f1b25ab73d5', '\x28d10a17c8e8933b4b660f479c3e67c7b6d94e878d9d48ee39c07127df0623cd', '\x00000000000000060a9767fb5a77d7c5d87f14b74be42a2b8aac6703d8fceeefe34d7ae2db901b3a6f92e16f5d316bffcb34ff71273739576c5bc399f57af04e600f0c41d71d7c29', '\x146c8cf41fd9d1b8dd8c335caaf88454f0ae5923e9227cc59648e8ed9b5b2033', '\x000001b97374726f6e67726f6f6d2f61756469742f656e7472792f763100927a091fb720d7472150a52018a9cd29000000000000000694c5951b043d789a064fedfb451a862ac85ec8b73d9022b6dd2c7f1b25ab73d501a229e6e36c7f5381e6e739b337b0f90000000d7661756c742d7365727669636518ecabdf53b9910118ecabe1d56eec280000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003b74656e616e74732f696e69746563682f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f61667465722d7468652d6c6f737301000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000b00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d653336612d373066382d616461362d38623937336237303666656200000000', '\x000003eaef142aaa68a36fbbf608919ba33a1e5c127b1a11e7b8966ddee457f5edc0fee9038ae9aad09b5f04', '\x01000003eaef142aaa68a36fbbe43f924ad65e543240ae3eab850923ac01fb8c6103cc5ce1386f8cdab3f05390927a091fb720d7472150a52018a9cd29000000000000000728d10a17c8e8933b4b660f479c3e67c7b6d94e878d9d48ee39c07127df0623cd0000006800000000000000070a9767fb5a77d7c5d87f14b74be42a2b8aac6703d8fceeefe34d7ae2db901b3a6f92e16f5d316bffcb34ff71273739576c5bc399f57af04e600f0c41d71d7c29657838eea68e1b10fcce506a149201aab645668e7d8f7b542028eafd7f1a027518ecabe1d56eec28b5f902bedb9fcfa06300229a78ffa7049b17c405a2765998ef7e891f652b594e00000000a400000000000000010000000000000004fb7873374a152d510aa54be5bbbb3472ae82df41bf1e11e16951590b81b905930000004800000000000000050a9767fb5a77d7c5d87f14b74be42a2b8aac6703d8fceeefe34d7ae2db901b3ae953bbdd7707c879e5691ec5ad0c96bea6889d305661aec55674d8f1aa058be405bdf8e11c4768c3a0b7bffee3c0d1d6dfed0739e1912d8b72d2e3575624138d18ecabdf50f5d0a80000000000000001175e0a0f2d7ef9cb6132cbf4eb326377adb71b57a51109b7332a364d044e8cdf', '\x2ab0ca0196b8f4816f8cd9b0c92414a891b24dd74282ba51e4541fe09c090131', 1795999337856184, '\x01000000015c439c95d5c95bbf9c472452dd2971cdbada60d2a5d6f8c23c07bd88141408c1');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 24, 1, '\x60d4f2fd956d3c515c2d660a888b7dfc5cb2f05546e93faa001bd74e6d2fc8d3', '\xe5d953d82af328a5287ad50fb72d679f54235ba98bb61c76fbfb39fe97211dd2', '\x000000000000001855a69b61af0fbc75395a3bbfcc9a7f99d507648caf7e1f8f7f111257f0794d8b99e7c04888c1e85d4fe3980a75d46a0dd90276d61d8982052d283c2332c14dae', '\x65cd31f3dbe56279e254d513b05fddedc16f8abfb8d58e1eac63e04decc90b60', '\x000001b37374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000001860d4f2fd956d3c515c2d660a888b7dfc5cb2f05546e93faa001bd74e6d2fc8d301a229e6e37f7ad68294b9664feffbb50000000d7661756c742d7365727669636518ecabdf54d95cf218ecabe1dbaddc480000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003574656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7768696c652d616865616401000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000c00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323965362d653337632d376563392d623332642d39336432366663656235316400000000', '\x000003eaef142aaa68a36fbbc1de91de2faf3967c60d4a0d476faadf5ada9a14945265e4b88003fbac4a5ac8', '\x01000003eaef142aaa68a36fbb149d910160280d6b02e7103046972536cc9919f550cacabfd7fa22ff0aeaceecd739c7e97803225de1e70d8cdd7431a40000000000000019e5d953d82af328a5287ad50fb72d679f54235ba98bb61c76fbfb39fe97211dd200000068000000000000001955a69b61af0fbc75395a3bbfcc9a7f99d507648caf7e1f8f7f111257f0794d8b99e7c04888c1e85d4fe3980a75d46a0dd90276d61d8982052d283c2332c14dae28fe9edb4aad8e5c8491b80dfea34d07c7a929c70c5535a5ae6d085a2a48dab518ecabe1dbaddc4806fdeb5451b50fe362506d2702e492f828078b1e8a4cf9dac34ecb961eb3bdcf0000000000000000000000000156a5768c014273ab3831d9f83745cadd8686b802b3229cf5cbf81ad199deb6a6', '\xee0666fca1e50ed07203fb718147345450d47dc8d77ce70d693978ecb6c6aca4', 1795999337960745, '\x010000000116a7fd655ab4b669b81b5bd7c90e6869e438ea07facfc2bdbe65b582521744a0');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 53, 1, '\xb871aa59e470414009c8ad1f286561f8d6f979b7c3f97707af1351bb17bec98e', '\x58c6a9f18ae37919d659fea907fe15ac945ffe0d64ffb46deaefbd4f1f0ab137', '\x0000000000000035634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc09885694ac78ad1d53b9ae0e9a9a5a57c1374c992fbedc808749cf9ee6bb2fef91799', '\xb4e815bad1b518a52514588de97987bdc7704134a6283089454b3b5e44f08896', '\x000001397374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000035b871aa59e470414009c8ad1f286561f8d6f979b7c3f97707af1351bb17bec98e01a229e712b87427b7c2185756651e3d0000000d61756469742d7365727669636518ecabe22569d78f18ecabe2257c21e00000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e766572696679000000096c6f67732f61636d6501000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbbc3d5883f3400f849ba60ba7fe219f1f52445a292394ec275a5f4f451195adc42', '\x01000003eaef142aaa68a36fbb6ce0de5a0112e37245a6f9d5094295f6678fa1ffa787221e4255092d128ad223f3fb6a3fe79772fa8bc4dee117323067000000000000003658c6a9f18ae37919d659fea907fe15ac945ffe0d64ffb46deaefbd4f1f0ab137000000880000000000000036634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc09885a66877574e7fefa967ce455bf93eb09ca0a5bf2d18edf75e97eebd74ab52f56818ecabe2257c21e082a767519375c62518158c3042f6691f9eeba0d067fc18ea4f0b1e5c1518792d000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x17feb2bc050d8c8288d04763869d4c3f47e56e2e25db1f2b04e2a1e96b4cc066', 1795999339197976, '\x01000000019beb496a3c9e25f7472541f42a16c63abfb91c428edcc2519d60915e60d7bcec');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 54, 1, '\x58c6a9f18ae37919d659fea907fe15ac945ffe0d64ffb46deaefbd4f1f0ab137', '\x5f70f0223394d7750986ae99fc6769072b25789b8ff55d245f13095dc13927fb', '\x0000000000000036634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc09885a66877574e7fefa967ce455bf93eb09ca0a5bf2d18edf75e97eebd74ab52f568', '\x82a767519375c62518158c3042f6691f9eeba0d067fc18ea4f0b1e5c1518792d', '\x0000013d7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003658c6a9f18ae37919d659fea907fe15ac945ffe0d64ffb46deaefbd4f1f0ab13701a229e712dd70ad95a4823e534323420000000d61756469742d7365727669636518ecabe227991e1e18ecabe227ab79480000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000d6c6f67732f756d6272656c6c6101000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbbe6d736f3bb841c2fcad82fd25bdb69d187c7ecb0e870189fb551187bb0c277b5', '\x01000003eaef142aaa68a36fbbcb47365ffb5af1787adbeed1f5c9869702377c194f7b035e083bd879c6d5ae6df3fb6a3fe79772fa8bc4dee11732306700000000000000375f70f0223394d7750986ae99fc6769072b25789b8ff55d245f13095dc13927fb000000a80000000000000037634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc09885a66877574e7fefa967ce455bf93eb09ca0a5bf2d18edf75e97eebd74ab52f56809d999cd6148b80dce954ba86064d17dfcf15c1f66f091dfd3b9ee54ba3d668018ecabe227ab7948dd793208251025f052b843e44024f31f746db50c6573ea6183dba3d79d00a894000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x0d340a0b2d4640f998ccc6ee64cb298861939e3d0b3bc5617b1cafe0ee68cb74', 1795999339235563, '\x0100000001792adc4a5c877ed17bceb6485294423e5ade8cbd28d74ee93fa1af5bd548f600');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 55, 1, '\x5f70f0223394d7750986ae99fc6769072b25789b8ff55d245f13095dc13927fb', '\x22b7f39375454284df999dba1bb9bc5d78fbcba1a9f375665b7a3d0b51686c34', '\x0000000000000037634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689039c63b7fb73d5667afe6d83656bb2c6fb683bde621992f3854f8428ebc09885a66877574e7fefa967ce455bf93eb09ca0a5bf2d18edf75e97eebd74ab52f56809d999cd6148b80dce954ba86064d17dfcf15c1f66f091dfd3b9ee54ba3d6680', '\xdd793208251025f052b843e44024f31f746db50c6573ea6183dba3d79d00a894', '\x0000013c7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000375f70f0223394d7750986ae99fc6769072b25789b8ff55d245f13095dc13927fb01a229e7130473789c1315336bec9a7a0000000d61756469742d7365727669636518ecabe229f3fb7818ecabe22a05e7f00000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000c6c6f67732f696e697465636801000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbb2fea569d2324f77791b8f19fa25ed9ff222a27504087208f4f37e11f2ee83f49', '\x01000003eaef142aaa68a36fbb1201ff98f2c9032e5baf3f6035512ed10985f55dfa310a322c2d3defb3b49668f3fb6a3fe79772fa8bc4dee117323067000000000000003822b7f39375454284df999dba1bb9bc5d78fbcba1a9f375665b7a3d0b51686c34000000680000000000000038634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689a9351e76b674a79532a5cfa1f578cf5f3b082035bf2121ff3526f9281d9b5c0a18ecabe22a05e7f019687a56aef2d084c07b8bea0791d7bfd5a655645b71d6ab3053138026ff94f4000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xc7db3d63370bd326e7494aac8d25958044d990212cc500f672acec7d488b979c', 1795999339274222, '\x0100000001a9b1d9b3e7c9a3f6c3667dbad419d6410218242183be4db04d204ca6a29b256b');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 56, 1, '\x22b7f39375454284df999dba1bb9bc5d78fbcba1a9f375665b7a3d0b51686c34', '\x470697943d4140dcd26b355e890ecccee6f4a780223b4e7ab317707ccc040e7f', '\x0000000000000038634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689a9351e76b674a79532a5cfa1f578cf5f3b082035bf2121ff3526f9281d9b5c0a', '\x19687a56aef2d084c07b8bea0791d7bfd5a655645b71d6ab3053138026ff94f4', '\x0000013a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003822b7f39375454284df999dba1bb9bc5d78fbcba1a9f375665b7a3d0b51686c3401a229e7132a728ea8061970581e65fe0000000d61756469742d7365727669636518ecabe22c34954118ecabe22c4690f00000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000a6c6f67732f6e6576657201000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbb8908e6a8de90fb4004287f657f8a47f6e0c7c44461d5574e4323c7999567bb7c', '\x01000003eaef142aaa68a36fbb26b15eed6867eaad653144d95b472f43a0d57877ed048c9ab0a42547b09d7ce1f3fb6a3fe79772fa8bc4dee1173230670000000000000039470697943d4140dcd26b355e890ecccee6f4a780223b4e7ab317707ccc040e7f000000880000000000000039634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689a9351e76b674a79532a5cfa1f578cf5f3b082035bf2121ff3526f9281d9b5c0a1509859d49733cf2a9ca0c36c8300e3e4bd45172d658532c8584abdadc0bac2818ecabe22c4690f0342cb295774816ac5fa8e64b96ee40c222d3394b36f204aa7350145758447464000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x047eb4d548c0f8e2523a3ef993e8d40de85fb0ad565c910320b3f9348f26d349', 1795999339312076, '\x01000000012994463f3a22fef8376168751f670155e455b8f141c5b350f9c216339330e45e');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 57, 2, '\x470697943d4140dcd26b355e890ecccee6f4a780223b4e7ab317707ccc040e7f', '\xc03f795614787fed77add17912fbce3202ab9ce02ebf06c2625e96ad386b72b1', '\x0000000000000039634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689a9351e76b674a79532a5cfa1f578cf5f3b082035bf2121ff3526f9281d9b5c0a1509859d49733cf2a9ca0c36c8300e3e4bd45172d658532c8584abdadc0bac28', '\x342cb295774816ac5fa8e64b96ee40c222d3394b36f204aa7350145758447464', '\x0000013b7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000039470697943d4140dcd26b355e890ecccee6f4a780223b4e7ab317707ccc040e7f01a229e7134c71da8042e34cbb78aca90000000d61756469742d7365727669636518ecabe22e39133018ecabe22e3d1d480000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000b6c6f67732f73797374656d01000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e31000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003a209ae93ddb952102060583186bbf976399113b7e146f623c0814e82ca43dd5e401a229e7129576bfa857e01f966d81d30000000b6b65792d7365727669636518ecabe2234b147f18ecabe22e3d1d48000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323965362d646336612d376262362d393632392d32353466373733373030613001000000000000000001a229e6dc2872099bca6ea4421dfebd000000000000000d0000000700000004626f6f740000002430316132323965362d646332382d373230392d396263612d36656134343231646665626400000005636f756e740000000131000000066469676573740000004061313665343532323730636461643238656162306661346232336331376233303430646231336566656337353166376461323439323739313832383636646237000000056669727374000000023133000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231330000000470656572000000093132372e302e302e3100000000', '\x000003eaef142aaa68a36fbbc35db7e4cf8209955bc8838d1e71ef04d3848a358330808e46b3042505acb9e9000003eaef142aaa68a36fbbbe1caedccdcfd34053595d3a42485927528276b1cbc4f03c65be3c233d11a1e7', '\x01000003eaef142aaa68a36fbb2808366b6c40aa9ae1640fdc8564eee8846854604bde9a8912672dc0abc4075ef3fb6a3fe79772fa8bc4dee117323067000000000000003bc03f795614787fed77add17912fbce3202ab9ce02ebf06c2625e96ad386b72b1000000a8000000000000003b634d65d09d88b2c4be977d100662b632b54f3ef5141f8d4f61c89dd61675ea0252de388a877546bda71ec851e497b16dc50c246caf42a91655565ee0005af689a9351e76b674a79532a5cfa1f578cf5f3b082035bf2121ff3526f9281d9b5c0ab7eeff56986040f953cc9aabfffe4880b373afc2fe81c11f91fa7696e4dd2c079f94c2eede5f3087e038d1cbb2e78d084b76bafe4296fbb5d29490f644e03d9318ecabe22e3d1d485807f612ae7c9b5f34448aa681cf6d0bbbd5aa7ae13459e003c497fa5ccc4451000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x9004abfac65a3652301a993021a84f69f6f55b578bd49c53e05387985d6dda7d', 1795999339345690, '\x0100000001d6281156b371d5a1d8d4b3ac220be20861252992886e3fe1c094bd7f773cacea');


--
-- Data for Name: signer_unknown_alarms; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_unknown_alarms VALUES (true, 1, '\x49c4c43f592d4528e7feecd826ff10c8c1e7696ba44e17c5e501f147f91c3776', '\x01000000015aef257dd1c32e676df52f9d0aa5627880e33c3e7f0d8c5989cb56cb75869b48');


--
-- Data for Name: subject_keys; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.subject_keys VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', '01a229e6-dae8-7110-97c0-2c2677d44201', 'patient-1', '\x01c867255d67d8f6fa5a58fefc0c4c3694e832a84617970e5c37200b48d36829892655407b50416c1f814c78e3aa1166beb91d58688cd3ff735e3f41443cf4b9c7863623def7780b5a34e3e98ecff01dccbd91abf67b7760de4f0cf061086c80733bcf9a5f4e77aba7b2218951987ab815', 1795999324958711, NULL, NULL, '\x0100000001103fa52b57bde82de9b1dded41e546efc4502980b22ac4980bf23edcd64225d7');
INSERT INTO public.subject_keys VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', '01a229e6-dae8-7110-97c0-2c2677d44201', 'patient-2', '\x01e41c44975ed5ad870feef6f0cdc7ac194c153581563be6d8ea4af36f3a574ed35ef71b01e345ab8000f550194c3d791f4b57c174a1f1acd619eff98041cf54cf8a59ec8bfa1e98dc814d388823b37997ef3cdde2e087016f09248d22e355f781ca9ff68b419bc1d208dc98d5952f83cc', 1795999324995734, NULL, NULL, '\x0100000001d9872860cbec821947722e771c0206d785e8f02ceb3c2d10bb65aac7e54112a5');
INSERT INTO public.subject_keys VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', '01a229e6-dae8-7110-97c0-2c2677d44201', 's-1', '\x01b9217917ee6ead654ead1c4b30dae90d2187de34408026658672f027b52ccac620e9003739a1584ca50c89876aff88141cee0f093b9e2ebd3a0f4c740c4dc3685c8c5a4c1807c2cd19393909dccf80052fc0efa3627a38962df498c1c2015532f6b933dbf2f160caa5c19e487ce65dd5', 1795999325063963, NULL, NULL, '\x010000000154de59afc2a39433f43836821edaaabf210980a5aed38c627dec873c917b486b');
INSERT INTO public.subject_keys VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', '01a229e6-dae8-7110-97c0-2c2677d44201', 'patient-3', '\x0158e6a0cf0c4038144a9ba44b99c11037fef12930cf8ec5f40a6b1dfb1cdca9fdbe8217ef511cf0f6c37c9ba8d2e6a9e020de2e650780fa7cb69ad2c0ea09f02f7bf98b65c6ab21434f974b33c441257e7f5b8e347894567527ca2ff8e7ca55c5b6ad689b81196d6fad2a5293a0893e0e', 1795999325121702, NULL, NULL, '\x0100000001fefa912e084b0c18fa035cdf9b87621ffb15e5fdae9b6b4960af59205cf47cda');
INSERT INTO public.subject_keys VALUES ('01a229e6-dc6c-79c2-92b8-de3b73161eea', '01a229e6-dc6a-7bb6-9629-254f773700a0', 'patient-1', '\x014f0816d4c5fbf0affae2873e383b2269aa808fe59a225809132620f96b629a9b5ae925b603f73c4e2da4e6dbe15e9c1d9c563b4915d39e10d933e0c7abdda881e74b602e9031a5dff89a6626739579b2c6d4800b746de1e37d36d7cb9301ce24ecf5b08c3b0031ffea529f769142f873', 1795999325326350, NULL, NULL, '\x01000000013838c6228838ee27f4497b608c1056f3eff076772dd16242334b2cd6d1910046');
INSERT INTO public.subject_keys VALUES ('01a229e6-dfc4-782d-a71d-ec144cf04db8', '01a229e6-dfc2-768b-8732-a2b7f031eb28', 'patient-1', '\x014490fba036f610ae56846ba8c5a012ae421479d5e186cf9fcbcdd05d87607bc1b857b2c169e24b9e6c29f4958195be328fca65b8002afb0d2f34fd5141fce1cd84fd6d5350e6c3e33d258b9f5d38c0f99ef0e3bcb83a646efe48c914f58886184aa7d450a074614b054b7d5479d466aa', 1795999326178799, NULL, NULL, '\x01000000019e3dc197611dabfb0952a2f30ea829e0ea17ff76659a7bf110d9947f51cc0481');


--
-- Data for Name: wrap_counts; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.wrap_counts VALUES ('01a229e6-daa8-7707-85a4-feee959d2aa0', 1, '01a229e6-dac0-7829-be4e-f6bf67fe4689', 3, '\x0100000001f529de9c955513eebe49d01ea56bf9580cd3c7093f64f1f58a617620469b08e3');
INSERT INTO public.wrap_counts VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', 1, '01a229e6-dac0-7829-be4e-f6bf67fe4689', 11, '\x01000000017853cbd428c91b54ad891d82ebaca14fb108a14aaf2a6100f1222767d573b10e');
INSERT INTO public.wrap_counts VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', 2, '01a229e6-dac0-7829-be4e-f6bf67fe4689', 2, '\x01000000018d8c8251e96de7f22225f30557b64ff8e0542ed8e712cab8088a9e9b874fcc28');
INSERT INTO public.wrap_counts VALUES ('01a229e6-dfc4-782d-a71d-ec144cf04db8', 1, '01a229e6-dc28-7209-9bca-6ea4421dfebd', 4, '\x0100000001f964690e38881e0a27ec56e3edf8cf36e921b706441f70eadc664757bf323fc2');
INSERT INTO public.wrap_counts VALUES ('01a229e6-dc6c-79c2-92b8-de3b73161eea', 1, '01a229e6-dc28-7209-9bca-6ea4421dfebd', 4, '\x01000000018fa8bc74cad49ee6e22d6001dc70af651ec5fccd9e74a92a802ee4c7b6bb6b39');
INSERT INTO public.wrap_counts VALUES ('01a229e6-daea-7b39-b4cc-7552a416722e', 1002, '01a229e6-dc28-7209-9bca-6ea4421dfebd', 4, '\x010000000105544d499655b4b467c86046dd8c4f8630ff89888cc1325a98d18d0fd69ebfab');


--
-- Name: audit_outbox audit_outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.audit_outbox
    ADD CONSTRAINT audit_outbox_pkey PRIMARY KEY (log_name, outbox_id);


--
-- Name: audit_outbox_refused audit_outbox_refused_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.audit_outbox_refused
    ADD CONSTRAINT audit_outbox_refused_pkey PRIMARY KEY (log_name, outbox_id);


--
-- Name: key_versions key_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.key_versions
    ADD CONSTRAINT key_versions_pkey PRIMARY KEY (key_uid, version);


--
-- Name: keys keys_key_id_unique; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_key_id_unique UNIQUE (key_id);


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (key_uid);


--
-- Name: own_keys own_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.own_keys
    ADD CONSTRAINT own_keys_pkey PRIMARY KEY (singleton);


--
-- Name: requests requests_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (caller, on_behalf_of, request_id);


--
-- Name: root_key root_key_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.root_key
    ADD CONSTRAINT root_key_pkey PRIMARY KEY (singleton);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);


--
-- Name: signer_alarms signer_alarms_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_alarms
    ADD CONSTRAINT signer_alarms_pkey PRIMARY KEY (alarm_id);


--
-- Name: signer_heads signer_heads_log_name_unique; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_heads
    ADD CONSTRAINT signer_heads_log_name_unique UNIQUE (log_name);


--
-- Name: signer_heads signer_heads_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_heads
    ADD CONSTRAINT signer_heads_pkey PRIMARY KEY (log_id);


--
-- Name: signer_losses signer_losses_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_losses
    ADD CONSTRAINT signer_losses_pkey PRIMARY KEY (log_id, first_index, last_index);


--
-- Name: signer_segments signer_segments_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_segments
    ADD CONSTRAINT signer_segments_pkey PRIMARY KEY (log_id, first_index);


--
-- Name: signer_unknown_alarms signer_unknown_alarms_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_unknown_alarms
    ADD CONSTRAINT signer_unknown_alarms_pkey PRIMARY KEY (singleton);


--
-- Name: subject_keys subject_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.subject_keys
    ADD CONSTRAINT subject_keys_pkey PRIMARY KEY (key_uid, subject);


--
-- Name: wrap_counts wrap_counts_pkey; Type: CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.wrap_counts
    ADD CONSTRAINT wrap_counts_pkey PRIMARY KEY (key_uid, version, boot_id);


--
-- Name: keys_by_generation; Type: INDEX; Schema: public; Owner: strongroom_migrator
--

CREATE UNIQUE INDEX keys_by_generation ON public.keys USING btree (generation);


--
-- Name: requests_by_create_time; Type: INDEX; Schema: public; Owner: strongroom_migrator
--

CREATE INDEX requests_by_create_time ON public.requests USING btree (create_time_us);


--
-- Name: signer_alarms_by_log; Type: INDEX; Schema: public; Owner: strongroom_migrator
--

CREATE INDEX signer_alarms_by_log ON public.signer_alarms USING btree (log_id, alarm_id);


--
-- Name: signer_alarms_by_name; Type: INDEX; Schema: public; Owner: strongroom_migrator
--

CREATE INDEX signer_alarms_by_name ON public.signer_alarms USING btree (log_name);


--
-- Name: signer_segments_by_create_time; Type: INDEX; Schema: public; Owner: strongroom_migrator
--

CREATE INDEX signer_segments_by_create_time ON public.signer_segments USING btree (create_time_us);


--
-- Name: subject_keys_by_generation; Type: INDEX; Schema: public; Owner: strongroom_migrator
--

CREATE UNIQUE INDEX subject_keys_by_generation ON public.subject_keys USING btree (generation) WHERE (generation IS NOT NULL);


--
-- Name: key_versions key_versions_key_uid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.key_versions
    ADD CONSTRAINT key_versions_key_uid_fkey FOREIGN KEY (key_uid) REFERENCES public.keys(key_uid);


--
-- Name: signer_losses signer_losses_log_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_losses
    ADD CONSTRAINT signer_losses_log_id_fkey FOREIGN KEY (log_id) REFERENCES public.signer_heads(log_id);


--
-- Name: subject_keys subject_keys_key_uid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.subject_keys
    ADD CONSTRAINT subject_keys_key_uid_fkey FOREIGN KEY (key_uid) REFERENCES public.keys(key_uid);


--
-- Name: wrap_counts wrap_counts_key_uid_version_fkey; Type: FK CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.wrap_counts
    ADD CONSTRAINT wrap_counts_key_uid_version_fkey FOREIGN KEY (key_uid, version) REFERENCES public.key_versions(key_uid, version);


--
-- Name: TABLE audit_outbox; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.audit_outbox TO strongroom_key;


--
-- Name: TABLE audit_outbox_refused; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT ON TABLE public.audit_outbox_refused TO strongroom_key;


--
-- Name: TABLE key_versions; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.key_versions TO strongroom_key;


--
-- Name: TABLE keys; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.keys TO strongroom_key;


--
-- Name: TABLE own_keys; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.own_keys TO strongroom_key;


--
-- Name: TABLE requests; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,DELETE ON TABLE public.requests TO strongroom_key;


--
-- Name: TABLE root_key; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT ON TABLE public.root_key TO strongroom_key;


--
-- Name: TABLE schema_migrations; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT ON TABLE public.schema_migrations TO PUBLIC;


--
-- Name: TABLE signer_alarms; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.signer_alarms TO strongroom_key;


--
-- Name: TABLE signer_heads; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.signer_heads TO strongroom_key;


--
-- Name: TABLE signer_losses; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,DELETE ON TABLE public.signer_losses TO strongroom_key;


--
-- Name: TABLE signer_segments; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,DELETE ON TABLE public.signer_segments TO strongroom_key;


--
-- Name: TABLE signer_unknown_alarms; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.signer_unknown_alarms TO strongroom_key;


--
-- Name: TABLE subject_keys; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT ON TABLE public.subject_keys TO strongroom_key;


--
-- Name: TABLE wrap_counts; Type: ACL; Schema: public; Owner: strongroom_migrator
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.wrap_counts TO strongroom_key;


--
-- PostgreSQL database dump complete
--


