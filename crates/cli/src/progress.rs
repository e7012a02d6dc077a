//! How far long work is. It is not shown with `--quiet`.

use std::{
    io::{self, IsTerminal as _},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::{is_quiet, note};

/// Work of which it is known how much there is, on a terminal only: `template` has `{bar:30}`, `{pos}`, `{len}` and `{msg}`.
pub(crate) fn bar(length: u64, template: &str) -> ProgressBar {
    shown(ProgressBar::new(length), template, ProgressStyle::default_bar)
}

/// The bytes of `name` that were read, on a terminal only; how many there are is told later.
pub(crate) fn bytes(name: String) -> ProgressBar {
    const TEMPLATE: &str = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    ticking(shown(ProgressBar::no_length().with_message(name), TEMPLATE, ProgressStyle::default_bar))
}

/// Work that ends when it ends, on a terminal only: its message says how far it is.
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

/// Work that people wait for wherever they are: a bar on a terminal, elsewhere a line now and then.
pub(crate) struct Steps {
    bar: Option<ProgressBar>,
    /// Off a terminal, a line is said this often.
    every: Duration,
    line_at: Mutex<Instant>,
}

impl Steps {
    pub(crate) fn new(template: &str, every: Duration) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(0, template));
        Self { bar, every, line_at: Mutex::new(Instant::now() + every) }
    }

    /// Shows how much of the work called `name` is done; `line` says the same in words.
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
