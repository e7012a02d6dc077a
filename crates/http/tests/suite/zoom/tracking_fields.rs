//! Tracking fields: labels that an account defines for its meetings.

use rollcall_http::Settings;
use rollcall_zoom::read::{Request, read};
use serde_json::{Value, json};

use crate::common::Server;
use crate::zoom::{World, column, data::FIELD};

const FIELDS: &str = "/v2/tracking_fields";

fn cost_centre() -> Value {
    json!({"field": "Cost centre", "recommended_values": ["42", "Zürich"], "required": true, "visible": true})
}

#[tokio::test]
async fn a_field_is_created_changed_and_deleted() {
    let world = World::new().await;
    let made = world.done("POST", FIELDS, &cost_centre(), 201).await;
    let id = made["id"].as_str().unwrap();
    let mut expected = cost_centre();
    expected["id"] = id.into();
    assert_eq!(made, expected);
    let one = format!("{FIELDS}/{id}");
    assert_eq!(world.ok(&one).await, made);
    let list = world.ok(FIELDS).await;
    assert_eq!((&list["total_records"], column(&list, "tracking_fields", "id")), (&json!(2), vec![FIELD, id]));

    world.done("PATCH", &one, &json!({"field": "Team", "required": false}), 204).await;
    expected["field"] = "Team".into();
    expected["required"] = false.into();
    assert_eq!(world.ok(&one).await, expected, "what is left out stays");
    // The former label is free.
    world.done("POST", FIELDS, &cost_centre(), 201).await;
    world.done("DELETE", &one, &Value::Null, 204).await;
    let gone = format!("Tracking field does not exist: {id}.");
    for method in ["GET", "PATCH", "DELETE"] {
        let body = if method == "PATCH" { json!({}) } else { Value::Null };
        world.not_done(method, &one, &body, (404, 404, &gone)).await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_field_is_named() {
    let world = World::new().await;
    for (body, fields) in [
        (json!({}), vec!["field"]),
        (json!({"field": " "}), vec!["field"]),
        (json!({"field": "é".repeat(65)}), vec!["field"]),
        (json!({"field": "region"}), vec!["field"]),
        (
            json!({"field": "x", "recommended_values": "y", "required": "maybe", "visible": []}),
            vec!["recommended_values", "required", "visible"],
        ),
        (
            json!({"field": "x", "recommended_values": ["é".repeat(257), "", 7]}),
            vec!["recommended_values[0]", "recommended_values[1]", "recommended_values[2]"],
        ),
        (json!({"field": "x", "recommended_values": vec!["y"; 501]}), vec!["recommended_values"]),
    ] {
        let mut found = world.mistakes("POST", FIELDS, &body).await;
        found.dedup();
        assert_eq!(found, fields, "{body}");
    }
    let made = world.done("POST", FIELDS, &cost_centre(), 201).await;
    let one = format!("{FIELDS}/{}", made["id"].as_str().unwrap());
    assert_eq!(world.mistakes("PATCH", &one, &json!({"field": "REGION"})).await, ["field"]);
    assert_eq!(world.mistakes("PATCH", &one, &json!({"field": ""})).await, ["field"]);
    assert_eq!(world.ok(&one).await["field"], "Cost centre");
}

#[tokio::test]
async fn of_two_at_once_with_the_same_label_one_is_created() {
    let world = World::new().await;
    let body = cost_centre();
    let (one, two) = tokio::join!(world.call("POST", FIELDS, &body), world.call("POST", FIELDS, &body));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
}

#[tokio::test]
async fn an_account_has_a_bounded_number_of_fields() {
    let world = World::new().await;
    for number in 0..199 {
        world.done("POST", FIELDS, &json!({"field": format!("f{number}")}), 201).await;
    }
    assert_eq!(world.mistakes("POST", FIELDS, &json!({"field": "more"})).await, ["field"]);
}

#[tokio::test]
async fn fields_are_imported_as_they_are_served() {
    let world = World::new().await;
    let list = world.ok(FIELDS).await;
    let other = World::of(World::new().await.server.in_another_account().await).await;
    for (target, body) in [(FIELDS.to_owned(), &list), (format!("{FIELDS}/{FIELD}"), &list["tracking_fields"][0])] {
        let reading = read(&Request::parse(&format!("GET {target}")).unwrap(), body.to_string().as_bytes()).unwrap();
        assert!(reading.defects.is_empty() && reading.unkept.is_empty(), "{reading:?}");
        other.ingest(&reading.batch).await;
        assert_eq!(other.ok(FIELDS).await, list);
    }
}

#[tokio::test]
async fn values_under_a_former_label_join_in_sql() {
    let world = World::holding(Server::in_files(Settings::default()).await).await;
    world.done("PATCH", &format!("{FIELDS}/{FIELD}"), &json!({"field": "Area"}), 204).await;
    let query = "SELECT f.id, f.current_label, count(*) FROM instances AS i, json_each(i.tracking_fields) AS v
                 JOIN tracking_fields AS f ON f.label = v.value ->> 'key' GROUP BY 1, 2";
    let request = axum::http::Request::post("/api/v1/sql")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", world.token))
        .body(json!({"query": query}).to_string().into())
        .unwrap();
    let answer = world.send_unchecked(request).await;
    assert_eq!(answer.body["rows"], json!([[FIELD, "Area", 6]]), "{}", answer.body);
}
