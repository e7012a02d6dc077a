//! The layout in the documentation is the real layout.

use rollcall_archive::{Dataset, FORMAT_VERSION, columns};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/archive.md");

/// The columns of a dataset as the documentation lists them.
fn table(dataset: Dataset) -> String {
    let head = "| column | type | null | meaning |\n|---|---|---|---|\n".to_owned();
    columns(dataset).iter().fold(head, |table, column| {
        let null = if column.required { "no" } else { "yes" };
        format!("{table}| `{}` | {} | {null} | {} |\n", column.name, column.kind.parquet_name(), column.meaning)
    })
}

/// `UPDATE_DOCS=1 cargo nextest run -p rollcall-archive` rewrites the tables.
#[test]
fn the_document_lists_every_column() {
    let mut document = std::fs::read_to_string(DOCUMENT).unwrap();
    assert!(document.contains(&format!("Version {FORMAT_VERSION}")));
    for dataset in Dataset::ALL {
        let (begin, end) = (format!("<!-- columns of {dataset} -->\n"), format!("<!-- end of {dataset} -->"));
        let from = document.find(&begin).unwrap() + begin.len();
        let to = document.find(&end).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            document.replace_range(from..to, &table(dataset));
        } else {
            assert_eq!(&document[from..to], table(dataset), "run the test with UPDATE_DOCS=1");
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(DOCUMENT, document).unwrap();
    }
}

#[test]
fn names_are_told_apart() {
    for dataset in Dataset::ALL {
        let mut names: Vec<_> = columns(dataset).iter().map(|column| column.name.as_str()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
