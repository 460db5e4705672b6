//! Where addresses really lead: a mirror in place of every host, or of Hugging Face alone.

/// What stands in for the usual hosts. A mirror answers the same paths as what it mirrors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// In place of every host (`--mirror`, `RETOUCHE_MIRROR`).
    pub mirror: Option<String>,
    /// In place of `https://huggingface.co` (`HF_ENDPOINT`).
    pub hugging_face: Option<String>,
}

impl Places {
    /// The stand-ins that the environment names, with `mirror` from the command line before it.
    pub fn from_environment(mirror: Option<String>) -> Self {
        let variable = |name| std::env::var(name).ok().filter(|v: &String| !v.trim().is_empty());
        Self { mirror: mirror.or_else(|| variable("RETOUCHE_MIRROR")), hugging_face: variable("HF_ENDPOINT") }
    }

    /// The first stand-in that is no web address, if one is not.
    pub fn not_an_address(&self) -> Option<&str> {
        let is_web = |s: &str| s.trim().starts_with("http://") || s.trim().starts_with("https://");
        [&self.mirror, &self.hugging_face].into_iter().flatten().map(String::as_str).find(|s| !is_web(s))
    }

    /// The address to ask in place of `url`.
    pub fn stand_in(&self, url: &str) -> String {
        let Some((host, path)) = split(url) else { return url.to_owned() };
        let place = match (&self.mirror, &self.hugging_face) {
            (Some(mirror), _) => mirror,
            (None, Some(endpoint)) if host == "https://huggingface.co" => endpoint,
            _ => return url.to_owned(),
        };
        format!("{}/{path}", place.trim().trim_end_matches('/'))
    }
}

/// Scheme and host, and the path without its first slash.
fn split(url: &str) -> Option<(&str, &str)> {
    let start = url.find("://")? + 3;
    let slash = url[start..].find('/')? + start;
    Some((&url[..slash], &url[slash + 1..]))
}

/// Whether the environment forbids downloading (`HF_HUB_OFFLINE=1`).
pub fn is_offline() -> bool {
    std::env::var("HF_HUB_OFFLINE").is_ok_and(|v| is_true(&v))
}

/// What Hugging Face's own tools take for yes.
fn is_true(value: &str) -> bool {
    ["1", "on", "yes", "true"].contains(&value.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_keeps_the_path() {
        let url = "https://huggingface.co/a/b/resolve/main/config.json";
        let places = |mirror: Option<&str>, endpoint: Option<&str>| Places {
            mirror: mirror.map(str::to_owned),
            hugging_face: endpoint.map(str::to_owned),
        };
        assert_eq!(places(None, None).stand_in(url), url);
        assert_eq!(
            places(Some("http://m:8/x/"), Some("http://h")).stand_in(url),
            "http://m:8/x/a/b/resolve/main/config.json"
        );
        assert_eq!(places(None, Some("http://h")).stand_in(url), "http://h/a/b/resolve/main/config.json");
        assert_eq!(places(None, Some("http://h")).stand_in("https://other.org/f"), "https://other.org/f");
    }

    #[test]
    fn yes_has_many_spellings() {
        assert!(["1", "true", "ON", "yes"].into_iter().all(is_true));
        assert!(["", "0", "false"].into_iter().all(|v| !is_true(v)));
    }
}
