//! Gender and number that the words around a slot demand of the word in it.
//!
//! A spun word does not agree (`une shock`, `l’affect étrangère`); the lost one did. The words around it therefore
//! narrow the candidates down. Only unambiguous neighbours speak: an article, or a word that is an adjective and
//! nothing else.

use super::lexicon::{Agreement, Features};

/// What the neighbours demand, and which of them says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Gender–number pairs that fit.
    pub allowed: Agreement,
    /// Whether a determiner leads to the slot, so that it holds a noun or an adjective.
    pub after_determiner: bool,
    /// What a noun right before demands of an adjective in the slot.
    pub adjective: Agreement,
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
        | "quelques" | "onze" | "douze" | "quinze" | "vingt" | "trente" | "cent" | "cents" | "mille"
        | "deux" | "trois" | "quatre" | "cinq" | "six" | "sept" | "huit" | "neuf" | "dix" => {
            Agreement::PLURAL
        }
        "tous" | "certains" | "quels" => Agreement::MP,
        "toutes" | "certaines" | "quelles" => Agreement::FP,
        _ => return None,
    })
}

/// What an adjective right after the slot demands: only words that are adjectives or participles and no verb.
fn adjective(features: Option<Features>) -> Option<Agreement> {
    let features = features?;
    let allowed = features.adjective().or(features.participle());
    let other = features.is_finite_verb() || features.is_adverb() || features.is_preposition();
    (!allowed.is_empty() && !other).then_some(allowed)
}

/// Adjectives that stand before their noun. Most can be nouns as well, so the lexicon alone does not tell.
const BEFORE_NOUN: &[&str] = &[
    "petit",
    "petite",
    "petits",
    "petites",
    "grand",
    "grande",
    "grands",
    "grandes",
    "gros",
    "grosse",
    "grosses",
    "bon",
    "bonne",
    "bons",
    "bonnes",
    "mauvais",
    "mauvaise",
    "mauvaises",
    "meilleur",
    "meilleure",
    "meilleurs",
    "meilleures",
    "nouveau",
    "nouvel",
    "nouvelle",
    "nouveaux",
    "nouvelles",
    "vieux",
    "vieil",
    "vieille",
    "vieilles",
    "ancien",
    "ancienne",
    "anciens",
    "anciennes",
    "jeune",
    "jeunes",
    "beau",
    "bel",
    "belle",
    "beaux",
    "belles",
    "long",
    "longue",
    "longs",
    "longues",
    "haut",
    "haute",
    "hauts",
    "hautes",
    "premier",
    "première",
    "premiers",
    "premières",
    "second",
    "seconde",
    "deuxième",
    "troisième",
    "dernier",
    "dernière",
    "derniers",
    "dernières",
    "prochain",
    "prochaine",
    "prochains",
    "prochaines",
    "autre",
    "autres",
    "même",
    "mêmes",
    "seul",
    "seule",
    "seuls",
    "seules",
    "vrai",
    "vraie",
    "vrais",
    "vraies",
    "véritable",
    "véritables",
    "principal",
    "principale",
    "principaux",
    "principales",
    "futur",
    "future",
    "futurs",
    "futures",
    "nombreux",
    "nombreuses",
    "divers",
    "diverses",
    "différents",
    "différentes",
    "tel",
    "telle",
    "tels",
    "telles",
    "énorme",
    "énormes",
    "important",
    "importante",
    "importants",
    "importantes",
    "large",
    "larges",
    "forte",
    "fortes",
    "pleine",
    "moindre",
];
/// Forms of “to be” with one subject, and with several.
const IS: &[&str] = &["est", "était", "fut", "sera", "serait", "reste"];
const ARE: &[&str] = &["sont", "étaient", "furent", "seront", "seraient", "restent"];

/// The demand of the words around a slot: up to two words before (nearest last), and the two after. `look_up` says
/// what a word can be in French.
pub fn demand(before: [&str; 2], after: [&str; 2], look_up: impl Fn(&str) -> Option<Features>) -> Demand {
    let mut found = Demand { allowed: Agreement::ANY, after_determiner: false, adjective: Agreement::ANY };
    let features = look_up(before[1]);
    if let Some(agreement) = determiner(before[1]) {
        (found.allowed, found.after_determiner) = (agreement, true);
    } else if let Some(own) = features.map(|f| f.adjective().or(f.participle())).filter(|own| !own.is_empty())
        && (BEFORE_NOUN.contains(&before[1]) || features.is_some_and(|f| f.noun().is_empty()))
        && (determiner(before[0]).is_some() || matches!(before[0], "de" | "d'"))
    {
        // An adjective stands between the article and the slot. Where the two clash, the article is the surer witness.
        let article = determiner(before[0]).unwrap_or(Agreement::PLURAL);
        let both = article.and(own);
        found.allowed = if both.is_empty() { article } else { both };
        found.after_determiner = true;
    } else if let Some(noun) = features.filter(is_only_noun) {
        found.adjective = noun.noun();
    }
    if let Some(agreement) = adjective(look_up(after[0])) {
        // A clash between the two is the machine's or the speaker's.
        found.narrow(agreement);
    } else if found.after_determiner && is_subject(before, || look_up(before[0])) {
        let number = if IS.contains(&after[0]) {
            Some(Agreement::SINGULAR)
        } else {
            ARE.contains(&after[0]).then_some(Agreement::PLURAL)
        };
        if let Some(number) = number {
            found.narrow(number);
            let attribute = look_up(after[1]).map(|f| f.participle().or(f.adjective()));
            found.narrow(attribute.filter(|a| !a.is_empty()).unwrap_or(Agreement::ANY));
        }
    }
    found
}

impl Demand {
    /// Takes in another witness, unless it contradicts the ones before.
    fn narrow(&mut self, agreement: Agreement) {
        let both = self.allowed.and(agreement);
        if !both.is_empty() {
            self.allowed = both;
        }
    }
}

/// Whether the form is a common noun and nothing else, so that an adjective after it agrees with it.
fn is_only_noun(features: &Features) -> bool {
    let other = features.adjective().or(features.participle());
    let small = features.is_adverb()
        || features.is_preposition()
        || features.is_pronoun()
        || features.is_conjunction();
    !features.noun().is_empty()
        && other.is_empty()
        && !(features.is_finite_verb() || features.is_infinitive() || features.is_determiner() || small)
}

/// Whether a phrase that begins with these two words may be the subject: no preposition leads to it.
fn is_subject(before: [&str; 2], first: impl Fn() -> Option<Features>) -> bool {
    let contracted = matches!(before[1], "du" | "des" | "au" | "aux");
    let led = first().is_some_and(Features::is_preposition);
    !contracted && !led && determiner(before[0]).is_none()
}

/// Whether a word with these features fits the demand. A word that is no noun or adjective is not judged by gender.
pub fn fits(features: Features, demand: Demand) -> bool {
    let adjective = features.adjective().or(features.participle());
    let own = features.noun().or(adjective);
    if own.is_empty() {
        return !demand.after_determiner;
    }
    let agrees_before =
        features.is_finite_verb() || adjective.is_empty() || adjective.meets(demand.adjective);
    own.meets(demand.allowed) && agrees_before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Resources;

    #[test]
    fn the_words_around_say_what_fits() {
        let Some(language) = &Resources::embedded().language else { panic!("damaged tables") };
        let lexicon = &language.lexicon;
        for (before, after, word, right) in [
            (["", "la"], ["", ""], "route", true),
            (["", "la"], ["", ""], "type", false),
            (["une", "nouvelle"], ["", ""], "route", true),
            (["l'", "autre"], ["", ""], "parties", false),
            (["une", "petite"], ["", ""], "article", false),
            (["de", "nouvelles"], ["", ""], "questions", true),
            (["de", "nouvelles"], ["", ""], "question", false),
            (["la", "situation"], ["", ""], "important", false),
            (["la", "situation"], ["", ""], "stable", true),
            (["", "la"], ["est", "située"], "place", true),
            (["et", "l'"], ["est", "situé"], "association", false),
            (["dans", "l'"], ["est", "situé"], "association", true),
            (["", "les"], ["sont", "ouverts"], "sites", true),
        ] {
            let Some(features) = lexicon.get(word) else { panic!("{word} is French") };
            let demand = demand(before, after, |word| lexicon.get(word));
            assert_eq!(fits(features, demand), right, "{before:?} {word} {after:?}");
        }
    }
}
