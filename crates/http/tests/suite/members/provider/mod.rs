//! Signing in through providers, at a provider of the tests' own that signs whatever a test wants.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod attacks;
mod signing_in;
mod tokens;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rollcall_auth::ProviderSettings;
use rollcall_http::Settings;
use rollcall_model::{Access, Role, Secret, SecretHash};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::common::{NOW, Server, authorizing::param};

const CLIENT: &str = "rollcall";
const CLIENT_SECRET: &str = "the secret of this client";

/// Who signs an ID token.
#[derive(Clone)]
enum Signer {
    /// A key of the provider, or one that it does not publish.
    Key(u8),
    /// Nobody.
    Nobody,
    /// Somebody who knows these bytes.
    Shared(Vec<u8>),
}

/// The ID token for a code.
#[derive(Clone)]
struct Grant {
    header: Value,
    claims: Value,
    signer: Signer,
    challenge: String,
    redirect_uri: String,
}

/// What the provider does.
struct Script {
    grants: HashMap<String, Grant>,
    /// The keys that it publishes.
    keys: Vec<u8>,
    /// Its document, if it is not the right one.
    document: Option<Document>,
    /// Members that its document has in addition.
    more: Value,
    /// The paths of requests.
    asked: Vec<&'static str>,
}

#[derive(Clone)]
enum Document {
    Text(StatusCode, String),
    Elsewhere(String),
    Silence,
}

/// A provider.
struct Provider {
    issuer: String,
    script: Arc<Mutex<Script>>,
}

type Shared = State<(String, Arc<Mutex<Script>>)>;

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Script { grants: HashMap::new(), keys: vec![1], document: None, more: json!({}), asked: vec![] };
        let script = Arc::new(Mutex::new(script));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state((issuer.clone(), Arc::clone(&script)));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { issuer, script }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// Returns how often a path was asked for.
    fn asked(&self, path: &str) -> usize {
        self.script().asked.iter().filter(|asked| **asked == path).count()
    }

    /// The settings of a server that uses it, with roles for three groups.
    fn settings(&self, id: &str) -> ProviderSettings {
        ProviderSettings {
            id: id.parse().unwrap(),
            name: format!("{id} account").into(),
            issuer: self.issuer.parse().unwrap(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(Secret::new(CLIENT_SECRET.to_owned())),
            scopes: vec!["email".to_owned(), "groups".to_owned()],
            groups_claim: "groups".to_owned(),
            roles: vec![
                ("staff".to_owned(), Access::new(Role::Viewer, true).unwrap()),
                ("data".to_owned(), Access::of(Role::Analyst)),
                ("it".to_owned(), Access::of(Role::Administrator)),
            ],
            account: None,
            admits: true,
        }
    }

    /// Makes a code for a browser's attempt.
    fn code(&self, trip: &Trip, grant: Grant) -> String {
        let mut script = self.script();
        let code = format!("code-{}-{}", script.grants.len(), trip.state);
        script.grants.insert(code.clone(), grant);
        code
    }

    /// What it grants to a person in some groups.
    fn grant(&self, trip: &Trip, subject: &str, groups: &[&str]) -> Grant {
        Grant {
            header: json!({"alg": "EdDSA", "kid": "1"}),
            claims: json!({
                "iss": self.issuer, "aud": CLIENT, "sub": subject, "nonce": trip.nonce, "exp": NOW + 10_000, "iat": NOW,
                "email": format!("{subject}@example.com"), "email_verified": true, "name": format!("Name of {subject}"),
                "groups": groups,
            }),
            signer: Signer::Key(1),
            challenge: trip.challenge.clone(),
            redirect_uri: trip.redirect_uri.clone(),
        }
    }
}

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

async fn document(State((issuer, script)): Shared) -> Response {
    let (document, more) = {
        let mut script = script.lock().unwrap();
        script.asked.push("document");
        (script.document.clone(), script.more.clone())
    };
    match document {
        Some(Document::Text(status, text)) => (status, [("content-type", "application/json")], text).into_response(),
        Some(Document::Elsewhere(url)) => (StatusCode::FOUND, [("location", url)]).into_response(),
        Some(Document::Silence) => std::future::pending().await,
        None => {
            let mut document = json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                // What it lists does not decide what is accepted.
                "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
            });
            document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            Json(document).into_response()
        }
    }
}

async fn keys(State((_, script)): Shared) -> Json<Value> {
    let mut script = script.lock().unwrap();
    script.asked.push("keys");
    let key = |seed: &u8| {
        let x = URL_SAFE_NO_PAD.encode(pair(*seed).public_key());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": seed.to_string(), "x": x})
    };
    Json(json!({"keys": script.keys.iter().map(key).collect::<Vec<_>>()}))
}

/// Redeems a code once, for this client, its redirect URI and its verifier.
async fn token(State((_, script)): Shared, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let mut script = script.lock().unwrap();
    script.asked.push("token");
    let methods = &script.more["token_endpoint_auth_methods_supported"];
    let (is_public, is_post) = (methods == &json!(["none"]), methods == &json!(["client_secret_post"]));
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(CLIENT), encode(CLIENT_SECRET))));
    let shown = |name: &str| form.get(name).map(String::as_str);
    let is_basic = headers.get("authorization").is_some_and(|value| value.as_bytes() == basic.as_bytes());
    let is_client = match (is_public, is_post) {
        (true, _) => shown("client_id") == Some(CLIENT) && shown("client_secret").is_none(),
        (_, true) => shown("client_id") == Some(CLIENT) && shown("client_secret") == Some(CLIENT_SECRET),
        _ => is_basic,
    };
    let grant = form.get("code").and_then(|code| script.grants.remove(code)).filter(|grant| {
        let verifier = form.get("code_verifier").map_or("", String::as_str);
        form.get("redirect_uri") == Some(&grant.redirect_uri)
            && URL_SAFE_NO_PAD.encode(SecretHash::of(verifier).0) == grant.challenge
    });
    match grant.filter(|_| is_client) {
        None => (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response(),
        Some(grant) => {
            Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": signed(&grant)})).into_response()
        }
    }
}

fn signed(Grant { header, claims, signer, .. }: &Grant) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let content = format!("{}.{}", part(header), part(claims));
    let signature = match signer {
        Signer::Key(seed) => pair(*seed).sign(content.as_bytes()).as_ref().to_vec(),
        Signer::Nobody => Vec::new(),
        Signer::Shared(key) => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(content.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
    };
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A browser on its way to a provider and back.
struct Trip {
    provider: String,
    cookie: String,
    state: String,
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

/// What a browser sees.
struct Seen {
    status: u16,
    location: Option<String>,
    cookies: Vec<String>,
    html: String,
}

impl Seen {
    /// The cookie of the session that began; empty if none did.
    fn session(&self) -> String {
        let set = self.cookies.iter().find(|cookie| cookie.starts_with("rollcall="));
        set.map(|set| set.split(';').next().unwrap().to_owned()).unwrap_or_default()
    }
}

/// Opens an address, as a browser does that another site sends here.
async fn visit(server: &Server, target: &str, cookie: &str) -> Seen {
    let request = Request::builder()
        .uri(target)
        .header("host", "localhost")
        .header("sec-fetch-site", "cross-site")
        .header("cookie", cookie);
    let (parts, bytes) = server.exchange(request.body(Body::empty()).unwrap()).await;
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
    Seen {
        status: parts.status.as_u16(),
        location: parts.headers.get("location").map(text),
        cookies: parts.headers.get_all("set-cookie").iter().map(text).collect(),
        // Templates escape slashes as well.
        html: String::from_utf8(bytes.to_vec()).unwrap().replace("&#x2f;", "/"),
    }
}

impl Trip {
    async fn begin(server: &Server, provider: &str) -> Self {
        Self::begin_for(server, provider, "/people").await
    }

    async fn begin_for(server: &Server, provider: &str, next: &str) -> Self {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let seen = visit(server, &format!("/auth/{provider}?{query}"), "").await;
        assert_eq!(seen.status, 303, "{}", seen.html);
        let (location, [cookie]) = (seen.location.unwrap(), &seen.cookies[..]) else { panic!("{:?}", seen.cookies) };
        let value = |name| param(&location, name).unwrap_or_else(|| panic!("{name}: {location}"));
        assert_eq!((value("response_type"), value("code_challenge_method")), ("code".to_owned(), "S256".to_owned()));
        assert_eq!((value("client_id"), value("scope")), (CLIENT.to_owned(), "openid email groups".to_owned()));
        Self {
            provider: provider.to_owned(),
            cookie: cookie.split(';').next().unwrap().to_owned(),
            state: value("state"),
            nonce: value("nonce"),
            challenge: value("code_challenge"),
            redirect_uri: value("redirect_uri"),
        }
    }

    /// The address at which the browser comes back with a code.
    fn back(&self, code: &str) -> String {
        format!("/auth/{}/callback?code={code}&state={}", self.provider, self.state)
    }
}

/// Signs somebody in, and returns what their browser sees.
async fn enter(server: &Server, provider: &Provider, id: &str, subject: &str, groups: &[&str]) -> Seen {
    enter_as(server, provider, id, |trip| provider.grant(trip, subject, groups)).await
}

async fn enter_as(server: &Server, provider: &Provider, id: &str, grant: impl FnOnce(&Trip) -> Grant) -> Seen {
    let trip = Trip::begin(server, id).await;
    let code = provider.code(&trip, grant(&trip));
    visit(server, &trip.back(&code), &trip.cookie).await
}

/// A server with one provider, `company`.
async fn world() -> (Server, Provider) {
    let provider = Provider::start().await;
    let settings = Settings { providers: vec![provider.settings("company")], ..Settings::default() };
    (Server::new(settings).await, provider)
}
