-- What retention needs: how old an instance is, and what of it was dropped already.

-- When the instance was over: at its end, or at its start where no end was told. One that never ended counts as over two
-- days after it began: no vendor lets one run for longer than thirty hours.
ALTER TABLE instances ADD COLUMN over_ms INTEGER GENERATED ALWAYS AS
    (coalesce(end_time_ms, start_time_ms + CASE state WHEN 'live' THEN 172800000 ELSE 0 END)) VIRTUAL;
-- What `changes` was when whatever tells who was there had been blanked; NULL where it never was.
ALTER TABLE instances ADD COLUMN identity_changes INTEGER;
-- When the instance's minutes were dropped; NULL where they never were. What was made out of them stays.
ALTER TABLE instances ADD COLUMN minutes_dropped_ms INTEGER;

CREATE INDEX instances_by_over ON instances (over_ms);
CREATE INDEX instances_with_participants ON instances (over_ms) WHERE participants > 0;
CREATE INDEX instances_with_identity ON instances (over_ms) WHERE identity_changes IS NOT changes;
CREATE INDEX archived_instances_with_minutes ON archived_instances (instance_id) WHERE minutes > 0;

-- When the latest of the meeting's instances was over that are no longer stored.
ALTER TABLE meetings ADD COLUMN last_over_ms INTEGER;
