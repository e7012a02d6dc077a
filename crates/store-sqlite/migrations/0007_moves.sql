-- Whose minutes may lie with another attendance than their own: a join has become known, and the minute stores have not yet
-- been told. Written with the join and gone with the move, so that one which a crash has cut short is made at the next start.
CREATE TABLE unfinished_moves (
    instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    user_id     TEXT NOT NULL,
    account_id  INTEGER NOT NULL,
    PRIMARY KEY (instance_id, user_id)
) STRICT, WITHOUT ROWID;
