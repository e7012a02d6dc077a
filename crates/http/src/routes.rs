//! An API's routes: each handler with its operation, which the guard checks.

use axum::{
    Router,
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use rollcall_model::{Method, Operation};
use utoipa::openapi::{OpenApi, OpenApiBuilder};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::state::AppState;

/// A handler with its operation, made by [`route`]. An operation without scopes is not guarded.
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    pub(crate) handler: MethodRouter<AppState>,
    /// Describes the handler. A description is long, so it is built only when it is read.
    pub(crate) describe: Describe,
}

/// Describes a handler.
pub(crate) type Describe = Box<dyn Fn() -> UtoipaMethodRouter<AppState>>;

/// Makes the [`Route`] of an operation to a handler that describes itself.
macro_rules! route {
    ($operation:path, $handler:path) => {
        $crate::routes::Route {
            operation: &$operation,
            handler: $crate::routes::handle(&$operation, $handler),
            describe: Box::new(|| ::utoipa_axum::routes!($handler)),
        }
    };
}
pub(crate) use route;

/// Returns the handler for the operation's method.
pub(crate) fn handle<H: Handler<T, AppState>, T: 'static>(operation: &Operation, handler: H) -> MethodRouter<AppState> {
    let filter = match operation.method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    };
    on(filter, handler)
}

/// Returns the router of some routes, each behind `guard`. There is no other way into it, so each of them has a guard.
pub(crate) fn router(
    routes: Vec<Route>,
    guard: impl Fn(&'static Operation, MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> Router<AppState> {
    routes.into_iter().fold(Router::new(), |router, Route { operation, handler, .. }| {
        let handler = if operation.scopes.is_empty() { handler } else { guard(operation, handler) };
        router.route(operation.path, handler)
    })
}

/// Returns the OpenAPI description of some routes, from their handlers.
pub(crate) fn description(routes: Vec<Route>) -> OpenApi {
    let all = OpenApiRouter::with_openapi(OpenApiBuilder::new().build());
    routes.into_iter().fold(all, |all, route| all.routes((route.describe)())).into_openapi()
}
