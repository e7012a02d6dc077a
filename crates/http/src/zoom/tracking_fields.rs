//! `/tracking_fields`: labels that the account defines for its meetings (Zoom reference 6).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{Text, TrackingFieldDefinition, draw, drawn_text};
use rollcall_store::StoreError;
use rollcall_zoom::{operations as op, wire};

use super::{
    body::{Body, Fields},
    error::{ZoomError, ZoomResult},
    table::{Call, Row, serve},
};
use crate::routes::Route;

const MAX_LABEL: usize = 64;
const MAX_VALUE: usize = 256;
const MAX_VALUES: usize = 500;
/// The most fields of an account; Zoom documents no limit.
const MAX_FIELDS: usize = 200;

/// The routes of all operations on tracking fields.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let tag = "Tracking fields";
    [
        Row::new(&op::TRACKING_FIELDS, tag, "Lists the account's tracking fields.".to_owned(), serve(list))
            .answers::<wire::TrackingFieldDefinitions>(StatusCode::OK, "All fields; the list is not paged."),
        Row::new(&op::TRACKING_FIELD, tag, "Gets a tracking field.".to_owned(), serve(get))
            .answers::<wire::TrackingFieldDefinition>(StatusCode::OK, "The field."),
        Row::new(&op::CREATE_TRACKING_FIELD, tag, "Creates a tracking field.".to_owned(), serve(create))
            .body::<wire::NewTrackingField>()
            .answers::<wire::TrackingFieldDefinition>(StatusCode::CREATED, "The field, with its id."),
        Row::new(
            &op::UPDATE_TRACKING_FIELD,
            tag,
            "Changes a tracking field. Values that are left out stay. Meetings keep values under the former label; the \
             table `tracking_fields` in SQL joins them."
                .to_owned(),
            serve(update),
        )
        .body::<wire::NewTrackingField>(),
        Row::new(
            &op::DELETE_TRACKING_FIELD,
            tag,
            "Deletes a tracking field. Meetings keep their values.".to_owned(),
            serve(delete),
        ),
    ]
    .into_iter()
    .map(Row::route)
}

async fn list(call: Call) -> ZoomResult<Response> {
    let fields = call.app.store.tracking_fields(call.caller.account).await?;
    let tracking_fields: Vec<_> = fields.iter().map(wire::TrackingFieldDefinition::from).collect();
    let total_records = tracking_fields.len() as u64;
    Ok(Json(wire::TrackingFieldDefinitions { total_records, tracking_fields }).into_response())
}

async fn find(call: &Call) -> ZoomResult<TrackingFieldDefinition> {
    let found = call.app.store.find_tracking_field(call.caller.account, call.id()).await?;
    found.ok_or_else(|| unknown(call.id()))
}

fn unknown(id: &str) -> ZoomError {
    ZoomError::new(StatusCode::NOT_FOUND, 404, format!("Tracking field does not exist: {id}."))
}

async fn get(call: Call) -> ZoomResult<Response> {
    Ok(Json(wire::TrackingFieldDefinition::from(&find(&call).await?)).into_response())
}

async fn create(call: Call) -> ZoomResult<Response> {
    let mut field = TrackingFieldDefinition {
        id: drawn_text(&draw::<16>(&*call.app.entropy)).into(),
        label: Text::default(),
        recommended_values: Vec::new(),
        required: false,
        visible: false,
    };
    let body = Body::parse(&call.body)?;
    let fields = body.fields();
    read(&fields, &mut field);
    if !fields.has("field") {
        fields.missing("field");
    }
    body.finish()?;
    let made = call.app.store.create_tracking_field(call.caller.account, &field, MAX_FIELDS, call.now()).await;
    made.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(wire::TrackingFieldDefinition::from(&field))).into_response())
}

async fn update(call: Call) -> ZoomResult<Response> {
    let mut field = find(&call).await?;
    let body = Body::parse(&call.body)?;
    read(&body.fields(), &mut field);
    body.finish()?;
    match call.app.store.replace_tracking_field(call.caller.account, &field, call.now()).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(StoreError::NotFound { .. }) => Err(unknown(call.id())),
        Err(error) => Err(refused(error)),
    }
}

/// Reads the values that a body has.
fn read(fields: &Fields<'_>, field: &mut TrackingFieldDefinition) {
    if fields.has("field") {
        field.label = fields.required_text("field", MAX_LABEL);
    }
    if fields.has("recommended_values") {
        field.recommended_values = fields.texts("recommended_values", MAX_VALUES, MAX_VALUE);
    }
    field.required = fields.flag("required").unwrap_or(field.required);
    field.visible = fields.flag("visible").unwrap_or(field.visible);
}

fn refused(error: StoreError) -> ZoomError {
    let fix = match error {
        StoreError::Conflict { .. } => "Another tracking field has this label.".to_owned(),
        StoreError::LimitReached { .. } => format!("The account has {MAX_FIELDS} tracking fields: delete one first."),
        error => return error.into(),
    };
    let message = format!("Invalid field. {fix}");
    ZoomError::validation(vec![wire::FieldError { field: "field".to_owned(), message }])
}

async fn delete(call: Call) -> ZoomResult<Response> {
    match call.app.store.delete_tracking_field(call.caller.account, call.id()).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(unknown(call.id())),
    }
}
