/** How far a share can be trusted. */

/** The 97.5th percentile of the normal distribution: intervals are of 95 %. */
const Z = 1.959964;

export interface Interval {
  low: number;
  high: number;
}

/** Returns Wilson's 95 % interval of a share, from 0 to 1. Null if nothing was counted. */
export function wilson(part: number, of: number): Interval | null {
  if (of <= 0) return null;
  const share = part / of;
  const scale = 1 + (Z * Z) / of;
  const middle = (share + (Z * Z) / (2 * of)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  // The ends are exact if all or nothing was counted; rounding would miss them.
  return { low: part === 0 ? 0 : Math.max(0, middle - half), high: part === of ? 1 : Math.min(1, middle + half) };
}

/** Whether two shares differ for certain: their intervals do not overlap. */
export function differ(one: Interval | null, other: Interval | null): boolean {
  return !!one && !!other && (one.low > other.high || other.low > one.high);
}
