//! Erases one person everywhere, lists erasures and lifts them.

use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    sync::Arc,
};

use clap::{Args, Subcommand};
use rollcall_lifecycle::erasure::{Eraser, Person};
use rollcall_model::{AccountId, Clock as _, Identifier, SystemClock, SystemEntropy, draw};
use rollcall_store::{ErasedRows, Erasure, ErasureId, ErasureStore as _};
use rollcall_store_sqlite::SqliteStore;
use serde_json::json;

use super::retention::tidy;
use crate::common::{Common, audit};
use crate::listing::{counted, print_table};
use crate::terminal::{print, print_data};
use crate::{data::find_account, failure::Failure, progress, terminal::visible_line};

/// A server finishes an erasure within minutes. One that is unfinished after a day is stuck.
const LATE_SECONDS: i64 = 24 * 3600;
/// Erasures read per page.
const PER_READ: usize = 500;

// Who is meant: any of these, repeatable. Without text of its own, which would become that of the command.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Who {
    /// Email address of the person; here and below, `-` reads from standard input, one per line
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// User id of the person, as in `id` or `participant_user_id` of a participant
    #[arg(long, visible_alias = "participant-user-id", value_name = "ID")]
    user_id: Vec<String>,
    /// Registrant id of the person
    #[arg(long, value_name = "ID")]
    registrant_id: Vec<String>,
    /// Person as in the SQL table `persons`: user:ID, email:ADDRESS, registrant:ID
    #[arg(long, value_name = "PERSON")]
    person: Vec<String>,
}

/// Erase one person everywhere, including the archive, and report what was erased; also while a server runs
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    who: Who,
    /// Account, by name or id [default: the only one]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Dry run: show who and what would be erased
    #[arg(long)]
    dry_run: bool,
    /// Erase without asking. This cannot be undone
    #[arg(long)]
    yes: bool,
    /// With --yes: a login that may be erased, if several would be; repeatable
    #[arg(long, value_name = "USER_ID")]
    confirm_login: Vec<String>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// List erasures, and lift an erasure
#[derive(Debug, Subcommand)]
pub(crate) enum ErasuresCommand {
    /// List erasures, without the erased persons, who are no longer known
    List(List),
    /// Lift an erasure: store data about the person again from now on. Erased data stays erased
    Lift(Lift),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Account, by name or id [default: all]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Print JSON objects, one per line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Lift {
    #[command(flatten)]
    who: Who,
    /// Account, by name or id [default: the only one]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
}

impl Who {
    fn identifiers(&self) -> Result<BTreeSet<Identifier>, Failure> {
        let mut all = BTreeSet::new();
        for text in given(&self.email)? {
            all.insert(format!("email:{text}").parse().map_err(|_| {
                Failure::new(format!("`{text}` is not an address. For ids use --user-id or --registrant-id"))
            })?);
        }
        let blank = || Failure::new("the id must not be empty");
        for text in given(&self.user_id)? {
            all.insert(Identifier::of_user(&text).ok_or_else(blank)?);
        }
        for text in given(&self.registrant_id)? {
            all.insert(Identifier::of_registrant(&text).ok_or_else(blank)?);
        }
        for text in given(&self.person)? {
            all.insert(text.parse().map_err(|error: rollcall_model::InvalidId| Failure::new(error.to_string()))?);
        }
        match all.len() {
            0 => Err(Failure::new("standard input is empty: write one value per line")),
            _ => Ok(all),
        }
    }
}

/// Returns a flag's values, with each `-` replaced by the lines of standard input.
fn given(values: &[String]) -> Result<Vec<String>, Failure> {
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        if value != "-" {
            all.push(value.clone());
            continue;
        }
        for line in io::stdin().lock().lines() {
            let line = line.map_err(|error| Failure::context("standard input", &error))?;
            if !line.trim().is_empty() {
                all.push(line);
            }
        }
    }
    Ok(all)
}

impl Erase {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let identifiers = self.who.identifiers()?;
        let (store, account) = common.existing_account(self.account.as_deref()).await?;
        let eraser = Eraser::new(store.clone(), Arc::new(SystemClock));
        let bar = progress::spinner();
        bar.set_message("searching the account");
        let person = eraser.find(account.id, &identifiers).await?;
        bar.finish_and_clear();
        if self.dry_run {
            return self.show(&person);
        }
        if self.yes {
            let confirmed = self.confirm_login.iter().filter_map(|id| Identifier::of_user(id)).collect();
            if !person.unconfirmed(&confirmed).is_empty() {
                return Err(Failure::new(format!(
                    "Nothing erased: several logins match. If all of them belong to this person, add {}.\n{}",
                    person
                        .logins
                        .iter()
                        .map(|login| format!("--confirm-login {}", login.text()))
                        .collect::<Vec<_>>()
                        .join(" "),
                    why(&person),
                )));
            }
        } else {
            confirm(&person)?;
        }
        let bar = progress::spinner();
        bar.set_message("erasing");
        let id = eraser.begin(account.id, &person.identifiers, draw(&SystemEntropy)).await?;
        audit(&store, account.id, "erase", "erase", "person").await?;
        eraser.finish_pending().await?;
        // Only the sealer, which is part of a running server, may change archive files.
        let config = common.config()?;
        let data = common.existing_data()?;
        if let Some(tiers) = data.tiers_unless_in_use(store.clone(), &config)? {
            bar.set_message("files of the archive");
            // They contain what was stored before.
            data.delete_sheets()?;
            tidy(&tiers, config.seal_settings()).await?;
        }
        bar.finish_and_clear();
        let erasure = store.find_erasure(account.id, id).await?;
        let erasure =
            erasure.ok_or_else(|| Failure::new("the erasure was recorded but is missing from the database"))?;
        if self.json {
            return print_data(in_json(&erasure));
        }
        print_rows("ERASED", &erasure.rows)?;
        print(format_args!("erasure {}: {}", erasure.id.0, files(&erasure)))
    }

    fn show(&self, person: &Person) -> Result<(), Failure> {
        if self.json {
            let spelled = |all: &BTreeSet<Identifier>| all.iter().map(ToString::to_string).collect::<Vec<_>>();
            let links: Vec<_> = person.links.iter().map(ToString::to_string).collect();
            return print_data(json!({
                "identifiers": spelled(&person.identifiers), "logins": spelled(&person.logins), "links": links,
                "would_be_erased": person.rows,
            }));
        }
        print(format_args!("known as {}", names(person)))?;
        if !person.links.is_empty() {
            print(why(person))?;
        }
        print_rows("WOULD BE ERASED", &person.rows)
    }
}

fn names(person: &Person) -> String {
    person.identifiers.iter().map(|name| visible_line(name.as_str())).collect::<Vec<_>>().join(", ")
}

/// Returns why identifiers that were not given are regarded as the person's, one per line.
fn why(person: &Person) -> String {
    person.links.iter().map(|link| visible_line(&link.to_string()).into_owned()).collect::<Vec<_>>().join("\n")
}

fn print_rows(heading: &str, rows: &ErasedRows) -> Result<(), Failure> {
    if rows.is_empty() {
        return print("nothing of this person is stored");
    }
    let rows: Vec<_> = rows.iter().map(|(kind, rows)| [kind.clone(), rows.to_string()]).collect();
    print_table(["KIND", heading], &rows)
}

/// Asks for confirmation that this is the right person.
fn confirm(person: &Person) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "Nothing erased. This cannot be undone: add --yes to confirm, or --dry-run to preview",
        ));
    }
    let rows: u64 = person.rows.values().sum();
    let mut out = io::stdout();
    for link in &person.links {
        writeln!(out, "{}", visible_line(&link.to_string()))?;
    }
    let rows = counted(rows, "row", "rows");
    write!(out, "Erase {rows} of the person known as {}? This cannot be undone [yes/no] ", names(person))?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new("Nothing erased")) }
}

/// Reports what happened to archive files.
fn files(Erasure { files, files_left, .. }: &Erasure) -> String {
    match (*files, *files_left) {
        (0, _) => "no archive file had data of the person".to_owned(),
        (files, 0) => format!("{} of the archive replaced", counted(files, "file", "files")),
        (files, left) => format!("{left} of {files} archive files remain to be replaced by the server"),
    }
}

fn in_json(erasure: &Erasure) -> serde_json::Value {
    let Erasure { id, account: _, at, finished_at, rows, files, files_left } = erasure;
    json!({
        "id": id.0, "at": at.to_string(), "finished_at": finished_at.map(|at| at.to_string()),
        "complete": erasure.is_complete(), "erased": rows, "files": files, "files_left": files_left,
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
                let all = erasures(&store, account).await?;
                if json {
                    return all.iter().try_for_each(|erasure| print_data(in_json(erasure)));
                }
                let rows = all.iter().map(|erasure| {
                    let state = if erasure.finished_at.is_some() { "erased" } else { "unfinished" };
                    let rows: u64 = erasure.rows.values().sum();
                    let id = erasure.id.0.to_string();
                    [id, erasure.at.to_string(), state.to_owned(), rows.to_string(), files(erasure)]
                });
                print_table(["ID", "AT", "STATE", "ROWS", "FILES"], &rows.collect::<Vec<_>>())
            }
            Self::Lift(Lift { who, account }) => {
                let identifiers = who.identifiers()?;
                let (store, account) = common.existing_account(account.as_deref()).await?;
                audit(&store, account.id, "erasures lift", "change", "person").await?;
                match store.lift_erasure(account.id, &identifiers).await? {
                    0 => Err(Failure::new("no erasure matches these identifiers")),
                    lifted => {
                        print(format_args!("{} no longer blocked", counted(lifted, "identifier is", "identifiers are")))
                    }
                }
            }
        }
    }
}

/// Returns the erasures of one account or of all.
async fn erasures(store: &SqliteStore, account: Option<AccountId>) -> Result<Vec<Erasure>, Failure> {
    let mut all: Vec<Erasure> = Vec::new();
    loop {
        let after = all.last().map_or(ErasureId(0), |last| last.id);
        let page = store.erasures(account, after, PER_READ).await?;
        let is_last = page.len() < PER_READ;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// Returns the number of erasures, and `doctor`'s description of each unfinished one, with whether it is overdue.
pub(super) async fn findings(store: &SqliteStore) -> Result<(u64, Vec<(String, bool)>), Failure> {
    let all = erasures(store, None).await?;
    let late = SystemClock.now().minus_seconds(LATE_SECONDS);
    let left = all.iter().filter(|erasure| !erasure.is_complete()).map(|erasure| {
        let what = match erasure.finished_at {
            None => "not finished".to_owned(),
            Some(_) => files(erasure),
        };
        (format!("erasure {} of {}: {what}", erasure.id.0, erasure.at), erasure.at < late)
    });
    Ok((all.len() as u64, left.collect()))
}
