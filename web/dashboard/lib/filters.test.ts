import { expect, test } from "vitest";
import { before, onInstances, period, shared, splitCode, within } from "./filters";
import { Moving } from "./sql";
import { dayStart } from "./time";

const now = new Date("2026-11-30T12:00:00Z");

test("a period is read from the address, and anything else is the usual one", () => {
  expect(period(new URLSearchParams("last=7d"), now).start).toEqual(new Date("2026-11-23T12:00:00Z"));
  expect(period(new URLSearchParams("last=all"), now).start).toBeNull();
  expect(period(new URLSearchParams("last=nonsense"), now).key).toBe("28d");
  expect(period(new URLSearchParams("from=garbage"), now).key).toBe("28d");
});

test("both days of a period are included", () => {
  const one = period(new URLSearchParams("from=2026-11-01&to=2026-11-01"), now);
  expect(one.end!.getTime() - one.start!.getTime()).toBe(24 * 3600 * 1000);
});

test("the period before is as long and ends where this one starts", () => {
  const one = period(new URLSearchParams("last=7d"), now);
  expect(before(one, now)).toEqual({ start: new Date("2026-11-16T12:00:00Z"), end: one.start });
  expect(before(period(new URLSearchParams("last=all"), now), now)).toBeNull();
});

test("times are compared as text in UTC", () => {
  expect(within("i.start_time", period(new URLSearchParams("last=24h"), now))).toEqual({ query: "i.start_time >= ?", values: [new Moving("2026-11-29T12:00:00Z", "24h")] });
  expect(within("start_time", period(new URLSearchParams("from=2026-11-01"), now)).values).toEqual([dayStart("2026-11-01").toISOString().slice(0, 19) + "Z"]);
  expect(within("start_time", { start: null, end: null }).query).toBe("1");
});

test("filters of participants become one condition, so that one person must match all of them", () => {
  const conditions = onInstances(new URLSearchParams([["place", "Lyon"], ["network", "Wifi"], ["network", "Wired"], ["host", "Ana' --"]]));
  expect(conditions.map(({ query }) => query)).toEqual([
    "i.host IN (?)",
    "i.uuid IN (SELECT instance_uuid FROM participants WHERE location IN (?) AND network_type IN (?, ?))",
  ]);
  expect(conditions.flatMap(({ values }) => values)).toEqual(["Ana' --", "Lyon", "Wifi", "Wired"]);
});

test("only shared filters follow the reader to another view", () => {
  const query = shared(new URLSearchParams("last=7d&place=Lyon&q=all+hands&sort=-people&code=Cost centre:CC-1"));
  expect(query.toString()).toBe("last=7d&place=Lyon&code=Cost+centre%3ACC-1");
});

test("a code is split at its first colon", () => {
  expect(splitCode("Cost centre:CC:1")).toEqual(["Cost centre", "CC:1"]);
});
