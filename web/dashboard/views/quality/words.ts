/** Words for the parts of time that rollups count: days, weeks and months of UTC, and hours in the reader's zone. */
import type { Bin } from "../../lib/axis";
import { clock, weekday } from "../../lib/time";

const utc = (options: Intl.DateTimeFormatOptions) => {
  const formatter = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  return (time: Date) => formatter.format(time);
};
const utcWeekday = utc({ weekday: "short", day: "numeric", month: "short" });
const utcDay = utc({ day: "numeric", month: "short", year: "numeric" });
const utcShort = utc({ day: "numeric", month: "short" });
const utcMonth = utc({ month: "long", year: "numeric" });
const utcMonthShort = utc({ month: "short", year: "2-digit" });

/** Returns what a bin is called: "Wed 18 Nov", "Week of 16 Nov 2026". */
export function binName(start: Date, bin: Bin, short = false): string {
  if (bin === "hour") return short ? (clock(start) === "00:00" ? weekday(start).replace(/^\w+ /, "") : clock(start)) : `${weekday(start)}, ${clock(start)}`;
  if (bin === "day") return short ? utcShort(start) : utcWeekday(start);
  if (bin === "week") return short ? utcShort(start) : `Week of ${utcDay(start)}`;
  return short ? utcMonthShort(start) : utcMonth(start);
}
