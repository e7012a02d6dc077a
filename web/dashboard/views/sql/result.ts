/** A result as a table and as a chart. */
import type { Answer } from "../../lib/ask";
import type { Value } from "../../lib/sql";

/** Rows that decide how wide a column is. */
const SAMPLE = 200;
const NARROWEST = 5;
const WIDEST = 44;

/** Whether all values of a column are numbers, as far as they are known. */
export function isNumeric({ rows }: Answer, at: number): boolean {
  let some = false;
  for (const row of rows) {
    if (row[at] === null) continue;
    if (typeof row[at] !== "number") return false;
    some = true;
  }
  return some;
}

/** The widths of columns, in characters. */
export function widths({ columns, rows }: Answer): number[] {
  return columns.map((column, at) => {
    let most = column.length + 2;
    for (const row of rows.slice(0, SAMPLE)) most = Math.max(most, cellWidth(row[at] ?? null));
    return Math.min(WIDEST, Math.max(NARROWEST, most));
  });
}

/** Letters of East Asian scripts are twice as wide. */
function cellWidth(value: Value): number {
  const text = String(value ?? "NULL");
  return text.length > WIDEST ? WIDEST : text.length + (text.match(/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g)?.length ?? 0);
}

/** Returns the order of rows by a column; numbers before texts, and what is unknown last. */
export function order({ rows }: Answer, sort: { at: number; down: boolean } | null): number[] {
  const all = rows.map((_, at) => at);
  if (!sort) return all;
  const rank = (value: Value) => (value === null ? 2 : typeof value === "number" ? 0 : 1);
  return all.sort((a, b) => {
    const [one, other] = [rows[a]![sort.at] ?? null, rows[b]![sort.at] ?? null];
    if (one === null || other === null) return rank(one) - rank(other) || a - b;
    const compared = rank(one) - rank(other) || (typeof one === "number" ? one - (other as number) : one < other ? -1 : one > other ? 1 : 0);
    return (sort.down ? -compared : compared) || a - b;
  });
}

export const KINDS = { line: "Line", bar: "Bars" } as const;
export type Kind = keyof typeof KINDS;
/** With more series than this, their colours look alike. */
export const MOST_SERIES = 4;
/** More points than this are not drawn as bars. */
export const MOST_BARS = 60;

export interface Chart {
  x: number;
  y: number[];
  kind: Kind;
}

const TIME = /^\d{4}-\d\d(-\d\d)?([T ]\d\d:\d\d(:\d\d)?Z?)?$/;
export const isTime = ({ rows }: Answer, at: number) => rows.length > 0 && rows.every((row) => row[at] === null || (typeof row[at] === "string" && TIME.test(row[at] as string)));

/** Returns the chart that suits a result: times and numbers as lines, names as bars. Null if no column has numbers. */
export function usual(answer: Answer): Chart | null {
  const numeric = answer.columns.map((_, at) => at).filter((at) => isNumeric(answer, at));
  const text = answer.columns.findIndex((_, at) => !numeric.includes(at));
  const x = text >= 0 ? text : 0;
  const y = numeric.filter((at) => at !== x);
  if (!y.length || answer.rows.length < 1) return null;
  const kind = isTime(answer, x) || (text < 0 && answer.rows.length > MOST_BARS) || answer.rows.length > MOST_BARS ? "line" : "bar";
  return { x, y: y.slice(0, 1), kind };
}

/** Reads the chart from the address, as names of columns: `x=day&y=minutes&y=loss&kind=line`. */
export function chartOf(answer: Answer, query: URLSearchParams): Chart | null {
  const found = usual(answer);
  if (!found) return null;
  const column = (name: string | null) => (name === null ? -1 : answer.columns.indexOf(name));
  const x = column(query.get("x"));
  const y = query.getAll("y").map(column).filter((at) => at >= 0 && isNumeric(answer, at));
  const kind = (query.get("kind") ?? "") in KINDS ? (query.get("kind") as Kind) : found.kind;
  return { x: x < 0 ? found.x : x, y: (y.length ? y : found.y).slice(0, MOST_SERIES), kind };
}
