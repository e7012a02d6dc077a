use async_trait::async_trait;
use rollcall_model::{
    Access, AccountId, Invitation, Member, MemberId, PasswordHash, Proof, SecretHash, Session, Text, Timestamp, TokenId,
};

use crate::Result;

/// Maximum number of members of an account.
pub const MAX_MEMBERS: usize = 1_000;
/// Maximum number of invitations of an account that have not been accepted.
pub const MAX_INVITATIONS: usize = 200;
/// Maximum number of sessions of a member; the next one replaces the oldest.
pub const MAX_SESSIONS: usize = 30;

/// A member to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The address to sign in with.
    pub email: Text,
    /// The name for other members.
    pub name: Text,
    /// How they prove who they are.
    pub proof: Proof,
    /// When they became a member.
    pub created_at: Timestamp,
}

/// A session to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The hash of its secret.
    pub hash: SecretHash,
    /// The address from which the member signs in.
    pub address: Option<Text>,
    /// What the browser says that it is.
    pub agent: Option<Text>,
    /// When the member signs in.
    pub created_at: Timestamp,
    /// When it expires even if it is used.
    pub expires_at: Timestamp,
}

/// Members, their invitations and their sessions. Secrets are stored only as hashes.
///
/// An account that has an administrator always keeps one: what would remove the last one is
/// [`crate::StoreError::Conflict`].
#[async_trait]
pub trait MemberStore {
    /// Stores an invitation. It replaces others for the same address, and the first administrator's replaces the
    /// former. [`crate::StoreError::Conflict`] if the address is a member of the account, or if the account has an
    /// administrator and this is for the first; [`crate::StoreError::LimitReached`] if [`MAX_INVITATIONS`] are waiting.
    async fn invite(&self, code: SecretHash, invitation: &Invitation) -> Result<()>;

    /// Returns the invitation with that code, in any account, if it can be accepted at `now`.
    async fn find_invitation(&self, code: &SecretHash, now: Timestamp) -> Result<Option<Invitation>>;

    /// Uses up an invitation and stores the member, in one transaction. `None`, with nothing changed, if it cannot be
    /// accepted at the time of the member's creation. [`crate::StoreError::Conflict`] if the address signs in to any
    /// account already, [`crate::StoreError::LimitReached`] if the account has [`MAX_MEMBERS`].
    async fn accept_invitation(&self, code: &SecretHash, member: &NewMember) -> Result<Option<Member>>;

    /// Stores a member without an invitation. Errors as for [`Self::accept_invitation`].
    async fn add_member(&self, account: AccountId, access: Access, member: &NewMember) -> Result<Member>;

    /// Returns the account's members, oldest first.
    async fn members(&self, account: AccountId) -> Result<Vec<Member>>;

    /// Returns a member of the account.
    async fn member(&self, account: AccountId, id: MemberId) -> Result<Option<Member>>;

    /// Returns the member with that address, in any account and any case of letters, with the hash of the password.
    async fn find_member(&self, email: &str) -> Result<Option<(Member, Option<PasswordHash>)>>;

    /// Returns the member that a provider knows by `subject`.
    async fn find_provided(&self, provider: &str, subject: &str) -> Result<Option<Member>>;

    /// Returns whether the account has an administrator; without one, whether any account has.
    async fn has_administrator(&self, account: Option<AccountId>) -> Result<bool>;

    /// Changes what a member may do, and ends their sessions if that is new. Returns whether there is such a member.
    async fn set_access(&self, account: AccountId, id: MemberId, access: Access) -> Result<bool>;

    /// Replaces the password of a member who has one, and ends their sessions. Returns whether there is such a member.
    async fn set_password(&self, account: AccountId, id: MemberId, password: &PasswordHash) -> Result<bool>;

    /// Removes a member with all sessions. The audit log still names them. Returns whether there was such a member.
    async fn remove_member(&self, account: AccountId, id: MemberId, now: Timestamp) -> Result<bool>;

    /// Starts a session, and ends the one that the browser had. A member has at most [`MAX_SESSIONS`].
    /// [`crate::StoreError::NotFound`] if there is no such member.
    async fn begin_session(
        &self,
        account: AccountId,
        member: MemberId,
        session: &NewSession,
        former: Option<SecretHash>,
    ) -> Result<TokenId>;

    /// Returns the sessions of the account, or of one member, that are active at `now`, newest first.
    async fn sessions(&self, account: AccountId, member: Option<MemberId>, now: Timestamp) -> Result<Vec<Session>>;

    /// Ends all sessions of a member.
    async fn end_sessions(&self, account: AccountId, member: MemberId) -> Result<()>;

    /// Ends a session of the account, or of one member. Returns whether there was one.
    async fn end_session(&self, account: AccountId, member: Option<MemberId>, id: TokenId) -> Result<bool>;
}
