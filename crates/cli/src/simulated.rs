//! Accounts that contain only simulated data. A file in the data folder lists them, so that a simulation is not mixed
//! with real meetings by mistake.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::PathBuf,
};

use rollcall_model::Account;
use rollcall_store::{AccountStates as _, Accounts as _};
use rollcall_store_sqlite::SqliteStore;

use crate::{data::DataDir, demo::ACCOUNT_NAME, failure::Failure};

fn path(data: &DataDir) -> PathBuf {
    data.path().join("simulated.accounts")
}

/// Records that a simulation writes to the account.
pub(crate) fn note(data: &DataDir, account: &Account) -> Result<(), Failure> {
    let path = path(data);
    if noted(data)?.contains(&account.public_id.to_string()) {
        return Ok(());
    }
    let in_context = |error: io::Error| Failure::context(path.display(), &error);
    let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(in_context)?;
    writeln!(file, "{}", account.public_id).map_err(in_context)
}

fn noted(data: &DataDir) -> Result<Vec<String>, Failure> {
    let path = path(data);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::context(path.display(), &error)),
    }
}

/// Returns the name of an account with real data. `None` if there is none.
pub(crate) async fn real_account(data: &DataDir, store: &SqliteStore) -> Result<Option<String>, Failure> {
    let simulated = noted(data)?;
    for account in store.accounts().await? {
        let is_simulated = account.name == ACCOUNT_NAME || simulated.contains(&account.public_id.to_string());
        if !is_simulated && has_data(store, &account).await? {
            return Ok(Some(account.name.to_string()));
        }
    }
    Ok(None)
}

async fn has_data(store: &SqliteStore, account: &Account) -> Result<bool, Failure> {
    let rows = store.account_rows(account.id).await?;
    Ok(rows.iter().any(|(table, rows)| DATA.contains(&table.as_str()) && *rows > 0))
}

/// Tables with data about people and meetings.
const DATA: [&str; 5] = ["users", "meetings", "instances", "registrants", "tracking_codes"];
