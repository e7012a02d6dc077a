//! Erasing one person everywhere, and what is known of it afterwards.

use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    sync::Arc,
};

use clap::{Args, Subcommand};
use rollcall_lifecycle::erasure::{Eraser, Person};
use rollcall_model::{AccountId, Clock as _, Entropy as _, Identifier, SystemClock, SystemEntropy};
use rollcall_store::{ErasedRows, Erasure, ErasureId, ErasureStore as _};
use rollcall_store_sqlite::SqliteStore;
use serde_json::json;

use super::{Common, audit, counted, print, print_data, print_table, retention::tidy};
use crate::{data::find_account, failure::Failure, progress, terminal::visible_line};

/// A server takes minutes to finish an erasure. One that has something left after a day is stuck.
const LATE_SECONDS: i64 = 24 * 3600;
/// How many erasures are read at a time.
const PER_READ: usize = 500;

// Who is meant: any of these, as often as needed. No text of its own, since it would become that of the command.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Who {
    /// An address of the person; here and below, `-` reads from standard input, one a line
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// An id that the person has as a user, which `id` or `participant_user_id` of a participant tells
    #[arg(long, visible_alias = "participant-user-id", value_name = "ID")]
    user_id: Vec<String>,
    /// An id that the person has as a registrant
    #[arg(long, value_name = "ID")]
    registrant_id: Vec<String>,
    /// The person as `persons` of SQL names it: user:ID, email:ADDRESS, registrant:ID
    #[arg(long, value_name = "PERSON")]
    person: Vec<String>,
}

/// Erases one person everywhere, in the archive too, and reports what was erased; also while a server runs
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    who: Who,
    /// The account; the only one where it is not named
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Shows whom it would be about and what would go, and erases nothing
    #[arg(long)]
    dry_run: bool,
    /// Erase without asking. This cannot be undone
    #[arg(long)]
    yes: bool,
    /// With --yes: a login that the erasure may touch, if it would touch several; repeat it for each
    #[arg(long, value_name = "USER_ID")]
    confirm_login: Vec<String>,
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
    fn identifiers(&self) -> Result<BTreeSet<Identifier>, Failure> {
        let mut all = BTreeSet::new();
        for text in given(&self.email)? {
            all.insert(format!("email:{text}").parse().map_err(|_| {
                Failure::new(format!("`{text}` is no address: name ids with --user-id or --registrant-id"))
            })?);
        }
        let blank = || Failure::new("an id is blank: it would be everybody's");
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
            0 => Err(Failure::new("standard input names nobody")),
            _ => Ok(all),
        }
    }
}

/// What a flag was given, each `-` replaced by the lines of standard input.
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
        bar.set_message("looking through the account");
        let person = eraser.find(account.id, &identifiers).await?;
        bar.finish_and_clear();
        if self.dry_run {
            return self.show(&person);
        }
        if self.yes {
            let confirmed = self.confirm_login.iter().filter_map(|id| Identifier::of_user(id)).collect();
            if !person.unconfirmed(&confirmed).is_empty() {
                return Err(Failure::new(format!(
                    "nothing erased: the names lead to several logins. If all of them are this person's, add {}.\n{}",
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
        let mut key = [0; 32];
        SystemEntropy.fill(&mut key);
        let bar = progress::spinner();
        bar.set_message("erasing");
        let id = eraser.begin(account.id, &person.identifiers, key).await?;
        audit(&store, account.id, "erase", "erase", "person").await?;
        eraser.finish_pending().await?;
        // The files of the archive are the sealer's, which is part of the server where one runs.
        let config = common.config()?;
        let data = common.existing_data()?;
        if let Some(tiers) = data.tiers_unless_in_use(store.clone(), &config)? {
            bar.set_message("files of the archive");
            tidy(&tiers, config.seal_settings()).await?;
        }
        bar.finish_and_clear();
        let erasure = store.find_erasure(account.id, id).await?;
        let erasure = erasure.ok_or_else(|| Failure::new("the erasure that was just made is not there"))?;
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
        print(format_args!("goes by {}", names(person)))?;
        if !person.links.is_empty() {
            print(why(person))?;
        }
        print_rows("WOULD BE ERASED", &person.rows)
    }
}

fn names(person: &Person) -> String {
    person.identifiers.iter().map(|name| visible_line(name.as_str())).collect::<Vec<_>>().join(", ")
}

/// Says why names that were not given are taken for the person's, one a line.
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

/// Asks whether the right person is meant.
fn confirm(person: &Person) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "nothing was erased: say --yes, since there is no way back (--dry-run shows who is meant)",
        ));
    }
    let rows: u64 = person.rows.values().sum();
    let mut out = io::stdout();
    for link in &person.links {
        writeln!(out, "{}", visible_line(&link.to_string()))?;
    }
    let rows = counted(rows, "row", "rows");
    write!(out, "erase {rows} of one who goes by {}? There is no way back [yes/no] ", names(person))?;
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
        (files, left) => format!("{left} of {files} files of the archive are still to be replaced, by the server"),
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
                    0 => Err(Failure::new("nobody was erased who went by that")),
                    lifted => {
                        print(format_args!("{} known again", counted(lifted, "identifier is", "identifiers are")))
                    }
                }
            }
        }
    }
}

/// The erasures of one account or of all.
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

/// How many erasures there are, and what `doctor` says of those of which something is left, with whether it should not be
/// any more.
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
