use std::{
    fs::File,
    io::{self, BufReader, IsTerminal as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rollcall_collector::{ImportError, Importer, Problem, Recording, Request, Summary};
use rollcall_http::SystemEntropy;
use rollcall_ingest::Ingest;
use rollcall_model::SystemClock;

use super::{Common, in_words, print};
use crate::{data::choose_account, failure::Failure};

/// How large a piece of a file is read at a time.
const READ_BYTES: usize = 256 * 1024;

/// Reads recorded answers: one body with --request, NDJSON lines {"request": "GET /v2/…", "response": {…}}, or HAR.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The request that each file answers, such as 'GET /v2/metrics/webinars/123/participants?type=past'
    #[arg(long, value_name = "REQUEST")]
    request: Option<String>,
    /// The account to write to, by name or id; the only one where it is not named
    #[arg(long)]
    account: Option<String>,
    /// The files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Import {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let recording = match &self.request {
            None => Recording::Exchanges,
            Some(request) => {
                Recording::Body(request.parse::<Request>().map_err(|error| Failure::context("--request", &error))?)
            }
        };
        let config = common.config()?;
        let data = common.data_dir(&config)?;
        let (store, minutes) = (data.entities()?, data.minutes()?);
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, self.account.as_deref()).await?;
        let importer = Importer::new(Arc::new(Ingest::new(store, minutes)), account.id);

        let mut failed = false;
        for file in &self.files {
            let mut summary = Summary::default();
            if let Err(error) = import(&importer, file, recording.clone(), &mut summary).await {
                Failure::context(format_args!("{}: stopped", file.display()), &error).report();
                failed = true;
            }
            print(format_args!("{}: {}", file.display(), summary_in_words(&summary)));
            failed |= summary.problems > 0;
        }
        if failed { Err(Failure::reported()) } else { Ok(()) }
    }
}

async fn import(
    importer: &Importer,
    file: &Path,
    recording: Recording,
    summary: &mut Summary,
) -> Result<(), ImportError> {
    let bar = progress_bar(file);
    let mut tell = |Problem { place, reason }| {
        let problem = format!("{}: {place}: {reason}", file.display());
        bar.suspend(|| report(&problem));
    };
    let imported = if file == Path::new("-") {
        let input = BufReader::with_capacity(READ_BYTES, bar.wrap_read(io::stdin()));
        importer.import(input, recording, summary, &mut tell).await
    } else {
        let opened = File::open(file)?;
        bar.set_length(opened.metadata()?.len());
        let input = BufReader::with_capacity(READ_BYTES, bar.wrap_read(opened));
        importer.import(input, recording, summary, &mut tell).await
    };
    bar.finish_and_clear();
    imported
}

/// Names something that could not be kept, on standard error.
#[expect(clippy::print_stderr, reason = "problems are told apart from the summary")]
fn report(problem: &str) {
    eprintln!("{problem}");
}

/// A bar over the file's bytes, on a terminal only.
fn progress_bar(file: &Path) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::no_length().with_style(style).with_message(file.display().to_string());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn summary_in_words(summary: &Summary) -> String {
    let Summary { exchanges, skipped, problems, written } = summary;
    let mut words = format!("{exchanges} answers imported ({})", in_words(written));
    if *skipped > 0 {
        words = format!("{words}, {skipped} of other kinds passed over");
    }
    if *problems > 0 {
        words = format!("{words}, {problems} problems");
    }
    words
}
