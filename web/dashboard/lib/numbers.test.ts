import { expect, test } from "vitest";
import { barParts } from "./bars";
import { bitrate, count, percent, share } from "./numbers";
import { worst } from "./quality";
import { pagesOf, rowsInView } from "./virtual";

test("a share of nothing is not 0 %", () => {
  expect(share(0, 0)).toBe("n/a");
  expect(share(null, 10)).toBe("n/a");
  expect(share(0, 10)).toBe("0 %");
});

test("few is not none, and nearly all is not all", () => {
  expect(percent(0.0004)).toBe("<0.1 %");
  expect(percent(0.0031)).toBe("0.3 %");
  expect(percent(0.03)).toBe("3 %");
  expect(percent(0.9996)).toBe("99.9 %");
  expect(percent(1)).toBe("100 %");
});

test("an unknown number is not zero", () => {
  expect(count(null)).toBe("n/a");
  expect(count(0)).toBe("0");
  expect(bitrate(null)).toBe("n/a");
});

test("a part that exists can be seen, and the parts fill the bar", () => {
  const parts = barParts({ good: 9999, fair: 0, poor: 0, bad: 1, none: 0 }, 100);
  expect(parts.map(({ level }) => level)).toEqual(["good", "bad"]);
  expect(parts[1]!.width).toBeGreaterThanOrEqual(2);
  expect(parts[1]!.x + parts[1]!.width).toBeCloseTo(100);
});

test("a bar of nothing shows that nothing was measured", () => {
  expect(barParts({ good: 0, fair: 0, poor: 0, bad: 0, none: 0 }, 100)).toEqual([{ level: "none", x: 0, width: 100 }]);
});

test("the worst label counts, and unmeasured ones do not", () => {
  expect(worst("good", "poor", null)).toBe("poor");
  expect(worst(null, undefined)).toBeNull();
});

test("only rows near the window are drawn", () => {
  expect(rowsInView(-500, 900, 30, 100_000)).toEqual({ first: 0, last: 32 });
  expect(rowsInView(1_500_000, 900, 30, 100_000)).toEqual({ first: 49_984, last: 50_048 });
  expect(rowsInView(0, 900, 30, 3)).toEqual({ first: 0, last: 3 });
});

test("rows in view name the pages that hold them", () => {
  expect(pagesOf(0, 0, 200)).toEqual([]);
  expect(pagesOf(0, 200, 200)).toEqual([0]);
  expect(pagesOf(199, 401, 200)).toEqual([0, 1, 2]);
});
