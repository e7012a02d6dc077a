-- Who was erased. Nothing here tells who that was: identifiers stand as hashes with a key that is drawn once.

CREATE TABLE erasure_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key BLOB NOT NULL
) STRICT;

CREATE TABLE erasures (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     INTEGER NOT NULL REFERENCES accounts (id),
    at_ms          INTEGER NOT NULL,
    -- NULL while what was stored before is still being erased.
    finished_at_ms INTEGER
) STRICT;

CREATE INDEX erasures_by_account ON erasures (account_id);
CREATE INDEX erasures_pending ON erasures (id) WHERE finished_at_ms IS NULL;

-- How many rows of which kind were erased.
CREATE TABLE erased_rows (
    erasure_id INTEGER NOT NULL REFERENCES erasures (id),
    kind       TEXT NOT NULL,
    rows       INTEGER NOT NULL,
    PRIMARY KEY (erasure_id, kind)
) STRICT, WITHOUT ROWID;

-- What names the person. What sources tell of it from before the erasure is blanked on its way in.
CREATE TABLE erased_identifiers (
    account_id INTEGER NOT NULL,
    hash       BLOB NOT NULL,
    erasure_id INTEGER NOT NULL REFERENCES erasures (id),
    PRIMARY KEY (account_id, hash)
) STRICT, WITHOUT ROWID;

-- Attendances that were the person's: a later report of one may name nobody by an identifier, and yet have a name.
CREATE TABLE erased_attendances (
    instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    user_id     TEXT NOT NULL,
    erasure_id  INTEGER NOT NULL REFERENCES erasures (id),
    PRIMARY KEY (instance_id, user_id)
) STRICT, WITHOUT ROWID;

-- Instances that the person hosted, likewise.
CREATE TABLE erased_hosts (
    instance_id INTEGER PRIMARY KEY REFERENCES instances (id) ON DELETE CASCADE,
    erasure_id  INTEGER NOT NULL REFERENCES erasures (id)
) STRICT;

-- Meetings that the person hosts, likewise, as long as no source tells another host.
CREATE TABLE erased_meetings (
    account_id INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    erasure_id INTEGER NOT NULL REFERENCES erasures (id),
    PRIMARY KEY (account_id, kind, number)
) STRICT, WITHOUT ROWID;

-- Files of the archive that may hold rows of the person. One that is no longer in archive_files is gone.
CREATE TABLE erasure_files (
    erasure_id INTEGER NOT NULL REFERENCES erasures (id),
    path       TEXT NOT NULL,
    PRIMARY KEY (erasure_id, path)
) STRICT, WITHOUT ROWID;
