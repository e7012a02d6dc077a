//! Bodies of requests about webhooks (Webex reference, section 10).

use rollcall_model::{Secret, Text};
use serde_json::{Map, Value};

use super::{
    body::{Object, parse_json},
    fields::{Form, Rule, checked, may, must},
    violation::{Findings, Violation, Violations, echo},
};
use crate::webhook::{EVENTS, FILTERS, HOST_FILTERS, MEETINGS, PARTICIPANTS};

const CREATION: &[Rule] = &[
    must("name", Form::Text(255)),
    must("targetUrl", Form::Text(2_048)),
    must("resource", Form::Word(&[MEETINGS, PARTICIPANTS])),
    must("event", Form::Text(40)),
    may("filter", Form::Text(1_000)),
    may("secret", Form::Text(1_000)),
    may("ownedBy", Form::Word(&["org", "creator"])),
];

const CHANGE: &[Rule] = &[
    must("name", Form::Text(255)),
    must("targetUrl", Form::Text(2_048)),
    may("secret", Form::Text(1_000)),
    may("status", Form::Word(&["active"])),
];

/// A webhook to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDraft {
    /// Its name.
    pub name: Text,
    /// Its URL, which is not checked.
    pub target_url: Text,
    /// `meetings` or `meetingParticipants`.
    pub resource: Text,
    /// An event of the resource, or `all`.
    pub event: Text,
    /// Conditions.
    pub filter: Option<Text>,
    /// The key of signatures.
    pub secret: Option<Secret>,
    /// Whether it is the organization's.
    pub is_of_organization: bool,
}

/// A change of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookChange {
    /// Its name.
    pub name: Text,
    /// Its URL, which is not checked.
    pub target_url: Text,
    /// The key of signatures; `None` keeps it.
    pub secret: Option<Secret>,
    /// Whether it is activated.
    pub activates: bool,
}

fn text(fields: &Map<String, Value>, key: &str) -> Option<Text> {
    fields.get(key)?.as_str().map(Text::from)
}

fn secret(fields: &Map<String, Value>) -> Option<Secret> {
    fields.get("secret")?.as_str().map(|secret| Secret::new(secret.to_owned()))
}

impl WebhookDraft {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn from_slice(body: &[u8]) -> Result<Self, Violations> {
        let value = parse_json(body)?;
        let mut findings = Findings::default();
        let fields = checked(Object::root(&value)?.map(), CREATION, "", &mut findings);
        let draft = (|| {
            Some(Self {
                name: text(&fields, "name")?,
                target_url: text(&fields, "targetUrl")?,
                resource: text(&fields, "resource")?,
                event: text(&fields, "event")?,
                filter: text(&fields, "filter"),
                secret: secret(&fields),
                is_of_organization: text(&fields, "ownedBy").as_deref() == Some("org"),
            })
        })();
        if let Some(draft) = &draft {
            draft.check_event(&mut findings);
            draft.check_filter(&mut findings);
        }
        findings.finish(draft)
    }

    fn check_event(&self, findings: &mut Findings) {
        let allowed =
            EVENTS.iter().find(|(resource, _)| *resource == self.resource).map_or(&[][..], |(_, events)| events);
        if !allowed.contains(&self.event.as_str()) {
            let (word, allowed) = (echo(&self.event), allowed.join(", "));
            findings.add(Violation::UnknownWord { field: "event".into(), word, allowed });
        }
    }

    fn check_filter(&self, findings: &mut Findings) {
        let Some(filter) = &self.filter else { return };
        let known = FILTERS.iter().find(|(resource, _)| *resource == self.resource).map_or(&[][..], |(_, keys)| keys);
        for pair in filter.split('&') {
            let Some((key, value)) = pair.split_once('=').filter(|(_, value)| !value.is_empty()) else {
                let sentence = "'filter' must consist of key=value, joined with &";
                return findings.add(Violation::rule(sentence));
            };
            let _ = value;
            if !known.contains(&key) {
                let (word, allowed) = (echo(key), known.join(", "));
                findings.add(Violation::UnknownWord { field: "filter".into(), word, allowed });
            } else if HOST_FILTERS.contains(&key) && !self.is_of_organization {
                findings.add(Violation::rule(format!("'filter' can have {key} only if 'ownedBy' is org")));
            }
        }
    }
}

impl WebhookChange {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn from_slice(body: &[u8]) -> Result<Self, Violations> {
        let value = parse_json(body)?;
        let mut findings = Findings::default();
        let fields = checked(Object::root(&value)?.map(), CHANGE, "", &mut findings);
        let change = (|| {
            Some(Self {
                name: text(&fields, "name")?,
                target_url: text(&fields, "targetUrl")?,
                secret: secret(&fields),
                activates: fields.contains_key("status"),
            })
        })();
        findings.finish(change)
    }
}
