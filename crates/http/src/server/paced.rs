//! A connection that ends if its client stops reading.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

/// When data last moved on a connection, in either direction, in milliseconds after the server's start.
#[derive(Debug, Default)]
pub(super) struct LastMove(AtomicU64);

impl LastMove {
    /// Records that data moved at `millis`.
    pub(super) fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::Relaxed);
    }

    /// Returns when data last moved.
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream whose writes fail once the client has read nothing for `patience`.
///
/// Without it, a client that never reads could hold its response forever, because TCP keeps such a connection. The
/// kernel accepts more only after the client has read about a third of the send buffer, so with the buffer size of this
/// server, this is also a minimum rate of some kilobytes per second.
pub(super) struct Paced<S: Reset> {
    stream: S,
    patience: Duration,
    epoch: Instant,
    last_move: Arc<LastMove>,
    /// Ends the connection; set while a write waits for the client.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S: Reset> Paced<S> {
    /// Paces `stream`; `last_move` is updated, in milliseconds after `epoch`.
    pub(super) fn new(stream: S, patience: Duration, epoch: Instant, last_move: Arc<LastMove>) -> Self {
        Self { stream, patience, epoch, last_move, deadline: None }
    }

    fn moved(&self) {
        self.last_move.set(millis_since(self.epoch));
    }

    /// Passes on the result of a write, or fails it if the client's time is up.
    fn paced<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.deadline = None;
            self.moved();
            return written;
        }
        let patience = self.patience;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its response")))
    }
}

impl<S: Reset> Drop for Paced<S> {
    fn drop(&mut self) {
        // A write waited for the client: data in the kernel's buffer is discarded.
        if self.deadline.is_some() {
            self.stream.reset_when_closed();
        }
    }
}

/// A stream that can be closed without sending the rest.
pub(super) trait Reset {
    /// Makes closing the stream reset the connection and free the kernel's buffer. Otherwise the kernel would keep the
    /// buffer for minutes for a client that never reads.
    fn reset_when_closed(&self);
}

impl Reset for TcpStream {
    fn reset_when_closed(&self) {
        let _ = socket2::SockRef::from(self).set_linger(Some(Duration::ZERO));
    }
}

/// Returns the milliseconds since `epoch`.
pub(super) fn millis_since(epoch: Instant) -> u64 {
    u64::try_from(epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl<S: AsyncRead + Reset + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.moved();
        }
        read
    }
}

impl<S: AsyncWrite + Reset + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.paced(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.paced(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.paced(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.paced(shut, context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    impl Reset for tokio::io::DuplexStream {
        fn reset_when_closed(&self) {}
    }

    fn paced(buffer: usize) -> (Paced<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (server, client) = tokio::io::duplex(buffer);
        (Paced::new(server, Duration::from_secs(1), Instant::now(), Arc::default()), client)
    }

    #[tokio::test]
    async fn a_client_that_never_reads_is_given_up() {
        let (mut server, _client) = paced(10);
        let error = server.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_client_gets_its_whole_answer() {
        let (mut server, mut client) = paced(10);
        let reading = tokio::spawn(async move {
            let mut taken = 0;
            while taken < 100 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                taken += client.read(&mut [0; 10]).await.unwrap();
            }
        });
        server.write_all(&[0; 100]).await.unwrap();
        reading.await.unwrap();
    }

    #[tokio::test]
    async fn an_idle_connection_is_not_the_clients_fault() {
        let (mut server, _client) = paced(1_000);
        server.write_all(&[0; 100]).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.write_all(&[0; 100]).await.unwrap();
    }
}
