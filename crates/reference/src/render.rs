//! Renders the templates.

use std::sync::LazyLock;

use minijinja::{Environment, syntax::SyntaxConfig, value::Serde};
use rollcall_codegen::GenerateError;
use serde::Serialize;

/// The result of making a page.
pub type Result<T, E = PageError> = std::result::Result<T, E>;

/// Why a page could not be made: a defect of this program.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A template failed.
    #[error("template {template}: {reason}")]
    Template {
        /// Its file.
        template: &'static str,
        /// The template engine's error.
        reason: String,
    },
    /// A program could not be generated.
    #[error(transparent)]
    Program(#[from] GenerateError),
}

macro_rules! templates {
    ($($name:literal),+) => { [$(($name, include_str!(concat!("templates/", $name)))),+] };
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the default ones"));
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let all = templates![
        "layout.html",
        "header.html",
        "parts.html",
        "index.html",
        "surface.html",
        "operation.html",
        "program.html",
        "missing.html",
        "downloads.html",
        "tools.html",
        "unbuilt.html",
        "approval.html",
        "unsubscribe.html",
        "sign_in.html"
    ];
    for (name, template) in all {
        environment.add_template(name, template).expect("the template is well-formed");
    }
    environment
});

/// Data of a template.
pub(crate) trait View: Serialize {
    /// The template's name.
    const TEMPLATE: &'static str;

    /// Returns the page as HTML.
    fn render(&self) -> Result<String> {
        let rendered = TEMPLATES.get_template(Self::TEMPLATE).and_then(|template| template.render(Serde(self)));
        rendered.map_err(|error| PageError::Template { template: Self::TEMPLATE, reason: format!("{error:#}") })
    }
}
