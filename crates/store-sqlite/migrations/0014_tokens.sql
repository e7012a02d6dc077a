-- Tokens that follow one another, and those that apps were granted.

-- The first refresh token of those that followed one another; with one that is used twice, all of them end.
ALTER TABLE tokens ADD COLUMN family INTEGER;
-- 1 for a token that an app asked for; an app has a bounded number of them.
ALTER TABLE tokens ADD COLUMN granted INTEGER NOT NULL DEFAULT 0;
-- The minute in which it was last used; NULL if it never was.
ALTER TABLE tokens ADD COLUMN last_used_ms INTEGER;

CREATE INDEX tokens_by_family ON tokens (family) WHERE family IS NOT NULL;
