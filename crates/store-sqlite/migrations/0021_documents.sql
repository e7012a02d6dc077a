-- Entries of vendors' responses that are kept as they were: answers to polls, sign-ins, invoices.
CREATE TABLE documents (
    row        INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    -- account, instance, meeting, webinar or record
    owner_kind TEXT NOT NULL,
    owner      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL,
    -- 0 if it has no time.
    at_ms      INTEGER NOT NULL,
    -- JSON
    body       TEXT NOT NULL,
    UNIQUE (account_id, kind, owner_kind, owner, key)
) STRICT;

CREATE INDEX documents_in_order ON documents (account_id, kind, owner_kind, owner, at_ms, row);
