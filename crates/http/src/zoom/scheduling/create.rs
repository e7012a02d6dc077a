//! Scheduling a meeting or webinar.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{Meeting, MeetingKind, MeetingNumber, ScheduleChange, draw, drawn_text};
use rollcall_store::StoreError;
use rollcall_zoom::{extras, wire};
use serde_json::Value;

use super::{plan::Known, store};
use crate::{
    extended,
    zoom::{
        body::Body,
        error::{ZoomError, ZoomResult},
        table::Call,
        users::find_user,
    },
};

/// Numbers that are tried before giving up; each is free with near certainty.
const TRIES: usize = 8;

pub(super) async fn create(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let host = find_user(&call.app, &call.caller, call.id()).await?;
    if kind == MeetingKind::Webinar && host.has_webinar_license == Some(false) {
        let message = format!(
            "Webinar plan subscription is missing. Enable webinar for this user once the subscription is added:{}.",
            host.id
        );
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 200, message));
    }
    let body = Body::parse(&call.body)?;
    let known = Known { kind, meeting: None, zone: host.timezone.as_deref(), now: call.now() };
    let mut object = known.read(&body.fields());
    body.finish()?;

    let number = free_number(&call, kind).await?;
    let drawn: [u8; 48] = draw(&*call.app.entropy);
    let pwd = drawn_text(&drawn[16..32]);
    let uuid = format!("{}==", drawn_text(&drawn[..16]).replace('-', "+").replace('_', "/"));
    let approval = object["settings"]["approval_type"].as_i64();
    let passcode = object.get("password").and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let base = &call.base_url;
    let mut tell = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    tell("uuid", uuid.into());
    tell("host_id", host.id.as_str().into());
    tell("host_email", host.email.as_str().into());
    tell("status", "waiting".into());
    tell("created_at", call.now().to_string().into());
    tell("creation_source", "open_api".into());
    tell("start_url", format!("{base}/s/{number}").into());
    tell("join_url", format!("{base}/j/{number}?pwd={pwd}").into());
    if let Some(passcode) = passcode {
        let dialled = dialled(&passcode, &drawn[32..36]);
        tell("h323_password", dialled.clone().into());
        tell("pstn_password", dialled.into());
        tell("encrypted_password", pwd.into());
    }
    if matches!(approval, Some(0 | 1)) {
        let word = if kind == MeetingKind::Meeting { "meeting" } else { "webinar" };
        let token = drawn_text(&drawn[32..]);
        tell("registration_url", format!("{base}/{word}/register/WN_{token}").into());
    }
    store(&call, kind, ScheduleChange::Created, number, object).await?;
    let made = call.app.store.find_meeting(call.caller.account, kind, number).await?;
    let made: Meeting = made.ok_or_else(|| StoreError::NotFound { what: format!("meeting {number}") })?;
    let answer = extended::entry(&wire::Meeting::from(&made), extras::MEETING.name, made.extras.as_ref());
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Returns the passcode for telephones and room systems, which only have digits: the same if it has only digits, or else
/// six drawn ones, as in Zoom.
fn dialled(passcode: &str, drawn: &[u8]) -> String {
    if passcode.bytes().all(|byte| byte.is_ascii_digit()) {
        return passcode.to_owned();
    }
    let number = drawn.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}

/// Draws a number that neither a meeting nor a webinar has.
async fn free_number(call: &Call, kind: MeetingKind) -> ZoomResult<MeetingNumber> {
    for _ in 0..TRIES {
        let drawn = u64::from_le_bytes(draw(&*call.app.entropy)) % 20_000_000_000;
        let number = MeetingNumber(80_000_000_000 + i64::try_from(drawn).unwrap_or_default());
        let other = if kind == MeetingKind::Meeting { MeetingKind::Webinar } else { MeetingKind::Meeting };
        let (store, account) = (&call.app.store, call.caller.account);
        if store.find_meeting(account, kind, number).await?.is_none()
            && store.find_meeting(account, other, number).await?.is_none()
        {
            return Ok(number);
        }
    }
    Err(StoreError::Conflict { what: "every number that was drawn".to_owned() }.into())
}
