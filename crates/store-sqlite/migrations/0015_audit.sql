-- Who asked for, changed, exported or erased what. No path, query or body is in here.

CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    -- When; of requests that are counted together, the first.
    at_ms      INTEGER NOT NULL,
    -- token, app or operator.
    actor      TEXT NOT NULL,
    token_id   INTEGER,
    client_id  TEXT,
    user_id    TEXT,
    address    TEXT,
    operation  TEXT NOT NULL,
    -- read, export, ingest, change, erase or grant.
    effect     TEXT NOT NULL,
    -- What kind of record it is about.
    target     TEXT NOT NULL,
    -- The HTTP status; NULL for a command.
    status     INTEGER,
    -- How many requests, all alike, within a minute. Changes, exports and erasures stand alone.
    requests   INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_by_account ON audit (account_id, at_ms);
CREATE INDEX audit_by_age ON audit (at_ms);
