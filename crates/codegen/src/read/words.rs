//! The words of a command line, as the shell it was written for takes it apart.
//!
//! The crate `shlex` splits plain POSIX words only: it reads `$'…'`, pipes, `cmd.exe` and PowerShell wrongly, and says
//! neither where an error is nor which variables a line has.

use crate::error::ReadError;

/// A word of the line.
pub(super) struct Word {
    /// Its position: counted from 1, in characters.
    pub(super) at: usize,
    pub(super) text: String,
}

/// A parsed command line.
#[derive(Default)]
pub(super) struct Line {
    pub(super) words: Vec<Word>,
    /// The variables that the shell would replace.
    pub(super) variables: Vec<String>,
    /// The rest after the command: a pipe, or a redirection.
    pub(super) rest: Option<String>,
}

/// The supported shells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shell {
    Posix,
    /// `cmd.exe`: a caret escapes, and continues a line.
    Cmd,
    /// PowerShell: a backtick escapes, and continues a line.
    Power,
}

/// Parses a command line, for the shell that it looks like.
pub(super) fn words(text: &str) -> Result<Line, ReadError> {
    let text: String = text.chars().filter(|c| *c != '\0').collect();
    match shell_of(&text) {
        Shell::Posix => posix(&text),
        Shell::Cmd => Ok(cmd(&text)),
        Shell::Power => powershell(&text),
    }
}

fn shell_of(text: &str) -> Shell {
    let continues = |sign: char| {
        let mut ends = text.lines().filter_map(|line| line.trim_end().strip_suffix(sign));
        ends.any(|line| line.is_empty() || line.ends_with([' ', '\t', '"', '\'']))
    };
    if text.contains(" ^\"") || continues('^') {
        Shell::Cmd
    } else if continues('`') || (text.starts_with("curl.exe") && !text.contains("\\\n")) {
        Shell::Power
    } else {
        Shell::Posix
    }
}

/// Returns the error for command substitution, whose `$` is at this position.
fn substitution(i: usize) -> ReadError {
    ReadError::curl(i + 1, "`$(…)` runs another command; write what it would print")
}

/// Returns the name of the variable after a `$`, and its length including braces.
fn variable(rest: &[char]) -> Option<(String, usize)> {
    let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let (braced, name) = match rest.first()? {
        '{' => (true, &rest[1..]),
        _ => (false, rest),
    };
    let length = name.iter().take_while(|c| is_name(c)).count();
    if length == 0 || name[0].is_ascii_digit() {
        return None;
    }
    let text: String = name[..length].iter().collect();
    match braced {
        false => Some((text, length)),
        true => {
            let close = name.iter().position(|c| *c == '}')?;
            Some((text, close + 2))
        }
    }
}

impl Line {
    fn note(&mut self, name: String) {
        if !self.variables.contains(&name) {
            self.variables.push(name);
        }
    }
}

fn posix(text: &str) -> Result<Line, ReadError> {
    let chars: Vec<char> = text.chars().collect();
    let mut line = Line::default();
    let mut word: Option<Word> = None;
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        if c.is_whitespace() {
            line.words.extend(word.take());
            i += 1;
            continue;
        }
        if c == '\\' && chars.get(i + 1).is_none_or(|next| *next == '\n' || *next == '\r') {
            i += if chars.get(i + 1) == Some(&'\r') && chars.get(i + 2) == Some(&'\n') { 3 } else { 2 };
            continue;
        }
        if c == '|' || c == '>' || (c == '#' && word.is_none()) {
            line.rest = (c != '#').then(|| chars[i..].iter().collect());
            break;
        }
        // `2>file` redirects errors.
        if c == '2' && word.is_none() && chars.get(i + 1) == Some(&'>') {
            line.rest = Some(chars[i..].iter().collect());
            break;
        }
        let text = &mut word.get_or_insert_with(|| Word { at: i + 1, text: String::new() }).text;
        match c {
            '\'' | '"' => {
                let ansi = c == '\'' && text.ends_with('$');
                if ansi {
                    text.pop();
                }
                let mut found = Vec::new();
                i = posix_quoted(&chars, i, ansi, text, &mut found)?;
                found.into_iter().for_each(|name| line.note(name));
            }
            '\\' => {
                text.extend(chars.get(i + 1));
                i += 2;
            }
            ';' | '&' | '<' | '`' | '(' | ')' => {
                let reason = match c {
                    '`' | '(' => format!("`{c}` runs another command; insert its output"),
                    _ => format!("`{c}` outside of quotes ends the command; put the URL in quotes"),
                };
                return Err(ReadError::curl(i + 1, reason));
            }
            c => {
                text.push(c);
                if c == '$' {
                    if chars.get(i + 1) == Some(&'(') {
                        return Err(substitution(i));
                    }
                    if let Some((name, length)) = variable(&chars[i + 1..]) {
                        text.extend(&chars[i + 1..i + 1 + length]);
                        i += length;
                        line.note(name);
                    }
                }
                i += 1;
            }
        }
    }
    line.words.extend(word);
    Ok(line)
}

/// Appends the content of the quotes that open at `start`; returns the position after them.
fn posix_quoted(
    chars: &[char],
    start: usize,
    ansi: bool,
    text: &mut String,
    variables: &mut Vec<String>,
) -> Result<usize, ReadError> {
    let quote = chars[start];
    let mut i = start + 1;
    while let Some(&c) = chars.get(i) {
        match c {
            c if c == quote => return Ok(i + 1),
            '\\' if ansi => i = ansi_escape(chars, i, text),
            '\\' if quote == '"' && chars.get(i + 1).is_some_and(|next| "\"\\$`\n".contains(*next)) => {
                text.extend(chars.get(i + 1).filter(|next| **next != '\n'));
                i += 2;
            }
            '$' if quote == '"' => {
                if chars.get(i + 1) == Some(&'(') {
                    return Err(substitution(i));
                }
                text.push('$');
                if let Some((name, length)) = variable(&chars[i + 1..]) {
                    text.extend(&chars[i + 1..i + 1 + length]);
                    i += length;
                    variables.push(name);
                }
                i += 1;
            }
            c => {
                text.push(c);
                i += 1;
            }
        }
    }
    Err(ReadError::curl(start + 1, format!("the quote {quote} is never closed")))
}

/// Appends the character of an escape in `$'…'`; returns the position after it.
fn ansi_escape(chars: &[char], at: usize, text: &mut String) -> usize {
    let number = |from: usize, most: usize, radix: u32| {
        let digits: String =
            chars[from.min(chars.len())..].iter().take(most).take_while(|c| c.is_digit(radix)).collect();
        (u32::from_str_radix(&digits, radix).ok(), from + digits.len())
    };
    let Some(&c) = chars.get(at + 1) else { return at + 1 };
    let (code, end) = match c {
        'n' => (Some(10), at + 2),
        't' => (Some(9), at + 2),
        'r' => (Some(13), at + 2),
        'a' => (Some(7), at + 2),
        'b' => (Some(8), at + 2),
        'f' => (Some(12), at + 2),
        'v' => (Some(11), at + 2),
        'e' | 'E' => (Some(27), at + 2),
        'u' => number(at + 2, 4, 16),
        'U' => number(at + 2, 8, 16),
        'x' | '0'..='7' => return bytes(chars, at, text),
        other => (Some(u32::from(other)), at + 2),
    };
    text.extend(code.and_then(char::from_u32).filter(|c| *c != '\0'));
    end
}

/// Decodes consecutive bytes in hexadecimal or octal: together they are UTF-8.
fn bytes(chars: &[char], at: usize, text: &mut String) -> usize {
    let mut bytes = Vec::new();
    let mut i = at;
    while chars.get(i) == Some(&'\\') {
        let (from, most, radix) = match chars.get(i + 1) {
            Some('x') => (i + 2, 2, 16),
            Some('0'..='7') => (i + 1, 3, 8),
            _ => break,
        };
        let digits: String = chars[from..].iter().take(most).take_while(|c| c.is_digit(radix)).collect();
        let Ok(byte) = u32::from_str_radix(&digits, radix) else { break };
        bytes.push(u8::try_from(byte & 0xff).unwrap_or(0));
        i = from + digits.len();
    }
    if i == at {
        return at + 2;
    }
    text.push_str(&String::from_utf8_lossy(&bytes).replace('\0', ""));
    i
}

/// `cmd.exe` first removes its carets, then the program splits its command line by the rules of Microsoft's C library.
fn cmd(text: &str) -> Line {
    let mut line = Line::default();
    let mut plain: Vec<char> = Vec::new();
    let mut quoted = false;
    let mut chars = text.chars().filter(|c| *c != '\r').peekable();
    while let Some(c) = chars.next() {
        match c {
            '^' if !quoted => match chars.next() {
                // A caret at the end of a line continues it; the character after the line break is literal.
                Some('\n') => plain.extend(chars.next_if(|next| *next == '\n')),
                Some(next) => plain.push(next),
                None => {}
            },
            '|' | '>' if !quoted => {
                line.rest = Some(std::iter::once(c).chain(chars).collect());
                break;
            }
            c => {
                quoted ^= c == '"';
                plain.push(c);
            }
        }
    }
    let joined: String = plain.iter().collect();
    let mut parts = joined.split('%');
    parts.next();
    while let (Some(name), Some(_)) = (parts.next(), parts.clone().next()) {
        // `%C3%A9` is a percent-encoded character.
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if name.len() > 2 && name.chars().all(is_name) && !name.starts_with(|c: char| c.is_ascii_digit()) {
            line.note(name.to_owned());
            parts.next();
        }
    }
    line.words = windows_arguments(&plain);
    line
}

/// An even number of backslashes before a quote is halved; an odd number escapes the quote.
fn windows_arguments(chars: &[char]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quoted = false;
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        if c.is_whitespace() && !quoted {
            words.extend(word.take());
            i += 1;
            continue;
        }
        let text = &mut word.get_or_insert_with(|| Word { at: i + 1, text: String::new() }).text;
        let slashes = chars[i..].iter().take_while(|c| **c == '\\').count();
        if slashes > 0 {
            let before_quote = chars.get(i + slashes) == Some(&'"');
            let kept = if before_quote { slashes / 2 } else { slashes };
            text.extend(std::iter::repeat_n('\\', kept));
            i += slashes;
            if before_quote && slashes % 2 == 1 {
                text.push('"');
                i += 1;
            }
        } else if c == '"' {
            if quoted && chars.get(i + 1) == Some(&'"') {
                text.push('"');
                i += 1;
            } else {
                quoted = !quoted;
            }
            i += 1;
        } else {
            text.push(c);
            i += 1;
        }
    }
    words.extend(word);
    words
}

fn powershell(text: &str) -> Result<Line, ReadError> {
    let chars: Vec<char> = text.chars().filter(|c| *c != '\r').collect();
    let mut line = Line::default();
    let mut word: Option<Word> = None;
    let mut quote: Option<(char, usize)> = None;
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        let next = chars.get(i + 1).copied();
        if quote.is_none() {
            if c == '`' && next == Some('\n') {
                i += 2;
                continue;
            }
            if c.is_whitespace() {
                line.words.extend(word.take());
                i += 1;
                continue;
            }
            if c == '|' || c == '>' {
                line.rest = Some(chars[i..].iter().collect());
                break;
            }
        }
        let text = &mut word.get_or_insert_with(|| Word { at: i + 1, text: String::new() }).text;
        match (quote, c) {
            (Some((open, _)), c) if c == open => {
                if next == Some(open) {
                    text.push(open);
                    i += 1;
                } else {
                    quote = None;
                }
            }
            (None, '\'' | '"') => quote = Some((c, i + 1)),
            (None | Some(('"', _)), '`') => {
                text.push(match next {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => '`',
                });
                i += 1;
            }
            (None | Some(('"', _)), '$') => {
                if next == Some('(') {
                    return Err(substitution(i));
                }
                text.push('$');
                let rest = &chars[i + 1..];
                let environment = usize::from(rest.starts_with(&['e', 'n', 'v', ':'])) * 4;
                if let Some((name, length)) = variable(&rest[environment..]) {
                    text.push_str(&name);
                    i += environment + length;
                    line.note(name);
                }
            }
            (_, c) => text.push(c),
        }
        i += 1;
    }
    if let Some((open, at)) = quote {
        return Err(ReadError::curl(at, format!("the quote {open} is never closed")));
    }
    line.words.extend(word);
    // PowerShell before 7.3 passes quotes on unchanged, so people also escape them for the program.
    for word in &mut line.words {
        word.text = word.text.replace("\\\"", "\"");
    }
    Ok(line)
}
