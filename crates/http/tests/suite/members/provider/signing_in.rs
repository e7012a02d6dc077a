//! Who gets in, with which role, and for how long.

use rollcall_auth::ProviderSettings;
use rollcall_http::Settings;
use rollcall_model::{Access, Member, Role};
use rollcall_store::{AccountStates as _, Accounts as _, MemberStore as _};
use serde_json::json;

use super::{Provider, enter, enter_as, world};
use crate::{
    common::{Server, batch_of, past_instance},
    members::{PASSWORD, ask, join, sign_in, status_of, tell},
};

async fn members(server: &Server) -> Vec<Member> {
    server.store.members(server.account).await.unwrap()
}

#[tokio::test]
async fn a_person_in_a_group_becomes_a_member_once() {
    let (server, provider) = world().await;
    let ways = ask(&server, "GET", "/api/v1/sign-in", "").await.body;
    assert_eq!(ways["providers"], json!([{"id": "company", "name": "company account"}]));

    let seen = enter(&server, &provider, "company", "ana", &["staff", "others", "data"]).await;
    assert_eq!((seen.status, seen.location.as_deref()), (303, Some("/people")), "{}", seen.html);
    let first = seen.session();
    let session = ask(&server, "GET", "/api/v1/session", &first).await.body;
    assert_eq!(
        (&session["role"], &session["names_hidden"]),
        (&json!("analyst"), &json!(false)),
        "the most of all groups"
    );
    let [ana] = &members(&server).await[..] else { panic!() };
    assert_eq!((ana.email.as_str(), ana.name.as_str()), ("ana@example.com", "Name of ana"));
    assert_eq!(ana.provider.as_deref(), Some("company"));

    let again = enter(&server, &provider, "company", "ana", &["data"]).await;
    assert_eq!(again.status, 303, "{}", again.html);
    assert_eq!(members(&server).await.len(), 1);
    assert_eq!((status_of(&server, &first).await, status_of(&server, &again.session()).await), (200, 200));
    let password = json!({"current": "", "new": "a much better password"});
    assert_eq!(tell(&server, "PUT", "/api/v1/session/password", &first, password).await.status, 409);
}

#[tokio::test]
async fn the_role_follows_the_groups_at_every_sign_in_and_a_change_ends_sessions() {
    let (server, provider) = world().await;
    let analyst = enter(&server, &provider, "company", "ana", &["data"]).await.session();
    let viewer = enter(&server, &provider, "company", "ana", &["staff"]).await.session();
    assert_eq!((status_of(&server, &analyst).await, status_of(&server, &viewer).await), (401, 200));
    let session = ask(&server, "GET", "/api/v1/session", &viewer).await.body;
    assert_eq!((&session["role"], &session["names_hidden"]), (&json!("viewer"), &json!(true)));

    // Without a group nobody comes in, and nobody stays in.
    for groups in [&[][..], &["others"], &["Staff"], &["staff "]] {
        let refused = enter(&server, &provider, "company", "ana", groups).await;
        assert_eq!((refused.status, refused.session().as_str()), (403, ""), "{groups:?}");
        assert!(refused.html.contains("none of the groups") && refused.html.contains("/signin?next=%2Fpeople"));
    }
    assert_eq!(status_of(&server, &viewer).await, 401);
    let back = enter(&server, &provider, "company", "ana", &["staff"]).await.session();
    assert_eq!((status_of(&server, &back).await, members(&server).await.len()), (200, 1));
}

#[tokio::test]
async fn groups_may_be_one_text_and_nothing_else_is_a_group() {
    let (server, provider) = world().await;
    for (n, groups) in
        [json!(null), json!({"data": true}), json!([["data"]]), json!(1), json!("data,it")].iter().enumerate()
    {
        let seen = enter_as(&server, &provider, "company", |trip| {
            let mut grant = provider.grant(trip, &n.to_string(), &[]);
            grant.claims["groups"] = groups.clone();
            grant
        });
        assert_eq!(seen.await.status, 403, "{groups}");
    }
    let seen = enter_as(&server, &provider, "company", |trip| {
        let mut grant = provider.grant(trip, "ana", &[]);
        grant.claims["groups"] = json!("data");
        grant
    });
    assert_eq!(seen.await.status, 303);
}

#[tokio::test]
async fn the_last_administrator_is_not_replaced_by_nobody() {
    let (server, provider) = world().await;
    let ana = enter(&server, &provider, "company", "ana", &["it"]).await.session();
    let refused = enter(&server, &provider, "company", "ana", &["data"]).await;
    assert_eq!((refused.status, refused.session().as_str()), (409, ""));
    assert!(refused.html.contains("last one"), "{}", refused.html);
    assert_eq!(status_of(&server, &ana).await, 401, "the former role has ended");
    assert_eq!(members(&server).await[0].access, Access::of(Role::Administrator));
    join(&server, "bob@example.com", Access::of(Role::Administrator)).await;
    assert_eq!(enter(&server, &provider, "company", "ana", &["data"]).await.status, 303);
}

#[tokio::test]
async fn an_address_is_no_proof() {
    let (server, provider) = world().await;
    let admin = join(&server, "Ana@example.com", Access::of(Role::Administrator)).await;
    let refused = enter(&server, &provider, "company", "ana", &["it"]).await;
    assert_eq!((refused.status, refused.session().as_str()), (409, ""));
    assert!(refused.html.contains("in another way"), "{}", refused.html);
    assert_eq!((members(&server).await.len(), status_of(&server, &admin).await), (1, 200));
    assert_eq!(sign_in(&server, "ana@example.com", PASSWORD).await.status, 201);
    for (email, verified) in [
        (json!("eve@example.com"), json!(false)),
        (json!("eve"), json!(true)),
        (json!("eve\n@example.com"), json!(true)),
        (json!(""), json!(true)),
        (json!(null), json!(null)),
    ] {
        let seen = enter_as(&server, &provider, "company", |trip| {
            let mut grant = provider.grant(trip, "eve", &["staff"]);
            (grant.claims["email"], grant.claims["email_verified"]) = (email.clone(), verified);
            grant
        });
        assert_eq!(seen.await.status, 403, "{email}");
    }
    // The address of a member may change at the provider, or become somebody else's.
    assert_eq!(enter(&server, &provider, "company", "bob", &["data"]).await.status, 303);
    let other = enter_as(&server, &provider, "company", |trip| {
        let mut grant = provider.grant(trip, "stranger", &["it"]);
        grant.claims["email"] = json!("bob@example.com");
        grant
    });
    assert_eq!(other.await.status, 409);
    let moved = enter_as(&server, &provider, "company", |trip| {
        let mut grant = provider.grant(trip, "bob", &["data"]);
        grant.claims["email"] = json!("ana@example.com");
        grant
    });
    let moved = ask(&server, "GET", "/api/v1/session", &moved.await.session()).await.body;
    assert_eq!(moved["member"]["email"], "bob@example.com");
}

#[tokio::test]
async fn only_providers_that_admit_make_members() {
    let provider = Provider::start().await;
    let (open, closed) = (provider.settings("open"), provider.settings("closed"));
    let providers = vec![open, ProviderSettings { admits: false, ..closed }];
    let server = Server::new(Settings { providers, ..Settings::default() }).await;
    let refused = enter(&server, &provider, "closed", "ana", &["it"]).await;
    assert!(refused.status == 403 && refused.html.contains("not a member"), "{}", refused.html);
    assert_eq!(enter(&server, &provider, "open", "ana", &["it"]).await.status, 303);
    assert_eq!(enter(&server, &provider, "closed", "ana", &["it"]).await.status, 403, "another provider knows her");
}

#[tokio::test]
async fn the_client_proves_itself_as_the_provider_wants() {
    let provider = Provider::start().await;
    let public = ProviderSettings { client_secret: None, ..provider.settings("public") };
    let providers = vec![provider.settings("basic"), provider.settings("post"), public];
    let server = Server::new(Settings { providers, ..Settings::default() }).await;
    for (id, methods) in [("basic", "client_secret_basic"), ("post", "client_secret_post"), ("public", "none")] {
        provider.script().more = json!({"token_endpoint_auth_methods_supported": [methods]});
        assert_eq!(enter(&server, &provider, id, id, &["data"]).await.status, 303, "{id}");
    }
}

#[tokio::test]
async fn a_removed_member_in_a_group_is_admitted_again_as_somebody_new() {
    let (server, provider) = world().await;
    join(&server, "admin@example.com", Access::of(Role::Administrator)).await;
    let former = enter(&server, &provider, "company", "ana", &["data"]).await.session();
    let id = crate::members::id_of(&server, "ana@example.com").await;
    assert!(server.store.remove_member(server.account, rollcall_model::MemberId(id), server.now()).await.unwrap());
    assert_eq!(status_of(&server, &former).await, 401);
    assert_eq!(enter(&server, &provider, "company", "ana", &["data"]).await.status, 303);
    assert_ne!(crate::members::id_of(&server, "ana@example.com").await, id);
}

#[tokio::test]
async fn names_are_kept_as_text() {
    let (server, provider) = world().await;
    let script = "<script>alert(1)</script>";
    for (subject, name, kept) in [
        ("a", json!(script), script),
        ("b", json!("line\nbreak"), "b@example.com"),
        ("c", json!("x".repeat(101)), "c@example.com"),
        ("d", json!(null), "d@example.com"),
    ] {
        let seen = enter_as(&server, &provider, "company", |trip| {
            let mut grant = provider.grant(trip, subject, &["data"]);
            grant.claims["name"] = name;
            grant
        });
        let session = ask(&server, "GET", "/api/v1/session", &seen.await.session()).await;
        assert_eq!(session.body["member"]["name"], kept, "{subject}");
        assert_eq!(session.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_provider_is_for_one_account() {
    let provider = Provider::start().await;
    let one = ProviderSettings { account: Some("main".into()), ..provider.settings("one") };
    let gone = ProviderSettings { account: Some("gone".into()), ..provider.settings("gone") };
    let providers = vec![one, gone, provider.settings("any")];
    let server = Server::new(Settings { providers, ..Settings::default() }).await;
    assert_eq!(enter(&server, &provider, "any", "ana", &["data"]).await.status, 303, "there is only one");
    server.store.create_account("other", "another-account-of-tests", server.now()).await.unwrap();
    assert_eq!(enter(&server, &provider, "any", "ana", &["data"]).await.status, 502, "which one?");
    assert_eq!(enter(&server, &provider, "gone", "bob", &["data"]).await.status, 502);
    assert_eq!(enter(&server, &provider, "one", "bob", &["data"]).await.status, 303);
    server.store.suspend_account(server.account, Some(server.now())).await.unwrap();
    assert_eq!(enter(&server, &provider, "one", "bob", &["data"]).await.status, 403);
}

#[tokio::test]
async fn the_audit_log_has_who_came_in_and_who_could_not() {
    let provider = Provider::start().await;
    let server =
        Server::in_files(Settings { providers: vec![provider.settings("company")], ..Settings::default() }).await;
    server.ingest(&batch_of(past_instance("AAAAAAAAAAAAAAAAAAAAAA=="), [])).await;
    for groups in [&["staff"][..], &["data"], &[]] {
        enter(&server, &provider, "company", "ana", groups).await;
    }
    let admin = enter(&server, &provider, "company", "admin", &["it"]).await.session();
    server.app.flush_audit().await;
    let query = "SELECT operation, effect, status, count(*) FROM audit WHERE member = 'ana@example.com'
                 GROUP BY 1, 2, 3 ORDER BY 1, 3";
    let rows = tell(&server, "POST", "/api/v1/sql", &admin, json!({"query": query})).await.body["rows"].clone();
    let expected = json!([
        ["changeRoleThroughProvider", "grant", 200, 1],
        ["joinThroughProvider", "grant", 201, 1],
        ["signIn", "grant", 201, 2],
        ["signIn", "grant", 403, 1],
    ]);
    assert_eq!(rows, expected);
}
