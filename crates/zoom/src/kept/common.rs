//! What the rows of several tables have in common.

use super::{Form::Text, Kept, Owner, Shape, Value, Window};
use crate::operations as op;

pub(super) const fn v(name: &'static str, form: super::Form, meaning: &'static str) -> Value {
    Value { name, form, meaning }
}

/// What most rows have in common; the operation is replaced in each.
pub(super) const REPORT: Kept = Kept {
    operation: &op::REPORT_ACTIVITIES,
    tag: "Reports",
    summary: "",
    kind: "",
    owner: Owner::Account,
    shape: Shape::Object,
    key: &[],
    time: None,
    window: Window::No,
    filters: &[],
    beside: &[],
    fields: &[],
    default: None,
};

pub(super) const EMAIL: Value = v("email", Text("jchill@example.com"), "The person's address; blank if unknown.");
pub(super) const NAME: Value = v("name", Text("Jill Chill"), "The person's display name.");
pub(super) const FIRST_NAME: Value = v("first_name", Text("Jill"), "Given name.");
pub(super) const LAST_NAME: Value = v("last_name", Text("Chill"), "Family name.");
