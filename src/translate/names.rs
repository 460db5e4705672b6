//! Names that an engine need not translate: those of two tables, which both languages write their own way or which are English, and
//! those that it does not know. A small student garbles the latter ("Duxbury" becomes "Dilury"), and most of them are written the
//! same in both languages, so that a copy is right.

use super::engine::Engine;
use crate::language::{Resources, english_names, exonyms};
use crate::text::offset::{Raw, Span};
use crate::text::token::{Token, TokenKind, tokenize};

/// Pieces from which a word counts as unknown to the engine, where they are as short as [`LETTERS_A_PIECE`] in the mean.
const PIECES: usize = 2;
const LETTERS_A_PIECE: f32 = 3.0;
/// Letters of the shortest such word, and of the shortest in capitals throughout.
const SHORTEST: usize = 4;
const SHORTEST_ACRONYM: usize = 3;
/// Names that are shielded in one sentence; students saw few symbols together.
const MOST: usize = 6;

/// The names of a sentence, in order, with what stands for them in English.
pub fn names(sentence: &str, engine: &dyn Engine) -> Vec<(Span<Raw>, String)> {
    let tokens = tokenize(sentence);
    let mut found = known(sentence, &tokens, engine);
    for span in unknown(sentence, &tokens, engine) {
        if !found.iter().any(|(other, _)| other.overlaps(&span)) {
            found.push((span, span.of(sentence).to_owned()));
        }
    }
    // The longest are the hardest to spell.
    found.sort_by_key(|(span, _)| (std::cmp::Reverse(span.end - span.start), span.start));
    found.truncate(MOST);
    found.sort_unstable();
    found
}

/// The names of the tables. English ones are made of common words, which the engine would translate (`White Street Journal`); of those
/// that French writes its own way it has met often what is one piece a word.
fn known(sentence: &str, tokens: &[Token], engine: &dyn Engine) -> Vec<(Span<Raw>, String)> {
    let mut found: Vec<(Span<Raw>, String)> = Vec::new();
    for token in tokens {
        let start = token.span.start;
        if token.kind != TokenKind::Word || found.last().is_some_and(|(last, _)| last.end > start) {
            continue;
        }
        let rest = &sentence[start..];
        if let Some(name) = english_names::at_start(rest) {
            found.push((Span::new(start, start + name.len()), name.to_owned()));
        } else if let Some((length, english)) = exonyms::at_start(rest)
            && is_spelt(&rest[..length], engine)
        {
            found.push((Span::new(start, start + length), english.to_owned()));
        }
    }
    found
}

/// Whether a name takes the engine more pieces than it has words.
fn is_spelt(name: &str, engine: &dyn Engine) -> bool {
    let words = name.split([' ', '-']).count();
    // The engine counts the end of sentence as a piece.
    engine.pieces(name) > words + 1
}

/// Runs of capitalised words that the engine would have to spell.
fn unknown(sentence: &str, tokens: &[Token], engine: &dyn Engine) -> Vec<Span<Raw>> {
    let mut names: Vec<Span<Raw>> = Vec::new();
    let mut open = false;
    for token in tokens {
        let rare = token.kind == TokenKind::Word && is_rare(token.text(sentence), engine);
        match names.last_mut() {
            Some(last) if rare && open && sentence[last.end..token.span.start].chars().all(|c| c == ' ') => {
                last.end = token.span.end;
            }
            _ if rare => names.push(token.span),
            _ => {}
        }
        open = rare;
    }
    names
}

/// Whether a word has a capital (`Duxbury`, `NBA`, `eBay`), is not a French word with one, and in the engine's eyes mere letters.
fn is_rare(word: &str, engine: &dyn Engine) -> bool {
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    let letters = word.chars().count();
    let shortest = if capitals == letters { SHORTEST_ACRONYM } else { SHORTEST };
    if capitals == 0 || letters < shortest {
        return false;
    }
    let pieces = engine.pieces(word).saturating_sub(1);
    pieces >= PIECES && letters as f32 <= LETTERS_A_PIECE * pieces as f32 && !is_french(&word.to_lowercase())
}

/// Whether a form is a French word that is no name.
fn is_french(form: &str) -> bool {
    let language = Resources::embedded().language.as_ref();
    let features = language.and_then(|language| language.lexicon.get(form));
    features.is_some_and(|features| !features.is_proper_noun())
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

    fn found(sentence: &str) -> Vec<String> {
        names(sentence, &Speller).into_iter().map(|(_, english)| english).collect()
    }

    #[test]
    fn unknown_capitalised_words_are_names_and_neighbours_are_one() {
        assert_eq!(found("Le directeur Tom Duxbury aime Paris."), ["Duxbury"]);
        assert_eq!(found("« L’Hesperonychus Elizabethae », à Ottawa."), ["Hesperonychus Elizabethae"]);
        assert_eq!(found("Ses amis, Heck et Johnson."), ["Heck", "Johnson"]);
        assert_eq!(found("La XBQ et eBay le vendent."), ["XBQ", "eBay"]);
    }

    #[test]
    fn names_of_the_table_have_their_english_form() {
        assert_eq!(
            found("L’Afrique du Sud, Alger, talibans et Tchitchikov."),
            ["South Africa", "Algiers", "Taliban", "Tchitchikov"]
        );
        assert_eq!(found("Le Wall Street Journal l’a dit."), ["Wall Street Journal"]);
    }

    #[test]
    fn french_words_with_a_capital_are_none() {
        assert_eq!(found("Malheureusement, la Résistance de Kouns est là."), ["Kouns"]);
        assert_eq!(found("Scotty Kouns est là."), ["Scotty Kouns"]);
    }
}
