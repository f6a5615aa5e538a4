//! The little of ASN.1 that containers of certificates need: elements, definite and indefinite lengths.
//!
//! PKCS#7 files from Windows and Java are often BER (indefinite lengths); the certificates inside are DER, so it is
//! enough to walk the container and cut them out.

use std::borrow::Cow;

/// Deepest nesting followed in indefinite-length elements. Real containers need less than ten.
const MAX_DEPTH: usize = 32;

/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// OCTET STRING in pieces (BER only).
pub(super) const OCTET_STRING_CONSTRUCTED: u8 = 0x24;
/// OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;
/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// SET.
pub(super) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed.
pub(super) const CONTEXT_1: u8 = 0xa1;
/// `[0]`, primitive.
pub(super) const CONTEXT_0_PRIMITIVE: u8 = 0x80;

/// Not ASN.1, or cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// One element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    /// The identifier octet. Multi-byte tags do not occur in what is read here.
    pub(super) tag: u8,
    /// The content octets, without the end-of-contents octets of an indefinite length.
    pub(super) content: &'a [u8],
    /// The element as it stands, header included.
    pub(super) whole: &'a [u8],
    /// Whether it had a definite length, as DER asks for.
    pub(super) definite: bool,
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub(super) fn children(&self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// The element, if it has this tag.
    pub(super) fn expect(self, tag: u8) -> Result<Self, Malformed> {
        if self.tag == tag { Ok(self) } else { Err(Malformed) }
    }

    /// The bytes of an OCTET STRING, put together when it came in pieces.
    pub(super) fn octets(&self) -> Result<Cow<'a, [u8]>, Malformed> {
        match self.tag {
            // Implicitly tagged octet strings carry `[0]`.
            OCTET_STRING | CONTEXT_0_PRIMITIVE => Ok(Cow::Borrowed(self.content)),
            OCTET_STRING_CONSTRUCTED | CONTEXT_0 => {
                let mut all = Vec::new();
                let mut pieces = self.children();
                while let Some(piece) = pieces.next()? {
                    all.extend_from_slice(piece.expect(OCTET_STRING)?.content);
                }
                Ok(Cow::Owned(all))
            }
            _ => Err(Malformed),
        }
    }

    /// A small non-negative INTEGER.
    pub(super) fn small_integer(&self) -> Result<u64, Malformed> {
        let bytes = match self.expect(INTEGER)?.content {
            [0, rest @ ..] => rest,
            [first, ..] if first & 0x80 != 0 => return Err(Malformed),
            bytes => bytes,
        };
        if bytes.len() > 8 {
            return Err(Malformed);
        }
        Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}

/// Elements one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (element, rest) = element(self.rest, 0)?;
        self.rest = rest;
        Ok(Some(element))
    }

    /// The next element, which must be there and have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        self.next()?.ok_or(Malformed)?.expect(tag)
    }

    /// The next element if it has this tag; else nothing is read.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) {
            self.next()
        } else {
            Ok(None)
        }
    }
}

/// The element at the start of `bytes`, which must fill them but for trailing white space or zeros.
pub(super) fn whole(bytes: &[u8]) -> Result<Element<'_>, Malformed> {
    let (element, rest) = element(bytes, 0)?;
    if rest.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        Ok(element)
    } else {
        Err(Malformed)
    }
}

fn element(bytes: &[u8], depth: usize) -> Result<(Element<'_>, &[u8]), Malformed> {
    let [tag, length, after @ ..] = bytes else {
        return Err(Malformed);
    };
    if tag & 0x1f == 0x1f || depth > MAX_DEPTH {
        return Err(Malformed);
    }
    if *length == 0x80 {
        return indefinite(bytes, *tag, after, depth);
    }
    let (length, body) = if length & 0x80 == 0 {
        (usize::from(*length), after)
    } else {
        let count = usize::from(length & 0x7f);
        // Four bytes reach 4 GiB, beyond every limit on files here.
        if count > 4 || after.len() < count {
            return Err(Malformed);
        }
        let (octets, body) = after.split_at(count);
        (
            octets
                .iter()
                .fold(0_usize, |value, byte| value << 8 | usize::from(*byte)),
            body,
        )
    };
    let content = body.get(..length).ok_or(Malformed)?;
    let rest = body.get(length..).ok_or(Malformed)?;
    let whole = bytes.get(..bytes.len() - rest.len()).ok_or(Malformed)?;
    let element = Element {
        tag: *tag,
        content,
        whole,
        definite: true,
    };
    Ok((element, rest))
}

fn indefinite<'a>(
    bytes: &'a [u8],
    tag: u8,
    body: &'a [u8],
    depth: usize,
) -> Result<(Element<'a>, &'a [u8]), Malformed> {
    // Only constructed elements may have an indefinite length.
    if tag & 0x20 == 0 {
        return Err(Malformed);
    }
    let mut rest = body;
    loop {
        if let [0, 0, after @ ..] = rest {
            let content = body.get(..body.len() - rest.len()).ok_or(Malformed)?;
            let whole = bytes.get(..bytes.len() - after.len()).ok_or(Malformed)?;
            let element = Element {
                tag,
                content,
                whole,
                definite: false,
            };
            return Ok((element, after));
        }
        (_, rest) = element(rest, depth + 1)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Malformed, OCTET_STRING_CONSTRUCTED, Reader, SEQUENCE, whole};

    #[test]
    fn definite_and_indefinite_lengths() {
        let der = [0x30, 0x03, 0x02, 0x01, 0x05];
        let ber = [0x30, 0x80, 0x02, 0x01, 0x05, 0x00, 0x00];
        for bytes in [&der[..], &ber[..]] {
            let sequence = whole(bytes).and_then(|element| element.expect(SEQUENCE)).unwrap();
            let number = sequence.children().next().unwrap().unwrap();
            assert_eq!(number.small_integer(), Ok(5));
        }
    }

    #[test]
    fn octets_in_pieces() {
        let ber = [0x24, 0x80, 0x04, 0x01, b'a', 0x04, 0x02, b'b', b'c', 0x00, 0x00];
        let element = whole(&ber).unwrap().expect(OCTET_STRING_CONSTRUCTED).unwrap();
        assert_eq!(&*element.octets().unwrap(), b"abc");
    }

    #[test]
    fn nonsense_ends() {
        let deep = [0x30, 0x80].repeat(100_000);
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x05, 0x00],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x04, 0x80],
            &deep,
        ] {
            assert_eq!(whole(bytes).map(|_| ()), Err(Malformed));
        }
        assert!(Reader::new(&[]).next().unwrap().is_none());
    }
}
