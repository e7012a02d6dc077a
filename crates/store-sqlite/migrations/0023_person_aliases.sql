-- Identifiers that somebody declared to be one person's.
CREATE TABLE person_aliases (
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    -- The identifier that stands for the person, and the person, both as in persons of SQL.
    alias         TEXT NOT NULL,
    person        TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (account_id, alias)
) STRICT, WITHOUT ROWID;

CREATE INDEX person_aliases_by_person ON person_aliases (account_id, person);
