//! Validation of SentencePiece vocabularies before any engine sees them.
//!
//! A `.spm` file is a protocol buffer (`sentencepiece_model.proto`): field 1 repeats, one message a piece with its
//! text (1), score (2) and type (3); field 3 is the normaliser (`normaliser.rs`). Lengths are checked against the
//! file; other fields are stepped over.

mod normaliser;

use super::ModelError;

/// More pieces than any known vocabulary has.
const MAX_PIECES: usize = 1_000_000;
/// Longest piece, in bytes; SentencePiece itself stops at 16 characters unless told otherwise.
const MAX_PIECE_BYTES: usize = 1024;

/// How a vocabulary cuts words into pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutting {
    /// The most probable pieces (a unigram language model).
    Unigram,
    /// Pairs joined in the order of their scores.
    Bpe,
    /// Something else (whole words, characters).
    Other,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Text.
    Normal,
    /// Stands for what the vocabulary lacks.
    Unknown,
    /// Stands for no text.
    Control,
    /// Text that is never cut.
    UserDefined,
    /// One byte.
    Byte,
    /// Is not used.
    Unused,
}

/// A piece of a vocabulary; its place is its id.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its score: the greater, the sooner it is chosen.
    pub score: f32,
    /// What it is.
    pub kind: PieceKind,
}

/// Checks a SentencePiece model and returns its number of pieces.
///
/// # Errors
/// [`ModelError::Invalid`] with the first thing that is wrong.
pub fn validate(bytes: &[u8]) -> Result<usize, ModelError> {
    let mut count = 0;
    walk(bytes, &mut |_| count += 1)?;
    Ok(count)
}

/// Checks a SentencePiece model and returns its pieces, and how it cuts.
///
/// # Errors
/// [`ModelError::Invalid`] with the first thing that is wrong.
pub fn read(bytes: &[u8]) -> Result<(Vec<Piece<'_>>, Cutting), ModelError> {
    let mut pieces = Vec::new();
    let cutting = walk(bytes, &mut |piece| pieces.push(piece))?;
    Ok((pieces, cutting))
}

/// Shows each piece, and says how the vocabulary cuts.
fn walk<'a>(bytes: &'a [u8], show: &mut dyn FnMut(Piece<'a>)) -> Result<Cutting, ModelError> {
    let mut message = Message { bytes, at: 0 };
    let (mut pieces, mut has_unknown, mut has_end, mut cutting) = (0, false, false, Cutting::Unigram);
    while let Some((field, value)) = message.next()? {
        let piece = match (field, value) {
            (1, Value::Bytes(piece)) => piece,
            (1, _) => return Err(ModelError::invalid("a vocabulary piece is not a message")),
            (2, Value::Bytes(spec)) => {
                cutting = trained_as(spec)?;
                continue;
            }
            (3, Value::Bytes(spec)) => {
                normaliser::validate(spec)?;
                continue;
            }
            _ => continue,
        };
        let piece = piece_of(piece)?;
        show(piece);
        has_unknown |= piece.text == "<unk>";
        has_end |= piece.text == "</s>";
        pieces += 1;
        if pieces > MAX_PIECES {
            return Err(ModelError::invalid(format!("the vocabulary has over {MAX_PIECES} pieces")));
        }
    }
    if pieces < 2 || !has_unknown || !has_end {
        return Err(ModelError::invalid("not a SentencePiece vocabulary with <unk> and </s>"));
    }
    Ok(cutting)
}

/// The algorithm, from the settings of the vocabulary's training.
fn trained_as(spec: &[u8]) -> Result<Cutting, ModelError> {
    let mut message = Message { bytes: spec, at: 0 };
    let mut cutting = Cutting::Unigram;
    while let Some((field, value)) = message.next()? {
        if let (3, Value::Number(kind)) = (field, value) {
            cutting = match kind {
                1 => Cutting::Unigram,
                2 => Cutting::Bpe,
                _ => Cutting::Other,
            };
        }
    }
    Ok(cutting)
}

fn piece_of(bytes: &[u8]) -> Result<Piece<'_>, ModelError> {
    let mut message = Message { bytes, at: 0 };
    let mut piece = Piece { text: "", score: 0.0, kind: PieceKind::Normal };
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(raw)) if raw.len() <= MAX_PIECE_BYTES => {
                piece.text =
                    std::str::from_utf8(raw).map_err(|_| ModelError::invalid("a piece is not UTF-8"))?;
            }
            (2, Value::Fixed32(raw)) => {
                piece.score = f32::from_le_bytes(raw);
                if !piece.score.is_finite() {
                    return Err(ModelError::invalid("a piece has a score that is not finite"));
                }
            }
            (3, Value::Number(kind)) => {
                piece.kind = match kind {
                    2 => PieceKind::Unknown,
                    3 => PieceKind::Control,
                    4 => PieceKind::UserDefined,
                    5 => PieceKind::Unused,
                    6 => PieceKind::Byte,
                    _ => PieceKind::Normal,
                };
            }
            (1, _) => return Err(ModelError::invalid("a piece is longer than any real one")),
            _ => {}
        }
    }
    Ok(piece)
}

enum Value<'a> {
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
    Number(u64),
    Other,
}

struct Message<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Message<'a> {
    fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, ModelError> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Other
            }
            2 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Value::Bytes(self.take(length)?)
            }
            5 => {
                let mut four = [0; 4];
                four.copy_from_slice(self.take(4)?);
                Value::Fixed32(four)
            }
            _ => return Err(ModelError::invalid("the vocabulary is not a protocol buffer")),
        };
        Ok(Some((key >> 3, value)))
    }

    fn varint(&mut self) -> Result<u64, ModelError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(ModelError::invalid("a number in the vocabulary never ends"))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ModelError> {
        let end = self.at.checked_add(length);
        let slice = end.and_then(|end| self.bytes.get(self.at..end));
        let slice = slice.ok_or_else(|| ModelError::invalid("the vocabulary ends before its contents do"))?;
        self.at += length;
        Ok(slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tiny() -> Vec<u8> {
        let mut file = Vec::new();
        for piece in ["</s>", "<unk>", "▁la"] {
            let mut message = vec![0x0a, piece.len() as u8];
            message.extend(piece.bytes());
            message.push(0x15);
            message.extend((-1.5_f32).to_le_bytes());
            file.extend([0x0a, message.len() as u8]);
            file.extend(message);
        }
        file
    }

    #[test]
    fn counts_the_pieces_of_a_vocabulary() {
        assert_eq!(validate(&tiny()).expect("valid"), 3);
        let file = tiny();
        let (pieces, cutting) = read(&file).expect("valid");
        assert_eq!((pieces[2].text, pieces[2].score, cutting), ("▁la", -1.5, Cutting::Unigram));
        let bpe = [file.as_slice(), &[0x12, 2, 0x18, 2]].concat();
        assert_eq!(read(&bpe).expect("valid").1, Cutting::Bpe);
        assert!(validate(b"").is_err());
        assert!(validate(b"not a vocabulary at all").is_err());
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..60) {
            let _ = validate(&bytes);
            let mut file = tiny();
            let at = at % file.len();
            file[at] = bytes.first().copied().unwrap_or(0xff);
            let _ = validate(&file);
        }
    }
}
