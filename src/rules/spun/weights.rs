//! What a judgement rests on, and how much each thing weighs: logistic functions fitted on development spins and clean text.
//!
//! `scripts/resources/fit_confidence.py` fits the chances that a form is spun and that its best candidate is the original,
//! `scripts/resources/fit_skim.py` those of the first look.

/// How many features a judgement has.
pub const FEATURES: usize = 33;
/// Names of the features, in order; the first is constant.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "one",
    "foreign",
    "English excess",
    "French frequency",
    "capitalised",
    "at sentence start",
    "clash",
    "vetoed",
    "gain",
    "best chance",
    "curated",
    "attested",
    "cloze gain",
    "adjacent English",
    "English around",
    "log occurrences",
    "logit of share",
    "phrase",
    "names beside",
    "names beside if capitalised",
    "quoted",
    "foreign and vetoed",
    "beside half English",
    "curated phrase",
    "closeness",
    "surprising",
    "topic gain",
    "cannot be guessed",
    "own topic",
    "score",
    "clash if French",
    "others",
    "others if French",
];
/// Place of the feature that says that a word beside is half English.
pub const HALF_ENGLISH: usize = 22;
/// Place of the feature that says how much nearer the best candidate is to what is talked of than the form as it stands.
pub const TOPIC_GAIN: usize = 26;
/// Place of the first feature that the words near the form fill in.
pub const OTHERS: usize = FEATURES - 2;
/// Weights of the chance that the form is spun, looked at alone, of a form that is not French.
pub const ALONE: [f32; FEATURES] = [
    -5.08, 0.00, 0.37, 0.13, -2.90, -2.20, 1.88, -0.05, 0.71, 0.33, 2.43, -0.07, 0.12, 1.37, -0.71, 0.38,
    -0.11, -2.19, -0.41, 0.94, -3.03, -0.05, -1.54, 1.18, -0.21, 0.00, -0.41, 0.00, -1.91, 0.48, 0.00, 0.00,
    0.00,
];
/// The same of one that is French as well, and clashes with the words around it or surprises.
pub const ALONE_FRENCH: [f32; FEATURES] = [
    -7.56, 0.00, 1.24, 0.72, -0.45, -0.52, 1.27, -0.17, 0.46, 0.29, 1.57, -1.13, 0.44, 1.18, 0.26, 1.29,
    0.07, -0.29, 0.56, -1.28, -1.58, 0.00, 0.00, 1.24, 0.59, 0.64, 1.67, -1.37, -0.94, -0.04, 1.27, 0.00,
    0.00,
];
/// The same of one near other spun words.
pub const TOGETHER: [f32; FEATURES] = [
    -5.82, 1.13, 1.25, 0.31, -2.60, -1.95, 0.89, 0.34, 0.46, 0.32, 2.15, 0.58, 0.35, 0.85, -0.29, 0.95, 0.06,
    -1.43, 0.17, 0.69, -1.03, -0.49, -2.29, 2.25, 0.75, 0.71, 0.67, -1.76, -2.16, 0.21, 2.42, 0.43, -0.76,
];
/// Weights of the chance that the best candidate is the original, if the form is spun.
pub const RIGHT: [f32; FEATURES] = [
    -0.09, -0.19, -0.10, -0.17, 0.10, -0.03, 0.05, -0.30, 0.12, 0.05, 0.39, 0.10, 0.01, 0.07, -0.08, -0.42,
    0.92, -0.38, -0.16, 0.22, -0.15, -0.16, -0.11, 0.41, 0.22, 0.15, 0.13, 0.00, 0.00, 0.00, 0.00, 0.00,
    0.00,
];

/// A first look without the neural model and with the likeliest candidates only: weights of the chance that a form is
/// spun, and the chance below which the first look is the last. Fitted by `scripts/resources/fit_skim.py`.
pub struct Skim {
    /// As in [`FEATURE_NAMES`].
    pub weights: [f32; FEATURES],
    /// Chance below which the form is not looked at again.
    pub worth_reading: f32,
}

/// For forms that are foreign or clash.
pub const SKIM: Skim = Skim {
    weights: [
        -2.20, 0.87, 0.52, 0.10, -4.20, -2.66, 1.21, -0.33, 0.99, 0.56, 2.50, 0.34, 0.00, 0.97, -0.78, 2.05,
        0.00, -1.93, -0.39, 1.31, -3.05, 0.00, -1.68, 0.00, 0.49, 0.79, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.3,
};
/// For French forms near other spun words: loses five in a thousand of 1,187 development spins.
pub const SKIM_FRENCH: Skim = Skim {
    weights: [
        -7.20, 0.00, 1.45, 0.66, -0.56, 0.53, 3.79, -0.61, 1.02, 0.30, 2.37, 1.01, 0.00, 1.01, -0.05, 0.53,
        0.00, 2.46, 0.04, -1.26, -0.50, 0.00, 0.00, 0.00, 1.02, 0.78, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.001,
};
/// For French forms that surprise, anywhere.
pub const SKIM_SURPRISING: Skim = Skim {
    weights: [
        -4.95, 0.00, 1.53, 0.43, 0.00, -1.51, 1.54, 0.24, 0.89, 0.30, 1.33, 2.51, 0.00, 1.00, 0.20, 1.52,
        0.00, 1.51, 0.75, 0.00, -1.38, 0.00, 0.00, 0.00, 0.88, -0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.4,
};
/// The logistic function of the weighted features.
pub fn chance(features: &[f32; FEATURES], weights: &[f32; FEATURES]) -> f32 {
    let logit: f32 = features.iter().zip(weights).map(|(f, w)| f * w).sum();
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_those_of_their_features() {
        assert_eq!(FEATURE_NAMES[HALF_ENGLISH], "beside half English");
        assert_eq!(FEATURE_NAMES[TOPIC_GAIN], "topic gain");
        assert_eq!(FEATURE_NAMES[OTHERS..], ["others", "others if French"]);
    }
}
