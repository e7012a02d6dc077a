//! The client for every server: HTTP/1.1 on one persistent connection, with a reused buffer.
//!
//! It shares the machine with the server that it measures, so it does the least that a client can: one write a
//! request, no copy of the body, and of the body it reads no more than where the next page is.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::{Result, fail};

/// Longer than any response takes; a server that hangs ends the measurement.
const TIMEOUT: Duration = Duration::from_secs(60);
const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 32;
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// The client: the same for every server.
#[derive(Debug, Clone)]
pub struct Peer {
    pub address: SocketAddr,
    pub token: String,
}

/// One connection to a server.
pub struct Client {
    stream: TcpStream,
    /// The text after the target in every request.
    tail: Vec<u8>,
    request: Vec<u8>,
    /// Grows to the size of the largest response.
    buffer: Vec<u8>,
}

/// The end of a response's headers, and their values.
struct Head {
    status: u16,
    len: usize,
    body_len: usize,
}

impl Client {
    pub fn connect(peer: &Peer) -> Result<Self> {
        let stream = TcpStream::connect(peer.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let Peer { address, token } = peer;
        let tail = format!(" HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\naccept: */*\r\n\r\n");
        Ok(Self { stream, tail: tail.into_bytes(), request: Vec::new(), buffer: vec![0; 64 * 1024] })
    }

    /// Requests `target` and returns the body; any status except 200 is an error.
    pub fn get(&mut self, target: &str) -> Result<&[u8]> {
        self.request.clear();
        self.request.extend_from_slice(b"GET ");
        self.request.extend_from_slice(target.as_bytes());
        self.request.extend_from_slice(&self.tail);
        self.stream.write_all(&self.request)?;

        let mut filled = 0;
        let head = loop {
            let read = self.stream.read(&mut self.buffer[filled..])?;
            if read == 0 {
                return fail(format!("the connection was closed before the answer to {target}"));
            }
            filled += read;
            if let Some(head) = parse_head(&self.buffer[..filled])? {
                break head;
            }
            if filled >= MAX_HEAD_BYTES {
                return fail(format!("the head of the answer to {target} has no end"));
            }
        };
        let end = head.len + head.body_len;
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        if filled < end {
            self.stream.read_exact(&mut self.buffer[filled..end])?;
        }
        let body = &self.buffer[head.len..end];
        if head.status != 200 {
            let text = String::from_utf8_lossy(&body[..body.len().min(400)]).into_owned();
            return fail(format!("GET {target} was answered with {}: {text}", head.status));
        }
        Ok(body)
    }
}

/// Parses the headers of a response, if they are complete.
fn parse_head(bytes: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(len) = response.parse(bytes)? else { return Ok(None) };
    let status = response.code.unwrap_or_default();
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()).and_then(|text| text.parse().ok());
    match length {
        Some(body_len) if body_len <= MAX_BODY_BYTES => Ok(Some(Head { status, len, body_len })),
        Some(body_len) => fail(format!("an answer of {body_len} bytes is too long")),
        None => fail(format!("an answer with status {status} has no length")),
    }
}

/// Returns a page's `next_page_token`. `None` on the last page. Reads the page up to there.
pub fn next_page_token(body: &[u8]) -> Option<&str> {
    const KEY: &[u8] = b"\"next_page_token\":\"";
    let rest = &body[memchr::memmem::find(body, KEY)? + KEY.len()..];
    let token = &rest[..memchr::memchr(b'"', rest)?];
    std::str::from_utf8(token).ok().filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_token_of_a_page() {
        assert_eq!(next_page_token(br#"{"page_size":1,"next_page_token":"aB-_1","participants":[]}"#), Some("aB-_1"));
        assert_eq!(next_page_token(br#"{"page_size":1,"next_page_token":"","participants":[]}"#), None);
        assert_eq!(next_page_token(b"{}"), None);
    }

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n";
        assert!(parse_head(&head[..20]).expect("a beginning").is_none());
        let parsed = parse_head(head).expect("a head").expect("all of it");
        assert_eq!((parsed.status, parsed.len, parsed.body_len), (200, head.len(), 12));
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
