-- What retention knows of its rounds, by which it finds out that the clock has jumped.
CREATE TABLE retention_state (
    one              INTEGER PRIMARY KEY CHECK (one = 1),
    -- When a round ran last, by the clock of the machine that it ran on; NULL if none has.
    last_round_ms    INTEGER,
    -- Since when rounds wait for `rollcall retention confirm`; NULL if they do not.
    waiting_since_ms INTEGER,
    -- When `rollcall retention undo` brought something back that has not been confirmed since.
    undone_ms        INTEGER
) STRICT;

-- Archived rows that retention has dropped. Their files stay until they are released.
CREATE TABLE retention_drops (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id        INTEGER NOT NULL REFERENCES accounts (id),
    -- The instance as it was, without names.
    uuid              TEXT NOT NULL,
    kind              TEXT NOT NULL,
    number            INTEGER,
    start_time_ms     INTEGER,
    end_time_ms       INTEGER,
    -- Where its rows are: paths, since a file's row is deleted with the file.
    minutes_path      TEXT,
    first_minute      INTEGER NOT NULL,
    minutes           INTEGER NOT NULL,
    participants_path TEXT,
    first_participant INTEGER NOT NULL,
    participants      INTEGER NOT NULL,
    dropped_ms        INTEGER NOT NULL,
    keep_until_ms     INTEGER NOT NULL
) STRICT;

CREATE INDEX retention_drops_by_account ON retention_drops (account_id);
CREATE INDEX retention_drops_by_end ON retention_drops (keep_until_ms);
CREATE INDEX retention_drops_by_minutes ON retention_drops (minutes_path);
CREATE INDEX retention_drops_by_participants ON retention_drops (participants_path);
