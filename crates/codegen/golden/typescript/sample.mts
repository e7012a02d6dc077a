// Reads JSON that is built like the sample
// Reads standard input.
// Node 22.18 or later runs it as it is; `tsc` checks it with the types of Node (@types/node).

import process from "node:process";
import { readFileSync } from "node:fs";

type Json = null | boolean | number | bigint | string | Json[] | { [name: string]: Json };

/** Reads JSON. Whole numbers that a double would round become BigInts. */
function parse(text: string): Json {
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
  const marked = text.replace(tokens, (token) => (/^-?\d{16,}$/.test(token) ? `"\\u0000${token}"` : token));
  return JSON.parse(marked, (_, value) => (/^\0-?\d+$/.test(value) ? BigInt(value.slice(1)) : value));
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(parent: Json | undefined, name: string): Json | undefined {
  return isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined;
}

function asText(value: Json | undefined): string | undefined {
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

function asInteger(value: Json | undefined): number | bigint | undefined {
  return typeof value === "bigint" ? value : typeof value === "number" ? Math.trunc(value) : undefined;
}

function asNumber(value: Json | undefined): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

function asBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** A value of which the description does not say what it holds: objects and arrays as JSON. */
function asJson(value: Json | undefined): string | number | bigint | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  const plain = (_: string, inner: Json) => (typeof inner === "bigint" ? String(inner) : inner);
  return typeof value === "object" ? JSON.stringify(value, plain) : value;
}

/** Prints a value on one line; nothing if there is none. */
function show(place: string, value: string | number | bigint | boolean | undefined): void {
  if (value === undefined) return;
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  const rounded = isFraction ? Number(value.toPrecision(15)) : value;
  const text = String(rounded).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  process.stdout.write(`${place}: ${text}\n`);
}

const answer: Json = parse(readFileSync(0, "utf8"));
const id: number | bigint | undefined = asInteger(member(answer, "id"));
show("id", id);
const field2ndName: string | undefined = asText(member(answer, "2nd-name"));
show("2nd-name", field2ndName);
const classValue: boolean | undefined = asBoolean(member(answer, "class"));
show("class", classValue);
const mean: number | undefined = asNumber(member(answer, "mean"));
show("mean", mean);
const tags: Json | undefined = member(answer, "tags");
if (Array.isArray(tags)) {
  for (const [tagIndex, tag] of tags.entries()) {
    show("tags[" + tagIndex + "]", asText(tag));
  }
}
const grid: Json | undefined = member(answer, "grid");
if (Array.isArray(grid)) {
  for (const [gridItemIndex, gridItem] of grid.entries()) {
    const gridItemInner: Json | undefined = gridItem;
    if (Array.isArray(gridItemInner)) {
      for (const [innerItemIndex, innerItem] of gridItemInner.entries()) {
        show("grid[" + gridItemIndex + "][" + innerItemIndex + "]", asInteger(innerItem));
      }
    }
  }
}
const owner: Json | undefined = member(answer, "owner");
if (isObject(owner)) {
  const ownerId: string | undefined = asText(member(owner, "id"));
  show("owner.id", ownerId);
  const ownerClass: Json | undefined = asJson(member(owner, "class"));
  show("owner.class", ownerClass);
}
const rows: Json | undefined = member(answer, "rows");
if (Array.isArray(rows)) {
  for (const [rowIndex, row] of rows.entries()) {
    if (!isObject(row)) continue;
    const rowId: number | bigint | undefined = asInteger(member(row, "id"));
    show("rows[" + rowIndex + "].id", rowId);
    const note: string | undefined = asText(member(row, "note"));
    show("rows[" + rowIndex + "].note", note);
  }
}
const userName: string | undefined = asText(member(answer, "userName"));
show("userName", userName);
const userNameValue: string | undefined = asText(member(answer, "user_name"));
show("user_name", userNameValue);
