//! Members, invitations and sessions.

use rollcall_model::{
    Access, AccountId, IDLE_SECONDS, Invitation, Member, MemberId, PasswordHash, Proof, Role, SESSION_SECONDS,
    SecretHash, Text, TokenId,
};

use super::{NO_ACCOUNT, assert_conflict, assert_limit_reached, assert_not_found, at, one_account, two_accounts};
use crate::{
    AgedRows, AuditActor, AuditEntry, AuditedAct, MAX_INVITATIONS, MAX_MEMBERS, MAX_SESSIONS, NewMember, NewSession,
    Store,
};

fn code(text: &str) -> SecretHash {
    SecretHash::of(text)
}

fn invitation(account: AccountId, email: Option<&str>, role: Role) -> Invitation {
    Invitation {
        account,
        email: email.map(Into::into),
        access: Access::of(role),
        is_first: false,
        created_at: at(0),
        expires_at: at(100),
    }
}

fn first(account: AccountId) -> Invitation {
    Invitation { is_first: true, ..invitation(account, None, Role::Administrator) }
}

fn password(text: &str) -> PasswordHash {
    PasswordHash(text.into())
}

fn new_member(email: &str) -> NewMember {
    NewMember { email: email.into(), name: "Ana".into(), proof: Proof::Password(password("hash")), created_at: at(1) }
}

async fn add(store: &dyn Store, account: AccountId, email: &str, role: Role) -> Member {
    store.add_member(account, Access::of(role), &new_member(email)).await.unwrap()
}

fn session(secret: &str, since: i64) -> NewSession {
    NewSession {
        hash: code(secret),
        address: Some("192.0.2.1".into()),
        agent: Some("Firefox".into()),
        created_at: at(since),
        expires_at: at(since + SESSION_SECONDS),
    }
}

async fn begin(store: &dyn Store, member: &Member, secret: &str) -> TokenId {
    store.begin_session(member.account, member.id, &session(secret, 1), None).await.unwrap()
}

async fn is_there(store: &dyn Store, secret: &str) -> bool {
    store.find_token(&code(secret)).await.unwrap().is_some()
}

pub async fn an_invitation_is_accepted_once_and_until_it_expires(store: &dyn Store) {
    let account = one_account(store).await;
    let told = Invitation {
        access: Access::new(Role::Viewer, true).unwrap(),
        ..invitation(account, Some("Ana@example.com"), Role::Viewer)
    };
    store.invite(code("a"), &told).await.unwrap();
    assert_eq!(store.find_invitation(&code("a"), at(99)).await.unwrap(), Some(told.clone()));
    assert_eq!(store.find_invitation(&code("a"), at(100)).await.unwrap(), None);
    assert_eq!(store.find_invitation(&code("b"), at(1)).await.unwrap(), None);
    let late = NewMember { created_at: at(100), ..new_member("ana@example.com") };
    assert_eq!(store.accept_invitation(&code("a"), &late).await.unwrap(), None);
    let member = store.accept_invitation(&code("a"), &new_member("ana@example.com")).await.unwrap().unwrap();
    assert_eq!((member.account, member.access, member.created_at), (account, told.access, at(1)));
    assert_eq!(store.accept_invitation(&code("a"), &new_member("bob@example.com")).await.unwrap(), None);
    assert_eq!(store.members(account).await.unwrap(), [member]);
    assert_not_found(store.invite(code("c"), &invitation(NO_ACCOUNT, None, Role::Viewer)).await);
}

pub async fn the_next_invitation_of_an_address_replaces_the_former(store: &dyn Store) {
    let account = one_account(store).await;
    for (secret, email) in [("a", "ana@example.com"), ("b", "ANA@example.com"), ("c", "bob@example.com")] {
        store.invite(code(secret), &invitation(account, Some(email), Role::Analyst)).await.unwrap();
    }
    let mut open = Vec::new();
    for secret in ["a", "b", "c"] {
        open.push(store.find_invitation(&code(secret), at(1)).await.unwrap().is_some());
    }
    assert_eq!(open, [false, true, true]);
    add(store, account, "ana@example.com", Role::Viewer).await;
    assert_conflict(store.invite(code("d"), &invitation(account, Some("Ana@Example.com"), Role::Viewer)).await);
}

pub async fn the_first_administrators_invitation_ends_with_the_first_administrator(store: &dyn Store) {
    let account = one_account(store).await;
    store.invite(code("a"), &first(account)).await.unwrap();
    store.invite(code("b"), &first(account)).await.unwrap();
    assert_eq!(store.find_invitation(&code("a"), at(1)).await.unwrap(), None, "a new one replaces it");
    add(store, account, "viewer@example.com", Role::Viewer).await;
    assert!(!store.has_administrator(Some(account)).await.unwrap());
    assert!(store.find_invitation(&code("b"), at(1)).await.unwrap().is_some());
    add(store, account, "ana@example.com", Role::Administrator).await;
    assert!(store.has_administrator(Some(account)).await.unwrap() && store.has_administrator(None).await.unwrap());
    assert!(!store.has_administrator(Some(NO_ACCOUNT)).await.unwrap());
    assert_eq!(store.find_invitation(&code("b"), at(1)).await.unwrap(), None);
    assert_eq!(store.accept_invitation(&code("b"), &new_member("bob@example.com")).await.unwrap(), None);
    assert_conflict(store.invite(code("c"), &first(account)).await);
}

pub async fn one_of_many_accepts_an_invitation(store: &dyn Store) {
    let account = one_account(store).await;
    store.invite(code("a"), &invitation(account, None, Role::Analyst)).await.unwrap();
    let (a, one, two) = (code("a"), new_member("ana@example.com"), new_member("bob@example.com"));
    let (one, two) = futures::future::join(store.accept_invitation(&a, &one), store.accept_invitation(&a, &two)).await;
    let accepted = [one.unwrap(), two.unwrap()].into_iter().flatten().count();
    assert_eq!((accepted, store.members(account).await.unwrap().len()), (1, 1));
}

pub async fn an_address_signs_in_to_one_account_in_any_case(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let member = add(store, one, "Änne@example.com", Role::Viewer).await;
    let found = store.find_member("äNNE@EXAMPLE.COM").await.unwrap();
    assert_eq!(found, Some((member.clone(), Some(password("hash")))));
    assert_conflict(store.add_member(two, Access::of(Role::Viewer), &new_member("änne@example.com")).await);
    // The invitation stays, so that another address can accept it.
    store.invite(code("a"), &invitation(two, None, Role::Viewer)).await.unwrap();
    assert_conflict(store.accept_invitation(&code("a"), &new_member("änne@example.com")).await);
    assert!(store.find_invitation(&code("a"), at(1)).await.unwrap().is_some());
    assert!(store.remove_member(one, member.id, at(2)).await.unwrap());
    assert_eq!(store.find_member("änne@example.com").await.unwrap(), None);
    add(store, two, "änne@example.com", Role::Viewer).await;
}

pub async fn a_member_whom_a_provider_vouches_for_is_found_by_it(store: &dyn Store) {
    let account = one_account(store).await;
    let proof = |provider: &str| Proof::Provider { provider: provider.into(), subject: "s1".into() };
    let provided = |email: &str, provider| NewMember { proof: proof(provider), ..new_member(email) };
    let viewer = Access::of(Role::Viewer);
    let member = store.add_member(account, viewer, &provided("ana@example.com", "one")).await.unwrap();
    let other = store.add_member(account, viewer, &provided("bob@example.com", "two")).await.unwrap();
    assert_eq!(member.provider, Some(Text::new("one")));
    assert_eq!(store.find_provided("one", "s1").await.unwrap(), Some(member.clone()));
    assert_eq!(store.find_provided("two", "s1").await.unwrap(), Some(other));
    assert_eq!(store.find_provided("one", "s2").await.unwrap(), None);
    assert_eq!(store.find_member("ana@example.com").await.unwrap(), Some((member.clone(), None)));
    assert_conflict(store.add_member(account, viewer, &provided("eve@example.com", "one")).await);
    assert!(!store.set_password(account, member.id, &password("new")).await.unwrap(), "it has none");
}

pub async fn an_account_keeps_an_administrator(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let ana = add(store, one, "ana@example.com", Role::Administrator).await;
    let bob = add(store, one, "bob@example.com", Role::Analyst).await;
    add(store, two, "eve@example.com", Role::Administrator).await;
    assert_conflict(store.remove_member(one, ana.id, at(2)).await);
    assert_conflict(store.set_access(one, ana.id, Access::of(Role::Analyst)).await);
    assert!(store.set_access(one, ana.id, Access::of(Role::Administrator)).await.unwrap(), "nothing changes");
    assert!(store.set_access(one, bob.id, Access::of(Role::Administrator)).await.unwrap());
    assert!(store.remove_member(one, ana.id, at(2)).await.unwrap());
    assert!(!store.remove_member(one, ana.id, at(2)).await.unwrap());
    assert_conflict(store.remove_member(one, bob.id, at(2)).await);
}

pub async fn a_session_is_a_token_of_a_member(store: &dyn Store) {
    let account = one_account(store).await;
    let member = add(store, account, "ana@example.com", Role::Analyst).await;
    let id = begin(store, &member, "s").await;
    let token = store.find_token(&code("s")).await.unwrap().unwrap();
    assert_eq!((token.id, token.account, token.member), (id, account, Some((member.id, member.access))));
    assert_eq!(token.scopes.to_string(), "");
    assert_eq!(token.expires_at, Some(at(1 + SESSION_SECONDS)));
    assert_eq!(store.tokens(account, None, 10).await.unwrap(), [], "it is in another list");
    assert!(!store.revoke_token(account, id, at(2)).await.unwrap());
    let listed = store.sessions(account, Some(member.id), at(2)).await.unwrap();
    assert_eq!((listed.len(), listed[0].id, listed[0].member), (1, id, member.id));
    assert_eq!(listed[0].agent, Some(Text::new("Firefox")));
    assert_not_found(store.begin_session(account, MemberId(99), &session("t", 1), None).await);
    assert_eq!(store.drop_rows(AgedRows::EndedTokens, at(2 + SESSION_SECONDS), 10).await.unwrap(), 1);
}

pub async fn a_sign_in_ends_the_session_that_the_browser_had(store: &dyn Store) {
    let account = one_account(store).await;
    let member = add(store, account, "ana@example.com", Role::Viewer).await;
    begin(store, &member, "old").await;
    begin(store, &member, "other").await;
    store.begin_session(account, member.id, &session("new", 2), Some(code("old"))).await.unwrap();
    assert!(!is_there(store, "old").await && is_there(store, "other").await && is_there(store, "new").await);
    // What is no session is not a browser's.
    let token = crate::NewToken {
        hash: code("token"),
        account,
        client_id: None,
        user_id: None,
        kind: rollcall_model::TokenKind::Access,
        scopes: rollcall_model::Scopes::All,
        created_at: at(1),
        expires_at: None,
    };
    store.create_tokens(&[token]).await.unwrap();
    store.begin_session(account, member.id, &session("next", 2), Some(code("token"))).await.unwrap();
    assert!(is_there(store, "token").await);
}

pub async fn sessions_are_bounded_and_idle_ones_are_not_listed(store: &dyn Store) {
    let account = one_account(store).await;
    let member = add(store, account, "ana@example.com", Role::Viewer).await;
    for number in 0..MAX_SESSIONS + 2 {
        begin(store, &member, &number.to_string()).await;
    }
    assert!(!is_there(store, "1").await && is_there(store, "2").await);
    let idle = at(1 + IDLE_SECONDS);
    assert_eq!(store.sessions(account, None, idle).await.unwrap(), []);
    assert_eq!(store.sessions(account, None, at(IDLE_SECONDS)).await.unwrap().len(), MAX_SESSIONS);
    let used = store.find_token(&code("2")).await.unwrap().unwrap().id;
    store.record_audit(&[entry(account, member.id, Some(used), 3600)]).await.unwrap();
    let listed = store.sessions(account, None, idle).await.unwrap();
    assert_eq!(listed.iter().map(|session| session.id).collect::<Vec<_>>(), [used]);
    assert!(listed[0].last_used.is_some());
    assert_eq!(store.member(account, member.id).await.unwrap().unwrap().last_seen, listed[0].last_used);
}

fn entry(account: AccountId, member: MemberId, session: Option<TokenId>, seconds: i64) -> AuditEntry {
    let act = AuditedAct {
        actor: AuditActor::Member { member, session },
        address: None,
        operation: "askInSql".into(),
        effect: "export",
        target: "account",
        status: Some(200),
    };
    AuditEntry { account, at: at(seconds), act, requests: 1 }
}

pub async fn changes_of_a_member_end_their_sessions(store: &dyn Store) {
    let account = one_account(store).await;
    let member = add(store, account, "ana@example.com", Role::Viewer).await;
    let other = add(store, account, "bob@example.com", Role::Viewer).await;
    begin(store, &other, "other").await;
    begin(store, &member, "s").await;
    assert!(store.set_access(account, member.id, member.access).await.unwrap());
    assert!(is_there(store, "s").await, "nothing changed");
    assert!(store.set_access(account, member.id, Access::new(Role::Viewer, true).unwrap()).await.unwrap());
    assert!(!is_there(store, "s").await);
    begin(store, &member, "s").await;
    assert!(store.set_password(account, member.id, &password("new")).await.unwrap());
    assert!(!is_there(store, "s").await);
    assert_eq!(store.find_member("ana@example.com").await.unwrap().unwrap().1, Some(password("new")));
    begin(store, &member, "s").await;
    assert!(store.remove_member(account, member.id, at(2)).await.unwrap());
    assert!(!is_there(store, "s").await && is_there(store, "other").await);
    assert!(!store.set_access(account, member.id, Access::of(Role::Analyst)).await.unwrap());
    assert!(!store.set_password(account, member.id, &password("new")).await.unwrap());
    assert_not_found(store.begin_session(account, member.id, &session("s", 1), None).await);
}

pub async fn a_session_is_ended_by_its_member_or_its_account(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let (ana, bob) = (
        add(store, one, "ana@example.com", Role::Viewer).await,
        add(store, one, "bob@example.com", Role::Viewer).await,
    );
    let id = begin(store, &ana, "s").await;
    assert!(!store.end_session(one, Some(bob.id), id).await.unwrap());
    assert!(!store.end_session(two, None, id).await.unwrap());
    assert_eq!(store.sessions(two, None, at(2)).await.unwrap(), []);
    assert!(store.end_session(one, Some(ana.id), id).await.unwrap());
    assert!(!is_there(store, "s").await);
    let id = begin(store, &ana, "t").await;
    assert!(store.end_session(one, None, id).await.unwrap());
    for secret in ["u", "v"] {
        begin(store, &ana, secret).await;
    }
    begin(store, &bob, "w").await;
    store.end_sessions(two, ana.id).await.unwrap();
    assert!(is_there(store, "u").await, "another account's member");
    store.end_sessions(one, ana.id).await.unwrap();
    assert!(!is_there(store, "u").await && !is_there(store, "v").await && is_there(store, "w").await);
}

pub async fn members_and_invitations_are_bounded(store: &dyn Store) {
    let account = one_account(store).await;
    for number in 0..MAX_INVITATIONS {
        let told = invitation(account, Some(&format!("{number}@example.com")), Role::Viewer);
        store.invite(code(&number.to_string()), &told).await.unwrap();
    }
    assert_limit_reached(store.invite(code("more"), &invitation(account, None, Role::Viewer)).await);
    let later = Invitation { created_at: at(100), expires_at: at(200), ..invitation(account, None, Role::Viewer) };
    store.invite(code("later"), &later).await.unwrap();
    for number in 0..MAX_MEMBERS {
        add(store, account, &format!("{number}@example.com"), Role::Viewer).await;
    }
    let one_more = new_member("more@example.com");
    assert_limit_reached(store.add_member(account, Access::of(Role::Viewer), &one_more).await);
}

pub async fn a_removed_member_stays_for_the_audit_log(store: &dyn Store) {
    let account = one_account(store).await;
    let member = add(store, account, "ana@example.com", Role::Viewer).await;
    store.record_audit(&[entry(account, member.id, None, 5)]).await.unwrap();
    assert!(store.remove_member(account, member.id, at(6)).await.unwrap());
    let rows = async || store.account_rows(account).await.unwrap().get("members").copied();
    store.drop_rows(AgedRows::Audit, at(5), 10).await.unwrap();
    assert_eq!(rows().await, Some(1));
    store.drop_rows(AgedRows::Audit, at(6), 10).await.unwrap();
    assert_eq!(rows().await, None);
}

pub async fn an_account_is_deleted_with_its_members(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    for (account, email) in [(one, "ana@example.com"), (two, "bob@example.com")] {
        let member = add(store, account, email, Role::Administrator).await;
        begin(store, &member, email).await;
        store.invite(code(&format!("invite {email}")), &invitation(account, None, Role::Viewer)).await.unwrap();
        store.record_audit(&[entry(account, member.id, None, 5)]).await.unwrap();
    }
    store.begin_account_deletion(one, at(9)).await.unwrap();
    assert_eq!(store.find_invitation(&code("invite ana@example.com"), at(9)).await.unwrap(), None);
    while store.delete_account_rows(one, at(9), 10).await.unwrap().more {}
    assert_eq!(store.account(one).await.unwrap(), None);
    assert_eq!(store.find_member("ana@example.com").await.unwrap(), None);
    assert!(!is_there(store, "ana@example.com").await && is_there(store, "bob@example.com").await);
    assert!(store.find_member("bob@example.com").await.unwrap().is_some());
}
