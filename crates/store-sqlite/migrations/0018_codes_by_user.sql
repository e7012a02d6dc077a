-- A query asks for a user's tracking codes without naming a site.
CREATE INDEX user_tracking_codes_by_user ON user_tracking_codes (account_id, user_id);
