use std::collections::HashSet;

use rollcall_model::{
    HostProfileCode, InputMode, Site, SiteManager, Text, TrackingCode, TrackingCodeId, TrackingCodeOption,
};
use serde_json::Value;

use super::{
    MAX_CHARS, MAX_OPTIONS, MAX_SCHEDULE_START_CODES,
    body::{Object, parse_json},
    check_writable, schedule,
    violation::{Findings, Violation, Violations, echo},
};
use crate::wire;

/// A tracking code from a caller that satisfies every rule independent of its site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeDraft {
    /// Its id is blank.
    code: TrackingCode,
}

impl CodeDraft {
    /// Parses the body of a request to create or replace a code.
    ///
    /// # Errors
    ///
    /// All errors of the body, up to twenty.
    pub fn from_slice(body: &[u8]) -> Result<Self, Violations> {
        Self::parse(&parse_json(body)?)
    }

    /// Checks a parsed body. Unknown keys, including `id`, are ignored, because programs send back what they read.
    ///
    /// # Errors
    ///
    /// All errors of the body, up to twenty.
    pub fn parse(body: &Value) -> Result<Self, Violations> {
        let body = Object::root(body)?;
        let mut findings = Findings::default();
        let name = body.text("name", MAX_CHARS, &mut findings);
        let site_url = body.host_name("siteUrl", &mut findings);
        let input_mode = body.word::<wire::InputMode>("inputMode", &mut findings).map(InputMode::from);
        let options = parse_options(body, input_mode, &mut findings);
        let host_profile_code =
            body.word::<wire::HostProfileCode>("hostProfileCode", &mut findings).map(HostProfileCode::from);
        let schedule_start_codes = schedule_entries(body, input_mode, &mut findings)
            .map(|entries| schedule::parse(entries, input_mode, host_profile_code, &mut findings));
        let code = || {
            Some(TrackingCode {
                id: TrackingCodeId(Text::default()),
                name: name?,
                site_url: site_url?,
                input_mode: input_mode?,
                options: options?,
                host_profile_code: host_profile_code?,
                schedule_start_codes: schedule_start_codes?,
            })
        };
        let code = code();
        findings.finish(code).map(|code| Self { code })
    }

    /// Returns the code's site, in lower case.
    #[must_use]
    pub fn site_url(&self) -> &str {
        &self.code.site_url
    }

    /// Returns the code to store and send, given its site: that of [`Self::site_url`]. A new code has a blank `id`.
    ///
    /// # Errors
    ///
    /// [`Violation::Mapped`] if the site's codes are read-only, [`Violation::RequiredInControlHub`] if the site's
    /// manager does not allow the rule for host profiles.
    pub fn for_site(self, id: TrackingCodeId, site: &Site) -> Result<TrackingCode, Violations> {
        check_writable(site)?;
        let required = self.code.host_profile_code == HostProfileCode::Required;
        if required && site.managed_by == SiteManager::ControlHub {
            return Err(Violation::RequiredInControlHub.into());
        }
        Ok(self.with_id(id))
    }

    /// Returns the code as sent by another server, which has already checked it against its site.
    pub(crate) fn with_id(self, id: TrackingCodeId) -> TrackingCode {
        TrackingCode { id, ..self.code }
    }
}

/// Checks the options. Free text may omit the list; otherwise it is required, and not empty for `select`.
fn parse_options(
    body: Object<'_>,
    input_mode: Option<InputMode>,
    findings: &mut Findings,
) -> Option<Vec<TrackingCodeOption>> {
    const LIST: &str = "options";
    let entries = match (body.list(LIST, MAX_OPTIONS, findings)?, input_mode) {
        (None | Some([]), Some(InputMode::Select)) => {
            findings.add(Violation::OptionsNeeded);
            return None;
        }
        (None, Some(InputMode::Text)) => &[],
        (None, _) => {
            findings.add(Violation::Missing { field: LIST.into() });
            return None;
        }
        (Some(entries), _) => entries,
    };

    let mut values = HashSet::with_capacity(entries.len());
    let mut has_default = false;
    let mut options = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let Some(object) = Object::entry(LIST, index, entry, findings) else { continue };
        let value = object.text("value", MAX_CHARS, findings);
        let default_value = object.flag("defaultValue", findings);
        let (Some(value), Some(default_value)) = (value, default_value) else { continue };
        if !values.insert(value.clone()) {
            findings.add(Violation::RepeatedOption { field: object.field("value"), value: echo(&value) });
        }
        if default_value && std::mem::replace(&mut has_default, true) {
            findings.add(Violation::SecondDefault { field: object.field("defaultValue") });
        }
        options.push(TrackingCodeOption { value, default_value });
    }
    Some(options)
}

/// Checks the schedule rules. Null means none. With `hostProfileSelect`, which requires null, the key may be absent:
/// some clients drop null keys.
fn schedule_entries<'a>(
    body: Object<'a>,
    input_mode: Option<InputMode>,
    findings: &mut Findings,
) -> Option<&'a [Value]> {
    const LIST: &str = "scheduleStartCodes";
    if !body.has(LIST) && input_mode != Some(InputMode::HostProfileSelect) {
        findings.add(Violation::Missing { field: LIST.into() });
        return None;
    }
    Some(body.list(LIST, MAX_SCHEDULE_START_CODES, findings)?.unwrap_or_default())
}
