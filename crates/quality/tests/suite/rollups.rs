//! Rollups: sums that do not depend on the parts and order in which they were made, with quantiles within one percent.

use proptest::{collection::vec, prelude::*};
use rollcall_model::{Direction, LossPermyriad, Media, Millis, Minute, Participant, QosMinute, StreamQos, StreamState};
use rollcall_quality::{
    Cell, CellKey, Dimension, Issue, Label, Measure, NotCounted, Profile, Rollup, Sketch, SketchSum,
};
use rollcall_sim::{World, WorldConfig};

fn sketch(values: &[u32]) -> Sketch {
    let mut sketch = Sketch::default();
    values.iter().for_each(|value| sketch.record(*value));
    sketch
}

fn merged(parts: &[&Sketch]) -> Sketch {
    let mut whole = Sketch::default();
    parts.iter().for_each(|part| whole.merge(part));
    whole
}

fn bytes(cell: &Cell) -> Vec<u8> {
    let mut out = Vec::new();
    cell.write_to(&mut out);
    out
}

proptest! {
    #[test]
    fn sketches_merge_in_any_order_and_read_back(
        a in vec(any::<u32>(), 0..200), b in vec(0_u32..2_000, 0..200), c in vec(0_u32..300, 0..200),
    ) {
        let [first, second, third] = [&a, &b, &c].map(|values| sketch(values));
        let whole = sketch(&[a, b, c].concat());
        prop_assert_eq!(&merged(&[&first, &second, &third]), &whole);
        prop_assert_eq!(&merged(&[&third, &first, &second]), &whole);
        prop_assert_eq!(&merged(&[&first, &merged(&[&third, &second])]), &whole);
        let mut stored = Vec::new();
        let mut sum = SketchSum::default();
        for part in [&third, &first, &second] {
            stored.clear();
            part.write_to(&mut stored);
            sum.add_from(&mut stored.as_slice()).unwrap();
        }
        prop_assert_eq!(&sum.sketch(), &whole);
        stored.clear();
        whole.write_to(&mut stored);
        prop_assert_eq!(&Sketch::read_from(&mut stored.as_slice()).unwrap(), &whole);
        let mut left = whole.clone();
        left.subtract(&second).unwrap();
        prop_assert_eq!(&left, &merged(&[&third, &first]));
        if second.count() > left.count() {
            prop_assert_eq!(left.clone().subtract(&second), Err(NotCounted));
        }
    }

    #[test]
    fn counts_and_means_are_exact_and_quantiles_within_a_percent(
        mut values in vec(0_u32..100_000, 1..400), quantile in 0.0_f64..=1.0,
    ) {
        let told = sketch(&values);
        values.sort_unstable();
        let sum: u64 = values.iter().copied().map(u64::from).sum();
        prop_assert_eq!((told.count(), told.sum()), (values.len() as u64, sum));
        prop_assert!((told.mean().unwrap() - sum as f64 / values.len() as f64).abs() < 1e-9);
        let rank = ((quantile * values.len() as f64).ceil() as usize).clamp(1, values.len());
        let (exact, close) = (f64::from(values[rank - 1]), told.quantile(quantile).unwrap() as f64);
        prop_assert!((close - exact).abs() <= 0.01 * exact, "{close}, not {exact}");
    }

    #[test]
    fn any_bytes_are_a_cell_or_refused(bytes in vec(any::<u8>(), 0..100)) {
        let mut rest = bytes.as_slice();
        if let Ok(cell) = Cell::read_from(&mut rest) {
            prop_assert_eq!(Cell::read_from(&mut self::bytes(&cell).as_slice()), Ok(cell));
        }
        if let Ok(sketch) = Sketch::read_from(&mut bytes.as_slice()) {
            let mut sum = SketchSum::default();
            sum.add_from(&mut bytes.as_slice()).unwrap();
            prop_assert_eq!(sum.sketch(), sketch);
        }
    }
}

#[test]
fn no_values_have_no_mean_and_no_quantile() {
    let none = Sketch::default();
    assert_eq!((none.count(), none.mean(), none.quantile(0.5)), (0, None, None));
}

/// Every attendance of a small simulated account.
fn attendances() -> Vec<(Participant, Vec<QosMinute>)> {
    let now = "2026-03-26T15:04:05Z".parse().expect("a time");
    let world = World::new(
        WorldConfig { days: 2, people: 16, meetings_per_day: 6, round_the_clock_hours: 2, ..WorldConfig::demo() },
        now,
    );
    world
        .batches()
        .flat_map(|labelled| labelled.batch.instances)
        .flat_map(|facts| facts.participants)
        .map(|one| (one.participant, one.minutes))
        .collect()
}

fn rollup<'a>(attendances: impl IntoIterator<Item = &'a (Participant, Vec<QosMinute>)>) -> Rollup {
    let mut rollup = Rollup::default();
    for (participant, minutes) in attendances {
        rollup.add(participant, minutes, &Profile::default());
    }
    rollup
}

#[test]
fn a_world_rolled_up_in_parts_is_the_world_rolled_up_at_once() {
    let attendances = attendances();
    let whole = rollup(&attendances);
    assert!(whole.cells().count() > 100);
    assert!(rollup(attendances.iter().rev()) == whole, "in the other order");
    let parts = [0, 1, 2].map(|part| rollup(attendances.iter().skip(part).step_by(3)));
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let mut together = Rollup::default();
        order.iter().for_each(|part| together.merge(&parts[*part]));
        assert!(together == whole, "{order:?}");
    }
    let mut unpacked = Rollup::default();
    unpacked.merge_packed(&whole.pack()).expect("what was packed");
    assert!(unpacked == whole, "packed");
    for (key, cell) in whole.cells() {
        let mut stored = Cell::default();
        for part in 0..Cell::PARTS {
            let mut bytes = Vec::new();
            cell.write_part(part, &mut bytes);
            if !bytes.is_empty() {
                stored.read_part(part, &bytes).expect("what was stored");
            }
        }
        assert!(&stored == cell, "{key:?}");
    }
    let mut left = whole;
    left.subtract(&parts[1]).expect("it was added");
    let mut others = parts[0].clone();
    others.merge(&parts[2]);
    assert!(left == others, "taken away");
    left.subtract(&others).expect("it was added");
    assert!(left.is_empty(), "cells that count nothing are gone");
}

#[test]
fn a_rollup_counts_each_minute_once_in_every_dimension() {
    let attendances = attendances();
    let minutes: u64 = attendances.iter().map(|(_, minutes)| minutes.len() as u64).sum();
    let latency = |minute: &QosMinute| match minute.streams[1] {
        StreamState::Measured(qos) => qos.latency.map(|Millis(ms)| u64::from(ms)),
        StreamState::Idle | StreamState::NotReported => None,
    };
    let latencies: Vec<u64> = attendances.iter().flat_map(|(_, minutes)| minutes).filter_map(latency).collect();
    let rollup = rollup(&attendances);
    for dimension in Dimension::ALL {
        let mut total = Cell::default();
        rollup.cells().filter(|(key, _)| key.dimension == dimension).for_each(|(_, cell)| total.merge(cell));
        assert_eq!(total.minutes, minutes);
        let sketch = total.sketch(Measure::Latency(Media::Audio, Direction::Output)).unwrap();
        assert_eq!((sketch.count(), sketch.sum()), (latencies.len() as u64, latencies.iter().sum()));
        let labels: u64 = Label::ALL.iter().map(|label| total.quality.audio.minutes(*label)).sum();
        assert!(labels >= sketch.count(), "each minute with sound has one label");
        assert!(total.warnings + total.critical >= *total.issues.iter().max().unwrap());
    }
}

#[test]
fn a_minute_belongs_to_its_hour() {
    let minute = |number: u32, loss: u16| {
        let mut minute = QosMinute::new(Minute(number));
        let qos = StreamQos { avg_loss: Some(LossPermyriad(loss)), ..StreamQos::default() };
        minute.streams[1] = StreamState::Measured(qos);
        minute
    };
    let participant = Participant { location: Some("Oslo (NO)".into()), ..Participant::default() };
    let minutes = [minute(119, 0), minute(120, 900), minute(121, 0)];
    let mut rollup = Rollup::default();
    rollup.add(&participant, &minutes, &Profile::default());
    let of = |hour| {
        let key = CellKey { hour, dimension: Dimension::Location, value: "Oslo (NO)".into() };
        rollup.cells().find(|(one, _)| **one == key).map(|(_, cell)| cell).unwrap()
    };
    let (first, second) = (of(1), of(2));
    assert_eq!((first.minutes, first.warnings + first.critical), (1, 0));
    assert_eq!((second.minutes, second.critical, second.issues[Issue::Audio as usize]), (2, 1, 1));
    let unknown = CellKey { hour: 1, dimension: Dimension::Device, value: "".into() };
    assert!(rollup.cells().any(|(key, _)| *key == unknown), "unknown values are counted, too");
}
