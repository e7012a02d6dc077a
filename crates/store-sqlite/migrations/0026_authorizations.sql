-- Apps that ask for access in a person's browser.

-- A list of URIs in JSON.
ALTER TABLE apps ADD COLUMN redirect_uris TEXT;
-- 1 for an app that cannot keep a secret.
ALTER TABLE apps ADD COLUMN is_public INTEGER NOT NULL DEFAULT 0;

CREATE TABLE authorizations (
    id                INTEGER PRIMARY KEY,
    account_id        INTEGER NOT NULL REFERENCES accounts (id),
    client_id         TEXT NOT NULL REFERENCES apps (client_id),
    request_code      TEXT NOT NULL UNIQUE,
    -- The hash of the secret that the browser has in a cookie.
    browser           BLOB NOT NULL UNIQUE,
    vendor            TEXT NOT NULL,
    redirect_uri      TEXT NOT NULL,
    state             TEXT,
    -- Separated by spaces; NULL grants all.
    scopes            TEXT,
    challenge_method  TEXT,
    challenge         TEXT,
    address           TEXT,
    created_at_ms     INTEGER NOT NULL,
    expires_at_ms     INTEGER NOT NULL,
    stage             TEXT NOT NULL,
    user_id           TEXT,
    code_hash         BLOB UNIQUE,
    code_expires_at_ms INTEGER,
    -- The first token that followed from the code.
    family            INTEGER
) STRICT;

CREATE INDEX authorizations_by_account ON authorizations (account_id);
CREATE INDEX authorizations_by_app ON authorizations (client_id);
CREATE INDEX authorizations_by_expiry ON authorizations (expires_at_ms);
