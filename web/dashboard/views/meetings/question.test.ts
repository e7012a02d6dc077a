import { expect, test } from "vitest";
import { sql } from "../../lib/sql";
import { writeSort } from "../../lib/sort";
import { COLUMNS, question, sortOf } from "./question";

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
  const read = (sort: string) => sortOf(new URLSearchParams({ sort }));
  for (const { key, sort } of COLUMNS) if (sort) expect(read(`-${key}`)).toEqual({ key, order: "desc" });
  for (const unknown of ["nope", "-toString"]) expect(read(unknown)).toEqual({ key: "start", order: "desc" });
  expect(writeSort(read("people"))).toBe("people");
});

test("the limit applies to meetings before their attendances are counted", () => {
  const { query } = question(new URLSearchParams(), now).rows(sql`LIMIT ${200} OFFSET ${0}`);
  expect(query.indexOf("LIMIT")).toBeLessThan(query.indexOf("LEFT JOIN"));
});
