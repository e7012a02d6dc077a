//! The protocol between a server and its workers, over a pipe.
//!
//! ```text
//! frame  = length kind body        length: 4 bytes, of what follows
//! ```
//!
//! Numbers are little-endian; text and lists are preceded by their length. Both ends are the same program, so there is
//! no version.

use std::{
    io::{self, Read},
    ops::Range,
};

use bytes::Bytes;
use rollcall_model::{AccountId, InstanceId, Minute, MinuteFields, ParticipantId};
use rollcall_store::{MinuteCursor, MinuteRow, packed};
use rusqlite::types::Value;

use crate::{Format, Names, Question, SqlError, source::Wanted};

/// Maximum length of a frame: larger than any query, any piece of an answer and any page of minutes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// A message of a server to a worker.
#[derive(Debug)]
pub(crate) enum ToWorker {
    Query(Question),
    /// The minutes that the worker requested.
    Minutes(Result<Vec<MinuteRow>, SqlError>),
    /// The instances with hot minutes; `None` if no file can be read directly.
    Hot(Result<Option<Vec<InstanceId>>, SqlError>),
    /// The part of a file that the worker requested; `None` if the account has no such file.
    File(Result<Option<FileParts>, SqlError>),
}

/// Parts of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileParts {
    /// The length of the file, if its end was requested.
    pub(crate) length: u64,
    pub(crate) parts: Vec<Bytes>,
}

/// A message of a worker to its server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FromWorker {
    /// A piece of the answer.
    Printed(Vec<u8>),
    /// The answer is complete.
    Done,
    Failed(SqlError),
    /// The query needs minutes of its account.
    Read(WantedMinutes),
    /// The query needs to know which instances of its account have hot minutes.
    Hot,
    /// The query needs the end of one of its account's files,
    FileEnd {
        path: String,
        bytes: u64,
    },
    /// or parts of one.
    FileRanges {
        path: String,
        ranges: Vec<Range<u64>>,
    },
}

/// The minutes that a query needs. The server knows the account.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WantedMinutes {
    pub(crate) instance: InstanceId,
    pub(crate) participants: Vec<ParticipantId>,
    pub(crate) after: Option<MinuteCursor>,
    pub(crate) limit: usize,
    pub(crate) fields: MinuteFields,
}

/// Malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed frame")]
pub(crate) struct Malformed;

type Result<T, E = Malformed> = std::result::Result<T, E>;

/// The kind of a frame.
mod kind {
    pub(super) const QUERY: u8 = 1;
    pub(super) const MINUTES: u8 = 2;
    pub(super) const NO_MINUTES: u8 = 3;
    pub(super) const PRINTED: u8 = 4;
    pub(super) const DONE: u8 = 5;
    pub(super) const FAILED: u8 = 6;
    pub(super) const READ: u8 = 7;
    pub(super) const HOT: u8 = 8;
    pub(super) const NO_HOT: u8 = 9;
    pub(super) const FILE: u8 = 10;
    pub(super) const NO_FILE: u8 = 11;
    pub(super) const FILE_END: u8 = 12;
    pub(super) const FILE_RANGES: u8 = 13;
}

/// Returns the length of a frame from its `header`.
pub(crate) fn length(header: [u8; 4]) -> Result<usize> {
    usize::try_from(u32::from_le_bytes(header)).ok().filter(|length| (1..=MAX_BYTES).contains(length)).ok_or(Malformed)
}

/// Reads a frame without its length; `None` at the end of the stream.
pub(crate) fn read(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut header = [0; 4];
    match input.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut frame = vec![0; length(header).map_err(io::Error::other)?];
    input.read_exact(&mut frame)?;
    Ok(Some(frame))
}

impl ToWorker {
    /// Returns the whole frame.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Query(Question { account, names, sql, values, format, limits }) => {
                let mut out = Output::of(kind::QUERY);
                out.number(account.0);
                out.byte((*names == Names::Hidden).into());
                out.text(sql);
                out.length(values.len());
                values.iter().for_each(|value| out.value(value));
                out.byte(format.number());
                for limit in [u64::try_from(limits.time.as_millis()).unwrap_or(u64::MAX), limits.rows] {
                    out.number(limit.cast_signed());
                }
                out.number(limits.bytes.cast_signed());
                out.number(limits.memory.cast_signed());
                out.end()
            }
            Self::Minutes(Ok(rows)) => {
                let mut out = Output::of(kind::MINUTES);
                out.length(rows.len());
                let mut value = Vec::with_capacity(packed::TYPICAL_LEN);
                for MinuteRow { participant, minute } in rows {
                    out.number(participant.0);
                    out.0.extend(minute.minute.0.to_le_bytes());
                    value.clear();
                    packed::encode_into(&mut value, minute);
                    out.bytes(&value);
                }
                out.end()
            }
            Self::Minutes(Err(error)) => {
                let mut out = Output::of(kind::NO_MINUTES);
                out.error(error);
                out.end()
            }
            Self::Hot(Ok(hot)) => {
                let mut out = Output::of(kind::HOT);
                out.byte(hot.is_some().into());
                let hot = hot.as_deref().unwrap_or_default();
                out.length(hot.len());
                hot.iter().for_each(|instance| out.number(instance.0));
                out.end()
            }
            Self::Hot(Err(error)) => {
                let mut out = Output::of(kind::NO_HOT);
                out.error(error);
                out.end()
            }
            Self::File(Ok(file)) => {
                let mut out = Output::of(kind::FILE);
                out.byte(file.is_some().into());
                if let Some(FileParts { length, parts }) = file {
                    out.number(length.cast_signed());
                    out.length(parts.len());
                    parts.iter().for_each(|part| out.bytes(part));
                }
                out.end()
            }
            Self::File(Err(error)) => {
                let mut out = Output::of(kind::NO_FILE);
                out.error(error);
                out.end()
            }
        }
    }

    /// Decodes what [`Self::encode`] wrote, without its length.
    pub(crate) fn decode(frame: &[u8]) -> Result<Self> {
        let mut input = Input(frame);
        let message = match input.byte()? {
            kind::QUERY => {
                let account = AccountId(input.number()?);
                let names = match input.byte()? {
                    0 => Names::Shown,
                    1 => Names::Hidden,
                    _ => return Err(Malformed),
                };
                let sql = input.text()?;
                let values = (0..input.length()?).map(|_| input.value()).collect::<Result<_>>()?;
                let format = Format::numbered(input.byte()?).ok_or(Malformed)?;
                let mut limit = || input.number().map(i64::cast_unsigned);
                let limits = crate::Limits {
                    time: std::time::Duration::from_millis(limit()?),
                    rows: limit()?,
                    bytes: limit()?,
                    memory: limit()?,
                };
                Self::Query(Question { account, names, sql, values, format, limits })
            }
            kind::MINUTES => {
                let count = input.length()?;
                let row = |_| {
                    let participant = ParticipantId(input.number()?);
                    let minute = Minute(u32::from_le_bytes(input.array()?));
                    let minute = packed::decode(minute, input.bytes()?).map_err(|_| Malformed)?;
                    Ok(MinuteRow { participant, minute })
                };
                Self::Minutes(Ok((0..count).map(row).collect::<Result<_>>()?))
            }
            kind::NO_MINUTES => Self::Minutes(Err(input.error()?)),
            kind::HOT => {
                let is_there = input.byte()? != 0;
                let hot = (0..input.length()?).map(|_| input.number().map(InstanceId)).collect::<Result<_>>()?;
                Self::Hot(Ok(is_there.then_some(hot)))
            }
            kind::NO_HOT => Self::Hot(Err(input.error()?)),
            kind::FILE if input.byte()? == 0 => Self::File(Ok(None)),
            kind::FILE => {
                let length = input.number()?.cast_unsigned();
                let count = input.length()?;
                let part = |_| Ok(Bytes::copy_from_slice(input.bytes()?));
                let parts = (0..count).map(part).collect::<Result<_>>()?;
                Self::File(Ok(Some(FileParts { length, parts })))
            }
            kind::NO_FILE => Self::File(Err(input.error()?)),
            _ => return Err(Malformed),
        };
        input.end(message)
    }
}

impl FromWorker {
    /// Returns the whole frame.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Printed(bytes) => {
                let mut out = Output::of(kind::PRINTED);
                out.0.extend_from_slice(bytes);
                out.end()
            }
            Self::Done => Output::of(kind::DONE).end(),
            Self::Failed(error) => {
                let mut out = Output::of(kind::FAILED);
                out.error(error);
                out.end()
            }
            Self::Read(wanted) => wanted.wanted().encode(),
            Self::Hot => Output::of(kind::HOT).end(),
            Self::FileEnd { path, bytes } => {
                let mut out = Output::of(kind::FILE_END);
                out.text(path);
                out.number(bytes.cast_signed());
                out.end()
            }
            Self::FileRanges { path, ranges } => {
                let mut out = Output::of(kind::FILE_RANGES);
                out.text(path);
                out.length(ranges.len());
                for range in ranges {
                    out.number(range.start.cast_signed());
                    out.number(range.end.cast_signed());
                }
                out.end()
            }
        }
    }

    /// Decodes what [`Self::encode`] wrote, without its length.
    pub(crate) fn decode(frame: Vec<u8>) -> Result<Self> {
        let mut input = Input(&frame);
        let message = match input.byte()? {
            kind::PRINTED => {
                let mut printed = frame;
                printed.remove(0);
                return Ok(Self::Printed(printed));
            }
            kind::DONE => Self::Done,
            kind::FAILED => Self::Failed(input.error()?),
            kind::READ => {
                let instance = InstanceId(input.number()?);
                let participants =
                    (0..input.length()?).map(|_| input.number().map(ParticipantId)).collect::<Result<_>>()?;
                let after = match input.byte()? {
                    0 => None,
                    _ => Some(MinuteCursor {
                        participant: ParticipantId(input.number()?),
                        minute: Minute(u32::from_le_bytes(input.array()?)),
                    }),
                };
                let limit = input.length()?;
                let fields = MinuteFields::from_bytes(input.bytes()?).ok_or(Malformed)?;
                Self::Read(WantedMinutes { instance, participants, after, limit, fields })
            }
            kind::HOT => Self::Hot,
            kind::FILE_END => Self::FileEnd { path: input.text()?, bytes: input.number()?.cast_unsigned() },
            kind::FILE_RANGES => {
                let path = input.text()?;
                let count = input.length()?;
                let range = |_| Ok(input.number()?.cast_unsigned()..input.number()?.cast_unsigned());
                Self::FileRanges { path, ranges: (0..count).map(range).collect::<Result<_>>()? }
            }
            _ => return Err(Malformed),
        };
        input.end(message)
    }
}

impl WantedMinutes {
    fn wanted(&self) -> Wanted<'_> {
        let Self { instance, participants, after, limit, fields } = self;
        let (instance, after, limit) = (*instance, *after, *limit);
        Wanted { account: AccountId(0), instance, participants, after, limit, fields }
    }
}

impl Wanted<'_> {
    /// Returns the frame that requests them from a server.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Output::of(kind::READ);
        out.number(self.instance.0);
        out.length(self.participants.len());
        self.participants.iter().for_each(|participant| out.number(participant.0));
        match self.after {
            None => out.byte(0),
            Some(after) => {
                out.byte(1);
                out.number(after.participant.0);
                out.0.extend(after.minute.0.to_le_bytes());
            }
        }
        out.length(self.limit);
        out.bytes(&self.fields.to_bytes());
        out.end()
    }
}

/// A frame that is being written; its first four bytes are for its length.
struct Output(Vec<u8>);

impl Output {
    fn of(kind: u8) -> Self {
        Self(vec![0, 0, 0, 0, kind])
    }

    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn number(&mut self, number: i64) {
        self.0.extend(number.to_le_bytes());
    }

    fn length(&mut self, length: usize) {
        self.0.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.byte(0),
            Value::Integer(number) => {
                self.byte(1);
                self.number(*number);
            }
            Value::Real(number) => {
                self.byte(2);
                self.0.extend(number.to_le_bytes());
            }
            Value::Text(text) => {
                self.byte(3);
                self.text(text);
            }
            Value::Blob(bytes) => {
                self.byte(4);
                self.bytes(bytes);
            }
        }
    }

    fn error(&mut self, error: &SqlError) {
        let (number, told) = match error {
            SqlError::Invalid(_) => (0, 0),
            SqlError::Refused(_) => (1, 0),
            SqlError::None => (2, 0),
            SqlError::Several => (3, 0),
            SqlError::TooManyRows(rows) => (4, *rows),
            SqlError::TooLarge(bytes) => (5, *bytes),
            SqlError::TooMuchMemory(bytes) => (6, *bytes),
            SqlError::Unavailable(_) => (7, 0),
            // Turns and time limits belong to the server.
            _ => (8, 0),
        };
        let text = match error {
            SqlError::Invalid(text)
            | SqlError::Refused(text)
            | SqlError::Unavailable(text)
            | SqlError::Internal(text) => text.clone(),
            error => error.to_string(),
        };
        self.byte(number);
        self.number(told.cast_signed());
        self.text(&text);
    }

    fn end(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - 4).unwrap_or(u32::MAX);
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        self.0
    }
}

/// The rest of a frame that is being read.
struct Input<'f>(&'f [u8]);

impl<'f> Input<'f> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*array)
    }

    fn byte(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<i64> {
        self.array().map(i64::from_le_bytes)
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| Malformed)
    }

    fn bytes(&mut self) -> Result<&'f [u8]> {
        let length = self.length()?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<String> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| Malformed)
    }

    fn value(&mut self) -> Result<Value> {
        Ok(match self.byte()? {
            0 => Value::Null,
            1 => Value::Integer(self.number()?),
            2 => Value::Real(f64::from_le_bytes(self.array()?)),
            3 => Value::Text(self.text()?),
            4 => Value::Blob(self.bytes()?.to_vec()),
            _ => return Err(Malformed),
        })
    }

    fn error(&mut self) -> Result<SqlError> {
        let (number, told, text) = (self.byte()?, self.number()?.cast_unsigned(), self.text()?);
        Ok(match number {
            0 => SqlError::Invalid(text),
            1 => SqlError::Refused(text),
            2 => SqlError::None,
            3 => SqlError::Several,
            4 => SqlError::TooManyRows(told),
            5 => SqlError::TooLarge(told),
            6 => SqlError::TooMuchMemory(told),
            7 => SqlError::Unavailable(text),
            8 => SqlError::Internal(text),
            _ => return Err(Malformed),
        })
    }

    fn end<T>(&self, message: T) -> Result<T> {
        if self.0.is_empty() { Ok(message) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rollcall_model::{Millis, QosMinute, StreamField, StreamQos, StreamState};

    use super::*;
    use crate::Limits;

    /// Decodes a whole frame.
    fn body(frame: &[u8]) -> Vec<u8> {
        read(&mut &*frame).unwrap().unwrap()
    }

    #[test]
    fn what_is_said_is_heard() {
        let values = [Value::Null, Value::Integer(-1), Value::Real(0.1), Value::Text("é".into()), Value::Blob(vec![0])];
        let question = Question {
            account: AccountId(7),
            names: Names::Hidden,
            sql: "SELECT 1".to_owned(),
            values: values.to_vec(),
            format: Format::RawCsv,
            limits: Limits { time: Duration::from_millis(1), rows: 2, bytes: 3, memory: u64::MAX },
        };
        let heard = ToWorker::decode(&body(&ToWorker::Query(question.clone()).encode())).unwrap();
        assert!(
            matches!(&heard, ToWorker::Query(heard) if format!("{heard:?}") == format!("{question:?}")),
            "{heard:?}"
        );

        let mut minute = QosMinute::new(Minute(123));
        minute.streams[3] = StreamState::Measured(StreamQos { latency: Some(Millis(9)), ..StreamQos::default() });
        let rows = vec![MinuteRow { participant: ParticipantId(1 << 40), minute }];
        let heard = ToWorker::decode(&body(&ToWorker::Minutes(Ok(rows.clone())).encode())).unwrap();
        assert!(matches!(&heard, ToWorker::Minutes(Ok(heard)) if *heard == rows), "{heard:?}");

        let mut fields = MinuteFields::default();
        fields.wifi_rssi = true;
        fields.add_field(17, StreamField::FrameRate);
        let after = Some(MinuteCursor { participant: ParticipantId(3), minute: Minute(4) });
        let participants = vec![ParticipantId(2), ParticipantId(3)];
        let wanted = WantedMinutes { instance: InstanceId(5), participants, after, limit: 6, fields };
        let failures =
            [SqlError::None, SqlError::TooLarge(8), SqlError::Internal("why".into())].map(FromWorker::Failed);
        for said in
            [FromWorker::Printed(vec![1, 2]), FromWorker::Done, FromWorker::Read(wanted)].into_iter().chain(failures)
        {
            assert_eq!(FromWorker::decode(body(&said.encode())).unwrap(), said);
        }
    }

    #[test]
    fn nonsense_is_no_frame() {
        assert!(length([0; 4]).is_err() && length([0xff; 4]).is_err());
        assert!(read(&mut &[5, 0, 0, 0, 1][..]).is_err());
        assert!(matches!(read(&mut &[][..]), Ok(None)));
        for frame in [&[][..], &[0], &[99], &[kind::DONE, 0], &[kind::READ], &[kind::FAILED, 99, 0, 0]] {
            assert!(FromWorker::decode(frame.to_vec()).is_err(), "{frame:?}");
            assert!(ToWorker::decode(frame).is_err(), "{frame:?}");
        }
        // Lists with a length beyond the frame.
        assert!(ToWorker::decode(&[kind::MINUTES, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
