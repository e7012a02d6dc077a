-- Webhooks that send: what programs subscribed to, what changed, and what was not delivered yet.
CREATE TABLE webhooks (
    row                INTEGER PRIMARY KEY,
    account_id         INTEGER NOT NULL REFERENCES accounts (id),
    id                 TEXT NOT NULL,
    name               TEXT NOT NULL,
    target_url         TEXT NOT NULL,
    resource           TEXT NOT NULL,
    event              TEXT NOT NULL,
    filter             TEXT,
    -- Encrypted, or plain text if the database has no key.
    sealed             BLOB,
    secret             TEXT,
    is_of_organization INTEGER NOT NULL,
    is_active          INTEGER NOT NULL,
    created_at_ms      INTEGER NOT NULL,
    created_by         TEXT,
    client             TEXT,
    enabled_at_ms      INTEGER,
    UNIQUE (account_id, id)
) STRICT;

CREATE INDEX webhooks_active ON webhooks (account_id) WHERE is_active = 1;

-- What changed since the last round of the job that sends.
CREATE TABLE changes (
    row         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  INTEGER NOT NULL REFERENCES accounts (id),
    event       TEXT NOT NULL,
    -- One of these.
    series_id   TEXT,
    instance_id INTEGER,
    participant INTEGER
) STRICT;

CREATE INDEX changes_of_account ON changes (account_id);

CREATE TABLE deliveries (
    row        INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    webhook    INTEGER NOT NULL,
    body       TEXT NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    due_at_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due_at_ms, row);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook);
CREATE INDEX deliveries_of_account ON deliveries (account_id);

-- Failures of the last minutes.
CREATE TABLE delivery_failures (
    row        INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    webhook    INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;

CREATE INDEX failures_of_webhook ON delivery_failures (webhook, at_ms);
CREATE INDEX failures_of_account ON delivery_failures (account_id);

-- A change is noted with the write that causes it, only for accounts with an active webhook, and only while fewer than
-- 100 000 wait, which takes a server that does not send.
CREATE TRIGGER change_started AFTER INSERT ON instances
WHEN new.told_state = 'live' AND EXISTS (SELECT 1 FROM webhooks WHERE account_id = new.account_id AND is_active = 1)
    AND coalesce((SELECT max(row) FROM changes), 0) - coalesce((SELECT min(row) FROM changes), 0) < 100000
BEGIN
    INSERT INTO changes (account_id, event, instance_id) VALUES (new.account_id, 'started', new.id);
END;

CREATE TRIGGER change_ended AFTER UPDATE OF told_state, lapsed ON instances
WHEN old.told_state = 'live' AND old.lapsed = 0 AND (new.told_state = 'past' OR new.lapsed = 1)
    AND EXISTS (SELECT 1 FROM webhooks WHERE account_id = new.account_id AND is_active = 1)
    AND coalesce((SELECT max(row) FROM changes), 0) - coalesce((SELECT min(row) FROM changes), 0) < 100000
BEGIN
    INSERT INTO changes (account_id, event, instance_id) VALUES (new.account_id, 'ended', new.id);
END;

CREATE TRIGGER change_joined AFTER INSERT ON participant_rows
WHEN EXISTS (SELECT 1 FROM webhooks WHERE is_active = 1) AND new.join_time_ms IS NOT NULL
    AND new.fields ->> 26 IS NULL
    AND coalesce((SELECT max(row) FROM changes), 0) - coalesce((SELECT min(row) FROM changes), 0) < 100000
BEGIN
    INSERT INTO changes (account_id, event, instance_id, participant)
    SELECT account_id, 'joined', id, new.participant_id FROM instances
    WHERE id = new.instance_id AND told_state = 'live'
        AND EXISTS (SELECT 1 FROM webhooks
                    WHERE webhooks.account_id = instances.account_id AND webhooks.is_active = 1);
END;

CREATE TRIGGER change_left AFTER UPDATE OF fields ON participant_rows
WHEN EXISTS (SELECT 1 FROM webhooks WHERE is_active = 1)
    AND old.fields ->> 26 IS NULL AND new.fields ->> 26 IS NOT NULL
    AND coalesce((SELECT max(row) FROM changes), 0) - coalesce((SELECT min(row) FROM changes), 0) < 100000
BEGIN
    INSERT INTO changes (account_id, event, instance_id, participant)
    SELECT account_id, 'left', id, new.participant_id FROM instances
    WHERE id = new.instance_id
        AND EXISTS (SELECT 1 FROM webhooks
                    WHERE webhooks.account_id = instances.account_id AND webhooks.is_active = 1);
END;
