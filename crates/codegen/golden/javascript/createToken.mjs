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
// Needs Node 18 or later.

import process from "node:process";

/** Maximum time for a response, in seconds. */
const TIMEOUT_SECONDS = 60;

// The types of the response, in the order in which they are printed. `Object` is any JSON.
const Answer = {
access_token: String,
api_url: String,
expires_in: Number,
refresh_token: String,
scope: String,
token_type: String,
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
    fail(`the response is not JSON (${error.message}): ${text}`);
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

/** Returns an environment variable. */
function setting(name) {
  return process.env[name] || fail(`set ${name} in the environment`);
}

/** Percent-encodes everything but letters, digits and -._~ */
function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Writes parameters as a query or a form. */
function pairs(parameters) {
  return parameters.map(([name, ...values]) => `${encode(name)}=${values.map(encode).join(",")}`).join("&");
}

/** Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time. */
function waitSeconds(response) {
  const retryAfter = response.headers.get("Retry-After") ?? "1";
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? 1 : Math.max(0, (until - Date.now()) / 1000);
}

/** Sends the request and returns a successful response. Retries up to five times after 429. */
async function send(url, options) {
  for (let attempt = 0; ; attempt++) {
    const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    const response = await fetch(url, { ...options, signal }).catch((error) =>
      fail(`${url}: ${error.cause?.message ?? error.message}`),
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
} = {}) {
  const baseUrl = setting("API_BASE_URL").replace(/\/+$/, "");
  const path = "/oauth/token";
  const credentials = `${setting("API_CLIENT_ID")}:${setting("API_CLIENT_SECRET")}`;
  const options = {
    method: "POST",
    headers: {
      Accept: "application/json",
      Authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: pairs([["grant_type", grantType]]),
  };
  const url = `${baseUrl}${path}`;
  const response = await send(url, options);
  return parse(await response.text());
}

show("", await createToken(), Answer);
