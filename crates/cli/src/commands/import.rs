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

use super::{Common, counted, in_words, print};
use crate::{
    data::{Tiers, choose_account},
    failure::Failure,
    terminal::{complain, visible_line},
};

/// How large a piece of a file is read at a time.
const READ_BYTES: usize = 256 * 1024;

/// What the command's help ends with.
const FORMATS: &str = r#"A file is one of:
  NDJSON  with {"request": "GET /v2/users", "response": {...}} on each line, and perhaps a "status"
          or with a webhook's delivery on each line, as the vendor sent its body
  HAR     as browsers and proxies record it; what is not kept here is passed over
  lines   of participants, or of their minutes, as POST /ingest/v1/participants and /qos take them
  a body  with its request in --request
and may be compressed with gzip or zstd.

Answers to these requests are kept:
  GET /v2/users, users/{id}, users/{id}/meetings, users/{id}/webinars
  GET /v2/meetings/{id}, webinars/{id}, webinars/{id}/tracking_sources
  GET /v2/past_meetings/{uuid}, past_meetings/{id}/instances, past_webinars/{id}/instances
  GET /v2/metrics/meetings, metrics/meetings/{id} and, below that, participants, participants/qos
      and participants/{id}/qos; the same for webinars. Say type=past where it was asked for
  GET /v1/admin/meeting/config/trackingCodes, trackingCodes/{id}
  GET /v1/admin/meeting/userconfig/trackingCodes?personId={id}
  GET /v1/meetingPreferences/sites
  GET /v1/meetings?meetingType=meeting, meetings/{id}, meetingParticipants?meetingId={id},
      meetingParticipants/{id}, meeting/qualities?meetingId={id}

What is broken is named on standard error and makes the exit status 1; the rest is kept."#;

/// Reads recorded answers.
#[derive(Debug, Args)]
#[command(after_help = FORMATS)]
pub(crate) struct Import {
    /// The request that each file answers, such as 'GET /v2/metrics/webinars/123/participants?type=past'
    #[arg(long, value_name = "REQUEST")]
    request: Option<Request>,
    /// The account to write to, by name or id; the only one where it is not named
    #[arg(long)]
    account: Option<String>,
    /// The files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Import {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let recording = self.request.map_or(Recording::Exchanges, Recording::Body);
        let config = common.config()?;
        let data = common.data_dir(&config)?;
        let store = data.entities()?;
        data.check_index(&config, &store).await?;
        let Tiers { store, minutes, .. } = data.tiers_beside(store, &config)?;
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, self.account.as_deref()).await?;
        let importer = Importer::new(Arc::new(Ingest::new(store, minutes)), account.id);

        let mut failed = false;
        for file in &self.files {
            let input = match Input::open(file) {
                Ok(input) => input,
                Err(error) => {
                    Failure::context(file.display(), &error).report();
                    failed = true;
                    continue;
                }
            };
            let mut summary = Summary::default();
            if let Err(error) = import(&importer, file, input, recording.clone(), &mut summary).await {
                Failure::context(format_args!("{}: stopped", file.display()), &error).report();
                failed = true;
            }
            print(format_args!("{}: {}", file.display(), summary_in_words(&summary)))?;
            failed |= summary.problems > 0;
        }
        if failed { Err(Failure::reported()) } else { Ok(()) }
    }
}

/// A file, or standard input where it is named `-`.
enum Input {
    File { file: File, bytes: u64 },
    Stdin,
}

impl Input {
    fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdin);
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            Err(io::ErrorKind::IsADirectory.into())
        } else {
            Ok(Self::File { file, bytes: metadata.len() })
        }
    }
}

async fn import(
    importer: &Importer,
    file: &Path,
    input: Input,
    recording: Recording,
    summary: &mut Summary,
) -> Result<(), ImportError> {
    let bar = progress_bar(file);
    let mut tell = |Problem { place, reason }| {
        let problem = format!("{place}: {reason}");
        bar.suspend(|| complain(format_args!("{}: {}", file.display(), visible_line(&problem))));
    };
    let input: Box<dyn io::Read + Send> = match input {
        Input::Stdin => Box::new(bar.wrap_read(io::stdin())),
        Input::File { file, bytes } => {
            bar.set_length(bytes);
            Box::new(bar.wrap_read(file))
        }
    };
    let input = BufReader::with_capacity(READ_BYTES, input);
    let imported = importer.import(input, recording, summary, &mut tell).await;
    bar.finish_and_clear();
    imported
}

/// A bar over the file's bytes, on a terminal only.
fn progress_bar(file: &Path) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar =
        ProgressBar::no_length().with_style(style).with_message(visible_line(&file.display().to_string()).into_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn summary_in_words(summary: &Summary) -> String {
    let Summary { exchanges, deliveries, skipped, participant_lines, minute_lines, merged_lines, problems, written } =
        summary;
    let lines = [(*participant_lines, "participant", "participants"), (*minute_lines, "minute", "minutes")];
    let lines: Vec<_> =
        lines.iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(*count, one, many)).collect();
    let mut words = match lines.as_slice() {
        [] => format!("{} imported", counted(*exchanges, "answer", "answers")),
        lines => format!("{} imported, {merged_lines} known already", lines.join(" and ")),
    };
    if *exchanges > 0 {
        words = format!("{words} ({})", in_words(written));
    }
    if *deliveries > 0 {
        let deliveries = counted(*deliveries, "delivery", "deliveries");
        words = if *exchanges == 0 && lines.is_empty() {
            format!("{deliveries} taken")
        } else {
            format!("{words}, {deliveries} taken")
        };
    }
    if *skipped > 0 {
        words = format!("{words}, {skipped} of other kinds passed over");
    }
    if *problems > 0 {
        words = format!("{words}, {}", counted(*problems, "problem", "problems"));
    }
    words
}
