//! Loanwords and borrowed names that the document itself shows how to write: a plural without its mark, and an English
//! noun phrase in English order.

use super::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::text::document::Lang;
use crate::text::token::TokenKind;
use rustc_hash::FxHashSet;

/// Words that a plural follows.
const PLURAL: &[&str] = &["les", "des", "aux", "ces", "nos", "vos", "leurs", "ses", "mes", "tes"];
/// Numerals that a plural follows.
const NUMERALS: &[&str] =
    &["deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "plusieurs"];
/// Letters of such a word at least.
const LEAST_LETTERS: usize = 6;
/// Suggestions: the page may want it so.
const SUGGESTED: f32 = 0.6;

/// A plural that stands without its mark, and with it elsewhere in the document.
pub struct Plural;

impl Rule for Plural {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "names/loan-plural",
            category: Category::NameMalformed,
            summary: "a noun without the plural’s mark after a plural article, which the document writes elsewhere with it: the usual form is suggested",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Les armes des moudjahidin ont été prises. Aucun des moudjahidines n’est mort.",
                repaired: "Les armes des moudjahidines ont été prises. Aucun des moudjahidines n’est mort.",
            }],
            silent: &[
                "Les armes des moudjahidin ont été prises.",
                "Le général parle aux autres généraux du plan des opérations, général ou particulier.",
                "Il les demande. Les demandes affluent.",
            ],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(language) = &context.resources.language else { return };
        let text = |n: usize| context.tokens[n].text(context.text);
        let mut suspects = Vec::new();
        for (n, pair) in (1..).zip(context.tokens.windows(2)) {
            // The cheapest questions first: this is asked of every word.
            let (before, token) = (pair[0].span, pair[1]);
            if token.span.len() < LEAST_LETTERS
                || !(3..=5).contains(&before.len())
                || token.kind != TokenKind::Word
                || matches!(context.text.as_bytes()[token.span.end - 1], b's' | b'x' | b'z' | b'e')
            {
                continue;
            }
            let word = text(n);
            if !PLURAL.contains(&text(n - 1)) || word.ends_with('é') || !word.chars().all(char::is_lowercase)
            {
                continue;
            }
            // Only what can be nothing but a noun: `les` and `leurs` are pronouns, too, and numbers take no mark.
            let noun_only = language.lexicon.get(word).is_none_or(|f| {
                !f.noun().is_empty() && f.adjective().is_empty() && !f.is_finite_verb() && !f.is_adverb()
            });
            if noun_only {
                suspects.push(n);
            }
        }
        if suspects.is_empty() {
            return;
        }
        let words: FxHashSet<&str> =
            (0..context.tokens.len()).map(text).filter(|word| word.ends_with('s')).collect();
        for n in suspects {
            let marked = ["s", "es"].map(|ending| format!("{}{ending}", text(n)));
            let Some(usual) = marked.into_iter().find(|form| words.contains(form.as_str())) else { continue };
            out.push(Finding {
                span: context.tokens[n].span,
                category: self.info().category,
                rule: self.info().id,
                proposal: Proposal::Replace(usual.clone()),
                confidence: Confidence::new(SUGGESTED),
                why: vec![format!("the document writes “{usual}” elsewhere")],
                candidates: vec![Candidate { text: usual, score: 0.0 }],
            });
        }
    }
}

/// An English noun phrase of two capitalised words after a number: `quatre Taliban Humvees`.
pub struct Order;

impl Rule for Order {
    fn info(&self) -> &'static RuleInfo {
        static INFO: RuleInfo = RuleInfo {
            id: "residue/noun-order",
            category: Category::UntranslatedResidue,
            summary: "after a number, a word that the document uses as a French adjective before an English plural: French order is suggested",
            lang: Lang::Fr,
            fires: &[Example {
                damaged: "Les combattants talibans ont perdu quatre Taliban Humvees.",
                repaired: "Les combattants talibans ont perdu quatre Humvee talibans.",
            }],
            silent: &[
                "Ils ont gagné deux Super Bowls de suite.",
                "Les combattants talibans ont perdu quatre Humvee.",
                "Les deux Taliban arrêtés étaient des talibans.",
            ],
        };
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(language) = &context.resources.language else { return };
        for pair in context.capitalised_pairs() {
            let (first, second) = (pair[0].text(context.text), pair[1].text(context.text));
            let Some(model) = second.strip_suffix('s') else { continue };
            let at = context.tokens.partition_point(|t| t.span.start < pair[0].span.start);
            let Some(before) = at.checked_sub(1).map(|i| &context.tokens[i]) else { continue };
            let counted = NUMERALS.contains(&before.text(context.text));
            if !counted || first.len() < LEAST_LETTERS || pair[1].span.start != pair[0].span.end + 1 {
                continue;
            }
            let french = |word: &str| language.lexicon.contains(&word.to_lowercase());
            if french(second) || french(model) {
                continue;
            }
            let plural = format!("{}s", first.to_lowercase());
            let is_adjective = language.lexicon.get(&plural).is_some_and(|f| !f.adjective().is_empty());
            if !is_adjective || !context.tokens.iter().any(|t| t.text(context.text) == plural) {
                continue;
            }
            let ordered = format!("{model} {plural}");
            out.push(Finding {
                span: crate::text::offset::Span::new(pair[0].span.start, pair[1].span.end),
                category: self.info().category,
                rule: self.info().id,
                proposal: Proposal::Replace(ordered),
                confidence: Confidence::new(SUGGESTED),
                why: vec![format!("English order; the document writes “{plural}” elsewhere")],
                candidates: vec![],
            });
        }
    }
}
