//! Protected spans: what no word-level rule may touch and no translator may mangle.

use super::offset::{Raw, Span};
use regex::Regex;
use std::sync::LazyLock;

/// Why a span is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// A web address, with or without scheme (`https://…`, `pic.twitter.com/…`, `lemonde.fr`).
    Url,
    /// An e-mail address.
    Email,
    /// A social handle, `@name`.
    Handle,
    /// A hashtag, `#word`.
    Hashtag,
    /// Code between back-quotes, a file path or a file name with a known extension.
    Code,
    /// A word or phrase that the user asked to leave alone.
    User,
}

/// A protected place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtectedSpan {
    /// Where.
    pub span: Span<Raw>,
    /// Why.
    pub protection: Protection,
}

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
        r"|(?P<url>(?:https?://|ftp://|www\.)[^\s<>«»“”]*[^\s<>«»“”.,;:!?'’)\]]",
        r"|(?:[a-z0-9-]+\.)+(?:com|org|net|fr|uk|io|gov|edu|info|eu|ca|ch|be|af|tv|co)\b(?:/[^\s<>«»“”]*[^\s<>«»“”.,;:!?'’)\]])?)",
        r"|(?P<handle>@\w{2,})",
        r"|(?P<hashtag>#\w+)",
        r"|(?P<code>`[^`\n]+`|\b[\w-]+\.(?:jpe?g|png|gif|pdf|html?|php|css|js|py|rs|txt|exe|zip|xml|json)\b)",
    ))
    .expect("the pattern is a constant")
});

/// Finds the protected spans of `text`, in order, without overlap. `user` are phrases to leave alone as well.
pub fn protected_spans(text: &str, user: &[String]) -> Vec<ProtectedSpan> {
    let mut found = Vec::new();
    // Each kind holds one of these; most texts hold none and skip the expression.
    if memchr::memchr3(b'@', b'#', b'`', text.as_bytes()).is_some()
        || memchr::memmem::find(text.as_bytes(), b"://").is_some()
        || has_inner_dot(text)
    {
        for captures in PATTERN.captures_iter(text) {
            let kinds = [
                ("email", Protection::Email),
                ("url", Protection::Url),
                ("handle", Protection::Handle),
                ("hashtag", Protection::Hashtag),
                ("code", Protection::Code),
            ];
            if let Some((m, protection)) =
                kinds.iter().find_map(|(name, p)| captures.name(name).map(|m| (m, *p)))
            {
                found.push(ProtectedSpan { span: Span::new(m.start(), m.end()), protection });
            }
        }
    }
    for phrase in user.iter().filter(|p| !p.is_empty()) {
        for (at, _) in text.match_indices(phrase.as_str()) {
            found
                .push(ProtectedSpan { span: Span::new(at, at + phrase.len()), protection: Protection::User });
        }
    }
    found.sort_by_key(|p| (p.span.start, std::cmp::Reverse(p.span.end)));
    let mut end = 0;
    found.retain(|p| {
        let keep = p.span.start >= end;
        if keep {
            end = p.span.end;
        }
        keep
    });
    found
}

/// Whether a full stop stands between two ASCII letters or digits, as in an address.
fn has_inner_dot(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'.', bytes).any(|at| {
        at > 0
            && bytes[at - 1].is_ascii_alphanumeric()
            && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_handles_and_tags_are_found() {
        let text = "Voir https://a.fr/b?c=1, @lemondefr, #Kapisa ou pic.twitter.com/NnfD. Fin.Suite";
        let found: Vec<&str> = protected_spans(text, &[]).iter().map(|p| p.span.of(text)).collect();
        assert_eq!(found, ["https://a.fr/b?c=1", "@lemondefr", "#Kapisa", "pic.twitter.com/NnfD"]);
    }
}
