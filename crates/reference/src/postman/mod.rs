//! Postman collections that run from top to bottom: each request uses values from earlier responses.
//!
//! The generator makes the items, with samples and errors; this module adds an order, variables that replace values of
//! the description, and scripts that check a response and save values for later requests.

mod webex;
mod zoom;

use rollcall_codegen::{Content, Document, Json, Operation, export};

use crate::{catalog::Catalog, examples::Examples};

/// One request of a run.
struct Step {
    /// The operation's id.
    id: &'static str,
    /// Parameters, whose values may contain variables.
    set: &'static [(&'static str, &'static str)],
    /// The body, if it differs from that of the description.
    body: Option<&'static str>,
    /// Variables, with the paths of their values in the response, which scripts call `body`.
    keep: &'static [(&'static str, &'static str)],
}

const STEP: Step = Step { id: "", set: &[], body: None, keep: &[] };

const FROM: (&str, &str) = ("from", "{{from}}");
const TO: (&str, &str) = ("to", "{{to}}");

/// Before each request: the window of lists, unless it was set by the user.
const PREPARE: &[&str] = &[
    "const day = (daysAgo) => new Date(Date.now() - daysAgo * 86400000).toISOString().slice(0, 10);",
    "if (!pm.environment.get(\"from\")) pm.environment.set(\"from\", day(28));",
    "if (!pm.environment.get(\"to\")) pm.environment.set(\"to\", day(0));",
];

/// After each response.
const CHECK: &[&str] = &[
    "pm.test(\"the request succeeds\", () => pm.expect(pm.response.code, pm.response.text()).to.be.within(200, 299));",
];

/// Returns the steps of an API. `None` if it has no collection.
fn steps(catalog: &Catalog) -> Option<&'static [Step]> {
    match catalog.id {
        "zoom" => Some(zoom::STEPS),
        "webex" => Some(webex::STEPS),
        _ => None,
    }
}

/// Returns the parameters of an operation in a run, whose values may contain variables.
pub(crate) fn values(operation_id: &str) -> &'static [(&'static str, &'static str)] {
    step(operation_id).map_or(&[], |step| step.set)
}

/// Returns the body of an operation in a run, if it differs from that of the description.
pub(crate) fn body_of(operation_id: &str) -> Option<&'static str> {
    step(operation_id)?.body
}

fn step(operation_id: &str) -> Option<&'static Step> {
    zoom::STEPS.iter().chain(webex::STEPS).find(|step| step.id == operation_id)
}

/// Replaces an operation's body, if it has one.
pub(crate) fn set_body(operation: &mut Operation, text: String) {
    if let Some(body) = operation.request.as_mut().and_then(|request| request.body.as_mut()) {
        body.content = Content::Text(text);
    }
}

/// Returns whether the API has a collection.
pub(crate) fn is_there(catalog: &Catalog) -> bool {
    steps(catalog).is_some()
}

/// Returns the API's collection, with this base URL.
pub(crate) fn collection(catalog: &Catalog, base_url: &str) -> Option<Json> {
    let steps = steps(catalog)?;
    let mut folders: Vec<(&str, Vec<Json>)> = Vec::new();
    for step in steps {
        let operation = catalog.document.operation(step.id)?;
        let (group, item) = (catalog.group(step.id)?, item(operation, step)?);
        match folders.last_mut() {
            Some((last, items)) if *last == group => items.push(item),
            _ => folders.push((group, vec![item])),
        }
    }
    let folders = folders.into_iter().map(|(name, items)| Json::from([("name", name.into()), ("item", items.into())]));
    let mut document = Document { operations: Vec::new(), ..catalog.document.clone() };
    document.set_base_url(base_url);
    let mut collection = export::postman_collection(&document);
    if let Json::Object(members) = &mut collection {
        members.insert("item".to_owned(), folders.collect::<Vec<_>>().into());
        members.insert("event".to_owned(), vec![script("prerequest", PREPARE), script("test", CHECK)].into());
    }
    Some(collection)
}

/// Returns the environment of the API's collection, with this base URL and the demo's values.
pub(crate) fn environment(catalog: &Catalog, base_url: &str, examples: Option<&Examples>) -> Option<Json> {
    steps(catalog)?;
    let mut document = catalog.document.clone();
    document.set_base_url(base_url);
    let mut environment = export::postman_environment(&document);
    let variables = examples.map(|examples| examples.variables(catalog)).unwrap_or_default();
    if let Json::Object(members) = &mut environment
        && let Some(Json::Array(values)) = members.get_mut("values")
    {
        values.extend(variables.into_iter().map(|(name, value)| {
            Json::from([
                ("key", name.into()),
                ("value", value.into()),
                ("type", "default".into()),
                ("enabled", true.into()),
            ])
        }));
    }
    Some(environment)
}

fn item(operation: &Operation, step: &Step) -> Option<Json> {
    let mut operation = operation.clone();
    for (name, value) in step.set {
        operation.set(name, value);
    }
    if let Some(text) = step.body {
        set_body(&mut operation, text.to_owned());
    }
    let mut item = export::postman_item(&operation)?;
    if let (Json::Object(members), false) = (&mut item, step.keep.is_empty()) {
        let mut lines = vec!["const body = pm.response.json();".to_owned()];
        lines.extend(step.keep.iter().map(|(variable, value)| format!("pm.environment.set(\"{variable}\", {value});")));
        members.insert("event".to_owned(), vec![script("test", &lines)].into());
    }
    Some(item)
}

/// Returns a script for an event.
fn script<T: AsRef<str>>(event: &str, lines: &[T]) -> Json {
    let lines: Vec<Json> = lines.iter().map(|line| line.as_ref().into()).collect();
    let script = Json::from([("type", "text/javascript".into()), ("exec", lines.into())]);
    Json::from([("listen", event.into()), ("script", script)])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::described::reference;

    #[test]
    fn a_run_asks_every_operation_once_and_sets_parameters_that_there_are() {
        for catalog in &reference().catalogs {
            let Some(steps) = steps(catalog) else { continue };
            let asked: Vec<&str> = steps.iter().map(|step| step.id).collect();
            let known: BTreeSet<&str> =
                catalog.document.operations().iter().map(|operation| operation.id.as_str()).collect();
            assert_eq!((asked.iter().copied().collect(), asked.len()), (known.clone(), known.len()));
            for step in steps {
                let mut operation = catalog.document.operation(step.id).unwrap().clone();
                for (name, value) in step.set {
                    assert!(operation.set(name, value), "{} takes {name}", step.id);
                }
                let has_body = operation.request.as_ref().is_some_and(|request| request.body.is_some());
                assert!(step.body.is_none() || has_body, "{} takes a body", step.id);
            }
        }
    }

    #[test]
    fn a_variable_is_kept_before_it_is_used() {
        for catalog in &reference().catalogs {
            let Some(collection) = collection(catalog, "http://localhost") else { continue };
            let environment = environment(catalog, "http://localhost", None).unwrap().to_string();
            let mut known: BTreeSet<String> = ["from", "to", "$timestamp"].map(str::to_owned).into();
            known.extend(
                environment.split("\"key\":\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())),
            );
            for folder in collection.get("item").unwrap().as_array().unwrap() {
                for item in folder.get("item").unwrap().as_array().unwrap() {
                    let mut request = item.get("request").unwrap().clone();
                    if let Json::Object(members) = &mut request {
                        members.shift_remove("description");
                    }
                    for used in sent(&request) {
                        assert!(known.contains(&used), "{used} in {}", item.get("name").unwrap());
                    }
                    let events = item.get("event").map(Json::to_string).unwrap_or_default();
                    let kept = events.split("environment.set(\\\"").skip(1);
                    known.extend(kept.filter_map(|rest| Some(rest.split_once('\\')?.0.to_owned())));
                }
            }
        }
    }

    /// Returns the variables in a request.
    fn sent(request: &Json) -> Vec<String> {
        match request {
            Json::Text(text) => {
                text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.to_owned())).collect()
            }
            Json::Array(elements) => elements.iter().flat_map(sent).collect(),
            Json::Object(members) if members.get("disabled").is_some() => Vec::new(),
            Json::Object(members) => members.values().flat_map(sent).collect(),
            _ => Vec::new(),
        }
    }
}
