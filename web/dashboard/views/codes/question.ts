/** Who pays: minutes and runs by code and month. docs/sql.md explains which code counts. */
import { onInstances, within } from "../../lib/filters";
import { all, name, sql, type Fragment } from "../../lib/sql";

export interface LabelRow {
  label: string;
  runs: number;
}

/** The labels that runs, tracking fields and tracking codes have, the most used first. Former labels of a field count as the present one. */
export const labelsQuery = (): Fragment => sql`
  SELECT label, sum(runs) AS runs FROM (
    SELECT coalesce(t.current_label, f.value ->> 'key') AS label, count(*) AS runs
    FROM instances AS i, json_each(i.tracking_fields) AS f LEFT JOIN tracking_fields AS t ON t.label = f.value ->> 'key' GROUP BY 1
    UNION ALL SELECT current_label, 0 FROM tracking_fields WHERE current_label IS NOT NULL
    UNION ALL SELECT name, 0 FROM tracking_codes
  ) WHERE label <> '' GROUP BY 1 ORDER BY runs DESC, label`;

export interface Asked {
  label: string;
  /** Only codes of this Webex site; null for any. */
  site: string | null;
  span: { start: Date | null; end: Date | null };
  query: URLSearchParams;
}

/** The label of cost centres, for which a login's own field counts as well. */
export const isCostCentre = (label: string) => /^cost[ _-]?cent(re|er)s?$/i.test(label);

/** Runs with the code that counts, where it comes from, and their attendances. The run's own label comes first, then the host's code. */
export function runs({ label, site, span, query }: Asked): Fragment {
  const former = sql`SELECT label FROM tracking_fields WHERE id IN (SELECT id FROM tracking_fields WHERE current_label = ${label})`;
  const own = sql`(SELECT f.value ->> 'value' FROM json_each(i.tracking_fields) AS f
        WHERE (f.value ->> 'key' = ${label} OR f.value ->> 'key' IN (${former})) AND f.value ->> 'value' <> '' LIMIT 1)`;
  const assigned = sql`(SELECT min(c.value) FROM user_tracking_codes AS c
        WHERE c.user_id = i.host_id AND c.name = ${label} AND c.value <> ''${site ? sql` AND c.site_url = ${site}` : sql``})`;
  const login = isCostCentre(label) ? sql`(SELECT nullif(u.cost_center, '') FROM users AS u WHERE u.id = i.host_id)` : sql`NULL`;
  const others = new URLSearchParams(query);
  others.delete("code");
  return sql`
    SELECT uuid, topic, host, dept, start_time, month, attendances, minutes, coalesce(own, assigned, login, '') AS code,
      CASE WHEN own IS NOT NULL THEN 'run' WHEN assigned IS NOT NULL THEN 'host' WHEN login IS NOT NULL THEN 'login' ELSE '' END AS via
    FROM (
      SELECT i.uuid, i.topic, i.host, i.dept, i.start_time, substr(i.start_time, 1, 7) AS month, coalesce(p.attendances, 0) AS attendances,
        coalesce(p.seconds, 0) / 60.0 AS minutes, ${own} AS own, ${assigned} AS assigned, ${login} AS login
      FROM instances AS i
      LEFT JOIN (SELECT instance_uuid, count(*) AS attendances, sum(duration_seconds) AS seconds FROM participants GROUP BY 1) AS p ON p.instance_uuid = i.uuid
      WHERE ${all([within("i.start_time", span), sql`i.start_time IS NOT NULL`, ...onInstances(others)])}
    )`;
}

export interface UseRow {
  code: string;
  month: string;
  via: "run" | "host" | "login" | "";
  runs: number;
  attendances: number;
  minutes: number;
}

export const useQuery = (asked: Asked): Fragment => sql`
  SELECT code, month, via, count(*) AS runs, sum(attendances) AS attendances, round(sum(minutes)) AS minutes
  FROM (${runs(asked)}) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

export interface HostRow {
  host: string | null;
  dept: string | null;
  runs: number;
  minutes: number;
  uuid: string;
  topic: string | null;
  last: string;
}

/** Hosts of the runs that have no code. */
export const withoutQuery = (asked: Asked): Fragment => sql`
  SELECT host, dept, count(*) AS runs, round(sum(minutes)) AS minutes, uuid, topic, max(start_time) AS last
  FROM (${runs(asked)}) WHERE code = '' GROUP BY host, dept ORDER BY minutes DESC LIMIT 200`;

export interface RunRow {
  uuid: string;
  topic: string | null;
  host: string | null;
  start_time: string;
  attendances: number;
  minutes: number;
}

/** The runs of one code, the longest first. */
export const runsQuery = (asked: Asked, code: string, limit: number): Fragment => sql`
  SELECT uuid, topic, host, start_time, attendances, round(minutes) AS minutes FROM (${runs(asked)}) WHERE code = ${code} ORDER BY minutes DESC, start_time LIMIT ${limit}`;

export interface CodeRow {
  site_url: string;
  id: string;
  name: string;
  input_mode: string;
  options: string | null;
  host_profile_code: string;
  schedule_start_codes: string | null;
  users: number;
}

export const codesQuery = (): Fragment => sql`
  SELECT c.site_url, c.id, c.name, c.input_mode, c.options, c.host_profile_code, c.schedule_start_codes,
    (SELECT count(*) FROM user_tracking_codes AS u WHERE u.site_url = c.site_url AND u.code_id = c.id) AS users
  FROM tracking_codes AS c ORDER BY c.site_url, CAST(c.id AS INTEGER), c.id`;

export interface FieldRow {
  id: string;
  label: string;
  former: string | null;
  recommended_values: string | null;
  required: number | null;
  visible: number | null;
}

export const fieldsQuery = (): Fragment => sql`
  SELECT t.id, t.label, (SELECT group_concat(o.label, ', ') FROM tracking_fields AS o WHERE o.id = t.id AND o.label <> t.label) AS former,
    t.recommended_values, t.required, t.visible
  FROM tracking_fields AS t WHERE t.label = t.current_label ORDER BY t.label`;

export interface SiteRow {
  site_url: string;
  is_default: number;
}
export const sitesQuery = (): Fragment => sql`SELECT site_url, is_default FROM ${name("sites")} ORDER BY is_default DESC, site_url`;
