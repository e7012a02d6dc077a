-- Registrants whole: with what only the rest of the form had.
ALTER TABLE registrants ADD COLUMN join_url TEXT;
ALTER TABLE registrants ADD COLUMN language TEXT;
ALTER TABLE registrants ADD COLUMN create_time_ms INTEGER;

UPDATE registrants SET
    join_url = answers ->> '$.join_url',
    language = answers ->> '$.language',
    answers = nullif(json_remove(answers, '$.join_url', '$.language'), '{}')
WHERE json_type(answers) = 'object';

-- Lists by status, in the order of ids; and one registration per address.
CREATE INDEX registrants_by_status ON registrants (account_id, kind, number, status, registrant);
CREATE INDEX registrants_by_address ON registrants (account_id, kind, number, lower(email)) WHERE email <> '';

-- Labels that an account defines for its meetings.
CREATE TABLE tracking_fields (
    row                INTEGER PRIMARY KEY,
    account_id         INTEGER NOT NULL REFERENCES accounts (id),
    id                 TEXT NOT NULL,
    label              TEXT NOT NULL,
    -- JSON
    recommended_values TEXT,
    required           INTEGER NOT NULL,
    visible            INTEGER NOT NULL,
    UNIQUE (account_id, id)
) STRICT;

CREATE UNIQUE INDEX tracking_fields_by_label ON tracking_fields (account_id, lower(label));

-- Every label that a field has or had, because meetings refer to fields by label. Rows of deleted fields stay.
CREATE TABLE tracking_field_labels (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    field_id   TEXT NOT NULL,
    label      TEXT NOT NULL,
    since_ms   INTEGER NOT NULL,
    PRIMARY KEY (account_id, field_id, label)
) STRICT, WITHOUT ROWID;
