//! Progress of long work. Hidden by `--quiet`.

use std::{
    io::{self, IsTerminal as _},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::{is_quiet, note};

/// A bar for work of known length, on a terminal only. `template` has `{bar:30}`, `{pos}`, `{len}` and `{msg}`.
pub(crate) fn bar(length: u64, template: &str) -> ProgressBar {
    shown(ProgressBar::new(length), template, ProgressStyle::default_bar)
}

/// A bar for the bytes read from `name`, on a terminal only. The caller sets the total later.
pub(crate) fn bytes(name: String) -> ProgressBar {
    const TEMPLATE: &str = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    ticking(shown(ProgressBar::no_length().with_message(name), TEMPLATE, ProgressStyle::default_bar))
}

/// A spinner for work of unknown length, on a terminal only. Its message reports the progress.
pub(crate) fn spinner() -> ProgressBar {
    ticking(shown(ProgressBar::new_spinner(), "{spinner} {msg}", ProgressStyle::default_spinner))
}

fn shown(bar: ProgressBar, template: &str, otherwise: fn() -> ProgressStyle) -> ProgressBar {
    if is_quiet() || !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| otherwise()))
}

fn ticking(bar: ProgressBar) -> ProgressBar {
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}

/// Progress of work that people wait for: a bar on a terminal, otherwise a line now and then.
pub(crate) struct Steps {
    bar: Option<ProgressBar>,
    /// Interval of lines if the output is not a terminal.
    every: Duration,
    line_at: Mutex<Instant>,
}

impl Steps {
    pub(crate) fn new(template: &str, every: Duration) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(0, template));
        Self { bar, every, line_at: Mutex::new(Instant::now() + every) }
    }

    /// Shows the progress of the work called `name`; `line` returns the same as text.
    pub(crate) fn show(&self, name: &'static str, done: u64, total: u64, line: impl FnOnce() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_message(name);
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let mut line_at = self.line_at.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() >= *line_at {
            *line_at = Instant::now() + self.every;
            note(line());
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
