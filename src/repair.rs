//! Deciding which findings to act on, and acting: scan, choose, apply, and look again until nothing changes.

use crate::language::Resources;
use crate::rules::context::{Context, UserLexicon};
use crate::rules::gate::Gate;
use crate::rules::{Confidence, Finding, Proposal, Rule, spun};
use crate::text::document::Lang;
use crate::text::ledger::{Ledger, Replacement};
use crate::text::offset::{Raw, Span};
use crate::text::protect::Protection;
use std::collections::BTreeMap;

/// Passes over one text at most. One repair can bring another to light (a deleted credit bares a stray counter);
/// three levels were enough for every document seen, and the bound keeps the work linear.
const MAX_PASSES: usize = 3;

/// How much evidence an edit needs, and which rules may speak.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Findings at or above this confidence are applied; the rest are suggestions. By default each rule's own.
    pub apply_at: Option<Confidence>,
    /// Rules (`family/name`) or whole families or categories that are switched off.
    pub disabled: Vec<String>,
}

/// Confidence from which a rule's findings are applied by default. Spun words have a threshold of their own, chosen so
/// that nearly all repairs are right; that of the others was set with each of their findings in mind.
fn usual_threshold(rule: &str) -> Confidence {
    Confidence::new(if rule == "spun/homograph" { spun::judge::APPLY_AT } else { 0.9 })
}

impl Policy {
    /// Whether a finding is sure enough.
    fn reached_by(&self, finding: &Finding) -> bool {
        finding.confidence >= self.apply_at.unwrap_or_else(|| usual_threshold(finding.rule))
    }

    fn allows(&self, rule: &dyn Rule) -> bool {
        let info = rule.info();
        let family = info.id.split('/').next().unwrap_or(info.id);
        !self.disabled.iter().any(|d| d == info.id || d == family || d == info.category.name())
    }
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The clean text has the replacement.
    Applied,
    /// Reported with its candidates; the text stays.
    Suggested,
}

/// A finding of a document, in raw offsets, with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The finding; its span points into the raw text.
    pub finding: Finding,
    /// What became of it.
    pub status: Status,
}

/// A repaired text.
#[derive(Debug, Clone, Default)]
pub struct Repaired {
    /// The clean text.
    pub clean: String,
    /// Its ledger: `ledger.apply(raw) == clean`.
    pub ledger: Ledger,
    /// Applied edits (one for each replacement of the ledger) and suggestions, in order of their raw position.
    pub edits: Vec<Edit>,
}

/// Scans, decides and applies.
pub struct Repairer {
    rules: Vec<Box<dyn Rule>>,
    gate: Gate,
    policy: Policy,
    user: UserLexicon,
    lang: Lang,
    resources: &'static Resources,
    digest: String,
}

impl Repairer {
    /// A repairer with every rule for `lang` that `policy` allows.
    pub fn new(lang: Lang, policy: Policy, user: UserLexicon) -> Self {
        let rules: Vec<Box<dyn Rule>> = crate::rules::registry::all()
            .into_iter()
            .filter(|r| r.info().lang == lang && policy.allows(r.as_ref()))
            .collect();
        let digest = digest(&rules, &policy, &user);
        Self { gate: Gate::new(&rules), rules, policy, user, lang, resources: Resources::embedded(), digest }
    }

    /// The language this repairer reads.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Digest of the rules in force, their threshold and the user's words, for records: equal digests repair alike.
    pub fn rules_digest(&self) -> &str {
        &self.digest
    }

    /// All findings of one text, in order, before any decision.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        let context = Context::new(text, self.lang, self.resources, &self.user);
        let mut findings = Vec::new();
        for place in self.gate.rules_for(text).of_first(self.rules.len()) {
            self.rules[place].scan(&context, &mut findings);
        }
        // A finding that leaves the text as it is, or does not fit it, says nothing.
        findings.retain(|f| {
            text.get(f.span.range()).is_some_and(|before| f.proposal.replacement() != Some(before))
        });
        // What the user protects no rule may change, whatever it thinks of protected spans.
        if !self.user.protect.is_empty() {
            findings.retain(|f| {
                let own = context.protected.iter().filter(|p| p.protection == Protection::User);
                f.proposal == Proposal::Flag || !own.into_iter().any(|p| p.span.overlaps(&f.span))
            });
        }
        // What the user's glossary puts somewhere is what the user means, however it looks there.
        if !self.user.glossary.is_empty() {
            findings.retain(|f| {
                f.proposal == Proposal::Flag
                    || f.rule.starts_with("user/")
                    || !self.user.means(f.span.of(text))
            });
        }
        findings.sort_by(|a, b| (a.span, a.rule).cmp(&(b.span, b.rule)));
        findings
    }

    /// Repairs one text: applies what is sure, reports the rest, and repeats on the result until it is stable.
    pub fn repair(&self, raw: &str) -> Repaired {
        let (mut applied, mut suggestions) = self.choose(self.scan(raw));
        let mut ledger = ledger_of(raw, &applied);
        for _ in 1..MAX_PASSES {
            if applied.is_empty() {
                break;
            }
            let clean = ledger.apply(raw);
            let (more, _) = self.choose(self.scan(&clean));
            if more.is_empty() {
                break;
            }
            let second = ledger_of(&clean, &more);
            let (both, origins) = ledger.then(raw, &second);
            applied = both
                .replacements()
                .iter()
                .zip(origins)
                .map(|(r, (first, then))| {
                    let parts: Vec<&Finding> =
                        first.iter().map(|&i| &applied[i]).chain(then.iter().map(|&i| &more[i])).collect();
                    merged(r, &parts)
                })
                .collect();
            ledger = both;
        }
        let clean = ledger.apply(raw);
        // A proposal for a place that was repaired another way is settled; a flag still says what the place is.
        suggestions.retain(|s| s.proposal == Proposal::Flag || !overlaps_any(&applied, s.span));
        let mut edits: Vec<Edit> = applied
            .into_iter()
            .map(|finding| Edit { finding, status: Status::Applied })
            .chain(suggestions.into_iter().map(|finding| Edit { finding, status: Status::Suggested }))
            .collect();
        edits.sort_by(|a, b| (a.finding.span, a.finding.rule).cmp(&(b.finding.span, b.finding.rule)));
        Repaired { clean, ledger, edits }
    }

    /// Splits findings into those to apply (sure, and not in conflict with a surer one) and the rest.
    fn choose(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
        let (mut sure, mut rest): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|f| f.proposal != Proposal::Flag && self.policy.reached_by(f));
        // Surer first; of equals, the one that explains more text.
        sure.sort_by(|a, b| {
            b.confidence
                .value()
                .total_cmp(&a.confidence.value())
                .then(b.span.len().cmp(&a.span.len()))
                .then(a.span.cmp(&b.span))
        });
        // The chosen spans by their start: a new one can only clash with its neighbours.
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let mut chosen: Vec<Finding> = Vec::new();
        for finding in sure {
            let Span { start, end, .. } = finding.span;
            let before = taken.range(..=start).next_back().is_some_and(|(&s, &e)| e > start || s == start);
            let after = taken.range(start..).next().is_some_and(|(&s, _)| s < end);
            if before || after {
                rest.push(finding);
            } else {
                taken.insert(start, end);
                chosen.push(finding);
            }
        }
        chosen.sort_by_key(|f| f.span);
        (chosen, rest)
    }
}

/// Digest of what decides a repair.
fn digest(rules: &[Box<dyn Rule>], policy: &Policy, user: &UserLexicon) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    for rule in rules {
        let threshold = policy.apply_at.unwrap_or_else(|| usual_threshold(rule.info().id));
        hasher.update(rule.info().id);
        hasher.update(threshold.value().to_le_bytes());
    }
    let UserLexicon { glossary, names, protect } = user;
    let glossary: Vec<&String> = glossary.iter().flat_map(|(damaged, meant)| [damaged, meant]).collect();
    // Each list ends with a mark of its own, so that a word of one is not taken for a word of the next.
    for list in [glossary, names.iter().collect(), protect.iter().collect()] {
        for word in list {
            hasher.update(word);
            hasher.update([0]);
        }
        hasher.update([1]);
    }
    let digest = hasher.finalize();
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Whether a span overlaps one of the findings, which are sorted and do not overlap each other.
fn overlaps_any(sorted: &[Finding], span: Span<Raw>) -> bool {
    let first = sorted.partition_point(|f| f.span.end <= span.start);
    sorted.get(first).is_some_and(|f| f.span.overlaps(&span))
}

/// The text with every proposal applied, whatever its confidence; of two that overlap, the first.
pub fn apply_all(text: &str, findings: &[Finding]) -> String {
    let mut sorted: Vec<&Finding> = findings.iter().filter(|f| f.proposal != Proposal::Flag).collect();
    sorted.sort_by_key(|f| f.span);
    let mut chosen: Vec<Finding> = Vec::new();
    for f in sorted {
        if chosen.last().is_none_or(|last| last.span.end <= f.span.start && last.span != f.span) {
            chosen.push(f.clone());
        }
    }
    ledger_of(text, &chosen).apply(text)
}

fn ledger_of(text: &str, findings: &[Finding]) -> Ledger {
    let replacements = findings
        .iter()
        .map(|f| Replacement { span: f.span, text: f.proposal.replacement().unwrap_or_default().to_owned() })
        .collect();
    // `choose` leaves no overlap and `scan` none off a boundary, so the default is never taken.
    Ledger::new(text, replacements).unwrap_or_default()
}

/// One finding that stands for all that a composed replacement is made of.
fn merged(replacement: &Replacement, parts: &[&Finding]) -> Finding {
    let mut finding = (*parts[0]).clone();
    for part in &parts[1..] {
        finding.why.push(format!("{}: {}", part.rule, part.why.join("; ")));
        if part.confidence < finding.confidence {
            finding.confidence = part.confidence;
        }
    }
    finding.span = replacement.span;
    finding.proposal = if replacement.text.is_empty() {
        Proposal::Delete
    } else {
        Proposal::Replace(replacement.text.clone())
    };
    finding
}
