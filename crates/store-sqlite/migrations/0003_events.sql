-- What webhooks need: secrets to check their signatures with, and the reports that they brought.

-- Secrets as they are, not as hashes: a signature is checked by making it again.
CREATE TABLE hooks (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    vendor        TEXT NOT NULL,
    secret        TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT;

CREATE UNIQUE INDEX hooks_active ON hooks (account_id, vendor, secret) WHERE revoked_at_ms IS NULL;

-- What events told of an instance, each report once. What is stored of the instance is a function of the set.
CREATE TABLE instance_reports (
    instance_id INTEGER NOT NULL REFERENCES instances (id),
    -- 0 for a mention, 1 for the start, 2 for the end: a later stage stands over an earlier one.
    stage       INTEGER NOT NULL,
    -- 0 for a mention, whose time says nothing.
    at_ms       INTEGER NOT NULL,
    -- The fields that were told, as JSON.
    told        TEXT NOT NULL,
    PRIMARY KEY (instance_id, stage, at_ms, told)
) STRICT, WITHOUT ROWID;

-- The same of the attendances of one `user_id`.
CREATE TABLE participant_reports (
    instance_id INTEGER NOT NULL REFERENCES instances (id),
    user_id     TEXT NOT NULL,
    -- When it was so; the smallest number there is for what is always true of the `user_id`.
    at_ms       INTEGER NOT NULL,
    -- Whether somebody joined then.
    is_join     INTEGER NOT NULL,
    -- The fields that were told, as in participant_rows.
    fields      BLOB NOT NULL,
    PRIMARY KEY (instance_id, user_id, at_ms, is_join, fields)
) STRICT, WITHOUT ROWID;

-- Who registered through which tracking source, so that each counts once.
CREATE TABLE registrations (
    account_id     INTEGER NOT NULL REFERENCES accounts (id),
    webinar_number INTEGER NOT NULL,
    registrant     TEXT NOT NULL,
    source_id      TEXT NOT NULL,
    PRIMARY KEY (account_id, webinar_number, registrant, source_id)
) STRICT, WITHOUT ROWID;

-- An instance may be known before the number of its meeting is.
DROP INDEX instances_by_number;
ALTER TABLE instances RENAME COLUMN number TO told_number;
ALTER TABLE instances ADD COLUMN number INTEGER;
UPDATE instances SET number = told_number;
ALTER TABLE instances DROP COLUMN told_number;
CREATE INDEX instances_by_number ON instances (account_id, kind, number, state, start_time_ms);
