//! Measures the spun-word rule on texts whose damage is known, and prints the features of each judgement.
//!
//! Usage: `spun_eval FILE.jsonl [--no-model] [--no-cloze] [--no-agreement] [--no-vote] [--no-embeddings] [--no-curated]
//! [--no-skim] [--judgements] [--errors] [--cloze MODEL] [--homographs TABLE] [--without PAIRS.tsv]
//! [--apply-at CONFIDENCE]`
//!
//! Each line is `{"text": …, "spins": [{"start": …, "end": …, "original": …, "spun": …}]}` with character offsets, or
//! has no `spins`: then every finding is a false alarm. Figures go to stdout; with `--judgements`, so does a JSON object
//! for every suspect with its candidates, to fit by. `--cloze` and `--homographs` take other tables than those compiled
//! in. `--without` leaves pairs (`original TAB spun`) out of the curated table, so that spins made of them show how the
//! rule does on a spinner whose pairs nobody has listed.

use retouche::language::cloze::Cloze;
use retouche::language::homograph::Homographs;
use retouche::language::originals::Originals;
use retouche::language::{Language, Resources};
use retouche::rules::context::{Context, UserLexicon};
use retouche::rules::spun::judge::{APPLY_AT, Judgement, assess_all};
use retouche::rules::spun::rank::Evidence;
use retouche::rules::spun::view::View;
use retouche::text::document::Lang;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::error::Error;

#[derive(Default)]
struct Tally {
    spins: usize,
    detected: usize,
    top1: usize,
    top3: usize,
    applied: usize,
    applied_right: usize,
}

impl Tally {
    fn print(&self, name: &str) {
        let share = |n: usize, of: usize| if of == 0 { 0.0 } else { 100.0 * n as f64 / of as f64 };
        println!(
            "{name}: {} spins, detected {:.1}%, first right {:.1}%, in top 3 {:.1}%, applied {}, right of applied {:.1}%, repaired {:.1}%",
            self.spins,
            share(self.detected, self.spins),
            share(self.top1, self.spins),
            share(self.top3, self.spins),
            self.applied,
            share(self.applied_right, self.applied),
            share(self.applied_right, self.spins)
        );
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| args.iter().any(|a| a == name);
    let evidence = Evidence {
        model: !has("--no-model"),
        cloze: !has("--no-cloze"),
        agreement: !has("--no-agreement"),
        vote: !has("--no-vote"),
        embeddings: !has("--no-embeddings"),
        curated: !has("--no-curated"),
        skim: !has("--no-skim"),
    };
    let mut groups = 0;
    let mut once = HashSet::new();
    let mut language = Language::embedded()?;
    let value = |name: &str| args.iter().skip_while(|a| *a != name).nth(1);
    let threshold = value("--apply-at").map_or(Ok(APPLY_AT), |at| at.parse())?;
    if let Some(path) = value("--cloze") {
        language.cloze = Cloze::open(Vec::leak(std::fs::read(path)?))?;
    }
    let table: &[u8] = match value("--homographs") {
        Some(path) => Vec::leak(std::fs::read(path)?),
        None => include_bytes!("../models/language/homographs.bin"),
    };
    let without = value("--without").map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    let homographs = Homographs::open(table, curated_without(&without))?;
    language = Language { originals: Originals::new(homographs.originals()), homographs, ..language };
    let language = &language;
    let user = UserLexicon::default();
    let (mut foreign, mut french) = (Tally::default(), Tally::default());
    let (mut false_suggested, mut false_applied, mut words) = (0, 0, 0);
    for line in std::fs::read_to_string(args.first().ok_or("no file")?)?.lines() {
        let record: Value = serde_json::from_str(line)?;
        let text = record["text"].as_str().ok_or("no text")?;
        let context = Context::new(text, Lang::Fr, Resources::embedded(), &user);
        words += text.split_whitespace().count();
        let view = View { context: &context, language };
        let judgements = assess_all(&view, evidence);
        let mut hit = vec![false; judgements.len()];
        let byte = |n: u64| text.char_indices().nth(n as usize).map_or(text.len(), |(at, _)| at);
        for spin in record["spins"].as_array().into_iter().flatten() {
            let (start, end) =
                (byte(spin["start"].as_u64().unwrap_or(0)), byte(spin["end"].as_u64().unwrap_or(0)));
            let original = spin["original"].as_str().unwrap_or("").to_lowercase();
            let spun = spin["spun"].as_str().unwrap_or("").to_lowercase();
            let is_foreign = spun.contains(' ') || !language.lexicon.contains(&spun);
            let tally = if is_foreign { &mut foreign } else { &mut french };
            tally.spins += 1;
            let found = judgements
                .iter()
                .position(|j| j.suspect.occurrences.iter().any(|o| o.span.start < end && start < o.span.end));
            let reported = found.filter(|&at| judgements[at].is_reported());
            if let Some(at) = found {
                hit[at] = true;
                let j = &judgements[at];
                if has("--judgements") && once.insert((groups, at)) {
                    print_judgement(groups, j, Some(&original));
                }
            }
            let Some(at) = reported else {
                if has("--errors") {
                    let near = found.map(|at| (judgements[at].spun, judgements[at].features));
                    println!("MISSED\t{original}\t{spun}\t{near:?}\t{}", around(text, start));
                }
                continue;
            };
            let j = &judgements[at];
            tally.detected += 1;
            let right = j.ranked[0].original == original;
            tally.top1 += usize::from(right);
            tally.top3 += usize::from(j.ranked.iter().take(3).any(|c| c.original == original));
            if j.confidence >= threshold {
                tally.applied += 1;
                tally.applied_right += usize::from(right);
            }
            if has("--errors") && !right {
                let top: Vec<_> =
                    j.ranked.iter().take(3).map(|c| format!("{} {:.1}", c.original, c.score)).collect();
                println!(
                    "WRONG\t{:.2}\t{original}\t{spun}\t{}\t{}",
                    j.confidence,
                    top.join(", "),
                    around(text, start)
                );
            }
        }
        for (j, _) in judgements.iter().zip(hit).filter(|(_, hit)| !hit) {
            let applied = j.confidence >= threshold;
            if has("--judgements") {
                print_judgement(groups, j, None);
            }
            if !j.is_reported() {
                continue;
            }
            *(if applied { &mut false_applied } else { &mut false_suggested }) += 1;
            if has("--errors") {
                println!(
                    "FALSE\t{:.2}\t{}\t{}\t{:?}\t{}",
                    j.confidence,
                    j.suspect.form,
                    j.ranked[0].original,
                    j.features,
                    around(text, j.suspect.occurrences[0].span.start)
                );
            }
        }
        groups += 1;
    }
    foreign.print("spun form not French");
    french.print("spun form French too");
    println!("false alarms in {words} words: {false_suggested} suggested, {false_applied} applied");
    Ok(())
}

/// The curated table less the pairs that a text lists.
fn curated_without(pairs: &str) -> &'static str {
    fn pair(line: &str) -> Option<(&str, &str)> {
        let mut fields = line.split('\t');
        Some((fields.next()?, fields.next()?))
    }
    let left_out: HashSet<_> = pairs.lines().filter_map(pair).collect();
    let curated = include_str!("../data/spinner_pairs.tsv").lines();
    let kept: Vec<&str> = curated.filter(|line| pair(line).is_none_or(|p| !left_out.contains(&p))).collect();
    String::leak(kept.join("\n"))
}

/// One suspect as a JSON object; `original` is what it replaced, if it is spun.
fn print_judgement(document: usize, j: &Judgement, original: Option<&str>) {
    let candidates: Vec<Value> = j
        .ranked
        .iter()
        .map(|c| {
            json!({"original": c.original, "features": c.features, "gain": c.gain, "logit": c.logit,
                "sources": c.sources.0, "vetoes": c.vetoes})
        })
        .collect();
    let places: Vec<usize> = j.suspect.occurrences.iter().map(|o| o.first).collect();
    let judgement = json!({"document": document, "form": j.suspect.form, "original": original, "places": places,
        "features": j.features.as_slice(), "own_logit": j.own_logit, "candidates": candidates});
    println!("{judgement}");
}

fn around(text: &str, at: usize) -> &str {
    let (mut from, mut to) = (at.saturating_sub(50), (at + 50).min(text.len()));
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    while !text.is_char_boundary(to) {
        to += 1;
    }
    text.get(from..to).unwrap_or("")
}
