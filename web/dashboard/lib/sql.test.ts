import { expect, test } from "vitest";
import { all, any, containing, list, Moving, name, spelledOut, sql, tidy } from "./sql";

test("values are bound, never part of the text", () => {
  const topic = "x' OR 1 = 1 --";
  const statement = sql`SELECT * FROM instances WHERE topic = ${topic} AND participants > ${3}`;
  expect(statement.query).toBe("SELECT * FROM instances WHERE topic = ? AND participants > ?");
  expect(statement.values).toEqual([topic, 3]);
});

test("fragments keep the order of their values", () => {
  const inner = sql`b IN ${list(["x", "y"])}`;
  const statement = sql`a = ${1} AND ${any([inner, sql`c = ${2}`])} AND d = ${3}`;
  expect(statement.query).toBe("a = ? AND (b IN (?, ?) OR c = ?) AND d = ?");
  expect(statement.values).toEqual([1, "x", "y", 2, 3]);
});

test("no conditions are true, and no alternatives are false", () => {
  expect(all([]).query).toBe("1");
  expect(any([]).query).toBe("0");
});

test("only names of columns become names", () => {
  expect(name("i.start_time").query).toBe("i.start_time");
  for (const bad of ["a; DROP TABLE x", "a b", "A", "a.b.c", "", "1a", 'a"']) expect(() => name(bad)).toThrow();
});

test("wildcards in a searched text are escaped", () => {
  expect(containing("50%_a\\b")).toBe("%50\\%\\_a\\\\b%");
});

test("a spelled-out query quotes texts and leaves question marks in texts alone", () => {
  const statement = sql`SELECT '?' AS mark WHERE a = ${"O'Brien?"} AND b = ${null} AND c = ${4}`;
  expect(spelledOut(statement)).toBe("SELECT '?' AS mark WHERE a = 'O''Brien?' AND b = NULL AND c = 4");
});

test("indentation of the source is removed", () => {
  expect(tidy("\n      SELECT 1\n      FROM x\n        WHERE y\n")).toBe("SELECT 1\nFROM x\n  WHERE y");
});

test("a moving time is asked for as the time that it is now", () => {
  const statement = sql`start_time >= ${new Moving("2026-11-02T00:00:00Z", "28d", "day")}`;
  expect(JSON.stringify(statement.values)).toBe('["2026-11-02T00:00:00Z"]');
  expect(spelledOut(statement)).toBe("start_time >= '2026-11-02T00:00:00Z'");
});
