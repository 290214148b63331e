-- The whole schema of the audit database. Generated from the migrations beside it; never run.

CREATE FUNCTION public.entries_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'entries are never changed: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION public.entries_refuse_change() IS 'Refuses UPDATE, DELETE and TRUNCATE, also for the table''s owner.';

CREATE TABLE public.entries (
    log_id uuid NOT NULL,
    entry_index bigint NOT NULL,
    event_id uuid NOT NULL,
    entry bytea NOT NULL,
    mac bytea NOT NULL,
    logged_at timestamp with time zone NOT NULL,
    producer text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    resource text NOT NULL COLLATE pg_catalog."C",
    outcome smallint NOT NULL,
    key_boot uuid,
    key_counter bigint,
    CONSTRAINT entries_action_length CHECK (((octet_length(action) >= 1) AND (octet_length(action) <= 1024))),
    CONSTRAINT entries_actor_length CHECK (((octet_length(actor) >= 1) AND (octet_length(actor) <= 2048))),
    CONSTRAINT entries_entry_length CHECK (((octet_length(entry) >= 1) AND (octet_length(entry) <= 49152))),
    CONSTRAINT entries_key_operation_is_whole CHECK (((key_boot IS NULL) = (key_counter IS NULL))),
    CONSTRAINT entries_mac_length CHECK ((octet_length(mac) = 44)),
    CONSTRAINT entries_outcome_is_a_byte CHECK (((outcome >= 1) AND (outcome <= 255))),
    CONSTRAINT entries_producer_length CHECK (((octet_length(producer) >= 1) AND (octet_length(producer) <= 63))),
    CONSTRAINT entries_resource_length CHECK ((octet_length(resource) <= 1024))
);

COMMENT ON TABLE public.entries IS 'Sealed entries. Insert only: triggers and missing rights refuse everything else.';
COMMENT ON COLUMN public.entries.log_id IS 'The log.';
COMMENT ON COLUMN public.entries.entry_index IS 'Position in the log, from 0.';
COMMENT ON COLUMN public.entries.event_id IS 'Id of the event, a UUIDv7 that its producer gave, unique in its log for that producer (derived from entry).';
COMMENT ON COLUMN public.entries.entry IS 'The bytes that are hashed, as they were hashed.';
COMMENT ON COLUMN public.entries.mac IS 'MAC over the head after this entry, 44 bytes: key version u32, its birth mark, HMAC-SHA-256.';
COMMENT ON COLUMN public.entries.logged_at IS 'Time logged in microseconds, never less than that of the entry before (derived).';
COMMENT ON COLUMN public.entries.producer IS 'Name, in the policy, of the service that reported the event (derived).';
COMMENT ON COLUMN public.entries.actor IS 'Identity of the caller (derived).';
COMMENT ON COLUMN public.entries.action IS 'What was done (derived).';
COMMENT ON COLUMN public.entries.resource IS 'Full resource name; empty where the call named none (derived).';
COMMENT ON COLUMN public.entries.outcome IS '1 ok, 2 denied, 3 refused, 4 failed; others are shown as numbers (derived).';
COMMENT ON COLUMN public.entries.key_boot IS 'Process of key-service whose operation was used; NULL for none (derived).';
COMMENT ON COLUMN public.entries.key_counter IS 'Number of that operation in that process; NULL for none (derived).';

CREATE TABLE public.logs (
    log_id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    head bytea NOT NULL,
    last_logged_ns bigint NOT NULL,
    snapshot bytea,
    state text DEFAULT 'ACTIVE'::text NOT NULL COLLATE pg_catalog."C",
    quarantined_at timestamp with time zone,
    quarantine_reason text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT logs_head_is_a_hash CHECK ((octet_length(head) = 32)),
    CONSTRAINT logs_name_length CHECK (((octet_length(name) >= 6) AND (octet_length(name) <= 255))),
    CONSTRAINT logs_quarantine_has_a_reason CHECK ((((state = 'QUARANTINED'::text) = (quarantine_reason IS NOT NULL)) AND ((state = 'QUARANTINED'::text) = (quarantined_at IS NOT NULL)))),
    CONSTRAINT logs_quarantine_reason_length CHECK (((octet_length(quarantine_reason) >= 1) AND (octet_length(quarantine_reason) <= 64))),
    CONSTRAINT logs_size_not_negative CHECK ((size >= 0)),
    CONSTRAINT logs_snapshot_length CHECK (((octet_length(snapshot) >= 1) AND (octet_length(snapshot) <= 262144))),
    CONSTRAINT logs_state_known CHECK ((state = ANY (ARRAY['ACTIVE'::text, 'QUARANTINED'::text])))
)
WITH (fillfactor='10');

COMMENT ON TABLE public.logs IS 'One row for each log, locked by whoever appends to it.';
COMMENT ON COLUMN public.logs.log_id IS 'First 16 bytes of SHA-256 over a label and the log''s name; nobody chooses it.';
COMMENT ON COLUMN public.logs.name IS 'Resource name, logs/{tenant} or logs/system.';
COMMENT ON COLUMN public.logs.size IS 'Number of entries committed; the index of the next one.';
COMMENT ON COLUMN public.logs.head IS 'Head of the chain after the last entry; the genesis head of an empty log.';
COMMENT ON COLUMN public.logs.last_logged_ns IS 'Time logged of the last entry, nanoseconds since 1970: the next is never less.';
COMMENT ON COLUMN public.logs.snapshot IS 'The signer''s snapshot after the last entry, as the signer gave it; NULL before the first.';
COMMENT ON COLUMN public.logs.state IS 'ACTIVE, or QUARANTINED: the signer refused to extend the log, so it takes no entries.';
COMMENT ON COLUMN public.logs.quarantined_at IS 'When the quarantine began.';
COMMENT ON COLUMN public.logs.quarantine_reason IS 'Why, as a code.';
COMMENT ON COLUMN public.logs.created_at IS 'When the first batch of the log was taken.';

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (log_id, entry_index);

ALTER TABLE ONLY public.logs
    ADD CONSTRAINT logs_name_key UNIQUE (name);

ALTER TABLE ONLY public.logs
    ADD CONSTRAINT logs_pkey PRIMARY KEY (log_id);

CREATE INDEX entries_action ON public.entries USING btree (log_id, hashtextextended(action, (0)::bigint), entry_index);

CREATE INDEX entries_actor ON public.entries USING btree (log_id, hashtextextended(actor, (0)::bigint), entry_index);

CREATE UNIQUE INDEX entries_event_id_key ON public.entries USING btree (log_id, event_id, producer);

CREATE INDEX entries_outcome ON public.entries USING btree (log_id, outcome, entry_index) WHERE (outcome <> 1);

CREATE INDEX entries_resource ON public.entries USING btree (log_id, hashtextextended(resource, (0)::bigint), entry_index);

CREATE INDEX logs_quarantined ON public.logs USING btree (log_id) WHERE (state = 'QUARANTINED'::text);

CREATE TRIGGER entries_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION public.entries_refuse_change();

GRANT SELECT,INSERT ON TABLE public.entries TO strongroom_audit;

GRANT SELECT,INSERT,UPDATE ON TABLE public.logs TO strongroom_audit;
