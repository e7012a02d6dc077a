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
// Needs the crates ureq 3, base64 0.22, serde 1 (with its feature derive) and serde_json 1 (with arbitrary_precision).

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, thread};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Number, Value};
use ureq::http::{HeaderMap, Request};

const TIMEOUT_SECONDS: u64 = 60;

#[derive(Deserialize)]
#[serde(default)]
struct Answer {
    access_token: Maybe<Text>,
    api_url: Maybe<Text>,
    expires_in: Maybe<Number>,
    refresh_token: Maybe<Text>,
    scope: Maybe<Text>,
    token_type: Maybe<Text>,
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

/// Prints a value, or each value in it, on its own line.
trait Show {
    fn show(&self, place: &str);
}

fn print_line(place: &str, text: &str) {
    println!("{place}: {}", text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"));
}

impl<T: Show> Show for Maybe<T> {
    fn show(&self, place: &str) {
        if let Some(value) = &self.0 {
            value.show(place);
        }
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self, place: &str) {
        for (index, element) in self.iter().enumerate() {
            element.show(&format!("{place}[{index}]"));
        }
    }
}

impl Show for Text {
    fn show(&self, place: &str) {
        print_line(place, &self.0);
    }
}

impl Show for Number {
    fn show(&self, place: &str) {
        print_line(place, &self.to_string());
    }
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            access_token: Maybe(None),
            api_url: Maybe(None),
            expires_in: Maybe(None),
            refresh_token: Maybe(None),
            scope: Maybe(None),
            token_type: Maybe(None),
        }
    }
}

impl Show for Answer {
    fn show(&self, _: &str) {
        self.access_token.show("access_token");
        self.api_url.show("api_url");
        self.expires_in.show("expires_in");
        self.refresh_token.show("refresh_token");
        self.scope.show("scope");
        self.token_type.show("token_type");
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
        let mut request = Request::builder().method("POST").uri(url);
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

/// Get an access token.
fn create_token(grant_type: &str) -> Result<Maybe<Answer>, Box<dyn Error>> {
    let base_url = setting("API_BASE_URL")?;
    let base_url = base_url.trim_end_matches('/');
    let credentials = format!("{}:{}", setting("API_CLIENT_ID")?, setting("API_CLIENT_SECRET")?);
    let authorization = format!("Basic {}", BASE64_STANDARD.encode(credentials));
    let path = ["/oauth/token"].concat();
    let headers = [
        ("Accept", "application/json"),
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let body = pairs(&[("grant_type", vec![grant_type])]);
    let url = format!("{base_url}{path}");
    let (_, text) = send(&url, &headers, Some(body.as_bytes()))?;
parse(&text)
}

fn run() -> Result<(), Box<dyn Error>> {
    create_token("account_credentials")?.show("");
    Ok(())
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
