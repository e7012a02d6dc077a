//! What is missing, why, and what would fill the gap.

use rollcall_client::{Call, Refusal, RefusalKind};
use rollcall_model::{Operation, Subject, Timestamp};
use rollcall_store::Gap;

/// Refusals of an operation without any success after which its other lists are not tried in this run.
pub(crate) const TELLING_REFUSALS: u32 = 3;

/// Maximum length of a detail, in characters.
const MAX_DETAIL_CHARS: usize = 500;

/// What a refusal means for the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// There is nothing to collect.
    Nothing,
    /// The list is missing.
    Gap,
    /// Every list of the operation is.
    OperationGap,
    /// The list must be begun again.
    Restart,
    /// The run cannot go on.
    Stop,
}

/// Reads a refusal.
pub(crate) fn meaning(operation: &Operation, refusal: &Refusal) -> Meaning {
    let says = |words: &str| refusal.message.to_ascii_lowercase().contains(words);
    match refusal.kind {
        RefusalKind::Token => Meaning::Stop,
        RefusalKind::PageToken => Meaning::Restart,
        // Zoom's response for a meeting without registration (Zoom reference, part 2, section 4.2).
        RefusalKind::Request | RefusalKind::NotFound if refusal.code == Some(3000) && says("registration") => {
            Meaning::Nothing
        }
        // A user without a licence has no webinars (Zoom reference, section 2.3).
        RefusalKind::Plan if operation.id == rollcall_zoom::operations::USER_WEBINARS.id => Meaning::Nothing,
        // The names of scopes are the same in each request.
        RefusalKind::Scope if refusal.code.is_some_and(|code| matches!(code, 4711 | 4700 | 104)) => {
            Meaning::OperationGap
        }
        RefusalKind::Plan if operation.subject == Subject::Account => Meaning::OperationGap,
        RefusalKind::Scope
        | RefusalKind::Plan
        | RefusalKind::NotFound
        | RefusalKind::TooOld
        | RefusalKind::Region
        | RefusalKind::Request => Meaning::Gap,
    }
}

/// Returns the gap of a refused request.
pub(crate) fn refused(call: &Call, refusal: &Refusal, now: Timestamp) -> Gap {
    gap(call.target(), refusal.kind.as_str(), &refusal.to_string(), &remedy(call.operation(), refusal.kind), now)
}

/// Returns the gap of an operation of which every request is refused; `waiting` lists have not been tried.
pub(crate) fn operation_refused(operation: &Operation, refusal: &Refusal, waiting: u64, now: Timestamp) -> Gap {
    let reason = refusal.kind.as_str();
    let gap = gap(operation.path, reason, &refusal.to_string(), &remedy(operation, refusal.kind), now);
    Gap { waiting, ..gap }
}

/// Returns the gap of a request that keeps failing.
pub(crate) fn failing(call: &Call, reason: &str, now: Timestamp) -> Gap {
    gap(call.target(), "failing", reason, "It is tried again in every run. If it stays, ask the vendor.", now)
}

/// Returns the gap of a response that cannot be stored, or of entries in it.
pub(crate) fn unreadable(call: &Call, problems: &[String], now: Timestamp) -> Gap {
    let detail = problems.first().map_or("", String::as_str);
    let detail = match problems.len() {
        0 | 1 => detail.to_owned(),
        count => format!("{detail} (and {} more)", count - 1),
    };
    let remedy = "The vendor sent something that Rollcall cannot read. Please report it with this message.";
    gap(call.target(), "content", &detail, remedy, now)
}

fn gap(request: &str, reason: &str, detail: &str, remedy: &str, now: Timestamp) -> Gap {
    let detail: String = detail.chars().take(MAX_DETAIL_CHARS).collect();
    Gap {
        request: request.into(),
        reason: reason.into(),
        detail: detail.as_str().into(),
        remedy: remedy.into(),
        first_at: now,
        last_at: now,
        times: 1,
        waiting: 0,
    }
}

fn remedy(operation: &Operation, kind: RefusalKind) -> String {
    match kind {
        RefusalKind::Scope => match operation.scopes.first() {
            Some(scope) => format!(
                "Add the scope {scope} to the app, and check that its owner may see this. It is tried again in the next run."
            ),
            None => "Check what the app's owner may see.".to_owned(),
        },
        RefusalKind::Plan => match operation.prerequisites {
            Some(needed) => format!("It needs {needed}. It is tried again in the next run."),
            None => "The account's plan does not include it. It is tried again in the next run.".to_owned(),
        },
        RefusalKind::NotFound => {
            "The vendor has no such record, or not yet: it is tried again for some days.".to_owned()
        }
        RefusalKind::TooOld => "The vendor no longer has it. A saved response or report can be imported.".to_owned(),
        RefusalKind::Region => {
            "The data are in another region: set the connection's URL to the host that the message names.".to_owned()
        }
        RefusalKind::Token => "Check the app's credentials.".to_owned(),
        RefusalKind::PageToken | RefusalKind::Request => {
            "The vendor does not accept the request. Please report it with this message.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use rollcall_zoom::operations as op;

    use super::*;

    fn refusal(kind: RefusalKind, code: i64, message: &str) -> Refusal {
        Refusal { kind, status: 400, code: Some(code), message: message.to_owned() }
    }

    #[test]
    fn a_missing_scope_concerns_the_operation_and_names_itself() {
        let refusal = refusal(RefusalKind::Scope, 4711, "does not contain scopes:[a].");
        assert_eq!(meaning(&op::DASHBOARD_MEETINGS, &refusal), Meaning::OperationGap);
        let gap = operation_refused(&op::DASHBOARD_MEETINGS, &refusal, 7, Timestamp::from_seconds(1));
        assert!(gap.remedy.contains("dashboard:read:list_meetings:admin"), "{}", gap.remedy);
        assert_eq!((gap.request.as_str(), gap.waiting), ("/v2/metrics/meetings", 7));
    }

    #[test]
    fn a_user_without_a_licence_says_nothing_of_others() {
        let refusal = refusal(RefusalKind::Plan, 200, "Webinar plan is missing.");
        assert_eq!(meaning(&op::USER_WEBINARS, &refusal), Meaning::Nothing);
        assert_eq!(meaning(&op::DASHBOARD_WEBINARS, &refusal), Meaning::OperationGap);
    }

    #[test]
    fn nothing_is_missing_where_nobody_registers() {
        let refusal = refusal(RefusalKind::Request, 3000, "This webinar does not have registration as required: 1.");
        assert_eq!(meaning(&op::WEBINAR_REGISTRANTS, &refusal), Meaning::Nothing);
    }
}
