//! Descriptions of parameters that several operations share.

pub(super) const NEXT_PAGE_TOKEN: &str = "Token from the previous page. Valid for 15 minutes, for the same query only.";
pub(super) const LIVE_OR_PAST: &str = "`live` (default) or `past`.";
pub(super) const LIVE_PAST_OR_ONE: &str =
    "`live` (default), `past`, or `pastOne` for an ended meeting with a single attendee.";
pub(super) const PAGE_SIZE: &str = "Records per page, at most 300; larger values mean 300. Default: 30.";
pub(super) const QOS_PAGE_SIZE: &str = "Participants per page, at most 10; larger values mean 10. Default: 1.";
pub(super) const MEETING_INSTANCE: &str = "The meeting's number, which means its latest instance, or an instance's UUID: \
     raw, percent-encoded, or encoded twice.";
pub(super) const WEBINAR_INSTANCE: &str = "The webinar's number, which means its latest instance, or an instance's UUID: \
     raw, percent-encoded, or encoded twice.";
pub(super) const MEETING_NUMBER: &str = "The meeting's number.";
pub(super) const WEBINAR_NUMBER: &str = "The webinar's number.";
pub(super) const USER: &str =
    "The user's id or email address, or `me` for the user that the token acts for, or else the account's owner.";
pub(super) const PAGE_NUMBER: &str = "Number of the page, from 1. For older clients; prefer `next_page_token`.";
pub(super) const PARTICIPANT: &str = "The participant's `user_id` within the instance.";
pub(super) const WINDOW_END: &str = "Last day or time, inclusive; at most one month after `from`.";
pub(super) const WINDOW_SPAN: &str =
    "Whether the window applies to `start_time` (default) or, with `type=past`, to `end_time`.";
pub(super) const GROUPS: &str =
    "Up to 7 group ids, separated by commas. Lists instances whose host has one of these as the primary group.";
pub(super) const GROUP_PARTICIPANTS: &str = "With `group_id`: also list instances with a participant of the groups.";
