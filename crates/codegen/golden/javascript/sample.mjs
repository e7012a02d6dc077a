// Reads JSON that is built like the sample
// Reads standard input.
// Needs Node 18 or later.

import process from "node:process";
import { readFileSync } from "node:fs";

// The types of the response, in the order in which they are printed. `Object` is any JSON.
const AnswerRow = {
id: Number,
note: String,
};
const Owner = {
id: String,
"class": Object,
};
const Answer = {
id: Number,
"2nd-name": String,
"class": Boolean,
mean: Number,
tags: [String],
grid: [[Number]],
owner: Owner,
rows: [AnswerRow],
userName: String,
user_name: String,
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Parses JSON. Integers that a double would round become BigInts. */
function parse(text) {
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
  const marked = text.replace(tokens, (token) => (/^-?\d{16,}$/.test(token) ? `"\\u0000${token}"` : token));
  try {
    return JSON.parse(marked, (_, value) => (/^\0-?\d+$/.test(value) ? BigInt(value.slice(1)) : value));
  } catch (error) {
    fail(`standard input is not JSON (${error.message})`);
  }
}

function escaped(text) {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

function formatted(value) {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(15)));
  if (typeof value !== "object") return escaped(String(value));
  return escaped(JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner)));
}

/** Prints each value of a type on its own line, and nothing for absent values. */
function show(place, value, type) {
  if (value === undefined || value === null) return;
  if (Array.isArray(type)) {
    if (!Array.isArray(value)) return;
    value.forEach((element, index) => show(`${place}[${index}]`, element, type[0]));
  } else if (typeof type === "object") {
    if (typeof value !== "object" || Array.isArray(value)) return;
    for (const [name, memberType] of Object.entries(type)) {
      if (!Object.hasOwn(value, name)) continue;
      show(place ? `${place}.${escaped(name)}` : escaped(name), value[name], memberType);
    }
  } else {
    console.log(`${place}: ${formatted(value)}`);
  }
}

show("", parse(readFileSync(0, "utf8")), Answer);
