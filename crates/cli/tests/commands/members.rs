//! Members: the link of the first start, and the commands, beside a running server.

use crate::{
    folder::{Folder, Server},
    http::Answer,
};

const PASSWORD: &str = "correct horse battery";

fn accept(server: &Server, code: &str, email: &str) -> Answer {
    let body = format!(r#"{{"email": "{email}", "name": "Ana", "password": "{PASSWORD}"}}"#);
    let headers = [("Content-Type", "application/json")];
    server.client.send("POST", &format!("/api/v1/invitations/{code}"), &headers, &body)
}

/// The code of a printed link.
#[track_caller]
fn code_of(line: &str) -> String {
    let (_, code) = line.split_once("/welcome#").unwrap_or_else(|| panic!("{line}"));
    code.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn each_start_prints_a_link_until_there_is_an_administrator() {
    let folder = Folder::new();
    let mut server = folder.serve();
    let address = server.client.address;
    let first = server.said("first administrator: ");
    assert!(first.contains(&format!(" http://{address}/welcome#")) && first.contains("7 days"), "{first}");
    let log = server.stop();
    assert!(!log.contains("welcome"), "{log}");

    let public = [("ROLLCALL_SERVER_PUBLIC_URL", "https://rollcall.example/")];
    let mut server = folder.serve_with(&public);
    let second = server.said("first administrator: ");
    assert!(second.contains(" https://rollcall.example/welcome#"), "{second}");
    assert_eq!(accept(&server, &code_of(&first), "ana@example.com").0, 404, "the next start replaced it");
    let (status, session) = accept(&server, &code_of(&second), "ana@example.com");
    assert_eq!((status, session["role"].as_str()), (201, Some("administrator")), "{session}");
    assert_eq!(accept(&server, &code_of(&second), "bob@example.com").0, 404, "it works once");
    let log = server.stop();
    assert!(!log.contains(&code_of(&second)) && !log.contains(PASSWORD), "{log}");

    let mut server = folder.serve();
    server.terminate();
    assert!(!server.said_to_the_end().contains("administrator"));
    assert_eq!(server.wait().0, 0);
}

#[test]
fn members_are_invited_listed_and_removed_beside_a_server() {
    let folder = Folder::begun();
    let server = folder.serve();
    let invite = |arguments: &[&str]| folder.run(&[&["member", "invite"], arguments].concat());
    let link = invite(&["ana@example.com", "--role", "administrator"]).good();
    assert!(link.starts_with("http://127.0.0.1:8480/welcome#"), "{link}");
    let (status, session) = accept(&server, &code_of(&link), "ana@example.com");
    assert_eq!((status, session["role"].as_str()), (201, Some("administrator")), "{session}");
    let link = invite(&["bob@example.com", "--hide-names"]).good();
    let (_, session) = accept(&server, &code_of(&link), "bob@example.com");
    assert_eq!((session["role"].as_str(), session["names_hidden"].as_bool()), (Some("viewer"), Some(true)));

    let listed = folder.run(&["member", "list"]).good();
    assert!(listed.contains("ana@example.com") && listed.contains("administrator"), "{listed}");
    let lines = folder.run(&["member", "list", "--json"]).good();
    let bob: serde_json::Value = serde_json::from_str(lines.lines().nth(1).unwrap()).unwrap();
    assert_eq!(
        (bob["email"].as_str(), bob["role"].as_str(), bob["names"].as_str()),
        (Some("bob@example.com"), Some("viewer"), Some("hidden")),
        "{bob}"
    );

    for (arguments, told) in [
        (&["ANA@example.com"][..], "there is already a member with the address ana@example.com"),
        (&["eve@example.com", "--role", "analyst", "--hide-names"], "viewers only"),
    ] {
        let told_so = invite(arguments).failed(1);
        assert!(told_so.contains(told), "{told_so}");
    }
    assert!(invite(&["eve"]).failed(2).contains("email address"));
    assert!(invite(&["eve@example.com", "--role", "owner"]).failed(2).contains("viewer, analyst or administrator"));

    let remove = |email: &str| folder.run(&["member", "remove", email]);
    assert!(remove("ana@example.com").failed(1).contains("last administrator"));
    remove("Bob@example.com").good();
    assert!(remove("bob@example.com").failed(1).contains("no member bob@example.com"));
    let audited =
        folder.run(&["sql", "SELECT operation, count(*) FROM audit WHERE target = 'member' GROUP BY 1"]).good();
    for (operation, count) in [("member invite", 2), ("member remove", 1), ("acceptInvitation", 2)] {
        assert!(audited.contains(&format!("{operation},{count}")), "{audited}");
    }
    let who = folder.run(&["sql", "SELECT DISTINCT member FROM audit WHERE actor = 'member' ORDER BY 1"]).good();
    assert!(who.contains("ana@example.com") && who.contains("bob@example.com"), "{who}");
    server.stop();
}
