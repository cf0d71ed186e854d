//! Text files as UTF-8, whatever their byte order mark says. A UTF-8 mark is dropped; UTF-16 of
//! either order is recognised by its mark, or by the zero byte that every such XML or JSON begins
//! with; UTF-32 is refused.

use std::io::{self, Cursor, ErrorKind, Read};

/// Why a file is no text, as the inner error of [`ErrorKind::InvalidData`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotText(&'static str);

fn not_text(why: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, NotText(why))
}

/// The reason, where an error says that the file is no text (rather than that reading failed).
pub(crate) fn why_not_text(error: &io::Error) -> Option<String> {
    error.get_ref().filter(|inner| inner.is::<NotText>()).map(ToString::to_string)
}

/// The same text as UTF-8 without a mark. Bytes that are not UTF-8 pass and are met by the parser.
pub(crate) fn utf8(mut reader: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut head = Vec::with_capacity(4);
    reader.by_ref().take(4).read_to_end(&mut head)?;
    let (skip, order) = match head.as_slice() {
        [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff] => {
            return Err(not_text("it is UTF-32; save it as UTF-8"));
        }
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(Order::Little)),
        [0xfe, 0xff, ..] => (2, Some(Order::Big)),
        [first, 0, ..] if *first != 0 => (0, Some(Order::Little)),
        [0, second, ..] if *second != 0 => (0, Some(Order::Big)),
        _ => (0, None),
    };
    head.drain(..skip);
    let rest = Cursor::new(head).chain(reader);
    Ok(match order {
        None => Box::new(rest),
        Some(order) => {
            Box::new(Utf16 { reader: rest, order, high: None, odd: None, out: Vec::new(), at: 0 })
        }
    })
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// Turns UTF-16 into UTF-8 on the way.
struct Utf16<R> {
    reader: R,
    order: Order,
    /// A high surrogate that waits for its low one.
    high: Option<u16>,
    /// The first byte of a unit that was cut by the end of a block.
    odd: Option<u8>,
    out: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    fn refill(&mut self) -> io::Result<()> {
        let mut block = [0; 8192];
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() {
            let count = self.reader.read(&mut block)?;
            if count == 0 {
                if self.odd.is_some() || self.high.is_some() {
                    return Err(not_text("it ends in the middle of a UTF-16 character"));
                }
                return Ok(());
            }
            for &byte in &block[..count] {
                let Some(first) = self.odd.take() else {
                    self.odd = Some(byte);
                    continue;
                };
                let unit = match self.order {
                    Order::Little => u16::from_le_bytes([first, byte]),
                    Order::Big => u16::from_be_bytes([first, byte]),
                };
                self.unit(unit)?;
            }
        }
        Ok(())
    }

    fn unit(&mut self, unit: u16) -> io::Result<()> {
        let is_high = (0xd800..0xdc00).contains(&unit);
        let pair;
        let units: &[u16] = match (self.high.take(), is_high) {
            (None, true) => {
                self.high = Some(unit);
                return Ok(());
            }
            (Some(high), _) => {
                pair = [high, unit];
                &pair
            }
            (None, false) => &[unit],
        };
        for character in char::decode_utf16(units.iter().copied()) {
            let character = character.map_err(|_| not_text("it holds half a UTF-16 character"))?;
            self.out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() {
            self.refill()?;
        }
        let count = buffer.len().min(self.out.len() - self.at);
        buffer[..count].copy_from_slice(&self.out[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte a time: the worst reader.
    struct Drip(Cursor<Vec<u8>>);
    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(1);
            self.0.read(&mut buffer[..count])
        }
    }

    fn decoded(bytes: Vec<u8>) -> Result<String, String> {
        let mut text = String::new();
        utf8(Box::new(Drip(Cursor::new(bytes))))
            .and_then(|mut reader| reader.read_to_string(&mut text))
            .map(|_| text)
            .map_err(|e| e.to_string())
    }

    #[test]
    fn marks_and_orders() {
        let text = "{\"é\": \"🌳\"}\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat(),
            [b"\xff\xfe".as_slice(), &little].concat(),
            [b"\xfe\xff".as_slice(), &big].concat(),
            little.clone(),
            big.clone(),
        ] {
            assert_eq!(decoded(bytes), Ok(text.to_owned()));
        }
        assert_eq!(decoded(vec![]), Ok(String::new()));
        assert_eq!(decoded(b"a".to_vec()), Ok("a".to_owned()));
        let cut = [b"\xff\xfe".as_slice(), &little[..little.len() - 1]].concat();
        assert!(decoded(cut).unwrap_err().contains("middle of a UTF-16 character"));
        assert!(decoded(b"\xff\xfe\0\xd8a\0".to_vec()).unwrap_err().contains("half a UTF-16"));
        assert!(decoded(b"\xff\xfe\0\0".to_vec()).unwrap_err().contains("UTF-32"));
    }
}
