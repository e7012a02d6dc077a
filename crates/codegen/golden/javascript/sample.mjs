// Reads JSON that is built like the sample
// Reads standard input.
// For Node 18 or later.

import process from "node:process";
import { readFileSync } from "node:fs";

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Prints a value on one line; nothing if there is none. */
function show(place, value) {
  if (value === undefined || value === null) return;
  const plain = (_, inner) => (typeof inner === "bigint" ? String(inner) : inner);
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  const shown = typeof value === "object" ? JSON.stringify(value, plain) : value;
  const rounded = isFraction ? Number(value.toPrecision(15)) : shown;
  const text = String(rounded).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  process.stdout.write(`${place}: ${text}\n`);
}

/** Reads JSON. Whole numbers that a double would round become BigInts. */
function parse(text) {
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
  const marked = text.replace(tokens, (token) => (/^-?\d{16,}$/.test(token) ? `"\\u0000${token}"` : token));
  return JSON.parse(marked, (_, value) => (/^\0-?\d+$/.test(value) ? BigInt(value.slice(1)) : value));
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const answer = parse(readFileSync(0, "utf8"));
const id = answer?.["id"];
show("id", id);
const field2ndName = answer?.["2nd-name"];
show("2nd-name", field2ndName);
const classValue = answer?.["class"];
show("class", classValue);
const mean = answer?.["mean"];
show("mean", mean);
const tags = answer?.["tags"];
if (Array.isArray(tags)) {
  for (const [tagIndex, tag] of tags.entries()) {
    show("tags[" + tagIndex + "]", tag);
  }
}
const grid = answer?.["grid"];
if (Array.isArray(grid)) {
  for (const [gridItemIndex, gridItem] of grid.entries()) {
    const gridItemInner = gridItem;
    if (Array.isArray(gridItemInner)) {
      for (const [innerItemIndex, innerItem] of gridItemInner.entries()) {
        show("grid[" + gridItemIndex + "][" + innerItemIndex + "]", innerItem);
      }
    }
  }
}
const owner = answer?.["owner"];
if (isObject(owner)) {
  const ownerId = owner["id"];
  show("owner.id", ownerId);
  const ownerClass = owner["class"];
  show("owner.class", ownerClass);
}
const rows = answer?.["rows"];
if (Array.isArray(rows)) {
  for (const [rowIndex, row] of rows.entries()) {
    if (!isObject(row)) continue;
    const rowId = row["id"];
    show("rows[" + rowIndex + "].id", rowId);
    const note = row["note"];
    show("rows[" + rowIndex + "].note", note);
  }
}
const userName = answer?.["userName"];
show("userName", userName);
const userNameValue = answer?.["user_name"];
show("user_name", userNameValue);
