-- compatible from: 1
-- The state of the audit logs' signer. row_mac as in 0001. A log's row is locked while the log is extended.

CREATE TABLE signer_heads (
    log_id         uuid PRIMARY KEY,
    log_name       text COLLATE "C" NOT NULL,
    size           bigint NOT NULL,
    head           bytea NOT NULL,
    compact_range  bytea NOT NULL,
    last_logged_ns bigint NOT NULL,
    macs_digest    bytea NOT NULL,
    prune_mark     bytea,
    acknowledged   bigint NOT NULL,
    agreed_ns      bigint NOT NULL,
    stale_at       bigint,
    explained_from bigint,
    advanced_to    bigint,
    alarms_raised  bigint NOT NULL,
    raised_at      bigint NOT NULL,
    alarm_number   bigint NOT NULL,
    alarm_digest   bytea NOT NULL,
    open_alarms    bigint NOT NULL,
    loss_number    bigint NOT NULL,
    loss_digest    bytea NOT NULL,
    changes        bigint NOT NULL,
    row_mac        bytea NOT NULL,
    CONSTRAINT signer_heads_log_name_unique UNIQUE (log_name),
    CONSTRAINT signer_heads_size_positive CHECK (size > 0),
    CONSTRAINT signer_heads_acknowledged_within CHECK (acknowledged BETWEEN 0 AND size),
    CONSTRAINT signer_heads_alarms_raised_not_negative CHECK (alarms_raised >= 0),
    CONSTRAINT signer_heads_raised_at_within CHECK (raised_at BETWEEN 0 AND size),
    CONSTRAINT signer_heads_open_alarms_within CHECK (open_alarms BETWEEN 0 AND alarm_number),
    CONSTRAINT signer_heads_loss_number_not_negative CHECK (loss_number >= 0),
    CONSTRAINT signer_heads_changes_not_negative CHECK (changes >= 0),
    CONSTRAINT signer_heads_head_length CHECK (octet_length(head) = 32),
    CONSTRAINT signer_heads_macs_digest_length CHECK (octet_length(macs_digest) = 32),
    CONSTRAINT signer_heads_alarm_digest_length CHECK (octet_length(alarm_digest) = 32),
    CONSTRAINT signer_heads_loss_digest_length CHECK (octet_length(loss_digest) = 32),
    CONSTRAINT signer_heads_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
)
-- Each segment writes its log's row anew. With the page for itself a row has room for versions that no index learns of.
WITH (fillfactor = 10);
COMMENT ON TABLE signer_heads IS 'Where each audit log stands. A second history is refused because of this.';
COMMENT ON COLUMN signer_heads.log_id IS 'First 16 bytes of a hash over the name.';
COMMENT ON COLUMN signer_heads.size IS 'Number of sealed entries.';
COMMENT ON COLUMN signer_heads.head IS 'Chain head after the last entry.';
COMMENT ON COLUMN signer_heads.compact_range IS 'RFC 6962 compact range over all entries: size u64, subtree roots.';
COMMENT ON COLUMN signer_heads.last_logged_ns IS 'Time logged of the last entry, nanoseconds since 1970: none is logged before.';
COMMENT ON COLUMN signer_heads.macs_digest IS 'Running digest over the entries'' MACs.';
COMMENT ON COLUMN signer_heads.prune_mark IS 'Up to where entries were pruned: head before the first one kept, compact range over those pruned; NULL: none were.';
COMMENT ON COLUMN signer_heads.acknowledged IS 'How far audit-service says it has committed; never goes down.';
COMMENT ON COLUMN signer_heads.agreed_ns IS 'When audit-service was last known to stand where the signer stands, nanoseconds since 1970; kept up to date while alarms are open.';
COMMENT ON COLUMN signer_heads.stale_at IS 'Where audit-service stood when it was last refused because the segments that it lacks are gone.';
COMMENT ON COLUMN signer_heads.explained_from IS 'From this size on rolled back rows are explained by what an operator closed or declared.';
COMMENT ON COLUMN signer_heads.advanced_to IS 'Size up to which an operator brought the log forward: stands in place of a newest segment that ends there.';
COMMENT ON COLUMN signer_heads.alarms_raised IS 'How often an alarm was raised, kept or not, or the log was brought forward: an acknowledgement that knows of less was on its way.';
COMMENT ON COLUMN signer_heads.raised_at IS 'The size the last time: rows and signer agree at this size or behind it.';
COMMENT ON COLUMN signer_heads.alarm_number IS 'Alarms of the log that there are, open or closed.';
COMMENT ON COLUMN signer_heads.alarm_digest IS 'Digest over all of them: shows that none is missing and none was put back.';
COMMENT ON COLUMN signer_heads.open_alarms IS 'How many of them are open.';
COMMENT ON COLUMN signer_heads.loss_number IS 'Declared losses of the log that there are.';
COMMENT ON COLUMN signer_heads.loss_digest IS 'Digest over all of them.';
COMMENT ON COLUMN signer_heads.changes IS 'How often the row was written: a process that has seen it refuses an older one.';

-- Without a foreign key: its check would find a log's row by its key, through every version that an old snapshot keeps.
-- Segments without a log's row are noticed by whoever reads them.
CREATE TABLE signer_segments (
    log_id         uuid NOT NULL,
    first_index    bigint NOT NULL,
    count          bigint NOT NULL,
    previous_head  bytea NOT NULL,
    head           bytea NOT NULL,
    range_before   bytea NOT NULL,
    digest_before  bytea NOT NULL,
    entries        bytea NOT NULL,
    macs           bytea NOT NULL,
    snapshot       bytea NOT NULL,
    digest         bytea NOT NULL,
    create_time_us bigint NOT NULL,
    row_mac        bytea NOT NULL,
    PRIMARY KEY (log_id, first_index),
    CONSTRAINT signer_segments_first_index_not_negative CHECK (first_index >= 0),
    CONSTRAINT signer_segments_count_positive CHECK (count > 0),
    CONSTRAINT signer_segments_previous_head_length CHECK (octet_length(previous_head) = 32),
    CONSTRAINT signer_segments_head_length CHECK (octet_length(head) = 32),
    CONSTRAINT signer_segments_digest_before_length CHECK (octet_length(digest_before) = 32),
    CONSTRAINT signer_segments_digest_length CHECK (octet_length(digest) = 32),
    CONSTRAINT signer_segments_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- Hashes and identifiers do not compress: no time is spent on trying.
ALTER TABLE signer_segments ALTER COLUMN entries SET STORAGE EXTERNAL, ALTER COLUMN macs SET STORAGE EXTERNAL,
    ALTER COLUMN snapshot SET STORAGE EXTERNAL;
-- Serves the removal of segments older than 24 hours.
CREATE INDEX signer_segments_by_create_time ON signer_segments (create_time_us);
COMMENT ON TABLE signer_segments IS 'Sealed runs of entries, kept until acknowledged and a day old; the newest of a log for ever.';
COMMENT ON COLUMN signer_segments.range_before IS 'RFC 6962 compact range before the first entry.';
COMMENT ON COLUMN signer_segments.digest_before IS 'Running digest over the log''s MACs before the first entry.';
COMMENT ON COLUMN signer_segments.entries IS 'The entries'' bytes, each behind its length as u32.';
COMMENT ON COLUMN signer_segments.macs IS 'Their MACs, 44 bytes each: MAC key version u32, its birth mark, HMAC-SHA-256.';
COMMENT ON COLUMN signer_segments.snapshot IS 'What the signer knew of the log after the segment, under its MAC.';
COMMENT ON COLUMN signer_segments.digest IS 'SHA-256 of entries, macs and snapshot; stands for all three in row_mac.';
COMMENT ON COLUMN signer_segments.create_time_us IS 'By the database''s clock, microseconds since 1970.';

CREATE TABLE signer_alarms (
    alarm_id        uuid PRIMARY KEY,
    log_id          uuid NOT NULL,
    log_name        text COLLATE "C" NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    first_index     bigint NOT NULL,
    last_index      bigint NOT NULL,
    detail          text NOT NULL,
    head            bytea,
    raise_time_us   bigint NOT NULL,
    close_time_us   bigint,
    close_reference text,
    row_mac         bytea NOT NULL,
    CONSTRAINT signer_alarms_kind_form CHECK (kind ~ '^[A-Z][A-Z0-9_]{0,31}$'),
    CONSTRAINT signer_alarms_detail_length CHECK (octet_length(detail) <= 1024),
    CONSTRAINT signer_alarms_head_length CHECK (octet_length(head) = 32),
    CONSTRAINT signer_alarms_close_reference_length CHECK (octet_length(close_reference) <= 64),
    CONSTRAINT signer_alarms_closed_with_reference CHECK ((close_time_us IS NULL) = (close_reference IS NULL)),
    CONSTRAINT signer_alarms_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
-- Serves the alarms of a log.
CREATE INDEX signer_alarms_by_log ON signer_alarms (log_id, alarm_id);
-- Serves the list of logs, which names those with nothing but alarms too.
CREATE INDEX signer_alarms_by_name ON signer_alarms (log_name);
COMMENT ON TABLE signer_alarms IS 'What should never happen, kept for ever; also for logs that were never sealed.';
COMMENT ON COLUMN signer_alarms.kind IS 'A name such as AHEAD or FORKED; a later version may have others.';
COMMENT ON COLUMN signer_alarms.first_index IS 'First index it concerns.';
COMMENT ON COLUMN signer_alarms.last_index IS 'Last index it concerns.';
COMMENT ON COLUMN signer_alarms.head IS 'ADVANCED: head that the signer had at first_index before it was brought forward.';
COMMENT ON COLUMN signer_alarms.raise_time_us IS 'By the database''s clock, microseconds since 1970.';
COMMENT ON COLUMN signer_alarms.close_time_us IS 'When an operator closed it; NULL: it is open.';
COMMENT ON COLUMN signer_alarms.close_reference IS 'Why, as the operator said: an id or ticket number.';

CREATE TABLE signer_unknown_alarms (
    singleton    boolean PRIMARY KEY DEFAULT true,
    alarm_number bigint NOT NULL,
    alarm_digest bytea NOT NULL,
    row_mac      bytea NOT NULL,
    CONSTRAINT signer_unknown_alarms_one_row CHECK (singleton),
    CONSTRAINT signer_unknown_alarms_alarm_digest_length CHECK (octet_length(alarm_digest) = 32),
    CONSTRAINT signer_unknown_alarms_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE signer_unknown_alarms IS 'All alarms of logs that have no head; one row, made with the first of them.';
COMMENT ON COLUMN signer_unknown_alarms.alarm_number IS 'How many there are.';
COMMENT ON COLUMN signer_unknown_alarms.alarm_digest IS 'Digest over all of them.';

CREATE TABLE signer_losses (
    log_id          uuid NOT NULL REFERENCES signer_heads (log_id),
    first_index     bigint NOT NULL,
    last_index      bigint NOT NULL,
    head            bytea NOT NULL,
    compact_range   bytea NOT NULL,
    macs_digest     bytea NOT NULL,
    reference       text NOT NULL,
    declare_time_us bigint NOT NULL,
    row_mac         bytea NOT NULL,
    PRIMARY KEY (log_id, first_index, last_index),
    CONSTRAINT signer_losses_range CHECK (first_index >= 0 AND last_index >= first_index),
    CONSTRAINT signer_losses_head_length CHECK (octet_length(head) = 32),
    CONSTRAINT signer_losses_macs_digest_length CHECK (octet_length(macs_digest) = 32),
    CONSTRAINT signer_losses_reference_length CHECK (octet_length(reference) <= 64),
    CONSTRAINT signer_losses_row_mac_length CHECK (octet_length(row_mac) BETWEEN 37 AND 128)
);
COMMENT ON TABLE signer_losses IS 'Ranges of entries that an operator declared lost, kept for ever. One may cover others: it was declared again to cover more.';
COMMENT ON COLUMN signer_losses.head IS 'Chain head after the last lost entry.';
COMMENT ON COLUMN signer_losses.compact_range IS 'RFC 6962 compact range after the last lost entry.';
COMMENT ON COLUMN signer_losses.macs_digest IS 'Running digest over the log''s MACs after the last lost entry.';
COMMENT ON COLUMN signer_losses.reference IS 'Why, as the operator said: an id or ticket number; empty where the loss came back with AdvanceHead.';
COMMENT ON COLUMN signer_losses.declare_time_us IS 'By the database''s clock, microseconds since 1970.';

GRANT SELECT, INSERT, UPDATE ON signer_heads, signer_alarms, signer_unknown_alarms TO strongroom_key;
GRANT SELECT, INSERT, DELETE ON signer_segments, signer_losses TO strongroom_key;
