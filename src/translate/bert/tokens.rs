//! Pieces and ids: SentencePiece cuts the text, `vocab.json` numbers the pieces.

use crate::models::{ModelError, sentencepiece};
use fxtranslate::spm::SpmVocab;
use std::collections::HashMap;
use std::ops::Range;

/// The two vocabularies of a Marian model in Hugging Face layout.
pub struct Tokens {
    source: SpmVocab,
    ids: HashMap<String, i64>,
    pieces: Vec<Option<String>>,
    unknown: i64,
}

impl Tokens {
    /// Reads `source.spm` and `vocab.json`.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when one of them is damaged, or a piece has an id outside the model.
    pub fn read(source: &[u8], vocabulary: &str, size: i64) -> Result<Self, ModelError> {
        sentencepiece::validate(source)?;
        let wrong = |reason: String| ModelError::Invalid(format!("vocab.json: {reason}"));
        let ids: HashMap<String, i64> = serde_json::from_str(vocabulary).map_err(|e| wrong(e.to_string()))?;
        let mut pieces = vec![None; usize::try_from(size).unwrap_or(0)];
        for (piece, &id) in &ids {
            let slot = usize::try_from(id).ok().and_then(|id| pieces.get_mut(id));
            *slot.ok_or_else(|| wrong(format!("`{piece}` has the id {id}, the model {size} rows")))? =
                Some(piece.clone());
        }
        let unknown = *ids.get("<unk>").ok_or_else(|| wrong("it has no `<unk>`".to_owned()))?;
        Ok(Self { source: SpmVocab::from_bytes(source), ids, pieces, unknown })
    }

    /// The ids of a sentence and, for each, its bytes in the normalised text, which comes first.
    pub fn encode(&self, sentence: &str) -> (String, Vec<(i64, Range<usize>)>) {
        let (normalised, pieces) = self.source.encode_with_offsets(sentence);
        let id = |piece: u32| self.ids.get(self.source.piece(piece)).copied().unwrap_or(self.unknown);
        let pieces = pieces.into_iter().map(|(piece, range)| (id(piece), range)).collect();
        (normalised, pieces)
    }

    /// How many pieces a sentence has.
    pub fn count(&self, sentence: &str) -> usize {
        self.source.encode(sentence).len()
    }

    /// The text of target pieces and the bytes of each in it.
    pub fn decode(&self, ids: &[i64]) -> (String, Vec<Range<usize>>) {
        let mut text = String::new();
        let ranges = ids
            .iter()
            .map(|&id| {
                let piece =
                    usize::try_from(id).ok().and_then(|id| self.pieces.get(id)).and_then(Option::as_deref);
                let piece = piece.filter(|p| !(p.starts_with('<') && p.ends_with('>') && p.len() > 2));
                let piece = piece.unwrap_or_default().replace('▁', " ");
                // No space at the beginning.
                let piece = if text.is_empty() { piece.trim_start() } else { &piece };
                let start = text.len();
                text.push_str(piece);
                start..text.len()
            })
            .collect();
        (text, ranges)
    }
}
