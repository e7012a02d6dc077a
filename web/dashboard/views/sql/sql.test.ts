import { expect, test } from "vitest";
import { placeOf } from "./errors";
import { chartOf, order, usual, widths } from "./result";
import { search } from "./schema";

test("an error is shown where the query is wrong", () => {
  const at = (message: string, query: string) => {
    const place = placeOf(message, query);
    return place && query.slice(place.from, place.to);
  };
  expect(at("no such column: nope. `rollcall sql --schema instances` lists the columns of instances.", "SELECT nope FROM instances")).toBe("nope");
  expect(at("no such column: i.nope", "SELECT topic, i.nope FROM instances AS i")).toBe("nope");
  expect(at("no such table: instance. Did you mean instances?", "SELECT 1 FROM instance")).toBe("instance");
  expect(at('near "FORM": syntax error', "SELECT 'FORM' FORM x")).toBe("FORM");
  expect(placeOf('near "FORM": syntax error', "SELECT 'FORM' FORM x")!.from).toBe(14);
  expect(placeOf("no such column: a", "SELECT ab -- a")).toBeNull();
  expect(placeOf("The query took longer than 10 s.", "SELECT 1")).toBeNull();
});

const answer = { columns: ["day", "minutes", "loss"], rows: [["2026-11-02", 10, 0.5], ["2026-11-01", null, 1], ["2026-11-03", 30, null]] as (string | number | null)[][] };

test("times are drawn as a line, names as bars", () => {
  expect(usual(answer)).toEqual({ x: 0, y: [1], kind: "line" });
  expect(usual({ columns: ["place", "n"], rows: [["Lyon", 1]] })).toEqual({ x: 0, y: [1], kind: "bar" });
  expect(usual({ columns: ["a"], rows: [["x"]] })).toBeNull();
  expect(usual({ columns: ["a", "n"], rows: [] })).toBeNull();
});

test("the address chooses columns by name, and cannot choose texts as values", () => {
  expect(chartOf(answer, new URLSearchParams("y=loss&y=minutes&kind=bar"))).toEqual({ x: 0, y: [2, 1], kind: "bar" });
  expect(chartOf(answer, new URLSearchParams("x=nope&y=day"))).toEqual({ x: 0, y: [1], kind: "line" });
});

test("rows are sorted with unknown values last, in both directions", () => {
  expect(order(answer, { at: 1, down: false })).toEqual([0, 2, 1]);
  expect(order(answer, { at: 1, down: true })).toEqual([2, 0, 1]);
  expect(order(answer, null)).toEqual([0, 1, 2]);
});

test("columns are as wide as their content, within limits", () => {
  expect(widths({ columns: ["n", "text"], rows: [[1, "x".repeat(500)], [2, "渡邉翔"]] })).toEqual([5, 44]);
});

test("the schema is searched by name and meaning", () => {
  const tables = [{ name: "participants", meaning: "one attendance", columns: [{ name: "join_time", type: "time", meaning: "when they joined" }, { name: "email", type: "text", meaning: "address" }] }];
  expect(search(tables, "")).toBe(tables);
  expect(search(tables, "partic")[0]!.columns).toHaveLength(2);
  expect(search(tables, "address")[0]!.columns.map(({ name }) => name)).toEqual(["email"]);
  expect(search(tables, "zzz")).toEqual([]);
});
