-- People who sign in, their invitations and their sessions.

CREATE TABLE members (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    email         TEXT NOT NULL,
    email_lower   TEXT NOT NULL,
    name          TEXT NOT NULL,
    -- viewer, analyst or administrator.
    role          TEXT NOT NULL,
    names_hidden  INTEGER NOT NULL,
    -- In PHC format; NULL if a provider vouches for the member.
    password_hash TEXT,
    provider      TEXT,
    subject       TEXT,
    created_at_ms INTEGER NOT NULL,
    -- The minute of the last request.
    last_seen_ms  INTEGER,
    -- A removed member stays for the audit log, until that has no entry of theirs.
    removed_at_ms INTEGER
) STRICT;

CREATE INDEX members_by_account ON members (account_id);
CREATE UNIQUE INDEX members_by_email ON members (email_lower) WHERE removed_at_ms IS NULL;
CREATE UNIQUE INDEX members_by_subject ON members (provider, subject)
    WHERE removed_at_ms IS NULL AND provider IS NOT NULL;
CREATE INDEX members_removed ON members (removed_at_ms) WHERE removed_at_ms IS NOT NULL;

CREATE TABLE invitations (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    hash          BLOB NOT NULL UNIQUE,
    -- NULL if whoever has the code may choose.
    email         TEXT,
    email_lower   TEXT,
    role          TEXT NOT NULL,
    names_hidden  INTEGER NOT NULL,
    -- 1 if it makes the account's first administrator.
    is_first      INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX invitations_by_account ON invitations (account_id);

-- The member whose session a token is, and where it began.
ALTER TABLE tokens ADD COLUMN member_id INTEGER REFERENCES members (id);
ALTER TABLE tokens ADD COLUMN address TEXT;
ALTER TABLE tokens ADD COLUMN agent TEXT;

CREATE INDEX tokens_by_member ON tokens (member_id) WHERE member_id IS NOT NULL;

ALTER TABLE audit ADD COLUMN member_id INTEGER;

CREATE INDEX audit_by_member ON audit (member_id) WHERE member_id IS NOT NULL;
