-- Accounts that are shut, for a while or for good.

-- Since when no token, app or webhook of the account is taken; NULL while it is open.
ALTER TABLE accounts ADD COLUMN suspended_at_ms INTEGER;
-- Since when it is being deleted, row by row; NULL unless it is.
ALTER TABLE accounts ADD COLUMN deleting_at_ms INTEGER;
