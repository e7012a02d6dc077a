// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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
  const body = undefined;
  for (let attempt = 0; ; attempt++) {
    const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    const response = await fetch(url, { method: "GET", headers, body, signal })
      .catch((error) => fail(`${baseUrl}: ${error.cause?.message ?? error.message}`));
    if (response.ok) return response;
    if (response.status !== 429 || attempt === 5) fail(`HTTP ${response.status}: ${await response.text()}`);
    const seconds = waitSeconds(response);
    console.error(`429: waiting ${Math.round(seconds)} s`);
    await new Promise((resume) => setTimeout(resume, seconds * 1000));
  }
}

const baseUrl = setting("API_BASE_URL").replace(/\/+$/, "");
const authorization = "Bearer " + setting("API_TOKEN");

const path = "/v2/users";
const query = [];
let url = baseUrl + path + (query.length ? "?" + pairs(query) : "");
let userCount = 0;
while (url) {
  const response = await send(url);
  const text = await response.text();
  let answer;
  try {
    answer = parse(text);
  } catch (error) {
    fail(`the answer is not JSON (${error.message}): ${text}`);
  }
  const nextPageToken = answer?.["next_page_token"];
  show("next_page_token", nextPageToken);
  const pageCount = answer?.["page_count"];
  show("page_count", pageCount);
  const pageSize = answer?.["page_size"];
  show("page_size", pageSize);
  const totalRecords = answer?.["total_records"];
  show("total_records", totalRecords);
  const pageNumber = answer?.["page_number"];
  show("page_number", pageNumber);
  const usersValue = answer?.["users"];
  if (Array.isArray(usersValue)) {
    for (const [userIndex, user] of usersValue.entries()) {
      if (!isObject(user)) continue;
      const createdAt = user["created_at"];
      show("users[" + (userCount + userIndex) + "].created_at", createdAt);
      const customAttributes = user["custom_attributes"];
      if (Array.isArray(customAttributes)) {
        for (const [customAttributeIndex, customAttribute] of customAttributes.entries()) {
          if (!isObject(customAttribute)) continue;
          const key = customAttribute["key"];
          show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].key", key);
          const customAttributeName = customAttribute["name"];
          show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].name", customAttributeName);
          const customAttributeValue = customAttribute["value"];
          show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].value", customAttributeValue);
        }
      }
      const dept = user["dept"];
      show("users[" + (userCount + userIndex) + "].dept", dept);
      const displayName = user["display_name"];
      show("users[" + (userCount + userIndex) + "].display_name", displayName);
      const divisionIds = user["division_ids"];
      if (Array.isArray(divisionIds)) {
        for (const [divisionIdIndex, divisionId] of divisionIds.entries()) {
          show("users[" + (userCount + userIndex) + "].division_ids[" + divisionIdIndex + "]", divisionId);
        }
      }
      const email = user["email"];
      show("users[" + (userCount + userIndex) + "].email", email);
      const employeeUniqueId = user["employee_unique_id"];
      show("users[" + (userCount + userIndex) + "].employee_unique_id", employeeUniqueId);
      const firstName = user["first_name"];
      show("users[" + (userCount + userIndex) + "].first_name", firstName);
      const groupIds = user["group_ids"];
      if (Array.isArray(groupIds)) {
        for (const [groupIdIndex, groupId] of groupIds.entries()) {
          show("users[" + (userCount + userIndex) + "].group_ids[" + groupIdIndex + "]", groupId);
        }
      }
      const hostKey = user["host_key"];
      show("users[" + (userCount + userIndex) + "].host_key", hostKey);
      const id = user["id"];
      show("users[" + (userCount + userIndex) + "].id", id);
      const imGroupIds = user["im_group_ids"];
      if (Array.isArray(imGroupIds)) {
        for (const [imGroupIdIndex, imGroupId] of imGroupIds.entries()) {
          show("users[" + (userCount + userIndex) + "].im_group_ids[" + imGroupIdIndex + "]", imGroupId);
        }
      }
      const lastClientVersion = user["last_client_version"];
      show("users[" + (userCount + userIndex) + "].last_client_version", lastClientVersion);
      const lastLoginTime = user["last_login_time"];
      show("users[" + (userCount + userIndex) + "].last_login_time", lastLoginTime);
      const lastName = user["last_name"];
      show("users[" + (userCount + userIndex) + "].last_name", lastName);
      const licenseInfoList = user["license_info_list"];
      if (Array.isArray(licenseInfoList)) {
        for (const [licenseInfoListItemIndex, licenseInfoListItem] of licenseInfoList.entries()) {
          if (!isObject(licenseInfoListItem)) continue;
          const licenseOption = licenseInfoListItem["license_option"];
          show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_option", licenseOption);
          const licenseType = licenseInfoListItem["license_type"];
          show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_type", licenseType);
          const subscriptionId = licenseInfoListItem["subscription_id"];
          show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].subscription_id", subscriptionId);
        }
      }
      const planUnitedType = user["plan_united_type"];
      show("users[" + (userCount + userIndex) + "].plan_united_type", planUnitedType);
      const pmi = user["pmi"];
      show("users[" + (userCount + userIndex) + "].pmi", pmi);
      const roleId = user["role_id"];
      show("users[" + (userCount + userIndex) + "].role_id", roleId);
      const userStatus = user["status"];
      show("users[" + (userCount + userIndex) + "].status", userStatus);
      const timezone = user["timezone"];
      show("users[" + (userCount + userIndex) + "].timezone", timezone);
      const userType = user["type"];
      show("users[" + (userCount + userIndex) + "].type", userType);
      const userCreatedAt = user["user_created_at"];
      show("users[" + (userCount + userIndex) + "].user_created_at", userCreatedAt);
      const verified = user["verified"];
      show("users[" + (userCount + userIndex) + "].verified", verified);
    }
    userCount += usersValue.length;
  }
  // The next page, if there is one.
  const token = answer?.["next_page_token"];
  url = token && baseUrl + path + "?" + pairs([...query, ["next_page_token", token]]);
}
