//! Files for other tools. `tests/clients` checks that Postman's runner completes the collections.

use rollcall_codegen::Document;
use rollcall_reference::{Page, Site};
use serde_json::Value;

use crate::described::{description, reference};

#[test]
fn a_collection_is_one_that_is_read_again_with_all_its_operations_and_their_errors() {
    let reference = reference();
    let site = Site { base_url: "http://localhost", examples: None };
    for surface in ["zoom", "webex"] {
        let described = Document::read(&description(surface)).unwrap();
        let file = format!("{surface}.postman_collection.json");
        let Page::Json(collection) = reference.download(&site, &file).unwrap() else { panic!("{file} is JSON") };
        let read = Document::read(&collection).unwrap();
        assert_eq!(read.operations().len(), described.operations().len());
        for operation in described.operations() {
            let again = read.operations().iter().find(|one| one.title == operation.title).unwrap();
            assert_eq!(again.answers.len(), operation.answers.len(), "{}", operation.id);
        }
        let collection: Value = serde_json::from_str(&collection).unwrap();
        assert_eq!(collection["auth"]["type"], "oauth2");
    }
}
