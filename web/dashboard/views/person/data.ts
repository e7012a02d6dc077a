/** What the page of a person asks, and the rows that come back. */
import { sql, type Fragment } from "../../lib/sql";

export interface PersonRow {
  person: string;
  user_id: string | null;
  email: string | null;
  user_name: string | null;
  first_join_time: string | null;
  last_join_time: string | null;
  participants: number;
  instances: number;
  duration_seconds: number | null;
}

export interface Visit {
  instance_uuid: string;
  topic: string | null;
  kind: string;
  host: string | null;
  start_time: string | null;
  first_join_time: string | null;
  joins: number;
  attended_seconds: number | null;
  share: number | null;
}

/** One attendance with its minutes by the worst of sound, picture and sharing. */
export interface Stay {
  instance_uuid: string;
  join_time: string | null;
  location: string | null;
  network_type: string | null;
  device: string | null;
  client: string | null;
  measured: number;
  fair: number;
  poor: number;
  bad: number;
  critical: number;
}

export interface Alias {
  user_name: string | null;
  email: string | null;
  login: string | null;
  registrant_id: string | null;
  attendances: number;
  last_join_time: string | null;
}

export const personQuery = (person: string): Fragment => sql`SELECT * FROM persons WHERE person = ${person}`;

export const visitsQuery = (person: string): Fragment => sql`
  SELECT a.instance_uuid, i.topic, i.kind, i.host, i.start_time, a.first_join_time, a.joins, a.attended_seconds, a.share
  FROM attendance AS a JOIN instances AS i ON i.uuid = a.instance_uuid
  WHERE a.person = ${person} ORDER BY a.first_join_time DESC`;

const any = (level: string) => `(q.audio_label = '${level}' OR q.video_label = '${level}' OR q.screen_share_label = '${level}')`;
const LEVELS: Fragment = {
  query: `count(coalesce(q.audio_label, q.video_label, q.screen_share_label)) AS measured,
    total(${any("fair")} AND coalesce(NOT ${any("poor")}, 1) AND coalesce(NOT ${any("bad")}, 1)) AS fair,
    total(${any("poor")} AND coalesce(NOT ${any("bad")}, 1)) AS poor, total(${any("bad")}) AS bad, total(q.health = 'Critical') AS critical`,
  values: [],
};

export const staysQuery = (person: string): Fragment => sql`
  SELECT p.instance_uuid, p.join_time, p.location, p.network_type, p.device, p.client, ${LEVELS}
  FROM participants AS p
  JOIN qos_minutes AS q ON q.instance_uuid = p.instance_uuid AND q.user_id = p.user_id AND q.join_time IS p.join_time
  WHERE p.person = ${person} GROUP BY 1, 2, 3, 4, 5, 6`;

export const aliasesQuery = (person: string): Fragment => sql`
  SELECT user_name, nullif(email, '') AS email, coalesce(nullif(id, ''), nullif(participant_user_id, '')) AS login, registrant_id,
    count(*) AS attendances, max(join_time) AS last_join_time
  FROM participants WHERE person = ${person} GROUP BY 1, 2, 3, 4 ORDER BY attendances DESC LIMIT 50`;

/** Everyone's minutes by network, place and device, from the rollups. */
export const everyoneQuery = (since: string): Fragment => sql`
  SELECT dimension, value, sum(minutes) AS minutes, sum(critical_minutes) AS critical
  FROM quality_daily WHERE dimension IN ('network_type', 'location', 'device') AND date_time >= ${since} GROUP BY 1, 2`;

/** Why an attendance is regarded as this person's: the first rule that applies, see docs/sql.md. */
export function reason(alias: Alias, person: string): string {
  if (alias.login && person === `user:${alias.login}`) return "reported with this login";
  if (alias.email && person === `email:${alias.email.toLowerCase()}`) return "same address";
  if (alias.email && person.startsWith("user:") && !alias.login) return "address of this login";
  if (alias.registrant_id && person === `registrant:${alias.registrant_id}`) return "same registration";
  if (person.startsWith("device:")) return "same name on the same device";
  if (person.startsWith("page:")) return "reported by a web page";
  return "merged by hand";
}
