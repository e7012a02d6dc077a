//! The most detailed log contains neither secrets nor persons.

use serde_json::json;

use crate::folder::Folder;

#[test]
fn logs_hold_neither_secrets_nor_persons() {
    let folder = Folder::new();
    let participant = json!({"user_id": "16778240", "user_name": "Ann Archer", "ip_address": "192.0.2.77", "email": "ann@example.com"});
    let lines = [
        json!({"request": "GET /v2/users", "response": {"users": [{"id": "KdYKjnimT4KPd8FFgQt9FQ", "email": "ann@example.com", "first_name": "Ann", "last_name": "Archer"}]}}),
        json!({"request": "GET /v2/metrics/meetings/93201235621/participants?type=past", "response": {"participants": [participant]}}),
    ];
    folder.write("lines.ndjson", lines.map(|line| line.to_string()).join("\n"));
    folder.run(&["import", "lines.ndjson"]).good();
    let app = folder.run(&["app", "create"]).good();
    let value = |key: &str| app.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    let (account_id, client_id, secret) = (value("account_id="), value("client_id="), value("client_secret="));
    let token = folder.run(&["token", "create"]).good();
    let token = token.trim();

    let server = folder.serve();
    let granted = server.client.grant(account_id, client_id, secret).1;
    let granted = granted["access_token"].as_str().unwrap();
    for (target, expected) in [
        ("/v2/users/ann@example.com", 200),
        ("/v2/users/nobody%40example.com", 404),
        ("/v2/metrics/meetings/93201235621/participants?type=past", 200),
        ("/v2/metrics/meetings/93201235621/participants/16778240/qos?type=past", 200),
        ("/v2/metrics/meetings/93201235621/participants?type=past&next_page_token=forged", 400),
        ("/v2/metrics/meetings/93201235621/unknown", 404),
        ("/v1/admin/meeting/userconfig/trackingCodes?siteUrl=example.webex.com&personId=ann@example.com", 400),
        ("/elsewhere/93201235621?email=ann@example.com", 404),
    ] {
        let (status, body) = server.client.get(target, token);
        assert_eq!(status, expected, "{target}: {body}");
    }
    server.client.get("/v2/users", granted);
    server.client.get(&format!("/v2/users?access_token={token}"), "wrong-token-of-somebody");
    server.client.grant(account_id, client_id, "wrong-secret-of-somebody");
    let log = server.stop();

    let answered = log.lines().filter(|line| line.contains("answered")).count();
    assert!(answered >= 12, "{log}");
    assert!(log.contains("/v2/metrics/meetings/{"), "{log}");
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    for hidden in [
        token,
        granted,
        secret,
        "wrong-token-of-somebody",
        "wrong-secret-of-somebody",
        "93201235621",
        "16778240",
        "ann@example.com",
        "nobody",
        "Archer",
        "192.0.2.77",
        "KdYKjnimT4KPd8FFgQt9FQ",
    ] {
        assert!(!log.contains(hidden), "{hidden} is in {log}");
    }
}
