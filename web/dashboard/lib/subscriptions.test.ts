import { expect, test } from "vitest";
import { period, within } from "./filters";
import { sql } from "./sql";
import { mailed, mailedView, scheduleText } from "./subscriptions";
import { shown, trendQuery } from "../views/quality/question";

const now = new Date("2026-11-30T12:30:00Z");

test("a mailed query has times before the mail, not those of today", () => {
  const asked = sql`SELECT ${"Lyon"} WHERE ${within("start_time", period(new URLSearchParams("last=7d"), now))}`;
  expect(mailed(asked)).toEqual({ query: "SELECT ? WHERE start_time >= ?", values: ["Lyon", { ago: "7d" }] });
});

test("quality is counted in whole hours or days up to the mail", () => {
  const values = (query: string) => {
    const view = shown(new URLSearchParams(query), now, null);
    return mailed(trendQuery(view, view.span)).values!.slice(-2);
  };
  expect(values("last=28d")).toEqual([{ ago: "28d", round: "day" }, { ago: "0h" }]);
  expect(values("last=24h")).toEqual([{ ago: "24h", round: "hour" }, { ago: "0h" }]);
  const fixed = values("from=2026-11-01&to=2026-11-02");
  expect(fixed.every((value) => typeof value === "string")).toBe(true);
  expect(values("from=2026-11-01")[1]).toEqual({ ago: "0h" });
});

test("a schedule is said in words", () => {
  expect(scheduleText({ every: "week", weekday: "monday", hour: 8, time_zone: "UTC" })).toBe("Mondays at 08:00, UTC");
  expect(scheduleText({ every: "day", weekday: null, hour: 20, time_zone: "UTC" })).toBe("Every day at 20:00, UTC");
});

test("a mail links to views of this site only", () => {
  expect(mailedView("/quality?place=Lyon%2C%20C")).toBe("/quality?place=Lyon%2C%20C");
  expect(mailedView("/quality?place=é")).toBeNull();
  expect(mailedView(`/${"x".repeat(4000)}`)).toBeNull();
});
