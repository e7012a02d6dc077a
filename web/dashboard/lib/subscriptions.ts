/** Subscriptions in words, and as the API takes them. */
import type { NewSubscription, Subscription } from "../../api/types";
import { Moving, tidy, type Fragment } from "./sql";

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When a mail is sent, as a form has it. */
export interface Schedule {
  every: "day" | "week";
  weekday: Weekday;
  hour: number;
  time_zone: string;
}

/** Longer addresses are left out of mails. */
const LONGEST_VIEW = 4000;

export const dayName = (day: Weekday) => day[0]!.toUpperCase() + day.slice(1);
export const hourName = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

/** Mondays at 08:00, Europe/Paris. */
export function scheduleText({ every, weekday, hour, time_zone }: Pick<Subscription, "every" | "weekday" | "hour" | "time_zone">): string {
  return `${every === "week" && weekday ? `${dayName(weekday as Weekday)}s` : "Every day"} at ${hourName(hour)}, ${time_zone}`;
}

/** Why nothing is sent, and what to do. */
export const PAUSES: Record<string, string> = {
  member: "Paused",
  unsubscribed: "The recipient unsubscribed by the link in a mail. Only they can resume it.",
  member_gone: "The recipient is no longer a member.",
  not_allowed: "The recipient’s role has no queries.",
  query_gone: "The saved query was deleted.",
  failing: "Three mails in a row failed.",
};

/** The usual schedule: the start of the week, in the reader's time zone. */
export const usualSchedule = (): Schedule => ({ every: "week", weekday: "monday", hour: 8, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC" });

/** The query of a view as a subscription has it: times of moving periods are written as "ago". */
export function mailed({ query, values }: Fragment): Pick<NewSubscription, "query" | "values"> {
  const value = (one: Fragment["values"][number]) => (one instanceof Moving ? { ago: one.ago, ...(one.round ? { round: one.round } : {}) } : one);
  return { query: tidy(query), values: values.map(value) as unknown as NewSubscription["values"] };
}

/** The address of a view for the link in a mail; null if a mail cannot have it. */
export const mailedView = (address: string) => (address.length <= LONGEST_VIEW && /^\/[!-[\]-~]*$/.test(address) ? address : null);
