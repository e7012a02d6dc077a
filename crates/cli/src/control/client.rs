use std::{io, ops::ControlFlow};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
};

use super::{MAX_LINE_BYTES, Message, Request, SOCKET, address};
use crate::{data::DataDir, failure::Failure};

/// Has the server that runs on `data` carry out a request, and answers what it answered; none if no server runs.
/// `progress` receives how far it is.
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

/// [`ask`], until `progress` breaks: then the request is cancelled, and null is answered.
pub(crate) async fn ask_until(
    data: &DataDir,
    request: &Request,
    mut progress: impl FnMut(serde_json::Value) -> ControlFlow<()>,
) -> Result<Option<serde_json::Value>, Failure> {
    let path = data.path().join(SOCKET);
    let in_context = |error: &io::Error| Failure::context(format!("asking the server at {}", path.display()), error);
    let (reachable, _folder) = match address(data.path(), SOCKET) {
        Ok(address) => address,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(in_context(&error)),
    };
    let mut stream = match UnixStream::connect(&reachable).await {
        Ok(stream) => stream,
        // A server that was killed leaves its socket behind.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(in_context(&error)),
    };
    let mut line = serde_json::to_vec(request).map_err(|error| in_context(&error.into()))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(|error| in_context(&error))?;
    let mut answers = BufReader::new(stream);
    loop {
        let mut line = String::new();
        let read =
            (&mut answers).take(MAX_LINE_BYTES).read_line(&mut line).await.map_err(|error| in_context(&error))?;
        if read == 0 {
            return Err(Failure::new("the server stopped before it was done; run the command again"));
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
