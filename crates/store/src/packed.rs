//! The packed form of a minute, in a store and on its way there.
//!
//! A value is one QoS minute without its [`Minute`], which is in the key:
//!
//! ```text
//! value    = version measured idle extras cpu_usage? cpu_pressure? wifi_rssi? stream*
//! version  : byte    1
//! measured : varint  bit i is set where stream i of `STREAMS` was measured
//! idle     : varint  bit i is set where stream i was reported as idle; no bit is set in both
//! extras   : varint  bit 0 cpu_usage is present, 1 client_min, 2 client_avg, 3 client_max, 4 system_max,
//!                    bit 5 cpu_pressure is present, 6 min, 7 avg, 8 max,
//!                    bit 9 wifi_rssi is present, 10 min, 11 avg, 12 max
//! cpu_usage: a varint for each bit of 1..=4 that is set, in percent
//! cpu_pressure: a byte for each bit of 6..=8 that is set: 0 normal, 1 fair, 2 serious, 3 critical
//! wifi_rssi: a zigzag varint for each bit of 10..=12 that is set, in dBm
//! stream   : for each bit of `measured`, lowest first: a byte of fields, then each field whose bit is set:
//!            bit 0 bitrate (bps), 1 latency (ms), 2 jitter (ms), 3 avg_loss (permyriad), 4 max_loss (permyriad),
//!            bit 5 resolution (width, height), 6 frame_rate (hundredths of a frame per second), all varints
//! ```
//!
//! A varint is LEB128 of at most 32 bits in its shortest form. Stored values stay readable for good: a change of
//! the layout takes a new version byte, and this version's decoder stays.

use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, LossPermyriad, Millis, Minute, Percent,
    QosMinute, Resolution, STREAM_COUNT, StreamQos, StreamState, WifiRssi,
    varint::{self, InvalidVarint},
};

const VERSION: u8 = 1;

/// Minimum size of the value of a minute with six streams: reserving this much saves most buffers from growing.
pub const TYPICAL_LEN: usize = 112;

/// Maximum size of a stream: its bits, five values of 32 bits and three of 16.
const MAX_STREAM_LEN: usize = 1 + 5 * 5 + 3 * 3;

const STREAM_BITS: u32 = (1 << STREAM_COUNT) - 1;
const FIELD_BITS: u8 = (1 << 7) - 1;
const EXTRA_BITS: u32 = (1 << 13) - 1;

const CPU_USAGE: u32 = 0;
const CPU_PRESSURE: u32 = 5;
const WIFI_RSSI: u32 = 9;

/// Why bytes are not a valid minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The value ends before its last field.
    #[error("unexpected end of the value")]
    Short,
    /// There are bytes after its last field.
    #[error("trailing bytes after the value")]
    Long,
    /// An unknown version.
    #[error("unknown version {0}")]
    Version(u8),
    /// A field has an impossible value.
    #[error("{0} is out of range")]
    Range(&'static str),
}

/// Encodes a minute.
#[must_use]
pub fn encode(minute: &QosMinute) -> Vec<u8> {
    let mut out = Vec::with_capacity(TYPICAL_LEN);
    encode_into(&mut out, minute);
    out
}

/// Appends an encoded minute to `out`.
pub fn encode_into(out: &mut Vec<u8>, minute: &QosMinute) {
    let (mut measured, mut idle) = (0, 0);
    for (index, state) in minute.streams.iter().enumerate() {
        match state {
            StreamState::NotReported => {}
            StreamState::Idle => idle |= 1 << index,
            StreamState::Measured(_) => measured |= 1 << index,
        }
    }
    out.push(VERSION);
    put_varint(out, measured);
    put_varint(out, idle);
    encode_extras(out, minute);
    for state in &minute.streams {
        if let StreamState::Measured(qos) = state {
            encode_stream(out, qos);
        }
    }
}

/// Decodes `minute`, and rejects what [`encode`] does not write.
///
/// # Errors
/// If the bytes are not a valid value.
pub fn decode(minute: Minute, value: &[u8]) -> Result<QosMinute, DecodeError> {
    let mut qos_minute = QosMinute::new(minute);
    decode_into(&mut qos_minute, value)?;
    Ok(qos_minute)
}

/// Decodes into an empty minute, without allocating or moving: a page has hundreds of minutes, each of which is larger
/// than its value by a factor of eight. After an error, the minute is undefined.
///
/// # Errors
/// If the bytes are not a valid value.
pub fn decode_into(minute: &mut QosMinute, value: &[u8]) -> Result<(), DecodeError> {
    let mut input = Input(value);
    match input.byte()? {
        VERSION => {}
        version => return Err(DecodeError::Version(version)),
    }
    let (measured, idle) = (input.varint()?, input.varint()?);
    if (measured | idle) & !STREAM_BITS != 0 || measured & idle != 0 {
        return Err(DecodeError::Range("a stream's state"));
    }
    decode_extras(&mut input, minute)?;
    for (index, state) in minute.streams.iter_mut().enumerate() {
        if measured >> index & 1 == 1 {
            *state = StreamState::Measured(StreamQos::default());
            if let StreamState::Measured(qos) = state {
                decode_stream(&mut input, qos)?;
            }
        } else if idle >> index & 1 == 1 {
            *state = StreamState::Idle;
        }
    }
    if input.0.is_empty() { Ok(()) } else { Err(DecodeError::Long) }
}

fn encode_stream(out: &mut Vec<u8>, qos: &StreamQos) {
    let fields = [
        qos.bitrate.map(|v| v.0),
        qos.latency.map(|v| v.0),
        qos.jitter.map(|v| v.0),
        qos.avg_loss.map(|v| v.0.into()),
        qos.max_loss.map(|v| v.0.into()),
    ];
    let bits = fields.iter().enumerate().fold(0, |bits, (i, field)| bits | u8::from(field.is_some()) << i);
    // Assembled separately and appended at once: a buffer that may grow with each byte takes twice as long.
    let mut stream = Piece { bytes: [0; MAX_STREAM_LEN], len: 0 };
    stream.push(bits | u8::from(qos.resolution.is_some()) << 5 | u8::from(qos.frame_rate.is_some()) << 6);
    for field in fields.into_iter().flatten() {
        stream.put_varint(field);
    }
    if let Some(Resolution { width, height }) = qos.resolution {
        stream.put_varint(width.into());
        stream.put_varint(height.into());
    }
    if let Some(frame_rate) = qos.frame_rate {
        stream.put_varint(frame_rate.0.into());
    }
    out.extend_from_slice(&stream.bytes[..stream.len]);
}

/// A stream that is being encoded.
struct Piece {
    bytes: [u8; MAX_STREAM_LEN],
    len: usize,
}

impl Piece {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    #[inline]
    fn put_varint(&mut self, n: u32) {
        varint::put(n.into(), |byte| self.push(byte));
    }
}

#[inline]
fn decode_stream(input: &mut Input<'_>, qos: &mut StreamQos) -> Result<(), DecodeError> {
    let bits = input.byte()?;
    if bits & !FIELD_BITS != 0 {
        return Err(DecodeError::Range("a stream's fields"));
    }
    if bits & 1 != 0 {
        qos.bitrate = Some(BitrateBps(input.varint()?));
    }
    if bits & 1 << 1 != 0 {
        qos.latency = Some(Millis(input.varint()?));
    }
    if bits & 1 << 2 != 0 {
        qos.jitter = Some(Millis(input.varint()?));
    }
    if bits & 1 << 3 != 0 {
        qos.avg_loss = Some(LossPermyriad(input.varint_u16("a loss")?));
    }
    if bits & 1 << 4 != 0 {
        qos.max_loss = Some(LossPermyriad(input.varint_u16("a loss")?));
    }
    if bits & 1 << 5 != 0 {
        qos.resolution =
            Some(Resolution { width: input.varint_u16("a width")?, height: input.varint_u16("a height")? });
    }
    if bits & 1 << 6 != 0 {
        qos.frame_rate = Some(FrameRateCentiFps(input.varint_u16("a frame rate")?));
    }
    Ok(())
}

fn encode_extras(out: &mut Vec<u8>, minute: &QosMinute) {
    if minute.cpu_usage.is_none() && minute.cpu_pressure.is_none() && minute.wifi_rssi.is_none() {
        out.push(0);
        return;
    }
    let cpu = minute.cpu_usage.unwrap_or_default();
    let cpu = [cpu.client_min, cpu.client_avg, cpu.client_max, cpu.system_max];
    let pressure = minute.cpu_pressure.unwrap_or_default();
    let pressure = [pressure.min, pressure.avg, pressure.max];
    let rssi = minute.wifi_rssi.unwrap_or_default();
    let rssi = [rssi.min_dbm, rssi.avg_dbm, rssi.max_dbm];

    let presence = std::iter::once(minute.cpu_usage.is_some())
        .chain(cpu.iter().map(Option::is_some))
        .chain([minute.cpu_pressure.is_some()])
        .chain(pressure.iter().map(Option::is_some))
        .chain([minute.wifi_rssi.is_some()])
        .chain(rssi.iter().map(Option::is_some));
    put_varint(out, presence.enumerate().fold(0, |bits, (i, present)| bits | u32::from(present) << i));

    for percent in cpu.into_iter().flatten() {
        put_varint(out, percent.0.into());
    }
    for level in pressure.into_iter().flatten() {
        out.push(match level {
            CpuPressureLevel::Normal => 0,
            CpuPressureLevel::Fair => 1,
            CpuPressureLevel::Serious => 2,
            CpuPressureLevel::Critical => 3,
        });
    }
    for dbm in rssi.into_iter().flatten() {
        put_varint(out, zigzag(dbm).into());
    }
}

fn decode_extras(input: &mut Input<'_>, minute: &mut QosMinute) -> Result<(), DecodeError> {
    let bits = input.varint()?;
    if bits & !EXTRA_BITS != 0 {
        return Err(DecodeError::Range("an extra's presence"));
    }
    if bits == 0 {
        return Ok(());
    }
    let is_set = |bit: u32| bits >> bit & 1 == 1;

    let mut percents = [None; 4];
    for (bit, percent) in (CPU_USAGE + 1..).zip(&mut percents) {
        if is_set(bit) {
            *percent = Some(Percent(input.varint_u16("a load")?));
        }
    }
    if is_set(CPU_USAGE) {
        let [client_min, client_avg, client_max, system_max] = percents;
        minute.cpu_usage = Some(CpuUsage { client_min, client_avg, client_max, system_max });
    } else if percents != [None; 4] {
        return Err(DecodeError::Range("an extra's presence"));
    }

    let mut levels = [None; 3];
    for (bit, level) in (CPU_PRESSURE + 1..).zip(&mut levels) {
        if is_set(bit) {
            *level = Some(match input.byte()? {
                0 => CpuPressureLevel::Normal,
                1 => CpuPressureLevel::Fair,
                2 => CpuPressureLevel::Serious,
                3 => CpuPressureLevel::Critical,
                _ => return Err(DecodeError::Range("a processor pressure")),
            });
        }
    }
    if is_set(CPU_PRESSURE) {
        let [min, avg, max] = levels;
        minute.cpu_pressure = Some(CpuPressure { min, avg, max });
    } else if levels != [None; 3] {
        return Err(DecodeError::Range("an extra's presence"));
    }

    let mut dbms = [None; 3];
    for (bit, dbm) in (WIFI_RSSI + 1..).zip(&mut dbms) {
        if is_set(bit) {
            *dbm = Some(unzigzag(input.varint_u16("a signal strength")?));
        }
    }
    if is_set(WIFI_RSSI) {
        let [min_dbm, avg_dbm, max_dbm] = dbms;
        minute.wifi_rssi = Some(WifiRssi { min_dbm, avg_dbm, max_dbm });
    } else if dbms != [None; 3] {
        return Err(DecodeError::Range("an extra's presence"));
    }
    Ok(())
}

/// Maps numbers near zero, of either sign, to small ones: 0, -1, 1, -2, …
const fn zigzag(n: i16) -> u16 {
    (n.cast_unsigned() << 1) ^ (n >> 15).cast_unsigned()
}

const fn unzigzag(n: u16) -> i16 {
    (n >> 1).cast_signed() ^ -((n & 1).cast_signed())
}

fn put_varint(out: &mut Vec<u8>, n: u32) {
    varint::put(n.into(), |byte| out.push(byte));
}

/// The rest of a value.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    #[inline]
    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.0.split_first().ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(*first)
    }

    #[inline]
    fn varint(&mut self) -> Result<u32, DecodeError> {
        match varint::take(&mut self.0) {
            Ok(n) => u32::try_from(n).map_err(|_| DecodeError::Range("a number")),
            Err(InvalidVarint::Short) => Err(DecodeError::Short),
            Err(InvalidVarint::Range) => Err(DecodeError::Range("a number")),
        }
    }

    #[inline]
    fn varint_u16(&mut self, what: &'static str) -> Result<u16, DecodeError> {
        u16::try_from(self.varint()?).map_err(|_| DecodeError::Range(what))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A minute with six measured streams, as reported by a client on Wi-Fi.
    fn typical() -> QosMinute {
        let mut minute = QosMinute::new(Minute(27_500_000));
        for (index, state) in minute.streams.iter_mut().take(6).enumerate() {
            let picture = index >= 2;
            *state = StreamState::Measured(StreamQos {
                bitrate: Some(BitrateBps(if picture { 1_234_567 } else { 27_150 })),
                latency: Some(Millis(126)),
                jitter: Some(Millis(9)),
                avg_loss: Some(LossPermyriad(12)),
                max_loss: Some(LossPermyriad(150)),
                resolution: picture.then_some(Resolution { width: 1280, height: 720 }),
                frame_rate: picture.then_some(FrameRateCentiFps(2_997)),
            });
        }
        minute.cpu_usage = Some(CpuUsage {
            client_min: Some(Percent(1)),
            client_avg: Some(Percent(3)),
            client_max: Some(Percent(7)),
            system_max: Some(Percent(42)),
        });
        minute.wifi_rssi = Some(WifiRssi { min_dbm: Some(-71), avg_dbm: Some(-64), max_dbm: Some(-58) });
        minute
    }

    #[test]
    fn a_typical_minute_is_small() {
        let len = encode(&typical()).len();
        assert!((60..=110).contains(&len), "{len}");
        assert_eq!(encode(&QosMinute::new(Minute(1))).len(), 4);
    }

    /// Bytes as written by version 1. If this fails, stored minutes have become unreadable: fix the code, not the
    /// bytes.
    #[test]
    fn version_1_stays_readable() {
        const FROZEN: &[u8] = &[
            0x01, 0x05, 0x82, 0x80, 0x08, 0xff, 0x3f, 0x01, 0x80, 0x02, 0x07, 0x2a, 0x00, 0x01, 0x03, 0x8d, 0x01, 0x7f,
            0x00, 0x1f, 0x8e, 0xd4, 0x01, 0x7e, 0x09, 0x00, 0x96, 0x01, 0x61, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x00,
            0xb5, 0x17,
        ];
        let mut minute = QosMinute::new(Minute(7));
        minute.streams[0] = StreamState::Measured(StreamQos {
            bitrate: Some(BitrateBps(27_150)),
            latency: Some(Millis(126)),
            jitter: Some(Millis(9)),
            avg_loss: Some(LossPermyriad(0)),
            max_loss: Some(LossPermyriad(150)),
            ..StreamQos::default()
        });
        minute.streams[1] = StreamState::Idle;
        minute.streams[2] = StreamState::Measured(StreamQos {
            bitrate: Some(BitrateBps(u32::MAX)),
            resolution: Some(Resolution { width: 0, height: 0 }),
            frame_rate: Some(FrameRateCentiFps(2_997)),
            ..StreamQos::default()
        });
        minute.streams[17] = StreamState::Idle;
        minute.cpu_usage = Some(CpuUsage {
            client_min: Some(Percent(1)),
            client_avg: Some(Percent(256)),
            client_max: Some(Percent(7)),
            system_max: Some(Percent(42)),
        });
        minute.cpu_pressure = Some(CpuPressure {
            min: Some(CpuPressureLevel::Normal),
            avg: Some(CpuPressureLevel::Fair),
            max: Some(CpuPressureLevel::Critical),
        });
        minute.wifi_rssi = Some(WifiRssi { min_dbm: Some(-71), avg_dbm: Some(-64), max_dbm: Some(0) });
        assert_eq!(encode(&minute), FROZEN);
        assert_eq!(decode(Minute(7), FROZEN), Ok(minute));
    }

    #[test]
    fn refuses_what_was_not_written() {
        let value = encode(&typical());
        let decode = |value: &[u8]| decode(Minute(1), value);
        assert_eq!(decode(&[]), Err(DecodeError::Short));
        assert_eq!(decode(&[2, 0, 0, 0]), Err(DecodeError::Version(2)));
        assert_eq!(decode(&[1, 1, 1, 0, 0]), Err(DecodeError::Range("a stream's state")));
        assert_eq!(decode(&[1, 0, 0, 2, 9]), Err(DecodeError::Range("an extra's presence")));
        assert_eq!(decode(&[1, 0x80, 0, 0, 0]), Err(DecodeError::Range("a number")));
        assert_eq!(decode(&[&value[..], &[0]].concat()), Err(DecodeError::Long));
        for len in 0..value.len() {
            assert_eq!(decode(&value[..len]), Err(DecodeError::Short), "{len}");
        }
    }

    fn stream_state() -> impl Strategy<Value = StreamState> {
        let loss = || proptest::option::of(any::<u16>().prop_map(LossPermyriad));
        let millis = || proptest::option::of(any::<u32>().prop_map(Millis));
        let resolution = any::<(u16, u16)>().prop_map(|(width, height)| Resolution { width, height });
        let measured = (
            proptest::option::of(any::<u32>().prop_map(BitrateBps)),
            millis(),
            millis(),
            loss(),
            loss(),
            proptest::option::of(resolution),
            proptest::option::of(any::<u16>().prop_map(FrameRateCentiFps)),
        )
            .prop_map(|(bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate)| {
                StreamState::Measured(StreamQos {
                    bitrate,
                    latency,
                    jitter,
                    avg_loss,
                    max_loss,
                    resolution,
                    frame_rate,
                })
            });
        prop_oneof![Just(StreamState::NotReported), Just(StreamState::Idle), measured]
    }

    fn qos_minute() -> impl Strategy<Value = QosMinute> {
        let percent = || proptest::option::of(any::<u16>().prop_map(Percent));
        let cpu_usage = (percent(), percent(), percent(), percent()).prop_map(
            |(client_min, client_avg, client_max, system_max)| CpuUsage {
                client_min,
                client_avg,
                client_max,
                system_max,
            },
        );
        let level = || {
            proptest::option::of(prop_oneof![
                Just(CpuPressureLevel::Normal),
                Just(CpuPressureLevel::Fair),
                Just(CpuPressureLevel::Serious),
                Just(CpuPressureLevel::Critical),
            ])
        };
        let cpu_pressure = (level(), level(), level()).prop_map(|(min, avg, max)| CpuPressure { min, avg, max });
        let wifi_rssi = any::<(Option<i16>, Option<i16>, Option<i16>)>()
            .prop_map(|(min_dbm, avg_dbm, max_dbm)| WifiRssi { min_dbm, avg_dbm, max_dbm });
        (
            any::<u32>().prop_map(Minute),
            proptest::collection::vec(stream_state(), STREAM_COUNT),
            proptest::option::of(cpu_usage),
            proptest::option::of(cpu_pressure),
            proptest::option::of(wifi_rssi),
        )
            .prop_map(|(minute, streams, cpu_usage, cpu_pressure, wifi_rssi)| QosMinute {
                minute,
                streams: streams.try_into().unwrap(),
                cpu_usage,
                cpu_pressure,
                wifi_rssi,
            })
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(minute in qos_minute()) {
            prop_assert_eq!(decode(minute.minute, &encode(&minute)), Ok(minute));
        }

        /// Whatever decodes without an error encodes to the same bytes: no two values mean the same minute.
        #[test]
        fn any_bytes_are_read_or_refused(
            first in prop_oneof![Just(VERSION), any::<u8>()],
            rest in proptest::collection::vec(prop_oneof![0_u8..4, any::<u8>()], 0..200),
        ) {
            let value = [&[first], &rest[..]].concat();
            if let Ok(minute) = decode(Minute(1), &value) {
                prop_assert_eq!(encode(&minute), value);
            }
        }

        #[test]
        fn a_damaged_minute_is_read_or_refused(minute in qos_minute(), at in any::<prop::sample::Index>(), by in 1_u8..) {
            let mut value = encode(&minute);
            let at = at.index(value.len());
            value[at] ^= by;
            if let Ok(minute) = decode(Minute(1), &value) {
                prop_assert_eq!(encode(&minute), value);
            }
        }
    }
}
