import { expect, test } from "vitest";
import { sql } from "../../lib/sql";
import { COLUMNS, question, readSort, writeSort } from "./question";

const now = new Date("2026-11-30T12:00:00Z");

test("nothing from the address becomes SQL", () => {
  const evil = "x'); DROP TABLE instances --";
  const query = new URLSearchParams({ q: evil, sort: evil, quality: evil, place: evil, host: evil, code: `${evil}:${evil}`, last: evil });
  const { count, rows } = question(query, now);
  for (const statement of [count, rows(sql`LIMIT ${1}`)]) {
    expect(statement.query).not.toContain("DROP");
    expect(statement.query.match(/\?/g)).toHaveLength(statement.values.length);
  }
});

test("every column that offers a sort can be sorted by", () => {
  for (const { key, sort } of COLUMNS) if (sort) expect(readSort(`-${key}`)).toEqual({ key, order: "desc" });
  expect(readSort("nope")).toEqual({ key: "start", order: "desc" });
  expect(writeSort(readSort("people"))).toBe("people");
});

test("the limit applies to meetings before their attendances are counted", () => {
  const { query } = question(new URLSearchParams(), now).rows(sql`LIMIT ${200} OFFSET ${0}`);
  expect(query.indexOf("LIMIT")).toBeLessThan(query.indexOf("LEFT JOIN"));
});
