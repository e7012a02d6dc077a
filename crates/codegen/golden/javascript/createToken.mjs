// Get an access token
// POST /oauth/token
//
// It also takes:
//   account_id: With `account_credentials`: the account's id.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, where no Basic header names it.
// For Node 18 or later.

import process from "node:process";

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

/** A variable of the environment. */
function setting(name) {
  return process.env[name] || fail(`set ${name} in the environment`);
}

function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
}

/** The parameters as a query or a form. */
function pairs(parameters) {
  return parameters.map(([name, ...values]) => encode(name) + "=" + values.map(encode).join(",")).join("&");
}

/** How long an answer with status 429 asks to wait: in seconds, or up to an instant. */
function waitSeconds(response) {
  const retryAfter = response.headers.get("Retry-After") ?? "1";
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? 1 : Math.max(0, (until - Date.now()) / 1000);
}

/** How long a server may take to answer. */
const TIMEOUT_SECONDS = 60;

/** A good answer; after 429 it waits and asks again, at most five times. */
async function send(url) {
  const headers = { Accept: "application/json" };
  headers.Authorization = authorization;
  headers["Content-Type"] = "application/x-www-form-urlencoded";
  const body = pairs([["grant_type", grantType]]);
  for (let attempt = 0; ; attempt++) {
    const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    const response = await fetch(url, { method: "POST", headers, body, signal })
      .catch((error) => fail(`${baseUrl}: ${error.cause?.message ?? error.message}`));
    if (response.ok) return response;
    if (response.status !== 429 || attempt === 5) fail(`HTTP ${response.status}: ${await response.text()}`);
    const seconds = waitSeconds(response);
    console.error(`429: waiting ${Math.round(seconds)} s`);
    await new Promise((resume) => setTimeout(resume, seconds * 1000));
  }
}

const baseUrl = setting("API_BASE_URL").replace(/\/+$/, "");
const credentials = setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET");
const authorization = "Basic " + Buffer.from(credentials).toString("base64");
const grantType = "account_credentials";

const path = "/oauth/token";
const query = [];
const url = baseUrl + path + (query.length ? "?" + pairs(query) : "");
const response = await send(url);
const text = await response.text();
let answer;
try {
  answer = parse(text);
} catch (error) {
  fail(`the answer is not JSON (${error.message}): ${text}`);
}
const accessToken = answer?.["access_token"];
show("access_token", accessToken);
const apiUrl = answer?.["api_url"];
show("api_url", apiUrl);
const expiresIn = answer?.["expires_in"];
show("expires_in", expiresIn);
const refreshToken = answer?.["refresh_token"];
show("refresh_token", refreshToken);
const scope = answer?.["scope"];
show("scope", scope);
const tokenType = answer?.["token_type"];
show("token_type", tokenType);
