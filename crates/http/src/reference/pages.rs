//! The handlers of pages.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use rollcall_codegen::{GenerateError, Language, Operation, Style};

use super::{
    catalog::{self, Catalog},
    demo::Context,
    examples::Examples,
    page,
    views::{self, Index, Missing, OperationPage, ProgramPage, SurfacePage},
};
use crate::{
    state::App,
    surface::{Failure, public_url},
};

pub(super) async fn index(headers: HeaderMap) -> Response {
    page::page(&headers, &Index::page())
}

pub(super) async fn surface(Path(surface): Path<String>, headers: HeaderMap) -> Response {
    match catalog::find(&surface) {
        Some(catalog) => page::page(&headers, &SurfacePage::page(catalog)),
        None => page::not_found(&Missing::surface(&surface)),
    }
}

pub(super) async fn operation(
    State(context): State<Context>,
    Path((surface, slug)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let site = Site::of(&context, &headers).await;
    let answer = find_operation(&surface, &slug, &site).map(|(catalog, operation)| {
        OperationPage::page(catalog, &slug, &operation)
            .map_or_else(|| page::not_found(&Missing::page()), |view| page::page(&headers, &view))
    });
    answer.unwrap_or_else(|missing| page::not_found(&missing))
}

pub(super) async fn program(
    State(context): State<Context>,
    Path((surface, slug, language)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let site = Site::of(&context, &headers).await;
    answer(Wanted::find(&site, &surface, &slug, &language, None), |wanted| wanted.page(&headers))
}

pub(super) async fn program_in_style(
    State(context): State<Context>,
    Path((surface, slug, language, style)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let site = Site::of(&context, &headers).await;
    answer(Wanted::find(&site, &surface, &slug, &language, Some(&style)), |wanted| match wanted.style {
        // The page has one URL.
        Style::Stdlib => Ok(Redirect::permanent(&format!("/reference/{surface}/{slug}/{language}")).into_response()),
        Style::Chilkat => wanted.page(&headers),
    })
}

pub(super) async fn program_file(
    State(context): State<Context>,
    Path((surface, slug, language, style, file)): Path<(String, String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let site = Site::of(&context, &headers).await;
    answer(Wanted::find(&site, &surface, &slug, &language, Some(&style)), |wanted| {
        if file != views::file_name(&slug, wanted.language) {
            return Ok(page::not_found(&Missing::page()));
        }
        let program = views::program(&wanted.operation, wanted.language, wanted.style)?;
        let mut response = page::cached(&headers, "text/plain; charset=utf-8", program);
        response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        Ok(response)
    })
}

/// What a page is built from, apart from the descriptions.
struct Site<'a> {
    app: &'a App,
    /// The demo's values, if this server runs a demo.
    examples: Option<Arc<Examples>>,
    headers: &'a HeaderMap,
}

impl<'a> Site<'a> {
    async fn of(context: &'a Context, headers: &'a HeaderMap) -> Self {
        Self { app: context, examples: context.examples().await, headers }
    }
}

/// Returns the program for a URL.
struct Wanted<'a> {
    catalog: &'static Catalog,
    slug: &'a str,
    operation: Operation,
    language: &'static Language,
    style: Style,
    is_demo: bool,
}

impl<'a> Wanted<'a> {
    fn find(
        site: &Site<'_>,
        surface: &str,
        slug: &'a str,
        language: &str,
        style: Option<&str>,
    ) -> Result<Self, Missing> {
        let (catalog, operation) = find_operation(surface, slug, site)?;
        let language = Language::find(language).ok_or_else(|| Missing::language(catalog, slug, language))?;
        let known = [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style));
        let style = match style {
            None => Style::Stdlib,
            Some(id) => known
                .into_iter()
                .find(|style| style.id() == id)
                .ok_or_else(|| Missing::style(catalog, slug, language, id))?,
        };
        Ok(Self { catalog, slug, operation, language, style, is_demo: site.examples.is_some() })
    }

    fn page(&self, headers: &HeaderMap) -> Result<Response, GenerateError> {
        let view =
            ProgramPage::page(self.catalog, self.slug, &self.operation, self.language, self.style, self.is_demo)?;
        Ok(view.map_or_else(|| page::not_found(&Missing::page()), |view| page::page(headers, &view)))
    }
}

/// Returns the operation with the base URL that the caller uses, and with values of the demo.
fn find_operation(surface: &str, slug: &str, site: &Site<'_>) -> Result<(&'static Catalog, Operation), Missing> {
    let catalog = catalog::find(surface).ok_or_else(|| Missing::surface(surface))?;
    let operation = catalog.operation(slug).ok_or_else(|| Missing::operation(catalog, slug))?;
    let origin = Some(public_url(&site.app.settings, site.headers));
    let mut operation = Operation { origin, ..operation.clone() };
    if let Some(examples) = &site.examples {
        examples.apply(&mut operation);
    }
    Ok((catalog, operation))
}

fn answer<'a>(
    wanted: Result<Wanted<'a>, Missing>,
    show: impl FnOnce(&Wanted<'a>) -> Result<Response, GenerateError>,
) -> Response {
    match wanted {
        Ok(wanted) => show(&wanted).unwrap_or_else(|error| {
            tracing::error!(error = %error, "could not generate a program");
            crate::api::failure(Failure::Internal)
        }),
        Err(missing) => page::not_found(&missing),
    }
}
