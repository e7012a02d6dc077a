//! The shapes of CSV reports (second part of the Webex reference, section 9).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The templates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexReportTemplates)]
pub struct ReportTemplates {
    /// All of them.
    pub items: Vec<ReportTemplate>,
    /// How many there are.
    pub number_of_template: usize,
}

/// Reports that were created.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexReports)]
pub struct Reports {
    /// The reports, ordered by creation.
    pub items: Vec<Report>,
    /// How many there are.
    pub number_of_reports: usize,
}

/// The id of a new report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexCreatedReport)]
pub struct CreatedReport {
    /// The new report: an object, as in Webex.
    pub items: ReportId,
}

bodies! {
    /// A report to create.
    ReportOrder as WebexReportOrder {
        /// Id of the template. Required.
        template_id: i64 = 1,
        /// First day of the runs in the report. Required.
        start_date: String = "2026-09-01",
        /// Last day, which may be at most 30 days after the first. Required.
        end_date: String = "2026-09-21",
        /// The sites of the runs, separated by commas. Required.
        site_list: String = "example.webex.com",
        /// IANA name of the time zone of days and times. Default: UTC.
        time_zone: String = "UTC",
    }
}

shapes! {
    /// A kind of report.
    ReportTemplate as WebexReportTemplate {
        /// Id of the template.
        id ["Id"]: i64 = 1,
        /// Title, which is also that of its reports.
        title: String = "Meeting Usage",
        /// The service that it is about.
        service: String = "Webex Meetings",
        /// The most days that a report covers.
        max_days: i64 = 31,
        /// What its reports belong to.
        identifier: String = "site",
        /// The fields that a request for a report requires.
        validations: Vec<ReportValidation> => json!([{"field": "templateId", "required": "yes"}]),
    }

    /// A field of a request for a report.
    ReportValidation as WebexReportValidation {
        /// Name of the field.
        field: String = "templateId",
        /// `yes` if it is required.
        required: String = "yes",
    }

    /// The id of a report, under both spellings that Webex uses.
    ReportId as WebexReportId {
        /// Id of the report.
        id: String = "Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg",
        /// Id of the report.
        capital_id ["Id"]: String = "Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg",
    }

    /// A report.
    Report as WebexReport {
        /// Id of the report.
        id: String = "Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg",
        /// Id of the report, in Webex's other spelling.
        capital_id ["Id"]: String = "Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg",
        /// Title of the template.
        title: String = "Meeting Usage",
        /// The service that it is about.
        service: String = "Webex Meetings",
        /// First day.
        start_date: String = "2026-09-01",
        /// Last day.
        end_date: String = "2026-09-21",
        /// The sites, separated by commas.
        site_list: String = "example.webex.com",
        /// Time zone of days and times, if one was requested.
        time_zone: String = "UTC",
        /// When it was created, in UTC.
        created: String = "2026-09-21 13:13:20",
        /// Id of the person who created it; not there if the access token acts for the account.
        created_by: String = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY",
        /// Always `api`.
        schedule_from: String = "api",
        /// Always `done`: the rows are read when the report is downloaded.
        status: String = "done",
        /// Base URL of downloads.
        download_domain: String = "https://rollcall.example.com/",
        /// Where the report can be downloaded with an access token: a ZIP archive with one CSV file.
        download_url ["downloadURL"]: String = "https://rollcall.example.com/v1/reports/Y2lzY29zcGFyazovL3VzL1JFUE9SVC9hZDBkMjA1NzVkYTA0NWE0OGZhZDQ3ZDk3NGFiNDFmMg/download",
    }
}
