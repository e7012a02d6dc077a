//! Authorization requests: what an app asks for in a person's browser, until the browser returns to it with a code
//! (RFC 6749, section 4.1; RFC 9700).
//!
//! An administrator of the account approves in the browser that asked (`decide.rs`), or the operator does with
//! `rollcall app approve` and the short code that the page shows. The code grants nothing, so there is nothing to gain
//! from guessing one. The authorization code goes only to the browser that asked, which proves itself by a cookie.

use std::net::IpAddr;

use rollcall_model::{
    AccountState, App, Authorization, AuthorizationRequest, AuthorizationStage, ClientId, Scopes, Secret, SecretHash,
    Text, Vendor, draw, draw_secret,
};
use rollcall_store::StoreError;

use super::{
    Attempt, Auth, Knock, Params, Throttled,
    pkce::{self, Pkce},
    redirects::with_params,
};

/// How long a request waits for a decision, in seconds.
pub const WAITING_SECONDS: i64 = 600;
/// How long an authorization code is valid, in seconds, as at Zoom. The browser has as long to fetch it.
pub const CODE_SECONDS: i64 = 300;
/// Longest `state`.
const LONGEST_STATE: usize = 4_096;

/// Letters of request codes: no vowels, so that they form no words, and none that look alike.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Letters of a request code.
const CODE_LETTERS: usize = 8;

/// An authorization request, before it is checked.
#[derive(Clone, Copy)]
pub struct AskingPerson<'r> {
    /// The parameters of the query.
    pub params: &'r Params,
    /// The browser's address; `None` if the request did not come over a connection.
    pub address: Option<IpAddr>,
    /// The vendor whose API received it.
    pub vendor: Vendor,
    /// The challenges that the vendor accepts.
    pub pkce: Pkce,
    /// Returns whether a scope exists.
    pub is_scope: fn(&str) -> bool,
}

/// A request that waits for a decision.
#[derive(Debug)]
pub struct Waiting {
    /// The code that the page shows.
    pub request_code: Text,
    /// The secret by which the browser continues. It belongs into a cookie.
    pub browser: Secret,
}

/// Why an authorization request is refused.
#[derive(Debug)]
pub enum AuthorizeError {
    /// The app or its redirect URI is unknown, so the browser must not be redirected. The text is for the person.
    Page(&'static str),
    /// The browser returns to the app with an error. This is the address, with all parameters.
    Redirect(String),
    /// Too many unknown apps, redirect URIs or browsers came from the same address.
    Throttled(Throttled),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for AuthorizeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Throttled> for AuthorizeError {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

/// The next step of a browser whose request was stored.
#[derive(Debug)]
pub enum Continued {
    /// Nobody has decided.
    Waiting(Box<Authorization>, App),
    /// The browser returns to the app, at this address.
    Return(String),
    /// The browser has already returned to the app.
    Done(App),
    /// The request has expired, or belongs to another browser.
    Unknown,
}

impl Auth {
    /// Stores an authorization request.
    ///
    /// # Errors
    /// [`AuthorizeError`] is the reason.
    pub async fn request_authorization(&self, asking: AskingPerson<'_>) -> Result<Waiting, AuthorizeError> {
        let AskingPerson { params, address, vendor, .. } = asking;
        let (app, redirect_uri) = self.client_of(asking).await?;
        let state = params.get("state");
        let refuse = |error: &str, description: &str| {
            let mut pairs = vec![("error", error), ("error_description", description)];
            // A state that is sent twice is not the app's.
            pairs.extend(params.get_once("state").ok().flatten().map(|state| ("state", state)));
            AuthorizeError::Redirect(with_params(redirect_uri, &pairs))
        };
        for name in ["response_type", "state", "scope", "code_challenge", "code_challenge_method"] {
            if params.get_once(name).is_err() {
                return Err(refuse("invalid_request", &format!("{name} is given more than once")));
            }
        }
        if state.is_some_and(|state| state.len() > LONGEST_STATE) {
            return Err(refuse("invalid_request", &format!("state is longer than {LONGEST_STATE} bytes")));
        }
        match params.get("response_type") {
            Some("code") => {}
            None => return Err(refuse("invalid_request", "Missing response_type: send code")),
            Some(_) => return Err(refuse("unsupported_response_type", "Send response_type=code")),
        }
        let account = self.store.account(app.account).await?;
        if account.is_none_or(|account| account.state != AccountState::Open) {
            return Err(refuse("access_denied", "The app's account is suspended"));
        }
        let (challenge, method) = (params.get("code_challenge"), params.get("code_challenge_method"));
        let challenge = pkce::read(asking.pkce, app.is_public, challenge, method)
            .map_err(|reason| refuse("invalid_request", reason))?;
        let scopes = requested_scopes(&app.scopes, params.get("scope"), asking.is_scope)
            .ok_or_else(|| refuse("invalid_scope", "The app may not request this scope"))?;
        let now = self.now();
        let browser = draw_secret(self.entropy.as_ref());
        let request = AuthorizationRequest {
            request_code: self.draw_request_code(),
            account: app.account,
            client_id: app.client_id.clone(),
            vendor,
            redirect_uri: redirect_uri.into(),
            state: state.map(Text::new),
            scopes,
            challenge,
            address: address.map(|address| super::network(address).to_string().into()),
            created_at: now,
            expires_at: now.plus_seconds(WAITING_SECONDS),
        };
        match self.store.request_authorization(&request, browser.hash()).await {
            Ok(()) => Ok(Waiting { request_code: request.request_code, browser }),
            Err(StoreError::LimitReached { .. }) => {
                Err(refuse("temporarily_unavailable", "Too many requests of this app are waiting for approval"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the app of a request and its redirect URI, if it may redirect there.
    async fn client_of<'r>(&self, asking: AskingPerson<'r>) -> Result<(App, &'r str), AuthorizeError> {
        let AskingPerson { params, address, .. } = asking;
        let once = |name, problem| params.get_once(name).ok().flatten().ok_or(AuthorizeError::Page(problem));
        let client_id = once("client_id", "The link must contain client_id once.")?;
        let redirect_uri = once("redirect_uri", "The link must contain redirect_uri once.")?;
        let knock = Knock { attempt: Attempt::Authorize, address, client: None, shown: SecretHash::of(client_id) };
        self.throttle(knock)?;
        let app = self.store.find_app(&ClientId::from(client_id)).await?.filter(|app| app.revoked_at.is_none());
        let Some(app) = app else {
            self.note_failure(knock)?;
            return Err(AuthorizeError::Page("This server has no app with this client_id."));
        };
        if !app.redirect_uris.iter().any(|registered| registered.as_str() == redirect_uri) {
            self.note_failure(knock)?;
            return Err(AuthorizeError::Page("The redirect_uri in the link is not registered for this app."));
        }
        self.throttle.passed(knock, self.now());
        Ok((app, redirect_uri))
    }

    /// Takes the next step of the browser with the secret `browser`. An approved browser gets its code here, once.
    ///
    /// # Errors
    /// If the store failed, or unknown browsers were too many.
    pub async fn continue_authorization(
        &self,
        browser: &str,
        request_code: &str,
        address: Option<IpAddr>,
    ) -> Result<Continued, AuthorizeError> {
        let Some((authorization, app)) = self.find_request(browser, request_code, address).await? else {
            return Ok(Continued::Unknown);
        };
        let (request, browser) = (&authorization.request, SecretHash::of(browser));
        Ok(match authorization.stage {
            AuthorizationStage::Waiting => Continued::Waiting(Box::new(authorization), app),
            AuthorizationStage::Denied => {
                let description = "The request was denied";
                Continued::Return(back(request, vec![("error", "access_denied"), ("error_description", description)]))
            }
            AuthorizationStage::Issued | AuthorizationStage::Redeemed => Continued::Done(app),
            AuthorizationStage::Approved => {
                let (code, now) = (draw_secret(self.entropy.as_ref()), self.now());
                let until = now.plus_seconds(CODE_SECONDS);
                match self.store.issue_code(&browser, code.hash(), until, now).await? {
                    true => Continued::Return(back(request, vec![("code", code.expose())])),
                    false => Continued::Done(app),
                }
            }
        })
    }

    /// Returns the request of the browser with the secret `browser`, and its app. `None` if it has expired, belongs to
    /// another browser, or if the app was revoked.
    pub(crate) async fn find_request(
        &self,
        browser: &str,
        request_code: &str,
        address: Option<IpAddr>,
    ) -> Result<Option<(Authorization, App)>, AuthorizeError> {
        let browser = SecretHash::of(browser);
        let knock = Knock { attempt: Attempt::Authorize, address, client: None, shown: browser };
        self.throttle(knock)?;
        let found = self.store.find_authorization(&browser, self.now()).await?;
        let Some(authorization) = found.filter(|found| found.request.request_code.as_str() == request_code) else {
            self.note_failure(knock)?;
            return Ok(None);
        };
        self.throttle.passed(knock, self.now());
        let app = self.store.find_app(&authorization.request.client_id).await?;
        Ok(app.filter(|app| app.revoked_at.is_none()).map(|app| (authorization, app)))
    }

    /// Draws a request code: `BCDF-GHJK`. It has 34 bits, which keep people from approving another request by a typing
    /// mistake; it is no secret.
    fn draw_request_code(&self) -> Text {
        let mut number = u128::from_le_bytes(draw::<16>(self.entropy.as_ref()));
        let mut code = String::with_capacity(CODE_LETTERS + 1);
        for place in 0..CODE_LETTERS {
            if place == CODE_LETTERS / 2 {
                code.push('-');
            }
            code.push(char::from(LETTERS[(number % 20) as usize]));
            number /= 20;
        }
        code.into()
    }
}

/// Returns the address at which the browser returns to the app.
fn back<'r>(request: &'r AuthorizationRequest, mut params: Vec<(&'r str, &'r str)>) -> String {
    params.extend(request.state.as_deref().map(|state| ("state", state)));
    with_params(&request.redirect_uri, &params)
}

/// Returns a request code as it was drawn, from what a person typed: in lower case, or without the hyphen.
#[must_use]
pub fn typed_request_code(text: &str) -> String {
    let mut code: String =
        text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    if code.len() == CODE_LETTERS {
        code.insert(CODE_LETTERS / 2, '-');
    }
    code
}

/// Returns the scopes that an app asks for: all of its own if it names none, as Zoom's apps do. `None` if it may not have
/// one of them.
fn requested_scopes(own: &Scopes, requested: Option<&str>, is_scope: fn(&str) -> bool) -> Option<Scopes> {
    let names: Vec<&str> = requested.unwrap_or_default().split_ascii_whitespace().collect();
    if names.is_empty() {
        return Some(own.clone());
    }
    names.iter().all(|name| own.contains(name) && is_scope(name)).then(|| Scopes::listed(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_may_be_in_lower_case_and_without_hyphen() {
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk "] {
            assert_eq!(typed_request_code(typed), "BCDF-GHJK");
        }
        assert_eq!(typed_request_code("BCD"), "BCD");
    }

    #[test]
    fn an_app_gets_at_most_its_own_scopes() {
        let own = Scopes::listed(["a", "b"]);
        let ask = |text| requested_scopes(&own, text, |name| name != "x").map(|scopes| scopes.to_string());
        assert_eq!(ask(None).as_deref(), Some("a b"));
        assert_eq!(ask(Some(" ")).as_deref(), Some("a b"));
        assert_eq!(ask(Some("b")).as_deref(), Some("b"));
        assert_eq!(ask(Some("b c")), None);
        assert_eq!(requested_scopes(&Scopes::All, Some("x"), |name| name != "x"), None);
    }
}
