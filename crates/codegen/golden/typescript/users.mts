// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs Node 22.18 or later, which strips the types. `tsc` checks them with @types/node.

import process from "node:process";

/** Maximum time for a response, in seconds. */
const TIMEOUT_SECONDS = 60;

type Json = null | boolean | number | bigint | string | Json[] | { [name: string]: Json };

interface LicenseInfoListItem {
  license_option?: number | bigint | null;
  license_type?: string | null;
  subscription_id?: string | null;
}

interface CustomAttribute {
  key?: string | null;
  name?: string | null;
  value?: string | null;
}

interface User {
  created_at?: string | null;
  custom_attributes?: (CustomAttribute | null)[] | null;
  dept?: string | null;
  display_name?: string | null;
  division_ids?: (string | null)[] | null;
  email?: string | null;
  employee_unique_id?: string | null;
  first_name?: string | null;
  group_ids?: (string | null)[] | null;
  host_key?: string | null;
  id?: string | null;
  im_group_ids?: (string | null)[] | null;
  last_client_version?: string | null;
  last_login_time?: string | null;
  last_name?: string | null;
  license_info_list?: (LicenseInfoListItem | null)[] | null;
  plan_united_type?: string | null;
  pmi?: number | bigint | null;
  role_id?: string | null;
  status?: string | null;
  timezone?: string | null;
  type?: number | bigint | null;
  user_created_at?: string | null;
  verified?: number | bigint | null;
}

interface Answer {
  next_page_token?: string | null;
  page_count?: number | bigint | null;
  page_size?: number | bigint | null;
  total_records?: number | bigint | null;
  page_number?: number | bigint | null;
  users?: (User | null)[] | null;
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

/** How many elements of each list have been printed: a list continues on the next page. */
const printed = new Map<string, number>();

/** Prints each element of a list, and nothing if the value is not a list. */
function showList<T>(place: string, list: T[] | null | undefined, print: (place: string, element: T) => void): void {
  if (!Array.isArray(list)) return;
  const first = printed.get(place) ?? 0;
  list.forEach((element, index) => print(`${place}[${first + index}]`, element));
  printed.set(place, first + list.length);
}

function isObject<T>(value: T | null | undefined): value is T {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function showLicenseInfoListItem(place: string, value: LicenseInfoListItem | null | undefined): void {
  if (!isObject(value)) return;
  show(`${place}.license_option`, value.license_option);
  show(`${place}.license_type`, value.license_type);
  show(`${place}.subscription_id`, value.subscription_id);
}

function showCustomAttribute(place: string, value: CustomAttribute | null | undefined): void {
  if (!isObject(value)) return;
  show(`${place}.key`, value.key);
  show(`${place}.name`, value.name);
  show(`${place}.value`, value.value);
}

function showUser(place: string, value: User | null | undefined): void {
  if (!isObject(value)) return;
  show(`${place}.created_at`, value.created_at);
  showList(`${place}.custom_attributes`, value.custom_attributes, showCustomAttribute);
  show(`${place}.dept`, value.dept);
  show(`${place}.display_name`, value.display_name);
  showList(`${place}.division_ids`, value.division_ids, show);
  show(`${place}.email`, value.email);
  show(`${place}.employee_unique_id`, value.employee_unique_id);
  show(`${place}.first_name`, value.first_name);
  showList(`${place}.group_ids`, value.group_ids, show);
  show(`${place}.host_key`, value.host_key);
  show(`${place}.id`, value.id);
  showList(`${place}.im_group_ids`, value.im_group_ids, show);
  show(`${place}.last_client_version`, value.last_client_version);
  show(`${place}.last_login_time`, value.last_login_time);
  show(`${place}.last_name`, value.last_name);
  showList(`${place}.license_info_list`, value.license_info_list, showLicenseInfoListItem);
  show(`${place}.plan_united_type`, value.plan_united_type);
  show(`${place}.pmi`, value.pmi);
  show(`${place}.role_id`, value.role_id);
  show(`${place}.status`, value.status);
  show(`${place}.timezone`, value.timezone);
  show(`${place}.type`, value.type);
  show(`${place}.user_created_at`, value.user_created_at);
  show(`${place}.verified`, value.verified);
}

function showAnswer(value: Answer | null | undefined): void {
  if (!isObject(value)) return;
  show("next_page_token", value.next_page_token);
  show("page_count", value.page_count);
  show("page_size", value.page_size);
  show("total_records", value.total_records);
  show("page_number", value.page_number);
  showList("users", value.users, showUser);
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

/** List users: yields the pages. */
async function* users(): AsyncGenerator<Answer> {
  const baseUrl = setting("API_BASE_URL").replace(/\/+$/, "");
  const path = "/v2/users";
  const options: RequestInit = {
    method: "GET",
    headers: {
      Accept: "application/json",
      Authorization: `Bearer ${setting("API_TOKEN")}`,
    },
  };
  const query: Parameter[] = [];
  let url: string | undefined = `${baseUrl}${path}`;
  while (url) {
    const response: Response = await send(url, options);
    const page: Answer = parse(await response.text());
    yield page;
    const token = page?.next_page_token;
    url = token ? `${baseUrl}${path}?${pairs([...query, ["next_page_token", String(token)]])}` : undefined;
  }
}

for await (const page of users()) {
showAnswer(page);
}
