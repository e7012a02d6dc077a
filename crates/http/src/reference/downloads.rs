//! `GET /reference/downloads`: files for other tools. The collections run against this server unchanged.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use rollcall_codegen::Json;

use super::{
    catalog::{self, Catalog},
    demo::Context,
    examples::Examples,
    page, postman,
    views::{Download, Downloads, Missing},
};
use crate::surface::public_url;

const COLLECTION: &str = ".postman_collection.json";
const ENVIRONMENT: &str = ".postman_environment.json";

/// Serves the list.
pub(super) async fn list(State(context): State<Context>, headers: HeaderMap) -> Response {
    let download = |catalog: &Catalog| Download {
        name: catalog.name.clone(),
        description: format!("/openapi/{}.json", catalog.id),
        postman: postman::is_there(catalog).then(|| {
            let at = |kind: &str| format!("/reference/downloads/{}{kind}", catalog.id);
            [at(COLLECTION), at(ENVIRONMENT)]
        }),
    };
    let downloads = catalog::all().iter().map(download).collect();
    page::page(&headers, &Downloads { downloads, base_url: public_url(&context.settings, &headers) })
}

/// Serves a file of the list.
pub(super) async fn file(State(context): State<Context>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let base_url = public_url(&context.settings, &headers);
    let examples = context.examples().await;
    match find(&file, &base_url, examples.as_deref()) {
        Some(json) => page::cached(&headers, "application/json", json.pretty()),
        None => page::not_found(&Missing::download()),
    }
}

fn find(file: &str, base_url: &str, examples: Option<&Examples>) -> Option<Json> {
    if let Some(id) = file.strip_suffix(COLLECTION) {
        postman::collection(catalog::find(id)?, base_url)
    } else {
        postman::environment(catalog::find(file.strip_suffix(ENVIRONMENT)?)?, base_url, examples)
    }
}
