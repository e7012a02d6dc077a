/** What collecting found: gaps by their reason, differences, and unknown values. */
import { sql, type Fragment } from "../../lib/sql";

/** A row of the table of gaps. */
export interface GapRow {
  vendor: string;
  connection: string;
  reason: string;
  request: string | null;
  detail: string | null;
  remedy: string;
  waiting_lists: number;
  times: number;
  first_at: string;
  last_at: string;
}

export interface DifferenceRow {
  vendor: string;
  connection: string;
  instance_uuid: string;
  field: string;
  first_source: string;
  first_value: string | null;
  second_source: string;
  second_value: string | null;
  seen_at: string;
}

export interface UnknownRow {
  vendor: string;
  connection: string;
  operation: string;
  path: string;
  entries: number;
  first_at: string;
  last_at: string;
}

/** How many rows a section shows. */
export const SHOWN = 500;

const GAPS = sql`SELECT vendor, connection, reason, request, detail, remedy, waiting_lists, times, first_at, last_at FROM collect_gaps ORDER BY reason, last_at DESC`;
const DIFFERENCES = sql`SELECT vendor, connection, instance_uuid, field, first_source, first_value, second_source, second_value, seen_at FROM collect_differences ORDER BY seen_at DESC`;
const UNKNOWN = sql`SELECT vendor, connection, operation, path, entries, first_at, last_at FROM collect_unknown_values ORDER BY vendor, operation, path`;

/** The queries behind the sections. */
export const QUESTIONS: Record<"gaps" | "differences" | "unknown", Fragment> = { gaps: GAPS, differences: DIFFERENCES, unknown: UNKNOWN };

/** Reasons in words, those that somebody can do something about first. */
export const REASONS: Record<string, string> = {
  scope: "The app lacks a scope",
  plan: "The plan does not include it",
  region: "The data are in another region",
  content: "The response cannot be read",
  request: "The vendor rejects the request",
  failing: "The request keeps failing",
  "not found": "The vendor has no such record",
  "too old": "The vendor no longer has it",
};

/** Gaps of one reason that the same remedy fills. */
export interface GapGroup {
  reason: string;
  words: string;
  remedy: string;
  /** Lists that are missing: those of each gap and those that wait for the same reason. */
  missing: number;
  gaps: GapRow[];
}

/** Groups gaps by reason and remedy: reasons in the order above, then those with the most missing lists. */
export function grouped(gaps: GapRow[]): GapGroup[] {
  const groups = new Map<string, GapGroup>();
  for (const gap of gaps) {
    const key = JSON.stringify([gap.reason, gap.remedy]);
    const group = groups.get(key) ?? { reason: gap.reason, words: REASONS[gap.reason] ?? gap.reason, remedy: gap.remedy, missing: 0, gaps: [] };
    group.missing += 1 + gap.waiting_lists;
    group.gaps.push(gap);
    groups.set(key, group);
  }
  const order = Object.keys(REASONS);
  const place = ({ reason }: GapGroup) => (order.includes(reason) ? order.indexOf(reason) : order.length);
  return [...groups.values()].sort((a, b) => place(a) - place(b) || b.missing - a.missing || a.remedy.localeCompare(b.remedy));
}
