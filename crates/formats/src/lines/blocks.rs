//! Tests of lines that cross the ends of the blocks in which input is read.

use std::io::{self, Read, Write as _};

use super::{
    Facts, Lines, read,
    read::{BLOCK_BYTES, MAX_LINE_BYTES, MAX_SKIPPED_BYTES},
};
use crate::{Encoding, decoded};

/// A result: each line's number with its participant, or `None` if it was rejected.
type Told = Vec<(u64, Option<(String, String)>)>;

/// Characters of one to four bytes.
const LETTERS: [&str; 4] = ["a", "é", "会", "𝄞"];

/// A line of this many bytes about a participant whose name consists of `letter`, as far as that fits.
fn line(user: usize, bytes: usize, letter: &str) -> (String, (String, String)) {
    let before = format!(r#"{{"instance_uuid":"a==","meeting_id":1,"user_id":"{user}","user_name":""#);
    let room = bytes - before.len() - 2;
    let name = letter.repeat(room / letter.len());
    let blank = " ".repeat(room % letter.len());
    (format!(r#"{before}{name}"{blank}}}"#), (user.to_string(), name))
}

/// A reader that returns a few bytes at a time.
struct Trickle<'b>(&'b [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(self.0.len()).min(65_521);
        buffer[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

fn told(input: impl Read) -> (Told, bool) {
    let mut told = Told::new();
    let outcome = read(Lines::Participants, input, &mut |chunk| {
        let Facts::Participants(facts) = chunk.facts else { panic!("they are participants") };
        for (facts, numbers) in facts.iter().zip(&chunk.numbers) {
            for (facts, number) in facts.participants.iter().zip(numbers) {
                let name = facts.participant.user_name.as_deref().unwrap_or_default();
                told.push((*number, Some((facts.participant.user_id.to_string(), name.to_owned()))));
            }
        }
        told.extend(chunk.reasons.iter().map(|refusal| (refusal.line, None)));
        true
    });
    told.sort_by_key(|(number, _)| *number);
    (told, outcome.is_ok())
}

/// The bytes in each encoding, with their decoder.
fn encodings(bytes: &[u8]) -> [(Encoding, Vec<u8>); 3] {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    [
        (Encoding::Identity, bytes.to_vec()),
        (Encoding::Gzip, gzip.finish().unwrap()),
        (Encoding::Zstd, zstd::encode_all(bytes, 1).unwrap()),
    ]
}

/// Reads the body in each encoding, at once and in small pieces.
#[track_caller]
fn check(body: &[u8], expected: &Told, context: &str) {
    for (encoding, bytes) in encodings(body) {
        for input in [Box::new(&*bytes) as Box<dyn Read + Send>, Box::new(Trickle(&bytes))] {
            let (told, whole) = told(decoded(input, encoding).unwrap());
            assert!(whole && told == *expected, "{context}, {encoding:?}");
        }
    }
}

/// Lines up to `before` bytes of the block's end, one that ends `past` bytes after it including its line break, and two
/// more; with names of `letter`.
fn across(past: isize, ending: &str, letter: &str) -> (Vec<u8>, Told) {
    let end = BLOCK_BYTES.checked_add_signed(past).unwrap();
    let (mut body, mut told) = (Vec::new(), Told::new());
    let mut add = |body: &mut Vec<u8>, bytes: usize| {
        let number = told.len() + 1;
        let (line, whom) = line(number, bytes - ending.len(), letter);
        body.extend_from_slice(line.as_bytes());
        body.extend_from_slice(ending.as_bytes());
        told.push((number as u64, Some(whom)));
    };
    while end - body.len() > 2 * MAX_LINE_BYTES {
        add(&mut body, MAX_LINE_BYTES);
    }
    let half = (end - body.len()) / 2;
    add(&mut body, half);
    let rest = end - body.len();
    add(&mut body, rest);
    assert_eq!(body.len(), end);
    for _ in 0..2 {
        add(&mut body, 300);
    }
    (body, told)
}

#[test]
fn a_line_may_end_anywhere_about_the_end_of_a_block() {
    for (ending, letter) in ["\n", "\r\n"].into_iter().zip([LETTERS[0], LETTERS[3]]) {
        // Before it, at it, across its line break, and after it.
        for past in -3..=3 {
            let (body, expected) = across(past, ending, letter);
            check(&body, &expected, &format!("{past} bytes past the end, {ending:?}"));
        }
    }
}

#[test]
fn a_character_may_lie_across_the_end_of_a_block() {
    for letter in LETTERS {
        for past in 100..100 + letter.len() as isize {
            let (body, expected) = across(past, "\n", letter);
            let parted = letter.len() > 1 && std::str::from_utf8(&body[..BLOCK_BYTES]).is_err();
            check(&body, &expected, &format!("{letter}, {past} bytes past the end, parted: {parted}"));
        }
    }
    let is_parted = |past| std::str::from_utf8(&across(past, "\n", LETTERS[3]).0[..BLOCK_BYTES]).is_err();
    assert!((100..104).filter(|past| is_parted(*past)).count() >= 2, "there is something to see");
}

#[test]
fn the_last_line_may_lack_its_break_at_the_end_of_a_block() {
    for past in -1..=1 {
        let (mut body, mut expected) = across(past, "\n", "é");
        body.truncate(BLOCK_BYTES.checked_add_signed(past).unwrap() - 1);
        expected.truncate(expected.len() - 2);
        check(&body, &expected, &format!("{past} bytes past the end"));
    }
}

#[test]
fn a_line_is_as_long_as_may_be_and_no_longer_wherever_it_lies() {
    for ending in ["\n", "\r\n"] {
        // How much of it is in the first block, from only its line break to all of it.
        for inside in [0, 1, 2, 1_000, MAX_LINE_BYTES - 1, MAX_LINE_BYTES, MAX_LINE_BYTES + 1, MAX_LINE_BYTES + 2] {
            for (bytes, fits) in [(MAX_LINE_BYTES, true), (MAX_LINE_BYTES + 1, false)] {
                let (mut body, mut expected) = across(-(inside as isize), ending, "é");
                // The two lines after it.
                body.truncate(BLOCK_BYTES - inside);
                expected.truncate(expected.len() - 2);
                let number = expected.len() + 1;
                let (longest, whom) = line(number, bytes, "会");
                body.extend_from_slice(longest.as_bytes());
                body.extend_from_slice(ending.as_bytes());
                let (next, next_whom) = line(number + 1, 300, "a");
                body.extend_from_slice(next.as_bytes());
                expected.push((number as u64, fits.then_some(whom)));
                expected.push((number as u64 + 1, Some(next_whom)));
                check(&body, &expected, &format!("{bytes} bytes, {inside} in the first block, {ending:?}"));
            }
        }
    }
}

#[test]
fn a_line_longer_than_blocks_is_refused_and_the_next_is_read() {
    for bytes in [BLOCK_BYTES - 400, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 7, MAX_SKIPPED_BYTES - BLOCK_BYTES]
    {
        let ((first, whom), (last, last_whom)) = (line(1, 300, "a"), line(3, 300, "a"));
        // Incompressible, otherwise it would be taken for a bomb.
        let noise: Vec<u8> =
            (0..bytes as u64).map(|n| b'a' + (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as u8).collect();
        let body = [first.as_bytes(), b"\n", &noise, b"\r\n", last.as_bytes(), b"\n"].concat();
        let expected = vec![(1, Some(whom)), (2, None), (3, Some(last_whom))];
        check(&body, &expected, &format!("{bytes} bytes"));
    }
}

#[test]
fn a_line_that_does_not_end_stops_the_reading_and_what_came_before_is_told() {
    let (first, whom) = line(1, 300, "a");
    let body = [first.as_bytes(), b"\n", &vec![b'x'; MAX_SKIPPED_BYTES + 2 * BLOCK_BYTES]].concat();
    let (told, whole) = told(&*body);
    assert_eq!((told, whole), (vec![(1, Some(whom)), (2, None)], false));
}
