use proptest::{collection, option, prelude::*};
use rollcall_model::{AccountId, AudioCall, Extras, Instance, InstanceState, MeetingKind, MeetingNumber};
use rollcall_store::{Accounts, InstanceStore, ParticipantStore};
use rusqlite::types::{ToSqlOutput, Value};

use super::*;
use crate::columns::Column;

/// Possible values of a field.
#[derive(Debug, Clone)]
struct Stuff {
    text: String,
    number: i64,
    flag: bool,
    list: Vec<String>,
}

fn stuff() -> impl Strategy<Value = Stuff> {
    // Strings for every header length, and with characters that JSON would escape.
    let text = prop_oneof![6 => ".{0,30}", 1 => "[a-z\"\\\\\n]{0,400}"];
    (text, any::<i64>(), any::<bool>(), collection::vec(".{0,9}", 0..3)).prop_map(|(text, number, flag, list)| Stuff {
        text,
        number,
        flag,
        list,
    })
}

trait Made {
    fn made_of(stuff: &Stuff) -> Self;
}

macro_rules! made {
    ($($type:ty: $stuff:ident => $made:expr;)*) => {
        $(impl Made for $type {
            fn made_of($stuff: &Stuff) -> Self {
                $made
            }
        })*
    };
}

made! {
    Text: stuff => stuff.text.as_str().into();
    i64: stuff => stuff.number;
    bool: stuff => stuff.flag;
    Timestamp: stuff => Timestamp::from_millis(stuff.number);
    Vec<Text>: stuff => stuff.list.iter().map(Text::from).collect();
    // The same field: the reported value takes precedence.
    Extras: stuff => {
        let values = [("/a".into(), Text::from(&stuff.text))].into_iter().collect();
        Extras::new("kind", values).unwrap_or_default()
    };
    Vec<AudioCall>: stuff => {
        let call = |text| AudioCall { call_number: Some(Text::from(text)), call_type: None, zoom_number: None };
        stuff.list.iter().map(call).collect()
    };
}

macro_rules! fields_with_tests {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        fn participant_of(fields: Vec<Option<Stuff>>) -> Participant {
            let mut fields = fields.into_iter();
            let mut participant = Participant { user_id: "p1".into(), ..Participant::default() };
            $(participant.$field = fields.next().flatten().as_ref().map(Made::made_of);)*
            participant
        }

        fn told_or_stored(told: &Participant, stored: &Participant) -> Participant {
            let mut merged = stored.clone();
            $(merged.$field = told.$field.clone().or(stored.$field.clone());)*
            merged
        }

        /// Returns the value of every field, as it would be in a column of its own.
        fn values(participant: &Participant) -> Vec<Value> {
            vec![$(value_of(participant.$field.bind().unwrap())),*]
        }
    };
}
with_participant_fields!(fields_with_tests);

fn value_of(value: ToSqlOutput<'_>) -> Value {
    match value {
        ToSqlOutput::Borrowed(value) => value.try_into().unwrap(),
        ToSqlOutput::Owned(value) => value,
        _ => unreachable!("no column binds anything else"),
    }
}

fn participant() -> impl Strategy<Value = Participant> {
    collection::vec(option::of(stuff()), PARTICIPANT_FIELDS.len()).prop_map(participant_of)
}

/// Runs a test against a store with one instance.
fn with_store<T>(test: impl AsyncFnOnce(&SqliteStore, AccountId, InstanceId) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open_in_memory().unwrap();
        let account = store.create_account("one", "p1", Timestamp::from_seconds(0)).await.unwrap().id;
        let uuid = "a==".parse().unwrap();
        let instance = Instance::new(MeetingKind::Meeting, MeetingNumber(1), uuid, InstanceState::Live);
        let instance = store.put_instance(account, &instance).await.unwrap();
        test(&store, account, instance).await
    })
}

fn all(db: &Connection) -> Vec<Participant> {
    let found = select(db, SELECT, []).unwrap();
    found.into_iter().map(|stored| stored.participant).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_participant_is_read_as_it_was_written(participant in participant()) {
        let written = participant.clone();
        let read = with_store(async |store, account, instance| {
            store.put_participants(account, instance, &[written]).await.unwrap();
            store.read(|db| Ok(all(db))).await.unwrap()
        });
        prop_assert_eq!(read, [participant]);
    }

    #[test]
    fn a_told_value_wins_and_an_untold_one_keeps(stored in participant(), told in participant()) {
        let expected = told_or_stored(&told, &stored);
        let read = with_store(async |store, account, instance| {
            store.put_participants(account, instance, &[stored]).await.unwrap();
            store.put_participants(account, instance, &[told]).await.unwrap();
            store.read(|db| Ok(all(db))).await.unwrap()
        });
        prop_assert_eq!(read, [expected]);
    }

    #[test]
    fn sql_reads_the_same_through_the_view(participant in participant()) {
        let expected = values(&participant);
        let (well_formed, read) = with_store(async |store, account, instance| {
            store.put_participants(account, instance, &[participant]).await.unwrap();
            store
                .read(|db| {
                    // Eight requests a strict check of JSONB.
                    let checked = "SELECT json_valid(fields, 8) FROM participant_rows";
                    let well_formed: bool = db.query_row(checked, [], |row| row.get(0)).driver()?;
                    let columns = format!("SELECT {} FROM participants", PARTICIPANT_FIELDS.join(", "));
                    let read = db.query_row(&columns, [], |row| (0..PARTICIPANT_FIELDS.len()).map(|i| row.get(i)).collect());
                    Ok((well_formed, read.driver()?))
                })
                .await
                .unwrap()
        });
        let read: Vec<Value> = read;
        prop_assert!(well_formed);
        prop_assert_eq!(read, expected);
    }

    /// The attendances of two people in a small world, reported in any order, compared with the rule in its simplest
    /// form.
    #[test]
    fn reports_find_their_attendance(
        reports in collection::vec((0..2_usize, option::of(1..4_i64)), 1..12),
        per_write in 1..4_usize,
    ) {
        let mut expected: Vec<(usize, Option<i64>)> = Vec::new();
        let mut expected_rows = Vec::new();
        for &(person, joined) in &reports {
            let of_person = || expected.iter().enumerate().filter(|(_, attendance)| attendance.0 == person);
            let found = match joined {
                Some(_) => of_person().find(|(_, a)| a.1 == joined).or_else(|| of_person().find(|(_, a)| a.1.is_none())),
                None => of_person().max_by_key(|(_, attendance)| attendance.1),
            };
            let row = found.map_or(expected.len(), |(row, _)| row);
            match expected.get_mut(row) {
                Some(attendance) => attendance.1 = joined.or(attendance.1),
                None => expected.push((person, joined)),
            }
            expected_rows.push(row);
        }

        let people = ["ana", "bob"];
        let participants: Vec<_> = reports
            .iter()
            .map(|&(person, joined)| Participant {
                user_id: people[person].into(),
                join_time: joined.map(Timestamp::from_seconds),
                ..Participant::default()
            })
            .collect();
        let (ids, stored, counted) = with_store(async |store, account, instance| {
            let mut ids = Vec::new();
            for some in participants.chunks(per_write) {
                let written = store.put_participants(account, instance, some).await.unwrap();
                ids.extend(written.into_iter().map(|put| put.id));
            }
            let stored = store.list_participants(account, instance, None, 100).await.unwrap();
            let instance = store.instance_by_uuid(account, &"a==".parse().unwrap()).await.unwrap().unwrap();
            (ids, stored, instance.participants)
        });
        let rows: Vec<_> = ids.iter().map(|id| stored.iter().position(|stored| stored.id == *id).unwrap()).collect();
        let attendances: Vec<_> = stored
            .iter()
            .map(|stored| {
                let person = people.iter().position(|name| stored.participant.user_id == *name).unwrap();
                (person, stored.participant.join_time.map(Timestamp::as_seconds))
            })
            .collect();
        prop_assert_eq!(attendances, expected);
        prop_assert_eq!(rows, expected_rows);
        prop_assert_eq!(counted as usize, stored.len());
    }
}

proptest! {
    #[test]
    fn a_damaged_array_is_an_error_and_no_panic(array in collection::vec(any::<u8>(), 0..80)) {
        let _ = read_fields(&array, &mut LentParticipant::default());
    }

    #[test]
    fn a_cut_array_is_an_error(participant in participant(), cut in any::<prop::sample::Index>()) {
        let array = write_fields(&participant).unwrap();
        let part = &array[..cut.index(array.len())];
        prop_assert!(read_fields(part, &mut LentParticipant::default()).is_err());
    }
}

#[test]
fn an_array_of_an_earlier_program_lacks_what_came_later() {
    let mut writer = FieldWriter::new();
    writer.push(&Text::from("the id, and nothing else")).unwrap();
    let array = writer.finish().unwrap();
    let mut participant = LentParticipant::default();
    read_fields(&array, &mut participant).unwrap();
    let expected = Participant { id: Some("the id, and nothing else".into()), ..Participant::default() };
    assert_eq!(owned(&participant).unwrap(), expected);
}

#[test]
fn a_text_that_is_not_utf_8_is_no_participant() {
    let lent = LentParticipant { user_id: b"p1", user_name: Some(&[0xff]), ..LentParticipant::default() };
    assert!(matches!(owned(&lent), Err(StoreError::Corrupt { .. })));
}
