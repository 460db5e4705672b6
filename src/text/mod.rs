//! Texts and places in them: documents, offsets, the edit ledger, tokens, protected spans.

pub mod document;
pub mod ledger;
pub mod offset;
pub mod protect;
pub mod segment;
pub mod token;
pub mod unit;
