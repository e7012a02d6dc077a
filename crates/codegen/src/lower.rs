//! An operation made ready for a template: statements in the order of the program, with all names given and all texts
//! written as the language writes them. Nothing of the description reaches a template in another way, so nothing of it
//! can be taken for code.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    body::{Piece, pieces},
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
    /// A name for the function that sends the request or reads the sample.
    function: String,
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
    /// What the document asks for and the program does not do; safe in comments.
    warnings: Vec<String>,
    /// Whether the answer is JSON that is read.
    reads: bool,
    /// Whether what is read is an object, whose members the statements take.
    root_is_object: bool,
    statements: Vec<Statement>,
    /// All variables of the statements, for languages that declare them first.
    variables: Vec<Variable>,
    /// Those that count the elements of the pages before: each begins as 0.
    counters: Vec<String>,
    /// Which helpers the statements need.
    uses: Uses,
}

#[derive(Debug, Serialize)]
struct RequestPart {
    method: String,
    path: Vec<PathPiece>,
    /// The variables of all that are sent, in the order of the description.
    parameters: Vec<VariablePart>,
    query: Vec<ParameterPart>,
    headers: Vec<ParameterPart>,
    form: Vec<ParameterPart>,
    body: Option<BodyPart>,
    /// The media type that the answer should have.
    accept: String,
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
    /// Further elements of a list: commas between them, which are not encoded.
    more: Vec<VariablePart>,
}

#[derive(Debug, Clone, Serialize)]
struct VariablePart {
    variable: String,
    value: Option<String>,
    /// The environment's variable that it comes from, where it has no value: capitals, digits and `_`, no literal.
    environment: Option<String>,
}

#[derive(Debug, Serialize)]
struct BodyPart {
    content_type: String,
    /// The whole body, if it is one text.
    text: Option<String>,
    pieces: Vec<BodyPiece>,
}

/// A literal text, the literal path of a file, or a variable that holds a text.
#[derive(Debug, Default, Serialize)]
struct BodyPiece {
    text: Option<String>,
    file: Option<String>,
    variable: Option<String>,
}

/// One step of reading.
#[derive(Debug, Serialize)]
struct Statement {
    /// `scalar`: `variable` becomes the value, which is printed under `label` where it is there.
    /// `object`: where it is one, `variable` becomes it, and `body` reads it.
    /// `array`: where it is one, `variable` becomes it; for each `item` at `index`, `body` reads that.
    op: &'static str,
    /// How deep in blocks it stands.
    depth: usize,
    variable: String,
    /// What holds the value: an object under `key`, or the value itself where there is no key.
    parent: String,
    key: Option<String>,
    /// Of a scalar: `text`, `integer`, `number`, `boolean`; `json` for any value, objects and arrays as JSON.
    kind: Option<&'static str>,
    required: bool,
    item: Option<String>,
    index: Option<String>,
    /// Whether the items of an array are objects. What is no object among them is passed over.
    items_are_objects: bool,
    /// The variable that counts the array's elements over all pages before.
    counter: Option<String>,
    label: Vec<LabelPart>,
    body: Vec<Statement>,
}

/// A piece of a label: a literal, or the name of a variable that counts; `counter` is added to it.
#[derive(Debug, Clone, Default, Serialize)]
struct LabelPart {
    text: Option<String>,
    index: Option<String>,
    counter: Option<String>,
}

#[derive(Debug, Serialize)]
struct Variable {
    name: String,
    /// `text`, `integer`, `number`, `boolean`, `json`, `object`, `array`, `item` or `index`.
    kind: &'static str,
}

#[derive(Debug, Default, Serialize)]
struct Uses {
    text: bool,
    integer: bool,
    number: bool,
    boolean: bool,
    json: bool,
    object: bool,
    array: bool,
}

/// Makes an operation ready for the language's template, whose words are `reserved`.
pub(crate) fn lower(operation: &Operation, language: &Language, reserved: &HashSet<String>) -> Program {
    let mut names = Names::new(language.case, reserved);
    let verb = if operation.request.is_some() { "request" } else { "read" };
    let function = names.take_all(&[vec![words(verb), words(&operation.id)]]).pop().unwrap_or_default();
    let request = operation.request.as_ref().map(|request| lower_request(request, language, &mut names));
    let mut reading = Reading {
        language,
        is_paged: operation.paging != Paging::None,
        paths: Vec::new(),
        variables: Vec::new(),
        counters: Vec::new(),
        uses: Uses::default(),
    };
    let shape = operation.shape.as_ref().filter(|shape| !shape.is_opaque());
    if let Some(shape) = shape {
        reading.collect(shape, &mut Vec::new(), true);
    }
    let mut given = names.take_all(&reading.paths).into_iter();
    let mut statements = Vec::new();
    if let Some(shape) = shape {
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
        token_name: (language.literal)(TOKEN),
        token_field: (language.reading_literal)(TOKEN),
        warnings: operation.warnings.iter().map(|warning| comment(warning)).collect(),
        // A sample is always read: there is no answer that could be printed as it is.
        reads: shape.is_some() || operation.request.is_none(),
        root_is_object: matches!(shape, Some(Shape::Object(_))),
        statements,
        variables: reading.variables,
        counters: reading.counters,
        uses: reading.uses,
    }
}

fn lower_request(request: &Request, language: &Language, names: &mut Names<'_>) -> RequestPart {
    let literal = language.literal;
    let body = pieces(request);
    // Of a part of a form only a secret is a variable; the others stand in the body.
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
            // Free Pascal's library takes a segment with a colon for a folder, and adds a slash.
            PathPart::Text(text) if language.id == "pascal" => {
                path.push(PathPiece::text(literal(&text.replace(':', "%3A"))));
            }
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

/// Whether it is the header that every program sends, with another value.
fn is_accept(parameter: &Parameter) -> bool {
    parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case("accept")
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
    is_paged: bool,
    counters: Vec<String>,
    paths: Vec<Vec<Vec<String>>>,
    variables: Vec<Variable>,
    uses: Uses,
}

impl Reading<'_> {
    /// Notes the words of all variables below a shape; `path` says whose they are.
    fn collect(&mut self, shape: &Shape, path: &mut Vec<Vec<String>>, is_root: bool) {
        match shape {
            opaque if opaque.is_opaque() => self.paths.push(path_or(path, "value")),
            Shape::Unknown | Shape::Scalar(_) => self.paths.push(path_or(path, "value")),
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
                if self.is_counted(path.len()) {
                    let mut counter = item.clone();
                    if let Some(last) = counter.last_mut() {
                        last.push("count".to_owned());
                    }
                    self.paths.push(counter);
                }
                match &**element {
                    // The item is the value itself.
                    opaque if opaque.is_opaque() => self.paths.push(item),
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

    /// Whether the elements of an array that is `depth` names deep are counted over all pages: it is the list.
    fn is_counted(&self, depth: usize) -> bool {
        self.is_paged && depth <= 1
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
            op: "",
            depth: at.depth,
            variable: String::new(),
            parent: at.parent.to_owned(),
            key: at.key.map(literal),
            kind: None,
            required: at.required,
            item: None,
            index: None,
            items_are_objects: false,
            counter: None,
            label: self.written(label),
            body: Vec::new(),
        };
        if let Some(kind) = self.kind_of(shape) {
            statement.op = "scalar";
            statement.variable = names.next().unwrap_or_default();
            statement.kind = Some(kind);
            self.declare(&statement.variable, kind);
            return statement;
        }
        match shape {
            Shape::Unknown | Shape::Scalar(_) => {}
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
                let depth = label.iter().filter(|part| part.index.is_some()).count();
                let is_member = at.key.is_some() && at.depth == 0;
                if depth == 0 && (at.key.is_none() || is_member) && self.is_paged {
                    statement.counter = names.next();
                    self.counters.extend(statement.counter.clone());
                }
                let item = names.next().unwrap_or_default();
                self.uses.array = true;
                self.declare(&statement.variable, "array");
                self.declare(&index, "index");
                self.declare(&item, "item");
                let mut inner = labelled(label, "[");
                let counter = statement.counter.clone();
                inner.push(LabelPart { text: None, index: Some(index.clone()), counter });
                let inner = labelled(&inner, "]");
                let depth = at.depth + 1;
                let kind = self.kind_of(element);
                statement.items_are_objects = kind.is_none() && matches!(&**element, Shape::Object(_));
                statement.body = match &**element {
                    // The item is the value: it needs no variable beside that of the item.
                    _ if kind.is_some() => {
                        vec![Statement {
                            op: "scalar",
                            depth,
                            variable: item.clone(),
                            parent: item.clone(),
                            key: None,
                            kind,
                            required: true,
                            item: None,
                            index: None,
                            items_are_objects: false,
                            counter: None,
                            label: self.written(&inner),
                            body: Vec::new(),
                        }]
                    }
                    Shape::Object(fields) => self.fields(fields, &item, &inner, depth, names),
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
        let part = |part: &LabelPart| LabelPart { text: part.text.as_deref().map(literal), ..part.clone() };
        label.iter().map(part).collect()
    }

    fn declare(&mut self, name: &str, kind: &'static str) {
        self.variables.push(Variable { name: name.to_owned(), kind });
    }

    /// How a single value is read. None for an object of known members and for an array.
    fn kind_of(&mut self, shape: &Shape) -> Option<&'static str> {
        let (uses, kind) = match shape {
            Shape::Array(_) => return None,
            Shape::Scalar(scalar) => match scalar.read_as() {
                Kind::Text => (&mut self.uses.text, "text"),
                Kind::Integer => (&mut self.uses.integer, "integer"),
                Kind::Number => (&mut self.uses.number, "number"),
                Kind::Boolean => (&mut self.uses.boolean, "boolean"),
            },
            opaque if opaque.is_opaque() => (&mut self.uses.json, "json"),
            Shape::Object(_) | Shape::Unknown => return None,
        };
        *uses = true;
        Some(kind)
    }
}

/// A label with a text behind it. Its texts are not literals yet, so that neighbours can be joined.
fn labelled(label: &[LabelPart], text: &str) -> Vec<LabelPart> {
    let mut label = label.to_vec();
    match label.last_mut() {
        Some(LabelPart { text: Some(last), .. }) => last.push_str(text),
        _ => label.push(LabelPart { text: Some(text.to_owned()), ..LabelPart::default() }),
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
