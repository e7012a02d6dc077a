//! The pages by their names in URLs.

use rollcall_codegen::{Language, Operation, ReadError, Style};

use crate::{
    catalog::Catalog,
    downloads,
    examples::Examples,
    render::{Result, View as _},
    views::{self, Index, Missing, OperationPage, ProgramPage, SurfacePage, Unbuilt},
};

/// The reference of some API descriptions.
pub struct Reference {
    pub(crate) catalogs: Vec<Catalog>,
}

/// What a page is made from, apart from the descriptions.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The base URL for callers, without a trailing slash.
    pub base_url: &'a str,
    /// The demo's values, if this server runs a demo.
    pub examples: Option<&'a Examples>,
}

/// A page or a file, to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// An HTML page.
    Html(String),
    /// A program as text, to be shown in a browser.
    Program(String),
    /// A JSON file.
    Json(String),
    /// An HTML page about a page or a file that does not exist.
    Missing(String),
    /// The URL at which the page is.
    Moved(String),
}

impl Reference {
    /// Reads API descriptions: their names in URLs, and their text, in display order.
    ///
    /// # Errors
    /// If a text is no API description.
    pub fn new<'d>(descriptions: impl IntoIterator<Item = (&'static str, &'d str)>) -> Result<Self, ReadError> {
        let catalogs = descriptions.into_iter().map(|(id, text)| Catalog::new(id, text));
        Ok(Self { catalogs: catalogs.collect::<Result<_, _>>()? })
    }

    /// Returns the catalog with this name.
    pub(crate) fn find(&self, id: &str) -> Option<&Catalog> {
        self.catalogs.iter().find(|catalog| catalog.id == id)
    }

    /// Returns the list of all pages.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn index(&self) -> Result<Page> {
        Index::page(&self.catalogs).render().map(Page::Html)
    }

    /// Returns the list of one API's pages.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn surface(&self, surface: &str) -> Result<Page> {
        match self.find(surface) {
            Some(catalog) => SurfacePage::page(catalog).render().map(Page::Html),
            None => missing(&self.missing_surface(surface)),
        }
    }

    /// Returns the page of an operation.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn operation(&self, site: &Site<'_>, surface: &str, slug: &str) -> Result<Page> {
        match self.find_operation(site, surface, slug) {
            Ok((catalog, operation)) => match OperationPage::page(catalog, slug, &operation) {
                Some(view) => view.render().map(Page::Html),
                None => self.unknown(),
            },
            Err(missed) => missing(&missed),
        }
    }

    /// Returns the page of an operation in a language. `style` is the default if the URL names none.
    ///
    /// # Errors
    /// If the program cannot be generated or the page cannot be rendered.
    pub fn program(
        &self,
        site: &Site<'_>,
        surface: &str,
        slug: &str,
        language: &str,
        style: Option<&str>,
    ) -> Result<Page> {
        match Wanted::find(self, site, surface, slug, language, style) {
            // The page has one URL.
            Ok(wanted) if style.is_some() && wanted.style == Style::Stdlib => {
                Ok(Page::Moved(format!("/reference/{surface}/{slug}/{language}")))
            }
            Ok(wanted) => match wanted.page(site.examples.is_some())? {
                Some(view) => view.render().map(Page::Html),
                None => self.unknown(),
            },
            Err(missed) => missing(&missed),
        }
    }

    /// Returns the program of an operation as a file.
    ///
    /// # Errors
    /// If the program cannot be generated.
    pub fn program_file(
        &self,
        site: &Site<'_>,
        surface: &str,
        slug: &str,
        language: &str,
        style: &str,
        file: &str,
    ) -> Result<Page> {
        match Wanted::find(self, site, surface, slug, language, Some(style)) {
            Ok(wanted) if file == views::file_name(slug, wanted.language) => {
                Ok(Page::Program(views::program(&wanted.operation, wanted.language, wanted.style)?))
            }
            Ok(_) => self.unknown(),
            Err(missed) => missing(&missed),
        }
    }

    /// Returns the list of files for other tools.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn downloads(&self, site: &Site<'_>) -> Result<Page> {
        downloads::list(&self.catalogs, site).render().map(Page::Html)
    }

    /// Returns a file for other tools. The collections run against this server unchanged.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn download(&self, site: &Site<'_>, file: &str) -> Result<Page> {
        match downloads::find(self, file, site) {
            Some(json) => Ok(Page::Json(json.pretty())),
            None => missing(&Missing::download()),
        }
    }

    /// Returns the page that says how to build the Try-it form.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn unbuilt() -> Result<Page> {
        Unbuilt {}.render().map(Page::Html)
    }

    /// Returns the page for unknown pages, with links to existing ones.
    ///
    /// # Errors
    /// If the page cannot be rendered.
    pub fn unknown(&self) -> Result<Page> {
        missing(&Missing::page(&self.catalogs))
    }

    fn missing_surface(&self, surface: &str) -> Missing {
        Missing::surface(&self.catalogs, surface)
    }

    /// Returns the operation with the base URL that the caller uses, and with values of the demo.
    fn find_operation(&self, site: &Site<'_>, surface: &str, slug: &str) -> Result<(&Catalog, Operation), Missing> {
        let catalog = self.find(surface).ok_or_else(|| self.missing_surface(surface))?;
        let operation = catalog.operation(slug).ok_or_else(|| Missing::operation(catalog, slug))?;
        let mut operation = Operation { origin: Some(site.base_url.to_owned()), ..operation.clone() };
        if let Some(examples) = site.examples {
            examples.apply(&mut operation);
        }
        Ok((catalog, operation))
    }
}

/// The program for a URL.
struct Wanted<'a> {
    catalog: &'a Catalog,
    slug: &'a str,
    operation: Operation,
    language: &'static Language,
    style: Style,
}

impl<'a> Wanted<'a> {
    fn find(
        reference: &'a Reference,
        site: &Site<'_>,
        surface: &str,
        slug: &'a str,
        language: &str,
        style: Option<&str>,
    ) -> Result<Self, Missing> {
        let (catalog, operation) = reference.find_operation(site, surface, slug)?;
        let language = Language::find(language).ok_or_else(|| Missing::language(catalog, slug, language))?;
        let known = [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style));
        let style = match style {
            None => Style::Stdlib,
            Some(id) => known
                .into_iter()
                .find(|style| style.id() == id)
                .ok_or_else(|| Missing::style(catalog, slug, language, id))?,
        };
        Ok(Self { catalog, slug, operation, language, style })
    }

    fn page(&self, is_demo: bool) -> Result<Option<ProgramPage>> {
        Ok(ProgramPage::page(self.catalog, self.slug, &self.operation, self.language, self.style, is_demo)?)
    }
}

fn missing(view: &Missing) -> Result<Page> {
    view.render().map(Page::Missing)
}
