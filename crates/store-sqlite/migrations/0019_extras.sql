-- What vendors reported beyond the other columns: JSON, by the kind of entry, then by the place in it. Participants have
-- theirs in `fields`.
ALTER TABLE meetings ADD COLUMN series_id TEXT;
ALTER TABLE meetings ADD COLUMN extras TEXT;
ALTER TABLE instances ADD COLUMN extras TEXT;
ALTER TABLE users ADD COLUMN extras TEXT;

DROP VIEW participants;
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
    fields ->> 55 AS rc_reason,
    fields ->> 56 AS extras
FROM participant_rows;

CREATE INDEX meetings_by_series ON meetings (account_id, series_id) WHERE series_id IS NOT NULL;

-- Ids of participants from Webex name them everywhere; those from Zoom are short, and so not in this index.
CREATE INDEX participant_rows_by_long_user_id ON participant_rows (user_id) WHERE length(user_id) > 32;
