//! Prepares a request for a template: chooses all names, and writes all strings as literals of the language. Together
//! with the types of the response ([`crate::export::Classes`]), it is all that a template sees of a description, so
//! nothing of one can be taken for code.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    body::{Piece, pieces},
    language::Language,
    literal::comment,
    model::{Operation, Paging, Parameter, PathPart, Place, Request, Security},
    name::{Names, words},
};

const TOKEN: &str = "next_page_token";

/// Input of a template. Fields called `…variable` and `function` are names; `title`, `endpoint`, `warnings` and
/// `optional` are safe in comments; all other strings are literals.
#[derive(Debug, Serialize)]
pub(crate) struct Program {
    /// What the program does.
    title: String,
    /// Name of the function that sends the request or reads the sample.
    function: String,
    /// Method and path, such as `GET /v2/users/:userId`.
    endpoint: String,
    /// The API's origin, if the description has one.
    origin: Option<String>,
    request: Option<RequestPart>,
    /// `none`, `token` or `link`.
    paging: &'static str,
    /// Unsupported parts of the document; safe in comments.
    warnings: Vec<String>,
    /// Whether the response is JSON that is read.
    reads: bool,
}

#[derive(Debug, Serialize)]
struct RequestPart {
    method: String,
    path: Vec<PathPiece>,
    /// The variables of everything that is sent, in the order of the description.
    parameters: Vec<VariablePart>,
    query: Vec<ParameterPart>,
    headers: Vec<ParameterPart>,
    form: Vec<ParameterPart>,
    body: Option<BodyPart>,
    /// The media type that the response should have.
    accept: String,
    /// `none`, `bearer` or `basic`.
    security: &'static str,
    /// Optional parameters, for a comment.
    optional: Vec<String>,
    /// Whether a part of the path is encoded twice.
    encodes_twice: bool,
}

#[derive(Debug, Serialize)]
struct PathPiece {
    /// Either this…
    text: Option<String>,
    /// …or this.
    variable: Option<String>,
    encode_twice: bool,
}

impl PathPiece {
    fn text(literal: String) -> Self {
        Self { text: Some(literal), variable: None, encode_twice: false }
    }
}

#[derive(Debug, Clone, Serialize)]
struct ParameterPart {
    name: String,
    #[serde(flatten)]
    first: VariablePart,
    /// Further elements of a list: separated by commas that are not encoded.
    more: Vec<VariablePart>,
}

#[derive(Debug, Clone, Serialize)]
struct VariablePart {
    variable: String,
    value: Option<String>,
    /// The environment variable that it comes from, if it has no value: capitals, digits and `_`, not a literal.
    environment: Option<String>,
}

#[derive(Debug, Serialize)]
struct BodyPart {
    content_type: String,
    /// The whole body, if it is one text.
    text: Option<String>,
    pieces: Vec<BodyPiece>,
}

/// A literal text, the literal path of a file, or a variable with a text.
#[derive(Debug, Default, Serialize)]
struct BodyPiece {
    text: Option<String>,
    file: Option<String>,
    variable: Option<String>,
}

/// Prepares an operation for the language's template, whose words are `reserved`.
pub(crate) fn lower(operation: &Operation, language: &Language, reserved: &HashSet<String>) -> Program {
    let mut names = Names::new(language.case, reserved);
    let verb = if operation.request.is_some() { "request" } else { "read" };
    let id = words(&operation.id);
    let path = if language.shares_function_names { vec![[words(verb), id].concat()] } else { vec![words(verb), id] };
    let function = names.take_all(&[path]).pop().unwrap_or_default();
    let request = operation.request.as_ref().map(|request| lower_request(request, language, &mut names));
    let shape = operation.shape.as_ref().filter(|shape| !shape.is_opaque());
    let endpoint = operation.request.as_ref().map(|request| {
        let part = |part: &PathPart| match part {
            PathPart::Text(text) => text.clone(),
            PathPart::Parameter(name) => format!(":{name}"),
        };
        format!("{} {}", request.method, request.path.iter().map(part).collect::<String>())
    });
    Program {
        title: comment(&operation.title).trim_end_matches('.').to_owned(),
        function,
        endpoint: endpoint.map(|endpoint| comment(&endpoint)).unwrap_or_default(),
        origin: operation.origin.as_deref().map(language.literal),
        request,
        paging: match operation.paging {
            Paging::None => "none",
            Paging::Token => "token",
            Paging::Link => "link",
        },
        warnings: operation.warnings.iter().map(|warning| comment(warning)).collect(),
        // Samples and pages are always read: there is no single response that could be printed unchanged.
        reads: shape.is_some() || operation.request.is_none() || operation.paging != Paging::None,
    }
}

fn lower_request(request: &Request, language: &Language, names: &mut Names<'_>) -> RequestPart {
    let literal = language.literal;
    let body = pieces(request);
    // In a part of a form, only secrets are variables; others are in the body.
    let is_variable =
        |parameter: &&Parameter| parameter.is_sent() && (parameter.place != Place::Part || parameter.value.is_none());
    let accept = request.sent(Place::Header).find(|parameter| is_accept(parameter));
    let sent: Vec<&Parameter> =
        request.parameters.iter().filter(is_variable).filter(|parameter| !is_accept(parameter)).collect();
    let path_of = |parameter: &Parameter| {
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Form | Place::Part => "form",
        };
        vec![words(place), words(&parameter.name)]
    };
    let paths: Vec<Vec<Vec<String>>> =
        sent.iter().flat_map(|parameter| std::iter::repeat_n(path_of(parameter), 1 + parameter.more.len())).collect();
    let mut given = names.take_all(&paths).into_iter();
    let mut variable = |value: Option<&str>, parameter: &Parameter| VariablePart {
        variable: given.next().unwrap_or_default(),
        value: value.map(literal),
        environment: value.is_none().then(|| environment_name(&parameter.name)),
    };
    let parts: Vec<(&Parameter, ParameterPart)> = sent
        .iter()
        .map(|parameter| {
            let first = variable(parameter.value.as_deref(), parameter);
            let more = parameter.more.iter().map(|value| variable(Some(value), parameter)).collect();
            (*parameter, ParameterPart { name: literal(&parameter.name), first, more })
        })
        .collect();
    let at = |place: Place| {
        let there = parts.iter().filter(|(parameter, _)| parameter.place == place);
        there.map(|(_, part)| part.clone()).collect::<Vec<_>>()
    };
    let mut path: Vec<PathPiece> = Vec::new();
    for piece in &request.path {
        match piece {
            PathPart::Text(text) => path.push(PathPiece::text(literal(text))),
            PathPart::Parameter(name) => {
                let part = parts.iter().find(|(known, _)| known.place == Place::Path && known.name == *name);
                let Some((parameter, part)) = part else { continue };
                for (at, value) in std::iter::once(&part.first).chain(&part.more).enumerate() {
                    if at > 0 {
                        path.push(PathPiece::text(literal(",")));
                    }
                    let variable = Some(value.variable.clone());
                    path.push(PathPiece { text: None, variable, encode_twice: parameter.encode_twice });
                }
            }
        }
    }
    let variable_of = |parameter: &Parameter| {
        parts.iter().find(|(known, _)| std::ptr::eq(*known, parameter)).map(|(_, part)| part.first.variable.clone())
    };
    let body_piece = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => BodyPiece { text: Some(literal(text)), ..BodyPiece::default() },
        Piece::File(path) => BodyPiece { file: Some(literal(path)), ..BodyPiece::default() },
        Piece::Secret(parameter) => BodyPiece { variable: variable_of(parameter), ..BodyPiece::default() },
    };
    let body = body.map(|(content_type, pieces)| BodyPart {
        content_type: literal(&content_type),
        text: match &pieces[..] {
            [Piece::Text(text)] => Some(literal(text)),
            _ => None,
        },
        pieces: pieces.iter().map(body_piece).collect(),
    });
    let optional = request.parameters.iter().filter(|parameter| !parameter.is_sent() && parameter.name != TOKEN);
    let optional = optional.map(|parameter| {
        let first_line = parameter.description.lines().next().unwrap_or_default();
        comment(&format!("{}: {first_line}", parameter.name)).trim_end_matches(':').to_owned()
    });
    RequestPart {
        method: literal(&request.method),
        encodes_twice: request.parameters.iter().any(|parameter| parameter.encode_twice),
        path,
        query: at(Place::Query),
        headers: at(Place::Header),
        form: at(Place::Form),
        parameters: parts
            .iter()
            .flat_map(|(_, part)| std::iter::once(&part.first).chain(&part.more).cloned().collect::<Vec<_>>())
            .collect(),
        body,
        accept: literal(accept.and_then(|accept| accept.value.as_deref()).unwrap_or("application/json")),
        security: match request.security {
            Security::None => "none",
            Security::Bearer => "bearer",
            Security::Basic => "basic",
        },
        optional: optional.collect(),
    }
}

/// Returns whether it is the header that every program sends, with another value.
fn is_accept(parameter: &Parameter) -> bool {
    parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case("accept")
}

/// Returns the environment variable for a secret: `client_secret` comes from `API_CLIENT_SECRET`.
fn environment_name(parameter: &str) -> String {
    format!("API_{}", words(parameter).join("_").to_ascii_uppercase())
}

/// Returns a text on one line, as programs print it: a backslash, a line feed and a carriage return are written `\\`, `
/// ` and `\r`.
pub(crate) fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}
