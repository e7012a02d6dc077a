//! The operations whose entries are kept as the vendor sent them: one handler for all of them, described by their table.

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rollcall_auth::Caller;
use rollcall_model::{Document, DocumentOwner, MeetingKind, Text};
use rollcall_store::{DocumentCursor, DocumentQuery, StoredInstance};
use rollcall_zoom::kept::{BESIDE, Beside, Filter, Kept, Owner, Shape, Window};
use serde_json::{Map, Value, value::RawValue};

use super::{
    error::{ZoomError, ZoomResult},
    extract::Ids,
    instances::invalid_token,
    meetings::find_meeting,
    paging::{Continuation, Paging, cut},
    query::{Query, earliest},
    resolve::{Asked, Wording, find_instance, parse_instance_ref},
    users::find_user,
};
use crate::{
    routes::{Route, handle},
    state::{App, AppState},
};

mod describe;

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;
/// Lists in one piece are limited to this many entries.
const MAX_ENTRIES: usize = 5_000;

/// The routes of all kept operations.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    rollcall_zoom::kept::all().map(|kept| {
        let handler = move |State(app): State<AppState>, caller: Caller, ids: Ids, RawQuery(query): RawQuery| async move {
            serve(&app, &caller, kept, &ids.0, query.as_deref()).await
        };
        Route {
            operation: kept.operation,
            handler: handle(kept.operation, handler),
            describe: Box::new(move || describe::operation(kept)),
        }
    })
}

/// Whose entries are listed.
struct Whose {
    owner: DocumentOwner,
    instance: Option<Box<StoredInstance>>,
}

impl From<DocumentOwner> for Whose {
    fn from(owner: DocumentOwner) -> Self {
        Self { owner, instance: None }
    }
}

async fn serve(
    app: &AppState,
    caller: &Caller,
    kept: &Kept,
    ids: &[String],
    raw_query: Option<&str>,
) -> ZoomResult<Response> {
    let id = ids.first().map(String::as_str).unwrap_or_default();
    let mut query = Query::new(raw_query, kept.operation.id, id);
    let asked = match kept.owner {
        Owner::Instance(_) => Asked::read(&mut query, Asked::LIVE_PAST_OR_ONE),
        _ => Asked::Past,
    };
    let parameter = match kept.owner {
        Owner::Parameter(name) => query.required(name),
        _ => String::new(),
    };
    let window = match kept.window {
        Window::No => None,
        Window::Required => query.window(earliest(app)),
        Window::Optional if query.get("from").or(query.get("to")).is_none() => None,
        Window::Optional => query.window(earliest(app)),
    };
    let with: Vec<_> = kept.filters.iter().filter_map(|filter| filtered(&mut query, filter)).collect();
    let size = match kept.shape {
        Shape::Pages(_) | Shape::CountedPages(_) => query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
        Shape::Object | Shape::All(_) | Shape::Counted(_) => MAX_ENTRIES,
    };
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);

    let whose = whose(app, caller, kept, id, asked, parameter).await?;
    let documents = DocumentQuery {
        kind: kept.kind.into(),
        owner: whose.owner,
        from: window.as_ref().map(|window| window.from),
        before: window.as_ref().map(|window| window.before),
        with,
    };
    let Some(list) = kept.shape.list() else {
        let found = app.store.find_document(caller.account, kept.kind, &documents.owner, "").await?;
        let json = found.map(|found| found.json).or_else(|| kept.default.map(str::to_owned));
        let json = json.ok_or_else(|| unknown(kept, id))?;
        return Ok(([(header::CONTENT_TYPE, "application/json")], Body::from(json)).into_response());
    };
    let token = paging.open::<(i64, i64)>(token.as_deref()).map_err(|_| invalid_token())?;
    let after =
        token.as_ref().map(|Continuation { cursor: (at_ms, row), .. }| DocumentCursor { at_ms: *at_ms, row: *row });
    // Two more: the one that says that there is another page, and the values beside the list.
    let mut rows = app.store.list_documents(caller.account, &documents, after, size + 2).await?;
    let beside = beside(app, caller, kept, &documents.owner, whose.instance.as_deref()).await?;
    rows.retain(|(_, document)| document.key != BESIDE);
    let next = cut(&mut rows, size).map(|(cursor, _)| (cursor.at_ms, cursor.row));
    let total = match (kept.shape, token, &next) {
        (_, Some(Continuation { total, .. }), _) => total,
        (Shape::CountedPages(_), None, Some(_)) => app.store.count_documents(caller.account, &documents).await?,
        _ => rows.len() as u64,
    };
    let page = Page { kept, list, window: window.map(|window| (window.from_text, window.to_text)), beside };
    let next_page_token = match kept.shape {
        Shape::Pages(_) | Shape::CountedPages(_) => paging.seal(total, next),
        _ => String::new(),
    };
    Ok(page.print(&paging, total, &next_page_token, rows.into_iter().map(|(_, document)| document)))
}

/// Returns the values of a field that a parameter asks for. `None` if every entry matches.
fn filtered(query: &mut Query<'_>, filter: &Filter) -> Option<(Text, Vec<Text>)> {
    let values: Vec<Text> = if filter.words.is_empty() {
        let given = Text::from(query.get(filter.name)?);
        query.bind(filter.name, &given);
        vec![given]
    } else {
        let values = query.choice(filter.name, filter.words);
        values.iter().map(|value| Text::from(*value)).collect()
    };
    (!values.is_empty()).then(|| (filter.field.into(), values))
}

async fn whose(
    app: &App,
    caller: &Caller,
    kept: &Kept,
    id: &str,
    asked: Asked,
    parameter: String,
) -> ZoomResult<Whose> {
    let (kind, asked) = match kept.owner {
        Owner::Account => return Ok(DocumentOwner::Account.into()),
        Owner::Parameter(_) => return Ok(DocumentOwner::Record(parameter.into()).into()),
        Owner::Record("account") if id == "me" => {
            let account = app.store.account(caller.account).await?;
            let id = account.map(|account| account.public_id).unwrap_or_default();
            return Ok(DocumentOwner::Record(id).into());
        }
        Owner::Record(_) => return Ok(DocumentOwner::Record(id.into()).into()),
        Owner::User => {
            let user = find_user(app, caller, id).await?;
            // Imported responses name the user as their request did.
            for name in [user.id, user.email] {
                let owner = DocumentOwner::Record(name);
                if app.store.find_document(caller.account, kept.kind, &owner, "").await?.is_some() {
                    return Ok(owner.into());
                }
            }
            return Err(unknown(kept, id));
        }
        Owner::Meeting(kind) => {
            let meeting = find_meeting(app, caller, kind, &rollcall_zoom::path::decode_id(id)).await?;
            return Ok(DocumentOwner::Meeting(kind, meeting.number).into());
        }
        Owner::Past(kind) => (kind, Asked::Past),
        Owner::Instance(kind) => (kind, asked),
    };
    let found = find_instance(app, caller, kind, &parse_instance_ref(kind, id)?, asked, wording(kind)).await?;
    let owner = DocumentOwner::Instance(found.instance.uuid.clone());
    Ok(Whose { owner, instance: Some(Box::new(found)) })
}

const fn wording(kind: MeetingKind) -> Wording {
    match kind {
        MeetingKind::Meeting => Wording { unavailable: "Meeting not found or has expired." },
        MeetingKind::Webinar => Wording { unavailable: "Webinar not found or has expired." },
    }
}

fn unknown(kept: &Kept, id: &str) -> ZoomError {
    let what = match kept.owner {
        Owner::Record(what) => format!("The {what} {id} is not known"),
        _ => format!("Nothing is known of {id} here"),
    };
    ZoomError::new(StatusCode::NOT_FOUND, 1001, format!("{what}: import a response of this operation."))
}

/// Returns the values beside the list.
async fn beside(
    app: &App,
    caller: &Caller,
    kept: &Kept,
    owner: &DocumentOwner,
    instance: Option<&StoredInstance>,
) -> ZoomResult<Map<String, Value>> {
    let mut values = Map::new();
    let from_response = kept.beside.iter().any(|(from, _)| *from == Beside::Response);
    if from_response && let Some(stored) = app.store.find_document(caller.account, kept.kind, owner, BESIDE).await? {
        values = serde_json::from_str(&stored.json).unwrap_or_default();
    }
    for (from, value) in kept.beside {
        let of_instance = match (from, instance.map(|instance| &instance.instance)) {
            (Beside::Number, Some(instance)) => instance.number.map(|number| number.0.into()),
            (Beside::Uuid, Some(instance)) => Some(instance.uuid.as_str().into()),
            (Beside::Start, Some(instance)) => instance.start_time.map(|time| time.to_string().into()),
            _ => None,
        };
        if let Some(of_instance) = of_instance {
            values.insert(value.name.to_owned(), of_instance);
        }
    }
    Ok(values)
}

/// A page of a list.
struct Page<'k> {
    kept: &'k Kept,
    list: &'static str,
    /// The window as it was asked for.
    window: Option<(String, String)>,
    beside: Map<String, Value>,
}

impl Page<'_> {
    fn print(
        self,
        paging: &Paging<'_>,
        total: u64,
        next_page_token: &str,
        documents: impl Iterator<Item = Document>,
    ) -> Response {
        let mut body = self.beside;
        let keys = paging.keys(total, next_page_token);
        if let Some((from, to)) = self.window {
            body.insert("from".to_owned(), from.into());
            body.insert("to".to_owned(), to.into());
        }
        match self.kept.shape {
            Shape::Object | Shape::All(_) => {}
            Shape::Counted(_) => {
                body.insert("total_records".to_owned(), total.into());
            }
            Shape::Pages(_) | Shape::CountedPages(_) => {
                body.insert("page_size".to_owned(), keys.page_size.into());
                body.insert("next_page_token".to_owned(), next_page_token.into());
                if matches!(self.kept.shape, Shape::CountedPages(_)) {
                    body.insert("page_count".to_owned(), keys.page_count.into());
                    body.insert("total_records".to_owned(), total.into());
                }
            }
        }
        let entries: Vec<Box<RawValue>> =
            documents.filter_map(|document| RawValue::from_string(document.json).ok()).collect();
        Json(WithList { beside: body, list: self.list, entries }).into_response()
    }
}

/// An object with a list among its values.
struct WithList {
    beside: Map<String, Value>,
    list: &'static str,
    entries: Vec<Box<RawValue>>,
}

impl serde::Serialize for WithList {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(Some(self.beside.len() + 1))?;
        for (key, value) in &self.beside {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry(self.list, &self.entries)?;
        map.end()
    }
}
