// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
// With the crates ureq 3 and serde_json 1 (with its feature arbitrary_precision).

use std::{
    env, thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use ureq::http::{HeaderMap, Request};

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(1);
}

fn as_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn as_integer(value: Option<&Value>) -> Option<i64> {
    let Value::Number(number) = value? else { return None };
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    match number.as_f64() {
        Some(fraction) if fraction.abs() < 9.2e18 => Some(fraction as i64),
        _ => {
            eprintln!("{number} does not fit in 64 bits");
            std::process::exit(1);
        }
    }
}

/// Prints a value on one line; nothing if there is none.
fn show(place: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        let text = value.to_string();
        println!("{place}: {}", text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"));
    }
}

/// A variable of the environment.
fn setting(name: &str) -> String {
    let value = env::var(name).unwrap_or_default();
    if value.is_empty() {
        fail(&format!("set {name} in the environment"));
    }
    value
}

/// Percent-encodes all but letters, digits and -._~.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The parameters as a query or a form.
fn pairs(parameters: &[(&str, Vec<&str>)]) -> String {
    let pair = |(name, values): &(&str, Vec<&str>)| {
        let values: Vec<String> = values.iter().map(|value| encode(value)).collect();
        encode(name) + "=" + &values.join(",")
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// How long an answer with status 429 asks to wait: in seconds, or up to an instant.
fn wait_time(headers: &HeaderMap) -> Duration {
    let retry_after = headers.get("Retry-After").and_then(|value| value.to_str().ok()).unwrap_or("1");
    match retry_after.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => seconds_until(retry_after).map_or(Duration::from_secs(1), Duration::from_secs),
    }
}

/// Up to an instant such as 2026-01-31T12:00:00Z.
fn seconds_until(instant: &str) -> Option<u64> {
    let number = |at: usize, length: usize| instant.get(at..at + length)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let zone = instant.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let part = |at: usize| zone.get(at..at + 2).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(0);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let offset = if zone.starts_with('Z') { 0 } else { sign * (part(1) * 3600 + part(4) * 60) };
    // Years that begin in March end with the leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    let until = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs() as i64;
    Some(u64::try_from(until + 1 - now).unwrap_or(0))
}

/// How long a server may take to answer.
const TIMEOUT_SECONDS: u64 = 60;

/// The headers and the body of a good answer; after 429 it waits and asks again, at most five times.
fn send(agent: &ureq::Agent, url: &str, headers: &[(&str, &str)], content: Option<&[u8]>) -> (HeaderMap, String) {
    for attempt in 0.. {
        let mut request = Request::builder().method("GET").uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answered = match content {
            Some(bytes) => request.body(bytes).map_err(ureq::Error::from).and_then(|request| agent.run(request)),
            None => request.body(()).map_err(ureq::Error::from).and_then(|request| agent.run(request)),
        };
        let mut response = answered.unwrap_or_else(|error| fail(&format!("{url}: {error}")));
        let status = response.status().as_u16();
        let read = response.body_mut().with_config().limit(u64::MAX).read_to_string();
        let text = read.unwrap_or_else(|error| fail(&format!("{url}: {error}")));
        if (200..300).contains(&status) {
            return (response.headers().clone(), text);
        }
        if status != 429 || attempt == 5 {
            fail(&format!("HTTP {status}: {text}"));
        }
        let wait = wait_time(response.headers());
        eprintln!("429: waiting {} s", wait.as_secs());
        thread::sleep(wait);
    }
    unreachable!("the last attempt returns or fails")
}

fn main() {
    let base_url = setting("API_BASE_URL");
    let base_url = base_url.trim_end_matches('/');
    let authorization = "Bearer ".to_owned() + &setting("API_TOKEN");

    let headers = [
        ("Accept", "application/json"),
        ("Authorization", authorization.as_str()),
    ];
    let content = None;

    let path = ["/v2/users"].concat();
    let query: Vec<(&str, Vec<&str>)> = vec![];
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(TIMEOUT_SECONDS)))
        .build()
        .into();
    let mut url = base_url.to_owned() + &path;
    if !query.is_empty() {
        url = url + "?" + &pairs(&query);
    }
    let mut user_count = 0;
    loop {
        let (_, text) = send(&agent, &url, &headers, content);
        let answer: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| fail(&format!("the answer is not JSON ({error}): {text}")));
        let next_page_token: Option<String> = as_text(answer.get("next_page_token"));
        show("next_page_token", next_page_token);
        let page_count: Option<i64> = as_integer(answer.get("page_count"));
        show("page_count", page_count);
        let page_size: Option<i64> = as_integer(answer.get("page_size"));
        show("page_size", page_size);
        let total_records: Option<i64> = as_integer(answer.get("total_records"));
        show("total_records", total_records);
        let page_number: Option<i64> = as_integer(answer.get("page_number"));
        show("page_number", page_number);
        if let Some(users_value) = answer.get("users").and_then(Value::as_array) {
            for (user_index, user) in users_value.iter().enumerate() {
                let created_at: Option<String> = as_text(user.get("created_at"));
                show(&["users[", &(user_count + user_index).to_string(), "].created_at"].concat(), created_at);
                if let Some(custom_attributes) = user.get("custom_attributes").and_then(Value::as_array) {
                    for (custom_attribute_index, custom_attribute) in custom_attributes.iter().enumerate() {
                        let key: Option<String> = as_text(custom_attribute.get("key"));
                        show(&["users[", &(user_count + user_index).to_string(), "].custom_attributes[", &custom_attribute_index.to_string(), "].key"].concat(), key);
                        let custom_attribute_name: Option<String> = as_text(custom_attribute.get("name"));
                        show(&["users[", &(user_count + user_index).to_string(), "].custom_attributes[", &custom_attribute_index.to_string(), "].name"].concat(), custom_attribute_name);
                        let custom_attribute_value: Option<String> = as_text(custom_attribute.get("value"));
                        show(&["users[", &(user_count + user_index).to_string(), "].custom_attributes[", &custom_attribute_index.to_string(), "].value"].concat(), custom_attribute_value);
                    }
                }
                let dept: Option<String> = as_text(user.get("dept"));
                show(&["users[", &(user_count + user_index).to_string(), "].dept"].concat(), dept);
                let display_name: Option<String> = as_text(user.get("display_name"));
                show(&["users[", &(user_count + user_index).to_string(), "].display_name"].concat(), display_name);
                if let Some(division_ids) = user.get("division_ids").and_then(Value::as_array) {
                    for (division_id_index, division_id) in division_ids.iter().enumerate() {
                        show(&["users[", &(user_count + user_index).to_string(), "].division_ids[", &division_id_index.to_string(), "]"].concat(), as_text(Some(division_id)));
                    }
                }
                let email: Option<String> = as_text(user.get("email"));
                show(&["users[", &(user_count + user_index).to_string(), "].email"].concat(), email);
                let employee_unique_id: Option<String> = as_text(user.get("employee_unique_id"));
                show(&["users[", &(user_count + user_index).to_string(), "].employee_unique_id"].concat(), employee_unique_id);
                let first_name: Option<String> = as_text(user.get("first_name"));
                show(&["users[", &(user_count + user_index).to_string(), "].first_name"].concat(), first_name);
                if let Some(group_ids) = user.get("group_ids").and_then(Value::as_array) {
                    for (group_id_index, group_id) in group_ids.iter().enumerate() {
                        show(&["users[", &(user_count + user_index).to_string(), "].group_ids[", &group_id_index.to_string(), "]"].concat(), as_text(Some(group_id)));
                    }
                }
                let host_key: Option<String> = as_text(user.get("host_key"));
                show(&["users[", &(user_count + user_index).to_string(), "].host_key"].concat(), host_key);
                let id: Option<String> = as_text(user.get("id"));
                show(&["users[", &(user_count + user_index).to_string(), "].id"].concat(), id);
                if let Some(im_group_ids) = user.get("im_group_ids").and_then(Value::as_array) {
                    for (im_group_id_index, im_group_id) in im_group_ids.iter().enumerate() {
                        show(&["users[", &(user_count + user_index).to_string(), "].im_group_ids[", &im_group_id_index.to_string(), "]"].concat(), as_text(Some(im_group_id)));
                    }
                }
                let last_client_version: Option<String> = as_text(user.get("last_client_version"));
                show(&["users[", &(user_count + user_index).to_string(), "].last_client_version"].concat(), last_client_version);
                let last_login_time: Option<String> = as_text(user.get("last_login_time"));
                show(&["users[", &(user_count + user_index).to_string(), "].last_login_time"].concat(), last_login_time);
                let last_name: Option<String> = as_text(user.get("last_name"));
                show(&["users[", &(user_count + user_index).to_string(), "].last_name"].concat(), last_name);
                if let Some(license_info_list) = user.get("license_info_list").and_then(Value::as_array) {
                    for (license_info_list_item_index, license_info_list_item) in license_info_list.iter().enumerate() {
                        let license_option: Option<i64> = as_integer(license_info_list_item.get("license_option"));
                        show(&["users[", &(user_count + user_index).to_string(), "].license_info_list[", &license_info_list_item_index.to_string(), "].license_option"].concat(), license_option);
                        let license_type: Option<String> = as_text(license_info_list_item.get("license_type"));
                        show(&["users[", &(user_count + user_index).to_string(), "].license_info_list[", &license_info_list_item_index.to_string(), "].license_type"].concat(), license_type);
                        let subscription_id: Option<String> = as_text(license_info_list_item.get("subscription_id"));
                        show(&["users[", &(user_count + user_index).to_string(), "].license_info_list[", &license_info_list_item_index.to_string(), "].subscription_id"].concat(), subscription_id);
                    }
                }
                let plan_united_type: Option<String> = as_text(user.get("plan_united_type"));
                show(&["users[", &(user_count + user_index).to_string(), "].plan_united_type"].concat(), plan_united_type);
                let pmi: Option<i64> = as_integer(user.get("pmi"));
                show(&["users[", &(user_count + user_index).to_string(), "].pmi"].concat(), pmi);
                let role_id: Option<String> = as_text(user.get("role_id"));
                show(&["users[", &(user_count + user_index).to_string(), "].role_id"].concat(), role_id);
                let user_status: Option<String> = as_text(user.get("status"));
                show(&["users[", &(user_count + user_index).to_string(), "].status"].concat(), user_status);
                let timezone: Option<String> = as_text(user.get("timezone"));
                show(&["users[", &(user_count + user_index).to_string(), "].timezone"].concat(), timezone);
                let user_type: Option<i64> = as_integer(user.get("type"));
                show(&["users[", &(user_count + user_index).to_string(), "].type"].concat(), user_type);
                let user_created_at: Option<String> = as_text(user.get("user_created_at"));
                show(&["users[", &(user_count + user_index).to_string(), "].user_created_at"].concat(), user_created_at);
                let verified: Option<i64> = as_integer(user.get("verified"));
                show(&["users[", &(user_count + user_index).to_string(), "].verified"].concat(), verified);
            }
            user_count += users_value.len();
        }

        // The next page, if there is one.
        let token = answer.get("next_page_token").and_then(Value::as_str).unwrap_or_default();
        if token.is_empty() {
            break;
        }
        let mut next_query = query.clone();
        next_query.push(("next_page_token", vec![token]));
        url = [base_url, &path, "?", &pairs(&next_query)].concat();
    }
}
