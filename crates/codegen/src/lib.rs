//! Generates programs from API descriptions.
//!
//! [`Document::read`] parses an OpenAPI or Swagger description, a Postman collection or item, a curl command or sample
//! JSON into [`Operation`]s. [`Generator::generate`] writes a complete program for one in one of the [`LANGUAGES`]: it
//! sends the request, follows pages, waits when the server asks it to, reports errors, and reads every field of the
//! response into the language's own types.
//!
//! ```
//! use rollcall_codegen::{Document, Generator, Language, Style};
//!
//! let document = Document::read("curl -H 'Authorization: Bearer …' https://api.example.com/v2/users/me")?;
//! let python = Language::find("python").unwrap();
//! let program = Generator::new().generate(&document.operations()[0], python, Style::Stdlib)?;
//! assert!(program.contains("\"/v2/users/me\""));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What programs print
//! A line for each value of the response, in the order of the description: its path, a colon, a blank, the value, as in
//! `participants[0].user_name: Ann`. Strings are unchanged, except that a backslash, a line feed and a carriage return
//! are written `\\`, `
//! ` and `\r`. Numbers are decimal, with up to 15 significant digits if they have a fraction; integers are exact;
//! booleans are `true` and `false`. Absent and `null` values are not printed. Values without a description are printed
//! as JSON. Each page of a list is printed as it arrives; indexes continue over all pages, from 0.
//!
//! # Environment
//! Programs read `API_BASE_URL` (scheme and host; the default is that of the description), and `API_TOKEN`, or
//! `API_CLIENT_ID` and `API_CLIENT_SECRET` if the operation requires Basic credentials.

mod body;
mod chilkat;
mod error;
pub mod export;
mod generate;
mod json;
mod language;
mod literal;
mod lower;
mod model;
mod name;
mod placeholder;
mod read;
mod shape;

pub use error::{Pointer, ReadError};
pub use generate::{GenerateError, Generator};
pub use json::Json;
pub use language::{LANGUAGES, Language, Style};
pub use model::{
    Answer, Body, Content, Document, Field, Kind, Operation, Paging, Parameter, Part, PathPart, Place, Request, Scalar,
    Security, Shape, Size,
};
pub use name::Case;
pub use read::LONGEST_DOCUMENT_BYTES;
