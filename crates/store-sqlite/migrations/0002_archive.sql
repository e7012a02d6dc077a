-- Moves whenever something of the instance or of its participants changes.
ALTER TABLE instances ADD COLUMN changes INTEGER NOT NULL DEFAULT 1;
-- What `changes` was when the instance was sealed last; NULL where it never was.
ALTER TABLE instances ADD COLUMN sealed_changes INTEGER;

-- Past instances that are not in the archive as they are here: few, however many instances there are.
CREATE INDEX instances_unsealed ON instances (id) WHERE state = 'past' AND sealed_changes IS NOT changes;

-- Files of the archive. One that is not here does not count, whatever lies in the archive's folder.
CREATE TABLE archive_files (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id            INTEGER NOT NULL REFERENCES accounts (id),
    -- 'qos_minutes' or 'participants'.
    kind                  TEXT NOT NULL,
    path                  TEXT NOT NULL UNIQUE,
    -- The path without the file's name: files of one table, account and day.
    partition             TEXT NOT NULL,
    bytes                 INTEGER NOT NULL,
    rows                  INTEGER NOT NULL,
    -- How many instances have rows in it, and how many rows these are. The other rows are left over.
    instances             INTEGER NOT NULL DEFAULT 0,
    referenced_rows       INTEGER NOT NULL DEFAULT 0,
    written_at_ms         INTEGER NOT NULL,
    -- Since when no instance has rows in it; NULL while one has.
    unreferenced_since_ms INTEGER
) STRICT;

CREATE INDEX archive_files_by_account ON archive_files (account_id);
CREATE INDEX archive_files_by_partition ON archive_files (partition, rows) WHERE unreferenced_since_ms IS NULL;
CREATE INDEX archive_files_unreferenced ON archive_files (id) WHERE unreferenced_since_ms IS NOT NULL;

-- Where the rows of archived instances lie. A file's rows are counted from 0.
CREATE TABLE archived_instances (
    instance_id       INTEGER PRIMARY KEY REFERENCES instances (id),
    sealed_at_ms      INTEGER NOT NULL,
    minutes_file      INTEGER REFERENCES archive_files (id),
    first_minute      INTEGER NOT NULL,
    minutes           INTEGER NOT NULL,
    participants_file INTEGER REFERENCES archive_files (id),
    first_participant INTEGER NOT NULL,
    participants      INTEGER NOT NULL
) STRICT;

CREATE INDEX archived_instances_by_minutes_file ON archived_instances (minutes_file, instance_id);
CREATE INDEX archived_instances_by_participants_file ON archived_instances (participants_file, instance_id);

-- Which of an instance's archived minutes are whose.
CREATE TABLE archived_participants (
    -- As in participant_rows, so that an instance's lie side by side.
    participant_id INTEGER PRIMARY KEY,
    -- Counted from the instance's first minute, so that a merge does not touch it.
    first_minute   INTEGER NOT NULL,
    minutes        INTEGER NOT NULL
) STRICT;
