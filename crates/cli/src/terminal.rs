//! What commands print, on standard output and standard error.
//!
//! Names and ids come from whoever joined a meeting or sent a webhook. A terminal obeys control characters in them: it
//! clears the screen, renames its window or types for its user. No such character reaches one; whatever a command says to
//! people goes through [`visible`], and whatever it writes for programs through [`Output`].

use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::failure::Failure;

/// `text` with its control characters spelled out, `\u{1b}` for an escape; lines and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    spelled(text, |c| is_obeyed(c) && !matches!(c, '\n' | '\t'))
}

/// The same in one line: a name that holds a line break cannot pass for a line of the command's own.
pub(crate) fn visible_line(text: &str) -> Cow<'_, str> {
    spelled(text, is_obeyed)
}

fn spelled(text: &str, is_spelled: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_spelled) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_spelled(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Whether a terminal does something else with it than show it: control characters of both sets, and those that turn the
/// direction of what follows.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Prints a line for people on standard output.
pub(crate) fn print(line: impl std::fmt::Display) -> Result<(), Failure> {
    written(writeln!(io::stdout(), "{}", visible(&line.to_string())))
}

/// Prints a line for programs on standard output.
pub(crate) fn print_data(line: impl std::fmt::Display) -> Result<(), Failure> {
    written(writeln!(Output::new(), "{line}"))
}

/// Whether only results and errors are printed.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Has [`note`] say nothing, and progress stay hidden.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints on standard error what is good to know and no error.
pub(crate) fn note(line: impl std::fmt::Display) {
    if !is_quiet() {
        complain(line);
    }
}

/// Prints on standard error, beside what the command is asked for.
#[expect(clippy::print_stderr, reason = "what is no part of what the command prints")]
pub(crate) fn complain(line: impl std::fmt::Display) {
    eprintln!("{}", visible(&line.to_string()));
}

/// What became of writing to standard output.
pub(crate) fn written(written: io::Result<()>) -> Result<(), Failure> {
    written.map_err(|error| match error.kind() {
        // The reader has read enough.
        io::ErrorKind::BrokenPipe => Failure::reported(),
        _ => Failure::context("standard output", &error),
    })
}

/// Standard output for what programs read: a file or a pipe gets every byte, a terminal none that it would obey.
#[derive(Debug)]
pub(crate) struct Output<W = io::Stdout> {
    out: W,
    is_terminal: bool,
    /// The beginning of a character whose rest is still to come.
    begun: Vec<u8>,
}

impl Output {
    pub(crate) fn new() -> Self {
        let out = io::stdout();
        let is_terminal = out.is_terminal();
        Self { out, is_terminal, begun: Vec::new() }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.out.write(bytes);
        }
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Ok(_) => self.begun.len(),
            // A character at the end may go on with the next bytes; anything else that is no text is shown as such.
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => self.begun.len(),
        };
        let rest = self.begun.split_off(whole);
        let text = String::from_utf8_lossy(&self.begun).replace("\r\n", "\n");
        self.out.write_all(visible(&text).as_bytes())?;
        self.begun = rest;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a\u{1b}[2J\u{7}\u{9b}31m\rb\u{202e}\u{7f}é\n\t";

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        let shown = "a\\u{1b}[2J\\u{7}\\u{9b}31m\\u{d}b\\u{202e}\\u{7f}é\n\t";
        assert_eq!(visible(NASTY), shown);
        assert_eq!(visible_line(NASTY), shown.replace('\n', "\\u{a}").replace('\t', "\\u{9}"));
        assert!(matches!(visible("plain – text\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn programs_get_every_byte_and_terminals_none_that_they_obey() {
        let write = |is_terminal, piece: usize| {
            let mut output = Output { out: Vec::new(), is_terminal, begun: Vec::new() };
            NASTY.as_bytes().chunks(piece).for_each(|bytes| output.write_all(bytes).unwrap());
            String::from_utf8(output.out).unwrap()
        };
        for piece in [1, 2, 3, 100] {
            assert_eq!(write(false, piece), NASTY);
            assert_eq!(write(true, piece), visible(NASTY));
        }
    }
}
