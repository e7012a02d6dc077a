use axum::http::{HeaderMap, Uri, header};
use base64::Engine as _;

/// The parameters of a token request, in any of the places where clients put them: query, form body, or JSON body.
///
/// Zoom's own examples send a form in the query string with an empty body and any content type; a public Webex client
/// sends JSON without a content type. So the body's format is detected from its first bytes, not from its content type.
#[derive(Debug, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
    /// The number of parameters in the body; the others were in the query.
    in_body: usize,
}

/// Where a client may put its secret instead of a Basic header. Queries end up in the logs of proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretIn {
    /// In the body: Zoom's clients send a Basic header or a form.
    Body,
    /// In the body or in the query, because Webex's documents list it among the parameters.
    BodyOrQuery,
}

/// A parameter is given more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated;

/// A client's credentials in a request.
pub struct ClientCredentials {
    /// The public half.
    pub client_id: String,
    /// The secret half; empty for an app without a secret.
    pub client_secret: String,
}

impl Params {
    /// Parses query and body. Malformed ones have no parameters.
    pub fn read(uri: &Uri, body: &[u8]) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        if body.trim_ascii_start().first() == Some(&b'{') {
            if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(body) {
                pairs.extend(object.into_iter().filter_map(|(key, value)| match value {
                    serde_json::Value::String(text) => Some((key, text)),
                    _ => None,
                }));
            }
        } else {
            pairs.extend(form_urlencoded::parse(body).into_owned());
        }
        let in_body = pairs.len();
        pairs.extend(form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned());
        Self { pairs, in_body }
    }

    /// Returns the first value of `name`; the body takes precedence. An empty value counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.pairs, name)
    }

    /// Returns the value of `name`; `None` if it is absent or empty.
    ///
    /// # Errors
    /// If there are several, which OAuth forbids: two readers could take different ones.
    pub fn get_once(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(Repeated),
        }
    }

    /// Returns the client's credentials: from a Basic header, else from `client_id` and `client_secret`.
    pub fn client(&self, headers: &HeaderMap, secret_in: SecretIn) -> Option<ClientCredentials> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let (scheme, encoded) = value.to_str().ok()?.trim().split_once(' ')?;
            if scheme.eq_ignore_ascii_case("basic") {
                let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
                let decoded = String::from_utf8(decoded).ok()?;
                let (client_id, client_secret) = decoded.split_once(':')?;
                return Some(ClientCredentials { client_id: client_id.into(), client_secret: client_secret.into() });
            }
        }
        let pairs = match secret_in {
            SecretIn::Body => &self.pairs[..self.in_body],
            SecretIn::BodyOrQuery => &self.pairs,
        };
        Some(ClientCredentials {
            client_id: self.get("client_id")?.into(),
            client_secret: find(pairs, "client_secret").unwrap_or_default().into(),
        })
    }
}

fn find<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    pairs.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}
