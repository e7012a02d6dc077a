//! Settings: flag, then environment, then `rollcall.toml`, then the commented default, which is compiled in.

mod layers;
mod mail;
mod providers;
mod sections;

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use rollcall_archive::Location;
use rollcall_auth::ProviderSettings;
use rollcall_http::{Blanking, IpNet, Plan, PrintAheadSettings, Settings};
use rollcall_lifecycle::{
    retention::{DataKind, Days, RetentionSettings},
    seal::SealSettings,
};
use rollcall_model::Secret;
use rollcall_quality::Profile;
use rollcall_sql::Limits;
use rollcall_store::MergePolicy;
use serde::Deserialize;
use toml::Value;

pub(crate) use self::sections::{LogFormat, LogSection};
use self::{
    layers::layered,
    providers::read_secret,
    sections::{
        ArchiveSection, Baa, CollectSection, DataSection, HealthSection, HooksSection, IngestSection, MailSection,
        OAuthSection, QualitySection, RatePlan, RetentionSection, ServerSection, SignInSection, SqlSection,
        WebexSection, ZoomSection,
    },
};
use crate::failure::Failure;

/// The commented default, which is also the base of every configuration.
pub(crate) const DEFAULT: &str = include_str!("../../rollcall.default.toml");
/// The file that is read by default, if it exists.
const FILE_NAME: &str = "rollcall.toml";

/// All settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data: DataSection,
    pub(crate) server: ServerSection,
    pub(crate) log: LogSection,
    ingest: IngestSection,
    archive: ArchiveSection,
    retention: RetentionSection,
    oauth: OAuthSection,
    sign_in: SignInSection,
    mail: MailSection,
    zoom: ZoomSection,
    hooks: HooksSection,
    webex: WebexSection,
    collect: CollectSection,
    quality: QualitySection,
    sql: SqlSection,
    health: HealthSection,
    /// Old names that were used, each with its current one.
    #[serde(skip)]
    pub(crate) warnings: Vec<String>,
}

impl Config {
    /// Reads `file`, or `rollcall.toml` in the current folder if it exists, and the environment.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Failure> {
        let text = match file {
            Some(path) => Some((path, read(path)?)),
            None => {
                let path = Path::new(FILE_NAME);
                if path.exists() { Some((path, read(path)?)) } else { None }
            }
        };
        let (path, text) = text.as_ref().map_or((Path::new(FILE_NAME), ""), |(path, text)| (*path, text));
        Self::parse(text, &|name| std::env::var(name).ok())
            .map_err(|problem| Failure::new(format!("{}: {problem}", path.display())))
    }

    /// Merges `text` and the environment into the defaults.
    fn parse(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let (table, warnings) = layered(text, env)?;
        let mut config: Self =
            table.try_into().map_err(|error: toml::de::Error| error.to_string().trim().to_owned())?;
        config.warnings = warnings;
        config.check()?;
        Ok(config)
    }

    /// Rejects values that have the right type but make no sense.
    fn check(&self) -> Result<(), String> {
        let positive = [
            ("server.max_body_bytes", self.server.max_body_bytes as u64),
            ("server.request_timeout_secs", self.server.request_timeout_secs),
            ("server.max_connections", self.server.max_connections as u64),
            ("server.max_connections_per_client", self.server.max_connections_per_client as u64),
            ("server.write_timeout_secs", self.server.write_timeout_secs),
            ("server.max_in_flight_mb", self.server.max_in_flight_mb),
            ("server.failed_sign_ins_per_minute", self.server.failed_sign_ins_per_minute.into()),
            ("ingest.idle_timeout_secs", self.ingest.idle_timeout_secs),
            ("ingest.min_bytes_per_second", self.ingest.min_bytes_per_second.into()),
            ("ingest.at_a_time", self.ingest.at_a_time as u64),
            ("ingest.webrtc_max_per_second", self.ingest.webrtc_max_per_second.into()),
            ("archive.round_secs", self.archive.round_secs),
            ("retention.round_secs", self.retention.round_secs),
            ("archive.full_rows", self.archive.full_rows),
            ("oauth.zoom_access_token_secs", self.oauth.zoom_access_token_secs.into()),
            ("oauth.webex_access_token_secs", self.oauth.webex_access_token_secs.into()),
            ("oauth.refresh_token_secs", self.oauth.refresh_token_secs.into()),
            ("zoom.page_token_secs", self.zoom.page_token_secs.into()),
            ("hooks.window_secs", self.hooks.window_secs.into()),
            ("hooks.max_per_second", self.hooks.max_per_second.into()),
            ("webex.tracking_codes_per_site", self.webex.tracking_codes_per_site as u64),
            ("sql.workers", self.sql.workers as u64),
            ("sql.seconds", self.sql.seconds),
            ("sql.memory_mb", self.sql.memory_mb),
            ("health.round_secs", self.health.round_secs),
        ];
        if let Some((name, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(format!("`{name}` must be at least 1"));
        }
        if self.archive.merge_files < 2 {
            return Err("`archive.merge_files` must be at least 2".to_owned());
        }
        if self.health.round_secs > 30 {
            return Err("`health.round_secs` must be at most 30".to_owned());
        }
        self.read_retention()?;
        if !self.archive.location.is_empty() {
            self.archive.location.parse::<Location>().map_err(|error| format!("`archive.location`: {error}"))?;
        }
        if Profile::named(&self.quality.profile).is_none() {
            let names = Profile::ALL.map(|profile| profile.name).join(", ");
            return Err(format!("`quality.profile` must be one of {names}"));
        }
        self.sign_in.read(&|_| Ok(Secret::new(String::new())))?;
        self.mail.read(&self.server.public_url, &|_| Ok(Secret::new(String::new())))?;
        self.server.read_trusted_proxies()?;
        self.server.read_health_listen()?;
        let url = &self.server.public_url;
        if !(url.is_empty() || url.starts_with("http://") || url.starts_with("https://")) {
            return Err("`server.public_url` must begin with http:// or https://".to_owned());
        }
        if self.server.tls_cert.as_os_str().is_empty() != self.server.tls_key.as_os_str().is_empty() {
            return Err("`server.tls_cert` and `server.tls_key` go together: set both or neither".to_owned());
        }
        Ok(())
    }

    /// Returns the files of the certificate and its key if the server is to serve HTTPS.
    pub(crate) fn tls_files(&self) -> Option<(&Path, &Path)> {
        let ServerSection { tls_cert, tls_key, .. } = &self.server;
        (!tls_cert.as_os_str().is_empty()).then_some((tls_cert, tls_key))
    }

    /// Refuses to serve plain HTTP on an address that others can reach, unless a setting says that a proxy is in front.
    pub(crate) fn check_listener(&self, address: SocketAddr) -> Result<(), Failure> {
        if self.tls_files().is_some() || address.ip().is_loopback() || self.server.behind_proxy {
            return Ok(());
        }
        Err(Failure::new(format!(
            "refusing to serve plain HTTP on {address}: tokens would cross the network in clear. Set server.tls_cert and \
             server.tls_key, or set server.behind_proxy = true if a proxy with TLS stands in front"
        )))
    }

    /// Returns the providers through which members sign in, with their secrets.
    pub(crate) fn providers(&self) -> Result<Vec<ProviderSettings>, Failure> {
        self.sign_in.read(&read_secret).map_err(Failure::new)
    }

    /// Returns the separate address for health and metrics. `None` if they are served with everything else.
    pub(crate) fn health_listen(&self) -> Result<Option<SocketAddr>, Failure> {
        self.server.read_health_listen().map_err(Failure::new)
    }

    /// Returns the file of the key that encrypts webhook secrets. `None` if it is in the data folder.
    pub(crate) fn secrets_key_file(&self) -> Option<PathBuf> {
        let file = &self.server.secrets_key_file;
        (!file.as_os_str().is_empty()).then(|| file.clone())
    }

    /// Returns the location of the archive, by default in the data folder.
    pub(crate) fn archive_location(&self, data: &Path) -> Result<Location, Failure> {
        if self.archive.location.is_empty() {
            return Ok(Location::Folder(data.join("archive")));
        }
        self.archive.location.parse().map_err(|error| Failure::new(format!("`archive.location`: {error}")))
    }

    /// Returns when and how much to seal.
    pub(crate) fn seal_settings(&self) -> SealSettings {
        let ArchiveSection { settle_secs, silence_secs, round_secs, grace_secs, merge_files, full_rows, .. } =
            self.archive;
        SealSettings {
            settle: Duration::from_secs(settle_secs),
            silence: Duration::from_secs(silence_secs),
            round: Duration::from_secs(round_secs),
            grace: Duration::from_secs(grace_secs),
            merge: MergePolicy { full_rows, min_files: merge_files },
            profile: self.profile(),
        }
    }

    /// Returns when and how much is printed ahead of instances that ended at least `settle` ago; `None` if printing
    /// ahead is off.
    pub(crate) fn print_ahead(&self, settle: Duration) -> Option<PrintAheadSettings> {
        let max_bytes = self.server.print_ahead_mb.saturating_mul(1_000_000);
        let round = Duration::from_secs(self.archive.round_secs);
        (max_bytes > 0).then_some(PrintAheadSettings { settle, round, max_bytes })
    }

    /// Returns how much of a disk must be free, in bytes.
    pub(crate) const fn least_free_bytes(&self) -> u64 {
        self.health.min_free_mb.saturating_mul(1_000_000)
    }

    /// Returns the interval of checks of stores and disks.
    pub(crate) const fn health_round(&self) -> Duration {
        Duration::from_secs(self.health.round_secs)
    }

    /// Returns how many SQL queries run concurrently.
    pub(crate) const fn sql_workers(&self) -> usize {
        self.sql.workers
    }

    /// Returns the limits that make a minute an issue.
    pub(crate) fn profile(&self) -> Profile {
        Profile::named(&self.quality.profile).unwrap_or_default()
    }

    /// Returns the retention settings.
    pub(crate) fn retention_settings(&self) -> Result<RetentionSettings, Failure> {
        self.read_retention().map_err(Failure::new)
    }

    fn read_retention(&self) -> Result<RetentionSettings, String> {
        let RetentionSection { identity_location, round_secs, max_gap_days, undo_days, days } = &self.retention;
        let mut kept = BTreeMap::new();
        for kind in DataKind::ALL {
            let setting = kind.setting();
            let name = setting.rsplit_once('.').map_or(setting, |(_, name)| name);
            // The default has all of them.
            let value = days.get(name).ok_or_else(|| format!("`{setting}` is missing"))?;
            if let Some(days) = read_days(setting, value)? {
                kept.insert(kind, days);
            }
        }
        let some_days = |name: &str, days: u32| match days {
            0 => Ok(None),
            days => Days::new(days.into())
                .map(Some)
                .ok_or_else(|| format!("`retention.{name}` must be at most {}", Days::MAX)),
        };
        let (max_gap, undo) = (some_days("max_gap_days", *max_gap_days)?, some_days("undo_days", *undo_days)?);
        let settings = RetentionSettings::new(kept, *identity_location, Duration::from_secs(*round_secs));
        settings.map(|settings| settings.with_limits(max_gap, undo)).map_err(|error| error.to_string())
    }

    /// Returns the settings of the server.
    pub(crate) fn http_settings(&self) -> Settings {
        let Self { server, ingest, oauth, zoom, hooks, webex, collect, sql, mail, .. } = self;
        Settings {
            public_url: Some(server.public_url.clone()).filter(|url| !url.is_empty()),
            https: self.tls_files().is_some(),
            max_body_bytes: server.max_body_bytes,
            request_timeout: Duration::from_secs(server.request_timeout_secs),
            drain_timeout: Duration::from_secs(server.drain_timeout_secs),
            max_connections: server.max_connections,
            max_connections_per_client: server.max_connections_per_client,
            trusted_proxies: server.read_trusted_proxies().unwrap_or_default(),
            write_timeout: Duration::from_secs(server.write_timeout_secs),
            max_bytes_in_flight: server.max_in_flight_mb.saturating_mul(1024 * 1024),
            health_apart: !server.health_listen.is_empty(),
            failed_sign_ins_per_minute: server.failed_sign_ins_per_minute,
            // Without their secrets, which only a server reads.
            providers: Vec::new(),
            ingest_idle_timeout: Duration::from_secs(ingest.idle_timeout_secs),
            ingest_min_bytes_per_second: ingest.min_bytes_per_second,
            max_ingest_bodies: ingest.at_a_time,
            webrtc_max_per_second: ingest.webrtc_max_per_second,
            webrtc_new_instances_per_minute: ingest.webrtc_new_instances_per_minute,
            quality_profile: self.profile(),
            sql_limits: Limits {
                time: Duration::from_secs(sql.seconds),
                memory: sql.memory_mb.saturating_mul(1024 * 1024),
                ..Limits::default()
            },
            webex_quality_limits: webex.quality_limits,
            webex_report_limits: webex.report_limits,
            webex_webhooks_to_private: webex.webhooks_to_private_addresses,
            collect_to_private: collect.private_addresses,
            zoom_access_token_seconds: oauth.zoom_access_token_secs.into(),
            webex_access_token_seconds: oauth.webex_access_token_secs.into(),
            refresh_token_seconds: oauth.refresh_token_secs.into(),
            page_token_seconds: zoom.page_token_secs.into(),
            zoom_status_300: zoom.status_300,
            zoom_report_limits: zoom.report_limits,
            zoom_blanking: match zoom.baa {
                Baa::None => Blanking::None,
                Baa::Legacy => Blanking::LegacyBaa,
                Baa::Addendum => Blanking::BaaWithAddendum,
            },
            zoom_rate_plan: match zoom.rate_plan {
                RatePlan::Off => None,
                RatePlan::Free => Some(Plan::Free),
                RatePlan::Pro => Some(Plan::Pro),
                RatePlan::Business => Some(Plan::Business),
            },
            hooks_window_seconds: hooks.window_secs.into(),
            hooks_max_per_second: hooks.max_per_second,
            webex_tracking_codes_per_site: webex.tracking_codes_per_site,
            mail_from: (!mail.server.is_empty()).then(|| mail.from.clone()),
        }
    }
}

impl ServerSection {
    fn read_trusted_proxies(&self) -> Result<Vec<IpNet>, String> {
        let names = self.trusted_proxies.split([',', ' ']).filter(|name| !name.is_empty());
        let network = |name: &str| name.parse::<IpNet>().or_else(|_| name.parse::<IpAddr>().map(IpNet::from));
        names
            .map(|name| {
                network(name).map_err(|_| format!("`server.trusted_proxies`: {name} is not an address or network"))
            })
            .collect()
    }

    fn read_health_listen(&self) -> Result<Option<SocketAddr>, String> {
        let text = self.health_listen.as_str();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| format!("`server.health_listen` ({text}) must be an address and a port"))
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let text = if path == Path::new("-") { io::read_to_string(io::stdin()) } else { std::fs::read_to_string(path) };
    text.map_err(|error| Failure::context(path.display(), &error))
}

/// Parses a number of days or "forever".
fn read_days(setting: &str, value: &Value) -> Result<Option<Days>, String> {
    let wrong = |text: &str| {
        format!("`{setting}` is {text}: set it to a whole number of days from 1 to {}, or \"forever\"", Days::MAX)
    };
    let number = match value {
        Value::String(text) if text == "forever" => return Ok(None),
        Value::Integer(number) => Some(*number),
        // As the environment spells it.
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.and_then(Days::new).map(Some).ok_or_else(|| wrong(&value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
        Config::parse(text, &|name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_printed_default_is_the_default_of_the_server() {
        let config = parse(DEFAULT, &[]).unwrap();
        assert_eq!(format!("{:?}", config.http_settings()), format!("{:?}", Settings::default()));
        assert_eq!(config.seal_settings(), SealSettings::default());
        assert_eq!(config.retention_settings().unwrap(), RetentionSettings::default());
        let folder = Location::Folder("here/archive".into());
        assert_eq!(config.archive_location(Path::new("here")).unwrap(), folder);
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_the_default() {
        let file = "[server]\nmax_connections = 7\nmax_body_bytes = 8\n[zoom]\nstatus_300 = false\n";
        let env = [("ROLLCALL_SERVER_MAX_CONNECTIONS", "9"), ("ROLLCALL_ZOOM_STATUS_300", "true")];
        let config = parse(file, &env).unwrap();
        assert_eq!((config.server.max_connections, config.server.max_body_bytes), (9, 8));
        assert!(config.zoom.status_300);
    }

    #[test]
    fn a_renamed_section_still_works_with_a_warning() {
        let config = parse("[intake]\nat_a_time = 3\n", &[("ROLLCALL_INTAKE_IDLE_TIMEOUT_SECS", "7")]).unwrap();
        let settings = config.http_settings();
        assert_eq!((settings.max_ingest_bodies, settings.ingest_idle_timeout.as_secs()), (3, 7));
        assert_eq!(config.warnings.len(), 2, "{:?}", config.warnings);
        assert!(config.warnings[0].contains("[ingest]"), "{:?}", config.warnings);
        assert!(config.warnings[1].contains("ROLLCALL_INGEST_IDLE_TIMEOUT_SECS"), "{:?}", config.warnings);
        let both = [("ROLLCALL_INTAKE_AT_A_TIME", "3"), ("ROLLCALL_INGEST_AT_A_TIME", "4")];
        assert_eq!(parse("", &both).unwrap().http_settings().max_ingest_bodies, 4, "the current name goes first");
    }

    #[test]
    fn times_are_days_or_forever() {
        let file = "[retention]\nidentity_days = 90\nqos_minutes_days = \"400\"\nwebhook_reports_days = \"forever\"\n";
        let config = parse(file, &[("ROLLCALL_RETENTION_INSTANCES_DAYS", "500")]).unwrap();
        let settings = config.retention_settings().unwrap();
        for (kind, days) in [
            (DataKind::Identity, Some(90)),
            (DataKind::QosMinutes, Some(400)),
            (DataKind::Instances, Some(500)),
            (DataKind::WebhookReports, None),
            (DataKind::Participants, None),
        ] {
            assert_eq!(settings.days(kind).map(Days::count), days, "{kind:?}");
        }
        for nonsense in
            ["0", "-1", "1.5", "36501", "9223372036854775807", "true", "2020-01-01", "\"soon\"", "\"\"", "[1]"]
        {
            let problem = parse(&format!("[retention]\nidentity_days = {nonsense}\n"), &[]).unwrap_err();
            assert!(problem.contains("`retention.identity_days` is ") && problem.contains("\"forever\""), "{problem}");
        }
        let problem = parse("", &[("ROLLCALL_RETENTION_IDENTITY_DAYS", "0")]).unwrap_err();
        assert!(problem.contains("`retention.identity_days`"), "{problem}");
        let problem = parse("[retention]\nqos_minutes_days = 9\nparticipants_days = 8\n", &[]).unwrap_err();
        assert!(problem.contains("make it 8 days or less"), "{problem}");
        assert!(parse("[retention]\nidentity_location = \"street\"\n", &[]).unwrap_err().contains("street"));
    }

    #[test]
    fn a_provider_has_what_its_section_says_and_its_secret_is_elsewhere() {
        let minimal =
            "id = \"company\"\nname = \"Company\"\nissuer = \"https://login.example.com\"\nclient_id = \"r\"\n";
        let roles = "roles = [{ group = \"it\", role = \"administrator\" }, { group = \"all\", role = \"viewer\", hide_names = true }]\n";
        let section = |text: &str| format!("[[sign_in.providers]]\n{text}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "s3cret\n").unwrap();
        let with_file = format!("{minimal}{roles}client_secret_file = {:?}\n", file.display().to_string());
        let config = parse(&(section(&with_file) + &section(&(minimal.replace("company", "other") + roles))), &[]);
        let providers = config.unwrap().providers().unwrap();
        let [company, other] = &providers[..] else { panic!("{providers:?}") };
        assert_eq!(company.client_secret.as_ref().map(Secret::expose), Some("s3cret"));
        assert!(!format!("{company:?}").contains("s3cret"));
        assert_eq!((company.scopes.join(" "), company.groups_claim.as_str()), ("email profile".to_owned(), "groups"));
        assert_eq!((other.client_secret.is_none(), other.admits, &other.account), (true, false, &None));
        assert!(other.roles[1].1.names_hidden());

        for (text, told) in [
            (minimal.to_owned(), "roles"),
            (minimal.to_owned() + "roles = []\n", "at least one group"),
            (minimal.to_owned() + "roles = [{ group = \"it\", role = \"boss\" }]\n", "boss"),
            (
                minimal.to_owned() + "roles = [{ group = \"it\", role = \"analyst\", hide_names = true }]\n",
                "hide names",
            ),
            (minimal.replace("https", "http") + roles, "https://"),
            (minimal.replace("company", "Com pany") + roles, "a-z"),
            (minimal.to_owned() + roles + "client_secret = \"s\"\n", "client_secret"),
            (minimal.to_owned() + roles + "client_secret_env = \"A\"\nclient_secret_file = \"b\"\n", "exclude"),
            (minimal.to_owned() + roles + &section(&(minimal.to_owned() + roles)), "two with the id company"),
        ] {
            let problem = parse(&section(&text), &[]).unwrap_err();
            assert!(problem.contains(told), "{text}: {problem}");
        }
        let missing = parse(&section(&format!("{minimal}{roles}client_secret_file = \"/nowhere/x\"\n")), &[]).unwrap();
        assert!(missing.providers().unwrap_err().into_message().contains("/nowhere/x"));
        let problem = parse("", &[("ROLLCALL_SIGN_IN_PROVIDERS", "x")]).unwrap_err();
        assert!(problem.contains("config file"), "{problem}");
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (text, told) in [
            ("[sever]\n", "[sever]"),
            ("server = 1\n", "[server]"),
            ("[server]\nlisten_on = 1\n", "listen_on"),
            ("[server]\nlisten = \"here\"\n", "listen"),
            ("[server]\nmax_connections = 0\n", "server.max_connections"),
            ("[archive]\nlocation = \"ftp://host/folder\"\n", "archive.location"),
            ("[server]\ntrusted_proxies = \"10.0.0.0/33\"\n", "server.trusted_proxies"),
            ("[server]\nhealth_listen = \"9090\"\n", "server.health_listen"),
            ("[archive]\nmerge_files = 1\n", "archive.merge_files"),
            ("[quality]\nprofile = \"best\"\n", "quality.profile"),
            ("[zoom]\nbaa = \"some\"\n", "baa"),
            ("[server]\ntls_cert = \"cert.pem\"\n", "server.tls_key"),
            ("[server", "server"),
        ] {
            let problem = parse(text, &[]).unwrap_err();
            assert!(problem.contains(told), "{text}: {problem}");
        }
        let problem = parse("", &[("ROLLCALL_SERVER_MAX_CONNECTIONS", "many")]).unwrap_err();
        assert!(problem.contains("ROLLCALL_SERVER_MAX_CONNECTIONS"), "{problem}");
    }
}
