-- An instance of which nothing is heard for long counts as ended, until something is. What sources told of its state and
-- its end stands apart from what follows: `state` and `end_time_ms` are what everybody asks for.

DROP INDEX instances_by_number;
DROP INDEX instances_by_start;
DROP INDEX instances_by_end;
DROP INDEX instances_unsealed;
DROP INDEX instances_large;
DROP INDEX instances_by_over;
DROP INDEX instances_with_participants;
DROP INDEX instances_with_identity;
ALTER TABLE instances DROP COLUMN over_ms;

ALTER TABLE instances RENAME COLUMN state TO told_state;
ALTER TABLE instances RENAME COLUMN end_time_ms TO told_end_ms;
-- The latest sign of life that was looked for; NULL where none was.
ALTER TABLE instances ADD COLUMN alive_ms INTEGER;
-- Whether it is so old that the instance counts as ended, unless its end was told.
ALTER TABLE instances ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN state TEXT GENERATED ALWAYS AS
    (CASE lapsed WHEN 1 THEN 'past' ELSE told_state END) VIRTUAL;
ALTER TABLE instances ADD COLUMN end_time_ms INTEGER GENERATED ALWAYS AS
    (coalesce(told_end_ms, CASE WHEN lapsed = 1 AND told_state = 'live' THEN alive_ms END)) VIRTUAL;
-- As before: when the instance was over.
ALTER TABLE instances ADD COLUMN over_ms INTEGER GENERATED ALWAYS AS
    (coalesce(end_time_ms, start_time_ms + CASE state WHEN 'live' THEN 172800000 ELSE 0 END)) VIRTUAL;

CREATE INDEX instances_by_number ON instances (account_id, kind, number, state, start_time_ms);
CREATE INDEX instances_by_start ON instances (account_id, kind, state, start_time_ms);
CREATE INDEX instances_by_end ON instances (account_id, kind, state, end_time_ms);
CREATE INDEX instances_unsealed ON instances (id) WHERE state = 'past' AND sealed_changes IS NOT changes;
CREATE INDEX instances_large ON instances (id) WHERE state = 'past' AND participants > 300;
CREATE INDEX instances_by_over ON instances (over_ms);
CREATE INDEX instances_with_participants ON instances (over_ms) WHERE participants > 0;
CREATE INDEX instances_with_identity ON instances (over_ms) WHERE identity_changes IS NOT changes;

-- Live instances, the longest in silence first: few, however many instances there are.
CREATE INDEX instances_silent ON instances (coalesce(alive_ms, start_time_ms, 0)) WHERE told_state = 'live' AND lapsed = 0;
CREATE INDEX instances_lapsed ON instances (id) WHERE told_state = 'live' AND lapsed = 1;
