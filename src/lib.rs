//! retouche: repairs machine-damaged French text and turns it into clean, aligned French–English text, offline.
//!
//! [`pipeline`] tells the whole story in order; start there.

pub mod language;
pub mod pipeline;
pub mod record;
pub mod repair;
pub mod rules;
pub mod text;
