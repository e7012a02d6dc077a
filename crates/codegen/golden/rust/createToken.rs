// Get an access token
// POST /oauth/token
//
// It also takes:
//   account_id: With `account_credentials`: the account's id.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, where no Basic header names it.
// With the crates ureq 3, base64 0.22 and serde_json 1 (with its feature arbitrary_precision).

use std::{
    env, thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
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
        let mut request = Request::builder().method("POST").uri(url);
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
    let credentials = setting("API_CLIENT_ID") + ":" + &setting("API_CLIENT_SECRET");
    let authorization = "Basic ".to_owned() + &BASE64_STANDARD.encode(credentials);
    let grant_type = "account_credentials";

    let headers = [
        ("Accept", "application/json"),
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let form = pairs(&[("grant_type", vec![grant_type])]);
    let content = Some(form.as_bytes());

    let path = ["/oauth/token"].concat();
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
    let (_, text) = send(&agent, &url, &headers, content);
    let answer: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| fail(&format!("the answer is not JSON ({error}): {text}")));
    let access_token: Option<String> = as_text(answer.get("access_token"));
    show("access_token", access_token);
    let api_url: Option<String> = as_text(answer.get("api_url"));
    show("api_url", api_url);
    let expires_in: Option<i64> = as_integer(answer.get("expires_in"));
    show("expires_in", expires_in);
    let refresh_token: Option<String> = as_text(answer.get("refresh_token"));
    show("refresh_token", refresh_token);
    let scope: Option<String> = as_text(answer.get("scope"));
    show("scope", scope);
    let token_type: Option<String> = as_text(answer.get("token_type"));
    show("token_type", token_type);
}
