"""Ten questions that people ask about their meetings, in SQLite's SQL and in DuckDB's."""

from dataclasses import dataclass

# One attendance's minutes.
MINUTES_OF = "q.instance_uuid = p.instance_uuid AND q.user_id = p.user_id AND q.join_time {same} p.join_time"


@dataclass(frozen=True)
class Question:
    """A question. `{name}` is replaced by a value of the data, `{day:…}` and the like by each dialect's expression."""

    name: str
    meaning: str
    sql: str


QUESTIONS = (
    Question(
        "who",
        "who was in a meeting",
        "SELECT p.user_name, p.email, {text_time:min(p.join_time)} AS joined, count(*) AS joins"
        " FROM instances AS i JOIN participants AS p ON p.instance_uuid = i.uuid"
        " WHERE i.meeting_id = {meeting} GROUP BY 1, 2 ORDER BY 1, 2",
    ),
    Question(
        "days",
        "minutes and loss by day",
        "SELECT {day:date_time} AS day, count(*) AS minutes, avg(audio_output_avg_loss_percent) AS loss,"
        " max(audio_output_max_loss_percent) AS worst FROM qos_minutes GROUP BY 1 ORDER BY 1",
    ),
    Question(
        "worst",
        "the twenty people with the worst sound in a week",
        "SELECT p.user_name, p.email, count(*) AS minutes, avg(q.audio_output_avg_loss_percent) AS loss,"
        " avg(q.audio_output_latency_ms) AS latency"
        " FROM participants AS p JOIN qos_minutes AS q ON {minutes_of}"
        " WHERE q.date_time >= {from} AND q.date_time < {to}"
        " GROUP BY 1, 2 HAVING count(*) >= 30 ORDER BY loss DESC, 1, 2 LIMIT 20",
    ),
    Question(
        "locations",
        "latency and loss by location in a week",
        "SELECT p.location, count(*) AS minutes, avg(q.audio_output_latency_ms) AS latency,"
        " max(q.audio_output_max_loss_percent) AS worst"
        " FROM participants AS p JOIN qos_minutes AS q ON {minutes_of}"
        " WHERE q.date_time >= {from} AND q.date_time < {to} GROUP BY 1 ORDER BY 1",
    ),
    Question("count", "how many minutes there are", "SELECT count(*) AS minutes FROM qos_minutes"),
    Question(
        "rooms",
        "the twenty topics with the most hours",
        "SELECT i.topic, count(DISTINCT i.uuid) AS runs, count(*) AS attendances, sum(p.duration_seconds) / 3600.0 AS hours"
        " FROM instances AS i JOIN participants AS p ON p.instance_uuid = i.uuid"
        " GROUP BY 1 ORDER BY hours DESC, 1 LIMIT 20",
    ),
    Question(
        "networks",
        "latency and jitter by network and device, of all time",
        "SELECT p.network_type, p.device, count(*) AS minutes, avg(q.audio_input_latency_ms) AS latency,"
        " avg(q.audio_input_jitter_ms) AS jitter"
        " FROM participants AS p JOIN qos_minutes AS q ON {minutes_of} GROUP BY 1, 2 ORDER BY 1, 2",
    ),
    Question(
        "charges",
        "hours by cost centre",
        "SELECT c.value AS cost_centre, count(*) AS attendances, sum(p.duration_seconds) / 3600.0 AS hours"
        " FROM participants AS p JOIN user_tracking_codes AS c ON c.user_id = p.id"
        " WHERE c.code_id = {code} GROUP BY 1 ORDER BY 1",
    ),
    Question(
        "hours",
        "share of bad minutes by hour of the day, in a month",
        "SELECT {hour:date_time} AS hour, count(*) AS minutes,"
        " sum(CASE WHEN audio_output_avg_loss_percent > 2 THEN 1 ELSE 0 END) AS lossy,"
        " sum(CASE WHEN video_input_latency_ms > 150 THEN 1 ELSE 0 END) AS late"
        " FROM qos_minutes WHERE date_time >= {month} AND date_time < {to} GROUP BY 1 ORDER BY 1",
    ),
    Question(
        "person",
        "everything that one person attended",
        "SELECT {text_time:p.join_time} AS joined, i.topic, p.duration_seconds, p.location"
        " FROM participants AS p JOIN instances AS i ON i.uuid = p.instance_uuid"
        " WHERE p.email = {email} ORDER BY 1, 2, 3, 4",
    ),
)
