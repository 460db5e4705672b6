//! Names that French writes otherwise than English: Londres, Alger, Poutine (`data/exonyms.tsv`).

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// English names by their French ones, and the French ones by their first word, the longest first.
struct Exonyms {
    english: FxHashMap<String, &'static str>,
    by_first_word: FxHashMap<String, Vec<String>>,
}

static EXONYMS: LazyLock<Exonyms> = LazyLock::new(|| {
    let mut table = Exonyms { english: FxHashMap::default(), by_first_word: FxHashMap::default() };
    for line in include_str!("../../data/exonyms.tsv").lines().filter(|line| !line.starts_with('#')) {
        let Some((french, english)) = line.split_once('\t') else { continue };
        for spelling in [french.to_owned(), french.replace('’', "'")] {
            if table.english.insert(spelling.clone(), english).is_none() {
                table.by_first_word.entry(first_word(&spelling).to_owned()).or_default().push(spelling);
            }
        }
    }
    for names in table.by_first_word.values_mut() {
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    }
    table
});

fn first_word(text: &str) -> &str {
    text.split([' ', '’', '\'']).next().unwrap_or_default()
}

/// The longest such name that a text begins with: its length in bytes, and the English name.
pub fn at_start(text: &str) -> Option<(usize, &'static str)> {
    let word = text.split(|c: char| !c.is_alphanumeric() && c != '-').next()?;
    let name = EXONYMS.by_first_word.get(word)?.iter().find(|name| {
        let rest = text.strip_prefix(name.as_str());
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
    })?;
    Some((name.len(), EXONYMS.english[name.as_str()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_at_the_start_is_found_whole() {
        assert_eq!(at_start("Corée du Nord et Corée"), Some(("Corée du Nord".len(), "North Korea")));
        assert_eq!(at_start("Corée du Nordiste"), Some(("Corée".len(), "Korea")));
        assert_eq!(at_start("Afrique de l'Ouest."), Some(("Afrique de l'Ouest".len(), "West Africa")));
        assert_eq!(at_start("Coréen"), None);
        assert_eq!(at_start("à Alger"), None);
    }

    #[test]
    fn the_table_is_sorted_and_has_each_name_once() {
        let names: Vec<&str> = include_str!("../../data/exonyms.tsv").lines().skip(1).collect();
        assert!(names.is_sorted());
        assert!(names.iter().all(|line| line.split('\t').count() == 2));
        assert!(names.windows(2).all(|pair| pair[0].split('\t').next() != pair[1].split('\t').next()));
    }
}
