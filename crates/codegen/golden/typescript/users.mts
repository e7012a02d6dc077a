// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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
  const body = undefined;
  for (let attempt = 0; ; attempt++) {
    const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    const response = await fetch(url, { method: "GET", headers, body, signal })
      .catch((error: Error) => fail(`${baseUrl}: ${error.cause instanceof Error ? error.cause.message : error.message}`));
    if (response.ok) return response;
    if (response.status !== 429 || attempt === 5) fail(`HTTP ${response.status}: ${await response.text()}`);
    const seconds = waitSeconds(response);
    console.error(`429: waiting ${Math.round(seconds)} s`);
    await new Promise((resume) => setTimeout(resume, seconds * 1000));
  }
}

const baseUrl: string = setting("API_BASE_URL").replace(/\/+$/, "");
const authorization: string = "Bearer " + setting("API_TOKEN");

const path: string = "/v2/users";
const query: Parameter[] = [];
let url: string | undefined = baseUrl + path + (query.length ? "?" + pairs(query) : "");
let userCount = 0;
while (url) {
  const response: Response = await send(url);
  const text: string = await response.text();
  let answer: Json;
  try {
    answer = parse(text);
  } catch (error) {
    fail(`the answer is not JSON (${error}): ${text}`);
  }
  const nextPageToken: string | undefined = asText(member(answer, "next_page_token"));
  show("next_page_token", nextPageToken);
  const pageCount: number | bigint | undefined = asInteger(member(answer, "page_count"));
  show("page_count", pageCount);
  const pageSize: number | bigint | undefined = asInteger(member(answer, "page_size"));
  show("page_size", pageSize);
  const totalRecords: number | bigint | undefined = asInteger(member(answer, "total_records"));
  show("total_records", totalRecords);
  const pageNumber: number | bigint | undefined = asInteger(member(answer, "page_number"));
  show("page_number", pageNumber);
  const usersValue: Json | undefined = member(answer, "users");
  if (Array.isArray(usersValue)) {
    for (const [userIndex, user] of usersValue.entries()) {
      if (!isObject(user)) continue;
      const createdAt: string | undefined = asText(member(user, "created_at"));
      show("users[" + (userCount + userIndex) + "].created_at", createdAt);
      const customAttributes: Json | undefined = member(user, "custom_attributes");
      if (Array.isArray(customAttributes)) {
        for (const [customAttributeIndex, customAttribute] of customAttributes.entries()) {
          if (!isObject(customAttribute)) continue;
          const key: string | undefined = asText(member(customAttribute, "key"));
          show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].key", key);
          const customAttributeName: string | undefined = asText(member(customAttribute, "name"));
          show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].name", customAttributeName);
          const customAttributeValue: string | undefined = asText(member(customAttribute, "value"));
          show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].value", customAttributeValue);
        }
      }
      const dept: string | undefined = asText(member(user, "dept"));
      show("users[" + (userCount + userIndex) + "].dept", dept);
      const displayName: string | undefined = asText(member(user, "display_name"));
      show("users[" + (userCount + userIndex) + "].display_name", displayName);
      const divisionIds: Json | undefined = member(user, "division_ids");
      if (Array.isArray(divisionIds)) {
        for (const [divisionIdIndex, divisionId] of divisionIds.entries()) {
          show("users[" + (userCount + userIndex) + "].division_ids[" + divisionIdIndex + "]", asText(divisionId));
        }
      }
      const email: string | undefined = asText(member(user, "email"));
      show("users[" + (userCount + userIndex) + "].email", email);
      const employeeUniqueId: string | undefined = asText(member(user, "employee_unique_id"));
      show("users[" + (userCount + userIndex) + "].employee_unique_id", employeeUniqueId);
      const firstName: string | undefined = asText(member(user, "first_name"));
      show("users[" + (userCount + userIndex) + "].first_name", firstName);
      const groupIds: Json | undefined = member(user, "group_ids");
      if (Array.isArray(groupIds)) {
        for (const [groupIdIndex, groupId] of groupIds.entries()) {
          show("users[" + (userCount + userIndex) + "].group_ids[" + groupIdIndex + "]", asText(groupId));
        }
      }
      const hostKey: string | undefined = asText(member(user, "host_key"));
      show("users[" + (userCount + userIndex) + "].host_key", hostKey);
      const id: string | undefined = asText(member(user, "id"));
      show("users[" + (userCount + userIndex) + "].id", id);
      const imGroupIds: Json | undefined = member(user, "im_group_ids");
      if (Array.isArray(imGroupIds)) {
        for (const [imGroupIdIndex, imGroupId] of imGroupIds.entries()) {
          show("users[" + (userCount + userIndex) + "].im_group_ids[" + imGroupIdIndex + "]", asText(imGroupId));
        }
      }
      const lastClientVersion: string | undefined = asText(member(user, "last_client_version"));
      show("users[" + (userCount + userIndex) + "].last_client_version", lastClientVersion);
      const lastLoginTime: string | undefined = asText(member(user, "last_login_time"));
      show("users[" + (userCount + userIndex) + "].last_login_time", lastLoginTime);
      const lastName: string | undefined = asText(member(user, "last_name"));
      show("users[" + (userCount + userIndex) + "].last_name", lastName);
      const licenseInfoList: Json | undefined = member(user, "license_info_list");
      if (Array.isArray(licenseInfoList)) {
        for (const [licenseInfoListItemIndex, licenseInfoListItem] of licenseInfoList.entries()) {
          if (!isObject(licenseInfoListItem)) continue;
          const licenseOption: number | bigint | undefined = asInteger(member(licenseInfoListItem, "license_option"));
          show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_option", licenseOption);
          const licenseType: string | undefined = asText(member(licenseInfoListItem, "license_type"));
          show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_type", licenseType);
          const subscriptionId: string | undefined = asText(member(licenseInfoListItem, "subscription_id"));
          show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].subscription_id", subscriptionId);
        }
      }
      const planUnitedType: string | undefined = asText(member(user, "plan_united_type"));
      show("users[" + (userCount + userIndex) + "].plan_united_type", planUnitedType);
      const pmi: number | bigint | undefined = asInteger(member(user, "pmi"));
      show("users[" + (userCount + userIndex) + "].pmi", pmi);
      const roleId: string | undefined = asText(member(user, "role_id"));
      show("users[" + (userCount + userIndex) + "].role_id", roleId);
      const userStatus: string | undefined = asText(member(user, "status"));
      show("users[" + (userCount + userIndex) + "].status", userStatus);
      const timezone: string | undefined = asText(member(user, "timezone"));
      show("users[" + (userCount + userIndex) + "].timezone", timezone);
      const userType: number | bigint | undefined = asInteger(member(user, "type"));
      show("users[" + (userCount + userIndex) + "].type", userType);
      const userCreatedAt: string | undefined = asText(member(user, "user_created_at"));
      show("users[" + (userCount + userIndex) + "].user_created_at", userCreatedAt);
      const verified: number | bigint | undefined = asInteger(member(user, "verified"));
      show("users[" + (userCount + userIndex) + "].verified", verified);
    }
    userCount += usersValue.length;
  }
  // The next page, if there is one.
  const token: Json | undefined = member(answer, "next_page_token");
  url = typeof token === "string" && token
    ? baseUrl + path + "?" + pairs([...query, ["next_page_token", token]])
    : undefined;
}
