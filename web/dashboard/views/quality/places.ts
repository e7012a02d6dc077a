/** The bars of a dimension: which of its values are worst, and how certain that is. */
import { differ, wilson, type Interval } from "../../lib/statistics";
import { LEAST_MINUTES, type PlaceRow } from "./question";

export interface Bar {
  value: string;
  minutes: number;
  trouble: number;
  share: number;
  interval: Interval;
  /** The share in the compared period; null if too few minutes were counted there. */
  before: number | null;
  /** Whether it has changed for certain. */
  changed: boolean;
}

export const ORDERS = { worst: "Worst share", most: "Most minutes in trouble", used: "Most minutes" } as const;
export type Order = keyof typeof ORDERS;

export interface Bars {
  bars: Bar[];
  /** Values with too few minutes to draw, and those minutes. */
  few: { values: number; minutes: number };
  /** The longest bar, interval included. */
  most: number;
  /** Minutes of the blank value: the dimension was not reported. */
  unknown: number;
}

/** Returns the bars in order. The worst comes first by the low end of its interval, so that few minutes do not win by chance. */
export function bars(rows: PlaceRow[], order: Order): Bars {
  const counted = rows.filter((row) => row.minutes);
  const drawn = counted.filter((row) => row.minutes! >= LEAST_MINUTES).map(bar);
  const compare: Record<Order, (a: Bar, b: Bar) => number> = {
    worst: (a, b) => b.interval.low - a.interval.low || b.share - a.share,
    most: (a, b) => b.trouble - a.trouble,
    used: (a, b) => b.minutes - a.minutes,
  };
  const few = counted.filter((row) => row.minutes! < LEAST_MINUTES);
  return {
    bars: drawn.sort((a, b) => compare[order](a, b) || b.minutes - a.minutes),
    few: { values: few.length, minutes: few.reduce((sum, row) => sum + row.minutes!, 0) },
    most: Math.max(0, ...drawn.map((one) => Math.max(Math.min(one.interval.high, one.share * 2), one.before ?? 0))),
    unknown: counted.filter((row) => !row.value).reduce((sum, row) => sum + row.minutes!, 0),
  };
}

function bar({ value, minutes, trouble, before_minutes, before_trouble }: PlaceRow): Bar {
  const interval = wilson(trouble ?? 0, minutes!)!;
  const known = (before_minutes ?? 0) >= LEAST_MINUTES;
  return {
    value: value ?? "",
    minutes: minutes!,
    trouble: trouble ?? 0,
    share: (trouble ?? 0) / minutes!,
    interval,
    before: known ? (before_trouble ?? 0) / before_minutes! : null,
    changed: known && differ(interval, wilson(before_trouble ?? 0, before_minutes!)),
  };
}
