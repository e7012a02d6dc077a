//! A page for each operation and language, and responses for unknown ones.

use std::collections::{BTreeSet, VecDeque};

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use rollcall_codegen::{Document, LANGUAGES, Operation};
use rollcall_http::Settings;

use crate::common::Server;

/// The parts by which a page is checked.
struct Reader {
    server: Server,
}

impl Reader {
    async fn new() -> Self {
        Self { server: Server::new(Settings::default()).await }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, body) = self.server.exchange(request.body(Body::empty()).unwrap()).await;
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap().replace("&#x2f;", "/"))
    }

    #[track_caller]
    fn page(&self, path: &str) -> impl Future<Output = String> {
        let path = path.to_owned();
        async move {
            let (status, _, html) = self.get(&path, &[]).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            html
        }
    }

    /// The operations of a surface, as the server describes them.
    async fn operations(&self, surface: &str) -> Vec<Operation> {
        let mut document = Document::read(&self.page(&format!("/openapi/{surface}.json")).await).unwrap();
        document.set_base_url("http://localhost");
        document.operations
    }
}

/// Whether the only script of a page is the one for copying.
fn has_no_foreign_script(html: &str) -> bool {
    let own = "<script src=\"/reference/copy.js\"></script>";
    html.matches("<script").count() == html.matches(own).count() && html.matches(own).count() <= 1
}

/// The targets of a page's links within the reference.
fn links(html: &str) -> BTreeSet<String> {
    let targets = html.split(" href=\"").skip(1).filter_map(|piece| piece.split('"').next());
    targets.filter(|target| target.starts_with("/reference/")).map(str::to_owned).collect()
}

fn slug(operation: &Operation) -> String {
    let words = operation.title.to_lowercase().replace('\'', "");
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[tokio::test]
async fn every_link_leads_somewhere_and_every_page_is_linked() {
    let reader = Reader::new().await;
    let mut known = BTreeSet::from(["/reference/pages".to_owned()]);
    let mut unread = VecDeque::from(["/reference/pages".to_owned()]);
    while let Some(path) = unread.pop_front() {
        let html = reader.page(path.split('#').next().unwrap()).await;
        for target in html.split(" href=\"").skip(1) {
            assert!(
                target.starts_with('/') || target.starts_with('#') || target.starts_with("data:image/"),
                "{path}: {target}"
            );
        }
        // One language represents all: the tests of `rollcall-reference` check the others' pages.
        let others = |link: &String| LANGUAGES.iter().skip(1).any(|one| link.split('/').nth(4) == Some(one.id));
        for link in links(&html).into_iter().filter(|link| !others(link)) {
            if known.insert(link.clone()) {
                unread.push_back(link);
            }
        }
    }
    for surface in ["zoom", "webex", "rollcall"] {
        for operation in reader.operations(surface).await {
            let page = format!("/reference/{surface}/{}/{}", slug(&operation), LANGUAGES[0].id);
            assert!(known.contains(&page), "{page}");
        }
    }
}

#[tokio::test]
async fn what_there_is_not_answers_404_with_links_to_what_there_is() {
    let reader = Reader::new().await;
    for (path, instead) in [
        ("/reference/teams", "/reference/zoom"),
        ("/reference/zoom/get-weather", "/reference/zoom/get-webinar-participants"),
        ("/reference/zoom/get-webinar-participants/cobol", "/reference/zoom/get-webinar-participants/tcl"),
        ("/reference/zoom/get-webinar-participants/tcl/gtk", "/reference/zoom/get-webinar-participants/tcl/chilkat"),
        ("/reference/zoom/get-webinar-participants/tcl/stdlib/other.tcl", "/reference/zoom"),
        ("/reference/zoom/a/b/c/d/e/f", "/reference/zoom"),
        ("/reference/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/reference/zoom"),
    ] {
        let (status, headers, html) = reader.get(path, &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
        assert!(links(&html).contains(instead), "{path}: {html}");
        assert!(has_no_foreign_script(&html), "{path}");
        for link in links(&html).into_iter().filter(|link| link.contains(instead)) {
            reader.page(&link).await;
        }
    }
}

#[tokio::test]
async fn a_page_may_load_nothing_from_elsewhere_and_is_sent_once() {
    let reader = Reader::new().await;
    let path = "/reference/zoom/get-webinar-participants/tcl";
    let (status, headers, html) = reader.get(path, &[]).await;
    assert_eq!(status, StatusCode::OK);
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(has_no_foreign_script(&html) && !html.contains(" style="));
    assert_eq!(html.matches(" src=").count(), 1, "the script that copies");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");

    let tag = headers[header::ETAG].to_str().unwrap().to_owned();
    for known in [tag.clone(), format!("\"other\", {tag}"), "*".to_owned()] {
        let (status, headers, body) = reader.get(path, &[("if-none-match", &known)]).await;
        assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{known}");
        assert_eq!(headers[header::ETAG].to_str().unwrap(), tag);
    }
    let (status, ..) = reader.get(path, &[("if-none-match", "W/\"other\"")]).await;
    assert_eq!(status, StatusCode::OK);
    // A page contains the address of the API, so it differs at another address.
    let (_, headers, html) = reader.get(path, &[("host", "rollcall.example.com:8480")]).await;
    assert_ne!(headers[header::ETAG].to_str().unwrap(), tag);
    assert!(html.contains("http://rollcall.example.com:8480/v2/metrics/webinars/"));
}

#[tokio::test]
async fn a_hostile_name_of_the_host_stays_text() {
    let reader = Reader::new().await;
    let host = "x\"><script>alert(1)</script>$(id)`id`";
    for language in LANGUAGES {
        let path = format!("/reference/zoom/list-users/{}", language.id);
        let (status, _, html) = reader.get(&path, &[("host", host)]).await;
        assert!(has_no_foreign_script(&html), "{path}: {status}");
    }
}

#[tokio::test]
async fn the_plain_style_has_its_address_and_a_redirect_from_the_long_one() {
    let reader = Reader::new().await;
    let (status, headers, _) = reader.get("/reference/zoom/list-users/python/stdlib", &[]).await;
    assert_eq!(status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(headers[header::LOCATION], "/reference/zoom/list-users/python");
}

#[tokio::test]
async fn a_form_makes_a_program_or_says_what_is_wrong_and_a_large_one_is_rejected() {
    let reader = Reader::new().await;
    for (text, expected) in [
        ("%7B%22user_name%22:1%7D".to_owned(), StatusCode::OK),
        ("%7B".to_owned(), StatusCode::BAD_REQUEST),
        ("x".repeat(2 << 20), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = Request::post("/reference/tools").header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from(format!("make=python&text={text}"))).unwrap();
        let (parts, body) = reader.server.exchange(request).await;
        let html = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(parts.status, expected, "{html}");
        assert_eq!(html.contains("id=\"result\""), expected == StatusCode::OK, "{html}");
    }
}
