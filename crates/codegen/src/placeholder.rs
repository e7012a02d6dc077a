//! Distinguishes real values from placeholders of tools.

use crate::model::Kind;

/// The words that Postman's converter uses: those of "Lorem ipsum".
const LOREM: &str = " ad adipisicing aliqua aliquip amet anim aute cillum commodo consectetur consequat culpa cupidatat \
                     deserunt do dolor dolore duis ea eiusmod elit enim esse est et eu ex excepteur exercitation \
                     fugiat id in incididunt ipsum irure labore laboris laborum lorem magna minim mollit nisi non \
                     nostrud nulla occaecat officia pariatur proident qui quis reprehenderit sed sint sit sunt tempor \
                     ullamco ut velit veniam voluptate ";

/// Returns whether a value is only a placeholder.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || kind_named(value).is_some()
        || (value.starts_with('<') && value.ends_with('>'))
        || (value.starts_with("{{") && value.ends_with("}}"))
        || is_lorem(value)
}

/// Returns the type that a placeholder names: `integer [int64]`, `<string>`, `boolean`.
pub(crate) fn kind_named(value: &str) -> Option<Kind> {
    let name = value.trim().trim_start_matches('<').trim_end_matches('>');
    let name = name.split_once([' ', '(', '[']).map_or(name, |(name, format)| {
        if format.trim().ends_with([']', ')']) || format.trim().starts_with('[') { name } else { "" }
    });
    match name {
        "string" => Some(Kind::Text),
        "integer" | "long" | "int" | "int32" | "int64" => Some(Kind::Integer),
        "number" | "float" | "double" => Some(Kind::Number),
        "boolean" | "bool" => Some(Kind::Boolean),
        _ => None,
    }
}

fn is_lorem(value: &str) -> bool {
    let known = |word: &str| LOREM.contains(&format!(" {} ", word.to_lowercase()));
    value.split(' ').count() > 1 && value.split(' ').all(|word| !word.is_empty() && known(word))
}

/// Returns what to send instead of a placeholder: a value of the parameter's type.
pub(crate) fn typed_value(name: &str, kind: Kind, format: Option<&str>) -> String {
    match (kind, format) {
        (Kind::Integer, _) => "1".to_owned(),
        (Kind::Number, _) => "1.5".to_owned(),
        (Kind::Boolean, _) => "true".to_owned(),
        (Kind::Text, Some("date")) => "2026-01-31".to_owned(),
        (Kind::Text, Some("date-time")) => "2026-01-31T12:00:00Z".to_owned(),
        // Clearly has to be replaced, and says by what.
        (Kind::Text, _) => format!("<{name}>"),
    }
}

/// Returns whether a parameter with this name is a secret, which must not be written into a program.
pub(crate) fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["secret", "password", "passwd", "refreshtoken", "accesstoken", "apikey"].iter().any(|word| name.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_put_in_place_of_values_is_told_from_values() {
        for placeholder in [
            "",
            "quis officia in reprehenderit",
            "sed proident in",
            "string",
            "<string>",
            "integer [int64]",
            "{{webinarId}}",
            "<webinarId>",
        ] {
            assert!(is_placeholder(placeholder), "{placeholder}");
        }
        for real in ["live", "30", "registrant_id", "68423085", "in", "integer of sorts", "a [b]", "Lorem GmbH"] {
            assert!(!is_placeholder(real), "{real}");
        }
        assert_eq!(kind_named("integer [int64]"), Some(Kind::Integer));
        assert_eq!(kind_named("number (double)"), Some(Kind::Number));
    }
}
