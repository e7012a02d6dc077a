//! What the parameters that several operations take mean, said once for the API's description.

pub(super) const NEXT_PAGE_TOKEN: &str =
    "Where the page before ended. Good for 15 minutes and for the same query only.";
pub(super) const LIVE_OR_PAST: &str = "`live` (default) or `past`.";
pub(super) const LIVE_PAST_OR_ONE: &str =
    "`live` (default), `past`, or `pastOne` for an ended meeting with a single attendee.";
pub(super) const PAGE_SIZE: &str = "Records a page, 30 by default, at most 300; more means 300.";
pub(super) const QOS_PAGE_SIZE: &str = "Participants a page, 1 by default, at most 10; more means 10.";
pub(super) const MEETING_INSTANCE: &str = "The meeting's number, which means its latest instance, or an instance's UUID: \
     raw, percent-encoded, or encoded twice.";
pub(super) const WEBINAR_INSTANCE: &str = "The webinar's number, which means its latest instance, or an instance's UUID: \
     raw, percent-encoded, or encoded twice.";
pub(super) const MEETING_NUMBER: &str = "The meeting's number.";
pub(super) const WEBINAR_NUMBER: &str = "The webinar's number.";
pub(super) const USER: &str = "The user's id or address, or `me`: whom the token acts for, else the account's owner.";
pub(super) const PAGE_NUMBER: &str = "The page, from 1. Kept for older clients; use `next_page_token`.";
pub(super) const PARTICIPANT: &str = "The participant's `user_id` inside the instance.";
pub(super) const WINDOW_END: &str = "Last day or time, included; at most one month after `from`.";
pub(super) const WINDOW_SPAN: &str =
    "Whether the window is laid against `start_time` (default) or, with `type=past`, `end_time`.";
pub(super) const GROUPS: &str = "Up to 7 group ids, parted by commas: the host's primary group is one of them.";
pub(super) const GROUP_PARTICIPANTS: &str = "With `group_id`: a participant of the groups suffices.";
