//! Members: signing in and out, invitations, passwords and sessions.
//!
//! A session is a token that only a cookie carries. Its secret is drawn at each sign-in and never accepted from a browser;
//! a change of role or password ends all sessions of the member.

use std::{fmt, net::IpAddr};

use rollcall_model::{
    Access, AccountId, AccountState, Invitation, Member, PasswordHash, Proof, Role, SESSION_SECONDS, Scopes, Secret,
    SecretHash, Text, Timestamp, TokenId, draw_secret,
};
use rollcall_store::{NewMember, NewSession, StoreError};

use crate::{
    Attempt, Auth, Knock, Throttled,
    audit::Entrance,
    credentials::{InvitationRequest, create_invitation},
    passwords::{BadPassword, Busy, check_password},
};

/// Longest address, in bytes.
const LONGEST_EMAIL: usize = 254;
/// Longest name, in characters.
const LONGEST_NAME: usize = 100;
/// How much of a browser's description is kept, in characters.
const LONGEST_AGENT: usize = 200;
/// The address of the demo's viewer, to which nothing can be sent.
const DEMO_EMAIL: &str = "viewer@demo.invalid";

/// The browser of a member, as far as a session records it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Browser<'r> {
    /// The address; `None` if the request did not come over a connection.
    pub address: Option<IpAddr>,
    /// What it says that it is.
    pub agent: Option<&'r str>,
    /// The secret of the session that it has, which the next one replaces.
    pub former: Option<&'r str>,
}

/// A session that has begun.
#[derive(Debug, Clone)]
pub struct Started {
    /// The secret for the cookie.
    pub secret: Secret,
    /// The session.
    pub id: TokenId,
    /// The member.
    pub member: Member,
    /// When it expires even if it is used.
    pub expires_at: Timestamp,
}

/// Why a member could not sign in, or become one.
#[derive(Debug)]
pub enum SignInError {
    /// The address or the password is wrong.
    Wrong,
    /// The account is suspended, or is being deleted.
    Suspended,
    /// The invitation is unknown, accepted or expired.
    NoInvitation,
    /// The invitation is for another address.
    OtherAddress,
    /// The address or the name is none.
    Invalid(InvalidMember),
    /// The new password is not good.
    BadPassword(BadPassword),
    /// The address signs in to an account of this server already.
    Taken,
    /// The account has as many members as it may have.
    Full(String),
    /// The member has no password: a provider vouches for them.
    NoPassword,
    /// Too many passwords are being checked.
    Busy,
    /// Too many wrong passwords or codes came from the same address, or for the same member.
    Throttled(Throttled),
    /// The store failed.
    Store(StoreError),
}

impl From<Busy> for SignInError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<Throttled> for SignInError {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

impl From<BadPassword> for SignInError {
    fn from(reason: BadPassword) -> Self {
        Self::BadPassword(reason)
    }
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Taken,
            StoreError::LimitReached { what } => Self::Full(what),
            error => Self::Store(error),
        }
    }
}

/// Why a text is not an address or a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidMember {
    /// It is not an address.
    Email,
    /// It is empty, longer than 100 characters, or contains control characters.
    Name,
}

impl InvalidMember {
    /// Returns the name of the field that it is about.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
        }
    }
}

impl fmt::Display for InvalidMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "Give an email address, such as ana@example.com.",
            Self::Name => "Give a name of 1 to 100 characters.",
        })
    }
}

impl From<InvalidMember> for SignInError {
    fn from(reason: InvalidMember) -> Self {
        Self::Invalid(reason)
    }
}

/// Checks an address to sign in with, and returns it without white space around it.
///
/// # Errors
/// [`InvalidMember::Email`] if it is none.
pub fn check_email(text: &str) -> Result<Text, InvalidMember> {
    let text = text.trim();
    let is_address = text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let is_plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_address && is_plain && text.len() <= LONGEST_EMAIL { Ok(text.into()) } else { Err(InvalidMember::Email) }
}

/// Checks a member's name, and returns it without white space around it.
///
/// # Errors
/// [`InvalidMember::Name`] if it is empty, too long, or contains control characters.
pub fn check_name(text: &str) -> Result<Text, InvalidMember> {
    let text = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.into()) } else { Err(InvalidMember::Name) }
}

/// What a person who accepts an invitation gives.
#[derive(Debug, Clone, Copy)]
pub struct Acceptance<'r> {
    /// The code of the invitation.
    pub code: &'r str,
    /// The address to sign in with.
    pub email: &'r str,
    /// The name for other members.
    pub name: &'r str,
    /// The password.
    pub password: &'r str,
}

impl Auth {
    /// Signs a member in by address and password.
    ///
    /// # Errors
    /// [`SignInError`] is the reason. It does not show whether there is such a member, and neither does the time.
    pub async fn sign_in(&self, email: &str, password: &str, browser: Browser<'_>) -> Result<Started, SignInError> {
        let email = email.trim();
        let found = if email.len() <= LONGEST_EMAIL { self.store.find_member(email).await? } else { None };
        let (member, hash) = found.unzip();
        self.check_guess(email, password, member.as_ref(), hash.flatten().as_ref(), browser).await?;
        let member = member.ok_or(SignInError::Wrong)?;
        self.start_session(member, browser).await
    }

    /// Checks a password that somebody gave for an address, within the limits of guesses.
    async fn check_guess(
        &self,
        email: &str,
        password: &str,
        member: Option<&Member>,
        hash: Option<&PasswordHash>,
        browser: Browser<'_>,
    ) -> Result<(), SignInError> {
        let place = browser.address.map(crate::network).map(|address| address.to_string()).unwrap_or_default();
        let (who, shown) = (format!("member:{}", email.to_lowercase()), place + " " + &email.to_lowercase());
        let knock = Knock {
            attempt: Attempt::Password,
            address: browser.address,
            client: Some(&who),
            shown: SecretHash::of(&shown),
        };
        let guess = self.throttle.guess(knock, self.now());
        self.count_throttled(knock, guess)?;
        if self.passwords.is_right(password, hash).await? {
            self.throttle.guessed_right(knock, self.now());
            return Ok(());
        }
        self.count_failure(Attempt::Password);
        if let Some(member) = member {
            self.audit_sign_in(member, None, Entrance::SignIn, browser.address, 401).await;
        }
        Err(SignInError::Wrong)
    }

    /// Starts a session of a member whose identity was proven, in place of the one that the browser has.
    ///
    /// # Errors
    /// [`SignInError::Suspended`] if the account is, [`SignInError::Store`] if the store fails.
    pub async fn start_session(&self, member: Member, browser: Browser<'_>) -> Result<Started, SignInError> {
        let account = self.store.account(member.account).await?;
        if !account.is_some_and(|account| account.state == AccountState::Open) {
            return Err(SignInError::Suspended);
        }
        let (secret, now) = (draw_secret(self.entropy.as_ref()), self.now());
        let agent: String =
            browser.agent.unwrap_or_default().chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect();
        let session = NewSession {
            hash: secret.hash(),
            address: browser.address.map(|address| address.to_string().into()),
            agent: Some(agent.into()).filter(|agent: &Text| !agent.is_empty()),
            created_at: now,
            expires_at: now.plus_seconds(SESSION_SECONDS),
        };
        let former = browser.former.map(SecretHash::of);
        let id = self.store.begin_session(member.account, member.id, &session, former).await?;
        self.audit_sign_in(&member, Some(id), Entrance::SignIn, browser.address, 201).await;
        Ok(Started { secret, id, member, expires_at: session.expires_at })
    }

    /// Makes an invitation, see [`create_invitation`].
    ///
    /// # Errors
    /// Those of [`rollcall_store::MemberStore::invite`].
    pub async fn invite(
        &self,
        account: AccountId,
        email: Option<Text>,
        access: Access,
    ) -> rollcall_store::Result<(Secret, Timestamp)> {
        let request = InvitationRequest { account, email, access, is_first: false };
        create_invitation(self.store.as_ref(), self.clock.as_ref(), self.entropy.as_ref(), request).await
    }

    /// Returns the invitation with a code.
    ///
    /// # Errors
    /// [`SignInError::NoInvitation`] if there is none, [`SignInError::Throttled`] if too many codes were wrong.
    pub async fn invitation(&self, code: &str, address: Option<IpAddr>) -> Result<Invitation, SignInError> {
        let shown = SecretHash::of(code);
        let knock = Knock { attempt: Attempt::Authorize, address, client: None, shown };
        self.throttle(knock)?;
        match self.store.find_invitation(&shown, self.now()).await? {
            Some(invitation) => Ok(invitation),
            None => {
                self.note_failure(knock)?;
                Err(SignInError::NoInvitation)
            }
        }
    }

    /// Accepts an invitation, and signs the new member in.
    ///
    /// # Errors
    /// [`SignInError`] is the reason. The invitation stays unless it was accepted.
    pub async fn accept(&self, given: Acceptance<'_>, browser: Browser<'_>) -> Result<Started, SignInError> {
        let invitation = self.invitation(given.code, browser.address).await?;
        let (email, name) = (check_email(given.email)?, check_name(given.name)?);
        if invitation.email.is_some_and(|invited| invited.to_lowercase() != email.to_lowercase()) {
            return Err(SignInError::OtherAddress);
        }
        check_password(given.password, &email)?;
        let password = self.passwords.hash(given.password, self.entropy.as_ref()).await?;
        let member = NewMember { email, name, proof: Proof::Password(password), created_at: self.now() };
        let accepted = self.store.accept_invitation(&SecretHash::of(given.code), &member).await?;
        let member = accepted.ok_or(SignInError::NoInvitation)?;
        self.audit_sign_in(&member, None, Entrance::Invitation, browser.address, 201).await;
        self.start_session(member, browser).await
    }

    /// Replaces a member's password. All their sessions end, and the browser gets a new one.
    ///
    /// # Errors
    /// [`SignInError`] is the reason.
    pub async fn change_password(
        &self,
        member: &Member,
        current: &str,
        new: &str,
        browser: Browser<'_>,
    ) -> Result<Started, SignInError> {
        let (member, hash) = self.store.find_member(&member.email).await?.ok_or(SignInError::Wrong)?;
        let hash = hash.ok_or(SignInError::NoPassword)?;
        self.check_guess(&member.email, current, Some(&member), Some(&hash), browser).await?;
        check_password(new, &member.email)?;
        let password = self.passwords.hash(new, self.entropy.as_ref()).await?;
        if !self.store.set_password(member.account, member.id, &password).await? {
            return Err(SignInError::Wrong);
        }
        self.start_session(member, browser).await
    }

    /// Returns the session that all visitors of a demo share, so that they cannot fill the database.
    ///
    /// # Errors
    /// [`SignInError`] is the reason.
    pub async fn demo_session(&self, account: AccountId) -> Result<Started, SignInError> {
        let mut current = self.demo.lock().await;
        let half = self.now().plus_seconds(SESSION_SECONDS / 2);
        if let Some(started) = current.as_ref().filter(|started| started.expires_at > half)
            && self.find_session(&started.secret.hash()).await?.is_some()
        {
            return Ok(started.clone());
        }
        let member = match self.store.find_member(DEMO_EMAIL).await? {
            Some((member, _)) if member.account == account => member,
            Some(_) => return Err(SignInError::Taken),
            None => {
                let viewer = NewMember {
                    email: DEMO_EMAIL.into(),
                    name: "Demo viewer".into(),
                    proof: Proof::None,
                    created_at: self.now(),
                };
                self.store.add_member(account, Access::of(Role::Viewer), &viewer).await?
            }
        };
        let started = self.start_session(member, Browser::default()).await?;
        *current = Some(started.clone());
        Ok(started)
    }

    /// Returns the scopes of a member.
    #[must_use]
    pub fn scopes_of(&self, access: Access) -> Scopes {
        self.roles.scopes(access)
    }

    /// Returns whether a member is the demo's viewer, whose session others share.
    #[must_use]
    pub fn is_demo_viewer(member: &Member) -> bool {
        member.email == DEMO_EMAIL
    }
}
