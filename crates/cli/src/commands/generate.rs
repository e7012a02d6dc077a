use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use rollcall_codegen::{
    Document, GenerateError, Generator, Json, LANGUAGES, LONGEST_DOCUMENT_BYTES, Language, Operation, Style, export,
};

use crate::listing::{Listing, counted};
use crate::terminal::{print, print_data};
use crate::{
    failure::Failure,
    progress::Steps,
    terminal::{Output, complain, written},
};

/// The end of the command's help.
const INPUTS: &str = "\
FILE is one of:
  OpenAPI  3.x as JSON or YAML; a running server has /openapi/zoom.json and /openapi/webex.json
  Swagger  2.0 as JSON or YAML
  Postman  a collection of version 2.1, or a single item of one
  curl     a curl command line, quoted for a POSIX shell, Windows cmd or PowerShell
  JSON     a sample response: the program then reads such JSON from standard input

Without --out, one program goes to standard output. With it, each program goes to its own file:
DIR/LANGUAGE/OPERATION.EXTENSION. A program takes API_BASE_URL and API_TOKEN from the environment, or
API_CLIENT_ID and API_CLIENT_SECRET if the operation requires an app's credentials.

Unreadable operations are reported on standard error and skipped; the exit code is then 1.
Features that a program omits are reported on standard error and in its header comment.";

/// Generate programs that call an API
#[derive(Debug, Args)]
#[command(after_help = INPUTS)]
pub(crate) struct Generate {
    /// File with the API description, or `-` for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "list_languages")]
    from: Option<PathBuf>,
    /// Language of the programs [default: all]
    #[arg(long, value_parser = language)]
    language: Option<&'static Language>,
    /// Library that the programs use
    #[arg(long, value_enum, default_value_t)]
    style: StyleArgument,
    /// Make programs for Chilkat read all pages and wait if rate-limited, as all other programs do
    #[arg(long)]
    follow_pages: bool,
    /// Operation id [default: all]
    #[arg(long, value_name = "ID")]
    operation: Option<String>,
    /// Value of a parameter, such as webinarId=95934104405; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment, requires = "operation")]
    set: Vec<(String, String)>,
    /// Write something other than programs
    #[arg(long = "as", value_enum, value_name = "KIND", conflicts_with = "style")]
    kind: Option<Kind>,
    /// Base URL for descriptions without one, such as https://api.zoom.us/v2
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Output folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// List the languages
    #[arg(long, conflicts_with_all = ["from", "out"])]
    list_languages: bool,
    /// With --list-languages: print JSON objects, one per line
    #[arg(long, requires = "list_languages")]
    json: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum StyleArgument {
    /// The language's own libraries, or the usual ones if it has none
    #[default]
    Stdlib,
    /// The Chilkat library
    Chilkat,
}

/// Other kinds of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// curl command line, for an operation
    Curl,
    /// Item of a Postman collection, for an operation
    PostmanItem,
    /// Postman collection, for the whole description
    Postman,
    /// Environment of the Postman collection
    PostmanEnvironment,
    /// HTTP archive, for an operation
    Har,
    /// JSON Schema of an operation's response
    JsonSchema,
    /// Types of an operation's response, in a language that declares types
    Classes,
    /// OpenAPI 3.1, for the whole description
    Openapi,
}

impl From<StyleArgument> for Style {
    fn from(style: StyleArgument) -> Self {
        match style {
            StyleArgument::Stdlib => Self::Stdlib,
            StyleArgument::Chilkat => Self::Chilkat,
        }
    }
}

fn language(id: &str) -> Result<&'static Language, String> {
    Language::find(id).ok_or_else(|| {
        let ids: Vec<&str> = LANGUAGES.iter().map(|language| language.id).collect();
        format!("must be one of {}", ids.join(", "))
    })
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Generate {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.list_languages {
            return list_languages(Listing { json: self.json });
        }
        let from = self.from.as_deref().unwrap_or(Path::new("-"));
        let text = read(from).map_err(|error| Failure::context(from.display(), &error))?;
        let mut document = Document::read(&text).map_err(|error| Failure::context(from.display(), &error))?;
        drop(text);
        let skipped = self.skipped(&document, from)?;
        if let Some(base_url) = &self.base_url {
            document.set_base_url(base_url);
        }
        self.write(&mut document)?;
        if skipped > 0 {
            complain(format_args!("rollcall: {} skipped", counted(skipped as u64, "operation", "operations")));
            return Err(Failure::reported());
        }
        Ok(())
    }

    /// Reports the operations that could not be read, and returns their number. They do not matter if a different
    /// operation was requested.
    fn skipped(&self, document: &Document, from: &Path) -> Result<usize, Failure> {
        if let Some(id) = &self.operation {
            if document.operation(id).is_some() {
                return Ok(0);
            }
            let wanted = document.skipped.iter().find(|error| error.item() == Some(id));
            return match wanted {
                Some(error) => Err(Failure::context(from.display(), error)),
                None => Ok(0),
            };
        }
        for error in &document.skipped {
            complain(format_args!("rollcall: {}: {error}", from.display()));
        }
        Ok(document.skipped.len())
    }

    fn write(&self, document: &mut Document) -> Result<(), Failure> {
        let generator = Generator::new();
        match self.kind {
            Some(Kind::Postman) => return write_json(&export::postman_collection(document)),
            Some(Kind::PostmanEnvironment) => return write_json(&export::postman_environment(document)),
            Some(Kind::Openapi) => return write_json(&export::openapi(document)),
            Some(kind) => {
                let [operation] = self.choose(document)? else {
                    return Err(Failure::new("name the operation with --operation"));
                };
                warn(std::slice::from_ref(operation));
                return self.write_kind(kind, &generator, operation);
            }
            None => {}
        }
        let operations = self.choose(document)?;
        let style = Style::from(self.style);
        let languages: Vec<&Language> = match self.language {
            Some(language) => vec![language],
            None => LANGUAGES.iter().filter(|language| language.has(style)).collect(),
        };
        match (&self.out, operations, &languages[..]) {
            (Some(folder), operations, languages) => {
                warn(operations);
                write_all(operations, languages, folder, |operation, language| {
                    self.program(&generator, operation, language, style)
                })
            }
            (None, [operation], [language]) => {
                warn(std::slice::from_ref(operation));
                let program = self.program(&generator, operation, language, style);
                let program = program.map_err(|error| Failure::new(error.to_string()))?;
                write_out(&program)
            }
            (None, operations, _) if operations.len() > 1 => {
                let ids: Vec<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
                Err(Failure::new(format!(
                    "name a folder with --out, or one operation with --operation: {}",
                    ids.join(", ")
                )))
            }
            (None, ..) => Err(Failure::new("name a folder with --out, or one language with --language")),
        }
    }

    fn program(
        &self,
        generator: &Generator,
        operation: &Operation,
        language: &Language,
        style: Style,
    ) -> Result<String, GenerateError> {
        if style == Style::Chilkat && self.follow_pages {
            return generator.generate_following_pages(operation, language);
        }
        generator.generate(operation, language, style)
    }

    /// Writes the output for one operation.
    fn write_kind(&self, kind: Kind, generator: &Generator, operation: &Operation) -> Result<(), Failure> {
        let nothing = || Failure::new(format!("nothing to write for operation `{}`", operation.id));
        match kind {
            Kind::Curl => print_data(export::curl_line(operation).ok_or_else(nothing)?),
            Kind::PostmanItem => write_json(&export::postman_item(operation).ok_or_else(nothing)?),
            Kind::Har => write_json(&export::har(operation).ok_or_else(nothing)?),
            Kind::JsonSchema => write_json(&export::json_schema(operation).ok_or_else(nothing)?),
            Kind::Classes => {
                let language = self.language.ok_or_else(|| Failure::new("name the language with --language"))?;
                if !language.has_classes() {
                    return Err(Failure::new(format!("{} declares no types", language.name)));
                }
                let classes =
                    generator.classes(operation, language).map_err(|error| Failure::new(error.to_string()))?;
                write_out(&classes.ok_or_else(nothing)?)
            }
            // These describe the whole document.
            Kind::Postman | Kind::PostmanEnvironment | Kind::Openapi => Err(nothing()),
        }
    }

    /// Returns the requested operations, with their parameters set.
    fn choose<'a>(&self, document: &'a mut Document) -> Result<&'a [Operation], Failure> {
        let Some(id) = &self.operation else {
            if document.operations.is_empty() {
                return Err(Failure::new("the description has no operations"));
            }
            return Ok(&document.operations);
        };
        let at = document.operations.iter().position(|operation| operation.id == *id).ok_or_else(|| {
            let ids: Vec<&str> = document.operations.iter().map(|operation| operation.id.as_str()).collect();
            Failure::new(format!("no operation `{id}`. Available operations: {}", ids.join(", ")))
        })?;
        for (name, value) in &self.set {
            if !document.operations[at].set(name, value) {
                return Err(Failure::new(format!("operation `{id}` has no parameter `{name}`")));
            }
        }
        Ok(&document.operations[at..=at])
    }
}

/// Prints what programs for these operations omit.
fn warn(operations: &[Operation]) {
    for operation in operations {
        for warning in &operation.warnings {
            complain(format_args!("rollcall: {}: {warning}", operation.id));
        }
    }
}

fn list_languages(listing: Listing) -> Result<(), Failure> {
    let rows: Vec<[String; 4]> = LANGUAGES
        .iter()
        .map(|language| {
            let styles = [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style));
            let styles = styles.map(Style::id).collect::<Vec<_>>().join(", ");
            [language.id.to_owned(), language.name.to_owned(), styles, language.run.to_owned()]
        })
        .collect();
    listing.print(["LANGUAGE", "NAME", "STYLES", "RUN WITH"], &rows)
}

/// Returns the file's text, or enough of it to detect that it is too long.
fn read(path: &Path) -> io::Result<String> {
    let input: Box<dyn io::Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(fs::File::open(path)?) };
    let mut text = String::new();
    input.take(LONGEST_DOCUMENT_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

fn write_json(json: &Json) -> Result<(), Failure> {
    print_data(json.pretty())
}

/// Writes to standard output, whose reader may close it early.
fn write_out(program: &str) -> Result<(), Failure> {
    written(Output::new().write_all(program.as_bytes()))
}

/// Interval of progress lines if the output is not a terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

fn write_all(
    operations: &[Operation],
    languages: &[&Language],
    folder: &Path,
    program: impl Fn(&Operation, &Language) -> Result<String, GenerateError>,
) -> Result<(), Failure> {
    let total = operations.len() * languages.len();
    let progress = Steps::new("programs {bar:30} {pos}/{len} {eta}", BETWEEN_LINES);
    let mut written = 0;
    let mut failed = 0;
    for language in languages {
        let folder = folder.join(language.id);
        fs::create_dir_all(&folder).map_err(|error| Failure::context(folder.display(), &error))?;
        for operation in operations {
            match program(operation, language) {
                Ok(program) => {
                    let path = folder.join(format!("{}.{}", operation.id, language.extension));
                    fs::write(&path, program).map_err(|error| Failure::context(path.display(), &error))?;
                    written += 1;
                }
                Err(error) => {
                    complain(format_args!("rollcall: {}: {error}", operation.id));
                    failed += 1;
                }
            }
            let done = written + failed;
            progress.show("", done as u64, total as u64, || format!("{done} of {total} programs"));
        }
    }
    progress.finish();
    print(format_args!("{}: {}", folder.display(), counted(written as u64, "program", "programs")))?;
    if failed > 0 { Err(Failure::reported()) } else { Ok(()) }
}
