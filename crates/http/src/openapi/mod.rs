//! The API descriptions: OpenAPI 3.1, built from the handlers' annotations and the table of operations.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use rollcall_auth::{known_scopes, permissions};
use rollcall_model::Operation;
use rollcall_reference::PAGE;
use rollcall_zoom::wire::FieldError;
use serde_json::json;
use utoipa::openapi::{
    OpenApi, RefOr,
    extensions::ExtensionsBuilder,
    path::{Operation as DescribedOperation, ParameterBuilder},
    security::{
        ApiKey, ApiKeyValue, AuthorizationCode, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityRequirement,
        SecurityScheme,
    },
    server::Server,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::{reference::Context, state::AppState};

pub(crate) fn router(context: &Context) -> Router<AppState> {
    // Built at the first request: they are constant, and this keeps start-up fast.
    static ZOOM: std::sync::LazyLock<OpenApi> = std::sync::LazyLock::new(zoom_document);
    static OWN: std::sync::LazyLock<OpenApi> = std::sync::LazyLock::new(api_document);
    static WEBEX: std::sync::LazyLock<OpenApi> = std::sync::LazyLock::new(webex_document);
    Router::new()
        .route("/openapi/zoom.json", get(|app| serve(app, &ZOOM)))
        .route("/openapi/rollcall.json", get(|app| serve(app, &OWN)))
        .route("/openapi/webex.json", get(|app| serve(app, &WEBEX)))
        .with_state(context.clone())
}

/// Serves a description. In a demo, the examples of parameters exist there, so that Try-it works immediately.
async fn serve(State(context): State<Context>, document: &'static OpenApi) -> Response {
    let Some(examples) = context.examples().await else { return Json(document).into_response() };
    let mut document = document.clone();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let values = operation.operation_id.as_deref().map(|id| examples.of(id)).unwrap_or_default();
            for parameter in operation.parameters.iter_mut().flatten() {
                let RefOr::T(parameter) = parameter else { continue };
                if let Some((_, value)) = values.iter().find(|(name, _)| *name == parameter.name) {
                    let builder = ParameterBuilder::from(parameter.clone());
                    *parameter = builder.example(Some(value.as_str().into())).build();
                }
            }
        }
    }
    Json(document).into_response()
}

/// Returns the description of Zoom's API.
#[must_use]
pub fn zoom_document() -> OpenApi {
    let mut document = crate::routes::description(crate::zoom::routes());
    // Errors hold it in a list, whose type does not name it.
    let components = document.components.get_or_insert_default();
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    document.info.title = "Rollcall: Zoom REST API".to_owned();
    document.info.description = Some(
        "Attendance, quality and registrations through Zoom's REST API v2. Programs written for Zoom work once their \
         base URL is this server's."
            .to_owned(),
    );
    complete(&mut document, "zoom", rollcall_zoom::operations::ALL);
    let [authorize, token] = [crate::zoom::AUTHORIZE.path, rollcall_zoom::operations::CREATE_TOKEN.path];
    add_authorization(&mut document, authorize, token, rollcall_zoom::operations::ALL);
    document
}

/// Returns the description of Webex's API.
#[must_use]
pub fn webex_document() -> OpenApi {
    let mut document = crate::routes::description(crate::webex::routes());
    document.info.title = "Rollcall: Webex REST API".to_owned();
    document.info.description = Some(
        "Attendance, quality and tracking codes through Webex's REST API v1. Programs written for Webex work once their \
         base URL is this server's."
            .to_owned(),
    );
    complete(&mut document, "webex", rollcall_webex::operations::ALL);
    let [authorize, token] = [crate::webex::AUTHORIZE.path, rollcall_webex::operations::CREATE_ACCESS_TOKEN.path];
    add_authorization(&mut document, authorize, token, rollcall_webex::operations::ALL);
    document
}

/// Returns the description of Rollcall's own APIs.
#[must_use]
pub fn api_document() -> OpenApi {
    let mut document = crate::routes::description(crate::api::routes());
    document.info.title = "Rollcall".to_owned();
    document.info.description = Some(
        "Operations that no vendor's API has: send participants and minutes as NDJSON, send call statistics from \
         browsers, query one account's data in SQL, and erase one person everywhere."
            .to_owned(),
    );
    complete(&mut document, "rollcall", crate::api::operations::ALL);
    let cookie = "The cookie of a member who is signed in. Over HTTPS its name is `__Host-rollcall`.";
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description("rollcall", cookie)));
    document.components.get_or_insert_default().add_security_scheme("session", cookie);
    document
}

/// Adds the content of the operation tables (titles and their pages, scopes, rate labels) and the security schemes.
fn complete(document: &mut OpenApi, surface: &str, operations: &[&'static Operation]) {
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.info.contact = None;
    document.info.license = None;
    document.servers = Some(vec![Server::new("/")]);
    let components = document.components.get_or_insert_default();
    components
        .add_security_scheme("bearer", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    components
        .add_security_scheme("basic", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).build()));
    without_null_defaults(document);
    for item in document.paths.paths.values_mut() {
        let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for described in methods.into_iter().flatten() {
            let known = operations.iter().find(|operation| Some(operation.id) == described.operation_id.as_deref());
            if let Some(operation) = known {
                describe(described, surface, operation);
            }
            show_sample(described);
        }
    }
}

/// Adds how an app gets a token that acts for a user. Operations do not list this scheme: one of their scopes is enough,
/// and OpenAPI would require all of them.
fn add_authorization(document: &mut OpenApi, authorize: &str, token: &str, operations: &[&'static Operation]) {
    let words = |scope| permissions([scope]).first().map(|permission| permission.sentence()).unwrap_or_default();
    let scopes = known_scopes(operations).into_iter().map(|scope| (scope.to_owned(), words(scope)));
    let flow = AuthorizationCode::with_refresh_url(authorize, token, Scopes::from_iter(scopes), token);
    let description = "Opens a page on which an administrator or the server's operator approves the app, and returns to \
                       the app with a code for an access token and a refresh token. PKCE with `S256` is supported, and required for apps \
                       without a secret.";
    let scheme = OAuth2::with_description([Flow::AuthorizationCode(flow)], description);
    document.components.get_or_insert_default().add_security_scheme("oauth", SecurityScheme::OAuth2(scheme));
}

/// Removes defaults that are null or an empty list, which come from fields that may be absent: these need not be values
/// of their types.
fn without_null_defaults(document: &mut OpenApi) {
    fn remove(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(object) => {
                let is_nothing =
                    |value: &serde_json::Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                object.retain(|key, value| key != "default" || !is_nothing(value));
                object.values_mut().for_each(remove);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(remove),
            _ => {}
        }
    }
    let Some(components) = &mut document.components else { return };
    for schema in components.schemas.values_mut() {
        let Ok(mut value) = serde_json::to_value(&*schema) else { continue };
        remove(&mut value);
        if let Ok(without) = serde_json::from_value(value) {
            *schema = without;
        }
    }
}

/// Adds the operation's row to its description. Replaces the first line of the handler's comment by the title, and moves
/// that line to the start of the description; ends the description like the vendors' pages, with scopes, label and
/// prerequisites.
fn describe(described: &mut DescribedOperation, surface: &str, operation: &Operation) {
    let mut extensions =
        ExtensionsBuilder::new().add(PAGE, json!(format!("/reference/{surface}/{}", operation.slug())));
    let mut notes = Vec::new();
    if !operation.scopes.is_empty() {
        extensions = extensions.add("x-scopes", json!(operation.scopes));
        // The bearer token comes first; an operation that also accepts it elsewhere declares that itself.
        let token = SecurityRequirement::new("bearer", operation.scopes.iter().copied());
        described.security.get_or_insert_default().insert(0, token);
        let scopes = operation.scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(", ");
        notes.push(format!("**Scopes, any of:** {scopes}"));
    }
    if let Some(label) = operation.label {
        extensions = extensions.add("x-rate-limit-label", json!(label.as_str()));
        notes.push(format!("**Rate limit label:** `{}`", label.as_str()));
    }
    if let Some(prerequisites) = operation.prerequisites {
        notes.push(format!("**The vendor requires this; Rollcall does not:** {prerequisites}."));
    }
    described.extensions.get_or_insert_default().merge(extensions.build());
    let summary = described.summary.replace(operation.title.to_owned());
    let paragraphs = summary.into_iter().chain(described.description.take()).chain(notes);
    described.description = Some(paragraphs.collect::<Vec<_>>().join("\n\n"));
}

fn show_sample(described: &mut DescribedOperation) {
    if let Some(sample) = described.operation_id.as_deref().and_then(crate::samples::of)
        && let Some((_, RefOr::T(response))) =
            described.responses.responses.iter_mut().find(|(status, _)| matches!(status.as_str(), "200" | "201"))
        && let Some(RefOr::T(content)) = response.content.get_mut("application/json")
    {
        content.example = Some(sample);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::Route;

    #[test]
    fn each_operation_of_a_table_is_routed_and_described_and_has_a_page_of_its_own() {
        for (routes, document, table) in [
            (crate::zoom::routes(), zoom_document(), rollcall_zoom::operations::ALL),
            (crate::webex::routes(), webex_document(), rollcall_webex::operations::ALL),
            (crate::api::routes(), api_document(), crate::api::operations::ALL),
        ] {
            let known: BTreeSet<&str> = table.iter().map(|operation| operation.id).collect();
            // The guard of a route is its operation's.
            for Route { operation, describe, .. } in &routes {
                let (_, paths, _) = describe();
                let (path, item) = paths.paths.iter().next().unwrap();
                let described = [&item.get, &item.post, &item.put, &item.patch, &item.delete].into_iter().flatten();
                let ids: Vec<_> = described.map(|described| described.operation_id.as_deref()).collect();
                assert_eq!((path.as_str(), ids.as_slice()), (operation.path, &[Some(operation.id)][..]));
            }
            assert_eq!(routes.iter().map(|route| route.operation.id).collect::<BTreeSet<_>>(), known);
            let items = document.paths.paths.values();
            let described = items.flat_map(|item| [&item.get, &item.post, &item.put, &item.patch, &item.delete]);
            let described = described.flatten().filter_map(|described| described.operation_id.as_deref());
            assert_eq!(described.collect::<BTreeSet<_>>(), known);
            let pages: BTreeSet<String> = table.iter().map(|operation| operation.slug()).collect();
            assert_eq!(pages.len(), table.len());
        }
    }
}
