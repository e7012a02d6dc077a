//! What every command takes: its options, and the installation that they name.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use rollcall_model::{Account, AccountId, Clock as _, SystemClock, SystemEntropy};
use rollcall_store::{AuditActor, AuditEntry, AuditStore as _, AuditedAct};
use rollcall_store_sqlite::SqliteStore;

use crate::{
    config::Config,
    data::{DataDir, choose_account, find_account},
    failure::Failure,
    logging,
    terminal::note,
};

/// Display order of the options that every command has: after the command's own.
const LAST: usize = 100;

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Data folder [default: `data.dir` of the config file]
    #[arg(long, global = true, value_name = "DIR", display_order = LAST)]
    pub(crate) data: Option<PathBuf>,
    /// Config file [default: ./rollcall.toml if present]
    #[arg(long, global = true, value_name = "FILE", display_order = LAST)]
    pub(crate) config: Option<PathBuf>,
    /// Print only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = LAST)]
    pub(crate) quiet: bool,
    /// Log progress; repeat for more detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = LAST)]
    pub(crate) verbose: u8,
}

impl Common {
    /// Returns the settings.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        let config = Config::load(self.config.as_deref())?;
        for warning in &config.warnings {
            note(format_args!("warning: {warning}"));
        }
        Ok(config)
    }

    /// Returns the data folder of the flag or the settings, and creates it if it does not exist. For commands that
    /// begin an installation.
    pub(crate) fn data_dir(&self, config: &Config) -> Result<DataDir, Failure> {
        let path = self.data_path(config);
        let is_new = !path.exists();
        let data = DataDir::open(path, config.secrets_key_file())?;
        if is_new {
            note(format_args!("created the data folder {}", path.display()));
        }
        Ok(data)
    }

    /// Returns the data folder of the flag or the settings. It must exist.
    pub(crate) fn existing_folder(&self, config: &Config) -> Result<DataDir, Failure> {
        let path = self.data_path(config);
        if !path.exists() {
            return Err(Failure::new(format!("no data folder {}: check --data", path.display())));
        }
        DataDir::open(path, config.secrets_key_file())
    }

    pub(crate) fn data_path<'a>(&'a self, config: &'a Config) -> &'a Path {
        self.data.as_deref().unwrap_or(&config.data.dir)
    }

    /// Starts logging at the requested level.
    pub(crate) fn start_logging(&self, config: &Config) -> Result<(), Failure> {
        let filter = match (self.quiet, self.verbose) {
            (true, _) => "warn",
            (false, 0) => &config.log.filter,
            (false, 1) => "info,rollcall=debug",
            (false, _) => "debug,rollcall=trace",
        };
        logging::start(&config.log, filter)
    }

    /// Returns the entity store of an installation and one account, for commands that create credentials.
    pub(crate) async fn account(&self, named: Option<&str>) -> Result<(Arc<SqliteStore>, Account), Failure> {
        let store = self.existing_entities()?;
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, named).await?;
        Ok((store, account))
    }

    /// Returns the existing entity store and account, for commands that list or revoke something.
    pub(crate) async fn existing_account(&self, named: Option<&str>) -> Result<(Arc<SqliteStore>, Account), Failure> {
        let store = self.existing_entities()?;
        let account = find_account(store.as_ref(), named).await?;
        let account =
            account.ok_or_else(|| Failure::new("no account yet: create one with `rollcall account create`"))?;
        Ok((store, account))
    }

    /// Opens the entity store of an existing installation.
    pub(crate) fn existing_entities(&self) -> Result<Arc<SqliteStore>, Failure> {
        self.existing_data()?.entities()
    }

    /// Returns the data folder, which must contain data.
    pub(crate) fn existing_data(&self) -> Result<DataDir, Failure> {
        let config = self.config()?;
        DataDir::open_existing(self.data_path(&config), config.secrets_key_file())
    }
}

/// Records in the audit log what an operator did with an account.
pub(crate) async fn audit(
    store: &SqliteStore,
    account: AccountId,
    operation: &str,
    effect: &'static str,
    target: &'static str,
) -> Result<(), Failure> {
    let actor = AuditActor::Operator;
    let act = AuditedAct { actor, address: None, operation: operation.into(), effect, target, status: None };
    let entry = AuditEntry { account, at: SystemClock.now(), act, requests: 1 };
    Ok(store.record_audit(&[entry]).await?)
}
