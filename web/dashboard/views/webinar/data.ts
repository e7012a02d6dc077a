/** What the page of a webinar asks. */
import type { Question } from "../../lib/pages.svelte";
import type { Sort } from "../../lib/sort";
import { all, any, containing, sql, type Fragment } from "../../lib/sql";

export interface Webinar {
  uuid: string;
  kind: string;
  state: string;
  meeting_id: number | null;
  topic: string | null;
  host: string | null;
  start_time: string | null;
  end_time: string | null;
  duration_seconds: number | null;
  runs: number;
  people: number;
  half: number | null;
  finished: number | null;
}

/** Whoever left in the last five minutes, or in the last tenth of a short webinar, stayed to the end. */
const FINISHED = sql`(a.last_leave_time IS NULL OR unixepoch(a.last_leave_time) >= unixepoch(i.end_time) - min(300, i.duration_seconds / 10))`;

/** The webinar, and who came: hosts and panelists included. */
export const webinarQuery = (uuid: string): Fragment => sql`
  SELECT i.uuid, i.kind, i.state, i.meeting_id, i.topic, i.host, i.start_time, i.end_time, i.duration_seconds,
    (SELECT count(*) FROM instances AS o WHERE o.meeting_id = i.meeting_id AND o.kind = 'webinar') AS runs,
    (SELECT count(*) FROM attendance AS a WHERE a.instance_uuid = i.uuid) AS people,
    (SELECT sum(a.share >= 0.5) FROM attendance AS a WHERE a.instance_uuid = i.uuid) AS half,
    CASE WHEN i.end_time IS NOT NULL THEN (SELECT sum(${FINISHED}) FROM attendance AS a WHERE a.instance_uuid = i.uuid) END AS finished
  FROM instances AS i WHERE i.uuid = ${uuid}`;

export interface SourceRow {
  source: string;
  url: string | null;
  visits: number | null;
  registrations: number | null;
  known: number;
  joined: number | null;
  half: number | null;
  finished: number | null;
}

/** The registrations of this webinar's number, one for each registrant, with the name of the link. */
const registrations = (uuid: string): Fragment => sql`
  SELECT r.registrant, min(lower(r.email)) AS address, coalesce(min(coalesce(t.source_name, r.source_name)), '') AS source
  FROM registrants AS r
  LEFT JOIN tracking_sources AS t ON t.meeting_id = r.meeting_id AND t.id = r.tracking_source_id
  WHERE r.kind = 'webinar' AND r.meeting_id = (SELECT meeting_id FROM instances WHERE uuid = ${uuid}) GROUP BY r.registrant`;

/** Attendances of registered people: by the registration that they joined with, else by address. */
const attended = (uuid: string): Fragment => sql`
  SELECT a.person, max(a.attended_seconds) AS attended_seconds, max(a.share) AS share, max(coalesce(a.last_leave_time, '9')) AS last_leave_time,
    max(p.registrant_id) AS registrant, max(lower(a.email)) AS address
  FROM attendance AS a
  LEFT JOIN (SELECT person, registrant_id FROM participants WHERE instance_uuid = ${uuid} AND registrant_id <> '') AS p ON p.person = a.person
  WHERE a.instance_uuid = ${uuid} GROUP BY a.person`;

const matches = sql`(g.registrant = a.registrant OR (a.registrant IS NULL AND g.address = a.address))`;

/** By source: visits and registrations of the webinar's number, and of this run who joined and stayed. */
export const sourcesQuery = (uuid: string): Fragment => sql`
  WITH
    i AS (SELECT * FROM instances WHERE uuid = ${uuid}),
    g AS (${registrations(uuid)}),
    a AS (${attended(uuid)}),
    came AS (
      SELECT g.source, count(*) AS joined, sum(a.share >= 0.5) AS half,
        sum(a.last_leave_time = '9' OR unixepoch(a.last_leave_time) >= unixepoch(i.end_time) - min(300, i.duration_seconds / 10)) AS finished
      FROM a JOIN g ON ${matches}, i GROUP BY 1
    ),
    links AS (SELECT t.source_name AS source, t.tracking_url AS url, t.visitor_count AS visits, t.registration_count AS registrations
      FROM tracking_sources AS t, i WHERE t.meeting_id = i.meeting_id),
    known AS (SELECT source, count(*) AS known FROM g GROUP BY 1)
  SELECT s.source, l.url, l.visits, coalesce(l.registrations, k.known) AS registrations, coalesce(k.known, 0) AS known, c.joined, c.half, c.finished
  FROM (SELECT source FROM links UNION SELECT source FROM known) AS s
  LEFT JOIN links AS l ON l.source = s.source LEFT JOIN known AS k ON k.source = s.source LEFT JOIN came AS c ON c.source = s.source
  ORDER BY finished DESC, joined DESC, registrations DESC`;

export interface FlowRow {
  minute: number;
  joined: number;
  left: number;
}

/** People who came for the first time, and who left for good, by minute since `origin` (in seconds since 1970). */
export const flowQuery = (uuid: string, origin: number): Fragment => sql`
  SELECT (unixepoch(t) - ${origin}) / 60 AS minute, sum(came) AS joined, sum(went) AS left
  FROM (
    SELECT first_join_time AS t, 1 AS came, 0 AS went FROM attendance WHERE instance_uuid = ${uuid}
    UNION ALL SELECT last_leave_time, 0, 1 FROM attendance WHERE instance_uuid = ${uuid}
  ) WHERE t IS NOT NULL GROUP BY 1 ORDER BY 1`;

export interface RegistrantRow {
  registrant: string;
  name: string | null;
  email: string | null;
  source: string;
  status: string | null;
  create_time: string | null;
  person: string | null;
  attended_seconds: number | null;
  share: number | null;
}

export const CAME = { "": "Everybody registered", yes: "Came", half: "Stayed half", early: "Left before half", no: "Missed it" } as const;
export type Came = keyof typeof CAME;

const CAME_IS: Record<Came, Fragment | null> = {
  "": null,
  yes: sql`a.person IS NOT NULL`,
  half: sql`a.share >= 0.5`,
  early: sql`a.share < 0.5`,
  no: sql`a.person IS NULL`,
};

/** Registrants with their attendance of this run. */
export function registrantsQuestion(uuid: string, filter: { text: string; source: string | null; came: Came; sort: Sort }): Question {
  const conditions: Fragment[] = [];
  if (filter.text) {
    const like = containing(filter.text);
    conditions.push(any([sql`n.name LIKE ${like} ESCAPE '\\'`, sql`n.email LIKE ${like} ESCAPE '\\'`]));
  }
  if (filter.source !== null) conditions.push(sql`g.source = ${filter.source}`);
  const came = CAME_IS[filter.came];
  if (came) conditions.push(came);
  const order = SORTS[filter.sort.key]!;
  const direction = filter.sort.order === "desc" ? sql`DESC` : sql`ASC`;
  const from = sql`
    FROM (${registrations(uuid)}) AS g
    JOIN (SELECT registrant, max(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))) AS name, max(email) AS email, max(status) AS status,
      min(create_time) AS create_time FROM registrants WHERE kind = 'webinar' AND meeting_id = (SELECT meeting_id FROM instances WHERE uuid = ${uuid}) GROUP BY 1) AS n
      ON n.registrant = g.registrant
    LEFT JOIN (${attended(uuid)}) AS a ON ${matches}
    WHERE ${all(conditions)}`;
  return {
    count: sql`SELECT count(*) ${from}`,
    rows: (limit) => sql`
      SELECT g.registrant, n.name, n.email, g.source, n.status, n.create_time, a.person, a.attended_seconds, a.share ${from}
      ORDER BY ${order} ${direction} NULLS LAST, g.registrant ${limit}`,
  };
}

export const SORTS: Record<string, Fragment> = {
  name: sql`n.name COLLATE NOCASE`,
  source: sql`g.source COLLATE NOCASE`,
  registered: sql`n.create_time`,
  attended: sql`a.attended_seconds`,
};
