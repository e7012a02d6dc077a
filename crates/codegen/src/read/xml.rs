//! Creates an XML body from an example that the description has as JSON.

use super::schema::Resolver;
use crate::{
    error::{Pointer, ReadError},
    json::Json,
};

/// Returns the document: an element for the schema, one for each of its properties, several for an array.
pub(super) fn document<'a>(
    resolver: &Resolver<'a>,
    schema: &'a Json,
    value: &Json,
    place: &Pointer,
) -> Result<String, ReadError> {
    let reference = schema.get("$ref").and_then(Json::as_str).and_then(|target| target.rsplit('/').next());
    let (resolved, place) = resolver.resolve(schema, place)?;
    let named = xml_of(resolved, "name").or(reference).unwrap_or("root");
    let mut writer = Writer { resolver: *resolver, text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned() };
    match value {
        Json::Array(elements) => {
            // A list needs an enclosing element.
            let items = resolved.get("items").unwrap_or(&Json::Null);
            let item_name = xml_of(items, "name").unwrap_or("item").to_owned();
            writer.open(&tag(named), "");
            for element in elements {
                writer.element(&item_name, items, element, &place, 1)?;
            }
            writer.text.push_str(&format!("</{}>\n", tag(named)));
        }
        value => writer.element(named, resolved, value, &place, 0)?,
    }
    Ok(writer.text)
}

struct Writer<'a> {
    resolver: Resolver<'a>,
    text: String,
}

impl<'a> Writer<'a> {
    fn open(&mut self, name: &str, attributes: &str) {
        self.text.push_str(&format!("<{name}{attributes}>\n"));
    }

    fn element(
        &mut self,
        name: &str,
        schema: &'a Json,
        value: &Json,
        place: &Pointer,
        depth: usize,
    ) -> Result<(), ReadError> {
        let (schema, place) = self.resolver.resolve(schema, place)?;
        let name = tag(name);
        let indent = "  ".repeat(depth);
        let Json::Object(members) = value else {
            self.text.push_str(&format!("{indent}<{name}>{}</{name}>\n", escaped(&value.to_text())));
            return Ok(());
        };
        let properties = schema.get("properties");
        let property = |member: &str| properties.and_then(|properties| properties.get(member)).unwrap_or(&Json::Null);
        let is_attribute =
            |member: &str| property(member).get("xml").and_then(|xml| xml.get("attribute")?.as_bool()) == Some(true);
        let attributes = members.iter().filter(|(member, _)| is_attribute(member)).map(|(member, value)| {
            let name = xml_of(property(member), "name").unwrap_or(member);
            format!(" {}=\"{}\"", tag(name), escaped(&value.to_text()))
        });
        let attributes: String = attributes.collect();
        self.text.push_str(&indent);
        self.open(&name, &attributes);
        for (member, value) in members.iter().filter(|(member, _)| !is_attribute(member)) {
            let described = property(member);
            let place = place.member("properties").member(member);
            let member_name = xml_of(described, "name").unwrap_or(member);
            let Json::Array(elements) = value else {
                self.element(member_name, described, value, &place, depth + 1)?;
                continue;
            };
            let items = described.get("items").unwrap_or(&Json::Null);
            let is_wrapped = described.get("xml").and_then(|xml| xml.get("wrapped")?.as_bool()) == Some(true);
            let item_name = xml_of(items, "name").unwrap_or(member_name);
            if is_wrapped {
                self.text.push_str(&format!("{}<{}>\n", "  ".repeat(depth + 1), tag(member_name)));
            }
            for element in elements {
                self.element(item_name, items, element, &place, depth + 1 + usize::from(is_wrapped))?;
            }
            if is_wrapped {
                self.text.push_str(&format!("{}</{}>\n", "  ".repeat(depth + 1), tag(member_name)));
            }
        }
        self.text.push_str(&format!("{indent}</{name}>\n"));
        Ok(())
    }
}

fn xml_of<'a>(schema: &'a Json, member: &str) -> Option<&'a str> {
    schema.get("xml")?.get(member)?.as_str()
}

/// Returns a valid XML name.
fn tag(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || "_-.:".contains(c) { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') { name } else { format!("_{name}") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
