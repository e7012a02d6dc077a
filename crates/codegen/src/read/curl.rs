//! A line that runs curl, as people paste it.

use super::{
    ids::Ids,
    openapi::path_words,
    postman::{new_parameter, pairs, split_address},
};
use crate::{
    error::ReadError,
    model::{Body, Document, Operation, Paging, Place, Request, Security},
};

/// Options that say nothing about the request, and take no value.
const IGNORED: [&str; 24] = [
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-L",
    "--location",
    "-k",
    "--insecure",
    "-i",
    "--include",
    "-v",
    "--verbose",
    "-f",
    "--fail",
    "--compressed",
    "--http1.1",
    "--http2",
    "-#",
    "--progress-bar",
    "-sS",
    "-sSL",
    "-sL",
    "-g",
    "--globoff",
];
/// The same with a value.
const IGNORED_WITH_VALUE: [&str; 12] = [
    "-o",
    "--output",
    "-A",
    "--user-agent",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "-w",
    "--write-out",
    "-b",
    "--cookie",
];

/// Reads the line; line ends count as blanks, with and without a backslash before them.
pub(crate) fn read(line: &str) -> Result<Document, ReadError> {
    let mut words = words(line)?.into_iter().skip(1);
    let mut curl = Curl::default();
    while let Some(Word { at, text }) = words.next() {
        let (option, attached) = match text.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
            _ if is_joined(&text) => (text[..2].to_owned(), Some(text[2..].to_owned())),
            _ => (text.clone(), None),
        };
        let mut value = || {
            attached
                .clone()
                .or_else(|| words.next().map(|word| word.text))
                .ok_or_else(|| ReadError::Curl { at, reason: format!("`{option}` lacks its value") })
        };
        match option.as_str() {
            "-X" | "--request" => curl.method = Some(value()?.to_ascii_uppercase()),
            "-H" | "--header" => curl.headers.push(value()?),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" => curl.data.push(value()?),
            "--data-urlencode" => {
                let pair = value()?;
                let (name, text) = pair.split_once('=').unwrap_or(("", &pair));
                curl.encoded.push((name.to_owned(), text.to_owned()));
            }
            "--json" => {
                curl.json = true;
                curl.data.push(value()?);
            }
            "-u" | "--user" => {
                value()?;
                curl.basic = true;
            }
            "-G" | "--get" => curl.get = true,
            "-I" | "--head" => curl.method = Some("HEAD".to_owned()),
            "--url" => curl.address = Some(value()?),
            "--oauth2-bearer" => {
                value()?;
                curl.headers.push("Authorization: Bearer".to_owned());
            }
            option if IGNORED.contains(&option) => {}
            option if IGNORED_WITH_VALUE.contains(&option) => {
                value()?;
            }
            option if option.starts_with('-') && option.len() > 1 => {
                return Err(ReadError::Curl { at, reason: format!("the option `{option}` is not known here") });
            }
            _ if curl.address.is_none() => curl.address = Some(text),
            _ => return Err(ReadError::Curl { at, reason: "there is a second address".to_owned() }),
        }
    }
    curl.document()
}

/// Whether it is a short option with its value behind it, as in `-XPOST`.
fn is_joined(text: &str) -> bool {
    text.len() > 2
        && text.is_char_boundary(2)
        && ["-X", "-H", "-d", "-u", "-o"].contains(&&text[..2])
        && !IGNORED.contains(&text)
}

#[derive(Default)]
struct Curl {
    method: Option<String>,
    address: Option<String>,
    headers: Vec<String>,
    data: Vec<String>,
    encoded: Vec<(String, String)>,
    get: bool,
    json: bool,
    basic: bool,
}

impl Curl {
    fn document(self) -> Result<Document, ReadError> {
        let missing = || ReadError::Curl { at: 1, reason: "there is no address".to_owned() };
        let address = self.address.ok_or_else(missing)?;
        let mut address = split_address(&address, |name| new_parameter(name, Place::Path, None, "", false));
        let mut content_type = None;
        let mut security = if self.basic { Security::Basic } else { Security::None };
        for header in &self.headers {
            let Some((name, value)) = header.split_once(':') else { continue };
            let value = value.trim();
            match &*name.trim().to_lowercase() {
                "content-type" => content_type = Some(value.to_owned()),
                "authorization" if value.to_lowercase().starts_with("basic") => security = Security::Basic,
                "authorization" => security = Security::Bearer,
                "accept" | "host" | "content-length" | "user-agent" => {}
                _ => {
                    let sample = Some(value.to_owned());
                    address.parameters.push(new_parameter(name.trim(), Place::Header, sample, "", false));
                }
            }
        }
        let data = self.data.join("&");
        let is_form = content_type.as_deref().is_none_or(|kind| kind.contains("x-www-form-urlencoded")) && !self.json;
        let has_data = !self.data.is_empty() || !self.encoded.is_empty();
        let mut body = None;
        if self.get || (is_form && !looks_like_json(&data)) {
            let place = if self.get { Place::Query } else { Place::Form };
            for (name, value) in pairs(&data).into_iter().chain(self.encoded) {
                address.parameters.push(new_parameter(&name, place, Some(value), "", false));
            }
        } else if has_data {
            let content_type = content_type.unwrap_or_else(|| "application/json".to_owned());
            body = Some(Body { content_type, text: data });
        }
        let default_method = if has_data && !self.get { "POST" } else { "GET" };
        let method = self.method.unwrap_or_else(|| default_method.to_owned());
        let words = path_words(&address.path);
        let title = format!("{method} {}", words.replace('_', " "));
        let operation = Operation {
            id: Ids::default().take(&format!("{}_{words}", method.to_lowercase())),
            title,
            description: String::new(),
            origin: address.origin.clone(),
            request: Some(Request { method, path: address.path, parameters: address.parameters, body, security }),
            paging: Paging::None,
            answers: Vec::new(),
            shape: None,
        };
        Ok(Document { title: "curl".to_owned(), origin: address.origin, operations: vec![operation] })
    }
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

struct Word {
    /// Counted from 1, in characters.
    at: usize,
    text: String,
}

/// The words of a shell line.
fn words(line: &str) -> Result<Vec<Word>, ReadError> {
    let chars: Vec<char> = line.chars().filter(|c| *c != '\0').collect();
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if c.is_whitespace() {
            words.extend(word.take());
            i += 1;
            continue;
        }
        if c == '\\' && chars.get(i + 1).is_none_or(|next| *next == '\n' || *next == '\r') {
            i += 2;
            continue;
        }
        let text = &mut word.get_or_insert_with(|| Word { at: i + 1, text: String::new() }).text;
        match c {
            '\'' | '"' => {
                let ansi = c == '\'' && text.ends_with('$');
                if ansi {
                    text.pop();
                }
                i = quoted(&chars, i, ansi, text)?;
            }
            '\\' => {
                text.extend(chars.get(i + 1));
                i += 2;
            }
            ';' | '|' | '&' | '>' | '<' | '`' => {
                let reason = format!("`{c}` outside of quotes ends the command; put the address in quotes");
                return Err(ReadError::Curl { at: i + 1, reason });
            }
            c => {
                text.push(c);
                i += 1;
            }
        }
    }
    words.extend(word);
    Ok(words)
}

/// Appends what stands in the quotes that open at `start`; where they have closed.
fn quoted(chars: &[char], start: usize, ansi: bool, text: &mut String) -> Result<usize, ReadError> {
    let quote = chars[start];
    let mut i = start + 1;
    while let Some(&c) = chars.get(i) {
        match c {
            c if c == quote => return Ok(i + 1),
            '\\' if ansi => {
                text.push(match chars.get(i + 1) {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    Some(&other) => other,
                    None => break,
                });
                i += 2;
            }
            '\\' if quote == '"' && chars.get(i + 1).is_some_and(|next| "\"\\$`\n".contains(*next)) => {
                text.extend(chars.get(i + 1).filter(|next| **next != '\n'));
                i += 2;
            }
            c => {
                text.push(c);
                i += 1;
            }
        }
    }
    Err(ReadError::Curl { at: start + 1, reason: format!("the quote {quote} is never closed") })
}
