//! The shapes of the summary reports (Webex reference, section 6).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of usage reports.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexUsageReports)]
pub struct UsageReports {
    /// One for each ended run, latest first.
    pub items: Vec<UsageReport>,
}

/// One page of attendee reports.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexAttendeeReports)]
pub struct AttendeeReports {
    /// One for each attendance: those of the latest run first, and in a run the one that joined last first.
    pub items: Vec<AttendeeReport>,
}

shapes! {
    /// How an ended run was used.
    UsageReport as WebexUsageReport {
        /// Id of the run.
        meeting_id: String = "089b137c3cf34b578896941e2d49dfe8_I_146987372776523573",
        /// The meeting's number.
        meeting_number: String = "123456789",
        /// Title.
        meeting_title: String = "John's Meeting",
        /// When it began.
        start: String = "2023-01-18T02:26:30Z",
        /// When it ended.
        end: String = "2023-01-18T02:46:30Z",
        /// Length in minutes.
        duration: i64 = 20,
        /// `meeting` or `webinar`.
        scheduled_type: String = "meeting",
        /// The host's name.
        host_display_name: String = "John Andersen",
        /// The host's address.
        host_email: String = "john.andersen@example.com",
        /// Minutes of all attendances.
        total_people_minutes: i64 = 60,
        /// Minutes of attendances that called in.
        total_call_in_minutes: i64 = 60,
        /// Minutes of toll-free calls.
        total_call_in_toll_free_minutes: i64 = 60,
        /// Minutes of calls to participants in the country.
        total_call_out_domestic: i64 = 60,
        /// Minutes of calls to participants in other countries.
        total_call_out_international: i64 = 60,
        /// Minutes with computer audio.
        total_voip_minutes: i64 = 60,
        /// People who attended.
        total_participants: i64 = 30,
        /// People with computer audio.
        total_participants_voip: i64 = 10,
        /// People who called in.
        total_participants_call_in: i64 = 10,
        /// People who were called.
        total_participants_call_out: i64 = 10,
        /// Most attendances at a time.
        peak_attendee: i64 = 30,
        /// People who registered.
        total_registered: i64 = 30,
        /// People who were invited.
        total_invitee: i64 = 30,
        /// `MeetingCenter`, `EventCenter`, `SupportCenter` or `TrainingCenter`.
        service_type: String = "MeetingCenter",
        /// Values of tracking codes: the run's, or else the host's.
        tracking_codes: Vec<CodeValue> => json!([{"name": "Department", "value": "Engineering"}]),
    }

    /// A value of a tracking code.
    CodeValue as WebexCodeValue {
        /// Name of the code.
        name: String = "Department",
        /// The value.
        value: String = "Engineering",
    }

    /// One attendance of an ended run.
    AttendeeReport as WebexAttendeeReport {
        /// Id of the run.
        meeting_id: String = "089b137c3cf34b578896941e2d49dfe8_I_146987372776523573",
        /// The meeting's number.
        meeting_number: String = "123456789",
        /// Title.
        meeting_title: String = "John's Meeting",
        /// The person's name.
        display_name: String = "John Andersen",
        /// The person's address.
        email: String = "john.andersen@example.com",
        /// When the person joined.
        joined_time: String = "2023-01-18T02:26:30Z",
        /// When the person left.
        left_time: String = "2023-01-18T02:46:30Z",
        /// Length in minutes.
        duration: i64 = 20,
        /// `host` or `attendee`.
        participant_type: String = "attendee",
        /// Public IP address.
        ip_address: String = "172.16.244.151",
        /// Operating system and application, separated by a comma.
        client_agent: String = "WINDOWS,IE",
        /// Company, from the registration.
        company: String = "ExampleCompany",
        /// Telephone number, from the registration.
        phone_number: String = "85763644",
        /// Address, from the registration.
        address1: String = "1099 Bird Ave.",
        /// Second line of the address, from the registration.
        address2: String = "Floor 2",
        /// City, from the registration.
        city: String = "Milpitas",
        /// State, from the registration.
        state: String = "California",
        /// Country, from the registration.
        country: String = "US",
        /// Postal code, from the registration.
        zip_code: String = "99212",
        /// Whether the person had registered.
        registered: bool = false,
        /// Whether the person had been invited.
        invited: bool = false,
    }
}
