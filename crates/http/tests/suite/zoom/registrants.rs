//! Registration: who may register, what is stored, and who decides.

use rollcall_http::Settings;
use rollcall_model::{Batch, Meeting, MeetingKind, MeetingNumber};
use rollcall_zoom::read::{Request, read};
use serde_json::{Value, json};

use crate::zoom::{
    World, column,
    data::{self, ANA, BEN, LIVE_WEBINAR, WEBINAR, time},
    hooks::event,
};

/// A webinar and a meeting that are still to come.
const COMING: i64 = 97_000_000_005;
const BOTH: [(&str, MeetingKind); 2] = [("meetings", MeetingKind::Meeting), ("webinars", MeetingKind::Webinar)];

fn coming(kind: MeetingKind, number: i64, settings: &Value) -> Meeting {
    Meeting {
        host_id: Some(ANA.into()),
        topic: Some("Launch".into()),
        schedule_type: Some(if kind == MeetingKind::Meeting { 2 } else { 5 }),
        start_time: Some(time("2026-10-01T09:00:00Z")),
        duration_minutes: Some(60),
        join_url: Some(format!("https://acme.example.com/j/{number}?pwd=x").into()),
        settings_json: Some(settings.to_string()),
        ..Meeting::new(kind, MeetingNumber(number))
    }
}

/// A server with [`COMING`] as a meeting and as a webinar, with these settings.
async fn world(settings: &Value) -> World {
    let world = World::new().await;
    let meetings = BOTH.map(|(_, kind)| coming(kind, COMING, settings)).into();
    world.ingest(&Batch { meetings, ..Batch::default() }).await;
    world
}

fn path(kinds: &str) -> String {
    format!("/v2/{kinds}/{COMING}/registrants")
}

fn jill(email: &str) -> Value {
    json!({"email": email, "first_name": "Jill", "last_name": "Chill"})
}

fn full_form() -> Value {
    json!({
        "email": "jill@example.com", "first_name": "Jill", "last_name": "Chill", "address": "1800 Blvd.",
        "city": "Zürich", "comments": "Looking forward", "country": "CH", "industry": "Food", "job_title": "Chef",
        "no_of_employees": "101-500", "org": "Cooking Org", "phone": "5550100", "language": "de-DE",
        "purchasing_time_frame": "1-3 months", "role_in_purchase_process": "Influencer", "state": "ZH", "zip": "8000",
        "custom_questions": [{"title": "Why?", "value": "会议"}], "source_id": "4816766181770",
    })
}

#[tokio::test]
async fn a_registrant_is_served_as_registered() {
    let world = world(&json!({"approval_type": 0})).await;
    for (kinds, kind) in BOTH {
        let made = world.done("POST", &path(kinds), &full_form(), 201).await;
        let id = made["registrant_id"].as_str().unwrap();
        assert_eq!((&made["id"], &made["topic"]), (&json!(COMING), &json!("Launch")));
        assert_eq!(made["start_time"], "2026-10-01T09:00:00Z");
        let join_url = made["join_url"].as_str().unwrap();
        assert!(join_url.starts_with(&format!("https://acme.example.com/w/{COMING}?tk=")), "{join_url}");
        assert_eq!(made["participant_pin_code"].is_i64(), kind == MeetingKind::Meeting);

        let one = world.ok(&format!("{}/{id}", path(kinds))).await;
        for (key, value) in full_form().as_object().unwrap() {
            if key != "source_id" {
                assert_eq!(&one[key], value, "{kinds}: {key}");
            }
        }
        assert_eq!((&one["status"], &one["join_url"]), (&json!("approved"), &made["join_url"]));
        assert_eq!((&one["id"], &one["create_time"]), (&json!(id), &json!("2026-09-21T14:13:20Z")));
        let list = world.ok(&path(kinds)).await;
        assert_eq!((&list["registrants"], &list["total_records"]), (&json!([one]), &json!(1)));
    }
    // The second registration through the link is no further one.
    world.done("POST", &path("webinars"), &full_form(), 201).await;
    let sources = world.ok(&format!("/v2/webinars/{COMING}/tracking_sources")).await;
    assert_eq!(sources["tracking_sources"][0]["registration_count"], 1);
    let through = world.ok(&format!("{}?tracking_source_id=4816766181770", path("webinars"))).await;
    assert_eq!(through["total_records"], 1);
    let elsewhere = world.ok(&format!("{}?tracking_source_id=1", path("webinars"))).await;
    assert_eq!(elsewhere["registrants"], json!([]));
}

#[tokio::test]
async fn an_address_registers_once() {
    let world = world(&json!({"approval_type": 0})).await;
    for (kinds, _) in BOTH {
        let first = world.done("POST", &path(kinds), &jill("jill@example.com"), 201).await;
        let again = world.done("POST", &path(kinds), &jill(" JILL@example.com"), 201).await;
        assert_eq!(first, again);
        assert_eq!(world.ok(&path(kinds)).await["total_records"], 1);
        let host = (400, 3027, "Host cannot register.");
        world.not_done("POST", &path(kinds), &jill("Ana@example.com"), host).await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_named() {
    let world = world(&json!({"approval_type": 0})).await;
    let long = |count: usize| "é".repeat(count);
    for (kinds, _) in BOTH {
        let path = path(kinds);
        let mistakes = async |body: Value| world.mistakes("POST", &path, &body).await;
        assert_eq!(mistakes(json!({})).await, ["email", "first_name"]);
        assert_eq!(mistakes(json!({"email": "", "first_name": " "})).await, ["email", "first_name"]);
        assert_eq!(mistakes(json!({"email": "jill", "first_name": ["Jill"]})).await, ["email", "first_name"]);
        assert_eq!(mistakes(jill("jill@example.com@example.com")).await, ["email"]);
        for (field, max) in [
            ("first_name", 64),
            ("last_name", 64),
            ("address", 1024),
            ("city", 1024),
            ("comments", 1024),
            ("country", 1024),
            ("industry", 1024),
            ("job_title", 1024),
            ("org", 1024),
            ("phone", 1024),
            ("state", 1024),
            ("zip", 1024),
        ] {
            let mut body = jill("jill@example.com");
            body[field] = long(max + 1).into();
            assert_eq!(mistakes(body.clone()).await, [field]);
            body[field] = long(max).into();
            body["email"] = format!("{field}@example.com").into();
            world.done("POST", &path, &body, 201).await;
        }
        let email = format!("{}@example.com", "e".repeat(128 - 12));
        assert_eq!(mistakes(jill(&format!("e{email}"))).await, ["email"]);
        world.done("POST", &path, &jill(&email), 201).await;
        let mut body = jill("jill@example.com");
        for (field, wrong) in [
            ("no_of_employees", json!("12")),
            ("purchasing_time_frame", json!("Soon")),
            ("role_in_purchase_process", json!("Boss")),
            ("language", json!("tlh")),
            ("custom_questions", json!("Why?")),
        ] {
            body[field] = wrong;
        }
        let mut found = mistakes(body).await;
        found.sort_unstable();
        let expected =
            ["custom_questions", "language", "no_of_employees", "purchasing_time_frame", "role_in_purchase_process"];
        assert_eq!(found, expected);
        let mut body = jill("jill@example.com");
        body["custom_questions"] = json!([{"title": "Why?", "value": long(129)}, {"value": "x"}, 7]);
        let expected = ["custom_questions[2]", "custom_questions[0].value", "custom_questions[1].title"];
        assert_eq!(mistakes(body).await, expected);
        for nonsense in [json!([]), json!("jill"), Value::Null] {
            let message = "Request Body should be a valid JSON object.";
            world.not_done("POST", &path, &nonsense, (400, 300, message)).await;
        }
    }
}

#[tokio::test]
async fn nobody_registers_for_what_is_unknown_over_closed_or_open_to_all() {
    let world = world(&json!({"approval_type": 2})).await;
    let body = jill("jill@example.com");
    let refused = async |number: i64, error: (u16, i64, &str)| {
        world.not_done("POST", &format!("/v2/webinars/{number}/registrants"), &body, error).await;
    };
    refused(1_234_567_890, (404, 3001, "Webinar \"1234567890\" not found or has expired.")).await;
    let message = format!("This webinar does not have registration as required: {COMING}.");
    refused(COMING, (400, 3000, &message)).await;
    let open = json!({"approval_type": 0, "close_registration": true});
    let with = |number: i64| coming(MeetingKind::Webinar, number, &open);
    let past = Meeting { start_time: Some(time("2026-09-15T16:00:00Z")), ..with(WEBINAR) };
    // It began and is planned to go on.
    let begun = Meeting { start_time: Some(time("2026-09-21T14:00:00Z")), ..with(98_000_000_006) };
    // It was planned to be over, and goes on.
    let live = Meeting {
        start_time: Some(time("2026-09-21T13:00:00Z")),
        settings_json: Some(r#"{"approval_type":0}"#.to_owned()),
        ..with(LIVE_WEBINAR)
    };
    world.ingest(&Batch { meetings: vec![past, begun, live], ..Batch::default() }).await;
    let over = "Webinar is over, you cannot register now. If you have any questions, contact the webinar host.";
    refused(WEBINAR, (400, 3038, over)).await;
    let closed = "Webinar 98000000006 closed its registration when it began (settings.close_registration).";
    refused(98_000_000_006, (400, 3038, closed)).await;
    world.done("POST", &format!("/v2/webinars/{LIVE_WEBINAR}/registrants"), &body, 201).await;
    let invalid = (400, 300, "Invalid webinar ID.");
    world.not_done("POST", "/v2/webinars/x/registrants", &body, invalid).await;
}

#[tokio::test]
async fn a_full_event_takes_nobody() {
    let world = world(&json!({"approval_type": 0, "registrants_restrict_number": 1})).await;
    for (kinds, kind) in BOTH {
        let full = match kind {
            MeetingKind::Meeting => (400, 3043, "Meeting has reached maximum attendee capacity."),
            MeetingKind::Webinar => (
                400,
                3000,
                "You have reached the limit for the number of attendees you can add. Contact Zoom Support for more \
                 information.",
            ),
        };
        // Two at once for the last place.
        let (path, bodies) = (path(kinds), [jill("a@example.com"), jill("b@example.com")]);
        let [one, two] = &bodies;
        let (one, two) = tokio::join!(world.call("POST", &path, one), world.call("POST", &path, two));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400], "{} {}", one.body, two.body);
        assert_eq!(world.ok(&path).await["total_records"], 1);
        world.not_done("POST", &path, &jill("c@example.com"), full).await;
        let full = match kind {
            MeetingKind::Meeting => (400, 3043, "Meeting has reached maximum attendee capacity."),
            MeetingKind::Webinar => (404, 3043, "Webinar has reached maximum attendee capacity."),
        };
        let batch = json!({"registrants": [jill("d@example.com")]});
        world.not_done("POST", &format!("/v2/{kinds}/{COMING}/batch_registrants"), &batch, full).await;
    }
}

#[tokio::test]
async fn the_host_decides_about_registrations() {
    let world = world(&json!({"approval_type": 1, "registrants_restrict_number": 2})).await;
    for (kinds, kind) in BOTH {
        let path = path(kinds);
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            let made = world.done("POST", &path, &jill(&format!("{name}@example.com")), 201).await;
            assert!(made.get("join_url").is_none(), "only those who are approved can join");
            ids.push(made["registrant_id"].as_str().unwrap().to_owned());
        }
        assert_eq!(world.ok(&path).await["registrants"], json!([]));
        assert_eq!(world.ok(&format!("{path}?status=pending")).await["total_records"], 3);
        let status = format!("{path}/status");
        let decide = |action: &str, people: Value| json!({"action": action, "registrants": people});
        let two = json!([{"id": ids[0]}, {"email": "B@example.com"}]);
        world.done("PUT", &status, &decide("approve", two), 204).await;
        let approved = world.ok(&path).await;
        assert!(approved["registrants"][0]["join_url"].is_string());
        assert_eq!(approved["total_records"], 2);
        let (code, what) = if kind == MeetingKind::Meeting { (3043, "Meeting") } else { (3035, "Webinar") };
        let message = format!("{what} has reached maximum attendee capacity.");
        world.not_done("PUT", &status, &decide("approve", json!([{"id": ids[2]}])), (400, code, &message)).await;
        world.done("PUT", &status, &decide("deny", json!([{"id": ids[2]}])), 204).await;
        assert_eq!(column(&world.ok(&format!("{path}?status=denied")).await, "registrants", "id"), [&ids[2]]);
        let unknown = decide("cancel", json!([{"id": ids[0]}, {"id": "nobody"}]));
        world.not_done("PUT", &status, &unknown, (400, 3000, "Registrant nobody was not found.")).await;
        assert_eq!(world.ok(&path).await["total_records"], 2, "all or none");
        world.done("PUT", &status, &decide("cancel", json!([{"id": ids[0]}])), 204).await;
        assert_eq!(world.ok(&path).await["total_records"], 1);

        let many: Vec<Value> = (0..31).map(|number| json!({"id": number.to_string()})).collect();
        for (body, fields) in [
            (json!({}), vec!["action", "registrants"]),
            (decide("befriend", json!([{}])), vec!["action", "registrants[0].id"]),
            (decide("deny", many.into()), vec!["registrants"]),
        ] {
            assert_eq!(world.mistakes("PUT", &status, &body).await, fields);
        }

        let one = format!("{path}/{}", ids[1]);
        world.done("DELETE", &one, &Value::Null, 204).await;
        let gone = format!("Registrant {} was not found.", ids[1]);
        world.not_done("DELETE", &one, &Value::Null, (400, 3000, &gone)).await;
        assert_eq!(world.get(&one).await.status, 404);
    }
    let plain = format!("/v2/webinars/{LIVE_WEBINAR}/registrants/x");
    let message = format!("Registration has not been enabled for this webinar: {LIVE_WEBINAR}.");
    world.not_done("DELETE", &plain, &Value::Null, (400, 404, &message)).await;
}

#[tokio::test]
async fn a_group_is_registered_whole_or_not_at_all() {
    let world = world(&json!({"approval_type": 1})).await;
    for (kinds, kind) in BOTH {
        let batch = format!("/v2/{kinds}/{COMING}/batch_registrants");
        let people = |count: usize| -> Vec<Value> { (0..count).map(|n| jill(&format!("p{n}@example.com"))).collect() };
        let made = world.done("POST", &batch, &json!({"auto_approve": true, "registrants": people(30)}), 201).await;
        assert_eq!(made["registrants"].as_array().unwrap().len(), 30);
        assert_eq!(made["registrants"][7]["email"], "p7@example.com");
        assert!(made["registrants"][7]["join_url"].is_string());
        assert_eq!(world.ok(&format!("{}?page_size=7", path(kinds))).await["page_count"], 5);
        let walked = world.walk(&format!("{}?page_size=7", path(kinds))).await;
        let ids: Vec<&str> = walked.iter().flat_map(|page| column(page, "registrants", "id")).collect();
        assert!(ids.len() == 30 && ids.is_sorted());
        let second = world.ok(&format!("{}?page_size=7&page_number=2", path(kinds))).await;
        assert_eq!(second["registrants"], walked[1]["registrants"]);

        assert_eq!(world.mistakes("POST", &batch, &json!({"registrants": people(31)})).await, ["registrants"]);
        assert_eq!(world.mistakes("POST", &batch, &json!({})).await, ["registrants"]);
        let twice = json!({"registrants": [jill("q@example.com"), jill("Q@example.com"), {"email": "r@example.com"}]});
        let expected = ["registrants[1].email", "registrants[2].first_name"];
        assert_eq!(world.mistakes("POST", &batch, &twice).await, expected);
        assert_eq!(world.ok(&format!("{}?status=pending", path(kinds))).await["total_records"], 0);

        let recurring =
            Meeting { schedule_type: Some(9), ..coming(kind, 98_000_000_007, &json!({"approval_type": 0})) };
        world.ingest(&Batch { meetings: vec![recurring], ..Batch::default() }).await;
        let error = match kind {
            MeetingKind::Meeting => (400, 303, "This API can only be used for scheduled meeting(meeting type: 2)."),
            MeetingKind::Webinar => (400, 300, "This API can only be used for scheduled webinars (type 5)."),
        };
        let target = format!("/v2/{kinds}/98000000007/batch_registrants");
        world.not_done("POST", &target, &json!({"registrants": people(1)}), error).await;
    }
}

#[tokio::test]
async fn occurrences_are_registered_for_and_left_one_by_one() {
    let world = World::new().await;
    let occurrence = |id: &str, start: &str, status: &str| json!({"occurrence_id": id, "start_time": start, "duration": 60, "status": status});
    let occurrences = json!([
        occurrence("1", "2026-09-01T09:00:00Z", "available"),
        occurrence("2", "2026-10-01T09:00:00Z", "available"),
        occurrence("3", "2026-11-01T09:00:00Z", "deleted"),
    ]);
    let meeting = Meeting {
        schedule_type: Some(9),
        occurrences_json: Some(occurrences.to_string()),
        ..coming(MeetingKind::Webinar, COMING, &json!({"approval_type": 0}))
    };
    world.ingest(&Batch { meetings: vec![meeting], ..Batch::default() }).await;
    let path = path("webinars");
    let made = world.done("POST", &format!("{path}?occurrence_ids=1,2"), &jill("a@example.com"), 201).await;
    assert_eq!(column(&made, "occurrences", "occurrence_id"), ["1", "2"]);
    let all = world.done("POST", &path, &jill("b@example.com"), 201).await;
    assert_eq!(column(&all, "occurrences", "occurrence_id"), ["1", "2"]);
    for unknown in ["3", "x,1"] {
        let target = format!("{path}?occurrence_ids={unknown}");
        assert_eq!(world.mistakes("POST", &target, &jill("c@example.com")).await, ["occurrence_ids"]);
    }
    let of = async |id: &str| world.ok(&format!("{path}?occurrence_id={id}")).await["total_records"].clone();
    assert_eq!((of("1").await, of("2").await), (json!(2), json!(2)));
    let id = made["registrant_id"].as_str().unwrap();
    world.done("DELETE", &format!("{path}/{id}?occurrence_id=1"), &Value::Null, 204).await;
    assert_eq!((of("1").await, of("2").await), (json!(1), json!(2)));
    // One who registered for all of them leaves only that one, too.
    let all = all["registrant_id"].as_str().unwrap();
    world.done("DELETE", &format!("{path}/{all}?occurrence_id=1"), &Value::Null, 204).await;
    assert_eq!((of("1").await, of("2").await), (json!(0), json!(2)));
    let unknown = format!("Registrant {all} was not found.");
    let target = format!("{path}/{all}?occurrence_id=7");
    world.not_done("DELETE", &target, &Value::Null, (400, 3000, &unknown)).await;
    assert_eq!(world.get(&format!("{path}/{id}?occurrence_id=1")).await.status, 404);
}

#[tokio::test]
async fn questions_that_must_be_answered_are() {
    let world = world(&json!({"approval_type": 0})).await;
    for (kinds, kind) in BOTH {
        let path = path(kinds);
        let questions = format!("{path}/questions");
        assert_eq!(world.ok(&questions).await, json!({"custom_questions": [], "questions": []}));
        let choice = if kind == MeetingKind::Meeting { "single" } else { "multiple" };
        let asked = json!({
            "custom_questions": [{"title": "Why?", "type": choice, "required": true, "answers": ["Fun", "Work"]}],
            "questions": [{"field_name": "city", "required": true}, {"field_name": "last_name", "required": false}],
        });
        world.done("PATCH", &questions, &asked, 204).await;
        assert_eq!(world.ok(&questions).await, asked);
        world.done("PATCH", &questions, &json!({"custom_questions": asked["custom_questions"]}), 204).await;
        assert_eq!(world.ok(&questions).await, asked, "a list that is left out stays");
        let found = world.mistakes("POST", &path, &jill("a@example.com")).await;
        assert_eq!(found, ["city", "custom_questions"]);
        let mut body = jill("a@example.com");
        body["city"] = "Oslo".into();
        body["custom_questions"] = json!([{"title": "Why?", "value": "Fun"}]);
        world.done("POST", &path, &body, 201).await;
        let wrong = json!({
            "custom_questions": [{"type": "essay"}, {"title": "a", "type": choice}, {"title": "a", "type": "short"}],
            "questions": [{"field_name": "shoe_size"}, {}, {"field_name": "city"}, {"field_name": "city"}],
        });
        let expected = [
            "custom_questions[0].title",
            "custom_questions[0].type",
            "custom_questions[1].answers",
            "custom_questions[2].title",
            "questions[0].field_name",
            "questions[1].field_name",
            "questions[3].field_name",
        ];
        assert_eq!(world.mistakes("PATCH", &questions, &wrong).await, expected);
    }
}

#[tokio::test]
async fn lists_and_single_registrants_are_imported_as_they_are_served() {
    let world = world(&json!({"approval_type": 1})).await;
    let target = path("webinars");
    world.done("POST", &target, &full_form(), 201).await;
    let list = world.ok(&format!("{target}?status=pending")).await;
    let one = list["registrants"][0].clone();
    let other = World::of(World::new().await.server.in_another_account().await).await;
    for (request, body) in [(target.clone(), &list), (format!("{target}/{}", one["id"].as_str().unwrap()), &one)] {
        let request = Request::parse(&format!("GET {request}")).unwrap();
        let reading = read(&request, body.to_string().as_bytes()).unwrap();
        assert!(reading.defects.is_empty() && reading.unkept.is_empty(), "{reading:?}");
        other.ingest(&reading.batch).await;
        assert_eq!(other.ok(&format!("{target}?status=pending")).await["registrants"], json!([one]));
    }
    let broken = json!({"registrants": [{"email": "x@example.com"}, 7, one]});
    let request = Request::parse(&format!("GET {target}")).unwrap();
    let reading = read(&request, broken.to_string().as_bytes()).unwrap();
    let paths: Vec<&str> = reading.defects.iter().map(|defect| defect.path.as_str()).collect();
    assert_eq!(paths, ["registrants[0].id", "registrants[1]"]);
}

#[tokio::test]
async fn events_keep_the_whole_registrant() {
    let world = World::with_hooks(Settings::default()).await;
    let mut form = full_form();
    form["id"] = "r1".into();
    form["status"] = "approved".into();
    form["join_url"] = "https://acme.example.com/w/1?tk=a".into();
    world.taken(&event("webinar.registration_created", 5, json!({"registrant": form}))).await;
    let list = world.ok("/v2/webinars/98765432101/registrants").await;
    let mut served = list["registrants"][0].clone();
    assert!(served.as_object_mut().unwrap().remove("create_time").is_some());
    assert_eq!(served, form);
}

#[tokio::test]
async fn a_users_own_scope_changes_only_what_the_user_hosts() {
    let world = world(&json!({"approval_type": 0})).await;
    let body = jill("jill@example.com");
    let own = async |user: &str| world.token("webinar:write", Some(user)).await;
    let (ana, ben) = (own(ANA).await, own(BEN).await);
    let read = world.token("webinar:read:admin", None).await;
    for token in [&ben, &read] {
        let answer = world.call_as(token, "POST", &path("webinars"), &body).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!(4711)), "{}", answer.body);
    }
    assert_eq!(world.call_as(&ana, "POST", &path("webinars"), &body).await.status, 201);
    let registered = &data::REGISTRANT;
    let target = format!("/v2/webinars/{WEBINAR}/registrants/{registered}");
    assert_eq!(world.call_as(&ben, "DELETE", &target, &Value::Null).await.status, 400);
    assert_eq!(world.ok(&target).await["email"], "eli@example.com");
}
