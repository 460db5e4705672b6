//! Protected spans: what no word-level rule may touch and no translator may mangle.

use super::offset::{Raw, Span};
use memchr::memmem::Finder;
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

/// All kinds at once. Without groups and word boundaries, which would keep the expression from its fast automaton:
/// [`kind`] tells the kinds apart, and [`goes_on`] stands for the boundary.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"|(?:https?://|ftp://|www\.)[^\s<>«»“”]*[^\s<>«»“”.,;:!?'’)\]]",
        r"|(?:[a-z0-9-]+\.)+(?:com|org|net|fr|uk|io|gov|edu|info|eu|ca|ch|be|af|tv|co)(?:/[^\s<>«»“”]*[^\s<>«»“”.,;:!?'’)\]])?",
        r"|@\w{2,}",
        r"|#\w+",
        r"|`[^`\n]+`|[\w-]+\.(?:jpe?g|png|gif|pdf|html?|php|css|js|py|rs|txt|exe|zip|xml|json)",
    ))
    .expect("the pattern is a constant")
});

static SCHEME_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("://"));

/// Finds the protected spans of `text`, in order, without overlap. `user` are phrases to leave alone as well.
pub fn protected_spans(text: &str, user: &[String]) -> Vec<ProtectedSpan> {
    let mut found = Vec::new();
    // Each kind holds one of these; most texts hold none and skip the expression.
    if memchr::memchr3(b'@', b'#', b'`', text.as_bytes()).is_some()
        || SCHEME_END.find(text.as_bytes()).is_some()
        || has_inner_dot(text)
    {
        for m in PATTERN.find_iter(text).filter(|m| !goes_on(m.as_str(), &text[m.end()..])) {
            found.push(ProtectedSpan { span: Span::new(m.start(), m.end()), protection: kind(m.as_str()) });
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

/// Whether a domain or file name goes on as a word, and so is none (`fini.frère`).
fn goes_on(found: &str, rest: &str) -> bool {
    !found.contains(['/', '@', '#', '`']) && rest.starts_with(char::is_alphanumeric)
}

/// What kind of protected text the pattern found.
fn kind(found: &str) -> Protection {
    const FILES: &[&str] = &[
        "jpg", "jpeg", "png", "gif", "pdf", "htm", "html", "php", "css", "js", "py", "rs", "txt", "exe",
        "zip", "xml", "json",
    ];
    let has_scheme = ["http://", "https://", "ftp://", "www."].iter().any(|s| found.starts_with(s));
    match found.as_bytes().first() {
        Some(b'@') => Protection::Handle,
        Some(b'#') => Protection::Hashtag,
        Some(b'`') => Protection::Code,
        _ if has_scheme => Protection::Url,
        _ if found.contains('@') => Protection::Email,
        _ if found.rsplit('.').next().is_some_and(|end| FILES.contains(&end)) => Protection::Code,
        _ => Protection::Url,
    }
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

    #[test]
    fn kinds_are_told_apart_and_glued_sentences_are_no_addresses() {
        let kinds = |text| protected_spans(text, &[]).iter().map(|p| p.protection).collect::<Vec<_>>();
        let text = "a.b@c.fr, www.x.org, lemonde.fr, photo-1.jpg, `code`";
        let expected =
            [Protection::Email, Protection::Url, Protection::Url, Protection::Code, Protection::Code];
        assert_eq!(kinds(text), expected);
        assert_eq!(kinds("C’est fini.frère et sœur sont là.comment faire"), []);
    }
}
