//! `rollcall serve`: how it starts and how it ends.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Stdio,
    time::Duration,
};

use crate::{
    folder::{Folder, terminate},
    http::read_answer,
};

#[test]
fn a_running_request_is_answered_before_the_end() {
    let folder = Folder::new();
    let server = folder.serve();
    assert_eq!(server.client.get("/healthz", "").0, 200);
    assert_eq!(server.client.get("/readyz", "").0, 200);

    let mut idle = TcpStream::connect(server.client.address).unwrap();
    let mut running = TcpStream::connect(server.client.address).unwrap();
    let body = "grant_type=client_credentials";
    let head = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    running.write_all(head.as_bytes()).unwrap();
    // The server reports that it waits for the body: from here on the request is running.
    let mut go_on = [0u8; 25];
    running.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    server.terminate();
    // The listener is closed while the request still runs.
    while TcpStream::connect(server.client.address).is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    running.write_all(body.as_bytes()).unwrap();
    let (status, refusal) = read_answer(&mut running);
    assert_eq!((status, refusal["error"].as_str()), (401, Some("invalid_client")), "{refusal}");
    let (status, log) = server.wait();
    assert_eq!(status, 0, "{log}");
    assert!(log.contains("stopping") && log.contains("stopped"), "{log}");
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn data_and_page_tokens_outlive_the_server() {
    let folder = Folder::begun();
    let token = folder.run(&["token", "create"]).good();
    folder.write("users.json", r#"{"users": [{"id": "ann", "email": "a@b.c"}, {"id": "bob", "email": "b@b.c"}]}"#);
    folder.run(&["import", "--request", "GET /v2/users", "users.json"]).good();

    let server = folder.serve();
    let (_, first) = server.client.get("/v2/users?page_size=1", token.trim());
    server.stop();
    let server = folder.serve();
    let target = format!("/v2/users?page_size=1&next_page_token={}", first["next_page_token"].as_str().unwrap());
    let (status, second) = server.client.get(&target, token.trim());
    assert_eq!((status, first["users"][0]["id"].as_str()), (200, Some("ann")));
    assert_eq!(second["users"][0]["id"], "bob", "{second}");
    server.stop();
}

#[test]
fn a_port_in_use_is_told() {
    let folder = Folder::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let stderr = folder.run(&["serve", "--listen", &address]).failed(1);
    assert!(stderr.contains(&format!("rollcall: cannot listen on {address}: ")), "{stderr}");
    assert!(stderr.ends_with(": the address is in use; choose another with --listen\n"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn data_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    folder.serve().stop();
    let mode = |name: &str| folder.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/page-token.key")), (0o700, 0o600));

    folder.write("data/page-token.key", "short");
    let stderr = folder.run(&["serve", "--listen", "127.0.0.1:0"]).failed(1);
    assert!(stderr.contains("page-token.key must contain 32 bytes in base64"), "{stderr}");
}

#[test]
fn a_demo_that_is_interrupted_ends_in_good_order_and_is_marked() {
    let folder = Folder::new();
    let mut demo = folder.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let mut demo = demo.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mark = folder.path("data/demo.unfinished");
    while !mark.exists() {
        assert_eq!(demo.try_wait().unwrap(), None);
        std::thread::sleep(Duration::from_millis(5));
    }
    terminate(&demo);
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    // So that the next start creates all of it.
    assert!(mark.exists());
}

#[test]
fn a_server_says_whether_data_is_coming_in() {
    let folder = Folder::new();
    folder.run(&["account", "create", "acme", "--new"]).good();
    for expected in ["empty", "quiet"] {
        let token = folder.run(&["token", "create"]).good();
        let server = folder.serve();
        let system = server.client.get("/api/v1/system", token.trim()).1;
        assert_eq!(system["intake"], expected, "{system}");
        assert!(system["last_write_seconds_ago"].is_null() && system["problems"] == serde_json::json!([]), "{system}");
        server.stop();
        if expected == "empty" {
            folder.run(&["sim", "--people", "4", "--days", "2", "--account", "acme", "--into-existing"]).good();
        }
    }
}
