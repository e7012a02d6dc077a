//! Generates a program from a description of a request or a response. The text is sent only to this server and is not
//! stored.

use minijinja::Value;
use rollcall_codegen::{Document, LANGUAGES, Language, Operation, Style, export};
use serde::Serialize;

use crate::{
    colour,
    render::{Result, View},
    views,
};

/// Maximum length of the output. A hostile sample could request far more than anybody reads.
const LONGEST_BYTES: usize = 4 * 1024 * 1024;

/// The placeholder of the text field.
const EXAMPLE: &str = "{\n  \"name\": \"Ann\",\n  \"meetings\": [{\"id\": 123456789, \"recorded\": true}]\n}";

/// A kind of output.
#[derive(Debug, Clone, Copy)]
enum Made {
    Program(&'static Language, Style),
    Types(&'static Language),
    CurlLine,
    PostmanItem,
    Har,
    JsonSchema,
    OpenApi,
}

/// A possible output, with its name in forms and its name for people.
struct Offer {
    id: String,
    name: String,
    made: Made,
}

impl Offer {
    fn new(id: impl Into<String>, name: impl Into<String>, made: Made) -> Self {
        Self { id: id.into(), name: name.into(), made }
    }
}

/// Returns all possible outputs, by group.
fn offers() -> [(&'static str, Vec<Offer>); 3] {
    let programs = LANGUAGES.iter().flat_map(|language| {
        let styles = [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style));
        styles.map(|style| {
            let made = Made::Program(language, style);
            match style {
                Style::Stdlib => Offer::new(language.id, language.name, made),
                Style::Chilkat => Offer::new(
                    format!("{}/{}", language.id, style.id()),
                    format!("{}, with Chilkat", language.name),
                    made,
                ),
            }
        })
    });
    let types = LANGUAGES.iter().filter(|language| language.has_classes()).map(|language| {
        Offer::new(format!("types/{}", language.id), format!("{} types", language.name), Made::Types(language))
    });
    let others = [
        Offer::new("curl-line", "curl command", Made::CurlLine),
        Offer::new("postman", "Postman item", Made::PostmanItem),
        Offer::new("har", "HTTP archive (HAR)", Made::Har),
        Offer::new("json-schema", "JSON Schema of the response", Made::JsonSchema),
        Offer::new("openapi", "OpenAPI 3.1", Made::OpenApi),
    ];
    [("Program", programs.collect()), ("Types of the response", types.collect()), ("Other", others.into())]
}

/// One choice of a form.
#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct ChoiceGroup {
    name: &'static str,
    choices: Vec<Choice>,
}

/// The page: a form, and its result.
#[derive(Debug, Serialize)]
pub struct Tools {
    text: String,
    example: &'static str,
    makes: Vec<ChoiceGroup>,
    /// The text's operations, if there are several.
    operations: Vec<Choice>,
    error: Option<String>,
    result: Option<Value>,
    /// The name of the result.
    result_name: String,
}

impl View for Tools {
    const TEMPLATE: &'static str = "tools.html";
}

impl Tools {
    /// Returns the empty form.
    #[must_use]
    pub fn form() -> Self {
        Self::new(&Asked::default())
    }

    /// Returns the form, and the output for its text or an error. `body` is a submitted form. A large text keeps a CPU
    /// busy for a while.
    #[must_use]
    pub fn make(body: &[u8]) -> Self {
        let asked = Asked::read(body);
        let mut view = Self::new(&asked);
        if let Err(error) = fill(&asked, &mut view) {
            view.error = Some(error);
        }
        view
    }

    /// Returns whether the text has no such output.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.error.is_some()
    }

    /// Returns the page as HTML.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn html(&self) -> Result<String> {
        self.render()
    }

    fn new(asked: &Asked) -> Self {
        let choice = |Offer { id, name, .. }| Choice { chosen: id == asked.make, value: id, text: name };
        let group = |(name, offers): (&'static str, Vec<Offer>)| ChoiceGroup {
            name,
            choices: offers.into_iter().map(choice).collect(),
        };
        Self {
            text: asked.text.clone(),
            example: EXAMPLE,
            makes: offers().into_iter().map(group).collect(),
            operations: Vec::new(),
            error: None,
            result: None,
            result_name: String::new(),
        }
    }
}

/// Content of a submitted form.
#[derive(Debug, Default)]
struct Asked {
    text: String,
    make: String,
    operation: String,
}

impl Asked {
    fn read(body: &[u8]) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                // Forms send line ends as CRLF.
                "text" => asked.text = value.replace("\r\n", "\n"),
                "make" => asked.make = value.into_owned(),
                "operation" => asked.operation = value.into_owned(),
                _ => {}
            }
        }
        asked
    }
}

/// Generates the requested output. The error is for people, and says where in the text the problem is.
fn fill(asked: &Asked, view: &mut Tools) -> Result<(), String> {
    let mut offers = offers().into_iter().flat_map(|(_, offers)| offers);
    let Offer { name, made, .. } =
        offers.find(|offer| offer.id == asked.make).ok_or_else(|| format!("Unknown output “{}”.", asked.make))?;
    let document = Document::read(&asked.text).map_err(|error| error.to_string())?;
    let operations = document.operations();
    let operation = match asked.operation.as_str() {
        "" => operations.first(),
        id => document.operation(id).or(operations.first()),
    };
    let operation = operation.ok_or("The description has no operations.")?;
    if operations.len() > 1 {
        let choice =
            |one: &Operation| Choice { value: one.id.clone(), text: one.title.clone(), chosen: one.id == operation.id };
        view.operations = operations.iter().map(choice).collect();
    }
    let text = text_of(made, &document, operation)?;
    if text.len() > LONGEST_BYTES {
        return Err(format!(
            "{name}: it would have {} MB, and at most {} are shown. Use a shorter sample, with one entry in each list.",
            text.len() >> 20,
            LONGEST_BYTES >> 20
        ));
    }
    view.result = Some(colour::to_html(&text));
    view.result_name = name;
    Ok(())
}

fn text_of(made: Made, document: &Document, operation: &Operation) -> Result<String, String> {
    let no_request =
        || "This is a sample response without a request. Paste a curl command or a Postman item.".to_owned();
    let no_answer = || "This does not describe the response. Paste a sample response.".to_owned();
    match made {
        Made::Program(_, Style::Chilkat) if operation.request.is_none() && operation.shape.is_none() => {
            Err(no_answer())
        }
        Made::Program(language, style) => views::program(operation, language, style).map_err(|error| error.to_string()),
        Made::Types(language) => {
            views::types(operation, language).map_err(|error| error.to_string())?.ok_or_else(no_answer)
        }
        Made::CurlLine => export::curl_line(operation).ok_or_else(no_request),
        Made::PostmanItem => export::postman_item(operation).map(|item| item.pretty()).ok_or_else(no_request),
        Made::Har => export::har(operation).map(|har| har.pretty()).ok_or_else(no_request),
        Made::JsonSchema => export::json_schema(operation).map(|schema| schema.pretty()).ok_or_else(no_answer),
        Made::OpenApi => Ok(export::openapi(document).pretty()),
    }
}
