//! Data of the templates.

use std::sync::LazyLock;

use minijinja::Value;
use rollcall_codegen::{
    Answer, Body, Field, GenerateError, Generator, Kind, LANGUAGES, Language, Operation, Paging, Parameter, Place,
    Security, Shape, Style, export,
};
use serde::Serialize;

use crate::{
    catalog::Catalog,
    colour, markdown,
    render::{Result, View},
};

/// The generator, which loads its templates once.
static GENERATOR: LazyLock<Generator> = LazyLock::new(Generator::new);

/// Returns the program for an operation.
pub(crate) fn program(operation: &Operation, language: &Language, style: Style) -> Result<String, GenerateError> {
    GENERATOR.generate(operation, language, style)
}

/// Returns the types of an operation's response.
pub(crate) fn types(operation: &Operation, language: &Language) -> Result<Option<String>, GenerateError> {
    GENERATOR.classes(operation, language)
}

/// A link with its text.
#[derive(Debug, Serialize)]
pub(crate) struct Link {
    pub(crate) text: String,
    pub(crate) href: String,
    /// Whether it links to the current page.
    pub(crate) here: bool,
}

impl Link {
    fn new(text: impl Into<String>, href: String) -> Self {
        Self { text: text.into(), href, here: false }
    }
}

/// One operation in a list.
#[derive(Debug, Serialize)]
struct Listed {
    link: Link,
    endpoint: Endpoint,
    languages: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct Endpoint {
    method: String,
    path: String,
}

impl Endpoint {
    fn of(operation: &Operation) -> Option<Self> {
        let request = operation.request.as_ref()?;
        Some(Self { method: request.method.clone(), path: request.path_template() })
    }
}

#[derive(Debug, Serialize)]
struct Group {
    name: String,
    operations: Vec<Listed>,
}

/// One API with its operations.
#[derive(Debug, Serialize)]
struct Surface {
    id: &'static str,
    name: String,
    description: Value,
    groups: Vec<Group>,
}

impl Surface {
    fn of(catalog: &Catalog) -> Self {
        let listed = |(slug, operation): (&str, &Operation)| {
            Some(Listed {
                link: Link::new(&operation.title, address(catalog, slug)),
                endpoint: Endpoint::of(operation)?,
                languages: languages(catalog, slug, None),
            })
        };
        let group = |(name, operations): (&str, Vec<(&str, &Operation)>)| Group {
            name: name.to_owned(),
            operations: operations.into_iter().filter_map(listed).collect(),
        };
        Self {
            id: catalog.id,
            name: catalog.name.clone(),
            description: markdown::to_html(&catalog.description),
            groups: catalog.groups().into_iter().map(group).collect(),
        }
    }
}

fn address(catalog: &Catalog, slug: &str) -> String {
    format!("/reference/{}/{slug}", catalog.id)
}

fn address_in(catalog: &Catalog, slug: &str, language: &Language, style: Style) -> String {
    match style {
        Style::Stdlib => format!("{}/{}", address(catalog, slug), language.id),
        Style::Chilkat => format!("{}/{}/{}", address(catalog, slug), language.id, style.id()),
    }
}

/// Links to an operation's page in every language.
fn languages(catalog: &Catalog, slug: &str, here: Option<&str>) -> Vec<Link> {
    let link = |language: &Language| Link {
        here: here == Some(language.id),
        ..Link::new(language.name, address_in(catalog, slug, language, Style::Stdlib))
    };
    LANGUAGES.iter().map(link).collect()
}

/// The list of all pages.
#[derive(Debug, Serialize)]
pub(crate) struct Index {
    surfaces: Vec<Surface>,
}

impl View for Index {
    const TEMPLATE: &'static str = "index.html";
}

impl Index {
    pub(crate) fn page(catalogs: &[Catalog]) -> Self {
        Self { surfaces: catalogs.iter().map(Surface::of).collect() }
    }
}

/// The list of one API's pages.
#[derive(Debug, Serialize)]
pub(crate) struct SurfacePage {
    surface: Surface,
}

impl View for SurfacePage {
    const TEMPLATE: &'static str = "surface.html";
}

impl SurfacePage {
    pub(crate) fn page(catalog: &Catalog) -> Self {
        Self { surface: Surface::of(catalog) }
    }
}

/// The header of every page about an operation.
#[derive(Debug, Serialize)]
struct Head {
    title: String,
    surface: Link,
    href: String,
    endpoint: Endpoint,
    description: Value,
    previous: Option<Link>,
    next: Option<Link>,
}

impl Head {
    /// `suffix` is the rest of the path from an operation to its page of the same kind.
    fn of(catalog: &Catalog, slug: &str, operation: &Operation, suffix: &str) -> Option<Self> {
        let all: Vec<(&str, &Operation)> = catalog.operations().collect();
        let at = all.iter().position(|(known, _)| *known == slug)?;
        let link = |(slug, operation): &(&str, &Operation)| {
            Link::new(&operation.title, format!("{}{suffix}", address(catalog, slug)))
        };
        Some(Self {
            title: operation.title.clone(),
            surface: Link::new(&catalog.name, format!("/reference/{}", catalog.id)),
            href: address(catalog, slug),
            endpoint: Endpoint::of(operation)?,
            description: markdown::to_html(&operation.description),
            previous: at.checked_sub(1).and_then(|before| all.get(before)).map(link),
            next: all.get(at + 1).map(link),
        })
    }
}

/// A parameter of a request.
#[derive(Debug, Serialize)]
struct ParameterRow {
    name: String,
    place: &'static str,
    kind: &'static str,
    required: bool,
    description: Value,
    sample: Option<String>,
}

impl From<&Parameter> for ParameterRow {
    fn from(parameter: &Parameter) -> Self {
        Self {
            name: parameter.name.clone(),
            place: match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
                Place::Form | Place::Part => "form",
            },
            kind: kind_name(parameter.kind),
            required: parameter.required,
            description: markdown::to_html(&parameter.description),
            sample: parameter.sample.clone(),
        }
    }
}

/// One value of a response.
#[derive(Debug, Serialize)]
struct FieldRow {
    place: String,
    kind: &'static str,
    description: Value,
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "true or false",
    }
}

/// Returns all values of a shape, outer ones first.
fn field_rows(shape: &Shape, place: &str, rows: &mut Vec<FieldRow>) {
    match shape {
        Shape::Object(fields) => {
            for Field { name, description, shape, .. } in fields {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                let description = markdown::to_html(description);
                rows.push(FieldRow { place: place.clone(), kind: shape_name(shape), description });
                field_rows(shape, &place, rows);
            }
        }
        Shape::Array(element) => field_rows(element, &format!("{place}[]"), rows),
        Shape::Scalar(_) | Shape::Unknown => {}
    }
}

fn shape_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Scalar(scalar) => kind_name(scalar.kind),
        Shape::Array(_) => "list",
        Shape::Object(_) => "object",
        Shape::Unknown => "anything",
    }
}

/// A possible response.
#[derive(Debug, Serialize)]
struct AnswerView {
    status: u16,
    description: Value,
    /// The body, with highlighting; `None` if it has none.
    body: Option<Value>,
}

impl From<&Answer> for AnswerView {
    fn from(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            description: markdown::to_html(&answer.description),
            body: answer.sample.as_ref().map(|sample| colour::to_html(&sample.pretty())),
        }
    }
}

fn errors(operation: &Operation) -> Vec<AnswerView> {
    operation.answers.iter().filter(|answer| answer.status >= 300).map(AnswerView::from).collect()
}

/// An operation, independent of languages: its request and response.
#[derive(Debug, Serialize)]
pub(crate) struct OperationPage {
    head: Head,
    parameters: Vec<ParameterRow>,
    body: Option<Value>,
    sample: Option<AnswerView>,
    fields: Vec<FieldRow>,
    errors: Vec<AnswerView>,
    languages: Vec<Link>,
    curl: Value,
}

impl View for OperationPage {
    const TEMPLATE: &'static str = "operation.html";
}

impl OperationPage {
    pub(crate) fn page(catalog: &Catalog, slug: &str, operation: &Operation) -> Option<Self> {
        let request = operation.request.as_ref()?;
        let mut fields = Vec::new();
        if let Some(shape) = &operation.shape {
            field_rows(shape, "", &mut fields);
        }
        Some(Self {
            head: Head::of(catalog, slug, operation, "")?,
            parameters: request.parameters.iter().map(ParameterRow::from).collect(),
            body: request.body.as_ref().and_then(Body::text).map(colour::to_html),
            sample: operation.good_answer().map(AnswerView::from),
            fields,
            errors: errors(operation),
            languages: languages(catalog, slug, None),
            curl: colour::to_html(&export::curl_line(operation)?),
        })
    }
}

/// An operation in a language, in the order of the documents' pages.
#[derive(Debug, Serialize)]
pub(crate) struct ProgramPage {
    head: Head,
    language: &'static str,
    languages: Vec<Link>,
    styles: Vec<Link>,
    /// The library of the program, if it is not the language's own.
    library: Option<&'static str>,
    /// The shell commands that download the program and run it.
    run: String,
    file: String,
    file_href: String,
    program: Value,
    sample: Option<AnswerView>,
    /// The program that reads such a response; `None` if there is nothing to read, or if the program includes that part
    /// separately.
    reading: Option<Value>,
    curl: Value,
    errors: Vec<AnswerView>,
    postman: Value,
}

impl View for ProgramPage {
    const TEMPLATE: &'static str = "program.html";
}

impl ProgramPage {
    /// `None` for an operation without a request, which no served description has.
    pub(crate) fn page(
        catalog: &Catalog,
        slug: &str,
        operation: &Operation,
        language: &'static Language,
        style: Style,
        is_demo: bool,
    ) -> Result<Option<Self>, GenerateError> {
        let suffix = match style {
            Style::Stdlib => format!("/{}", language.id),
            Style::Chilkat => format!("/{}/{}", language.id, style.id()),
        };
        let (Some(head), Some(curl), Some(postman)) = (
            Head::of(catalog, slug, operation, &suffix),
            export::curl_line(operation),
            export::postman_item(operation),
        ) else {
            return Ok(None);
        };
        let program = program(operation, language, style)?;
        let file = file_name(slug, language);
        let file_href = format!("{}/{}/{}/{file}", address(catalog, slug), language.id, style.id());
        Ok(Some(Self {
            head,
            language: language.name,
            languages: languages(catalog, slug, Some(language.id)),
            styles: styles(catalog, slug, language, style),
            library: (style == Style::Chilkat).then_some("Chilkat"),
            run: run_lines(operation, language, style, is_demo, &file_href),
            file,
            file_href,
            program: colour::to_html(&program),
            sample: operation.good_answer().map(AnswerView::from),
            reading: reading(operation, language, style)?.map(|program| colour::to_html(&program)),
            curl: colour::to_html(&curl),
            errors: errors(operation),
            postman: colour::to_html(&postman.pretty()),
        }))
    }
}

/// Returns the file name of an operation's program.
pub(crate) fn file_name(slug: &str, language: &Language) -> String {
    format!("{slug}.{}", language.extension)
}

/// Returns links to the styles of the language, if there are several.
fn styles(catalog: &Catalog, slug: &str, language: &Language, here: Style) -> Vec<Link> {
    if !language.has(Style::Chilkat) {
        return Vec::new();
    }
    let link =
        |(style, text)| Link { here: style == here, ..Link::new(text, address_in(catalog, slug, language, style)) };
    [(Style::Stdlib, "Standard library"), (Style::Chilkat, "Chilkat")].map(link).into()
}

/// Returns the lines of a POSIX shell that download the program and run it with credentials. They run unchanged: a demo
/// provides its token; elsewhere the token is created where the server runs, and an app's credentials have to be
/// inserted.
fn run_lines(operation: &Operation, language: &Language, style: Style, is_demo: bool, file_href: &str) -> String {
    let origin = operation.origin.as_deref().unwrap_or_default();
    let file = file_href.rsplit('/').next().unwrap_or(file_href);
    let mut lines = vec![format!("curl -fsSO {origin}{file_href}")];
    if style == Style::Chilkat {
        // It includes its credentials.
        return lines.remove(0);
    }
    match operation.request.as_ref().map_or(Security::None, |request| request.security) {
        Security::None => {}
        Security::Bearer if is_demo => {
            let token = format!(
                "curl -fsS -X POST {origin}/reference/demo-token | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/'"
            );
            lines.push(format!("export API_TOKEN=\"$({token})\""));
        }
        Security::Bearer => lines.push("export API_TOKEN=\"$(rollcall token create)\"".to_owned()),
        Security::Basic => {
            for name in ["API_CLIENT_ID", "API_CLIENT_SECRET"] {
                lines.push(format!("printf '{name}: ' && read -r {name} && export {name}"));
            }
        }
    }
    lines.push(language.run.replace("FILE", file));
    lines.join("\n")
}

/// Returns the program that only reads. One for Chilkat keeps that part separate, after the sample.
fn reading(operation: &Operation, language: &Language, style: Style) -> Result<Option<String>, GenerateError> {
    if operation.shape.is_none() || style == Style::Chilkat {
        return Ok(None);
    }
    let read = Operation { request: None, paging: Paging::None, ..operation.clone() };
    program(&read, language, style).map(Some)
}

/// Files for other tools.
#[derive(Debug, Serialize)]
pub(crate) struct Downloads {
    pub(crate) downloads: Vec<Download>,
    pub(crate) base_url: String,
}

impl View for Downloads {
    const TEMPLATE: &'static str = "downloads.html";
}

/// The files of one API.
#[derive(Debug, Serialize)]
pub(crate) struct Download {
    pub(crate) name: String,
    /// URL of its OpenAPI description.
    pub(crate) description: String,
    /// URLs of its Postman collection and environment.
    pub(crate) postman: Option<[String; 2]>,
}

/// The pages that Vite makes were not built.
#[derive(Debug, Serialize)]
pub(crate) struct Unbuilt {}

impl View for Unbuilt {
    const TEMPLATE: &'static str = "unbuilt.html";
}

/// Page not found.
#[derive(Debug, Serialize)]
pub(crate) struct Missing {
    what: String,
    instead: Vec<Link>,
}

impl View for Missing {
    const TEMPLATE: &'static str = "missing.html";
}

impl Missing {
    pub(crate) fn page(catalogs: &[Catalog]) -> Self {
        Self::surface_links(catalogs, "Page not found.".to_owned())
    }

    pub(crate) fn surface(catalogs: &[Catalog], id: &str) -> Self {
        Self::surface_links(catalogs, format!("No API called “{id}”."))
    }

    pub(crate) fn download() -> Self {
        let instead = vec![Link::new("Downloads", "/reference/downloads".to_owned())];
        Self { what: "File not found.".to_owned(), instead }
    }

    fn surface_links(catalogs: &[Catalog], what: String) -> Self {
        let link = |catalog: &Catalog| Link::new(&catalog.name, format!("/reference/{}", catalog.id));
        Self { what, instead: catalogs.iter().map(link).collect() }
    }

    pub(crate) fn operation(catalog: &Catalog, slug: &str) -> Self {
        let link = |(slug, operation): (&str, &Operation)| Link::new(&operation.title, address(catalog, slug));
        Self { what: format!("No operation called “{slug}”."), instead: catalog.operations().map(link).collect() }
    }

    pub(crate) fn language(catalog: &Catalog, slug: &str, id: &str) -> Self {
        Self { what: format!("No language called “{id}”."), instead: languages(catalog, slug, None) }
    }

    pub(crate) fn style(catalog: &Catalog, slug: &str, language: &Language, id: &str) -> Self {
        let known = [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style));
        let link = |style: Style| {
            Link::new(format!("{}, {}", language.name, style.id()), address_in(catalog, slug, language, style))
        };
        Self { what: format!("{} has no style “{id}”.", language.name), instead: known.map(link).collect() }
    }
}
