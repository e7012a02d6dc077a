//! An operation made ready for a template: statements in the order of the program, with all names given and all texts
//! written as the language writes them. Nothing of the description reaches a template in another way, so nothing of it
//! can be taken for code.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    language::Language,
    literal::comment,
    model::{Field, Kind, Operation, Paging, Parameter, PathPart, Place, Request, Security, Shape},
    name::{Names, one_of, words},
};

const TOKEN: &str = "next_page_token";

/// What a template sees. Fields called `…variable` or `item`, `index`, `parent` are names; `comment`, `title` and
/// `endpoint` are safe in comments; all other texts are literals.
#[derive(Debug, Serialize)]
pub(crate) struct Program {
    /// What the program does.
    title: String,
    /// Method and path, such as `GET /v2/users/:userId`.
    endpoint: String,
    /// Where the API is, where the description says so.
    origin: Option<String>,
    request: Option<RequestPart>,
    /// `none`, `token` or `link`.
    paging: &'static str,
    /// `next_page_token`, the name of Zoom's parameter and field; as a literal, so that a variable may be called so.
    token_name: String,
    /// The same in the part that reads the answer.
    token_field: String,
    /// Whether the answer is JSON that is read.
    reads: bool,
    statements: Vec<Statement>,
    /// All variables of the statements, for languages that declare them first.
    variables: Vec<Variable>,
    /// Which helpers the statements need.
    uses: Uses,
}

#[derive(Debug, Serialize)]
struct RequestPart {
    method: String,
    path: Vec<PathPiece>,
    /// All that are sent, in the order of the description.
    parameters: Vec<ParameterPart>,
    query: Vec<ParameterPart>,
    headers: Vec<ParameterPart>,
    form: Vec<ParameterPart>,
    body: Option<BodyPart>,
    /// `none`, `bearer` or `basic`.
    security: &'static str,
    /// Those that could be sent besides, for a comment.
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

#[derive(Debug, Clone, Serialize)]
struct ParameterPart {
    variable: String,
    name: String,
    value: Option<String>,
    /// The environment's variable that it comes from, where it has no value: capitals, digits and `_`, no literal.
    environment: Option<String>,
}

#[derive(Debug, Serialize)]
struct BodyPart {
    content_type: String,
    text: String,
}

/// One step of reading.
#[derive(Debug, Serialize)]
struct Statement {
    /// `scalar`: `variable` becomes the value, which is printed under `label` where it is there.
    /// `object`: where it is one, `variable` becomes it, and `body` reads it.
    /// `array`: where it is one, `variable` becomes it; for each `item` at `index`, `body` reads that.
    /// `unknown`: it is passed over; `comment` names it.
    op: &'static str,
    /// How deep in blocks it stands.
    depth: usize,
    variable: String,
    /// What holds the value: an object under `key`, or the value itself where there is no key.
    parent: String,
    key: Option<String>,
    /// Of a scalar: `text`, `integer`, `number` or `boolean`.
    kind: Option<Kind>,
    required: bool,
    item: Option<String>,
    index: Option<String>,
    label: Vec<LabelPart>,
    comment: Option<String>,
    body: Vec<Statement>,
}

/// A piece of a label: a literal, or the name of a variable that counts.
#[derive(Debug, Clone, Serialize)]
struct LabelPart {
    text: Option<String>,
    index: Option<String>,
}

#[derive(Debug, Serialize)]
struct Variable {
    name: String,
    /// `text`, `integer`, `number`, `boolean`, `object`, `array`, `item` or `index`.
    kind: &'static str,
}

#[derive(Debug, Default, Serialize)]
struct Uses {
    text: bool,
    integer: bool,
    number: bool,
    boolean: bool,
    object: bool,
    array: bool,
}

/// Makes an operation ready for the language's template, whose words are `reserved`.
pub(crate) fn lower(operation: &Operation, language: &Language, reserved: &HashSet<String>) -> Program {
    let mut names = Names::new(language.case, reserved);
    let request = operation.request.as_ref().map(|request| lower_request(request, language, &mut names));
    let mut reading = Reading { language, paths: Vec::new(), variables: Vec::new(), uses: Uses::default() };
    if let Some(shape) = &operation.shape {
        reading.collect(shape, &mut Vec::new(), true);
    }
    let mut given = names.take_all(&reading.paths).into_iter();
    let mut statements = Vec::new();
    if let Some(shape) = &operation.shape {
        let at = At { parent: "", key: None, required: true, depth: 0 };
        let label = Vec::new();
        match shape {
            Shape::Object(fields) => statements = reading.fields(fields, "", &label, 0, &mut given),
            other => statements.push(reading.statement(other, &at, &label, &mut given)),
        }
    }
    let endpoint = operation.request.as_ref().map(|request| {
        let part = |part: &PathPart| match part {
            PathPart::Text(text) => text.clone(),
            PathPart::Parameter(name) => format!(":{name}"),
        };
        format!("{} {}", request.method, request.path.iter().map(part).collect::<String>())
    });
    Program {
        title: comment(&operation.title),
        endpoint: endpoint.map(|endpoint| comment(&endpoint)).unwrap_or_default(),
        origin: operation.origin.as_deref().map(language.literal),
        request,
        paging: match operation.paging {
            Paging::None => "none",
            Paging::Token => "token",
            Paging::Link => "link",
        },
        token_name: (language.literal)(TOKEN),
        token_field: (language.reading_literal)(TOKEN),
        reads: operation.shape.as_ref().is_some_and(Shape::holds_values),
        statements,
        variables: reading.variables,
        uses: reading.uses,
    }
}

fn lower_request(request: &Request, language: &Language, names: &mut Names<'_>) -> RequestPart {
    let literal = language.literal;
    let sent: Vec<&Parameter> = request.parameters.iter().filter(|parameter| parameter.is_sent()).collect();
    let paths: Vec<Vec<Vec<String>>> = sent
        .iter()
        .map(|parameter| {
            let place = match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
                Place::Form => "form",
            };
            vec![words(place), words(&parameter.name)]
        })
        .collect();
    let parts: Vec<(&Parameter, ParameterPart)> = sent
        .iter()
        .zip(names.take_all(&paths))
        .map(|(parameter, variable)| {
            let part = ParameterPart {
                variable,
                name: literal(&parameter.name),
                value: parameter.value.as_deref().map(literal),
                environment: parameter.value.is_none().then(|| environment_name(&parameter.name)),
            };
            (*parameter, part)
        })
        .collect();
    let at = |place: Place| {
        let there = parts.iter().filter(|(parameter, _)| parameter.place == place);
        there.map(|(_, part)| part.clone()).collect::<Vec<_>>()
    };
    let piece = |piece: &PathPart| match piece {
        PathPart::Text(text) => PathPiece { text: Some(literal(text)), variable: None, encode_twice: false },
        PathPart::Parameter(name) => {
            let part = parts.iter().find(|(known, _)| known.place == Place::Path && known.name == *name);
            PathPiece {
                text: None,
                variable: part.map(|(_, part)| part.variable.clone()),
                encode_twice: part.is_some_and(|(parameter, _)| parameter.encode_twice),
            }
        }
    };
    let optional = request.parameters.iter().filter(|parameter| !parameter.is_sent() && parameter.name != TOKEN);
    let optional = optional.map(|parameter| {
        let first_line = parameter.description.lines().next().unwrap_or_default();
        comment(&format!("{}: {first_line}", parameter.name)).trim_end_matches(':').to_owned()
    });
    RequestPart {
        method: literal(&request.method),
        encodes_twice: request.parameters.iter().any(|parameter| parameter.encode_twice),
        path: request.path.iter().map(piece).collect(),
        query: at(Place::Query),
        headers: at(Place::Header),
        form: at(Place::Form),
        parameters: parts.iter().map(|(_, part)| part.clone()).collect(),
        body: request
            .body
            .as_ref()
            .map(|body| BodyPart { content_type: literal(&body.content_type), text: literal(&body.text) }),
        security: match request.security {
            Security::None => "none",
            Security::Bearer => "bearer",
            Security::Basic => "basic",
        },
        optional: optional.collect(),
    }
}

/// The variable of the environment for a secret: `client_secret` comes from `API_CLIENT_SECRET`.
fn environment_name(parameter: &str) -> String {
    format!("API_{}", words(parameter).join("_").to_ascii_uppercase())
}

struct At<'a> {
    parent: &'a str,
    key: Option<&'a str>,
    required: bool,
    depth: usize,
}

/// Walks a shape twice in the same order: first for the words of its variables, then, with their names, for statements.
struct Reading<'a> {
    language: &'a Language,
    paths: Vec<Vec<Vec<String>>>,
    variables: Vec<Variable>,
    uses: Uses,
}

impl Reading<'_> {
    /// Notes the words of all variables below a shape; `path` says whose they are.
    fn collect(&mut self, shape: &Shape, path: &mut Vec<Vec<String>>, is_root: bool) {
        if !shape.holds_values() {
            return;
        }
        match shape {
            Shape::Unknown => {}
            Shape::Scalar(_) => self.paths.push(path_or(path, "value")),
            Shape::Object(fields) => {
                if !is_root {
                    self.paths.push(path_or(path, "object"));
                }
                for field in fields {
                    path.push(words(&field.name));
                    self.collect(&field.shape, path, false);
                    path.pop();
                }
            }
            Shape::Array(element) => {
                let list = path_or(path, "items");
                self.paths.push(list.clone());
                let (last, outer) =
                    list.split_last().map_or((words("items"), vec![]), |(last, outer)| (last.clone(), outer.to_vec()));
                let item = [outer, vec![one_of(last)]].concat();
                let mut index = item.clone();
                if let Some(last) = index.last_mut() {
                    last.push("index".to_owned());
                }
                self.paths.push(index);
                match &**element {
                    // The item is the value itself.
                    Shape::Scalar(_) | Shape::Unknown => self.paths.push(item),
                    Shape::Object(fields) => {
                        self.paths.push(item.clone());
                        let mut inner = item;
                        for field in fields {
                            inner.push(words(&field.name));
                            self.collect(&field.shape, &mut inner, false);
                            inner.pop();
                        }
                    }
                    Shape::Array(_) => {
                        self.paths.push(item.clone());
                        let mut inner = item;
                        inner.push(words("inner"));
                        self.collect(element, &mut inner, false);
                    }
                }
            }
        }
    }

    fn fields(
        &mut self,
        fields: &[Field],
        parent: &str,
        label: &[LabelPart],
        depth: usize,
        names: &mut impl Iterator<Item = String>,
    ) -> Vec<Statement> {
        let mut statements = Vec::with_capacity(fields.len());
        for field in fields {
            let before = if label.is_empty() { "" } else { "." };
            let label = labelled(label, &format!("{before}{}", one_line(&field.name)));
            let at = At { parent, key: Some(&field.name), required: field.required, depth };
            statements.push(self.statement(&field.shape, &at, &label, names));
        }
        statements
    }

    fn statement(
        &mut self,
        shape: &Shape,
        at: &At<'_>,
        label: &[LabelPart],
        names: &mut impl Iterator<Item = String>,
    ) -> Statement {
        let literal = self.language.reading_literal;
        let mut statement = Statement {
            op: "unknown",
            depth: at.depth,
            variable: String::new(),
            parent: at.parent.to_owned(),
            key: at.key.map(literal),
            kind: None,
            required: at.required,
            item: None,
            index: None,
            label: self.written(label),
            comment: None,
            body: Vec::new(),
        };
        // No loop or block in which nothing is read; some languages refuse variables that are not used.
        if !shape.holds_values() {
            statement.comment = Some(comment(at.key.unwrap_or("the value")));
            return statement;
        }
        match shape {
            Shape::Unknown => {}
            Shape::Scalar(scalar) => {
                statement.op = "scalar";
                statement.variable = names.next().unwrap_or_default();
                statement.kind = Some(scalar.kind);
                let kind = self.uses_of(scalar.kind);
                self.declare(&statement.variable, kind);
            }
            Shape::Object(fields) => {
                statement.op = "object";
                statement.variable = names.next().unwrap_or_default();
                self.uses.object = true;
                self.declare(&statement.variable, "object");
                let variable = statement.variable.clone();
                statement.body = self.fields(fields, &variable, label, at.depth + 1, names);
            }
            Shape::Array(element) => {
                statement.op = "array";
                statement.variable = names.next().unwrap_or_default();
                let index = names.next().unwrap_or_default();
                let item = names.next().unwrap_or_default();
                self.uses.array = true;
                self.declare(&statement.variable, "array");
                self.declare(&index, "index");
                self.declare(&item, "item");
                let mut inner = labelled(label, "[");
                inner.push(LabelPart { text: None, index: Some(index.clone()) });
                let inner = labelled(&inner, "]");
                let depth = at.depth + 1;
                statement.body = match &**element {
                    Shape::Object(fields) => self.fields(fields, &item, &inner, depth, names),
                    // The item is the value: it needs no variable beside that of the item.
                    Shape::Scalar(scalar) => {
                        self.uses_of(scalar.kind);
                        vec![Statement {
                            op: "scalar",
                            depth,
                            variable: item.clone(),
                            parent: item.clone(),
                            key: None,
                            kind: Some(scalar.kind),
                            required: true,
                            item: None,
                            index: None,
                            label: self.written(&inner),
                            comment: None,
                            body: Vec::new(),
                        }]
                    }
                    other => {
                        let at = At { parent: &item, key: None, required: true, depth };
                        vec![self.statement(other, &at, &inner, names)]
                    }
                };
                statement.item = Some(item);
                statement.index = Some(index);
            }
        }
        statement
    }

    /// A label with its texts as literals.
    fn written(&self, label: &[LabelPart]) -> Vec<LabelPart> {
        let literal = self.language.reading_literal;
        let part = |part: &LabelPart| LabelPart { text: part.text.as_deref().map(literal), index: part.index.clone() };
        label.iter().map(part).collect()
    }

    fn declare(&mut self, name: &str, kind: &'static str) {
        self.variables.push(Variable { name: name.to_owned(), kind });
    }

    fn uses_of(&mut self, kind: Kind) -> &'static str {
        match kind {
            Kind::Text => {
                self.uses.text = true;
                "text"
            }
            Kind::Integer => {
                self.uses.integer = true;
                "integer"
            }
            Kind::Number => {
                self.uses.number = true;
                "number"
            }
            Kind::Boolean => {
                self.uses.boolean = true;
                "boolean"
            }
        }
    }
}

/// A label with a text behind it. Its texts are not literals yet, so that neighbours can be joined.
fn labelled(label: &[LabelPart], text: &str) -> Vec<LabelPart> {
    let mut label = label.to_vec();
    match label.last_mut() {
        Some(LabelPart { text: Some(last), .. }) => last.push_str(text),
        _ => label.push(LabelPart { text: Some(text.to_owned()), index: None }),
    }
    label
}

fn path_or(path: &[Vec<String>], name: &str) -> Vec<Vec<String>> {
    if path.is_empty() { vec![words(name)] } else { path.to_vec() }
}

/// A text on one line, as programs print it: a backslash, a line feed and a carriage return are written `\\`, `\n` and
/// `\r`.
pub(crate) fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}
