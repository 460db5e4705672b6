//! The taxonomy of artifacts: what kinds of damage a machine leaves.

use serde::{Deserialize, Serialize};

/// The kind of damage a finding reports. `docs/rules.md` describes each with examples.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[clap(rename_all = "snake_case")]
pub enum Category {
    /// A French word spelt like an English one, replaced by an English synonym (front→Entrance).
    SpinnerHomograph,
    /// The same inside a proper name (Wall Avenue Journal).
    SpinnerInName,
    /// The English source was spun first, then translated.
    SpunSourceCalque,
    /// An outlet, brand, title or person rendered word by word (Le gardien = The Guardian).
    NameTranslated,
    /// A name half translated, in English order, or spelt two ways (313 Bataillon Badri).
    NameMalformed,
    /// A sentence cut where the page had a link, italics or an abbreviation.
    InlineFragment,
    /// Photo credit, gallery counter, caption paragraph.
    CaptionCredit,
    /// Crawl prefix, breadcrumb, byline, shortcode, file name.
    PageResidue,
    /// Tweet attribution, media link, thread counter.
    SocialResidue,
    /// A word of the source language left in.
    UntranslatedResidue,
    /// Wrong sense, idiom, false friend.
    LiteralCalque,
    /// Gender, number, mood, missing subject or article left by the machine.
    Agreement,
    /// Capitals of the source (LES talibans).
    Casing,
    /// Wrong-way, mixed or unclosed quotation marks.
    QuoteMark,
    /// Glued or split words, mojibake, spacing at elisions and punctuation.
    Typography,
    /// The same text twice.
    Duplication,
    /// A spun word in English text (Wall Avenue Journal, affected person).
    SpunEnglish,
}

impl Category {
    /// The name used in records, reports and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SpinnerHomograph => "spinner_homograph",
            Self::SpinnerInName => "spinner_in_name",
            Self::SpunSourceCalque => "spun_source_calque",
            Self::NameTranslated => "name_translated",
            Self::NameMalformed => "name_malformed",
            Self::InlineFragment => "inline_fragment",
            Self::CaptionCredit => "caption_credit",
            Self::PageResidue => "page_residue",
            Self::SocialResidue => "social_residue",
            Self::UntranslatedResidue => "untranslated_residue",
            Self::LiteralCalque => "literal_calque",
            Self::Agreement => "agreement",
            Self::Casing => "casing",
            Self::QuoteMark => "quote_mark",
            Self::Typography => "typography",
            Self::Duplication => "duplication",
            Self::SpunEnglish => "spun_english",
        }
    }
}
