//! Every language has a program for every operation, and no text of a description gets into one as code.

use std::collections::BTreeSet;

use crate::common::{documents, hostile};
use rollcall_codegen::{Document, Generator, LANGUAGES, Style};

#[test]
fn every_language_writes_every_operation() {
    let generator = Generator::new();
    for document in documents() {
        for operation in document.operations() {
            for language in LANGUAGES {
                for style in [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style)) {
                    let program = generator.generate(operation, language, style).unwrap();
                    assert!(program.len() > 200, "{} in {}", operation.id, language.name);
                    let blank = program.lines().find(|line| line.ends_with([' ', '\t']) && !line.trim().is_empty());
                    assert_eq!(blank, None, "{} in {}: a blank at a line's end", operation.id, language.name);
                }
            }
        }
    }
}

#[test]
fn languages_are_told_apart() {
    let ids: BTreeSet<&str> = LANGUAGES.iter().map(|language| language.id).collect();
    assert_eq!(ids.len(), LANGUAGES.len());
    for language in LANGUAGES {
        assert!(language.id.chars().all(|c| c.is_ascii_lowercase()), "{}", language.id);
        assert!(language.run.contains("FILE"), "{}", language.id);
    }
}

/// Any name and value of a description occurs in a program only as a literal.
#[test]
fn hostile_names_reach_no_program_as_they_are() {
    let generator = Generator::new();
    for text in hostile() {
        let name = serde_json::to_string(&text).unwrap();
        let sample = format!(r#"{{{name}: {name}, "list": [{{{name}: {{{name}: 1}}}}]}}"#);
        let document = Document::read(&sample).unwrap();
        for language in LANGUAGES {
            let program = generator.generate(&document.operations()[0], language, Style::Stdlib).unwrap();
            for line in text.lines().skip(1).filter(|line| line.len() > 3) {
                assert!(!program.lines().any(|have| have.trim() == line), "{}: {line}\n{program}", language.name);
            }
        }
    }
}
