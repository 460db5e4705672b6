//! What the embedded tables must know, and that damaged ones are refused.

use super::language_model::Word;
use super::lexicon::Agreement;
use super::*;

fn language() -> &'static Language {
    Resources::embedded().language.as_ref().expect("the embedded tables are sound")
}

#[test]
fn the_lexicon_knows_forms_and_lemmas() {
    let lexicon = &language().lexicon;
    assert!(lexicon.len() > 400_000);
    assert_eq!(lexicon.get("front").map(|f| f.noun()), Some(Agreement::MS));
    assert_eq!(lexicon.get("étrangère").map(|f| f.adjective()), Some(Agreement::FS));
    assert_eq!(lexicon.lemma("affaires").as_deref(), Some("affaire"));
    assert_eq!(lexicon.lemma("étrangères").as_deref(), Some("étranger"));
    assert!(lexicon.get("utilization").is_none());
}

#[test]
fn frequencies_tell_english_from_french() {
    let frequencies = &language().frequencies;
    assert!(frequencies.get("automotive").english_excess() > 1.0);
    assert!(frequencies.get("voiture").english_excess() < -1.0);
    assert!(!frequencies.get("xqzt").in_french());
}

#[test]
fn a_gap_says_what_the_model_says() {
    let Language { model, frequencies, .. } = language();
    let words: Vec<Word> =
        "<s> le front national les états unis de la résistance xqzt sur automotive son a </s>"
            .split(' ')
            .map(|word| model.look_up(word, frequencies))
            .collect();
    // Every context of two words before and none to two after, known and unknown, in a fixed shuffle.
    let pick = |n: usize| words[n.wrapping_mul(0x9e37_79b9) >> 7 & 15];
    for n in 0..4000 {
        let before = [pick(5 * n), pick(5 * n + 1)];
        let after = [pick(5 * n + 2), pick(5 * n + 3)];
        let (word, after) = (pick(5 * n + 4), &after[..n % 3]);
        let (fit, gap) = (model.fit(before, &[word], after), model.gap(before, after).fit(word));
        assert!((fit - gap).abs() < 1e-4, "{before:?} {word:?} {after:?}: {fit} {gap}");
    }
}

#[test]
fn the_model_prefers_what_french_says() {
    let Language { model, frequencies, .. } = language();
    let w = |word: &str| model.look_up(word, frequencies);
    let fit = |word: &str| model.fit([w("aucun"), w(word)], &[w("de")], &[w("système")]);
    assert!(fit("type") > fit("lumière"));
    assert!(model.score([w("les"), w("états")], w("unis")) < 0.0);
    assert!(
        model.score([model.start(), w("monsieur")], w("le"))
            > model.score([model.start(), w("monsieur")], w("vert"))
    );
}

#[test]
fn the_model_sums_to_one_over_the_vocabulary() {
    let Language { model, frequencies, .. } = language();
    let w = |word: &str| model.look_up(word, frequencies);
    for context in [[w("le"), w("premier")], [w("zzz"), w("question")], [w("de"), w("la")]] {
        let total: f64 =
            (0..64_000u32).map(|i| 10f64.powf(f64::from(model.score(context, model.nth(i as u16))))).sum();
        assert!((0.9..1.1).contains(&total), "{total}");
    }
}

#[test]
fn homographs_answer_backwards() {
    let homographs = &language().homographs;
    let first = |spun: &str| homographs.candidates(spun).first().map(|h| h.original);
    assert_eq!(first("entrance"), Some("front"));
    assert!(homographs.candidates("kind").iter().any(|h| h.original == "type"));
    assert!(homographs.candidates("affected person").iter().any(|h| h.original == "patient"));
    assert!(homographs.candidates("xqzt").is_empty());
}

#[test]
fn truncated_tables_are_refused_without_panic() {
    let bytes: &'static [u8] = include_bytes!("../../models/language/fr-trigram.bin");
    for cut in [0, 7, 8, 11, 24, 100_000, bytes.len() / 2, bytes.len() - 1] {
        assert!(LanguageModel::open(&bytes[..cut]).is_err(), "{cut}");
    }
    let bytes: &'static [u8] = include_bytes!("../../models/language/lexicon.bin");
    for cut in [0, 8, 12, 500] {
        assert!(Lexicon::open(&bytes[..cut]).is_err(), "{cut}");
    }
    assert!(Homographs::open(&include_bytes!("../../models/language/homographs.bin")[..999], "").is_err());
}

#[test]
fn every_table_is_as_its_card_says() {
    use sha2::{Digest, Sha256};
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/language");
    let mut total = 0;
    for name in ["lexicon", "frequency", "homographs", "fr-cloze", "fr-topics", "fr-trigram"] {
        let card = std::fs::read_to_string(folder.join(format!("{name}.toml"))).expect("a card");
        let card: toml::Table = card.parse().expect("a card in TOML");
        let bytes = std::fs::read(folder.join(format!("{name}.bin"))).expect("a table");
        let digest: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(card["bytes"].as_integer(), i64::try_from(bytes.len()).ok(), "{name}");
        assert_eq!(card["sha256"].as_str(), Some(digest.as_str()), "{name}");
        assert!(card["licence"].is_str() && card["origin"].is_str());
        total += bytes.len();
    }
    let data = std::fs::read_dir(folder.join("../../data")).expect("the lists");
    total +=
        data.map(|file| file.expect("a list").metadata().expect("its size").len() as usize).sum::<usize>();
    assert!(total < 30_000_000, "{total} bytes");
}

#[test]
fn the_curated_pairs_are_well_formed() {
    let lexicon = &language().lexicon;
    let mut seen = std::collections::HashSet::new();
    for line in include_str!("../../data/spinner_pairs.tsv").lines().filter(|l| !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [original, spun, note, rating] = fields[..] else { panic!("four fields: {line}") };
        assert!(seen.insert((original, spun)), "twice: {line}");
        assert!(original != spun && spun == spun.to_lowercase() && !note.is_empty(), "{line}");
        assert!(spun.bytes().all(|b| b.is_ascii_alphanumeric() || b" -.'".contains(&b)), "{line}");
        assert!(matches!(rating.parse(), Ok(1..=9)), "{line}");
        assert!(lexicon.contains(original) || note.starts_with("in names"), "not French: {line}");
    }
    assert!(seen.len() > 20_000);
}
