use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a refused request is answered with (Zoom reference 3).
///
/// `code` is Zoom's own and does not follow the HTTP status: 200 and 300 are errors here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomError)]
pub struct Error {
    /// Which error.
    #[serde(default)]
    #[schema(required = true, example = 3001)]
    pub code: i64,
    /// What was wrong, for people. Programs look at the code.
    #[serde(default)]
    #[schema(required = true, example = "Meeting does not exist: 93201235621.")]
    pub message: String,
    /// The fields that were wrong, where fields were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What was wrong with one field of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomFieldError)]
pub struct FieldError {
    /// The field, as a dotted path.
    #[serde(default)]
    #[schema(required = true, example = "page_size")]
    pub field: String,
    /// What was wrong with it.
    #[serde(default)]
    #[schema(required = true, example = "Invalid field.")]
    pub message: String,
}

impl Error {
    /// An error that names no field.
    #[must_use]
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), errors: Vec::new() }
    }

    /// The same error, naming one more field.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
        self
    }
}
