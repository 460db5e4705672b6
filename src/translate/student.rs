//! The student engine: a Marian student run by our own forward pass, with SentencePiece vocabularies.

use super::engine::{self, Engine, EngineOutput};
use super::forward::Student;
use super::{places, shield};
use crate::models::ModelError;
use crate::models::store::ModelFiles;
use fxtranslate::spm::SpmVocab;

/// Sentences longer than this many pieces are split: students are trained on sentences, and attention grows squared.
const LONGEST: usize = 160;

/// A Marian student with its vocabularies.
pub struct StudentEngine {
    student: Student,
    source: SpmVocab,
    target: SpmVocab,
    identity: String,
    copies_shields: bool,
    beam: usize,
}

impl StudentEngine {
    /// Prepares a model whose files were checked by the store; its card's `beam` is used unless another is given.
    ///
    /// # Errors
    /// [`ModelError`] when the weights are not those of a student, or what reads them fails over them.
    pub fn new(files: &ModelFiles, beam: Option<usize>) -> Result<Self, ModelError> {
        // The vocabulary parser trusts its input less well than we check it; a panic there must not end the program.
        std::panic::catch_unwind(|| Self::read(files, beam)).unwrap_or_else(|_| {
            Err(ModelError::Invalid(format!("the engine fails over `{}`", files.card.name)))
        })
    }

    fn read(files: &ModelFiles, beam: Option<usize>) -> Result<Self, ModelError> {
        let source = SpmVocab::from_bytes(&files.source_vocabulary);
        let target = SpmVocab::from_bytes(&files.target_vocabulary);
        let student = Student::read(&files.model, target.eos_id())?;
        let piece = |vocabulary: &SpmVocab, symbol: &str| {
            vocabulary.encode(symbol).into_iter().find(|&id| vocabulary.piece(id) == symbol)
        };
        let symbols: Vec<(u32, u32)> = (0..shield::MOST)
            .filter_map(|n| Some((piece(&source, &shield::symbol(n))?, piece(&target, &shield::symbol(n))?)))
            .collect();
        let beam = beam.unwrap_or_else(|| files.card.beam());
        let copies_shields = symbols.len() == shield::MOST;
        let student = student.with_symbols(symbols);
        Ok(Self { student, source, target, identity: files.card.identity(), copies_shields, beam })
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
        let encoded: Vec<Encoded> = sentences.iter().map(|sentence| self.source_pieces(sentence)).collect();
        let ids: Vec<Vec<u32>> = encoded.iter().map(|(ids, _)| ids.clone()).collect();
        let decoded = self.student.translate(&ids, self.beam);
        encoded
            .into_iter()
            .zip(decoded)
            .map(|((_, source), d)| EngineOutput {
                score: Some(d.score),
                truncated: !d.ended,
                ..EngineOutput::aligned(source, self.target.decode_with_offsets(&d.pieces), d.attention)
            })
            .collect()
    }
}

/// Pieces of a text.
type Encoded = engine::Encoded<u32>;

impl StudentEngine {
    /// The pieces of a source sentence, with the end of sentence.
    fn source_pieces(&self, sentence: &str) -> Encoded {
        let (mut ids, mut spans) = encode(&self.source, sentence);
        ids.push(self.source.eos_id());
        spans.push(sentence.len()..sentence.len());
        (ids, spans)
    }

    /// Aligns given translations, `(source, target)`, by making the model say them: outputs with the given text and
    /// the attention of its pieces.
    pub fn align(&self, pairs: &[(&str, &str)]) -> Vec<EngineOutput> {
        let sources: Vec<Encoded> = pairs.iter().map(|(source, _)| self.source_pieces(source)).collect();
        let targets: Vec<Encoded> = pairs.iter().map(|(_, target)| encode(&self.target, target)).collect();
        let ids = |encoded: &[Encoded]| encoded.iter().map(|(ids, _)| ids.clone()).collect::<Vec<_>>();
        let attention = self.student.attend(&ids(&sources), &ids(&targets));
        EngineOutput::of_pairs(pairs, sources, targets, attention)
    }
}

/// The pieces of a text with their places in it.
fn encode(vocabulary: &SpmVocab, text: &str) -> Encoded {
    let (normalised, pieces) = vocabulary.encode_with_offsets(text);
    let spans = places::in_sentence(text, &normalised, pieces.iter().map(|(_, range)| range));
    (pieces.iter().map(|(id, _)| *id).collect(), spans)
}
