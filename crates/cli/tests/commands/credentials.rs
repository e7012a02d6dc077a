//! Accounts, apps and tokens, while a server runs on the same data.

use crate::folder::Folder;

/// The rows of a printed table, by their columns.
fn rows(table: &str) -> Vec<Vec<&str>> {
    table
        .lines()
        .skip(1)
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect()
}

#[test]
fn a_token_works_at_once_until_it_is_revoked() {
    let folder = Folder::new();
    let server = folder.serve();
    let created = folder.run(&["token", "create", "--scopes", "all", "--expires", "never"]).good();
    let token = created.strip_suffix('\n').unwrap();
    assert!(token.len() >= 43 && !token.contains(char::is_whitespace), "{created}");
    assert_eq!(server.client.get("/v2/users", token).0, 200);

    let narrow = folder.run(&["token", "create", "--scopes", "webinar:read, user:read:admin"]).good();
    let (status, refusal) = server.client.get("/v2/metrics/meetings?from=2026-01-01&to=2026-01-02", narrow.trim());
    assert_eq!((status, refusal["code"].as_i64()), (400, Some(4711)), "{refusal}");
    assert_eq!(server.client.get("/v2/users", narrow.trim()).0, 200);

    let listed = folder.run(&["token", "list"]).good();
    let rows = rows(&listed);
    assert_eq!(rows.len(), 2, "{listed}");
    assert_eq!((rows[0][0], rows[0][2], *rows[0].last().unwrap()), ("2", "active", "user:read:admin webinar:read"));
    assert_eq!((rows[1][0], rows[1][2], rows[1][4], *rows[1].last().unwrap()), ("1", "active", "never", "(all)"));
    assert!(!listed.contains(token));

    assert_eq!(folder.run(&["token", "revoke", "1"]).good(), "");
    let (status, refusal) = server.client.get("/v2/users", token);
    assert_eq!((status, refusal["code"].as_i64()), (401, Some(124)), "{refusal}");
    assert_eq!(server.client.get("/v2/users", narrow.trim()).0, 200);
    assert!(folder.run(&["token", "list"]).good().contains("revoked"));
    for id in ["1", "77"] {
        let stderr = folder.run(&["token", "revoke", id]).failed(1);
        assert_eq!(stderr, format!("rollcall: the account has no active token {id}\n"));
    }
    server.stop();
}

#[test]
fn an_app_gets_tokens_until_it_is_revoked() {
    let folder = Folder::new();
    let server = folder.serve();
    let created = folder.run(&["app", "create", "--name", "Reports", "--scopes", "user:read:admin"]).good();
    let values: Vec<(&str, &str)> = created.lines().map(|line| line.split_once('=').unwrap()).collect();
    let [("account_id", account_id), ("client_id", client_id), ("client_secret", client_secret)] = values[..] else {
        panic!("{created}");
    };
    let (status, granted) = server.client.grant(account_id, client_id, client_secret);
    assert_eq!(status, 200, "{granted}");
    assert_eq!(granted["scope"], "user:read:admin");
    let token = granted["access_token"].as_str().unwrap();
    assert_eq!(server.client.get("/v2/users", token).0, 200);
    assert_eq!(server.client.grant(account_id, client_id, "another").0, 401);

    let manual = folder.run(&["token", "create", "--app", client_id]).good();
    assert_eq!(server.client.get("/v2/users", manual.trim()).0, 200);

    let listed = folder.run(&["app", "list"]).good();
    assert_eq!(rows(&listed)[0][..3], [client_id, "Reports", "active"]);
    assert!(!listed.contains(client_secret));

    assert_eq!(folder.run(&["app", "revoke", client_id]).good(), "");
    for token in [token, manual.trim()] {
        assert_eq!(server.client.get("/v2/users", token).0, 401);
    }
    assert_eq!(server.client.grant(account_id, client_id, client_secret).0, 401);
    assert_eq!(rows(&folder.run(&["app", "list"]).good())[0][2], "revoked");
    for arguments in [&["app", "revoke", client_id][..], &["token", "create", "--app", client_id]] {
        let stderr = folder.run(arguments).failed(1);
        assert_eq!(stderr, format!("rollcall: the account has no active app {client_id}\n"));
    }
    server.stop();
}

#[test]
fn an_app_may_have_redirect_uris_and_no_secret() {
    let folder = Folder::new();
    folder.run(&["account", "create", "main", "--new"]).good();
    let uris = ["https://app.example/oauth", "http://127.0.0.1:8080/"];
    let create = ["app", "create", "--redirect-uri", uris[0], "--redirect-uri", uris[1]];
    let printed = folder.run(&create).good();
    assert!(printed.contains("client_secret="), "{printed}");
    let printed = folder.run(&[&create[..], &["--public"]].concat()).good();
    assert!(!printed.contains("client_secret="), "{printed}");
    let client_id = printed.lines().find_map(|line| line.strip_prefix("client_id=")).unwrap();
    let listed = folder.run(&["app", "list", "--json"]).good();
    let apps: Vec<serde_json::Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(apps.iter().all(|app| app["redirect_uris"] == uris.join(" ")), "{listed}");
    assert_eq!([&apps[0]["kind"], &apps[1]["kind"]], ["secret", "public"]);
    let stderr = folder.run(&["app", "rotate", client_id]).failed(1);
    assert_eq!(stderr, format!("rollcall: the app {client_id} is public: it has no secret to replace\n"));
}

#[test]
fn a_user_id_may_begin_with_a_hyphen() {
    let folder = Folder::new();
    folder.run(&["account", "create", "main", "--new"]).good();
    folder.write("users.json", r#"{"users": [{"id": "-6C2IkyZAA7C_ZAziqLJkQ", "email": "ann@example.com"}]}"#);
    folder.run(&["import", "--request", "GET /v2/users", "users.json"]).good();
    let server = folder.serve();
    let token = folder.run(&["token", "create", "--user", "-6C2IkyZAA7C_ZAziqLJkQ"]).good();
    assert_eq!(server.client.get("/v2/users/me", token.trim()).1["email"], "ann@example.com");
    server.stop();
}

#[test]
fn only_a_request_that_waits_is_decided() {
    let folder = Folder::new();
    folder.run(&["account", "create", "main", "--new"]).good();
    folder.run(&["app", "create", "--redirect-uri", "https://app.example/oauth"]).good();
    assert_eq!(rows(&folder.run(&["app", "requests"]).good()).len(), 0);
    for command in ["approve", "deny"] {
        let stderr = folder.run(&["app", command, "BCDF-GHJK"]).failed(1);
        assert!(stderr.starts_with("rollcall: no request BCDF-GHJK waits for approval."), "{stderr}");
    }
}

#[test]
fn several_accounts_are_told_apart() {
    let folder = Folder::new();
    let public_id = folder.run(&["account", "create", "north", "--new"]).good();
    folder.run(&["account", "create", "south"]).good();
    let listed = folder.run(&["account", "list"]).good();
    let rows = rows(&listed);
    assert_eq!((rows.len(), rows[0][0], rows[0][1], rows[1][0]), (2, "north", public_id.trim(), "south"));

    folder.write("users.json", r#"{"users": [{"id": "ann", "email": "ann@example.com"}]}"#);
    for arguments in [
        &["token", "create"][..],
        &["token", "list"],
        &["app", "create"],
        &["app", "list"],
        &["import", "--request", "GET /v2/users", "users.json"],
        &["sim", "--people", "4", "--days", "1"],
    ] {
        let stderr = folder.run(arguments).failed(1);
        assert_eq!(stderr, "rollcall: there are several accounts: choose one with --account (north, south)\n");
    }
    let stderr = folder.run(&["token", "create", "--account", "east"]).failed(1);
    assert!(stderr.contains("no account called east") && stderr.contains("rollcall account create east"), "{stderr}");
    let stderr = folder.run(&["account", "create", "north"]).failed(1);
    assert!(stderr.contains("`north`") && stderr.contains("already exists"), "{stderr}");

    folder.run(&["import", "--account", "north", "--request", "GET /v2/users", "users.json"]).good();
    let north = folder.run(&["token", "create", "--account", public_id.trim()]).good();
    let south = folder.run(&["token", "create", "--account", "south"]).good();
    let anns = folder.run(&["token", "create", "--account", "north", "--user", "ann@example.com"]).good();
    let stderr = folder.run(&["token", "create", "--account", "south", "--user", "ann"]).failed(1);
    assert_eq!(stderr, "rollcall: the account has no user ann\n");

    let server = folder.serve();
    for (token, total) in [(&north, 1), (&south, 0)] {
        let (status, users) = server.client.get("/v2/users", token.trim());
        assert_eq!((status, users["total_records"].as_i64()), (200, Some(total)), "{users}");
    }
    assert_eq!(server.client.get("/v2/users/me", anns.trim()).1["id"], "ann");
    server.stop();
}

#[test]
fn what_is_not_there_is_neither_listed_nor_made() {
    let folder = Folder::new();
    for arguments in [
        &["token", "list"][..],
        &["token", "create"],
        &["token", "revoke", "1"],
        &["app", "list"],
        &["app", "create"],
        &["account", "list"],
        &["account", "create", "north"],
        &["archive", "seal"],
    ] {
        let stderr = folder.run(arguments).failed(1);
        assert!(stderr.starts_with("rollcall: no installation in data: "), "{arguments:?}: {stderr}");
    }
    assert!(!folder.path("data").exists());
}

#[test]
fn a_token_without_scopes_reads_for_ninety_days() {
    let folder = Folder::begun();
    let token = folder.run(&["token", "create"]).good();
    let app = folder.run(&["app", "create"]).good();
    let listed = folder.run(&["token", "list"]).good();
    let row = &rows(&listed)[0];
    assert_eq!(row[2], "active");
    assert_ne!(row[4], "never");
    let scopes = row.last().unwrap();
    assert!(scopes.contains("dashboard:read:admin") && scopes.contains("rollcall:sql"), "{scopes}");
    for writing in ["ingest:", "erasures:write", "_write"] {
        assert!(!scopes.contains(writing) && !folder.run(&["app", "list"]).good().contains(writing), "{writing}");
    }
    let server = folder.serve();
    assert_eq!(server.client.get("/v2/users", token.trim()).0, 200);
    assert_eq!(server.client.post("/ingest/v1/qos", token.trim(), "").0, 403);
    assert!(app.contains("client_secret="));
    server.stop();
}

#[test]
fn every_list_can_be_printed_as_json() {
    let folder = Folder::begun();
    folder.run(&["token", "create"]).good();
    folder.run(&["app", "create", "--name", "Reports"]).good();
    folder.run_with_input(&["hook", "create", "zoom"], "a-secret").good();
    for (arguments, key, value) in [
        (&["account", "list", "--json"][..], "name", "default"),
        (&["token", "list", "--json"], "kind", "access"),
        (&["app", "list", "--json"], "name", "Reports"),
        (&["hook", "list", "--json"], "vendor", "zoom"),
    ] {
        let rows = folder.json(arguments);
        assert_eq!((rows.len(), rows[0][key].as_str()), (1, Some(value)), "{rows:?}");
    }
    assert_eq!(folder.json(&["token", "list", "--json"])[0]["last_used"], "never");
    assert!(folder.json(&["token", "list", "--json"])[0]["app"].is_null());
}
