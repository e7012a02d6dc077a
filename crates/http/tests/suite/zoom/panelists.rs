//! Panelists of webinars, and registrants who did not come.

use rollcall_model::{Batch, InstanceRef, Meeting, MeetingKind, MeetingNumber, Registrant, RegistrantFacts};
use rollcall_zoom::read::{Request, read};
use serde_json::{Value, json};

use crate::zoom::{
    World, column,
    data::{self, ANA, LIVE_WEBINAR, MEETING, WEBINAR, WEBINAR_RUN, attendance, run, time},
};

fn panelist(name: &str) -> Value {
    json!({"name": name, "email": format!("{name}@example.com"), "name_tag_pronouns": "she/her"})
}

#[tokio::test]
async fn panelists_are_added_replaced_and_removed() {
    let world = World::new().await;
    let path = format!("/v2/webinars/{WEBINAR}/panelists");
    assert_eq!(world.ok(&path).await, json!({"panelists": [], "total_records": 0}));
    let added = world.done("POST", &path, &json!({"panelists": [panelist("ana"), panelist("ben")]}), 201).await;
    assert_eq!(added, json!({"id": WEBINAR.to_string(), "updated_at": "2026-09-21T14:13:20Z"}));
    let list = world.ok(&path).await;
    assert_eq!((&list["total_records"], column(&list, "panelists", "name")), (&json!(2), vec!["ana", "ben"]));
    let first = &list["panelists"][0];
    assert_eq!(first["name_tag_pronouns"], "she/her");
    assert!(first["join_url"].as_str().unwrap().contains(&format!("/w/{WEBINAR}?tk=")));
    let renamed = json!({"panelists": [{"name": "Ana", "email": "ANA@example.com"}]});
    world.done("POST", &path, &renamed, 201).await;
    let again = world.ok(&path).await;
    assert_eq!(again["total_records"], 2);
    let ana = again["panelists"].as_array().unwrap().iter().find(|one| one["name"] == "Ana").unwrap();
    assert_eq!((&ana["id"], &ana["join_url"]), (&first["id"], &first["join_url"]));

    let one = format!("{path}/{}", first["id"].as_str().unwrap());
    world.done("DELETE", &one, &Value::Null, 204).await;
    let gone = format!("Panelist {} was not found.", first["id"].as_str().unwrap());
    world.not_done("DELETE", &one, &Value::Null, (404, 3000, &gone)).await;
    assert_eq!(column(&world.ok(&path).await, "panelists", "name"), ["ben"]);
    world.done("DELETE", &path, &Value::Null, 204).await;
    assert_eq!(world.ok(&path).await["panelists"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_panelists_is_named() {
    let world = World::new().await;
    let path = format!("/v2/webinars/{WEBINAR}/panelists");
    let many: Vec<Value> = (0..31).map(|number| panelist(&format!("p{number}"))).collect();
    for (body, fields) in [
        (json!({}), vec!["panelists"]),
        (json!({"panelists": many}), vec!["panelists"]),
        (
            json!({"panelists": [{"name": "x"}, {"email": "y"}]}),
            vec!["panelists[0].email", "panelists[1].email", "panelists[1].name"],
        ),
        (json!({"panelists": [panelist("a"), panelist("A")]}), vec!["panelists[1].email"]),
        (
            json!({"panelists": [{"name": "é".repeat(129), "email": "a@b"}]}),
            vec!["panelists[0].name", "panelists[0].name"],
        ),
    ] {
        assert_eq!(world.mistakes("POST", &path, &body).await, fields);
    }
    assert_eq!(world.ok(&path).await["total_records"], 0);
    let unknown = (404, 3001, "Webinar 1234567890 not found or has expired.");
    for (method, tail) in [("POST", ""), ("DELETE", ""), ("DELETE", "/x")] {
        world.not_done(method, &format!("/v2/webinars/1234567890/panelists{tail}"), &json!({}), unknown).await;
    }
}

#[tokio::test]
async fn a_webinar_has_a_bounded_number_of_panelists() {
    let world = World::new().await;
    let path = format!("/v2/webinars/{WEBINAR}/panelists");
    let group = |from: usize| -> Value {
        let people: Vec<Value> = (from..from + 30).map(|number| panelist(&format!("p{number}"))).collect();
        json!({"panelists": people})
    };
    for from in (0..480).step_by(30) {
        world.done("POST", &path, &group(from), 201).await;
    }
    let message = "You have reached the limit for the number of panelists you can add. A webinar takes 500 panelists.";
    world.not_done("POST", &path, &group(480), (400, 3000, message)).await;
    assert_eq!(world.ok(&path).await["total_records"], 480);
    world.done("POST", &path, &group(450), 201).await;
}

/// A webinar that recurs, with two runs and four registrants.
async fn recurring() -> World {
    let world = World::new().await;
    let occurrence = |id: &str, start: &str| json!({"occurrence_id": id, "start_time": start, "duration": 60});
    let occurrences = json!([
        occurrence("1", "2026-09-08T16:00:00Z"),
        occurrence("2", "2026-09-15T16:00:00Z"),
        occurrence("3", "2026-09-22T16:00:00Z")
    ]);
    let webinar = Meeting {
        host_id: Some(ANA.into()),
        schedule_type: Some(9),
        settings_json: Some(r#"{"approval_type":0}"#.to_owned()),
        occurrences_json: Some(occurrences.to_string()),
        ..Meeting::new(MeetingKind::Webinar, MeetingNumber(WEBINAR))
    };
    let mut first = run(MeetingKind::Webinar, WEBINAR, "Zmlyc3Qtd2ViaW5hci0x==", "2026-09-08T16:03:00Z", Some(50));
    first.participants = vec![attendance("16778241", "2026-09-08T16:05:00Z", Some(40))];
    let registrant = |id: &str, status: &str, ids: Option<&str>| Registrant {
        id: id.into(),
        email: Some(format!("{id}@example.com").into()),
        status: Some(status.into()),
        occurrence_ids: ids.map(|id| vec![id.into()]),
        create_time: Some(time("2026-09-01T08:00:00Z")),
        ..Registrant::default()
    };
    let registrants = vec![
        // Attended the second run, by registration and by address.
        registrant("r16778240", "approved", None),
        // Attended the first, by address.
        registrant("16778241", "approved", None),
        registrant("never", "approved", None),
        registrant("first-only", "approved", Some("1")),
        registrant("undecided", "pending", None),
    ];
    let facts = RegistrantFacts { kind: MeetingKind::Webinar, number: MeetingNumber(WEBINAR), registrants };
    world
        .ingest(&Batch {
            meetings: vec![webinar],
            instances: vec![first],
            registrants: vec![facts],
            ..Batch::default()
        })
        .await;
    world
}

#[tokio::test]
async fn those_who_did_not_come_are_absent() {
    let world = recurring().await;
    let absent = async |id: &str, query: &str| {
        let target = format!("/v2/past_webinars/{id}/absentees?page_size=1{query}");
        let pages = world.walk(&target).await;
        let ids: Vec<String> =
            pages.iter().flat_map(|page| column(page, "registrants", "id")).map(str::to_owned).collect();
        assert_eq!(pages[0]["total_records"], ids.len());
        ids
    };
    let webinar = WEBINAR.to_string();
    // The latest run is the second one.
    let latest = ["16778241", data::REGISTRANT, "first-only", "never"];
    assert_eq!(absent(&webinar, "").await, latest);
    assert_eq!(absent(&WEBINAR_RUN.replace('/', "%252F"), "").await, latest);
    assert_eq!(absent(&webinar, "&occurrence_id=2").await, ["16778241", data::REGISTRANT, "never"]);
    let first = [data::REGISTRANT, "first-only", "never", "r16778240"];
    assert_eq!(absent(&webinar, "&occurrence_id=1").await, first);
    let InstanceRef::Latest(_) = webinar.parse().unwrap() else { panic!() };
    let path = format!("/v2/past_webinars/{WEBINAR}/absentees");
    let message = "The request could not be completed because you have provided an invalid occurrence ID: 9";
    world.refused(&format!("{path}?occurrence_id=9"), 400, 300, message).await;
    let message = "Meeting ID is invalid or not end.";
    world.refused(&format!("{path}?occurrence_id=3"), 404, 3001, message).await;
    world.refused("/v2/past_webinars/1234567890/absentees", 404, 3001, message).await;
    let live = format!("{message} It has not ended yet: ask with type=live.");
    world.refused(&format!("/v2/past_webinars/{LIVE_WEBINAR}/absentees"), 404, 3001, &live).await;
    world.refused(&format!("/v2/past_webinars/{MEETING}/absentees"), 404, 3001, message).await;
}

#[tokio::test]
async fn nobody_is_absent_where_nobody_registers() {
    let world = World::new().await;
    let number = 97_000_000_009;
    let facts = run(MeetingKind::Webinar, number, "bm9ib2R5LXJlZ2lzdGVycw==", "2026-09-08T16:00:00Z", Some(50));
    world.ingest(&Batch { instances: vec![facts], ..Batch::default() }).await;
    let message = "This Webinar has not registration required: bm9ib2R5LXJlZ2lzdGVycw==";
    world.refused(&format!("/v2/past_webinars/{number}/absentees"), 400, 3000, message).await;
}

#[tokio::test]
async fn absentees_and_panelists_are_imported_as_they_are_served() {
    let world = recurring().await;
    let path = format!("/v2/webinars/{WEBINAR}/panelists");
    world.done("POST", &path, &json!({"panelists": [panelist("ana")]}), 201).await;
    let other = World::of(World::new().await.server.in_another_account().await).await;
    for (target, served) in [
        (format!("/v2/past_webinars/{WEBINAR}/absentees"), format!("/v2/webinars/{WEBINAR}/registrants")),
        (path.clone(), path.clone()),
    ] {
        let body = world.ok(&target).await;
        let reading = read(&Request::parse(&format!("GET {target}")).unwrap(), body.to_string().as_bytes()).unwrap();
        assert!(reading.defects.is_empty() && reading.unkept.is_empty(), "{reading:?}");
        other.ingest(&reading.batch).await;
        let list = if served == path { "panelists" } else { "registrants" };
        assert_eq!(other.ok(&served).await[list], body[list]);
    }
}
