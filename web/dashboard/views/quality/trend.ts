/** Geometry of the trend. */
import { binEnd, roundTicks, timeTicks, type Bin } from "../../lib/axis";
import { wilson, type Interval } from "../../lib/statistics";
import type { Span } from "../../lib/time";
import { LEAST_MINUTES, type TrendRow } from "./question";

/** A bin with its figures. Shares are null if too few minutes were counted. */
export interface Point {
  start: Date;
  end: Date;
  minutes: number;
  trouble: number;
  measured: number;
  share: number | null;
  critical: number | null;
  interval: Interval | null;
  median: number | null;
  extreme: number | null;
}

/** Returns a point for each bin; bins without a row are empty. */
export function points(starts: Date[], bin: Bin, rows: TrendRow[]): Point[] {
  const found = new Map(rows.map((row) => [Date.parse(row.start), row]));
  return starts.map((start) => {
    const row = found.get(start.getTime());
    const minutes = row?.minutes ?? 0;
    const enough = minutes >= LEAST_MINUTES;
    const measured = (row?.measured ?? 0) >= LEAST_MINUTES;
    return {
      start,
      end: binEnd(start, bin),
      minutes,
      trouble: row?.trouble ?? 0,
      measured: row?.measured ?? 0,
      share: enough ? row!.trouble / minutes : null,
      critical: enough && row!.critical !== null ? row!.critical / minutes : null,
      interval: wilson(row?.trouble ?? 0, minutes),
      median: measured ? row!.median : null,
      extreme: measured ? row!.extreme : null,
    };
  });
}

export const LEFT = 46;
export const RIGHT = 10;

/** The chart's scales: time to the right, and a strip for each of three figures. */
export function scales(span: Span, width: number) {
  const [from, to] = [span.start.getTime(), span.end.getTime()];
  const room = Math.max(1, width - LEFT - RIGHT);
  return (time: Date | number) => LEFT + ((Math.min(to, Math.max(from, +time)) - from) / Math.max(1, to - from)) * room;
}

/** Returns the scale of a strip: its ticks, and where a value is. */
export function strip(values: (number | null)[], top: number, height: number, least = 0) {
  const ticks = roundTicks(Math.max(least, ...values.map((value) => value ?? 0)));
  const most = ticks.at(-1) || 1;
  return { ticks, most, y: (value: number) => top + height - (Math.min(value, most) / most) * height };
}

/** Returns a line through values in the middle of their bins, with gaps for those that are missing. A single value is a dot. */
export function line(list: Point[], x: (time: number) => number, y: (value: number) => number, value: (one: Point) => number | null, shift = 0): string {
  let path = "";
  let open = false;
  for (const one of list) {
    const known = value(one);
    if (known === null) {
      open = false;
      continue;
    }
    const middle = x((+one.start + +one.end) / 2 + shift);
    const at = `${middle.toFixed(1)} ${y(known).toFixed(1)}`;
    path += open ? `L${at}` : `M${at}h0.01`;
    open = true;
  }
  return path;
}

/** Returns the area between two values. */
export function band(list: Point[], x: (time: number) => number, y: (value: number) => number): string {
  const runs: Point[][] = [];
  let open = false;
  for (const one of list) {
    if (one.median === null || one.extreme === null) open = false;
    else if (open) runs.at(-1)!.push(one);
    else {
      runs.push([one]);
      open = true;
    }
  }
  const at = (one: Point, value: number) => `${x((+one.start + +one.end) / 2).toFixed(1)} ${y(value).toFixed(1)}`;
  return runs
    .filter((run) => run.length > 1)
    .map((run) => `M${run.map((one) => at(one, one.extreme!)).join("L")}L${run.toReversed().map((one) => at(one, one.median!)).join("L")}Z`)
    .join("");
}

/** Where dates are written. Days stand in the middle of their bin. */
export function dates(list: Point[], bin: Bin, x: (time: number) => number, width: number) {
  const apart = bin === "hour" ? 54 : 64;
  const marked = bin === "hour" ? list.filter(({ start }) => start.getUTCHours() % (list.length > 40 ? 6 : list.length > 20 ? 3 : 1) === 0) : list;
  return timeTicks(marked.map(({ start }) => start), (time) => x(+time), apart).filter((time) => x(+time) < width - 40);
}
