//! The student engine: a Marian student run by our own forward pass, with SentencePiece vocabularies.

use super::engine::{Engine, EngineOutput};
use super::forward::Student;
use super::shield;
use crate::models::ModelError;
use crate::models::store::ModelFiles;
use fxtranslate::spm::SpmVocab;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Sentences longer than this many pieces are split: students are trained on sentences, and attention grows squared.
const LONGEST: usize = 160;

/// A Marian student with its vocabularies.
pub struct StudentEngine {
    student: Student,
    source: SpmVocab,
    target: SpmVocab,
    identity: String,
    copies_shields: bool,
}

impl StudentEngine {
    /// Prepares a model whose files were checked by the store.
    ///
    /// # Errors
    /// [`ModelError`] when the weights are not those of a student, or what reads them fails over them.
    pub fn new(files: &ModelFiles) -> Result<Self, ModelError> {
        // The vocabulary parser trusts its input less well than we check it; a panic there must not end the program.
        std::panic::catch_unwind(|| Self::read(files)).unwrap_or_else(|_| {
            Err(ModelError::Invalid(format!("the engine fails over `{}`", files.card.name)))
        })
    }

    fn read(files: &ModelFiles) -> Result<Self, ModelError> {
        let source = SpmVocab::from_bytes(&files.source_vocabulary);
        let target = SpmVocab::from_bytes(&files.target_vocabulary);
        let student = Student::read(&files.model, target.eos_id())?;
        let knows = |vocabulary: &SpmVocab| {
            vocabulary.encode(&shield::symbol(0)).iter().any(|&id| vocabulary.piece(id) == shield::symbol(0))
        };
        let copies_shields = knows(&source) && knows(&target);
        Ok(Self { student, source, target, identity: files.card.identity(), copies_shields })
    }
}

impl Engine for StudentEngine {
    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn pieces(&self, sentence: &str) -> usize {
        self.source.encode(sentence).len() + 1
    }

    fn longest(&self) -> usize {
        LONGEST
    }

    fn copies_shields(&self) -> bool {
        self.copies_shields
    }

    fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
        let encoded: Vec<(Vec<u32>, Vec<Range<usize>>)> = sentences
            .iter()
            .map(|sentence| {
                let (normalised, pieces) = self.source.encode_with_offsets(sentence);
                let original = original_offsets(sentence, &normalised);
                let mut ids: Vec<u32> = pieces.iter().map(|(id, _)| *id).collect();
                ids.push(self.source.eos_id());
                let mut spans: Vec<Range<usize>> =
                    pieces.iter().map(|(_, r)| original(r.start, false)..original(r.end, true)).collect();
                spans.push(sentence.len()..sentence.len());
                (ids, spans)
            })
            .collect();
        let ids: Vec<Vec<u32>> = encoded.iter().map(|(ids, _)| ids.clone()).collect();
        let decoded = self.student.translate(&ids);
        encoded
            .into_iter()
            .zip(decoded)
            .map(|((_, source_pieces), d)| {
                let (text, target_pieces) = self.target.decode_with_offsets(&d.pieces);
                EngineOutput {
                    text,
                    source_pieces,
                    target_pieces,
                    attention: d.attention,
                    score: Some(d.score),
                    truncated: !d.ended,
                    failed: false,
                }
            })
            .collect()
    }
}

/// Maps offsets of SentencePiece's normalised text back to the sentence it came from.
///
/// Normalisation (NFKC, white space folded to `▁`) keeps the order of characters, so the n-th character that is not
/// white space of one side stands for the n-th of the other, counted after NFKC.
pub(super) fn original_offsets<'a>(
    sentence: &'a str,
    normalised: &'a str,
) -> impl Fn(usize, bool) -> usize + 'a {
    // For each non-space character after NFKC, the bytes of the original character it came from.
    let expanded: Vec<Range<usize>> = sentence
        .char_indices()
        .flat_map(|(at, c)| {
            let visible = c.nfkc().filter(|c| !c.is_whitespace() && !c.is_control()).count();
            std::iter::repeat_n(at..at + c.len_utf8(), visible)
        })
        .collect();
    // For each byte of the normalised text, how many visible characters start before it.
    let mut before = vec![0; normalised.len() + 1];
    let mut count = 0;
    for (at, c) in normalised.char_indices() {
        for slot in &mut before[at..at + c.len_utf8()] {
            *slot = count;
        }
        count += usize::from(c != '▁' && !c.is_whitespace());
    }
    before[normalised.len()] = count;
    move |offset, is_end| {
        let n = before[offset.min(normalised.len())];
        if is_end {
            n.checked_sub(1).and_then(|n| expanded.get(n)).map_or(0, |r| r.end)
        } else {
            expanded.get(n).map_or(sentence.len(), |r| r.start)
        }
    }
}
