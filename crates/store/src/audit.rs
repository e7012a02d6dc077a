use std::net::IpAddr;

use async_trait::async_trait;
use rollcall_model::{AccountId, ClientId, MemberId, Text, Timestamp, TokenId, UserId};

use crate::Result;

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AuditActor {
    /// The holder of a token, with its app and user if it has them.
    Token {
        /// The token.
        token: TokenId,
        /// The token's app.
        client: Option<ClientId>,
        /// The user that it acts for.
        user: Option<UserId>,
    },
    /// A member.
    Member {
        /// The member.
        member: MemberId,
        /// Their session; `None` if they have none, as when they could not sign in.
        session: Option<TokenId>,
    },
    /// An app that signed in.
    App(ClientId),
    /// An operator on the command line.
    Operator,
}

/// An act, without anything that identifies a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuditedAct {
    /// Who did it.
    pub actor: AuditActor,
    /// The address; `None` for a command.
    pub address: Option<IpAddr>,
    /// The operation, or the command.
    pub operation: Text,
    /// Its effect on the data: `read`, `export`, `ingest`, `change`, `erase` or `grant`.
    pub effect: &'static str,
    /// The kind of record.
    pub target: &'static str,
    /// The HTTP status; `None` for a command.
    pub status: Option<u16>,
}

/// An audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The account.
    pub account: AccountId,
    /// When; if several requests are counted together, the time of the first.
    pub at: Timestamp,
    /// The act.
    pub act: AuditedAct,
    /// The number of times.
    pub requests: u64,
}

/// The audit log.
#[async_trait]
pub trait AuditStore {
    /// Adds entries, and records when their tokens were last used and members last seen, to the minute.
    async fn record_audit(&self, entries: &[AuditEntry]) -> Result<()>;
}
