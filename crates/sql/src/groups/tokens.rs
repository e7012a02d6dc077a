//! Splits a statement into tokens.

use std::ops::Range;

/// A token of SQL.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or a keyword.
    Word(String),
    Quoted(String),
    Number(String),
    Text(String),
    Parameter,
    Sign(&'static str),
}

const SIGNS: [&str; 27] = [
    "->>", "||", "->", "<<", ">>", "<=", ">=", "<>", "!=", "==", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "~",
    "(", ")", ",", ".", ";", "?",
];

/// Words that end an expression, a name or an alias.
pub(super) const RESERVED: [&str; 45] = [
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "HAVING", "ORDER", "LIMIT", "OFFSET", "JOIN", "INNER", "LEFT", "RIGHT",
    "FULL", "OUTER", "CROSS", "NATURAL", "ON", "USING", "AS", "AND", "OR", "NOT", "IS", "IN", "BETWEEN", "LIKE",
    "GLOB", "REGEXP", "MATCH", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "COLLATE", "ESCAPE", "DISTINCT",
    "ISNULL", "NOTNULL", "ASC", "DESC", "NULLS", "NULL",
];

/// Returns the tokens of a statement and their positions. `None` if it contains something that only SQLite parses.
pub(super) fn tokens(sql: &str) -> Option<Vec<(Token, Range<usize>)>> {
    let bytes = sql.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let token = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {
                at += 1;
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at += sql[at..].find('\n').unwrap_or(sql.len() - at);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at += sql[at + 2..].find("*/").map_or(sql.len() - at, |end| end + 4);
                continue;
            }
            b'\'' | b'"' | b'`' => {
                let mut text = String::new();
                let quote = char::from(byte);
                at += 1;
                loop {
                    let end = at + sql[at..].find(quote)?;
                    text.push_str(&sql[at..end]);
                    at = end + 1;
                    if bytes.get(at) != Some(&byte) {
                        break;
                    }
                    text.push(quote);
                    at += 1;
                }
                if byte == b'\'' { Token::Text(text) } else { Token::Quoted(text) }
            }
            b'0'..=b'9' => {
                let digits = |at: usize| at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                at = digits(at);
                if bytes.get(at) == Some(&b'.') {
                    at = digits(at + 1);
                }
                // Exponents, hexadecimal numbers and underscores are left to SQLite.
                if bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
                    return None;
                }
                Token::Number(sql[start..at].to_owned())
            }
            b'?' if bytes.get(at + 1).is_none_or(|byte| !byte.is_ascii_digit()) => {
                at += 1;
                Token::Parameter
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => {
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                if bytes.get(at).is_some_and(|byte| !byte.is_ascii() || *byte == b'$') {
                    return None;
                }
                Token::Word(sql[start..at].to_owned())
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| sql[at..].starts_with(sign)).filter(|sign| *sign != "?")?;
                at += sign.len();
                Token::Sign(sign)
            }
        };
        tokens.push((token, start..at));
    }
    Some(tokens)
}
