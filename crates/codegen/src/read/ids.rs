//! Ids of operations, unique in a document and valid as file names.

use std::collections::HashSet;

/// Longer ids are cut: file systems allow 255 bytes.
const LONGEST: usize = 80;

#[derive(Debug, Default)]
pub(crate) struct Ids {
    // In lower case: some file systems are case-insensitive.
    taken: HashSet<String>,
}

impl Ids {
    /// Returns a unique id from `wanted`.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let mut name = String::new();
        for c in wanted.chars() {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                name.push(c);
            } else if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            if name.len() >= LONGEST {
                break;
            }
        }
        let name = match name.trim_matches('_') {
            "" => "operation".to_owned(),
            name => name.to_owned(),
        };
        let mut unique = name.clone();
        let mut number = 2;
        while !self.taken.insert(unique.to_lowercase()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_no_path() {
        let mut ids = Ids::default();
        assert_eq!(ids.take("List webinar participant QoS"), "List_webinar_participant_QoS");
        assert_eq!(ids.take("list webinar participant qos"), "list_webinar_participant_qos_2");
        assert_eq!(ids.take("../../etc/passwd"), "etc_passwd");
        assert_eq!(ids.take("\"; rm -rf /"), "rm_-rf");
        assert_eq!(ids.take("会議"), "operation");
    }
}
