//! `/v1/people` and `/v1/organizations`: the account's users, and the account (second part of the Webex reference,
//! section 8).

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{Account, AccountId, DocumentOwner, User, UserId};
use rollcall_store::DocumentQuery;
use rollcall_webex::operations as op;
use rollcall_webex::{
    documents::ORGANIZATIONS,
    extras::PERSON,
    people::{machine, organization, person},
    person::{organization_id, user_ids},
    status::Status,
    wire,
};
use serde_json::{Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::{Query, require},
    paging::{Paging, utf8_json},
    people,
    responses::Errors,
};
use crate::state::{App, AppState};

const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: usize = 1_000;
/// Maximum number of ids in a request.
const MAX_IDS: usize = 85;
/// Maximum number of organizations of an account.
const MAX_ORGANIZATIONS: usize = 100;

/// Lists people.
///
/// Without `email`, `displayName` or `id`, the list has everybody and requires the scope `spark-admin:people_read`.
#[utoipa::path(
    get, path = op::LIST_PEOPLE.path, tag = "People", operation_id = op::LIST_PEOPLE.id,
    params(
        ("email" = Option<String>, Query, description = "The person with this address.", example = "john.andersen@example.com"),
        ("displayName" = Option<String>, Query, description = "People whose name begins with this text.", example = "John"),
        ("id" = Option<String>, Query, description = "People with these ids, separated by commas; at most 85. Unknown ones are in `notFoundIds`."),
        ("orgId" = Option<String>, Query, description = "Of this organization: the account's, or else the list is empty."),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 1000. Default: 100.", example = 100),
    ),
    responses((status = 200, description = "The people. A `Link` header points to the next page.", body = wire::People), Errors)
)]
pub(super) async fn list_people(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    refuse_unknown_filters(&query)?;
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let organization = Ours::of(&app, caller.account).await?;
    let page = |items: Vec<Value>| utf8_json(&json!({ "items": items }));
    if query.get("orgId").is_some_and(|asked| !organization.is(asked)) {
        return Ok(page(Vec::new()));
    }
    if let Some(ids) = query.get("id") {
        return by_ids(&app, &caller, &organization, ids).await;
    }
    if let Some(email) = query.get("email") {
        let found = app.store.find_user(caller.account, email).await?;
        let found = found.filter(|user| user.email.eq_ignore_ascii_case(email));
        return Ok(page(found.iter().map(|user| organization.show(user)).collect()));
    }
    let name = query.get("displayName");
    if name.is_none() {
        require(&caller, op::ADMIN_PEOPLE_READ)?;
    }
    let after = paging.after::<UserId>()?;
    let mut users = app.store.search_users(caller.account, name, after.as_ref(), paging.size + 1).await?;
    let has_more = users.len() > paging.size;
    users.truncate(paging.size);
    let next = users.last().filter(|_| has_more).map(User::user_id);
    Ok(paging.answer(&headers, page(users.iter().map(|user| organization.show(user)).collect()), next))
}

/// Rejects filters by values that are not stored.
fn refuse_unknown_filters(query: &Query) -> WebexResult<()> {
    match ["roles", "locationId"].into_iter().find(|name| query.get(name).is_some()) {
        Some(name) => {
            let sentence = format!("'{name}' is not supported: Rollcall does not store it");
            Err(WebexError::bad_request(sentence))
        }
        None => Ok(()),
    }
}

async fn by_ids(app: &App, caller: &Caller, organization: &Ours, ids: &str) -> WebexResult<Response> {
    let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.len() > MAX_IDS {
        return Err(WebexError::bad_request(format!("'id' has {} ids; at most {MAX_IDS} are allowed", ids.len())));
    }
    let (mut items, mut not_found) = (Vec::new(), Vec::new());
    for id in ids {
        match find(app, caller, organization, id).await? {
            Some(found) => items.push(found),
            None => not_found.push(id),
        }
    }
    Ok(utf8_json(&json!({ "items": items, "notFoundIds": not_found })))
}

/// Returns the person with that id: a user, or the account itself.
async fn find(app: &App, caller: &Caller, organization: &Ours, id: &str) -> WebexResult<Option<Value>> {
    let Ok(candidates) = user_ids(id) else { return Ok(None) };
    for candidate in &candidates {
        if let Some(user) = app.store.find_user(caller.account, candidate.as_str()).await? {
            return Ok(Some(organization.show(&user)));
        }
    }
    let is_machine = candidates.iter().any(|candidate| candidate.as_str() == organization.account.public_id);
    Ok(is_machine.then(|| organization.machine()))
}

/// Gets the person whom the access token acts for.
///
/// A token that acts for the account, as one of a service app does, belongs to a machine account.
#[utoipa::path(
    get, path = op::GET_MYSELF.path, tag = "People", operation_id = op::GET_MYSELF.id,
    responses((status = 200, description = "The person.", body = wire::Person), Errors)
)]
pub(super) async fn get_myself(State(app): State<AppState>, caller: Caller) -> WebexResult<Response> {
    let organization = Ours::of(&app, caller.account).await?;
    let Some(user) = &caller.user else { return Ok(utf8_json(&organization.machine())) };
    let user = app.store.find_user(caller.account, user.as_str()).await?.ok_or_else(people::unknown_id)?;
    Ok(utf8_json(&organization.show(&user)))
}

/// Gets a person.
#[utoipa::path(
    get, path = op::GET_PERSON.path, tag = "People", operation_id = op::GET_PERSON.id,
    params(("personId" = String, Path, description = "The person's id.", example = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xOGJiOWNjMC0zMWM2LTQ3MzYtYmE4OC0wMDk5ZmQzNDNmODE")),
    responses((status = 200, description = "The person.", body = wire::Person), Errors)
)]
pub(super) async fn get_person(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> WebexResult<Response> {
    let organization = Ours::of(&app, caller.account).await?;
    let found = find(&app, &caller, &organization, &id).await?;
    Ok(utf8_json(&found.ok_or_else(people::unknown_id)?))
}

/// Lists organizations.
///
/// The account is one organization, unless organizations were imported.
#[utoipa::path(
    get, path = op::LIST_ORGANIZATIONS.path, tag = "Organizations", operation_id = op::LIST_ORGANIZATIONS.id,
    responses((status = 200, description = "The organizations.", body = wire::Organizations), Errors)
)]
pub(super) async fn list_organizations(State(app): State<AppState>, caller: Caller) -> WebexResult<Response> {
    let organizations = Ours::of(&app, caller.account).await?;
    Ok(utf8_json(&json!({ "items": organizations.all() })))
}

/// Gets an organization.
#[utoipa::path(
    get, path = op::GET_ORGANIZATION.path, tag = "Organizations", operation_id = op::GET_ORGANIZATION.id,
    params(("orgId" = String, Path, description = "The organization's id.", example = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE")),
    responses((status = 200, description = "The organization.", body = wire::Organization), Errors)
)]
pub(super) async fn get_organization(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> WebexResult<Response> {
    let organizations = Ours::of(&app, caller.account).await?;
    let found = organizations.all().into_iter().find(|organization| organization["id"] == id);
    found
        .map(|found| utf8_json(&found))
        .ok_or_else(|| WebexError::new(Status::NotFound, format!("unknown 'orgId': {id}")))
}

/// The account as an organization, and the organizations that were imported instead.
pub(super) struct Ours {
    account: Account,
    imported: Vec<Value>,
}

impl Ours {
    /// Returns those of an account.
    pub(super) async fn of(app: &App, account: AccountId) -> WebexResult<Self> {
        let gone = || WebexError::new(Status::NotFound, "the access token's account does not exist");
        let account = app.store.account(account).await?.ok_or_else(gone)?;
        let query = DocumentQuery::all(ORGANIZATIONS, DocumentOwner::Account);
        let imported = app.store.list_documents(account.id, &query, None, MAX_ORGANIZATIONS).await?;
        let imported = imported.into_iter().filter_map(|(_, document)| serde_json::from_str(&document.json).ok());
        Ok(Self { account, imported: imported.collect() })
    }

    /// Returns the id of the first organization.
    pub(super) fn id(&self) -> String {
        let imported = self.imported.first().and_then(|organization| organization["id"].as_str());
        imported.map_or_else(|| organization_id(&self.account.public_id).to_string(), str::to_owned)
    }

    fn is(&self, id: &str) -> bool {
        self.all().iter().any(|organization| organization["id"] == id)
    }

    fn all(&self) -> Vec<Value> {
        if self.imported.is_empty() {
            let Account { public_id, name, created_at, .. } = &self.account;
            return vec![json!(organization(public_id, name, *created_at))];
        }
        self.imported.clone()
    }

    /// Returns a user with the values that Webex reported beyond the fields.
    fn show(&self, user: &User) -> Value {
        let shown = person(user, &self.id());
        rollcall_extras::merged(user.extras.as_ref(), PERSON.name, &shown).unwrap_or_else(|| json!(shown))
    }

    fn machine(&self) -> Value {
        let Account { public_id, name, created_at, .. } = &self.account;
        let machine = machine(public_id, name, *created_at);
        json!(wire::Person { org_id: Some(self.id()), ..machine })
    }
}
