//! String literals of each language, so that no text is taken for code.
//!
//! Every function here returns an expression whose value is the text. Control characters and those that change how a
//! line looks (direction marks, zero-width ones) are escaped, so that a program reads as it runs. Texts contain no NUL:
//! [`Json`](crate::json::Json) rejects it.

use std::fmt::Write as _;

/// Returns whether a character may appear in a program unescaped.
pub(crate) fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the text between `quote`s. `special` characters get a backslash; line ends and tabs their letters; other
/// characters that are not plain are written by `escape`.
pub(crate) fn quoted(text: &str, quote: char, special: &str, escape: fn(&mut String, char)) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for c in text.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c == '\\' || c == quote || special.contains(c) => literal.extend(['\\', c]),
            c if is_plain(c) => literal.push(c),
            c => escape(&mut literal, c),
        }
    }
    literal.push(quote);
    literal
}

/// Appends the output of `write!`; writing to a `String` cannot fail.
macro_rules! append {
    ($to:expr, $($what:tt)*) => {
        let _ = write!($to, $($what)*);
    };
}

/// `\u0041`, twice for characters beyond the first 65,536.
pub(crate) fn escape_utf16(literal: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        append!(literal, "\\u{unit:04x}");
    }
}

/// `\u{41}`.
pub(crate) fn escape_braced(literal: &mut String, c: char) {
    append!(literal, "\\u{{{:x}}}", u32::from(c));
}

/// `\101\102`: the bytes of UTF-8.
pub(crate) fn escape_octal(literal: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        append!(literal, "\\{byte:03o}");
    }
}

/// JSON; also JavaScript and jq.
pub(crate) fn json(text: &str) -> String {
    quoted(text, '"', "", escape_utf16)
}

/// jq: `\(` begins an expression, but a backslash is always doubled, so JSON's escapes are correct.
pub(crate) fn jq(text: &str) -> String {
    json(text)
}

pub(crate) fn python(text: &str) -> String {
    quoted(text, '"', "", |literal, c| match u32::from(c) {
        code @ ..0x10000 => {
            append!(literal, "\\u{code:04x}");
        }
        code => {
            append!(literal, "\\U{code:08x}");
        }
    })
}

/// Go has the same literals as Python.
pub(crate) fn go(text: &str) -> String {
    python(text)
}

pub(crate) fn rust(text: &str) -> String {
    quoted(text, '"', "", escape_braced)
}

/// Java translates `\u000a` before it parses quotes, so characters that end a line or a string are written in octal.
pub(crate) fn java(text: &str) -> String {
    quoted(text, '"', "", |literal, c| if c.is_ascii() { escape_octal(literal, c) } else { escape_utf16(literal, c) })
}

/// Question marks too, because two of them begin a trigraph.
pub(crate) fn c(text: &str) -> String {
    quoted(text, '"', "?", escape_octal)
}

/// Single quotes if possible, as in PHP; in others, `#` begins an expression.
pub(crate) fn ruby(text: &str) -> String {
    single_quoted(text).unwrap_or_else(|| quoted(text, '"', "#", escape_braced))
}

/// Bytes in decimal, which every Lua supports.
pub(crate) fn lua(text: &str) -> String {
    quoted(text, '"', "", |literal, c| {
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            append!(literal, "\\{byte:03}");
        }
    })
}

/// Only ASCII, because R reads a program in the encoding of the user's locale.
pub(crate) fn r(text: &str) -> String {
    let quoted = quoted(text, '"', "", escape_r);
    if quoted.is_ascii() {
        return quoted;
    }
    let mut literal = String::with_capacity(quoted.len() * 2);
    for c in quoted.chars() {
        if c.is_ascii() { literal.push(c) } else { escape_r(&mut literal, c) }
    }
    literal
}

fn escape_r(literal: &mut String, c: char) {
    let code = u32::from(c);
    append!(literal, "\\{}{{{code:x}}}", if code < 0x10000 { 'u' } else { 'U' });
}

/// Single quotes if possible, because only they and the backslash are special in them.
fn single_quoted(text: &str) -> Option<String> {
    text.chars().all(is_plain).then(|| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")))
}

pub(crate) fn php(text: &str) -> String {
    single_quoted(text).unwrap_or_else(|| quoted(text, '"', "$", escape_braced))
}

/// With `use utf8`, so that characters are characters.
pub(crate) fn perl(text: &str) -> String {
    single_quoted(text).unwrap_or_else(|| {
        quoted(text, '"', "$@", |literal, c| {
            append!(literal, "\\x{{{:x}}}", u32::from(c));
        })
    })
}

/// Also escapes braces, because Tcl counts them in the body of a loop before it parses quotes. Only ASCII, because
/// `tclsh` reads a program in the encoding of the user's locale.
pub(crate) fn tcl(text: &str) -> String {
    let quoted = quoted(text, '"', "$[]{}", escape_utf16);
    if quoted.is_ascii() {
        return quoted;
    }
    let mut literal = String::with_capacity(quoted.len() * 2);
    for c in quoted.chars() {
        if c.is_ascii() { literal.push(c) } else { escape_utf16(&mut literal, c) }
    }
    literal
}

/// Single quotes, or `$'…'` if there are invisible characters.
pub(crate) fn shell(text: &str) -> String {
    if text.chars().all(|c| is_plain(c) || c == '\n') {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    format!("${}", quoted(text, '\'', "", escape_octal))
}

/// Free Pascal's byte strings: other than plain characters as `#10`, byte by byte.
pub(crate) fn pascal(text: &str) -> String {
    pascal_pieces(text, |c| c.encode_utf8(&mut [0; 4]).bytes().map(u32::from).collect())
}

/// Delphi's UTF-16 strings.
pub(crate) fn delphi(text: &str) -> String {
    pascal_pieces(text, |c| c.encode_utf16(&mut [0; 2]).iter().copied().map(u32::from).collect())
}

/// Pieces of at most 200 bytes, because Delphi's compiler rejects pieces longer than 255. Other than plain characters
/// are written as their `units`.
fn pascal_pieces(text: &str, units: fn(char) -> Vec<u32>) -> String {
    let mut literal = String::new();
    let mut open = 0;
    for c in text.chars() {
        if is_plain(c) {
            if open > 200 {
                literal.push_str("' + ");
                open = 0;
            }
            if open == 0 {
                literal.push('\'');
            }
            literal.push(c);
            if c == '\'' {
                literal.push('\'');
            }
            open += c.len_utf8() + usize::from(c == '\'');
        } else {
            if open > 0 {
                literal.push('\'');
                open = 0;
            }
            for unit in units(c) {
                append!(literal, "#{unit}");
            }
        }
    }
    if open > 0 {
        literal.push('\'');
    }
    if literal.is_empty() { "''".to_owned() } else { literal }
}

/// Returns a text for a comment: one line, without anything that ends a comment, continues it, or begins an escape
/// (Java parses `\u000a` in comments).
pub(crate) fn comment(text: &str) -> String {
    let mut line: String = text
        .chars()
        .map(|c| match c {
            '\\' => '/',
            '{' => '(',
            '}' => ')',
            c if is_plain(c) => c,
            _ => ' ',
        })
        .take(400)
        .collect();
    for ending in ["*/", "/*", "?>", "<?", "--", "%>", "</", "??", "*)", "(*", "]]"] {
        let apart: String = ending.chars().flat_map(|c| [c, ' ']).collect();
        while line.contains(ending) {
            line = line.replace(ending, apart.trim_end());
        }
    }
    line.trim().to_owned()
}

#[cfg(test)]
#[path = "literal_tests.rs"]
mod tests;
