//! The programs in `golden/` are the expected output: some operations in full, in every language, and a digest of each
//! other program. `UPDATE_GOLDEN=1 cargo nextest run -p rollcall-codegen` rewrites them; reviewing the changes
//! is the review.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use crate::common::documents;
use rollcall_codegen::{Document, Generator, LANGUAGES, Paging, Style};

/// Stored in full: a paged list; a JSON body; a form with Basic credentials; a sample that is only read.
const IN_FULL: [&str; 4] = ["users", "createTrackingCode", "createToken", "sample"];

const SAMPLE: &str = r#"{"id": 7, "2nd-name": "a \"b\"", "class": true, "mean": 4.25, "tags": ["x"], "grid": [[1, 2], [3]],
    "owner": {"id": "u1", "class": null}, "rows": [{"id": 1}, {"id": 2, "note": "n"}], "userName": "a", "user_name": "b"}"#;

/// All programs, by their file.
fn programs() -> BTreeMap<PathBuf, (bool, String)> {
    let generator = Generator::new();
    let mut programs = BTreeMap::new();
    let sample = Document::read(SAMPLE).unwrap();
    for document in documents().iter().chain([&sample]) {
        for operation in document.operations() {
            for language in LANGUAGES {
                for style in [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style)) {
                    if style == Style::Chilkat && operation.request.is_none() {
                        continue;
                    }
                    let folder = match style {
                        Style::Stdlib => language.id.to_owned(),
                        Style::Chilkat => format!("{}-{}", language.id, style.id()),
                    };
                    let path = Path::new(&folder).join(format!("{}.{}", operation.id, language.extension));
                    let program = generator.generate(operation, language, style).unwrap();
                    programs.insert(path, (IN_FULL.contains(&operation.id.as_str()), program));
                    if style == Style::Chilkat && operation.paging != Paging::None {
                        let folder = format!("{folder}-pages");
                        let path = Path::new(&folder).join(format!("{}.{}", operation.id, language.extension));
                        let program = generator.generate_following_pages(operation, language).unwrap();
                        programs.insert(path, (IN_FULL.contains(&operation.id.as_str()), program));
                    }
                }
            }
        }
    }
    programs
}

/// FNV-1a: enough to detect a change, and the same on every machine.
fn digest(program: &str) -> u64 {
    program.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn golden_files_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut expected: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut digests = String::new();
    for (path, (in_full, program)) in programs() {
        if in_full {
            expected.insert(path, program);
        } else {
            digests.push_str(&format!("{:016x} {}\n", digest(&program), path.display()));
        }
    }
    expected.insert("digests.txt".into(), digests);

    if env::var_os("UPDATE_GOLDEN").is_some() {
        let _ = fs::remove_dir_all(&folder);
        for (path, text) in &expected {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        return;
    }
    let fix = "see the head of this file";
    for (path, text) in &expected {
        let kept =
            fs::read_to_string(folder.join(path)).unwrap_or_else(|_| panic!("{} is missing: {fix}", path.display()));
        if kept != *text {
            let changed = kept.lines().zip(text.lines()).find(|(kept, text)| kept != text);
            panic!("{} is not current, {fix}; first change: {changed:#?}", path.display());
        }
    }
    let mut kept = Vec::new();
    list(&folder, &mut kept);
    for path in kept {
        let path = path.strip_prefix(&folder).unwrap();
        assert!(expected.contains_key(path), "{} is generated no more: {fix}", path.display());
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}
