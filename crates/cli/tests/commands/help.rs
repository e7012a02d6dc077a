//! Help texts.

use crate::folder::Folder;

#[test]
fn every_command_explains_itself() {
    let folder = Folder::new();
    for command in [
        "",
        "serve",
        "import",
        "app create",
        "app approve",
        "token create",
        "token revoke",
        "member invite",
        "account",
        "sim",
        "generate",
        "config check",
    ] {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let name = if command.is_empty() { "rollcall".to_owned() } else { command.replace(' ', "_") };
        insta::assert_snapshot!(name, folder.run(&arguments).good());
    }
}

#[test]
fn wrong_usage_is_status_2() {
    let folder = Folder::new();
    for (arguments, told) in [
        (&[][..], "Usage: rollcall"),
        (&["sevre"], "similar subcommands exist: 'restore', 'serve'"),
        (&["import"], "<FILE>..."),
        (&["import", "--request", "GET /v2/accounts", "x"], "responses to `/v2/accounts` cannot be imported"),
        (&["import", "--request", "DELETE /v1/meetingPreferences/sites", "x"], "cannot be imported. An example"),
        (&["token", "create", "--expires-in", "0"], "0 is not in 1.."),
        (&["token", "create", "--expires", "0"], "write a number of days from 1 to 36525, or `never`"),
        (&["token", "create", "--expires", "7", "--expires-in", "9"], "cannot be used with"),
        (&["token", "create", "--scopes", ","], "no scope given"),
        (&["token", "create", "--scopes", ""], "no scope given"),
        (&["app", "create", "--scopes", " "], "no scope given"),
        (&["app", "create", "--redirect-uri", "http://app.example/"], "Use https, or http to localhost"),
        (&["app", "create", "--redirect-uri", "javascript:alert(1)"], "unknown scheme"),
        (&["app", "create", "--public"], "--redirect-uri <URI>"),
        (&["token", "create", "--scopes", "dashbord:read"], "The nearest known scope is `dashboard:read:admin`"),
        (&["token", "create", "--refresh"], "--app <CLIENT_ID>"),
        (&["token", "revoke", "seven"], "invalid digit"),
        (&["sim", "--sized", "party:3:4"], "must begin with meeting: or webinar:"),
        (&["sim", "--sized", "meeting:3"], "MINUTES must be a whole number from 1"),
        (&["sim", "--until", "tomorrow"], "--until"),
        (&["serve", "--listen", "8480"], "invalid socket address"),
    ] {
        let stderr = folder.run(arguments).failed(2);
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
    }
    assert!(!folder.path("data").exists());
}

#[test]
fn completions_and_man_pages_know_every_command() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let completions = folder.run(&["completions", shell]).good();
        assert!(completions.contains("retention") && completions.contains("webinar-attendees"), "{shell}");
    }
    let told = folder.run(&["man", "pages"]).good();
    assert_eq!(told, "man pages written to pages\n");
    for page in ["rollcall.1", "rollcall-serve.1", "rollcall-token-create.1"] {
        let text = std::fs::read_to_string(folder.path("pages").join(page)).unwrap();
        assert!(text.contains(".TH") && text.contains("rollcall"), "{page}: {text}");
    }
    assert!(!folder.path("pages/rollcall-sql-worker.1").exists());
    assert!(!folder.path("data").exists());
}

#[test]
fn a_quiet_command_says_nothing_but_its_results() {
    let folder = Folder::new();
    let loud = folder.run(&["sim", "--people", "4", "--days", "1", "--data", "loud"]);
    assert_eq!((loud.status, loud.stderr.as_str()), (0, "created the data folder loud\n"));
    let quiet = folder.run(&["-q", "sim", "--people", "4", "--days", "1", "--data", "quiet"]);
    assert_eq!((quiet.status, quiet.stderr.as_str()), (0, ""));
    assert_eq!(folder.run(&["-q", "-v", "doctor"]).status, 2);
}
