//! Parses a curl command, as people paste it.

use super::{
    address::{Address, new_parameter, pairs, part_parameter, pattern, split_address},
    ids::Ids,
    openapi::path_words,
    options::{Takes, option_of, short_options},
    words::{Line, Word, words},
};
use crate::{
    error::ReadError,
    model::{Body, Content, Document, Operation, Paging, Parameter, Part, Place, Request, Security},
};

/// Returns whether a text is a curl command, possibly after a prompt.
pub(crate) fn line_of(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let text = ["$ ", "> ", "PS> ", "C:\\>", "% "].iter().find_map(|prompt| text.strip_prefix(prompt)).unwrap_or(text);
    let rest = text.strip_prefix("curl.exe").or_else(|| text.strip_prefix("curl"))?;
    rest.starts_with(|c: char| c.is_whitespace()).then_some(text)
}

/// Parses the command; line ends count as blanks, with and without the shell's continuation character.
pub(crate) fn read(text: &str) -> Result<Document, ReadError> {
    let Line { words, variables, rest } = words(text)?;
    let mut curl = Curl { variables, ..Curl::default() };
    if let Some(rest) = rest {
        curl.after(&rest);
    }
    let mut words = words.into_iter().skip(1);
    let mut only_addresses = false;
    while let Some(Word { at, text }) = words.next() {
        if only_addresses || !text.starts_with('-') || text.len() == 1 {
            curl.address(text, at)?;
        } else if text == "--" {
            only_addresses = true;
        } else {
            for (name, takes, attached) in options(&text, at)? {
                let mut value = || {
                    let value = attached.clone().or_else(|| words.next().map(|word| word.text));
                    value.ok_or_else(|| ReadError::curl(at, format!("`{name}` requires a value")))
                };
                curl.option(&name, takes, at, &mut value)?;
            }
        }
    }
    curl.document()
}

/// An option, its meaning, and a value in the same word.
type Found = (String, Takes, Option<String>);

/// Returns the options in one word: `--json`, `-fsSL`, `-XPOST`.
fn options(word: &str, at: usize) -> Result<Vec<Found>, ReadError> {
    let unknown = |option: &str| ReadError::curl(at, format!("unknown option `{option}`"));
    if word.starts_with("--") {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let takes = option_of(name).ok_or_else(|| unknown(name))?;
        return Ok(vec![(name.to_owned(), takes, attached)]);
    }
    short_options(word).map_err(|option| unknown(&option))
}

#[derive(Default)]
struct Curl {
    method: Option<String>,
    address: Option<String>,
    /// Whether brackets and braces in the URL are literal.
    is_one_address: bool,
    headers: Vec<(usize, String)>,
    data: Vec<Data>,
    parts: Vec<Parameter>,
    /// The query.
    query: Vec<(String, String)>,
    get: bool,
    json: bool,
    basic: bool,
    bearer: bool,
    upload: Option<String>,
    warnings: Vec<String>,
    /// The shell's variables in the command.
    variables: Vec<String>,
}

/// Data of an option such as `--data`.
enum Data {
    /// Already percent-encoded, if it is a form.
    Text(String),
    Pair(String, String),
    File(String),
}

impl Curl {
    fn after(&mut self, rest: &str) {
        let rest = rest.trim_start_matches(['|', '>', '2']).trim();
        // Programs print what they read, so they need none of these.
        let known = ["jq", "python -m json.tool", "python3 -m json.tool", "json_pp", "less", "cat", "tee", "head"];
        if !rest.is_empty() && !known.iter().any(|known| rest.starts_with(known)) && !rest.starts_with(['/', '&']) {
            let rest: String = rest.chars().take(60).collect();
            self.warnings.push(format!("Ignored the rest of the command: {rest}"));
        }
    }

    fn address(&mut self, text: String, at: usize) -> Result<(), ReadError> {
        if self.address.replace(text).is_some() {
            return Err(ReadError::curl(at, "only one URL is supported"));
        }
        Ok(())
    }

    fn option(
        &mut self,
        name: &str,
        takes: Takes,
        at: usize,
        value: &mut dyn FnMut() -> Result<String, ReadError>,
    ) -> Result<(), ReadError> {
        match takes {
            Takes::Nothing => {}
            Takes::OneAddress => self.is_one_address = true,
            Takes::Ignored => {
                value()?;
            }
            Takes::Warns(what) => self.warnings.push(format!("Ignored {name}: {what}")),
            Takes::WarnsWithValue(what) => {
                let value = value()?;
                self.warnings.push(format!("Ignored {name} {value}: {what}"));
            }
            Takes::Refused => {
                return Err(ReadError::curl(
                    at,
                    format!("the option `{name}` is not supported, and the request would differ without it"),
                ));
            }
            Takes::Method => self.method = Some(value()?.to_ascii_uppercase()),
            Takes::Head => self.method = Some("HEAD".to_owned()),
            Takes::Get => self.get = true,
            Takes::Url => self.address(value()?, at)?,
            Takes::Header => {
                let header = value()?;
                if header.starts_with('@') {
                    return Err(ReadError::curl(
                        at,
                        format!("`{name}` reads headers from a file; write them in the line"),
                    ));
                }
                self.headers.push((at, header));
            }
            Takes::HeaderNamed(header) => {
                let value = value()?;
                self.headers.push((at, format!("{header}: {value}")));
            }
            Takes::Cookie => {
                let cookie = value()?;
                // Without an equals sign it is the name of a file.
                if !cookie.contains('=') {
                    return Err(ReadError::curl(
                        at,
                        format!("`{name} {cookie}` reads cookies from a file; write them as name=value"),
                    ));
                }
                self.headers.push((at, format!("Cookie: {cookie}")));
            }
            Takes::Data => {
                let data = value()?;
                match data.strip_prefix('@') {
                    Some(path) => {
                        self.file(path, name, at)?;
                        self.warnings.push(format!("Line ends in {path} are sent; curl {name} would remove them"));
                    }
                    None => self.data.push(Data::Text(data)),
                }
            }
            Takes::DataRaw => self.data.push(Data::Text(value()?)),
            Takes::DataBinary | Takes::Json => {
                self.json |= takes == Takes::Json;
                let data = value()?;
                match data.strip_prefix('@') {
                    Some(path) => self.file(path, name, at)?,
                    None => self.data.push(Data::Text(data)),
                }
            }
            Takes::DataEncoded => {
                let (name, text) = encoded_pair(&value()?, name, at)?;
                self.data.push(Data::Pair(name, text));
            }
            Takes::UrlQuery => {
                let query = value()?;
                match query.strip_prefix('+') {
                    Some(encoded) => self.query.extend(pairs(encoded)),
                    None => self.query.push(encoded_pair(&query, name, at)?),
                }
            }
            Takes::Form => self.parts.push(form_part(&value()?, name, at)?),
            Takes::FormString => {
                let field = value()?;
                let (field, text) =
                    field.split_once('=').ok_or_else(|| ReadError::curl(at, format!("`{name}` must be NAME=VALUE")))?;
                self.parts.push(part_parameter(field, Some(text.to_owned()), Part::default(), "", false));
            }
            Takes::User => {
                value()?;
                self.basic = true;
            }
            Takes::Token => {
                value()?;
                self.bearer = true;
            }
            Takes::Upload => {
                let path = value()?;
                if path == "-" || path == "." {
                    return Err(ReadError::curl(at, format!("`{name}` reads standard input; use a file")));
                }
                self.upload = Some(path);
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str, name: &str, at: usize) -> Result<(), ReadError> {
        if path == "-" {
            return Err(ReadError::curl(at, format!("`{name} @-` reads standard input; use a file")));
        }
        self.data.push(Data::File(path.to_owned()));
        Ok(())
    }

    fn document(mut self) -> Result<Document, ReadError> {
        let address = self.address.take().ok_or_else(|| ReadError::curl(1, "the URL is missing"))?;
        if let Some(pattern) = pattern(&address).filter(|_| !self.is_one_address) {
            let reason = format!("curl requests several URLs for `{pattern}`; write one of them");
            return Err(ReadError::curl(1, reason));
        }
        let address = self.with_variables_as_parameters(&address);
        let variables = self.variables.clone();
        let mut address = split_address(&address, |name| {
            let is_variable = variables.iter().any(|variable| variable == name);
            is_variable.then(|| Parameter {
                secret: true,
                value: None,
                ..new_parameter(name, Place::Path, None, "", false)
            })
        });
        // The query is sent unchanged, even if it is blank.
        for parameter in address.parameters.iter_mut().filter(|parameter| parameter.place == Place::Query) {
            if !parameter.secret {
                parameter.value.clone_from(&parameter.sample);
            }
        }
        let query = std::mem::take(&mut self.query);
        address.parameters.extend(query.into_iter().map(|(name, value)| written(&name, Place::Query, value)));
        let (content_type, mut security) = self.read_headers(&mut address)?;
        if self.basic {
            security = Security::Basic;
        } else if self.bearer {
            security = Security::Bearer;
        }
        let has_data = !self.data.is_empty() && !self.get;
        let has_body = has_data || !self.parts.is_empty() || self.upload.is_some();
        let body = self.body(content_type, &mut address.parameters)?;
        let default_method = match (&self.upload, has_body) {
            (Some(_), _) => "PUT",
            (None, true) => "POST",
            (None, false) => "GET",
        };
        let method = self.method.take().unwrap_or_else(|| default_method.to_owned());
        let words = path_words(&address.path);
        let title = format!("{method} {}", words.replace('_', " "));
        let request = Request { method, path: address.path, parameters: address.parameters, body, security };
        self.warn_of_variables(&request);
        let operation = Operation {
            id: Ids::default().take(&format!("{}_{words}", request.method.to_lowercase())),
            title,
            description: String::new(),
            origin: address.origin.clone(),
            request: Some(request),
            paging: Paging::None,
            answers: Vec::new(),
            shape: None,
            warnings: self.warnings,
        };
        Ok(Document {
            title: "curl".to_owned(),
            origin: address.origin,
            operations: vec![operation],
            skipped: Vec::new(),
        })
    }

    /// Returns the URL with `{NAME}` for each of the shell's variables in its path.
    fn with_variables_as_parameters(&self, address: &str) -> String {
        let (before, query) = address.split_at(address.find('?').unwrap_or(address.len()));
        let host = before.find("://").map_or(0, |at| at + 3);
        let Some(slash) = before[host..].find('/').map(|at| host + at) else { return address.to_owned() };
        let (origin, path) = before.split_at(slash);
        let mut path = path.to_owned();
        for name in &self.variables {
            path = path.replace(&format!("${{{name}}}"), &format!("{{{name}}}"));
            path = path.replace(&format!("${name}"), &format!("{{{name}}}"));
        }
        format!("{origin}{path}{query}")
    }

    /// Converts headers to parameters, except those that programs set themselves.
    fn read_headers(&mut self, address: &mut Address) -> Result<(Option<String>, Security), ReadError> {
        let mut content_type = None;
        let mut security = Security::None;
        for (at, header) in std::mem::take(&mut self.headers) {
            let (name, value) = match header.split_once(':') {
                Some((_, value)) if value.trim().is_empty() => continue,
                Some((name, value)) => (name.trim(), value.trim().to_owned()),
                // curl sends a header without a value if its name ends with a semicolon.
                None => match header.strip_suffix(';') {
                    Some(name) => (name, String::new()),
                    None => return Err(ReadError::curl(at, format!("the header `{header}` has no colon"))),
                },
            };
            let lower = value.to_lowercase();
            match &*name.to_lowercase() {
                "content-type" => content_type = Some(value),
                "authorization" if lower.starts_with("basic ") => security = Security::Basic,
                "authorization" if lower.starts_with("bearer ") => security = Security::Bearer,
                "authorization" => {
                    let mut parameter = new_parameter(name, Place::Header, None, "", false);
                    (parameter.secret, parameter.required, parameter.value) = (true, true, None);
                    address.parameters.push(parameter);
                }
                "accept" if value == "*/*" || lower.starts_with("application/json") => {}
                "content-length" | "accept-encoding" => {}
                "host" | "connection" | "transfer-encoding" => {
                    self.warnings.push(format!("Ignored the header {name}: each library sets its own"));
                }
                _ => address.parameters.push(written(name, Place::Header, value)),
            }
        }
        Ok((content_type, security))
    }

    fn body(
        &mut self,
        content_type: Option<String>,
        parameters: &mut Vec<Parameter>,
    ) -> Result<Option<Body>, ReadError> {
        let data = std::mem::take(&mut self.data);
        if !self.parts.is_empty() {
            if !data.is_empty() {
                return Err(ReadError::curl(1, "`--form` and `--data` cannot go together"));
            }
            parameters.append(&mut self.parts);
            return Ok(None);
        }
        if let Some(path) = &self.upload {
            let content_type = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            return Ok(Some(Body { content_type, content: Content::File(path.clone()) }));
        }
        let default = if self.json { "application/json" } else { "application/x-www-form-urlencoded" };
        if let [Data::File(path)] = &data[..]
            && !self.get
        {
            let content_type = content_type.unwrap_or_else(|| default.to_owned());
            return Ok(Some(Body { content_type, content: Content::File(path.clone()) }));
        }
        if let Some(Data::File(path)) = data.iter().find(|data| matches!(data, Data::File(_))) {
            return Err(ReadError::curl(1, format!("the file `{path}` cannot be sent together with other data")));
        }
        if data.is_empty() {
            return Ok(None);
        }
        let is_form = content_type.as_deref().is_none_or(|kind| kind.contains("x-www-form-urlencoded")) && !self.json;
        let place = if self.get { Place::Query } else { Place::Form };
        if self.get || (is_form && data.iter().all(Data::is_form)) {
            for data in data {
                match data {
                    Data::Text(text) => {
                        parameters.extend(pairs(&text).into_iter().map(|(name, value)| written(&name, place, value)));
                    }
                    Data::Pair(name, value) => parameters.push(written(&name, place, value)),
                    Data::File(_) => {}
                }
            }
            return Ok(None);
        }
        let looks_like_json = matches!(&data[0], Data::Text(text) if text.trim_start().starts_with(['{', '[']));
        let between = if self.json { "" } else { "&" };
        let text = data.iter().map(Data::to_text).collect::<Vec<_>>().join(between);
        let content_type = content_type.unwrap_or_else(|| match looks_like_json {
            true => "application/json".to_owned(),
            false => default.to_owned(),
        });
        Ok(Some(Body::of_text(content_type, text)))
    }

    /// Reports the shell's variables that remain in the request.
    fn warn_of_variables(&mut self, request: &Request) {
        let values = request.parameters.iter().flat_map(|parameter| parameter.value.iter().map(String::as_str));
        let texts: Vec<&str> = values.chain(request.body.as_ref().and_then(Body::text)).collect();
        for name in &self.variables {
            let forms = [format!("${name}"), format!("${{{name}"), format!("%{name}%")];
            if texts.iter().any(|text| forms.iter().any(|form| text.contains(form))) {
                self.warnings.push(format!("The shell variable {name} has no value here: insert its value"));
            }
        }
    }
}

impl Data {
    /// Returns whether it is pairs of a form; otherwise it goes into the body unchanged.
    fn is_form(&self) -> bool {
        match self {
            Self::Text(text) => text.contains('=') && !text.trim_start().starts_with(['{', '[', '<', '"']),
            Self::Pair(name, _) => !name.is_empty(),
            Self::File(_) => false,
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Pair(name, value) if name.is_empty() => crate::export::encoded(value),
            Self::Pair(name, value) => format!("{name}={}", crate::export::encoded(value)),
            Self::File(_) => String::new(),
        }
    }
}

/// Returns a parameter with the command's value, even if it looks like a placeholder; a secret comes from the
/// environment.
fn written(name: &str, place: Place, value: String) -> Parameter {
    let mut parameter = new_parameter(name, place, Some(value.clone()), "", false);
    if parameter.secret {
        parameter.required = true;
    } else {
        parameter.value = Some(value);
    }
    parameter
}

/// Parses `name=value`, `=value` or `value`; rejects `name@file`.
fn encoded_pair(text: &str, option: &str, at: usize) -> Result<(String, String), ReadError> {
    match (text.split_once('='), text.split_once('@')) {
        (Some((name, _)), Some((before, _))) if before.len() < name.len() => Err(file_in_pair(text, option, at)),
        (Some((name, value)), _) => Ok((name.to_owned(), value.to_owned())),
        (None, Some(_)) => Err(file_in_pair(text, option, at)),
        (None, None) => Ok((String::new(), text.to_owned())),
    }
}

fn file_in_pair(text: &str, option: &str, at: usize) -> ReadError {
    ReadError::curl(at, format!("`{option} {text}` reads a value from a file; write the value in the line"))
}

/// Parses a field of `--form`: `name=value`, `name=@path`, `name=<path`, followed by `;type=…` and `;filename=…`.
fn form_part(field: &str, option: &str, at: usize) -> Result<Parameter, ReadError> {
    let (name, rest) =
        field.split_once('=').ok_or_else(|| ReadError::curl(at, format!("`{option}` must be NAME=CONTENT")))?;
    if rest.starts_with('<') {
        return Err(ReadError::curl(
            at,
            format!("`{option} {field}` reads a value from a file; write the value in the line"),
        ));
    }
    let (is_file, rest) = match rest.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let mut part = Part { is_file, ..Part::default() };
    let (value, mut rest) = form_value(rest);
    if is_file && (value == "-" || rest.starts_with(',')) {
        return Err(ReadError::curl(at, format!("`{option} {field}` must name one file")));
    }
    while let Some(attribute) = rest.strip_prefix(';') {
        let (key, after) = attribute.split_once('=').unwrap_or((attribute, ""));
        let (text, after) = form_value(after);
        match key.trim() {
            "type" => part.content_type = Some(text),
            "filename" => part.file_name = Some(text),
            other => return Err(ReadError::curl(at, format!("`{option}`: `{other}=` is not supported"))),
        }
        rest = after;
    }
    Ok(part_parameter(name, Some(value), part, "", false))
}

/// Returns a value up to a semicolon or a comma, or up to the quote if it is quoted, and the rest.
fn form_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}
