-- The minutes of all attendances of past instances, each rounded up, as of a value of the instance's change counter.
CREATE TABLE attended_minutes (
    instance_id INTEGER PRIMARY KEY REFERENCES instances (id) ON DELETE CASCADE,
    changes     INTEGER NOT NULL,
    minutes     INTEGER NOT NULL
) STRICT;

CREATE INDEX meetings_by_start ON meetings (account_id, start_time_ms, kind, number);
