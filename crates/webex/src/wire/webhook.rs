//! The shapes of webhooks (Webex reference, section 10).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of webhooks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexWebhooks)]
pub struct Webhooks {
    /// The webhooks, ordered by creation.
    pub items: Vec<Webhook>,
}

bodies! {
    /// A webhook to create.
    CreateWebhook as WebexCreateWebhook {
        /// A name for people, at most 255 characters. Required.
        name: String = "My Awesome Webhook",
        /// Where changes are sent by POST: an HTTP or HTTPS URL. Required.
        target_url: String = "https://example.com/mywebhook",
        /// What changes: `meetings` or `meetingParticipants`. Required.
        resource: String = "meetings",
        /// Of meetings `created`, `updated`, `deleted`, `started`, `ended`, or `all` for the first three; of participants `joined` or `left`. Required.
        event: String = "ended",
        /// Conditions `key=value`, joined with `&`. Keys of meetings: `id`, `meetingNumber`, `meetingType`, `state`, `hostEmail`, `hostUserId`, `siteUrl`; of participants: `id`, `meetingId`, `state`, `hostEmail`, `hostPersonId`, `hostUserId`, `siteUrl`. Those of the host require `ownedBy` org.
        filter: String = "meetingType=meeting",
        /// The key of `X-Spark-Signature` and `X-Webex-Signature`. Without it, deliveries are not signed.
        secret: String = "86dacc007724d8ea666f88fc77d918dad9537a15",
        /// `org` for all meetings of the account. Default: those that the creator hosts; all if the access token acts for the account.
        owned_by: String = "org",
    }

    /// A change of a webhook. Other fields are ignored.
    UpdateWebhook as WebexUpdateWebhook {
        /// A name for people. Required.
        name: String = "My Awesome Webhook",
        /// Where changes are sent. Required.
        target_url: String = "https://example.com/mywebhook",
        /// The key of signatures. Default: it stays.
        secret: String = "86dacc007724d8ea666f88fc77d918dad9537a15",
        /// `active` activates a webhook that was deactivated because of failures.
        status: String = "active",
    }
}

shapes! {
    /// A webhook.
    Webhook as WebexWebhook {
        /// Id of the webhook.
        id: String = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh",
        /// A name for people.
        name: String = "My Awesome Webhook",
        /// Where changes are sent.
        target_url: String = "https://example.com/mywebhook",
        /// What changes.
        resource: String = "meetings",
        /// What happens to it.
        event: String = "ended",
        /// Conditions.
        filter: String = "meetingType=meeting",
        /// The key of signatures; only in responses to requests that may set it.
        secret: String = "86dacc007724d8ea666f88fc77d918dad9537a15",
        /// Id of the organization.
        org_id: String = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE",
        /// Id of the person whose token created it.
        created_by: String = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY",
        /// Id of the app of that token.
        app_id: String = "rollcall-app",
        /// `org` or `creator`.
        owned_by: String = "org",
        /// `active`, or `inactive` after a hundred failures within five minutes.
        status: String = "active",
        /// When it was created.
        created: String = "2015-10-18T14:26:16.000Z",
    }
}
