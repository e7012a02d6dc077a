//! Whole numbers in seven bits a byte, the lowest first (LEB128), always in their shortest form.

/// Why bytes do not begin with such a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidVarint {
    /// The bytes end before the number does.
    Short,
    /// The number takes more than 64 bits, or a shorter form exists.
    Range,
}

/// Hands the bytes of `number` to `push`.
#[inline]
pub fn put(mut number: u64, mut push: impl FnMut(u8)) {
    while number >= 0x80 {
        push(number as u8 | 0x80);
        number >>= 7;
    }
    push(number as u8);
}

/// Takes a number off the front of `bytes`.
///
/// # Errors
/// [`InvalidVarint`] if there is none; `bytes` stay as they are.
#[inline]
pub fn take(bytes: &mut &[u8]) -> Result<u64, InvalidVarint> {
    // Most numbers take one byte or two.
    match **bytes {
        [a @ 0..=0x7f, ref rest @ ..] => {
            *bytes = rest;
            Ok(a.into())
        }
        [a, b @ 1..=0x7f, ref rest @ ..] => {
            *bytes = rest;
            Ok(u64::from(a & 0x7f) | u64::from(b) << 7)
        }
        _ => take_long(bytes),
    }
}

const MAX_LEN: usize = 10;

fn take_long(bytes: &mut &[u8]) -> Result<u64, InvalidVarint> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate().take(MAX_LEN) {
        number |= u64::from(byte & 0x7f) << (7 * place);
        if *byte < 0x80 {
            if *byte == 0 || (place == MAX_LEN - 1 && *byte > 1) {
                return Err(InvalidVarint::Range);
            }
            *bytes = &bytes[place + 1..];
            return Ok(number);
        }
    }
    Err(if bytes.len() < MAX_LEN { InvalidVarint::Short } else { InvalidVarint::Range })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_all(number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(number, |byte| bytes.push(byte));
        bytes
    }

    #[test]
    fn a_number_reads_as_it_was_written() {
        let edges = (0..64).flat_map(|shift| [1_u64 << shift, (1 << shift) - 1, (1 << shift) + 1]);
        for number in edges.chain([u64::MAX]) {
            let mut bytes = put_all(number);
            for len in 0..bytes.len() {
                assert_eq!(take(&mut &bytes[..len]), Err(InvalidVarint::Short), "{number} {len}");
            }
            bytes.push(7);
            let mut rest = &bytes[..];
            assert_eq!((take(&mut rest), rest), (Ok(number), &[7][..]));
        }
        assert_eq!(put_all(300), [0xac, 2]);
    }

    #[test]
    fn longer_forms_and_larger_numbers_are_refused() {
        let large = [[0xff; 9].as_slice(), &[2]].concat();
        for bytes in [&[0x80, 0][..], &[0x81, 0x80, 0], &[0xff; 10], &large] {
            assert_eq!(take(&mut &*bytes), Err(InvalidVarint::Range), "{bytes:?}");
        }
    }
}
