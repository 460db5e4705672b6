//! retouche: repairs machine-damaged French text and turns it into clean, aligned French–English text, offline.
//!
//! [`pipeline`] tells the whole story in order; start there.

pub mod align;
pub mod cli;
pub mod corpus;
pub mod damage;
pub mod formats;
pub mod kernel;
pub mod language;
pub mod models;
pub mod pipeline;
pub mod record;
pub mod repair;
pub mod rules;
pub mod settings;
pub mod text;
pub mod translate;
