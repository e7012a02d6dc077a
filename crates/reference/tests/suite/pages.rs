//! A page for each operation and language.

use rollcall_codegen::{Document, Generator, LANGUAGES, Operation, Style, export};
use rollcall_reference::{Page, Site};

use crate::described::{SURFACES, description, reference};

/// The visible text of a page: without tags, and with entities decoded.
pub(crate) fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for (index, piece) in html.split('<').enumerate() {
        text.push_str(if index == 0 { piece } else { piece.split_once('>').map_or("", |(_, after)| after) });
    }
    for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'")] {
        text = text.replace(entity, c);
    }
    text.replace("&amp;", "&")
}

/// Whether the only script of a page is the one for copying.
pub(crate) fn has_no_foreign_script(html: &str) -> bool {
    let own = "<script src=\"/reference/copy.js\"></script>";
    html.matches("<script").count() == html.matches(own).count() && html.matches(own).count() <= 1
}

fn slug(operation: &Operation) -> String {
    let words = operation.title.to_lowercase().replace('\'', "");
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[test]
fn every_operation_of_zoom_has_a_page_in_every_language_with_all_that_the_documents_have() {
    check_pages("zoom");
}

#[test]
fn every_other_operation_has_a_page_in_every_language_with_all_that_the_documents_have() {
    for surface in SURFACES.into_iter().filter(|surface| *surface != "zoom") {
        check_pages(surface);
    }
}

fn check_pages(surface: &str) {
    let (reference, generator) = (reference(), Generator::new());
    let site = Site { base_url: "http://localhost", examples: None };
    let mut document = Document::read(&description(surface)).unwrap();
    document.set_base_url(site.base_url);
    for operation in document.operations() {
        let slug = slug(operation);
        let curl = export::curl_line(operation).unwrap();
        let postman = export::postman_item(operation).unwrap().pretty();
        let sample = operation.good_answer().unwrap().sample.as_ref().map(|sample| sample.pretty());
        for language in LANGUAGES {
            for style in [Style::Stdlib, Style::Chilkat].into_iter().filter(|style| language.has(*style)) {
                let path = format!("{surface}/{slug}/{}/{}", language.id, style.id());
                let named = (style != Style::Stdlib).then_some(style.id());
                let page = match reference.program(&site, surface, &slug, language.id, named).unwrap() {
                    Page::Html(html) => text(&html.replace("&#x2f;", "/")),
                    other => panic!("{path}: {other:?}"),
                };
                let program = generator.generate(operation, language, style).unwrap();
                let order = [Some(&program), sample.as_ref(), Some(&curl), Some(&postman)];
                let mut from = 0;
                for (part, name) in order.into_iter().zip(["program", "sample", "curl line", "Postman item"]) {
                    let Some(part) = part else { continue };
                    let at = page[from..].find(part.as_str()).unwrap_or_else(|| panic!("{path} has its {name}"));
                    from += at + part.len();
                }
                let errors = operation.answers.iter().filter(|answer| answer.status >= 300);
                for error in errors.filter_map(|answer| answer.sample.as_ref()) {
                    assert!(page.contains(&error.pretty()), "{path} has its errors");
                }
                let file = format!("{slug}.{}", language.extension);
                let file = reference.program_file(&site, surface, &slug, language.id, style.id(), &file).unwrap();
                assert_eq!(file, Page::Program(program), "{path}");
            }
        }
    }
}

#[test]
fn the_plain_style_has_one_address() {
    let site = Site { base_url: "http://localhost", examples: None };
    let page = reference().program(&site, "zoom", "list-users", "python", Some("stdlib")).unwrap();
    assert_eq!(page, Page::Moved("/reference/zoom/list-users/python".to_owned()));
}
