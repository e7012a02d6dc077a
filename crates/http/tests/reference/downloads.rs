//! Files for other tools. `tests/clients` checks that Postman's runner completes the collections.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_codegen::Document;
use rollcall_http::Settings;
use serde_json::Value;

use crate::common::Server;

async fn get(server: &Server, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).header("host", "rollcall.example.com").body(Body::empty()).unwrap();
    let (parts, body) = server.exchange(request).await;
    (parts.status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn every_download_of_the_list_is_there_and_says_where_this_server_is() {
    let server = Server::new(Settings::default()).await;
    let (status, html) = get(&server, "/reference/downloads").await;
    assert_eq!(status, StatusCode::OK);
    let html = html.replace("&#x2f;", "/");
    let files: Vec<&str> = html.split("href=\"").filter_map(|rest| rest.split('"').next()).collect();
    for (surface, has_collection) in [("zoom", true), ("webex", true), ("rollcall", false)] {
        assert!(files.contains(&format!("/openapi/{surface}.json").as_str()), "{surface}");
        for kind in ["collection", "environment"] {
            let file = format!("/reference/downloads/{surface}.postman_{kind}.json");
            assert_eq!(files.contains(&file.as_str()), has_collection, "{file}");
            let (status, text) = get(&server, &file).await;
            assert_eq!(status == StatusCode::OK, has_collection, "{file}: {text}");
            if has_collection {
                assert!(text.contains("http://rollcall.example.com"), "{file}");
            }
        }
    }
    let (status, html) = get(&server, "/reference/downloads/other.json").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(html.contains("/reference/downloads") || html.contains("&#x2f;reference&#x2f;downloads"), "{html}");
}

#[tokio::test]
async fn a_collection_is_one_that_is_read_again_with_all_its_operations_and_their_errors() {
    let server = Server::new(Settings::default()).await;
    for surface in ["zoom", "webex"] {
        let (_, described) = get(&server, &format!("/openapi/{surface}.json")).await;
        let (_, collection) = get(&server, &format!("/reference/downloads/{surface}.postman_collection.json")).await;
        let described = Document::read(&described).unwrap();
        let read = Document::read(&collection).unwrap();
        assert_eq!(read.operations().len(), described.operations().len());
        for operation in described.operations() {
            let again = read.operations().iter().find(|one| one.title == operation.title).unwrap();
            assert_eq!(again.answers.len(), operation.answers.len(), "{}", operation.id);
        }
        let collection: Value = serde_json::from_str(&collection).unwrap();
        assert_eq!(collection["auth"]["type"], "oauth2");
    }
}
