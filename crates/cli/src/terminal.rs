//! Output of commands, on standard output and standard error.
//!
//! Names and ids come from anyone who joins a meeting or sends a webhook. A terminal obeys control characters in them:
//! it clears the screen, renames its window or types for its user. None of these characters reaches a terminal: text
//! for people goes through [`visible`], data for programs through [`Output`].

use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::failure::Failure;

/// Returns `text` with escaped control characters, such as `\u{1b}`; line breaks and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    spelled(text, |c| is_obeyed(c) && !matches!(c, '\n' | '\t'))
}

/// Does the same in one line: a name with a line break cannot pass for a line of the command's own.
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

/// Returns whether a terminal does not simply show the character: control characters, and those that change the text
/// direction.
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

/// Whether to print only results and errors.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Silences [`note`] and progress.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints useful information, which is not an error, on standard error.
pub(crate) fn note(line: impl std::fmt::Display) {
    if !is_quiet() {
        complain(line);
    }
}

/// Prints on standard error, apart from the command's output.
#[expect(clippy::print_stderr, reason = "not part of the command's output")]
pub(crate) fn complain(line: impl std::fmt::Display) {
    eprintln!("{}", visible(&line.to_string()));
}

/// Handles the result of writing to standard output.
pub(crate) fn written(written: io::Result<()>) -> Result<(), Failure> {
    written.map_err(|error| match error.kind() {
        // The reader has closed the pipe.
        io::ErrorKind::BrokenPipe => Failure::reported(),
        _ => Failure::context("standard output", &error),
    })
}

/// Standard output for data: a file or a pipe gets every byte, a terminal no control characters.
#[derive(Debug)]
pub(crate) struct Output<W = io::Stdout> {
    out: W,
    is_terminal: bool,
    /// The beginning of a character whose other bytes are still to come.
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
            // A character at the end may continue in the next bytes; other bytes that are not text are escaped.
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
