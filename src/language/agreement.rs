//! Gender and number that the words around a slot demand of the word in it.
//!
//! A spun word does not agree (`une shock`, `l’affect étrangère`); the lost one did. The words around it therefore
//! narrow the candidates down. Only unambiguous neighbours speak: an article, or a word that is an adjective and
//! nothing else.

use super::lexicon::{Agreement, Features, Lexicon};

/// What the neighbours demand, and which of them says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Gender–number pairs that fit.
    pub allowed: Agreement,
    /// Whether the word right before is a determiner, so that the slot holds a noun or an adjective.
    pub after_determiner: bool,
}

/// What a determiner (or a contraction) demands; `None` when the word is no determiner.
pub fn determiner(word: &str) -> Option<Agreement> {
    Some(match word {
        "le" | "un" | "du" | "au" | "ce" | "cet" | "aucun" | "quel" | "tout" | "certain" | "nul" => {
            Agreement::MS
        }
        "la" | "une" | "cette" | "ma" | "ta" | "sa" | "aucune" | "quelle" | "toute" | "certaine"
        | "nulle" => Agreement::FS,
        "mon" | "ton" | "son" | "notre" | "votre" | "leur" | "chaque" | "l'" => Agreement::SINGULAR,
        "les" | "des" | "aux" | "ces" | "mes" | "tes" | "ses" | "nos" | "vos" | "leurs" | "plusieurs"
        | "quelques" | "deux" | "trois" | "quatre" | "cinq" | "six" | "sept" | "huit" | "neuf" | "dix" => {
            Agreement::PLURAL
        }
        "tous" | "certains" | "quels" => Agreement::MP,
        "toutes" | "certaines" | "quelles" => Agreement::FP,
        _ => return None,
    })
}

/// What an adjective right after the slot demands: only words that are adjectives or participles and no verb.
pub fn adjective(word: &str, lexicon: &Lexicon) -> Option<Agreement> {
    let features = lexicon.get(word)?;
    let allowed = features.adjective().or(features.participle());
    let other = features.is_finite_verb() || features.is_adverb() || features.is_preposition();
    (!allowed.is_empty() && !other).then_some(allowed)
}

/// The demand of the words around a slot: up to two words before (nearest last), and the word after.
pub fn demand(before: [&str; 2], after: &str, lexicon: &Lexicon) -> Demand {
    let mut allowed = Agreement::ANY;
    let mut after_determiner = false;
    if let Some(agreement) = determiner(before[1]) {
        (allowed, after_determiner) = (agreement, true);
    } else if let Some(agreement) = determiner(before[0])
        && lexicon.get(before[1]).is_some_and(|f| !f.adjective().is_empty() && f.noun().is_empty())
    {
        // An adjective stands between the article and the slot.
        (allowed, after_determiner) = (agreement, true);
    }
    if let Some(agreement) = adjective(after, lexicon) {
        // A clash between the two is the machine's or the speaker's; the article is the surer witness.
        let both = allowed.and(agreement);
        if !both.is_empty() {
            allowed = both;
        }
    }
    Demand { allowed, after_determiner }
}

/// Whether a word with these features fits the demand; a word that is no noun or adjective is not judged by gender.
pub fn fits(features: Features, demand: Demand) -> bool {
    let own = features.noun().or(features.adjective()).or(features.participle());
    if own.is_empty() { !demand.after_determiner } else { own.meets(demand.allowed) }
}
