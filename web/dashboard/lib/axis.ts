/** Scales and ticks of charts. */

const STEPS = [1, 2, 2.5, 5, 10];

/** Returns round values from 0 to `most` or the next one above it, at most `count` steps. */
export function roundTicks(most: number, count = 3): number[] {
  if (!(most > 0)) return [0];
  const rough = most / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * STEPS.find((one) => one * unit >= rough * 0.999999)!;
  const steps = Math.ceil(most / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

export type Bin = "hour" | "day" | "week" | "month";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Returns the bins in which a span is drawn: at most about a hundred, and whole hours, days, weeks or months. */
export function binOf(milliseconds: number): Bin {
  if (milliseconds <= 4 * DAY) return "hour";
  if (milliseconds <= 100 * DAY) return "day";
  return milliseconds <= 800 * DAY ? "week" : "month";
}

/** Returns the start of the bin that a time is in. Bins are those of UTC, weeks begin on Monday. */
export function binStart(time: Date, bin: Bin): Date {
  const start = new Date(time);
  start.setUTCMinutes(0, 0, 0);
  if (bin === "hour") return start;
  start.setUTCHours(0);
  if (bin === "week") start.setUTCDate(start.getUTCDate() - ((start.getUTCDay() + 6) % 7));
  if (bin === "month") start.setUTCDate(1);
  return start;
}

/** Returns the end of the bin that begins at a time. */
export function binEnd(start: Date, bin: Bin): Date {
  if (bin === "hour") return new Date(start.getTime() + HOUR);
  if (bin === "day") return new Date(start.getTime() + DAY);
  if (bin === "week") return new Date(start.getTime() + 7 * DAY);
  return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
}

/** Returns where to write dates below a chart: starts of bins, at least `apart` pixels from each other. */
export function timeTicks(starts: Date[], x: (time: Date) => number, apart: number): Date[] {
  const ticks: Date[] = [];
  for (const start of starts) {
    const last = ticks.at(-1);
    if (!last || x(start) - x(last) >= apart) ticks.push(start);
  }
  return ticks;
}
