//! What cuts a sentence into pieces: SentencePiece, or the `tokenizers` crate where a model brings a `tokenizer.json`.

use super::bpe::Bpe;
use crate::models::ModelError;
use crate::models::sentencepiece::{self, Cutting, PieceKind};
use crate::translate::{engine, places};
use fxtranslate::spm::SpmVocab;
use std::ops::Range;
use tokenizers::Tokenizer;

/// Pieces of a sentence: ids, and for each the bytes of the sentence under it.
pub type Encoded = engine::Encoded<i64>;

/// A piece by its number in the vocabulary, if it is there, and the bytes of the normalised sentence under it.
type Piece = (Option<usize>, Range<usize>);

/// Cuts sentences.
pub enum Cutter {
    /// SentencePiece.
    Pieces(Box<SentencePiece>),
    /// A tokeniser of the `tokenizers` crate.
    Fast(Box<Tokenizer>),
}

/// A SentencePiece vocabulary and the model's ids of its pieces.
pub struct SentencePiece {
    vocabulary: SpmVocab,
    bpe: Option<Bpe>,
    ids: Vec<i64>,
    unknown: i64,
    /// The vocabulary's own id of the unknown piece.
    own_unknown: Option<usize>,
}

impl SentencePiece {
    /// Reads a vocabulary; `id` gives the model's id of a piece by its place and its text, if the model knows it.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when it is damaged, or cuts in a way that we do not know.
    pub fn read(
        bytes: &[u8],
        unknown: i64,
        id: &dyn Fn(usize, &str) -> Option<i64>,
    ) -> Result<Self, ModelError> {
        let (pieces, cutting) = sentencepiece::read(bytes)?;
        let bpe = match cutting {
            Cutting::Unigram => None,
            Cutting::Bpe => Some(Bpe::new(&pieces)),
            Cutting::Other => {
                return Err(ModelError::invalid("the vocabulary is neither a unigram model nor byte pairs"));
            }
        };
        Ok(Self {
            vocabulary: SpmVocab::from_bytes(bytes),
            bpe,
            own_unknown: pieces.iter().position(|p| p.kind == PieceKind::Unknown),
            ids: pieces.iter().enumerate().map(|(n, p)| id(n, p.text).unwrap_or(unknown)).collect(),
            unknown,
        })
    }

    fn cut(&self, sentence: &str) -> Encoded {
        let (normalised, mut pieces): (String, Vec<Piece>) = match &self.bpe {
            None => {
                let (normalised, pieces) = self.vocabulary.encode_with_offsets(sentence);
                let place = |id: u32| usize::try_from(id).ok().filter(|id| Some(*id) != self.own_unknown);
                (normalised, pieces.into_iter().map(|(id, range)| (place(id), range)).collect())
            }
            Some(bpe) => {
                let normalised = self.vocabulary.normalize(sentence);
                let place = |id: Option<u32>| id.and_then(|id| usize::try_from(id).ok());
                let pieces = bpe.cut(&normalised).into_iter().map(|(id, range)| (place(id), range)).collect();
                (normalised, pieces)
            }
        };
        // As SentencePiece has it, neighbours that the vocabulary lacks are one unknown piece.
        pieces.dedup_by(|next, before| {
            let both = next.0.is_none() && before.0.is_none();
            if both {
                before.1.end = next.1.end;
            }
            both
        });
        let spans = places::in_sentence(sentence, &normalised, pieces.iter().map(|(_, range)| range));
        let id = |place: Option<usize>| place.and_then(|n| self.ids.get(n)).copied().unwrap_or(self.unknown);
        (pieces.into_iter().map(|(place, _)| id(place)).collect(), spans)
    }
}

impl Cutter {
    /// A `tokenizer.json`.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when the crate cannot read it.
    pub fn fast(json: &str) -> Result<Self, ModelError> {
        let wrong = |e: String| ModelError::Invalid(format!("tokenizer.json: {e}"));
        let mut tokenizer: Tokenizer = json.parse().map_err(|e: tokenizers::Error| wrong(e.to_string()))?;
        // Batches and lengths are ours to make.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| wrong(e.to_string()))?;
        Ok(Self::Fast(Box::new(tokenizer)))
    }

    /// The pieces of a sentence; none where the tokeniser refuses it.
    pub fn cut(&self, sentence: &str) -> Encoded {
        match self {
            Self::Pieces(pieces) => pieces.cut(sentence),
            Self::Fast(tokenizer) => tokenizer.encode(sentence, false).map_or_else(
                |_| Encoded::default(),
                |e| {
                    let ids = e.get_ids().iter().map(|&id| i64::from(id)).collect();
                    (ids, e.get_offsets().iter().map(|&(start, end)| start..end).collect())
                },
            ),
        }
    }
}
