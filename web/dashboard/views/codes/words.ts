/** Months of UTC in words. */
const long = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const short = new Intl.DateTimeFormat("en-GB", { month: "short", year: "2-digit", timeZone: "UTC" });

/** "October 2026", or "Oct 26". */
export const monthName = (month: string, brief = false) => (brief ? short : long).format(new Date(`${month}-01T00:00:00Z`));
