//! From a person whom a provider vouches for to the session of a member.

use rollcall_model::{Access, AccountId, Member, Proof};
use rollcall_store::{NewMember, StoreError};

use super::{ProviderError, settings::ProviderSettings, token::Identity};
use crate::{Auth, Browser, SignInError, Started, audit::Entrance, check_email, check_name};

impl Auth {
    /// Starts a session of the person, with the role that their groups give them now. A person in no group with a role
    /// also loses the sessions that they have.
    pub(super) async fn admit_from_provider(
        &self,
        settings: &ProviderSettings,
        identity: Identity,
        browser: Browser<'_>,
    ) -> Result<Started, ProviderError> {
        let account = self.account_of(settings).await?;
        let provider = settings.id.as_str();
        let access = settings.access_of(&identity.groups);
        let found = self.store.find_provided(provider, &identity.subject).await?;
        let member = match (found, access) {
            (Some(member), _) if member.account != account => {
                tracing::warn!(provider, member = member.id.0, "a member of another account came through a provider");
                return Err(ProviderError::NotAdmitted);
            }
            (Some(member), Some(access)) => self.with_access(member, access, browser).await?,
            (Some(member), None) => {
                self.shut_out(&member, browser).await?;
                return Err(ProviderError::NoRole);
            }
            (None, None) => return Err(ProviderError::NoRole),
            (None, Some(_)) if !settings.admits => return Err(ProviderError::NotAdmitted),
            (None, Some(access)) => self.join_from_provider(settings, identity, account, access, browser).await?,
        };
        Ok(self.start_session(member, browser).await?)
    }

    async fn account_of(&self, settings: &ProviderSettings) -> Result<AccountId, ProviderError> {
        let found = match &settings.account {
            Some(name) => self.store.find_account(name).await?,
            None => {
                let mut accounts = self.store.accounts().await?;
                if accounts.len() == 1 { accounts.pop() } else { None }
            }
        };
        found.map(|account| account.id).ok_or_else(|| {
            let reason = "its `account` does not exist, or is not set although there are several accounts";
            super::failed(settings, reason)
        })
    }

    /// Gives a member the access that the provider says. A change ends their sessions.
    async fn with_access(&self, member: Member, access: Access, browser: Browser<'_>) -> Result<Member, ProviderError> {
        if member.access == access {
            return Ok(member);
        }
        match self.store.set_access(member.account, member.id, access).await {
            Ok(true) => {
                let member = Member { access, ..member };
                self.audit_sign_in(&member, None, Entrance::Role, browser.address, 200).await;
                Ok(member)
            }
            Ok(false) => Err(SignInError::Wrong.into()),
            Err(StoreError::Conflict { .. }) => {
                self.shut_out(&member, browser).await?;
                Err(ProviderError::LastAdministrator)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends all sessions of a member who may no longer sign in.
    async fn shut_out(&self, member: &Member, browser: Browser<'_>) -> Result<(), ProviderError> {
        self.store.end_sessions(member.account, member.id).await?;
        self.audit_sign_in(member, None, Entrance::SignIn, browser.address, 403).await;
        Ok(())
    }

    /// Makes a member of a person whom nobody knew.
    async fn join_from_provider(
        &self,
        settings: &ProviderSettings,
        identity: Identity,
        account: AccountId,
        access: Access,
        browser: Browser<'_>,
    ) -> Result<Member, ProviderError> {
        let Identity { subject, email, email_verified, name, .. } = identity;
        let email = email.filter(|_| email_verified != Some(false)).and_then(|email| check_email(&email).ok());
        let email = email.ok_or(ProviderError::NoAddress)?;
        let name = name.and_then(|name| check_name(&name).ok()).or_else(|| check_name(&email).ok());
        let name = name.unwrap_or_else(|| settings.name.clone());
        let proof = Proof::Provider { provider: settings.id.as_str().into(), subject: subject.clone() };
        let member = NewMember { email, name, proof, created_at: self.now() };
        match self.store.add_member(account, access, &member).await {
            Ok(member) => {
                self.audit_sign_in(&member, None, Entrance::Provider, browser.address, 201).await;
                Ok(member)
            }
            Err(StoreError::Conflict { .. }) => {
                // Also if the same person came in twice at the same time.
                let found = self.store.find_provided(settings.id.as_str(), &subject).await?;
                found.filter(|member| member.account == account && member.access == access).ok_or(ProviderError::Taken)
            }
            Err(error) => Err(SignInError::from(error).into()),
        }
    }
}
