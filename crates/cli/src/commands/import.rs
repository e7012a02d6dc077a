use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use indicatif::ProgressBar;
use rollcall_import::{Importer, Problem, Recording, Request, Summary};
use rollcall_ingest::Ingest;
use rollcall_model::{SystemClock, SystemEntropy};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::common::Common;
use crate::listing::{counted, in_words};
use crate::terminal::{note, print};
use crate::{
    control::{self, ImportRequest, Incoming},
    csv_options::{CsvOptions, checked},
    data::{DataDir, Tiers, choose_account},
    failure::Failure,
    progress,
    terminal::{complain, visible_line},
    work::{self, Check, Offline, Worker, Workshop},
};

/// Size of the pieces in which a file is read.
const READ_BYTES: usize = 256 * 1024;

/// The end of the command's help.
const FORMATS: &str = r#"A file is one of:
  NDJSON  with {"request": "GET /v2/users", "response": {...}} on each line, and perhaps a "status"
          or a webhook body per line, as the vendor sent it, or per record of
          Zoom's webhook log
  HAR     as recorded by browsers and proxies; other requests are skipped
  lines   of participants or of their minutes, in the format of POST /ingest/v1/participants and /qos
  CSV     attendance and registration reports of Zoom's web portal in English, German, French,
          Spanish, Portuguese, Italian, Japanese or Chinese. Set --time-zone to the zone of their
          times. If the file does not say which meeting it is about, add --request
          'GET /v2/report/meetings/{id}/participants' or 'GET /v2/meetings/{id}/registrants'
  a body  with its request in --request
and may be compressed with gzip or zstd.

Responses to these requests can be imported:
  GET /v2/users, users/{id}, users/{id}/meetings, users/{id}/webinars
  GET /v2/meetings/{id}, webinars/{id} and, below that, registrants; webinars/{id}/tracking_sources
  GET /v2/past_meetings/{uuid}, past_meetings/{id}/instances, past_webinars/{id}/instances
  GET /v2/past_meetings/{id}/participants, report/meetings/{id}/participants; the same for webinars
  GET /v2/metrics/meetings, metrics/meetings/{id} and, below that, participants, participants/qos
      and participants/{id}/qos; the same for webinars. Include type=past if the request had it
  GET /v2/report/meetings/{id} and, below that, participants, polls, qa, survey; the same for webinars
  GET /v2/report/users, users/{id}/meetings, history_meetings, activities, operationlogs, telephone,
      meeting_activities, cloud_recording, remote_support, billing, billing/invoices?billing_id={id}
  GET /v2/past_meetings/{id}/polls, qa; meetings/{id}/polls; the same for webinars
  GET /v2/groups, groups/{id}, groups/{id}/members, roles, accounts/{id}, users/{id}/settings, permissions
  GET /v2/metrics/client/..., client_versions, crc, chat, zoomrooms, zoomrooms/issues, issues/zoomrooms
  GET /v1/admin/meeting/config/trackingCodes, trackingCodes/{id}
  GET /v1/admin/meeting/userconfig/trackingCodes?personId={id}
  GET /v1/meetingPreferences/sites
  GET /v1/meetings?meetingType=meeting, meetings/{id}, meetings/{id}/registrants,
      meetingParticipants?meetingId={id},
      meetingParticipants/{id}, meeting/qualities?meetingId={id}

Invalid entries are reported on standard error, and the exit status is 1; the rest is imported."#;

/// Import recorded API responses, webhooks, NDJSON and CSV reports; also while a server runs
#[derive(Debug, Args)]
#[command(after_help = FORMATS)]
pub(crate) struct Import {
    /// Request that each file answers, such as 'GET /v2/metrics/webinars/123/participants?type=past'
    #[arg(long, value_name = "REQUEST", value_parser = checked::<Request>)]
    request: Option<String>,
    /// Account to write to, by name or id [default: the only one]
    #[arg(long)]
    account: Option<String>,
    #[command(flatten)]
    csv: CsvOptions,
    #[command(flatten)]
    offline: Offline,
    /// Files, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The result for one file.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    /// What was imported, as text.
    summary: String,
    /// What was not stored, as text.
    unkept: Option<String>,
    /// What was assumed, as text.
    #[serde(default)]
    assumed: Option<String>,
    /// Why the import stopped before the end of the file.
    stopped: Option<String>,
    has_problems: bool,
}

impl Import {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        // A malformed request is rejected before any file is opened.
        let recording = recording(self.request.as_deref())?;
        let config = common.config()?;
        let data = common.data_dir(&config)?;
        let mut own: Option<Importer> = None;
        let mut failed = false;
        for file in &self.files {
            let mut input = match Input::open(file) {
                Ok(input) => Some(input),
                Err(error) => {
                    Failure::context(file.display(), &error).report();
                    failed = true;
                    continue;
                }
            };
            let outcome = match &own {
                Some(importer) => own_import(importer, file, &mut input, recording.clone()).await,
                None => {
                    let ask = async || self.ask_server(&data, file, &mut input).await;
                    match work::ask_or_open(&data, &config, self.offline, Check::Index, ask).await? {
                        Worker::Server(outcome) => outcome,
                        Worker::Command(tiers) => {
                            let importer = own.insert(self.importer(tiers).await?);
                            own_import(importer, file, &mut input, recording.clone()).await
                        }
                    }
                }
            };
            if let Some(stopped) = &outcome.stopped {
                Failure::new(format!("{}: stopped: {stopped}", file.display())).report();
            }
            if let Some(assumed) = &outcome.assumed {
                note(format_args!("{}: {assumed}", file.display()));
            }
            print(format_args!("{}: {}", file.display(), outcome.summary))?;
            if let Some(unkept) = &outcome.unkept {
                print(format_args!("{}: {unkept}", file.display()))?;
            }
            failed |= outcome.has_problems || outcome.stopped.is_some();
        }
        if failed { Err(Failure::reported()) } else { Ok(()) }
    }

    /// Lets the server that runs on the folder import the file. `None` if none runs.
    async fn ask_server(
        &self,
        data: &DataDir,
        file: &Path,
        input: &mut Option<Input>,
    ) -> Result<Option<Outcome>, Failure> {
        let request =
            ImportRequest { account: self.account.clone(), request: self.request.clone(), csv: self.csv.clone() };
        let bar = progress_bar(file);
        let body = || read(input, &bar);
        let tell = |value: serde_json::Value| {
            if let Some(problem) = value.as_str() {
                complain_of(&bar, file, problem);
            }
        };
        let answer = control::ask_with(data, &control::Request::Import(request), body, tell).await;
        bar.finish_and_clear();
        Ok(match answer? {
            Some(outcome) => Some(serde_json::from_value(outcome).map_err(io::Error::from)?),
            None => None,
        })
    }

    /// Imports into a folder that this process has open.
    async fn importer(&self, Tiers { store, minutes, .. }: Tiers) -> Result<Importer, Failure> {
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, self.account.as_deref()).await?;
        Ok(Importer::new(Arc::new(Ingest::new(store, minutes)), account.id).with_csv(self.csv.settings()))
    }
}

/// Imports a file in this process.
async fn own_import(importer: &Importer, file: &Path, input: &mut Option<Input>, recording: Recording) -> Outcome {
    let bar = progress_bar(file);
    let tell = |problem: &str| complain_of(&bar, file, problem);
    let outcome = import(importer, read(input, &bar), recording, tell).await;
    bar.finish_and_clear();
    outcome
}

/// The content of the file: the body that answers `request`, or whole exchanges without one.
fn recording(request: Option<&str>) -> Result<Recording, Failure> {
    match request {
        None => Ok(Recording::Exchanges),
        Some(request) => match request.parse::<Request>() {
            Ok(request) => Ok(Recording::Body(request)),
            Err(error) => Err(Failure::new(format!("--request: {error}"))),
        },
    }
}

/// Imports what a client of the control socket sends.
pub(crate) async fn take_in(
    Workshop { ingest, tiers, .. }: &Workshop,
    request: ImportRequest,
    input: Incoming,
    problems: mpsc::UnboundedSender<serde_json::Value>,
) -> Result<serde_json::Value, Failure> {
    let recording = recording(request.request.as_deref())?;
    let store = tiers.store.as_ref();
    let account = choose_account(store, &SystemClock, &SystemEntropy, request.account.as_deref()).await?;
    let importer = Importer::new(Arc::clone(ingest), account.id).with_csv(request.csv.settings());
    let tell = |problem: &str| {
        // A client that has disconnected needs no more.
        let _ = problems.send(problem.into());
    };
    let outcome = import(&importer, Box::new(input), recording, tell).await;
    Ok(serde_json::to_value(outcome).map_err(io::Error::from)?)
}

/// The bytes of a file that has not been read yet.
fn read(input: &mut Option<Input>, bar: &ProgressBar) -> Box<dyn io::Read + Send> {
    input.take().map_or_else(|| Box::new(io::empty()) as Box<dyn io::Read + Send>, |input| input.read(bar))
}

fn complain_of(bar: &ProgressBar, file: &Path, problem: &str) {
    bar.suspend(|| complain(format_args!("{}: {}", file.display(), visible_line(problem))));
}

/// A file, or standard input if its name is `-`.
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

    /// The bytes; the bar shows how many were read.
    fn read(self, bar: &ProgressBar) -> Box<dyn io::Read + Send> {
        match self {
            Self::Stdin => Box::new(bar.wrap_read(io::stdin())),
            Self::File { file, bytes } => {
                bar.set_length(bytes);
                Box::new(bar.wrap_read(file))
            }
        }
    }
}

async fn import(
    importer: &Importer,
    input: Box<dyn io::Read + Send>,
    recording: Recording,
    mut tell: impl FnMut(&str) + Send,
) -> Outcome {
    let mut summary = Summary::default();
    let mut tell = |Problem { place, reason }| tell(&format!("{place}: {reason}"));
    let input = BufReader::with_capacity(READ_BYTES, input);
    let imported = importer.import(input, recording, &mut summary, &mut tell).await;
    Outcome {
        summary: summary_in_words(&summary),
        unkept: unkept_in_words(&summary),
        assumed: summary.assumes_utc.then(|| {
            "its times have no time zone and were read as UTC. If that is wrong, set --time-zone, \
             such as --time-zone America/New_York"
                .to_owned()
        }),
        stopped: imported.err().map(|error| error.to_string()),
        has_problems: summary.problems > 0 || summary.is_empty(),
    }
}

/// A progress bar over the file's bytes.
fn progress_bar(file: &Path) -> ProgressBar {
    progress::bytes(visible_line(&file.display().to_string()).into_owned())
}

/// Describes values of responses for which Rollcall has no field. `None` if there are none.
fn unkept_in_words(summary: &Summary) -> Option<String> {
    let paths: Vec<String> =
        summary.unkept.iter().map(|(path, count)| format!("{} ({count})", visible_line(path))).collect();
    (!paths.is_empty()).then(|| format!("not stored: {}", paths.join(", ")))
}

fn summary_in_words(summary: &Summary) -> String {
    let Summary {
        exchanges,
        deliveries,
        skipped,
        participant_lines,
        minute_lines,
        merged_lines,
        problems,
        written,
        unkept: _,
        assumes_utc: _,
    } = summary;
    let lines = [(*participant_lines, "participant", "participants"), (*minute_lines, "minute", "minutes")];
    let lines: Vec<_> =
        lines.iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(*count, one, many)).collect();
    let mut words = match lines.as_slice() {
        [] => format!("{} imported", counted(*exchanges, "answer", "answers")),
        lines => format!("{} imported, {merged_lines} already known", lines.join(" and ")),
    };
    if *exchanges > 0 {
        words = format!("{words} ({})", in_words(written));
    }
    if *deliveries > 0 {
        let deliveries = counted(*deliveries, "delivery", "deliveries");
        words = if *exchanges == 0 && lines.is_empty() {
            format!("{deliveries} taken")
        } else {
            format!("{words}, {deliveries} accepted")
        };
    }
    if *skipped > 0 {
        words = format!("{words}, {skipped} of other kinds skipped");
    }
    if *problems > 0 {
        words = format!("{words}, {}", counted(*problems, "problem", "problems"));
    } else if summary.is_empty() {
        words = format!("{words}: the file contains nothing that can be imported");
    }
    words
}
