//! Embeds what Vite has built: a table of the files in `web/dist`, which is empty if nothing was built.

use std::{env, fmt::Write as _, fs, path::Path};

fn main() {
    let manifest = env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is");
    let dist = Path::new(&manifest).join("../../web/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    gather(&dist, "", &mut files);
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in files {
        let _ = writeln!(table, "    ({name:?}, include_bytes!({path:?})),");
    }
    table.push_str("]\n");
    let out = env::var("OUT_DIR").expect("cargo says where to write");
    fs::write(Path::new(&out).join("web.rs"), table).expect("the table is written");
}

/// Adds the folder's files by their names below `dist`.
fn gather(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().expect("Vite gives names in ASCII");
        let path = entry.path();
        if path.is_dir() {
            gather(&path, &format!("{prefix}{name}/"), files);
        } else if !name.starts_with('.') {
            let path = fs::canonicalize(&path).expect("the file is there");
            files.push((format!("{prefix}{name}"), path.display().to_string()));
        }
    }
}
