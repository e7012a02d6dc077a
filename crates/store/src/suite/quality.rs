//! Labels computed from minutes.

use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceRef, InstanceState, MeetingKind, MeetingNumber, Participant,
    ParticipantId, QualityLabels, Text, Timestamp,
};

use super::{assert_not_found, at, one_account, two_accounts};
use crate::{
    InstanceScores, LabelCounts, LentParticipant, ParticipantVisitor, QualityCounts, QualityOf, QualityQuery, Store,
    visit_participants,
};

fn labels(audio: &str, video: &str) -> QualityLabels {
    let label = |word: &str| (word != "-").then(|| Text::from(word));
    QualityLabels { audio: label(audio), video: label(video), screen_share: None }
}

fn run(number: i64, state: InstanceState, quality: QualityLabels) -> Instance {
    let uuid = format!("Run{number}==").parse().unwrap();
    let start_time = Some(at(number * 100));
    let run = Instance::new(MeetingKind::Meeting, MeetingNumber(number), uuid, state);
    Instance { start_time, ..run.with_labels(quality) }
}

async fn put(
    store: &dyn Store,
    account: AccountId,
    instance: &Instance,
    told: &[QualityLabels],
) -> (InstanceId, Vec<ParticipantId>) {
    let id = store.put_instance(account, instance).await.unwrap();
    let people: Vec<Participant> = told
        .iter()
        .enumerate()
        .map(|(index, quality)| {
            Participant { user_id: index.to_string().into(), ..Participant::default() }.with_labels(quality.clone())
        })
        .collect();
    let put = store.put_participants(account, id, &people).await.unwrap();
    (id, put.into_iter().map(|put| put.id).collect())
}

#[derive(Default)]
struct Shown(Vec<QualityLabels>);

impl ParticipantVisitor for Shown {
    fn visit(&mut self, _: ParticipantId, participant: &LentParticipant<'_>) {
        self.0.push(participant.labels().map_texts(|text| Text::from_utf8(text).unwrap()));
    }
}

async fn shown(store: &dyn Store, account: AccountId, instance: InstanceId) -> Vec<QualityLabels> {
    visit_participants(store, account, instance, None, 100, Shown::default()).await.unwrap().0
}

async fn counted(store: &dyn Store, account: AccountId, of: QualityOf) -> (LabelCounts, LabelCounts) {
    let query = QualityQuery { kind: MeetingKind::Meeting, from: at(100), before: at(300), of };
    let QualityCounts { audio, video, screen_share } = store.count_quality(account, &query).await.unwrap();
    assert_eq!(screen_share, LabelCounts::default());
    (audio, video)
}

const fn counts(good: u64, fair: u64, poor: u64, bad: u64) -> LabelCounts {
    LabelCounts { good, fair, poor, bad }
}

pub async fn what_is_made_out_stands_where_nothing_was_told(store: &dyn Store) {
    let account = one_account(store).await;
    let told = [labels("good", "-"), labels("-", "-"), labels("", "fair"), labels("-", "-")];
    let instance = run(1, InstanceState::Past, labels("fair", "-"));
    let (id, people) = put(store, account, &instance, &told).await;
    assert_eq!(shown(store, account, id).await, told);
    let scores = InstanceScores {
        instance: labels("bad", "poor"),
        participants: people[..3].iter().map(|id| (*id, labels("bad", "poor"))).collect(),
    };
    store.put_scores(account, id, &scores).await.unwrap();
    let expected = [labels("good", "poor"), labels("bad", "poor"), labels("", "fair"), labels("-", "-")];
    assert_eq!(shown(store, account, id).await, expected);
    let stored = store.find_instance(account, MeetingKind::Meeting, &InstanceRef::Uuid(instance.uuid), None).await;
    let stored = stored.unwrap().unwrap();
    assert_eq!((stored.instance.labels(), stored.scored), (labels("fair", "-"), labels("bad", "poor")));
    // Values read for an update are the reported ones.
    let listed = store.list_participants(account, id, None, 10).await.unwrap();
    assert_eq!(
        listed.into_iter().map(|row| row.participant.labels().map_texts(|text| (*text).clone())).collect::<Vec<_>>(),
        told
    );
    // A later score replaces an earlier one, even if it is empty.
    let scores = InstanceScores { instance: labels("-", "good"), participants: vec![(people[1], labels("fair", "-"))] };
    store.put_scores(account, id, &scores).await.unwrap();
    let expected = [labels("good", "-"), labels("fair", "-"), labels("", "fair"), labels("-", "-")];
    assert_eq!(shown(store, account, id).await, expected);
}

pub async fn scores_are_no_change_of_the_instance(store: &dyn Store) {
    let account = one_account(store).await;
    let (id, _) = put(store, account, &run(1, InstanceState::Past, labels("-", "-")), &[labels("-", "-")]).await;
    let before = store.instance_lives(&[(account, id)]).await.unwrap().remove(0).changes;
    store.put_scores(account, id, &InstanceScores::default()).await.unwrap();
    assert_eq!(store.instance_lives(&[(account, id)]).await.unwrap().remove(0).changes, before);
}

pub async fn labels_are_counted_told_or_made_out(store: &dyn Store) {
    let account = one_account(store).await;
    let past = InstanceState::Past;
    let none = labels("-", "-");
    let (first, people) =
        put(store, account, &run(1, past, labels("good", "-")), &[labels("fair", ""), none.clone(), none.clone()])
            .await;
    put(store, account, &run(2, past, labels("poor", "bad")), &[labels("bad", "good")]).await;
    // In progress, and outside the window.
    put(store, account, &run(10, InstanceState::Live, labels("bad", "bad")), &[labels("bad", "bad")]).await;
    put(store, account, &run(3, past, labels("bad", "bad")), &[labels("bad", "bad")]).await;
    assert_eq!(counted(store, account, QualityOf::Instances).await, (counts(1, 0, 1, 0), counts(0, 0, 0, 1)));
    assert_eq!(counted(store, account, QualityOf::Participants).await, (counts(0, 1, 0, 1), counts(1, 0, 0, 0)));
    let scores = InstanceScores {
        instance: labels("bad", "fair"),
        participants: people.iter().map(|id| (*id, labels("poor", "good"))).collect(),
    };
    store.put_scores(account, first, &scores).await.unwrap();
    assert_eq!(counted(store, account, QualityOf::Instances).await, (counts(1, 0, 1, 0), counts(0, 1, 0, 1)));
    // A source reported a blank label for its video: it has none.
    assert_eq!(counted(store, account, QualityOf::Participants).await, (counts(0, 1, 2, 1), counts(3, 0, 0, 0)));
    let none = QualityQuery {
        kind: MeetingKind::Webinar,
        from: Timestamp::from_millis(i64::MIN),
        before: Timestamp::from_millis(i64::MAX),
        of: QualityOf::Participants,
    };
    assert_eq!(store.count_quality(account, &none).await.unwrap(), QualityCounts::default());
}

pub async fn scores_are_behind_the_accounts_wall(store: &dyn Store) {
    let (mine, other) = two_accounts(store).await;
    let (id, people) = put(store, mine, &run(1, InstanceState::Past, labels("-", "-")), &[labels("-", "-")]).await;
    let (foreign, strangers) =
        put(store, other, &run(1, InstanceState::Past, labels("-", "-")), &[labels("-", "-")]).await;
    assert_not_found(store.put_scores(other, id, &InstanceScores::default()).await);
    let scores = InstanceScores {
        instance: labels("good", "-"),
        participants: vec![(people[0], labels("good", "-")), (strangers[0], labels("good", "-"))],
    };
    store.put_scores(mine, id, &scores).await.unwrap();
    assert_eq!(shown(store, other, foreign).await, [labels("-", "-")]);
    assert_eq!(counted(store, other, QualityOf::Instances).await.0, counts(0, 0, 0, 0));
    assert_eq!(counted(store, mine, QualityOf::Participants).await.0, counts(1, 0, 0, 0));
}
