//! Shared test data.

#![allow(dead_code, reason = "each test file uses its part")]

use std::{fs, path::Path};

use rollcall_codegen::Document;

/// This project's own descriptions, from their snapshots.
pub(crate) fn documents() -> Vec<Document> {
    ["zooms", "webexs"].map(|name| Document::read(&description(name)).unwrap()).into()
}

/// The text of one of them.
pub(crate) fn description(name: &str) -> String {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../http/tests/description/snapshots");
    let path = snapshots.join(format!("description__documents__{name}_document_stays_as_it_is.snap"));
    let snapshot = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // A snapshot begins with a header between lines of dashes.
    snapshot.splitn(3, "---\n").nth(2).unwrap().to_owned()
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
