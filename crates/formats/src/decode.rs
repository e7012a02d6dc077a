//! What was compressed, decompressed as it is read, in bounded memory.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Cursor, Read},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The largest window of a zstd stream, as a power of two: 8 MiB, what all levels up to 19 need.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How much may come out before it is looked at what went in: short streams of zeros are no bomb.
const FREE_BYTES: u64 = 16 * 1024 * 1024;

/// How many bytes may come out for each that went in. Minutes compress to a tenth or, where nothing happens, a fiftieth.
const MAX_RATIO: u64 = 100;

/// How the bytes of a body or a file are encoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    #[default]
    Identity,
    /// gzip, of one member or several.
    Gzip,
    /// zstd, of one frame or several.
    Zstd,
}

impl FromStr for Encoding {
    type Err = String;

    /// Reads the value of a `Content-Encoding` header.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            other => Err(format!("the content encoding `{other}` is not known: send gzip, zstd or none")),
        }
    }
}

impl Encoding {
    /// The encoding of what begins so.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Identity,
        }
    }
}

/// Why an encoded body is not read further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// It grows beyond measure.
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

/// `input` without its encoding.
///
/// # Errors
/// Where no decoder can be made. Reading fails where the input is not so encoded, and with a [`DecodeError`] where it
/// grows beyond measure.
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

/// `input` without its encoding, which its first bytes tell.
///
/// # Errors
/// Those of reading it, and of [`decoded`].
pub fn detected<'i>(mut input: impl BufRead + Send + 'i) -> io::Result<Box<dyn Read + Send + 'i>> {
    let mut beginning = Vec::new();
    (&mut input).take(4).read_to_end(&mut beginning)?;
    let encoding = Encoding::of(&beginning);
    decoded(Cursor::new(beginning).chain(input), encoding)
}

/// Counts what is read.
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

/// Gives no more than a measure of what was taken.
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
