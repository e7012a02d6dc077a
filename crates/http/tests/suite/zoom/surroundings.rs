//! Operations that clients use before the dashboards: users, meetings, webinars, past instances, tracking sources.

use rollcall_model::{Batch, Meeting, MeetingKind, MeetingNumber, User};
use serde_json::{Value, json};

use crate::zoom::{
    World, column,
    data::{ANA, BEN, CHO, DEE, FIRST_RUN, LATEST_RUN, LIVE, LIVE_WEBINAR, MEETING, WEBINAR, WEBINAR_RUN},
};

const NO_WEBINARS: &str = "Webinar plan is missing. You must subscribe to the webinar plan and enable webinars for this user in \
                           order to perform this action.";

/// More users, `u00` to `u24`.
fn many_users() -> Batch {
    let user = |index: u32| User {
        id: format!("u{index:02}").into(),
        email: format!("u{index:02}@example.com").into(),
        ..User::default()
    };
    Batch { users: (0..25).map(user).collect(), ..Batch::default() }
}

#[tokio::test]
async fn users_are_walked_by_token_or_by_page_number() {
    let world = World::new().await;
    world.ingest(&many_users()).await;
    let by_token = world.walk("/v2/users?page_size=9").await;
    let ids: Vec<&str> = by_token.iter().flat_map(|page| column(page, "users", "id")).collect();
    assert_eq!((by_token.len(), ids.len()), (4, 28));
    assert!(ids.is_sorted() && ids.contains(&ANA) && !ids.contains(&DEE), "the active ones, by id");
    assert_eq!(by_token[0]["page_number"], 1);

    for (number, page) in by_token.iter().enumerate() {
        let by_number = world.ok(&format!("/v2/users?page_size=9&page_number={}", number + 1)).await;
        assert_eq!((&by_number["users"], &by_number["page_number"]), (&page["users"], &json!(number + 1)));
        assert_eq!((&by_number["page_count"], &by_number["total_records"]), (&json!(4), &json!(28)));
        assert_eq!(by_number["next_page_token"], page["next_page_token"], "one can go on by token");
    }
    for past_the_end in ["5", "100000"] {
        let page = world.ok(&format!("/v2/users?page_size=9&page_number={past_the_end}")).await;
        assert_eq!((&page["users"], &page["next_page_token"]), (&json!([]), &json!("")));
    }
    let exact = world.ok("/v2/users?page_size=28&page_number=2").await;
    assert_eq!(exact["users"], json!([]), "a last page that is full has none after it");
    for number in ["0", "-1", "x", "100001"] {
        let message = "Invalid field. Use a whole number from 1 to 100000, or `next_page_token`.";
        world.invalid(&format!("/v2/users?page_number={number}"), "page_number", message).await;
    }
    assert_eq!(world.ok("/v2/users?page_size=5000").await["page_size"], 2000);
}

#[tokio::test]
async fn users_are_listed_by_status_and_role() {
    let world = World::new().await;
    let ids = async |query: &str| -> Vec<String> {
        let body = world.ok(&format!("/v2/users{query}")).await;
        column(&body, "users", "id").into_iter().map(str::to_owned).collect()
    };
    assert_eq!(ids("?status=inactive").await, [DEE]);
    assert_eq!(ids("?status=pending").await, [""; 0]);
    assert_eq!(ids("?role_id=1").await, [BEN]);
    let key = async |query: &str| world.ok(&format!("/v2/users{query}")).await["users"][0].get("host_key").cloned();
    assert_eq!(key("").await, None);
    assert_eq!(key("?include_fields=host_key").await, Some(json!("299492")));
    world.invalid("/v2/users?status=gone", "status", "Invalid field. Use one of: active, inactive, pending.").await;
}

#[tokio::test]
async fn a_user_is_found_by_id_by_address_and_as_me() {
    let world = World::new().await;
    let ana = world.ok(&format!("/v2/users/{ANA}")).await;
    assert_eq!((&ana["email"], &ana["account_id"]), (&json!("ana@example.com"), &json!(crate::common::ACCOUNT_ID)));
    assert!(ana.get("host_key").is_none());
    for spelt in ["ana@example.com", "ana%40example.com", "Ana@Example.com"] {
        assert_eq!(world.ok(&format!("/v2/users/{spelt}")).await, ana, "{spelt}");
    }
    assert_eq!(world.ok(&format!("/v2/users/{DEE}")).await["status"], "inactive");
    let token = world.token("", Some(ANA)).await;
    assert_eq!(world.get_as(&token, "/v2/users/me").await.body, ana);

    world.refused("/v2/users/nobody@example.com", 404, 1001, "User does not exist: nobody@example.com.").await;
    // A token of the account itself: Server-to-Server, so `me` is the owner.
    let message = "User does not exist: me is the account's owner (role_id 0), and no user with this role is known; name the \
                   user by id or address.";
    for tail in ["", "/meetings", "/webinars"] {
        world.refused(&format!("/v2/users/me{tail}"), 404, 1001, message).await;
    }
    let owner = User { role_id: Some("0".into()), email: "olu@example.com".into(), ..User::default() };
    let owner = User { id: "owner".into(), ..owner };
    world.ingest(&Batch { users: vec![owner], ..Batch::default() }).await;
    assert_eq!(world.ok("/v2/users/me").await["email"], "olu@example.com");
    assert_eq!(world.ok("/v2/users/me/meetings").await["meetings"], json!([]));
}

#[tokio::test]
async fn whether_an_address_or_a_rooms_name_is_taken_is_no_user() {
    let world = World::new().await;
    let room = Some("https://example.zoom.us/my/anas.room".into());
    let olu = User { id: "olu".into(), email: "olu@example.com".into(), vanity_url: room, ..User::default() };
    world.ingest(&Batch { users: vec![olu], ..Batch::default() }).await;
    for (target, expected) in [
        ("email?email=Ana@example.com", json!({"existed_email": true})),
        ("email?email=nobody%40example.com", json!({"existed_email": false})),
        // An id is not an address.
        (&format!("email?email={ANA}"), json!({"existed_email": false})),
        ("vanity_name?vanity_name=Anas.Room", json!({"existed": true})),
        ("vanity_name?vanity_name=room", json!({"existed": false})),
    ] {
        assert_eq!(world.ok(&format!("/v2/users/{target}")).await, expected, "{target}");
    }
    world.invalid("/v2/users/email", "email", "Missing field. Give a value.").await;
    world.invalid("/v2/users/vanity_name?vanity_name=", "vanity_name", "Missing field. Give a value.").await;
}

#[tokio::test]
async fn a_users_webinars_are_refused_only_where_it_is_known_that_they_hold_none() {
    let world = World::new().await;
    let anas = world.ok(&format!("/v2/users/{ANA}/webinars")).await;
    assert_eq!((&anas["total_records"], anas["webinars"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(world.ok(&format!("/v2/users/{CHO}/webinars")).await["webinars"], json!([]));
    world.refused(&format!("/v2/users/{BEN}/webinars"), 400, 200, NO_WEBINARS).await;
    world.refused("/v2/users/ben@example.com/webinars?page_size=0", 400, 200, NO_WEBINARS).await;
    assert_eq!(world.ok(&format!("/v2/users/{BEN}/meetings")).await["total_records"], 1);
}

#[tokio::test]
async fn a_users_meetings_are_listed_by_when_they_are() {
    let world = World::new().await;
    let numbers = async |query: &str| {
        let body = world.ok(&format!("/v2/users/{ANA}/meetings?{query}")).await;
        body["meetings"].as_array().unwrap().iter().map(|meeting| meeting["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("").await, [LIVE, MEETING]);
    assert_eq!(numbers("type=live").await, [LIVE]);
    assert_eq!(numbers("type=upcoming").await, [MEETING]);
    assert_eq!(numbers("type=upcoming_meetings").await, [MEETING]);
    assert_eq!(numbers("type=previous_meetings").await, [LIVE]);
    let message = "Invalid field. Use one of: scheduled, live, upcoming, upcoming_meetings, previous_meetings.";
    world.invalid(&format!("/v2/users/{ANA}/meetings?type=all"), "type", message).await;
}

#[tokio::test]
async fn what_is_upcoming_does_not_change_under_a_walk() {
    let world = World::new().await;
    let planned = |index: i64| Meeting {
        host_id: Some(CHO.into()),
        start_time: Some(world.now().plus_seconds(60 * (index + 1))),
        ..Meeting::new(MeetingKind::Meeting, MeetingNumber(80_000_000_000 + index))
    };
    world.ingest(&Batch { meetings: (0..6).map(planned).collect(), ..Batch::default() }).await;
    let target = format!("/v2/users/{CHO}/meetings?type=upcoming&page_size=2");
    let mut page = world.ok(&target).await;
    let mut seen = Vec::new();
    loop {
        seen.extend(page["meetings"].as_array().unwrap().iter().map(|meeting| meeting["id"].as_i64().unwrap()));
        assert_eq!((&page["total_records"], &page["page_count"]), (&json!(6), &json!(3)));
        let token = page["next_page_token"].as_str().unwrap();
        if token.is_empty() {
            break;
        }
        // Two of them begin before the next page is requested.
        world.clock.advance_seconds(121);
        page = world.ok(&format!("{target}&next_page_token={token}")).await;
    }
    assert_eq!(seen, (80_000_000_000..80_000_000_006).collect::<Vec<_>>());
    let second = world.ok(&format!("/v2/users/{CHO}/meetings?page_size=4&page_number=2")).await;
    assert_eq!((second["meetings"].as_array().unwrap().len(), &second["page_number"]), (2, &json!(2)));
}

#[tokio::test]
async fn scheduled_meetings_and_webinars_by_their_number() {
    let world = World::new().await;
    let meeting = world.ok(&format!("/v2/meetings/{MEETING}")).await;
    for (key, value) in [
        ("id", json!(MEETING)),
        ("host_id", json!(ANA)),
        ("topic", json!("Weekly review")),
        ("start_time", json!("2026-09-28T09:00:00Z")),
        ("duration", json!(60)),
    ] {
        assert_eq!(meeting[key], value, "{key}");
    }
    assert_eq!(world.ok(&format!("/v2/webinars/{LIVE_WEBINAR}")).await["id"], LIVE_WEBINAR);
    world.refused(&format!("/v2/meetings/{WEBINAR}"), 404, 3001, "Meeting does not exist: 95000000003.").await;
    world.refused(&format!("/v2/webinars/{MEETING}"), 404, 3001, "Webinar does not exist: 93201235621.").await;
    for id in ["abc", FIRST_RUN, "-1", "1.5", "99999999999999999999", "%20"] {
        world.refused(&format!("/v2/meetings/{id}"), 400, 300, "Invalid meeting id.").await;
        world.refused(&format!("/v2/webinars/{id}"), 400, 300, "Invalid webinar ID.").await;
        world.refused(&format!("/v2/webinars/{id}/tracking_sources"), 400, 300, "Invalid webinar ID.").await;
    }
}

#[tokio::test]
async fn past_instances_earliest_first() {
    let world = World::new().await;
    let body = world.ok(&format!("/v2/past_meetings/{MEETING}/instances")).await;
    let expected = json!({"meetings": [
        {"uuid": FIRST_RUN, "start_time": "2026-09-14T09:00:00Z"},
        {"uuid": LATEST_RUN, "start_time": "2026-09-21T09:00:00Z"}
    ]});
    assert_eq!(body, expected);
    let body = world.ok(&format!("/v2/past_webinars/{WEBINAR}/instances")).await;
    assert_eq!(body, json!({"webinars": [{"uuid": WEBINAR_RUN, "start_time": "2026-09-15T16:00:00Z"}]}));
    assert_eq!(world.ok(&format!("/v2/past_meetings/{LIVE}/instances")).await, json!({"meetings": []}));
    world.refused("/v2/past_meetings/99999999999/instances", 404, 3001, "Meeting does not exist: 99999999999.").await;
    world.refused("/v2/past_webinars/abc/instances", 400, 300, "Invalid webinar ID.").await;
}

#[tokio::test]
async fn a_past_meeting_adds_up_its_attendances() {
    let world = World::new().await;
    let body = world.ok(&format!("/v2/past_meetings/{MEETING}")).await;
    for (key, value) in [
        ("uuid", json!(LATEST_RUN)),
        ("id", json!(MEETING)),
        ("host_id", json!(ANA)),
        ("user_name", json!("Ana")),
        ("user_email", json!("ana@example.com")),
        ("start_time", json!("2026-09-21T09:00:00Z")),
        ("end_time", json!("2026-09-21T09:33:00Z")),
        ("duration", json!(33)),
        ("participants_count", json!(3)),
        ("total_minutes", json!(10 + 32 + 12)),
    ] {
        assert_eq!(body[key], value, "{key}");
    }
}

#[tokio::test]
async fn tracking_sources_come_with_both_spellings_of_their_registrations() {
    let world = World::new().await;
    let body = world.ok(&format!("/v2/webinars/{WEBINAR}/tracking_sources")).await;
    let source = |id: &str, name: &str, visits: i64, registrations: i64| -> Value {
        json!({
            "id": id,
            "source_name": name,
            "tracking_url": format!("https://example.com/webinar/register/{id}/WN_abc"),
            "visitor_count": visits,
            "registration_count": registrations,
            "registrationr_count": registrations
        })
    };
    let sources = [source("5516482804110", "newsletter", 12, 3), source("5516482804111", "social", 4, 0)];
    assert_eq!(body, json!({"total_records": 2, "tracking_sources": sources}));
    let none = world.ok(&format!("/v2/webinars/{LIVE_WEBINAR}/tracking_sources")).await;
    assert_eq!(none, json!({"total_records": 0, "tracking_sources": []}));
    let target = "/v2/webinars/99999999999/tracking_sources";
    world.refused(target, 404, 3001, "Webinar does not exist: 99999999999.").await;
}
