//! Shared test data.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rollcall_codegen::Document;
use serde_json::Value;

/// This project's own descriptions of the vendors' APIs, from their snapshots.
pub(crate) fn documents() -> Vec<Document> {
    ["zoom", "webex"].map(|surface| Document::read(&description(surface)).unwrap()).into()
}

/// The text of one of them. Its parts are snapshots of `rollcall-http`: one for each operation and each schema, and one
/// for the rest.
pub(crate) fn description(surface: &str) -> String {
    let http = Path::new(env!("CARGO_MANIFEST_DIR")).join("../http");
    let samples: Value = serde_json::from_str(&read(&http.join("samples.json"))).unwrap();
    let folder = http.join("tests/suite/description/snapshots").join(surface);
    let mut parts = snapshots(&folder);
    let mut document = parts.remove("document").unwrap();
    for part in parts.values() {
        let (path, item) = part.as_object().unwrap().iter().next().unwrap();
        let (method, operation) = item.as_object().unwrap().iter().next().unwrap();
        let mut operation = operation.clone();
        let sample = operation["operationId"].as_str().and_then(|id| samples.get(id));
        let content = operation.pointer_mut("/responses/200/content/application~1json");
        if let (Some(sample), Some(content)) = (sample, content) {
            content["example"] = sample.clone();
        }
        document["paths"][path][method] = operation;
    }
    document["components"]["schemas"] = snapshots(&folder.join("schemas")).into_iter().collect();
    serde_json::to_string_pretty(&document).unwrap()
}

fn snapshots(folder: &Path) -> BTreeMap<String, Value> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file());
    let content = |path: PathBuf| {
        let text = read(&path);
        // A snapshot begins with a header between lines of dashes.
        let json = text.splitn(3, "---\n").nth(2).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), serde_json::from_str(json).unwrap())
    };
    files.map(content).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Texts that escape from literals and comments that do not quote them.
pub(crate) fn hostile() -> Vec<String> {
    [
        "\"; rm -rf ~; echo \"",
        "'; rm -rf ~; echo '",
        "*/ evil(); /*",
        "${HOME} $(id) `id` $HOME",
        "#{exit} %{x} {{x}} {%x%}",
        "[exit] \\[exit\\] {unbalanced",
        "unbalanced} [open ]]> --> <!-- ?> <?php %> </script>",
        "line\nexit(1)\r\nexit(1)\tx",
        "\\",
        "\\\\\"",
        "ends with backslash\\",
        "\u{2028}\u{2029}\u{85}\u{202e}\u{feff}\u{200d}\u{1}\u{7f}\u{1b}[31m",
        "% %s %d %n %% @x @{[1]} &amp; \\u000aexit \\x41 \\101 \\(1+1)",
        "שלום 會議 😀 é e\u{301} 👩\u{200d}👩\u{200d}👧",
        "'''\"\"\" ''' ]] ]=] )\" )EOF JQ\nJQ\n",
        "Ctrl\u{8}\u{c}\u{b}\u{7}",
        "-- comment // comment # comment",
        "class",
        "2fa",
        "a-b.c/d:e",
    ]
    .map(str::to_owned)
    .into()
}
