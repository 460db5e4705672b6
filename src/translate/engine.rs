//! What a translation engine is: sentences in, translations with their soft alignment out.

use std::ops::Range;

/// A translated sentence with what is needed to align it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EngineOutput {
    /// The translation.
    pub text: String,
    /// Bytes of the source under each source piece; what stands for no text (the end of sentence, a language) has none.
    pub source_pieces: Vec<Range<usize>>,
    /// Bytes of `text` under each target piece.
    pub target_pieces: Vec<Range<usize>>,
    /// For each target piece, how much it attends to each source piece; rows sum to one. Empty if the engine has none.
    pub attention: Vec<Vec<f32>>,
    /// Mean log-probability of a target piece.
    pub score: Option<f32>,
    /// Whether the engine stopped at its length limit rather than at an end of sentence.
    pub truncated: bool,
    /// Whether the engine failed over this sentence; everything else is then empty.
    pub failed: bool,
}

/// The ids of pieces, and the bytes of the text under each.
pub type Encoded<Id> = (Vec<Id>, Vec<Range<usize>>);

impl EngineOutput {
    /// A text, translated or given, and how its pieces attend to those of its source: what an alignment is made of, and
    /// all that is known of a text that was given.
    pub fn aligned(
        source_pieces: Vec<Range<usize>>,
        (text, target_pieces): (String, Vec<Range<usize>>),
        attention: Vec<Vec<f32>>,
    ) -> Self {
        Self { text, source_pieces, target_pieces, attention, ..Self::default() }
    }

    /// The same of given pairs, `(source, target)`: their pieces, and the attention that a forced pass over the targets gave.
    pub fn of_pairs<Id>(
        pairs: &[(&str, &str)],
        sources: Vec<Encoded<Id>>,
        targets: Vec<Encoded<Id>>,
        attention: Vec<Vec<Vec<f32>>>,
    ) -> Vec<Self> {
        let pieces = sources.into_iter().zip(targets);
        let pairs = pieces.zip(pairs.iter().zip(attention));
        pairs
            .map(|(((_, source), (_, target)), ((_, text), attention))| {
                Self::aligned(source, ((*text).to_owned(), target), attention)
            })
            .collect()
    }
}

/// Translates sentences. Implementations hold a model and are shared between threads.
pub trait Engine: Send + Sync {
    /// Identity of the model for records, `pair/name@sha256:…`.
    fn identity(&self) -> String;

    /// Length of a sentence in the engine's pieces; batches are built by it.
    fn pieces(&self, sentence: &str) -> usize;

    /// Pieces beyond which a sentence must be split before it is given to the engine.
    fn longest(&self) -> usize;

    /// Whether the model was trained to copy the shield symbol `⟦n⟧`.
    fn copies_shields(&self) -> bool;

    /// Translates sentences together, one output for each, in order.
    fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput>;
}
