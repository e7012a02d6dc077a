-- Connections to vendors, and how far their data has been collected.
CREATE TABLE connections (
    id              INTEGER PRIMARY KEY,
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    vendor          TEXT NOT NULL,
    name            TEXT NOT NULL,
    client_id       TEXT NOT NULL,
    vendor_account  TEXT,
    base_url        TEXT,
    plan            TEXT,
    share_percent   INTEGER NOT NULL,
    every_minutes   INTEGER,
    follows_live    INTEGER NOT NULL,
    lookback_days   INTEGER NOT NULL,
    -- The app's secret and the refresh token, one per line: encrypted, or plain text if the database has no key.
    sealed          BLOB,
    secrets         TEXT,
    created_at_ms   INTEGER NOT NULL,
    lease_owner     TEXT,
    lease_until_ms  INTEGER,
    -- When the run began that is not complete; a run that continues it has the same.
    run_began_at_ms INTEGER,
    last_run_at_ms  INTEGER,
    last_error      TEXT,
    next_run_at_ms  INTEGER,
    UNIQUE (account_id, vendor, name)
) STRICT;

-- A request, the pages that follow from it, and where to continue.
CREATE TABLE collect_lists (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    connection_id INTEGER NOT NULL REFERENCES connections (id),
    target        TEXT NOT NULL,
    operation     TEXT NOT NULL,
    lane          TEXT NOT NULL,
    step          INTEGER NOT NULL,
    about         TEXT,
    at_ms         INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    final_at_ms   INTEGER,
    version       INTEGER NOT NULL,
    -- Entries, as the response says that it was found in; calls, as far as one can tell.
    expected      INTEGER,
    estimate      INTEGER NOT NULL,
    -- 0 waits, 1 is complete, 2 was refused.
    state         INTEGER NOT NULL DEFAULT 0,
    next          TEXT,
    pages         INTEGER NOT NULL DEFAULT 0,
    entries       INTEGER NOT NULL DEFAULT 0,
    -- Eight bytes for each page.
    hashes        BLOB NOT NULL DEFAULT X'',
    failures      INTEGER NOT NULL DEFAULT 0,
    due_at_ms     INTEGER NOT NULL DEFAULT 0,
    read_at_ms    INTEGER,
    UNIQUE (connection_id, target)
) STRICT;

CREATE INDEX collect_lists_of_account ON collect_lists (account_id);
CREATE INDEX collect_lists_expiring ON collect_lists (connection_id, lane, step, expires_at_ms) WHERE state = 0;
CREATE INDEX collect_lists_latest ON collect_lists (connection_id, lane, step, at_ms DESC) WHERE state = 0;
CREATE INDEX collect_lists_by_operation ON collect_lists (connection_id, operation) WHERE state = 0;
CREATE INDEX collect_lists_progress ON collect_lists (connection_id, lane, state);

CREATE TABLE collect_gaps (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    connection_id INTEGER NOT NULL REFERENCES connections (id),
    request       TEXT NOT NULL,
    reason        TEXT NOT NULL,
    detail        TEXT NOT NULL,
    remedy        TEXT NOT NULL,
    first_at_ms   INTEGER NOT NULL,
    last_at_ms    INTEGER NOT NULL,
    times         INTEGER NOT NULL,
    waiting       INTEGER NOT NULL,
    UNIQUE (connection_id, request)
) STRICT;

CREATE INDEX collect_gaps_of_account ON collect_gaps (account_id, id);

CREATE TABLE collect_differences (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    connection_id INTEGER NOT NULL REFERENCES connections (id),
    about         TEXT NOT NULL,
    field         TEXT NOT NULL,
    first_source  TEXT NOT NULL,
    first_value   TEXT NOT NULL,
    second_source TEXT NOT NULL,
    second_value  TEXT NOT NULL,
    seen_at_ms    INTEGER NOT NULL,
    UNIQUE (connection_id, about, field, first_source, second_source)
) STRICT;

CREATE INDEX collect_differences_of_account ON collect_differences (account_id, id);

CREATE TABLE collect_unknown_values (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    connection_id INTEGER NOT NULL REFERENCES connections (id),
    operation     TEXT NOT NULL,
    path          TEXT NOT NULL,
    entries       INTEGER NOT NULL,
    first_at_ms   INTEGER NOT NULL,
    last_at_ms    INTEGER NOT NULL,
    UNIQUE (connection_id, operation, path)
) STRICT;

CREATE INDEX collect_unknown_values_of_account ON collect_unknown_values (account_id);

-- Turns of a vendor's account: when the next call of a lane may be sent, and how many calls a day's pool has used.
CREATE TABLE collect_turns (
    id             INTEGER PRIMARY KEY,
    account_id     INTEGER NOT NULL REFERENCES accounts (id),
    vendor_account TEXT NOT NULL,
    lane           TEXT NOT NULL,
    next_micros    INTEGER NOT NULL,
    UNIQUE (account_id, vendor_account, lane)
) STRICT;

CREATE TABLE collect_pools (
    id             INTEGER PRIMARY KEY,
    account_id     INTEGER NOT NULL REFERENCES accounts (id),
    vendor_account TEXT NOT NULL,
    pool           TEXT NOT NULL,
    day            INTEGER NOT NULL,
    used           INTEGER NOT NULL,
    UNIQUE (account_id, vendor_account, pool)
) STRICT;
