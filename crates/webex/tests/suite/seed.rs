use std::path::PathBuf;

use rollcall_webex::{read::Request, wire};
use serde_json::Value;

/// The folder of the reference pages: next to the checkout, not in it.
fn seed() -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds");
    let entries = std::fs::read_dir(folder).ok()?;
    let path = entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("004")))?;
    std::fs::read_to_string(path).ok()
}

#[test]
fn the_sample_of_the_reference_page_reads_as_it_stands_and_prints_back_equal() {
    let Some(page) = seed() else {
        eprintln!("skipped: there are no reference pages beside the checkout");
        return;
    };
    let request = page.lines().find_map(|line| line.strip_prefix("https: //")).expect("the sample request");
    let request = Request::parse(&format!("GET https://{}", request.trim())).unwrap();
    let start = page.find("\n{").expect("the sample response") + 1;
    let mut values = serde_json::Deserializer::from_str(&page[start..]).into_iter::<Value>();
    let sample = values.next().expect("the sample response").unwrap();
    let length = values.byte_offset();

    let reading = request.read(&page.as_bytes()[start..start + length]).unwrap();
    assert_eq!(reading.defects, []);
    let [code] = reading.batch.tracking_codes.as_slice() else { panic!("one code") };
    let printed = serde_json::to_value(wire::TrackingCode::from(code)).unwrap();
    assert_eq!(printed, sample);
}
