/** Times, in the reader's time zone. Views state the zone once, so times do not repeat it. */

/** A span of time; the end is not included. */
export interface Span extends Movement {
  start: Date;
  end: Date;
}

/** How the ends of a span move with time. */
export interface Movement {
  /** How long ago it starts. */
  startsAgo?: { ago: string; round?: "hour" | "day" };
  /** Whether it ends now. */
  endsNow?: boolean;
}

const format = (options: Intl.DateTimeFormatOptions) => {
  const formatter = new Intl.DateTimeFormat("en-GB", options);
  return (time: Date | string | number) => formatter.format(typeof time === "object" ? time : new Date(time));
};

/** 14:05 */
export const clock = format({ hour: "2-digit", minute: "2-digit" });
/** 14:05:09 */
export const clockSeconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** 18 Nov 2026 */
export const day = format({ day: "numeric", month: "short", year: "numeric" });
/** Wed 18 Nov */
export const weekday = format({ weekday: "short", day: "numeric", month: "short" });
/** Nov 2026 */
export const month = format({ month: "short", year: "numeric" });

const isoDay = new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit" });
/** 2026-11-18, in the reader's zone. */
export const dayKey = (time: Date | string) => isoDay.format(typeof time === "object" ? time : new Date(time));

/** 18 Nov 2026, 14:05. */
export const moment = (time: Date | string) => `${day(time)}, ${clock(time)}`;

/** 18 Nov, 14:05 within the year of `now`; with the year otherwise. */
export function when(time: string, now = new Date()): string {
  const [one, other] = [new Date(time), now];
  const short = one.getFullYear() === other.getFullYear() ? day(one).replace(/ \d{4}$/, "") : day(one);
  return `${short}, ${clock(one)}`;
}

/** 14:00–15:02, or two moments if the days differ. */
export function range(start: string, end: string | null): string {
  if (!end) return `${clock(start)}–now`;
  return dayKey(start) === dayKey(end) ? `${clock(start)}–${clock(end)}` : `${clock(start)} – ${moment(end)}`;
}

/** 1 h 02 min, 4 min, 35 s. "n/a" if unknown. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "n/a";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** How long ago: "12 s ago", "3 min ago", "2 days ago". */
export function ago(time: string | number | Date, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - new Date(time).getTime()) / 1000));
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

/** In how long: "in 12 min", "in 3 h", "in 2 days". */
export function until(time: string | Date, now = Date.now()): string {
  const minutes = Math.max(0, Math.round((new Date(time).getTime() - now) / 60000));
  if (minutes < 90) return `in ${minutes} min`;
  if (minutes < 36 * 60) return `in ${Math.round(minutes / 60)} h`;
  return `in ${Math.round(minutes / 1440)} days`;
}

/** The start of a day of the reader's zone, given as 2026-11-18, plus some days. */
export function dayStart(key: string, plus = 0): Date {
  const [year, month, date] = key.split("-").map(Number);
  return new Date(year!, month! - 1, date! + plus);
}

/** The reader's zone and its distance from UTC: "Europe/Berlin, UTC+1". */
export function zone(now = new Date()): string {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const minutes = -now.getTimezoneOffset();
  if (!minutes) return name === "UTC" ? "UTC" : `${name}, UTC`;
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${name}, UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}
