//! Converts QoS minutes to columns, and back.

use std::sync::LazyLock;

use parquet::{
    data_type::ByteArray,
    errors::{ParquetError, Result},
};
use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, InstanceUuid, LossPermyriad, MeetingKind,
    MeetingNumber, Millis, Minute, ParticipantKey, Percent, QosMinute, Resolution, STREAM_COUNT, STREAM_NAMES, STREAMS,
    StreamQos, StreamState, Timestamp, WifiRssi,
};

use crate::{
    column::{self, ColumnKind, INSTANCE_UUID, KIND, Layout, MEETING_ID},
    decode::{Batch, Column},
    encode::Block,
};

/// The instance of rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceKey {
    /// The run of the meeting.
    pub uuid: InstanceUuid,
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The meeting's number, if known.
    pub number: Option<MeetingNumber>,
}

/// The key of a row's minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKey {
    /// The instance.
    pub instance: InstanceKey,
    /// The attendance.
    pub participant: ParticipantKey,
}

const MINUTE_MILLIS: i64 = 60_000;

pub(crate) const USER_ID: usize = 3;
pub(crate) const JOIN_TIME: usize = 4;
pub(crate) const DATE_TIME: usize = 5;
const KEYS: usize = 6;

const AUDIO_COLUMNS: usize = 6;
const PICTURE_COLUMNS: usize = 9;

/// The first column of each stream, and last the first column after them.
pub(crate) const STREAM_COLUMNS: [usize; STREAM_COUNT + 1] = {
    let mut columns = [KEYS; STREAM_COUNT + 1];
    let mut index = 0;
    while index < STREAM_COUNT {
        let width = if STREAMS[index].has_picture() { PICTURE_COLUMNS } else { AUDIO_COLUMNS };
        columns[index + 1] = columns[index] + width;
        index += 1;
    }
    columns
};
pub(crate) const CPU_USAGE: usize = STREAM_COLUMNS[STREAM_COUNT];
pub(crate) const CPU_PRESSURE: usize = CPU_USAGE + 5;
pub(crate) const WIFI_RSSI: usize = CPU_PRESSURE + 4;

/// The columns of QoS minutes, in the order of the files.
pub(crate) static COLUMNS: LazyLock<Vec<column::Column>> = LazyLock::new(columns);

fn columns() -> Vec<column::Column> {
    use ColumnKind::{Boolean, Hundredths, Integer, Long, Text, Timestamp};
    use Layout::{Delta, Dictionary, PackedDictionary, Plain, Split};
    use column::Column;
    let mut columns = Vec::from(column::instance_columns());
    columns.extend([
        Column::new("user_id", Text, Dictionary, "id of the attendance within the instance").required(),
        Column::new("join_time", Timestamp, Dictionary, "when the attendance began; null if unknown"),
        Column::new("date_time", Timestamp, Dictionary, "the beginning of the minute").required(),
    ]);
    for (stream, name) in STREAMS.iter().zip(STREAM_NAMES) {
        let mut add = |suffix: &str, kind, layout, meaning: &str| {
            columns.push(Column::new(format!("{name}_{suffix}"), kind, layout, meaning));
        };
        add(
            "measured",
            Boolean,
            Plain,
            "true if media flowed and was measured, false if none flowed, null if not reported",
        );
        // Audio has few distinct bitrates; those of video hardly ever repeat.
        let bitrate = if stream.has_picture() { Split } else { PackedDictionary };
        add("bitrate_bps", Long, bitrate, "mean rate of media, in bits per second");
        add("latency_ms", Long, Delta, "round trip, in milliseconds");
        add("jitter_ms", Long, Split, "variation of the packets' arrival, in milliseconds");
        add("avg_loss_percent", Hundredths, Split, "mean loss of packets, in percent");
        add("max_loss_percent", Hundredths, Split, "highest loss of packets within the minute, in percent");
        if stream.has_picture() {
            add("resolution_width_px", Integer, Dictionary, "the picture's width, in pixels");
            add("resolution_height_px", Integer, Dictionary, "the picture's height, in pixels");
            add("frame_rate_fps", Hundredths, Dictionary, "pictures a second");
        }
    }
    let mut add = |name: &str, kind, layout, meaning: &str| columns.push(Column::new(name, kind, layout, meaning));
    add("cpu_usage_measured", Boolean, Plain, "true if processor load was reported, else null");
    add("zoom_min_cpu_usage_percent", Integer, Delta, "the client's lowest processor load, in percent");
    add("zoom_avg_cpu_usage_percent", Integer, Delta, "the client's mean processor load, in percent");
    add("zoom_max_cpu_usage_percent", Integer, Delta, "the client's highest processor load, in percent");
    add("system_max_cpu_usage_percent", Integer, Split, "the whole system's highest processor load, in percent");
    add("cpu_pressure_measured", Boolean, Plain, "true if processor pressure was reported, else null");
    for (name, which) in [("min", "lowest"), ("avg", "mean"), ("max", "highest")] {
        let meaning = format!("{which} processor pressure: `normal`, `fair`, `serious` or `critical`");
        add(&format!("system_{name}_cpu_pressure_level"), Text, Dictionary, &meaning);
    }
    add("wifi_rssi_measured", Boolean, Plain, "true if the wireless signal was reported, else null");
    add("min_rssi_dbm", Integer, Delta, "the weakest wireless signal, in dBm");
    add("avg_rssi_dbm", Integer, Delta, "the mean wireless signal, in dBm");
    add("max_rssi_dbm", Integer, Delta, "the strongest wireless signal, in dBm");
    columns
}

/// Returns the API's word for the kind of a meeting.
pub(crate) const fn kind_name(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::Meeting => "meeting",
        MeetingKind::Webinar => "webinar",
    }
}

/// Receives a minute's values one by one, each with the index of its column in [`crate::columns`]. Unreported values
/// are omitted.
pub trait MinuteValues {
    /// A boolean.
    fn put_bool(&mut self, column: usize, value: bool);
    /// An integer, or a number of hundredths.
    fn put_i32(&mut self, column: usize, value: i32);
    /// An integer, or an instant in milliseconds since 1970.
    fn put_i64(&mut self, column: usize, value: i64);
    /// A string.
    fn put_text(&mut self, column: usize, value: &'static str);
}

/// The current row of a block.
impl MinuteValues for Block {
    fn put_bool(&mut self, column: usize, value: bool) {
        self.put_bool(column, value);
    }

    fn put_i32(&mut self, column: usize, value: i32) {
        self.put_i32(column, value);
    }

    fn put_i64(&mut self, column: usize, value: i64) {
        self.put_i64(column, value);
    }

    fn put_text(&mut self, column: usize, value: &'static str) {
        self.put_text(column, ByteArray::from(value));
    }
}

/// Writes the values of a minute.
pub fn put_minute(values: &mut impl MinuteValues, minute: &QosMinute) {
    // Not as a `Timestamp`, which ends with the year 9999, unlike minutes.
    values.put_i64(DATE_TIME, i64::from(minute.minute.0) * MINUTE_MILLIS);
    for (index, state) in minute.streams.iter().enumerate() {
        let at = STREAM_COLUMNS[index];
        match state {
            StreamState::NotReported => {}
            StreamState::Idle => values.put_bool(at, false),
            StreamState::Measured(qos) => {
                values.put_bool(at, true);
                put_stream(values, at, qos, STREAMS[index].has_picture());
            }
        }
    }
    if let Some(usage) = &minute.cpu_usage {
        values.put_bool(CPU_USAGE, true);
        let CpuUsage { client_min, client_avg, client_max, system_max } = *usage;
        for (at, value) in (CPU_USAGE + 1..).zip([client_min, client_avg, client_max, system_max]) {
            if let Some(Percent(value)) = value {
                values.put_i32(at, value.into());
            }
        }
    }
    if let Some(pressure) = &minute.cpu_pressure {
        values.put_bool(CPU_PRESSURE, true);
        let CpuPressure { min, avg, max } = *pressure;
        for (at, value) in (CPU_PRESSURE + 1..).zip([min, avg, max]) {
            if let Some(level) = value {
                values.put_text(at, level_name(level));
            }
        }
    }
    if let Some(rssi) = &minute.wifi_rssi {
        values.put_bool(WIFI_RSSI, true);
        let WifiRssi { min_dbm, avg_dbm, max_dbm } = *rssi;
        for (at, value) in (WIFI_RSSI + 1..).zip([min_dbm, avg_dbm, max_dbm]) {
            if let Some(value) = value {
                values.put_i32(at, value.into());
            }
        }
    }
}

fn put_stream(values: &mut impl MinuteValues, at: usize, qos: &StreamQos, has_picture: bool) {
    let StreamQos { bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate } = *qos;
    if let Some(BitrateBps(value)) = bitrate {
        values.put_i64(at + 1, value.into());
    }
    if let Some(Millis(value)) = latency {
        values.put_i64(at + 2, value.into());
    }
    if let Some(Millis(value)) = jitter {
        values.put_i64(at + 3, value.into());
    }
    if let Some(LossPermyriad(value)) = avg_loss {
        values.put_i32(at + 4, value.into());
    }
    if let Some(LossPermyriad(value)) = max_loss {
        values.put_i32(at + 5, value.into());
    }
    if !has_picture {
        return;
    }
    if let Some(Resolution { width, height }) = resolution {
        values.put_i32(at + 6, width.into());
        values.put_i32(at + 7, height.into());
    }
    if let Some(FrameRateCentiFps(value)) = frame_rate {
        values.put_i32(at + 8, value.into());
    }
}

const LEVELS: [CpuPressureLevel; 4] =
    [CpuPressureLevel::Normal, CpuPressureLevel::Fair, CpuPressureLevel::Serious, CpuPressureLevel::Critical];

const fn level_name(level: CpuPressureLevel) -> &'static str {
    match level {
        CpuPressureLevel::Normal => "normal",
        CpuPressureLevel::Fair => "fair",
        CpuPressureLevel::Serious => "serious",
        CpuPressureLevel::Critical => "critical",
    }
}

/// Decodes a batch of `rows` rows into `minutes`.
pub(crate) fn take_minutes(batch: &Batch<'_>, rows: usize, minutes: &mut Vec<QosMinute>) -> Result<()> {
    minutes.clear();
    minutes.resize(rows, QosMinute::new(Minute(0)));
    let mut dated = 0;
    each(batch, DATE_TIME, Column::each_i64, |row, millis| {
        dated += 1;
        minutes[row].minute = minute(millis)?;
        Ok(())
    })?;
    if dated != rows {
        return Err(wrong("a row without a minute"));
    }
    for index in 0..STREAM_COUNT {
        take_stream(batch, index, minutes)?;
    }
    take_usage(batch, minutes)?;
    take_pressure(batch, minutes)?;
    take_rssi(batch, minutes)
}

pub(crate) fn each<V, F: FnMut(usize, V) -> Result<()>>(
    batch: &Batch<'_>,
    column: usize,
    show_each: impl FnOnce(&Column, F) -> Result<()>,
    show: F,
) -> Result<()> {
    batch.column(column).map_or(Ok(()), |column| show_each(column, show))
}

fn take_stream(batch: &Batch<'_>, index: usize, minutes: &mut [QosMinute]) -> Result<()> {
    let at = STREAM_COLUMNS[index];
    each(batch, at, Column::each_bool, |row, measured| {
        minutes[row].streams[index] =
            if measured { StreamState::Measured(StreamQos::default()) } else { StreamState::Idle };
        Ok(())
    })?;
    let mut set = |row: usize, set: &dyn Fn(&mut StreamQos) -> Result<()>| match &mut minutes[row].streams[index] {
        StreamState::Measured(qos) => set(qos),
        _ => Err(wrong("a value of a stream that was not measured")),
    };
    macro_rules! take {
        ($at:expr, $each:ident, $qos:ident, $value:ident => $set:expr) => {
            each(batch, at + $at, Column::$each, |row, $value| {
                set(row, &|$qos| {
                    $set;
                    Ok(())
                })
            })?
        };
    }
    take!(1, each_i64, qos, value => qos.bitrate = Some(BitrateBps(narrow(value)?)));
    take!(2, each_i64, qos, value => qos.latency = Some(Millis(narrow(value)?)));
    take!(3, each_i64, qos, value => qos.jitter = Some(Millis(narrow(value)?)));
    take!(4, each_i32, qos, value => qos.avg_loss = Some(LossPermyriad(narrow(value)?)));
    take!(5, each_i32, qos, value => qos.max_loss = Some(LossPermyriad(narrow(value)?)));
    if STREAMS[index].has_picture() {
        take!(6, each_i32, qos, value => qos.resolution = Some(Resolution { width: narrow(value)?, height: 0 }));
        take!(7, each_i32, qos, value => {
            qos.resolution.as_mut().ok_or_else(|| wrong("a picture's height without its width"))?.height = narrow(value)?;
        });
        take!(8, each_i32, qos, value => qos.frame_rate = Some(FrameRateCentiFps(narrow(value)?)));
    }
    Ok(())
}

fn take_usage(batch: &Batch<'_>, minutes: &mut [QosMinute]) -> Result<()> {
    each(batch, CPU_USAGE, Column::each_bool, |row, _| {
        minutes[row].cpu_usage = Some(CpuUsage::default());
        Ok(())
    })?;
    for field in 1..=4 {
        each(batch, CPU_USAGE + field, Column::each_i32, |row, value| {
            let usage =
                minutes[row].cpu_usage.as_mut().ok_or_else(|| wrong("a processor load that was not measured"))?;
            let fields = [&mut usage.client_min, &mut usage.client_avg, &mut usage.client_max, &mut usage.system_max];
            *fields[field - 1] = Some(Percent(narrow(value)?));
            Ok(())
        })?;
    }
    Ok(())
}

fn take_pressure(batch: &Batch<'_>, minutes: &mut [QosMinute]) -> Result<()> {
    each(batch, CPU_PRESSURE, Column::each_bool, |row, _| {
        minutes[row].cpu_pressure = Some(CpuPressure::default());
        Ok(())
    })?;
    for field in 1..=3 {
        each(batch, CPU_PRESSURE + field, Column::each_text, |row, value: ByteArray| {
            let pressure = minutes[row]
                .cpu_pressure
                .as_mut()
                .ok_or_else(|| wrong("a processor pressure that was not measured"))?;
            let level = LEVELS.into_iter().find(|level| level_name(*level).as_bytes() == value.data());
            let fields = [&mut pressure.min, &mut pressure.avg, &mut pressure.max];
            *fields[field - 1] = Some(level.ok_or_else(|| wrong("an unknown processor pressure"))?);
            Ok(())
        })?;
    }
    Ok(())
}

fn take_rssi(batch: &Batch<'_>, minutes: &mut [QosMinute]) -> Result<()> {
    each(batch, WIFI_RSSI, Column::each_bool, |row, _| {
        minutes[row].wifi_rssi = Some(WifiRssi::default());
        Ok(())
    })?;
    for field in 1..=3 {
        each(batch, WIFI_RSSI + field, Column::each_i32, |row, value| {
            let rssi = minutes[row].wifi_rssi.as_mut().ok_or_else(|| wrong("a signal that was not measured"))?;
            let fields = [&mut rssi.min_dbm, &mut rssi.avg_dbm, &mut rssi.max_dbm];
            *fields[field - 1] = Some(narrow(value)?);
            Ok(())
        })?;
    }
    Ok(())
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}

fn narrow<T: TryFrom<U>, U>(value: U) -> Result<T> {
    T::try_from(value).map_err(|_| wrong("a number beyond its range"))
}

fn minute(millis: i64) -> Result<Minute> {
    if millis % MINUTE_MILLIS == 0 {
        narrow(millis / MINUTE_MILLIS).map(Minute)
    } else {
        Err(wrong("a time that begins no minute"))
    }
}

/// The keys of a batch's rows, each only if it differs from the previous row's.
#[derive(Debug, Default)]
pub(crate) struct KeyReader {
    last: Option<RawKey>,
}

/// A row's key as stored in the file.
#[derive(Debug, Clone, Default, PartialEq)]
struct RawKey {
    uuid: ByteArray,
    kind: ByteArray,
    number: Option<i64>,
    user_id: ByteArray,
    join_time: Option<i64>,
}

impl KeyReader {
    /// Adds to `begun` the key of each of the batch's `rows` rows whose key differs from the previous row's.
    pub(crate) fn take_keys(&mut self, batch: &Batch<'_>, rows: usize, begun: &mut Vec<(usize, RowKey)>) -> Result<()> {
        begun.clear();
        let mut keys = vec![RawKey::default(); rows];
        let mut told = [0_usize; 3];
        each(batch, INSTANCE_UUID, Column::each_text, |row, value| {
            told[0] += 1;
            keys[row].uuid = value;
            Ok(())
        })?;
        each(batch, KIND, Column::each_text, |row, value| {
            told[1] += 1;
            keys[row].kind = value;
            Ok(())
        })?;
        each(batch, MEETING_ID, Column::each_i64, |row, value| {
            keys[row].number = Some(value);
            Ok(())
        })?;
        each(batch, USER_ID, Column::each_text, |row, value| {
            told[2] += 1;
            keys[row].user_id = value;
            Ok(())
        })?;
        each(batch, JOIN_TIME, Column::each_i64, |row, value| {
            keys[row].join_time = Some(value);
            Ok(())
        })?;
        if told != [rows; 3] {
            return Err(wrong("a row without its key"));
        }
        for (row, key) in keys.into_iter().enumerate() {
            if self.last.as_ref() != Some(&key) {
                begun.push((row, key.parse()?));
                self.last = Some(key);
            }
        }
        Ok(())
    }
}

impl RawKey {
    fn parse(&self) -> Result<RowKey> {
        let text =
            |value: &ByteArray| String::from_utf8(value.data().to_vec()).map_err(|_| wrong("text that is not UTF-8"));
        let kind = match self.kind.data() {
            b"meeting" => MeetingKind::Meeting,
            b"webinar" => MeetingKind::Webinar,
            _ => return Err(wrong("an unknown kind of meeting")),
        };
        let uuid = text(&self.uuid)?.parse().map_err(|_| wrong("an impossible instance UUID"))?;
        let participant = ParticipantKey {
            user_id: text(&self.user_id)?.into(),
            join_time: self.join_time.map(Timestamp::from_millis),
        };
        Ok(RowKey { instance: InstanceKey { uuid, kind, number: self.number.map(MeetingNumber) }, participant })
    }
}
