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
WITH (fillfactor='50');


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

INSERT INTO public.audit_outbox VALUES ('01a22970-e32d-73d4-b8a0-c4818e0a1d09', 'logs/system', 1795991593773725996, '\x0ad6020a1001a22970e32a7c219f705c5c90d82c05120b6c6f67732f73797374656d18f6ed87b2ec9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963653211646174614b6579732e67656e65726174653a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b600e6a0a0a046c617374120231346a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240643139623139386436633031313135353734653130343564626434353336643731323065313039336265323538643565303737656363313061333862346264666a0a0a05636f756e741201316a0b0a05666972737412023134', '\x93dd555fa241f323fe2b5d725aa04a97953ec079f82ca91ce62e428a20c14230', '2026-11-29 22:33:13.775768+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e33d-7f8d-b858-d418874a9c72', 'logs/system', 1795991593789167517, '\x0ad4020a1001a22970e33c77faa4458328d03f4715120b6c6f67732f73797374656d18fea381bbec9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b600f6a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0b0a056669727374120231356a0a0a05636f756e741201316a4a0a066469676573741240663663366636343935373335323938366362386335316561313661343166613938643432373135363332643066386635313365623839333939333062383132386a0a0a046c617374120231356a110a047065657212093132372e302e302e31', '\x055416b0af5844c1f9be10e607072a7cecd45b77829f6bdfcf331938134a2e88', '2026-11-29 22:33:13.789321+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e353-7145-bc35-4e03c9cedd75', 'logs/system', 1795991593811093509, '\x0ad4020a1001a22970e3527324abe522b0684973d3120b6c6f67732f73797374656d18f2ebb3c5ec9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60106a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a0b0a056669727374120231366a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240366265386337356430633533386533646232303539396565663963353635616534366434326330303463373232353864393133323531646431663933303066646a0a0a046c61737412023136', '\x88975ca794101cc31682c6a6217a9ab697fbb463135a971a382f93407e0c9a0b', '2026-11-29 22:33:13.811483+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e36b-7430-b891-81434f5a010c', 'logs/system', 1795991593835580631, '\x0ad4020a1001a22970e36a748984aa9362d9dd5851120b6c6f67732f73797374656d18deb7ded0ec9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60116a4a0a066469676573741240653035646138303934633462396364663564356164373962313266393433366164653863376237323838316534633333653835313535393435653230616235636a0a0a046c617374120231376a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0b0a05666972737412023137', '\x0a2383bdde7568044997e26e8c6653969f633f92af08d57217e357b771a4ebac', '2026-11-29 22:33:13.838981+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e392-7744-be2c-16aa58d3df00', 'logs/system', 1795991593874310747, '\x0ad4020a1001a22970e3927d1f97209e8181d2184c120b6c6f67732f73797374656d18e38acbe3ec9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60126a0a0a046c617374120231386a4a0a066469676573741240656164326132393734663061653662383339396636383036613264633230326430386430316333613864633838656136303462353139396363326538623834346a0b0a056669727374120231386a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d333936653733323736353862', '\xd7510d043476d18d7db30124794d3ce70f4f4d46e438be3d5e28e7f970cf1627', '2026-11-29 22:33:13.874832+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e3ad-7633-a3e0-5b13d9b9e981', 'logs/system', 1795991593901143317, '\x0ad4020a1001a22970e3ac7d3697b40280d5e13c72120b6c6f67732f73797374656d18d6d9b0f0ec9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60136a0a0a05636f756e741201316a4a0a066469676573741240326130653061653237646637303564396465366533363962633861663866383538623032666434326265663465336239316233333336353938316662666136636a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a046c617374120231396a0b0a056669727374120231396a110a047065657212093132372e302e302e31', '\xc66444d9edb152fc59a20a1b0012b591c9dd77f6fa68fb6390ceb1ebb280d0be', '2026-11-29 22:33:13.901418+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e3c1-7878-92fd-ebc97ebbdd1e', 'logs/system', 1795991593921243296, '\x0ad4020a1001a22970e3c0703895fbd2d87b5df604120b6c6f67732f73797374656d18ff8ef9f9ec9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60146a0a0a046c617374120232306a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a4a0a066469676573741240623165356333336561303162343331313065323434333965613661616632356166666265633138343739666537623039343361383465366336313737383862626a0b0a056669727374120232306a110a047065657212093132372e302e302e31', '\x0e399d8eda6ac0d0344e5db9a6cd8f6cd8586c9d1d7f5fc28f282f8007f8054e', '2026-11-29 22:33:13.921655+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e3d9-73ab-b9b3-d70a777c6a2d', 'logs/system', 1795991593945385965, '\x0ad4020a1001a22970e3d97960bc25e062fb005b55120b6c6f67732f73797374656d18c6d2bc85ed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60156a0a0a05636f756e741201316a0b0a056669727374120232316a4a0a066469676573741240663831303734646166346435373865366139343333356431656331373964333464333161346665643232376262386533383030383430623165666138336635336a0a0a046c617374120232316a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d333936653733323736353862', '\x9edd1aed6659a37e5241585cd976ae51c567b3e3163fe11c73d4368198d7630a', '2026-11-29 22:33:13.945676+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e3f5-7389-9bd5-6d017e3576f8', 'logs/system', 1795991593973544593, '\x0ad4020a1001a22970e3f5776bacf2093b040ee5a8120b6c6f67732f73797374656d18f0bdef92ed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60166a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a0b0a056669727374120232326a0a0a046c617374120232326a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a06646967657374124036363836303365343465353365353530633361656135303539633164666363313530396335383036343361353238316162656234373837653163346664396133', '\xb3c610b17fe2c99515d3677258c46395cd63165ce491ff3ee8f122a2285eb279', '2026-11-29 22:33:13.974147+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e413-7bf4-b28b-42a9865ebfe7', 'logs/system', 1795991594003935801, '\x0ad4020a1001a22970e41375a2a4b0db27a6af66e2120b6c6f67732f73797374656d18c49ab4a1ed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60176a0b0a056669727374120232336a0a0a046c617374120232336a110a047065657212093132372e302e302e316a4a0a066469676573741240336236613062613166303339313131666230636562623863643839663430383432323039623536323835353662636236303439333337316636306233373163316a0a0a05636f756e741201316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d333936653733323736353862', '\x63b864be7541c51303fdbfa913cc8ee3819c024f2787ca45f9914f3c147efec0', '2026-11-29 22:33:14.004084+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e4fc-76b1-889e-e7e80efd3d0a', 'logs/system', 1795991594236530984, '\x0ad4020a1001a22970e4fc7311b3b4d33fea79c649120b6c6f67732f73797374656d18cfc2a090ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b601d6a0a0a046c617374120232396a0a0a05636f756e741201316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0b0a056669727374120232396a4a0a066469676573741240353137353035643766373965633161303839366437663663353537323736633830656333623366613132356463303961653435646430393231663637613839326a110a047065657212093132372e302e302e31', '\x25f9537d5556578126d6f667e8699f0d60fb2d1d233067a380f6863a09283892', '2026-11-29 22:33:14.236829+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e53c-776d-937b-c6061cd38641', 'logs/system', 1795991594300588635, '\x0ad4020a1001a22970e53c71a08595a641433214f0120b6c6f67732f73797374656d18e4acebaeee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b601e6a0a0a05636f756e741201316a0b0a056669727374120233306a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a046c617374120233306a110a047065657212093132372e302e302e316a4a0a06646967657374124064616162343335653435396431333437623830633265623765613065663833306536336165376465303438333034633132633163623466326262643631623864', '\xe382445bf529e084d976bbff443725f43328fc4615ec80fb34c4773dff1b0d09', '2026-11-29 22:33:14.300887+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e54b-7424-be04-a39c69ed5e48', 'logs/system', 1795991594315603099, '\x0ad4020a1001a22970e54b7e61aa779c6d705b1de6120b6c6f67732f73797374656d18d5e981b6ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b601f6a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a4a0a066469676573741240333363376336653337613231646534383333636165373636653438653966313336646466396161383262396434306233396635653438316461373665333134346a0a0a046c617374120233316a0b0a05666972737412023331', '\xd4a4e5b479a14612320913db6e6cdd0970de13bd1932d9bfb79515f119b59623', '2026-11-29 22:33:14.315871+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e559-7736-acf8-7a447fac36db', 'logs/system', 1795991594329936878, '\x0ad4020a1001a22970e5597cb289f8906cb7ef37b7120b6c6f67732f73797374656d188ea3edbcee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60206a0a0a046c617374120233326a110a047065657212093132372e302e302e316a0b0a056669727374120233326a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a4a0a06646967657374124034396130613736303936343130313638653063653936383466346261373137636633346463326430363666633262643533306539643337353933666462663565', '\xcb6496d6bcc584e44cb110492b55c73e9ad2505824253423970555e5763ffa6e', '2026-11-29 22:33:14.330121+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e564-7f3f-94ae-9e11efbe0e8d', 'logs/system', 1795991594340700522, '\x0ad4020a1001a22970e5647b0b9ddc3d29688e0aa1120b6c6f67732f73797374656d189ef5ffc1ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60216a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240613234653337336630666163643864353766323338623638623139373464646132316238376430363936363562396131646165626131386130333432356263656a0a0a05636f756e741201316a0b0a056669727374120233336a0a0a046c61737412023333', '\x5b370371d634101a1cdb6d1ed1c969978d6b93c9ffe512fc20bda2456754e365', '2026-11-29 22:33:14.340946+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e56f-7c3c-a76a-da90792668be', 'logs/system', 1795991594351100493, '\x0ad4020a1001a22970e56e7619836fa0c527c21e77120b6c6f67732f73797374656d18d3a6f5c6ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60226a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a0a0a046c617374120233346a110a047065657212093132372e302e302e316a4a0a066469676573741240633031313262656134343235353636663965313362366133363966633137373865623463326361333038386531333061333162363863643965333039653930346a0b0a05666972737412023334', '\xdbd4b398ea3f5a844df6214841911182babeb8a12bae7dffab69de5db39e5da1', '2026-11-29 22:33:14.351365+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e57f-7be6-8238-eb19c494f50c', 'logs/system', 1795991594367533393, '\x0ad4020a1001a22970e57f7b56b5ad548fe6d844a0120b6c6f67732f73797374656d18c3a4e2ceee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60236a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a046c617374120233356a110a047065657212093132372e302e302e316a4a0a066469676573741240633038303036356233316635356162643365383337336534333236353261623039376236343861643865633734353534616261663833323765346536626632616a0b0a056669727374120233356a0a0a05636f756e74120131', '\xd404a2b1eeba38f828a26d813294f4d297324c144c174aaeb4ef4b242a5a5957', '2026-11-29 22:33:14.367822+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e425-7773-9ca3-481d350a2762', 'logs/system', 1795991594021274752, '\x0ad4020a1001a22970e4247bbbafd6480fd093e64f120b6c6f67732f73797374656d189dd1d3a9ed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60186a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240643161643830656333373365613138666239373666386332303837356661386662633462323964386666343862333031326662616662376465343863373936386a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a0b0a056669727374120232346a0a0a046c61737412023234', '\x1c230ebff86c32d74ebe2fd1cbe5b5286947e200104c8589ce7931a9f88e9893', '2026-11-29 22:33:14.021574+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e433-7383-b665-2444df4b22e2', 'logs/system', 1795991594035751163, '\x0ad4020a1001a22970e4337fc2b2128fba6e0aab65120b6c6f67732f73797374656d188fe8c6b0ed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60196a0b0a056669727374120232356a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a4a0a066469676573741240643966326437316636613166336438616636363132373939666162366361623230663438656336383639613731393739636631306261613635346635393538356a0a0a046c61737412023235', '\x7eae177838f8bcbc561b1152ae2f126eebae89f8ff39e889dd5c7988dbf478c9', '2026-11-29 22:33:14.037186+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e440-78fe-8e36-39e199fac259', 'logs/system', 1795991594048206530, '\x0ad4020a1001a22970e43f7feda5f6b08ba4c053ca120b6c6f67732f73797374656d18d896c0b6ed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b601a6a0b0a056669727374120232366a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240383933353335386133613134623265663936613939663663663832636266323936646639643334363730306638616266613665353338663764306637666231366a0a0a05636f756e741201316a0a0a046c617374120232366a110a047065657212093132372e302e302e31', '\xc06b241cc9bf3b5d56d8e98ce4244bb1a24ec9bcdf69e3121a38dfc13e113fc4', '2026-11-29 22:33:14.048494+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e451-7e00-a3d7-2a1e3d41bd80', 'logs/system', 1795991594065381967, '\x0ad4020a1001a22970e4517c5187a25a7ad46e2a03120b6c6f67732f73797374656d1884acd9beed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b601b6a0a0a046c617374120232376a0a0a05636f756e741201316a0b0a056669727374120232376a4a0a066469676573741240616638323032303534366138323739656163316435343330333465313937663461343261353938353663323363323664376137366638613439653765623530376a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d333936653733323736353862', '\xfb8d12dda9ac5c56483c9ed592cfe76f40c330b25d73b159d19278d6d9eeb855', '2026-11-29 22:33:14.065526+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e463-7952-8e2a-d3a88a24ab7f', 'logs/system', 1795991594083670555, '\x0ad4020a1001a22970e4637e59be8ce24f76207438120b6c6f67732f73797374656d1882c8b5c7ed9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b601c6a110a047065657212093132372e302e302e316a4a0a066469676573741240303031383363333238613736333663386238303432346238396134616463376539623432643762386461643730613933393466323263646238376337666132376a0b0a056669727374120232386a0a0a046c617374120232386a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e74120131', '\x8d2b0e858929af66115198b2ce1eba56a0de7cc4c64a7d020ca1dd49110132f4', '2026-11-29 22:33:14.083927+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e589-7812-9c4f-b26384ac912f', 'logs/system', 1795991594377786505, '\x0ad4020a1001a22970e58979f693406bcf290a7f52120b6c6f67732f73797374656d18db92d5d3ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60246a0a0a046c617374120233366a0b0a056669727374120233366a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a4a0a06646967657374124063333134386265363337623130663037626462363139376234646565323264656661343036666665383865643239313063393136623866316663393438646133', '\xbe4aee8029467c4ba9d19775d1b074ea350482a8b1db73f9918a71e97b46b1ff', '2026-11-29 22:33:14.378117+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e595-7281-acc6-34a9d5cc29c4', 'logs/system', 1795991594389330994, '\x0ad4020a1001a22970e59573dfac85f9f5c69f5795120b6c6f67732f73797374656d1880b394d9ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60256a0a0a046c617374120233376a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240323830393330383063306266643535616130383162366434376239393938333666393634333565643837386438373336353130656561313663396663303133376a0b0a05666972737412023337', '\xa4f0e512a29da8ce43e7118b502fc62034b2ab34f6e0f63e17c99bbc02d3d0eb', '2026-11-29 22:33:14.389857+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e5a0-7aca-83b9-e449113edca6', 'logs/system', 1795991594400406492, '\x0ad4020a1001a22970e5a07faeb7ae6ee40f7c79f7120b6c6f67732f73797374656d18bcf0bbdeee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60266a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a4a0a066469676573741240373733373733313438383239623862626663346630663431393035646538666338343662386438323262653830663536386432396261313633326165636363316a0b0a056669727374120233386a0a0a046c61737412023338', '\x5d415f9dffaab233c0345262960e8d167d7eae99a4c5675da1ba72c5b0d99b0f', '2026-11-29 22:33:14.400655+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e5a9-787a-b958-11b918abae58', 'logs/system', 1795991594409992340, '\x0ad4020a1001a22970e5a97b47a9ac84ca5fed6753120b6c6f67732f73797374656d18eec485e3ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60276a0a0a05636f756e741201316a4a0a066469676573741240376637393562333665393035323032653332306239373433633763366334373236626136623964626537393562363962613539336661363664653135383731616a0b0a056669727374120233396a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a110a047065657212093132372e302e302e316a0a0a046c61737412023339', '\x8bc5ae79584ad27c39b52a30137470b58533cd5026504a6282f714396b7a1168', '2026-11-29 22:33:14.410235+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e5b5-72aa-a64e-4b3cd51f976e', 'logs/system', 1795991594421791218, '\x0ad4020a1001a22970e5b57ca09dd46fab4a10b67f120b6c6f67732f73797374656d18f2e9d3e8ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60286a0a0a05636f756e741201316a4a0a066469676573741240386334386431626534306435623466643361613339333938343732336464633266656137383065303364386664663735643565643432383631643330653366316a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a046c617374120234306a0b0a05666972737412023430', '\x3eefdd5bdcc7713115965c7ddca7d5a4e1f7191c82da34f16707058e2f9a8a58', '2026-11-29 22:33:14.42209+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e5c5-7291-bf07-90829f47d6fa', 'logs/system', 1795991594437775157, '\x0ad4020a1001a22970e5c57cb8bb3ae7a3c35a4717120b6c6f67732f73797374656d18c0aba2f0ee9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60296a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a0b0a056669727374120234316a0a0a046c617374120234316a4a0a066469676573741240663462633064336335613235366564386533643238643436326234613266643131643233613465343465396433333738333338396661623134613633633132376a110a047065657212093132372e302e302e31', '\x52ad8a9c95f96d458df68ea6c89db4db06b669abfd49eb88729ff1ed77489613', '2026-11-29 22:33:14.438149+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e5ec-7ac9-8401-2f3c7b2d76fc', 'logs/system', 1795991594476219196, '\x0ad4020a1001a22970e5eb7213863de67b56634f7a120b6c6f67732f73797374656d1889c7cb82ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b602a6a4a0a066469676573741240393434336435353333303534323963383539316538623163323162353761633264326236346434343534393063643562356131663032643039366431353735646a0a0a05636f756e741201316a0b0a056669727374120234326a110a047065657212093132372e302e302e316a0a0a046c617374120234326a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d333936653733323736353862', '\xd472d564505266b9cee6b30850a1357be67f66f4c6b8438a2c43f949be78175b', '2026-11-29 22:33:14.476818+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e5fd-74ff-bc9a-a34239d24d4d', 'logs/system', 1795991594493858215, '\x0ad4020a1001a22970e5fd7561bbbe63226820227d120b6c6f67732f73797374656d18e6e2f18aef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b602b6a4a0a066469676573741240353334373032623964323065363633333334636263343034336263626336353335303337363661383638343033666139306232663939396333333331653535336a0a0a046c617374120234336a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a0b0a056669727374120234336a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d333936653733323736353862', '\x227052b430752fe57b9d30d2dd0de78104d47b07473731b84506459deadcd8a4', '2026-11-29 22:33:14.494191+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e610-74e6-8766-873e8e64878c', 'logs/system', 1795991594512856360, '\x0ad4020a1001a22970e610792b98e07e0e3a63fba0120b6c6f67732f73797374656d18fae18794ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b602c6a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240306166376663306232393034323836346461363165383437383164643230326432373637653534306433653530306333623132333931643035386638373138656a0b0a056669727374120234346a0a0a05636f756e741201316a0a0a046c61737412023434', '\x8cc69cdb05df6418e09240875a79d3427512fad1a6d741b68bb1b87700ac3e0d', '2026-11-29 22:33:14.513813+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e625-7509-95a5-9d5ec06870ca', 'logs/system', 1795991594533577455, '\x0ad4020a1001a22970e625741fa883db2ac824591f120b6c6f67732f73797374656d18dcbafe9def9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b602d6a0b0a056669727374120234356a110a047065657212093132372e302e302e316a4a0a066469676573741240303731653761343036623334383530376430333338623065303162326237353162323039333233336134653034346166353532346661316561636434646331636a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a046c617374120234356a0a0a05636f756e74120131', '\x4700c3b55722235eaacbd6d4065cef149e66fb56df7d38c86641de00eaa82dda', '2026-11-29 22:33:14.533903+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e631-7f36-8876-a5c9630a046e', 'logs/system', 1795991594545590893, '\x0ad4020a1001a22970e6317617994569f49a29fe4d120b6c6f67732f73797374656d18f8bad8a3ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b602e6a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a046c617374120234366a4a0a066469676573741240636537623365313966643731373439623438313832363263653365636434383565393462393866656439623033366363323462303634343734316133383164626a0a0a05636f756e741201316a0b0a05666972737412023436', '\x19e8fe33721a39dc658a1aba79d9676607e198ac2dcb64e8df4f74d911277e73', '2026-11-29 22:33:14.545858+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e63c-7d9f-bf7d-d6e49a09e17c', 'logs/system', 1795991594556062542, '\x0ad4020a1001a22970e63b72fa9a08ab0a2f8fd283120b6c6f67732f73797374656d1889bad6a8ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b602f6a0a0a05636f756e741201316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240623665626136386162653138613036623237323661303533303361316230313936303765636364313835303038383863626334373764323732616133373466666a0b0a056669727374120234376a0a0a046c617374120234376a110a047065657212093132372e302e302e31', '\x6535eff92e2bf895a86f69b11ea9076ebd67588eab65a7acdcd4ff76542c9db0', '2026-11-29 22:33:14.556331+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e647-7ebf-af1d-04a2745eb439', 'logs/system', 1795991594567271239, '\x0ad4020a1001a22970e6467f6eab9d1d789b852a97120b6c6f67732f73797374656d18d2b382aeef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366240015a1001a22970aab17a8689f9396e7327658b60306a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a110a047065657212093132372e302e302e316a4a0a066469676573741240346236626536653636316335356135333631663232306334306533356133333439373131386537363665616162626530313936396534623962653333356361366a0a0a05636f756e741201316a0b0a056669727374120234386a0a0a046c61737412023438', '\x539f7664d10ae8e1e3664a52a314a5cf9354d359e4eb2a26c2d75dfe0203c04a', '2026-11-29 22:33:14.567541+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e652-7932-be82-2937e30e787b', 'logs/system', 1795991594578753675, '\x0ad4020a1001a22970e6527b6eb28320e7036af770120b6c6f67732f73797374656d18a6c5c1b3ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b60316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a0b0a056669727374120234396a0a0a046c617374120234396a110a047065657212093132372e302e302e316a4a0a06646967657374124037653637323465343162623438663839613733316330663762663734316435373633353031613136646566393934373733386431313637353839323363646361', '\x8b5f5a5b7accd1de4f91c362711e59415ac5378b44ef10f648e41bba601fbc5c', '2026-11-29 22:33:14.579028+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e65d-77ab-884d-70efdc010d03', 'logs/system', 1795991594589862744, '\x0ad4020a1001a22970e65d731cb907b013e486c9a7120b6c6f67732f73797374656d18bfc9e7b8ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b60326a0a0a046c617374120235306a4a0a066469676573741240343737313035313363373930316566386666643638613633376437666335353334363939306665383731653131646133643038336164653166383635326566326a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e741201316a0b0a05666972737412023530', '\x0c2f03f4900ac8e7279a8965e4274eb03d9c8392daf6115165e67e217fa589af', '2026-11-29 22:33:14.590108+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e675-7442-bdd2-1ae91ee2da7a', 'logs/system', 1795991594613419219, '\x0ad4020a1001a22970e6757869abbd547b5a0757b9120b6c6f67732f73797374656d18b5a682c4ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b60336a0a0a05636f756e741201316a110a047065657212093132372e302e302e316a0b0a056669727374120235316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240353132646637616233633130336535346265626139616330366166323263656666333163636238343762343435333831313837346366653837653235663933616a0a0a046c61737412023531', '\x361201272be2573f33e5990c502ef1bd8f983c31cefb3025fafb691693a7aa82', '2026-11-29 22:33:14.613617+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e688-7533-8f10-7b31df74b8ce', 'logs/system', 1795991594632940424, '\x0ad4020a1001a22970e68878a39ba2c61f053a419f120b6c6f67732f73797374656d18f2f0a6cdef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303340015a1001a22970aab17a8689f9396e7327658b60346a0a0a05636f756e741201316a4a0a066469676573741240346561653136366136643733613131343063363135313961303761313938323466646563623064613262643161376339393132373130616635643363323835336a0b0a056669727374120235326a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a046c61737412023532', '\x61dd48f0ab02f5f408658173383c8d56bb39e152225a8f6fdafc437ddc4bdc3f', '2026-11-29 22:33:14.633292+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e6a8-7622-8751-64e8857438e4', 'logs/system', 1795991594664470932, '\x0ad4020a1001a22970e6a87bebabd6fb0d6f5c922d120b6c6f67732f73797374656d1887bfacdcef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60356a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a4a0a066469676573741240666231316361303338306531363666383338666238373939303238363462623730343762353266333662653833613464353030386338303730346533386431336a0b0a056669727374120235336a0a0a046c61737412023533', '\x8f1b217e5efe49d40ccd8baf3b39a83be81f33ac090109e2c56be0b08a0aabc0', '2026-11-29 22:33:14.664855+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e6bb-712d-a659-c5b7e00aff5b', 'logs/system', 1795991594683236670, '\x0ad4020a1001a22970e6ba79aeb4e0afbb3978277b120b6c6f67732f73797374656d18e39ca2e5ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60366a4a0a066469676573741240666562633265316137366362343430393534366632633563333164356234313761333330343662346539613464303230326630333237373661633630663661306a0b0a056669727374120235346a0a0a046c617374120235346a110a047065657212093132372e302e302e316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0a0a05636f756e74120131', '\xb5c908fa84040bc195be80d42180a168cf255f702432df2d590b388b2dfe5d91', '2026-11-29 22:33:14.686996+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e6cd-7d5e-b19f-e2d9ad495fb7', 'logs/system', 1795991594701635863, '\x0ad4020a1001a22970e6cd77c8bc62155e187d4da5120b6c6f67732f73797374656d18a8a98beeef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60376a0a0a046c617374120235356a110a047065657212093132372e302e302e316a0a0a05636f756e741201316a4a0a066469676573741240303735303034636135656564323836653937383131643934666535366133663562316166323230333261333235613930656634613666343165306661333561316a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a0b0a05666972737412023535', '\xe3692b95b4b0787ab2a8596169cbccdf031eb157968660c4475465caec55c695', '2026-11-29 22:33:14.701891+00');
INSERT INTO public.audit_outbox VALUES ('01a22970-e6da-7af3-8849-2a18446fbbec', 'logs/system', 1795991594714461872, '\x0ad4020a1001a22970e6da72ad9621bb63b1f38b99120b6c6f67732f73797374656d18b6b39bf4ef9aa9f61822257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365320f646174614b6579732e756e777261703a296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656440015a1001a22970aab17a8689f9396e7327658b60386a2c0a04626f6f74122430316132323937302d616162312d376138362d383966392d3339366537333237363538626a4a0a066469676573741240366562393864656530646563336534306638346264393766643730353665643736363566393964326637616433393532313962613466613364303763313035636a0a0a046c617374120235366a0b0a056669727374120235366a0a0a05636f756e741201316a110a047065657212093132372e302e302e31', '\x5ade30bdbe126ebccc3d2172f8db0eace8560e148550f8892e960b8ff5f0fd11', '2026-11-29 22:33:14.714715+00');


--
-- Data for Name: audit_outbox_refused; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.audit_outbox_refused VALUES ('01a22970-e03b-7f03-a553-1b5b02e0c285', 'logs/system', 1, '\x', '\x0707070707070707070707070707070707070707070707070707070707070707', '2026-11-29 22:33:13.02697+00', 'FORGED', '2026-11-29 22:33:13.10409+00');


--
-- Data for Name: key_versions; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.key_versions VALUES ('01a22970-a7db-7409-83f0-283c417218f3', 1, '\xbbe62412e37797bf', 1, '\x01c5637c205ab894b535fad2e3acbe578dafdb4eed5125266e25d92d44eb3950f403d5e40e49d265b3c03811ba460332d2d4281f2f689d036518373ecb0991f87a91b4aa64fcfe824cdd107e9439a2e39ce667cf85d16c3457a93fc0d632b8c9fceb12165a1625f85b4da7db68bc6b4386', NULL, 1795991578587458, NULL, NULL, '\x0100000001ef7a5985185994bcef800a7236ad82a79760a3cd17f924ae8d84535ae4c9f87c');
INSERT INTO public.key_versions VALUES ('01a22970-a7db-738b-92cf-0e92fbe2b503', 1, '\xf8c95df5f0f3b009', 1, '\x01151b702619b7a144ecd4cee88db3d9fb1e74b0c417f763deb5fd48f22b8edca7cd4703435d05018a2b25cbd2783b315843b525e855671eae7395782b67b835d8f386c8c949a092e719945caf27e5efc81c00bc17e40dae999cf84fd7d196fb667a00c27139f9cfde982341719ceb1b76', NULL, 1795991578587523, NULL, NULL, '\x010000000192798843f3523bdf54d0e39ecf85509800b0fab61bc6267bddd5a8a244bbc58d');
INSERT INTO public.key_versions VALUES ('01a22970-a869-79ff-852b-6056303b9090', 1, '\xd21f1b58e9223294', 1, '\x016e18f0aba1a9a7e4f4051e2f97dcc4c6e325691fd5d025b60d88c6473d4fe97049ea3af233adba25781036c41cbdc992063d5729bc0ed0f8ba28e2fe8a05406a613fe99e4baff8750cf8cce439c40973cc257d915e598bab6cec8b9ca9074a19c6553f44eaf5eb2e26d30c133f00ab37', NULL, 1795991578729794, NULL, NULL, '\x01000000016b257f0d0848fb6720a179e1c6272fa4b971267dd7c39a5130f4e40ac8c1de4f');
INSERT INTO public.key_versions VALUES ('01a22970-a869-79ff-852b-6056303b9090', 2, '\x9c62b6e0d6358d50', 1, '\x013162d3c5e8a1b68061f8ca0e16c96c02ae7fb80645e64f1174ff0163d278a8cdaa57c1d4fec1440f38b1aec3c10612c8a77db241d8d8c8082f5af3a56321eb41d9ab2110fce2881b900173dfe203c3f9f9a63ac5670f3ada382bfd38d55eb0902fa907facd2c02528c1889b17d2c4447', NULL, 1795991579074364, NULL, NULL, '\x0100000001451d3390d714c0528fbc2e487393810b870dbffc1d6c44ced8e3ae6530364e3c');
INSERT INTO public.key_versions VALUES ('01a22970-a7db-738b-92cf-0e92fbe2b503', 2, '\x1dd6cd0328deb70a', 1, '\x014ae27f97f6283b50032514ae86b88f630a09764b595516f6ad84137e0a2c33799acf9652165c94d6f6ec375c86ccd48836e0db18816d2e12092173ab1cb7089e3530ed94e3045c0e7cae1f63af85e515ca348b99e4e51551df5a53808916dfe4464078215169bca548dda6e631534832', NULL, 1795991579119974, NULL, NULL, '\x0100000001fc3490d7fbe253bd1911d0f10edf180ced127c3c18231f5f58016b292160c4a1');
INSERT INTO public.key_versions VALUES ('01a22970-a7db-7409-83f0-283c417218f3', 2, '\x14aa4b99132ff6b8', 1, '\x01bd7e0d388c1b8bb23edc6819576e1d008d19bd30877767db6a3f28fcc19ebc12b00691b64667b71eff4964397f6242af59ccd0e4fc4063731ffddf3dd5134a9cc7d5eda797217a1af5d0063591184c1fb92f0bdff41c2c6c1f20847cfbd81a2a9220b9747027eb9c497b99c938c4273b', NULL, 1795991579126752, NULL, NULL, '\x01000000017d08425b6b28c8551d110e5daff63863da2a1a9cd1dadef76d7fff23dea3bb41');
INSERT INTO public.key_versions VALUES ('01a22970-a869-79ff-852b-6056303b9090', 1002, '\xf67210ce05c3930b', 1, '\x01ce3cc7b9eb797057b7227612673e213cde32c4348909f8ea53809ae2274eddebbb2ac8448f4237b2984f54a66ef2341c86d8a3b4b579791beecb8c2a978ab353a78bc07a10d932b641efa165d8af1f981927cbc191e7f19b69cc5c01ffd2e173a250dc44bc58cf1685358d8d5d4cc4bc', NULL, 1795991579339149, NULL, 2, '\x01000000019cd8d30c789f568530d083ffa4c52ca33107b7e17bf174548a42bfe7f0c7afb6');
INSERT INTO public.key_versions VALUES ('01a22970-a7db-7409-83f0-283c417218f3', 1002, '\x5dd5cfc83b9ee30d', 1, '\x01b5cc7e02830f074e02e87c9aa0496fb9be830196cacc785e5c1680c700a7d652716bdceb286e636b49639ac487479ac3ca824d082e654fa5ac55e557facb4c025bc3c5c03ba0d0bb1055805cd8e200573f751164ccdf266ad3558d6412d674591583fedf2515877b98acd85a672cd6a4', NULL, 1795991579404720, NULL, 2, '\x010000000148ec907d951ec1030517ac2a29b92c25840243e5c936651e3dfb3ccbadd991c4');
INSERT INTO public.key_versions VALUES ('01a22970-ab23-7707-9978-8f7ca396afb9', 1, '\xbf74d0cbc0f7638c', 1, '\x01dc36a2020facee78e5b975183aa573e455cc9c1de496e056c53bd0e53abed38ce9b946fd264b36afa0a547d8fa65b29798692e845e079a72171a677dc1eb8b14294312b96a9f9f0965c0453f7795d10eb626b933d94e94f25dbadc1a1efbedaf2aff2f5534bb219027a3e6c4c2fd4999', NULL, 1795991579427448, NULL, NULL, '\x0100000001083e432fea7fce61ca476ff9453e2046a21648e47bdd0f8a9ebb33694454f224');
INSERT INTO public.key_versions VALUES ('01a22970-b0f3-73f3-9b92-bd096895f8c7', 1, '\x8201e83ff21f9f5f', 1, '\x0107b739bd3db933de9704a2fc542e63a10e4b35656661d079f4f9f175a30d20262193f7525b82be08965b9116be026b6dcec9722670e1ea74e2b3d7fe60b2c3097b63629a8b7f5b9f0780d0dd0177ae2776df57a87429ea838c6ca9cf88d355335e1aa9fd148bc81e1f6b2344c891d4bc', NULL, 1795991580915977, NULL, NULL, '\x0100000001a92560d42e5bd7374def14b1fb956ce84da57eebc3abf90048590247077f0dab');


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.keys VALUES ('01a22970-a7db-738b-92cf-0e92fbe2b503', 'vault-service', NULL, 1, true, 2, 2, 4294967305, 1002, '\x', 1795991578587523, '\x0100000001edd673f464ca084ff4366e0d56d9272a1e4861d63a6f0f375a1cddd3849d6319');
INSERT INTO public.keys VALUES ('01a22970-a869-79ff-852b-6056303b9090', '01a22970-a867-7cbd-8fb9-508ad54b1a6b', '01a22970-a867-7cbd-8fb9-508ad54b1a6b', 1, false, 1002, 3, 4294967306, 1002, '\x', 1795991578729794, '\x01000000011cd8e41480b62b0e98be2f982e637ba1c29b760a6b7544d39debe658f32f649f');
INSERT INTO public.keys VALUES ('01a22970-a7db-7409-83f0-283c417218f3', 'audit-mac', NULL, 2, true, 1002, 3, 4294967307, 1002, '\x', 1795991578587458, '\x0100000001eba74b0d30f620130077c3b3b2363be4c861f0d03b50503bec90d6b19aa6ed79');
INSERT INTO public.keys VALUES ('01a22970-ab23-7707-9978-8f7ca396afb9', '01a22970-ab1d-7716-b23a-6550c9ac5ded', '01a22970-ab1d-7716-b23a-6550c9ac5ded', 1, false, 1, 1, 4294967308, NULL, '\x', 1795991579427448, '\x010000000152f374d2ab48c6ddbf27c56e2832fbc3e9f747b586e294c3936e76b911f07978');
INSERT INTO public.keys VALUES ('01a22970-b0f3-73f3-9b92-bd096895f8c7', '01a22970-b0f1-788d-8d99-70c62e660503', '01a22970-b0f1-788d-8d99-70c62e660503', 1, false, 1, 1, 4294967309, NULL, '\x', 1795991580915977, '\x01000000017d472808fdb4c9fcb5b0784b5b584e625ef821d558ba7ae00c4b0045499448a3');


--
-- Data for Name: own_keys; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.own_keys VALUES (true, '{audit-mac,vault-service}', '\x0100000001923b5a49bbc686208c6833f8fb3f72fcc56571aef692544524458f6fbad82abd');


--
-- Data for Name: requests; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a22970-a9b9-76ab-9818-3560a0321ddb', '\x8b3f2fab27360844a8bad138026954b60246279ff9e48f0d6a737a82bd8deba4', '01a22970-a869-79ff-852b-6056303b9090', 2, 1795991579075379, '\x0100000001d7fa972da1973722de8d01fe20d700f9f07f778c7b9e020f73d6288f19e219db');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a22970-a9eb-707f-8bed-03e82a56f4a3', '\x1007976f004fd1b9936f35bb4e57ea39a9a51c05edc6ed10112916c05f8c0328', '01a22970-a7db-738b-92cf-0e92fbe2b503', 2, 1795991579120751, '\x0100000001330de8958d4dfe6cb4b631e652baf5fdbb805774dcbd776a411b58d8f02a464d');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a22970-a9f2-749e-85e7-d652e9546b8b', '\xbfd1c1c3435e848c8b08df29a211b977f063298bf0193b0a2115bce39101777a', '01a22970-a7db-7409-83f0-283c417218f3', 2, 1795991579127591, '\x0100000001ef760e87141412c015664b9f45f341c1db41bc6a6009e294b4573df50c7322a5');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a22970-aaba-7813-bbdc-29e02a9f608c', '\x8b3f2fab27360844a8bad138026954b60246279ff9e48f0d6a737a82bd8deba4', '01a22970-a869-79ff-852b-6056303b9090', 1002, 1795991579341456, '\x01000000010b2530779563ec0c4d80684a95e324229e2efea99897c02d46c69d67b607de22');
INSERT INTO public.requests VALUES ('spiffe://strongroom.dev/operator', '', '01a22970-ab06-74ec-9e47-a4d308e30fcc', '\xbfd1c1c3435e848c8b08df29a211b977f063298bf0193b0a2115bce39101777a', '01a22970-a7db-7409-83f0-283c417218f3', 1002, 1795991579405733, '\x01000000018c6c6cc1fa9827eea03677bf3a05066e4baba987a18ca5397c8453cf4b5d0555');


--
-- Data for Name: root_key; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.root_key VALUES (true, 1, '\x', '\x0184a29b1c784a2b2ccb43b8b8bbfa375198e08dec16f3b0a07311e9984574bf46a2512e4f60b429432b356bbbc213f9dc7e4b5d38bc925d435e4fba931bcf342fdd5a7732ae520070f9743dc147940c7e464eb790eefbe557ba91eced82dd7434116ce838a9dc3d1c2688c90eea65d301', '\x19e486450c10e4bb8773ca12f6c0111b0a3765dd7810aedab0df7cdace4921f4', '01a22970-a7bc-7da0-b587-7d2ba21edf70', 1795991578556847, '\x0100000001af964033bcb189da064d4ab1ed7c514a5ca6bcc01cb9fc4c96c2809c4319c284');


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.schema_migrations VALUES (1, 'keys', '\x5e9cf91acc8a4b7d2471e034dc1112d47ca1e06d7f1dcf815907d35f79bcac79', 1, '2026-11-29 22:32:57.476076+00');
INSERT INTO public.schema_migrations VALUES (2, 'signer', '\xb7c97890017d798484adbbc117ee02c3624a35b5adfa17df35fe34e92fc82bc4', 1, '2026-11-29 22:32:57.631338+00');
INSERT INTO public.schema_migrations VALUES (3, 'audit_outbox', '\x3329ae36fce05412fdbe4d8ce1eeae81f1ffc1255915857c6108c76a16c31a19', 1, '2026-11-29 22:32:57.711389+00');


--
-- Data for Name: signer_alarms; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_alarms VALUES ('01a22970-b69d-7d4d-b879-99e23d0ea44d', '927a091f-b720-d747-2150-a52018a9cd29', 'logs/initech', 'ROLLED_BACK', 1, 1, 'the audit database stood below what it had acknowledged', NULL, 1795991582365185, 1795991582384887, 'INC-8', '\x01000000019032e341bb47583d0071f6538e0246de25e481067deab081477b5753c6124677');
INSERT INTO public.signer_alarms VALUES ('01a22970-b67c-7dab-b67c-6a4c8d7c5db3', '55a859c8-04bc-bc23-c950-6d14d84cee1f', 'logs/never', 'AHEAD', 3, 3, 'acknowledged beyond the end of the log', NULL, 1795991582328077, 1795991582477444, 'INC-7', '\x0100000001336993dbfa8b8b671fabaf6169c6c08916d06c1ae417d2c3bd8e6d8d9bb533ff');
INSERT INTO public.signer_alarms VALUES ('01a22970-b7ba-7d95-a327-bcd95bc44611', 'd739c7e9-7803-225d-e1e7-0d8cdd7431a4', 'logs/acme', 'AHEAD', 29, 29, 'begins beyond the end of the log', NULL, 1795991582650198, 1795991592569183, 'INC-7', '\x01000000016a1f3c6a3acd9e346d7b6613e089ee1d5ef34f683e39cc016e482e99c8e7ca6c');
INSERT INTO public.signer_alarms VALUES ('01a22970-e118-791c-9bb6-c1a8aa04972b', '09f9b802-d312-d518-140b-9c7208f95bac', 'logs/umbrella', 'FORKED', 6, 6, 'does not follow the head of the log', NULL, 1795991593236019, NULL, NULL, '\x0100000001fca6951f83e865751fcebf584648d2ae2a103dd1ed1ea784c5839d7deece6e9b');


--
-- Data for Name: signer_heads; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_heads VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 'logs/umbrella', 6, '\xdad30ede0d288e438a5a067314564db43073dfe879a53c4d8e12c2101d23ffbc', '\x00000000000000066810146a15f3d75df904e13fd69346b52f5a739b6ce8f9b641920fbce18699c1d145456d01b364a0d8719e311c2f2867b0b932afc10ebf077a563e95827bb660', 1795991580637526000, '\x456731ebb890a4f31fdc9bbe39ccd5e5c118e2833c8a5efb67ea335500705e7d', NULL, 6, 0, NULL, NULL, NULL, 1, 6, 1, '\x13bea6a5558d340877701487974f858cf76e55cac8e81bd55eefbaa053c62ee5', 1, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 9, '\x01000000014ba4065954251b73f706dbc99c66242a7e1dede78876e05cf219b06703733bf8');
INSERT INTO public.signer_heads VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 'logs/system', 61, '\x3743a8d9ef28bade7ef858191e5d329b2e317621a14a744b0651f245700961dd', '\x000000000000003d03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f07138d19866b012c512c542de78cc0847a7065f91a5d001d346440561837af5dce78c4d7478538ba7a7f61e81b12f1a6eb6a5f500cd1dd196e0515c06f51d5f2cc891', 1795991593652355000, '\x2555ade7349a690a1b3088b2b465f640fd06da2abdd7e20f8536a00140b37217', NULL, 61, 0, NULL, NULL, NULL, 0, 0, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 0, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 65, '\x0100000001b99e3e179bba520e5da4cc41b9d5bcc6259ada9b913ab32c6f8436a57c9482ab');
INSERT INTO public.signer_heads VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 'logs/initech', 7, '\x1525c73a98edf629707c927e0d91a4a12413b7f4bb28bf81b1b213e8fe73e711', '\x0000000000000007721d7e2b20ed815f5ed762163ebaedf25f9079b3f4bc46ecd948355ebb47e409443c529ecc97fceac7199ca486376ff4025933b6f42fae8d2c1b19a35710afc18247fe51f46a02967647194db3a7aacf1ab0c2bb32db4e286e91bec9b683ae00', 1795991592606561000, '\xd6a13f561c826fe5e9e019a2741ec94aadf6881c6b419d19f2d89d4779e20da8', NULL, 7, 0, NULL, NULL, NULL, 1, 6, 1, '\x2e8d4cb494ae2f83347b26292949c7d8f0d019c6e3b7d551f33e2e241ba1ab6f', 0, 1, '\xe09cbefc1c4e2466ae67cfad466b4fc89767d884a6673ea4659b03b20d313ff6', 13, '\x01000000012bb4bc340a9f642b0a564c71b98f9371dc4e58beddaf597f9b045e8a88aab3c0');
INSERT INTO public.signer_heads VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 'logs/acme', 25, '\x0870d3b61ee7d2651537cfd684d5f7e8d39d5e98a87ed1d9eb5c1c23a43d7e4b', '\x00000000000000195dada31aff092e039be2c612c4e60d6bccf7a6dfe5cefd8e434c47975c8a5297931b5a42b844243c156b302a26796fd383aa185790dc9a11026ccaba944ea922c7b73376078d67a8ff1bbe3ea832e83f46118578368418d5be73927e03d61ce3', 1795991592588021000, '\x43810e4c1167c767bb7bc29af72638dbf09e5aec9a4970bd4bdd78d69dcecd81', NULL, 25, 1795991592545853000, NULL, NULL, NULL, 1, 24, 1, '\x8e609cb55bc053f4697ce9e64aadead0fc940b436259670606be3ce2209f7511', 0, 0, '\x0000000000000000000000000000000000000000000000000000000000000000', 11, '\x010000000173abcbea7bfa68e96cb974784ceaf8430d181c202964b1892856cba8c1010811');


--
-- Data for Name: signer_losses; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_losses VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 1, 4, '\x4613aea250d60005610981a0c8e1f25e6a81819429fbe8c9372b1ec7425bbe63', '\x0000000000000005721d7e2b20ed815f5ed762163ebaedf25f9079b3f4bc46ecd948355ebb47e409e455b2bdbed6da4e900e2addc3e1f3f21d878edefd0ce1510c9c53fac089cc0d', '\x946db402592629d8381f3ce008d1efd526333bb7137ffb8f0dcc136dc8de7e9d', 'INC-8', 1795991582384887, '\x01000000016b1d406fd1e917fe0247eaf75cb141c662858939d6911fed549ada803061e21f');


--
-- Data for Name: signer_segments; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 0, 2, '\xb2e2c92bc7c2ce28ab74c61596917f7574dc88dbcf1c8ea1db6369e79d44a5aa', '\xeefcf3622d411f50346295f2537bd5d87dad40a6f5afb1be9057eea91ce771af', '\x0000000000000000', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x000001547374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000000b2e2c92bc7c2ce28ab74c61596917f7574dc88dbcf1c8ea1db6369e79d44a5aa01a22970a7db7df5b54e2bdefc3445780000000b6b65792d7365727669636518eca4d33d4c69d018eca4d3445745100000000b6b65792d73657276696365000000000000000b6b6579732e6372656174650000000e6b6579732f61756469742d6d616301000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e0000000131000000037569640000002430316132323937302d613764622d373430392d383366302d32383363343137323138663300000000000001587374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000014b045582ae34bcb2ce2c40c5fbf7f8b9a7337e6e1e0cd0568e51650242d8c46401a22970a7db7c9aa8708c6ab93819d00000000b6b65792d7365727669636518eca4d33d4d67b818eca4d3445745100000000b6b65792d73657276696365000000000000000b6b6579732e637265617465000000126b6579732f7661756c742d7365727669636501000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e0000000131000000037569640000002430316132323937302d613764622d373338622d393263662d30653932666265326235303300000000', '\x00000001bbe62412e37797bf16387885df3831d8a6a139cb96c4f584a1e1bc1f8ba49dac444d2a9c9e8de75700000001bbe62412e37797bf47c82b4ce15e6c20d3093c0113d07da319f096c562f4627e22d4f292e950351f', '\x0100000001bbe62412e37797bf895383542ab8cdcda568b17af7cad24738894f052633349948ea124cd701545af3fb6a3fe79772fa8bc4dee1173230670000000000000002eefcf3622d411f50346295f2537bd5d87dad40a6f5afb1be9057eea91ce771af000000280000000000000002ada2dfaa1bf9a4b1ca01015808e037b99f650d8b4a4adbe96f0b0c960de4825b18eca4d3445745106ab2b8d5e7ac829cfac8cca8458e9cfb6d72192052a767c34551a27391f19561000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xaccaf8c6180e9b3e1a9c6aa51befbde9eca0a85239a6913626d39d0e270fdcbe', 1795991578722390, '\x0100000001f21b2fdb29adaf46ddb3ac43ecea1166f3c2bee9f6f7a4d976f0699007ddc4a6');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 2, 3, '\xeefcf3622d411f50346295f2537bd5d87dad40a6f5afb1be9057eea91ce771af', '\xcc6cf3f5820c7e36eda2618d5088d0641d7c3dfb1bebc383085cd9928141fe67', '\x0000000000000002ada2dfaa1bf9a4b1ca01015808e037b99f650d8b4a4adbe96f0b0c960de4825b', '\x6ab2b8d5e7ac829cfac8cca8458e9cfb6d72192052a767c34551a27391f19561', '\x000001ef7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000002eefcf3622d411f50346295f2537bd5d87dad40a6f5afb1be9057eea91ce771af01a22970a8637c01864a67249f4b8fb20000000b6b65792d7365727669636518eca4d34565b23d18eca4d347371c10000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000126b6579732f7661756c742d7365727669636501000000000000000001a22970a80b7b3d8e6738508833753800000000000000040000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e7400000001330000000664696765737400000040356565393530316532643530303236646337626236316231656531343063623337613535386666323965323332393939316234393466353230356565316330660000000566697273740000000134000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001360000000470656572000000093132372e302e302e3100000000000001f17374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000310561040fc216cf20aedca3d91a195f70edfef655df7f36e3826dcc4c9b3d2b901a22970a85c703b8c9d7e27136d2d530000000b6b65792d7365727669636518eca4d344f6410c18eca4d347371c10000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000126b6579732f7661756c742d7365727669636501000000000000000001a22970a80b7b3d8e6738508833753800000000000000010000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e7400000001330000000664696765737400000040623962616337363532326335393565333462626236346466653634623665633139386234303533316361626330653031343133363437643839316666353466320000000566697273740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001330000000470656572000000093132372e302e302e3100000000000001a77374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000004bd18a7bba956ebcd8799b2136a488e4e116b72631f0b70809a508f6ba57e5d3601a22970a8697c879d6cf3855118bbd40000000b6b65792d7365727669636518eca4d345c884cb18eca4d347371c10000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000001474656e616e744b6579732e70726f766973696f6e000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001310000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613836392d373966662d383532622d36303536333033623930393000000000', '\x00000001bbe62412e37797bfca41d479a844e55cd34c4b4ca55fb4635af71e71d07a8f5cd3090a609adddce500000001bbe62412e37797bfa88f567bb4485ed07a510b9b059395d894318d4551ef71c649b966874c19d53700000001bbe62412e37797bffe6794d2fdb0acc76fd3b5e0d07086f85392b844ae79799862a5d42ff6b0751b', '\x0100000001bbe62412e37797bf64d842cbaade926fd77d3abd7ab98278eac692e68b34623bd159762b0d3d8a55f3fb6a3fe79772fa8bc4dee1173230670000000000000005cc6cf3f5820c7e36eda2618d5088d0641d7c3dfb1bebc383085cd9928141fe670000004800000000000000053ed48c9ffa6a62830038a361753676607c903a29e0417fc978c342b6390c9e4d05db6fa219b7c11db6b9deafaa95f72117ca86424d6faa87f898ed725a94f3c318eca4d347371c10208e84d3e56d074ddfd2288995eb89275c0ab15f12a976c9e433240eae4e5c4a000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xa6345d7f1349796a3f68538f5e132f1c162d7924171279cc9c5f99a1424d168c', 1795991578766749, '\x01000000016c878bae03e2b83b4610cbc4f658a3c0934e68e389f3944dd5294cdaa00964c4');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 0, 4, '\x79e4c9d533b7db906f1576cde6a649b087190e4f81fb4de1293763328c1d6054', '\x831c1e2051294774de4b03822b73338e960788570da877df174d863bfe403bfb', '\x0000000000000000', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x0000016f7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000079e4c9d533b7db906f1576cde6a649b087190e4f81fb4de1293763328c1d605401a22970a86d766793f9fb8febbf959a0000000d7661756c742d7365727669636518eca4d34606cb3418eca4d34c5b16b0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000e74656e616e74732e6372656174650000000c74656e616e74732f61636d6501000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613836372d376362642d386662392d35303861643534623161366200000000000001887374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000001b0494b40085e5a0d247f32591dfa3f960c22b922a2ac58ba40d8df982e162f0601a22970a89173138dff0d5c8f7a3e350000000d7661756c742d7365727669636518eca4d3481ecaa318eca4d34c5b16b0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000002174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e747301000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613838652d373934322d393666662d33343862613834373263383400000000000001857374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000002c275b9f80d40e2feb4926e28335ba5a0c410724a013ba76119bb6642aef6dad301a22970a89d7816bbd3fa3f92bff0e40000000d7661756c742d7365727669636518eca4d348e1c76518eca4d34c5b16b0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000001e74656e616e74732f61636d652f636f6c6c656374696f6e732f737461666601000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613839632d373466632d396138622d31333237666562323432323200000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000326c2c7e402c2ff03780337e59ef491973503eec3ea5f449d51f12b13438853ee01a22970a8af7603937ec90e297edce40000000d7661756c742d7365727669636518eca4d349f66c0618eca4d34c5b16b00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003074656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f70616464656401000000000000000001a22970a80b7b3d8e67385088337538000000000000000700000005000000066669656c6473000000023830000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613861622d376666372d386532342d63363564366438323265613300000000', '\x00000001bbe62412e37797bfadb7b02c1de4f82b74cd512b9b70cf340abced750bfab2ea4767ae71aa9dc12a00000001bbe62412e37797bf508e28b41e51350b5881fde2f943e162e20c7710ec72f04ab8fe24c88b23afdf00000001bbe62412e37797bf1eb6611a3dd5cd2e23c4e9c252b550f37d248e04c50d42e4594eb3ae34d80aa700000001bbe62412e37797bff09cc64c07611b3968176512c054b33640c510a4fd0251cbec91bd5cda07528e', '\x0100000001bbe62412e37797bf6ed7aa7606979a715ea048fa441d10e36fb4a8ffb6bccec1a47a0f0d8dd69abad739c7e97803225de1e70d8cdd7431a40000000000000004831c1e2051294774de4b03822b73338e960788570da877df174d863bfe403bfb00000028000000000000000429e8700f504426e78a31fe25cd780bb1e3c72a8128a0fe144fc4647a135802da18eca4d34c5b16b0b6180d66087d67f5b080c0b60b77264606780c1f43b93b610eb1f4169a98795a000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xa4fe546ad78b493ac4f1ac8356feb0875b7a47bef130f21c4de4b35c1e0f1851', 1795991578850280, '\x0100000001cfdae45980d59f1048d2e1ad7f26e7242f85fcbf1724b2a8a07f40387c8982da');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 5, 1, '\xcc6cf3f5820c7e36eda2618d5088d0641d7c3dfb1bebc383085cd9928141fe67', '\x4f55cf092d23b53835d0ef76636221c0c4870e15d0b975247ee014a13be20820', '\x00000000000000053ed48c9ffa6a62830038a361753676607c903a29e0417fc978c342b6390c9e4d05db6fa219b7c11db6b9deafaa95f72117ca86424d6faa87f898ed725a94f3c3', '\x208e84d3e56d074ddfd2288995eb89275c0ab15f12a976c9e433240eae4e5c4a', '\x0000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000005cc6cf3f5820c7e36eda2618d5088d0641d7c3dfb1bebc383085cd9928141fe6701a22970a8e27eb59211c1b6eb233e510000000b6b65792d7365727669636518eca4d34ce5620318eca4d34d5ae310000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323937302d613836372d376362642d386662392d3530386164353462316136620100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323937302d613836392d373966662d383532622d36303536333033623930393000000000', '\x00000001bbe62412e37797bf29f9805d8b0aa59339593493b71f00654c42ba6febb32be558e09b1a5f4dcbe4', '\x0100000001bbe62412e37797bfeaf8e2d049de8a32c81336f9e5c8465f838f07d1a17f397c30adfbbaced00871f3fb6a3fe79772fa8bc4dee11732306700000000000000064f55cf092d23b53835d0ef76636221c0c4870e15d0b975247ee014a13be208200000004800000000000000063ed48c9ffa6a62830038a361753676607c903a29e0417fc978c342b6390c9e4d3c12e1f80d4de786614f4da8c20251483339679ba5125eaad9121daa159d693418eca4d34d5ae31006b84101a4c32fa43a755693e1636a83a5137e05872aa9f99f0645046b7c4476000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xb5dd7248b018ddee0af2e1591e57d82cc4acf8aacb971e1a8a9b69a20ba8a7c0', 1795991578866450, '\x0100000001c7f2a07c0753aafd584968cfc9d804046c2c90fb97bd76c6f5b733be88a28560');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 4, 6, '\x831c1e2051294774de4b03822b73338e960788570da877df174d863bfe403bfb', '\xbdc6025e3feabab0d26a45153b20d6f660639d26236add145ecd138fd02aca6f', '\x000000000000000429e8700f504426e78a31fe25cd780bb1e3c72a8128a0fe144fc4647a135802da', '\xb6180d66087d67f5b080c0b60b77264606780c1f43b93b610eb1f4169a98795a', '\x000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000004831c1e2051294774de4b03822b73338e960788570da877df174d863bfe403bfb01a22970a8cb7877b0422161f5531ed90000000d7661756c742d7365727669636518eca4d34ba29f9d18eca4d3522d66380000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f6c6172676501000000000000000001a22970a80b7b3d8e67385088337538000000000000000800000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613863382d373237642d383436372d35346135303039393231336500000000000001ae7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000055bac84e9261254c65862f4d282344043a8e402a9ac67e46820b8dc060840234a01a22970a8e570aeb0cd7e249989c6210000000d7661756c742d7365727669636518eca4d34d28832d18eca4d3522d66380000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f6b696e647301000000000000000001a22970a80b7b3d8e67385088337538000000000000000900000005000000066669656c6473000000023139000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613864642d373137342d623531322d65613833646661653032643200000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000064fb98ea8b6f24e29760a25801d82b8cc19791c5c076d5a8189a01ba83ec9627d01a22970a8f471de81a87b3e2191fecb0000000d7661756c742d7365727669636518eca4d34e0c89f918eca4d3522d66380000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a22970a80b7b3d8e67385088337538000000000000000a00000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613866312d373331372d393039352d39633762323962313837346400000000000001ab7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000759c8716858dd8537a26c8edfe4f94e6b0575a202f0afd8065fc2be54a303f4d601a22970a8ff7c758eb9800f14e519cf0000000d7661756c742d7365727669636518eca4d34eb414a018eca4d3522d66380000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002d74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f6f6c6401000000000000000001a22970a80b7b3d8e67385088337538000000000000000b00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613866632d373337382d626237312d61346265616366363938666100000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000008994d7a84829c786d1d418ddeaffde83e88e1ec85a0ba008fa1b2af59a69a9d6001a22970a90874f8a6c30476665d46040000000d7661756c742d7365727669636518eca4d34f422fba18eca4d3522d66380000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f62617463682d3101000000000000000001a22970a80b7b3d8e67385088337538000000000000000c00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613930362d373366372d623766352d65363466386236306638656500000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000098a5e3731de68c78ac85bab9ca270e7d722fc7b38ba3b71281dcfc3d2ecf09f3a01a22970a9087bcfa1de80ae0309fc450000000d7661756c742d7365727669636518eca4d34f42a84218eca4d3522d66380000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f62617463682d3201000000000000000001a22970a80b7b3d8e67385088337538000000000000000d00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613930362d373734372d626166322d66326462633766663761343100000000', '\x00000001bbe62412e37797bf383b81b46e21d4af8136934d60c057f934f3b36c98a15f92ab005fbf2611f49200000001bbe62412e37797bf9a4e3caaa8ece368394472318ce14af496d203b2e69888024f65a534bdd2913e00000001bbe62412e37797bf843c32539f458c1b60ee30175481dd6a688b64fe2a85187f4eb95adc45d51a3900000001bbe62412e37797bf416b226d3bdbaabd043d206f711a26ee8be365d098457b5815bafdefb31253e300000001bbe62412e37797bf2aee119f96218891e545041ac04301829d95ed44cf7e058c843518c3c490703a00000001bbe62412e37797bfcb236347b6463a760864bfe52c49d9df82885b9b0aefe6a659fc24b2925c89e0', '\x0100000001bbe62412e37797bf0cf0834545f494a1161f319e271f1be5a445ead92eaef122f3b7ea22aee4b025d739c7e97803225de1e70d8cdd7431a4000000000000000abdc6025e3feabab0d26a45153b20d6f660639d26236add145ecd138fd02aca6f00000048000000000000000aa349f98180511f3498f3c5c7cd509a6f9283de9c8de3e00e0132bb939718d628dbeef1489fe4808b3c4174afbd0a1f22b7ffd56b0c22b07b1ffab00cd6f8f3a418eca4d3522d66381393c06f647bba700b8c6b9e81b039a6027d04d591688fa9d408d68fe89e97a0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x91942fc6bcef246142d93b78c4cf9b31576f758a5fa4f2fac5b40bb37dcb03b1', 1795991578954758, '\x0100000001ba1374e2d2e6fbc85907b272a22f5f5c2808f90809259cdac0dca72e07c3a8db');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 6, 1, '\x4f55cf092d23b53835d0ef76636221c0c4870e15d0b975247ee014a13be20820', '\x82909184a82f8f287e27d47e7846ea65ae1a0fdd462889e199e1bd87e63740df', '\x00000000000000063ed48c9ffa6a62830038a361753676607c903a29e0417fc978c342b6390c9e4d3c12e1f80d4de786614f4da8c20251483339679ba5125eaad9121daa159d6934', '\x06b84101a4c32fa43a755693e1636a83a5137e05872aa9f99f0645046b7c4476', '\x0000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000064f55cf092d23b53835d0ef76636221c0c4870e15d0b975247ee014a13be2082001a22970a9217c14b6a7912bf738d8b50000000b6b65792d7365727669636518eca4d350af6d5f18eca4d3538ef9d8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323937302d613836372d376362642d386662392d3530386164353462316136620100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323937302d613836392d373966662d383532622d36303536333033623930393000000000', '\x00000001bbe62412e37797bf8c4a4e40c1a08c2baf23c80db620d93605b17704a6457b50e15a3cc15c03b006', '\x0100000001bbe62412e37797bf3e962f1316cbb28f512647017a0d0cd5a4494cb40be18dd75b952df4484beb98f3fb6a3fe79772fa8bc4dee117323067000000000000000782909184a82f8f287e27d47e7846ea65ae1a0fdd462889e199e1bd87e63740df0000006800000000000000073ed48c9ffa6a62830038a361753676607c903a29e0417fc978c342b6390c9e4d3c12e1f80d4de786614f4da8c20251483339679ba5125eaad9121daa159d6934936675b625c57ea2a4b7633e72eef795d9607bdc59aa01b288a132740a94fd8a18eca4d3538ef9d84ab1100064fad2faa72609f470d5f19094bb4c58c6edd4debd9932de52051f79000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x10bc7efbce8759bbc3ac00637936dbe6594d98eddf8a2e9462cc82e2b5722550', 1795991578965661, '\x01000000016d471737f27886b1144201f9c86b13ff01567f8cc43b84a958badb07b6b55920');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 10, 4, '\xbdc6025e3feabab0d26a45153b20d6f660639d26236add145ecd138fd02aca6f', '\xcc55679aa7e439e5c242a11e64aca34465ba299013494716a36331053a313e4d', '\x000000000000000aa349f98180511f3498f3c5c7cd509a6f9283de9c8de3e00e0132bb939718d628dbeef1489fe4808b3c4174afbd0a1f22b7ffd56b0c22b07b1ffab00cd6f8f3a4', '\x1393c06f647bba700b8c6b9e81b039a6027d04d591688fa9d408d68fe89e97a0', '\x000001ac7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000abdc6025e3feabab0d26a45153b20d6f660639d26236add145ecd138fd02aca6f01a22970a924745c9499698aa9912c6a0000000d7661756c742d7365727669636518eca4d350ebd26718eca4d35800e2880000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002e74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f676f6e6501000000000000000001a22970a80b7b3d8e67385088337538000000000000000e00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613931642d373565322d383066352d336161383336663462373132000000000000019d7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000b9083f2dcfa7814118ba9c556287b522f219d1af876c22508267054a341fb1b3d01a22970a95870daba5c5e086ebb597a0000000d7661756c742d7365727669636518eca4d35409da5118eca4d35800e2880000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e64656c6574650000002e74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f676f6e6501000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613931642d373565322d383066352d33616138333666346237313200000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000c225d711c615a491a026505dac934b55e35079158cba38a106015fef9a83f45ef01a22970a96e7b3cbf8c8e183cf0c00d0000000d7661756c742d7365727669636518eca4d3554ad85318eca4d35800e2880000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f616761696e01000000000000000001a22970a80b7b3d8e67385088337538000000000000000f00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613936612d376434372d383435302d336331316130336636366138000000000000019e7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000dd1fdce4cdaaa7ef6cc0af9b604f540ba64f57d6b780ef4cd3bb2c8346d1d83ba01a22970a9857538afc23ddb009a2a8c0000000d7661756c742d7365727669636518eca4d356ad730018eca4d35800e2880000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e64656c6574650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f616761696e01000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613936612d376434372d383435302d33633131613033663636613800000000', '\x00000001bbe62412e37797bf0e962a5faad52b6b17ab995644b5529304265d826f3aa321b44de4078d8ff91c00000001bbe62412e37797bf4b6831a92642abe4eef67546ba1eefdee740d9b6e8a634328f28c6426802900900000001bbe62412e37797bf48b6e247fc5bb84893ee2531ab9ebcf752192db922fb8f26d1d765d415ea611c00000001bbe62412e37797bf76eacaaf8f28fb4568f1cbe77488e1f64fe03bfbbb9232dcf0d2946db83b9207', '\x0100000001bbe62412e37797bffc152852f7c1f11bcc9c536376bcf25e7c25c4c41ebbcc683f5e77ad3e1557b2d739c7e97803225de1e70d8cdd7431a4000000000000000ecc55679aa7e439e5c242a11e64aca34465ba299013494716a36331053a313e4d00000068000000000000000ea349f98180511f3498f3c5c7cd509a6f9283de9c8de3e00e0132bb939718d628dae083d22bf413a885ce81615bcb239a3cbf1f9ac8f126a914e46b9117cdbe24e2b156e73a2fe0868ca74252d277f1faf3fc02c75115d348c7a1e1c01c1beb2518eca4d35800e2882377055c480990d5fb78184bd79a7418da7b3a9ccd665dd2c52184bc70a84b69000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x2c40343d46d30365bc65e9d7a33daf58375a20ee4f55c224ebd59c6b24a7a443', 1795991579041905, '\x010000000137a7e1c64421dadb7dc48036fdeff47dd88f987e0e09f495cb48ae5dfac62192');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 7, 1, '\x82909184a82f8f287e27d47e7846ea65ae1a0fdd462889e199e1bd87e63740df', '\xa03fe7e917fa54fe3290057c6012bebabffaa55ac1d784b06bf53079c709b87f', '\x00000000000000073ed48c9ffa6a62830038a361753676607c903a29e0417fc978c342b6390c9e4d3c12e1f80d4de786614f4da8c20251483339679ba5125eaad9121daa159d6934936675b625c57ea2a4b7633e72eef795d9607bdc59aa01b288a132740a94fd8a', '\x4ab1100064fad2faa72609f470d5f19094bb4c58c6edd4debd9932de52051f79', '\x000002097374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000782909184a82f8f287e27d47e7846ea65ae1a0fdd462889e199e1bd87e63740df01a22970a8ae73d595d39e8452dec7400000000b6b65792d7365727669636518eca4d349e0ab2118eca4d3596901f0000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970a80b7b3d8e6738508833753800000000000000070000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e7400000001380000000664696765737400000040383232313636656363666630323262343364373336313139616461333866333862623537383564386162616330613865306365616261386262346565653632310000000566697273740000000137000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231340000000470656572000000093132372e302e302e3100000000', '\x00000001bbe62412e37797bf61efedcdc0efd380327799fd66aac762698985a1a8b704b0a12710cfb09b32d6', '\x0100000001bbe62412e37797bf7c1e4390e4460e552c26f10113ec4b5c057b52ea0918c7ed66d170cd033b0015f3fb6a3fe79772fa8bc4dee1173230670000000000000008a03fe7e917fa54fe3290057c6012bebabffaa55ac1d784b06bf53079c709b87f00000028000000000000000866f6409c1f17431a4780973fe70cca69c27550c50a2654dc7e90dabe879d798718eca4d3596901f03b5fc6833f78a7f689c073d1122be3d913f1531b8b368b89a19d6143e84ef244000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xb568bd99f7a2d3268fbba241cac54f79b69cd0725f03c247699a3da770414cb8', 1795991579065424, '\x01000000012b1259576d0b2808a4b450140951b979974a46bd2de0b0a1b1b2e319c903487d');
INSERT INTO public.signer_segments VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 0, 1, '\x330cd000f160b55bd8979ae8915ab853e9b88d468560f7cc0c8412fb6aca5627', '\x93fcf83a0ef65c0cd3448c5d53bee1a7a86ef951fe690c933df9bfe428df8c01', '\x0000000000000000', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x000001737374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac0000000000000000330cd000f160b55bd8979ae8915ab853e9b88d468560f7cc0c8412fb6aca562701a22970ab2676d9a86408c868de7e580000000d7661756c742d7365727669636518eca4d36f8b3efe18eca4d370066bc8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000e74656e616e74732e6372656174650000001074656e616e74732f756d6272656c6c6101000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d616231642d373731362d623233612d36353530633961633564656400000000', '\x000003ea5dd5cfc83b9ee30d5b2a13041e014997e0343ea6fae5389006d902224cdd729c8df96d567ce9ced0', '\x01000003ea5dd5cfc83b9ee30d26879f97e877b2940aad4e5cab5347958a3bfbec5fc9811ad7013219b930cc6209f9b802d312d518140b9c7208f95bac000000000000000193fcf83a0ef65c0cd3448c5d53bee1a7a86ef951fe690c933df9bfe428df8c010000002800000000000000018fbe1bc0d68ad369d328f7e7ea4ef135740b92ad1bbbbb7ad07bc240e2d0b05a18eca4d370066bc8dbe179d0983008be0323bd3ce0af51ba255eaea80b33a7387d0763095bd0ed49000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xbab7c00405f3833acb6f020d6cf66811d958675ed843e7513af324923a5a782e', 1795991579448415, '\x0100000001180a9afc37bf08e96ae2e23c954690e10243281234e6aa0d4abae74764e654e2');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 8, 17, '\xa03fe7e917fa54fe3290057c6012bebabffaa55ac1d784b06bf53079c709b87f', '\x5a3d1fb1c2b2966477a4558ddc0340abe53b61428ca05f44329f9d1682a07043', '\x000000000000000866f6409c1f17431a4780973fe70cca69c27550c50a2654dc7e90dabe879d7987', '\x3b5fc6833f78a7f689c073d1122be3d913f1531b8b368b89a19d6143e84ef244', '\x0000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000008a03fe7e917fa54fe3290057c6012bebabffaa55ac1d784b06bf53079c709b87f01a22970a9ae7045a4109ac4aeac97070000000b6b65792d7365727669636518eca4d359124c9618eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323937302d613836372d376362642d386662392d3530386164353462316136620100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323937302d613836392d373966662d383532622d36303536333033623930393000000000000001997374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000955d88d110e5bc473ce32e9413210a2aa59df01c2311d3b47b72c3dd14c465f1d01a22970a9be7844a022b0d8486536a00000000b6b65792d7365727669636518eca4d35a143e7718eca4d370a89768000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f74617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001320000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613836392d373966662d383532622d363035363330336239303930000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000a85a1730ec42b13db967621238f6389d4c8fc4c4caf5b4f82c29916f340950cbb01a22970a96c757d9665fe3d1b9fe3440000000b6b65792d7365727669636518eca4d3552fcf7e18eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970a80b7b3d8e67385088337538000000000000000f0000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e740000000133000000066469676573740000004061323139623065333364343638383430373537343564353865373863653736633235653065393461346537353666363134643536313263393530303763666563000000056669727374000000023135000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231370000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000ba21f5fa9ca15d8695a6f6677dff5764992242c4dca961e7440bbb01b2b18325101a22970a9cc78899a9c26a202ebcde50000000b6b65792d7365727669636518eca4d35aee891c18eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970a80b7b3d8e6738508833753800000000000000120000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e740000000131000000066469676573740000004034353539343739356666656338386137623263303661343863303166336433373863643834313931386261313339326534343832653864613633313430363261000000056669727374000000023138000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231380000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000cbf4b7c9783e0540c5cbc116919a05ba870b3c4e90fbf61954a0c7581a122448f01a22970a9da7cc7a3f06ea478a305eb0000000b6b65792d7365727669636518eca4d35bc237b318eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970a80b7b3d8e6738508833753800000000000000140000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e740000000131000000066469676573740000004037376234316135323264643562393962373565373137333933343661643635643031303438343934373437646439343931396636373234616338366333383830000000056669727374000000023230000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000232300000000470656572000000093132372e302e302e31000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000d96994eb22d58b9ea41af33f529915d32c81c0e5fe4e987513f69b762f49e044201a22970a9cf7f9e89c5f1106778de900000000b6b65792d7365727669636518eca4d35b1c86f618eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970a80b7b3d8e6738508833753800000000000000130000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e740000000131000000066469676573740000004037306561326266373462326634333665303935396661366563323538616433313862316332643138323566356533636636613337623032316364326361643565000000056669727374000000023139000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231390000000470656572000000093132372e302e302e31000000000000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000eac2e20fe2fae4cbe90b811d1b70b6ac45a80f78e91237c44428fc4926cb5b71801a22970a9e4768396a61815f05b255a0000000b6b65792d7365727669636518eca4d35c53457c18eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323937302d613836372d376362642d386662392d3530386164353462316136620100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323937302d613836392d373966662d383532622d36303536333033623930393000000000000001827374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000000f2b874d668f02726b781961a38d1f3f7a6de265ac88822b308571fcd640737cdd01a22970a9ee76f5a6efb2217aa952580000000b6b65792d7365727669636518eca4d35cf3a20018eca4d370a89768000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f74617465000000126b6579732f7661756c742d7365727669636501000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001320000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613764622d373338622d393263662d306539326662653262353033000000000000017e7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000010076731b4c0f4d1b8fc400f84ddcbfab75fa21f5d4049fd974a8b49c1997ee14e01a22970a9f577cd9ea8f6eb57afb3380000000b6b65792d7365727669636518eca4d35d61a5e218eca4d370a89768000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f746174650000000e6b6579732f61756469742d6d616301000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001320000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613764622d373430392d383366302d323833633431373231386633000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000011dcc9f05c061bb43e34c31ed3eaf9a9b73965aba9eeab53361a0bf23303799f4401a22970a9e771a199a12e8cfa4d687c0000000b6b65792d7365727669636518eca4d35c87daf818eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970a80b7b3d8e6738508833753800000000000000150000000700000004626f6f740000002430316132323937302d613830622d376233642d386536372d33383530383833333735333800000005636f756e740000000131000000066469676573740000004061636263323866663538666132653732306636643130623435306363313932313064376461356537666430623866396535623533646632616337653466383139000000056669727374000000023231000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000232310000000470656572000000093132372e302e302e31000000000000012a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000123e9955de48f4b5bc472980d710e89b8d45d5cb9a36cbba398d218cc0a5f8f1c801a22970aa27780ca8cf8b0c3581b0ec0000000b6b65792d7365727669636518eca4d3620434c118eca4d370a897680000000b6b65792d73657276696365000000000000000d6b6579732e726573746f726564000000046b6579730100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000133000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000007736b69707065640000000431303030000000000000019c7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000013356114342e549fbbe427b30d992b87a1c4d9b27e8029d546e73d501a7b103f2901a22970aabf7c138b1b353d5cdf93d40000000b6b65792d7365727669636518eca4d3696ed4c718eca4d370a89768000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f74617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000004313030320000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613836392d373966662d383532622d36303536333033623930393000000000000002067374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000142436c20b389e514fc3dd59b1050b4a86ca361959ee065b9337b4325f7c4e7be801a22970aae578a5a3b810f7d667c7d00000000b6b65792d7365727669636518eca4d36ba67ee018eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970aab17a8689f9396e7327658b00000000000000010000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040393330663031313138323933373431383462393665303731303234316564313532643337633330613231393534623436656634303336396232663837653637310000000566697273740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001310000000470656572000000093132372e302e302e3100000000000002067374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000153cb231e06321e146f673f760f2ecf893b1a8b8c7342a8fcde8e74d0484c3e9f401a22970aaf2714eb470752353dfc1440000000b6b65792d7365727669636518eca4d36c6e594718eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000000f646174614b6579732e756e77726170000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970aab17a8689f9396e7327658b00000000000000030000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040633666333331313261343738623733663131356532643566323865353338613361353636353666303666613733373533393931316132316438343866636262370000000566697273740000000133000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001330000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000016804b4f11ccd41278ec9dc4cb63ff32a178784cd68cfed1e8373eb7e16c7b07ee01a22970aae97b98b9c3f402f4ac2ea10000000b6b65792d7365727669636518eca4d36bed2cd018eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970aab17a8689f9396e7327658b00000000000000020000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040353663396331386332373639653236373164303239623965313238656532303464356162646331363731663635306532326234303538393832663736363438320000000566697273740000000132000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001320000000470656572000000093132372e302e302e3100000000000001817374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001752c32d615f29aff725f1db077eb596d7a6fbb55900fce6111f28541109e988a801a22970ab0b7199a1640d747eee91080000000b6b65792d7365727669636518eca4d36ded428118eca4d370a89768000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000b6b6579732e726f746174650000000e6b6579732f61756469742d6d616301000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000004313030320000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d613764622d373430392d383366302d32383363343137323138663300000000000001a77374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000181e7f826f1c05420a948bc68ad32d8549201751af0cd7d3de92cdb3cbfab5f0e101a22970ab23731eb66118322a06116c0000000b6b65792d7365727669636518eca4d36f5e157e18eca4d370a89768000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000001474656e616e744b6579732e70726f766973696f6e000000296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656401000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001310000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d616232332d373730372d393937382d38663763613339366166623900000000', '\x000003ea5dd5cfc83b9ee30d50b3700045012e267a390b85e7e1b4eb241321fa6ff3e3f2d9b76f23d058d79e000003ea5dd5cfc83b9ee30db9168bfd27148796a72c39d0a182caa11d1d92991c4f429b16a7712bbedb7244000003ea5dd5cfc83b9ee30d1453bb79e770af385243ca0f88987a946a8f5e1ac0c351f1a9cf16dc274951c0000003ea5dd5cfc83b9ee30dc9422835ad1483f9f84a6d21c1d22d70363f9b12219203046da6ed2bd12bec97000003ea5dd5cfc83b9ee30d766c53bde8ab0eba347e0fd8cbcaf195d7447a2d67edca92d1b6b1266ee05581000003ea5dd5cfc83b9ee30d9ade0611d074cf1327899c637d4afbffb94713059bde40ea2590ad18669ebb3a000003ea5dd5cfc83b9ee30d020fb937b96ef11b25b026e191e03f393c960e773e649e034d8ccfd94807b581000003ea5dd5cfc83b9ee30d25cc7b0bda16c06a26be75a9bf5cf57d7002aa3c65d707e021f245231b28c728000003ea5dd5cfc83b9ee30de892826275c6f977dd4b41d225a971c12e443018c636c94cfbd5ae4ead8cb54b000003ea5dd5cfc83b9ee30d04aaf8371205d4450338b24f12d6b20cf2ccbb1a228165c26946b3761747c008000003ea5dd5cfc83b9ee30d62ea56fa6350133c75ab898efc762ccb22d95c328a86f24e2fa2f346471630cd000003ea5dd5cfc83b9ee30d2a7c05af68ddc2347762ce754660424360c2a9ded8c73862a401836596272e5d000003ea5dd5cfc83b9ee30d6cc0ca5429415eb4f509a073b6e8b8228cd0aa82170fc6c2b16c364103b806b9000003ea5dd5cfc83b9ee30dfcf062fa20157faec90a5d5243b249a588b1236c66ca099cbe0aafd898c3b8dc000003ea5dd5cfc83b9ee30dc35a85d1fa26f62b1530a992c096b7b5eb8a16ef543cd032b30ebf1c8f704e67000003ea5dd5cfc83b9ee30d5afc1147f67e4331ecf22a1cee66dc325de5bc698eeda0ef29b76737b872395b000003ea5dd5cfc83b9ee30dc2e788fd11a2e7e4de4bdb44c8cae7614d8a961ab1aacb1fd8497e7709521719', '\x01000003ea5dd5cfc83b9ee30dcdafceaa05cb86c2ac995482e4a4c22ee8f6c57b799d383f43d2faabe3510eecf3fb6a3fe79772fa8bc4dee11732306700000000000000195a3d1fb1c2b2966477a4558ddc0340abe53b61428ca05f44329f9d1682a070430000006800000000000000191ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705f87b5c70ebf8fd36605b46dab62713a7517bfcd43d99e6afee7f409f5715a67f18eca4d370a8976832c6b5bb460551f4b7cbccaf1761083cb3d8dd53e7c889db61f11c5120d301dc000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x103c5af5f39635cf95541e874a9ef29db9384bc390d72c02932ee954a2e664f4', 1795991579455279, '\x0100000001009ae9b5241dd4e12d4a383ec4be1140c8b51afa814c43412a1cb1f92daa4359');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 14, 10, '\xcc55679aa7e439e5c242a11e64aca34465ba299013494716a36331053a313e4d', '\xa86dec05a506010bb8e3b74ea1fb4113ba2d756f34ebf776c7218469865059e2', '\x000000000000000ea349f98180511f3498f3c5c7cd509a6f9283de9c8de3e00e0132bb939718d628dae083d22bf413a885ce81615bcb239a3cbf1f9ac8f126a914e46b9117cdbe24e2b156e73a2fe0868ca74252d277f1faf3fc02c75115d348c7a1e1c01c1beb25', '\x2377055c480990d5fb78184bd79a7418da7b3a9ccd665dd2c52184bc70a84b69', '\x000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000ecc55679aa7e439e5c242a11e64aca34465ba299013494716a36331053a313e4d01a22970a996774e8b8ce251a19ea5d40000000d7661756c742d7365727669636518eca4d357b94eb018eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f616761696e01000000000000000001a22970a80b7b3d8e67385088337538000000000000001000000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613939332d373133632d396636352d63333339313065313031313100000000000001a67374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000000f517cf86f184b903a0ed5c1e8cdc9d5fa35636bec43859159dc4aca8305ab1c4501a22970a9b37a85bb67a486397337c70000000d7661756c742d7365727669636518eca4d359707e4918eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002874656e616e74732f61636d652f636f6c6c656374696f6e732f73746166662f7265636f7264732f3101000000000000000001a22970a80b7b3d8e67385088337538000000000000001100000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613961392d373430642d613634612d31393066383131663331383200000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000010f4cfb87df1049c08b08cecd9bf00e8307e9b6ec1d0a5fba134fe7ec280d0645101a22970a9d076ba9a9d4a43ed7a40f90000000d7661756c742d7365727669636518eca4d35b304bf218eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e7570646174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a22970a80b7b3d8e67385088337538000000000000001300000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000132000000037569640000002430316132323937302d613866312d373331372d393039352d39633762323962313837346400000000000001bd7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000111c8666991e7885f1ef33aaa61179d67f6e8a0f813361fdb5e1503049bce8f80a01a22970a9ce7f3fb9cf67b4edd02f470000000d7661756c742d7365727669636518eca4d35b09fbf518eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61707000000000000000117265636f7264732e63617272794f7665720000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a22970a80b7b3d8e67385088337538000000000000001200000005000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e3100000006726561736f6e0000000c434152524945445f4f564552000000087265766973696f6e0000000131000000037569640000002430316132323937302d613866312d373331372d393039352d39633762323962313837346400000000000001d77374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000001229ae9342e5e0b338f56e1b5c353734da928a364150eb4fef1c91b91cd12cc8f001a22970a9dc7af98990ed248d513ea20000000d7661756c742d7365727669636518eca4d35bdf91a418eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e72657665616c0000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f75706461746564010000000974726561746d656e740000000001a22970a80b7b3d8e67385088337538000000000000001400000007000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000066f746865727300000001320000000470656572000000093132372e302e302e31000000087265766973696f6e0000000132000000037569640000002430316132323937302d613866312d373331372d393039352d39633762323962313837346400000004766965770000000446554c4c00000000000001ae7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000135af8eb0ad526278678dc7869e0d1416847941d60c14cdad991d402e2c179443401a22970a9e87121bf56b63d317ae5d40000000d7661756c742d7365727669636518eca4d35c9416a118eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003074656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7365636f6e6401000000000000000001a22970a80b7b3d8e67385088337538000000000000001500000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d613965322d376662612d393532642d63653263623235373336663900000000000001af7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a4000000000000001439d3dcf66f469ad257452c0dd1e8222afda4c9bc23cca90c60e2513fd9b4021601a22970aaea75759baffe75d70a32350000000d7661756c742d7365727669636518eca4d36bf6dae318eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e7570646174650000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a22970aab17a8689f9396e7327658b000000000000000200000005000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000133000000037569640000002430316132323937302d613866312d373331372d393039352d39633762323962313837346400000000000001bd7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a400000000000000158872d8d5b88b38fc74707bb7bfb1dda719f22708af4197ac41b4be4f5b529d0a01a22970aae873d1b535f1e3dfa9c1a40000000d7661756c742d7365727669636518eca4d36bdce51318eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61707000000000000000117265636f7264732e63617272794f7665720000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7570646174656401000000000000000001a22970aab17a8689f9396e7327658b000000000000000100000005000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e3100000006726561736f6e0000000c434152524945445f4f564552000000087265766973696f6e0000000132000000037569640000002430316132323937302d613866312d373331372d393039352d39633762323962313837346400000000000001d77374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000016e2f282920dfa608760b8394331518b802d6078370be7d69d9682fe1100a586bc01a22970aaf97ca4877773090cc561f20000000d7661756c742d7365727669636518eca4d36cda38eb18eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e72657665616c0000003174656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f75706461746564010000000974726561746d656e740000000001a22970aab17a8689f9396e7327658b000000000000000300000007000000066669656c64730000000132000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000066f746865727300000001320000000470656572000000093132372e302e302e31000000087265766973696f6e0000000133000000037569640000002430316132323937302d613866312d373331372d393039352d39633762323962313837346400000004766965770000000446554c4c00000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000017f245e0cce1dcd28aa127a17df244e379590f9a13819f24fed92b15020b972a2d01a22970ab047b388719b739c6ac494d0000000d7661756c742d7365727669636518eca4d36d83514518eca4d372fc10d00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f746869726401000000000000000001a22970aab17a8689f9396e7327658b000000000000000400000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d616230312d373265642d396665632d30616666326266393166643200000000', '\x000003ea5dd5cfc83b9ee30d27e8f51f627f05bd9c88dd58dc1bf00055f858e209b8990a651cd1c6b0130c19000003ea5dd5cfc83b9ee30d9cdc4e682be0b83ed65e42583ea2dae7fb7f7ec67eddeb15251112cfc3ae8a4b000003ea5dd5cfc83b9ee30d8807cb6cb65069069a87219736a00b023ad69ca7b142a42563cdd2f2575cc79d000003ea5dd5cfc83b9ee30d52562b5819e7d45150bb2e61d3bef3e0a78cb527b92061004799813526c79792000003ea5dd5cfc83b9ee30d047464665ce5fd9eb3629ca44404fdf1ab6f390fe0d15c09a65a8eb0e2845750000003ea5dd5cfc83b9ee30d579db4f313a1a6b955cac273a02cd461d54e3dfcc11497d7ff68dd61e4b600d7000003ea5dd5cfc83b9ee30d75f13ab630d4dd4c845973e823dbe11b71dd6c0149738ce7238b084142743d39000003ea5dd5cfc83b9ee30d486e55af6b0d6da67f261cef0e58e4cc34cc612147bfe215085f18fe55bc6a34000003ea5dd5cfc83b9ee30dce68d59ba6302bef2b3ed776664d0259b806f1f151182dd44ad1d103894d3bbd000003ea5dd5cfc83b9ee30d53cdc9e6eb5a8995fa3ab9d8403ee02f3160692b23db0fb155a46f7ae5a79ad7', '\x01000003ea5dd5cfc83b9ee30d0a56bd48af72ad2ebe4eae2a4ce154d6a578b700581f09f467c3e2fd74d2a32bd739c7e97803225de1e70d8cdd7431a40000000000000018a86dec05a506010bb8e3b74ea1fb4113ba2d756f34ebf776c7218469865059e20000004800000000000000185dada31aff092e039be2c612c4e60d6bccf7a6dfe5cefd8e434c47975c8a5297931b5a42b844243c156b302a26796fd383aa185790dc9a11026ccaba944ea92218eca4d372fc10d03c09eba7484081f42649641cf4d076b6547f795d1cf4857aad55891e07b8880b000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x89596219aef21ba2a3ee1c012e1390ee1c2eab1a80e073e979bea939e5f51178', 1795991579497537, '\x0100000001a8a2a34aa9cae8205d6e8bb2808fd6295b6cd33ad72a0cc34be6c01a4e009f8c');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 25, 1, '\x5a3d1fb1c2b2966477a4558ddc0340abe53b61428ca05f44329f9d1682a07043', '\x68ba5ce0633ce7158e3936e8b274bba1798e6327631328387c8451a2064d7986', '\x00000000000000191ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705f87b5c70ebf8fd36605b46dab62713a7517bfcd43d99e6afee7f409f5715a67f', '\x32c6b5bb460551f4b7cbccaf1761083cb3d8dd53e7c889db61f11c5120d301dc', '\x000001577374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000195a3d1fb1c2b2966477a4558ddc0340abe53b61428ca05f44329f9d1682a0704301a22970a7737c58875af18bd11fe49b0000000d61756469742d7365727669636518eca4d33718606318eca4d3739a8f080000000d61756469742d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d7365727669636500000000', '\x000003ea5dd5cfc83b9ee30d55ace6533acb3773eee4b4c571c6d012ab31471e978429b12fd2ecf93bb97597', '\x01000003ea5dd5cfc83b9ee30d90d958f1301f5925155ec0ee58e4ac7cafbf9e61907bcce27536f289651db658f3fb6a3fe79772fa8bc4dee117323067000000000000001a68ba5ce0633ce7158e3936e8b274bba1798e6327631328387c8451a2064d798600000068000000000000001a1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac70570bf7f6bc1ce28e6313d121423dc73d29fe0deb5817de481dd68641931c5790f18eca4d3739a8f08c699d45ada381d768b9112f7c9f880154641e74eddb69f950cbecb5d628d7c51000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x749033a7bf61649accd96ad5b1a4bd9a0dca6c992f252d9ae28b71f103cd7267', 1795991579508915, '\x010000000107f7d7c66d9f7ab9e648693b5c4c20854f46255e0b70753ad9fb27dc20bc4e68');
INSERT INTO public.signer_segments VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 1, 3, '\x93fcf83a0ef65c0cd3448c5d53bee1a7a86ef951fe690c933df9bfe428df8c01', '\x37cecb67252df012ab2666b037c983e9d5f00b769346672154d56a0030ee1bf0', '\x00000000000000018fbe1bc0d68ad369d328f7e7ea4ef135740b92ad1bbbbb7ad07bc240e2d0b05a', '\xdbe179d0983008be0323bd3ce0af51ba255eaea80b33a7387d0763095bd0ed49', '\x0000018c7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac000000000000000193fcf83a0ef65c0cd3448c5d53bee1a7a86ef951fe690c933df9bfe428df8c0101a22970ab2f7fb6a12bbff890357c670000000d7661756c742d7365727669636518eca4d3701669b918eca4d375b50e80000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000002574656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e747301000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d616232662d373634372d613637322d35623635333137303161393500000000000001897374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac0000000000000002b0508f58b3246f336fc5915ca758efac7dd346156a3686c21c65ba7650f06eed01a22970ab467fe387303457851e62f60000000d7661756c742d7365727669636518eca4d37175519918eca4d375b50e80000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f720000000000000012636f6c6c656374696f6e732e6372656174650000002274656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f737461666601000000000000000000000000000000000000000000000000000000000000000000000003000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d616234362d373432342d383730332d31626235373565633462346400000000000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac0000000000000003b6f6b2804edb738392512dc1284214e33b771817e8e35dd14fa0a6b9fb7e9e5901a22970ab717f91a6f5d04d26c5c3fc0000000d7661756c742d7365727669636518eca4d37400f59418eca4d375b50e800000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3101000000000000000001a22970aab17a8689f9396e7327658b000000000000000500000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d616235332d373735662d386265612d32363735323033373661386200000000', '\x000003ea5dd5cfc83b9ee30dbd4dc9e7eeb072e138768989e428a02148d0c80e81822d9f02ac3b4ccdb11866000003ea5dd5cfc83b9ee30dbc778282c77303e09b1a6cf03242f954879ec57f4fd71d732a212589bda122a3000003ea5dd5cfc83b9ee30dea71588a7b10644d123c76afa519794bf0ce21c46d07886e9852ca9b05359b6d', '\x01000003ea5dd5cfc83b9ee30d98f14f24f1c04f2262db61babe8696d308b81f872a0563913f543894d8edcc2309f9b802d312d518140b9c7208f95bac000000000000000437cecb67252df012ab2666b037c983e9d5f00b769346672154d56a0030ee1bf00000002800000000000000046810146a15f3d75df904e13fd69346b52f5a739b6ce8f9b641920fbce18699c118eca4d375b50e80fbff7f31ab109c41916fcd449b2c1e93386ec04661b64e2b1eadc180151175a5000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xc4381dd048430c108c42bb0bb59a717b8b7ea36fcbfe8a04d43a2938194fc128', 1795991579546698, '\x0100000001e394109f63a943672f69c4515702b4cacdd0694778921baa93187cdcd2625b44');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 26, 2, '\x68ba5ce0633ce7158e3936e8b274bba1798e6327631328387c8451a2064d7986', '\xf70e264ed00664456ab9a0ca2fc6bf4a697d910ebc36b4513de32efc8bf46223', '\x000000000000001a1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac70570bf7f6bc1ce28e6313d121423dc73d29fe0deb5817de481dd68641931c5790f', '\xc699d45ada381d768b9112f7c9f880154641e74eddb69f950cbecb5d628d7c51', '\x0000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001a68ba5ce0633ce7158e3936e8b274bba1798e6327631328387c8451a2064d798601a22970ab627dad80bb660dc2d379e30000000b6b65792d7365727669636518eca4d37303346f18eca4d375b50e80000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323937302d616231642d373731362d623233612d3635353063396163356465640100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323937302d616232332d373730372d393937382d38663763613339366166623900000000000001577374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001b8b4b5eb491d77c551d456473c8ecf09eca931923f63583ddbb8d2555d6bfddea01a22970a79271c0b18fdf1446ec566a0000000d7661756c742d7365727669636518eca4d338f027ea18eca4d375b50e800000000d7661756c742d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000', '\x000003ea5dd5cfc83b9ee30dac20d57d30a299b1ec0794ea04bfe7c8b2ecd3ece6820d097f0306daecbc99a1000003ea5dd5cfc83b9ee30deee0197d83fb4b9cac2c5905e78704f05233e3932c02fac67a369c37ae351ca5', '\x01000003ea5dd5cfc83b9ee30df93d90f1fb33b8ab30012d93667177ecd59d21cf6e3dc1516d973a0e1089b07ff3fb6a3fe79772fa8bc4dee117323067000000000000001cf70e264ed00664456ab9a0ca2fc6bf4a697d910ebc36b4513de32efc8bf4622300000068000000000000001c1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705d1e076d1d48cb4d4796386f2721c2f5146877b47e1d893b5374f1e2074b9fa2d18eca4d375b50e801cf3812ca86441795763a3072f6096e159076d465b55d46b7f5dc94b79e5ab94000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x1fcebacea04369b5816299391f61db48650942c7a05e8b241400ab31d656cdc7', 1795991579546698, '\x010000000162f2468d55fa46dda389cf85b0c90de7d77ba798f0a855d2b255ab4d955960e9');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 28, 2, '\xf70e264ed00664456ab9a0ca2fc6bf4a697d910ebc36b4513de32efc8bf46223', '\xf803c104bfaec9caeca726d9ed851a9c578a5afb856677b449b345aedf3f9731', '\x000000000000001c1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705d1e076d1d48cb4d4796386f2721c2f5146877b47e1d893b5374f1e2074b9fa2d', '\x1cf3812ca86441795763a3072f6096e159076d465b55d46b7f5dc94b79e5ab94', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001cf70e264ed00664456ab9a0ca2fc6bf4a697d910ebc36b4513de32efc8bf4622301a22970ab037b169beb23f2df0013e70000000b6b65792d7365727669636518eca4d36d77f22c18eca4d3819468b8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970aab17a8689f9396e7327658b00000000000000040000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040653336623137333931346263303363326465616361633232626631393637306563303636393139353766373962633566623166653765353364366133333465620000000566697273740000000134000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001340000000470656572000000093132372e302e302e3100000000000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001d886953b0f32ba76b4b377352f272e16b4e64a28095b04b8d264ec401f04ae1e901a22970ab6d7da3b0b290298d367dd70000000b6b65792d7365727669636518eca4d373cecfc318eca4d3819468b8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656401000000000000000001a22970aab17a8689f9396e7327658b00000000000000050000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040663665313239663137613835616430653235633764643164363933613635336438356334383231613032383738356333623632353939333032383536353366310000000566697273740000000135000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001350000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d75e6c12fb2a9a518abda5b7d6c0b1e3ce63e4a3d1c2a5def24eab51cdddb8faf000003ea5dd5cfc83b9ee30d6f8abf1d25fa2ec7b035f26a5af0036b0905baf057902d162b8573f8dfabc0bb', '\x01000003ea5dd5cfc83b9ee30d3e53ab9b440db1df2403955c466f72442af74c3ee461615c693a3907b1709c56f3fb6a3fe79772fa8bc4dee117323067000000000000001ef803c104bfaec9caeca726d9ed851a9c578a5afb856677b449b345aedf3f973100000088000000000000001e1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705d1e076d1d48cb4d4796386f2721c2f5146877b47e1d893b5374f1e2074b9fa2d5f6ecf1a24c37e64a2e281b823ac7d33752e28a6805fc32d409c7ed7b82b9a4f18eca4d3819468b8884e60c79a4ae4d677d2481449e5baae13805e3b61d51ca9054095163bb13cda000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x890277f84555c017ed2893d565e63ebbf57cf2f01c3efedc02fa25462f36983e', 1795991579769769, '\x0100000001902ef7153161d7edb4132eb16a0a169667bbe41df94c4963700002389239a11b');
INSERT INTO public.signer_segments VALUES ('d739c7e9-7803-225d-e1e7-0d8cdd7431a4', 24, 1, '\xa86dec05a506010bb8e3b74ea1fb4113ba2d756f34ebf776c7218469865059e2', '\x0870d3b61ee7d2651537cfd684d5f7e8d39d5e98a87ed1d9eb5c1c23a43d7e4b', '\x00000000000000185dada31aff092e039be2c612c4e60d6bccf7a6dfe5cefd8e434c47975c8a5297931b5a42b844243c156b302a26796fd383aa185790dc9a11026ccaba944ea922', '\x3c09eba7484081f42649641cf4d076b6547f795d1cf4857aad55891e07b8880b', '\x000001b37374726f6e67726f6f6d2f61756469742f656e7472792f763100d739c7e97803225de1e70d8cdd7431a40000000000000018a86dec05a506010bb8e3b74ea1fb4113ba2d756f34ebf776c7218469865059e201a22970b7a778588ac93c73c5800c3d0000000d7661756c742d7365727669636518eca4d42e562f2518eca4d67fcc0d080000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003574656e616e74732f61636d652f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f7768696c652d616865616401000000000000000001a22970aab17a8689f9396e7327658b000000000000000c00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d623761332d373862612d396530642d37326530633630326332613500000000', '\x000003ea5dd5cfc83b9ee30dcd9120e7377f662553c9d41e56c87d2b21cabdcd7b1858f68203772a7973277b', '\x01000003ea5dd5cfc83b9ee30d142cb7c6e3bffec12b6348c6b757bf6029cb66c38727d42e1190395b3f41fe7dd739c7e97803225de1e70d8cdd7431a400000000000000190870d3b61ee7d2651537cfd684d5f7e8d39d5e98a87ed1d9eb5c1c23a43d7e4b0000006800000000000000195dada31aff092e039be2c612c4e60d6bccf7a6dfe5cefd8e434c47975c8a5297931b5a42b844243c156b302a26796fd383aa185790dc9a11026ccaba944ea922c7b73376078d67a8ff1bbe3ea832e83f46118578368418d5be73927e03d61ce318eca4d67fcc0d0843810e4c1167c767bb7bc29af72638dbf09e5aec9a4970bd4bdd78d69dcecd81000000000000000000000000018e609cb55bc053f4697ce9e64aadead0fc940b436259670606be3ce2209f7511', '\x08f30385082ddc3b1a066019566fb0741059df1710128feac80a7224e56ae670', 1795991592596494, '\x010000000162a30b26398bc7235916515af1d049fdae5b822ee362c029f41f658d5e79df54');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 53, 1, '\x7506fad6f05cd9eb11ba08599d73f966015219eade249f59ea9b7c4e4385153e', '\x87a1fb18eaccadb0e825c003685516f0f129852fcd970484eae5246567a81ef3', '\x000000000000003503c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c49592767b0157d3b059fad63aab8151beb641f8f0e30ed924f2f5786beb3e25afd4', '\x710b8a6e52d998b180160fb27b19466b38bf9780c64136ce9aa348cd4be2a52e', '\x000001367374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000357506fad6f05cd9eb11ba08599d73f966015219eade249f59ea9b7c4e4385153e01a22970de70711d812a6ff127ed29ba0000000b6b65792d7365727669636518eca4d67f31feb818eca4d67fcc0d08000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d65010000000000000005494e432d370000000000000000000000000000000000000000000000000000000200000006616c61726d730000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000000', '\x000003ea5dd5cfc83b9ee30d9bce9dcfdb5ffaf7e543a96da2a7d31cc680687ce92690c379798cafbbf43869', '\x01000003ea5dd5cfc83b9ee30d4bb61d298d64205be53a8b3fc3bfe670f795c58a05daf618479c4327cc6b07e6f3fb6a3fe79772fa8bc4dee117323067000000000000003687a1fb18eaccadb0e825c003685516f0f129852fcd970484eae5246567a81ef300000088000000000000003603c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c4950c143b1663e6f85d0120320aa8bbffb987b9c5437608a78be8fa9bff770c334d18eca4d67fcc0d08488ec782b84bf712c4af37717500f3bec1b11f6c79265caa7811d689232225fa000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xdcc2bf1776db80f0532f168acdd395cd0a871bdf440f4667b4785d60eaf6de5b', 1795991592596494, '\x0100000001b7bd36f3c402213fc6a2d3ddeabe9c01b2b8dcb0b0ddd5799d0dcb799b5fd7d1');
INSERT INTO public.signer_segments VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 6, 1, '\x521f0633dc039b585a859182515b59b071b31b2e2b5e2a0dc34d86c6a8fc5458', '\x1525c73a98edf629707c927e0d91a4a12413b7f4bb28bf81b1b213e8fe73e711', '\x0000000000000006721d7e2b20ed815f5ed762163ebaedf25f9079b3f4bc46ecd948355ebb47e409443c529ecc97fceac7199ca486376ff4025933b6f42fae8d2c1b19a35710afc1', '\x17f011729609dde3df6483c6b6226515d9e2769708ea8c1d114bff313878fa09', '\x000001b97374726f6e67726f6f6d2f61756469742f656e7472792f763100927a091fb720d7472150a52018a9cd290000000000000006521f0633dc039b585a859182515b59b071b31b2e2b5e2a0dc34d86c6a8fc545801a22970b73a705ea0cf37b6ebb5b2450000000d7661756c742d7365727669636518eca4d427d9b52c18eca4d680e6f2e80000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000003b74656e616e74732f696e69746563682f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f61667465722d7468652d6c6f737301000000000000000001a22970aab17a8689f9396e7327658b000000000000000b00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d623733352d373561342d386639352d33323130363832663534613500000000', '\x000003ea5dd5cfc83b9ee30d6ebdcb16c47013d4e6eb9e02d2aa00e66df70447e0a9e1752813a0e7e2bb05f8', '\x01000003ea5dd5cfc83b9ee30df767150d1fd9dc2f542d8ce316457e9fdef56aa7539996178aad2e6fa5877d9a927a091fb720d7472150a52018a9cd2900000000000000071525c73a98edf629707c927e0d91a4a12413b7f4bb28bf81b1b213e8fe73e711000000680000000000000007721d7e2b20ed815f5ed762163ebaedf25f9079b3f4bc46ecd948355ebb47e409443c529ecc97fceac7199ca486376ff4025933b6f42fae8d2c1b19a35710afc18247fe51f46a02967647194db3a7aacf1ab0c2bb32db4e286e91bec9b683ae0018eca4d680e6f2e8d6a13f561c826fe5e9e019a2741ec94aadf6881c6b419d19f2d89d4779e20da800000000a4000000000000000100000000000000044613aea250d60005610981a0c8e1f25e6a81819429fbe8c9372b1ec7425bbe63000000480000000000000005721d7e2b20ed815f5ed762163ebaedf25f9079b3f4bc46ecd948355ebb47e409e455b2bdbed6da4e900e2addc3e1f3f21d878edefd0ce1510c9c53fac089cc0d946db402592629d8381f3ce008d1efd526333bb7137ffb8f0dcc136dc8de7e9d18eca4d41fa494d800000000000000012e8d4cb494ae2f83347b26292949c7d8f0d019c6e3b7d551f33e2e241ba1ab6f', '\x43b6dc9214178bd04ecae47251f9cb62c762c6a43dfab4469737296edca00ffc', 1795991592612351, '\x0100000001f8d87ca9881d8f5737b3ff3663b6ef496831081d218a3287ab771066d73d7956');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 54, 1, '\x87a1fb18eaccadb0e825c003685516f0f129852fcd970484eae5246567a81ef3', '\x487ae8c6ee7f237099697066f05087c7b3554dcd5c475ca66fd75cb1bf3c5329', '\x000000000000003603c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c4950c143b1663e6f85d0120320aa8bbffb987b9c5437608a78be8fa9bff770c334d', '\x488ec782b84bf712c4af37717500f3bec1b11f6c79265caa7811d689232225fa', '\x0000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003687a1fb18eaccadb0e825c003685516f0f129852fcd970484eae5246567a81ef301a22970e0e47d85878029ca8b81ba6c0000000b6b65792d7365727669636518eca4d6a39bfb0918eca4d6a8c22e40000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656401000000000000000001a22970aab17a8689f9396e7327658b000000000000000d0000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e740000000131000000066469676573740000004034646163323430353963326132333862373030343962386331646262353262626361626133663763616637653162653465663161633236383430373737373831000000056669727374000000023133000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231330000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d878e5cf6f06ec9b849291f14954ad968440a59a134e857faea502944670667a6', '\x01000003ea5dd5cfc83b9ee30d6896d6f177389d025b6da4a3374cc49d4a72252c857cbcfc91539f4f2f743b27f3fb6a3fe79772fa8bc4dee1173230670000000000000037487ae8c6ee7f237099697066f05087c7b3554dcd5c475ca66fd75cb1bf3c5329000000a8000000000000003703c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c4950c143b1663e6f85d0120320aa8bbffb987b9c5437608a78be8fa9bff770c334db4c37b69a793e73d06fc4692547c8d6f16e7e77231babb0a6761f2f8aa4b31fa18eca4d6a8c22e40e9be8485d0bdb694d5d30e2dfd4ead11760a72881e4790aadfad3338c2a071c6000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x62cb112bd7b8d7fd263b029022e5d982505d048b241a46b5172417115582e321', 1795991593284590, '\x010000000143f59fe29c08521583c61f586d8c7d8922af34198859004c78725209988c0240');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 56, 1, '\x8b9a8ad0e68fe1bc03bf4100a4eeef4b40028d6e998a593b5e41172f55568b9d', '\xd852fc4f4bf0a2e4f40a2fda2272a684a90a796c11492232de8e05f27b1eadf0', '\x000000000000003803c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f07138', '\xc425612291fc09f442b95d770ec292af5d667e26118f35f44880025915276e48', '\x0000013d7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000388b9a8ad0e68fe1bc03bf4100a4eeef4b40028d6e998a593b5e41172f55568b9d01a22970e18b7801849cedc8c4961bf40000000d61756469742d7365727669636518eca4d6ad84962e18eca4d6ad92dca80000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000d6c6f67732f756d6272656c6c6101000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d699b19af823bd0e5fc9871de1dd254c2d1cdd3b9e09c4acc707d0ecf2631503f', '\x01000003ea5dd5cfc83b9ee30d75d452f391e400c6a7ff83ae2193a21ef1e2abae98061e0175257f50a2ec6893f3fb6a3fe79772fa8bc4dee1173230670000000000000039d852fc4f4bf0a2e4f40a2fda2272a684a90a796c11492232de8e05f27b1eadf000000088000000000000003903c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f07138002d4759c7973bf360e18132fd6c415e55d61933d98d4046f543312ece71f91418eca4d6ad92dca8688163aa699412cd0d19a2a2ed5cd6e83d3baad639ae00f18972227cc6a9b78b000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x58ee6293f57be53da7ae7ea7f9670f4ed30a30141339841b77ce4d82ec2f7de4', 1795991593360971, '\x0100000001119c1a76a4a7bf28127692b36ae1db5ec7b9e4e961c32985c53137524bc8c1ce');
INSERT INTO public.signer_segments VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 4, 1, '\x37cecb67252df012ab2666b037c983e9d5f00b769346672154d56a0030ee1bf0', '\x1c9545957fe41a55bd00ce30cfb7c0d70a6ff52f4fc50a4712c727ca3b697a4f', '\x00000000000000046810146a15f3d75df904e13fd69346b52f5a739b6ce8f9b641920fbce18699c1', '\xfbff7f31ab109c41916fcd449b2c1e93386ec04661b64e2b1eadc180151175a5', '\x000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac000000000000000437cecb67252df012ab2666b037c983e9d5f00b769346672154d56a0030ee1bf001a22970add572b8850ff2741eaab8360000000d7661756c742d7365727669636518eca4d398865b1418eca4d3996292300000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3201000000000000000001a22970aab17a8689f9396e7327658b000000000000000600000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d616463342d376538352d623762382d34393163316635613865383200000000', '\x000003ea5dd5cfc83b9ee30d9f10848fab0a0fee0aa549aec72d48daeeabe38d98f53adfe06cf080f72cb1e1', '\x01000003ea5dd5cfc83b9ee30d00cdd115c25281fbe4430fef996f730ce0b81701f2c4346ec78113910c79cf7709f9b802d312d518140b9c7208f95bac00000000000000051c9545957fe41a55bd00ce30cfb7c0d70a6ff52f4fc50a4712c727ca3b697a4f0000004800000000000000056810146a15f3d75df904e13fd69346b52f5a739b6ce8f9b641920fbce18699c136e3141654d85a494b0fbe3871f29f17de140877391b5433da4ee027c04b3a8f18eca4d39962923038d83f7591e5c62e0c007b43326482d523ec59a8fff7ff67aa5ec004b2392079000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x50dae4abfd0aef6c81710d93dcf2edc28826506d7739de9ac140ef6951bc8c85', 1795991580141217, '\x01000000014b0bd857f832c61e37246591eca4f1ed1f97742ac2ba36de9a666510778d6f38');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 30, 1, '\xf803c104bfaec9caeca726d9ed851a9c578a5afb856677b449b345aedf3f9731', '\xeec066937a5e4533a32aa2b54df0d9c018c23cd34bfef2cc69f759bb44335929', '\x000000000000001e1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705d1e076d1d48cb4d4796386f2721c2f5146877b47e1d893b5374f1e2074b9fa2d5f6ecf1a24c37e64a2e281b823ac7d33752e28a6805fc32d409c7ed7b82b9a4f', '\x884e60c79a4ae4d677d2481449e5baae13805e3b61d51ca9054095163bb13cda', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001ef803c104bfaec9caeca726d9ed851a9c578a5afb856677b449b345aedf3f973101a22970add4754db338c9200f2eb3cc0000000b6b65792d7365727669636518eca4d3986f81c518eca4d39a7ec030000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656401000000000000000001a22970aab17a8689f9396e7327658b00000000000000060000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040363062393631376535383263373662363732643134343636633933393138663335346132396431333038346433323039376434633531333039626264396134350000000566697273740000000136000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001360000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30deb3d3831d03fe26f2ce6585b0634375868f3a50641fe0e322f924421b263b728', '\x01000003ea5dd5cfc83b9ee30d5e00000e32a8d9b306de1a6130c909c3e2519617a8c0f472cb45b04fa0d92230f3fb6a3fe79772fa8bc4dee117323067000000000000001feec066937a5e4533a32aa2b54df0d9c018c23cd34bfef2cc69f759bb44335929000000a8000000000000001f1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705d1e076d1d48cb4d4796386f2721c2f5146877b47e1d893b5374f1e2074b9fa2d5f6ecf1a24c37e64a2e281b823ac7d33752e28a6805fc32d409c7ed7b82b9a4fadcea78b2b3eb2149b13c7956dee646e11ae0995e165ae6ea0a7f655d8078ab318eca4d39a7ec0300be4ec9df08260c8c8c9cdf8dc43c7c4c4af346a8adf0374a26c75acf1b5efcc000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x9ff0ee7ca9d04d57e75d1fda328029710bd44e60ccdf43095661670f81e198e8', 1795991580156076, '\x0100000001d3d8ab3d98144e8a6a077b574dec2264ca0eb75288c9b7dec8a6f0a94255fccc');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 31, 1, '\xeec066937a5e4533a32aa2b54df0d9c018c23cd34bfef2cc69f759bb44335929', '\xcd03535fc20de10bf232d93741ae004e4cf42c53160922e7c7492827abacba87', '\x000000000000001f1ead2b18f144a5c89a6f19a8999f4ad0ea13a57f04bb2cb256052a8d878b6c0dc96b115d2dd809fb9a7e36922967203380fb5b90909cd1a4fed63ddbe3dac705d1e076d1d48cb4d4796386f2721c2f5146877b47e1d893b5374f1e2074b9fa2d5f6ecf1a24c37e64a2e281b823ac7d33752e28a6805fc32d409c7ed7b82b9a4fadcea78b2b3eb2149b13c7956dee646e11ae0995e165ae6ea0a7f655d8078ab3', '\x0be4ec9df08260c8c8c9cdf8dc43c7c4c4af346a8adf0374a26c75acf1b5efcc', '\x000001517374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000001feec066937a5e4533a32aa2b54df0d9c018c23cd34bfef2cc69f759bb4433592901a22970aaa778bbae145e979cf38d9c0000000b6b65792d7365727669636518eca4d367f7527218eca4d3a49944a00000000b6b65792d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000000', '\x000003ea5dd5cfc83b9ee30d9be61f6c3639366e728e2d0f15b46e245b3980fc0fde79794f3a30ee8a851eb7', '\x01000003ea5dd5cfc83b9ee30dc04e73b5a1165a360b81fb1a31dc2fa76469438fa480beb1f0f9b508df5e3461f3fb6a3fe79772fa8bc4dee1173230670000000000000020cd03535fc20de10bf232d93741ae004e4cf42c53160922e7c7492827abacba8700000028000000000000002003c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba52943718eca4d3a49944a09c96c9f43df07458438c499cb4d7848da5f4c5a246ba614df6c45db93555e404000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x9a2cb045081792a720f480dde5adcb8012e3af10e6b7a9bf22dcb5ef68a26709', 1795991580325782, '\x0100000001fbc8510ca52da1587e4e17ab1c91c0ba2cff317a0256a90d8044cb99f37a7cf7');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 34, 1, '\x5063dfb3a48357449bcd14ef25958d21544d270b054acf7c6515949edb0689aa', '\x59f40bc8994712a3b4d00a0f4ee5853da54e253805e889ac2a83acf506565d56', '\x000000000000002203c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370e0a3187ceb9cc56a5afc605b5673ac652b454b50a05abeb7781728462827f8c', '\xba31b663b887940a2f3dab93781b8e4c47cdc227a0eec70beafd36eeb8a02e68', '\x0000018a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000225063dfb3a48357449bcd14ef25958d21544d270b054acf7c6515949edb0689aa01a22970b148751c8dcb729488218fb50000000b6b65792d7365727669636518eca4d3cd04947318eca4d3cf6c24b8000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d7365727669636500000000000000127375626a6563744b6579732e637265617465000000296b6579732f30316132323937302d623066312d373838642d386439392d3730633632653636303530330100000000000000000000000000000000000000000000000000000000000000000000000300000005636f756e740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000037569640000002430316132323937302d623066332d373366332d396239322d62643039363839356638633700000000', '\x000003ea5dd5cfc83b9ee30d67ae5966f3fe755d6eb75211e58991054260b009d8d59fc25db77fcdbc4fc08e', '\x01000003ea5dd5cfc83b9ee30daaae65d1bd5ad02491fb0ca3a4adb0584e67b040221008e376f2ab8ff2ff0d38f3fb6a3fe79772fa8bc4dee117323067000000000000002359f40bc8994712a3b4d00a0f4ee5853da54e253805e889ac2a83acf506565d5600000068000000000000002303c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370e0a3187ceb9cc56a5afc605b5673ac652b454b50a05abeb7781728462827f8cfc439512d7c2150125be9be0d8b6ee76a71e9bf530422c1810825f20819e446418eca4d3cf6c24b855f273887f91789dfcb71fb66a84a356a60837cd3a0e2404c118ff8fc0a64fa5000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x9d9c05cf46f15dd96c58e63913b388c835234d0af1e46d84f5f523e4e1458812', 1795991581044161, '\x010000000105140ed9f672720647f0a757cbb0b8d6bbacf90c78e7ea02d3384f428f4be248');
INSERT INTO public.signer_segments VALUES ('09f9b802-d312-d518-140b-9c7208f95bac', 5, 1, '\x1c9545957fe41a55bd00ce30cfb7c0d70a6ff52f4fc50a4712c727ca3b697a4f', '\xdad30ede0d288e438a5a067314564db43073dfe879a53c4d8e12c2101d23ffbc', '\x00000000000000056810146a15f3d75df904e13fd69346b52f5a739b6ce8f9b641920fbce18699c136e3141654d85a494b0fbe3871f29f17de140877391b5433da4ee027c04b3a8f', '\x38d83f7591e5c62e0c007b43326482d523ec59a8fff7ff67aa5ec004b2392079', '\x000001ad7374726f6e67726f6f6d2f61756469742f656e7472792f76310009f9b802d312d518140b9c7208f95bac00000000000000051c9545957fe41a55bd00ce30cfb7c0d70a6ff52f4fc50a4712c727ca3b697a4f01a22970afd670c4a1cff39e2111d25c0000000d7661756c742d7365727669636518eca4d3b718117a18eca4d3b77df7f00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002f74656e616e74732f756d6272656c6c612f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3301000000000000000001a22970aab17a8689f9396e7327658b000000000000000700000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d616664342d373632652d383061392d64666333306334663963306200000000', '\x000003ea5dd5cfc83b9ee30d0469eb5be21fcb761eb00ad31489c58fe2391c855e246d90092de12b64cbaed8', '\x01000003ea5dd5cfc83b9ee30d5a619366696ebb1a7ec7b1e467038215cc205cd8162d83099cb938a7d8c84b9009f9b802d312d518140b9c7208f95bac0000000000000006dad30ede0d288e438a5a067314564db43073dfe879a53c4d8e12c2101d23ffbc0000004800000000000000066810146a15f3d75df904e13fd69346b52f5a739b6ce8f9b641920fbce18699c1d145456d01b364a0d8719e311c2f2867b0b932afc10ebf077a563e95827bb66018eca4d3b77df7f0456731ebb890a4f31fdc9bbe39ccd5e5c118e2833c8a5efb67ea335500705e7d000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xf86afd00bea85dcc0b40c2560a526c0f00e56d22b9bc1bae99fcd84c11742dda', 1795991580643290, '\x0100000001860320d4a40ad2111d85140e687f885de659b4205e9f1209d278d81b77a53ff9');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 32, 1, '\xcd03535fc20de10bf232d93741ae004e4cf42c53160922e7c7492827abacba87', '\x48b0c1ac942d2d367a789cd71bdf775d047aac398c4801a01f07b3065dbc1828', '\x000000000000002003c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437', '\x9c96c9f43df07458438c499cb4d7848da5f4c5a246ba614df6c45db93555e404', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000020cd03535fc20de10bf232d93741ae004e4cf42c53160922e7c7492827abacba8701a22970afd6774b89ee45cc5d8ef6010000000b6b65792d7365727669636518eca4d3b70b600518eca4d3b89abe48000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d616231642d373731362d623233612d36353530633961633564656401000000000000000001a22970aab17a8689f9396e7327658b00000000000000070000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040366465343838366662633462336232656632636463356563333864386233306439356435666431626633656238313664653238336538363931353936643436330000000566697273740000000137000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001370000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d4abd63b4c6bf4554fb8062110943c0dc0c5b86272fa7c8f07bde0470eb09f9c6', '\x01000003ea5dd5cfc83b9ee30d78f53c6d3851a1fb5021c81e82af12f9d6cf2b36613ece274f7b087e58441957f3fb6a3fe79772fa8bc4dee117323067000000000000002148b0c1ac942d2d367a789cd71bdf775d047aac398c4801a01f07b3065dbc182800000048000000000000002103c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437b93b8d2dac863b957c1a5d96ee62af5fcecc7171bab90c076d9edd654c14875a18eca4d3b89abe48c6f40d00413c3c4eaf8106384ef3702341864f05040f5a7e59882062b272dc0c000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x949eacec00ffe6e34e661868274b9e6b28042cce3e20b63b91cab08ba536aaf4', 1795991580661980, '\x0100000001b092d2d1150244d9e597bd729715caefbe210dfb31dd2ac6974bd67f0fe2574c');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 33, 1, '\x48b0c1ac942d2d367a789cd71bdf775d047aac398c4801a01f07b3065dbc1828', '\x5063dfb3a48357449bcd14ef25958d21544d270b054acf7c6515949edb0689aa', '\x000000000000002103c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437b93b8d2dac863b957c1a5d96ee62af5fcecc7171bab90c076d9edd654c14875a', '\xc6f40d00413c3c4eaf8106384ef3702341864f05040f5a7e59882062b272dc0c', '\x000001a77374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002148b0c1ac942d2d367a789cd71bdf775d047aac398c4801a01f07b3065dbc182801a22970b0f37ea1b74f93859e0d34fe0000000b6b65792d7365727669636518eca4d3c817177e18eca4d3c9fd7518000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d73657276696365000000000000001474656e616e744b6579732e70726f766973696f6e000000296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303301000000000000000000000000000000000000000000000000000000000000000000000004000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d736572766963650000000b6b65795f76657273696f6e00000001310000000470656572000000093132372e302e302e31000000037569640000002430316132323937302d623066332d373366332d396239322d62643039363839356638633700000000', '\x000003ea5dd5cfc83b9ee30dc56e2d1566c085b879daf5d1c61edd81288bf534f66b671506e835dfaf11798d', '\x01000003ea5dd5cfc83b9ee30dd35a6009a8875cd28808007c4988e129e62166ce1b877aae13d2fa3b57c685f5f3fb6a3fe79772fa8bc4dee11732306700000000000000225063dfb3a48357449bcd14ef25958d21544d270b054acf7c6515949edb0689aa00000048000000000000002203c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370e0a3187ceb9cc56a5afc605b5673ac652b454b50a05abeb7781728462827f8c18eca4d3c9fd7518ba31b663b887940a2f3dab93781b8e4c47cdc227a0eec70beafd36eeb8a02e68000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x5f5f983ba0859ed366adce1d29af8ce3f136d1cc472bdf71e0526460c6f5e37a', 1795991580964319, '\x010000000157fc7e5f22c83a30d3408f5afc319cc8e491c8975c991eeaa762ca399911ff72');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 35, 1, '\x59f40bc8994712a3b4d00a0f4ee5853da54e253805e889ac2a83acf506565d56', '\x5b336f392dbb48796eada56cf5e1c7923a9dd0bc1c7035ead4a9b769ea9e82c1', '\x000000000000002303c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370e0a3187ceb9cc56a5afc605b5673ac652b454b50a05abeb7781728462827f8cfc439512d7c2150125be9be0d8b6ee76a71e9bf530422c1810825f20819e4464', '\x55f273887f91789dfcb71fb66a84a356a60837cd3a0e2404c118ff8fc0a64fa5', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002359f40bc8994712a3b4d00a0f4ee5853da54e253805e889ac2a83acf506565d5601a22970b1537baabe1bd4093e6a2d120000000b6b65792d7365727669636518eca4d3cdc5bb8f18eca4d3d7631578000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303301000000000000000001a22970aab17a8689f9396e7327658b00000000000000080000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040383434666237313737393563343665333031366333353232373130613633633763323936313334626638356361633063636131306163646661396438623732610000000566697273740000000138000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001380000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d5945f59de875d6cda0bbc07140054c6500cecda4f72dc192ad29593f091574a2', '\x01000003ea5dd5cfc83b9ee30d6f9dcb02aa9ee7912fb436435c44ea4ed222bb1e35161446c9e9d66882cdeecef3fb6a3fe79772fa8bc4dee11732306700000000000000245b336f392dbb48796eada56cf5e1c7923a9dd0bc1c7035ead4a9b769ea9e82c100000048000000000000002403c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d618eca4d3d7631578011b1f6123785ce6ea1cb287a60d435d186bd12d7afebfb18ef85dec955a0690000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xd0114dcd5620559e09773f9aeb2cac073201da8eadbb52c4fc243151303941b2', 1795991581177769, '\x0100000001378bfec5a28e1e9e38060937123a28ae4e545fccdaff9f6c885b9f12d5e61f16');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 36, 1, '\x5b336f392dbb48796eada56cf5e1c7923a9dd0bc1c7035ead4a9b769ea9e82c1', '\xd44051b43f8911e208d53bf549b52ffaed5753213d5fb526876f6c3190b4a736', '\x000000000000002403c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d6', '\x011b1f6123785ce6ea1cb287a60d435d186bd12d7afebfb18ef85dec955a0690', '\x000002087374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000245b336f392dbb48796eada56cf5e1c7923a9dd0bc1c7035ead4a9b769ea9e82c101a22970b1ed795ba6f3d6583cf767830000000b6b65792d7365727669636518eca4d3d6f8c17a18eca4d3e6b3b140000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303301000000000000000001a22970aab17a8689f9396e7327658b00000000000000090000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e7400000001310000000664696765737400000040383032303361393333386437616162383831326566353165376564326133306230303631333861366661653363323262623361386631613061343636336363320000000566697273740000000139000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c61737400000001390000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30dfba4586555504b9d80e151effca5d63f039778282fb5fc40e9b2b6c9b31056f1', '\x01000003ea5dd5cfc83b9ee30de7f7c671434a14415361bf55a753389174b0c7be48a12f43497e1e75bf369455f3fb6a3fe79772fa8bc4dee1173230670000000000000025d44051b43f8911e208d53bf549b52ffaed5753213d5fb526876f6c3190b4a73600000068000000000000002503c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d6edee9c652fa22277e02cb099b17a9941103d40154b85519db8c773a036f089be18eca4d3e6b3b1403ec9baf1477260da0f8566279eb8473a1653f3a11742de1f5afa45c12caa4d92000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x23beb754b42e8bcb26161de2978f1d61199b81187a8ee63ccecb0e1a64dd3390', 1795991581436871, '\x0100000001cfedcd57c7e0334d8f16ef71ab86246cc0c0139bd4558c6d2b9b3e551811725f');
INSERT INTO public.signer_segments VALUES ('927a091f-b720-d747-2150-a52018a9cd29', 5, 1, '\x4613aea250d60005610981a0c8e1f25e6a81819429fbe8c9372b1ec7425bbe63', '\x521f0633dc039b585a859182515b59b071b31b2e2b5e2a0dc34d86c6a8fc5458', '\x0000000000000005721d7e2b20ed815f5ed762163ebaedf25f9079b3f4bc46ecd948355ebb47e409e455b2bdbed6da4e900e2addc3e1f3f21d878edefd0ce1510c9c53fac089cc0d', '\x946db402592629d8381f3ce008d1efd526333bb7137ffb8f0dcc136dc8de7e9d', '\x000001ac7374726f6e67726f6f6d2f61756469742f656e7472792f763100927a091fb720d7472150a52018a9cd2900000000000000054613aea250d60005610981a0c8e1f25e6a81819429fbe8c9372b1ec7425bbe6301a22970b2f176e4926c513643b72e010000000d7661756c742d7365727669636518eca4d3e67895b218eca4d3e70b7dd00000001b7370696666653a2f2f7374726f6e67726f6f6d2e6465762f617070000000000000000e7265636f7264732e6372656174650000002e74656e616e74732f696e69746563682f636f6c6c656374696f6e732f70617469656e74732f7265636f7264732f3301000000000000000001a22970aab17a8689f9396e7327658b000000000000000a00000005000000066669656c64730000000131000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000470656572000000093132372e302e302e31000000087265766973696f6e0000000131000000037569640000002430316132323937302d623265642d373363322d383037382d65646266646333636164373400000000', '\x000003ea5dd5cfc83b9ee30d6fd9960dd715ebc404086716852bfe58407548456ed3f0198870986b01ec9e82', '\x01000003ea5dd5cfc83b9ee30de4f0761e0ea3a32f389c0704df53721f431b9332a9bccddf169f14b43a514ecb927a091fb720d7472150a52018a9cd290000000000000006521f0633dc039b585a859182515b59b071b31b2e2b5e2a0dc34d86c6a8fc5458000000480000000000000006721d7e2b20ed815f5ed762163ebaedf25f9079b3f4bc46ecd948355ebb47e409443c529ecc97fceac7199ca486376ff4025933b6f42fae8d2c1b19a35710afc118eca4d3e70b7dd017f011729609dde3df6483c6b6226515d9e2769708ea8c1d114bff313878fa09000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x3452283e734042d81ce0ea59d3d23406ad3fe5ec0fa857266bd8fe097c6da9ab', 1795991581440148, '\x0100000001ab5331b9602d9a11b6ad5a066d9b92776d551a62dec02d1223473cd7ebf9b9e0');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 38, 1, '\x836b77a8d1c0f22803a428f0f996fe80c05d1d9c36839ace5ace4910212e3a03', '\x1bdec13bc8ecfae1505cb7387e35b39f5f8e1ddb29c221dd9c432c53bd8995a9', '\x000000000000002603c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d61332034d207e5e06565406ea83dd4e3866f767329b3da5761348d2a550a89098', '\xe0e9b6b2f69421b36489e8e4fe72a90c534e699925af98994969f34dd0b92a40', '\x000001577374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000026836b77a8d1c0f22803a428f0f996fe80c05d1d9c36839ace5ace4910212e3a0301a22970b6527ee88f00ec5076e7f3510000000d61756469742d7365727669636518eca4d41a006f0718eca4d41ada66800000000d61756469742d73657276696365000000000000000b706f6c6963792e6c6f61640000000001000000000000000000000000000000000000000000000000000000000000000000000002000000066469676573740000004066346666396530613937316364393935623737363164366136643263326264666664316630316138376438646364323162646333363065646665313032316265000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d7365727669636500000000', '\x000003ea5dd5cfc83b9ee30d5e06c819679307b6592eebc19ed0dfa4a69436cb419182cb0a6cac0732eeb05d', '\x01000003ea5dd5cfc83b9ee30d01bcae295a61f0eeeb09e1638886c4e787234753cb212e3ce55c760fba996ce8f3fb6a3fe79772fa8bc4dee11732306700000000000000271bdec13bc8ecfae1505cb7387e35b39f5f8e1ddb29c221dd9c432c53bd8995a900000088000000000000002703c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d61332034d207e5e06565406ea83dd4e3866f767329b3da5761348d2a550a8909836c8d02b6f3c4e111767f8934af974b59b2467e2ce4ce42df7bfa4daa74a705018eca4d41ada66806e2db9ae9f6214053d0943ebe8cae6372bf3a61b979c1d2249c304cdf586253c000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xfbacdd29840b831059b1b99eca70a3f791e08f1166378bc31efd42f9f97da11e', 1795991582331399, '\x0100000001e459b76e8b3b352a43328378c185e6eb261439f9bda3d01fc0e063fb2f4977a7');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 37, 1, '\xd44051b43f8911e208d53bf549b52ffaed5753213d5fb526876f6c3190b4a736', '\x836b77a8d1c0f22803a428f0f996fe80c05d1d9c36839ace5ace4910212e3a03', '\x000000000000002503c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d6edee9c652fa22277e02cb099b17a9941103d40154b85519db8c773a036f089be', '\x3ec9baf1477260da0f8566279eb8473a1653f3a11742de1f5afa45c12caa4d92', '\x0000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000025d44051b43f8911e208d53bf549b52ffaed5753213d5fb526876f6c3190b4a73601a22970b2ef7de4b764d03df7a693450000000b6b65792d7365727669636518eca4d3e65a6d4618eca4d3f670f188000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303301000000000000000001a22970aab17a8689f9396e7327658b000000000000000a0000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e740000000131000000066469676573740000004061313465376566363165313239326131353661313563333166383936653463303263353061646636633932396330356134666435366638383231353834383231000000056669727374000000023130000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231300000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d2bcea4d801d0529dadc1b5fdc6fe4dbee16330b51bb5672c8c60df0925b1a187', '\x01000003ea5dd5cfc83b9ee30d090de80ec4d7a11c182cad7e10772ab19c3e3e68a24b295b3033c0240e832ec8f3fb6a3fe79772fa8bc4dee1173230670000000000000026836b77a8d1c0f22803a428f0f996fe80c05d1d9c36839ace5ace4910212e3a0300000068000000000000002603c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d61332034d207e5e06565406ea83dd4e3866f767329b3da5761348d2a550a8909818eca4d3f670f188e0e9b6b2f69421b36489e8e4fe72a90c534e699925af98994969f34dd0b92a40000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xd47fcc6c5fcb7c1dcfbe7b6f7db23ede2b32dab48a06afeb87ee2ce7952592a9', 1795991581703014, '\x0100000001146881a0e5606cdbc1989bb0bea0c8690ab93a49d96e5cc0dc2410078682c181');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 45, 1, '\x7c98b9a7f71bce5e5f20c73f0933aabeb3d29364a164ba6658c16c9f9ba4b51f', '\x55f4b1a31913032dc89c758b2d899556d6cb17e5ffddcd6600e7b4f88ebf46b1', '\x000000000000002d03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d78e0ba9cade62a7130113288240f9ef712b23f76563b3884f099aa03156d832da', '\x18164de0506bfb4d04c84c6f7b5bce0291d4a0ca4a7885a0e1d144b8dc65c932', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002d7c98b9a7f71bce5e5f20c73f0933aabeb3d29364a164ba6658c16c9f9ba4b51f01a22970c2187511aeb9b53127df482b0000000b6b65792d7365727669636518eca4d49291ed5518eca4d4ce9e1978000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023435000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30d62adf442d2db4df73244a2e9d2454e2c715ad1500942fdf9a2f0e5909a3f708d', '\x01000003ea5dd5cfc83b9ee30d9ba470012f5e4f9ee65743de37958de61aa09f64157c08d2cde949824cd5a3c6f3fb6a3fe79772fa8bc4dee117323067000000000000002e55f4b1a31913032dc89c758b2d899556d6cb17e5ffddcd6600e7b4f88ebf46b100000088000000000000002e03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d71c0c1a3157ac30d1b116a837e23950f7acb64089d58dc91a15744627679a3d3518eca4d4ce9e1978b830e28bce10e685473fd1abe1e015d07d39ca896cae2170282c18731e422758000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x2297f3598dd52edfb4624f87b69d45da3c8da16b997056b3788fc2a04d167382', 1795991585326023, '\x0100000001d11900f68d49b58fd3058b0973c30ae952153224241e6d2e76cc2f287dc718d6');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 46, 1, '\x55f4b1a31913032dc89c758b2d899556d6cb17e5ffddcd6600e7b4f88ebf46b1', '\x38aca490edccbda3496ce00102dc7a1db567303e4a719d53dea63db18819b7b6', '\x000000000000002e03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d71c0c1a3157ac30d1b116a837e23950f7acb64089d58dc91a15744627679a3d35', '\xb830e28bce10e685473fd1abe1e015d07d39ca896cae2170282c18731e422758', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002e55f4b1a31913032dc89c758b2d899556d6cb17e5ffddcd6600e7b4f88ebf46b101a22970c60070cda12ead100f5d3cc10000000b6b65792d7365727669636518eca4d4cec88ece18eca4d5098d9fb8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023531000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30dcba02db23755b281844722fdf2b3e8c7ae78afa53ae89f814c094efb04daff4f', '\x01000003ea5dd5cfc83b9ee30d2dd0330d07163bd7eab58870db555ac4e7297c59cd67db8ab07518444cd98ebaf3fb6a3fe79772fa8bc4dee117323067000000000000002f38aca490edccbda3496ce00102dc7a1db567303e4a719d53dea63db18819b7b6000000a8000000000000002f03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d71c0c1a3157ac30d1b116a837e23950f7acb64089d58dc91a15744627679a3d3523729b507257af641391f0b909f8e2436dc4473e3ab09f4e1f898c688a9758b218eca4d5098d9fb82e1a7bc042649e5be73590cf8e5fbeff6feb336bc133c8db0131dfd0a3bf63a9000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xdd8cc96c18824c573784ff63892843b468c8fc8c772ebcbff73f372a46773ec5', 1795991586316481, '\x010000000151d23006d4dd0c68bb76305690e7034f44e0488914cb5579260dba9aafeec4a4');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 47, 1, '\x38aca490edccbda3496ce00102dc7a1db567303e4a719d53dea63db18819b7b6', '\x8d20089880c6adfd8cd1cd9ea5dfb9fd459d0348ed2bbc9d1d0d0d20ba3a30a1', '\x000000000000002f03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d71c0c1a3157ac30d1b116a837e23950f7acb64089d58dc91a15744627679a3d3523729b507257af641391f0b909f8e2436dc4473e3ab09f4e1f898c688a9758b2', '\x2e1a7bc042649e5be73590cf8e5fbeff6feb336bc133c8db0131dfd0a3bf63a9', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002f38aca490edccbda3496ce00102dc7a1db567303e4a719d53dea63db18819b7b601a22970c9e877bca4673cf12fa45e440000000b6b65792d7365727669636518eca4d50982ee8118eca4d5459b8290000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023434000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30d0164552abde29b2fccd8293ab33c6206159fd7dc154b16250001277d2a60d191', '\x01000003ea5dd5cfc83b9ee30d9817d29d0583d2ab745f2461be2a27470489a3ebc767acc3c2b83d84f0baa661f3fb6a3fe79772fa8bc4dee11732306700000000000000308d20089880c6adfd8cd1cd9ea5dfb9fd459d0348ed2bbc9d1d0d0d20ba3a30a100000048000000000000003003c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a11718eca4d5459b82902822d9aa217a0608be91b0157c1f23bf08496b9c3ecb5b4d4adfe0acc31958e1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xef45e722050bf6d873108ba82df50e282f05e260d951b0862aba49d6df110ffe', 1795991587321850, '\x0100000001bddd4c54e7b44ff697815d6c7357ef23412c1006ff2dfc500392c3ad05ddfeb6');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 48, 1, '\x8d20089880c6adfd8cd1cd9ea5dfb9fd459d0348ed2bbc9d1d0d0d20ba3a30a1', '\x7d6fc59a1f1f4d86d35e3b3093e3c3fc65004838f0f57413bf331a0e70a19a10', '\x000000000000003003c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117', '\x2822d9aa217a0608be91b0157c1f23bf08496b9c3ecb5b4d4adfe0acc31958e1', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000308d20089880c6adfd8cd1cd9ea5dfb9fd459d0348ed2bbc9d1d0d0d20ba3a30a101a22970cdd07f59bd95b4e9a70416800000000b6b65792d7365727669636518eca4d545a26aee18eca4d5816c4cc8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023437000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30dc98d86f6c321698dd403aed8c7517fd441eec761b0cace88b38ea3cf8a311f93', '\x01000003ea5dd5cfc83b9ee30dbf3dc12a2f30d4cacdfce29d2ee6d6a0d58fdb82b92a367a6277268e49e0ebc0f3fb6a3fe79772fa8bc4dee11732306700000000000000317d6fc59a1f1f4d86d35e3b3093e3c3fc65004838f0f57413bf331a0e70a19a1000000068000000000000003103c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a11702be971389de338707fb6ecdb5c8ab29b9c609df607771c888e6880153bdc2f718eca4d5816c4cc89fae4f9609b8f2bfc936d10b1d9575c73729d80692a18bfbcc348aaa53e263d0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xdca97dd924e09386eb2593daa2d058a4a5f056a6721f9c4b605184beb70df364', 1795991588334675, '\x0100000001418b87d2acbc3e2305d9af4d044b6fcc4a60bd762d28662a62ba1dfa8f288190');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 55, 1, '\x487ae8c6ee7f237099697066f05087c7b3554dcd5c475ca66fd75cb1bf3c5329', '\x8b9a8ad0e68fe1bc03bf4100a4eeef4b40028d6e998a593b5e41172f55568b9d', '\x000000000000003703c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c4950c143b1663e6f85d0120320aa8bbffb987b9c5437608a78be8fa9bff770c334db4c37b69a793e73d06fc4692547c8d6f16e7e77231babb0a6761f2f8aa4b31fa', '\xe9be8485d0bdb694d5d30e2dfd4ead11760a72881e4790aadfad3338c2a071c6', '\x000001397374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000037487ae8c6ee7f237099697066f05087c7b3554dcd5c475ca66fd75cb1bf3c532901a22970e14973daaed96608d998815f0000000d61756469742d7365727669636518eca4d6a99b67fd18eca4d6a9b204b00000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e766572696679000000096c6f67732f61636d6501000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d99d9d7aa4b769e6e8aab2d620768fbadf722dcaa287ddc182116fb66bf968c77', '\x01000003ea5dd5cfc83b9ee30ddfeca26963f94d8c3523424a9a68f7fb53c7bc0502d780dd265df6f2ca7710d5f3fb6a3fe79772fa8bc4dee11732306700000000000000388b9a8ad0e68fe1bc03bf4100a4eeef4b40028d6e998a593b5e41172f55568b9d00000068000000000000003803c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f0713818eca4d6a9b204b0c425612291fc09f442b95d770ec292af5d667e26118f35f44880025915276e48000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xb67b4f0de27253edea21e5ce7b500f83e44923b5c07aacadf04f016101f1bbb0', 1795991593295128, '\x0100000001ea8e05407f75f53ddcab946c8f642aa85ed824b61ad81c43c42b1b3ad923e2b3');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 39, 1, '\x1bdec13bc8ecfae1505cb7387e35b39f5f8e1ddb29c221dd9c432c53bd8995a9', '\x5ef563a89b8508b530e8c0d988f688a97f7ffb8945b99d01be2420d5bf7446e4', '\x000000000000002703c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294370018cb450c097cbf2721b1d527ca023cbdf06f0bb3eceb4d87ab4dfacc33f5d61332034d207e5e06565406ea83dd4e3866f767329b3da5761348d2a550a8909836c8d02b6f3c4e111767f8934af974b59b2467e2ce4ce42df7bfa4daa74a7050', '\x6e2db9ae9f6214053d0943ebe8cae6372bf3a61b979c1d2249c304cdf586253c', '\x000001567374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000271bdec13bc8ecfae1505cb7387e35b39f5f8e1ddb29c221dd9c432c53bd8995a901a22970b6af7ee8bbd1d953853d467c0000000b6b65792d7365727669636518eca4d42099991418eca4d421bb1cb0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000e6c6f737365732e6465636c6172650000000c6c6f67732f696e6974656368010000000000000005494e432d380000000000000000000000000000000000000000000000000000000400000006616c61726d7300000001310000000566697273740000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c617374000000013400000000', '\x000003ea5dd5cfc83b9ee30d1cd1cdd6407f77a014783562d5f40905ecb0125cc284a2b4a7f4de25cee6f016', '\x01000003ea5dd5cfc83b9ee30dbd845389586d94b7af7fd4e4e083993deef04978ac6e76c421cac0e0e2dadde6f3fb6a3fe79772fa8bc4dee11732306700000000000000285ef563a89b8508b530e8c0d988f688a97f7ffb8945b99d01be2420d5bf7446e400000048000000000000002803c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c32718eca4d421bb1cb07ed2b63b93dc638663ace2d9c4b3578f63613239e5c0b5e07a56427a011bc06a000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xf392afcb3cbbe57ccd1ed3f9dd6fee94e1398cb00f585c5bab0aaf3c78355ab9', 1795991582425897, '\x0100000001e48dbe7567b49924a5b251e7e4c1f6d5e5e9435a1fcfb9cf9c9327cc234df5cb');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 40, 1, '\x5ef563a89b8508b530e8c0d988f688a97f7ffb8945b99d01be2420d5bf7446e4', '\x949615ede96623773a40bde536520b6f62f5071c4925bb82d16931406d075600', '\x000000000000002803c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327', '\x7ed2b63b93dc638663ace2d9c4b3578f63613239e5c0b5e07a56427a011bc06a', '\x000001377374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000285ef563a89b8508b530e8c0d988f688a97f7ffb8945b99d01be2420d5bf7446e401a22970b70b73e4825143e63f767f040000000b6b65792d7365727669636518eca4d4253db23618eca4d427c1c690000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f73650000000a6c6f67732f6e65766572010000000000000005494e432d370000000000000000000000000000000000000000000000000000000200000006616c61726d730000000131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d7365727669636500000000', '\x000003ea5dd5cfc83b9ee30de71fe4960fb2afb52d8f64e859ea4b4d70cd14d09d13117e765423f0ce4206c6', '\x01000003ea5dd5cfc83b9ee30d2ad84477131e5fcdf6d5a08eb75ab135c1be239b241d25ca2d4dfd0639782f9af3fb6a3fe79772fa8bc4dee1173230670000000000000029949615ede96623773a40bde536520b6f62f5071c4925bb82d16931406d07560000000068000000000000002903c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327e8f27fa911ca88693d3885e1aceab9f637d85a82356646d1687eb1f1b6b58aa018eca4d427c1c690aa4f170d284b33ca6e00d8cde7ed81121429daa465090616bbc83861d6a0737c000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x99ca9e8170a4ea360af9ef5988db68bcdec5202f93ef225d57a4d220d0c78f3a', 1795991582528512, '\x0100000001eb63ab29a9d61cd2cb5f69053302518f04f16220fad4bbd853cd974dc504800b');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 44, 1, '\xd6cb1387be68f3826328cd83fd760b31b0e5eedd616a1c0e8348e9fbd80fd14c', '\x7c98b9a7f71bce5e5f20c73f0933aabeb3d29364a164ba6658c16c9f9ba4b51f', '\x000000000000002c03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d7', '\xaea145d9e9cf6581165cc646b49d34060d94f306b651ecd44adb1d3add311cfa', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002cd6cb1387be68f3826328cd83fd760b31b0e5eedd616a1c0e8348e9fbd80fd14c01a22970be30796fb5e1cc07cc7a69120000000b6b65792d7365727669636518eca4d45686188d18eca4d4926630d0000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023439000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30dafd692ce463218842d092517b124ce9946dde38cb946e180f7bad3eac7be0483', '\x01000003ea5dd5cfc83b9ee30d8d96106ec8ed21c41d33a628605ab33f0cd35b054d02aec0ed514f80318cfdbaf3fb6a3fe79772fa8bc4dee117323067000000000000002d7c98b9a7f71bce5e5f20c73f0933aabeb3d29364a164ba6658c16c9f9ba4b51f00000088000000000000002d03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d78e0ba9cade62a7130113288240f9ef712b23f76563b3884f099aa03156d832da18eca4d4926630d018164de0506bfb4d04c84c6f7b5bce0291d4a0ca4a7885a0e1d144b8dc65c932000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x155bb2e17fb41f463a89fad467da6a1d908c7d8670efc17a7f846a66e0099f08', 1795991584315666, '\x0100000001f40d789057e6e97bc34f1b94c0ac5f75ee882de4a748d12091fce6a97ec12478');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 50, 1, '\x76b51e792e685147c5f33f1b063e1294f48a43fef7645b0d46785a68e3a66da0', '\x3130200909851a06426e5214c17e8e1a02859cde76dde3766b081db0a8fa3d3d', '\x000000000000003203c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117b5d15e1164cca66f4367210946beaa9be4171b523812765f895bae15fb9229e9', '\x1c1567df005a5d204834ace61273ac31b5932ad62910172e428143a219ec6a09', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003276b51e792e685147c5f33f1b063e1294f48a43fef7645b0d46785a68e3a66da001a22970d59f77bc9d0707109f1a27ac0000000b6b65792d7365727669636518eca4d5bc75566b18eca4d5f80c5788000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023438000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30d32454a9b21343401305924326cdf71b549d48bdc773bfd4f27a7e3fe7c0429b2', '\x01000003ea5dd5cfc83b9ee30d4a8c524b5c33c1741dcaf0a25e0745be108207e038a5698eda392667e1ebc26cf3fb6a3fe79772fa8bc4dee11732306700000000000000333130200909851a06426e5214c17e8e1a02859cde76dde3766b081db0a8fa3d3d00000088000000000000003303c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117b5d15e1164cca66f4367210946beaa9be4171b523812765f895bae15fb9229e9e5457f0f89d9863fb8666b454f5f84aa45461519263b35ab188f63b6e01a768b18eca4d5f80c5788080927159e971dd2eb4890b8a79275485ddf610d6bc20b273e37f16df9483cd1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x71ad89f4570328462c9066b3a441c1e8f80a7cefff566f848f860c4c3a287d53', 1795991590332954, '\x0100000001f4d44f699ed29383f64d01334b4a94a2f441ade8a32a048349d7e9d1360848d5');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 52, 1, '\xcc5f59a3ffc0a250af8d60f490bb613224d22f3a0225f3bb5b1f8cce5033affd', '\x7506fad6f05cd9eb11ba08599d73f966015219eade249f59ea9b7c4e4385153e', '\x000000000000003403c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c495', '\x9fee3342f285f9911c969cb273538aede72f4ef50fdb13c961e09ba0f97d9073', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000034cc5f59a3ffc0a250af8d60f490bb613224d22f3a0225f3bb5b1f8cce5033affd01a22970dd6f7004a4042b7103f0ccd60000000b6b65792d7365727669636518eca4d6343d228618eca4d66f98c200000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023434000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30db1b9b98065f46bb7ea17325cd70045b198a54d3299870bff9292fbf3faf46a76', '\x01000003ea5dd5cfc83b9ee30dc73a329e5e6385e72f2538aa30a745123571a6d11353de3bc671fbd23f849004f3fb6a3fe79772fa8bc4dee11732306700000000000000357506fad6f05cd9eb11ba08599d73f966015219eade249f59ea9b7c4e4385153e00000088000000000000003503c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c49592767b0157d3b059fad63aab8151beb641f8f0e30ed924f2f5786beb3e25afd418eca4d66f98c200710b8a6e52d998b180160fb27b19466b38bf9780c64136ce9aa348cd4be2a52e000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xf7f6331b72b3c74ae2ea282bad67cb48e46a0ff1b76b47c87631b776a792f5cd', 1795991592320515, '\x0100000001e6ccb0f5523ab4c4ba4ca1cc7565f019492ec0fc500336099a2a04791ef8ec6a');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 41, 2, '\x949615ede96623773a40bde536520b6f62f5071c4925bb82d16931406d075600', '\x1315a291c0ee46fd4dd7abddeac90e444eeac849736bf507e1c31b426cb57c0b', '\x000000000000002903c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327e8f27fa911ca88693d3885e1aceab9f637d85a82356646d1687eb1f1b6b58aa0', '\xaa4f170d284b33ca6e00d8cde7ed81121429daa465090616bbc83861d6a0737c', '\x0000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000029949615ede96623773a40bde536520b6f62f5071c4925bb82d16931406d07560001a22970b7397a0989ec665cdbd222370000000b6b65792d7365727669636518eca4d427c8296f18eca4d4326418a0000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d623066312d373838642d386439392d37306336326536363035303301000000000000000001a22970aab17a8689f9396e7327658b000000000000000b0000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e740000000131000000066469676573740000004039353730623238616630663235306337376461336235383334373234646566353439643236313865343764623930306466616566303162383135366331643738000000056669727374000000023131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231310000000470656572000000093132372e302e302e31000000000000020a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002a3e76cbf643e0f88235afe018d7876d0b009000c3417da26e75d5ab850c69be7b01a22970b7a676cc87d20ea1fd5b10390000000b6b65792d7365727669636518eca4d42e4745ee18eca4d4326418a0000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f7661756c742d736572766963650000000000000011646174614b6579732e67656e6572617465000000296b6579732f30316132323937302d613836372d376362642d386662392d35303861643534623161366201000000000000000001a22970aab17a8689f9396e7327658b000000000000000c0000000700000004626f6f740000002430316132323937302d616162312d376138362d383966392d33393665373332373635386200000005636f756e740000000131000000066469676573740000004035656462353739383737656562393364383763316239336536323165633563393238353137336361373465663933323836343065343630353737313234393035000000056669727374000000023132000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000046c6173740000000231320000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d44ee7c306227f629cb61215210760865390208d823b254ced0ad86000a1aba61000003ea5dd5cfc83b9ee30dde3a68dded9b39a33eef96aa1b432fa8d069f21fa3c18abcf236c03c9996487c', '\x01000003ea5dd5cfc83b9ee30d4dccf69c05366ecf124f2287118bc8d498fe268d8a4d9c3963c5b87f5588fc5bf3fb6a3fe79772fa8bc4dee117323067000000000000002b1315a291c0ee46fd4dd7abddeac90e444eeac849736bf507e1c31b426cb57c0b00000088000000000000002b03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c3273175cf25105b33f2228a696d976c2ef8cb0ba6eacee702e93dc3ac0e0a0744548c12359b78f7d0d5b5c07e5260caaa4ef8c605a0c714deafce7a04ef0b15da6f18eca4d4326418a0b24c7b34093aad1928c31863685de0aa7944e8fc3a9008ca80caafce175bef72000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x6221ada52e6d06b0ca289623dc33911eb906857895d2dab46bc75749c54bc121', 1795991582706633, '\x0100000001c098a8917cc95df5dabf73d36aab4b104e7d24630d9be1a37e6a854610afedff');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 43, 1, '\x1315a291c0ee46fd4dd7abddeac90e444eeac849736bf507e1c31b426cb57c0b', '\xd6cb1387be68f3826328cd83fd760b31b0e5eedd616a1c0e8348e9fbd80fd14c', '\x000000000000002b03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c3273175cf25105b33f2228a696d976c2ef8cb0ba6eacee702e93dc3ac0e0a0744548c12359b78f7d0d5b5c07e5260caaa4ef8c605a0c714deafce7a04ef0b15da6f', '\xb24c7b34093aad1928c31863685de0aa7944e8fc3a9008ca80caafce175bef72', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000002b1315a291c0ee46fd4dd7abddeac90e444eeac849736bf507e1c31b426cb57c0b01a22970ba4877eb8cb20fc27780a0cb0000000b6b65792d7365727669636518eca4d431a9d81818eca4d456a963c8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023330000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30d202ca8cbf23e2d4f1af1ced3b791dd984ef65bb6b8cc9d18f6d23ab089f29be6', '\x01000003ea5dd5cfc83b9ee30d8e23c8fde7e412d70f1d8b71c25dc56379b1f7802341b049280f2a3250d25359f3fb6a3fe79772fa8bc4dee117323067000000000000002cd6cb1387be68f3826328cd83fd760b31b0e5eedd616a1c0e8348e9fbd80fd14c00000068000000000000002c03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba5294372df67eaca165bc1ba550f242121e32bd5bc99443c50d57108a5d4d9d9a34c327422981f1d11ace851ea38b23ea49391d2b002b74ec5c627c9474c870534d14d718eca4d456a963c8aea145d9e9cf6581165cc646b49d34060d94f306b651ecd44adb1d3add311cfa000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x5c50d549dec2a755b246dffe52dba94212db5f8f5da372e2bd1a864b20df52fb', 1795991583319997, '\x0100000001affdf3fc828f489fcbffc3670923493be6de8861332b8b66261266000e2fd09e');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 49, 1, '\x7d6fc59a1f1f4d86d35e3b3093e3c3fc65004838f0f57413bf331a0e70a19a10', '\x76b51e792e685147c5f33f1b063e1294f48a43fef7645b0d46785a68e3a66da0', '\x000000000000003103c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a11702be971389de338707fb6ecdb5c8ab29b9c609df607771c888e6880153bdc2f7', '\x9fae4f9609b8f2bfc936d10b1d9575c73729d80692a18bfbcc348aaa53e263d0', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000317d6fc59a1f1f4d86d35e3b3093e3c3fc65004838f0f57413bf331a0e70a19a1001a22970d1b87452b17f3d74e91f711c0000000b6b65792d7365727669636518eca4d580d626e118eca4d5bcb0f018000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023530000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30d4adf827be5e29dbf6c7d212c66b30b51d6d0ab4bd329e4a3e7c0c519248a2fa8', '\x01000003ea5dd5cfc83b9ee30d7f05c9bfb0f415875d865a6b63170ea27ed00bef94317f7f85b7dab6788af8a2f3fb6a3fe79772fa8bc4dee117323067000000000000003276b51e792e685147c5f33f1b063e1294f48a43fef7645b0d46785a68e3a66da000000068000000000000003203c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117b5d15e1164cca66f4367210946beaa9be4171b523812765f895bae15fb9229e918eca4d5bcb0f0181c1567df005a5d204834ace61273ac31b5932ad62910172e428143a219ec6a09000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x6c49ec13b1d67f63a69aee127b7706a4c4d128f7c3b58a544dfea1acb7d4ea79', 1795991589319493, '\x01000000011bb60b58d1d25e6378909984ae57e747127cc4368ecb7d432263f5bcc13d90d4');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 51, 1, '\x3130200909851a06426e5214c17e8e1a02859cde76dde3766b081db0a8fa3d3d', '\xcc5f59a3ffc0a250af8d60f490bb613224d22f3a0225f3bb5b1f8cce5033affd', '\x000000000000003303c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117b5d15e1164cca66f4367210946beaa9be4171b523812765f895bae15fb9229e9e5457f0f89d9863fb8666b454f5f84aa45461519263b35ab188f63b6e01a768b', '\x080927159e971dd2eb4890b8a79275485ddf610d6bc20b273e37f16df9483cd1', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee11732306700000000000000333130200909851a06426e5214c17e8e1a02859cde76dde3766b081db0a8fa3d3d01a22970d98877a481ad6568f959539c0000000b6b65792d7365727669636518eca4d5f938b57d18eca4d6339f7898000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023439000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30dfc79eaa3d74cd77fa9c5fe328957390a07fcfe4443fc12f327c371d2856c59ba', '\x01000003ea5dd5cfc83b9ee30d4abc0abd9cfb2e95e2e2d7a0307983fabf346bbfe6b2ce554d68b0836576d197f3fb6a3fe79772fa8bc4dee1173230670000000000000034cc5f59a3ffc0a250af8d60f490bb613224d22f3a0225f3bb5b1f8cce5033affd00000068000000000000003403c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a1175f95795a1967cee81b1dd141059cc40d7d35f732dc80168a5582d9b4b8a0c49518eca4d6339f78989fee3342f285f9911c969cb273538aede72f4ef50fdb13c961e09ba0f97d9073000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xf2ce09c8c5e09607380da4b468e6afc4fba0548ab1bbbc88a69f8545306dcd51', 1795991591320176, '\x0100000001ca95037ac7908c002987138706a4f09dcbc3f38637b643ca194e5cc7408cfb68');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 57, 1, '\xd852fc4f4bf0a2e4f40a2fda2272a684a90a796c11492232de8e05f27b1eadf0', '\x44a4fb2c9595a7d39944f87aa76f554f7fc7e7d2ec523ab8dee93342305417f6', '\x000000000000003903c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f07138002d4759c7973bf360e18132fd6c415e55d61933d98d4046f543312ece71f914', '\x688163aa699412cd0d19a2a2ed5cd6e83d3baad639ae00f18972227cc6a9b78b', '\x000001977374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee1173230670000000000000039d852fc4f4bf0a2e4f40a2fda2272a684a90a796c11492232de8e05f27b1eadf001a22970e1587869b196cdb51a59ee8d0000000b6b65792d7365727669636518eca4d66f878c9818eca4d6aee637a8000000207370696666653a2f2f7374726f6e67726f6f6d2e6465762f6f70657261746f72000000000000000c616c61726d732e636c6f7365000000096c6f67732f61636d650300000000000000000000000000000000000000000000000000000000000000000000000500000005636f756e74000000023131000000086964656e74697479000000237370696666653a2f2f7374726f6e67726f6f6d2e6465762f6b65792d73657276696365000000066d6574686f640000002b2f7374726f6e67726f6f6d2e6b65792e76312e5369676e6572536572766963652f436c6f7365416c61726d0000000470656572000000093132372e302e302e3100000006726561736f6e0000000a4e4f545f41475245454400000000', '\x000003ea5dd5cfc83b9ee30d9a096c613a115aa52a539b65095ff743b8189708e9bbfc1fd57d82b3085b503a', '\x01000003ea5dd5cfc83b9ee30d41ea43baf1b64ce17133519b11b9c52363f9857d2f6e6594524790a130863e32f3fb6a3fe79772fa8bc4dee117323067000000000000003a44a4fb2c9595a7d39944f87aa76f554f7fc7e7d2ec523ab8dee93342305417f600000088000000000000003a03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f0713855dbffe7c1d80755d3cbb65c44b2fcb483e0c7688a664a449f2a9f89f996bdd718eca4d6aee637a8d14fa3d866cd07d3e04138e76449db19b4096809cc19b9c19abf8c7eb3076c77000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x139d777d93c8382f8deffed3c21a3828558637e170db820392bb7f04648adb70', 1795991593384347, '\x0100000001bd3f514e7c0dac7459e8d9a404e74ff0ba0612210ca2c9564279a7b80efe3378');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 58, 1, '\x44a4fb2c9595a7d39944f87aa76f554f7fc7e7d2ec523ab8dee93342305417f6', '\x93dbbff77f744fbe8d7e89d8a89b9ad6435ad3f5f9462acd2173813e9f542acb', '\x000000000000003a03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f0713855dbffe7c1d80755d3cbb65c44b2fcb483e0c7688a664a449f2a9f89f996bdd7', '\xd14fa3d866cd07d3e04138e76449db19b4096809cc19b9c19abf8c7eb3076c77', '\x0000013c7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003a44a4fb2c9595a7d39944f87aa76f554f7fc7e7d2ec523ab8dee93342305417f601a22970e21371028cf139aa36bad0fa0000000d61756469742d7365727669636518eca4d6b5a7e71218eca4d6b5b2f8780000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000c6c6f67732f696e697465636801000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30dbb22de17a1dd72526b090a8d26ddf6224410999c06d56036b25a1eafff9249aa', '\x01000003ea5dd5cfc83b9ee30d070ac95a38a8e6c49f0a56bfab5b0f5cdd0fe851dd1d3cb620933d4397abc1dbf3fb6a3fe79772fa8bc4dee117323067000000000000003b93dbbff77f744fbe8d7e89d8a89b9ad6435ad3f5f9462acd2173813e9f542acb000000a8000000000000003b03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f0713855dbffe7c1d80755d3cbb65c44b2fcb483e0c7688a664a449f2a9f89f996bdd7c8b057d19363999c5f33f3daedbf6668f06d858df0fc660e96c8ee3194dd8af818eca4d6b5b2f878d39b602487df6a7017c01109bf5e94d089f3f8e7c74d9c7ea721345981cc2195000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xdb445702263ae1289eb1497adc88e97516549c1d1dda14d3da3e750c25942eb6', 1795991593503092, '\x010000000165e82aa1dd6acebea1d80db2ec7e4dc2c6ca326da9d8fc74f3e94a9f61b6572a');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 59, 1, '\x93dbbff77f744fbe8d7e89d8a89b9ad6435ad3f5f9462acd2173813e9f542acb', '\x47b9f66ff73adef61c58f0d32aa47434d8852197546c0dc381a31869a5a64ac3', '\x000000000000003b03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f0713855dbffe7c1d80755d3cbb65c44b2fcb483e0c7688a664a449f2a9f89f996bdd7c8b057d19363999c5f33f3daedbf6668f06d858df0fc660e96c8ee3194dd8af8', '\xd39b602487df6a7017c01109bf5e94d089f3f8e7c74d9c7ea721345981cc2195', '\x0000013a7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003b93dbbff77f744fbe8d7e89d8a89b9ad6435ad3f5f9462acd2173813e9f542acb01a22970e26c7d3abdb490be3186792b0000000d61756469742d7365727669636518eca4d6baf8355518eca4d6bb0df1380000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000a6c6f67732f6e6576657201000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d03387935564138527e1955318646c60e07ff4af84b49d0a0b382168c0d7e63b6', '\x01000003ea5dd5cfc83b9ee30daf5be7bbf0501625fa301d0a9ac7ee18553df392d341ff0dcf824cc7aa7a9995f3fb6a3fe79772fa8bc4dee117323067000000000000003c47b9f66ff73adef61c58f0d32aa47434d8852197546c0dc381a31869a5a64ac300000088000000000000003c03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f07138d19866b012c512c542de78cc0847a7065f91a5d001d346440561837af5dce78c18eca4d6bb0df13894b5d1c8eba3c031df1e0891f0fed03d5d008777735929c5d07470c1cfa232b5000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\xace0dff25e6fe8b61ea105714e2dfdcb9b0d9cb311d44d4e761f673b396d3fda', 1795991593587815, '\x0100000001206b2fa2b9e2968c755d2b318ef6e8588d685e9be7d2e1814cbcd7e7b8b71780');
INSERT INTO public.signer_segments VALUES ('f3fb6a3f-e797-72fa-8bc4-dee117323067', 60, 1, '\x47b9f66ff73adef61c58f0d32aa47434d8852197546c0dc381a31869a5a64ac3', '\x3743a8d9ef28bade7ef858191e5d329b2e317621a14a744b0651f245700961dd', '\x000000000000003c03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f07138d19866b012c512c542de78cc0847a7065f91a5d001d346440561837af5dce78c', '\x94b5d1c8eba3c031df1e0891f0fed03d5d008777735929c5d07470c1cfa232b5', '\x0000013b7374726f6e67726f6f6d2f61756469742f656e7472792f763100f3fb6a3fe79772fa8bc4dee117323067000000000000003c47b9f66ff73adef61c58f0d32aa47434d8852197546c0dc381a31869a5a64ac301a22970e2b273eb8cc8ed137eed53a50000000d61756469742d7365727669636518eca4d6bf23cdb918eca4d6bf3c7fb80000001f7370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469746f72000000000000000b6c6f67732e7665726966790000000b6c6f67732f73797374656d01000000000000000000000000000000000000000000000000000000000000000000000002000000086964656e74697479000000257370696666653a2f2f7374726f6e67726f6f6d2e6465762f61756469742d736572766963650000000470656572000000093132372e302e302e3100000000', '\x000003ea5dd5cfc83b9ee30d521d2bc43f1c6d357900a316ebab805da1e16b4875df8831227159ab5994681e', '\x01000003ea5dd5cfc83b9ee30d366d1b8380dfe2849a57efb24dac177f0a1eea3318554d4dea040b3ab126d5c8f3fb6a3fe79772fa8bc4dee117323067000000000000003d3743a8d9ef28bade7ef858191e5d329b2e317621a14a744b0651f245700961dd000000a8000000000000003d03c115810beec6e165e632b6f35cd6aae4958c610ae8ce09f3135646ba529437bb474f3fd2cbb1f95d423bc99b9bbfa31075528fb32841ec31fa10003c19a117e36baad025972c7e4a416d99451d54fb8d744dd1501a643cb4cc3c1e29f07138d19866b012c512c542de78cc0847a7065f91a5d001d346440561837af5dce78c4d7478538ba7a7f61e81b12f1a6eb6a5f500cd1dd196e0515c06f51d5f2cc89118eca4d6bf3c7fb82555ade7349a690a1b3088b2b465f640fd06da2abdd7e20f8536a00140b37217000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '\x0d75b8c8131b73b0c55754ad8723e3ffafb7715b8dba696b941cc5b18e6b26cf', 1795991593657832, '\x01000000017c1284b84fb2be366b1dd2d3681bb84ddc3a267039baed1e1954acb05e9cfc07');


--
-- Data for Name: signer_unknown_alarms; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.signer_unknown_alarms VALUES (true, 1, '\xb3b5418162f070960b841437ca0feb95196678c7964ab74fd52f57d7f510ac5d', '\x0100000001abc3ad7d9ef616afc400ccb8d71080dd52e6e6b7dad4840afa22ac0d99897d5a');


--
-- Data for Name: subject_keys; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.subject_keys VALUES ('01a22970-a869-79ff-852b-6056303b9090', '01a22970-a867-7cbd-8fb9-508ad54b1a6b', 'patient-1', '\x011ffd992fcceb74af4bc5d39777652109e52965a4fe3bd259ca9d4afd0db58f34a297f18a91c93a00830b5994516e85cebef88603e32a00430b66e8b60b7fb452cbf1844cbfda5f6fa92ce120cd8246290a1e76a5e209a3acfe328dd3459cf945bff317c2980b96f97df1b76fc8de9e9c', 1795991578849133, NULL, NULL, '\x010000000176ba164109a9174a8311f1218a177cca2ce9e07359da4b0fa98f9e6257981f5d');
INSERT INTO public.subject_keys VALUES ('01a22970-a869-79ff-852b-6056303b9090', '01a22970-a867-7cbd-8fb9-508ad54b1a6b', 'patient-2', '\x0139eb21ffc40c4f23c128d27f38c91671bc1f821e359bf0423ae7befd08a3068089fb8bcef525d0c00466e62ab7240ca8eef186b5cfc4ceefe6953b7670947c5ff43324c9b92fa33e05d2b6f70d1a5cffda6da69b4d383b574387cbda264f292da80b62f47fdf53bdccd70198417f8774', 1795991578912709, NULL, NULL, '\x010000000198395860a076b3c249e8d6d502c815ba59ce85a5a4b03ab2df956ca9b7731f63');
INSERT INTO public.subject_keys VALUES ('01a22970-a869-79ff-852b-6056303b9090', '01a22970-a867-7cbd-8fb9-508ad54b1a6b', 's-1', '\x01e351fdbc0457d57b6fc8957c5314e1a6337918b3b1e6acf778b5a37a16d6ee291d55c27e57c21e483af956c6dab5db4b31735f50763bbd7c51240f1d88fe9059686b612b08613a876957050239d9b16134197eafdcc453b18d65da4198805f25e6e8b99bafec3fb63cb7d1bff28bc457', 1795991579053402, NULL, NULL, '\x0100000001d98ed356703413147532d11f49ed81c449098d213470e273ce264371abcba00c');
INSERT INTO public.subject_keys VALUES ('01a22970-a869-79ff-852b-6056303b9090', '01a22970-a867-7cbd-8fb9-508ad54b1a6b', 'patient-3', '\x01fa02a0d6833770f9605db65d4e28c53769462f22f451e63b317eca0a31fd3ac080fec0a3fd6a3958a4126c8a381b64186b80bb203b787be1ae06dce82b7703e6d4e73bfdfe54c4855fc2954a137a230bc7c6069a756a67a7cc21f1e65d21eac2b42e8d032e859397bb8f2af5c2577bfc', 1795991579107993, NULL, NULL, '\x0100000001fd68e73e4e7b5faa88058bc1b264933fde233f96677a816604a72ae3bb774241');
INSERT INTO public.subject_keys VALUES ('01a22970-ab23-7707-9978-8f7ca396afb9', '01a22970-ab1d-7716-b23a-6550c9ac5ded', 'patient-1', '\x011a1be8eb59ec12cabe8eedc2695774a57ff105cb314d13f3634422cbd295caed150a34584de4c13ac1288236b1ab7f90452b2898059e69b7d9209f7c5ffa734f1c3d35deb3985911c367731dc58ed8f037592d7a60c55da13e7430c6244a885da7b844b19343e6351d7a6fe98586859f', 1795991579488623, NULL, NULL, '\x0100000001c2ffe037f2132d9cccdd161d6a7742c75862b74425c79909bb5909b0521da8af');
INSERT INTO public.subject_keys VALUES ('01a22970-b0f3-73f3-9b92-bd096895f8c7', '01a22970-b0f1-788d-8d99-70c62e660503', 'patient-1', '\x017e774ea761b9d451d520e38eba2c84b5fcc11f675d825c8d7ed7a47bf4a0c2e7118d7ad9b60aab7d70e3fe304d527d7fc9610a41193b5beba9e467ea050632de8445fba5eb01beee0d02d141d21bf635eb5c7d35e33e6036b68fa951b35d9e806dacb3a229b4298eb33fa3edd13cc51f', 1795991580998663, NULL, NULL, '\x0100000001b5fe5a5fddc560338a0a583f58fecbe0326d222f85610702703349a919a05055');


--
-- Data for Name: wrap_counts; Type: TABLE DATA; Schema: public; Owner: strongroom_migrator
--

INSERT INTO public.wrap_counts VALUES ('01a22970-a7db-738b-92cf-0e92fbe2b503', 1, '01a22970-a80b-7b3d-8e67-385088337538', 3, '\x0100000001daefdb93e7c7cd816c690491de090bfcb8cfa7feb7b16dc3e6faf9da9b5fe095');
INSERT INTO public.wrap_counts VALUES ('01a22970-a869-79ff-852b-6056303b9090', 1, '01a22970-a80b-7b3d-8e67-385088337538', 11, '\x0100000001e4e60f2752d9710c4f75d1184ec6375d13223646d9c599be80c64da10685a2eb');
INSERT INTO public.wrap_counts VALUES ('01a22970-a869-79ff-852b-6056303b9090', 2, '01a22970-a80b-7b3d-8e67-385088337538', 2, '\x01000000018a7194dd9989fda66467122b7476d9713d7b8f3f1c26a6ef040423a6ad3e79a1');
INSERT INTO public.wrap_counts VALUES ('01a22970-b0f3-73f3-9b92-bd096895f8c7', 1, '01a22970-aab1-7a86-89f9-396e7327658b', 4, '\x0100000001106ff132974f1347d0ffd808591258822740b59f320db7dff8e17960a06377a2');
INSERT INTO public.wrap_counts VALUES ('01a22970-ab23-7707-9978-8f7ca396afb9', 1, '01a22970-aab1-7a86-89f9-396e7327658b', 4, '\x010000000128231e03f81181d3f5a7ff4009ba96096d7adda154da878833439ae6862f17b5');
INSERT INTO public.wrap_counts VALUES ('01a22970-a869-79ff-852b-6056303b9090', 1002, '01a22970-aab1-7a86-89f9-396e7327658b', 4, '\x0100000001bf0158594d72c86e27e6a55ce5ca7fe41ef1b098ca0bf032b930722181ef4af4');


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
-- Name: signer_segments signer_segments_log_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: strongroom_migrator
--

ALTER TABLE ONLY public.signer_segments
    ADD CONSTRAINT signer_segments_log_id_fkey FOREIGN KEY (log_id) REFERENCES public.signer_heads(log_id);


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


