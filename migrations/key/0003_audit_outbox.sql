-- Events on their way to the audit-service. mac authenticates outbox_id, log_name, time_ns and events; the other columns
-- only steer delivery.

CREATE TABLE audit_outbox (
    outbox_id       uuid PRIMARY KEY,
    log_name        text NOT NULL,
    time_ns         bigint NOT NULL,
    events          bytea NOT NULL,
    mac             bytea NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now()
);
-- Serves the forwarder's claims, oldest first.
CREATE INDEX audit_outbox_by_next_attempt ON audit_outbox (next_attempt_at, outbox_id);
COMMENT ON TABLE audit_outbox IS 'Events that the audit-service has not acknowledged yet; a row for each transaction.';
COMMENT ON COLUMN audit_outbox.time_ns IS 'Nanoseconds since 1970.';
COMMENT ON COLUMN audit_outbox.events IS 'strongroom.audit.v1.AppendEventsRequest.';
COMMENT ON COLUMN audit_outbox.mac IS 'HMAC-SHA-256 under this service''s outbox key.';

CREATE TABLE audit_outbox_refused (
    outbox_id       uuid PRIMARY KEY,
    log_name        text NOT NULL,
    time_ns         bigint NOT NULL,
    events          bytea NOT NULL,
    mac             bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    attempts        integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    reason          text NOT NULL,
    refused_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE audit_outbox_refused IS 'Events that will never be delivered: refused for good, or not written by this service. Each raised an alarm.';

GRANT SELECT, INSERT, UPDATE, DELETE ON audit_outbox TO strongroom_key;
GRANT SELECT, INSERT ON audit_outbox_refused TO strongroom_key;
