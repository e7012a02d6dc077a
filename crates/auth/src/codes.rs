//! Redeeming authorization codes (RFC 6749, section 4.1.3).

use rollcall_model::{App, AuthorizationStage, SecretHash, TokenKind};

use super::{Asking, Attempt, Auth, Granted, Knock, Lifetimes, Refused, grants::Grantee, pkce};

impl Auth {
    /// Exchanges a code for tokens. A code that is wrong in any way counts as a failed sign-in of its address.
    pub(crate) async fn redeem(
        &self,
        client: App,
        asking: Asking<'_>,
        lifetimes: Lifetimes,
    ) -> Result<Granted, Refused> {
        let params = asking.params;
        if client.redirect_uris.is_empty() {
            return Err(Refused::NoRedirects);
        }
        let code = params.get("code").ok_or(Refused::Missing("code"))?;
        let redirect_uri = params.get("redirect_uri").ok_or(Refused::Missing("redirect_uri"))?;
        let hash = SecretHash::of(code);
        let knock = Knock {
            attempt: Attempt::Authorize,
            address: asking.address,
            client: Some(client.client_id.as_str()),
            shown: hash,
        };
        self.throttle(knock)?;
        let found = self.store.find_code(&hash).await?;
        let Some(authorization) = found.filter(|found| found.request.client_id == client.client_id) else {
            self.note_failure(knock)?;
            return Err(Refused::InvalidCode);
        };
        let request = authorization.request;
        // The store revokes the tokens of a redeemed code, so it has to see the second use whatever else is wrong.
        if authorization.stage != AuthorizationStage::Redeemed {
            let is_proven = pkce::is_proven(request.challenge.as_ref(), params.get("code_verifier"));
            if request.redirect_uri.as_str() != redirect_uri || !is_proven {
                self.note_failure(knock)?;
                return Err(if is_proven { Refused::WrongRedirect } else { Refused::WrongVerifier });
            }
        }
        let grantee = Grantee { client: client.clone(), user_id: authorization.user_id, scopes: request.scopes };
        let (refresh_token, refresh) = self.new_token(&grantee, TokenKind::Refresh, lifetimes.refresh_seconds);
        let (access_token, access) = self.new_token(&grantee, TokenKind::Access, lifetimes.access_seconds);
        if !self.store.redeem_code(&hash, &refresh, &access, self.now()).await? {
            self.note_failure(knock)?;
            return Err(Refused::InvalidCode);
        }
        self.throttle.passed(knock, self.now());
        Ok(Granted {
            access_token,
            expires_in_seconds: lifetimes.access_seconds,
            refresh_token: Some((refresh_token, lifetimes.refresh_seconds)),
            scopes: grantee.scopes,
        })
    }
}
