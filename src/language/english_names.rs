//! English names of several words, each a word that English uses otherwise as well (`data/spun_names.txt`): Wall Street
//! Journal, World Trade Center. A spinner replaces words in them, and a student translates them.

use super::name_index::NameIndex;
use std::sync::LazyLock;

static INDEX: LazyLock<NameIndex> = LazyLock::new(|| all().map(str::to_owned).collect());

/// All names, as they are written.
pub fn all() -> impl Iterator<Item = &'static str> {
    include_str!("../../data/spun_names.txt").lines().filter(|n| !n.is_empty() && !n.starts_with('#'))
}

/// The longest such name that a text begins with.
pub fn at_start(text: &str) -> Option<&'static str> {
    INDEX.at_start(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_at_the_start_is_found_whole() {
        assert_eq!(at_start("Wall Street Journal, mardi"), Some("Wall Street Journal"));
        assert_eq!(at_start("Wall Street."), Some("Wall Street"));
        assert_eq!(at_start("Wall Streets"), None);
        assert_eq!(at_start("le Wall Street Journal"), None);
    }
}
