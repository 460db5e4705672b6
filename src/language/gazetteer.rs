//! The gazetteer: names of outlets, institutions, companies and works, with the literal French that a machine makes of
//! them (`data/names.tsv`).

use rustc_hash::FxHashMap;

/// One name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The real name.
    pub name: &'static str,
    /// `newspaper`, `agency`, `company`…
    pub kind: &'static str,
}

/// All names, and the literal renderings by their first word.
#[derive(Debug)]
pub struct Gazetteer {
    names: Vec<Name>,
    /// First word of a rendering → the renderings that start with it, longest first.
    renderings: FxHashMap<&'static str, Vec<(&'static str, usize)>>,
}

impl Gazetteer {
    /// The table that ships.
    pub fn embedded() -> Self {
        Self::parse(include_str!("../../data/names.tsv"))
    }

    fn parse(table: &'static str) -> Self {
        let mut names = Vec::new();
        let mut renderings: FxHashMap<&str, Vec<(&str, usize)>> = FxHashMap::default();
        for line in table.lines().filter(|l| !l.starts_with('#')) {
            let mut cells = line.split('\t');
            let (Some(name), Some(kind)) = (cells.next(), cells.next()) else { continue };
            for literal in cells.next().unwrap_or("").split('|').filter(|l| !l.is_empty()) {
                let first = literal.split([' ', '’', '\'']).next().unwrap_or(literal);
                renderings.entry(first).or_default().push((literal, names.len()));
            }
            names.push(Name { name, kind });
        }
        renderings
            .values_mut()
            .for_each(|list| list.sort_by_key(|(literal, _)| std::cmp::Reverse(literal.len())));
        Self { names, renderings }
    }

    /// All names, in the order of the table.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// All literal renderings.
    pub fn literals(&self) -> impl Iterator<Item = &'static str> {
        self.renderings.values().flatten().map(|(literal, _)| *literal)
    }

    /// The name whose literal rendering starts `text`, and the rendering. The caller checks the word's end.
    pub fn rendered_at(&self, first_word: &str, text: &str) -> Option<(Name, &'static str)> {
        let list = self.renderings.get(first_word)?;
        list.iter()
            .find(|(literal, _)| text.starts_with(literal))
            .map(|&(literal, n)| (self.names[n], literal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_without_doubles() {
        let lines: Vec<&str> = include_str!("../../data/names.tsv").lines().skip(1).collect();
        for pair in lines.windows(2) {
            assert!(pair[0] < pair[1], "{:?} must stand before {:?}", pair[0], pair[1]);
        }
        assert!(lines.iter().all(|l| l.split('\t').count() == 3));
    }

    #[test]
    fn a_rendering_finds_its_name() {
        let gazetteer = Gazetteer::embedded();
        let (name, literal) = gazetteer.rendered_at("Les", "Les temps changent").expect("a rendering");
        assert_eq!((name.name, literal), ("The Times", "Les temps"));
    }
}
