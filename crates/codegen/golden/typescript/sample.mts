// Reads JSON that is built like the sample
// Reads standard input.
// Needs Node 22.18 or later, which strips the types. `tsc` checks them with @types/node.

import process from "node:process";
import { readFileSync } from "node:fs";

type Json = null | boolean | number | bigint | string | Json[] | { [name: string]: Json };

interface AnswerRow {
  id?: number | bigint | null;
  note?: string | null;
}

interface Owner {
  id?: string | null;
  "class"?: Json | null;
}

interface Answer {
  id?: number | bigint | null;
  "2nd-name"?: string | null;
  "class"?: boolean | null;
  mean?: number | null;
  tags?: (string | null)[] | null;
  grid?: ((number | bigint | null)[] | null)[] | null;
  owner?: Owner | null;
  rows?: (AnswerRow | null)[] | null;
  userName?: string | null;
  user_name?: string | null;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** Parses JSON. Integers that a double would round become BigInts. */
function parse(text: string): Answer {
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
  const marked = text.replace(tokens, (token) => (/^-?\d{16,}$/.test(token) ? `"\\u0000${token}"` : token));
  try {
    return JSON.parse(marked, (_, value) => (/^\0-?\d+$/.test(value) ? BigInt(value.slice(1)) : value));
  } catch (error) {
    fail(`standard input is not JSON (${error})`);
  }
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

type Scalar = string | number | bigint | boolean;

/** Prints a value on its own line, and nothing if it is absent. */
function show(place: string, value: Scalar | null | undefined): void {
  if (!["string", "number", "bigint", "boolean"].includes(typeof value)) return;
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  console.log(`${place}: ${isFraction ? Number(value.toPrecision(15)) : escaped(String(value))}`);
}

/** Prints any JSON on its own line. */
function showJson(place: string, value: Json | undefined): void {
  if (typeof value !== "object") return show(place, value);
  const plain = (_: string, inner: Json) => (typeof inner === "bigint" ? String(inner) : inner);
  if (value !== null) show(place, JSON.stringify(value, plain));
}

/** Prints each element of a list, and nothing if the value is not a list. */
function showList<T>(place: string, list: T[] | null | undefined, print: (place: string, element: T) => void): void {
  if (!Array.isArray(list)) return;
  list.forEach((element, index) => print(`${place}[${index}]`, element));
}

function isObject<T>(value: T | null | undefined): value is T {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function showAnswerRow(place: string, value: AnswerRow | null | undefined): void {
  if (!isObject(value)) return;
  show(`${place}.id`, value.id);
  show(`${place}.note`, value.note);
}

function showOwner(place: string, value: Owner | null | undefined): void {
  if (!isObject(value)) return;
  show(`${place}.id`, value.id);
  showJson(`${place}.` + "class", value["class"]);
}

function showAnswer(value: Answer | null | undefined): void {
  if (!isObject(value)) return;
  show("id", value.id);
  show("2nd-name", value["2nd-name"]);
  show("class", value["class"]);
  show("mean", value.mean);
  showList("tags", value.tags, show);
  showList("grid", value.grid, (place, list) => showList(place, list, show));
  showOwner("owner", value.owner);
  showList("rows", value.rows, showAnswerRow);
  show("userName", value.userName);
  show("user_name", value.user_name);
}

showAnswer(parse(readFileSync(0, "utf8")));
