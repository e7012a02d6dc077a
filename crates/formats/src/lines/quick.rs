//! A fast parser for typical lines of minutes.
//!
//! Such a line has some fifty keys and values, and nearly always known keys in a constant order, strings without
//! escapes, and plain numbers. Those are parsed here, directly into a minute, in a fraction of the time of a general
//! JSON parser. Everything else, valid or not, is left to [`super::qos`], which also reports errors: this parser
//! returns the same result or none.

use std::{borrow::Cow, str};

use rollcall_model::{
    BitrateBps, FrameRateCentiFps, LossPermyriad, Millis, QosMinute, Resolution, STREAM_NAMES, StreamQos, StreamState,
    Timestamp,
};
use serde::Deserialize;

use super::{
    Named,
    number::{Hundredths, MeetingId, Scaled, Share, Small, Text, Whole},
    qos::{self, Cpu, Pressure, Rssi, Whose},
};

/// Values with more digits are parsed by another parser, and so are those of a meeting's number.
const MAX_DIGITS: usize = 7;
const MAX_MEETING_ID_DIGITS: usize = 18;

/// Values of the previous line, which the next one may repeat.
#[derive(Debug, Default)]
pub(super) struct Before {
    join_time: LastTime,
    date_time: LastTime,
}

/// A parsed time, with its text.
#[derive(Debug, Default)]
struct LastTime {
    text: Vec<u8>,
    time: Option<Timestamp>,
}

impl LastTime {
    /// Returns the parsed time. `None` if it is invalid.
    fn read(&mut self, text: &[u8]) -> Option<Timestamp> {
        if self.time.is_none() || self.text != text {
            self.time = None;
            self.time = Some(str::from_utf8(text).ok()?.parse().ok()?);
            self.text.clear();
            self.text.extend_from_slice(text);
        }
        self.time
    }
}

/// Parses a line into `minute`. `None` if it is not in the simple form; the minute is then undefined.
pub(super) fn read<'l>(line: &'l [u8], minute: &mut QosMinute, before: &mut Before) -> Option<Whose<'l>> {
    let mut scanner = Scanner { rest: line };
    let mut named = Named { instance_uuid: None, meeting_id: None, kind: None, state: None };
    let (mut user_id, mut join_time, mut date_time): (Option<Cow<'l, str>>, Option<Timestamp>, Option<Timestamp>) =
        (None, None, None);
    let mut told: u32 = 0;
    let mut next_stream = 0;
    *minute = QosMinute::new(minute.minute);
    if !scanner.take(b'{') {
        return None;
    }
    loop {
        let key = scanner.bytes()?;
        if !scanner.take(b':') {
            return None;
        }
        match key {
            b"instance_uuid" => set(&mut named.instance_uuid, Text(Cow::Borrowed(scanner.text()?)))?,
            b"meeting_id" => set(&mut named.meeting_id, scanner.meeting_id()?)?,
            b"kind" => set(&mut named.kind, Text(Cow::Borrowed(scanner.text()?)))?,
            b"state" => set(&mut named.state, Text(Cow::Borrowed(scanner.text()?)))?,
            b"user_id" => set(&mut user_id, Cow::Borrowed(scanner.text()?))?,
            b"join_time" => set(&mut join_time, before.join_time.read(scanner.bytes()?)?)?,
            b"date_time" => set(&mut date_time, before.date_time.read(scanner.bytes()?)?)?,
            b"cpu_usage" => set(&mut minute.cpu_usage, scanner.any::<Cpu>()?.into())?,
            b"cpu_pressure_level" => set(&mut minute.cpu_pressure, scanner.any::<Pressure>()?.into())?,
            b"wifi_rssi" => set(&mut minute.wifi_rssi, scanner.any::<Rssi>()?.into())?,
            stream => {
                // Most are in the order of the documents.
                let index = if STREAM_NAMES.get(next_stream).is_some_and(|name| name.as_bytes() == stream) {
                    next_stream
                } else {
                    STREAM_NAMES.iter().position(|name| name.as_bytes() == stream)?
                };
                next_stream = index + 1;
                if told >> index & 1 == 1 {
                    return None;
                }
                told |= 1 << index;
                minute.streams[index] = scanner.stream(rollcall_model::STREAMS[index].has_picture())?;
            }
        }
        if scanner.ends_object()? {
            break;
        }
    }
    if !scanner.rest.trim_ascii_start().is_empty() {
        return None;
    }
    let (user_id, date_time) = (user_id?, date_time?);
    qos::check(&user_id, date_time).ok()?;
    minute.minute = date_time.minute();
    Some(Whose { instance: named.key().ok()?, user_id, join_time })
}

/// Stores a value. `None` if there is one already, because a key was repeated.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// The rest of a line. Each method returns `None` if it finds something else.
struct Scanner<'l> {
    rest: &'l [u8],
}

impl<'l> Scanner<'l> {
    #[inline]
    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Skips `byte` if it comes next.
    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Skips a key, given with its quotes, and its colon if they come next.
    #[inline]
    fn key<const LEN: usize>(&mut self, quoted: &[u8; LEN]) -> bool {
        self.skip_space();
        // With a length that the compiler knows, they are compared in a few registers.
        match self.rest.split_first_chunk::<LEN>() {
            Some((first, rest)) if first == quoted => {
                self.rest = rest;
                self.take(b':')
            }
            _ => false,
        }
    }

    /// Skips the separator after a value. Returns whether the object ends there.
    #[inline]
    fn ends_object(&mut self) -> Option<bool> {
        self.skip_space();
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        match first {
            b',' => {
                self.skip_space();
                Some(false)
            }
            b'}' => Some(true),
            _ => None,
        }
    }

    /// Returns a string without escapes.
    fn text(&mut self) -> Option<&'l str> {
        str::from_utf8(self.bytes()?).ok()
    }

    /// Returns the bytes of a string without escapes, which need not be UTF-8.
    #[inline]
    fn bytes(&mut self) -> Option<&'l [u8]> {
        if !self.take(b'"') {
            return None;
        }
        let end = self.rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix(b"\"")?;
        Some(text)
    }

    /// A value that is rarely present, or rarely written like this.
    #[cold]
    fn any<T: Deserialize<'l>>(&mut self) -> Option<T> {
        let mut values = serde_json::Deserializer::from_slice(self.rest).into_iter();
        let value = values.next()?.ok()?;
        self.rest = &self.rest[values.byte_offset()..];
        Some(value)
    }

    fn meeting_id(&mut self) -> Option<MeetingId> {
        self.skip_space();
        let len = self.rest.iter().take(MAX_MEETING_ID_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
        let is_plain = (2..=MAX_MEETING_ID_DIGITS).contains(&len) && self.rest[0] != b'0';
        match self.rest.get(len) {
            Some(b',' | b'}' | b' ') if is_plain => {
                let (digits, rest) = self.rest.split_at(len);
                self.rest = rest;
                Some(MeetingId(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))))
            }
            _ => self.any(),
        }
    }

    /// Returns a number with at most two decimals, or none if it is stored as an integer.
    #[inline]
    fn number<const SCALE: u32, const MAX: u32>(&mut self) -> Option<Scaled<SCALE, MAX>> {
        self.skip_space();
        let (whole, digits) = leading_digits(self.rest);
        let (mut scaled, mut len) = (u64::from(whole) * u64::from(SCALE), digits);
        if SCALE == 100
            && let Some(decimals) = self.rest[len..].strip_prefix(b".")
        {
            let (hundredths, digits) = leading_digits(decimals);
            scaled += u64::from(if digits == 1 { hundredths * 10 } else { hundredths });
            // More decimals are rounded by another parser, which sees the number from its decimal point on.
            len += if digits == 1 || digits == 2 { 1 + digits } else { 0 };
        }
        let is_plain = digits > 0 && digits <= MAX_DIGITS && (digits == 1 || self.rest[0] != b'0');
        match self.rest.get(len) {
            Some(b',' | b'}' | b' ') if is_plain => {
                self.rest = &self.rest[len..];
                Scaled::from_scaled(scaled)
            }
            _ => self.any(),
        }
    }

    /// Parses a stream's values, usually in the order of the documents.
    fn stream(&mut self, has_picture: bool) -> Option<StreamState> {
        let mut qos = StreamQos::default();
        let (mut width, mut height) = (None, None);
        if !self.take(b'{') {
            return None;
        }
        if self.take(b'}') {
            return Some(StreamState::Idle);
        }
        loop {
            let before = self.rest.len();
            macro_rules! values {
                ($($key:literal: $place:expr, $value:expr;)*) => {
                    $(if self.key($key) {
                        set(&mut $place, $value)?;
                        if self.ends_object()? {
                            break;
                        }
                    })*
                };
            }
            values! {
                br#""bitrate_bps""#: qos.bitrate, BitrateBps(self.whole()?.0);
                br#""latency_ms""#: qos.latency, Millis(self.whole()?.0);
                br#""jitter_ms""#: qos.jitter, Millis(self.whole()?.0);
                br#""avg_loss_percent""#: qos.avg_loss, LossPermyriad(self.share()?.small());
                br#""max_loss_percent""#: qos.max_loss, LossPermyriad(self.share()?.small());
            }
            if has_picture {
                values! {
                    br#""resolution_width_px""#: width, self.small()?.small();
                    br#""resolution_height_px""#: height, self.small()?.small();
                    br#""frame_rate_fps""#: qos.frame_rate, FrameRateCentiFps(self.hundredths()?.small());
                }
            }
            // None of these.
            if self.rest.len() == before {
                return None;
            }
        }
        match (width, height) {
            (Some(width), Some(height)) => qos.resolution = Some(Resolution { width, height }),
            (None, None) => {}
            _ => return None,
        }
        Some(qos::measured(qos))
    }

    fn whole(&mut self) -> Option<Whole> {
        self.number()
    }

    fn small(&mut self) -> Option<Small> {
        self.number()
    }

    fn share(&mut self) -> Option<Share> {
        self.number()
    }

    fn hundredths(&mut self) -> Option<Hundredths> {
        self.number()
    }
}

/// Returns the value and the number of the leading digits; with eight, the maximum that is examined, the value is
/// undefined.
///
/// All eight bytes are examined at once: the number of digits is unpredictable, and a mispredicted branch costs more
/// time than all of this.
#[inline]
fn leading_digits(bytes: &[u8]) -> (u32, usize) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let eight = bytes.first_chunk::<8>().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        eight
    });
    // The first byte is the lowest. Digits become 0 to 9, everything else more; carries only affect bytes after the
    // first that is not a digit.
    let values = u64::from_le_bytes(eight) ^ (EACH * u64::from(b'0'));
    let others = (values.wrapping_add(EACH * 0x76) | values) & (EACH * 0x80);
    let len = others.trailing_zeros() as usize / 8;
    if len == 0 || len == 8 {
        return (0, len);
    }
    // The digits are shifted to the last of eight, after zeros; then pairs, fours and all of them are combined.
    let digits = values << (64 - 8 * len);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000).wrapping_add(fours >> 32) as u32, len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rollcall_model::Minute;

    use super::*;

    fn quick(line: &[u8]) -> Option<(Whose<'_>, QosMinute)> {
        let mut minute = QosMinute::new(Minute(0));
        let whose = read(line, &mut minute, &mut Before::default())?;
        Some((whose, minute))
    }

    /// How a general JSON parser reads the line.
    fn slow(line: &[u8]) -> Option<(Whose<'_>, QosMinute)> {
        let mut minute = QosMinute::new(Minute(0));
        let whose = qos::read_any(line, &mut minute).ok()?;
        Some((whose, minute))
    }

    /// A number in various forms, simple or not.
    fn number() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => (0..2_000_u32).prop_map(|n| n.to_string()),
            4 => (0..99_u32, 0..10_u32).prop_map(|(n, tenths)| format!("{n}.{tenths}")),
            4 => (0..99_u32, 0..100_u32).prop_map(|(n, hundredths)| format!("{n}.{hundredths:02}")),
            1 => any::<u64>().prop_map(|n| n.to_string()),
            1 => any::<f64>().prop_map(|n| n.to_string()),
            1 => (0.0..70_000.0).prop_map(|n: f64| n.to_string()),
            1 => prop::sample::select(vec!["-1", "007", "1.", ".5", "1e3", "100.001", "655.355", "null", "\"7\"", "true", "{}"])
                .prop_map(str::to_owned),
        ]
    }

    fn object(pairs: &[(String, String)], space: &str) -> String {
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{space}\"{key}\":{space}{value}")).collect();
        format!("{{{}{space}}}", pairs.join(&format!("{space},")))
    }

    fn stream() -> impl Strategy<Value = Vec<(String, String)>> {
        const KEYS: [&str; 9] = [
            "bitrate_bps",
            "latency_ms",
            "jitter_ms",
            "avg_loss_percent",
            "max_loss_percent",
            "resolution_width_px",
            "resolution_height_px",
            "frame_rate_fps",
            "bitrate",
        ];
        let keys = prop_oneof![
            4 => (0..9_usize).prop_map(|len| KEYS[..len.min(8)].to_vec()),
            1 => prop::sample::subsequence(KEYS.to_vec(), 0..9).prop_shuffle(),
        ];
        keys.prop_flat_map(|keys| {
            let values = prop::collection::vec(number(), keys.len());
            values.prop_map(move |values| keys.iter().map(|key| (*key).to_owned()).zip(values).collect())
        })
    }

    fn line() -> impl Strategy<Value = String> {
        let texts = prop::sample::select(vec![
            r#""1""#,
            r#""run/1==""#,
            r#""""#,
            r#""\u0041""#,
            "\"\u{e4}\"",
            r#""live""#,
            r#""webinar""#,
            "12",
            "null",
        ]);
        let times = prop::sample::select(vec![
            r#""2026-09-21T13:00:00Z""#,
            r#""2026-09-21T13:05:42.5+02:00""#,
            r#""1969-01-01T00:00:00Z""#,
            r#""noon""#,
            "1",
        ]);
        let key = prop::sample::select(vec!["instance_uuid", "meeting_id", "kind", "state", "user_id", "audio_input"]);
        let space = prop::sample::select(vec!["", "", " ", "\t "]);
        let extras = prop::sample::select(vec![
            (String::new(), String::new()),
            (
                "cpu_usage".to_owned(),
                r#"{"zoom_min_cpu_usage_percent": 1.4, "system_max_cpu_usage_percent":140}"#.to_owned(),
            ),
            ("wifi_rssi".to_owned(), r#"{"min_rssi_dbm":-75,"max_rssi_dbm":null}"#.to_owned()),
            ("cpu_pressure_level".to_owned(), r#"{"system_avg_cpu_pressure_level":"fair"}"#.to_owned()),
            ("cpu_usage".to_owned(), "null".to_owned()),
        ]);
        let streams = prop::collection::vec((prop::sample::select(STREAM_NAMES.to_vec()), stream()), 0..7);
        let odd = prop_oneof![3 => Just(None), 1 => (key, texts, times).prop_map(Some)];
        (streams, odd, extras, space, any::<prop::sample::Index>()).prop_map(|(streams, odd, extras, space, at)| {
            let mut pairs: Vec<(String, String)> = [
                ("instance_uuid", r#""gm8s9L+PTEC+FG3sFbd1Cw==""#),
                ("meeting_id", "123456789"),
                ("user_id", r#""16778240""#),
                ("join_time", r#""2026-09-21T13:00:00Z""#),
                ("date_time", r#""2026-09-21T13:05:42Z""#),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
            if let Some((key, text, time)) = odd {
                pairs[4].1 = time.to_owned();
                pairs.push((key.to_owned(), text.to_owned()));
                let at = at.index(pairs.len());
                pairs.swap(at, 0);
            }
            pairs.extend(streams.into_iter().map(|(key, values)| (key.to_owned(), object(&values, space))));
            if !extras.0.is_empty() {
                pairs.push(extras);
            }
            object(&pairs, space)
        })
    }

    proptest! {
        #[test]
        fn digits_come_to_a_number(number in 0..10_000_000_u32, rest in prop::collection::vec(any::<u8>(), 0..9)) {
            let text = [number.to_string().as_bytes(), &rest].concat();
            let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count().min(8);
            let (read, digits) = leading_digits(&text);
            prop_assert_eq!(digits, len);
            if (1..8).contains(&len) {
                prop_assert_eq!(read, std::str::from_utf8(&text[..len]).unwrap().parse::<u32>().unwrap());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_read_quickly_is_what_any_parser_reads(line in line()) {
            if let Some(read) = quick(line.as_bytes()) {
                prop_assert_eq!(Some(read), slow(line.as_bytes()), "{}", line);
            }
        }

        #[test]
        fn a_changed_byte_is_read_as_any_parser_reads_it(
            line in line(), at in any::<prop::sample::Index>(), byte in prop::sample::select(b"\"\\{}[],:.0159-+e nx\r\t\xff\x00".to_vec()), how in 0..3,
        ) {
            let mut line = line.into_bytes();
            let at = at.index(line.len());
            match how {
                0 => line[at] = byte,
                1 => line.insert(at, byte),
                _ => drop(line.remove(at)),
            }
            if let Some(read) = quick(&line) {
                prop_assert_eq!(Some(read), slow(&line), "{}", String::from_utf8_lossy(&line));
            }
        }
    }

    /// If this fails, lines are still parsed, at a third of the speed.
    #[test]
    fn plain_lines_are_read_quickly() {
        for line in [
            r#"{"instance_uuid":"gm8s9L+PTEC+FG3sFbd1Cw==","meeting_id":123456789,"state":"live","user_id":"16778240","join_time":"2026-03-01T10:15:14Z","date_time":"2026-03-01T10:16:00Z","audio_input":{"bitrate_bps":27150,"latency_ms":126,"jitter_ms":6,"avg_loss_percent":0.3,"max_loss_percent":1.9},"audio_output":{}}"#,
            r#"{"meeting_id": "123456789", "user_id": "1", "date_time": "2026-03-01T10:16:00Z", "wifi_rssi": {"min_rssi_dbm": -75}, "video_output": {"frame_rate_fps": 29.97, "resolution_width_px": 1280, "resolution_height_px": 720, "jitter_ms": 6.123456}}"#,
        ] {
            let read = quick(line.as_bytes());
            assert!(read.is_some(), "{line}");
            assert_eq!(read, slow(line.as_bytes()));
        }
    }
}
