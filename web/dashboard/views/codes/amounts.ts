/** Amounts by code and month. */
import type { UseRow } from "./question";

export type Unit = "minutes" | "runs" | "attendances";
export const UNITS: Record<Unit, string> = { minutes: "Minutes", runs: "Runs", attendances: "Attendances" };

export interface Amounts {
  months: string[];
  /** By code, the largest first; runs without a code come last, under a blank one. */
  rows: { code: string; months: number[]; total: number }[];
  totals: number[];
  total: number;
  without: number;
  /** By where the code came from. */
  via: Record<UseRow["via"], number>;
}

export function amounts(uses: UseRow[], unit: Unit): Amounts {
  const months = monthsBetween(uses.map(({ month }) => month));
  const rows = [...new Set(uses.map(({ code }) => code))].map((code) => {
    const own = uses.filter((one) => one.code === code);
    const values = months.map((month) => own.filter((one) => one.month === month).reduce((sum, one) => sum + one[unit], 0));
    return { code, months: values, total: values.reduce((a, b) => a + b, 0) };
  });
  rows.sort((a, b) => Number(a.code === "") - Number(b.code === "") || b.total - a.total || a.code.localeCompare(b.code));
  const totals = months.map((_, at) => rows.reduce((sum, row) => sum + row.months[at]!, 0));
  const via = { run: 0, host: 0, login: 0, "": 0 };
  for (const use of uses) via[use.via] += use[unit];
  const total = totals.reduce((a, b) => a + b, 0);
  return { months, rows, totals, total, without: via[""], via };
}

/** Returns all months from the first to the last, so that an empty one shows. */
function monthsBetween(found: string[]): string[] {
  const sorted = [...new Set(found)].sort();
  const months = [];
  for (let at = sorted[0]; at && at <= sorted.at(-1)!; at = next(at)) months.push(at);
  return months;
}

/** The month after "2026-12": "2027-01". */
export function next(month: string): string {
  const [year, one] = month.split("-").map(Number);
  return one === 12 ? `${year! + 1}-01` : `${year}-${String(one! + 1).padStart(2, "0")}`;
}

/** The first and the last day of a month. */
export function daysOf(month: string): { from: string; to: string } {
  const [year, one] = month.split("-").map(Number);
  return { from: `${month}-01`, to: `${month}-${String(new Date(Date.UTC(year!, one!, 0)).getUTCDate()).padStart(2, "0")}` };
}

/** Divides a sum of money, given in cents, by weights. The parts add up to the sum: those that lost most by rounding get the cents that are left. */
export function divide(cents: number, weights: number[]): number[] {
  const whole = weights.reduce((a, b) => a + b, 0);
  if (!whole) return weights.map(() => 0);
  const exact = weights.map((weight) => (cents * weight) / whole);
  const parts = exact.map(Math.floor);
  const left = cents - parts.reduce((a, b) => a + b, 0);
  const order = exact.map((value, at) => ({ at, lost: value - parts[at]! })).sort((a, b) => b.lost - a.lost || a.at - b.at);
  for (const { at } of order.slice(0, left)) parts[at]!++;
  return parts;
}
