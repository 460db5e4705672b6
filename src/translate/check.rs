//! Checks of a translation against its source: what is wrong becomes a flag.

use super::number::{Number, numbers as numbers_of};
use crate::text::protect::protected_spans;
use crate::text::token::{TokenKind, tokenize};

/// What the checks found; the names stand in records.
pub const EMPTY: &str = "empty";
/// The engine's length limit was reached.
pub const TRUNCATED: &str = "truncated";
/// A number of the source is not in the translation.
pub const NUMBERS: &str = "numbers_differ";
/// A URL, handle or e-mail address is lost.
pub const ADDRESSES: &str = "address_lost";
/// The same words over and over.
pub const REPETITION: &str = "repetition";
/// Far too long or too short.
pub const LENGTH: &str = "length_ratio";
/// The source again, untranslated.
pub const COPY: &str = "copy_of_source";

/// The engine failed over the segment.
pub const ENGINE: &str = "engine_failed";

/// All that is wrong with `target` as the translation of `source`; empty when nothing is.
pub fn flags(source: &str, target: &str, truncated: bool) -> Vec<&'static str> {
    let mut found = Vec::new();
    if target.trim().is_empty() {
        return vec![EMPTY];
    }
    if truncated {
        found.push(TRUNCATED);
    }
    let mut after = numbers(target);
    // Each number answers for one: a target with one 40 has lost one of two.
    let is_lost = |n: &String| after.iter().position(|m| m == n).map(|at| after.swap_remove(at)).is_none();
    if numbers(source).iter().any(is_lost) {
        found.push(NUMBERS);
    }
    if protected_spans(source, &[]).iter().any(|p| !target.contains(p.span.of(source))) {
        found.push(ADDRESSES);
    }
    if repeats(target) && !repeats(source) {
        found.push(REPETITION);
    }
    let (from, to) = (source.chars().count(), target.chars().count());
    if from >= 12 && (to * 3 < from || to > from * 2 + 20) {
        found.push(LENGTH);
    }
    if from >= 25 && source.split_whitespace().count() >= 4 && source.trim() == target.trim() {
        found.push(COPY);
    }
    found
}

/// How much is wrong, to choose between translations: what is lost weighs more than what looks odd.
pub fn harm(flags: &[String]) -> usize {
    let weight = |flag: &String| match flag.as_str() {
        EMPTY => 8,
        NUMBERS | ADDRESSES | TRUNCATED => 3,
        _ => 1,
    };
    flags.iter().map(weight).sum()
}

/// Numbers of two digits or more, as digits alone: `1 400`, `1.400` and `1,400` are one number. Smaller ones may be
/// spelt out, and a date's digits stay as they are.
fn numbers(text: &str) -> Vec<String> {
    let digits = |n: Number| text[n.range].chars().filter(char::is_ascii_digit).collect::<String>();
    numbers_of(text).into_iter().map(digits).filter(|digits| digits.len() >= 2).collect()
}

/// Whether one to four words stand three times in a row, or one word five times as often as text explains.
fn repeats(text: &str) -> bool {
    let words: Vec<String> = tokenize(text)
        .iter()
        .filter(|t| t.kind != TokenKind::Mark)
        .map(|t| t.text(text).to_lowercase())
        .collect();
    (1..=4).any(|n| {
        words.len() >= 3 * n
            && (0..=words.len() - 3 * n).any(|i| {
                words[i..i + n] == words[i + n..i + 2 * n] && words[i..i + n] == words[i + 2 * n..i + 3 * n]
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_change_their_separators_only() {
        assert!(flags("Il y a 1 400 morts et 3,5 %.", "There are 1,400 dead and 3.5%.", false).is_empty());
        assert_eq!(flags("Il y a 45 morts.", "There are 54 dead.", false), [NUMBERS]);
        assert_eq!(flags("Il y a 40 morts en 40 heures.", "There are 40 dead in hours.", false), [NUMBERS]);
    }

    #[test]
    fn loops_copies_and_losses_are_seen() {
        assert_eq!(flags("Il a dit oui.", "He said said said yes.", false), [REPETITION]);
        assert_eq!(flags("Voir @nom ici.", "See here.", false), [ADDRESSES]);
        assert_eq!(flags("Bonjour à toutes et à tous, chers amis.", "", false), [EMPTY]);
        let same = "Le gouvernement a annoncé une réforme.";
        assert_eq!(flags(same, same, false), [COPY]);
    }
}
