//! The reference of the server's API descriptions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use crate::Reference;

pub(crate) const SURFACES: [&str; 3] = ["zoom", "webex", "rollcall"];

/// Returns the reference of all APIs.
pub(crate) fn reference() -> Reference {
    let texts = SURFACES.map(description);
    let descriptions = SURFACES.into_iter().zip(texts.iter().map(String::as_str));
    Reference::new(descriptions).expect("the descriptions are well-formed")
}

/// Returns the description of an API. A test of `rollcall-http` compares its parts, which are snapshots, with what the
/// server sends. Snapshots have no samples, which are in `samples.json`.
pub(crate) fn description(surface: &str) -> String {
    let http = Path::new(env!("CARGO_MANIFEST_DIR")).join("../http");
    let folder = http.join("tests/suite/description/snapshots").join(surface);
    let samples: Value = serde_json::from_str(&read(&http.join("samples.json"))).expect("the samples are JSON");
    let mut parts = snapshots(&folder);
    let mut document = parts.remove("document").expect("the snapshot of the document exists");
    for part in parts.into_iter().map(|(_, part)| part) {
        let Some((path, item)) = part.as_object().and_then(|part| part.iter().next()) else { continue };
        let Some((method, operation)) = item.as_object().and_then(|item| item.iter().next()) else { continue };
        let mut operation = operation.clone();
        let sample = operation["operationId"].as_str().and_then(|id| samples.get(id));
        let content = operation.pointer_mut("/responses/200/content/application~1json");
        if let (Some(sample), Some(content)) = (sample, content) {
            content["example"] = sample.clone();
        }
        document["paths"][path][method] = operation;
    }
    document["components"]["schemas"] = snapshots(&folder.join("schemas")).into();
    document.to_string()
}

/// Returns the content of all snapshots in a folder, by name.
fn snapshots(folder: &Path) -> Map<String, Value> {
    let files =
        fs::read_dir(folder).expect("the folder exists").map(|file| file.expect("the folder is readable").path());
    let content = |file: PathBuf| {
        let name = file.file_stem()?.to_str()?.to_owned();
        let text = read(&file);
        let (_, json) = text.split_once("\n---\n")?;
        Some((name, serde_json::from_str(json).expect("the snapshot is JSON")))
    };
    files.filter(|file| file.is_file()).filter_map(content).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
