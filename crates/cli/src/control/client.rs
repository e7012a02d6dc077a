use std::{io, ops::ControlFlow};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
};

use super::{MAX_LINE_BYTES, Message, Request, SOCKET, address, stream};
use crate::{data::DataDir, failure::Failure};

/// Sends a request to the server that runs on `data` and returns its response. `None` if no server runs. `progress`
/// receives progress reports.
pub(crate) async fn ask(
    data: &DataDir,
    request: &Request,
    mut progress: impl FnMut(serde_json::Value),
) -> Result<Option<serde_json::Value>, Failure> {
    let progress = |value| {
        progress(value);
        ControlFlow::Continue(())
    };
    ask_until(data, request, progress).await
}

/// Does the same as [`ask`] with a request that bytes follow. They are read only if a server runs.
pub(crate) async fn ask_with<R: io::Read + Send + 'static>(
    data: &DataDir,
    request: &Request,
    body: impl FnOnce() -> R,
    mut progress: impl FnMut(serde_json::Value),
) -> Result<Option<serde_json::Value>, Failure> {
    let progress = |value| {
        progress(value);
        ControlFlow::Continue(())
    };
    send_request(data, request, Some(body), progress).await
}

/// Does the same as [`ask`] until `progress` breaks: then the request is cancelled and null is returned.
pub(crate) async fn ask_until(
    data: &DataDir,
    request: &Request,
    progress: impl FnMut(serde_json::Value) -> ControlFlow<()>,
) -> Result<Option<serde_json::Value>, Failure> {
    send_request(data, request, None::<fn() -> io::Empty>, progress).await
}

/// Bytes that are being sent; dropping it stops that.
struct Sending(tokio::task::JoinHandle<io::Result<()>>);

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn send_request<R: io::Read + Send + 'static>(
    data: &DataDir,
    request: &Request,
    body: Option<impl FnOnce() -> R>,
    mut progress: impl FnMut(serde_json::Value) -> ControlFlow<()>,
) -> Result<Option<serde_json::Value>, Failure> {
    let path = data.path().join(SOCKET);
    let in_context =
        |error: &io::Error| Failure::context(format!("request to the server at {}", path.display()), error);
    let (reachable, _folder) = match address(data.path(), SOCKET) {
        Ok(address) => address,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(in_context(&error)),
    };
    let stream = match UnixStream::connect(&reachable).await {
        Ok(stream) => stream,
        // A server that was killed leaves its socket behind.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(in_context(&error)),
    };
    let mut line = serde_json::to_vec(request).map_err(|error| in_context(&error.into()))?;
    line.push(b'\n');
    let (answers, mut writer) = stream.into_split();
    writer.write_all(&line).await.map_err(|error| in_context(&error))?;
    // The server regards a client that has closed its end as disconnected.
    let (_open, _sending) = match body {
        Some(body) => (None, Some(Sending(tokio::spawn(stream::send(body(), writer))))),
        None => (Some(writer), None),
    };
    let mut answers = BufReader::new(answers);
    loop {
        let mut line = String::new();
        let read =
            (&mut answers).take(MAX_LINE_BYTES).read_line(&mut line).await.map_err(|error| in_context(&error))?;
        if read == 0 {
            return Err(Failure::new("the server stopped before the request was complete; run the command again"));
        }
        match serde_json::from_str(&line).map_err(|error| in_context(&error.into()))? {
            Message::Progress(value) => {
                if progress(value).is_break() {
                    return Ok(Some(serde_json::Value::Null));
                }
            }
            Message::Done(value) => return Ok(Some(value)),
            Message::Failed(message) => return Err(Failure::new(message)),
        }
    }
}
