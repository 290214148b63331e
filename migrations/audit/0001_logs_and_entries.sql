-- compatible from: 1
-- The audit-service's database: logs, and the entries they hold. docs/audit-log.md has the format of an entry.
--
-- Nothing here is trusted by a verification: every column is held against the entry's bytes, the bytes against the
-- chain, and the chain against MACs that key-service alone can make.

CREATE TABLE logs (
    log_id             uuid        NOT NULL,
    name               text COLLATE "C" NOT NULL,
    size               bigint      NOT NULL,
    head               bytea       NOT NULL,
    last_logged_ns     bigint      NOT NULL,
    snapshot           bytea,
    state              text COLLATE "C" NOT NULL DEFAULT 'ACTIVE',
    quarantined_at     timestamptz,
    quarantine_reason  text COLLATE "C",
    created_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT logs_pkey PRIMARY KEY (log_id),
    CONSTRAINT logs_name_key UNIQUE (name),
    CONSTRAINT logs_name_length CHECK (octet_length(name) BETWEEN 6 AND 255),
    CONSTRAINT logs_size_not_negative CHECK (size >= 0),
    CONSTRAINT logs_head_is_a_hash CHECK (octet_length(head) = 32),
    CONSTRAINT logs_snapshot_length CHECK (octet_length(snapshot) BETWEEN 1 AND 262144),
    CONSTRAINT logs_quarantine_reason_length CHECK (octet_length(quarantine_reason) BETWEEN 1 AND 64),
    CONSTRAINT logs_state_known CHECK (state IN ('ACTIVE', 'QUARANTINED')),
    CONSTRAINT logs_quarantine_has_a_reason CHECK (
        (state = 'QUARANTINED') = (quarantine_reason IS NOT NULL)
        AND (state = 'QUARANTINED') = (quarantined_at IS NOT NULL)
    )
)
-- Each batch writes its logs' rows anew. With the page for itself a row has room for versions that no index learns of.
WITH (fillfactor = 10);

COMMENT ON TABLE logs IS 'One row for each log, locked by whoever appends to it.';
COMMENT ON COLUMN logs.log_id IS 'First 16 bytes of SHA-256 over a label and the log''s name; nobody chooses it.';
COMMENT ON COLUMN logs.name IS 'Resource name, logs/{tenant} or logs/system.';
COMMENT ON COLUMN logs.size IS 'Number of entries committed; the index of the next one.';
COMMENT ON COLUMN logs.head IS 'Head of the chain after the last entry; the genesis head of an empty log.';
COMMENT ON COLUMN logs.last_logged_ns IS 'Time logged of the last entry, nanoseconds since 1970: the next is never less.';
COMMENT ON COLUMN logs.snapshot IS 'The signer''s snapshot after the last entry, as the signer gave it; NULL before the first.';
COMMENT ON COLUMN logs.state IS 'ACTIVE, or QUARANTINED: the signer refused to extend the log, so it takes no entries.';
COMMENT ON COLUMN logs.quarantined_at IS 'When the quarantine began.';
COMMENT ON COLUMN logs.quarantine_reason IS 'Why, as a code.';
COMMENT ON COLUMN logs.created_at IS 'When the first batch of the log was taken.';

-- Quarantined logs are probed every few seconds; there should be none.
CREATE INDEX logs_quarantined ON logs (log_id) WHERE state = 'QUARANTINED';

-- Not partitioned: that an event id is in its log once is worth more than cheap deletion.
CREATE TABLE entries (
    log_id       uuid        NOT NULL,
    entry_index  bigint      NOT NULL,
    event_id     uuid        NOT NULL,
    entry        bytea       NOT NULL,
    mac          bytea       NOT NULL,
    logged_at    timestamptz NOT NULL,
    producer     text COLLATE "C" NOT NULL,
    actor        text COLLATE "C" NOT NULL,
    action       text COLLATE "C" NOT NULL,
    resource     text COLLATE "C" NOT NULL,
    outcome      smallint    NOT NULL,
    key_boot     uuid,
    key_counter  bigint,
    CONSTRAINT entries_pkey PRIMARY KEY (log_id, entry_index),
    CONSTRAINT entries_entry_length CHECK (octet_length(entry) BETWEEN 1 AND 49152),
    CONSTRAINT entries_mac_length CHECK (octet_length(mac) = 44),
    CONSTRAINT entries_producer_length CHECK (octet_length(producer) BETWEEN 1 AND 63),
    CONSTRAINT entries_actor_length CHECK (octet_length(actor) BETWEEN 1 AND 2048),
    CONSTRAINT entries_action_length CHECK (octet_length(action) BETWEEN 1 AND 1024),
    CONSTRAINT entries_resource_length CHECK (octet_length(resource) <= 1024),
    CONSTRAINT entries_outcome_is_a_byte CHECK (outcome BETWEEN 1 AND 255),
    CONSTRAINT entries_key_operation_is_whole CHECK ((key_boot IS NULL) = (key_counter IS NULL))
);

COMMENT ON TABLE entries IS 'Sealed entries. Insert only: triggers and missing rights refuse everything else.';
COMMENT ON COLUMN entries.log_id IS 'The log.';
COMMENT ON COLUMN entries.entry_index IS 'Position in the log, from 0.';
COMMENT ON COLUMN entries.event_id IS 'Id of the event, a UUIDv7 that its producer gave, unique in its log for that producer (derived from entry).';
COMMENT ON COLUMN entries.entry IS 'The bytes that are hashed, as they were hashed.';
COMMENT ON COLUMN entries.mac IS 'MAC over the head after this entry, 44 bytes: key version u32, its birth mark, HMAC-SHA-256.';
COMMENT ON COLUMN entries.logged_at IS 'Time logged in microseconds, never less than that of the entry before (derived).';
COMMENT ON COLUMN entries.producer IS 'Name, in the policy, of the service that reported the event (derived).';
COMMENT ON COLUMN entries.actor IS 'Identity of the caller (derived).';
COMMENT ON COLUMN entries.action IS 'What was done (derived).';
COMMENT ON COLUMN entries.resource IS 'Full resource name; empty where the call named none (derived).';
COMMENT ON COLUMN entries.outcome IS '1 ok, 2 denied, 3 refused, 4 failed; others are shown as numbers (derived).';
COMMENT ON COLUMN entries.key_boot IS 'Process of key-service whose operation was used; NULL for none (derived).';
COMMENT ON COLUMN entries.key_counter IS 'Number of that operation in that process; NULL for none (derived).';

-- Every filter of ListEntries has an index that yields its entries in the order of the log. Log time never goes back, so a
-- time is found by halving over entries_pkey and needs none.

-- An event of a producer is in its log at most once, whatever is delivered twice. No producer can take another's event id.
CREATE UNIQUE INDEX entries_event_id_key ON entries (log_id, event_id, producer);
-- "Who touched this record?", "what did this caller do?", "who revealed anything?" Texts stand in them as 64-bit hashes,
-- by the function of hash partitions, which PostgreSQL keeps from version to version: smaller, cheaper, any length.
CREATE INDEX entries_resource ON entries (log_id, pg_catalog.hashtextextended(resource, 0::bigint), entry_index);
CREATE INDEX entries_actor ON entries (log_id, pg_catalog.hashtextextended(actor, 0::bigint), entry_index);
CREATE INDEX entries_action ON entries (log_id, pg_catalog.hashtextextended(action, 0::bigint), entry_index);
-- "What was not done?" Nearly all entries are ok, and have no place in it.
CREATE INDEX entries_outcome ON entries (log_id, outcome, entry_index) WHERE outcome <> 1;

CREATE FUNCTION entries_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are never changed: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION entries_refuse_change() IS 'Refuses UPDATE, DELETE and TRUNCATE, also for the table''s owner.';

CREATE TRIGGER entries_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse_change();

REVOKE ALL ON logs, entries FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON logs TO strongroom_audit;
GRANT SELECT, INSERT ON entries TO strongroom_audit;
