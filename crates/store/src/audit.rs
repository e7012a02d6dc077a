use std::net::IpAddr;

use async_trait::async_trait;
use rollcall_model::{AccountId, ClientId, Text, Timestamp, TokenId, UserId};

use crate::Result;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AuditActor {
    /// Who holds a token, of an app and of a user if it has them.
    Token {
        /// The token.
        token: TokenId,
        /// The app it was given to.
        client: Option<ClientId>,
        /// The user it acts for.
        user: Option<UserId>,
    },
    /// An app that signed in.
    App(ClientId),
    /// Somebody at the command line.
    Operator,
}

/// What was done, without anything that names a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuditedAct {
    /// Who did it.
    pub actor: AuditActor,
    /// From where; `None` for a command.
    pub address: Option<IpAddr>,
    /// The operation, or the command.
    pub operation: Text,
    /// What it does to the data: `read`, `export`, `ingest`, `change`, `erase` or `grant`.
    pub effect: &'static str,
    /// What kind of record it is about.
    pub target: &'static str,
    /// The HTTP status; `None` for a command.
    pub status: Option<u16>,
}

/// An entry of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Whose data it is about.
    pub account: AccountId,
    /// When; of requests that are counted together, the first.
    pub at: Timestamp,
    /// What was done.
    pub act: AuditedAct,
    /// How often.
    pub requests: u64,
}

/// The record of who did what.
#[async_trait]
pub trait AuditStore {
    /// Adds entries, and notes when their tokens were last used, to the minute.
    async fn record_audit(&self, entries: &[AuditEntry]) -> Result<()>;
}
