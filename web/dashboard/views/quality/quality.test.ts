import { expect, test } from "vitest";
import { bars } from "./places";
import { bins, byRollups, DIMENSIONS, placesQuery, shift, shown, trendQuery } from "./question";
import { line, points, strip } from "./trend";

const NOW = new Date("2026-11-30T10:20:00Z");
const view = (query: string) => shown(new URLSearchParams(query), NOW, new Date("2025-01-01T00:00:00Z"));

test("the address decides period, bins, comparison and measure", () => {
  expect(view("last=28d")).toMatchObject({ bin: "day", compared: null, trouble: "any", measure: { key: "sound-received-delay" } });
  expect(view("last=24h").bin).toBe("hour");
  expect(view("last=12m").bin).toBe("week");
  expect(view("last=all").span.start.toISOString()).toBe("2025-01-01T00:00:00.000Z");
  expect(view("trouble=picture&measure=picture-sent-loss")).toMatchObject({ trouble: "picture", measure: { column: "video_input_avg_loss" } });
  expect(view("trouble=x&measure=x&compare=x")).toMatchObject({ trouble: "any", compare: "", measure: { key: "sound-received-delay" } });
});

test("the compared period is as long, and ends where the period begins", () => {
  const one = view("last=7d&compare=previous");
  expect(+one.compared!.end).toBe(+one.span.start);
  expect(+one.compared!.end - +one.compared!.start).toBe(+one.span.end - +one.span.start);
  expect(shift(one)).toBe(+one.span.end - +one.span.start);
  expect(view("last=7d&compare=year").compared!.end.toISOString()).toBe("2025-11-30T10:20:00.000Z");
  expect(view("last=all&compare=previous").compared).toBeNull();
});

test("one kind of filter is answered by rollups, with its values bound", () => {
  const one = view("place=O'Hare&place=Lyon");
  expect(byRollups(one)).toBe(true);
  const { query, values } = trendQuery(one, one.span);
  expect(query).not.toContain("O'Hare");
  expect(values).toContain("O'Hare");
  expect(values).toContain("location");
  expect(byRollups(view("place=Lyon&network=Wifi"))).toBe(false);
});

test("a comparison reads both periods at once", () => {
  const { query, values } = placesQuery(view("last=7d&compare=previous"), DIMENSIONS[0]!);
  expect(query.match(/\?/g)).toHaveLength(values.length);
});

test("days without minutes are gaps, and days with few have no share", () => {
  const starts = bins(view("from=2026-11-02&to=2026-11-06"));
  const row = (start: string, minutes: number) => ({ start, minutes, trouble: 5, critical: 1, measured: minutes, median: 40, extreme: 90 });
  const list = points(starts.slice(-3), "day", [row(starts.at(-3)!.toISOString(), 200), row(starts.at(-1)!.toISOString(), 20)]);
  expect(list.map(({ share }) => share)).toEqual([0.025, null, null]);
  expect(list.map(({ minutes }) => minutes)).toEqual([200, 0, 20]);
  expect(line(list, Number, Number, ({ share }) => share).match(/M/g)).toHaveLength(1);
});

test("the worst value is the one that is worst for certain", () => {
  const row = (value: string, minutes: number, trouble: number) => ({ value, minutes, trouble, before_minutes: null, before_trouble: null });
  const rows = [row("few", 110, 12), row("many", 10_000, 900), row("fine", 10_000, 3), row("tiny", 40, 40)];
  const found = bars(rows, "worst");
  expect(found.bars.map(({ value }) => value)).toEqual(["many", "few", "fine"]);
  expect(found.few).toEqual({ values: 1, minutes: 40 });
  expect(bars(rows, "used").bars[0]!.value).toBe("many");
});

test("a change is only called one if the intervals do not overlap", () => {
  const row = { value: "a", minutes: 1000, trouble: 100 };
  expect(bars([{ ...row, before_minutes: 1000, before_trouble: 110 }], "worst").bars[0]).toMatchObject({ before: 0.11, changed: false });
  expect(bars([{ ...row, before_minutes: 1000, before_trouble: 300 }], "worst").bars[0]).toMatchObject({ changed: true });
  expect(bars([{ ...row, before_minutes: 20, before_trouble: 20 }], "worst").bars[0]).toMatchObject({ before: null, changed: false });
});

test("a strip's scale begins at zero and holds its largest value", () => {
  const { y, ticks } = strip([0.037, null], 10, 100);
  expect(ticks.at(-1)).toBe(0.04);
  expect(y(0)).toBe(110);
  expect(y(0.04)).toBe(10);
});
