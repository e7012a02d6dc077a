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

/// A user's values as a caller sends them, before they are laid against the site's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserValuesDraft {
    /// The site that the codes belong to, in lower case.
    pub site_url: Text,
    /// The person's id. Where it is there, [`Self::email`] is not looked at.
    pub person_id: Option<Text>,
    /// The person's address. One of the two is there.
    pub email: Option<Text>,
    /// Pairs of a code's name and the value, each name once.
    values: Vec<(Text, Text)>,
}

impl UserValuesDraft {
    /// Reads the body of a request that sets a user's values.
    ///
    /// # Errors
    ///
    /// All that is wrong with the body, up to twenty violations.
    pub fn from_slice(body: &[u8]) -> Result<Self, Violations> {
        Self::parse(&parse_json(body)?)
    }

    /// Reads a body that was parsed already. Unknown keys are let pass.
    ///
    /// # Errors
    ///
    /// All that is wrong with the body, up to twenty violations.
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

    /// The values, once the site and its codes are at hand: pairs of a code's name and the value, as the store takes
    /// them.
    ///
    /// # Errors
    ///
    /// [`Violation::Mapped`] where the site's values cannot be changed, [`Violation::UnknownCode`] where the site has
    /// no code of a name, [`Violation::NotAnOption`] where a code's values are to be chosen and this one is no choice.
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
