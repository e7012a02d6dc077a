/// Appends `text`, which must be UTF-8, as the inside of a JSON string.
#[inline]
pub(super) fn push_escaped(out: &mut Vec<u8>, text: &(impl AsRef<[u8]> + ?Sized)) {
    let text = text.as_ref();
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        push_with_escapes(out, text);
    }
}

/// Returns whether no byte needs an escape. Checks eight bytes at once, because nearly all text is plain.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    const LENGTH: usize = 8;
    let Some(last) = bytes.last_chunk::<LENGTH>() else {
        return !bytes.iter().any(|byte| needs_escape(*byte));
    };
    let (chunks, _) = bytes.as_chunks::<LENGTH>();
    // The last eight bytes overlap the previous chunk if the length is not a multiple of eight.
    chunks.iter().chain([last]).fold(0, |found, chunk| found | escapes_in(u64::from_le_bytes(*chunk))) == 0
}

/// Returns non-zero if one of the eight bytes needs an escape.
#[inline]
const fn escapes_in(bytes: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // A byte below `n` borrows into its high bit when `n` is subtracted from it; one with the bit set already is not
    // ASCII.
    let control = bytes.wrapping_sub(ONES * 0x20) & !bytes;
    let not_quote = bytes ^ (ONES * b'"' as u64);
    let quote = not_quote.wrapping_sub(ONES) & !not_quote;
    let not_backslash = bytes ^ (ONES * b'\\' as u64);
    let backslash = not_backslash.wrapping_sub(ONES) & !not_backslash;
    (control | quote | backslash) & HIGH
}

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cold]
fn push_with_escapes(out: &mut Vec<u8>, mut rest: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    while let Some(at) = rest.iter().position(|byte| needs_escape(*byte)) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        let byte = special[0];
        let short = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => 0,
        };
        if short == 0 {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]]);
        } else {
            out.extend_from_slice(&[b'\\', short]);
        }
        rest = &special[1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = vec![b'"'];
        push_escaped(&mut out, text);
        out.push(b'"');
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_character_comes_back() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            for text in [c.to_string(), format!("1234567{c}"), format!("12345678{c}90")] {
                assert_eq!(serde_json::from_str::<String>(&escaped(&text)).unwrap(), text);
            }
        }
    }

    proptest! {
        #[test]
        fn escapes_as_the_reference_does(text in "(?s).{0,40}") {
            prop_assert_eq!(escaped(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
