/** The question behind the list of webinars. */
import { onInstances, period, within } from "../../lib/filters";
import type { Question } from "../../lib/pages.svelte";
import { readSort } from "../../lib/sort";
import { all, any, containing, sql, type Fragment } from "../../lib/sql";
import type { Column } from "../../parts/VirtualTable.svelte";

export interface WebinarRow {
  uuid: string;
  topic: string | null;
  host: string | null;
  state: string;
  start_time: string | null;
  duration_seconds: number | null;
  visits: number | null;
  registrations: number | null;
  people: number | null;
  half: number | null;
}

export const COLUMNS: Column[] = [
  { key: "topic", label: "Topic", sort: "asc" },
  { key: "host", label: "Host", width: 170, sort: "asc", wide: true },
  { key: "start", label: "Start", width: 132, sort: "desc", wide: true },
  { key: "length", label: "Length", width: 96, align: "end", sort: "desc", wide: true },
  { key: "visits", label: "Visits", width: 84, align: "end", sort: "desc", wide: true, hint: "Openings of its links. All runs of the same number share them." },
  { key: "registrations", label: "Registered", width: 92, align: "end", sort: "desc", hint: "Registrations by its links. All runs of the same number share them." },
  { key: "people", label: "People", width: 76, align: "end", hint: "Who came, panelists included. A person counts once." },
  { key: "half", label: "Stayed half", width: 150, align: "end", wide: true, hint: "People who were there for at least half of it" },
];

const VISITS = sql`(SELECT sum(t.visitor_count) FROM tracking_sources AS t WHERE t.meeting_id = i.meeting_id)`;
const REGISTRATIONS = sql`coalesce((SELECT sum(t.registration_count) FROM tracking_sources AS t WHERE t.meeting_id = i.meeting_id),
      (SELECT nullif(count(DISTINCT r.registrant), 0) FROM registrants AS r WHERE r.kind = 'webinar' AND r.meeting_id = i.meeting_id))`;

const ORDER: Record<string, Fragment> = {
  topic: sql`i.topic COLLATE NOCASE`,
  host: sql`i.host COLLATE NOCASE`,
  start: sql`i.start_time`,
  length: sql`i.duration_seconds`,
  visits: VISITS,
  registrations: REGISTRATIONS,
};

export const sortOf = (query: URLSearchParams) => readSort(query.get("sort"), ORDER, { key: "start", order: "desc" });

export function question(query: URLSearchParams, now: Date): Question {
  const conditions = [sql`i.kind = 'webinar'`, within("i.start_time", period(query, now)), ...onInstances(query)];
  const text = query.get("q")?.trim();
  if (text) {
    const like = containing(text);
    conditions.push(any([sql`i.topic LIKE ${like} ESCAPE '\\'`, sql`i.host LIKE ${like} ESCAPE '\\'`, sql`CAST(i.meeting_id AS TEXT) = ${text.replace(/\s/g, "")}`]));
  }
  const sort = sortOf(query);
  const order = sql`${ORDER[sort.key]!} ${sort.order === "asc" ? sql`ASC` : sql`DESC`} NULLS LAST, i.start_time DESC, i.uuid`;
  const where = all(conditions);
  return {
    count: sql`SELECT count(*) FROM instances AS i WHERE ${where}`,
    rows: (limit) => sql`
      SELECT i.uuid, i.topic, i.host, i.state, i.start_time, i.duration_seconds, ${VISITS} AS visits, ${REGISTRATIONS} AS registrations,
        (SELECT count(*) FROM attendance AS a WHERE a.instance_uuid = i.uuid) AS people,
        (SELECT sum(a.share >= 0.5) FROM attendance AS a WHERE a.instance_uuid = i.uuid) AS half
      FROM (SELECT * FROM instances AS i WHERE ${where} ORDER BY ${order} ${limit}) AS i ORDER BY ${order}`,
  };
}

export interface PlannedRow {
  meeting_id: number;
  topic: string | null;
  start_time: string;
  visits: number | null;
  registrations: number | null;
}

/** Webinars that have not begun. */
export const plannedQuery = (now: string): Fragment => sql`
  SELECT i.meeting_id, i.topic, i.start_time, ${VISITS} AS visits, ${REGISTRATIONS} AS registrations
  FROM meetings AS i WHERE i.kind = 'webinar' AND i.deleted_at IS NULL AND i.start_time > ${now} ORDER BY i.start_time LIMIT 10`;
