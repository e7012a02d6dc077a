-- What events say about scheduled meetings. The UUID of the next run, which is that of the meeting until one has begun.
ALTER TABLE meetings ADD COLUMN planned_uuid TEXT;
-- When the meeting was deleted at the vendor.
ALTER TABLE meetings ADD COLUMN deleted_at_ms INTEGER;
-- JSON: when the latest event about each field happened, in milliseconds.
ALTER TABLE meetings ADD COLUMN told_at TEXT;

-- When the run ended, if a source stated that. Attendances without a leave end with it.
ALTER TABLE instances ADD COLUMN stated_end_ms INTEGER;
