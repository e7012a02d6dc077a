/** Numbers as text. A share of nothing is "n/a", never 0 %. */

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const NOT_AVAILABLE = "n/a";

/** 1,204. "n/a" if unknown. */
export const count = (value: number | null | undefined) => (value === null || value === undefined ? NOT_AVAILABLE : whole.format(value));

const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
/** 53,378, but 1.2m from a million, where room is short. "n/a" if unknown. */
export const shortCount = (value: number | null | undefined) => (value && value >= 1e6 ? compact.format(value) : count(value));

/** 3.2; "n/a" if unknown. */
export const decimal = (value: number | null | undefined) => (value === null || value === undefined ? NOT_AVAILABLE : tenth.format(value));

/** The share of a part in a whole as "37 %", "0.4 %", "<0.1 %". "n/a" if nothing was counted. */
export function share(part: number | null | undefined, of: number | null | undefined): string {
  if (part === null || part === undefined || !of) return NOT_AVAILABLE;
  return percent(part / of);
}

/** A share from 0 to 1 as a percentage. "n/a" if unknown. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOT_AVAILABLE;
  const hundredths = value * 100;
  if (hundredths === 0) return "0 %";
  if (hundredths < 0.1) return "<0.1 %";
  // Close to all is not all.
  if (hundredths > 99 && hundredths < 100) return `${Math.min(99.9, Math.round(hundredths * 10) / 10)} %`;
  return hundredths < 10 ? `${tenth.format(hundredths).replace(/\.0$/, "")} %` : `${whole.format(hundredths)} %`;
}

/** "1 person", "2 people". */
export const plural = (value: number, one: string, many = `${one}s`) => `${whole.format(value)} ${value === 1 ? one : many}`;

/** A rate in bits per second as "1.2 Mbit/s". "n/a" if unknown. */
export function bitrate(bps: number | null | undefined): string {
  if (bps === null || bps === undefined) return NOT_AVAILABLE;
  return bps < 1e6 ? `${whole.format(bps / 1000)} kbit/s` : `${tenth.format(bps / 1e6)} Mbit/s`;
}

/** Bytes as "3.4 MB". */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOT_AVAILABLE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${at ? tenth.format(value) : whole.format(value)} ${units[at]}`;
}
