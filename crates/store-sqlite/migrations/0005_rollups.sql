-- Quality by the hour and by the day: the cells of the rollups, each in parts, so that a trend of one measure reads that
-- measure alone.
CREATE TABLE quality_parts (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    -- What is told apart, by its number: 0 location, 1 network type, 2 connection type, 3 data centre, 4 client's version,
    -- 5 device.
    dimension  INTEGER NOT NULL,
    -- 0 the counts of an hour, then the sketch of each measure; the same of a day from 32 on. A part that counts nothing
    -- has no row.
    part       INTEGER NOT NULL,
    -- Hours since 1970 began; a day's first.
    hour       INTEGER NOT NULL,
    -- Blank where it is not known.
    value      TEXT NOT NULL,
    -- The day, counted from 1970-01-01, of the folder that the minutes' files are in. A run past midnight has hours of the
    -- next day.
    day        INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (account_id, dimension, part, hour, value, day)
) STRICT, WITHOUT ROWID;

-- How the rollup of each day stands. A day with archived minutes that is not here is built first.
CREATE TABLE quality_days (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    day        INTEGER NOT NULL,
    -- The rules by which it was counted; NULL where it is to be built.
    rules      INTEGER,
    -- Whether it stays as it is, since what it was counted from is no longer in the archive.
    kept       INTEGER NOT NULL DEFAULT 0,
    -- Moves whenever what is archived of the day changes.
    changes    INTEGER NOT NULL DEFAULT 0,
    -- Between which hours its cells lie; NULL where it has none.
    first_hour INTEGER,
    last_hour  INTEGER,
    PRIMARY KEY (account_id, day)
) STRICT, WITHOUT ROWID;
