import { expect, test } from "vitest";
import { binEnd, binOf, binStart, roundTicks, timeTicks } from "./axis";
import { differ, wilson } from "./statistics";

test("Wilson's interval has the values of the textbook", () => {
  // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  for (const [part, of, low, high] of [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]] as const) {
    const found = wilson(part, of)!;
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  }
});

test("a share of nothing has no interval, and all of few is no certainty", () => {
  expect(wilson(0, 0)).toBeNull();
  const all = wilson(3, 3)!;
  expect(all.high).toBe(1);
  expect(all.low).toBeLessThan(0.5);
});

test("shares differ only if their intervals do not overlap", () => {
  expect(differ(wilson(1, 10), wilson(3, 10))).toBe(false);
  expect(differ(wilson(100, 1000), wilson(300, 1000))).toBe(true);
  expect(differ(null, wilson(1, 2))).toBe(false);
});

test("ticks are round and reach the largest value", () => {
  expect(roundTicks(0.037)).toEqual([0, 0.02, 0.04]);
  expect(roundTicks(240)).toEqual([0, 100, 200, 300]);
  expect(roundTicks(3)).toEqual([0, 1, 2, 3]);
  expect(roundTicks(0)).toEqual([0]);
  expect(roundTicks(Number.NaN)).toEqual([0]);
});

test("bins are as long as the span needs", () => {
  const day = 86_400_000;
  expect([day, 28 * day, 366 * day, 3000 * day].map(binOf)).toEqual(["hour", "day", "week", "month"]);
});

test("weeks begin on Monday, months have their own length", () => {
  expect(binStart(new Date("2026-11-29T13:30:00Z"), "week").toISOString()).toBe("2026-11-23T00:00:00.000Z");
  expect(binStart(new Date("2026-11-23T00:00:00Z"), "week").toISOString()).toBe("2026-11-23T00:00:00.000Z");
  expect(binEnd(new Date("2026-02-01T00:00:00Z"), "month").toISOString()).toBe("2026-03-01T00:00:00.000Z");
});

test("dates below a chart keep their distance", () => {
  const starts = Array.from({ length: 10 }, (_, at) => new Date(at));
  expect(timeTicks(starts, (time) => time.getTime() * 20, 50).map((time) => time.getTime())).toEqual([0, 3, 6, 9]);
});
