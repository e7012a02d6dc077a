use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use base64::Engine as _;
use serde_json::Value;

/// Sends requests to a server, one connection for each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
}

/// A status and a body; null if there is none, text if it is not JSON.
pub(crate) type Answer = (u16, Value);

impl Client {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    pub(crate) fn get(self, target: &str, token: &str) -> Answer {
        self.ask("GET", target, &format!("Bearer {token}"), "")
    }

    /// Requests a token as an app that acts for its account.
    pub(crate) fn grant(self, account_id: &str, client_id: &str, client_secret: &str) -> Answer {
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{client_id}:{client_secret}"));
        let target = format!("/oauth/token?grant_type=account_credentials&account_id={account_id}");
        self.ask("POST", &target, &format!("Basic {credentials}"), "")
    }

    /// Sends a body.
    pub(crate) fn post(self, target: &str, token: &str, body: &str) -> Answer {
        self.ask("POST", target, &format!("Bearer {token}"), body)
    }

    fn ask(self, method: &str, target: &str, authorization: &str, body: &str) -> Answer {
        self.send(method, target, &[("Authorization", authorization)], body)
    }

    pub(crate) fn send(self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_send(method, target, headers, body).unwrap()
    }

    /// [`Self::post`] to a server that may disappear.
    pub(crate) fn try_post(self, target: &str, token: &str, body: &str) -> io::Result<Answer> {
        self.try_send("POST", target, &[("Authorization", &format!("Bearer {token}"))], body)
    }

    /// [`Self::send`] to a server that may disappear.
    pub(crate) fn try_send(
        self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        let length = body.len();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(head.as_bytes())?;
        try_read_answer(&mut stream)
    }
}

/// Reads a response up to the end of the connection.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Answer {
    try_read_answer(stream).unwrap()
}

/// [`read_answer`] of a server that may disappear: an incomplete response is none.
fn try_read_answer(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{head}");
    let length = head.to_ascii_lowercase();
    let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    if length.is_some_and(|length| length != body.len()) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let body = match body {
        "" => Value::Null,
        _ => serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned())),
    };
    Ok((status, body))
}
