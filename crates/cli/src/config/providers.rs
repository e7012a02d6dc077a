//! `[[sign_in.providers]]`: the providers through which members sign in.

use std::{collections::HashSet, path::Path};

use rollcall_auth::ProviderSettings;
use rollcall_model::{Access, Role, Secret};

use super::sections::{ProviderSection, RoleSection, SignInSection};

/// Longest client secret, in bytes: more is another file.
const LONGEST_SECRET: usize = 4_096;

/// Where a client secret is.
pub(super) type ReadSecret<'r> = &'r dyn Fn(SecretPlace<'_>) -> Result<Secret, String>;

/// A variable or a file.
#[derive(Clone, Copy)]
pub(super) enum SecretPlace<'p> {
    Variable(&'p str),
    File(&'p Path),
}

impl SignInSection {
    /// Checks the providers, and reads their secrets with `read`.
    pub(super) fn read(&self, read: ReadSecret<'_>) -> Result<Vec<ProviderSettings>, String> {
        let mut ids = HashSet::new();
        let providers = self.providers.iter().map(|provider| {
            if !ids.insert(&provider.id) {
                return Err(format!("`sign_in.providers`: there are two with the id {}", provider.id));
            }
            provider.read(read)
        });
        providers.collect()
    }
}

impl ProviderSection {
    fn read(&self, read: ReadSecret<'_>) -> Result<ProviderSettings, String> {
        let wrong = |key: &str, problem: &str| format!("`sign_in.providers`, {}: `{key}` {problem}", self.id);
        let is_text = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        for (key, text) in [("name", &self.name), ("client_id", &self.client_id), ("groups_claim", &self.groups_claim)]
        {
            if !is_text(text) {
                return Err(wrong(key, "must not be blank"));
            }
        }
        if self.roles.is_empty() {
            return Err(wrong("roles", "must have at least one group, or nobody can sign in"));
        }
        let secret = match (&self.client_secret_env, &self.client_secret_file) {
            (Some(_), Some(_)) => {
                return Err(wrong("client_secret_env", "and `client_secret_file` exclude each other"));
            }
            (Some(variable), None) => Some(("client_secret_env", SecretPlace::Variable(variable))),
            (None, Some(file)) => Some(("client_secret_file", SecretPlace::File(file))),
            (None, None) => None,
        };
        let secret = secret.map(|(key, place)| read(place).map_err(|problem| wrong(key, &problem))).transpose()?;
        let roles = self.roles.iter().map(RoleSection::read).collect::<Result<_, _>>();
        Ok(ProviderSettings {
            id: self.id.parse().map_err(|error| wrong("id", &format!("{error}")))?,
            name: self.name.as_str().into(),
            issuer: self.issuer.parse().map_err(|error| wrong("issuer", &format!("{error}")))?,
            client_id: self.client_id.clone(),
            client_secret: secret,
            scopes: self.scopes.iter().filter(|scope| *scope != "openid").cloned().collect(),
            groups_claim: self.groups_claim.clone(),
            roles: roles.map_err(|problem: String| wrong("roles", &problem))?,
            account: self.account.as_deref().map(Into::into),
            admits: self.admit,
        })
    }
}

impl RoleSection {
    fn read(&self) -> Result<(String, Access), String> {
        let role: Role = self.role.parse().map_err(|error| format!("{error}"))?;
        let access = Access::new(role, self.hide_names)
            .ok_or_else(|| format!("can hide names only from viewers, not from the {role} of {}", self.group))?;
        if self.group.trim().is_empty() {
            Err("must name a group".to_owned())
        } else {
            Ok((self.group.clone(), access))
        }
    }
}

/// Reads a client secret.
pub(super) fn read_secret(place: SecretPlace<'_>) -> Result<Secret, String> {
    let text = match place {
        SecretPlace::Variable(name) => std::env::var(name).map_err(|_| format!("names {name}, which is not set"))?,
        SecretPlace::File(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("names {}: {error}", file.display()))?
        }
    };
    let text = text.trim();
    let fits = (1..=LONGEST_SECRET).contains(&text.len()) && !text.chars().any(char::is_control);
    if fits {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err("names something that is no secret in one line".to_owned())
    }
}
