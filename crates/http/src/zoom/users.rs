//! `GET /users` and `GET /users/{userId}`.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use rollcall_model::{Text, User, UserId, UserStatus};
use rollcall_store::UserQuery;
use rollcall_zoom::wire;

use super::{
    describe,
    error::{ZoomError, ZoomResult},
    extract::Path,
    instances::invalid_token,
    operations as op,
    paging::{Continuation, Paging, cut},
    query::Query,
    responses::{Errors, ObjectErrors},
};
use crate::{
    auth::Caller,
    state::{App, AppState},
};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 2_000;

/// Lists the account's users, ordered by id.
#[utoipa::path(
    get, path = "/v2/users", tag = "Users", operation_id = "users",
    params(
        ("status" = Option<String>, Query, description = "`active` (default), `inactive` or `pending`."),
        ("page_size" = Option<u32>, Query, description = "Records a page, 30 by default, at most 2000; more means 2000.", minimum = 1, maximum = 2000),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
        ("role_id" = Option<String>, Query, description = "Only users with this role."),
        ("include_fields" = Option<String>, Query, description = "`host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway."),
    ),
    responses((status = 200, description = "A page of users.", body = wire::Users), Errors)
)]
pub(super) async fn list_users(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::Users>> {
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
    Ok(Json(wire::Users { paging, page_number: page_number as u64, users }))
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
    get, path = "/v2/users/{userId}", tag = "Users", operation_id = "user",
    params(("userId" = String, Path, description = describe::USER)),
    responses((status = 200, description = "The user.", body = wire::UserDetail), ObjectErrors)
)]
pub(super) async fn get_user(
    State(app): State<AppState>,
    caller: Caller,
    Path(user_id): Path<String>,
) -> ZoomResult<Json<wire::UserDetail>> {
    let user = find_user(&app, &caller, &user_id).await?;
    let account = app.store.account(caller.account).await?;
    let account_id = account.map(|account| account.public_id).unwrap_or_default();
    Ok(Json(wire::UserDetail::new(&user, &account_id, false)))
}

/// The user that a path names: by id, by address, or as `me`.
pub(super) async fn find_user(app: &App, caller: &Caller, user_id: &str) -> ZoomResult<User> {
    let user_id = match (user_id, &caller.user) {
        ("me", Some(user)) => user.as_str(),
        ("me", None) => {
            let message = "Invalid user id: `me` needs a token that acts for a user; name the user instead.";
            return Err(ZoomError::new(StatusCode::BAD_REQUEST, 300, message));
        }
        (user_id, _) => user_id,
    };
    let found = app.store.find_user(caller.account, user_id).await?;
    found.ok_or_else(|| ZoomError::new(StatusCode::NOT_FOUND, 1001, format!("User does not exist: {user_id}.")))
}
