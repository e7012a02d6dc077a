//! A request's body as a thread that may wait can read it.

use std::{io, time::Duration};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use tokio::{sync::mpsc, time::Instant};

/// How many pieces wait to be read; the connection waits with the rest.
const PIECES_AHEAD: usize = 4;

/// What comes of a body.
enum Piece {
    Data(Bytes),
    /// It ended in good order.
    End,
    Broken(io::Error),
}

/// The reading end; it reads to the end of the body, or fails where the body breaks off.
pub(super) struct Reader {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: bool,
}

/// The other end, which follows the connection.
pub(super) struct Feeder {
    body: Body,
    pieces: mpsc::Sender<Piece>,
    pace: Pace,
}

/// How fast a body has to come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The longest that nothing may come.
    pub(super) idle_timeout: Duration,
    /// The least rate. A body may lag behind it by [`SLACK`].
    pub(super) min_bytes_per_second: u32,
}

/// How long a body may be waited for in all beyond what its rate allows. A burst does not buy more than that either.
const SLACK: Duration = Duration::from_secs(30);

/// Both ends. A body that comes more slowly than `pace` is taken for broken.
pub(super) fn pipe(body: Body, pace: Pace) -> (Feeder, Reader) {
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let reader = Reader { pieces: receiver, current: Bytes::new(), ended: false };
    (Feeder { body, pieces: sender, pace }, reader)
}

impl Feeder {
    /// Hands over the body, until it ends or nobody reads it any more.
    pub(super) async fn run(mut self) {
        let Pace { idle_timeout, min_bytes_per_second } = self.pace;
        let mut slack = SLACK;
        loop {
            let since = Instant::now();
            let frame = tokio::time::timeout(idle_timeout.min(slack), self.body.frame()).await;
            // Time in which the server itself is busy with what came is not the sender's.
            slack = slack.saturating_sub(since.elapsed());
            let piece = match frame {
                Err(_) if slack.is_zero() => {
                    let reason = format!("it came at less than {min_bytes_per_second} bytes a second");
                    Piece::Broken(io::Error::new(io::ErrorKind::TimedOut, reason))
                }
                Err(_) => Piece::Broken(io::Error::new(io::ErrorKind::TimedOut, "nothing came for too long")),
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
                // The request was given up; what it brought last is not whole.
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let taken = self.current.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&self.current.split_to(taken));
        Ok(taken)
    }
}
