use crate::{AccountId, ConnectionId, Secret, Text, Timestamp, Vendor};

/// Default share of a vendor's daily calls, in percent: other apps of the vendor's account use the same pool.
pub const DEFAULT_SHARE_PERCENT: u8 = 50;
/// Default number of days that a first run reaches back: vendors' dashboards keep half a year.
pub const DEFAULT_LOOKBACK_DAYS: u16 = 180;

/// What is set of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// The vendor.
    pub vendor: Vendor,
    /// Its name, unique among the account's connections to the vendor.
    pub name: Text,
    /// The app at the vendor.
    pub client_id: Text,
    /// The vendor's id of its account: a Server-to-Server app of Zoom's needs it.
    pub vendor_account: Option<Text>,
    /// The server's URL, if it is not the vendor's own.
    pub base_url: Option<Text>,
    /// Whether that URL may lead to this machine and to private networks, whatever the server's setting says.
    pub private_addresses: bool,
    /// The vendor's plan, `free`, `pro` or `business`. `None` if its headers are to tell.
    pub plan: Option<Text>,
    /// The share of the vendor's daily calls that may be used, in percent.
    pub share_percent: u8,
    /// Minutes between runs of the server. `None` if only a command runs it.
    pub every_minutes: Option<u32>,
    /// Whether the server follows live meetings every minute.
    pub follows_live: bool,
    /// How many days a run reaches back.
    pub lookback_days: u16,
}

/// The secrets of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSecrets {
    /// The app's secret.
    pub client_secret: Secret,
    /// The latest refresh token, for apps that have one.
    pub refresh_token: Option<Secret>,
}

/// A connection to a vendor's account, from which data is collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its row id.
    pub id: ConnectionId,
    /// The account that the data is for.
    pub account: AccountId,
    /// What is set of it.
    pub settings: ConnectionSettings,
    /// Whether its secrets are stored. Without them, only a command that is given the secret runs it.
    pub has_secrets: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the latest run ended, and why it stopped early if it did.
    pub last_run: Option<(Timestamp, Option<Text>)>,
    /// When the server runs it next by its schedule.
    pub next_run_at: Option<Timestamp>,
    /// When somebody asked for a run that has not ended since.
    pub run_asked_at: Option<Timestamp>,
    /// Until when a run has it, unless that run goes on.
    pub runs_until: Option<Timestamp>,
}
