//! Paths and queries, against a whole server: any `GET` gets a response, and never a server error.

#![no_main]

use std::cell::OnceCell;

use axum::http::Uri;
use libfuzzer_sys::fuzz_target;
use rollcall_fuzz::{Server, runtime};
use tokio::runtime::Runtime;

thread_local! {
    static SERVER: OnceCell<(Runtime, Server)> = const { OnceCell::new() };
}

fuzz_target!(|target: &str| {
    let Ok(uri) = target.parse::<Uri>() else { return };
    if !target.starts_with('/') {
        return;
    }
    SERVER.with(|server| {
        let (runtime, server) = server.get_or_init(|| {
            let runtime = runtime();
            let server = runtime.block_on(Server::new());
            (runtime, server)
        });
        let (status, content_type, body) = runtime.block_on(server.get(uri));
        assert!((200..500).contains(&status), "{target}: {status} {}", String::from_utf8_lossy(&body));
        if content_type.starts_with("application/json") {
            assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok(), "{target} is answered by broken JSON");
        }
    });
});
