/** A year as weeks from Monday to Sunday. */

export interface Day {
  /** 2026-11-18 */
  key: string;
  week: number;
  /** 0 is Monday. */
  weekday: number;
  seconds: number;
  meetings: number;
}

export interface Year {
  year: number;
  weeks: number;
  days: Day[];
  /** The first week of each month, for its label. */
  months: { label: string; week: number }[];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekdayOf = (date: Date) => (date.getDay() + 6) % 7;
const keyOf = (date: Date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

/** Returns the week of a day within its year: week 0 is the one of 1 January. */
export function weekOf(date: Date): number {
  const first = new Date(date.getFullYear(), 0, 1);
  // Noon avoids the hour that clocks skip.
  const days = Math.round((new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime() - first.setHours(12)) / 86_400_000);
  return Math.floor((days + weekdayOf(new Date(date.getFullYear(), 0, 1))) / 7);
}

/** Returns the years of some visits, latest first. Days without any are included, with zeros. */
export function years(visits: { first_join_time: string | null; attended_seconds: number | null }[], now: Date): Year[] {
  const byDay = new Map<string, { seconds: number; meetings: number }>();
  const found = new Set<number>([now.getFullYear()]);
  for (const { first_join_time, attended_seconds } of visits) {
    if (!first_join_time) continue;
    const date = new Date(first_join_time);
    found.add(date.getFullYear());
    const day = byDay.get(keyOf(date)) ?? { seconds: 0, meetings: 0 };
    day.seconds += attended_seconds ?? 0;
    day.meetings++;
    byDay.set(keyOf(date), day);
  }
  return [...found].sort((a, b) => b - a).map((year) => makeYear(year, byDay));
}

function makeYear(year: number, byDay: Map<string, { seconds: number; meetings: number }>): Year {
  const days: Day[] = [];
  const months: Year["months"] = [];
  for (const date = new Date(year, 0, 1); date.getFullYear() === year; date.setDate(date.getDate() + 1)) {
    const key = keyOf(date);
    const week = weekOf(date);
    if (date.getDate() === 1) months.push({ label: MONTHS[date.getMonth()]!, week });
    days.push({ key, week, weekday: weekdayOf(date), ...(byDay.get(key) ?? { seconds: 0, meetings: 0 }) });
  }
  return { year, weeks: days.at(-1)!.week + 1, days, months };
}

/** Steps of a day's shade: none, up to an hour, two, four, more. */
export function shade(seconds: number, meetings: number): number {
  if (!meetings) return 0;
  return seconds <= 3600 ? 1 : seconds <= 7200 ? 2 : seconds <= 14400 ? 3 : 4;
}
