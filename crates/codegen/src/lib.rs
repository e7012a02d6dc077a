//! API descriptions in, programs out.
//!
//! [`Document::read`] takes an OpenAPI or Swagger description, a Postman collection or item, a curl line or a sample of
//! JSON, and makes [`Operation`]s of it. [`Generator::generate`] writes a whole program for one in one of the [`LANGUAGES`]: it
//! sends the request, follows pages, waits where it is told to, tells errors, and reads every field of the answer into
//! the language's own types.
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
//! A line for each value that the answer has, in the order of the description: its place, a colon, a blank, the value.
//! `participants[0].user_name: Ann`. Texts stand as they are, but for a backslash, a line feed and a carriage return,
//! which are written `\\`, `\n` and `\r`. Numbers are decimal, with up to 15 significant digits where they have a
//! fraction; whole numbers are exact; truth values are `true` and `false`. What is absent or `null` is not printed. What
//! the description leaves open is printed as JSON. Each page of a list is printed as it arrives; elements are counted
//! from 0 over all pages.
//!
//! # Environment
//! Programs take `API_BASE_URL` (scheme and host; where the description names one, it is the default), and
//! `API_TOKEN`, or `API_CLIENT_ID` and `API_CLIENT_SECRET` where the operation wants Basic credentials.

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
