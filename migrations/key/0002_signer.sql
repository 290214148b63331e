-- compatible from: 1
-- The state of the audit logs' signer. row_mac as in 0001. A log's row is locked while the log is extended.

CREATE TABLE signer_heads (
    log_id        uuid PRIMARY KEY,
    log_name      text COLLATE "C" NOT NULL,
    size          bigint NOT NULL,
    head          bytea NOT NULL,
    compact_range bytea NOT NULL,
    acknowledged  bigint NOT NULL,
    row_mac       bytea NOT NULL,
    CONSTRAINT signer_heads_log_name_unique UNIQUE (log_name),
    CONSTRAINT signer_heads_size_positive CHECK (size > 0),
    CONSTRAINT signer_heads_acknowledged_within CHECK (acknowledged BETWEEN 0 AND size),
    CONSTRAINT signer_heads_head_length CHECK (octet_length(head) = 32),
    CONSTRAINT signer_heads_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE signer_heads IS 'Where each audit log stands. A second history is refused because of this.';
COMMENT ON COLUMN signer_heads.log_id IS 'First 16 bytes of a hash over the name.';
COMMENT ON COLUMN signer_heads.size IS 'Number of sealed entries.';
COMMENT ON COLUMN signer_heads.head IS 'Chain head after the last entry.';
COMMENT ON COLUMN signer_heads.compact_range IS 'RFC 6962 compact range over all entries: size u64, subtree roots.';
COMMENT ON COLUMN signer_heads.acknowledged IS 'How far audit-service says it has committed; never goes down.';

CREATE TABLE signer_segments (
    log_id         uuid NOT NULL REFERENCES signer_heads (log_id),
    first_index    bigint NOT NULL,
    count          bigint NOT NULL,
    previous_head  bytea NOT NULL,
    head           bytea NOT NULL,
    range_before   bytea NOT NULL,
    entries        bytea NOT NULL,
    macs           bytea NOT NULL,
    digest         bytea NOT NULL,
    create_time_us bigint NOT NULL,
    row_mac        bytea NOT NULL,
    PRIMARY KEY (log_id, first_index),
    CONSTRAINT signer_segments_first_index_not_negative CHECK (first_index >= 0),
    CONSTRAINT signer_segments_count_positive CHECK (count > 0),
    CONSTRAINT signer_segments_previous_head_length CHECK (octet_length(previous_head) = 32),
    CONSTRAINT signer_segments_head_length CHECK (octet_length(head) = 32),
    CONSTRAINT signer_segments_digest_length CHECK (octet_length(digest) = 32),
    CONSTRAINT signer_segments_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- Hashes and identifiers do not compress: no time is spent on trying.
ALTER TABLE signer_segments ALTER COLUMN entries SET STORAGE EXTERNAL, ALTER COLUMN macs SET STORAGE EXTERNAL;
-- Serves the removal of segments older than 24 hours.
CREATE INDEX signer_segments_by_create_time ON signer_segments (create_time_us);
COMMENT ON TABLE signer_segments IS 'Sealed runs of entries, kept until acknowledged and a day old; the newest of a log for ever.';
COMMENT ON COLUMN signer_segments.range_before IS 'RFC 6962 compact range before the first entry.';
COMMENT ON COLUMN signer_segments.entries IS 'The entries'' bytes, each behind its length as u32.';
COMMENT ON COLUMN signer_segments.macs IS 'Their MACs, 36 bytes each: MAC key version u32, HMAC-SHA-256.';
COMMENT ON COLUMN signer_segments.digest IS 'SHA-256 of entries and macs; stands for both in row_mac.';
COMMENT ON COLUMN signer_segments.create_time_us IS 'Microseconds since 1970.';

CREATE TABLE signer_alarms (
    alarm_id      uuid PRIMARY KEY,
    log_id        uuid NOT NULL,
    log_name      text COLLATE "C" NOT NULL,
    kind          smallint NOT NULL,
    first_index   bigint NOT NULL,
    detail        text NOT NULL,
    raise_time_us bigint NOT NULL,
    closed        boolean NOT NULL,
    row_mac       bytea NOT NULL,
    CONSTRAINT signer_alarms_kind_known CHECK (kind BETWEEN 1 AND 4),
    CONSTRAINT signer_alarms_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- The same alarm is kept once while it is open.
CREATE UNIQUE INDEX signer_alarms_open ON signer_alarms (log_id, kind, first_index) WHERE NOT closed;
-- Serves the alarms of a log, newest last.
CREATE INDEX signer_alarms_by_log ON signer_alarms (log_id, raise_time_us, alarm_id);
-- Serves the list of logs, which names those with nothing but alarms too.
CREATE INDEX signer_alarms_by_name ON signer_alarms (log_name);
COMMENT ON TABLE signer_alarms IS 'What should never happen, kept for ever; also for logs that were never sealed.';
COMMENT ON COLUMN signer_alarms.kind IS '1 ahead, 2 forked, 3 rolled back, 4 suppressed.';
COMMENT ON COLUMN signer_alarms.raise_time_us IS 'Microseconds since 1970.';
COMMENT ON COLUMN signer_alarms.closed IS 'Whether an operator has closed it.';

CREATE TABLE signer_losses (
    log_id          uuid NOT NULL REFERENCES signer_heads (log_id),
    first_index     bigint NOT NULL,
    last_index      bigint NOT NULL,
    head            bytea NOT NULL,
    compact_range   bytea NOT NULL,
    reference       text NOT NULL,
    declare_time_us bigint NOT NULL,
    row_mac         bytea NOT NULL,
    PRIMARY KEY (log_id, first_index),
    CONSTRAINT signer_losses_range CHECK (first_index >= 0 AND last_index >= first_index),
    CONSTRAINT signer_losses_head_length CHECK (octet_length(head) = 32),
    CONSTRAINT signer_losses_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE signer_losses IS 'Ranges of entries that an operator declared lost, kept for ever.';
COMMENT ON COLUMN signer_losses.head IS 'Chain head after the last lost entry.';
COMMENT ON COLUMN signer_losses.compact_range IS 'RFC 6962 compact range after the last lost entry.';
COMMENT ON COLUMN signer_losses.reference IS 'Why, as the operator said: an id or ticket number.';
COMMENT ON COLUMN signer_losses.declare_time_us IS 'Microseconds since 1970.';

GRANT SELECT, INSERT, UPDATE ON signer_heads, signer_alarms TO strongroom_key;
GRANT SELECT, INSERT, DELETE ON signer_segments TO strongroom_key;
GRANT SELECT, INSERT ON signer_losses TO strongroom_key;
