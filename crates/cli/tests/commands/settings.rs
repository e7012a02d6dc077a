//! `rollcall config`, and invalid settings.

use crate::folder::Folder;

#[test]
fn the_default_is_good() {
    let folder = Folder::new();
    let default = folder.run(&["config", "default"]).good();
    assert!(default.contains("[server]") && default.contains("# "), "{default}");
    assert_eq!(folder.run(&["config", "check"]).good(), "the settings are valid\n");
    assert_eq!(folder.run_with_input(&["config", "check", "-"], &default).good(), "the settings are valid\n");
    folder.write("rollcall.toml", &default);
    assert_eq!(folder.run(&["config", "check"]).good(), "the settings are valid\n");
    assert_eq!(folder.run(&["config", "check", "rollcall.toml"]).good(), "the settings are valid\n");
}

#[test]
fn what_is_wrong_is_named() {
    let folder = Folder::new();
    for (text, told) in [
        ("[sevrer]\n", "unknown section [sevrer]"),
        ("[server]\nlisten_on = 1\n", "[server] has no setting `listen_on`"),
        ("[server]\nlisten = \"here\"\n", "listen"),
        ("[server]\nmax_connections = \"many\"\n", "max_connections"),
        ("[oauth]\nrefresh_token_secs = 0\n", "`oauth.refresh_token_secs` must be at least 1"),
        ("[zoom]\nrate_plan = \"gold\"\n", "unknown variant `gold`"),
        ("[server]\npublic_url = \"rollcall.example.com\"\n", "`server.public_url` must begin with http"),
        ("[server\n", "line 1"),
    ] {
        folder.write("own.toml", text);
        for arguments in [&["config", "check", "own.toml"][..], &["serve", "--config", "own.toml"]] {
            let stderr = folder.run(arguments).failed(1);
            assert!(stderr.starts_with("rollcall: own.toml: ") && stderr.contains(told), "{text}: {stderr}");
        }
    }
    let stderr = folder.run(&["config", "check", "absent.toml"]).failed(1);
    assert!(stderr.starts_with("rollcall: absent.toml: No such file"), "{stderr}");

    let mut command = folder.command(&["config", "check"]);
    let output = command.env("ROLLCALL_ZOOM_STATUS_300", "perhaps").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("ROLLCALL_ZOOM_STATUS_300 must be true or false"), "{stderr}");

    let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0"]);
    let output = command.env("ROLLCALL_LOG_FILTER", "loud=9").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("`log.filter` (loud=9) is not valid"), "{stderr}");
    assert!(!folder.path("data").exists());
}
