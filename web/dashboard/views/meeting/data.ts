/** What the page of a meeting asks, and the rows that come back. */
import { sql, type Fragment } from "../../lib/sql";

export interface Instance {
  uuid: string;
  kind: string;
  state: string;
  topic: string | null;
  host: string | null;
  email: string | null;
  department: string | null;
  meeting_id: number | null;
  start_time: string | null;
  end_time: string | null;
  duration_seconds: number | null;
  audio_quality: string | null;
  video_quality: string | null;
  screen_share_quality: string | null;
  has_recording: number | null;
  codes: string | null;
}

export interface Attendance {
  user_id: string | null;
  join_time: string | null;
  leave_time: string | null;
  person: string | null;
  user_name: string | null;
  email: string | null;
  role: string | null;
  status: string | null;
  location: string | null;
  network_type: string | null;
  connection_type: string | null;
  data_center: string | null;
  device: string | null;
  os: string | null;
  client: string | null;
  version: string | null;
  ip_address: string | null;
  bo_mtg_id: string | null;
  leave_reason: string | null;
}

/** Minutes of one attendance: `minutes` and `labels` have a character for each minute, see `decode`. */
export interface Minutes {
  user_id: string | null;
  join_time: string | null;
  minutes: string;
  labels: string;
}

export const instanceQuery = (uuid: string): Fragment => sql`
  SELECT uuid, kind, state, topic, host, email, dept AS department, meeting_id, start_time, end_time, duration_seconds,
    audio_quality, video_quality, screen_share_quality, has_recording, tracking_fields AS codes
  FROM instances WHERE uuid = ${uuid}`;

export const attendanceQuery = (uuid: string): Fragment => sql`
  SELECT user_id, join_time, leave_time, person, user_name, email, role, status, location, network_type, connection_type,
    data_center, device, os, client, version, ip_address, bo_mtg_id, leave_reason
  FROM participants WHERE instance_uuid = ${uuid} ORDER BY join_time, user_id`;

/** The code point of minute 0, and of a minute without labels. Both are printable, so that JSON does not escape them. */
export const FIRST = 40;
/** Characters end before the surrogates: minutes beyond are left out. */
export const MOST_MINUTES = 0xd800 - FIRST;

const level = (column: Fragment): Fragment => sql`CASE ${column} WHEN 'good' THEN 1 WHEN 'fair' THEN 2 WHEN 'poor' THEN 3 WHEN 'bad' THEN 4 ELSE 0 END`;

/** One row for each attendance instead of one for each minute: a tenth of the bytes. `origin` is minute 0, in seconds since 1970. */
export const minutesQuery = (uuid: string, origin: number): Fragment => sql`
  SELECT user_id, join_time,
    group_concat(char(${FIRST} + (unixepoch(date_time) - ${origin}) / 60), '') AS minutes,
    group_concat(char(${FIRST} + ${level(sql`audio_label`)} + 5 * ${level(sql`video_label`)} + 25 * ${level(sql`screen_share_label`)}), '') AS labels
  FROM qos_minutes
  WHERE instance_uuid = ${uuid} AND unixepoch(date_time) BETWEEN ${origin} AND ${origin + (MOST_MINUTES - 1) * 60}
  GROUP BY user_id, join_time`;

const TROUBLE = ["audio_label", "video_label", "screen_share_label"].map((column) => `q.${column} IN ('poor', 'bad')`).join(" OR ");

/** The table behind the page: attendances with their minutes in trouble. */
export const tableQuery = (uuid: string): Fragment => sql`
  SELECT p.user_name, p.email, p.role, p.join_time, p.leave_time, p.duration_seconds, p.location, p.network_type, p.device, p.client, p.version,
    p.audio_quality, p.video_quality, p.screen_share_quality, q.measured AS minutes_measured, q.trouble AS minutes_poor_or_bad
  FROM participants AS p
  LEFT JOIN (
    SELECT user_id, join_time, count(coalesce(audio_label, video_label, screen_share_label)) AS measured, sum(${{ query: TROUBLE, values: [] }}) AS trouble
    FROM qos_minutes AS q WHERE instance_uuid = ${uuid} GROUP BY user_id, join_time
  ) AS q ON q.user_id = p.user_id AND q.join_time IS p.join_time
  WHERE p.instance_uuid = ${uuid} ORDER BY p.join_time`;

export const STREAMS = ["audio", "video", "as"] as const;
export const DIRECTIONS = ["input", "output"] as const;

/** One person's minutes with every measure. `input` is what the person sends. */
export function streamsQuery(uuid: string, attendances: { user_id: string | null; join_time: string | null }[]): Fragment {
  const measures = STREAMS.flatMap((stream) =>
    DIRECTIONS.flatMap((direction) => {
      const start = `${stream}_${direction}`;
      const common = [`${start}_latency_ms`, `${start}_jitter_ms`, `${start}_avg_loss_percent`, `${start}_bitrate_bps`];
      return stream === "audio" ? common : [...common, `${start}_frame_rate_fps`];
    }),
  );
  const columns: Fragment = { query: measures.join(", "), values: [] };
  const users = [...new Set(attendances.map(({ user_id }) => user_id))];
  const marks: Fragment = { query: users.map(() => "?").join(", "), values: users };
  return sql`
    SELECT date_time, audio_label, audio_reason, audio_mos, video_label, video_reason, screen_share_label, screen_share_reason,
      zoom_avg_cpu_usage_percent, system_max_cpu_usage_percent, avg_rssi_dbm, ${columns}
    FROM qos_minutes WHERE instance_uuid = ${uuid} AND user_id IN (${marks}) ORDER BY date_time`;
}
