//! Finding the names of a list in a text, by their first words.

use rustc_hash::FxHashMap;

/// Names by their first word, the longest first.
#[derive(Debug)]
pub struct NameIndex(FxHashMap<String, Vec<String>>);

impl NameIndex {
    /// The longest name that a text begins with, none of whose last word goes on.
    pub fn at_start(&self, text: &str) -> Option<&str> {
        let word = text.split(|c: char| !c.is_alphanumeric() && c != '-').next()?;
        let name = self.0.get(word)?.iter().find(|name| {
            let rest = text.strip_prefix(name.as_str());
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
        })?;
        Some(name)
    }
}

impl FromIterator<String> for NameIndex {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let mut by_first_word: FxHashMap<String, Vec<String>> = FxHashMap::default();
        for name in names {
            let first = name.split([' ', '’', '\'']).next().unwrap_or_default();
            by_first_word.entry(first.to_owned()).or_default().push(name);
        }
        for names in by_first_word.values_mut() {
            names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        }
        Self(by_first_word)
    }
}
