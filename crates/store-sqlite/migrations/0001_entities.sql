-- The entities, one table per word of the design. Times are milliseconds since 1970-01-01T00:00:00Z, flags are 0 or 1,
-- lists are JSON, and NULL is what no source has told.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id     TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    account_id           INTEGER NOT NULL REFERENCES accounts (id),
    id                   TEXT NOT NULL,
    email                TEXT NOT NULL,
    -- What addresses are compared by; NULL where the address is blank, so that any number of users may lack one.
    email_lower          TEXT,
    first_name           TEXT,
    last_name            TEXT,
    display_name         TEXT,
    type                 INTEGER,
    status               TEXT NOT NULL,
    pmi                  INTEGER,
    use_pmi              INTEGER,
    timezone             TEXT,
    verified             INTEGER,
    dept                 TEXT,
    created_at_ms        INTEGER,
    user_created_at_ms   INTEGER,
    last_login_time_ms   INTEGER,
    last_client_version  TEXT,
    group_ids            TEXT,
    im_group_ids         TEXT,
    division_ids         TEXT,
    role_id              TEXT,
    role_name            TEXT,
    plan_united_type     TEXT,
    employee_unique_id   TEXT,
    host_key             TEXT,
    custom_attributes    TEXT,
    license_info_list    TEXT,
    account_number       INTEGER,
    cms_user_id          TEXT,
    company              TEXT,
    jid                  TEXT,
    job_title            TEXT,
    cost_center          TEXT,
    language             TEXT,
    location             TEXT,
    login_types          TEXT,
    manager              TEXT,
    personal_meeting_url TEXT,
    phone_country        TEXT,
    phone_number         TEXT,
    phone_numbers        TEXT,
    pic_url              TEXT,
    pronouns             TEXT,
    pronouns_option      INTEGER,
    vanity_url           TEXT,
    cluster              TEXT,
    zoom_one_type        INTEGER,
    has_webinar_license  INTEGER,
    PRIMARY KEY (account_id, id)
) STRICT;

CREATE UNIQUE INDEX users_by_email ON users (account_id, email_lower);
CREATE INDEX users_by_status ON users (account_id, status, id);
CREATE INDEX users_by_role ON users (account_id, role_id, status, id);

CREATE TABLE meetings (
    account_id       INTEGER NOT NULL REFERENCES accounts (id),
    kind             TEXT NOT NULL,
    number           INTEGER NOT NULL,
    uuid             TEXT,
    host_id          TEXT,
    host_email       TEXT,
    topic            TEXT,
    type             INTEGER,
    status           TEXT,
    start_time_ms    INTEGER,
    duration_minutes INTEGER,
    timezone         TEXT,
    agenda           TEXT,
    created_at_ms    INTEGER,
    join_url         TEXT,
    registration_url TEXT,
    is_simulive      INTEGER,
    tracking_fields  TEXT,
    settings         TEXT,
    occurrences      TEXT,
    PRIMARY KEY (account_id, kind, number)
) STRICT;

-- The planned start is in it so that a window is laid against the index alone.
CREATE INDEX meetings_by_host ON meetings (account_id, kind, host_id, number, start_time_ms);

CREATE TABLE instances (
    id                       INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id               INTEGER NOT NULL REFERENCES accounts (id),
    uuid                     TEXT NOT NULL,
    -- How many participants are stored.
    participants             INTEGER NOT NULL DEFAULT 0,
    -- How many participants were ever stored: the number of the last one, see participant_rows.participant_id.
    last_participant         INTEGER NOT NULL DEFAULT 0,
    kind                     TEXT NOT NULL,
    number                   INTEGER NOT NULL,
    state                    TEXT NOT NULL,
    topic                    TEXT,
    host_id                  TEXT,
    host_name                TEXT,
    host_email               TEXT,
    dept                     TEXT,
    user_type                TEXT,
    start_time_ms            INTEGER,
    end_time_ms              INTEGER,
    stated_participants      INTEGER,
    in_room_participants     INTEGER,
    has_pstn                 INTEGER,
    has_voip                 INTEGER,
    has_third_party_audio    INTEGER,
    has_video                INTEGER,
    has_screen_share         INTEGER,
    has_recording            INTEGER,
    has_sip                  INTEGER,
    has_archiving            INTEGER,
    has_manual_captions      INTEGER,
    has_automated_captions   INTEGER,
    has_poll                 INTEGER,
    has_qa                   INTEGER,
    has_survey               INTEGER,
    has_external_participant INTEGER,
    has_meeting_summary      INTEGER,
    audio_quality            TEXT,
    video_quality            TEXT,
    screen_share_quality     TEXT,
    custom_keys              TEXT,
    tracking_fields          TEXT,
    session_key              TEXT,
    avg_join_time_ms         INTEGER,
    source                   TEXT
) STRICT;

CREATE UNIQUE INDEX instances_by_uuid ON instances (account_id, uuid);
CREATE INDEX instances_by_number ON instances (account_id, kind, number, state, start_time_ms);
CREATE INDEX instances_by_start ON instances (account_id, kind, state, start_time_ms);
CREATE INDEX instances_by_end ON instances (account_id, kind, state, end_time_ms);

CREATE TABLE participant_rows (
    -- The instance's row times 2^24, plus the participant's number in the instance, counted from 1. So an instance's
    -- participants lie side by side, in the order in which they were first seen, however many instances are written
    -- at the same time.
    participant_id INTEGER PRIMARY KEY,
    instance_id    INTEGER NOT NULL REFERENCES instances (id),
    user_id        TEXT NOT NULL,
    join_time_ms   INTEGER,
    -- What else is told, as an array in SQLite's JSONB: a page is read from it in half the time that it takes to step
    -- through as many columns. The view below shows its elements as columns; append, never reorder.
    fields         BLOB NOT NULL
) STRICT;

-- A participant whose join time is not known is the only one of its `user_id`; the writes see to that.
CREATE UNIQUE INDEX participants_by_key ON participant_rows (instance_id, user_id, join_time_ms);

-- Participants as SQL reads them: with their columns named as on the wire.
CREATE VIEW participants AS SELECT
    participant_id,
    instance_id,
    user_id,
    join_time_ms,
    fields ->> 0 AS id,
    fields ->> 1 AS participant_user_id,
    fields ->> 2 AS participant_uuid,
    fields ->> 3 AS user_name,
    fields ->> 4 AS email,
    fields ->> 5 AS registrant_id,
    fields ->> 6 AS role,
    fields ->> 7 AS status,
    fields ->> 8 AS device,
    fields ->> 9 AS os,
    fields ->> 10 AS os_version,
    fields ->> 11 AS browser_name,
    fields ->> 12 AS browser_version,
    fields ->> 13 AS device_name,
    fields ->> 14 AS client,
    fields ->> 15 AS version,
    fields ->> 16 AS zoom_thin_client_plugin_version,
    fields ->> 17 AS ip_address,
    fields ->> 18 AS internal_ip_addresses,
    fields ->> 19 AS location,
    fields ->> 20 AS network_type,
    fields ->> 21 AS connection_type,
    fields ->> 22 AS video_connection_type,
    fields ->> 23 AS as_connection_type,
    fields ->> 24 AS data_center,
    fields ->> 25 AS full_data_center,
    fields ->> 26 AS leave_time_ms,
    fields ->> 27 AS leave_reason,
    fields ->> 28 AS pc_name,
    fields ->> 29 AS domain,
    fields ->> 30 AS mac_addr,
    fields ->> 31 AS harddisk_id,
    fields ->> 32 AS microphone,
    fields ->> 33 AS speaker,
    fields ->> 34 AS camera,
    fields ->> 35 AS share_application,
    fields ->> 36 AS share_desktop,
    fields ->> 37 AS share_whiteboard,
    fields ->> 38 AS recording,
    fields ->> 39 AS sip_uri,
    fields ->> 40 AS from_sip_uri,
    fields ->> 41 AS customer_key,
    fields ->> 42 AS audio_quality,
    fields ->> 43 AS video_quality,
    fields ->> 44 AS screen_share_quality,
    fields ->> 45 AS bo_mtg_id,
    fields ->> 46 AS audio_call,
    fields ->> 47 AS in_room_participants,
    fields ->> 48 AS group_id,
    fields ->> 49 AS has_archiving,
    fields ->> 50 AS optional_archiving,
    fields ->> 51 AS join_time_cost_ms,
    fields ->> 52 AS aic_disclaimer,
    fields ->> 53 AS health,
    fields ->> 54 AS issue_list,
    fields ->> 55 AS rc_reason
FROM participant_rows;

CREATE TABLE tracking_sources (
    row                INTEGER PRIMARY KEY,
    account_id         INTEGER NOT NULL REFERENCES accounts (id),
    webinar_number     INTEGER NOT NULL,
    id                 TEXT NOT NULL,
    source_name        TEXT NOT NULL,
    tracking_url       TEXT NOT NULL,
    visitor_count      INTEGER NOT NULL,
    registration_count INTEGER NOT NULL,
    UNIQUE (account_id, webinar_number, id)
) STRICT;

CREATE TABLE sites (
    row                INTEGER PRIMARY KEY,
    account_id         INTEGER NOT NULL REFERENCES accounts (id),
    url                TEXT NOT NULL,
    is_default         INTEGER NOT NULL,
    managed_by         TEXT NOT NULL,
    tracking_code_mode TEXT NOT NULL,
    UNIQUE (account_id, url)
) STRICT;

CREATE UNIQUE INDEX sites_default ON sites (account_id) WHERE is_default = 1;

CREATE TABLE tracking_codes (
    account_id           INTEGER NOT NULL,
    site_url             TEXT NOT NULL,
    id                   TEXT NOT NULL,
    name                 TEXT NOT NULL,
    input_mode           TEXT NOT NULL,
    options              TEXT,
    host_profile_code    TEXT NOT NULL,
    schedule_start_codes TEXT,
    PRIMARY KEY (account_id, site_url, id),
    FOREIGN KEY (account_id, site_url) REFERENCES sites (account_id, url)
) STRICT;

CREATE UNIQUE INDEX tracking_codes_by_name ON tracking_codes (account_id, site_url, name);

CREATE TABLE user_tracking_codes (
    account_id INTEGER NOT NULL,
    site_url   TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    code_id    TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (account_id, site_url, user_id, code_id),
    FOREIGN KEY (account_id, site_url, code_id) REFERENCES tracking_codes (account_id, site_url, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX user_tracking_codes_by_code ON user_tracking_codes (account_id, site_url, code_id);

CREATE TABLE apps (
    row           INTEGER PRIMARY KEY,
    client_id     TEXT NOT NULL UNIQUE,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    name          TEXT NOT NULL,
    secret_hash   BLOB NOT NULL,
    -- Parted by spaces; NULL grants all.
    scopes        TEXT,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT;

CREATE INDEX apps_by_account ON apps (account_id);

CREATE TABLE tokens (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    hash          BLOB NOT NULL UNIQUE,
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    client_id     TEXT REFERENCES apps (client_id),
    user_id       TEXT,
    kind          TEXT NOT NULL,
    scopes        TEXT,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    revoked_at_ms INTEGER
) STRICT;

CREATE INDEX tokens_by_account ON tokens (account_id);
CREATE INDEX tokens_by_app ON tokens (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX tokens_by_expiry ON tokens (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
CREATE INDEX tokens_by_revocation ON tokens (revoked_at_ms) WHERE revoked_at_ms IS NOT NULL;
