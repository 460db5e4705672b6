//! The engine's edge: a panic inside an engine becomes an error of the sentence that caused it.
//!
//! Engines read files from strangers and call libraries that trust them more than we do. What they read is validated
//! before, and this is the second line: one bad sentence costs itself, not the run. What cannot be caught (memory that
//! runs out, a stack that overflows) must be kept out by the validators in [`crate::models`].

use super::engine::{Engine, EngineOutput};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// An engine whose panics stay inside.
pub struct Guarded {
    engine: Arc<dyn Engine>,
}

impl Guarded {
    /// Guards an engine.
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Self { engine }
    }

    /// One call of the engine; nothing if it panics or does not give an output for each sentence.
    fn call(&self, sentences: &[&str]) -> Option<Vec<EngineOutput>> {
        // Engines keep no state between calls, so that a half-done call leaves nothing behind.
        catch_unwind(AssertUnwindSafe(|| self.engine.translate(sentences)))
            .ok()
            .filter(|outputs| outputs.len() == sentences.len())
    }
}

impl Engine for Guarded {
    fn identity(&self) -> String {
        self.engine.identity()
    }

    fn pieces(&self, sentence: &str) -> usize {
        // A piece is at least a byte long; a sentence that cannot be counted fails when it is translated.
        catch_unwind(AssertUnwindSafe(|| self.engine.pieces(sentence))).unwrap_or(sentence.len() + 1)
    }

    fn longest(&self) -> usize {
        self.engine.longest()
    }

    fn copies_shields(&self) -> bool {
        self.engine.copies_shields()
    }

    fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
        if let Some(outputs) = self.call(sentences) {
            return outputs;
        }
        let failed = || EngineOutput { failed: true, ..EngineOutput::default() };
        if sentences.len() == 1 {
            return vec![failed()];
        }
        // One of them is to blame; the others shall not pay for it.
        sentences
            .iter()
            .map(|&sentence| self.call(&[sentence]).and_then(|mut one| one.pop()).unwrap_or_else(failed))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::{Translator, check};

    /// Shouts what it is given, and panics over some words.
    struct Fragile;

    impl Engine for Fragile {
        fn identity(&self) -> String {
            "fragile".to_owned()
        }

        fn pieces(&self, sentence: &str) -> usize {
            assert!(!sentence.contains("incomptable"), "a piece that the vocabulary lacks");
            sentence.split(' ').count()
        }

        fn longest(&self) -> usize {
            40
        }

        fn copies_shields(&self) -> bool {
            false
        }

        fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
            let text = |s: &&str| {
                assert!(!s.contains("fatal"), "index out of bounds");
                s.to_uppercase()
            };
            sentences.iter().map(|s| EngineOutput { text: text(s), ..EngineOutput::default() }).collect()
        }
    }

    #[test]
    fn one_bad_sentence_costs_itself_only() {
        let translator = Translator::new(Arc::new(Fragile), 2);
        let sources = [
            "Il dort bien.",
            "Un mot fatal ici.",
            "Elle lit.",
            "Un mot incomptable parmi beaucoup d’autres.",
        ];
        let results = translator.translate(&sources);
        assert_eq!(results[1].flags, [check::ENGINE]);
        assert_eq!(results[1].target, "");
        for i in [0, 2, 3] {
            assert!(!results[i].flags.contains(&check::ENGINE.to_owned()), "{i}");
            assert!(!results[i].target.is_empty(), "{i}");
        }
    }

    #[test]
    fn an_output_too_few_is_a_failure_and_not_a_shift() {
        struct Short;
        impl Engine for Short {
            fn identity(&self) -> String {
                String::new()
            }
            fn pieces(&self, _: &str) -> usize {
                1
            }
            fn longest(&self) -> usize {
                100
            }
            fn copies_shields(&self) -> bool {
                false
            }
            fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
                sentences.iter().skip(1).map(|_| EngineOutput::default()).collect()
            }
        }
        let outputs = Guarded::new(Arc::new(Short)).translate(&["Un.", "Deux."]);
        assert!(outputs.len() == 2 && outputs.iter().all(|o| o.failed));
    }
}
