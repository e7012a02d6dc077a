//! Values of tracking codes on a meeting (Webex reference, section 2.6).

use rollcall_model::{CodeType, InputMode, Service, TrackingCode, TrackingCodeValue};
use serde_json::{Value, json};

use super::violation::{Findings, Violation, Violations, echo};

/// Returns the values of a meeting: those given, and for others the host's value or the code's default.
///
/// # Errors
///
/// Values of unknown codes, values that are no option, and missing values of required codes. A site without codes
/// accepts any.
pub fn meeting_codes(
    given: &[Value],
    codes: &[TrackingCode],
    own: &[TrackingCodeValue],
) -> Result<Vec<Value>, Violations> {
    if codes.is_empty() {
        return Ok(given.to_vec());
    }
    let mut findings = Findings::default();
    for (index, value) in given.iter().enumerate() {
        let [name, value] = ["name", "value"].map(|key| value[key].as_str().unwrap_or_default());
        let Some(code) = codes.iter().find(|code| code.name == name) else {
            let field = format!("trackingCodes[{index}].name").into();
            findings.add(Violation::UnknownCode { field, name: echo(name) });
            continue;
        };
        let is_own = own.iter().any(|own| own.code_id == code.id && own.value == value);
        let is_option = is_own || code.options.iter().any(|option| option.value == value);
        if code.input_mode == InputMode::Select && !is_option {
            let field = format!("trackingCodes[{index}].value").into();
            findings.add(Violation::NotAnOption { field, name: code.name.clone(), value: echo(value) });
        }
    }
    let mut values = given.to_vec();
    for code in codes {
        let rule = code.schedule_start_codes.iter().find(|rule| rule.service == Service::MeetingCenter);
        let code_type = rule.map_or(CodeType::NotUsed, |rule| rule.code_type);
        if code_type == CodeType::NotUsed || given.iter().any(|value| value["name"] == code.name.as_str()) {
            continue;
        }
        let own = own.iter().find(|own| own.code_id == code.id).map(|own| &own.value);
        let default = || code.options.iter().find(|option| option.default_value).map(|option| &option.value);
        match own.or_else(default) {
            Some(value) => values.push(json!({"name": code.name, "value": value})),
            None if code_type == CodeType::Required => {
                let sentence = format!("'trackingCodes' must have a value of '{}', which is required", code.name);
                findings.add(Violation::rule(sentence));
            }
            None => {}
        }
    }
    findings.finish(Some(values))
}
