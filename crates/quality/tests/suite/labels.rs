//! Labels of attendances and instances: the level that nine in ten minutes reach.

use proptest::{collection::vec, prelude::*};
use rollcall_model::{
    LossPermyriad, Millis, Minute, ParticipantId, QosMinute, QualityLabels, StreamQos, StreamState, Text,
};
use rollcall_quality::{InstanceScorer, Label, MediaTally};

/// A minute whose received audio loses so many hundredths of a percent.
fn lossy(loss: u16) -> QosMinute {
    let mut minute = QosMinute::new(Minute(1));
    let qos = StreamQos { latency: Some(Millis(20)), avg_loss: Some(LossPermyriad(loss)), ..StreamQos::default() };
    minute.streams[1] = StreamState::Measured(qos);
    minute
}

fn audio(label: Option<&str>) -> QualityLabels {
    QualityLabels { audio: label.map(Text::from), video: None, screen_share: None }
}

#[test]
fn a_label_is_the_best_that_more_than_nine_in_ten_reach() {
    let tally = |bad, good| {
        let mut minutes = [0; 4];
        minutes[Label::Bad as usize] = bad;
        minutes[Label::Good as usize] = good;
        MediaTally::of_minutes(minutes).label()
    };
    assert_eq!(tally(0, 0), None);
    assert_eq!(tally(0, 5), Some(Label::Good));
    assert_eq!(tally(1, 10), Some(Label::Good));
    assert_eq!(tally(1, 9), Some(Label::Bad));
    assert_eq!(tally(1, 0), Some(Label::Bad));
}

#[test]
fn an_instance_is_judged_by_all_minutes_of_all_participants() {
    let mut scorer = InstanceScorer::default();
    let [well, ill, silent] = [1, 2, 3].map(ParticipantId);
    (0..30).for_each(|_| scorer.add(well, &lossy(0)));
    (0..2).for_each(|_| scorer.add(ill, &lossy(9_000)));
    scorer.add(silent, &QosMinute::new(Minute(1)));
    let (instance, participants) = scorer.finish();
    assert_eq!(instance, audio(Some("good")), "two minutes of thirty-two");
    assert_eq!(participants, [(well, audio(Some("good"))), (ill, audio(Some("bad"))), (silent, audio(None))]);
}

proptest! {
    #[test]
    fn a_worse_minute_never_makes_a_better_label(
        losses in vec(0_u16..10_000, 1..40), place in any::<prop::sample::Index>(), more in 0_u16..5_000,
    ) {
        let label = |losses: &[u16]| {
            let mut scorer = InstanceScorer::default();
            losses.iter().for_each(|loss| scorer.add(ParticipantId(1), &lossy(*loss)));
            scorer.finish().0.audio.as_deref().and_then(Label::of_word)
        };
        let mut worse = losses.clone();
        let place = place.index(worse.len());
        worse[place] = worse[place].saturating_add(more).min(10_000);
        prop_assert!(label(&worse) <= label(&losses));
    }
}
