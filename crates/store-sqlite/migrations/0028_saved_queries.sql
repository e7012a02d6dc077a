-- SQL queries that people keep and share within their account.
CREATE TABLE saved_queries (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    name          TEXT NOT NULL,
    query         TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    UNIQUE (account_id, name)
) STRICT;
