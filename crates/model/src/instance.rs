use serde::{Deserialize, Serialize};

use crate::{Extras, InstanceUuid, KeyValue, MeetingKind, MeetingNumber, Text, Timestamp, UserId};

/// Whether an instance is in progress or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// In progress.
    Live,
    /// Ended.
    Past,
}

/// What was used in an instance. A flag that was not reported is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each flag is named as on the wire, without its `has_`")]
pub struct InstanceFeatures {
    pub pstn: Option<bool>,
    pub voip: Option<bool>,
    pub third_party_audio: Option<bool>,
    pub video: Option<bool>,
    pub screen_share: Option<bool>,
    pub recording: Option<bool>,
    pub sip: Option<bool>,
    pub archiving: Option<bool>,
    pub manual_captions: Option<bool>,
    pub automated_captions: Option<bool>,
    pub poll: Option<bool>,
    pub qa: Option<bool>,
    pub survey: Option<bool>,
    pub external_participant: Option<bool>,
    pub meeting_summary: Option<bool>,
}

/// Quality labels (`good`, `fair`, `poor`, `bad`, or blank), as reported by a source, in strings of type `T`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QualityLabels<T = Text> {
    /// Of the audio.
    pub audio: Option<T>,
    /// Of the video.
    pub video: Option<T>,
    /// Of the shared content.
    pub screen_share: Option<T>,
}

impl<T> QualityLabels<T> {
    /// Returns the same labels with each string mapped by `map`.
    pub fn map_texts<U>(&self, mut map: impl FnMut(&T) -> U) -> QualityLabels<U> {
        let Self { audio, video, screen_share } = self;
        QualityLabels {
            audio: audio.as_ref().map(&mut map),
            video: video.as_ref().map(&mut map),
            screen_share: screen_share.as_ref().map(&mut map),
        }
    }
}

/// One run of a meeting, identified by its UUID.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The natural key together with the account.
    pub uuid: InstanceUuid,
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The number of its meeting; `None` until a source reports it. No list shows an instance without a number.
    pub number: Option<MeetingNumber>,
    /// In progress or ended.
    pub state: InstanceState,
    /// Title at the time of the run.
    pub topic: Option<Text>,
    /// The host's id.
    pub host_id: Option<UserId>,
    /// The host's display name.
    pub host_name: Option<Text>,
    /// The host's address.
    pub host_email: Option<Text>,
    /// The host's department.
    pub dept: Option<Text>,
    /// The host's licences, joined with `|` if there are several.
    pub user_type: Option<Text>,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// When it ended; `None` while live.
    pub end_time: Option<Timestamp>,
    /// Number of attendances stated by the source. Stored ones are counted separately, see `store::StoredInstance`.
    pub stated_participants: Option<i64>,
    /// People counted in rooms.
    pub in_room_participants: Option<i64>,
    /// What was used.
    pub features: InstanceFeatures,
    /// Quality as reported by the source.
    pub quality: QualityLabels,
    /// Keys set by an integration.
    pub custom_keys: Vec<KeyValue>,
    /// Account-wide tracking fields.
    pub tracking_fields: Vec<KeyValue>,
    /// Key of a Video SDK session.
    pub session_key: Option<Text>,
    /// Mean time to join, in milliseconds.
    pub avg_join_time_ms: Option<i64>,
    /// What started it, from Zoom's `source` (for example an integration's name).
    pub source: Option<Text>,
    /// What the vendor reported beyond these fields.
    pub extras: Option<Extras>,
}

impl Instance {
    /// Creates an instance with only its UUID, its meeting's number and its state.
    #[must_use]
    pub const fn new(kind: MeetingKind, number: MeetingNumber, uuid: InstanceUuid, state: InstanceState) -> Self {
        let mut instance = Self::unnumbered(kind, uuid, state);
        instance.number = Some(number);
        instance
    }

    /// Creates an instance without its meeting's number, too.
    #[must_use]
    pub const fn unnumbered(kind: MeetingKind, uuid: InstanceUuid, state: InstanceState) -> Self {
        Self {
            uuid,
            kind,
            number: None,
            state,
            topic: None,
            host_id: None,
            host_name: None,
            host_email: None,
            dept: None,
            user_type: None,
            start_time: None,
            end_time: None,
            stated_participants: None,
            in_room_participants: None,
            features: InstanceFeatures {
                pstn: None,
                voip: None,
                third_party_audio: None,
                video: None,
                screen_share: None,
                recording: None,
                sip: None,
                archiving: None,
                manual_captions: None,
                automated_captions: None,
                poll: None,
                qa: None,
                survey: None,
                external_participant: None,
                meeting_summary: None,
            },
            quality: QualityLabels { audio: None, video: None, screen_share: None },
            custom_keys: Vec::new(),
            tracking_fields: Vec::new(),
            session_key: None,
            avg_join_time_ms: None,
            source: None,
            extras: None,
        }
    }

    /// Returns when the run was over: at its end, or at its start if no end was reported. One that never ended counts
    /// as over two days after it began: no vendor lets one run longer than thirty hours.
    #[must_use]
    pub fn over(&self) -> Option<Timestamp> {
        let unended = match self.state {
            InstanceState::Live => 2 * 24 * 3600,
            InstanceState::Past => 0,
        };
        self.end_time.or_else(|| Some(self.start_time?.plus_seconds(unended)))
    }

    /// Fills this report's gaps from an `earlier` report of the same run, as a store does: reported values take
    /// precedence, absent ones keep the earlier value, and an ended run stays ended.
    pub fn fill_from(&mut self, earlier: &Self) {
        let Self {
            uuid: _,
            kind: _,
            number,
            state,
            topic,
            host_id,
            host_name,
            host_email,
            dept,
            user_type,
            start_time,
            end_time,
            stated_participants,
            in_room_participants,
            features,
            quality,
            custom_keys,
            tracking_fields,
            session_key,
            avg_join_time_ms,
            source,
            extras,
        } = self;
        *state = (*state).max(earlier.state);
        fill(number, &earlier.number);
        fill(topic, &earlier.topic);
        fill(host_id, &earlier.host_id);
        fill(host_name, &earlier.host_name);
        fill(host_email, &earlier.host_email);
        fill(dept, &earlier.dept);
        fill(user_type, &earlier.user_type);
        fill(start_time, &earlier.start_time);
        fill(end_time, &earlier.end_time);
        fill(stated_participants, &earlier.stated_participants);
        fill(in_room_participants, &earlier.in_room_participants);
        features.fill_from(&earlier.features);
        fill(&mut quality.audio, &earlier.quality.audio);
        fill(&mut quality.video, &earlier.quality.video);
        fill(&mut quality.screen_share, &earlier.quality.screen_share);
        for (mine, theirs) in [(custom_keys, &earlier.custom_keys), (tracking_fields, &earlier.tracking_fields)] {
            if mine.is_empty() {
                mine.clone_from(theirs);
            }
        }
        fill(session_key, &earlier.session_key);
        fill(avg_join_time_ms, &earlier.avg_join_time_ms);
        fill(source, &earlier.source);
        if let Some(earlier) = &earlier.extras {
            let mut merged = Some(earlier.clone());
            Extras::merge(&mut merged, extras.as_ref());
            *extras = merged;
        }
    }
}

impl InstanceFeatures {
    fn fill_from(&mut self, earlier: &Self) {
        let Self {
            pstn,
            voip,
            third_party_audio,
            video,
            screen_share,
            recording,
            sip,
            archiving,
            manual_captions,
            automated_captions,
            poll,
            qa,
            survey,
            external_participant,
            meeting_summary,
        } = self;
        fill(pstn, &earlier.pstn);
        fill(voip, &earlier.voip);
        fill(third_party_audio, &earlier.third_party_audio);
        fill(video, &earlier.video);
        fill(screen_share, &earlier.screen_share);
        fill(recording, &earlier.recording);
        fill(sip, &earlier.sip);
        fill(archiving, &earlier.archiving);
        fill(manual_captions, &earlier.manual_captions);
        fill(automated_captions, &earlier.automated_captions);
        fill(poll, &earlier.poll);
        fill(qa, &earlier.qa);
        fill(survey, &earlier.survey);
        fill(external_participant, &earlier.external_participant);
        fill(meeting_summary, &earlier.meeting_summary);
    }
}

fn fill<T: Clone>(mine: &mut Option<T>, earlier: &Option<T>) {
    if mine.is_none() {
        mine.clone_from(earlier);
    }
}
