//! Which rules a text can concern at all: one pass over the text instead of one a rule.
//!
//! Most rules need some string in the text to have anything to say ([`Rule::needs`]); most clean texts hold none of
//! them. One Aho–Corasick automaton (Aho & Corasick 1975) looks for all these strings together.

use super::Rule;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::HashMap;

/// A set of rules, by their place in the list the gate was built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSet(u128);

impl RuleSet {
    /// Rules that a set can tell apart; those beyond always run.
    const MOST: usize = 128;

    /// Whether the rule at this place is in the set.
    pub const fn contains(self, rule: usize) -> bool {
        rule >= Self::MOST || self.0 >> rule & 1 == 1
    }

    const fn with(self, rule: usize) -> Self {
        if rule < Self::MOST { Self(self.0 | 1 << rule) } else { self }
    }
}

/// Tells which of some rules a text can concern.
#[derive(Debug)]
pub struct Gate {
    always: RuleSet,
    search: Option<AhoCorasick>,
    /// The rules that each pattern of the search calls.
    called: Vec<RuleSet>,
}

impl Gate {
    /// A gate for these rules.
    pub fn new(rules: &[Box<dyn Rule>]) -> Self {
        let mut always = RuleSet(0);
        let mut by_need: HashMap<String, RuleSet> = HashMap::new();
        for (place, rule) in rules.iter().enumerate() {
            let needs = rule.needs();
            if needs.is_empty() {
                always = always.with(place);
            }
            for need in needs {
                let called = by_need.entry(need.to_ascii_lowercase()).or_insert(RuleSet(0));
                *called = called.with(place);
            }
        }
        let (patterns, called): (Vec<String>, Vec<RuleSet>) = by_need.into_iter().unzip();
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns)
            .ok();
        if search.is_none() {
            // Too many patterns for one automaton: nothing is lost but time.
            always = RuleSet(u128::MAX);
        }
        Self { always, search, called }
    }

    /// The rules that may find something in `text`.
    pub fn rules_for(&self, text: &str) -> RuleSet {
        let mut rules = self.always;
        for found in self.search.iter().flat_map(|s| s.find_overlapping_iter(text)) {
            rules.0 |= self.called[found.pattern().as_usize()].0;
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_passes_the_gate() {
        let rules = crate::rules::registry::all();
        let gate = Gate::new(&rules);
        for (place, rule) in rules.iter().enumerate() {
            for example in rule.info().fires {
                let open = gate.rules_for(example.damaged).contains(place);
                assert!(open, "{}: `needs` leaves out {:?}", rule.info().id, example.damaged);
            }
        }
    }

    #[test]
    fn a_clean_sentence_calls_few_rules() {
        let rules = crate::rules::registry::all();
        let gate = Gate::new(&rules);
        let open = gate.rules_for("Le Parlement a adopté la loi hier soir, par 312 voix contre 98.");
        let called = (0..rules.len()).filter(|&r| open.contains(r)).count();
        assert!(called * 3 < rules.len(), "{called} of {}", rules.len());
    }
}
