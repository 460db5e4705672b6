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
    -5.19, 0.00, 0.37, 0.12, -2.95, -2.22, 1.98, -0.09, 0.72, 0.36, 2.53, -0.06, 0.15, 1.42, -0.72, 0.49,
    -0.10, -2.10, -0.36, 0.92, -3.09, -0.09, -1.57, 1.24, -0.34, 0.00, -0.44, 0.00, -1.99, 0.45, 0.00, 0.00,
    0.00,
];
/// The same of one that is French as well, and clashes with the words around it or surprises.
pub const ALONE_FRENCH: [f32; FEATURES] = [
    -7.02, 0.00, 1.14, 0.59, -0.39, -0.29, 1.21, -0.06, 0.43, 0.27, 1.36, -1.10, 0.46, 1.18, 0.08, 1.25,
    0.08, 0.08, 0.52, -1.13, -1.81, 0.00, 0.00, 1.08, 0.59, 0.73, 1.94, -1.34, -0.75, -0.08, 1.21, 0.00,
    0.00,
];
/// The same of one near other spun words.
pub const TOGETHER: [f32; FEATURES] = [
    -5.78, 1.34, 1.25, 0.34, -2.62, -1.94, 0.92, 0.40, 0.47, 0.35, 2.07, 0.65, 0.34, 0.74, -0.17, 0.98, 0.08,
    -1.28, 0.23, 0.61, -0.89, -0.56, -2.30, 2.17, 0.77, 0.73, 0.70, -1.64, -2.15, 0.19, 2.58, 0.30, -0.60,
];
/// Weights of the chance that the best candidate is the original, if the form is spun.
pub const RIGHT: [f32; FEATURES] = [
    -0.06, -0.12, -0.16, -0.18, 0.08, -0.03, 0.08, -0.37, 0.13, 0.04, 0.36, 0.09, 0.01, 0.09, -0.08, -0.40,
    0.91, -0.38, -0.09, 0.17, -0.13, -0.15, -0.13, 0.42, 0.25, 0.11, 0.18, 0.00, 0.00, 0.00, 0.00, 0.00,
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
        -1.87, 0.92, 0.38, 0.05, -4.37, -2.70, 1.29, -0.15, 1.00, 0.58, 2.43, 0.24, 0.00, 1.18, -0.85, 2.29,
        0.00, -1.86, -0.15, 1.10, -3.26, 0.00, -1.78, 0.00, 0.44, 1.02, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.3,
};
/// For French forms near other spun words: loses five in a thousand of 1,187 development spins.
pub const SKIM_FRENCH: Skim = Skim {
    weights: [
        -7.44, 0.00, 1.44, 0.67, -0.54, 0.52, 3.96, -0.56, 1.02, 0.25, 2.44, 1.00, 0.00, 1.06, -0.07, 0.56,
        0.00, 2.43, 0.21, -1.46, -0.47, 0.00, 0.00, 0.00, 1.04, 0.84, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.001,
};
/// For French forms that surprise, anywhere.
pub const SKIM_SURPRISING: Skim = Skim {
    weights: [
        -4.40, 0.00, 1.40, 0.33, 0.00, -1.51, 1.32, 0.05, 0.87, 0.28, 0.99, 2.57, 0.00, 0.75, 0.24, 1.72,
        0.00, 2.00, 1.08, 0.00, -1.31, 0.00, 0.00, 0.00, 0.88, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
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
