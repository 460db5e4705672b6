//! How likely a page was spun or machine-translated, from what was found in it.
//!
//! People filter corpora by this number. It is a logistic function of how densely each family of damage occurs, fitted
//! by `scripts/resources/fit_damage.py` on clean text and on the same text damaged on purpose, half and half: a score
//! of 0.8 means that of such pages four in five were damaged, where every second page is.

use crate::repair::Edit;
use crate::rules::Category;

/// Families of damage, each a feature.
const FAMILIES: usize = 6;
/// Weights of ln(1 + findings of the family per hundred words), then of their presence.
const WEIGHTS: [[f32; 2]; FAMILIES] =
    [[1.29, 1.22], [0.69, 1.00], [0.88, 1.25], [0.03, -0.20], [1.06, 1.23], [0.56, 0.90]];
/// Weight of a page without any finding.
const NOTHING: f32 = -3.72;
/// Weight of ln(words / 100) in a page with findings: one finding in a long page says less.
const LENGTH: f32 = -0.15;

/// The family of a category; `None` for damage that says nothing of where a page comes from.
const fn family(category: Category) -> Option<usize> {
    Some(match category {
        Category::SpinnerHomograph | Category::SpinnerInName | Category::SpunEnglish => 0,
        Category::NameTranslated | Category::NameMalformed => 1,
        Category::SpunSourceCalque | Category::LiteralCalque | Category::UntranslatedResidue => 2,
        Category::InlineFragment | Category::Agreement | Category::QuoteMark => 3,
        Category::CaptionCredit | Category::PageResidue | Category::SocialResidue | Category::Casing => 4,
        Category::Duplication => 5,
        Category::Typography => return None,
    })
}

/// The features of a page: for each family its density and presence, then whether nothing was found, and the length.
pub fn features(raw: &str, edits: &[Edit]) -> [f32; 2 * FAMILIES + 2] {
    let words = raw.split_whitespace().count().max(1) as f32;
    let mut mass = [0.0_f32; FAMILIES];
    for edit in edits {
        if let Some(family) = family(edit.finding.category) {
            mass[family] += edit.finding.confidence.value();
        }
    }
    let mut features = [0.0; 2 * FAMILIES + 2];
    for (i, mass) in mass.iter().enumerate() {
        features[2 * i] = (100.0 * mass / words).ln_1p();
        features[2 * i + 1] = mass.min(1.0);
    }
    let nothing = mass.iter().all(|m| *m == 0.0);
    features[2 * FAMILIES] = f32::from(u8::from(nothing));
    features[2 * FAMILIES + 1] = if nothing { 0.0 } else { (words / 100.0).ln() };
    features
}

/// The chance that a page was spun or machine-translated, 0 to 1.
pub fn score(raw: &str, edits: &[Edit]) -> f32 {
    let features = features(raw, edits);
    let weights = WEIGHTS.iter().flatten().copied().chain([NOTHING, LENGTH]);
    let logit: f32 = BIAS + features.iter().zip(weights).map(|(f, w)| f * w).sum::<f32>();
    1.0 / (1.0 + (-logit).exp())
}

/// The constant term.
const BIAS: f32 = 1.57;

/// A range of scores: documents outside it are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Least score that is let through.
    pub least: f32,
    /// Greatest score that is let through.
    pub most: f32,
}

impl Range {
    /// Whether a page with these findings is let through.
    pub fn admits(&self, raw: &str, edits: &[Edit]) -> bool {
        (self.least <= 0.0 && self.most >= 1.0) || {
            let score = score(raw, edits);
            self.least <= score && score <= self.most
        }
    }
}
