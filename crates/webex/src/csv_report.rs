//! Reports that programs order and download as CSV (second part of the Webex reference, section 9).

use rollcall_model::{Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{person, wire};

/// The service that all templates belong to.
pub const SERVICE: &str = "Webex Meetings";

/// A kind of report.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// Its id. Webex's ids are not published, so programs that know ids find them by the title.
    pub id: i64,
    /// Its title, by which programs choose it.
    pub title: &'static str,
    /// The most days that a report covers.
    pub max_days: i64,
    /// What its rows are.
    pub rows: Rows,
}

/// What the rows of a report are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Ended runs: the items of usage reports.
    Runs,
    /// Attendances of ended runs: the items of attendee reports.
    Attendances,
}

/// All templates.
pub const TEMPLATES: [Template; 2] = [
    Template { id: 1, title: "Meeting Usage", max_days: 31, rows: Rows::Runs },
    Template { id: 2, title: "Meeting Attendees", max_days: 31, rows: Rows::Attendances },
];

impl Template {
    /// Returns the template with that id.
    #[must_use]
    pub fn find(id: i64) -> Option<&'static Self> {
        TEMPLATES.iter().find(|template| template.id == id)
    }

    /// Returns it as it is shown.
    #[must_use]
    pub fn shown(&self) -> wire::ReportTemplate {
        let required =
            |field: &str| wire::ReportValidation { field: Some(field.to_owned()), required: Some("yes".to_owned()) };
        wire::ReportTemplate {
            id: Some(self.id),
            title: Some(self.title.to_owned()),
            service: Some(SERVICE.to_owned()),
            max_days: Some(self.max_days),
            identifier: Some("site".to_owned()),
            validations: Some(["templateId", "siteList", "startDate", "endDate"].map(required).to_vec()),
        }
    }

    /// Returns the name of downloaded files, without an extension.
    #[must_use]
    pub fn file_stem(&self) -> String {
        self.title.to_lowercase().replace(' ', "-")
    }

    /// Returns the columns: the fixed ones, and one for each tracking code if rows are runs.
    #[must_use]
    pub fn columns(&self, codes: Vec<Text>) -> Columns {
        match self.rows {
            Rows::Runs => Columns { fixed: RUN_COLUMNS, codes: Some(codes) },
            Rows::Attendances => Columns { fixed: ATTENDANCE_COLUMNS, codes: None },
        }
    }
}

/// A report that was ordered. Its rows are read when it is downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The template.
    pub template_id: i64,
    /// The first day, such as `2026-09-01`.
    pub start_date: String,
    /// The last day.
    pub end_date: String,
    /// The sites.
    pub sites: Vec<Text>,
    /// The IANA time zone of days and times. `None` for UTC.
    pub time_zone: Option<String>,
    /// Id of the person who ordered it. `None` for an app that acts for the account.
    pub created_by: Option<Text>,
}

/// Returns the id of a report from 16 random bytes.
#[must_use]
pub fn id(random: [u8; 16]) -> Text {
    person::record_id("REPORT", &data_encoding::HEXLOWER.encode(&random))
}

impl Order {
    /// Returns the report as it is shown. `download_domain` ends in a slash.
    #[must_use]
    pub fn shown(&self, id: &str, created: Timestamp, download_domain: &str) -> wire::Report {
        let text = |text: &str| Some(text.to_owned());
        let created = created.to_string();
        let (day, time) = created.split_once('T').unwrap_or((&created, ""));
        let time = time.get(..8).unwrap_or_default();
        wire::Report {
            id: text(id),
            capital_id: text(id),
            title: Template::find(self.template_id).map(|template| template.title.to_owned()),
            service: text(SERVICE),
            start_date: text(&self.start_date),
            end_date: text(&self.end_date),
            site_list: Some(self.sites.join(",")),
            time_zone: self.time_zone.clone(),
            created: Some(format!("{day} {time}")),
            created_by: self.created_by.as_ref().map(ToString::to_string),
            schedule_from: text("api"),
            status: text("done"),
            download_domain: text(download_domain),
            download_url: Some(format!("{download_domain}v1/reports/{id}/download")),
        }
    }
}

/// Headings of columns with the keys of their values.
type Fixed = &'static [(&'static str, &'static str)];

const RUN_COLUMNS: Fixed = &[
    ("Meeting ID", "meetingId"),
    ("Meeting Number", "meetingNumber"),
    ("Meeting Title", "meetingTitle"),
    ("Start Time", "start"),
    ("End Time", "end"),
    ("Duration (Minutes)", "duration"),
    ("Type", "scheduledType"),
    ("Host Name", "hostDisplayName"),
    ("Host Email", "hostEmail"),
    ("Participants", "totalParticipants"),
    ("Peak Attendees", "peakAttendee"),
    ("Invited", "totalInvitee"),
    ("Registered", "totalRegistered"),
    ("People Minutes", "totalPeopleMinutes"),
    ("VoIP Minutes", "totalVoipMinutes"),
    ("Call-in Minutes", "totalCallInMinutes"),
    ("Toll-free Call-in Minutes", "totalCallInTollFreeMinutes"),
    ("Domestic Call-out Minutes", "totalCallOutDomestic"),
    ("International Call-out Minutes", "totalCallOutInternational"),
];

const ATTENDANCE_COLUMNS: Fixed = &[
    ("Meeting ID", "meetingId"),
    ("Meeting Number", "meetingNumber"),
    ("Meeting Title", "meetingTitle"),
    ("Name", "displayName"),
    ("Email", "email"),
    ("Type", "participantType"),
    ("Join Time", "joinedTime"),
    ("Leave Time", "leftTime"),
    ("Duration (Minutes)", "duration"),
    ("Registered", "registered"),
    ("Invited", "invited"),
    ("IP Address", "ipAddress"),
    ("Client", "clientAgent"),
    ("Company", "company"),
    ("Phone Number", "phoneNumber"),
    ("Address 1", "address1"),
    ("Address 2", "address2"),
    ("City", "city"),
    ("State", "state"),
    ("Country", "country"),
    ("Postal Code", "zipCode"),
];

/// The columns of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    fixed: Fixed,
    /// The tracking codes that have a column. `None` if tracking codes have no columns at all.
    codes: Option<Vec<Text>>,
}

/// The heading of the column for values of tracking codes that have no column.
const OTHER_CODES: &str = "Other Tracking Codes";

impl Columns {
    /// Returns the headings.
    pub fn headings(&self) -> impl Iterator<Item = String> {
        let fixed = self.fixed.iter().map(|(heading, _)| (*heading).to_owned());
        let codes = self.codes.iter().flat_map(|codes| {
            let codes = codes.iter().map(|code| format!("Tracking Code: {code}"));
            codes.chain([OTHER_CODES.to_owned()])
        });
        fixed.chain(codes)
    }

    /// Returns the cells of an item; blank if it has no such value.
    pub fn cells(&self, item: &Value) -> impl Iterator<Item = String> {
        let fixed = self.fixed.iter().map(|(_, key)| match &item[key] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        });
        let values = item["trackingCodes"].as_array().map_or(&[][..], Vec::as_slice);
        let codes = self.codes.iter().flat_map(move |codes| {
            let mut cells = vec![String::new(); codes.len()];
            let mut others = Vec::new();
            for value in values {
                let name = value["name"].as_str().unwrap_or_default();
                let value = value["value"].as_str().unwrap_or_default();
                match codes.iter().position(|code| code == name) {
                    Some(place) => value.clone_into(&mut cells[place]),
                    None => others.push(format!("{name}={value}")),
                }
            }
            cells.push(others.join("; "));
            cells
        });
        fixed.chain(codes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_has_a_cell_for_each_heading() {
        let item = json!({
            "meetingId": "1_I_2", "duration": 20, "trackingCodes": [
                {"name": "Project", "value": "X"}, {"name": "Department", "value": "Sales"}, {"name": "Old", "value": "1"},
            ],
        });
        let columns = TEMPLATES[0].columns(vec!["Department".into(), "Project".into()]);
        let row: Vec<(String, String)> = columns.headings().zip(columns.cells(&item)).collect();
        assert_eq!(columns.headings().count(), columns.cells(&item).count());
        let cell = |heading: &str| row.iter().find(|(name, _)| name == heading).map(|(_, cell)| cell.as_str());
        assert_eq!(cell("Duration (Minutes)"), Some("20"));
        assert_eq!(cell("Host Email"), Some(""));
        assert_eq!(cell("Tracking Code: Department"), Some("Sales"));
        assert_eq!(cell(OTHER_CODES), Some("Old=1"));
        let attendances = TEMPLATES[1].columns(vec!["Department".into()]);
        assert_eq!(attendances.headings().count(), ATTENDANCE_COLUMNS.len());
    }
}
