/** What the page of a person asks, and the rows that come back. */
import { worst } from "../../lib/quality";
import { list, sql, type Fragment } from "../../lib/sql";

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

/** An attendance, and where it was from. */
export interface Attendance {
  instance_uuid: string;
  user_id: string | null;
  join_time: string | null;
  location: string | null;
  network_type: string | null;
  device: string | null;
  client: string | null;
}

/** The number of an attendance's minutes with these labels. */
export interface LabelCount {
  instance_uuid: string;
  user_id: string | null;
  join_time: string | null;
  audio_label: string | null;
  video_label: string | null;
  screen_share_label: string | null;
  health: string | null;
  n: number;
}

export const attendancesQuery = (person: string): Fragment => sql`
  SELECT instance_uuid, user_id, join_time, location, network_type, device, client FROM participants WHERE person = ${person}`;

/** How many instances are named in one query. */
const AT_ONCE = 300;

/**
 * Queries of the minutes of some attendances. They name one table and group by columns, which the server reads column by column:
 * ten times as fast as a join with participants. `user_id` is unique within an instance only, so other people's rows come with them.
 */
export function labelQueries(attendances: Attendance[]): Fragment[] {
  const instances = [...new Set(attendances.map((one) => one.instance_uuid))];
  const queries = [];
  for (let at = 0; at < instances.length; at += AT_ONCE) {
    const some = new Set(instances.slice(at, at + AT_ONCE));
    const users = [...new Set(attendances.filter((one) => some.has(one.instance_uuid)).map((one) => one.user_id))];
    queries.push(sql`
      SELECT instance_uuid, user_id, join_time, audio_label, video_label, screen_share_label, health, count(*) AS n
      FROM qos_minutes WHERE instance_uuid IN ${list([...some])} AND user_id IN ${list(users)} GROUP BY 1, 2, 3, 4, 5, 6, 7`);
  }
  return queries;
}

const keyOf = (one: { instance_uuid: string; user_id: string | null; join_time: string | null }) => JSON.stringify([one.instance_uuid, one.user_id, one.join_time]);

/** Adds up the minutes of each attendance by the worst of their labels. Rows of other people are left out. */
export function stays(attendances: Attendance[], counts: LabelCount[]): Stay[] {
  const found = new Map(attendances.map((one) => [keyOf(one), { ...one, measured: 0, fair: 0, poor: 0, bad: 0, critical: 0 }]));
  for (const row of counts) {
    const stay = found.get(keyOf(row));
    if (!stay) continue;
    const level = worst(row.audio_label, row.video_label, row.screen_share_label);
    if (level) stay.measured += row.n;
    if (level === "fair" || level === "poor" || level === "bad") stay[level] += row.n;
    if (row.health === "Critical") stay.critical += row.n;
  }
  return [...found.values()];
}

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
