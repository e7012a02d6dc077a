//! The sample bodies of the vendors' published documents are imported unchanged, and the API returns them again,
//! field by field.
//!
//! The documents are next to the checkout, in `../shared/seeds`; without them, there is nothing to compare.

use std::{fs, path::Path};

use serde_json::Value;

use crate::world::World;

/// Fields that a server renews with every response: the page's position in its list, and the requested length.
const RENEWED: [&str; 4] = ["page_count", "page_size", "total_records", "next_page_token"];

/// Fields that were added to the vendors' responses after their samples were published.
const ADDED: [&str; 5] = ["registration_count", "webinar_number", "meeting_number", "health", "issue_list"];

/// Returns a document by the number that its name begins with. `None` if the documents do not exist.
fn document(number: &str) -> Option<String> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds");
    let Ok(entries) = fs::read_dir(&seeds) else {
        println!("skipped: {} does not exist", seeds.display());
        return None;
    };
    let path = entries
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(number)))
        .unwrap();
    Some(fs::read_to_string(path).unwrap())
}

/// The body of a Postman collection's first response.
fn postman_body(document: &str) -> String {
    let key = "\"body\": ";
    let mut bodies = document.match_indices(key).filter_map(|(at, _)| {
        serde_json::Deserializer::from_str(&document[at + key.len()..]).into_iter::<String>().next()?.ok()
    });
    bodies.find(|body| !body.is_empty()).unwrap()
}

/// The response body on a page of the documentation.
fn body_under_200(document: &str) -> String {
    let (_, after) = document.split_once("200 / OK").unwrap();
    let mut bodies = serde_json::Deserializer::from_str(after).into_iter::<Box<serde_json::value::RawValue>>();
    bodies.next().unwrap().unwrap().get().to_owned()
}

/// Checks that `answer` has every field of `sample`, and no others except those in [`ADDED`].
fn assert_answers(sample: &Value, answer: &Value, path: &str) {
    match (sample, answer) {
        (Value::Object(sample), Value::Object(answer)) => {
            for (key, value) in sample {
                if path.is_empty() && RENEWED.contains(&key.as_str()) {
                    assert!(answer.contains_key(key), "{key} is missing");
                    continue;
                }
                let path = format!("{path}.{key}");
                assert_answers(value, answer.get(key).unwrap_or_else(|| panic!("{path} is missing")), &path);
            }
            let extra: Vec<&String> = answer.keys().filter(|key| !sample.contains_key(*key)).collect();
            assert!(extra.iter().all(|key| ADDED.contains(&key.as_str())), "{path} has more: {extra:?}");
        }
        (Value::Array(sample), Value::Array(answer)) => {
            assert_eq!(sample.len(), answer.len(), "{path}");
            for (index, (sample, answer)) in sample.iter().zip(answer).enumerate() {
                assert_answers(sample, answer, &format!("{path}[{index}]"));
            }
        }
        _ => assert_eq!(sample, answer, "{path}"),
    }
}

/// Imports `body` as the response to `target`, twice, and compares it with the API's response to `target`.
async fn check(target: &str, body: &str) {
    let world = World::new().await;
    let request = format!("GET {target}");
    let first = world.import_body(&request, body).await.whole();
    let answer = world.get(target).await;
    assert_answers(&serde_json::from_str(body).unwrap(), &answer, "");

    let dump = world.dump().await;
    assert_eq!(world.import_body(&request, body).await.whole(), first);
    assert_eq!(world.dump().await, dump);
    assert_eq!(world.get(target).await, answer);
}

#[tokio::test]
async fn tracking_sources_of_a_webinar() {
    let Some(document) = document("000") else { return };
    check("/v2/webinars/68423085/tracking_sources", &postman_body(&document)).await;
}

#[tokio::test]
async fn quality_of_a_webinar() {
    let Some(document) = document("001") else { return };
    for state in ["live", "past"] {
        let target = format!("/v2/metrics/webinars/123456789/participants/qos?type={state}");
        check(&target, &postman_body(&document)).await;
    }
}

#[tokio::test]
async fn participants_of_a_webinar() {
    let Some(document) = document("002") else { return };
    for state in ["live", "past"] {
        let target = format!("/v2/metrics/webinars/123456789/participants?type={state}");
        check(&target, &postman_body(&document)).await;
    }
}

#[tokio::test]
async fn participants_of_a_meeting() {
    let Some(document) = document("003") else { return };
    for state in ["live", "past"] {
        let target = format!("/v2/metrics/meetings/123456789/participants?type={state}");
        check(&target, &postman_body(&document)).await;
    }
}

#[tokio::test]
async fn a_tracking_code() {
    let Some(document) = document("004") else { return };
    check("/v1/admin/meeting/config/trackingCodes/1?siteUrl=example.webex.com", &body_under_200(&document)).await;
}
