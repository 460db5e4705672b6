//! All rules, in the order they are listed. The order decides nothing else: conflicts go by confidence and length.

use super::Rule;

/// Every rule that ships.
pub fn all() -> Vec<Box<dyn Rule>> {
    use super::{
        calque, caption, casing, fragments, glossary, lexical, loans, names, quotes, residue_page, social,
        speaker, spun, typography, variants,
    };
    vec![
        Box::new(spun::Homograph),
        Box::new(spun::in_name::InName),
        Box::new(spun::in_compound::InCompound),
        Box::new(names::Translated),
        Box::new(names::CutOff),
        Box::new(names::UnitOrder),
        Box::new(names::Misspelt),
        Box::new(variants::Variants),
        Box::new(loans::Plural),
        Box::new(loans::Order),
        Box::new(fragments::LowerCaseStart),
        Box::new(fragments::StubNegation),
        Box::new(fragments::LostObject),
        Box::new(fragments::RepeatedDay),
        Box::new(fragments::RepeatedParagraph),
        Box::new(caption::CreditAtEnd),
        Box::new(caption::CaptionLine),
        Box::new(caption::GalleryCounter),
        Box::new(residue_page::CrawlPrefix),
        Box::new(residue_page::Shortcode),
        Box::new(residue_page::EmbedLabel),
        Box::new(residue_page::GluedHeadline),
        Box::new(social::MediaLink),
        Box::new(social::Attribution),
        Box::new(social::PostShorthand),
        Box::new(casing::Lead),
        Box::new(casing::Nationality),
        Box::new(quotes::AfterElision),
        Box::new(quotes::Unclosed),
        Box::new(typography::Mojibake),
        Box::new(typography::ColonSpace),
        Box::new(typography::ElisionSpace),
        Box::new(speaker::Women),
        Box::new(calque::Calque),
        Box::new(lexical::Residue),
        Box::new(spun::english::English),
        Box::new(glossary::Glossary::french()),
        Box::new(glossary::Glossary::english()),
    ]
}

#[cfg(test)]
mod tests {
    use crate::language::Resources;
    use crate::repair::apply_all;
    use crate::rules::context::{Context, UserLexicon};
    use std::collections::HashSet;

    #[test]
    fn every_rule_fires_and_stays_silent_as_it_says() {
        let resources = Resources::embedded();
        // What the examples of the rule for the user's glossary take for granted.
        let glossary = vec![("gizmotype".to_owned(), "prototype".to_owned())];
        let user = UserLexicon { glossary, ..UserLexicon::default() };
        for rule in super::all() {
            let info = rule.info();
            assert!(!info.fires.is_empty(), "{}: a rule needs an example that fires", info.id);
            assert!(!info.silent.is_empty(), "{}: a rule needs an example that stays silent", info.id);
            for example in info.fires {
                let mut findings = vec![];
                rule.scan(&Context::new(example.damaged, info.lang, resources, &user), &mut findings);
                assert!(!findings.is_empty(), "{} must fire on {:?}", info.id, example.damaged);
                let repaired = apply_all(example.damaged, &findings);
                assert_eq!(repaired, example.repaired, "{} on {:?}", info.id, example.damaged);
            }
            for clean in info.silent {
                let mut findings = vec![];
                rule.scan(&Context::new(clean, info.lang, resources, &user), &mut findings);
                assert!(findings.is_empty(), "{} must not fire on {clean:?}: {findings:?}", info.id);
            }
        }
    }

    #[test]
    fn rule_ids_are_unique_and_well_formed() {
        let mut seen = HashSet::new();
        for rule in super::all() {
            let id = rule.info().id;
            assert!(seen.insert(id), "{id} is declared twice");
            assert!(id.split('/').count() == 2, "{id}: family/name");
        }
    }
}
