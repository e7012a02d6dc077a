//! `GET /v1/reports/{reportId}/download`: the rows of a report as CSV in a ZIP archive, read while they are sent.

use std::{
    collections::VecDeque,
    io::{self, Write},
    mem,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use rollcall_auth::Caller;
use rollcall_model::{Text, Timestamp};
use rollcall_sql::formula_guard;
use rollcall_store::StoredInstance;
use rollcall_webex::{
    csv_report::{Columns, Rows, Template},
    status::Status,
};
use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    super::{
        attendee_reports::attendances_of,
        ended_runs::{self, EndedRuns, ReportSites},
        error::{WebexError, WebexResult},
        runs::Place,
        usage_reports::{HostCodes, usage_of},
    },
    find, unknown,
};
use crate::state::{App, AppState};

/// Runs read at a time.
const CHUNK: usize = 100;
/// Bytes of CSV that are collected before they are compressed and sent.
const PIECE: usize = 256 * 1024;

/// Webex's files begin with it, and clients skip its bytes without looking at them.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// Downloads a report: a ZIP archive with one CSV file, in which values that a spreadsheet would run as a formula have a
/// `'` in front.
pub(in super::super) async fn download_report(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> WebexResult<Response> {
    let order = find(&app, &caller, &id).await?.order;
    let template = Template::find(order.template_id).ok_or_else(|| unknown(&id))?;
    let window = window(&order.start_date, &order.end_date, order.time_zone.as_deref());
    let window =
        window.ok_or_else(|| WebexError::new(Status::InternalServerError, "the report's days are unreadable"))?;
    let sites = ReportSites::check(&app, &caller, "siteList", order.sites).await?;
    let place = Place::in_zone(&app, caller.account, order.time_zone.as_deref()).await?;
    let columns = template.columns(codes(&app, &caller, &sites).await?);
    let archive = Archive::new(template, &columns).map_err(|error| {
        tracing::error!(%error, "a report cannot be begun");
        WebexError::new(Status::InternalServerError, "Internal error, try again later.")
    })?;
    let download = Download {
        codes: HostCodes::default(),
        app,
        caller,
        template,
        columns,
        sites,
        window,
        place,
        runs: VecDeque::new(),
        after: None,
        has_more: true,
        archive,
    };
    let pieces = stream::try_unfold(Some(download), |download| async move {
        let Some(download) = download else { return Ok::<_, io::Error>(None) };
        let piece = download.piece().await;
        piece.map(Some).inspect_err(|error| tracing::error!(%error, "a download of a report broke off"))
    });
    let name = format!("attachment; filename=\"{}.zip\"", template.file_stem());
    let headers = [(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// Returns the window from the beginning of the first day to the end of the last.
fn window(start: &str, end: &str, time_zone: Option<&str>) -> Option<Range<Timestamp>> {
    let zone = time_zone.map_or(Some(TimeZone::UTC), |name| TimeZone::get(name).ok())?;
    let midnight = |day: Date| {
        let zoned = day.to_datetime(Time::midnight()).to_zoned_datetime(zone.clone()).ok()?;
        Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
    };
    Some(midnight(start.parse().ok()?)?..midnight(end.parse::<Date>().ok()?.tomorrow().ok()?)?)
}

/// Returns the names of the sites' tracking codes, each once.
async fn codes(app: &App, caller: &Caller, sites: &ReportSites) -> WebexResult<Vec<Text>> {
    let mut names: Vec<Text> = Vec::new();
    for site in sites.urls() {
        for code in app.store.tracking_codes(caller.account, site).await? {
            if !names.contains(&code.name) {
                names.push(code.name);
            }
        }
    }
    Ok(names)
}

/// A download in progress.
struct Download {
    app: AppState,
    caller: Caller,
    template: &'static Template,
    columns: Columns,
    sites: ReportSites,
    codes: HostCodes,
    window: Range<Timestamp>,
    place: Place,
    /// Runs that were read and not printed.
    runs: VecDeque<StoredInstance>,
    after: Option<ended_runs::Place>,
    has_more: bool,
    archive: Archive,
}

impl Download {
    /// Returns the next piece, and the download unless the piece is the last.
    async fn piece(mut self) -> io::Result<(Bytes, Option<Self>)> {
        while self.archive.csv.len() < PIECE {
            let Some(run) = self.next_run().await.map_err(|error| broken_off(&error))? else {
                return Ok((self.archive.finish().await?, None));
            };
            for item in self.items(&run).await.map_err(|error| broken_off(&error))? {
                self.archive.row(self.columns.cells(&item))?;
            }
        }
        let (archive, piece) = self.archive.compress().await?;
        self.archive = archive;
        Ok((piece, Some(self)))
    }

    async fn next_run(&mut self) -> WebexResult<Option<StoredInstance>> {
        loop {
            if let Some(run) = self.runs.pop_front() {
                return Ok(Some(run));
            }
            if !self.has_more {
                return Ok(None);
            }
            let all = EndedRuns { app: &self.app, caller: &self.caller, window: self.window.clone(), number: None };
            let (found, has_more) = all.read(self.after, CHUNK).await?;
            self.after = found.last().map(ended_runs::place).or(self.after);
            self.has_more = has_more && !found.is_empty();
            self.runs.extend(found.into_iter().filter(|run| self.sites.of(run).is_some()));
        }
    }

    async fn items(&mut self, run: &StoredInstance) -> WebexResult<Vec<Value>> {
        let (app, caller) = (&self.app, &self.caller);
        match self.template.rows {
            Rows::Runs => {
                let site = self.sites.of(run).unwrap_or_default();
                let codes = self.codes.of(app, caller, site, &run.instance).await?;
                Ok(vec![usage_of(app, caller, run, &self.place, codes).await?])
            }
            Rows::Attendances => attendances_of(app, caller, run, &self.place).await,
        }
    }
}

/// Why a download ends early: the connection is closed, because its status has been sent.
fn broken_off(error: &WebexError) -> io::Error {
    io::Error::other(format!("{error:?}"))
}

/// The bytes that an archive has printed since they were last sent.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn take(&self) -> Bytes {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A ZIP archive with one CSV file that is being written.
struct Archive {
    zip: ZipWriter<zip::write::StreamWriter<Printed>>,
    printed: Printed,
    /// Rows that are not compressed yet.
    csv: Vec<u8>,
}

impl Archive {
    fn new(template: &Template, columns: &Columns) -> io::Result<Self> {
        let printed = Printed::default();
        let mut zip = ZipWriter::new_stream(printed.clone());
        // The size is not known in advance and may exceed what the older format can express.
        let options = SimpleFileOptions::default().large_file(true);
        zip.start_file(format!("{}.csv", template.file_stem()), options)?;
        let mut archive = Self { zip, printed, csv: BOM.to_vec() };
        archive.row(columns.headings())?;
        Ok(archive)
    }

    fn row(&mut self, cells: impl Iterator<Item = String>) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut self.csv);
        for cell in cells {
            writer.write_field(format!("{}{cell}", formula_guard(&cell)))?;
        }
        writer.write_record(None::<&[u8]>)?;
        writer.flush()
    }

    /// Compresses the rows on a thread that may take its time. Returns what is printed.
    async fn compress(mut self) -> io::Result<(Self, Bytes)> {
        let archive = tokio::task::spawn_blocking(move || {
            let csv = mem::take(&mut self.csv);
            self.zip.write_all(&csv).map(|()| self)
        });
        let archive = archive.await.map_err(io::Error::other)??;
        let printed = archive.printed.take();
        Ok((archive, printed))
    }

    /// Compresses the rest and returns it with the end of the archive.
    async fn finish(self) -> io::Result<Bytes> {
        let (archive, begin) = self.compress().await?;
        archive.zip.finish()?;
        Ok([begin, archive.printed.take()].concat().into())
    }
}
