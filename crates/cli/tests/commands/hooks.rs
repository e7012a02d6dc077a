//! Secrets of webhooks: taken from standard input, a file or the environment, never shown, used at once.

use crate::folder::Folder;

const SECRET: &str = "a-secret-of-zoom-2v8XzVDTsSNbKDhXQ0m9g";

#[test]
fn a_secret_is_taken_listed_and_withdrawn_without_being_shown() {
    let folder = Folder::begun();
    let address = folder.run_with_input(&["hook", "create", "zoom"], &format!("{SECRET}\n")).good();
    let account = address.trim_end().strip_prefix("/hooks/zoom/").unwrap();
    assert!(folder.run(&["account", "list"]).good().contains(account));
    folder.write("secret.txt", "of-webex");
    assert!(
        folder.run(&["hook", "create", "webex", "--secret-file", "secret.txt"]).good().starts_with("/hooks/webex/")
    );
    let twice = folder.run_with_input(&["hook", "create", "zoom"], SECRET).failed(1);
    assert_eq!(twice, "rollcall: this secret already exists\n");

    let listed = folder.run(&["hook", "list"]).good();
    let states: Vec<Vec<&str>> = listed.lines().skip(1).map(|line| line.split_whitespace().take(3).collect()).collect();
    assert_eq!(states, [["1", "zoom", "active"], ["2", "webex", "active"]], "{listed}");
    assert!(!listed.contains(SECRET));
    assert_eq!(folder.run(&["hook", "revoke", "1"]).good(), "");
    assert_eq!(folder.run(&["hook", "list"]).good().lines().count(), 2, "it is gone");
    assert_eq!(folder.run(&["hook", "revoke", "1"]).failed(1), "rollcall: the account has no webhook secret 1\n");

    let rotated = folder.run_with_input(&["hook", "rotate", "2", "--overlap", "3"], SECRET).good();
    assert!(rotated.starts_with("secret 3 is valid from now on, and secret 2 until "), "{rotated}");
    let listed = folder.run(&["hook", "list"]).good();
    assert!(listed.contains("active until ") && listed.lines().count() == 3, "{listed}");
}

#[test]
fn what_is_no_secret_is_refused() {
    let folder = Folder::begun();
    for (input, message) in [
        ("", "the secret is empty"),
        (" \n", "the secret is empty"),
        ("one\ntwo", "several lines"),
        (&"x".repeat(1025), "the secret is too long"),
    ] {
        let stderr = folder.run_with_input(&["hook", "create", "zoom"], input).failed(1);
        assert!(stderr.contains(message), "{stderr}");
    }
    assert!(folder.run(&["hook", "create", "zoom", "--secret-env", "NOT_THERE"]).failed(1).contains("NOT_THERE"));
    folder.run(&["hook", "create", "teams"]).failed(2);
    folder.run(&["hook", "create", "zoom", SECRET]).failed(2);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::begun();
    folder.run_with_input(&["hook", "create", "zoom"], SECRET).good();
    let mode = std::fs::metadata(folder.path("data/rollcall.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
