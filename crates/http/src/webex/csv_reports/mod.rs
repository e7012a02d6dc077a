//! `/v1/report/templates` and `/v1/reports`: reports to download as CSV (second part of the Webex reference, section 9).

mod download;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use rollcall_model::{Document, DocumentOwner, Text, Timestamp, draw};
use rollcall_store::DocumentQuery;
use rollcall_webex::operations as op;
use rollcall_webex::{
    csv_report::{self, Order, SERVICE, TEMPLATES},
    documents::REPORTS,
    person,
    rules::parse_order,
    status::Status,
    wire,
};
use serde_json::json;

use super::{
    ended_runs::ReportSites,
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query},
    paging::utf8_json,
    responses::{ChangeErrors, Errors},
    runs::instant,
};
use crate::{
    state::{App, AppState},
    surface::public_url,
};

pub(super) use download::*;

/// Maximum number of reports of an account. Webex's list is not paged.
const MAX_REPORTS: usize = 1_000;

/// Lists report templates.
///
/// The kinds of reports that can be created. Ids differ from Webex's, so choose a template by its title.
#[utoipa::path(
    get, path = op::LIST_REPORT_TEMPLATES.path, tag = "Report Templates", operation_id = op::LIST_REPORT_TEMPLATES.id,
    responses((status = 200, description = "The templates.", body = wire::ReportTemplates), Errors)
)]
pub(super) async fn list_report_templates(_: Caller) -> Response {
    let items: Vec<_> = TEMPLATES.iter().map(csv_report::Template::shown).collect();
    utf8_json(&wire::ReportTemplates { number_of_template: items.len(), items })
}

/// Lists reports.
#[utoipa::path(
    get, path = op::LIST_REPORTS.path, tag = "Reports", operation_id = op::LIST_REPORTS.id,
    params(
        ("reportId" = Option<String>, Query, description = "Only the report with this id.", example = "Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg"),
        ("service" = Option<String>, Query, description = "Only of this service.", example = "Webex Meetings"),
        ("templateId" = Option<i64>, Query, description = "Only of this template.", example = 1),
        ("from" = Option<String>, Query, description = "Created on this date or later. Requires `to`.", example = "2026-09-01"),
        ("to" = Option<String>, Query, description = "Created before this date. Requires `from`.", example = "2026-10-01"),
    ),
    responses((status = 200, description = "The reports; the list is not paged.", body = wire::Reports), Errors)
)]
pub(super) async fn list_reports(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let template = query.get("templateId").map(str::parse::<i64>).transpose();
    let template = template.map_err(|_| WebexError::bad_request("'templateId' must be a whole number"))?;
    let window = match (instant(&query, "from")?, instant(&query, "to")?) {
        (None, None) => None,
        (Some(from), Some(to)) if from < to => Some(from..to),
        (Some(_), Some(_)) => return Err(WebexError::bad_request("'from' must be before 'to'")),
        _ => return Err(WebexError::bad_request("'from' and 'to' must be given together")),
    };
    let all = DocumentQuery {
        from: window.as_ref().map(|window| window.start),
        before: window.as_ref().map(|window| window.end),
        ..DocumentQuery::all(REPORTS, DocumentOwner::Account)
    };
    let found = app.store.list_documents(caller.account, &all, None, MAX_REPORTS).await?;
    let reports = found.into_iter().filter_map(|(_, document)| Report::read(document));
    let items = reports
        .filter(|report| {
            query.get("reportId").is_none_or(|id| report.id == id)
                && query.get("service").is_none_or(|service| service.eq_ignore_ascii_case(SERVICE))
                && template.is_none_or(|template| report.order.template_id == template)
        })
        .map(|report| report.shown(&app, &headers))
        .collect();
    Ok(answer(items))
}

/// Creates a report.
///
/// It can be downloaded at once: its rows are read when it is downloaded, so they include what was corrected or erased
/// since its creation.
#[utoipa::path(
    post, path = op::CREATE_REPORT.path, tag = "Reports", operation_id = op::CREATE_REPORT.id,
    request_body = wire::ReportOrder,
    responses((status = 200, description = "The id of the report.", body = wire::CreatedReport), ChangeErrors)
)]
pub(super) async fn create_report(
    State(app): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let mut order = parse_order(&body)?;
    ReportSites::check(&app, &caller, "siteList", order.sites.clone()).await?;
    order.created_by = caller.user.as_ref().map(person::id_of);
    let all = DocumentQuery::all(REPORTS, DocumentOwner::Account);
    if app.store.count_documents(caller.account, &all).await? >= MAX_REPORTS as u64 {
        let sentence = format!("the organization has {MAX_REPORTS} reports, the maximum: delete some first");
        return Err(WebexError::new(Status::Conflict, sentence));
    }
    let id = csv_report::id(draw(&*app.entropy));
    let document = Document {
        kind: Text::const_new(REPORTS),
        owner: DocumentOwner::Account,
        key: id.clone(),
        time: Some(app.now()),
        json: json!(order).to_string(),
    };
    app.store.put_documents(caller.account, &[document]).await?;
    let id = Some(id.to_string());
    Ok(utf8_json(&wire::CreatedReport { items: wire::ReportId { id: id.clone(), capital_id: id } }))
}

/// Gets a report.
///
/// The response is a list with one report, as in Webex.
#[utoipa::path(
    get, path = op::GET_REPORT.path, tag = "Reports", operation_id = op::GET_REPORT.id,
    params(("reportId" = String, Path, description = "The report's id.", example = "Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg")),
    responses((status = 200, description = "The report.", body = wire::Reports), Errors)
)]
pub(super) async fn get_report(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> WebexResult<Response> {
    let report = find(&app, &caller, &id).await?;
    Ok(answer(vec![report.shown(&app, &headers)]))
}

/// Deletes a report.
#[utoipa::path(
    delete, path = op::DELETE_REPORT.path, tag = "Reports", operation_id = op::DELETE_REPORT.id,
    params(("reportId" = String, Path, description = "The report's id.", example = "Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg")),
    responses((status = 204, description = "It is deleted."), Errors)
)]
pub(super) async fn delete_report(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> WebexResult<Response> {
    let is_deleted = app.store.delete_document(caller.account, REPORTS, &DocumentOwner::Account, &id).await?;
    if is_deleted { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(unknown(&id)) }
}

/// A report with its id and the time of its creation.
struct Report {
    id: Text,
    created: Timestamp,
    order: Order,
}

impl Report {
    fn read(document: Document) -> Option<Self> {
        let order = serde_json::from_str(&document.json).ok()?;
        Some(Self { id: document.key, created: document.time?, order })
    }

    fn shown(&self, app: &App, headers: &HeaderMap) -> wire::Report {
        self.order.shown(&self.id, self.created, &format!("{}/", public_url(&app.settings, headers)))
    }
}

async fn find(app: &App, caller: &Caller, id: &str) -> WebexResult<Report> {
    let found = app.store.find_document(caller.account, REPORTS, &DocumentOwner::Account, id).await?;
    found.and_then(Report::read).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> WebexError {
    WebexError::new(Status::NotFound, format!("unknown 'reportId': {id}"))
}

fn answer(items: Vec<wire::Report>) -> Response {
    utf8_json(&wire::Reports { number_of_reports: items.len(), items })
}
