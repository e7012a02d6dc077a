//! Compresses and decompresses files.

use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    error::{BackupError, Doing as _, Result},
    manifest::Stored,
    target::{Measure, Written},
};

/// Fast, and reduces a database of text to a third.
const LEVEL: i32 = 3;
const BUFFER_BYTES: usize = 1 << 20;

/// Counts and hashes the bytes passing through it.
pub(crate) struct Hashing<T> {
    inner: T,
    measure: Measure,
}

impl<T> Hashing<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, measure: Measure::default() }
    }

    /// Returns the count and hash.
    pub(crate) fn finish(self) -> (T, Stored) {
        let Written { bytes, sha256 } = self.measure.written();
        (self.inner, Stored { bytes, sha256 })
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.measure.add(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.measure.add(&bytes[..read]);
        Ok(read)
    }
}

/// Creates a compressed file at `path` from what `write` writes; returns the uncompressed content. Blocks.
pub(crate) fn pack<T>(
    path: &Path,
    write: impl FnOnce(&mut Hashing<zstd::Encoder<'static, File>>) -> Result<T>,
) -> Result<(T, Stored)> {
    let doing = || format!("writing {}", path.display());
    let file = File::create_new(path).doing(doing)?;
    let mut encoder = zstd::Encoder::new(file, LEVEL).doing(doing)?;
    encoder.include_checksum(true).doing(doing)?;
    let mut packed = Hashing::new(encoder);
    let value = write(&mut packed)?;
    let (encoder, content) = packed.finish();
    encoder.finish().and_then(|file| file.sync_all()).doing(doing)?;
    Ok((value, content))
}

/// Compresses the file `from` into `to`, unless `stop` is set meanwhile. `progress` receives the bytes read. Blocks.
pub(crate) fn pack_file(from: &Path, to: &Path, stop: &AtomicBool, progress: impl Fn(u64)) -> Result<Stored> {
    let doing = || format!("reading {}", from.display());
    let mut file = File::open(from).doing(doing)?;
    let (_, content) = pack(to, |out| {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(BackupError::failed("the backup", "stopped"));
            }
            let read = file.read(&mut buffer).doing(doing)?;
            if read == 0 {
                return Ok(());
            }
            out.write_all(&buffer[..read]).doing(|| format!("writing {}", to.display()))?;
            progress(read as u64);
        }
    })?;
    Ok(content)
}

/// Lets `read` read the decompressed file at `path`, and checks that it is `content`. Blocks.
pub(crate) fn unpack<T>(
    name: &str,
    path: &Path,
    content: &Stored,
    read: impl FnOnce(&mut dyn Read) -> Result<T>,
) -> Result<T> {
    let doing = || format!("reading {}", path.display());
    let file = File::open(path).doing(doing)?;
    let decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(BUFFER_BYTES, file)).doing(doing)?;
    let mut reader = Hashing::new(decoder);
    let value = read(&mut reader)?;
    io::copy(&mut reader, &mut io::sink()).doing(doing)?;
    let (_, found) = reader.finish();
    if found != *content {
        return Err(BackupError::damaged(name, "its content differs from what was written"));
    }
    Ok(value)
}
