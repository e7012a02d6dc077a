//! Settings of a connection as callers write them.

use std::{fmt::Display, ops::RangeInclusive};

use axum::http::StatusCode;
use rollcall_client::target;
use rollcall_collector::PRIVATE_ADDRESSES;
use rollcall_model::{
    ConnectionSecrets, ConnectionSettings, DEFAULT_LOOKBACK_DAYS, DEFAULT_SHARE_PERCENT, Secret, Text, Vendor,
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::api::ApiError;

/// Maximum length of a name and of other texts, in bytes.
const MAX_NAME_BYTES: usize = 200;
const MAX_TEXT_BYTES: usize = 2_000;
/// Maximum time between runs, in minutes: 30 days.
const MAX_MINUTES: u32 = 43_200;
/// The plans, and no limits at all.
const PLANS: [&str; 4] = ["free", "pro", "business", "none"];
/// The client id of a connection that has only an access token of Webex's.
const BY_TOKEN: &str = "token";

/// A vendor.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CollectVendor)]
pub(super) enum VendorName {
    Zoom,
    Webex,
}

impl From<VendorName> for Vendor {
    fn from(name: VendorName) -> Self {
        match name {
            VendorName::Zoom => Self::Zoom,
            VendorName::Webex => Self::Webex,
        }
    }
}

/// Settings that have defaults. Both bodies have them as fields of their own.
#[derive(Debug)]
struct Options {
    vendor_account: Option<Option<String>>,
    base_url: Option<Option<String>>,
    plan: Option<Option<String>>,
    share_percent: Option<u8>,
    every_minutes: Option<Option<u32>>,
    follows_live: Option<bool>,
    lookback_days: Option<u16>,
}

macro_rules! body_with_options {
    ($(#[$of:meta])* $name:ident { $($(#[$of_field:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$of])*
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(in crate::api) struct $name {
            $($(#[$of_field])* $field: $kind,)*
            /// The vendor's id of its account, which a Server-to-Server app of Zoom's needs. Null removes it.
            #[serde(default, deserialize_with = "given")]
            #[schema(value_type = Option<String>, example = "q6gBJVO5TzexKYTb_I2rpg")]
            vendor_account: Option<Option<String>>,
            /// The server's URL, if it is not the vendor's own. Null removes it.
            #[serde(default, deserialize_with = "given")]
            #[schema(value_type = Option<String>, example = json!(null))]
            base_url: Option<Option<String>>,
            /// The plan at the vendor, `free`, `pro` or `business`; null if its responses are to tell. `none`: a server
            /// without limits.
            #[serde(default, deserialize_with = "given")]
            #[schema(value_type = Option<String>, example = "business")]
            plan: Option<Option<String>>,
            /// The share of the vendor's daily calls that may be used, in percent. Default: 50.
            #[schema(example = 50, minimum = 1, maximum = 100)]
            share_percent: Option<u8>,
            /// Minutes between runs. Null: it runs only if it is asked to. Default: null.
            #[serde(default, deserialize_with = "given")]
            #[schema(value_type = Option<u32>, example = 60, minimum = 1, maximum = 43_200)]
            every_minutes: Option<Option<u32>>,
            /// Whether live meetings are followed every minute, also without a schedule. Default: false.
            #[schema(example = false)]
            follows_live: Option<bool>,
            /// How many days a run reaches back. Default: 180.
            #[schema(example = 180, minimum = 1, maximum = 3_650)]
            lookback_days: Option<u16>,
        }

        impl $name {
            fn options(&mut self) -> Options {
                Options {
                    vendor_account: self.vendor_account.take(),
                    base_url: self.base_url.take(),
                    plan: self.plan.take(),
                    share_percent: self.share_percent,
                    every_minutes: self.every_minutes,
                    follows_live: self.follows_live,
                    lookback_days: self.lookback_days,
                }
            }
        }
    };
}

body_with_options! {
    /// The connection to create.
    NewConnection {
        vendor: VendorName,
        /// Its name, unique among the account's connections to the vendor.
        #[schema(example = "main", min_length = 1, max_length = 200)]
        name: String,
        /// The app at the vendor. Not needed if the secret is an access token of Webex's.
        #[schema(example = "TQbbAbCsRsGdp3v5yOnUXw")]
        client_id: Option<String>,
        /// The app's secret; without a client id, an access token of Webex's. It is never returned.
        #[schema(example = "3f8Kq0b1yq4i5xk1Yp9J6p4b0m2c7w8e", min_length = 1)]
        client_secret: String,
        /// The refresh token of an app that has one. It is never returned.
        #[schema(example = json!(null))]
        refresh_token: Option<String>,
    }
}

body_with_options! {
    /// What to change of a connection. What is absent stays.
    ConnectionChange {
        /// Its name.
        #[schema(example = "main", min_length = 1, max_length = 200)]
        name: Option<String>,
        /// The app at the vendor.
        #[schema(example = "TQbbAbCsRsGdp3v5yOnUXw")]
        client_id: Option<String>,
        /// The app's secret. It replaces the former one, and the former refresh token.
        #[schema(example = "3f8Kq0b1yq4i5xk1Yp9J6p4b0m2c7w8e", min_length = 1)]
        client_secret: Option<String>,
        /// The refresh token, together with `client_secret`.
        #[schema(example = json!(null))]
        refresh_token: Option<String>,
    }
}

/// Tells null from what is absent.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn wrong(message: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, message)
}

/// Checks a text. Secrets are stored line by line, so it must not contain line breaks.
fn text<'t>(field: &str, text: &'t str, max_bytes: usize) -> Result<&'t str, ApiError> {
    let text = text.trim();
    if !(1..=max_bytes).contains(&text.len()) {
        return Err(wrong(format!("`{field}` is 1 to {max_bytes} bytes.")));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong(format!("`{field}` must not contain control characters.")));
    }
    Ok(text)
}

fn secrets(client_secret: &str, refresh_token: Option<&str>) -> Result<ConnectionSecrets, ApiError> {
    let secret =
        |field: &str, value: &str| text(field, value, MAX_TEXT_BYTES).map(|secret| Secret::new(secret.to_owned()));
    Ok(ConnectionSecrets {
        client_secret: secret("client_secret", client_secret)?,
        refresh_token: refresh_token.map(|token| secret("refresh_token", token)).transpose()?,
    })
}

impl NewConnection {
    /// Returns the settings and secrets.
    pub(super) fn read(mut self, to_private: bool) -> Result<(ConnectionSettings, ConnectionSecrets), ApiError> {
        let options = self.options();
        let Self { vendor, name, client_id, client_secret, refresh_token, .. } = self;
        let vendor = Vendor::from(vendor);
        let client_id = match (&client_id, vendor) {
            (Some(client_id), _) => text("client_id", client_id, MAX_TEXT_BYTES)?,
            (None, Vendor::Webex) if refresh_token.is_none() => BY_TOKEN,
            (None, _) => return Err(wrong("`client_id` is missing.".to_owned())),
        };
        let settings = ConnectionSettings {
            vendor,
            name: text("name", &name, MAX_NAME_BYTES)?.into(),
            client_id: client_id.into(),
            vendor_account: None,
            base_url: None,
            private_addresses: false,
            plan: None,
            share_percent: DEFAULT_SHARE_PERCENT,
            every_minutes: None,
            follows_live: false,
            lookback_days: DEFAULT_LOOKBACK_DAYS,
        };
        let secrets = secrets(&client_secret, refresh_token.as_deref())?;
        let settings = options.apply(settings, to_private)?;
        if vendor == Vendor::Zoom && secrets.refresh_token.is_none() && settings.vendor_account.is_none() {
            let message = "`vendor_account` is missing: a Server-to-Server app needs the id of Zoom's account.";
            return Err(wrong(message.to_owned()));
        }
        Ok((settings, secrets))
    }
}

impl ConnectionChange {
    /// Returns the changed settings, and secrets if there are new ones.
    pub(super) fn apply(
        mut self,
        former: ConnectionSettings,
        to_private: bool,
    ) -> Result<(ConnectionSettings, Option<ConnectionSecrets>), ApiError> {
        let options = self.options();
        let Self { name, client_id, client_secret, refresh_token, .. } = self;
        let secrets = match (&client_secret, &refresh_token) {
            (Some(client_secret), refresh_token) => Some(secrets(client_secret, refresh_token.as_deref())?),
            (None, Some(_)) => return Err(wrong("`refresh_token` needs `client_secret`, too.".to_owned())),
            (None, None) => None,
        };
        let mut settings = options.apply(former, to_private)?;
        if let Some(name) = &name {
            settings.name = text("name", name, MAX_NAME_BYTES)?.into();
        }
        if let Some(client_id) = &client_id {
            settings.client_id = text("client_id", client_id, MAX_TEXT_BYTES)?.into();
        }
        Ok((settings, secrets))
    }
}

impl Options {
    fn apply(self, former: ConnectionSettings, to_private: bool) -> Result<ConnectionSettings, ApiError> {
        let Self { vendor_account, base_url, plan, share_percent, every_minutes, follows_live, lookback_days } = self;
        let mut settings = former;
        if let Some(account) = vendor_account {
            let checked = account.map(|account| text("vendor_account", &account, MAX_TEXT_BYTES).map(Text::from));
            settings.vendor_account = checked.transpose()?;
        }
        if let Some(url) = base_url {
            let checked = url.map(|url| checked_url(&url, to_private)).transpose()?;
            // What the command line allowed stays allowed for the URL that it set.
            settings.private_addresses &= checked == settings.base_url;
            settings.base_url = checked;
        }
        if let Some(plan) = plan {
            if let Some(plan) = plan.as_deref().filter(|plan| !PLANS.contains(plan)) {
                return Err(wrong(format!("`plan` is {}; not {plan}.", PLANS.join(", "))));
            }
            settings.plan = plan.map(Text::from);
        }
        if let Some(percent) = share_percent {
            settings.share_percent = within("share_percent", percent, 1..=100)?;
        }
        if let Some(minutes) = every_minutes {
            settings.every_minutes =
                minutes.map(|minutes| within("every_minutes", minutes, 1..=MAX_MINUTES)).transpose()?;
        }
        settings.follows_live = follows_live.unwrap_or(settings.follows_live);
        if let Some(days) = lookback_days {
            settings.lookback_days = within("lookback_days", days, 1..=3_650)?;
        }
        Ok(settings)
    }
}

fn within<N: PartialOrd + Display>(field: &str, number: N, range: RangeInclusive<N>) -> Result<N, ApiError> {
    if range.contains(&number) {
        return Ok(number);
    }
    Err(wrong(format!("`{field}` is {} to {}.", range.start(), range.end())))
}

/// Checks the URL of a server: the app's secret is sent there.
fn checked_url(url: &str, to_private: bool) -> Result<Text, ApiError> {
    let url = text("base_url", url, MAX_TEXT_BYTES)?;
    let parsed =
        target::parse(url, to_private, PRIVATE_ADDRESSES).map_err(|reason| wrong(format!("`base_url` {reason}.")))?;
    if parsed.scheme() != "https" && !target::is_this_machine(&parsed) {
        return Err(wrong("`base_url` must begin with https://, unless it is this machine.".to_owned()));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(wrong("`base_url` must not have a query or a fragment.".to_owned()));
    }
    Ok(url.trim_end_matches('/').into())
}
