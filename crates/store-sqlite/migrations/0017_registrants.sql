-- Which `user_id`s of an instance belong to one participant: who moves to a breakout room or comes back gets a new one.
CREATE TABLE participant_uuids (
    instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    uuid        TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    PRIMARY KEY (instance_id, uuid, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX participant_uuids_by_user ON participant_uuids (instance_id, user_id);

-- Who registered for a meeting or webinar. The links that brought them are in registrations.
CREATE TABLE registrants (
    account_id     INTEGER NOT NULL REFERENCES accounts (id),
    kind           TEXT NOT NULL,
    number         INTEGER NOT NULL,
    -- The registration's id, else an address.
    registrant     TEXT NOT NULL,
    email          TEXT,
    first_name     TEXT,
    last_name      TEXT,
    status         TEXT,
    -- JSON: the ids of the occurrences that the registration is for.
    occurrence_ids TEXT,
    -- JSON: the rest of the form.
    answers        TEXT,
    -- When the latest event about it happened.
    at_ms          INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind, number, registrant)
) STRICT, WITHOUT ROWID;

-- The links of a registrant go with it.
CREATE TRIGGER registrants_deleted AFTER DELETE ON registrants WHEN old.kind = 'webinar' BEGIN
    DELETE FROM registrations
    WHERE account_id = old.account_id AND webinar_number = old.number AND registrant = old.registrant;
END;

INSERT INTO registrants (account_id, kind, number, registrant, email, at_ms)
SELECT DISTINCT account_id, 'webinar', webinar_number, registrant, iif(registrant LIKE '%@%', registrant, NULL), 0
FROM registrations;
