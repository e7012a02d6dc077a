//! Selects columns.

use rollcall_model::{MinuteFields, StreamField};

use crate::minutes::{CPU_PRESSURE, CPU_USAGE, DATE_TIME, STREAM_COLUMNS, WIFI_RSSI};

/// A set of columns, by index in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Projection([u64; 3]);

impl Projection {
    /// Every column.
    pub(crate) const ALL: Self = Self([u64::MAX; 3]);
    /// No column.
    pub(crate) const NONE: Self = Self([0; 3]);

    /// Adds the column at `place`.
    pub(crate) const fn with(mut self, place: usize) -> Self {
        self.0[place / 64] |= 1 << (place % 64);
        self
    }

    /// Returns whether the column at `place` is read.
    pub(crate) const fn has(self, place: usize) -> bool {
        self.0[place / 64] & (1 << (place % 64)) != 0
    }
}

/// The fields of a stream, by the offset of their columns from the one that says whether it was measured.
const FIELDS: [StreamField; 8] = {
    use StreamField::*;
    [Bitrate, Latency, Jitter, AvgLoss, MaxLoss, Resolution, Resolution, FrameRate]
};

/// Returns the columns of QoS minutes with `fields`, and the minute itself.
pub(crate) fn of_fields(fields: &MinuteFields) -> Projection {
    let mut columns = Projection::NONE.with(DATE_TIME);
    for (stream, bounds) in STREAM_COLUMNS.windows(2).enumerate() {
        let [first, end] = [bounds[0], bounds[1]];
        for place in (first..end).filter(|_| fields.has_stream(stream)) {
            let wanted = match place.checked_sub(first + 1) {
                None => true,
                Some(field) => fields.has_field(stream, FIELDS[field]),
            };
            if wanted {
                columns = columns.with(place);
            }
        }
    }
    let groups = [
        (fields.cpu_usage, CPU_USAGE..CPU_PRESSURE),
        (fields.cpu_pressure, CPU_PRESSURE..WIFI_RSSI),
        (fields.wifi_rssi, WIFI_RSSI..WIFI_RSSI + 4),
    ];
    for (_, places) in groups.into_iter().filter(|(wanted, _)| *wanted) {
        columns = places.fold(columns, Projection::with);
    }
    columns
}

/// Returns the fields in the columns of QoS minutes at `places`.
#[must_use]
pub fn fields_of(places: impl IntoIterator<Item = usize>) -> MinuteFields {
    let mut fields = MinuteFields::default();
    for place in places {
        match place {
            WIFI_RSSI.. => fields.wifi_rssi = true,
            CPU_PRESSURE.. => fields.cpu_pressure = true,
            CPU_USAGE.. => fields.cpu_usage = true,
            _ => {
                let after = STREAM_COLUMNS.partition_point(|first| *first <= place);
                let Some(stream) = after.checked_sub(1) else { continue };
                match place.checked_sub(STREAM_COLUMNS[stream] + 1) {
                    None => fields.add_stream(stream),
                    Some(field) => fields.add_field(stream, FIELDS[field]),
                }
            }
        }
    }
    fields
}
