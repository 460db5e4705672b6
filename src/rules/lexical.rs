//! `untranslated_residue`: English words and abbreviations left in, from a curated table (`data/residue.tsv`).

use super::{Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

static RESIDUE: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let table = include_str!("../../data/residue.tsv");
    table.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')).collect()
});

/// Whether translators are known to leave this English word in.
pub(super) fn is_residue(word: &str) -> bool {
    RESIDUE.contains_key(word)
}

/// Whether the table has this lower-case word in some case.
pub(super) fn is_residue_in_some_case(word: &str) -> bool {
    static LOWER: LazyLock<FxHashSet<String>> =
        LazyLock::new(|| RESIDUE.keys().map(|word| word.to_lowercase()).collect());
    LOWER.contains(word)
}

/// Suggests the French for an English word that was left in.
pub struct Residue;

impl Rule for Residue {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "residue/english-word",
            category: Category::UntranslatedResidue,
            summary: "an English word left in French text: its French is suggested",
            lang: Lang::Fr,
            fires: &[
                Example {
                    damaged: "Les snaps montrent des soldats.",
                    repaired: "Les clichés montrent des soldats.",
                },
                Example {
                    damaged: "Les alliés de la NATO et deux NGOs ont réagi.",
                    repaired: "Les alliés de la OTAN et deux ONG ont réagi.",
                },
            ],
            silent: &["Le crash du pick-up a eu lieu hier.", "Il a écrit « breaking news update » hier."],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        for n in context.listed() {
            let token = &context.tokens[n];
            let word = token.text(context.text);
            let Some(french) = RESIDUE.get(word) else { continue };
            // An English neighbour makes an island, and a quotation is somebody's words.
            let neighbours =
                [n.checked_sub(1), Some(n + 1)].into_iter().flatten().filter_map(|i| context.tokens.get(i));
            let island = neighbours.clone().any(|t| is_english_only(context, t.text(context.text)))
                || neighbours
                    .into_iter()
                    .any(|t| matches!(t.text(context.text), "«" | "“" | "\"" | "»" | "”" | "'"));
            if !island && !context.is_protected(token.span) {
                out.push(Finding {
                    span: token.span,
                    category: Category::UntranslatedResidue,
                    rule: self.info().id,
                    proposal: Proposal::Replace((*french).to_owned()),
                    confidence: Confidence::new(0.75),
                    why: vec!["an English word between French ones".to_owned()],
                    candidates: vec![],
                });
            }
        }
    }
}

/// Whether a word is no French form and stands in English text far more often.
fn is_english_only(context: &Context<'_>, word: &str) -> bool {
    let lower = word.to_lowercase();
    let known = context.resources.language.as_ref().is_some_and(|l| l.lexicon.contains(&lower));
    word.chars().all(char::is_alphabetic) && word.chars().count() > 1 && !known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_table_are_such_as_facts_are_kept_of() {
        assert!(RESIDUE.keys().all(|word| word.is_ascii() && word.len() > 2));
    }
}
