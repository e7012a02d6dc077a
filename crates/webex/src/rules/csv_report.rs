//! Orders of CSV reports (second part of the Webex reference, section 9).

use jiff::{civil::Date, tz::TimeZone};
use rollcall_model::Text;
use serde_json::Value;

use super::{
    body::{Object, parse_host_name, parse_json},
    fields::{Form, Rule, checked, may, must},
    violation::{Findings, Violation, Violations},
};
use crate::csv_report::{Order, TEMPLATES, Template};

/// Maximum number of sites of a report.
const MAX_SITES: usize = 100;

const ORDER: &[Rule] = &[
    must("templateId", Form::Label),
    must("startDate", Form::Text(10)),
    must("endDate", Form::Text(10)),
    must("siteList", Form::Text(10_000)),
    may("timeZone", Form::Text(64)),
];

/// Parses the body of an order. Sites are only checked for their form.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn parse_order(body: &[u8]) -> Result<Order, Violations> {
    let value = parse_json(body)?;
    let mut findings = Findings::default();
    let fields = checked(Object::root(&value)?.map(), ORDER, "", &mut findings);
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let template = text("templateId").and_then(|id| template(id, &mut findings));
    let start = text("startDate").and_then(|date| day("startDate", date, &mut findings));
    let end = text("endDate").and_then(|date| day("endDate", date, &mut findings));
    if let (Some(start), Some(end), Some(template)) = (start, end, template) {
        check_days(start, end, template, &mut findings);
    }
    let sites = text("siteList").map(|list| sites(list, &mut findings)).unwrap_or_default();
    let time_zone = text("timeZone");
    if time_zone.is_some_and(|name| TimeZone::get(name).is_err()) {
        findings.add(Violation::rule("'timeZone' must be the IANA name of a time zone, such as Asia/Shanghai"));
    }
    let order = template.zip(start.zip(end)).map(|(template, (start, end))| Order {
        template_id: template.id,
        start_date: start.to_string(),
        end_date: end.to_string(),
        sites,
        time_zone: time_zone.map(str::to_owned),
        created_by: None,
    });
    findings.finish(order)
}

fn template(id: &str, findings: &mut Findings) -> Option<&'static Template> {
    let found = id.trim().parse().ok().and_then(Template::find);
    if found.is_none() {
        let known: Vec<String> =
            TEMPLATES.iter().map(|template| format!("{} ({})", template.id, template.title)).collect();
        findings.add(Violation::rule(format!("'templateId' must be one of {}", known.join(", "))));
    }
    found
}

fn day(field: &'static str, text: &str, findings: &mut Findings) -> Option<Date> {
    let day = text.parse::<Date>().ok().filter(|day| (1..=9_998).contains(&day.year()));
    if day.is_none() {
        findings.add(Violation::rule(format!("'{field}' must be a date such as 2026-09-21")));
    }
    day
}

fn check_days(start: Date, end: Date, template: &Template, findings: &mut Findings) {
    let days = (end - start).get_days();
    if days < 0 {
        findings.add(Violation::rule("'startDate' must not be after 'endDate'"));
    } else if i64::from(days) >= template.max_days {
        let most = template.max_days;
        findings.add(Violation::rule(format!("'startDate' to 'endDate' must be at most {most} days")));
    }
}

fn sites(list: &str, findings: &mut Findings) -> Vec<Text> {
    let mut sites = Vec::new();
    for site in list.split(',').map(str::trim).filter(|site| !site.is_empty()) {
        match parse_host_name(site) {
            Some(site) if sites.contains(&site) => {}
            Some(site) => sites.push(site),
            None => {
                return wrong(
                    "'siteList' must consist of host names such as example.webex.com, joined with commas",
                    findings,
                );
            }
        }
    }
    if sites.is_empty() || sites.len() > MAX_SITES {
        return wrong(&format!("'siteList' must name 1 to {MAX_SITES} sites"), findings);
    }
    sites
}

fn wrong(sentence: &str, findings: &mut Findings) -> Vec<Text> {
    findings.add(Violation::rule(sentence));
    Vec::new()
}
