// Get an access token
// POST /oauth/token
//
// Optional parameters:
//   account_id: With `account_credentials`: the account's id.
//   code: With `authorization_code`: the code. It is valid once, for five minutes.
//   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
//   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, if there is no Basic header.
// Needs Node 22.18 or later, which strips the types. `tsc` checks them with @types/node.

import process from "node:process";

/** Maximum time for a response, in seconds. */
const TIMEOUT_SECONDS = 60;

type Json = null | boolean | number | bigint | string | Json[] | { [name: string]: Json };

interface Answer {
  access_token?: string | null;
  api_url?: string | null;
  expires_in?: number | bigint | null;
  refresh_token?: string | null;
  scope?: string | null;
  token_type?: string | null;
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

function showAnswer(value: Answer | null | undefined): void {
  if (!isObject(value)) return;
  show("access_token", value.access_token);
  show("api_url", value.api_url);
  show("expires_in", value.expires_in);
  show("refresh_token", value.refresh_token);
  show("scope", value.scope);
  show("token_type", value.token_type);
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

/** Get an access token. */
async function createToken({
  grantType = "account_credentials",
} = {}): Promise<Answer> {
  const baseUrl = setting("API_BASE_URL").replace(/\/+$/, "");
  const path = "/oauth/token";
  const credentials = `${setting("API_CLIENT_ID")}:${setting("API_CLIENT_SECRET")}`;
  const options: RequestInit = {
    method: "POST",
    headers: {
      Accept: "application/json",
      Authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: pairs([["grant_type", grantType]]),
  };
  const url = `${baseUrl}${path}`;
  const response: Response = await send(url, options);
  return parse(await response.text());
}

showAnswer(await createToken());
