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
pub const HALF_ENGLISH: usize = OTHERS - 9;
/// Place of the first feature that the rest of the document fills in.
pub const OTHERS: usize = FEATURES - 2;
/// Weights of the chance that the form is spun, looked at alone, of a form that is not French.
pub const ALONE: [f32; FEATURES] = [
    -5.16, 0.00, 0.36, 0.11, -2.94, -2.21, 1.94, -0.08, 0.72, 0.36, 2.54, -0.06, 0.15, 1.42, -0.72, 0.48,
    -0.10, -2.07, -0.35, 0.92, -3.09, -0.08, -1.61, 1.23, -0.34, 0.00, -0.46, 0.00, -2.00, 0.45, 0.00, 0.00,
    0.00,
];
/// The same of one that is French as well, and clashes with the words around it or surprises.
pub const ALONE_FRENCH: [f32; FEATURES] = [
    -7.27, 0.00, 1.03, 0.46, -0.38, -0.30, 1.24, 0.09, 0.41, 0.27, 1.30, -1.17, 0.48, 1.23, 0.07, 1.18, 0.07,
    0.32, 0.16, -1.01, -1.94, 0.00, 0.00, 1.20, 0.77, 1.22, 1.79, -1.58, -0.78, -0.06, 1.24, 0.00, 0.00,
];
/// The same in a document that has other spun words.
pub const TOGETHER: [f32; FEATURES] = [
    -6.18, 1.45, 1.24, 0.37, -2.63, -1.95, 0.96, 0.52, 0.46, 0.33, 2.07, 0.70, 0.35, 0.92, -0.37, 0.85, 0.08,
    -1.58, 0.16, 0.69, -0.80, -0.67, -2.33, 2.46, 0.83, 0.82, 0.67, -1.59, -2.01, 0.19, 2.56, 0.41, -0.61,
];
/// Weights of the chance that the best candidate is the original, if the form is spun.
pub const RIGHT: [f32; FEATURES] = [
    -0.07, -0.09, -0.17, -0.19, 0.09, -0.03, 0.08, -0.36, 0.13, 0.04, 0.37, 0.10, 0.01, 0.07, -0.10, -0.38,
    0.91, -0.39, -0.09, 0.17, -0.13, -0.15, -0.11, 0.42, 0.26, 0.15, 0.17, 0.00, 0.00, 0.00, 0.00, 0.00,
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

/// For forms that are foreign or clash. This threshold and that of [`SKIM_SURPRISING`] cost one in a thousand of
/// 4,313 development spins that are not French, and one in two hundred of 1,542 that are.
pub const SKIM: Skim = Skim {
    weights: [
        -1.87, 0.99, 0.38, 0.02, -4.36, -2.69, 1.22, -0.14, 1.00, 0.59, 2.45, 0.36, 0.00, 1.15, -0.82, 2.30,
        0.00, -1.79, -0.11, 1.10, -3.28, 0.00, -1.87, 0.00, 0.34, 1.07, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.2,
};
/// For French forms in a document with other spun words: loses one in two hundred of 1,037 development spins.
pub const SKIM_FRENCH: Skim = Skim {
    weights: [
        -6.84, 0.00, 1.42, 0.63, -0.34, 0.25, 3.79, -0.33, 0.98, 0.34, 2.17, 0.86, 0.00, 0.85, -0.06, 0.39,
        0.00, 2.01, 0.33, -1.39, -0.33, 0.00, 0.00, 0.00, 0.71, 1.01, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.001,
};
/// For French forms that surprise, in any document.
pub const SKIM_SURPRISING: Skim = Skim {
    weights: [
        -4.38, 0.00, 1.34, 0.27, 0.00, -1.59, 2.20, 0.13, 0.88, 0.23, 0.99, 2.57, 0.00, 0.95, 0.12, 1.24,
        0.00, 1.95, 0.96, 0.00, -1.42, 0.00, 0.00, 0.00, 1.06, -0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
        0.00,
    ],
    worth_reading: 0.2,
};
/// The logistic function of the weighted features.
pub fn chance(features: &[f32; FEATURES], weights: &[f32; FEATURES]) -> f32 {
    let logit: f32 = features.iter().zip(weights).map(|(f, w)| f * w).sum();
    1.0 / (1.0 + (-logit).exp())
}
