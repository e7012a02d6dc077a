// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs the crates ureq 3, serde 1 (with its feature derive) and serde_json 1 (with arbitrary_precision).

use std::error::Error;
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, thread};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Number, Value};
use ureq::http::{HeaderMap, Request};

const TIMEOUT_SECONDS: u64 = 60;

#[derive(Deserialize)]
#[serde(default)]
struct LicenseInfoListItem {
    license_option: Maybe<Number>,
    license_type: Maybe<Text>,
    subscription_id: Maybe<Text>,
}

#[derive(Deserialize)]
#[serde(default)]
struct CustomAttribute {
    key: Maybe<Text>,
    name: Maybe<Text>,
    #[serde(rename = "value")]
    value_value: Maybe<Text>,
}

#[derive(Deserialize)]
#[serde(default)]
struct User {
    created_at: Maybe<Text>,
    custom_attributes: Maybe<Vec<Maybe<CustomAttribute>>>,
    dept: Maybe<Text>,
    display_name: Maybe<Text>,
    division_ids: Maybe<Vec<Maybe<Text>>>,
    email: Maybe<Text>,
    employee_unique_id: Maybe<Text>,
    first_name: Maybe<Text>,
    group_ids: Maybe<Vec<Maybe<Text>>>,
    host_key: Maybe<Text>,
    id: Maybe<Text>,
    im_group_ids: Maybe<Vec<Maybe<Text>>>,
    last_client_version: Maybe<Text>,
    last_login_time: Maybe<Text>,
    last_name: Maybe<Text>,
    license_info_list: Maybe<Vec<Maybe<LicenseInfoListItem>>>,
    plan_united_type: Maybe<Text>,
    pmi: Maybe<Number>,
    role_id: Maybe<Text>,
    status: Maybe<Text>,
    timezone: Maybe<Text>,
    #[serde(rename = "type")]
    type_value: Maybe<Number>,
    user_created_at: Maybe<Text>,
    verified: Maybe<Number>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Answer {
    next_page_token: Maybe<Text>,
    page_count: Maybe<Number>,
    page_size: Maybe<Number>,
    total_records: Maybe<Number>,
    page_number: Maybe<Number>,
    users: Maybe<Vec<Maybe<User>>>,
}

/// A value, unless the response has none, null or one of another type.
struct Maybe<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(if value.is_null() { None } else { serde_json::from_value(value).ok() }))
    }
}

/// A string, or the text of a number or a boolean.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::Bool(truth) => Ok(Self(truth.to_string())),
            other => Err(serde::de::Error::custom(format!("not a text: {other}"))),
        }
    }
}

/// How many elements of each list have been printed: a list continues on the next page.
type Printed = HashMap<String, usize>;

/// Prints a value, or each value in it, on its own line.
trait Show {
    fn show(&self, place: &str, printed: &mut Printed);
}

fn print_line(place: &str, text: &str) {
    println!("{place}: {}", text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"));
}

impl<T: Show> Show for Maybe<T> {
    fn show(&self, place: &str, printed: &mut Printed) {
        if let Some(value) = &self.0 {
            value.show(place, printed);
        }
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self, place: &str, printed: &mut Printed) {
        let first = printed.get(place).copied().unwrap_or(0);
        for (index, element) in self.iter().enumerate() {
            element.show(&format!("{place}[{}]", first + index), printed);
        }
        printed.insert(place.to_owned(), first + self.len());
    }
}

impl Show for Text {
    fn show(&self, place: &str, _: &mut Printed) {
        print_line(place, &self.0);
    }
}

impl Show for Number {
    fn show(&self, place: &str, _: &mut Printed) {
        print_line(place, &self.to_string());
    }
}

impl Default for LicenseInfoListItem {
    fn default() -> Self {
        Self {
            license_option: Maybe(None),
            license_type: Maybe(None),
            subscription_id: Maybe(None),
        }
    }
}

impl Show for LicenseInfoListItem {
    fn show(&self, place: &str, printed: &mut Printed) {
        self.license_option.show(&format!("{place}.license_option"), printed);
        self.license_type.show(&format!("{place}.license_type"), printed);
        self.subscription_id.show(&format!("{place}.subscription_id"), printed);
    }
}

impl Default for CustomAttribute {
    fn default() -> Self {
        Self {
            key: Maybe(None),
            name: Maybe(None),
            value_value: Maybe(None),
        }
    }
}

impl Show for CustomAttribute {
    fn show(&self, place: &str, printed: &mut Printed) {
        self.key.show(&format!("{place}.key"), printed);
        self.name.show(&format!("{place}.name"), printed);
        self.value_value.show(&format!("{place}.value"), printed);
    }
}

impl Default for User {
    fn default() -> Self {
        Self {
            created_at: Maybe(None),
            custom_attributes: Maybe(None),
            dept: Maybe(None),
            display_name: Maybe(None),
            division_ids: Maybe(None),
            email: Maybe(None),
            employee_unique_id: Maybe(None),
            first_name: Maybe(None),
            group_ids: Maybe(None),
            host_key: Maybe(None),
            id: Maybe(None),
            im_group_ids: Maybe(None),
            last_client_version: Maybe(None),
            last_login_time: Maybe(None),
            last_name: Maybe(None),
            license_info_list: Maybe(None),
            plan_united_type: Maybe(None),
            pmi: Maybe(None),
            role_id: Maybe(None),
            status: Maybe(None),
            timezone: Maybe(None),
            type_value: Maybe(None),
            user_created_at: Maybe(None),
            verified: Maybe(None),
        }
    }
}

impl Show for User {
    fn show(&self, place: &str, printed: &mut Printed) {
        self.created_at.show(&format!("{place}.created_at"), printed);
        self.custom_attributes.show(&format!("{place}.custom_attributes"), printed);
        self.dept.show(&format!("{place}.dept"), printed);
        self.display_name.show(&format!("{place}.display_name"), printed);
        self.division_ids.show(&format!("{place}.division_ids"), printed);
        self.email.show(&format!("{place}.email"), printed);
        self.employee_unique_id.show(&format!("{place}.employee_unique_id"), printed);
        self.first_name.show(&format!("{place}.first_name"), printed);
        self.group_ids.show(&format!("{place}.group_ids"), printed);
        self.host_key.show(&format!("{place}.host_key"), printed);
        self.id.show(&format!("{place}.id"), printed);
        self.im_group_ids.show(&format!("{place}.im_group_ids"), printed);
        self.last_client_version.show(&format!("{place}.last_client_version"), printed);
        self.last_login_time.show(&format!("{place}.last_login_time"), printed);
        self.last_name.show(&format!("{place}.last_name"), printed);
        self.license_info_list.show(&format!("{place}.license_info_list"), printed);
        self.plan_united_type.show(&format!("{place}.plan_united_type"), printed);
        self.pmi.show(&format!("{place}.pmi"), printed);
        self.role_id.show(&format!("{place}.role_id"), printed);
        self.status.show(&format!("{place}.status"), printed);
        self.timezone.show(&format!("{place}.timezone"), printed);
        self.type_value.show(&format!("{place}.type"), printed);
        self.user_created_at.show(&format!("{place}.user_created_at"), printed);
        self.verified.show(&format!("{place}.verified"), printed);
    }
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            next_page_token: Maybe(None),
            page_count: Maybe(None),
            page_size: Maybe(None),
            total_records: Maybe(None),
            page_number: Maybe(None),
            users: Maybe(None),
        }
    }
}

impl Show for Answer {
    fn show(&self, _: &str, printed: &mut Printed) {
        self.next_page_token.show("next_page_token", printed);
        self.page_count.show("page_count", printed);
        self.page_size.show("page_size", printed);
        self.total_records.show("total_records", printed);
        self.page_number.show("page_number", printed);
        self.users.show("users", printed);
    }
}

fn parse(text: &str) -> Result<Maybe<Answer>, Box<dyn Error>> {
    serde_json::from_str(text).map_err(|error| format!("the response is not JSON ({error}): {text}").into())
}

/// Returns an environment variable.
fn setting(name: &str) -> Result<String, String> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| format!("set {name} in the environment"))
}

/// Percent-encodes everything but letters, digits and `-._~`.
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

/// Writes parameters as a query or a form.
fn pairs(parameters: &[(&str, Vec<&str>)]) -> String {
    let pair = |(name, values): &(&str, Vec<&str>)| {
        let values: Vec<String> = values.iter().map(|value| encode(value)).collect();
        encode(name) + "=" + &values.join(",")
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
fn wait_time(headers: &HeaderMap) -> Duration {
    let retry_after = headers.get("Retry-After").and_then(|value| value.to_str().ok()).unwrap_or("1");
    match retry_after.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => seconds_until(retry_after).map_or(Duration::from_secs(1), Duration::from_secs),
    }
}

/// Returns the seconds until a time such as 2026-01-31T12:00:00Z.
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

/// Sends the request and returns the headers and the body of a successful response. Retries up to five times after 429.
fn send(url: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Result<(HeaderMap, String), Box<dyn Error>> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(TIMEOUT_SECONDS)))
        .build();
    let agent = ureq::Agent::new_with_config(config);
    let mut attempt = 0;
    loop {
        let mut request = Request::builder().method("GET").uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(bytes) => agent.run(request.body(bytes)?),
            None => agent.run(request.body(())?),
        };
        let mut response = response.map_err(|error| format!("{url}: {error}"))?;
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(u64::MAX).read_to_string();
        let text = text.map_err(|error| format!("{url}: {error}"))?;
        if (200..300).contains(&status) {
            return Ok((response.headers().clone(), text));
        }
        if status != 429 || attempt == 5 {
            return Err(format!("HTTP {status}: {text}").into());
        }
        attempt += 1;
        let wait = wait_time(response.headers());
        eprintln!("429: waiting {} s", wait.as_secs());
        thread::sleep(wait);
    }
}

/// List users: passes each page on.
fn users(mut handle: impl FnMut(Maybe<Answer>)) -> Result<(), Box<dyn Error>> {
    let base_url = setting("API_BASE_URL")?;
    let base_url = base_url.trim_end_matches('/');
    let authorization = format!("Bearer {}", setting("API_TOKEN")?);
    let path = ["/v2/users"].concat();
    let headers = [
        ("Accept", "application/json"),
        ("Authorization", authorization.as_str()),
    ];
    let mut url = format!("{base_url}{path}");
    loop {
        let (_, text) = send(&url, &headers, None)?;
        let page = parse(&text)?;
        let token = page.0.as_ref().and_then(|page| page.next_page_token.0.as_ref()).map(|token| token.0.clone());
        handle(page);
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(()) };
        url = format!("{base_url}{path}?{}", pairs(&[("next_page_token", vec![token.as_str()])]));
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut printed = Printed::new();
    users(|page| page.show("", &mut printed))
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
