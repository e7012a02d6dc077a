// Get an access token
// POST /oauth/token
//
// It also takes:
//   account_id: With `account_credentials`: the account's id.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, where no Basic header names it.
// Node 22.18 or later runs it as it is; `tsc` checks it with the types of Node (@types/node).

import process from "node:process";

type Json = null | boolean | number | bigint | string | Json[] | { [name: string]: Json };

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

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

/** Prints a value on one line; nothing if there is none. */
function show(place: string, value: string | number | bigint | boolean | undefined): void {
  if (value === undefined) return;
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  const rounded = isFraction ? Number(value.toPrecision(15)) : value;
  const text = String(rounded).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  process.stdout.write(`${place}: ${text}\n`);
}

/** A variable of the environment. */
function setting(name: string): string {
  return process.env[name] || fail(`set ${name} in the environment`);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
}

type Parameter = [name: string, ...values: string[]];

/** The parameters as a query or a form. */
function pairs(parameters: Parameter[]): string {
  return parameters.map(([name, ...values]) => encode(name) + "=" + values.map(encode).join(",")).join("&");
}

/** How long an answer with status 429 asks to wait: in seconds, or up to an instant. */
function waitSeconds(response: Response): number {
  const retryAfter = response.headers.get("Retry-After") ?? "1";
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? 1 : Math.max(0, (until - Date.now()) / 1000);
}

/** How long a server may take to answer. */
const TIMEOUT_SECONDS = 60;

/** A good answer; after 429 it waits and asks again, at most five times. */
async function send(url: string): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  headers["Authorization"] = authorization;
  headers["Content-Type"] = "application/x-www-form-urlencoded";
  const body = pairs([["grant_type", grantType]]);
  for (let attempt = 0; ; attempt++) {
    const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    const response = await fetch(url, { method: "POST", headers, body, signal })
      .catch((error: Error) => fail(`${baseUrl}: ${error.cause instanceof Error ? error.cause.message : error.message}`));
    if (response.ok) return response;
    if (response.status !== 429 || attempt === 5) fail(`HTTP ${response.status}: ${await response.text()}`);
    const seconds = waitSeconds(response);
    console.error(`429: waiting ${Math.round(seconds)} s`);
    await new Promise((resume) => setTimeout(resume, seconds * 1000));
  }
}

const baseUrl: string = setting("API_BASE_URL").replace(/\/+$/, "");
const credentials: string = setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET");
const authorization: string = "Basic " + Buffer.from(credentials).toString("base64");
const grantType: string = "account_credentials";

const path: string = "/oauth/token";
const query: Parameter[] = [];
const url: string = baseUrl + path + (query.length ? "?" + pairs(query) : "");
const response: Response = await send(url);
const text: string = await response.text();
let answer: Json;
try {
  answer = parse(text);
} catch (error) {
  fail(`the answer is not JSON (${error}): ${text}`);
}
const accessToken: string | undefined = asText(member(answer, "access_token"));
show("access_token", accessToken);
const apiUrl: string | undefined = asText(member(answer, "api_url"));
show("api_url", apiUrl);
const expiresIn: number | bigint | undefined = asInteger(member(answer, "expires_in"));
show("expires_in", expiresIn);
const refreshToken: string | undefined = asText(member(answer, "refresh_token"));
show("refresh_token", refreshToken);
const scope: string | undefined = asText(member(answer, "scope"));
show("scope", scope);
const tokenType: string | undefined = asText(member(answer, "token_type"));
show("token_type", tokenType);
