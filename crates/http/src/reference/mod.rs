//! The reference: a page for each operation and language, made of the served API descriptions by `rollcall-codegen`.
//! The pages are complete without JavaScript and ask no other host for anything.

mod catalog;
mod colour;
mod markdown;
mod page;
mod pages;
mod views;

use axum::{
    Router,
    response::{Redirect, Response},
    routing::get,
};

use crate::state::AppState;

/// All routes of the reference.
pub(crate) fn router() -> Router<AppState> {
    let pages = Router::new()
        .route("/", get(|| async { Redirect::temporary("/reference/pages") }))
        .route("/pages", get(pages::index))
        .route("/style.css", get(page::style))
        .route("/{surface}", get(pages::surface))
        .route("/{surface}/{operation}", get(pages::operation))
        .route("/{surface}/{operation}/{language}", get(pages::program))
        .route("/{surface}/{operation}/{language}/{style}", get(pages::program_in_style))
        .route("/{surface}/{operation}/{language}/{style}/{file}", get(pages::program_file))
        .fallback(unknown);
    Router::new().nest("/reference", pages)
}

/// What is answered where there is no page: one with links to those that there are.
async fn unknown() -> Response {
    page::not_found(&views::Missing::page())
}
