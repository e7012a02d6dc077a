import { expect, test, vi } from "vitest";

vi.stubEnv("TZ", "Europe/Paris");
const { shade, weekOf, years } = await import("./calendar");
const { labelQueries, reason, stays } = await import("./data");

test("a year has all its days, in weeks from Monday", () => {
  const [year] = years([], new Date("2026-11-30T12:00:00Z"));
  expect([year!.year, year!.days.length, year!.weeks]).toEqual([2026, 365, 53]);
  // 1 January 2026 is a Thursday.
  expect(year!.days[0]).toMatchObject({ key: "2026-01-01", week: 0, weekday: 3 });
  expect(year!.days[4]).toMatchObject({ key: "2026-01-05", week: 1, weekday: 0 });
});

test("a visit counts on the reader's day", () => {
  const [year] = years([{ first_join_time: "2026-06-30T22:30:00Z", attended_seconds: 600 }], new Date("2026-11-30T12:00:00Z"));
  expect(year!.days.find(({ meetings }) => meetings)?.key).toBe("2026-07-01");
});

test("years with visits are shown, latest first, and the current one always", () => {
  const found = years([{ first_join_time: "2024-02-29T12:00:00Z", attended_seconds: null }], new Date("2026-11-30T12:00:00Z"));
  expect(found.map(({ year, days }) => [year, days.length])).toEqual([[2026, 365], [2024, 366]]);
});

test("the week of a day does not depend on the change of clocks", () => {
  const [year] = years([], new Date("2026-11-30T12:00:00Z"));
  for (const { key, week } of year!.days) {
    const [y, m, d] = key.split("-").map(Number);
    expect(weekOf(new Date(y!, m! - 1, d, 0, 30)), key).toBe(week);
    expect(weekOf(new Date(y!, m! - 1, d, 23, 30)), key).toBe(week);
  }
});

test("a day with a meeting of unknown length is not an empty day", () => {
  expect(shade(0, 1)).toBe(1);
  expect(shade(0, 0)).toBe(0);
});

test("each name has the reason for which it is this person's", () => {
  const alias = { user_name: "Ana", email: null, login: null, registrant_id: null, attendances: 1, last_join_time: null };
  expect(reason({ ...alias, login: "abc" }, "user:abc")).toBe("reported with this login");
  expect(reason({ ...alias, email: "Ana@Example.com" }, "email:ana@example.com")).toBe("same address");
  expect(reason({ ...alias, email: "ana@example.com" }, "user:abc")).toBe("address of this login");
  expect(reason({ ...alias, login: "other" }, "user:abc")).toBe("merged by hand");
});

const attendance = (instance_uuid: string, user_id: string) => ({ instance_uuid, user_id, join_time: "2026-11-18T14:00:00Z", location: null, network_type: null, device: null, client: null });
const label = (instance_uuid: string, user_id: string, audio_label: string | null, video_label: string | null, n: number) =>
  ({ instance_uuid, user_id, join_time: "2026-11-18T14:00:00Z", audio_label, video_label, screen_share_label: null, health: "Good", n });

test("minutes are added up by their worst label, without those of others with the same number", () => {
  const [first, second] = stays([attendance("a", "1"), attendance("b", "2")], [
    label("a", "1", "good", "bad", 2),
    label("a", "1", "fair", null, 3),
    label("a", "1", null, null, 50),
    label("a", "2", "bad", "bad", 99),
    label("b", "2", "good", "good", 7),
  ]);
  expect(first).toMatchObject({ measured: 5, fair: 3, poor: 0, bad: 2 });
  expect(second).toMatchObject({ measured: 7, fair: 0, poor: 0, bad: 0 });
});

test("many meetings are asked for in parts", () => {
  const queries = labelQueries(Array.from({ length: 700 }, (_, at) => attendance(String(at), "1")));
  expect(queries.map(({ values }) => values.length)).toEqual([301, 301, 101]);
});
