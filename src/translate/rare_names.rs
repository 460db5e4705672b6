//! Names that an engine does not know: a small student garbles them ("Duxbury" becomes "Dilury"), and most are
//! written the same in both languages, so that a copy is right.

use super::engine::Engine;
use crate::text::offset::{Raw, Span};
use crate::text::token::{TokenKind, tokenize};

/// Pieces from which a word counts as unknown to the engine, where they are as short as [`LETTERS_A_PIECE`] in the mean.
const PIECES: usize = 3;
const LETTERS_A_PIECE: f32 = 3.0;
/// Names that are shielded in one sentence; students saw few symbols together.
const MOST: usize = 3;

/// The names of a sentence that the engine would have to spell: runs of capitalised words in many pieces each. The first
/// word of a sentence is none by its capital, and counts only in front of another.
pub fn rare_names(sentence: &str, engine: &dyn Engine) -> Vec<Span<Raw>> {
    let mut names: Vec<Span<Raw>> = Vec::new();
    let mut open = false;
    let mut initial: Option<Span<Raw>> = None;
    let mut begins = true;
    for token in tokenize(sentence) {
        let is_word = token.kind == TokenKind::Word;
        let rare = is_word && is_rare(token.text(sentence), engine);
        if rare && begins {
            initial = Some(token.span);
        } else if rare {
            let joins = |span: &Span<Raw>| sentence[span.end..token.span.start].chars().all(|c| c == ' ');
            match (names.last_mut(), initial) {
                (Some(last), _) if open && joins(last) => last.end = token.span.end,
                (_, Some(first)) if joins(&first) => names.push(Span::new(first.start, token.span.end)),
                _ => names.push(token.span),
            }
        }
        open = rare;
        begins &= token.kind == TokenKind::Mark;
    }
    // The longest are the hardest to spell.
    names.sort_by_key(|name| (std::cmp::Reverse(name.end - name.start), name.start));
    names.truncate(MOST);
    names.sort_unstable();
    names
}

/// Whether a word is capitalised, and in the engine's eyes mere letters.
fn is_rare(word: &str, engine: &dyn Engine) -> bool {
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    let letters = word.chars().count();
    if !capital || letters <= PIECES {
        return false;
    }
    // The engine counts the end of sentence as a piece.
    let pieces = engine.pieces(word).saturating_sub(1);
    pieces >= PIECES && letters as f32 <= LETTERS_A_PIECE * pieces as f32
}

#[cfg(test)]
mod tests {
    use super::super::engine::EngineOutput;
    use super::*;

    /// An engine that knows some words and spells all others letter by letter.
    struct Speller;

    impl Engine for Speller {
        fn identity(&self) -> String {
            String::new()
        }

        fn pieces(&self, sentence: &str) -> usize {
            if ["Le", "Tom", "Paris", "Ottawa"].contains(&sentence) {
                2
            } else {
                sentence.chars().count() + 1
            }
        }

        fn longest(&self) -> usize {
            100
        }

        fn copies_shields(&self) -> bool {
            true
        }

        fn translate(&self, sentences: &[&str]) -> Vec<EngineOutput> {
            vec![EngineOutput::default(); sentences.len()]
        }
    }

    fn names(sentence: &str) -> Vec<&str> {
        rare_names(sentence, &Speller).into_iter().map(|span| span.of(sentence)).collect()
    }

    #[test]
    fn unknown_capitalised_words_are_names_and_neighbours_are_one() {
        assert_eq!(names("Le directeur Tom Duxbury aime Paris."), ["Duxbury"]);
        assert_eq!(names("« L’Hesperonychus Elizabethae », à Ottawa."), ["Hesperonychus Elizabethae"]);
        assert_eq!(names("Ses amis, Heck et Johnson."), ["Heck", "Johnson"]);
    }

    #[test]
    fn the_first_word_counts_before_another_name_only() {
        assert_eq!(names("Malheureusement, Kouns est là."), ["Kouns"]);
        assert_eq!(names("Scotty Kouns est là."), ["Scotty Kouns"]);
        assert_eq!(names("Malheureusement."), [""; 0]);
    }
}
