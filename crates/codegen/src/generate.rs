//! Generates programs from operations.

use std::collections::{HashMap, HashSet};

use minijinja::{Environment, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};

use crate::{
    chilkat,
    export::Classes,
    language::{LANGUAGES, Language, Style},
    lower,
    model::Operation,
    name::{Case, words_in_template},
};

/// Why a program cannot be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The language has no such style.
    #[error("{language} has no style {style}")]
    NoSuchStyle {
        /// The language's name.
        language: &'static str,
        /// The style's id.
        style: &'static str,
    },
    /// The style does not support a part of the request.
    #[error("the style {style} does not support {what}; use the style stdlib")]
    NotCarried {
        /// The style's id.
        style: &'static str,
        /// The part of the request.
        what: String,
    },
    /// A bug in a template of this crate.
    #[error("the template of {language} failed: {reason}")]
    Template {
        /// The language's name.
        language: &'static str,
        /// The template engine's error.
        reason: String,
    },
}

impl GenerateError {
    fn template(language: &Language, error: &minijinja::Error) -> Self {
        Self::Template { language: language.name, reason: format!("{error:#}") }
    }
}

/// Generates programs. It loads its templates once and can be shared by threads.
#[derive(Debug)]
pub struct Generator {
    environment: Environment<'static>,
    /// Reserved names of variables, by template.
    reserved: HashMap<String, HashSet<String>>,
}

impl Default for Generator {
    fn default() -> Self {
        Self::new()
    }
}

impl Generator {
    /// Loads the templates.
    ///
    /// # Panics
    /// If a template is malformed, which the tests of this crate rule out.
    #[must_use]
    #[expect(clippy::expect_used, reason = "templates are part of the program")]
    pub fn new() -> Self {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("the delimiters are the default ones"));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Strings are literals of the language already.
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        let mut reserved = HashMap::new();
        for language in LANGUAGES {
            let chilkat = language.chilkat.map(|template| (Style::Chilkat, template));
            for (style, template) in std::iter::once((Style::Stdlib, language.template)).chain(chilkat) {
                let name = template_name(language, style);
                environment.add_template_owned(name.clone(), template).expect("the template is well-formed");
                let mut words = words_in_template(template);
                words.extend(language.keywords.split_whitespace().map(str::to_owned));
                reserved.insert(name, words);
            }
            if let Some(template) = language.classes {
                let name = classes_name(language);
                environment.add_template_owned(name.clone(), template).expect("the template is well-formed");
                let keywords = language.keywords.split_whitespace().map(str::to_owned);
                reserved.insert(name, words_in_template(template).into_iter().chain(keywords).collect());
            }
        }
        Self { environment, reserved }
    }

    /// Generates the program for an operation.
    ///
    /// # Errors
    /// If the language has no such style.
    pub fn generate(&self, operation: &Operation, language: &Language, style: Style) -> Result<String, GenerateError> {
        self.write(operation, language, style, false)
    }

    /// Generates the program for an operation in Chilkat's style, with what the documents' programs lack: it reads all
    /// pages of a list, and waits when the server asks it to.
    ///
    /// # Errors
    /// If the language has no such style, or the style does not support a part of the request.
    pub fn generate_following_pages(
        &self,
        operation: &Operation,
        language: &Language,
    ) -> Result<String, GenerateError> {
        self.write(operation, language, Style::Chilkat, true)
    }

    fn write(
        &self,
        operation: &Operation,
        language: &Language,
        style: Style,
        follow_pages: bool,
    ) -> Result<String, GenerateError> {
        if !language.has(style) {
            return Err(GenerateError::NoSuchStyle { language: language.name, style: style.id() });
        }
        if style == Style::Chilkat
            && let Some(what) = chilkat::unsupported(operation)
        {
            return Err(GenerateError::NotCarried { style: style.id(), what });
        }
        let name = template_name(language, style);
        let failed = |error: minijinja::Error| GenerateError::template(language, &error);
        let none = HashSet::new();
        let reserved = self.reserved.get(&name).unwrap_or(&none);
        let template = self.environment.get_template(&name).map_err(failed)?;
        let indent = language.indent;
        let rendered = match style {
            Style::Stdlib => {
                let program = Serde(lower::lower(operation, language, reserved));
                // Templates use these words only in strings and comments.
                let mut class_names = reserved.clone();
                for word in ["answer", "user"] {
                    class_names.remove(word);
                }
                let types = Serde(Classes::new(operation, language, language.type_case, &class_names));
                template.render(minijinja::context! { program, types, indent })
            }
            Style::Chilkat => template.render(
                minijinja::context! { program => Serde(chilkat::lower(operation, language, reserved, follow_pages)), indent },
            ),
        };
        rendered.map_err(failed)
    }

    /// Generates the types of an operation's response. `None` if the language declares none, or the response is not a
    /// JSON object.
    ///
    /// # Errors
    /// If the template has a bug.
    pub fn classes(&self, operation: &Operation, language: &Language) -> Result<Option<String>, GenerateError> {
        let name = classes_name(language);
        let (Some(reserved), true) = (self.reserved.get(&name), language.has_classes()) else { return Ok(None) };
        let classes = Classes::new(operation, language, Case::Pascal, reserved);
        if classes.is_empty() {
            return Ok(None);
        }
        let failed = |error| GenerateError::template(language, &error);
        let template = self.environment.get_template(&name).map_err(failed)?;
        template.render(minijinja::context! { classes => Serde(classes) }).map(Some).map_err(failed)
    }
}

fn classes_name(language: &Language) -> String {
    format!("classes/{}.jinja", language.id)
}

fn template_name(language: &Language, style: Style) -> String {
    format!("{}/{}.jinja", style.id(), language.id)
}
