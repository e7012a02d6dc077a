//! Names of variables: built from the words of JSON names, in the language's style, each unique.

use std::collections::{HashMap, HashSet};

/// How a language writes a name of several words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `user_name`
    Snake,
    /// `userName`
    Camel,
    /// `UserName`
    Pascal,
    /// `USER_NAME`
    Upper,
}

impl Case {
    /// Returns words as one name.
    #[must_use]
    pub fn join(self, words: &[String]) -> String {
        let mut name = String::new();
        for (index, word) in words.iter().enumerate() {
            match self {
                Self::Snake | Self::Upper => {
                    if index > 0 {
                        name.push('_');
                    }
                    let upper = |word: &String| word.to_ascii_uppercase();
                    name.push_str(&if self == Self::Upper { upper(word) } else { word.clone() });
                }
                Self::Camel if index == 0 => name.push_str(word),
                Self::Camel | Self::Pascal => {
                    let mut chars = word.chars();
                    name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
                    name.push_str(chars.as_str());
                }
            }
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            let words = [vec!["field".to_owned()], words.to_vec()].concat();
            return self.join(&words);
        }
        name
    }
}

/// Returns the words of a name in lower case: split at characters other than letters and digits, and before a capital
/// after a small letter. Letters beyond ASCII are omitted, because not every language allows them.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars().take(64) {
        if c.is_ascii_alphanumeric() {
            let begins = !before.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase());
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(c.to_ascii_lowercase());
            }
        }
        before = c;
    }
    if words.is_empty() {
        words.push("field".to_owned());
    }
    words
}

/// Returns the singular: `participants` consists of `participant`s.
pub(crate) fn one_of(mut words: Vec<String>) -> Vec<String> {
    let Some(last) = words.last_mut() else { return words };
    let stem = last.strip_suffix("ies").filter(|stem| stem.len() > 1).map(|stem| format!("{stem}y")).or_else(|| {
        let kept = ["ss", "us", "is", "os", "as"];
        let stem = last.strip_suffix('s').filter(|stem| stem.len() > 1)?;
        (!kept.iter().any(|end| last.ends_with(end))).then(|| stem.to_owned())
    });
    match stem {
        Some(stem) => *last = stem,
        None => words.push("item".to_owned()),
    }
    words
}

/// Allocates unique names.
#[derive(Debug, Clone)]
pub(crate) struct Names<'a> {
    case: Case,
    /// In lower case: some languages are case-insensitive, and readers should not depend on case.
    reserved: &'a HashSet<String>,
    taken: HashSet<String>,
    /// For numbered names: the number of suffixes that are taken already.
    endings: HashMap<String, usize>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(case: Case, reserved: &'a HashSet<String>) -> Self {
        Self { case, reserved, taken: HashSet::new(), endings: HashMap::new() }
    }

    /// Names all of these at once. Each is a path of words, outermost first; its name consists of as few of the last
    /// parts as distinguish it from all others.
    pub(crate) fn take_all(&mut self, paths: &[Vec<Vec<String>>]) -> Vec<String> {
        let mut names: Vec<Option<String>> = vec![None; paths.len()];
        let deepest = paths.iter().map(Vec::len).max().unwrap_or(0);
        for length in 1..=deepest {
            let candidate = |path: &Vec<Vec<String>>| {
                let from = path.len().saturating_sub(length);
                self.case.join(&path[from..].concat())
            };
            let open: Vec<(usize, String)> = (0..paths.len())
                .filter(|index| names[*index].is_none() && paths[*index].len() >= length)
                .map(|index| (index, candidate(&paths[index])))
                .collect();
            let mut uses: HashMap<String, usize> = HashMap::new();
            for (_, name) in &open {
                *uses.entry(name.to_lowercase()).or_default() += 1;
            }
            for (index, name) in open {
                let folded = name.to_lowercase();
                if uses[&folded] == 1 && !self.reserved.contains(&folded) && self.taken.insert(folded) {
                    names[index] = Some(name);
                }
            }
        }
        let numbered =
            |(name, path): (Option<String>, &Vec<Vec<String>>)| name.unwrap_or_else(|| self.take_numbered(path));
        names.into_iter().zip(paths).map(numbered).collect()
    }

    /// The whole path with a unique suffix.
    fn take_numbered(&mut self, path: &[Vec<String>]) -> String {
        let words = path.concat();
        let key = self.case.join(&words).to_lowercase();
        // Taken names are skipped: a thousand fields with one name are not compared with each other.
        let first = self.endings.get(&key).copied().unwrap_or(0);
        for ending in first.. {
            let mut words = words.clone();
            match ending {
                0 => {}
                1 => words.push("value".to_owned()),
                number => words.push(number.to_string()),
            }
            let name = self.case.join(&words);
            let folded = name.to_lowercase();
            if !self.reserved.contains(&folded) && self.taken.insert(folded) {
                self.endings.insert(key, ending + 1);
                return name;
            }
        }
        unreachable!("there is always a further number")
    }
}

/// Returns the words of a template that may be names in the program: everything outside of its tags that looks like
/// one.
pub(crate) fn words_in_template(template: &str) -> HashSet<String> {
    let mut words = HashSet::new();
    let mut rest = template;
    loop {
        let tag = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min();
        let text = &rest[..tag.unwrap_or(rest.len())];
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        words.extend(text.split(|c| !is_word(c)).filter(|word| !word.is_empty()).map(str::to_lowercase));
        let Some(tag) = tag else { return words };
        let close = match &rest[tag..tag + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        match rest[tag..].find(close) {
            Some(end) => rest = &rest[tag + end + 2..],
            None => return words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> Vec<Vec<String>> {
        path.split('.').map(words).collect()
    }

    #[test]
    fn names_tell_fields_apart_by_as_little_as_they_can() {
        let reserved = HashSet::from(["class".to_owned(), "type".to_owned()]);
        let mut names = Names::new(Case::Snake, &reserved);
        let given = names.take_all(&[
            path("user.userName"),
            path("user.audio_input.bitrate"),
            path("user.audio_output.bitrate"),
            path("user.type"),
            path("class"),
            path("user.user-name"),
            path("2fa"),
            path("会議"),
        ]);
        assert_eq!(
            given,
            [
                "user_user_name",
                "audio_input_bitrate",
                "audio_output_bitrate",
                "user_type",
                "class_value",
                "user_user_name_value",
                "field_2fa",
                "field"
            ]
        );
    }

    /// Quadratic work would take minutes here.
    #[test]
    fn many_fields_of_one_name_are_not_tried_against_each_other() {
        let reserved = HashSet::from(["field3".to_owned()]);
        let paths = vec![path("会議"); 9_900];
        let begun = std::time::Instant::now();
        let names = Names::new(Case::Camel, &reserved).take_all(&paths);
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        assert_eq!(names[..4], ["field", "fieldValue", "field2", "field4"]);
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }

    #[test]
    fn one_of_several_is_called_by_the_singular() {
        for (several, one) in [
            ("participants", "participant"),
            ("user_qos", "user_qos_item"),
            ("categories", "category"),
            ("access", "access_item"),
            ("data", "data_item"),
        ] {
            assert_eq!(Case::Snake.join(&one_of(words(several))), one);
        }
    }
}
