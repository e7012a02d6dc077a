//! `rollcall collect zoom` and `webex`.

use std::{fmt, io::IsTerminal as _, path::PathBuf, time::Duration};

use clap::{Args, builder::PossibleValuesParser};
use rollcall_collector::{Ended, Progress, RunOptions};
use rollcall_model::{
    Account, AccountId, Clock as _, Connection, ConnectionId, ConnectionSecrets, ConnectionSettings,
    DEFAULT_LOOKBACK_DAYS, DEFAULT_SHARE_PERCENT, Secret, SystemClock, SystemEntropy, Text, Vendor,
};
use rollcall_store::CollectStore as _;
use rollcall_store_sqlite::SqliteStore;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{
    common::{Common, audit},
    data::choose_account,
    failure::Failure,
    listing::{counted, print_table},
    progress::Steps,
    secret_source::{SecretSource, secret_in_file, secret_in_variable},
    terminal::{print, print_data},
    work::{self, Offline, Outcome, Reporter, Said, Task, Workshop},
};

/// Interval of lines with the progress, if there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Credentials of an app at a vendor.
pub(crate) trait Credentials: Args {
    /// The vendor.
    const VENDOR: Vendor;

    /// Returns the app, if one is named.
    fn app(&self) -> Option<&str>;

    /// Returns the vendor's id of its account.
    fn vendor_account(&self) -> Option<&str>;

    /// Reads the app's secrets.
    fn secrets(&self) -> Result<ConnectionSecrets, Failure>;
}

/// A Server-to-Server app, or one with a refresh token.
#[derive(Debug, Args)]
pub(crate) struct ZoomCredentials {
    /// Client id of the app at Zoom
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Zoom's id of its account, which a Server-to-Server app needs
    #[arg(long, value_name = "ID")]
    account_id: Option<String>,
    #[command(flatten)]
    secret: SecretSource,
    #[command(flatten)]
    refresh: RefreshToken,
}

/// A service app or an integration, with its refresh token; or an access token alone.
#[derive(Debug, Args)]
pub(crate) struct WebexCredentials {
    /// Client id of the app at Webex; without a refresh token, the secret is an access token
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    #[command(flatten)]
    secret: SecretSource,
    #[command(flatten)]
    refresh: RefreshToken,
}

/// Where to read a refresh token from.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct RefreshToken {
    /// Read the refresh token from a file
    #[arg(long, value_name = "FILE")]
    refresh_token_file: Option<PathBuf>,
    /// Read the refresh token from an environment variable
    #[arg(long, value_name = "NAME")]
    refresh_token_env: Option<String>,
}

impl RefreshToken {
    fn read(&self) -> Result<Option<Secret>, Failure> {
        match (&self.refresh_token_file, &self.refresh_token_env) {
            (Some(path), _) => secret_in_file(path).map(Some),
            (None, Some(name)) => secret_in_variable(name).map(Some),
            (None, None) => Ok(None),
        }
    }
}

impl Credentials for ZoomCredentials {
    const VENDOR: Vendor = Vendor::Zoom;

    fn app(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    fn vendor_account(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    fn secrets(&self) -> Result<ConnectionSecrets, Failure> {
        Ok(ConnectionSecrets { refresh_token: self.refresh.read()?, client_secret: self.secret.read()? })
    }
}

impl Credentials for WebexCredentials {
    const VENDOR: Vendor = Vendor::Webex;

    fn app(&self) -> Option<&str> {
        self.client_id.as_deref().or_else(|| self.secret.is_named().then_some("token"))
    }

    fn vendor_account(&self) -> Option<&str> {
        None
    }

    fn secrets(&self) -> Result<ConnectionSecrets, Failure> {
        Ok(ConnectionSecrets { refresh_token: self.refresh.read()?, client_secret: self.secret.read()? })
    }
}

/// Collect what the vendor holds; also while a server runs. Give the credentials once: they are stored, encrypted.
/// Interrupted, it continues where it was
#[derive(Debug, Args)]
pub(crate) struct Collect<C: Args> {
    /// Name of the connection; an account may have several
    #[arg(long, default_value = "main")]
    name: String,
    #[command(flatten)]
    credentials: C,
    /// Use the secrets for this run only
    #[arg(long, requires = "client_id")]
    forget: bool,
    /// URL of the server, if it is not the vendor's own
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Plan at the vendor [default: what its responses say]; none for a server without limits
    #[arg(long, value_name = "PLAN", value_parser = PossibleValuesParser::new(["free", "pro", "business", "none"]))]
    vendor_plan: Option<String>,
    /// Share of the vendor's daily calls that may be used, in percent [default: 50]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    share: Option<u8>,
    /// Days to reach back [default: 180]
    #[arg(long, value_name = "DAYS")]
    days: Option<u16>,
    /// Let the server collect every so many minutes, too; 0 stops that
    #[arg(long, value_name = "MINUTES")]
    every: Option<u32>,
    /// Let the server follow live meetings every minute
    #[arg(long, value_name = "YES", num_args = 0..=1, default_missing_value = "true")]
    live: Option<bool>,
    /// Only say what a run takes, in calls and hours
    #[arg(long)]
    plan: bool,
    /// Only store the connection
    #[arg(long, conflicts_with = "plan")]
    no_run: bool,
    /// Wait for the next day if a day's calls are used up
    #[arg(long)]
    wait: bool,
    /// Try again what was refused
    #[arg(long)]
    retry: bool,
    /// Maximum number of concurrent calls [default: 64]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    concurrency: usize,
    /// Account to collect for, by name or id [default: the only one]
    #[arg(long)]
    account: Option<String>,
    /// Print JSON: the progress on standard error, the result on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    offline: Offline,
}

/// A run, for the process that has the minutes open.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Collecting {
    account: i64,
    connection: i64,
    /// The app's secret and the refresh token, if they are not stored.
    secrets: Option<(String, Option<String>)>,
    plan_only: bool,
    wait: bool,
    retry: bool,
    concurrency: usize,
}

impl fmt::Debug for Collecting {
    /// Without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collecting").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl<C: Credentials> Collect<C> {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        let data = common.data_dir(&config)?;
        let store = data.entities()?;
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, self.account.as_deref()).await?;
        let secrets = match self.credentials.app() {
            Some(_) => Some(self.credentials.secrets()?),
            None => None,
        };
        let connection = self.connection(&store, &account, secrets.as_ref()).await?;
        if self.no_run {
            return print(format_args!("connection {} to {} is stored", self.name, C::VENDOR));
        }
        if secrets.is_none() && !connection.has_secrets {
            return Err(Failure::new(format!(
                "the secrets of connection {} are not stored: pass --client-id and the secret again",
                self.name
            )));
        }
        let secrets = secrets.filter(|_| !connection.has_secrets).map(|secrets| {
            let refresh_token = secrets.refresh_token.map(|token| token.expose().to_owned());
            (secrets.client_secret.expose().to_owned(), refresh_token)
        });
        drop(store);
        let task = Task::Collect(Collecting {
            account: account.id.0,
            connection: connection.id.0,
            secrets,
            plan_only: self.plan,
            wait: self.wait,
            retry: self.retry,
            concurrency: self.concurrency,
        });
        let json = self.json || !std::io::stderr().is_terminal();
        let steps = Steps::new("{msg} {bar:30} {pos}/{len} calls", LINE_EVERY);
        let mut last = None;
        let outcome = work::perform(data, &config, self.offline, task, |said| {
            if let Said::Collected(progress) = said {
                show(&steps, &progress, json);
                last = Some(progress);
            }
        })
        .await;
        steps.finish();
        let outcome = outcome?;
        let ended = last.unwrap_or_default();
        if self.json {
            print_data(serde_json::to_value(&ended).map_err(std::io::Error::from)?)?;
        } else if self.plan {
            print_plan(&ended)?;
        }
        outcome.print()
    }

    /// Returns the connection, which is created or changed as the options say.
    async fn connection(
        &self,
        store: &SqliteStore,
        account: &Account,
        secrets: Option<&ConnectionSecrets>,
    ) -> Result<Connection, Failure> {
        let known = store.connections(account.id).await?.into_iter().find(|connection| {
            connection.settings.vendor == C::VENDOR && connection.settings.name.as_str() == self.name
        });
        let former = match (&known, self.credentials.app()) {
            (Some(known), _) => known.settings.clone(),
            (None, Some(app)) => ConnectionSettings {
                vendor: C::VENDOR,
                name: self.name.as_str().into(),
                client_id: app.into(),
                vendor_account: None,
                base_url: None,
                private_addresses: true,
                plan: None,
                share_percent: DEFAULT_SHARE_PERCENT,
                every_minutes: None,
                follows_live: false,
                lookback_days: DEFAULT_LOOKBACK_DAYS,
            },
            (None, None) => {
                return Err(Failure::new(format!(
                    "there is no connection {} to {}: pass --client-id and the app's secret to create it",
                    self.name,
                    C::VENDOR
                )));
            }
        };
        let text = |option: Option<&str>, former: &Option<Text>| option.map(Text::from).or_else(|| former.clone());
        let settings = ConnectionSettings {
            client_id: self.credentials.app().map_or_else(|| former.client_id.clone(), Text::from),
            vendor_account: text(self.credentials.vendor_account(), &former.vendor_account),
            base_url: text(self.url.as_deref(), &former.base_url),
            // Whoever uses the command line is on this machine anyway.
            private_addresses: self.url.is_some() || former.private_addresses,
            plan: text(self.vendor_plan.as_deref(), &former.plan),
            share_percent: self.share.unwrap_or(former.share_percent),
            every_minutes: self.every.map_or(former.every_minutes, |minutes| (minutes > 0).then_some(minutes)),
            follows_live: self.live.unwrap_or(former.follows_live),
            lookback_days: self.days.unwrap_or(former.lookback_days),
            ..former
        };
        let kept = secrets.filter(|_| !self.forget);
        let now = SystemClock.now();
        let id: ConnectionId = match &known {
            None => store.create_connection(account.id, &settings, kept, now).await?,
            Some(known) => {
                if settings != known.settings || kept.is_some() {
                    store.change_connection(account.id, known.id, &settings, kept, now).await?;
                }
                known.id
            }
        };
        audit(store, account.id, "collect", "change", "connection").await?;
        store.connection(account.id, id).await?.ok_or_else(|| Failure::new("the connection was deleted meanwhile"))
    }
}

fn show(steps: &Steps, progress: &Progress, json: bool) {
    let total = progress.calls + progress.waiting_calls;
    steps.show("collecting", progress.calls, total, || match json {
        true => serde_json::to_string(progress).unwrap_or_default(),
        false => in_words(progress),
    });
}

fn in_words(progress: &Progress) -> String {
    let mut words = format!(
        "{}, {}, {} waiting",
        counted(progress.calls, "call", "calls"),
        counted(progress.entries, "entry", "entries"),
        counted(progress.waiting_calls, "call", "calls")
    );
    if progress.gaps > 0 {
        words = format!("{words}, {}", counted(progress.gaps, "gap", "gaps"));
    }
    words
}

/// Prints what a run takes.
fn print_plan(progress: &Progress) -> Result<(), Failure> {
    let rows: Vec<[String; 5]> = progress
        .rates
        .iter()
        .filter(|rate| rate.waiting_calls > 0)
        .map(|rate| {
            [
                rate.lane.clone(),
                rate.waiting_calls.to_string(),
                rate.per_second.map_or_else(|| "no limit".to_owned(), |rate| format!("{rate:.1}")),
                rate.per_day.map_or_else(|| "no limit".to_owned(), |limit| format!("{} of {limit}", rate.used_today)),
                rate.seconds().map_or_else(|| "n/a".to_owned(), duration),
            ]
        })
        .collect();
    print_table(["CALLS OF", "NEEDED", "PER SECOND", "USED TODAY", "TAKES"], &rows)?;
    let total = progress
        .seconds_left
        .map_or_else(|| "no limit applies".to_owned(), |seconds| format!("the run takes about {}", duration(seconds)));
    print(format_args!("{} in all; {total}", counted(progress.waiting_calls, "call", "calls")))
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{:.1} h", seconds as f64 / 3_600.0),
    }
}

/// Runs a connection in the process that has the minutes open.
pub(crate) async fn work(
    Workshop { tiers, collector, own_sealer, .. }: &Workshop,
    task: Collecting,
    reporter: &Reporter,
) -> Result<Outcome, Failure> {
    let Collecting { account, connection, secrets, plan_only, wait, retry, concurrency } = task;
    let (account, connection) = (AccountId(account), ConnectionId(connection));
    let store = tiers.store.clone();
    let gone = || Failure::new("the connection was deleted meanwhile");
    let connection = store.connection(account, connection).await?.ok_or_else(gone)?;
    let secrets = match secrets {
        Some((client_secret, refresh_token)) => ConnectionSecrets {
            client_secret: Secret::new(client_secret),
            refresh_token: refresh_token.map(Secret::new),
        },
        None => store.connection_secrets(account, connection.id).await?.ok_or_else(gone)?,
    };
    if own_sealer.is_some() {
        // No other process has the folder open.
        collector.take_over().await?;
    }
    let options = RunOptions { plan_only, live_only: false, wait, retry_refused: retry, concurrency };
    let report = |progress| reporter.collected(progress);
    let ended = collector.run(&connection, &secrets, options, &CancellationToken::new(), &report).await;
    let Ended { progress, used_up_until } = ended.map_err(|error| Failure::new(error.to_string()))?;
    reporter.send(Said::Collected(progress.clone())).await?;
    if plan_only {
        return Ok(Outcome { lines: Vec::new(), failure: None });
    }
    let mut lines = vec![format!(
        "collected {} with {}",
        counted(progress.entries, "entry", "entries"),
        counted(progress.calls, "call", "calls")
    )];
    if progress.gaps > 0 {
        lines.push(format!(
            "{} found; `rollcall collect gaps` lists what is missing, and why",
            counted(progress.gaps, "gap was", "gaps were")
        ));
    }
    if let Some(until) = used_up_until {
        lines.push(format!(
            "{} of the day's share are used up until {until}: run it again then, or pass --wait",
            counted(progress.waiting_calls, "call waits; the calls", "calls wait; the calls")
        ));
    } else if progress.waiting_lists > 0 {
        lines.push(format!("{} for a later try", counted(progress.waiting_lists, "list waits", "lists wait")));
    }
    Ok(Outcome { lines, failure: None })
}
