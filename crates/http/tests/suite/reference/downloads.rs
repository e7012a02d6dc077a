//! Files for other tools. `tests/clients` checks that Postman's runner completes the collections.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_http::Settings;

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
