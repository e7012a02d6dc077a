//! The API description of kept operations, from their table.

use axum::routing::MethodRouter;
use rollcall_zoom::kept::{Form, Kept, Owner, Shape, Value, Window};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, PathsBuilder, RefOr, Required, ResponseBuilder, Responses, ResponsesBuilder, Schema,
    path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem},
    schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type},
};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::{
    state::AppState,
    zoom::{describe, responses::ObjectErrors},
};

/// Returns the description of an operation, as `utoipa_axum::routes!` would.
pub(super) fn operation(kept: &Kept) -> UtoipaMethodRouter<AppState> {
    let operation = OperationBuilder::new()
        .operation_id(Some(kept.operation.id))
        .tag(kept.tag)
        .summary(Some(kept.summary))
        .parameters(Some(parameters(kept)))
        .responses(responses(kept));
    let item = PathItem::new(HttpMethod::Get, operation.build());
    (Vec::new(), PathsBuilder::new().path(kept.operation.path, item).build(), MethodRouter::new())
}

fn parameters(kept: &Kept) -> Vec<Parameter> {
    let mut all = Vec::new();
    let mut add = |name: &str, place: ParameterIn, required: bool, schema: Schema, meaning: &str| {
        let required = if required { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required);
        all.push(parameter.description(Some(meaning)).schema(Some(schema)).build());
    };
    for name in kept.operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let (schema, meaning) = match kept.owner {
            Owner::Past(_) | Owner::Instance(_) => (text(), describe::MEETING_INSTANCE.to_owned()),
            Owner::Meeting(_) => (whole(), describe::MEETING_NUMBER.to_owned()),
            Owner::User => (text(), describe::USER.to_owned()),
            Owner::Record("account") => (text(), "The account's id, or `me` for the token's account.".to_owned()),
            Owner::Record(what) => (text(), format!("The id of the {what}.")),
            Owner::Account | Owner::Parameter(_) => (text(), name.to_owned()),
        };
        add(name, ParameterIn::Path, true, schema.build().into(), &meaning);
    }
    let mut ask = |name: &str, required: bool, schema: ObjectBuilder, meaning: &str| {
        add(name, ParameterIn::Query, required, schema.build().into(), meaning);
    };
    match kept.owner {
        Owner::Instance(_) => ask("type", false, text(), describe::LIVE_PAST_OR_ONE),
        Owner::Parameter(name) => ask(name, true, text(), "Id of the record whose entries are listed."),
        _ => {}
    }
    if kept.window != Window::No {
        let required = kept.window == Window::Required;
        // An optional window may be blank, which is no date.
        let day = || if required { text().format(known(KnownFormat::Date)) } else { text() };
        ask("from", required, day(), "First day or time, in UTC.");
        ask("to", required, day(), describe::WINDOW_END);
    }
    for filter in kept.filters {
        let words: Vec<&str> = filter.words.iter().map(|(word, _)| *word).collect();
        let schema = if words.is_empty() { text() } else { text().enum_values(Some(words)) };
        ask(filter.name, false, schema, filter.meaning);
    }
    if matches!(kept.shape, Shape::Pages(_) | Shape::CountedPages(_)) {
        ask("page_size", false, ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)), describe::PAGE_SIZE);
        ask("next_page_token", false, text(), describe::NEXT_PAGE_TOKEN);
    }
    all
}

fn responses(kept: &Kept) -> Responses {
    let content = ContentBuilder::new().schema(Some(body(kept))).build();
    let meaning = match kept.shape {
        Shape::Object => "The record as the vendor sent it.",
        Shape::All(_) | Shape::Counted(_) => "All entries; the list is not paged.",
        Shape::Pages(_) | Shape::CountedPages(_) => "A page of entries.",
    };
    let success = ResponseBuilder::new().description(meaning).content("application/json", content).build();
    ResponsesBuilder::new().response("200", success).responses_from_into_responses::<ObjectErrors>().build()
}

/// Returns the schema of the response.
fn body(kept: &Kept) -> Schema {
    let Some(list) = kept.shape.list() else { return object(kept.fields).build().into() };
    let mut body = ObjectBuilder::new();
    if kept.window != Window::No {
        let day = |meaning: &'static str, day: &'static str| described(text(), meaning, day);
        body = body
            .property("from", day("First day or time of the window, as requested.", "2026-03-01"))
            .property("to", day("Last day or time of the window, as requested.", "2026-03-31"));
    }
    if matches!(kept.shape, Shape::Pages(_) | Shape::CountedPages(_)) {
        body = body
            .property("page_size", described(whole(), "Most entries of a page.", 30))
            .property("next_page_token", described(text(), "Token of the next page; blank on the last page.", ""));
    }
    if matches!(kept.shape, Shape::CountedPages(_)) {
        body = body.property("page_count", described(whole(), "Number of pages.", 1));
    }
    if matches!(kept.shape, Shape::CountedPages(_) | Shape::Counted(_)) {
        body = body.property("total_records", described(whole(), "Number of entries.", 1));
    }
    for (_, value) in kept.beside {
        body = body.property(value.name, schema(value));
    }
    let entries = ArrayBuilder::new().items(object(kept.fields)).description(Some("The entries."));
    body.property(list, entries).required(list).build().into()
}

fn object(fields: &[Value]) -> ObjectBuilder {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    fields.iter().fold(object, |object, value| object.property(value.name, schema(value)))
}

fn schema(value: &Value) -> RefOr<Schema> {
    let meaning = Some(value.meaning);
    let plain = |schema: ObjectBuilder| described(schema, value.meaning, value.form.example());
    match value.form {
        Form::Text(_) => plain(text()),
        Form::Time(_) => plain(text().format(known(KnownFormat::DateTime))),
        Form::Day(_) => plain(text().format(known(KnownFormat::Date))),
        Form::Whole(_) => plain(whole()),
        Form::Number(_) => plain(ObjectBuilder::new().schema_type(Type::Number)),
        Form::Flag(_) => plain(ObjectBuilder::new().schema_type(Type::Boolean)),
        Form::Texts(_) => Schema::from(ArrayBuilder::new().items(text()).description(meaning).build()).into(),
        Form::List(fields) => {
            Schema::from(ArrayBuilder::new().items(object(fields)).description(meaning).build()).into()
        }
        Form::Object(fields) => Schema::from(object(fields).description(meaning).build()).into(),
        Form::Any => Schema::from(object(&[]).description(meaning).build()).into(),
    }
}

fn described(schema: ObjectBuilder, meaning: &str, example: impl Into<serde_json::Value>) -> RefOr<Schema> {
    Schema::from(schema.description(Some(meaning)).examples([example.into()]).build()).into()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn whole() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).format(known(KnownFormat::Int64))
}

fn known(format: KnownFormat) -> Option<SchemaFormat> {
    Some(SchemaFormat::KnownFormat(format))
}
