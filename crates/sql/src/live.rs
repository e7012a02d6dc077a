//! What a list of live meetings asks, again and again: few rows each, found by index.

/// Maximum number of live instances in the list.
pub const MAX_LIVE_INSTANCES: usize = 200;

/// The live instances, oldest first, with the number of people who are in them. Columns: `uuid`, `kind`, `meeting_id`,
/// `topic`, `host`, `start_time`, `people`. One value: [`MAX_LIVE_INSTANCES`].
pub const LIVE_INSTANCES: &str = "
SELECT i.uuid, i.kind, i.meeting_id, i.topic, i.host, i.start_time,
    (SELECT count(*) FROM participants AS p
     WHERE p.instance_uuid = i.uuid AND p.leave_time IS NULL AND p.status IS NOT 'in_waiting_room') AS people
FROM instances AS i WHERE i.state = 'live' ORDER BY i.start_time, i.uuid LIMIT ?";

/// Their minutes since a time, by instance. Columns: `instance_uuid`, `date_time`, the participant-minutes in which media
/// were measured, and those with the health Warning or Critical. One value: the time.
pub const LIVE_MINUTES: &str = "
SELECT instance_uuid, date_time, count(health), sum(health <> 'Good') FROM qos_minutes
WHERE instance_uuid IN (SELECT uuid FROM instances WHERE state = 'live') AND date_time >= ?
GROUP BY 1, 2 ORDER BY 1, 2";

/// Whose minutes since a time are in trouble, the worst first. Columns: `instance_uuid`, the participant's name (NULL if
/// it is unknown). One value: the time.
pub const LIVE_TROUBLE: &str = "
SELECT g.instance_uuid,
    (SELECT p.user_name FROM participants AS p
     WHERE p.instance_uuid = g.instance_uuid AND p.user_id = g.user_id AND p.join_time IS g.join_time)
FROM (SELECT instance_uuid, user_id, join_time, max(health = 'Critical') AS critical, count(*) AS minutes
      FROM qos_minutes
      WHERE instance_uuid IN (SELECT uuid FROM instances WHERE state = 'live') AND date_time >= ? AND health <> 'Good'
      GROUP BY 1, 2, 3 ORDER BY critical DESC, minutes DESC, user_id LIMIT 500) AS g";
