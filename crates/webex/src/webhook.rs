//! Webhooks that Rollcall sends, as Webex would send them (Webex reference, section 10).

use rollcall_model::{Text, Webhook};
use serde_json::{Map, Value, json};

use crate::{hook, person, quality::time_with_fraction, wire};

/// The resource of runs and scheduled meetings.
pub const MEETINGS: &str = "meetings";
/// The resource of attendances.
pub const PARTICIPANTS: &str = "meetingParticipants";

/// The events of each resource. `all` stands for those of scheduled meetings.
pub const EVENTS: [(&str, &[&str]); 2] =
    [(MEETINGS, &["created", "updated", "deleted", "started", "ended", "all"]), (PARTICIPANTS, &["joined", "left"])];

/// The keys of filters of each resource.
pub(crate) const FILTERS: [(&str, &[&str]); 2] = [
    (MEETINGS, &["id", "meetingNumber", "meetingType", "state", "hostEmail", "hostUserId", "siteUrl"]),
    (PARTICIPANTS, &["id", "meetingId", "state", "hostEmail", "hostPersonId", "hostUserId", "siteUrl"]),
];

/// Keys of filters that only webhooks of the organization may have.
pub(crate) const HOST_FILTERS: [&str; 3] = ["hostEmail", "hostPersonId", "hostUserId"];

/// The keys of a meeting that a delivery has.
const DELIVERED: [&str; 11] = [
    "id",
    "meetingSeriesId",
    "meetingNumber",
    "meetingType",
    "scheduledType",
    "timezone",
    "start",
    "end",
    "hostUserId",
    "hostEmail",
    "siteUrl",
];

/// Returns the id of a webhook from 16 random bytes.
#[must_use]
pub fn id(random: [u8; 16]) -> Text {
    let hex = data_encoding::HEXLOWER.encode(&random);
    let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    person::record_id("WEBHOOK", &uuid)
}

/// Returns a webhook as it is shown, without its secret.
#[must_use]
pub fn shown(webhook: &Webhook, org_id: &str) -> wire::Webhook {
    let text = |text: &Text| Some(text.to_string());
    wire::Webhook {
        id: text(&webhook.id),
        name: text(&webhook.name),
        target_url: text(&webhook.target_url),
        resource: text(&webhook.resource),
        event: text(&webhook.event),
        filter: webhook.filter.as_ref().map(ToString::to_string),
        secret: None,
        org_id: Some(org_id.to_owned()),
        created_by: webhook.created_by.as_ref().map(|user| person::id_of(user).to_string()),
        app_id: webhook.client.as_ref().map(ToString::to_string),
        owned_by: Some(if webhook.is_of_organization { "org" } else { "creator" }.to_owned()),
        status: Some(if webhook.is_active { "active" } else { "inactive" }.to_owned()),
        created: Some(time_with_fraction(webhook.created_at).to_string()),
    }
}

/// Returns whether a webhook reports an event of a resource, which is shown as `item`. `host` is the id of its host.
#[must_use]
pub fn reports(webhook: &Webhook, resource: &str, event: &str, item: &Value, host: Option<&str>) -> bool {
    let is_event =
        webhook.event == event || (webhook.event == "all" && matches!(event, "created" | "updated" | "deleted"));
    let is_creators = match &webhook.created_by {
        Some(creator) if !webhook.is_of_organization => host == Some(person::id_of(creator).as_str()),
        _ => true,
    };
    let admits = |pair: &str| {
        let Some((key, asked)) = pair.split_once('=') else { return false };
        let is = |value: Option<&str>| value.is_some_and(|value| value.eq_ignore_ascii_case(asked));
        match key {
            "hostPersonId" | "hostUserId" => host == Some(asked),
            "id" => is(item["id"].as_str()) || is(item["meetingSeriesId"].as_str()),
            key => is(item[key].as_str()),
        }
    };
    webhook.is_active
        && webhook.resource == resource
        && is_event
        && is_creators
        && webhook.filter.as_deref().is_none_or(|filter| filter.split('&').all(admits))
}

/// Returns the body of a delivery: the webhook, and what changed.
#[must_use]
pub fn body(webhook: &Webhook, org_id: &str, event: &str, item: &Value) -> String {
    let mut envelope = json!(shown(webhook, org_id));
    envelope["event"] = event.into();
    envelope["status"] = "active".into();
    envelope["data"] = if webhook.resource == MEETINGS { meeting(item) } else { item.clone() };
    envelope.to_string()
}

fn meeting(item: &Value) -> Value {
    let keys = DELIVERED.iter().copied().chain(["state", "title"]);
    let kept = keys.filter_map(|key| Some((key.to_owned(), item.get(key)?.clone())));
    Value::Object(kept.collect::<Map<_, _>>())
}

/// Returns the headers that sign a body.
#[must_use]
pub fn signatures(secret: &str, body: &[u8]) -> [(&'static str, String); 2] {
    let (short, long) = (hook::sign_sha256(secret, body), hook::sign_sha512(secret, body));
    [
        ("X-Spark-Signature", hook::sign_sha1(secret, body)),
        ("X-Webex-Signature", format!("SHA-256={short}, SHA-512={long}")),
    ]
}
