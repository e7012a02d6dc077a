//! Bodies of runs, participants and qualities of Webex: a body that is read is serialised so that it reads the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_model::{Instance, InstanceRef, InstanceState, MeetingNumber, ParticipantId, StreamState};
use rollcall_webex::{quality::session, read::Request, run, wire};

fuzz_target!(|body: &[u8]| {
    for request in [Request::Meetings, Request::Meeting, Request::Participants, Request::Participant] {
        let _ = request.read(body);
    }
    let Ok(read) = Request::Qualities.read(body) else { return };
    for facts in read.batch.instances {
        let InstanceRef::Uuid(uuid) = facts.instance else { panic!("a session names a run") };
        let number = facts.number.unwrap_or(MeetingNumber(1));
        let instance = Instance::new(facts.kind, number, uuid, InstanceState::Past);
        assert!(run::uuids(&run::instance_id(&instance)).contains(&instance.uuid));
        for one in facts.participants {
            let printed = session(&instance, ParticipantId(7), &one.participant, &one.minutes);
            let page = serde_json::to_vec(&wire::MeetingQualities { items: vec![printed] }).expect("a page is printed");
            let again = Request::Qualities.read(&page).expect("a page is read");
            assert!(again.defects.is_empty(), "{:?}", again.defects);
            let again = &again.batch.instances[0].participants[0];
            let rates = |minutes: &[rollcall_model::QosMinute]| -> Vec<_> {
                minutes
                    .iter()
                    .flat_map(|minute| minute.streams.iter().map(move |state| (minute.minute, state)))
                    .filter_map(|(minute, state)| match state {
                        StreamState::Measured(qos) => {
                            Some((minute, qos.bitrate, qos.latency, qos.jitter, qos.avg_loss))
                        }
                        _ => None,
                    })
                    .collect()
            };
            assert_eq!(rates(&again.minutes), rates(&one.minutes));
        }
    }
});
