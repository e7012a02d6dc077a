//! Files of the pages: style and script, and what Vite builds from `web/`: the Try-it page, the dashboard, and the files that
//! they load.

use std::{collections::HashMap, sync::LazyLock};

/// The style of all pages, as CSS: the tokens and the header, which the dashboard also has, and then the rest.
pub const STYLE: &str = concat!(
    include_str!("templates/tokens.css"),
    include_str!("templates/site.css"),
    include_str!("templates/style.css")
);
/// The script of pages: the switch between light and dark, and the copy buttons. Without it, pages have neither.
pub const COPY_SCRIPT: &str = include_str!("templates/copy.js");

/// Files by their path below `web/dist`.
static FILES: LazyLock<HashMap<&str, &[u8]>> = LazyLock::new(|| {
    let files: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/web.rs"));
    files.iter().copied().collect()
});

/// Returns the reference with its Try-it form. `None` if it was not built.
#[must_use]
pub fn try_it() -> Option<&'static str> {
    std::str::from_utf8(asset("reference/index.html")?).ok()
}

/// Returns the page of the dashboard. `None` if it was not built.
#[must_use]
pub fn dashboard() -> Option<&'static str> {
    std::str::from_utf8(asset("dashboard/index.html")?).ok()
}

/// Returns a built file by its path below `web/dist`. `None` if there is none.
#[must_use]
pub fn asset(name: &str) -> Option<&'static [u8]> {
    FILES.get(name).copied()
}
