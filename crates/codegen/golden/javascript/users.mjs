// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs Node 18 or later.

import process from "node:process";

/** Maximum time for a response, in seconds. */
const TIMEOUT_SECONDS = 60;

// The types of the response, in the order in which they are printed. `Object` is any JSON.
const LicenseInfoListItem = {
license_option: Number,
license_type: String,
subscription_id: String,
};
const CustomAttribute = {
key: String,
name: String,
value: String,
};
const User = {
created_at: String,
custom_attributes: [CustomAttribute],
dept: String,
display_name: String,
division_ids: [String],
email: String,
employee_unique_id: String,
first_name: String,
group_ids: [String],
host_key: String,
id: String,
im_group_ids: [String],
last_client_version: String,
last_login_time: String,
last_name: String,
license_info_list: [LicenseInfoListItem],
plan_united_type: String,
pmi: Number,
role_id: String,
status: String,
timezone: String,
type: Number,
user_created_at: String,
verified: Number,
};
const Answer = {
next_page_token: String,
page_count: Number,
page_size: Number,
total_records: Number,
page_number: Number,
users: [User],
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

/** How many elements of each list have been printed: a list continues on the next page. */
const printed = new Map();

/** Prints each value of a type on its own line, and nothing for absent values. */
function show(place, value, type) {
  if (value === undefined || value === null) return;
  if (Array.isArray(type)) {
    if (!Array.isArray(value)) return;
    const first = printed.get(place) ?? 0;
    value.forEach((element, index) => show(`${place}[${first + index}]`, element, type[0]));
    printed.set(place, first + value.length);
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

/** List users: yields the pages. */
async function* users() {
  const baseUrl = setting("API_BASE_URL").replace(/\/+$/, "");
  const path = "/v2/users";
  const options = {
    method: "GET",
    headers: {
      Accept: "application/json",
      Authorization: `Bearer ${setting("API_TOKEN")}`,
    },
  };
  const query = [];
  let url = `${baseUrl}${path}`;
  while (url) {
    const response = await send(url, options);
    const page = parse(await response.text());
    yield page;
    const token = page?.next_page_token;
    url = token && `${baseUrl}${path}?${pairs([...query, ["next_page_token", token]])}`;
  }
}

for await (const page of users()) {
  show("", page, Answer);
}
