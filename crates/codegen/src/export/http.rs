//! The request as sent over HTTP, and as a curl command.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    literal::shell,
    model::{Content, Operation, Parameter, PathPart, Place, Request, Security},
};

/// Everything except letters, digits and `-._~` is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text percent-encoded.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Encodes a UUID in a path: Zoom requires double encoding if it begins with a slash or contains two in a row.
#[must_use]
pub fn encoded_uuid(uuid: &str) -> String {
    let once = encoded(uuid);
    if uuid.starts_with('/') || uuid.contains("//") { encoded(&once) } else { once }
}

/// Returns the value of a path parameter.
pub(crate) fn encoded_segment(parameter: &Parameter, value: &str) -> String {
    if parameter.encode_twice { encoded_uuid(value) } else { encoded(value) }
}

/// Returns the values of a parameter, each encoded by `encode`, separated by commas.
pub(crate) fn encoded_values(parameter: &Parameter, encode: impl Fn(&Parameter, &str) -> String) -> String {
    let values = [first(parameter)].into_iter().chain(parameter.more.iter().cloned());
    values.map(|value| encode(parameter, &value)).collect::<Vec<_>>().join(",")
}

fn first(parameter: &Parameter) -> String {
    parameter.value.clone().unwrap_or_else(|| format!("<{}>", parameter.name))
}

/// Returns what a command or a file shows for a parameter: its value; for a secret, a variable.
pub(super) fn shown(parameter: &Parameter) -> String {
    [first(parameter)].into_iter().chain(parameter.more.iter().cloned()).collect::<Vec<_>>().join(",")
}

/// Returns the path with the values of its parameters.
pub(super) fn path(request: &Request) -> String {
    let part = |part: &PathPart| match part {
        PathPart::Text(text) => text.clone(),
        PathPart::Parameter(name) => {
            let known = request.parameters.iter().find(|known| known.place == Place::Path && known.name == *name);
            known.map(|parameter| encoded_values(parameter, encoded_segment)).unwrap_or_default()
        }
    };
    request.path.iter().map(part).collect()
}

/// Returns the sent parameters of a place, encoded as a query or a form.
pub(super) fn pairs(request: &Request, place: Place) -> String {
    let pair = |parameter: &Parameter| {
        format!("{}={}", encoded(&parameter.name), encoded_values(parameter, |_, value| encoded(value)))
    };
    request.sent(place).map(pair).collect::<Vec<_>>().join("&")
}

/// Returns the whole URL, below `origin`.
pub(super) fn url(origin: &str, request: &Request) -> String {
    match pairs(request, Place::Query) {
        query if query.is_empty() => format!("{origin}{}", path(request)),
        query => format!("{origin}{}?{query}", path(request)),
    }
}

/// Returns the request as a curl command, with line breaks. Secrets come from the environment, as in the programs.
/// `None` for sample JSON.
#[must_use]
pub fn curl_line(operation: &Operation) -> Option<String> {
    let request = operation.request.as_ref()?;
    let address = match &operation.origin {
        Some(origin) => shell(&url(origin, request)),
        None => format!("\"$API_BASE_URL\"{}", shell(&url("", request))),
    };
    let mut words = vec![format!("curl {address}")];
    let has = |place: Place| request.sent(place).next().is_some();
    // curl sends POST if it has data to send.
    let implied = if has(Place::Form) || has(Place::Part) || request.body.is_some() { "POST" } else { "GET" };
    if request.method == "HEAD" {
        words.push("--head".to_owned());
    } else if request.method != implied {
        words.push(format!("-X {}", shell(&request.method)));
    }
    match request.security {
        Security::Bearer => words.push("-H \"Authorization: Bearer $API_TOKEN\"".to_owned()),
        Security::Basic => words.push("-u \"$API_CLIENT_ID:$API_CLIENT_SECRET\"".to_owned()),
        Security::None => {}
    }
    for parameter in request.sent(Place::Header) {
        words.push(format!("-H {}", shell(&format!("{}: {}", parameter.name, shown(parameter)))));
    }
    for parameter in request.sent(Place::Form) {
        // curl encodes the value and sends the name unchanged.
        let pair = format!("{}={}", encoded(&parameter.name), shown(parameter));
        words.push(match parameter.more.is_empty() {
            true => format!("--data-urlencode {}", shell(&pair)),
            false => {
                let values = encoded_values(parameter, |_, value| encoded(value));
                format!("--data-raw {}", shell(&format!("{}={values}", encoded(&parameter.name))))
            }
        });
    }
    for parameter in request.sent(Place::Part) {
        words.push(form_option(parameter));
    }
    if let Some(body) = &request.body {
        words.push(format!("-H {}", shell(&format!("Content-Type: {}", body.content_type))));
        words.push(match &body.content {
            Content::Text(text) => format!("--data-raw {}", shell(text)),
            Content::File(path) => format!("--data-binary {}", shell(&format!("@{path}"))),
        });
    }
    Some(words.join(" \\\n  "))
}

/// Returns a part of a form in curl's syntax. In quotes, `\` and `"` are escaped; outside of them, `;` and `,` end a
/// value.
fn form_option(parameter: &Parameter) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let value = shown(parameter);
    let part = parameter.part.clone().unwrap_or_default();
    let mut text = match (&part.is_file, &part.content_type) {
        (true, _) => format!("{}=@{}", parameter.name, quoted(&value)),
        (false, Some(_)) => format!("{}={}", parameter.name, quoted(&value)),
        (false, None) => return format!("--form-string {}", shell(&format!("{}={value}", parameter.name))),
    };
    if let Some(name) = &part.file_name {
        text.push_str(&format!(";filename={}", quoted(name)));
    }
    if let Some(content_type) = &part.content_type {
        text.push_str(&format!(";type={content_type}"));
    }
    format!("--form {}", shell(&text))
}

/// Returns the name of a status (RFC 9110).
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        423 => "Locked",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
