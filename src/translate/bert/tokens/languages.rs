//! The pieces that name a language, for models of many languages.

use crate::models::ModelError;
use std::collections::HashMap;

/// Languages as cards name them (ISO 639-1) and as NLLB does.
const NLLB: [(&str, &str); 8] = [
    ("de", "deu_Latn"),
    ("en", "eng_Latn"),
    ("es", "spa_Latn"),
    ("fr", "fra_Latn"),
    ("it", "ita_Latn"),
    ("nl", "nld_Latn"),
    ("pt", "por_Latn"),
    ("ro", "ron_Latn"),
];

/// M2M100's languages in the order of their pieces, which stand after those of the vocabulary.
const M2M100: &str = "af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi \
                      hr ht hu hy id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc \
                      or pa pl ps pt ro ru sd si sk sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu";

/// A source and a target language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What sentences are in.
    pub source: String,
    /// What they become.
    pub target: String,
}

impl Default for Pair {
    fn default() -> Self {
        Self { source: "fr".to_owned(), target: "en".to_owned() }
    }
}

/// The names of M2M100's pieces for languages, in order.
pub fn of_m2m100() -> Vec<String> {
    M2M100.split_whitespace().map(|language| format!("__{language}__")).collect()
}

/// The id of a language's piece: `fr` is found as `__fr__` (M2M100), `fra_Latn` (NLLB), or as it is written.
///
/// # Errors
/// [`ModelError::Invalid`] when the model has no such language.
pub fn id(language: &str, ids: &HashMap<String, i64>) -> Result<i64, ModelError> {
    let of_nllb = NLLB.iter().find(|(code, _)| *code == language).map(|(_, name)| (*name).to_owned());
    let names = [Some(format!("__{language}__")), of_nllb, Some(language.to_owned())];
    names.iter().flatten().find_map(|name| ids.get(name)).copied().ok_or_else(|| {
        ModelError::Invalid(format!(
            "the model has no piece for the language `{language}`: name it as the model does, in model.toml \
             (`source_lang`, `target_lang`)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m2m100_speaks_a_hundred_languages() {
        let all = of_m2m100();
        assert_eq!((all.len(), all[0].as_str(), all[99].as_str()), (100, "__af__", "__zu__"));
    }

    #[test]
    fn a_language_goes_by_several_names() {
        let ids = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).zip(7..).collect::<HashMap<_, _>>();
        assert_eq!(id("fr", &ids(&["__en__", "__fr__"])).expect("M2M100"), 8);
        assert_eq!(id("en", &ids(&["eng_Latn", "fra_Latn"])).expect("NLLB"), 7);
        assert_eq!(id("oci_Latn", &ids(&["oci_Latn"])).expect("as written"), 7);
        assert!(id("xx", &ids(&["__fr__"])).expect_err("unknown").to_string().contains("source_lang"));
    }
}
