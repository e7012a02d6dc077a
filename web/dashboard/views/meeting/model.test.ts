import { expect, test } from "vitest";
import { FIRST, type Attendance, type Instance, type Minutes } from "./data";
import { cellAt, runs, ticks } from "./heat";
import { ABSENT, arrange, attendedShare, BREAKOUT, counts, extent, facetCounts, fillLevels, grid, PRESENT, totals, WAITING, whole } from "./model";
import { summary, worstSpan } from "./summary";

const START = Date.parse("2026-11-18T14:00:00Z") / 1000;
const at = (minute: number) => new Date((START + minute * 60) * 1000).toISOString().replace(".000", "");

const instance = { state: "past", start_time: at(0), end_time: at(10) } as Instance;
const attendance = (user_id: string, from: number, to: number | null, more: Partial<Attendance> = {}) =>
  ({ user_id, join_time: at(from), leave_time: to === null ? null : at(to), person: null, user_name: null, role: "attendee", status: "in_meeting", location: null, network_type: null, ip_address: null, bo_mtg_id: null, ...more }) as Attendance;
/** Minutes of an attendance with labels of sound, picture and sharing from 0 to 4. */
const minutes = (user_id: string, join: number, labels: [number, number, number, number][]): Minutes => ({
  user_id,
  join_time: at(join),
  minutes: labels.map(([minute]) => String.fromCharCode(FIRST + minute)).join(""),
  labels: labels.map(([, sound, picture, share]) => String.fromCharCode(FIRST + sound + 5 * picture + 25 * share)).join(""),
});

test("attendances of one person are one row, and those of strangers are not", () => {
  const built = grid(instance, [
    attendance("1", 0, 3, { person: "user:a" }),
    attendance("2", 5, 10, { person: "user:a" }),
    attendance("3", 0, 10, { user_name: "iPhone", ip_address: "192.0.2.1" }),
    attendance("4", 0, 10, { user_name: "iPhone", ip_address: "192.0.2.2" }),
    attendance("5", 0, 10),
    attendance("6", 0, 10),
  ], 0);
  expect(built.people.map((one) => one.attendances.length)).toEqual([2, 1, 1, 1, 1]);
  expect(built.people[0]!.joins).toBe(2);
  expect([...built.presence.slice(0, 10)]).toEqual([1, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
});

test("a wait and a breakout room are no joins, and are shown as what they are", () => {
  const built = grid(instance, [
    attendance("1", 0, 2, { person: "user:a", status: "in_waiting_room" }),
    attendance("2", 2, 6, { person: "user:a" }),
    attendance("3", 6, 10, { person: "user:a", bo_mtg_id: "room" }),
  ], 0);
  expect(built.people[0]!.joins).toBe(1);
  expect([...built.presence]).toEqual([WAITING, WAITING, PRESENT, PRESENT, PRESENT, PRESENT, BREAKOUT, BREAKOUT, BREAKOUT, BREAKOUT]);
  expect(counts(built, 0, "worst", whole(built)).present).toBe(8);
});

test("devices at a time count once, and waiting does not count", () => {
  const built = grid(instance, [
    attendance("1", 0, 2, { person: "user:a", status: "in_waiting_room" }),
    attendance("2", 2, 6, { person: "user:a" }),
    attendance("3", 4, 5, { person: "user:a" }),
    attendance("4", 8, 10, { person: "user:a" }),
  ], 0);
  expect(built.people[0]!.seconds).toBe(360);
  expect(attendedShare(built, built.people[0]!)).toBeCloseTo(0.6);
});

test("an unknown length gives no share", () => {
  const built = grid({ ...instance, start_time: null, duration_seconds: null } as Instance, [attendance("1", 0, 10)], 0);
  expect(attendedShare(built, built.people[0]!)).toBeNull();
});

test("somebody who has not left is there until now, while the meeting is live", () => {
  const live = { ...instance, state: "live", end_time: null } as Instance;
  const now = START + 4 * 60;
  expect(extent(live, [attendance("1", 0, null)], now).minutes).toBe(4);
  expect([...grid(live, [attendance("1", 1, null)], now).presence]).toEqual([0, 1, 1, 1]);
});

test("labels are decoded, and the worst of the three counts", () => {
  const built = grid(instance, [attendance("1", 0, 10)], 0);
  fillLevels(built, [minutes("1", 0, [[0, 1, 1, 0], [1, 2, 4, 3], [9, 0, 0, 0]])]);
  expect([built.levels.audio[1], built.levels.video[1], built.levels.share[1], built.levels.worst[1]]).toEqual([2, 4, 3, 4]);
  expect([built.levels.worst[0], built.levels.worst[9]]).toEqual([1, 0]);
  expect(counts(built, 0, "worst", whole(built))).toEqual({ present: 10, measured: 2, trouble: 1, levels: [8, 1, 0, 0, 1] });
});

test("minutes outside the meeting or of unknown attendances change nothing", () => {
  const built = grid(instance, [attendance("1", 0, 10)], 0);
  fillLevels(built, [minutes("1", 0, [[500, 4, 4, 4]]), minutes("9", 0, [[1, 4, 4, 4]])]);
  expect(built.levels.worst.every((level) => level === 0)).toBe(true);
});

test("a meeting of days has columns of several minutes, of which the worst counts", () => {
  const long = { ...instance, end_time: at(6000) } as Instance;
  const built = grid(long, [attendance("1", 0, 6000)], 0);
  expect([built.step, built.columns]).toEqual([4, 1500]);
  fillLevels(built, [minutes("1", 0, [[8, 1, 0, 0], [9, 3, 0, 0], [12, 1, 0, 0]])]);
  expect([built.levels.worst[2], built.levels.worst[3]]).toEqual([3, 1]);
});

test("totals count people, and shares only those measured", () => {
  const built = grid(instance, [attendance("1", 0, 10), attendance("2", 0, 5), attendance("3", 0, 10, { status: "in_waiting_room" })], 0);
  fillLevels(built, [minutes("1", 0, [[0, 3, 0, 0]])]);
  const sums = totals(built, [0, 1, 2], "worst");
  expect([sums.people[0], sums.measured[0], sums.trouble[0], sums.people[9], sums.measured[9]]).toEqual([2, 1, 1, 1, 0]);
});

const crowd = () => {
  const people = Array.from({ length: 20 }, (_, index) => attendance(String(index), 0, 10, { location: index < 5 ? "Lyon" : "Paris", network_type: index % 2 ? "Wifi" : "Wired", user_name: `P${String(index).padStart(2, "0")}`, ip_address: String(index) }));
  const built = grid(instance, people, 0);
  fillLevels(built, people.map((one, index) => minutes(one.user_id!, 0, Array.from({ length: 10 }, (_, minute) => [minute, index < 5 && minute > 3 && minute < 7 ? 4 : 1, 0, 0]))));
  return built;
};

test("people are filtered by a span, a search and a facet, and sorted by what is worst", () => {
  const built = crowd();
  const options = { sort: "worst" as const, shown: "worst" as const, brush: whole(built), search: "", facets: [] };
  expect(arrange(built, options).slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(arrange(built, { ...options, search: "p07" })).toEqual([7]);
  expect(arrange(built, { ...options, facets: [{ field: "place", value: "Lyon" }, { field: "network", value: "Wifi" }] })).toEqual([1, 3]);
});

test("facets put the worst value first and do not invent a share", () => {
  const built = crowd();
  const [first, second] = facetCounts(built, built.people.map((_, row) => row), "place", "worst", whole(built));
  expect([first!.value, first!.people, first!.trouble, second!.trouble]).toEqual(["Lyon", 5, 15, 0]);
});

test("the summary names the group that has the trouble, and when", () => {
  const built = crowd();
  const found = summary(built, built.people.map((_, row) => row), "worst", whole(built));
  expect(found.facets).toEqual([{ field: "place", value: "Lyon" }]);
  expect(found.brush).toEqual({ from: 4, to: 6 });
  expect(found.text).toMatch(/^Lyon: 5 people with 30 % of their minutes poor or bad; everyone else 0 %\. Most of it was at /);
});

test("one person's trouble is not called that of their place", () => {
  const built = crowd();
  built.levels.worst.fill(1);
  built.levels.worst.fill(4, 3 * built.columns, 3 * built.columns + 6);
  const found = summary(built, built.people.map((_, row) => row), "worst", whole(built));
  expect([found.facets, found.person]).toEqual([[], built.people[3]!.key]);
  expect(found.text).toMatch(/^P03 has 100 % of the minutes that were poor or bad, and 60 % of their own were\./);
});

test("the summary does not call unmeasured minutes good", () => {
  const built = grid(instance, [attendance("1", 0, 10)], 0);
  expect(summary(built, [0], "worst", whole(built)).text).toBe("Nothing was measured in this time.");
});

test("trouble that is spread has no span", () => {
  expect(worstSpan({ columns: 10 }, new Array(10).fill(1), { from: 0, to: 9 })).toBeNull();
  expect(worstSpan({ columns: 10 }, [0, 0, 9, 0, 0, 0, 0, 0, 0, 1], { from: 0, to: 9 })).toEqual({ from: 2, to: 2 });
});

test("equal neighbours are drawn as one run, and absence is not drawn", () => {
  const presence = Uint8Array.from([ABSENT, PRESENT, PRESENT, ABSENT, PRESENT, WAITING]);
  const levels = Uint8Array.from([0, 1, 1, 0, 4, 0]);
  expect(runs(presence, levels, 0, 6)).toEqual([
    { from: 1, to: 2, presence: PRESENT, level: 1 },
    { from: 4, to: 4, presence: PRESENT, level: 4 },
    { from: 5, to: 5, presence: WAITING, level: 0 },
  ]);
});

test("a point belongs to one cell, and beyond the edges to none", () => {
  const size = { width: 900, rowHeight: 22, columns: 90, rows: 10 };
  expect(cellAt(0, 0, size)).toEqual({ row: 0, column: 0 });
  expect(cellAt(899.9, 219.9, size)).toEqual({ row: 9, column: 89 });
  expect(cellAt(900, 0, size)).toBeNull();
  expect(cellAt(-1, 0, size)).toBeNull();
});

test("ticks are at round times and have room", () => {
  const marks = ticks(START + 7 * 60, 60, 600);
  expect(marks.map(({ minute }) => minute)).toEqual([3, 13, 23, 33, 43, 53]);
  expect(ticks(START, 6000, 600).length).toBeLessThan(10);
});
