// Reads JSON that is built like the sample
// Reads standard input.
// Node 22.18 or later runs it as it is; `tsc` checks it with the types of Node (@types/node).

import process from "node:process";
import { readFileSync } from "node:fs";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(parent: Json | undefined, name: string): Json | undefined {
  return isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined;
}

function asText(value: Json | undefined): string | undefined {
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

function asInteger(value: Json | undefined): number | undefined {
  return typeof value === "number" ? Math.trunc(value) : undefined;
}

function asNumber(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function asBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** Prints a value on one line; nothing where there is none. */
function show(place: string, value: string | number | boolean | undefined): void {
  if (value === undefined) return;
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  const rounded = isFraction ? Number(value.toPrecision(15)) : value;
  const text = String(rounded).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  process.stdout.write(`${place}: ${text}\n`);
}

const answer: Json = JSON.parse(readFileSync(0, "utf8"));
const id: number | undefined = asInteger(member(answer, "id"));
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
    const inner: Json | undefined = gridItem;
    if (Array.isArray(inner)) {
      for (const [innerItemIndex, innerItem] of inner.entries()) {
        show("grid[" + gridItemIndex + "][" + innerItemIndex + "]", asInteger(innerItem));
      }
    }
  }
}
const owner: Json | undefined = member(answer, "owner");
if (isObject(owner)) {
  const ownerId: string | undefined = asText(member(owner, "id"));
  show("owner.id", ownerId);
  // class: the description does not say what it holds
}
const rows: Json | undefined = member(answer, "rows");
if (Array.isArray(rows)) {
  for (const [rowIndex, row] of rows.entries()) {
    const rowId: number | undefined = asInteger(member(row, "id"));
    show("rows[" + rowIndex + "].id", rowId);
    const note: string | undefined = asText(member(row, "note"));
    show("rows[" + rowIndex + "].note", note);
  }
}
const userName: string | undefined = asText(member(answer, "userName"));
show("userName", userName);
const userNameValue: string | undefined = asText(member(answer, "user_name"));
show("user_name", userNameValue);
