/** The filters that views share. They are in the query of the address, so that a link holds them. */
import { all, any, list, Moving, name, sql, type Fragment } from "./sql";
import { dayStart, type Movement, type Span } from "./time";

/** A filter by a value. `column` is a column of `table`. A parameter can occur several times: any of its values matches. */
export interface Filter {
  key: string;
  label: string;
  table: "instances" | "participants";
  column: string;
  /** The rollups' dimension of the same values, if there is one. */
  dimension?: string;
  /** Whether the values identify people, so that they are missing for readers who may not see names. */
  personal?: boolean;
}

export const FILTERS: Filter[] = [
  { key: "place", label: "Place", table: "participants", column: "location", dimension: "location" },
  { key: "network", label: "Network", table: "participants", column: "network_type", dimension: "network_type" },
  { key: "connection", label: "Connection", table: "participants", column: "connection_type", dimension: "connection_type" },
  { key: "centre", label: "Data centre", table: "participants", column: "data_center", dimension: "data_center" },
  { key: "version", label: "Client version", table: "participants", column: "version", dimension: "version" },
  { key: "device", label: "Device", table: "participants", column: "device", dimension: "device" },
  { key: "client", label: "Client", table: "participants", column: "client" },
  { key: "person", label: "Person", table: "participants", column: "person", personal: true },
  { key: "host", label: "Host", table: "instances", column: "host", personal: true },
  { key: "department", label: "Department", table: "instances", column: "dept" },
  { key: "kind", label: "Kind", table: "instances", column: "kind" },
  { key: "origin", label: "Reported by", table: "instances", column: "origin" },
];

export const QUALITY_VALUES = ["good", "fair", "poor", "bad"] as const;

/** Parameters of the query that stay when the view changes. */
const SHARED = new Set(["last", "from", "to", "compare", "code", ...FILTERS.map((filter) => filter.key)]);

/** Returns only those parameters that views share. */
export function shared(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([key]) => SHARED.has(key)));
}

/** The periods to choose from: their value in the address, and their name. */
export const PERIODS: [string, string][] = [
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["28d", "Last 28 days"],
  ["90d", "Last 90 days"],
  ["12m", "Last 12 months"],
  ["all", "All time"],
];
export const USUAL_PERIOD = "28d";

const DAY = /^\d{4}-\d\d-\d\d$/;

/** The period of an address: a span of time in UTC, and its name. `start` is null for all time. */
export interface Period extends Movement {
  name: string;
  key: string;
  start: Date | null;
  end: Date | null;
}

/** Returns the period that the query names. Days are those of the reader's time zone; `to` is included. */
export function period(query: URLSearchParams, now: Date, usual = USUAL_PERIOD): Period {
  const [from, to] = [query.get("from"), query.get("to")];
  if ((from && DAY.test(from)) || (to && DAY.test(to))) {
    const start = from && DAY.test(from) ? dayStart(from) : null;
    const end = to && DAY.test(to) ? dayStart(to, 1) : null;
    return { name: [from ?? "start", to ?? "now"].join(" – "), key: "custom", start, end };
  }
  const key = PERIODS.some(([one]) => one === query.get("last")) ? query.get("last")! : usual;
  const [, label] = PERIODS.find(([one]) => one === key)!;
  return { name: label, key, start: back(key, now), end: null, startsAgo: key === "all" ? undefined : { ago: key } };
}

/** Returns the period before another one, equally long. Null if that has no start. */
export function before(one: Period, now: Date): Span | null {
  if (!one.start) return null;
  const end = one.end ?? now;
  return { start: new Date(2 * one.start.getTime() - end.getTime()), end: one.start };
}

function back(key: string, now: Date): Date | null {
  if (key === "all") return null;
  const count = parseInt(key);
  const start = new Date(now);
  start.setSeconds(0, 0);
  if (key.endsWith("h")) start.setHours(start.getHours() - count);
  else if (key.endsWith("d")) start.setDate(start.getDate() - count);
  else start.setMonth(start.getMonth() - count);
  return start;
}

export const stamp = (time: Date) => time.toISOString().slice(0, 19) + "Z";

/** Returns the condition that a time column is within a period. */
export function within(column: string, one: { start: Date | null; end: Date | null } & Movement): Fragment {
  const conditions = [];
  if (one.start) {
    const at = stamp(one.start);
    conditions.push(sql`${name(column)} >= ${one.startsAgo ? new Moving(at, one.startsAgo.ago, one.startsAgo.round) : at}`);
  }
  if (one.end) conditions.push(sql`${name(column)} < ${one.endsNow ? new Moving(stamp(one.end), "0h") : stamp(one.end)}`);
  return all(conditions);
}

/** The filters that are set, with their values. */
export function active(query: URLSearchParams): { filter: Filter; values: string[] }[] {
  return FILTERS.map((filter) => ({ filter, values: query.getAll(filter.key) })).filter(({ values }) => values.length);
}

/** Returns the conditions on rows of `instances`, whose alias is `i`. Those on participants become one subquery. */
export function onInstances(query: URLSearchParams): Fragment[] {
  const conditions = [];
  const set = active(query);
  for (const { filter, values } of set.filter(({ filter }) => filter.table === "instances")) {
    conditions.push(sql`${name(`i.${filter.column}`)} IN ${list(values)}`);
  }
  const inside = set.filter(({ filter }) => filter.table === "participants");
  if (inside.length) {
    const matches = inside.map(({ filter, values }) => sql`${name(filter.column)} IN ${list(values)}`);
    conditions.push(sql`i.uuid IN (SELECT instance_uuid FROM participants WHERE ${all(matches)})`);
  }
  const codes = query.getAll("code").map(splitCode);
  if (codes.length) {
    const matches = codes.map(([key, value]) => sql`(f.value ->> 'key' = ${key} AND f.value ->> 'value' = ${value})`);
    conditions.push(sql`EXISTS (SELECT 1 FROM json_each(i.tracking_fields) AS f WHERE ${any(matches)})`);
  }
  return conditions;
}

/** Splits `Cost centre:CC-1010` into label and value. */
export function splitCode(code: string): [string, string] {
  const at = code.indexOf(":");
  return at < 0 ? [code, ""] : [code.slice(0, at), code.slice(at + 1)];
}
