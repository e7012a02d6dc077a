// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
// Needs Node 22.18 or later, which strips the types. `tsc` checks them with @types/node.

import process from "node:process";

/** Maximum time for a response, in seconds. */
const TIMEOUT_SECONDS = 60;

type Json = null | boolean | number | bigint | string | Json[] | { [name: string]: Json };

interface ScheduleStartCode {
  service?: string | null;
  type?: string | null;
}

interface Option {
  defaultValue?: boolean | null;
  value?: string | null;
}

interface Answer {
  hostProfileCode?: string | null;
  id?: string | null;
  inputMode?: string | null;
  name?: string | null;
  options?: (Option | null)[] | null;
  scheduleStartCodes?: (ScheduleStartCode | null)[] | null;
  siteUrl?: string | null;
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
    fail(`the response is not JSON (${error}): ${text}`);
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

function showScheduleStartCode(place: string, value: ScheduleStartCode | null | undefined): void {
  if (!isObject(value)) return;
  show(`${place}.service`, value.service);
  show(`${place}.type`, value.type);
}

function showOption(place: string, value: Option | null | undefined): void {
  if (!isObject(value)) return;
  show(`${place}.defaultValue`, value.defaultValue);
  show(`${place}.value`, value.value);
}

function showAnswer(value: Answer | null | undefined): void {
  if (!isObject(value)) return;
  show("hostProfileCode", value.hostProfileCode);
  show("id", value.id);
  show("inputMode", value.inputMode);
  show("name", value.name);
  showList("options", value.options, showOption);
  showList("scheduleStartCodes", value.scheduleStartCodes, showScheduleStartCode);
  show("siteUrl", value.siteUrl);
}

/** Returns an environment variable. */
function setting(name: string): string {
  return process.env[name] || fail(`set ${name} in the environment`);
}

/** Percent-encodes everything but letters, digits and -._~ */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

type Parameter = [name: string, ...values: string[]];

/** Writes parameters as a query or a form. */
function pairs(parameters: Parameter[]): string {
  return parameters.map(([name, ...values]) => `${encode(name)}=${values.map(encode).join(",")}`).join("&");
}

/** Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time. */
function waitSeconds(response: Response): number {
  const retryAfter = response.headers.get("Retry-After") ?? "1";
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? 1 : Math.max(0, (until - Date.now()) / 1000);
}

/** Sends the request and returns a successful response. Retries up to five times after 429. */
async function send(url: string, options: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    const response = await fetch(url, { ...options, signal }).catch((error: Error) =>
      fail(`${url}: ${error.cause instanceof Error ? error.cause.message : error.message}`),
    );
    if (response.ok) return response;
    if (response.status !== 429 || attempt === 5) fail(`HTTP ${response.status}: ${await response.text()}`);
    const seconds = waitSeconds(response);
    console.error(`429: waiting ${Math.round(seconds)} s`);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

/** Create a tracking code. */
async function createTrackingCode(): Promise<Answer> {
  const baseUrl = setting("API_BASE_URL").replace(/\/+$/, "");
  const path = "/v1/admin/meeting/config/trackingCodes";
  const options: RequestInit = {
    method: "POST",
    headers: {
      Accept: "application/json",
      Authorization: `Bearer ${setting("API_TOKEN")}`,
      "Content-Type": "application/json",
    },
    body: "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}",
  };
  const url = `${baseUrl}${path}`;
  const response: Response = await send(url, options);
  return parse(await response.text());
}

showAnswer(await createTrackingCode());
