import { expect, test, vi } from "vitest";

vi.stubEnv("TZ", "Europe/Paris");
const { ago, dayKey, dayStart, duration, moment, range, until, when, zone } = await import("./time");

test("times are those of the reader's zone", () => {
  expect(moment("2026-11-18T13:00:00Z")).toBe("18 Nov 2026, 14:00");
  expect(dayKey("2026-11-17T23:30:00Z")).toBe("2026-11-18");
  expect(dayStart("2026-11-18").toISOString()).toBe("2026-11-17T23:00:00.000Z");
  expect(zone(new Date("2026-11-18T00:00:00Z"))).toBe("Europe/Paris, UTC+1");
  expect(zone(new Date("2026-07-18T00:00:00Z"))).toBe("Europe/Paris, UTC+2");
});

test("a day is as long as the zone makes it", () => {
  const hours = (dayStart("2026-10-25", 1).getTime() - dayStart("2026-10-25").getTime()) / 3_600_000;
  expect(hours).toBe(25);
});

test("the year is shown only if it is another one", () => {
  const now = new Date("2026-12-01T00:00:00Z");
  expect(when("2026-11-18T13:00:00Z", now)).toBe("18 Nov, 14:00");
  expect(when("2025-11-18T13:00:00Z", now)).toBe("18 Nov 2025, 14:00");
});

test("a range names its day again only if it ends on another", () => {
  expect(range("2026-11-18T13:00:00Z", "2026-11-18T14:02:00Z")).toBe("14:00–15:02");
  expect(range("2026-11-18T13:00:00Z", "2026-11-18T23:30:00Z")).toBe("14:00 – 19 Nov 2026, 00:30");
  expect(range("2026-11-18T13:00:00Z", null)).toBe("14:00–now");
});

test("an unknown length is not zero", () => {
  expect(duration(null)).toBe("n/a");
  expect(duration(0)).toBe("0 s");
  expect(duration(3720)).toBe("1 h 02 min");
  expect(duration(3599)).toBe("1 h 00 min");
  expect(duration(3540)).toBe("59 min");
});

test("ages and distances use the unit that a person would", () => {
  const now = Date.parse("2026-11-18T13:00:00Z");
  expect(ago("2026-11-18T12:59:48Z", now)).toBe("12 s ago");
  expect(ago("2026-11-18T12:00:00Z", now)).toBe("60 min ago");
  expect(ago("2026-11-16T13:00:00Z", now)).toBe("2 days ago");
  expect(ago("2026-11-18T13:00:05Z", now)).toBe("0 s ago");
  expect(until("2026-11-18T13:12:00Z", now)).toBe("in 12 min");
});
