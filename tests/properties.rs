//! Properties of repair that hold for any text: the ledger replays, spans fit, repair is stable.

use proptest::prelude::*;
use retouche::repair::{Policy, Repairer, Status};
use retouche::rules::context::UserLexicon;
use retouche::text::document::Lang;
use retouche::text::ledger::{Ledger, Replacement};
use retouche::text::offset::Span;

fn check(repairer: &Repairer, raw: &str) {
    let repaired = repairer.repair(raw);
    assert_eq!(repaired.ledger.apply(raw), repaired.clean, "the ledger gives the clean text");
    let applied: Vec<Replacement> = repaired
        .edits
        .iter()
        .filter(|e| e.status == Status::Applied)
        .map(|e| Replacement {
            span: e.finding.span,
            text: e.finding.proposal.replacement().expect("an applied edit has a replacement").to_owned(),
        })
        .collect();
    let replayed = Ledger::new(raw, applied).expect("applied edits form a ledger");
    assert_eq!(replayed.apply(raw), repaired.clean, "the applied edits alone give the clean text");
    for edit in &repaired.edits {
        assert!(raw.get(edit.finding.span.range()).is_some(), "spans lie on character boundaries");
    }
    let again = repairer.repair(&repaired.clean);
    assert_eq!(again.clean, repaired.clean, "repairing a repaired text changes nothing");
    let whole = repaired.ledger.to_clean(Span::new(0, raw.len()));
    assert_eq!((whole.start, whole.end), (0, repaired.clean.len()));
}

fn repairer() -> Repairer {
    Repairer::new(Lang::Fr, Policy::default(), UserLexicon::default())
}

/// Bits of damaged and clean text, to be strung together.
const BITS: &[&str] = &[
    "LES talibans ont affirmé cela. ",
    "Le Entrance de la résistance ",
    "du Entrance national ",
    "automotive de violents combats ",
    " Crédit : Twitter",
    "4 Des civils fuient",
    "\n",
    "\n\n",
    "pic.twitter.com/abc",
    "– Nom (@nom) 1er mai 2021",
    "qu' »un accord » ",
    "d'”inclusif” ",
    "a déclaré un officier. Les temps. ",
    "le 215e Maiwand Corps ",
    "même si ce n’est pas le cas. forcément une ",
    " date 2021-07 ",
    "Ã©tÃ©",
    "« Il part. ",
    "» ",
    "Wall Avenue Journal ",
    "aucun kind de système ",
    "Avertissement:\n",
    "[/caption]",
    "l' homme ",
    "à mercredi – mercredi.",
    "😀",
    "\u{0}",
    "É",
    "l’affect étrangère ",
    "une shock ",
    "1/2 ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn strung_damage_replays_and_is_stable(picks in proptest::collection::vec(0..BITS.len(), 0..14)) {
        let text: String = picks.iter().map(|&i| BITS[i]).collect();
        check(&repairer(), &text);
    }

    #[test]
    fn any_text_replays_and_is_stable(text in "\\PC{0,80}") {
        check(&repairer(), &text);
    }
}

#[test]
fn spun_words_speak_only_for_what_stands_near_them() {
    let spun = "Les secours sont arrivés mercredi au col, automotive la route était coupée. Il ne veut accepter aucun \
                kind de compromis. Le chef du Entrance a parlé.";
    let between = "Le conseil municipal a voté hier soir le budget de la commune pour l’année prochaine. ";
    let suggests = |sentences: usize| {
        let raw = format!("{spun} {}Le support est gratuit.", between.repeat(sentences));
        let found = repairer().repair(&raw).edits;
        found.iter().any(|edit| edit.finding.span.of(&raw) == "support")
    };
    assert!(suggests(1), "a French word near spun ones may be spun as well");
    assert!(!suggests(60), "far from them, it is a French word");
}
