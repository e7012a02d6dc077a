//! `GET /users`, `GET /users/{userId}`, and checks whether an email address or a room's name is taken.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{Text, User, UserId, UserStatus};
use rollcall_store::UserQuery;
use rollcall_zoom::operations as op;
use rollcall_zoom::{extras, wire};

use super::{
    describe,
    error::{ZoomError, ZoomResult},
    extract::Path,
    instances::invalid_token,
    paging::{Continuation, Paging, cut},
    query::Query,
    responses::{Errors, ObjectErrors},
};
use crate::{
    extended,
    state::{App, AppState},
};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 2_000;

/// Lists the account's users, ordered by id.
#[utoipa::path(
    get, path = op::USERS.path, tag = "Users", operation_id = op::USERS.id,
    params(
        ("status" = Option<String>, Query, description = "`active` (default), `inactive` or `pending`."),
        ("page_size" = Option<u32>, Query, description = "Records per page, at most 2000; larger values mean 2000. Default: 30.", minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
        ("role_id" = Option<String>, Query, description = "Only users with this role."),
        ("include_fields" = Option<String>, Query, description = "`host_key` adds it to each user. `custom_attributes` is accepted; they are always included."),
    ),
    responses((status = 200, description = "A page of users.", body = wire::Users), Errors)
)]
pub(super) async fn list_users(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let mut query = Query::new(query.as_deref(), op::USERS.id, "");
    let status = query.choice(
        "status",
        &[("active", UserStatus::Active), ("inactive", UserStatus::Inactive), ("pending", UserStatus::Pending)],
    );
    let role_id = query.get("role_id").map(Text::from);
    query.bind("role_id", role_id.as_deref().unwrap_or_default());
    let include_host_key = query.includes("include_fields", "host_key");
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let page_number = query.page_number();
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(&app, &caller, query.finish()?, size);

    let users = UserQuery { status, role_id };
    let (total, after) = match paging.open::<String>(token.as_deref()).map_err(|_| invalid_token())? {
        Some(Continuation { total, cursor }) => (total, Some(UserId::from(cursor))),
        None => {
            let total = app.store.count_users(caller.account, &users).await?;
            (total, skip_pages(&app, &caller, &users, size, page_number).await?)
        }
    };
    let mut rows = match (after, page_number) {
        (None, 2..) => Vec::new(),
        (after, _) => app.store.list_users(caller.account, &users, after.as_ref(), size + 1).await?,
    };
    let next = cut(&mut rows, size).map(|last| last.id.to_string());
    let next_page_token = paging.seal(total, next);
    let users = rows.iter().map(|user| wire::User::new(user, include_host_key)).collect();
    let paging = (&paging.keys(total, &next_page_token)).into();
    let page = wire::Users { paging, page_number: page_number as u64, users };
    Ok(extended::page(&page, "users", extras::USER_ITEM.name, rows.iter().map(|user| user.extras.as_ref())))
}

/// Returns the last user of the pages before `page_number`. `None` for the first page, or if the list ends before.
///
/// The legacy numbers have no key to continue at, so the pages before are walked.
async fn skip_pages(
    app: &App,
    caller: &Caller,
    query: &UserQuery,
    size: usize,
    page_number: usize,
) -> ZoomResult<Option<UserId>> {
    let mut after = None;
    for _ in 1..page_number {
        let page = app.store.list_users(caller.account, query, after.as_ref(), size).await?;
        if page.len() < size {
            return Ok(None);
        }
        after = page.last().map(User::user_id);
    }
    Ok(after)
}

/// Gets one user.
#[utoipa::path(
    get, path = op::USER.path, tag = "Users", operation_id = op::USER.id,
    params(("userId" = String, Path, description = describe::USER)),
    responses((status = 200, description = "The user.", body = wire::UserDetail), ObjectErrors)
)]
pub(super) async fn get_user(
    State(app): State<AppState>,
    caller: Caller,
    Path(user_id): Path<String>,
) -> ZoomResult<Response> {
    let user = find_user(&app, &caller, &user_id).await?;
    let account = app.store.account(caller.account).await?;
    let account_id = account.map(|account| account.public_id).unwrap_or_default();
    let detail = wire::UserDetail::new(&user, &account_id, false);
    Ok(extended::entry(&detail, extras::USER.name, user.extras.as_ref()))
}

/// Checks whether a user has this address.
#[utoipa::path(
    get, path = op::USER_EMAIL.path, tag = "Users", operation_id = op::USER_EMAIL.id,
    params(("email" = String, Query, description = "The email address, regardless of case.", example = "jchill@example.com")),
    responses((status = 200, description = "Whether a user has it.", body = wire::UserEmail), Errors)
)]
pub(super) async fn check_user_email(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::UserEmail>> {
    let email = asked(query.as_deref(), op::USER_EMAIL.id, "email")?;
    let found = app.store.find_user(caller.account, &email).await?;
    let existed_email = found.is_some_and(|user| user.email.to_lowercase() == email.to_lowercase());
    Ok(Json(wire::UserEmail { existed_email }))
}

/// Checks whether a user's personal meeting room has this name.
#[utoipa::path(
    get, path = op::USER_VANITY_NAME.path, tag = "Users", operation_id = op::USER_VANITY_NAME.id,
    params(("vanity_name" = String, Query, description = "The name: the last part of the room's URL.", example = "jillchill")),
    responses((status = 200, description = "Whether a room has it.", body = wire::UserVanityName), Errors)
)]
pub(super) async fn check_user_vanity_name(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::UserVanityName>> {
    let name = asked(query.as_deref(), op::USER_VANITY_NAME.id, "vanity_name")?;
    let existed = app.store.has_vanity_name(caller.account, &name).await?;
    Ok(Json(wire::UserVanityName { existed }))
}

/// Returns the one required parameter of a request.
fn asked(raw_query: Option<&str>, operation: &str, name: &str) -> ZoomResult<String> {
    let mut query = Query::new(raw_query, operation, "");
    let value = query.required(name);
    query.finish()?;
    Ok(value)
}

/// The role of the account's owner.
const OWNER_ROLE: &str = "0";

/// Returns the user in a path: by id, by email address, or as `me`, the user that the token acts for. A
/// Server-to-Server token acts for no user; for it, `me` is the account's owner, as in Zoom.
pub(super) async fn find_user(app: &App, caller: &Caller, user_id: &str) -> ZoomResult<User> {
    let user_id = match (user_id, &caller.user) {
        ("me", Some(user)) => user.as_str(),
        ("me", None) => {
            let owners = UserQuery { role_id: Some(Text::const_new(OWNER_ROLE)), ..UserQuery::default() };
            let owner = app.store.list_users(caller.account, &owners, None, 1).await?.pop();
            return owner.ok_or_else(|| {
                let message = "User does not exist: me is the account's owner (role_id 0), and no user with this role \
                               is known; name the user by id or address.";
                ZoomError::new(StatusCode::NOT_FOUND, 1001, message)
            });
        }
        (user_id, _) => user_id,
    };
    let found = app.store.find_user(caller.account, user_id).await?;
    found.ok_or_else(|| ZoomError::new(StatusCode::NOT_FOUND, 1001, format!("User does not exist: {user_id}.")))
}
