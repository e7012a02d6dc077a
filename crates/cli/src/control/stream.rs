//! A file's bytes on their way to the server: frames of a length and that many bytes, ended by an empty frame.

use std::io::{self, Read};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
};

/// Maximum size of a frame.
const MAX_FRAME_BYTES: usize = 256 * 1024;
/// Number of frames waiting to be read; a slow reader slows the client down.
const FRAMES: usize = 4;

/// A frame or the end.
enum Frame {
    Bytes(Vec<u8>),
    End,
}

/// The bytes that a client sends, readable on a blocking thread.
pub(crate) struct Incoming {
    frames: mpsc::Receiver<Frame>,
    bytes: io::Cursor<Vec<u8>>,
    has_ended: bool,
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = Read::read(&mut self.bytes, buffer)?;
            if read > 0 || buffer.is_empty() || self.has_ended {
                return Ok(read);
            }
            match self.frames.blocking_recv() {
                Some(Frame::Bytes(bytes)) => self.bytes = io::Cursor::new(bytes),
                Some(Frame::End) => self.has_ended = true,
                None => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the client disconnected")),
            }
        }
    }
}

/// Where received frames go.
pub(super) struct Outlet(mpsc::Sender<Frame>);

/// Returns the receiver, and the reader of what it receives.
pub(super) fn pipe() -> (Outlet, Incoming) {
    let (sender, frames) = mpsc::channel(FRAMES);
    (Outlet(sender), Incoming { frames, bytes: io::Cursor::default(), has_ended: false })
}

/// Passes on frames up to the last one.
pub(super) async fn receive(from: &mut (impl AsyncRead + Unpin), to: Outlet) -> io::Result<()> {
    loop {
        let length = from.read_u32().await? as usize;
        if length > MAX_FRAME_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes).await?;
        let frame = if length == 0 { Frame::End } else { Frame::Bytes(bytes) };
        // A failed import reads no more.
        if to.0.send(frame).await.is_err() || length == 0 {
            return Ok(());
        }
    }
}

/// Sends everything that can be read.
pub(super) async fn send(
    from: impl Read + Send + 'static,
    mut to: impl AsyncWrite + Unpin + Send + 'static,
) -> io::Result<()> {
    let (sender, mut frames) = mpsc::channel::<Vec<u8>>(FRAMES);
    let reading = tokio::task::spawn_blocking(move || {
        let mut from = from;
        loop {
            let mut bytes = vec![0; MAX_FRAME_BYTES];
            match Read::read(&mut from, &mut bytes) {
                Ok(0) => return Ok(()),
                Ok(read) => bytes.truncate(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if sender.blocking_send(bytes).is_err() {
                return Ok(());
            }
        }
    });
    while let Some(bytes) = frames.recv().await {
        to.write_u32(u32::try_from(bytes.len()).map_err(io::Error::other)?).await?;
        to.write_all(&bytes).await?;
    }
    reading.await.map_err(io::Error::other)??;
    to.write_u32(0).await
}
