-- Who reported an instance or a meeting first: page, lines, operator or vendor. NULL is from before this step, and counts
-- as an operator's.

ALTER TABLE instances ADD COLUMN origin TEXT;
ALTER TABLE meetings ADD COLUMN origin TEXT;

CREATE INDEX instances_of_pages ON instances (account_id, kind, number) WHERE origin = 'page';

-- What pages made before: nobody hosts it, no webhook reported it, and everybody in it came by a browser and has neither
-- a login nor a registration nor an address on the network. A vendor's record has at least one of these.
UPDATE instances SET origin = 'page'
WHERE host_id IS NULL AND host_email IS NULL AND stated_participants IS NULL AND participants > 0
    AND NOT EXISTS (SELECT 1 FROM instance_reports WHERE instance_id = instances.id)
    AND NOT EXISTS (
        SELECT 1 FROM participant_rows AS p
        WHERE p.participant_id BETWEEN instances.id << 24 AND (instances.id + 1 << 24) - 1
            AND (p.fields ->> 8 IS NOT 'Web'
                OR coalesce(
                    p.fields ->> 0, p.fields ->> 1, p.fields ->> 2, p.fields ->> 5, p.fields ->> 6, p.fields ->> 9,
                    p.fields ->> 14, p.fields ->> 17, p.fields ->> 19, p.fields ->> 20, p.fields ->> 24) IS NOT NULL));

UPDATE meetings SET origin = 'page'
WHERE host_id IS NULL AND host_email IS NULL AND uuid IS NULL AND type IS NULL AND start_time_ms IS NULL
    AND EXISTS (
        SELECT 1 FROM instances AS i
        WHERE i.account_id = meetings.account_id AND i.kind = meetings.kind AND i.number = meetings.number
            AND i.origin = 'page')
    AND NOT EXISTS (
        SELECT 1 FROM instances AS i
        WHERE i.account_id = meetings.account_id AND i.kind = meetings.kind AND i.number = meetings.number
            AND i.origin IS NULL);

-- A number that others use is not a page's.
UPDATE instances SET number = NULL, changes = changes + 1
WHERE origin = 'page' AND number IS NOT NULL
    AND EXISTS (
        SELECT 1 FROM meetings AS m
        WHERE m.account_id = instances.account_id AND m.kind = instances.kind AND m.number = instances.number
            AND m.origin IS NULL);
