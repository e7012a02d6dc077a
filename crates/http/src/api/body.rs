//! Makes a request's body readable on a thread that may block.

use std::{io, time::Duration};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use tokio::{sync::mpsc, time::Instant};

/// Pieces waiting to be read; when the queue is full, the connection waits.
const PIECES_AHEAD: usize = 4;

/// An event of a body.
enum Piece {
    Data(Bytes),
    /// It ended properly.
    End,
    Broken(io::Error),
}

/// The reading end. It reads to the end of the body, or fails if the body is cut off.
pub(super) struct Reader {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: bool,
}

/// The writing end, which follows the connection.
pub(super) struct Feeder {
    body: Body,
    pieces: mpsc::Sender<Piece>,
    pace: Pace,
}

/// How fast a body must arrive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Maximum time without data.
    pub(super) idle_timeout: Duration,
    /// Minimum rate. A body may lag behind it by [`SLACK`].
    pub(super) min_bytes_per_second: u32,
}

/// Maximum lag of a body behind its minimum rate. A burst does not increase it.
const SLACK: Duration = Duration::from_secs(30);

/// Returns both ends. A body that is slower than `pace` fails.
pub(super) fn pipe(body: Body, pace: Pace) -> (Feeder, Reader) {
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let reader = Reader { pieces: receiver, current: Bytes::new(), ended: false };
    (Feeder { body, pieces: sender, pace }, reader)
}

impl Feeder {
    /// Passes on the body until it ends or has no reader.
    pub(super) async fn run(mut self) {
        let Pace { idle_timeout, min_bytes_per_second } = self.pace;
        let mut slack = SLACK;
        loop {
            let since = Instant::now();
            let frame = tokio::time::timeout(idle_timeout.min(slack), self.body.frame()).await;
            // Time that the server itself spends on received data does not count against the sender.
            slack = slack.saturating_sub(since.elapsed());
            let piece = match frame {
                Err(_) if slack.is_zero() => {
                    let reason = format!("it was slower than {min_bytes_per_second} bytes per second");
                    Piece::Broken(io::Error::new(io::ErrorKind::TimedOut, reason))
                }
                Err(_) => Piece::Broken(io::Error::new(io::ErrorKind::TimedOut, "no data for too long")),
                Ok(None) => Piece::End,
                Ok(Some(Err(error))) => Piece::Broken(io::Error::new(io::ErrorKind::UnexpectedEof, error)),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        let earned = data.len() as f64 / f64::from(min_bytes_per_second);
                        slack = (slack + Duration::from_secs_f64(earned)).min(SLACK);
                        Piece::Data(data)
                    }
                    Err(_) => continue,
                },
            };
            let goes_on = matches!(piece, Piece::Data(_));
            if self.pieces.send(piece).await.is_err() || !goes_on {
                return;
            }
        }
    }
}

impl io::Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Data(data)) => self.current = data,
                Some(Piece::End) => self.ended = true,
                Some(Piece::Broken(error)) => return Err(error),
                // The request was dropped, so its last data is incomplete.
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let taken = self.current.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&self.current.split_to(taken));
        Ok(taken)
    }
}
