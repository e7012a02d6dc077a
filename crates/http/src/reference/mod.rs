//! Serves the reference, whose pages `rollcall-reference` makes from the served API descriptions.

mod assets;
mod demo;
mod page;

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};
use rollcall_reference::{COPY_SCRIPT, Examples, Page, Reference, STYLE, Site, Tools};
use tokio::sync::Semaphore;

pub(crate) use self::{
    demo::Context,
    page::{cached, guarded, send, uncached},
};
use crate::{
    state::AppState,
    surface::{Failure, public_url},
};

/// Maximum number of texts processed concurrently; others wait. A large one keeps a CPU busy for a while.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Built at the first use: the descriptions are constant, and this keeps start-up fast.
static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let [zoom, webex, own] = [crate::zoom_document(), crate::webex_document(), crate::api_document()]
        .map(|document| serde_json::to_string(&document).expect("an API description is JSON"));
    Reference::new([("zoom", &*zoom), ("webex", &*webex), ("rollcall", &*own)])
        .expect("our own API descriptions are well-formed")
});

/// All routes of the reference.
pub(crate) fn router(context: &Context) -> Router<AppState> {
    let pages = Router::new()
        .route("/", get(assets::reference))
        .route("/demo-token", post(demo::give_token))
        .route("/pages", get(async |headers: HeaderMap| send(&headers, REFERENCE.index())))
        .route("/style.css", get(async |headers: HeaderMap| cached(&headers, "text/css; charset=utf-8", STYLE)))
        .route(
            "/copy.js",
            get(async |headers: HeaderMap| cached(&headers, "text/javascript; charset=utf-8", COPY_SCRIPT)),
        )
        .route("/downloads", get(downloads))
        .route("/downloads/{file}", get(download))
        .route("/tools", get(form).post(make))
        .route("/{surface}", get(surface))
        .route("/{surface}/{operation}", get(operation))
        .route("/{surface}/{operation}/{language}", get(program))
        .route("/{surface}/{operation}/{language}/{style}", get(program_in_style))
        .route("/{surface}/{operation}/{language}/{style}/{file}", get(program_file))
        .fallback(async |headers: HeaderMap| send(&headers, REFERENCE.unknown()));
    Router::new().nest("/reference", pages).route("/assets/{*name}", get(assets::file)).with_state(context.clone())
}

/// What pages are made from, apart from the descriptions.
struct Origin {
    base_url: String,
    examples: Option<Arc<Examples>>,
}

impl Origin {
    async fn of(context: &Context, headers: &HeaderMap) -> Self {
        Self { base_url: public_url(&context.settings, headers), examples: context.examples().await }
    }

    fn site(&self) -> Site<'_> {
        Site { base_url: &self.base_url, examples: self.examples.as_deref() }
    }
}

async fn surface(Path(surface): Path<String>, headers: HeaderMap) -> Response {
    send(&headers, REFERENCE.surface(&surface))
}

async fn operation(
    State(context): State<Context>,
    Path((surface, slug)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let origin = Origin::of(&context, &headers).await;
    send(&headers, REFERENCE.operation(&origin.site(), &surface, &slug))
}

async fn program(
    State(context): State<Context>,
    Path((surface, slug, language)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let origin = Origin::of(&context, &headers).await;
    send(&headers, REFERENCE.program(&origin.site(), &surface, &slug, &language, None))
}

async fn program_in_style(
    State(context): State<Context>,
    Path((surface, slug, language, style)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let origin = Origin::of(&context, &headers).await;
    send(&headers, REFERENCE.program(&origin.site(), &surface, &slug, &language, Some(&style)))
}

async fn program_file(
    State(context): State<Context>,
    Path((surface, slug, language, style, file)): Path<(String, String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let origin = Origin::of(&context, &headers).await;
    send(&headers, REFERENCE.program_file(&origin.site(), &surface, &slug, &language, &style, &file))
}

async fn downloads(State(context): State<Context>, headers: HeaderMap) -> Response {
    let origin = Origin::of(&context, &headers).await;
    send(&headers, REFERENCE.downloads(&origin.site()))
}

async fn download(State(context): State<Context>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let origin = Origin::of(&context, &headers).await;
    send(&headers, REFERENCE.download(&origin.site(), &file))
}

async fn form(headers: HeaderMap) -> Response {
    send(&headers, Tools::form().html().map(Page::Html))
}

async fn make(body: Bytes) -> Response {
    let _turn = TURNS.acquire().await;
    let worked = tokio::task::spawn_blocking(move || {
        let tools = Tools::make(&body);
        let status = if tools.is_rejected() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        uncached(status, tools.html())
    });
    worked.await.unwrap_or_else(|_| crate::api::failure(Failure::Internal))
}
