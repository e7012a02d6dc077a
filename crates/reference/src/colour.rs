//! Syntax highlighting for programs in any language, so that a new language needs only its row in the generator's
//! table: comments that take a whole line, strings, numbers, and keywords that languages share. Everything else stays
//! plain.

use minijinja::Value;

/// Keywords of many languages.
const WORDS: &str = "and as async await auto begin bool boolean break case catch char class const continue def defer do done \
     double each elif else elseif elsif end ensure enum esac except exception export extends false fi final finally float \
     fn for foreach from func function global if impl implements import in include int integer interface is let local \
     long loop match mod module mut my namespace new nil none not null object of or our package pass private proc \
     procedure program protected pub public puts raise record repeat require rescue return self set sizeof static \
     string struct sub super switch then this throw throws trait true try type unless until unset use uses using var \
     void when where while with yield";

/// Returns the program as safe HTML.
pub(crate) fn to_html(program: &str) -> Value {
    let mut page = String::with_capacity(program.len() * 2);
    for line in program.split_inclusive('\n') {
        if is_comment(line.trim_start()) {
            span(&mut page, "c", line.trim_end_matches('\n'));
            page.push_str(if line.ends_with('\n') { "\n" } else { "" });
        } else {
            colour_line(&mut page, line);
        }
    }
    Value::from_safe_string(page)
}

fn is_comment(line: &str) -> bool {
    ["// ", "/// ", "-- ", "# ", "#!", "/*", "* ", "*/", "(*", "@rem "]
        .iter()
        .any(|beginning| line.starts_with(beginning))
        || matches!(line.trim_end(), "#" | "//" | "*" | "--")
}

fn colour_line(page: &mut String, line: &str) {
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (class, length) = match first {
            '"' | '\'' | '`' => match text_length(rest, first) {
                Some(length) if rest[length..].starts_with(':') => ("k", length),
                Some(length) => ("s", length),
                None => ("", 1),
            },
            c if c.is_ascii_digit() => ("n", run(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_')),
            c if c.is_alphabetic() || c == '_' || c == '$' || c == '@' => {
                let length = run(rest, |c| c.is_alphanumeric() || matches!(c, '_' | '$' | '@'));
                let known = WORDS.split_ascii_whitespace().any(|word| word == &rest[..length]);
                (if known { "w" } else { "" }, length)
            }
            c => ("", c.len_utf8()),
        };
        let (token, after) = rest.split_at(length);
        match class {
            "" => escape(page, token),
            class => span(page, class, token),
        }
        rest = after;
    }
}

/// Returns the length of a string literal that begins here and ends on this line.
fn text_length(line: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in line.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c: char| !belongs(c)).unwrap_or(text.len())
}

fn span(page: &mut String, class: &str, token: &str) {
    page.push_str("<span class=\"");
    page.push_str(class);
    page.push_str("\">");
    escape(page, token);
    page.push_str("</span>");
}

fn escape(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '&' => page.push_str("&amp;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c => page.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::to_html;

    #[test]
    fn what_is_recognised_is_coloured() {
        let html = to_html("# why\nif x == \"a\\\"b\" then 12\n{\"k\": 'v'}\nit's <b>");
        assert_eq!(
            html.as_str(),
            Some(
                "<span class=\"c\"># why</span>\n<span class=\"w\">if</span> x == <span \
                 class=\"s\">&quot;a\\&quot;b&quot;</span> <span class=\"w\">then</span> <span \
                 class=\"n\">12</span>\n{<span class=\"k\">&quot;k&quot;</span>: <span \
                 class=\"s\">&#39;v&#39;</span>}\nit&#39;s &lt;b&gt;"
            )
        );
    }

    proptest! {
        /// Without its markup, the page is the program.
        #[test]
        fn nothing_is_lost_or_added(program in "(?s).{0,200}|[\"'`#\\\\ a-z0-9:<&\n]{0,200}") {
            let html = to_html(&program);
            let mut text = String::new();
            for (index, piece) in html.as_str().unwrap().split('<').enumerate() {
                text.push_str(if index == 0 { piece } else { piece.split_once('>').unwrap().1 });
            }
            for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
                text = text.replace(entity, c);
            }
            prop_assert_eq!(text, program);
        }
    }
}
