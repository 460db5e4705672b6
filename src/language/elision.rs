//! Elision: which French words lose their vowel before another, and which words they lose it before.
//!
//! A word-level spinner leaves the article as it was, so `Le Entrance` says that the lost word began with a
//! consonant, and `l’shock` that it began with a vowel or a mute h. Both are near-certain evidence.

/// Common words with an aspirate h (no elision before them), lower case, as stems: a form matches by its beginning.
const ASPIRATE_H: &[&str] = &[
    "hache",
    "hachis",
    "haie",
    "haillon",
    "hain",
    "haï",
    "hall",
    "halle",
    "halt",
    "hamac",
    "hamburger",
    "hameau",
    "hamster",
    "hanche",
    "hand",
    "handicap",
    "hangar",
    "hanter",
    "hantis",
    "harc",
    "harceler",
    "hard",
    "harem",
    "hareng",
    "haricot",
    "harnais",
    "harpe",
    "harpon",
    "hasard",
    "hâte",
    "hâtif",
    "hausse",
    "haut",
    "havre",
    "hayon",
    "heaume",
    "hennir",
    "hérisson",
    "hernie",
    "héron",
    "héros",
    "herse",
    "heurt",
    "hibou",
    "hic",
    "hideu",
    "hiérarchi",
    "hip",
    "hippie",
    "hisser",
    "hit",
    "hobby",
    "hoch",
    "hockey",
    "holding",
    "hold-up",
    "hollande",
    "hollandais",
    "homard",
    "hongrie",
    "hongrois",
    "honte",
    "honteu",
    "hoquet",
    "horde",
    "hors",
    "hotte",
    "houblon",
    "houill",
    "houle",
    "housse",
    "houx",
    "hublot",
    "huche",
    "huée",
    "huit",
    "hululer",
    "hurl",
    "hutte",
    "huguenot",
    "husky",
    "hussard",
    "huppé",
    "hot",
    "hub",
    "hamas",
    "haïti",
    "hezbollah",
];

/// Words that look vowel-initial but take no elision.
const NO_ELISION: &[&str] = &[
    "onze",
    "onzième",
    "oui",
    "ouistiti",
    "yaourt",
    "yacht",
    "yen",
    "yoga",
    "yoyo",
    "yougoslav",
    "yéti",
    "uhlan",
    "ululer",
    "un",
    "une",
    "yankee",
    "yémen",
    "yorkshire",
];

/// What the word before says about how the next word begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onset {
    /// A vowel or mute h must follow: the word before is elided (`l’`), or a form kept for vowels (`cet`, `bel`).
    Vowel,
    /// A consonant or aspirate h must follow: the word before would have been elided or contracted otherwise.
    Consonant,
    /// Nothing.
    Any,
}

impl Onset {
    /// Whether a word may follow, given whether French elides before it.
    pub const fn allows(self, elided_before: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Vowel => elided_before,
            Self::Consonant => !elided_before,
        }
    }
}

/// Whether French elides before this lower-case word (it begins with a vowel or a mute h).
pub fn takes_elision(word: &str) -> bool {
    let Some(first) = word.chars().next() else { return false };
    if NO_ELISION.iter().any(|w| word == *w || (w.len() > 4 && word.starts_with(w))) {
        return false;
    }
    match first {
        'h' => !ASPIRATE_H.iter().any(|stem| word.starts_with(stem)) || word.starts_with("héroï"),
        'y' => word.chars().nth(1).is_none_or(|c| !is_vowel(c)),
        c => is_vowel(c),
    }
}

/// What a lower-case word (straight apostrophe) demands of the word after it.
pub fn demand(word: &str) -> Onset {
    if word.ends_with('\'') {
        return Onset::Vowel;
    }
    match word {
        "cet" | "bel" | "nouvel" | "vieil" => Onset::Vowel,
        "le" | "la" | "de" | "du" | "au" | "ce" | "que" | "je" | "me" | "te" | "se" | "ne" | "jusque"
        | "lorsque" | "puisque" | "ma" | "ta" | "sa" | "beau" | "nouveau" | "vieux" => Onset::Consonant,
        _ => Onset::Any,
    }
}

/// Whether a lower-case word may stand after the word `before`.
pub fn agrees(before: &str, word: &str) -> bool {
    let demand = demand(before);
    demand == Onset::Any || demand.allows(takes_elision(word))
}

const fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'à'
            | 'â'
            | 'ä'
            | 'é'
            | 'è'
            | 'ê'
            | 'ë'
            | 'î'
            | 'ï'
            | 'ô'
            | 'ö'
            | 'ù'
            | 'û'
            | 'ü'
            | 'œ'
            | 'æ'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_tell_how_the_next_word_begins() {
        for (before, word, right) in [
            ("le", "entrance", false),
            ("le", "front", true),
            ("l'", "affect", true),
            ("l'", "shock", false),
            ("du", "entrance", false),
            ("le", "héros", true),
            ("l'", "homme", true),
            ("l'", "héroïne", true),
            ("le", "onze", true),
            ("cet", "hôtel", true),
            ("une", "affect", true),
        ] {
            assert_eq!(agrees(before, word), right, "{before} {word}");
        }
    }
}
