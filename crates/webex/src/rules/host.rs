use rollcall_model::{CodeType, Service, TrackingCode};

use crate::wire;

/// Returns the code as shown to a host who schedules for `service`.
///
/// Without a value of the host, the options and the default are the site's. With one, it is added if the site does not
/// have it, and is the only default.
#[must_use]
pub fn host_view(code: &TrackingCode, service: Service, user_value: Option<&str>) -> wire::HostTrackingCode {
    let mut options: Vec<wire::TrackingCodeOption> = code.options.iter().map(Into::into).collect();
    if let Some(user_value) = user_value {
        if options.iter().all(|option| option.value != user_value) {
            options.push(wire::TrackingCodeOption { value: user_value.into(), default_value: false });
        }
        for option in &mut options {
            option.default_value = option.value == user_value;
        }
    }
    // A code is stored with a rule for each service, so the fallback only applies to services added later.
    let code_type = code
        .schedule_start_codes
        .iter()
        .find(|rule| rule.service == service)
        .map_or(CodeType::NotUsed, |rule| rule.code_type);
    wire::HostTrackingCode {
        id: code.id.0.clone(),
        name: code.name.clone(),
        site_url: code.site_url.clone(),
        input_mode: code.input_mode.into(),
        options,
        service: service.into(),
        code_type: code_type.into(),
    }
}
