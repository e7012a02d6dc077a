//! Zoom's bodies: a body that is read is serialised so that it is read the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_model::{Batch, MeetingKind, MeetingNumber};
use rollcall_zoom::{
    page::{PageKeys, QosForm, QosWriter, View, write_participants_page},
    read::{Operation, Reading, Request, read},
};

const NUMBER: MeetingNumber = MeetingNumber(123_456_789);

fn participants(batch: &Batch, kind: MeetingKind) -> Vec<u8> {
    let participants = batch.instances.iter().flat_map(|facts| &facts.participants).map(|facts| &facts.participant);
    let mut out = Vec::new();
    write_participants_page(&mut out, &PageKeys::default(), &View::new(kind, NUMBER), participants);
    out
}

fn quality(batch: &Batch, kind: MeetingKind) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = QosWriter::new(View::new(kind, NUMBER));
    writer.begin_page(&mut out, &PageKeys::default());
    for facts in batch.instances.iter().flat_map(|facts| &facts.participants) {
        writer.begin_participant(&mut out, &facts.participant, QosForm::ListItem);
        for minute in &facts.minutes {
            writer.minute(&mut out, minute);
        }
        writer.end_participant(&mut out);
    }
    writer.end_page(&mut out);
    out
}

// A line with the request, then the body.
fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(line) = std::str::from_utf8(&data[..end]) else { return };
    let Ok(request) = Request::parse(line) else { return };
    let Ok(Reading { batch, .. }) = read(&request, &data[end + 1..]) else { return };
    let print: fn(&Batch, MeetingKind) -> Vec<u8> = match request.operation {
        Operation::Participants(..) => participants,
        Operation::QosList(..) => quality,
        _ => return,
    };
    let (Operation::Participants(kind, _) | Operation::QosList(kind, _)) = request.operation else { return };
    let printed = print(&batch, kind);
    let Reading { batch: again, defects, .. } = read(&request, &printed).expect("what was printed is read");
    assert_eq!(defects, [], "{}", String::from_utf8_lossy(&printed));
    let reprinted = print(&again, kind);
    assert_eq!(String::from_utf8_lossy(&reprinted), String::from_utf8_lossy(&printed));
});
