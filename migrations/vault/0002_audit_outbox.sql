-- compatible from: 1
-- Events on their way to the audit-service, a row for each transaction and log. mac authenticates the four columns before
-- it, so SQL cannot report events in this service's name.

CREATE TABLE audit_outbox (
    outbox_id  uuid        NOT NULL,
    log_name   text COLLATE "C" NOT NULL,
    time_ns    bigint      NOT NULL,
    events     bytea       NOT NULL,
    mac        bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- The only index: each log's rows are claimed in the order of their UUIDv7 ids, beginning where older ones are known to be
    -- gone. Every further index would cost each insert and delete.
    CONSTRAINT audit_outbox_pkey PRIMARY KEY (log_name, outbox_id)
)
-- A queue: rows up to a page stay in it, and dead ones are cleared by number, not by share.
WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
-- Compression would cost more time than the few seconds of space are worth.
ALTER TABLE audit_outbox ALTER COLUMN events SET STORAGE EXTERNAL;
COMMENT ON TABLE audit_outbox IS 'Events that the audit-service has not acknowledged yet.';
COMMENT ON COLUMN audit_outbox.outbox_id IS 'UUIDv7.';
COMMENT ON COLUMN audit_outbox.log_name IS 'logs/{log} that the events belong to.';
COMMENT ON COLUMN audit_outbox.time_ns IS 'When the row was made, nanoseconds since 1970.';
COMMENT ON COLUMN audit_outbox.events IS 'strongroom.audit.v1.AppendEventsRequest.';
COMMENT ON COLUMN audit_outbox.mac IS 'HMAC-SHA-256 under this service''s outbox key.';
COMMENT ON COLUMN audit_outbox.created_at IS 'Start of the transaction; steers when new events are refused, and nothing else.';

CREATE TABLE audit_outbox_refused (
    outbox_id  uuid        NOT NULL,
    log_name   text COLLATE "C" NOT NULL,
    time_ns    bigint      NOT NULL,
    events     bytea       NOT NULL,
    mac        bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    reason     text        NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT audit_outbox_refused_pkey PRIMARY KEY (log_name, outbox_id)
);
COMMENT ON TABLE audit_outbox_refused IS 'Events that will never be delivered: refused for good, or not written by this service. Each raised an alarm.';
COMMENT ON COLUMN audit_outbox_refused.reason IS 'The audit-service''s reasons, or FORGED where mac does not verify.';

GRANT SELECT, INSERT, UPDATE, DELETE ON audit_outbox TO strongroom_vault;
GRANT SELECT, INSERT ON audit_outbox_refused TO strongroom_vault;
