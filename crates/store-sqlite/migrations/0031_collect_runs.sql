-- When somebody asked for a run, and when the run began that has the lease: it answers what was asked before.
ALTER TABLE connections ADD COLUMN run_asked_at_ms INTEGER;
ALTER TABLE connections ADD COLUMN lease_since_ms INTEGER;
-- Whether the URL may lead to private addresses: so far, only the command line has stored connections.
ALTER TABLE connections ADD COLUMN private_addresses INTEGER NOT NULL DEFAULT 1;
