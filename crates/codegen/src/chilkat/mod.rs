//! Programs for the Chilkat library, like those in the documents: this module determines the calls, and a template for
//! each language writes them.
//!
//! They imitate the documents' programs on purpose: one request with the values of the description, including
//! placeholders; then each field of the response. Mistakes of the documents, such as two fields in one variable, are
//! corrected.

mod paging;
mod program;
mod reading;

use std::collections::HashSet;

pub(crate) use self::program::Program;
use self::program::{Argument, Call, Part, Step, Variable, get, method, put, text_call, variable};
use crate::{
    body::{Piece, pieces},
    export::{encoded, encoded_segment, encoded_values},
    json::Json,
    language::Language,
    literal::{comment, is_plain, json},
    model::{Kind, Operation, Paging, Parameter, PathPart, Place, Request, Security, Shape},
    placeholder::is_placeholder,
};
/// Longer samples are cut in comments.
const SAMPLE_LINES: usize = 400;

/// The names of the programs' own variables; fields get others.
const OWN: [&str; 16] = [
    "http",
    "success",
    "queryparams",
    "resp",
    "sbresponsebody",
    "jresp",
    "respstatuscode",
    "json",
    "sbrequestbody",
    "i",
    "j",
    "k",
    "count_i",
    "count_j",
    "count_k",
    "chilkat",
];

/// Determines the calls.
///
/// If `follow_pages` is set, the program of a list reads all pages, and waits when the server asks it to.
pub(crate) fn lower(
    operation: &Operation,
    language: &Language,
    reserved: &HashSet<String>,
    follow_pages: bool,
) -> Program {
    let own = OWN.iter().chain(paging::OWN.iter().filter(|_| follow_pages));
    let reserved: HashSet<String> = reserved.iter().cloned().chain(own.map(|name| (*name).to_owned())).collect();
    let mut writer =
        Writer { literal: language.chilkat_literal, steps: Vec::new(), variables: Vec::new(), live: Vec::new() };
    match &operation.request {
        Some(request) if follow_pages && operation.paging != Paging::None => {
            writer.pages(operation, request, language.case, &reserved);
        }
        request => {
            let response = request.as_ref().map(|request| writer.request(operation, request));
            writer.answer(operation, response, language, &reserved);
        }
    }
    Program {
        title: comment(&operation.title),
        warnings: operation.warnings.iter().map(|warning| comment(warning)).collect(),
        steps: writer.steps,
        variables: writer.variables,
    }
}

/// How the response arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Response {
    /// As an object.
    Object,
    /// As text, with its status in the client.
    Client,
}

struct Writer {
    literal: fn(&str) -> String,
    steps: Vec<Step>,
    variables: Vec<Variable>,
    /// Objects that must be deleted at the end.
    live: Vec<(String, &'static str)>,
}

impl Writer {
    fn text(&self, text: &str) -> Argument {
        Argument { literal: Some((self.literal)(text)), ..Argument::default() }
    }

    fn declare(&mut self, name: &str, kind: &'static str) {
        if !self.variables.iter().any(|variable| variable.name == name) {
            self.variables.push(Variable { name: name.to_owned(), kind });
        }
    }

    fn new_object(&mut self, variable: &str, class: &'static str) {
        self.declare(variable, class);
        self.live.push((variable.to_owned(), class));
        self.steps.push(Step::New { variable: variable.to_owned(), class });
        self.steps.push(Step::Blank);
    }

    fn call(&mut self, call: Call) {
        self.steps.push(Step::Call { result: None, call });
    }

    fn assign(&mut self, result: &str, kind: &'static str, call: Call) {
        self.declare(result, kind);
        self.steps.push(Step::Call { result: Some(result.to_owned()), call });
    }

    fn print(&self, text: &str) -> Step {
        Step::Print { parts: vec![Part { text: Some((self.literal)(text)), variable: None, call: None }] }
    }

    /// Deletes all live objects, and ends.
    fn exit(&self, steps: &mut Vec<Step>) {
        let delete = |(variable, class): &(String, &'static str)| Step::Delete {
            variable: variable.clone(),
            class,
            on_exit: true,
        };
        steps.extend(self.live.iter().map(delete));
        steps.push(Step::Exit);
    }

    fn request(&mut self, operation: &Operation, request: &Request) -> Response {
        self.new_object("http", "CkHttp");
        let parameters: Vec<&Parameter> = request.parameters.iter().filter(|parameter| parameter.is_shown()).collect();
        let at = |place: Place| parameters.iter().copied().filter(move |parameter| parameter.place == place);
        let form: Vec<&Parameter> = at(Place::Form).collect();
        let query: Vec<&Parameter> = at(Place::Query).collect();
        // The parameters go into one object: first those of the form, if there is one, then the query into the URL.
        let fields = if form.is_empty() { &query } else { &form };
        let with_parameters = !has_body(request) && !fields.is_empty();
        let url = address(operation, request, if with_parameters && form.is_empty() { &[] } else { &query });
        if with_parameters {
            self.parameters(fields);
        }
        self.credentials(request);
        self.headers(request);
        let verb = self.text(&request.method);
        let url = self.text(&url);
        let sent = match text_body(request) {
            Some((content_type, text)) => {
                let content_type = self.text(&content_type);
                self.body(&text);
                let charset = self.text("utf-8");
                let no = Argument { boolean: Some(false), ..Argument::default() };
                let arguments = vec![verb, url, variable("sbRequestBody"), charset, content_type, no.clone(), no];
                method("CkHttp", "http", "PTextSb", arguments)
            }
            None if with_parameters => {
                method("CkHttp", "http", "QuickRequestParams", vec![verb, url, variable("queryParams")])
            }
            None if request.method == "GET" => {
                self.new_object("sbResponseBody", "CkStringBuilder");
                let call = method("CkHttp", "http", "QuickGetSb", vec![url, variable("sbResponseBody")]);
                self.assign("success", "boolean", call);
                let mut body = vec![self.print_call(text_call("CkHttp", "http", "lastErrorText"))];
                self.exit(&mut body);
                self.steps.push(Step::IfFalse { variable: "success".to_owned(), body });
                self.steps.push(Step::Blank);
                return Response::Client;
            }
            None => method("CkHttp", "http", "QuickRequest", vec![verb, url]),
        };
        self.send(sent);
        self.steps.push(Step::Blank);
        self.new_object("sbResponseBody", "CkStringBuilder");
        self.call(method("CkHttpResponse", "resp", "GetBodySb", vec![variable("sbResponseBody")]));
        self.steps.push(Step::Blank);
        Response::Object
    }

    /// Builds `queryParams` from parameters.
    fn parameters(&mut self, fields: &[&Parameter]) {
        self.new_object("queryParams", "CkJsonObject");
        for parameter in fields {
            let value = parameter.shown_value();
            let (name, value) = match value.parse::<i32>() {
                Ok(number) if parameter.kind == Kind::Integer => {
                    ("UpdateInt", Argument { integer: Some(number.into()), ..Argument::default() })
                }
                _ => ("UpdateString", self.text(&value)),
            };
            let arguments = vec![self.text(&parameter.name), value];
            self.call(method("CkJsonObject", "queryParams", name, arguments));
        }
        self.steps.push(Step::Blank);
    }

    /// Sets the headers of the request, except credentials.
    fn headers(&mut self, request: &Request) {
        let headers = |parameter: &&Parameter| parameter.place == Place::Header && parameter.is_shown();
        for parameter in request.parameters.iter().filter(headers) {
            let arguments = vec![self.text(&parameter.name), self.text(&parameter.shown_value())];
            self.call(method("CkHttp", "http", "SetRequestHeader", arguments));
        }
        self.steps.push(Step::Blank);
    }

    /// Sets `resp` to the result of a call, and ends if there is no response.
    fn send(&mut self, sent: Call) {
        self.comment("resp is a CkHttpResponse");
        self.assign("resp", "CkHttpResponse", sent);
        let mut body = vec![self.print_call(text_call("CkHttp", "http", "lastErrorText"))];
        self.exit(&mut body);
        self.steps.push(Step::IfCallFalse { call: get("CkHttp", "http", "LastMethodSuccess"), body });
    }

    fn credentials(&mut self, request: &Request) {
        match request.security {
            Security::Bearer => {
                self.comment("Adds the \"Authorization: Bearer <access_token>\" header.");
                let token = self.text("<access_token>");
                self.call(put("CkHttp", "http", "AuthToken", token));
            }
            Security::Basic => {
                self.comment("Adds the \"Authorization: Basic\" header.");
                for (property, value) in [("Login", "<client_id>"), ("Password", "<client_secret>")] {
                    let value = self.text(value);
                    self.call(put("CkHttp", "http", property, value));
                }
                self.call(put("CkHttp", "http", "BasicAuth", Argument { boolean: Some(true), ..Argument::default() }));
            }
            Security::None => {}
        }
    }

    /// Builds `sbRequestBody`: member by member if it is a JSON object.
    fn body(&mut self, text: &str) {
        match serde_json::from_str::<Json>(text) {
            Ok(Json::Object(members)) => {
                self.new_object("json", "CkJsonObject");
                for (name, value) in &members {
                    self.member(&reading::path_of("", name), value);
                }
                self.steps.push(Step::Blank);
                self.new_object("sbRequestBody", "CkStringBuilder");
                self.call(method("CkJsonObject", "json", "EmitSb", vec![variable("sbRequestBody")]));
            }
            _ => {
                self.new_object("sbRequestBody", "CkStringBuilder");
                let arguments = vec![self.text(text)];
                self.call(method("CkStringBuilder", "sbRequestBody", "Append", arguments));
            }
        }
        self.steps.push(Step::Blank);
    }

    fn member(&mut self, path: &str, value: &Json) {
        let place = self.text(path);
        let (name, arguments) = match value {
            Json::Object(members) => {
                members.iter().for_each(|(name, value)| self.member(&reading::path_of(path, name), value));
                return;
            }
            Json::Array(elements) => {
                let elements = elements.iter().enumerate();
                elements.for_each(|(index, value)| self.member(&format!("{path}[{index}]"), value));
                return;
            }
            Json::Null => ("UpdateNull", vec![place]),
            Json::Bool(value) => ("UpdateBool", vec![place, Argument { boolean: Some(*value), ..Argument::default() }]),
            Json::Number(number) => match number.as_i64().and_then(|number| i32::try_from(number).ok()) {
                Some(number) => {
                    ("UpdateInt", vec![place, Argument { integer: Some(number.into()), ..Argument::default() }])
                }
                None => ("UpdateNumber", vec![place, self.text(&number.to_string())]),
            },
            Json::Big(digits) => ("UpdateNumber", vec![place, self.text(digits)]),
            Json::Text(text) => ("UpdateString", vec![place, self.text(text)]),
        };
        self.call(method("CkJsonObject", "json", name, arguments));
    }

    fn answer(
        &mut self,
        operation: &Operation,
        response: Option<Response>,
        language: &Language,
        reserved: &HashSet<String>,
    ) {
        if response.is_none() {
            self.new_object("sbResponseBody", "CkStringBuilder");
            let arguments = vec![self.text("sample.json"), self.text("utf-8")];
            self.call(method("CkStringBuilder", "sbResponseBody", "LoadFile", arguments));
            self.steps.push(Step::Blank);
        }
        let root_is_array = matches!(operation.shape, Some(Shape::Array(_)));
        if operation.shape.is_some() {
            if root_is_array {
                self.comment("The answer is an array; in an object it can be reached by a path.");
                for (name, text) in [("Prepend", "{\"items\":"), ("Append", "}")] {
                    let arguments = vec![self.text(text)];
                    self.call(method("CkStringBuilder", "sbResponseBody", name, arguments));
                }
            }
            self.new_object("jResp", "CkJsonObject");
            self.call(method("CkJsonObject", "jResp", "LoadSb", vec![variable("sbResponseBody")]));
            let no = Argument { boolean: Some(false), ..Argument::default() };
            self.call(put("CkJsonObject", "jResp", "EmitCompact", no));
            self.steps.push(Step::Blank);
        }
        if let Some(response) = response {
            self.status(response, operation.shape.is_some());
        }
        self.sample(operation);
        if let Some(shape) = &operation.shape {
            let steps = reading::steps(self, shape, language.case, reserved);
            self.steps.extend(steps);
        }
        self.steps.push(Step::Blank);
        let live = std::mem::take(&mut self.live);
        let delete = |(variable, class)| Step::Delete { variable, class, on_exit: false };
        self.steps.extend(live.into_iter().map(delete));
    }

    fn status(&mut self, response: Response, is_json: bool) {
        self.steps.push(self.print("Response Body:"));
        let body = if is_json {
            text_call("CkJsonObject", "jResp", "emit")
        } else {
            text_call("CkStringBuilder", "sbResponseBody", "getAsString")
        };
        self.steps.push(self.print_call(body));
        self.steps.push(Step::Blank);
        let (status, header) = match response {
            Response::Object => {
                (get("CkHttpResponse", "resp", "StatusCode"), text_call("CkHttpResponse", "resp", "header"))
            }
            Response::Client => (get("CkHttp", "http", "LastStatus"), text_call("CkHttp", "http", "lastHeader")),
        };
        self.assign("respStatusCode", "integer", status);
        let told = (self.literal)("Response Status Code = ");
        self.steps.push(Step::Print {
            parts: vec![
                Part { text: Some(told), variable: None, call: None },
                Part { text: None, variable: Some("respStatusCode".to_owned()), call: None },
            ],
        });
        let mut body = vec![self.print("Response Header:"), self.print_call(header), self.print("Failed.")];
        let delete = |on_exit| Step::Delete { variable: "resp".to_owned(), class: "CkHttpResponse", on_exit };
        if response == Response::Object {
            body.push(delete(true));
        }
        self.exit(&mut body);
        self.steps.push(Step::IfBadStatus { variable: "respStatusCode".to_owned(), body });
        self.steps.push(Step::Blank);
        if response == Response::Object {
            self.steps.push(delete(false));
            self.steps.push(Step::Blank);
        }
    }

    fn sample(&mut self, operation: &Operation) {
        let Some(sample) = operation.good_answer().and_then(|answer| answer.sample.as_ref()) else { return };
        self.comment("Sample JSON response:");
        self.comment("(Sample code for parsing the JSON response is shown below)");
        self.steps.push(Step::Blank);
        let pretty = sample.pretty();
        for line in pretty.lines().take(SAMPLE_LINES) {
            self.steps.push(Step::Comment { text: json_comment(line) });
        }
        if pretty.lines().count() > SAMPLE_LINES {
            self.comment("and so on");
        }
        self.steps.push(Step::Blank);
    }

    fn comment(&mut self, text: &str) {
        self.steps.push(Step::Comment { text: text.to_owned() });
    }

    fn print_call(&self, call: Call) -> Step {
        Step::Print { parts: vec![Part { text: None, variable: None, call: Some(call) }] }
    }
}

fn has_body(request: &Request) -> bool {
    request.body.is_some() || request.sent(Place::Part).next().is_some()
}

/// Returns the body as one text, as Chilkat requires; see [`unsupported`] for exceptions.
fn text_body(request: &Request) -> Option<(String, String)> {
    let (content_type, pieces) = pieces(request)?;
    Some((content_type, pieces.iter().map(Piece::shown).collect()))
}

/// Returns what this style does not support of the operation.
pub(crate) fn unsupported(operation: &Operation) -> Option<String> {
    let (_, pieces) = pieces(operation.request.as_ref()?)?;
    pieces.iter().find_map(|piece| match piece {
        Piece::File(path) => Some(format!("the file `{path}` in a body")),
        Piece::Text(_) | Piece::Secret(_) => None,
    })
}

/// Returns the URL with its parameters filled in; placeholders stay `:name`, as in the documents.
fn address(operation: &Operation, request: &Request, query: &[&Parameter]) -> String {
    let mut url = operation.origin.clone().unwrap_or_else(|| "https://api.example.com".to_owned());
    for part in &request.path {
        match part {
            PathPart::Text(text) => url.push_str(text),
            PathPart::Parameter(name) => {
                let known = request.parameters.iter().find(|known| known.place == Place::Path && known.name == *name);
                match known.filter(|known| known.value.as_deref().is_some_and(|value| !is_placeholder(value))) {
                    Some(known) => url.push_str(&encoded_values(known, encoded_segment)),
                    None => {
                        url.push(':');
                        url.push_str(name);
                    }
                }
            }
        }
    }
    for (index, parameter) in query.iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(&encoded(&parameter.name));
        url.push('=');
        url.push_str(&encoded(&parameter.shown_value()));
    }
    url
}

/// Returns a line of JSON for a comment: anything that is not plain is escaped, including PHP's end tag.
fn json_comment(line: &str) -> String {
    let escaped: String = line
        .chars()
        .map(|c| if is_plain(c) { c.to_string() } else { json(&c.to_string()).trim_matches('"').to_owned() })
        .collect();
    escaped.replace("?>", "?\\u003e").replace("*/", "*\\/")
}
