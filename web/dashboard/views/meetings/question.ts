/** The question behind the list of meetings. */
import { onInstances, period, QUALITY_VALUES, within } from "../../lib/filters";
import type { Question } from "../../lib/pages.svelte";
import { readSort } from "../../lib/sort";
import { all, any, containing, list, name, sql, type Fragment } from "../../lib/sql";
import type { Column } from "../../parts/VirtualTable.svelte";

export interface MeetingRow {
  topic: string | null;
  host: string | null;
  start_time: string | null;
  end_time: string | null;
  duration_seconds: number | null;
  participants: number;
  good: number;
  fair: number;
  poor: number;
  bad: number;
  not_measured: number;
  audio_quality: string | null;
  video_quality: string | null;
  screen_share_quality: string | null;
  kind: string;
  state: string;
  meeting_id: number | null;
  department: string | null;
  origin: string | null;
  code: string | null;
  uuid: string;
}

export const COLUMNS: Column[] = [
  { key: "topic", label: "Topic", sort: "asc" },
  { key: "host", label: "Host", width: 170, sort: "asc", wide: true },
  { key: "start", label: "Start", width: 132, sort: "desc", wide: true },
  { key: "length", label: "Length", width: 96, align: "end", sort: "desc", wide: true },
  { key: "people", label: "Attendances", width: 98, align: "end", sort: "desc", wide: true, hint: "Joins up to their leave. A person who rejoins counts twice." },
  { key: "quality", label: "Quality", width: 128, sort: "desc", hint: "Attendances by the worst of their sound, picture and sharing. Taller and darker is worse." },
  { key: "sound", label: "Sound", width: 88, sort: "desc", wide: true },
  { key: "picture", label: "Picture", width: 88, sort: "desc", wide: true },
  { key: "sharing", label: "Sharing", width: 88, sort: "desc", wide: true },
  { key: "code", label: "Code", width: 140, wide: true },
  { key: "department", label: "Department", width: 140, sort: "asc", wide: true },
  { key: "number", label: "Number", width: 118, align: "end", sort: "asc", wide: true },
  { key: "origin", label: "Reported by", width: 96, sort: "asc", wide: true, hint: "Who reported it first: a vendor, the operator, lines or a page." },
];
export const USUAL_COLUMNS = ["topic", "host", "start", "length", "people", "quality"];

const rank = (column: string): Fragment =>
  sql`CASE ${name(column)} WHEN 'good' THEN 1 WHEN 'fair' THEN 2 WHEN 'poor' THEN 3 WHEN 'bad' THEN 4 ELSE 0 END`;
const WORST = sql`max(${rank("i.audio_quality")}, ${rank("i.video_quality")}, ${rank("i.screen_share_quality")})`;

/** What rows are sorted by. */
const ORDER: Record<string, Fragment> = {
  topic: sql`i.topic COLLATE NOCASE`,
  host: sql`i.host COLLATE NOCASE`,
  start: sql`i.start_time`,
  length: sql`i.duration_seconds`,
  people: sql`i.participants`,
  quality: WORST,
  sound: rank("i.audio_quality"),
  picture: rank("i.video_quality"),
  sharing: rank("i.screen_share_quality"),
  department: sql`i.dept COLLATE NOCASE`,
  number: sql`i.meeting_id`,
  origin: sql`i.origin`,
};

/** The order of the list, as `sort=people` or `sort=-people`. */
export const sortOf = (query: URLSearchParams) => readSort(query.get("sort"), ORDER, { key: "start", order: "desc" });

/** Labels of an attendance, from the worst: the first that it has counts. */
const has = (level: string) => sql`${level} IN (p.audio_quality, p.video_quality, p.screen_share_quality)`;

/** Returns the question for an address. */
export function question(query: URLSearchParams, now: Date): Question {
  const conditions = [within("i.start_time", period(query, now)), ...onInstances(query)];
  const text = query.get("q")?.trim();
  if (text) {
    const like = containing(text);
    conditions.push(
      any([
        sql`i.topic LIKE ${like} ESCAPE '\\'`,
        sql`i.host LIKE ${like} ESCAPE '\\'`,
        sql`i.email LIKE ${like} ESCAPE '\\'`,
        sql`CAST(i.meeting_id AS TEXT) = ${text.replace(/\s/g, "")}`,
        sql`i.uuid = ${text}`,
      ]),
    );
  }
  const levels = query.getAll("quality").map((level) => QUALITY_VALUES.indexOf(level as never) + 1).filter(Boolean);
  if (levels.length) conditions.push(sql`${WORST} IN ${list(levels)}`);
  const where = all(conditions);
  const sort = sortOf(query);
  const direction = sort.order === "asc" ? sql`ASC` : sql`DESC`;
  const order = (uuid: Fragment) => sql`${ORDER[sort.key]!} ${direction} NULLS LAST, i.start_time DESC, ${uuid}`;
  return {
    count: sql`SELECT count(*) FROM instances AS i WHERE ${where}`,
    rows: (limit) => sql`
      SELECT i.topic, i.host, i.start_time, i.end_time, i.duration_seconds, i.participants,
        sum(p.worst = 1) AS good, sum(p.worst = 2) AS fair, sum(p.worst = 3) AS poor, sum(p.worst = 4) AS bad, sum(p.worst = 0) AS not_measured,
        i.audio_quality, i.video_quality, i.screen_share_quality, i.kind, i.state, i.meeting_id, i.dept AS department, i.origin,
        (SELECT group_concat(f.value ->> 'value', ', ') FROM json_each(i.tracking_fields) AS f) AS code, i.uuid
      FROM (SELECT * FROM instances AS i WHERE ${where} ORDER BY ${order(sql`i.uuid`)} ${limit}) AS i
      LEFT JOIN (
        SELECT instance_uuid, CASE WHEN ${has("bad")} THEN 4 WHEN ${has("poor")} THEN 3 WHEN ${has("fair")} THEN 2 WHEN ${has("good")} THEN 1 ELSE 0 END AS worst
        FROM participants AS p
      ) AS p ON p.instance_uuid = i.uuid
      GROUP BY i.uuid ORDER BY ${order(sql`i.uuid`)}`,
  };
}
