//! Handing mails to the operator's mail server.

use std::time::Duration;

use async_trait::async_trait;
use lettre::{
    message::Mailbox,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use rollcall_model::Secret;

use crate::message::Mail;

/// Maximum time to connect, with TLS and sign-in.
const CONNECT: Duration = Duration::from_secs(20);
/// Maximum time to hand over a mail.
const SEND: Duration = Duration::from_secs(60);
/// Longest answer of a server that is kept, in characters.
const MAX_REASON: usize = 300;
/// Replies that reject the server's own sign-in, not the mail.
const SIGN_IN_REPLIES: [u16; 5] = [454, 530, 534, 535, 538];

/// Hands over mails.
#[async_trait]
pub trait Post: Send + Sync {
    /// Returns from whom mails are.
    fn from(&self) -> &Mailbox;

    /// Hands over a mail.
    ///
    /// # Errors
    /// [`PostError`] says whether it is worth another try.
    async fn send(&self, mail: &Mail) -> Result<(), PostError>;
}

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The server did not take it, but may later.
    #[error("{0}")]
    Temporary(String),
    /// The server will not take it.
    #[error("{0}")]
    Refused(String),
    /// The connection ended while the mail was handed over: it may be sent or not.
    #[error("{0}")]
    Unknown(String),
}

impl PostError {
    /// Returns the kind of failure, which names nobody.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Temporary(_) => "temporary",
            Self::Refused(_) => "refused",
            Self::Unknown(_) => "connection lost",
        }
    }
}

/// How the connection to the server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// From the start.
    Tls,
    /// After a plain greeting. A server that does not offer it gets no mail.
    StartTls,
    /// Not at all.
    None,
}

/// The operator's mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: TlsMode,
    /// From whom mails are.
    pub from: Mailbox,
    /// User name and password; `None` signs in nobody.
    pub credentials: Option<(String, Secret)>,
    /// The name by which this server introduces itself.
    pub hello: String,
}

/// Settings with which no connection can be made.
#[derive(Debug, thiserror::Error)]
#[error("no secure connection to the mail server is possible: {0}")]
pub struct SmtpError(#[from] Error);

/// Hands over mails by SMTP, each in a connection of its own.
pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
}

impl Smtp {
    /// Creates it. Nothing is sent.
    ///
    /// # Errors
    /// If the machine's certificates cannot be read.
    pub fn new(settings: SmtpSettings) -> Result<Self, SmtpError> {
        // Fails only if there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = match settings.tls {
            TlsMode::None => None,
            TlsMode::Tls | TlsMode::StartTls => Some(TlsParameters::new(settings.server.clone())?),
        };
        let credentials = settings.credentials.as_ref();
        let credentials =
            credentials.map(|(user, password)| Credentials::new(user.clone(), password.expose().to_owned()));
        let hello = ClientId::Domain(settings.hello.clone());
        Ok(Self { settings, tls, credentials, hello })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let SmtpSettings { server, port, tls: mode, .. } = &self.settings;
        let from_start = self.tls.clone().filter(|_| *mode == TlsMode::Tls);
        let address = (server.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, from_start, None).await?;
        if let Some(tls) = self.tls.clone().filter(|_| *mode == TlsMode::StartTls) {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Post for Smtp {
    fn from(&self) -> &Mailbox {
        &self.settings.from
    }

    async fn send(&self, mail: &Mail) -> Result<(), PostError> {
        let connecting = tokio::time::timeout(CONNECT, self.connect()).await;
        let mut connection = match connecting {
            Ok(Ok(connection)) => connection,
            // Whatever is wrong here is for the operator to repair.
            Ok(Err(error)) => return Err(PostError::Temporary(reason(&error))),
            Err(_) => {
                let seconds = CONNECT.as_secs();
                return Err(PostError::Temporary(format!("the mail server did not answer within {seconds} seconds")));
            }
        };
        match tokio::time::timeout(SEND, connection.send(&mail.envelope, &mail.bytes)).await {
            Ok(Ok(_)) => {
                // It is sent, whatever the server thinks of this.
                let _ = tokio::time::timeout(CONNECT, connection.quit()).await;
                Ok(())
            }
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => {
                let seconds = SEND.as_secs();
                Err(PostError::Unknown(format!("the mail server did not take the mail within {seconds} seconds")))
            }
        }
    }
}

fn failure(error: &Error) -> PostError {
    let is_sign_in = error.status().is_some_and(|code| SIGN_IN_REPLIES.contains(&u16::from(code)));
    if error.is_transient() || is_sign_in {
        PostError::Temporary(reason(error))
    } else if error.is_permanent() || error.is_client() {
        PostError::Refused(reason(error))
    } else {
        PostError::Unknown(reason(error))
    }
}

/// Returns why it failed, in one short line: the server's words are not ours.
fn reason(error: &Error) -> String {
    let text = error.to_string();
    let text: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(MAX_REASON).collect();
    format!("the mail server: {}", text.trim())
}
