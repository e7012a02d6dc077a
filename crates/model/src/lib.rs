//! The words of Rollcall: ids, units and entities that every other crate uses.
//!
//! Nothing here knows a vendor's JSON, a table or a socket. A value that was not measured or not reported is [`None`];
//! a value that was reported as blank is an empty string. The two are different (absent is not zero).

mod authorization;
mod batch;
mod clock;
mod connection;
mod document;
mod entropy;
mod event;
mod extras;
mod field;
mod hook;
mod id;
mod identity;
mod instance;
mod instance_fields;
mod meeting;
mod member;
mod minute_fields;
mod oauth;
mod operation;
mod participant;
mod participant_fields;
mod person;
mod qos;
mod qos_summary;
mod source;
mod time;
mod tracking;
mod unit;
mod user;
pub mod varint;
mod webhook;

pub use authorization::{
    Authorization, AuthorizationRequest, AuthorizationStage, Challenge, ChallengeMethod, Decision,
};
pub use batch::{
    Batch, InstanceFacts, ParticipantFacts, RegistrantFacts, SiteFacts, TrackingSourceFacts, UserTrackingCodeFacts,
};
pub use clock::{Clock, FixedClock, SystemClock};
pub use connection::{Connection, ConnectionSecrets, ConnectionSettings, DEFAULT_LOOKBACK_DAYS, DEFAULT_SHARE_PERCENT};
pub use document::{Document, DocumentFacts, DocumentOwner, DocumentOwnerRef};
pub use entropy::{Entropy, SystemEntropy, draw, draw_secret, drawn_text};
pub use event::{
    Event, EventFacts, InstanceReport, InstanceStage, Joins, ParticipantEvent, ParticipantReport, Registrant,
    Registration, ReportTime, ReportedInstance, Schedule, ScheduleChange,
};
pub use extras::Extras;
pub use field::{Field, FieldKind, Reveals};
pub use hook::{Hook, Vendor};
pub use id::{
    AccountId, ClientId, ConnectionId, HookId, InstanceId, InstanceRef, InstanceUuid, InvalidId, MeetingNumber,
    MemberId, ParticipantId, ParticipantUserId, TokenId, TrackingCodeId, UserId,
};
pub use identity::{LocationGrain, anonymous_user_id, names, pseudonym, tells_nobody};
pub use instance::{Instance, InstanceState, QualityLabels};
pub use meeting::{KeyValue, Meeting, MeetingKind};
pub use member::{
    Access, IDLE_SECONDS, Invitation, Member, PasswordHash, Proof, Role, SESSION_SECONDS, Session, idle_until,
};
pub use minute_fields::{MinuteFields, StreamField};
pub use oauth::{Account, AccountState, App, ScopeNames, Scopes, Secret, SecretHash, Token, TokenKind};
pub use operation::{Effect, Method, Operation, RateLabel, Subject};
pub use participant::{AudioCall, AudioCalls, Participant, ParticipantKey, Texts};
pub use person::{DEVICE_FIELDS, Identifier, PERSON_FIELDS};
pub use qos::{
    CpuPressure, CpuPressureLevel, CpuUsage, Direction, Leg, Media, QosMinute, STREAM_COUNT, STREAM_NAMES, STREAMS,
    Stream, StreamQos, StreamState, WifiRssi,
};
pub use qos_summary::{QosSummary, Spread, StreamSummary};
pub use source::{Source, Trust};
pub use time::{InvalidTime, Minute, Timestamp};
pub use tracking::{
    CodeType, HostProfileCode, InputMode, ScheduleStartCode, Service, Site, SiteManager, TrackingCode,
    TrackingCodeMode, TrackingCodeOption, TrackingCodeValue, TrackingFieldDefinition, TrackingSource,
};
pub use unit::{BitrateBps, FrameRateCentiFps, LossPermyriad, Millis, Percent, Resolution};
pub use user::{PhoneNumber, User, UserAttribute, UserLicense, UserStatus};
pub use webhook::{Change, ChangeSubject, Delivery, Webhook};

/// Short text, stored inline up to 24 bytes: most values of a participant are that short, and a page has thousands.
pub type Text = compact_str::CompactString;
