import { expect, test } from "vitest";
import { byTrouble, figures, recentTrouble } from "./order";

const live = (uuid: string, people: number, trouble: (number | null)[], more = {}) =>
  ({ uuid, kind: "meeting", meeting_id: 1, topic: uuid, host: null, start_time: null, people, measured: people, poor: 0, worst: [], trouble, ...more }) as never;

test("the meeting with the most people in trouble comes first", () => {
  const order = byTrouble([live("large", 100, [0, 0]), live("few", 4, [0.5, 0.5]), live("many", 40, [0.5, 0.5])]).map(({ uuid }) => uuid);
  expect(order).toEqual(["many", "few", "large"]);
});

test("noise of one person in a large meeting does not move rows", () => {
  const order = byTrouble([live("b", 100, [0.004]), live("a", 100, [0])]).map(({ uuid }) => uuid);
  expect(order).toEqual(["a", "b"]);
});

test("minutes that were not measured are not good minutes", () => {
  expect(recentTrouble({ trouble: [null, null] })).toBeNull();
  expect(recentTrouble({ trouble: [1, null, 0.5, null] })).toBe(0.75);
});

test("figures add up", () => {
  expect(figures([live("a", 3, []), live("b", 5, [], { kind: "webinar", poor: 2 })])).toEqual({ meetings: 1, webinars: 1, people: 8, measured: 8, poor: 2 });
});
