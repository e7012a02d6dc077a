//! Converts Markdown of descriptions to HTML of pages.

use minijinja::Value;
use pulldown_cmark::{CowStr, Event, Parser, Tag, html};

/// Returns the text as safe HTML. HTML in the text is escaped, and links lead to the web or within the site.
pub(crate) fn to_html(markdown: &str) -> Value {
    let events = Parser::new(markdown).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) if !is_safe(&dest_url) => {
            Event::Start(Tag::Link { link_type, dest_url: CowStr::Borrowed("#"), title, id })
        }
        // A page requests nothing from other hosts, so images become links.
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url = if is_safe(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(pulldown_cmark::TagEnd::Image) => Event::End(pulldown_cmark::TagEnd::Link),
        other => other,
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    Value::from_safe_string(page)
}

fn is_safe(address: &str) -> bool {
    ["https://", "http://", "/", "#"].iter().any(|beginning| address.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn markdown_becomes_html_and_html_becomes_text() {
        for (markdown, expected) in [
            ("`live` or **past**", "<p><code>live</code> or <strong>past</strong></p>\n"),
            ("a <script>b</script>", "<p>a &lt;script&gt;b&lt;/script&gt;</p>\n"),
            ("[x](javascript:alert(1))", "<p><a href=\"#\">x</a></p>\n"),
            ("![x](https://example.com/x.png)", "<p><a href=\"https://example.com/x.png\">x</a></p>\n"),
        ] {
            assert_eq!(to_html(markdown).as_str(), Some(expected), "{markdown}");
        }
    }
}
