-- Queries whose results members get by mail.

CREATE TABLE subscriptions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    -- Who gets the mail.
    member_id       INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    -- A saved query, which may have been deleted since, or else an own query with its values as JSON.
    saved_query_id  INTEGER,
    query           TEXT,
    query_values    TEXT,
    -- The path of the dashboard that shows the same.
    view            TEXT,
    -- 0 for Monday to 6 for Sunday; NULL for every day.
    weekday         INTEGER,
    hour            INTEGER NOT NULL,
    time_zone       TEXT NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    -- When the next mail, or the next attempt, is due.
    due_at_ms       INTEGER NOT NULL,
    -- Failed attempts of the mail that is due.
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- Attempts of the mail that is due of which nobody knows whether it arrived.
    unknown         INTEGER NOT NULL DEFAULT 0,
    -- Mails in a row that were given up.
    failures        INTEGER NOT NULL DEFAULT 0,
    sent_at_ms      INTEGER,
    -- Why the last attempt failed.
    problem         TEXT,
    -- Why nothing is sent: member, unsubscribed, member_gone, not_allowed, query_gone or failing.
    paused          TEXT,
    CHECK ((saved_query_id IS NULL) <> (query IS NULL))
) STRICT;

CREATE INDEX subscriptions_by_account ON subscriptions (account_id, member_id);
CREATE INDEX subscriptions_by_member ON subscriptions (member_id);
CREATE INDEX subscriptions_due ON subscriptions (due_at_ms) WHERE paused IS NULL;

-- Mails that were begun, for the limits of an hour, with the hashes of the secrets by which their recipients unsubscribe.
-- They outlive their subscription for that hour.
CREATE TABLE subscription_mails (
    id              INTEGER PRIMARY KEY,
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    member_id       INTEGER NOT NULL,
    subscription_id INTEGER NOT NULL,
    hash            BLOB NOT NULL UNIQUE,
    begun_at_ms     INTEGER NOT NULL
) STRICT;

CREATE INDEX subscription_mails_by_account ON subscription_mails (account_id, begun_at_ms);
CREATE INDEX subscription_mails_by_subscription ON subscription_mails (subscription_id);
