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

/// A tracking code as a caller sends it, which satisfies every rule that its site has no say in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeDraft {
    /// Its id is blank.
    code: TrackingCode,
}

impl CodeDraft {
    /// Reads the body of a request that makes or replaces a code.
    ///
    /// # Errors
    ///
    /// All that is wrong with the body, up to twenty violations.
    pub fn from_slice(body: &[u8]) -> Result<Self, Violations> {
        Self::parse(&parse_json(body)?)
    }

    /// Reads a body that was parsed already. Unknown keys, `id` among them, are let pass: programs send back what they
    /// read.
    ///
    /// # Errors
    ///
    /// All that is wrong with the body, up to twenty violations.
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

    /// The site that the code is meant for, in lower case.
    #[must_use]
    pub fn site_url(&self) -> &str {
        &self.code.site_url
    }

    /// The code as it is stored and answered, once its site is at hand: the one that [`Self::site_url`] names. A code
    /// that is yet to be made has a blank `id`.
    ///
    /// # Errors
    ///
    /// [`Violation::Mapped`] where the site's codes cannot be changed, [`Violation::RequiredInControlHub`] where the
    /// site's manager refuses the rule for host profiles.
    pub fn for_site(self, id: TrackingCodeId, site: &Site) -> Result<TrackingCode, Violations> {
        check_writable(site)?;
        let required = self.code.host_profile_code == HostProfileCode::Required;
        if required && site.managed_by == SiteManager::ControlHub {
            return Err(Violation::RequiredInControlHub.into());
        }
        Ok(self.with_id(id))
    }

    /// The code as another server answered it: the site's say is behind it.
    pub(crate) fn with_id(self, id: TrackingCodeId) -> TrackingCode {
        TrackingCode { id, ..self.code }
    }
}

/// The options. Free text may do without the list; a list to choose from must be there, for `select` not empty.
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

/// The entries of the schedule rules. Null stands for none. With `hostProfileSelect`, where null is what is asked for,
/// the key may be missing: some clients drop keys whose value is null.
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
