//! The reference: a page for each operation and language, generated from the served API descriptions by
//! `rollcall-codegen`; files for other tools; programs generated from a reader's input; and one page with JavaScript,
//! with a form to try each operation. All other pages work without JavaScript, and none requests anything from other
//! hosts.

mod assets;
mod catalog;
mod colour;
mod demo;
mod downloads;
mod examples;
mod markdown;
pub(crate) mod page;
mod pages;
mod postman;
mod tools;
mod views;

use axum::{
    Router,
    response::Response,
    routing::{get, post},
};

pub(crate) use self::demo::Context;
use crate::state::AppState;

/// All routes of the reference.
pub(crate) fn router(context: &Context) -> Router<AppState> {
    let pages = Router::new()
        .route("/", get(assets::reference))
        .route("/demo-token", post(demo::give_token))
        .route("/pages", get(pages::index))
        .route("/style.css", get(page::style))
        .route("/copy.js", get(page::copy_script))
        .route("/downloads", get(downloads::list))
        .route("/downloads/{file}", get(downloads::file))
        .route("/tools", get(tools::form).post(tools::make))
        .route("/{surface}", get(pages::surface))
        .route("/{surface}/{operation}", get(pages::operation))
        .route("/{surface}/{operation}/{language}", get(pages::program))
        .route("/{surface}/{operation}/{language}/{style}", get(pages::program_in_style))
        .route("/{surface}/{operation}/{language}/{style}/{file}", get(pages::program_file))
        .fallback(unknown);
    Router::new().nest("/reference", pages).route("/assets/{*name}", get(assets::file)).with_state(context.clone())
}

/// The response for unknown pages, with links to existing ones.
async fn unknown() -> Response {
    page::not_found(&views::Missing::page())
}
