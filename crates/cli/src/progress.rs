//! How far long work is. It is shown on a terminal only, and not with `--quiet`.

use std::{
    io::{self, IsTerminal as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::is_quiet;

/// Work of which it is known how much there is: `template` has `{bar:30}`, `{pos}`, `{len}` and `{msg}`.
pub(crate) fn bar(length: u64, template: &str) -> ProgressBar {
    if is_hidden() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Work that ends when it ends: its message says how far it is.
pub(crate) fn spinner() -> ProgressBar {
    if is_hidden() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn is_hidden() -> bool {
    is_quiet() || !io::stderr().is_terminal()
}
