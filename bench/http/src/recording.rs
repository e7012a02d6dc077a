//! Responses in a file, which the bare server sends again.
//!
//! ```text
//! file  = answer*
//! answer: length of the target (u32, little-endian), target, length of the body (u32, little-endian), body
//! ```

use std::{
    collections::HashMap,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use bytes::{Buf, Bytes};

use crate::{Result, client::Client, fail, walk::Walk};

/// Writes the responses to `walks` into `file`, and returns their number.
pub fn record(client: &mut Client, walks: &[Walk], file: &Path) -> Result<usize> {
    let mut out = BufWriter::new(File::create(file)?);
    let mut written = Ok(());
    let mut answers = 0;
    for walk in walks {
        walk.run(client, |target, body, _| {
            answers += 1;
            if written.is_ok() {
                written = write_answer(&mut out, target, body);
            }
        })?;
    }
    written?;
    out.flush()?;
    Ok(answers)
}

fn write_answer(out: &mut impl Write, target: &str, body: &[u8]) -> Result<()> {
    for part in [target.as_bytes(), body] {
        out.write_all(&u32::try_from(part.len())?.to_le_bytes())?;
        out.write_all(part)?;
    }
    Ok(())
}

/// Reads a file of responses: bodies by their target, all in one allocation.
pub fn read(file: &Path) -> Result<HashMap<String, Bytes>> {
    parse(Bytes::from(std::fs::read(file)?))
}

fn parse(mut rest: Bytes) -> Result<HashMap<String, Bytes>> {
    let mut answers = HashMap::new();
    while !rest.is_empty() {
        let target = take(&mut rest)?;
        let body = take(&mut rest)?;
        answers.insert(String::from_utf8(target.to_vec())?, body);
    }
    Ok(answers)
}

fn take(rest: &mut Bytes) -> Result<Bytes> {
    if rest.len() >= 4 {
        let len = rest.get_u32_le() as usize;
        if rest.len() >= len {
            return Ok(rest.split_to(len));
        }
    }
    fail("the recording ends within an answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back() {
        let mut file = Vec::new();
        write_answer(&mut file, "/a?b", b"one").expect("written");
        write_answer(&mut file, "/c", b"").expect("written");
        let answers = parse(Bytes::from(file.clone())).expect("read");
        assert_eq!(answers["/a?b"], "one");
        assert_eq!(answers["/c"], "");
        file.pop();
        assert!(parse(Bytes::from(file)).is_err());
    }
}
