//! Decompresses input as it is read, in bounded memory.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Cursor, Read},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Maximum window of a zstd stream, as a power of two: 8 MiB, which all levels up to 19 need.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Output size from which the compression ratio is checked: short streams of zeros are no bomb.
const FREE_BYTES: u64 = 16 * 1024 * 1024;

/// Maximum compression ratio. Minutes compress to a tenth or, if idle, a fiftieth.
const MAX_RATIO: u64 = 100;

/// Encoding of a body or a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// None.
    #[default]
    Identity,
    /// gzip, with one or more members.
    Gzip,
    /// zstd, with one or more frames.
    Zstd,
}

impl FromStr for Encoding {
    type Err = String;

    /// Parses a `Content-Encoding` header.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            other => Err(format!("unknown content encoding `{other}`: use gzip, zstd or none")),
        }
    }
}

impl Encoding {
    /// Detects the encoding from the first bytes.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Identity,
        }
    }
}

/// Why an encoded body is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// Its compression ratio is too high.
    Bomb,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bomb => write!(f, "the body decompresses to more than {MAX_RATIO} times its size"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Returns a reader that decodes `input`.
///
/// # Errors
/// If no decoder can be created. Reading fails if the input is not encoded like this, and with a [`DecodeError`] if its
/// compression ratio is too high.
pub fn decoded<'i>(input: impl Read + Send + 'i, encoding: Encoding) -> io::Result<Box<dyn Read + Send + 'i>> {
    let taken = Arc::new(AtomicU64::new(0));
    let input = BufReader::with_capacity(64 * 1024, Counted { input, taken: Arc::clone(&taken) });
    Ok(match encoding {
        Encoding::Identity => Box::new(input),
        Encoding::Gzip => Box::new(Measured::new(flate2::bufread::MultiGzDecoder::new(input), taken)),
        Encoding::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(input)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(Measured::new(decoder, taken))
        }
    })
}

/// Returns a reader that detects and decodes the encoding of `input`.
///
/// # Errors
/// Those of reading it, and of [`decoded`].
pub fn detected<'i>(mut input: impl BufRead + Send + 'i) -> io::Result<Box<dyn Read + Send + 'i>> {
    let mut beginning = Vec::new();
    (&mut input).take(4).read_to_end(&mut beginning)?;
    let encoding = Encoding::of(&beginning);
    decoded(Cursor::new(beginning).chain(input), encoding)
}

/// Counts the bytes read.
struct Counted<R> {
    input: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Limits the output relative to the input.
struct Measured<R> {
    decoder: R,
    taken: Arc<AtomicU64>,
    given: u64,
}

impl<R> Measured<R> {
    const fn new(decoder: R, taken: Arc<AtomicU64>) -> Self {
        Self { decoder, taken, given: 0 }
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        self.given += read as u64;
        if self.given > FREE_BYTES && self.given / MAX_RATIO > self.taken.load(Ordering::Relaxed) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, DecodeError::Bomb));
        }
        Ok(read)
    }
}
