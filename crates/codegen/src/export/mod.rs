//! Other outputs: commands and files for other tools.

mod classes;
mod har;
mod http;
mod openapi;
mod postman;
mod schema;

pub(crate) use self::{
    classes::Classes,
    http::{encoded, encoded_segment, encoded_values},
};
pub use self::{
    har::har,
    http::{curl_line, encoded_uuid},
    openapi::openapi,
    postman::{postman_collection, postman_environment, postman_item},
    schema::json_schema,
};
