-- The labels that were made out of the participant's minutes, in whose place told ones stand: 0 none, 1 bad, 2 poor,
-- 3 fair, 4 good; audio in the lowest three bits, then video, then shared content. NULL until minutes were scored.
ALTER TABLE participant_rows ADD COLUMN scored INTEGER;

-- What the minutes of an instance came to when they were scored last.
CREATE TABLE instance_quality (
    instance_id               INTEGER PRIMARY KEY REFERENCES instances (id),
    -- The labels that were made out of all minutes; NULL where nothing flowed.
    audio_quality             TEXT,
    video_quality             TEXT,
    screen_share_quality      TEXT,
    -- How many participants had which label, told or made out.
    audio_good                INTEGER NOT NULL,
    audio_fair                INTEGER NOT NULL,
    audio_poor                INTEGER NOT NULL,
    audio_bad                 INTEGER NOT NULL,
    video_good                INTEGER NOT NULL,
    video_fair                INTEGER NOT NULL,
    video_poor                INTEGER NOT NULL,
    video_bad                 INTEGER NOT NULL,
    screen_share_good         INTEGER NOT NULL,
    screen_share_fair         INTEGER NOT NULL,
    screen_share_poor         INTEGER NOT NULL,
    screen_share_bad          INTEGER NOT NULL
) STRICT;
