-- Secrets that are replaced while the former one still holds, and secrets of webhooks under a key that is not in here.

ALTER TABLE apps ADD COLUMN former_secret_hash BLOB;
-- Until when the former secret is taken too.
ALTER TABLE apps ADD COLUMN former_until_ms INTEGER;

-- A secret that was withdrawn is of no more use to anybody but a thief.
DELETE FROM hooks WHERE revoked_at_ms IS NOT NULL;
DROP INDEX hooks_active;
ALTER TABLE hooks DROP COLUMN revoked_at_ms;
-- When it ends; NULL until another takes its place.
ALTER TABLE hooks ADD COLUMN expires_at_ms INTEGER;
-- The secret, sealed with the key; `secret` is blank then.
ALTER TABLE hooks ADD COLUMN sealed BLOB;
-- A keyed hash of the secret, by which the same one is known.
ALTER TABLE hooks ADD COLUMN fingerprint BLOB;

CREATE UNIQUE INDEX hooks_plain ON hooks (account_id, vendor, secret) WHERE secret <> '';
CREATE UNIQUE INDEX hooks_sealed ON hooks (account_id, vendor, fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX hooks_by_expiry ON hooks (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
CREATE INDEX apps_by_former ON apps (former_until_ms) WHERE former_until_ms IS NOT NULL;
