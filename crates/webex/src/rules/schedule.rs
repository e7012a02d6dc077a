use rollcall_model::{CodeType, HostProfileCode, InputMode, ScheduleStartCode, Service};
use serde_json::Value;

use super::{
    body::Object,
    violation::{Findings, Violation},
};
use crate::wire;

const LIST: &str = "scheduleStartCodes";

/// The services in the order of rules in responses.
const SERVICES: [Service; 5] =
    [Service::All, Service::MeetingCenter, Service::EventCenter, Service::TrainingCenter, Service::SupportCenter];

/// A rule in a request, and its position.
#[derive(Clone, Copy)]
struct Given<'a> {
    object: Object<'a>,
    code_type: CodeType,
}

/// The rules in a request, in the order of [`SERVICES`].
type GivenRules<'a> = [Option<Given<'a>>; 5];

/// Reads a request's rules and completes them to the five of a response.
///
/// The input mode and the host profile's rule are `None` if they were invalid; then dependent rules are not checked.
pub(super) fn parse(
    entries: &[Value],
    input_mode: Option<InputMode>,
    host_profile_code: Option<HostProfileCode>,
    findings: &mut Findings,
) -> Vec<ScheduleStartCode> {
    let mut given: GivenRules<'_> = [None; 5];
    for (index, entry) in entries.iter().enumerate() {
        let Some(object) = Object::entry(LIST, index, entry, findings) else { continue };
        let service = object.word::<wire::Service>("service", findings).map(Service::from);
        let code_type = object.word::<wire::CodeType>("type", findings).map(CodeType::from);
        let (Some(service), Some(code_type)) = (service, code_type) else { continue };
        let slot = &mut given[place(service)];
        if slot.is_some() {
            let service = wire::Service::from(service).as_str();
            findings.add(Violation::RepeatedService { field: object.field("service"), service });
        } else if let Some(violation) = violation_of(object, service, code_type, input_mode, host_profile_code) {
            findings.add(violation);
        } else {
            *slot = Some(Given { object, code_type });
        }
    }
    complete(&given, findings)
}

/// Checks one rule independently of the others.
fn violation_of(
    object: Object<'_>,
    service: Service,
    code_type: CodeType,
    input_mode: Option<InputMode>,
    host_profile_code: Option<HostProfileCode>,
) -> Option<Violation> {
    let field = object.field("type");
    if input_mode == Some(InputMode::HostProfileSelect) {
        return (code_type != CodeType::NotUsed).then_some(Violation::HostProfileOnly { field });
    }
    if code_type == CodeType::NotApplicable && service != Service::All {
        return Some(Violation::NotApplicableOffAll { field, service: wire::Service::from(service).as_str() });
    }
    let host_profile_code = host_profile_code?;
    let (fits, allowed) = match host_profile_code {
        HostProfileCode::AdminSet => (
            matches!(code_type, CodeType::AdminSet | CodeType::NotUsed | CodeType::NotApplicable),
            "adminSet, notUsed, notApplicable",
        ),
        HostProfileCode::Optional | HostProfileCode::Required | HostProfileCode::NotUsed => {
            (code_type != CodeType::AdminSet, "optional, required, notUsed, notApplicable")
        }
    };
    (!fits).then(|| Violation::TypeAgainstHostProfile {
        field,
        code_type: wire::CodeType::from(code_type).as_str(),
        host_profile_code: wire::HostProfileCode::from(host_profile_code).as_str(),
        allowed,
    })
}

/// Returns the five rules, `All` first.
fn complete(given: &GivenRules<'_>, findings: &mut Findings) -> Vec<ScheduleStartCode> {
    let [all, services @ ..] = given;
    let all = all.map(|rule| rule.code_type);
    let common = all.filter(|code_type| *code_type != CodeType::NotApplicable);
    let mut types = [CodeType::NotUsed; 4];
    for (completed, rule) in types.iter_mut().zip(services) {
        match (common, rule) {
            (None, None) => {}
            (None, Some(rule)) => *completed = rule.code_type,
            (Some(common), None) => *completed = common,
            (Some(common), Some(rule)) if rule.code_type == common => *completed = common,
            (Some(common), Some(rule)) => findings.add(Violation::AgainstAll {
                field: rule.object.field("type"),
                code_type: wire::CodeType::from(rule.code_type).as_str(),
                all: wire::CodeType::from(common).as_str(),
            }),
        }
    }
    let all = all.unwrap_or_else(|| {
        let [first, others @ ..] = types;
        if others.iter().all(|other| *other == first) { first } else { CodeType::NotApplicable }
    });
    SERVICES
        .into_iter()
        .zip(std::iter::once(all).chain(types))
        .map(|(service, code_type)| ScheduleStartCode { service, code_type })
        .collect()
}

/// Returns the index of a service in [`SERVICES`].
const fn place(service: Service) -> usize {
    match service {
        Service::All => 0,
        Service::MeetingCenter => 1,
        Service::EventCenter => 2,
        Service::TrainingCenter => 3,
        Service::SupportCenter => 4,
    }
}
