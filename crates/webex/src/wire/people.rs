//! The shapes of people and organizations.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexPeople)]
pub struct People {
    /// The people, ordered by id.
    pub items: Vec<Person>,
    /// Requested ids of nobody. Only in responses to requests with `id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["Y2lzY29zcGFyazovL3VzL1BFT1BMRS8wMA"]))]
    pub not_found_ids: Option<Vec<String>>,
}

shapes! {
    /// A person with a login.
    Person as WebexPerson {
        /// Id of the person.
        id: String = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY",
        /// The person's addresses.
        emails: Vec<String> => json!(["john.andersen@example.com"]),
        /// The person's telephone numbers.
        phone_numbers: Vec<PersonPhone> => json!([{"type": "work", "value": "+1 408 526 7209"}]),
        /// Full name.
        display_name: String = "John Andersen",
        /// Nickname.
        nick_name: String = "John",
        /// Given name.
        first_name: String = "John",
        /// Family name.
        last_name: String = "Andersen",
        /// URL of the person's picture.
        avatar: String = "https://example.com/john.png",
        /// Id of the person's organization.
        org_id: String = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE",
        /// Department.
        department: String = "Sales",
        /// Name of the person's manager.
        manager: String = "John Duarte",
        /// Title of the person's position.
        title: String = "GM",
        /// The person's addresses by post.
        addresses: Vec<Address> => json!([{"type": "work", "country": "US"}]),
        /// When the person was created.
        created: String = "2015-10-18T14:26:16.000Z",
        /// IANA name of the person's time zone.
        timezone: String = "America/Denver",
        /// When the person was last active.
        last_activity: String = "2015-10-18T14:26:16.028Z",
        /// Whether the person was invited but has not accepted.
        invite_pending: bool = false,
        /// Whether the person may sign in.
        login_enabled: bool = true,
        /// `person`, `bot` or `appuser`.
        r#type: String = "person",
    }

    /// A telephone number of a person.
    PersonPhone as WebexPersonPhone {
        /// `work`, `work_extension`, `mobile` or `fax`.
        r#type: String = "work",
        /// The number.
        value: String = "+1 408 526 7209",
    }

    /// A postal address of a person.
    Address as WebexAddress {
        /// What it is for.
        r#type: String = "work",
        /// Country.
        country: String = "US",
        /// City.
        locality: String = "Milpitas",
        /// State or province.
        region: String = "California",
        /// Street and number.
        street_address: String = "1099 Bird Ave.",
        /// Postal code.
        postal_code: String = "99212",
    }

    /// An organization: the account.
    Organization as WebexOrganization {
        /// Id of the organization.
        id: String = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE",
        /// Name.
        display_name: String = "Acme, Inc.",
        /// When it was created.
        created: String = "2015-10-18T14:26:16.000Z",
    }
}

/// The organizations of the account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexOrganizations)]
pub struct Organizations {
    /// All of them.
    pub items: Vec<Organization>,
}
