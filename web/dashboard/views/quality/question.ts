/** What the page on quality asks. Rollups answer it, unless filters of several dimensions are set: those need the minutes. */
import { active, before, FILTERS, period, within, type Filter, type Period } from "../../lib/filters";
import { binEnd, binOf, binStart, type Bin } from "../../lib/axis";
import { all, list, name, sql, type Fragment } from "../../lib/sql";
import type { Span } from "../../lib/time";
import { MEASURES, TROUBLES, type Measure, type TroubleKey } from "./measures";

/** A filter whose values rollups count. */
export interface Dimension extends Filter {
  dimension: string;
}
export const DIMENSIONS = FILTERS.filter((filter): filter is Dimension => !!filter.dimension);
export const FILTER_KEYS = DIMENSIONS.map(({ key }) => key);

/** With fewer minutes, a share says nothing and is not drawn. */
export const LEAST_MINUTES = 100;
/** Up to this many days, minutes are counted without being asked to. */
export const MINUTES_DAYS = 31;

export const COMPARISONS: Record<string, string> = { "": "No comparison", previous: "vs previous period", year: "vs a year before" };

/** Everything on the page that the address decides. */
export interface Shown {
  period: Period;
  span: Span;
  bin: Bin;
  compared: Span | null;
  compare: string;
  filters: { filter: Dimension; values: string[] }[];
  measure: Measure;
  trouble: TroubleKey;
}

const YEAR_AGO = (time: Date) => {
  const moved = new Date(time);
  moved.setUTCFullYear(moved.getUTCFullYear() - 1);
  return moved;
};

/** Reads the address. `since` is when the first minute was: all time begins there. */
export function shown(query: URLSearchParams, now: Date, since: Date | null): Shown {
  const chosen = period(query, now);
  const start = chosen.start ?? since ?? now;
  const end = chosen.end && chosen.end < now ? chosen.end : now;
  const bin = binOf(end.getTime() - start.getTime());
  // Rollups are of whole hours and days, so the first one is counted in full.
  const round = bin === "hour" ? "hour" : "day";
  const startsAgo = chosen.startsAgo && { ...chosen.startsAgo, round } as const;
  const span = { start: binStart(start, round), end, startsAgo, endsNow: end === now };
  const compare = chosen.start && query.get("compare")! in COMPARISONS ? query.get("compare")! : "";
  return {
    period: chosen,
    span,
    bin,
    compare,
    compared: compare === "year" ? { start: YEAR_AGO(span.start), end: YEAR_AGO(span.end) } : compare ? before({ ...chosen, ...span }, now) : null,
    filters: active(query).filter((one): one is { filter: Dimension; values: string[] } => !!one.filter.dimension),
    measure: MEASURES.find(({ key }) => key === query.get("measure")) ?? MEASURES[0]!,
    trouble: (query.get("trouble") ?? "") in TROUBLES ? (query.get("trouble") as TroubleKey) : "any",
  };
}

/** How far into the past the compared period lies, in milliseconds. */
export const shift = ({ span, compared }: Shown) => (compared ? span.start.getTime() - compared.start.getTime() : 0);

/** Whether rollups can answer: they count one dimension at a time. */
export const byRollups = ({ filters }: Shown) => filters.length <= 1;

const rollup = (bin: Bin) => name(bin === "hour" ? "quality_hourly" : "quality_daily");

/** The condition that a rollup's row begins within the span. */
function rollupRows(filters: Shown["filters"], span: Span): Fragment {
  // Every dimension adds up to all minutes. Networks have the fewest values.
  const [one] = filters;
  const conditions = [sql`dimension = ${one?.filter.dimension ?? "network_type"}`, within("date_time", span)];
  if (one) conditions.push(sql`value IN ${list(one.values)}`);
  return all(conditions);
}

const BIN_START: Record<Bin, Fragment> = {
  hour: sql`date_time`,
  day: sql`date_time`,
  week: sql`date(date_time, '-6 days', 'weekday 1') || 'T00:00:00Z'`,
  month: sql`substr(date_time, 1, 7) || '-01T00:00:00Z'`,
};

export interface TrendRow {
  start: string;
  minutes: number;
  trouble: number;
  critical: number | null;
  measured: number;
  median: number | null;
  extreme: number | null;
}

/** By bin: minutes, minutes in trouble, and a measure's median and worse end. */
export function trendQuery({ filters, bin, measure, trouble }: Shown, span: Span): Fragment {
  const sketch = name(`${measure.column}_sketch`);
  return sql`
    SELECT ${BIN_START[bin]} AS start, sum(minutes) AS minutes, sum(${TROUBLES[trouble].minutes}) AS trouble, ${criticalMinutes(trouble)} AS critical,
      sum(${name(`${measure.column}_count`)}) AS measured, quantile(${sketch}, 0.5) AS median, quantile(${sketch}, ${measure.extreme}) AS extreme
    FROM ${rollup(bin)} WHERE ${rollupRows(filters, span)} GROUP BY 1 ORDER BY 1`;
}

const criticalMinutes = (trouble: TroubleKey) => (trouble === "any" ? sql`sum(critical_minutes)` : sql`NULL`);

export interface TotalRow extends Omit<TrendRow, "start"> {
  sound: string;
  picture: string;
  sharing: string;
}

const LABELS = ["good", "fair", "poor", "bad"] as const;
const labels = (medium: string) => ({ query: LABELS.map((label) => `sum(${medium}_${label}_minutes)`).join(" || ' ' || "), values: [] });

/** Of the whole span: what `trendQuery` gives by bin, and minutes by label. */
export function totalQuery({ filters, bin, measure, trouble }: Shown, span: Span): Fragment {
  const sketch = name(`${measure.column}_sketch`);
  return sql`
    SELECT sum(minutes) AS minutes, sum(${TROUBLES[trouble].minutes}) AS trouble, ${criticalMinutes(trouble)} AS critical,
      sum(${name(`${measure.column}_count`)}) AS measured, quantile(${sketch}, 0.5) AS median, quantile(${sketch}, ${measure.extreme}) AS extreme,
      ${labels("audio")} AS sound, ${labels("video")} AS picture, ${labels("screen_share")} AS sharing
    FROM ${rollup(bin)} WHERE ${rollupRows(filters, span)}`;
}

export interface PlaceRow {
  value: string | null;
  minutes: number | null;
  trouble: number | null;
  before_minutes: number | null;
  before_trouble: number | null;
}

/** By value of a dimension: minutes and minutes in trouble, of the span and of the compared one. */
export function placesQuery(view: Shown, { dimension }: Dimension): Fragment {
  const { span, compared, bin, trouble } = view;
  const counted = TROUBLES[trouble].minutes;
  if (!compared) {
    return sql`
      SELECT value, sum(minutes) AS minutes, sum(${counted}) AS trouble, NULL AS before_minutes, NULL AS before_trouble
      FROM ${rollup(bin)} WHERE dimension = ${dimension} AND ${within("date_time", span)} GROUP BY 1 ORDER BY minutes DESC`;
  }
  const [now, then] = [within("date_time", span), within("date_time", compared)];
  return sql`
    SELECT value, sum(minutes) FILTER (WHERE ${now}) AS minutes, sum(${counted}) FILTER (WHERE ${now}) AS trouble,
      sum(minutes) FILTER (WHERE ${then}) AS before_minutes, sum(${counted}) FILTER (WHERE ${then}) AS before_trouble
    FROM ${rollup(bin)} WHERE dimension = ${dimension} AND ((${now}) OR (${then})) GROUP BY 1 ORDER BY minutes DESC`;
}

/** Minutes that match the filters, with their attendance. */
function minutesOf({ filters, span }: Shown, except?: Dimension): Fragment {
  const conditions = filters.filter(({ filter }) => filter !== except).map(({ filter, values }) => sql`${name(`p.${filter.column}`)} IN ${list(values)}`);
  return sql`
    FROM participants AS p
    JOIN qos_minutes AS q ON q.instance_uuid = p.instance_uuid AND q.user_id = p.user_id AND q.join_time IS p.join_time
    WHERE ${all([...conditions, within("q.date_time", span)])}`;
}

const WARNING = sql`sum(q.health = 'Warning') + sum(q.health = 'Critical')`;

/** The same as `placesQuery`, counted from minutes: within the filters of the other dimensions. */
export const placesFromMinutes = (view: Shown, dimension: Dimension): Fragment => sql`
  SELECT ${name(`p.${dimension.column}`)} AS value, count(*) AS minutes, ${WARNING} AS trouble, NULL AS before_minutes, NULL AS before_trouble
  ${minutesOf(view, dimension)} GROUP BY 1 ORDER BY minutes DESC`;

export const trendFromMinutes = (view: Shown): Fragment => sql`
  SELECT ${view.bin === "hour" ? sql`substr(q.date_time, 1, 13) || ':00:00Z'` : sql`substr(q.date_time, 1, 10) || 'T00:00:00Z'`} AS start, count(*) AS minutes,
    ${WARNING} AS trouble, sum(q.health = 'Critical') AS critical, 0 AS measured, NULL AS median, NULL AS extreme
  ${minutesOf(view)} GROUP BY 1 ORDER BY 1`;

export interface MeetingRow {
  uuid: string;
  topic: string | null;
  host: string | null;
  start_time: string | null;
  measured: number;
  trouble: number;
  critical: number;
}

/** The meetings with the most attendances in trouble: those that had an issue in a tenth of their minutes. */
export function meetingsQuery({ filters, span }: Shown): Fragment {
  const conditions = filters.map(({ filter, values }) => sql`${name(filter.column)} IN ${list(values)}`);
  return sql`
    SELECT i.uuid, i.topic, i.host, i.start_time, m.measured, m.trouble, m.critical
    FROM (
      SELECT instance_uuid AS uuid, count(health) AS measured, sum(health = 'Warning') + sum(health = 'Critical') AS trouble, sum(health = 'Critical') AS critical
      FROM participants WHERE ${all([...conditions, within("join_time", span)])} GROUP BY 1 ORDER BY 3 DESC LIMIT 10
    ) AS m
    JOIN instances AS i ON i.uuid = m.uuid WHERE m.trouble > 0 ORDER BY m.trouble DESC`;
}

/** Returns all bins of the span, so that those without minutes show as gaps. */
export function bins({ span, bin }: Shown): Date[] {
  const starts = [];
  for (let at = binStart(span.start, bin); at < span.end; at = binEnd(at, bin)) starts.push(at);
  return starts;
}
