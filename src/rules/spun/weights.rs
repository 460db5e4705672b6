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
    -5.29, 0.00, 0.37, 0.16, -3.01, -2.06, 1.83, 0.08, 0.68, 0.34, 2.38, 0.08, 0.14, 1.20, -0.64, 0.47,
    -0.10, -2.13, -0.37, 1.03, -3.02, 0.08, -1.43, 1.30, -0.40, 0.00, -0.40, 0.00, -2.28, 0.49, 0.00, 0.00,
    0.00,
];
/// The same of one that is French as well, and clashes with the words around it or surprises.
pub const ALONE_FRENCH: [f32; FEATURES] = [
    -7.25, 0.00, 1.17, 0.65, -0.13, -0.45, 1.14, 0.00, 0.41, 0.25, 1.67, -1.23, 0.42, 1.25, 0.34, 1.37, 0.07,
    -0.10, -0.19, -0.76, -1.70, 0.00, 0.00, 1.24, 0.28, 0.44, 1.45, -1.45, -1.18, -0.02, 1.14, 0.00, 0.00,
];
/// The same of one near other spun words.
pub const TOGETHER: [f32; FEATURES] = [
    -5.86, 1.15, 1.17, 0.34, -2.67, -2.07, 0.99, 0.29, 0.46, 0.34, 2.14, 0.62, 0.35, 0.51, -0.12, 0.89, 0.05,
    -1.42, 0.15, 0.90, -1.00, -0.22, -2.29, 2.19, 0.73, 0.65, 0.70, -1.71, -2.08, 0.21, 2.26, 0.47, -0.79,
];
/// Weights of the chance that the best candidate is the original, if the form is spun.
pub const RIGHT: [f32; FEATURES] = [
    -0.10, -0.19, -0.13, -0.16, 0.07, -0.04, 0.03, -0.30, 0.13, 0.05, 0.39, 0.07, 0.02, 0.09, -0.08, -0.46,
    0.92, -0.35, -0.16, 0.22, -0.12, -0.21, -0.14, 0.39, 0.21, 0.08, 0.10, 0.00, 0.00, 0.00, 0.00, 0.00,
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
        -2.56, 1.04, 0.54, 0.12, -4.27, -2.77, 1.37, -0.44, 0.99, 0.58, 2.69, -0.52, 0.00, 0.90, -0.78, 2.06,
        0.00, -1.76, -0.28, 1.33, -3.03, 0.00, -1.67, 0.00, 0.38, 0.76, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.15,
};
/// For French forms near other spun words: loses five in a thousand of 1,238 development spins.
pub const SKIM_FRENCH: Skim = Skim {
    weights: [
        -7.01, 0.00, 1.45, 0.57, -0.06, 0.45, 3.69, -0.64, 1.01, 0.35, 2.59, 0.53, 0.00, 0.96, -0.03, 0.57,
        0.00, 2.32, 0.26, -1.85, -0.71, 0.00, 0.00, 0.00, 0.95, 0.76, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.001,
};
/// For French forms that surprise, anywhere.
pub const SKIM_SURPRISING: Skim = Skim {
    weights: [
        -5.07, 0.00, 1.47, 0.48, 0.00, -1.54, 1.38, 0.52, 0.85, 0.31, 1.52, 1.21, 0.00, 1.08, 0.17, 1.62,
        0.00, 1.78, 0.37, 0.00, -1.62, 0.00, 0.00, 0.00, 0.68, -0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.3,
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
