-- A query asks for a user's tracking codes without naming a site. The index has all columns, so that SQLite prefers it.
CREATE INDEX user_tracking_codes_by_user ON user_tracking_codes (account_id, user_id, code_id, site_url, value);
