use std::collections::HashSet;

use rollcall_model::{InputMode, Site, Text, TrackingCode};
use serde_json::Value;

use super::{
    MAX_CHARS,
    body::{Object, parse_json},
    check_writable,
    violation::{Findings, Violation, Violations, echo},
};

const LIST: &str = "trackingCodes";

/// A user's values from a caller, before they are checked against the site's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserValuesDraft {
    /// The site that the codes belong to, in lower case.
    pub site_url: Text,
    /// The person's id. If present, [`Self::email`] is ignored.
    pub person_id: Option<Text>,
    /// The person's email address. One of the two is present.
    pub email: Option<Text>,
    /// Pairs of a code's name and the value, each name once.
    values: Vec<(Text, Text)>,
}

impl UserValuesDraft {
    /// Parses the body of a request to set a user's values.
    ///
    /// # Errors
    ///
    /// All errors of the body, up to twenty.
    pub fn from_slice(body: &[u8]) -> Result<Self, Violations> {
        Self::parse(&parse_json(body)?)
    }

    /// Checks a parsed body. Unknown keys are ignored.
    ///
    /// # Errors
    ///
    /// All errors of the body, up to twenty.
    pub fn parse(body: &Value) -> Result<Self, Violations> {
        let body = Object::root(body)?;
        let mut findings = Findings::default();
        let site_url = body.host_name("siteUrl", &mut findings);
        let person_id = body.optional_text("personId", &mut findings);
        let email = body.optional_text("email", &mut findings);
        if (&person_id, &email) == (&Some(None), &Some(None)) {
            findings.add(Violation::NobodyNamed);
        }
        let values = parse_values(body, &mut findings);
        let draft = || Some(Self { site_url: site_url?, person_id: person_id?, email: email?, values: values? });
        let draft = draft();
        findings.finish(draft)
    }

    /// Returns the values, given the site and its codes: pairs of a code's name and the value, for the store.
    ///
    /// # Errors
    ///
    /// [`Violation::Mapped`] if the site's values are read-only, [`Violation::UnknownCode`] if the site has no code
    /// with a name, [`Violation::NotAnOption`] if a value is not one of its code's options.
    pub fn for_site(self, site: &Site, codes: &[TrackingCode]) -> Result<Vec<(Text, Text)>, Violations> {
        check_writable(site)?;
        let mut findings = Findings::default();
        for (index, (name, value)) in self.values.iter().enumerate() {
            let Some(code) = codes.iter().find(|code| code.name == *name) else {
                let field = format!("{LIST}[{index}].name").into();
                findings.add(Violation::UnknownCode { field, name: echo(name) });
                continue;
            };
            let chosen = matches!(code.input_mode, InputMode::Select | InputMode::HostProfileSelect);
            if chosen && code.options.iter().all(|option| option.value != *value) {
                let field = format!("{LIST}[{index}].value").into();
                findings.add(Violation::NotAnOption { field, name: code.name.clone(), value: echo(value) });
            }
        }
        findings.finish(Some(self.values))
    }
}

fn parse_values(body: Object<'_>, findings: &mut Findings) -> Option<Vec<(Text, Text)>> {
    let entries = body.list(LIST, usize::MAX, findings)?.unwrap_or_default();
    let mut names = HashSet::with_capacity(entries.len());
    let mut values = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let Some(object) = Object::entry(LIST, index, entry, findings) else { continue };
        let name = object.text("name", MAX_CHARS, findings);
        let value = object.text("value", MAX_CHARS, findings);
        let (Some(name), Some(value)) = (name, value) else { continue };
        if !names.insert(name.clone()) {
            findings.add(Violation::RepeatedCode { field: object.field("name"), name: echo(&name) });
        }
        values.push((name, value));
    }
    Some(values)
}
