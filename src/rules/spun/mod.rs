//! Spun words: French words spelt like English ones, replaced by an English synonym (`front` → `Entrance`).
//!
//! [`suspect`] finds forms that are not French where they stand, [`rank`] orders what they may have been, [`mod@judge`]
//! says how sure that is. Everything is decided for a form in the whole document, not for one occurrence. [`in_compound`] and
//! [`in_name`] look inside hyphenated words and English names.

pub mod company;
pub mod english;
pub mod in_compound;
pub mod in_name;
pub mod judge;
pub mod rank;
pub mod suspect;
pub mod view;
pub mod vocabulary;
pub mod weights;

use super::{Candidate, Category, Confidence, Context, Example, Finding, Proposal, Rule, RuleInfo};
use crate::language::Resources;
use crate::text::document::Lang;
use judge::{Judgement, judge};
use rank::{Evidence, cased};
use suspect::Nature;
use view::View;
use weights::TOPIC_GAIN;

/// Candidates that a finding lists.
const CANDIDATES: usize = 5;

/// Chance of being spun from which [`is_better_read`] says so of a form that is not French.
const READ_AT: f32 = 0.25;
/// The same of one that is French as well, and does no harm if it is not spun.
const READ_FRENCH_AT: f32 = 0.45;

/// `spun/homograph`: see the module.
pub struct Homograph;

static INFO: RuleInfo = RuleInfo {
    id: "spun/homograph",
    category: Category::SpinnerHomograph,
    summary: "finds English words that a synonym spinner put in place of French ones spelt alike, and restores them",
    lang: Lang::Fr,
    fires: &[
        Example {
            damaged: "Nous ne voulons accepter aucun kind de système politique qui ne soit pas inclusif.",
            repaired: "Nous ne voulons accepter aucun type de système politique qui ne soit pas inclusif.",
        },
        Example {
            damaged: "Les attaques ont été repoussées, automotive de violents combats sont signalés dans la vallée.",
            repaired: "Les attaques ont été repoussées, car de violents combats sont signalés dans la vallée.",
        },
        Example {
            damaged: "Le chef du Entrance et le porte-parole du Entrance de résistance nationale ont parlé mercredi.",
            repaired: "Le chef du Front et le porte-parole du Front de résistance nationale ont parlé mercredi.",
        },
        Example {
            damaged: "Le cook de l’État a rencontré le premier ministre.",
            repaired: "Le chef de l’État a rencontré le premier ministre.",
        },
    ],
    silent: &[
        "Il a fermé la fenêtre, car il faisait froid.",
        "Le bouton « Entrance » ouvre la première salle de l’exposition.",
        "Le cluster NextMove, ex-Mov’eo Automotive, réunit 400 membres.",
        "Un simple affect ne suffit pas à expliquer le vote.",
        "Le Web a trente ans, Internet en a cinquante.",
    ],
};

impl Rule for Homograph {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn scan(&self, context: &Context<'_>, out: &mut Vec<Finding>) {
        let Some(view) = View::of(context) else { return };
        for judgement in judge(&view, Evidence::default()) {
            findings(&view, &judgement, out);
        }
    }
}

/// Whether an engine should read what is suggested for a form that the text keeps: more likely than not that is nearer to
/// what stood there, and a foreign word does more harm to a translation than a wrong guess at it.
pub fn is_better_read(finding: &Finding, form: &str) -> bool {
    if !finding.rule.starts_with("spun/") {
        return false;
    }
    let Some(language) = &Resources::embedded().language else { return false };
    let is_foreign = |word: &str| suspect::nature(language, &view::fold(word)) == Some(Nature::Foreign);
    let least = if form.split(' ').any(is_foreign) { READ_AT } else { READ_FRENCH_AT };
    finding.confidence.damaged() >= least
}

/// One finding for each occurrence of a judged form.
fn findings(view: &View<'_>, judgement: &Judgement, out: &mut Vec<Finding>) {
    let Judgement { suspect, ranked, spun, confidence, .. } = judgement;
    let Some(best) = ranked.first() else { return };
    for occurrence in &suspect.occurrences {
        let written = |word: &str| cased(word, view.is_capitalised(occurrence.first));
        let mut why = occurrence.clashes.clone();
        why.push(format!("spun with chance {spun:.2}"));
        why.push(format!(
            "trigram model {:+.1}, cloze model {:+.1}, topic {:+.2}",
            best.gain, best.logit, judgement.features[TOPIC_GAIN]
        ));
        if suspect.occurrences.len() > 1 {
            why.push(format!("vote {}×", suspect.occurrences.len()));
        }
        let form = &suspect.form;
        why.push(if suspect.foreign {
            format!("“{form}” is not French")
        } else if judgement.has_company() {
            format!("“{form}” is French too; other spun words stand near it")
        } else if occurrence.surprising {
            format!("“{form}” is French too, but unexpected here")
        } else {
            format!("“{form}” is French too")
        });
        let sources = best.sources.names();
        if !sources.is_empty() {
            why.push(sources.join(", "));
        }
        why.push(format!("share {:.2} of the candidates", best.share));
        out.push(Finding {
            span: occurrence.span,
            category: Category::SpinnerHomograph,
            rule: INFO.id,
            proposal: Proposal::Replace(written(best.original)),
            confidence: Confidence::of_guess(*confidence, *spun),
            why,
            candidates: ranked
                .iter()
                .take(CANDIDATES)
                .map(|c| Candidate { text: written(c.original), score: c.score })
                .collect(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::offset::Span;

    #[test]
    fn a_foreign_word_is_read_otherwise_sooner_than_a_french_one() {
        let finding = |rule, damaged| Finding {
            span: Span::new(0, 0),
            category: Category::SpinnerHomograph,
            rule,
            proposal: Proposal::Replace("type".to_owned()),
            confidence: Confidence::of_guess(0.1, damaged),
            why: vec![],
            candidates: vec![],
        };
        let between = f32::midpoint(READ_AT, READ_FRENCH_AT);
        assert!(is_better_read(&finding(INFO.id, between), "Kind"));
        assert!(is_better_read(&finding(INFO.id, between), "web kind"));
        assert!(!is_better_read(&finding(INFO.id, between), "sorte"));
        assert!(is_better_read(&finding(INFO.id, READ_FRENCH_AT), "sorte"));
        assert!(!is_better_read(&finding("names/variants", 1.0), "kind"));
    }
}
