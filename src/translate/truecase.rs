//! ALL-CAPS text: lowered before translation, since engines are trained on cased text, and raised after.

/// Whether a sentence shouts: at least six letters in two words, none of them lower case.
pub fn is_shouting(sentence: &str) -> bool {
    let letters = sentence.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 6 && sentence.split_whitespace().count() >= 2 && !sentence.chars().any(char::is_lowercase)
}

/// Lower case but for the first letter. Byte offsets are kept: a character whose other case has another length stays.
pub fn lowered(sentence: &str) -> String {
    let mut first = true;
    sentence
        .chars()
        .map(|c| {
            let keep = first && c.is_alphabetic();
            first &= !c.is_alphabetic();
            if keep { c } else { same_length(c, c.to_lowercase()) }
        })
        .collect()
}

/// Upper case, with byte offsets kept.
pub fn raised(sentence: &str) -> String {
    sentence.chars().map(|c| same_length(c, c.to_uppercase())).collect()
}

fn same_length(c: char, mut other: impl Iterator<Item = char>) -> char {
    match (other.next(), other.next()) {
        (Some(o), None) if o.len_utf8() == c.len_utf8() => o,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_go_and_come_back() {
        assert!(is_shouting("SIÈGE DE KANDAHAR"));
        assert!(!is_shouting("LVMH"));
        assert_eq!(lowered("« SIÈGE DE KANDAHAR »"), "« Siège de kandahar »");
        assert_eq!(raised("Siege of Kandahar"), "SIEGE OF KANDAHAR");
    }
}
