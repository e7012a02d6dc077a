//! Members, invitations and sessions.

use async_trait::async_trait;
use rollcall_model::{
    Access, AccountId, IDLE_SECONDS, Invitation, Member, MemberId, PasswordHash, Proof, Role, SecretHash, Session,
    Text, Timestamp, TokenId,
};
use rollcall_store::{
    MAX_INVITATIONS, MAX_MEMBERS, MAX_SESSIONS, MemberStore, NewMember, NewSession, Result, StoreError,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const MEMBERS: &str = "members";
const INVITATIONS: &str = "invitations";
const TOKENS: &str = "tokens";

macro_rules! select_member {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, email, name, role, names_hidden, created_at_ms, last_seen_ms, provider,
                 password_hash
             FROM members WHERE removed_at_ms IS NULL AND ",
            $rest
        )
    };
}

/// Reads a role and whether it sees names.
pub(crate) fn read_access(columns: &mut Columns<'_>) -> Read<Access> {
    let (role, names_hidden): (Role, bool) = (columns.take()?, columns.take()?);
    // A row that contradicts itself hides names.
    Ok(Access::new(role, names_hidden).unwrap_or(Access::ALL[0]))
}

fn read_member(columns: &mut Columns<'_>) -> Read<Member> {
    Ok(Member {
        id: columns.take()?,
        account: columns.take()?,
        email: columns.take()?,
        name: columns.take()?,
        access: read_access(columns)?,
        created_at: columns.take()?,
        last_seen: columns.take()?,
        provider: columns.take()?,
    })
}

fn read_member_with_password(columns: &mut Columns<'_>) -> Read<(Member, Option<PasswordHash>)> {
    Ok((read_member(columns)?, columns.take::<Option<Text>>()?.map(PasswordHash)))
}

fn read_invitation(columns: &mut Columns<'_>) -> Read<Invitation> {
    Ok(Invitation {
        account: columns.take()?,
        email: columns.take()?,
        access: read_access(columns)?,
        is_first: columns.take()?,
        created_at: columns.take()?,
        expires_at: columns.take()?,
    })
}

fn read_session(columns: &mut Columns<'_>) -> Read<Session> {
    Ok(Session {
        id: columns.take()?,
        member: columns.take()?,
        created_at: columns.take()?,
        last_used: columns.take()?,
        expires_at: columns.take()?,
        address: columns.take()?,
        agent: columns.take()?,
    })
}

#[async_trait]
impl MemberStore for SqliteStore {
    async fn invite(&self, code: SecretHash, invitation: &Invitation) -> Result<()> {
        let invitation = invitation.clone();
        self.write(move |db| invite(db, &code, &invitation)).await
    }

    async fn find_invitation(&self, code: &SecretHash, now: Timestamp) -> Result<Option<Invitation>> {
        let code = *code;
        self.read(move |db| find_invitation(db, &code, now)).await
    }

    async fn accept_invitation(&self, code: &SecretHash, member: &NewMember) -> Result<Option<Member>> {
        let (code, member) = (*code, member.clone());
        self.write(move |db| {
            let Some(invitation) = find_invitation(db, &code, member.created_at)? else { return Ok(None) };
            sql::execute(db, "DELETE FROM invitations WHERE hash = ?", [Bound(&code)])?;
            add(db, invitation.account, invitation.access, &member).map(Some)
        })
        .await
    }

    async fn add_member(&self, account: AccountId, access: Access, member: &NewMember) -> Result<Member> {
        let member = member.clone();
        self.write(move |db| add(db, account, access, &member)).await
    }

    async fn members(&self, account: AccountId) -> Result<Vec<Member>> {
        self.read(move |db| {
            sql::rows(db, MEMBERS, select_member!("account_id = ? ORDER BY id"), [account.0], read_member)
        })
        .await
    }

    async fn member(&self, account: AccountId, id: MemberId) -> Result<Option<Member>> {
        self.read(move |db| {
            sql::row(db, MEMBERS, select_member!("account_id = ? AND id = ?"), params![account.0, id.0], read_member)
        })
        .await
    }

    async fn find_member(&self, email: &str) -> Result<Option<(Member, Option<PasswordHash>)>> {
        let email = email.to_lowercase();
        self.read(move |db| {
            sql::row(db, MEMBERS, select_member!("email_lower = ?"), [email], read_member_with_password)
        })
        .await
    }

    async fn find_provided(&self, provider: &str, subject: &str) -> Result<Option<Member>> {
        let (provider, subject) = (provider.to_owned(), subject.to_owned());
        self.read(move |db| {
            let sql = select_member!("provider = ? AND subject = ?");
            sql::row(db, MEMBERS, sql, params![provider, subject], read_member)
        })
        .await
    }

    async fn has_administrator(&self, account: Option<AccountId>) -> Result<bool> {
        self.read(move |db| has_administrator(db, account, None)).await
    }

    async fn set_access(&self, account: AccountId, id: MemberId, access: Access) -> Result<bool> {
        self.write(move |db| {
            if access.role() != Role::Administrator {
                keep_an_administrator(db, account, id)?;
            }
            let sql = "UPDATE members SET role = ?3, names_hidden = ?4
                       WHERE account_id = ?1 AND id = ?2 AND removed_at_ms IS NULL AND (role, names_hidden) <> (?3, ?4)";
            let params = params![account.0, id.0, Bound(&access.role()), access.names_hidden()];
            if sql::execute(db, sql, params)? > 0 {
                end_sessions(db, id)?;
                return Ok(true);
            }
            let sql = "SELECT count(*) FROM members WHERE account_id = ? AND id = ? AND removed_at_ms IS NULL";
            Ok(sql::count(db, MEMBERS, sql, params![account.0, id.0])? > 0)
        })
        .await
    }

    async fn set_password(&self, account: AccountId, id: MemberId, password: &PasswordHash) -> Result<bool> {
        let password = password.clone();
        self.write(move |db| {
            let sql = "UPDATE members SET password_hash = ?3
                       WHERE account_id = ?1 AND id = ?2 AND removed_at_ms IS NULL AND password_hash IS NOT NULL";
            let is_set = sql::execute(db, sql, params![account.0, id.0, password.0.as_str()])? > 0;
            if is_set {
                end_sessions(db, id)?;
            }
            Ok(is_set)
        })
        .await
    }

    async fn remove_member(&self, account: AccountId, id: MemberId, now: Timestamp) -> Result<bool> {
        self.write(move |db| {
            keep_an_administrator(db, account, id)?;
            let sql = "UPDATE members SET removed_at_ms = ?3, password_hash = NULL, subject = NULL
                       WHERE account_id = ?1 AND id = ?2 AND removed_at_ms IS NULL";
            let is_removed = sql::execute(db, sql, params![account.0, id.0, Bound(&now)])? > 0;
            if is_removed {
                end_sessions(db, id)?;
            }
            Ok(is_removed)
        })
        .await
    }

    async fn begin_session(
        &self,
        account: AccountId,
        member: MemberId,
        session: &NewSession,
        former: Option<SecretHash>,
    ) -> Result<TokenId> {
        let session = session.clone();
        self.write(move |db| begin_session(db, account, member, &session, former)).await
    }

    async fn sessions(&self, account: AccountId, member: Option<MemberId>, now: Timestamp) -> Result<Vec<Session>> {
        self.read(move |db| {
            let sql = "SELECT id, member_id, created_at_ms, last_used_ms, expires_at_ms, address, agent FROM tokens
                       WHERE account_id = ?1 AND kind = 'session' AND (?2 IS NULL OR member_id = ?2)
                           AND expires_at_ms > ?3 AND max(created_at_ms, coalesce(last_used_ms, 0)) > ?3 - ?4
                       ORDER BY id DESC";
            let params = params![account.0, member.map(|member| member.0), Bound(&now), IDLE_SECONDS * 1000];
            sql::rows(db, TOKENS, sql, params, read_session)
        })
        .await
    }

    async fn end_sessions(&self, account: AccountId, member: MemberId) -> Result<()> {
        self.write(move |db| {
            let sql = "DELETE FROM tokens WHERE account_id = ? AND member_id = ?";
            sql::execute(db, sql, params![account.0, member.0])?;
            Ok(())
        })
        .await
    }

    async fn end_session(&self, account: AccountId, member: Option<MemberId>, id: TokenId) -> Result<bool> {
        self.write(move |db| {
            let sql = "DELETE FROM tokens
                       WHERE id = ?1 AND account_id = ?2 AND kind = 'session' AND (?3 IS NULL OR member_id = ?3)";
            Ok(sql::execute(db, sql, params![id.0, account.0, member.map(|member| member.0)])? > 0)
        })
        .await
    }
}

/// Returns whether the account, or any if none is named, has an administrator other than one.
fn has_administrator(db: &Connection, account: Option<AccountId>, other_than: Option<MemberId>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM members
                   WHERE (?1 IS NULL OR account_id = ?1) AND role = 'administrator' AND removed_at_ms IS NULL
                       AND id IS NOT ?2)";
    let params = params![account.map(|account| account.0), other_than.map(|id| id.0)];
    Ok(sql::count(db, MEMBERS, sql, params)? > 0)
}

/// Fails if the member is the account's last administrator.
fn keep_an_administrator(db: &Connection, account: AccountId, id: MemberId) -> Result<()> {
    let sql = "SELECT count(*) FROM members
               WHERE account_id = ? AND id = ? AND role = 'administrator' AND removed_at_ms IS NULL";
    let is_one = sql::count(db, MEMBERS, sql, params![account.0, id.0])? > 0;
    if is_one && !has_administrator(db, Some(account), Some(id))? {
        return Err(StoreError::Conflict { what: "the last administrator".to_owned() });
    }
    Ok(())
}

fn invite(db: &Connection, code: &SecretHash, invitation: &Invitation) -> Result<()> {
    let Invitation { account, email, access, is_first, created_at, expires_at } = invitation;
    accounts::require(db, *account)?;
    sql::execute(db, "DELETE FROM invitations WHERE expires_at_ms <= ?", [Bound(created_at)])?;
    let email_lower = email.as_deref().map(str::to_lowercase);
    if let Some(email) = &email_lower {
        let sql = "SELECT count(*) FROM members WHERE account_id = ? AND email_lower = ? AND removed_at_ms IS NULL";
        if sql::count(db, MEMBERS, sql, params![account.0, email.as_str()])? > 0 {
            return Err(StoreError::Conflict { what: format!("a member with the address {email}") });
        }
        let sql = "DELETE FROM invitations WHERE account_id = ? AND email_lower = ?";
        sql::execute(db, sql, params![account.0, email.as_str()])?;
    }
    if *is_first {
        if has_administrator(db, Some(*account), None)? {
            return Err(StoreError::Conflict { what: "an administrator".to_owned() });
        }
        sql::execute(db, "DELETE FROM invitations WHERE account_id = ? AND is_first", [account.0])?;
    }
    let waiting = sql::count(db, INVITATIONS, "SELECT count(*) FROM invitations WHERE account_id = ?", [account.0])?;
    if waiting >= MAX_INVITATIONS as u64 {
        return Err(StoreError::LimitReached { what: format!("{MAX_INVITATIONS} invitations are already waiting") });
    }
    let mut insert = sql::prepare(
        db,
        "INSERT INTO invitations (account_id, hash, email, email_lower, role, names_hidden, is_first, created_at_ms,
             expires_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let params = params![
        account.0,
        Bound(code),
        Bound(email),
        email_lower,
        Bound(&access.role()),
        access.names_hidden(),
        is_first,
        Bound(created_at),
        Bound(expires_at),
    ];
    insert.execute(params).conflict(|| "this invitation".to_owned())?;
    Ok(())
}

fn find_invitation(db: &Connection, code: &SecretHash, now: Timestamp) -> Result<Option<Invitation>> {
    // The link that was printed at the start must not make a second administrator.
    let sql = "SELECT account_id, email, role, names_hidden, is_first, created_at_ms, expires_at_ms
               FROM invitations AS i
               WHERE hash = ? AND expires_at_ms > ?
                   AND NOT (is_first AND EXISTS (SELECT 1 FROM members AS m
                       WHERE m.account_id = i.account_id AND m.role = 'administrator' AND m.removed_at_ms IS NULL))
                   AND EXISTS (SELECT 1 FROM accounts AS a
                       WHERE a.id = i.account_id AND a.suspended_at_ms IS NULL AND a.deleting_at_ms IS NULL)";
    sql::row(db, INVITATIONS, sql, params![Bound(code), Bound(&now)], read_invitation)
}

fn add(db: &Connection, account: AccountId, access: Access, member: &NewMember) -> Result<Member> {
    accounts::require(db, account)?;
    let NewMember { email, name, proof, created_at } = member;
    let sql = "SELECT count(*) FROM members WHERE account_id = ? AND removed_at_ms IS NULL";
    if sql::count(db, MEMBERS, sql, [account.0])? >= MAX_MEMBERS as u64 {
        return Err(StoreError::LimitReached { what: format!("an account has at most {MAX_MEMBERS} members") });
    }
    let (password, provider, subject) = match proof {
        Proof::Password(PasswordHash(hash)) => (Some(hash), None, None),
        Proof::Provider { provider, subject } => (None, Some(provider), Some(subject)),
        Proof::None => (None, None, None),
    };
    let mut insert = sql::prepare(
        db,
        "INSERT INTO members (account_id, email, email_lower, name, role, names_hidden, password_hash, provider, subject,
             created_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let params = params![
        account.0,
        email.as_str(),
        email.as_str().to_lowercase(),
        name.as_str(),
        Bound(&access.role()),
        access.names_hidden(),
        password.map(Text::as_str),
        provider.map(Text::as_str),
        subject.map(Text::as_str),
        Bound(created_at),
    ];
    let id = insert.insert(params).conflict(|| "a member with this address".to_owned())?;
    Ok(Member {
        id: MemberId(id),
        account,
        email: email.clone(),
        name: name.clone(),
        access,
        created_at: *created_at,
        last_seen: None,
        provider: provider.cloned(),
    })
}

fn end_sessions(db: &Connection, member: MemberId) -> Result<()> {
    sql::execute(db, "DELETE FROM tokens WHERE member_id = ?", [member.0])?;
    Ok(())
}

fn begin_session(
    db: &Connection,
    account: AccountId,
    member: MemberId,
    session: &NewSession,
    former: Option<SecretHash>,
) -> Result<TokenId> {
    let sql = "SELECT count(*) FROM members WHERE account_id = ? AND id = ? AND removed_at_ms IS NULL";
    if sql::count(db, MEMBERS, sql, params![account.0, member.0])? == 0 {
        return Err(StoreError::NotFound { what: format!("member {member}") });
    }
    if let Some(former) = former {
        // Also another member's: a browser has one session.
        sql::execute(db, "DELETE FROM tokens WHERE hash = ? AND kind = 'session'", [Bound(&former)])?;
    }
    let sql = "DELETE FROM tokens WHERE id IN (
                   SELECT id FROM tokens WHERE member_id = ? ORDER BY id DESC LIMIT -1 OFFSET ?)";
    sql::execute(db, sql, params![member.0, sql::limit(MAX_SESSIONS - 1)])?;
    let NewSession { hash, address, agent, created_at, expires_at } = session;
    let mut insert = sql::prepare(
        db,
        "INSERT INTO tokens (hash, account_id, kind, scopes, created_at_ms, expires_at_ms, member_id, address, agent)
         VALUES (?, ?, 'session', '', ?, ?, ?, ?, ?)",
    )?;
    let params =
        params![Bound(hash), account.0, Bound(created_at), Bound(expires_at), member.0, Bound(address), Bound(agent)];
    insert.insert(params).map(TokenId).conflict(|| "this session".to_owned())
}

/// Deletes removed members whom no entry of the audit log names any more.
pub(crate) fn forget_removed(db: &Connection) -> Result<()> {
    let sql = "DELETE FROM members
               WHERE removed_at_ms IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit AS a WHERE a.member_id = members.id)
                   AND NOT EXISTS (SELECT 1 FROM tokens AS t WHERE t.member_id = members.id)";
    sql::execute(db, sql, [])?;
    Ok(())
}
