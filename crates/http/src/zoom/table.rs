//! Operations that a table describes, rather than an attribute of each handler: those that meetings and webinars have in
//! common, and those that change data.

use std::{future::Future, pin::Pin, sync::Arc};

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::MethodRouter,
};
use rollcall_auth::Caller;
use rollcall_model::{Method, Operation, Timestamp};
use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, HttpMethod, PathsBuilder, Ref, RefOr, Required, ResponseBuilder, Responses, ResponsesBuilder,
        Schema,
        path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem},
        request_body::{RequestBody, RequestBodyBuilder},
        schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type},
    },
};
use utoipa_axum::router::UtoipaMethodRouter;

use super::{
    describe,
    error::ZoomResult,
    extract::Ids,
    query::Query,
    responses::{Errors, ObjectErrors},
};
use crate::{
    routes::{Route, handle},
    state::AppState,
    surface::public_url,
};

/// A request to an operation of a table.
pub(super) struct Call {
    pub(super) app: AppState,
    pub(super) caller: Caller,
    pub(super) operation: &'static Operation,
    /// The ids in the path.
    ids: Vec<String>,
    query: Option<String>,
    /// The URL that the caller reaches this server by.
    pub(super) base_url: String,
    pub(super) body: Bytes,
}

impl Call {
    /// Returns the first id in the path; blank if there is none.
    pub(super) fn id(&self) -> &str {
        self.ids.first().map(String::as_str).unwrap_or_default()
    }

    /// Returns the second id in the path; blank if there is none.
    pub(super) fn second_id(&self) -> &str {
        self.ids.get(1).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn query(&self) -> Query<'_> {
        Query::new(self.query.as_deref(), self.operation.id, self.id())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.app.now()
    }
}

type Answer = Pin<Box<dyn Future<Output = ZoomResult<Response>> + Send>>;

/// Answers requests to an operation.
pub(super) type Serve = Arc<dyn Fn(Call) -> Answer + Send + Sync>;

pub(super) fn serve<F>(handler: impl Fn(Call) -> F + Send + Sync + 'static) -> Serve
where
    F: Future<Output = ZoomResult<Response>> + Send + 'static,
{
    Arc::new(move |call| Box::pin(handler(call)))
}

/// A parameter of the query.
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) schema: Type,
    pub(super) meaning: &'static str,
}

impl Param {
    pub(super) const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self { name, schema: Type::String, meaning }
    }

    pub(super) const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self { name, schema: Type::Integer, meaning }
    }
}

/// The schema of a body, with those that it refers to.
type Named = (RefOr<Schema>, Vec<(String, RefOr<Schema>)>);

fn named<T: ToSchema>() -> Named {
    let name = T::name().into_owned();
    let mut schemas = vec![(name.clone(), T::schema())];
    T::schemas(&mut schemas);
    (Ref::from_schema_name(name).into(), schemas)
}

/// The response of a request that succeeds.
struct Success {
    status: StatusCode,
    meaning: &'static str,
    body: Option<fn() -> Named>,
}

/// An operation with its description.
pub(super) struct Row {
    operation: &'static Operation,
    tag: &'static str,
    summary: String,
    params: Vec<Param>,
    body: Option<fn() -> Named>,
    success: Success,
    serve: Serve,
}

impl Row {
    /// An operation without a body, that answers 204 with nothing.
    pub(super) fn new(operation: &'static Operation, tag: &'static str, summary: String, serve: Serve) -> Self {
        let success = Success { status: StatusCode::NO_CONTENT, meaning: "Done.", body: None };
        Self { operation, tag, summary, params: Vec::new(), body: None, success, serve }
    }

    pub(super) fn params(mut self, params: impl IntoIterator<Item = Param>) -> Self {
        self.params.extend(params);
        self
    }

    pub(super) fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(named::<T>);
        self
    }

    pub(super) fn answers<T: ToSchema>(mut self, status: StatusCode, meaning: &'static str) -> Self {
        self.success = Success { status, meaning, body: Some(named::<T>) };
        self
    }

    /// Returns the route.
    pub(super) fn route(self) -> Route {
        let (operation, serve) = (self.operation, Arc::clone(&self.serve));
        let handler = move |State(app): State<AppState>,
                            caller: Caller,
                            ids: Ids,
                            RawQuery(query): RawQuery,
                            headers: HeaderMap,
                            body: Bytes| {
            let base_url = public_url(&app.settings, &headers);
            let answer = serve(Call { app, caller, operation, ids: ids.0, query, base_url, body });
            async move { answer.await.into_response() }
        };
        Route { operation, handler: handle(operation, handler), describe: Box::new(move || self.describe()) }
    }

    /// Returns the description of the operation, as `utoipa_axum::routes!` would.
    fn describe(&self) -> UtoipaMethodRouter<AppState> {
        let mut schemas = Vec::new();
        let operation = OperationBuilder::new()
            .operation_id(Some(self.operation.id))
            .tag(self.tag)
            .summary(Some(self.summary.as_str()))
            .parameters(Some(self.parameters()))
            .request_body(self.body.map(|named| {
                let (schema, more) = named();
                schemas.extend(more);
                request(schema)
            }))
            .responses(self.responses(&mut schemas));
        let method = match self.operation.method {
            Method::Get => HttpMethod::Get,
            Method::Post => HttpMethod::Post,
            Method::Put => HttpMethod::Put,
            Method::Patch => HttpMethod::Patch,
            Method::Delete => HttpMethod::Delete,
        };
        let item = PathItem::new(method, operation.build());
        (schemas, PathsBuilder::new().path(self.operation.path, item).build(), MethodRouter::new())
    }

    fn parameters(&self) -> Vec<Parameter> {
        let of = |name: &str, place: ParameterIn, schema: Schema, meaning: &str| {
            let required = if place == ParameterIn::Path { Required::True } else { Required::False };
            let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required);
            parameter.description(Some(meaning)).schema(Some(schema)).build()
        };
        let in_path = self.operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let ids = in_path.map(|name| {
            let number = || ObjectBuilder::new().schema_type(Type::Integer).format(Some(INT64)).build().into();
            let text = || ObjectBuilder::new().schema_type(Type::String).build().into();
            match name {
                "meetingId" => of(name, ParameterIn::Path, number(), describe::MEETING_NUMBER),
                "webinarId" if self.operation.path.starts_with("/v2/past") => {
                    of(name, ParameterIn::Path, text(), describe::WEBINAR_INSTANCE)
                }
                "webinarId" => of(name, ParameterIn::Path, number(), describe::WEBINAR_NUMBER),
                "userId" => of(name, ParameterIn::Path, text(), describe::USER),
                "registrantId" => of(name, ParameterIn::Path, text(), "The registrant's id."),
                "panelistId" => of(name, ParameterIn::Path, text(), "The panelist's id."),
                _ => of(name, ParameterIn::Path, text(), "The tracking field's id."),
            }
        });
        let asked = self.params.iter().map(|param| {
            let schema = ObjectBuilder::new().schema_type(param.schema.clone());
            of(param.name, ParameterIn::Query, schema.build().into(), param.meaning)
        });
        ids.chain(asked).collect()
    }

    fn responses(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) -> Responses {
        let Success { status, meaning, body } = self.success;
        let mut success = ResponseBuilder::new().description(meaning);
        if let Some(named) = body {
            let (schema, more) = named();
            schemas.extend(more);
            success = success.content("application/json", ContentBuilder::new().schema(Some(schema)).build());
        }
        let responses = ResponsesBuilder::new().response(status.as_str(), success.build());
        match self.operation.path.contains('{') {
            true => responses.responses_from_into_responses::<ObjectErrors>().build(),
            false => responses.responses_from_into_responses::<Errors>().build(),
        }
    }
}

const INT64: SchemaFormat = SchemaFormat::KnownFormat(KnownFormat::Int64);

fn request(schema: RefOr<Schema>) -> RequestBody {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build()
}
