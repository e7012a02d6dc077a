//! Erasing one person everywhere, and what is known of it afterwards.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::Arc,
};

use clap::{Args, Subcommand};
use rollcall_http::{Entropy as _, SystemEntropy};
use rollcall_ingest::forget::{Eraser, Person};
use rollcall_model::{Identifier, SystemClock};
use rollcall_store::{Erasure, ErasureStore as _};
use serde_json::json;

use super::{Common, counted, print, print_table, retention::tidy};
use crate::{data::find_account, failure::Failure};

// Who is meant: any of these, as often as needed. No text of its own, since it would become that of the command.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Who {
    /// An address of the person
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// An id that the person has as a user
    #[arg(long, value_name = "ID")]
    user_id: Vec<String>,
    /// An id that the person has as a participant
    #[arg(long, value_name = "ID")]
    participant_user_id: Vec<String>,
    /// An id that the person has as a registrant
    #[arg(long, value_name = "ID")]
    registrant_id: Vec<String>,
}

/// Erases one person everywhere, in the archive too, and reports what was erased; also while a server runs
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    who: Who,
    /// The account; the only one where it is not named
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Shows whom it would be about, and erases nothing
    #[arg(long)]
    dry_run: bool,
    /// Does not ask. There is no way back
    #[arg(long)]
    yes: bool,
    /// Prints a JSON object
    #[arg(long)]
    json: bool,
}

/// What was erased, and letting persons be known again
#[derive(Debug, Subcommand)]
pub(crate) enum ErasuresCommand {
    /// Lists erasures; who was erased is not known any more
    List(List),
    /// Lets a person be known again from now on. What was erased stays so
    Lift(Lift),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// The account; all where none is named
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Prints a JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Lift {
    #[command(flatten)]
    who: Who,
    /// The account; the only one where it is not named
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
}

impl Who {
    fn identifiers(&self) -> Result<Vec<Identifier>, Failure> {
        let persons = self.email.iter().chain(&self.user_id).chain(&self.participant_user_id);
        let persons = persons.map(|text| Identifier::of_person(text));
        let registrants = self.registrant_id.iter().map(|text| Identifier::of_registrant(text));
        if let Some(email) = self.email.iter().find(|email| !email.contains('@')) {
            return Err(Failure::new(format!("`{email}` is no address: name ids with --user-id")));
        }
        let all = persons.chain(registrants).collect::<Option<Vec<_>>>();
        all.ok_or_else(|| Failure::new("an address or id is blank: it would be everybody's"))
    }
}

impl Erase {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let identifiers = self.who.identifiers()?;
        let (store, account) = common.existing_account(self.account.as_deref()).await?;
        let eraser = Eraser::new(store.clone(), Arc::new(SystemClock));
        let person = eraser.find(account.id, &identifiers).await?;
        if self.dry_run {
            return self.show(&person);
        }
        if !self.yes {
            confirm(&person)?;
        }
        let mut key = [0; 32];
        SystemEntropy.fill(&mut key);
        let id = eraser.erase(account.id, &person, key).await?;
        // The files of the archive are the sealer's, which is part of the server where one runs.
        let config = common.config()?;
        if let Some(tiers) = common.existing_data()?.tiers_unless_in_use(&config)? {
            tidy(&tiers, config.seal_settings()).await?;
        }
        let all = store.erasures(Some(account.id)).await?;
        let erasure = all.into_iter().find(|erasure| erasure.id == id);
        let erasure = erasure.ok_or_else(|| Failure::new("the erasure that was just made is not there"))?;
        if self.json {
            return print(in_json(&erasure));
        }
        let rows: Vec<_> = erasure.rows.iter().map(|(kind, rows)| [kind.clone(), rows.to_string()]).collect();
        print_table(["KIND", "ERASED"], &rows)?;
        print(format_args!("erasure {}: {}", erasure.id.0, files(&erasure)))
    }

    fn show(&self, Person { identifiers, participants }: &Person) -> Result<(), Failure> {
        let names: Vec<_> = identifiers.iter().map(Identifier::text).collect();
        if self.json {
            return print(json!({ "identifiers": names, "participants": participants }));
        }
        print(format_args!("{} of one who goes by {}", attendances(*participants), names.join(", ")))
    }
}

fn attendances(count: u64) -> String {
    counted(count, "attendance", "attendances")
}

/// Asks whether the right person is meant.
fn confirm(Person { identifiers, participants }: &Person) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new("nothing was erased: say --yes, since there is no way back (--dry-run shows who is meant)"));
    }
    let names: Vec<_> = identifiers.iter().map(Identifier::text).collect();
    let mut out = io::stdout();
    write!(out, "erase {} of one who goes by {}? There is no way back [yes/no] ", attendances(*participants), names.join(", "))?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new("nothing was erased")) }
}

/// What became of the archive's files.
fn files(Erasure { files, files_left, .. }: &Erasure) -> String {
    match (*files, *files_left) {
        (0, _) => "no file of the archive held any of it".to_owned(),
        (files, 0) => format!("{} of the archive replaced", counted(files, "file", "files")),
        (files, left) => format!("{left} of {files} files of the archive are still to be replaced, by the sealer"),
    }
}

fn in_json(erasure: &Erasure) -> serde_json::Value {
    let Erasure { id, account: _, at, finished_at, rows, files, files_left } = erasure;
    json!({
        "id": id.0, "at": at.to_string(), "finished_at": finished_at.map(|at| at.to_string()),
        "erased": rows, "files": files, "files_left": files_left,
    })
}

impl ErasuresCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::List(List { account, json }) => {
                let store = common.existing_entities()?;
                let account = match &account {
                    Some(name) => find_account(store.as_ref(), Some(name)).await?.map(|account| account.id),
                    None => None,
                };
                let all = store.erasures(account).await?;
                if json {
                    return all.iter().try_for_each(|erasure| print(in_json(erasure)));
                }
                let rows = all.iter().map(|erasure| {
                    let state = if erasure.finished_at.is_some() { "erased" } else { "unfinished" };
                    let rows: u64 = erasure.rows.values().sum();
                    [erasure.id.0.to_string(), erasure.at.to_string(), state.to_owned(), rows.to_string(), files(erasure)]
                });
                print_table(["ID", "AT", "STATE", "ROWS", "FILES"], &rows.collect::<Vec<_>>())
            }
            Self::Lift(Lift { who, account }) => {
                let identifiers = who.identifiers()?;
                let (store, account) = common.existing_account(account.as_deref()).await?;
                match store.lift_erasure(account.id, &identifiers).await? {
                    0 => Err(Failure::new("nobody was erased who went by that")),
                    lifted => print(format_args!("{} known again", counted(lifted, "identifier is", "identifiers are"))),
                }
            }
        }
    }
}
