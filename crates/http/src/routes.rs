//! An API's routes: each handler with its operation, which the guard checks.

use axum::{Router, routing::MethodRouter};
use rollcall_model::Operation;
use utoipa::openapi::{OpenApi, OpenApiBuilder};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::state::AppState;

/// A handler and its description, with its operation. An operation without scopes is not guarded.
pub(crate) type Route = (&'static Operation, UtoipaMethodRouter<AppState>);

/// Returns the router of some routes, each behind `guard`. There is no other way into it, so each of them has a guard.
pub(crate) fn router(
    routes: Vec<Route>,
    guard: impl Fn(&'static Operation, MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> Router<AppState> {
    let behind_guard = |operation: &'static Operation, handler| {
        if operation.scopes.is_empty() { handler } else { guard(operation, handler) }
    };
    collect(routes, behind_guard).split_for_parts().0
}

/// Returns the OpenAPI description of some routes, from their handlers.
pub(crate) fn description(routes: Vec<Route>) -> OpenApi {
    collect(routes, |_, handler| handler).into_openapi()
}

fn collect(
    routes: Vec<Route>,
    guard: impl Fn(&'static Operation, MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> OpenApiRouter<AppState> {
    let all = OpenApiRouter::with_openapi(OpenApiBuilder::new().build());
    routes.into_iter().fold(all, |all, (operation, (schemas, paths, handler))| {
        all.routes((schemas, paths, guard(operation, handler)))
    })
}
