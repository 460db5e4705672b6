//! Names that French writes otherwise than English: Londres, Alger, Poutine (`data/exonyms.tsv`).

use super::name_index::NameIndex;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// English names by their French ones, and where to find these.
struct Exonyms {
    english: FxHashMap<String, &'static str>,
    french: NameIndex,
}

static EXONYMS: LazyLock<Exonyms> = LazyLock::new(|| {
    let lines = include_str!("../../data/exonyms.tsv").lines().filter(|line| !line.starts_with('#'));
    let english: FxHashMap<String, &str> = lines
        .filter_map(|line| line.split_once('\t'))
        .flat_map(|(french, english)| {
            [french.to_owned(), french.replace('’', "'")].map(|spelling| (spelling, english))
        })
        .collect();
    Exonyms { french: english.keys().cloned().collect(), english }
});

/// The longest such name that a text begins with: its length in bytes, and the English name.
pub fn at_start(text: &str) -> Option<(usize, &'static str)> {
    let name = EXONYMS.french.at_start(text)?;
    Some((name.len(), EXONYMS.english[name]))
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
