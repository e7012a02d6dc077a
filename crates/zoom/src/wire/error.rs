use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of an error response (Zoom reference 3).
///
/// `code` is Zoom's own and does not follow the HTTP status: 200 and 300 are errors here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomError)]
pub struct Error {
    /// Error code.
    #[serde(default)]
    #[schema(required = true, example = 3001)]
    pub code: i64,
    /// Description for people. Programs should use the code.
    #[serde(default)]
    #[schema(required = true, example = "Meeting does not exist: 93201235621.")]
    pub message: String,
    /// The invalid fields, if any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// An invalid field of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomFieldError)]
pub struct FieldError {
    /// The field, as a dotted path.
    #[serde(default)]
    #[schema(required = true, example = "page_size")]
    pub field: String,
    /// Why it is invalid.
    #[serde(default)]
    #[schema(required = true, example = "Invalid field.")]
    pub message: String,
}

impl Error {
    /// Returns an error without fields.
    #[must_use]
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), errors: Vec::new() }
    }

    /// Adds a field to the error.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
        self
    }
}
